//! The one error of this library.

use std::fmt;

use serde_json::{Map, Value};

/// Why a call failed. Neither the message nor the data holds a secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    kind: String,
    message: String,
    data: Map<String, Value>,
}

impl Error {
    /// The name to program against: `data.kind` of the broker's error (the table in PROTOCOL.md; later brokers add
    /// some), or of the connection `no_broker`, `connection_lost`, `timeout`, `unsafe`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// A sentence for the person.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the broker added for programs, as `looked_at`, `nearest`, `retry_after`; empty for the connection's own.
    pub fn data(&self) -> &Map<String, Value> {
        &self.data
    }

    pub(crate) fn new(kind: &str, message: impl Into<String>) -> Self {
        Error { kind: kind.to_owned(), message: message.into(), data: Map::new() }
    }

    pub(crate) fn lost(why: impl fmt::Display) -> Self {
        Error::new("connection_lost", format!("the connection to the broker was lost: {why}"))
    }

    pub(crate) fn timeout() -> Self {
        Error::new("timeout", "the broker did not answer in time")
    }

    /// From the `error` member of an answer.
    pub(crate) fn from_broker(error: &Map<String, Value>) -> Self {
        let data = error.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
        let kind = data.get("kind").and_then(Value::as_str).unwrap_or("internal").to_owned();
        let message = error.get("message").and_then(Value::as_str).unwrap_or("the broker refused without a reason");
        Error { kind, message: message.to_owned(), data }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
