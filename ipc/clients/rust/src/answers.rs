//! What the functions answer with. Secret values are [`Secret`]s, so everything here may be printed. Times are UTC
//! seconds since 1970.

use std::collections::BTreeMap;
use std::fmt;

use crate::json::{self, Object};
use crate::Secret;

/// An access token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Token {
    pub access_token: Secret,
    /// "Bearer", or "DPoP" for one that is good with a proof alone ([`Client::dpop_proof`](crate::Client::dpop_proof)).
    pub token_type: String,
    /// None when the provider does not say.
    pub expires_at: Option<i64>,
    /// Granted scopes, with spaces between them.
    pub scope: String,
    pub account: String,
    pub issuer: String,
    /// "cache" or "refresh".
    pub source: String,
}

impl Token {
    pub(crate) fn from_answer(answer: &mut Object) -> Option<Token> {
        Some(Token {
            access_token: json::take_secret(answer, "access_token")?,
            token_type: json::text(answer, "token_type"),
            expires_at: json::time(answer, "expires_at"),
            scope: json::text(answer, "scope"),
            account: json::text(answer, "account"),
            issuer: json::text(answer, "issuer"),
            source: json::text(answer, "source"),
        })
    }
}

/// A token that is bound to a key, and the proof for one request with it (RFC 9449).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DpopProof {
    pub token: Token,
    /// The value of the header DPoP: good once, and soon.
    pub proof: Secret,
}

impl DpopProof {
    /// The two headers of that request.
    pub fn headers(&self) -> [(&'static str, Secret); 2] {
        let token = Secret::new(format!("DPoP {}", self.token.access_token.reveal()));
        [("Authorization", token), ("DPoP", self.proof.clone())]
    }

    pub(crate) fn from_answer(answer: &mut Object) -> Option<DpopProof> {
        let proof = json::take_secret(answer, "proof")?;
        Some(DpopProof { token: Token::from_answer(answer)?, proof })
    }
}

/// Whether a program could use a provider right now, and with what.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProviderStatus {
    pub provider: String,
    pub display_name: String,
    /// "authenticated", "not_authenticated", "not_required", "needs_login", "locked" or "expiring".
    pub status: String,
    /// A layer, "oauth" or nothing.
    pub source: Option<String>,
    /// A variable's name, or `tenant/name`.
    pub from: Option<String>,
    /// "api_key", "oauth".
    pub auth_methods: Vec<String>,
    pub expires_at: Option<i64>,
    /// Why a place could not be looked at.
    pub detail: Option<String>,
}

impl ProviderStatus {
    pub(crate) fn from_row(row: &Object) -> ProviderStatus {
        ProviderStatus {
            provider: json::text(row, "provider"),
            display_name: json::text(row, "display_name"),
            status: json::text(row, "status"),
            source: json::optional_text(row, "source"),
            from: json::optional_text(row, "from"),
            auth_methods: json::texts(row, "auth_methods"),
            expires_at: json::time(row, "expires_at"),
            detail: json::optional_text(row, "detail"),
        }
    }
}

/// A provider's credential, field by field.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Resolution {
    pub provider: String,
    pub tenant: String,
    pub name: String,
    pub fields: Vec<ResolvedField>,
    /// Another one whenever the values are others; empty from a broker that does not tell.
    pub version: String,
    /// Weaker places with the same field.
    pub shadowed: Vec<Place>,
    /// Stronger places that were passed over.
    pub ignored: Vec<Ignored>,
    /// Sentences for the person.
    pub warnings: Vec<String>,
}

impl Resolution {
    /// The field of that name, however it is spelled: `apiKey` is `api_key`.
    pub fn field(&self, name: &str) -> Option<&ResolvedField> {
        let wanted = folded(name);
        self.fields.iter().find(|one| folded(&one.field) == wanted)
    }

    /// The field's text, to be handed on; do not log it.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.field(name).map(|field| field.value.reveal())
    }

    /// Field and value.
    pub fn values(&self) -> BTreeMap<&str, &Secret> {
        self.fields.iter().map(|one| (one.field.as_str(), &one.value)).collect()
    }

    /// Field and the layer that it comes from.
    pub fn sources(&self) -> BTreeMap<&str, &str> {
        self.fields.iter().map(|one| (one.field.as_str(), one.source.as_str())).collect()
    }
}

