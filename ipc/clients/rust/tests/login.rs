//! Signing in, and tokens that are bound to a key, against a scripted broker.

mod common;
#[path = "common/fake.rs"]
mod fake;

use std::thread;

use common::{options, Folder};
use fake::FakeBroker;
use keybearer::{Client, Fields, Login, ProofRequest};
use serde_json::{json, Value};

fn line(result: Value) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":$ID,"result":{result}}}"#)
}

fn begun() -> Value {
    json!({"login_id": "login-1", "joined": true, "screen_locked": true, "account": "work", "provider": "demo",
        "issuer": "https://as.example", "resource": "https://api.example/", "scopes": ["openid"],
        "authorization_url": "https://as.example/one", "redirect_uri": null, "user_code": "ABCD",
        "verification_uri": "https://as.example/device", "url_expires_at": 1767225600, "expires_at": 1767225900})
}

fn status(known: &str, wait: u32, answer: Value) -> Value {
    let params = json!({"login_id": "login-1", "known_state": known, "wait": wait});
    json!({"method": "account.login_status", "params": params, "answer": [line(answer)]})
}

/// A sign-in of a broker that is asked these things about it and no others.
fn with_login<T>(exchange: Vec<Value>, test: impl FnOnce(&mut Login, &FakeBroker) -> T) -> T {
    let folder = Folder::new();
    let socket = folder.at("broker.sock");
    let mut all = vec![json!({"method": "account.login", "params": {"provider": "demo"}, "answer": [line(begun())]})];
    all.extend(exchange);
    let broker = FakeBroker::listen_each(&socket, vec![Vec::new(), all]);
    let client = Client::connect_with(options(socket, Fields::new())).unwrap();
    let mut login = client.login("demo").unwrap();
    let result = test(&mut login, &broker);
    drop((login, client));
    broker.finish();
    result
}

#[test]
fn a_proof_or_token_that_is_missing() {
    for answer in [json!({"access_token": "at"}), json!({"proof": "p"})] {
        let folder = Folder::new();
        let socket = folder.at("broker.sock");
        let params = json!({"account": "a", "htm": "GET", "htu": "https://api.example/"});
        let step = json!({"method": "dpop.proof", "params": params, "answer": [line(answer)]});
        let broker = FakeBroker::listen(&socket, vec![step]);
        let mut client = Client::connect_with(options(socket, Fields::new())).unwrap();
        let error = client.dpop_proof(ProofRequest::new("GET", "https://api.example/", "a")).unwrap_err();
        assert_eq!(error.kind(), "connection_lost");
        drop(client);
        broker.finish();
    }
}

#[test]
fn what_a_sign_in_says() {
    with_login(Vec::new(), |login, _| {
        let said = json!({"login_id": "login-1", "joined": login.joined, "screen_locked": login.screen_locked,
            "account": login.account, "provider": login.provider, "issuer": login.issuer, "resource": login.resource,
            "scopes": login.scopes, "authorization_url": login.authorization_url, "redirect_uri": login.redirect_uri,
            "user_code": login.user_code, "verification_uri": login.verification_uri,
            "url_expires_at": login.url_expires_at, "expires_at": login.expires_at});
        assert_eq!(said, begun());
        assert_eq!(format!("{login:?}"), r#"Login { account: "work", provider: "demo", .. }"#);
    });
}

#[test]
fn how_a_sign_in_fails() {
    let why = json!({"kind": "provider_error", "message": "it does not like us"});
    for (answer, kind) in [
        (json!({"state": "failed", "error": why}), "provider_error"),
        (json!({"state": "failed", "error": null}), "login_failed"),
        (json!({"state": "cancelled"}), "login_cancelled"),
        (json!({}), "connection_lost"),
    ] {
        let exchange =
            vec![status("waiting_for_browser", 60, json!({"state": "exchanging"})), status("exchanging", 60, answer)];
        assert_eq!(with_login(exchange, |login, _| login.wait(None).unwrap_err().kind().to_owned()), kind);
    }
}

#[test]
fn waiting_in_pieces() {
    let done = json!({"state": "done", "account": "work"});
    let exchange =
        vec![status("waiting_for_browser", 0, json!({"state": "exchanging"})), status("exchanging", 60, done)];
    with_login(exchange, |login, _| {
        assert_eq!(login.wait(0).unwrap(), None);
        let end = login.wait(None).unwrap().unwrap();
        assert_eq!((end.account.as_str(), end.subject, end.credential), ("work", None, None));
    });
}

#[test]
fn the_address_once_more_and_one_from_another_machine() {
    let again = json!({"authorization_url": "https://as.example/two", "url_expires_at": null});
    let callback = json!({"login_id": "login-1", "url": "http://127.0.0.1/callback?code=1"});
    let exchange = vec![
        json!({"method": "account.login_url", "params": {"login_id": "login-1"}, "answer": [line(again)]}),
        json!({"method": "account.login_callback", "params": callback, "answer": [line(json!({"state": "exchanging"}))]}),
    ];
    with_login(exchange, |login, _| {
        assert_eq!(login.url().unwrap(), "https://as.example/two");
        assert_eq!((login.authorization_url.as_str(), login.url_expires_at), ("https://as.example/two", None));
        login.callback("http://127.0.0.1/callback?code=1").unwrap();
    });
}

#[test]
fn a_close_from_another_thread_ends_a_wait() {
    let mut unanswered = status("waiting_for_browser", 60, json!({}));
    unanswered["answer"] = json!([]);
    with_login(vec![unanswered], |login, broker| {
        let closer = login.closer();
        thread::scope(|threads| {
            let waiting = threads.spawn(|| login.wait(None).unwrap_err().kind().to_owned());
            broker.asked("account.login_status");
            closer.close();
            assert_eq!(waiting.join().unwrap(), "connection_lost");
        });
    });
}
