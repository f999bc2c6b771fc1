//! Where the broker's socket is, and whether its folder is safe (PROTOCOL.md, "Finding the broker").

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::system;
use crate::Error;

/// The socket that this process's environment leads to.
pub(crate) fn socket() -> Result<PathBuf, Error> {
    let uid = system::effective_uid();
    let run_user = PathBuf::from(format!("/run/user/{uid}"));
    let exists = fs::symlink_metadata(&run_user).map_or(false, |info| info.is_dir() && info.uid() == uid);
    first_place(|name| std::env::var_os(name), exists.then_some(run_user))
}

/// `lookup` is the environment; `run_user` is the user's folder below /run/user, when there is one.
fn first_place(lookup: impl Fn(&str) -> Option<OsString>, run_user: Option<PathBuf>) -> Result<PathBuf, Error> {
    let place = |name: &str| lookup(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    for name in ["KEYBEARER_SOCKET", "KEYBEARER_HOME"] {
        if place(name).map_or(false, |path| !path.is_absolute()) {
            return Err(Error::new("invalid_value", format!("{name} must be an absolute path")));
        }
    }
    if let Some(socket) = place("KEYBEARER_SOCKET") {
        return Ok(socket);
    }
    if let Some(home) = place("KEYBEARER_HOME") {
        return Ok(home.join("run/broker.sock"));
    }
    // The XDG specification tells programs to ignore relative values rather than to fail.
    if let Some(run) = place("XDG_RUNTIME_DIR").filter(|path| path.is_absolute()).or(run_user) {
        return Ok(run.join("keybearer/broker.sock"));
    }
    match place("HOME").filter(|path| path.is_absolute()) {
        Some(home) => Ok(home.join(".local/state/keybearer/run/broker.sock")),
        None => Err(Error::new("invalid_value", "HOME is not set to an absolute path; set HOME or KEYBEARER_HOME")),
    }
}

/// Whether the socket's folder exists. Fails with "unsafe" when it does and another user may have a hand in it.
pub(crate) fn check_folder(folder: &Path) -> Result<bool, Error> {
    let shown = folder.display();
    let not_safe = |why: String| Err(Error::new("unsafe", format!("{shown} {why}")));
    // Of the path itself: whoever can change a link can change where it leads.
    let info = match fs::symlink_metadata(folder) {
        Ok(info) => info,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return not_safe(format!("cannot be checked: {error}")),
    };
    if info.file_type().is_symlink() {
        return not_safe("is a symbolic link; Keybearer uses a real folder only, remove the link".to_owned());
    }
    if !info.is_dir() {
        return not_safe("is not a folder".to_owned());
    }
    let uid = system::effective_uid();
    if info.uid() != uid {
        return not_safe(format!(
            "belongs to user {}, not to user {uid}; another user may have put it there, remove it",
            info.uid()
        ));
    }
    if info.mode() & 0o077 != 0 {
        return not_safe(format!("can be entered by other users; run: chmod 700 {shown}"));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Case<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>, &'a str);

    #[test]
    fn the_first_place_that_applies() {
        let cases: &[Case] = &[
            (&[("KEYBEARER_SOCKET", "/s"), ("KEYBEARER_HOME", "/h"), ("HOME", "/u")], None, "/s"),
            (
                &[("KEYBEARER_SOCKET", ""), ("KEYBEARER_HOME", "/h"), ("XDG_RUNTIME_DIR", "/x")],
                None,
                "/h/run/broker.sock",
            ),
            (&[("XDG_RUNTIME_DIR", "/x"), ("HOME", "/u")], Some("/run/user/7"), "/x/keybearer/broker.sock"),
            (&[("XDG_RUNTIME_DIR", "x"), ("HOME", "/u")], Some("/run/user/7"), "/run/user/7/keybearer/broker.sock"),
            (&[("XDG_RUNTIME_DIR", ""), ("HOME", "/u")], None, "/u/.local/state/keybearer/run/broker.sock"),
        ];
        for (environment, run_user, expected) in cases {
            let lookup =
                |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
            assert_eq!(first_place(lookup, run_user.map(PathBuf::from)), Ok(PathBuf::from(expected)));
        }
    }

    #[test]
    fn relative_places_are_refused() {
        for (name, named) in
            [("KEYBEARER_SOCKET", "KEYBEARER_SOCKET"), ("KEYBEARER_HOME", "KEYBEARER_HOME"), ("HOME", "HOME")]
        {
            let error = first_place(|asked| (asked == name).then(|| "here".into()), None).unwrap_err();
            assert_eq!(error.kind(), "invalid_value");
            assert!(error.message().contains(named), "{error}");
        }
    }
}
