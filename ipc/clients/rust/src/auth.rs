//! Tokens, and the keys of providers: everything but resolving.

use serde_json::Value;

use crate::folder;
use crate::json::{self, Object};
use crate::requests::{
    CredentialValue, ProofRequest, RemoveRequest, RenameRequest, RotateRequest, SetRequest, SwitchRequest, TokenRequest,
};
use crate::{
    Client, DpopProof, Error, ProviderStatus, Removed, Renamed, Rotated, Stored, StoredCredential, Switched, Token,
};

impl Client {
    /// An access token of an account that is good for a while. Without an account (`TokenRequest::default()`), the one
    /// that the current folder, or the nearest one above it, is bound to with `keybearer account bind`, else the only
    /// one.
    ///
    /// # Errors
    /// "unknown_account", "login_required" and the others of PROTOCOL.md; "invalid_value" for a directory that is no
    /// folder, or one beside an account.
    pub fn token(&mut self, request: impl Into<TokenRequest>) -> Result<Token, Error> {
        let mut answer = self.ask("token.get", token_params(&request.into())?)?;
        Token::from_answer(&mut answer).ok_or_else(|| Error::lost("its answer has no token"))
    }

    /// A token that is bound to a key, and the proof for one request with it (RFC 9449). The key stays in the broker.
    ///
    /// # Errors
    /// Those of [`token`](Client::token); "unsupported" for an account whose tokens are bound to no key, "invalid_value"
    /// for a method, URL or nonce that no proof can hold.
    pub fn dpop_proof(&mut self, request: ProofRequest) -> Result<DpopProof, Error> {
        let mut params = token_params(&request.token)?;
        params.insert("htm".into(), request.method.into());
        params.insert("htu".into(), request.url.into());
        json::put(&mut params, "nonce", &request.nonce);
        let mut answer = self.ask("dpop.proof", params)?;
        DpopProof::from_answer(&mut answer).ok_or_else(|| Error::lost("its answer has no proof, or no token"))
    }

    /// Whether a program could use the provider right now, and with what; this client's environment counts.
    ///
    /// # Errors
    /// "unknown_provider"; its message names the nearest ones.
    pub fn auth_status(&mut self, provider: &str) -> Result<ProviderStatus, Error> {
        let described = self.describe(provider)?;
        let mut params = of_provider(provider);
        params.insert("environment".into(), self.variables_set(&[described]).into());
        let answer = self.ask("provider.status", params)?;
        let row = json::objects(&answer, "providers").next().map(ProviderStatus::from_row);
        row.ok_or_else(|| Error::lost(format!("its answer says nothing about {provider}")))
    }

    /// [`auth_status`](Client::auth_status) of every provider. Each is described first, with a request of its own.
    ///
    /// # Errors
    /// Those of the connection.
    pub fn auth_status_all(&mut self) -> Result<Vec<ProviderStatus>, Error> {
        let known = self.ask("provider.list", Object::new())?;
        let mut described = Vec::new();
        for row in json::objects(&known, "providers") {
            described.push(self.describe(&json::text(row, "provider"))?);
        }
        let mut params = Object::new();
        params.insert("environment".into(), self.variables_set(&described).into());
        let answer = self.ask("provider.status", params)?;
        Ok(json::objects(&answer, "providers").map(ProviderStatus::from_row).collect())
    }

    /// Puts a key, or several fields, into the vault: all of them or none.
    ///
    /// # Errors
    /// "unknown_provider", or "invalid_value" when a field cannot hold the value (which the message does not repeat).
    pub fn auth_set_credential(&mut self, request: SetRequest) -> Result<Stored, Error> {
        let mut fields = Object::new();
        match &request.value {
            CredentialValue::Main(value) => {
                let field = self.main_field(&request.provider)?;
                fields.insert(field, value.reveal().into());
            }
            CredentialValue::Fields(values) => {
                fields.extend(values.iter().map(|(field, value)| (field.clone(), value.reveal().into())));
            }
        }
        let mut params = of_provider(&request.provider);
        params.insert("fields".into(), fields.into());
        json::put(&mut params, "name", &request.name);
        json::put(&mut params, "tenant", &request.tenant);
        json::put_flag(&mut params, "shared", request.shared);
        json::put_flag(&mut params, "next", request.next);
        let mut params = Value::Object(params);
        let answer = self.call("credential.set", &params);
        json::wipe(&mut params);
        Ok(Stored::from_answer(&answer?))
    }

    /// What is stored for a tenant ("default" when left out), with masked previews.
    ///
    /// # Errors
    /// The broker's own, as "keychain_locked".
    pub fn list(&mut self, tenant: Option<&str>) -> Result<Vec<StoredCredential>, Error> {
        let mut params = Object::new();
        json::put(&mut params, "tenant", &tenant.map(str::to_owned));
        let answer = self.ask("credential.list", params)?;
        Ok(json::objects(&answer, "credentials").map(StoredCredential::from_row).collect())
    }

