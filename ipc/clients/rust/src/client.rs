//! The client object: finding the broker, and calls as PROTOCOL.md has them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{json, Map, Value};

use crate::connection::Connection;
use crate::environment::Environment;
use crate::json::{self, Object};
use crate::paths;
use crate::start::start_broker;
use crate::system;
use crate::{Error, Fields};

/// How a client finds the broker and what it brings. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct Options {
    /// The broker's socket, an absolute path; when left out, the first place of PROTOCOL.md that applies.
    pub socket: Option<PathBuf>,
    /// For each request to the broker; 120 seconds.
    pub timeout: Duration,
    /// Whether to run `keybearer daemon start` when no broker listens; true.
    pub start: bool,
    /// Where variables of providers are looked for, and the client key (`KEYBEARER_CLIENT_KEY`, or
    /// `KEYBEARER_CLIENT_KEY_FILE` with the path of a file), which is shown on each connection; this process's own
    /// environment.
    pub environment: Environment,
    /// Credentials that every [`Client::auth_resolve`] uses, by provider. They stay here.
    pub instance: BTreeMap<String, Fields>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            socket: None,
            timeout: Duration::from_secs(120),
            start: true,
            environment: Environment::Process,
            instance: BTreeMap::new(),
        }
    }
}

/// A connection to the broker. One thread at a time; it closes when it is dropped. After "connection_lost", make
/// another one.
pub struct Client {
    pub(crate) connection: Connection,
    socket: PathBuf,
    /// Shared with the leases of this client, so that there is one copy of what it brings.
    pub(crate) options: Arc<Options>,
}

impl Client {
    /// Connects to this user's broker, and starts one where none runs.
    ///
    /// # Errors
    /// "unsafe" when another user may have a hand in the socket, "no_broker" when none listens and none could be
    /// started, "invalid_value" when a variable that leads to the socket, or to a client key, cannot be used, "denied"
    /// when the broker does not take the client key.
    pub fn connect() -> Result<Client, Error> {
        Client::connect_with(Options::default())
    }

    /// [`connect`](Client::connect) with something said about it.
    ///
    /// # Errors
    /// Those of [`connect`](Client::connect).
    pub fn connect_with(options: Options) -> Result<Client, Error> {
        let socket = match &options.socket {
            Some(path) if path.is_absolute() => path.clone(),
            Some(_) => return Err(Error::new("invalid_value", "the socket must be an absolute path")),
            None => paths::socket()?,
        };
        Client::open(socket, Arc::new(options))
    }

    /// The same client with a connection of its own.
    pub(crate) fn another(&self) -> Result<Client, Error> {
        Client::open(self.socket.clone(), Arc::clone(&self.options))
    }

    fn open(socket: PathBuf, options: Arc<Options>) -> Result<Client, Error> {
        // First: a key whose file is gone is one of a session that is over, and a broker that is started here would not
        // know it.
        let key = options.environment.client_key()?;
        let user = system::effective_uid();
        let mut opened = Connection::open(&socket, user);
        if options.start && matches!(&opened, Err(error) if error.kind() == "no_broker") {
            start_broker(options.socket.as_deref());
            opened = Connection::open(&socket, user);
        }
        let mut client = Client { connection: opened?, socket, options };
        if let Some(key) = key {
            let mut params = json!({ "key": key.reveal() });
            let shown = client.call("system.authenticate", &params);
            json::wipe(&mut params);
            shown?;
        }
        Ok(client)
    }

    /// Any method of the protocol. `params` is an object; `Value::Null` for none. A secret in the result is plain text.
    ///
    /// # Errors
    /// The broker's own, "timeout", or "connection_lost".
    pub fn call(&mut self, method: &str, params: &Value) -> Result<Map<String, Value>, Error> {
        self.connection.call(method, params, self.options.timeout)
    }

    pub(crate) fn ask(&mut self, method: &str, params: Object) -> Result<Object, Error> {
        self.call(method, &Value::Object(params))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Client")
            .field("socket", &self.socket)
            .field("timeout", &self.options.timeout)
            .finish_non_exhaustive()
    }
}
