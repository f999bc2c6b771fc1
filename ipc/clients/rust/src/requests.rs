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
    /// Whom the token is for: got by token exchange (RFC 8693), one of the provider's audiences.
    pub audience: Option<String>,
    /// What it is for, in words for a person who is asked.
    pub purpose: Option<String>,
    /// Ask the provider for a new token even if the cached one is good.
    pub refresh: bool,
}

/// For [`Client::dpop_proof`](crate::Client::dpop_proof).
#[derive(Clone, Debug, Default)]
pub struct ProofRequest {
    /// The request's HTTP method, as "GET".
    pub method: String,
    /// Its URL: https, or http to this machine; query and fragment stay out of the proof.
    pub url: String,
    /// Which token.
    pub token: TokenRequest,
    /// What the server's header DPoP-Nonce said last: after a 401 that brings one, ask again with it.
    pub nonce: Option<String>,
}

impl ProofRequest {
    /// With an account's name, or a [`TokenRequest`].
    pub fn new(method: impl Into<String>, url: impl Into<String>, token: impl Into<TokenRequest>) -> Self {
        ProofRequest { method: method.into(), url: url.into(), token: token.into(), nonce: None }
    }
}

/// For [`Client::login`](crate::Client::login). A plain `"provider"` will do where nothing else is said.
#[derive(Clone, Debug, Default)]
pub struct LoginRequest {
    /// A provider's name, an account's, or a URL: an issuer's or a protected resource's (RFC 9728).
    pub provider: String,
    /// A name for the account; the provider's when left out.
    pub account: Option<String>,
    /// In the place of the provider's own, as are the next three.
    pub client_id: Option<String>,
    /// Kept in the keychain.
    pub client_secret: Option<Secret>,
    /// As "http://127.0.0.1/callback".
    pub redirect: Option<String>,
    /// Empty: the provider's, or those that the resource asks for.
    pub scopes: Vec<String>,
    /// Which one of a resource's several.
    pub issuer: Option<String>,
    /// Beside those that the provider has and the account was granted before.
    pub add_scopes: Vec<String>,
    /// "browser", which is the default, or "device" (RFC 8628).
    pub flow: Option<String>,
    /// Seconds until it is given up, 10 to 3600; 300 when left out.
    pub expires_in: Option<u32>,
    /// Cancels a sign-in for the same account that is under way.
    pub fresh: bool,
    /// A person asked for it just now. Without it nothing begins while nobody would see it.
    pub attended: bool,
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
    /// What it is for, in words for a person who is asked.
    pub purpose: Option<String>,
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

/// For [`Client::rename`](crate::Client::rename).
#[derive(Clone, Debug, Default)]
pub struct RenameRequest {
    /// A provider's name, or an alias of it.
    pub provider: String,
    /// 1 to 64 characters of a-z A-Z 0-9 . _ @ -, beginning with a letter or digit.
    pub new_name: String,
    /// The present name; "default" when left out.
    pub name: Option<String>,
    /// Whose; "default" when left out.
    pub tenant: Option<String>,
    /// In the shared namespace; `tenant` is left out then.
    pub shared: bool,
}

impl RenameRequest {
    /// Of the key with the default name.
    pub fn new(provider: impl Into<String>, new_name: impl Into<String>) -> Self {
        RenameRequest { provider: provider.into(), new_name: new_name.into(), ..RenameRequest::default() }
    }
}

/// For [`Client::switch`](crate::Client::switch). A plain `"provider"` means the key with the default name.
#[derive(Clone, Debug, Default)]
pub struct SwitchRequest {
    /// A provider's name, or an alias of it.
    pub provider: String,
    /// Which of several keys of the provider; "default" when left out.
    pub name: Option<String>,
    /// Whose; "default" when left out.
    pub tenant: Option<String>,
    /// In the shared namespace; `tenant` is left out then.
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

impl From<&str> for LoginRequest {
    fn from(provider: &str) -> Self {
        LoginRequest { provider: provider.to_owned(), ..LoginRequest::default() }
    }
}

impl From<&str> for SwitchRequest {
    fn from(provider: &str) -> Self {
        SwitchRequest { provider: provider.to_owned(), ..SwitchRequest::default() }
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
