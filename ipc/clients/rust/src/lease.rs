//! A credential that a program holds for long: it learns when there is another one.

use std::fmt;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::json;
use crate::resolve::Prepared;
use crate::{Client, Error, Resolution, ResolveRequest};

const USUAL_WAIT: u32 = 60;

/// What happened to the credential of a [`Lease`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeaseEvent {
    /// There is another one, and the lease holds it.
    Renewed,
    /// There is none any more; the lease keeps the one that it had.
    Removed,
    /// Nothing, in that time.
    None,
}

/// A credential, and a connection of its own on which the broker tells what happens to it. The connection closes when
/// the lease is dropped.
///
/// As an iterator it waits for the next event as long as it takes. It ends after [`LeaseEvent::Removed`], after an
/// error and when it is closed. When the connection breaks, as with a restart of the broker, it connects and resolves
/// once more before it gives up with "connection_lost".
pub struct Lease {
    client: Client,
    prepared: Prepared,
    credential: Resolution,
    closer: Closer,
    over: bool,
}

impl Client {
    /// Resolves as [`auth_resolve`](Client::auth_resolve) does, on a connection of its own, and keeps an eye on the
    /// credential. Which variables are set is looked at once, here.
    ///
    /// # Errors
    /// Those of [`connect`](Client::connect) and [`auth_resolve`](Client::auth_resolve).
    pub fn auth_lease(&self, request: impl Into<ResolveRequest>) -> Result<Lease, Error> {
        let mut client = self.another()?;
        let prepared = client.prepare(request.into())?;
        let credential = client.resolve(&prepared)?;
        let closer = Closer::of(&client)?;
        Ok(Lease { client, prepared, credential, closer, over: false })
    }
}

impl Lease {
    /// What the lease holds now. A clone of it stays as it is.
    pub fn credential(&self) -> &Resolution {
        &self.credential
    }

    /// Blocks until something happens to the credential, for so many seconds at most (0 to 300; `None`: 60). A token
    /// that would end is renewed meanwhile.
    ///
    /// # Errors
    /// "connection_lost", then open another lease or go on with the iterator; or the broker's own, as
    /// "login_required" when a token cannot be renewed.
    pub fn wait(&mut self, seconds: impl Into<Option<u32>>) -> Result<LeaseEvent, Error> {
        let seconds = seconds.into().unwrap_or(USUAL_WAIT);
        let mut params = self.prepared.params.clone();
        params.insert("version".into(), self.credential.version.clone().into());
        params.insert("wait".into(), seconds.into());
        // Beyond the wait the broker has the time of any request: it may be renewing a token.
        let timeout = self.client.options.timeout.saturating_add(Duration::from_secs(seconds.into()));
        let answer = self.client.connection.call("credential.watch", &Value::Object(params), timeout)?;
        match json::text(&answer, "event").as_str() {
            "renewed" => self.renew(),
            "removed" => Ok(LeaseEvent::Removed),
            _ => Ok(LeaseEvent::None),
        }
    }

    /// What another thread ends this lease with.
    pub fn closer(&self) -> Closer {
        self.closer.clone()
    }

    fn renew(&mut self) -> Result<LeaseEvent, Error> {
        match self.client.resolve(&self.prepared) {
            Ok(credential) => {
                self.credential = credential;
                Ok(LeaseEvent::Renewed)
            }
            // It was removed after the broker had said that there is another one.
            Err(error) if error.kind() == "no_credential" => Ok(LeaseEvent::Removed),
            Err(error) => Err(error),
        }
    }

    /// After a break, which `lost` tells of.
    fn reconnect(&mut self, lost: Error) -> Result<LeaseEvent, Error> {
        let client = match self.client.another() {
            Err(error) if error.kind() == "no_broker" => return Err(lost),
            other => other?,
        };
        self.closer.follow(&client)?;
        self.client = client;
        let known = self.credential.version.clone();
        match self.renew()? {
            LeaseEvent::Renewed if self.credential.version == known => Ok(LeaseEvent::None),
            event => Ok(event),
        }
    }

    fn wait_through_a_break(&mut self) -> Result<LeaseEvent, Error> {
        match self.wait(None) {
            Err(error) if error.kind() == "connection_lost" && !self.closer.is_closed() => self.reconnect(error),
            other => other,
        }
    }
}

impl Iterator for Lease {
    type Item = Result<LeaseEvent, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            let outcome = self.wait_through_a_break();
            self.over = self.closer.is_closed() || matches!(outcome, Ok(LeaseEvent::Removed) | Err(_));
            if !self.closer.is_closed() && outcome != Ok(LeaseEvent::None) {
                return Some(outcome);
            }
        }
        None
    }
}

impl std::iter::FusedIterator for Lease {}

impl Drop for Lease {
    /// A closer that is still about keeps the socket open otherwise, and the broker would go on watching.
    fn drop(&mut self) {
        self.closer.close();
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Lease").field("credential", &self.credential).finish_non_exhaustive()
    }
}

/// Ends a [`Lease`], or a [`Login`](crate::Login), from another thread: the lease's iterator ends, and a
/// [`wait`](Lease::wait) fails with "connection_lost".
#[derive(Clone)]
pub struct Closer(Arc<Mutex<Handle>>);

struct Handle {
    closed: bool,
    stream: UnixStream,
}

impl Closer {
    /// Ends it now; a second time does nothing.
    pub fn close(&self) {
        let mut handle = self.handle();
        handle.closed = true;
        let _ = handle.stream.shutdown(Shutdown::Both); // it fails only when the connection has ended already
    }

    pub(crate) fn of(client: &Client) -> Result<Closer, Error> {
        let stream = client.connection.handle()?;
        Ok(Closer(Arc::new(Mutex::new(Handle { closed: false, stream }))))
    }

    fn is_closed(&self) -> bool {
        self.handle().closed
    }

    /// Turns to the connection of that client, unless the lease was closed meanwhile.
    fn follow(&self, client: &Client) -> Result<(), Error> {
        let mut handle = self.handle();
        if handle.closed {
            return Err(Error::lost("the lease was closed"));
        }
        handle.stream = client.connection.handle()?;
        Ok(())
    }

    /// A thread that panicked left nothing half done here.
    fn handle(&self) -> MutexGuard<'_, Handle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Closer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Closer").field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}
