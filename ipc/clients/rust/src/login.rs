//! A sign-in that a program has begun.

use std::fmt;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::json::{self, Object};
use crate::lease::Closer;
use crate::{Client, Error, LoginRequest};

/// How many seconds one question waits; the broker refuses more than 300.
const STEP: u64 = 60;

/// A sign-in on a connection of its own, made by [`Client::login`]. The program shows `authorization_url` to the person,
/// or opens it in their browser, and waits. The broker keeps what comes of it. When this is dropped, the sign-in is given
/// up, unless it is done or another program waits for it too.
#[non_exhaustive]
pub struct Login {
    /// Name that the account will have.
    pub account: String,
    pub provider: String,
    pub issuer: String,
    /// What the tokens will be for.
    pub resource: Option<String>,
    pub scopes: Vec<String>,
    pub authorization_url: String,
    /// Until when `authorization_url` opens; None: it stays good.
    pub url_expires_at: Option<i64>,
    /// Where the broker listens; None for the flow "device".
    pub redirect_uri: Option<String>,
    /// For the flow "device": what the person enters.
    pub user_code: Option<String>,
    /// And the page to enter it at.
    pub verification_uri: Option<String>,
    /// When the broker gives up.
    pub expires_at: i64,
    /// The same sign-in is under way, and its page is open: only wait.
    pub joined: bool,
    /// Nobody would see a page that opens now.
    pub screen_locked: bool,
    client: Client,
    closer: Closer,
    id: String,
    state: String,
}

/// How a sign-in ended. What the provider did not say is None.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedIn {
    pub account: String,
    /// Who signed in.
    pub subject: Option<String>,
    /// Their mail address or name.
    pub label: Option<String>,
    /// Granted scopes, with spaces between them.
    pub scope: Option<String>,
    /// `provider/name` of the key that was made in the place of an account.
    pub credential: Option<String>,
}

impl Client {
    /// Begins a sign-in, on a connection of its own. A plain `"provider"` will do where nothing else is said.
    ///
    /// # Errors
    /// Those of [`connect`](Client::connect), "unknown_provider", "login_required" (without `attended`: it waits for the
    /// person in `keybearer status`), "client_id_required", "rate_limited", "provider_unreachable" and the others of
    /// PROTOCOL.md.
    pub fn login(&self, request: impl Into<LoginRequest>) -> Result<Login, Error> {
        let mut params = Value::Object(params_of(&request.into()));
        let begun = self.another().and_then(|mut client| Ok((client.call("account.login", &params)?, client)));
        json::wipe(&mut params);
        let (answer, client) = begun?;
        let closer = Closer::of(&client)?;
        let text = |name: &str| json::text(&answer, name);
        let optional = |name: &str| json::optional_text(&answer, name);
        Ok(Login {
            account: text("account"),
            provider: text("provider"),
            issuer: text("issuer"),
            resource: optional("resource"),
            scopes: json::texts(&answer, "scopes"),
            authorization_url: text("authorization_url"),
            url_expires_at: json::time(&answer, "url_expires_at"),
            redirect_uri: optional("redirect_uri"),
            user_code: optional("user_code"),
            verification_uri: optional("verification_uri"),
            expires_at: json::time(&answer, "expires_at").unwrap_or_default(),
            joined: json::flag(&answer, "joined"),
            screen_locked: json::flag(&answer, "screen_locked"),
            id: optional("login_id").ok_or_else(|| Error::lost("its answer names no login"))?,
            client,
            closer,
            state: "waiting_for_browser".to_owned(),
        })
    }
}

impl Login {
    /// Blocks until the sign-in ends, at `expires_at` at the latest, or for so many seconds: None then, and this may be
    /// called again.
    ///
    /// # Errors
    /// "login_failed", "login_cancelled" (also when nobody finished it in time), the provider's, the keychain's;
    /// "connection_lost" when the broker went away or it was closed: begin another one.
    pub fn wait(&mut self, seconds: impl Into<Option<u32>>) -> Result<Option<SignedIn>, Error> {
        let deadline = seconds.into().map(|seconds| Instant::now() + Duration::from_secs(seconds.into()));
        loop {
            let left = deadline.map_or(STEP, |deadline| seconds_until(deadline).min(STEP));
            let mut params = self.own_params();
            params.insert("known_state".into(), self.state.clone().into());
            params.insert("wait".into(), left.into());
            let timeout = self.client.options.timeout.saturating_add(Duration::from_secs(left));
            let answer = self.client.connection.call("account.login_status", &Value::Object(params), timeout)?;
            if let Some(end) = end_of(&answer)? {
                return Ok(Some(end));
            }
            self.state = json::text(&answer, "state");
            if deadline.map_or(false, |deadline| Instant::now() >= deadline) {
                return Ok(None);
            }
        }
    }