    /// Takes one field, or a whole credential, out of the vault.
    ///
    /// # Errors
    /// "unknown_provider" and the others of PROTOCOL.md.
    pub fn remove(&mut self, request: impl Into<RemoveRequest>) -> Result<Removed, Error> {
        let request = request.into();
        let mut params = of_provider(&request.provider);
        json::put(&mut params, "field", &request.field);
        json::put(&mut params, "name", &request.name);
        json::put(&mut params, "tenant", &request.tenant);
        json::put_flag(&mut params, "shared", request.shared);
        let answer = self.ask("credential.remove", params)?;
        Ok(Removed { provider: json::text(&answer, "provider"), removed: json::count(&answer, "removed") })
    }

    /// Gives a stored credential another name; grants, client keys and config.toml go by the name and do not follow.
    ///
    /// # Errors
    /// "no_credential", "invalid_value" for a name that is taken or cannot be one, "consent_required" and the others of
    /// PROTOCOL.md.
    pub fn rename(&mut self, request: RenameRequest) -> Result<Renamed, Error> {
        let mut params = of_provider(&request.provider);
        params.insert("new_name".into(), request.new_name.into());
        json::put(&mut params, "name", &request.name);
        json::put(&mut params, "tenant", &request.tenant);
        json::put_flag(&mut params, "shared", request.shared);
        let answer = self.ask("credential.rename", params)?;
        let text = |name: &str| json::text(&answer, name);
        Ok(Renamed { provider: text("provider"), tenant: text("tenant"), name: text("name") })
    }

    /// Puts the next values in the place of those in use, which are the next ones then.
    ///
    /// # Errors
    /// "no_credential" when there are no next values, and the others of PROTOCOL.md.
    pub fn switch(&mut self, request: impl Into<SwitchRequest>) -> Result<Switched, Error> {
        let request = request.into();
        let mut params = of_provider(&request.provider);
        json::put(&mut params, "name", &request.name);
        json::put(&mut params, "tenant", &request.tenant);
        json::put_flag(&mut params, "shared", request.shared);
        let answer = self.ask("credential.switch", params)?;
        Ok(Switched { provider: json::text(&answer, "provider") })
    }

    /// Makes a new data key for a tenant's vault and seals its values anew.
    ///
    /// # Errors
    /// The broker's own, as "keychain_locked" or "key_missing".
    pub fn rotate(&mut self, request: impl Into<RotateRequest>) -> Result<Rotated, Error> {
        let request = request.into();
        let mut params = Object::new();
        json::put(&mut params, "provider", &request.provider);
        json::put(&mut params, "tenant", &request.tenant);
        json::put_flag(&mut params, "shared", request.shared);
        let answer = self.ask("credential.rotate", params)?;
        Ok(Rotated { tenant: json::text(&answer, "tenant"), sealed: json::count(&answer, "sealed") })
    }

    pub(crate) fn describe(&mut self, provider: &str) -> Result<Object, Error> {
        self.ask("provider.describe", of_provider(provider))
    }

    fn main_field(&mut self, provider: &str) -> Result<String, Error> {
        let described = self.describe(provider)?;
        json::optional_text(&described, "main_field").ok_or_else(|| {
            let why = format!("{provider} has no field that is meant by \"the key\"; name the fields");
            Error::new("invalid_value", why)
        })
    }

    /// Names of the variables of these providers that are set here, the catalogue's and those of config.toml.
    pub(crate) fn variables_set(&self, described: &[Object]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for field in described.iter().flat_map(|one| json::objects(one, "fields")) {
            for kind in ["variables", "path_variables", "configured_variables", "configured_path_variables"] {
                for name in json::texts(field, kind) {
                    if self.options.environment.has(&name) && !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
        }
        names
    }
}

/// Of token.get and dpop.proof.
fn token_params(request: &TokenRequest) -> Result<Object, Error> {
    let mut params = folder::account_params(&request.account, request.directory.as_deref())?;
    if let Some(seconds) = request.min_valid {
        params.insert("min_valid".into(), seconds.into());
    }
    json::put_list(&mut params, "scopes", &request.scopes);
    json::put(&mut params, "resource", &request.resource);
    json::put(&mut params, "audience", &request.audience);
    json::put(&mut params, "purpose", &request.purpose);
    json::put_flag(&mut params, "refresh", request.refresh);
    Ok(params)
}

/// Parameters that begin with a provider.
pub(crate) fn of_provider(provider: &str) -> Object {
    let mut params = Object::new();
    params.insert("provider".into(), provider.into());
    params
}