/// One field of a credential. `Debug` shows the value where it is no secret.
#[derive(Clone)]
#[non_exhaustive]
pub struct ResolvedField {
    /// The catalogue's name for it.
    pub field: String,
    /// The layer: "call", "instance", "environment", "store", "shared", "broker_environment", "oauth", "file",
    /// "command", "aws_sdk", "none" or "default".
    pub source: String,
    /// Where in the layer: a variable's name, `tenant/name`, the name under which the call has it, or empty.
    pub from: String,
    pub secret: bool,
    /// None when it is not known to end.
    pub expires_at: Option<i64>,
    pub value: Secret,
}

impl fmt::Debug for ResolvedField {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.value.reveal();
        let value: &dyn fmt::Debug = if self.secret { &self.value } else { &shown };
        out.debug_struct("ResolvedField")
            .field("field", &self.field)
            .field("source", &self.source)
            .field("from", &self.from)
            .field("secret", &self.secret)
            .field("expires_at", &self.expires_at)
            .field("value", value)
            .finish()
    }
}

/// A weaker place that has a field too.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Place {
    pub field: String,
    pub source: String,
    pub from: String,
}

impl Place {
    pub(crate) fn from_item(item: &Object) -> Place {
        Place { field: json::text(item, "field"), source: json::text(item, "source"), from: json::text(item, "from") }
    }
}

/// A stronger place that was passed over.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ignored {
    pub place: Place,
    /// "incomplete" or "secrets_come_from_elsewhere".
    pub why: String,
}

impl Ignored {
    pub(crate) fn from_item(item: &Object) -> Ignored {
        Ignored { place: Place::from_item(item), why: json::text(item, "why") }
    }
}

/// What was put into the vault.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stored {
    pub provider: String,
    pub tenant: String,
    pub name: String,
    /// Names of the fields that were set.
    pub fields: Vec<String>,
    /// Sentences for the person, as about a key that looks like another provider's.
    pub warnings: Vec<String>,
}

impl Stored {
    pub(crate) fn from_answer(answer: &Object) -> Stored {
        Stored {
            provider: json::text(answer, "provider"),
            tenant: json::text(answer, "tenant"),
            name: json::text(answer, "name"),
            fields: json::texts(answer, "fields"),
            warnings: json::texts(answer, "warnings"),
        }
    }
}

/// A credential in the vault, without its values.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredCredential {
    pub provider: String,
    /// "shared" for what every tenant falls back to.
    pub tenant: String,
    pub name: String,
    pub used_at: Option<i64>,
    pub fields: Vec<StoredField>,
}

impl StoredCredential {
    pub(crate) fn from_row(row: &Object) -> StoredCredential {
        StoredCredential {
            provider: json::text(row, "provider"),
            tenant: json::text(row, "tenant"),
            name: json::text(row, "name"),
            used_at: json::time(row, "used_at"),
            fields: json::objects(row, "fields").map(StoredField::from_item).collect(),
        }
    }
}

/// One value in the vault.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredField {
    pub field: String,
    /// "current" or "next".
    pub slot: String,
    /// A secret is masked; none where it cannot be opened.
    pub preview: Option<String>,
    pub set_at: Option<i64>,
}

impl StoredField {
    fn from_item(item: &Object) -> StoredField {
        StoredField {
            field: json::text(item, "field"),
            slot: json::text(item, "slot"),
            preview: json::optional_text(item, "preview"),
            set_at: json::time(item, "set_at"),
        }
    }
}

/// What was taken out of the vault.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Removed {
    pub provider: String,
    /// How many values went.
    pub removed: u64,
}

/// What was given another name.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Renamed {
    pub provider: String,
    pub tenant: String,
    /// The new one.
    pub name: String,
}

/// Whose next values are in use now.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Switched {
    pub provider: String,
}

/// What was sealed anew.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rotated {
    /// Whose data key is a new one.
    pub tenant: String,
    /// How many values were sealed anew.
    pub sealed: u64,
}

/// Names are the same when they differ in case and in these signs only, as for the broker.
pub(crate) fn folded(name: &str) -> String {
    name.chars().filter(|sign| !matches!(sign, '_' | '-' | ' ')).map(|sign| sign.to_ascii_lowercase()).collect()
}