    /// The page's address once more: one that opens now, for a page that is opened later, or a second time, where
    /// `url_expires_at` is not None. `authorization_url` and `url_expires_at` are the new ones afterwards.
    ///
    /// # Errors
    /// The provider's, and those of the connection.
    pub fn url(&mut self) -> Result<&str, Error> {
        let answer = self.client.ask("account.login_url", self.own_params())?;
        self.authorization_url = json::text(&answer, "authorization_url");
        self.url_expires_at = json::time(&answer, "url_expires_at");
        Ok(&self.authorization_url)
    }

    /// The address that a browser on another machine ended at, in the place of its request; [`wait`](Login::wait) goes on.
    ///
    /// # Errors
    /// "invalid_value" for one that is not this sign-in's, which changes nothing.
    pub fn callback(&mut self, url: &str) -> Result<(), Error> {
        let mut params = self.own_params();
        params.insert("url".into(), url.into());
        let mut params = Value::Object(params);
        let answer = self.client.call("account.login_callback", &params);
        json::wipe(&mut params);
        answer.map(|_| ())
    }

    /// What another thread gives this sign-in up with.
    pub fn closer(&self) -> Closer {
        self.closer.clone()
    }

    fn own_params(&self) -> Object {
        let mut params = Object::new();
        params.insert("login_id".into(), self.id.clone().into());
        params
    }
}

impl Drop for Login {
    /// A closer that is still about keeps the socket open otherwise, and with it the sign-in.
    fn drop(&mut self) {
        self.closer.close();
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Login")
            .field("account", &self.account)
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

fn params_of(request: &LoginRequest) -> Object {
    let mut params = Object::new();
    params.insert("provider".into(), request.provider.clone().into());
    json::put(&mut params, "account", &request.account);
    json::put(&mut params, "client_id", &request.client_id);
    if let Some(secret) = &request.client_secret {
        params.insert("client_secret".into(), secret.reveal().into());
    }
    json::put(&mut params, "redirect", &request.redirect);
    json::put_list(&mut params, "scopes", &request.scopes);
    json::put(&mut params, "issuer", &request.issuer);
    json::put_list(&mut params, "add_scopes", &request.add_scopes);
    json::put(&mut params, "flow", &request.flow);
    if let Some(seconds) = request.expires_in {
        params.insert("timeout".into(), seconds.into());
    }
    json::put_flag(&mut params, "fresh", request.fresh);
    json::put_flag(&mut params, "attended", request.attended);
    params
}

/// Rounded up, so that the last question does not come back early.
fn seconds_until(deadline: Instant) -> u64 {
    let left = deadline.saturating_duration_since(Instant::now());
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

/// None: it has not ended.
fn end_of(answer: &Object) -> Result<Option<SignedIn>, Error> {
    match json::text(answer, "state").as_str() {
        "done" => Ok(Some(SignedIn {
            account: json::text(answer, "account"),
            subject: json::optional_text(answer, "subject"),
            label: json::optional_text(answer, "label"),
            scope: json::optional_text(answer, "scope"),
            credential: json::optional_text(answer, "credential"),
        })),
        "failed" => {
            let said = |name: &str| answer.get("error").and_then(|error| error.get(name)).and_then(Value::as_str);
            let why = said("message").unwrap_or("the sign-in failed");
            Err(Error::new(said("kind").unwrap_or("login_failed"), why))
        }
        "cancelled" => Err(Error::new("login_cancelled", "the sign-in was given up before anybody finished it")),
        "" => Err(Error::lost("its answer does not say how the sign-in stands")),
        _ => Ok(None),
    }
}
