//! Starting a broker where none listens.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// `keybearer daemon start` gives up by itself before this.
const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(5);

/// Runs `keybearer daemon start` from PATH, for a broker that listens at `socket` when one is given. How it ends does
/// not matter: whether a broker listens shows at the next connection.
pub(crate) fn start_broker(socket: Option<&Path>) {
    let program = match find_in_path("keybearer") {
        Some(program) => program,
        None => return,
    };
    let mut command = Command::new(program);
    command.args(["daemon", "start"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Some(socket) = socket {
        command.env("KEYBEARER_SOCKET", socket);
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(_) => return,
    };
    let deadline = Instant::now() + PATIENCE;
    while let Ok(None) = child.try_wait() {
        if Instant::now() >= deadline {
            let _ = child.kill(); // it fails only when the program has ended already
            let _ = child.wait();
            return;
        }
        thread::sleep(STEP);
    }
}

/// Absolute folders only: what lies in the present folder is whoever's program.
fn find_in_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).filter(|folder| folder.is_absolute()).map(|folder| folder.join(name)).find(|program| {
        fs::metadata(program).map_or(false, |info| info.is_file() && info.permissions().mode() & 0o111 != 0)
    })
}
