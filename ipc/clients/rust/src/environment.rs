//! The caller's own environment: the strongest layer that is not given in code.

use std::env;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::secret::{Secret, Wiped};
use crate::system;
use crate::{Error, Fields};

const MAX_FILE: u64 = 64 << 10;

/// Where the client looks for variables of providers. Only names of variables are ever sent.
#[derive(Clone, Debug, Default)]
pub enum Environment {
    /// The environment of this process, looked at with each call.
    #[default]
    Process,
    /// These variables and no others.
    Only(Fields),
}

impl Environment {
    /// An empty variable counts as unset.
    pub(crate) fn has(&self, variable: &str) -> bool {
        match self {
            Environment::Process => env::var_os(variable).map_or(false, |value| !value.is_empty()),
            Environment::Only(variables) => variables.get(variable).map_or(false, |value| !value.is_empty()),
        }
    }

    /// The client key of this process, from a variable or from the file that one names.
    pub(crate) fn client_key(&self) -> Result<Option<Secret>, Error> {
        for (variable, names_file) in [("KEYBEARER_CLIENT_KEY", false), ("KEYBEARER_CLIENT_KEY_FILE", true)] {
            if self.has(variable) {
                return self.value(variable, names_file).map(Some);
            }
        }
        Ok(None)
    }

    /// What the variable holds, or what the file holds that it names.
    pub(crate) fn value(&self, variable: &str, names_file: bool) -> Result<Secret, Error> {
        let raw = match self {
            Environment::Process => env::var_os(variable),
            Environment::Only(variables) => variables.get(variable).map(|value| OsString::from(value.reveal())),
        };
        let raw = raw
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Error::new("invalid_value", format!("the variable {variable} is not set any more")))?;
        if names_file {
            return read_named_file(variable, Path::new(&raw));
        }
        raw.into_string().map(Secret::new).map_err(|_| {
            Error::new("invalid_value", format!("the variable {variable} holds something else than UTF-8 text"))
        })
    }
}

/// The content without the line feeds at its end. Errors name the variable, never the content.
fn read_named_file(variable: &str, path: &Path) -> Result<Secret, Error> {
    let refuse = |why: &str| Error::new("invalid_value", format!("the file that {variable} names {why}"));
    let unreadable = |error: std::io::Error| refuse(&format!("cannot be read: {error}"));
    let mut file = OpenOptions::new().read(true).custom_flags(system::O_NONBLOCK).open(path).map_err(unreadable)?;
    let info = file.metadata().map_err(unreadable)?;
    if !info.is_file() {
        return Err(refuse("is not a regular file"));
    }
    if info.mode() & 0o077 != 0 {
        return Err(refuse("is open to other users; run chmod 600 on it"));
    }
    if info.len() > MAX_FILE {
        return Err(refuse("is longer than 64 KiB"));
    }
    let mut content = Wiped(vec![0; info.len() as usize]);
    file.read_exact(&mut content.0).map_err(|_| refuse("changed while it was read"))?;
    let text = std::str::from_utf8(&content.0).map_err(|_| refuse("holds something else than UTF-8 text"))?;
    Ok(Secret::from(text.trim_end_matches(['\n', '\r'])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, DirBuilder};
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    use std::path::PathBuf;
    use std::process::Command;

    #[test]
    fn files_that_cannot_be_used() {
        for (path, why) in [
            ("/dev/null", "is not a regular file"),
            ("/", "is not a regular file"),
            ("/nowhere/at/all", "cannot be read"),
        ] {
            let error = read_named_file("SOME_FILE", Path::new(path)).unwrap_err();
            assert_eq!(error.kind(), "invalid_value");
            assert!(error.message().contains("SOME_FILE") && error.message().contains(why), "{error}");
        }
    }

    #[test]
    fn the_size_and_the_kind_of_a_file() {
        let folder = PathBuf::from(format!("/tmp/kb-files-{}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&folder).unwrap();
        let read = |name: &str, content: &[u8]| {
            let path = folder.join(name);
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            read_named_file("SOME_FILE", &path).map_err(|error| error.message().to_owned())
        };
        let (whole, long) = (read("whole", &[b'x'; 65536]), read("long", &[b'x'; 65537]));
        let (ends, bytes) = (read("ends", b"a\nb\r\n\n"), read("bytes", b"canary\xff"));
        let pipe = folder.join("pipe");
        assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&pipe).status().unwrap().success());
        let waits = read_named_file("SOME_FILE", &pipe).map_err(|error| error.message().to_owned());
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(whole.unwrap().reveal().len(), 65536);
        assert_eq!(ends.unwrap().reveal(), "a\nb");
        assert!(long.unwrap_err().contains("longer than 64 KiB"));
        assert_eq!(bytes.unwrap_err(), "the file that SOME_FILE names holds something else than UTF-8 text");
        assert!(waits.unwrap_err().contains("not a regular file"));
    }

    #[test]
    fn empty_variables_count_as_unset() {
        let environment = Environment::Only(crate::fields([("EMPTY", ""), ("FULL", "x")]));
        assert!(environment.has("FULL"));
        assert!(!environment.has("EMPTY"));
        assert!(!environment.has("ABSENT"));
        assert_eq!(environment.value("EMPTY", false).unwrap_err().kind(), "invalid_value");
    }
}
