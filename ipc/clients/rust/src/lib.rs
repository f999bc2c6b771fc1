//! Client of Keybearer, the broker that keeps this user's credentials.
//!
//! [`Client::connect`] finds the broker or starts one. What the caller has itself (its environment, fields given with a
//! call or to the client) never travels: only names are sent, and the values are put in here. Every function blocks,
//! for at most [`Options::timeout`] ([`Lease::wait`] and [`Login::wait`] for longer, as they are told), and fails with one type, [`Error`], whose [`kind`](Error::kind) is the name to
//! program against. Times are UTC seconds since 1970.

#[cfg(not(unix))]
compile_error!("Keybearer's broker listens on a Unix socket");

mod answers;
mod auth;
mod client;
mod connection;
mod environment;
mod error;
mod folder;
mod json;
mod lease;
mod login;
mod paths;
mod requests;
mod resolve;
mod secret;
mod start;
mod system;
mod typed;

pub use answers::{
    DpopProof, Ignored, Place, ProviderStatus, Removed, Renamed, Resolution, ResolvedField, Rotated, Stored,
    StoredCredential, StoredField, Switched, Token,
};
pub use client::{Client, Options};
pub use environment::Environment;
pub use error::Error;
pub use lease::{Closer, Lease, LeaseEvent};
pub use login::{Login, SignedIn};
pub use requests::{
    CredentialValue, LoginRequest, ProofRequest, RemoveRequest, RenameRequest, ResolveRequest, RotateRequest,
    SetRequest, SwitchRequest, TokenRequest,
};
pub use secret::{fields, Fields, Secret};
pub use typed::{AzureCredential, BedrockCredential, SageMakerCredential, VertexCredential};

/// Compiles the example of the README with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
