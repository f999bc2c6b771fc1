//! The folder that chooses an account, as the broker compares it: absolute and without a symbolic link.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::json::Object;
use crate::Error;

/// Which account token.get is to take: the named one, else that of the directory, else that of the current folder.
pub(crate) fn account_params(account: &str, directory: Option<&Path>) -> Result<Object, Error> {
    let mut params = Object::new();
    match (account, directory) {
        ("", None) => {
            // There may be none, as when it was deleted, or none that JSON can hold: the only account may be meant.
            if let Some(path) = real(Path::new(".")).ok().and_then(text) {
                params.insert("directory".into(), path.into());
            }
        }
        ("", Some(directory)) => {
            let path = real(directory).map_err(|_| refusal(format!("{directory:?} is no folder")))?;
            let path = text(path).ok_or_else(|| refusal(format!("the path of {directory:?} is not UTF-8")))?;
            params.insert("directory".into(), path.into());
        }
        (_, None) => {
            params.insert("account".into(), account.into());
        }
        (_, Some(_)) => return Err(refusal("name an account or a directory, not both")),
    }
    Ok(params)
}

fn real(directory: &Path) -> io::Result<PathBuf> {
    let path = fs::canonicalize(directory)?;
    if fs::metadata(&path)?.is_dir() {
        Ok(path)
    } else {
        Err(io::ErrorKind::InvalidInput.into())
    }
}

fn text(path: PathBuf) -> Option<String> {
    path.into_os_string().into_string().ok()
}

fn refusal(why: impl Into<String>) -> Error {
    Error::new("invalid_value", why)
}
