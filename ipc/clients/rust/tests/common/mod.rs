//! Folders, brokers and options that the tests share.
#![allow(dead_code)] // each test file uses a part of it

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use keybearer::{Client, Environment, Fields, Options};
use serde_json::json;

/// An empty folder of this user alone, with a path that leaves room for a socket's name. It goes when this is dropped.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        loop {
            let path = PathBuf::from(format!("/tmp/kb-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Folder(path),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => panic!("{}: {error}", path.display()),
            }
        }
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Makes a file of that mode, whatever the umask is.
    pub fn write(&self, name: &str, content: &str, mode: u32) {
        fs::write(self.at(name), content).unwrap();
        set_mode(&self.at(name), mode);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // a test that failed says more than what is left here
    }
}

pub fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// For a broker at that socket, with nothing of the real environment.
pub fn options(socket: PathBuf, environment: Fields) -> Options {
    Options { socket: Some(socket), start: false, environment: Environment::Only(environment), ..Options::default() }
}

/// The folder of keybearer and keybearerd.
pub fn programs() -> PathBuf {
    let folder = std::env::var_os("KEYBEARER_BIN_DIR").map(PathBuf::from);
    let folder = folder.expect("KEYBEARER_BIN_DIR must name the folder of keybearer and keybearerd");
    assert!(folder.join("keybearer").is_file(), "KEYBEARER_BIN_DIR has no keybearer: {}", folder.display());
    folder
}

/// A broker with a data folder of its own and an unencrypted keychain; it ends when this is dropped.
pub struct Broker {
    home: Folder,
    socket: PathBuf,
}

impl Broker {
    /// Nothing runs yet; what a test starts with this home and this socket below it ends with this.
    pub fn absent(socket: &str) -> Broker {
        let home = Folder::new();
        let socket = home.at(socket);
        Broker { home, socket }
    }

    pub fn start() -> Broker {
        Broker::with_config("")
    }

    /// With that config.toml.
    pub fn with_config(text: &str) -> Broker {
        Broker::absent("run/broker.sock").started("allow", text)
    }

    /// "ask" is what people have; the others of these brokers allow everything to everybody.
    pub fn with_policy(policy: &str) -> Broker {
        Broker::absent("run/broker.sock").started(policy, "")
    }

    /// With accounts of these names. They are signed out, because signing in takes a server; the broker's refusal names
    /// the one that it chose.
    pub fn with_accounts(names: &[&str]) -> Broker {
        let broker = Broker::absent("run/broker.sock");
        let signed_out = |name: &&str| {
            json!({"id": format!("id-of-{name}"), "name": name, "provider": "", "issuer": "https://as.example",
                "subject": "", "label": "", "client_id": "test", "scope": "", "login_required": "it was signed out",
                "created_at": 0, "confidential": false})
        };
        let accounts: Vec<_> = names.iter().map(signed_out).collect();
        DirBuilder::new().mode(0o700).create(broker.home.at("data")).unwrap();
        broker.home.write("data/accounts.json", &json!({"version": 1, "accounts": accounts}).to_string(), 0o600);
        broker.started("allow", "")
    }

    fn started(self, policy: &str, config: &str) -> Broker {
        DirBuilder::new().mode(0o700).create(self.home.at("config")).unwrap();
        self.home.write("config/config.toml", &format!("policy = \"{policy}\"\n{config}"), 0o600);
        self.done(&["keychain", "migrate", "--to", "file", "--no-passphrase"]);
        self
    }

    /// Runs it and panics unless it succeeds.
    pub fn done(&self, arguments: &[&str]) {
        let made = self.run(arguments);
        assert!(made.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&made.stderr));
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut command = Command::new(programs().join("keybearer"));
        command.args(arguments).env_clear().env("PATH", path).env("HOME", &self.home.0);
        command
            .env("KEYBEARER_HOME", &self.home.0)
            .env("KEYBEARER_SOCKET", &self.socket)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    pub fn home(&self) -> &Path {
        &self.home.0
    }

    pub fn socket(&self) -> PathBuf {
        self.socket.clone()
    }

    pub fn client(&self, environment: Fields) -> Client {
        Client::connect_with(options(self.socket(), environment)).unwrap()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.run(&["daemon", "stop"]);
    }
}
