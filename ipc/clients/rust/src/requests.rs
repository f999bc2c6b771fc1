//! What the functions can be asked for. Whatever is left out is not sent, and the broker's own rule holds.

use std::path::PathBuf;

use crate::{Fields, Secret};

/// For [`Client::token`](crate::Client::token). A plain `"account"` will do where nothing else is said.
#[derive(Clone, Debug, Default)]
pub struct TokenRequest {
    /// Name of the account; empty: the one that the folder chooses.
    pub account: String,
    /// That folder, in the place of the current one; absolute, or relative to the current one. Not beside an account.
    pub directory: Option<PathBuf>,
    /// Seconds that the token must live at least, 0 to 86400; 60 when left out.
    pub min_valid: Option<u32>,
    /// A part of the granted scopes; empty: all of them.
    pub scopes: Vec<String>,
    /// What the token is for (RFC 8707), one of the provider's resources.
    pub resource: Option<String>,
    /// Ask the provider for a new token even if the cached one is good.
    pub refresh: bool,
}

/// For [`Client::auth_set_credential`](crate::Client::auth_set_credential).
#[derive(Clone, Debug, Default)]
pub struct SetRequest {
    /// A provider's name, or an alias of it.
    pub provider: String,
    /// What is stored.
    pub value: CredentialValue,
    /// Which of several keys of the provider; "default" when left out.
    pub name: Option<String>,
    /// Whose; "default" when left out.
    pub tenant: Option<String>,
    /// In the namespace that every tenant falls back to; `tenant` is left out then.
    pub shared: bool,
    /// As the value that is to follow the one in use.
    pub next: bool,
}

impl SetRequest {
    /// The key itself, or a map of fields, under the default name.
    pub fn new(provider: impl Into<String>, value: impl Into<CredentialValue>) -> Self {
        SetRequest { provider: provider.into(), value: value.into(), ..SetRequest::default() }
    }
}

/// What is stored: "the key", or fields by name.
#[derive(Clone, Debug)]
pub enum CredentialValue {
    /// The value of the provider's main field.
    Main(Secret),
    /// Several fields; one that is not named keeps its value.
    Fields(Fields),
}

impl Default for CredentialValue {
    fn default() -> Self {
        CredentialValue::Fields(Fields::new())
    }
}

impl From<Fields> for CredentialValue {
    fn from(fields: Fields) -> Self {
        CredentialValue::Fields(fields)
    }
}

impl From<Secret> for CredentialValue {
    fn from(value: Secret) -> Self {
        CredentialValue::Main(value)
    }
}

impl From<String> for CredentialValue {
    fn from(value: String) -> Self {
        CredentialValue::Main(value.into())
    }
}

impl From<&str> for CredentialValue {
    fn from(value: &str) -> Self {
        CredentialValue::Main(value.into())
    }
}

/// For [`Client::auth_resolve`](crate::Client::auth_resolve) and [`Client::auth_lease`](crate::Client::auth_lease). A
/// plain `"provider"` will do where nothing else is said.
#[derive(Clone, Debug, Default)]
pub struct ResolveRequest {
    /// A provider's name, or an alias of it.
    pub provider: String,
    /// Values given with this call, by field or by a name that config.toml has in a `dynamic::` location. They stay
    /// here; their names are sent.
    pub call: Fields,
    /// Values in the place of those that the client was made with ([`Options::instance`](crate::Options::instance));
    /// empty: those.
    pub instance: Fields,
    /// Which of several keys of the provider; "default" when left out.
    pub name: Option<String>,
    /// Whose; "default" when left out.
    pub tenant: Option<String>,
    /// The only layers that may be looked at ("store", "environment", ...); empty: all.
    pub only: Vec<String>,
    /// The stored value that is to follow the one in use.
    pub next: bool,
    /// Only these fields; empty: all that are found.
    pub fields: Vec<String>,
}

/// For [`Client::remove`](crate::Client::remove). A plain `"provider"` removes its whole credential.
#[derive(Clone, Debug, Default)]
pub struct RemoveRequest {
    /// A provider's name, or an alias of it.
    pub provider: String,
    /// One field; the whole credential when left out.
    pub field: Option<String>,
    /// Which of several keys of the provider; "default" when left out.
    pub name: Option<String>,
    /// Whose; "default" when left out.
    pub tenant: Option<String>,
    /// From the shared namespace; `tenant` is left out then.
    pub shared: bool,
}

/// For [`Client::rotate`](crate::Client::rotate). The default seals all of the default tenant anew.
#[derive(Clone, Debug, Default)]
pub struct RotateRequest {
    /// Only this provider's values; all of the tenant's when left out.
    pub provider: Option<String>,
    /// Whose data key; "default" when left out.
    pub tenant: Option<String>,
    /// The shared namespace's; `tenant` is left out then.
    pub shared: bool,
}

impl From<&str> for TokenRequest {
    fn from(account: &str) -> Self {
        TokenRequest { account: account.to_owned(), ..TokenRequest::default() }
    }
}

impl From<&str> for ResolveRequest {
    fn from(provider: &str) -> Self {
        ResolveRequest { provider: provider.to_owned(), ..ResolveRequest::default() }
    }
}

impl From<&str> for RemoveRequest {
    fn from(provider: &str) -> Self {
        RemoveRequest { provider: provider.to_owned(), ..RemoveRequest::default() }
    }
}

impl From<&str> for RotateRequest {
    fn from(provider: &str) -> Self {
        RotateRequest { provider: Some(provider.to_owned()), ..RotateRequest::default() }
    }
}
