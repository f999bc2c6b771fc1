//! The folder that chooses an account, when `token` is given none. The tests take turns: a process has one current folder.

mod common;
#[path = "common/fake.rs"]
mod fake;

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::{options, Broker, Folder};
use fake::FakeBroker;
use keybearer::{Client, Error, Fields, TokenRequest};
use serde_json::{json, Value};

static TURN: Mutex<()> = Mutex::new(());

/// A folder with "work" and a "link" to it; the current folder is what it was when this is dropped.
struct Place {
    folder: Folder,
    before: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

impl Place {
    fn new() -> Place {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let place = Place { folder: Folder::new(), before: env::current_dir().unwrap(), _turn: turn };
        fs::create_dir(place.at("work")).unwrap();
        symlink(place.at("work"), place.at("link")).unwrap();
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.at(name)
    }

    /// The path without a link, as it is sent.
    fn real(&self, name: &str) -> Value {
        self.folder.0.canonicalize().unwrap().join(name).to_str().unwrap().into()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        env::set_current_dir(&self.before).unwrap();
    }
}

/// What each of the requests gives, of a broker that must be sent these parameters and nothing else.
fn asked(requests: Vec<TokenRequest>, params: &[Value]) -> Vec<Result<String, Error>> {
    let answer = r#"{"jsonrpc":"2.0","id":$ID,"result":{"access_token":"at-1","account":"work"}}"#;
    let exchange =
        params.iter().map(|params| json!({"method": "token.get", "params": params, "answer": [answer]})).collect();
    let folder = Folder::new();
    let broker = FakeBroker::listen(&folder.at("broker.sock"), exchange);
    let mut client = Client::connect_with(options(folder.at("broker.sock"), Fields::new())).unwrap();
    let outcomes = requests.into_iter().map(|one| client.token(one).map(|token| token.account)).collect();
    drop(client);
    broker.finish();
    outcomes
}

fn all_given(requests: Vec<TokenRequest>, params: &[Value]) {
    for outcome in asked(requests, params) {
        assert_eq!(outcome.unwrap(), "work");
    }
}

fn of(directory: impl AsRef<Path>) -> TokenRequest {
    TokenRequest { directory: Some(directory.as_ref().to_owned()), ..TokenRequest::default() }
}

fn refused(request: TokenRequest, message: &str) {
    let error = asked(vec![request], &[]).pop().unwrap().unwrap_err();
    assert_eq!(error.kind(), "invalid_value");
    assert!(error.message().contains(message), "{error}");
}

#[test]
fn the_real_path_of_the_current_folder() {
    let place = Place::new();
    env::set_current_dir(place.at("link")).unwrap();
    let longer = TokenRequest { min_valid: Some(600), ..TokenRequest::default() };
    let work = place.real("work");
    all_given(
        vec![TokenRequest::default(), "".into(), longer],
        &[json!({ "directory": work }), json!({ "directory": work }), json!({"directory": work, "min_valid": 600})],
    );
}

#[test]
fn a_named_account_is_all_that_is_sent() {
    let _place = Place::new();
    let new = TokenRequest { refresh: true, ..TokenRequest::from("work") };
    all_given(vec!["work".into(), new], &[json!({"account": "work"}), json!({"account": "work", "refresh": true})]);
}

#[test]
fn a_deleted_folder_is_left_out() {
    let place = Place::new();
    env::set_current_dir(place.at("work")).unwrap();
    fs::remove_dir(place.at("work")).unwrap();
    all_given(vec![TokenRequest::default()], &[json!({})]);
    refused(of("."), "\".\" is no folder");
}

#[test]
fn a_folder_whose_name_is_no_text_is_left_out() {
    let place = Place::new();
    let odd = place.folder.0.join(OsStr::from_bytes(b"\xff"));
    fs::create_dir(&odd).unwrap();
    env::set_current_dir(&odd).unwrap();
    all_given(vec![TokenRequest::default()], &[json!({})]);
    refused(of(odd), "not UTF-8");
}

#[test]
fn another_folder_is_made_absolute_and_real() {
    let place = Place::new();
    env::set_current_dir(&place.folder.0).unwrap();
    fs::create_dir(place.at("work/deep")).unwrap();
    symlink(place.at("work/deep"), place.at("far")).unwrap();
    let (work, link) = (place.at("work"), place.at("link"));
    let given =
        [work.as_path(), &link, "link".as_ref(), "work/".as_ref(), "work/.././link/.".as_ref(), "far/..".as_ref()];
    let mut requests: Vec<TokenRequest> = given.iter().map(of).collect();
    let mut params = vec![json!({"directory": place.real("work")}); given.len()];
    requests.push(of("/"));
    params.push(json!({"directory": "/"}));
    all_given(requests, &params);
}

#[test]
fn what_is_no_folder_is_refused_before_anything_is_sent() {
    let place = Place::new();
    env::set_current_dir(&place.folder.0).unwrap();
    place.folder.write("file", "", 0o600);
    symlink("loop", "loop").unwrap();
    for directory in ["", "missing", "missing/..", "file", "file/..", "loop", "a\0b"] {
        refused(of(directory), &format!("{directory:?} is no folder"));
    }
}

#[test]
fn both_are_refused_before_anything_is_sent() {
    let place = Place::new();
    refused(TokenRequest { account: "work".to_owned(), ..of(place.at("work")) }, "not both");
}

#[test]
fn a_real_broker_chooses_the_account_of_the_nearest_bound_folder() {
    let _place = Place::new();
    let broker = Broker::with_accounts(&["work", "private"]);
    let customers = broker.home().join("customers");
    let deep = customers.join("one");
    fs::create_dir_all(&deep).unwrap();
    broker.done(&["account", "bind", customers.to_str().unwrap(), "work"]);
    let mut client = broker.client(Fields::new());
    let none = TokenRequest::default;
    for (current, request, kind, account) in [
        (deep.as_path(), none(), "login_required", json!("work")),
        (&deep, "private".into(), "login_required", json!("private")),
        (broker.home(), none(), "unknown_account", json!(null)),
        (broker.home(), of("customers/one"), "login_required", json!("work")),
    ] {
        env::set_current_dir(current).unwrap();
        let error = client.token(request).unwrap_err();
        let chosen = error.data().get("account").cloned().unwrap_or_default();
        assert_eq!((error.kind(), chosen), (kind, account));
    }
}
