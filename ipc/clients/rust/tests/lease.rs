//! Leases: what a program learns of a credential that it holds for long.

mod common;
#[path = "common/fake.rs"]
mod fake;

use std::thread;
use std::time::Duration;

use common::{options, Broker, Folder};
use fake::FakeBroker;
use keybearer::{fields, Client, Error, Fields, Lease, LeaseEvent, RemoveRequest, SetRequest};
use serde_json::{json, Value};

const OLD: &str = "sk-proj-old-canary-0123456789";
const NEW: &str = "sk-proj-new-canary-0123456789";

fn set(broker: &Broker, value: &str) {
    broker.client(Fields::new()).auth_set_credential(SetRequest::new("openai", value)).unwrap();
}

#[test]
fn another_value_renews_the_lease() {
    let broker = Broker::start();
    set(&broker, OLD);
    let mut client = broker.client(Fields::new());
    let mut lease = client.auth_lease("openai").unwrap();
    let taken = lease.credential().clone();
    // The lease waits on a connection of its own: the client's other calls go on.
    let lease = thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            assert_eq!(lease.wait(300), Ok(LeaseEvent::Renewed));
            lease
        });
        client.auth_set_credential(SetRequest::new("openai", NEW)).unwrap();
        waiting.join().unwrap()
    });
    assert_eq!(lease.credential().value("api_key"), Some(NEW));
    assert_eq!(taken.value("api_key"), Some(OLD));
    assert_ne!(lease.credential().version, taken.version);
    let shown = format!("{lease:?} {lease:#?} {:?}", lease.closer());
    assert!(shown.contains("api_key") && !shown.contains("canary"), "{shown}");
}

#[test]
fn nothing_happens_and_then_it_is_removed() {
    let broker = Broker::start();
    set(&broker, OLD);
    let mut client = broker.client(Fields::new());
    let mut lease = client.auth_lease("openai").unwrap();
    assert_eq!(lease.wait(0), Ok(LeaseEvent::None));
    client.remove(RemoveRequest::from("openai")).unwrap();
    assert_eq!(lease.wait(None), Ok(LeaseEvent::Removed));
    assert_eq!(lease.credential().value("api_key"), Some(OLD));
}

#[test]
fn the_events_end_with_the_credential() {
    let broker = Broker::start();
    set(&broker, OLD);
    let mut client = broker.client(Fields::new());
    let mut lease = client.auth_lease("openai").unwrap();
    set(&broker, NEW);
    assert_eq!(lease.next(), Some(Ok(LeaseEvent::Renewed)));
    assert_eq!(lease.credential().value("api_key"), Some(NEW));
    client.remove(RemoveRequest::from("openai")).unwrap();
    assert_eq!(lease.next(), Some(Ok(LeaseEvent::Removed)));
    assert_eq!(lease.next(), None);
    assert_eq!(lease.credential().value("api_key"), Some(NEW));
}

#[test]
fn a_wait_may_take_longer_than_other_requests() {
    let broker = Broker::start();
    set(&broker, OLD);
    let mut options = options(broker.socket(), Fields::new());
    options.timeout = Duration::from_millis(1500);
    let mut lease = Client::connect_with(options).unwrap().auth_lease("openai").unwrap();
    assert_eq!(lease.wait(2), Ok(LeaseEvent::None));
}

#[test]
fn a_wait_that_is_too_long_is_refused() {
    let broker = Broker::start();
    set(&broker, OLD);
    let mut lease = broker.client(Fields::new()).auth_lease("openai").unwrap();
    assert_eq!(lease.wait(301).unwrap_err().kind(), "invalid_value");
    assert_eq!(lease.wait(0), Ok(LeaseEvent::None));
}

#[test]
fn there_is_no_lease_without_a_credential() {
    let broker = Broker::start();
    assert_eq!(broker.client(Fields::new()).auth_lease("openai").unwrap_err().kind(), "no_credential");
}

#[test]
fn another_broker_is_found_after_a_restart() {
    let broker = Broker::start();
    set(&broker, OLD);
    let mut lease = broker.client(Fields::new()).auth_lease("openai").unwrap();
    broker.done(&["daemon", "stop"]);
    assert_eq!(lease.wait(0).unwrap_err().kind(), "connection_lost");
    broker.done(&["daemon", "start"]);
    set(&broker, NEW);
    assert_eq!(lease.next(), Some(Ok(LeaseEvent::Renewed)));
    assert_eq!(lease.credential().value("api_key"), Some(NEW));
    assert_eq!(lease.wait(0), Ok(LeaseEvent::None), "it is on the new connection");
}

#[test]
fn a_credential_that_went_with_the_broker_is_removed() {
    let broker = Broker::start();
    set(&broker, OLD);
    let mut lease = broker.client(Fields::new()).auth_lease("openai").unwrap();
    broker.done(&["daemon", "stop"]);
    broker.done(&["daemon", "start"]);
    broker.client(Fields::new()).remove(RemoveRequest::from("openai")).unwrap();
    assert_eq!(lease.next(), Some(Ok(LeaseEvent::Removed)));
    assert_eq!(lease.next(), None);
}

#[test]
fn a_broker_that_stays_away_ends_the_events() {
    let broker = Broker::start();
    set(&broker, OLD);
    let mut lease = broker.client(Fields::new()).auth_lease("openai").unwrap();
    broker.done(&["daemon", "stop"]);
    assert_eq!(lease.next().unwrap().unwrap_err().kind(), "connection_lost");
    assert_eq!(lease.next(), None);
    assert_eq!(lease.credential().value("api_key"), Some(OLD));
}

const PROVIDER: &str = r#"{"provider": "openai", "fields": [{"field": "api_key", "variables": ["OPENAI_API_KEY"]}]}"#;

fn step(method: &str, params: Value, answer: &str) -> Value {
    let line = format!(r#"{{"jsonrpc":"2.0","id":$ID,"result":{answer}}}"#);
    json!({"method": method, "params": params, "answer": [line]})
}

fn describe() -> Value {
    step("provider.describe", json!({"provider": "openai"}), PROVIDER)
}

/// An answer with the variable, at that version.
fn resolve(version: &str) -> Value {
    let field = json!({"field": "api_key", "source": "environment", "from": "OPENAI_API_KEY", "secret": true});
    let answer = json!({"provider": "openai", "fields": [field], "version": version}).to_string();
    step("credential.resolve", json!({"provider": "openai", "environment": ["OPENAI_API_KEY"]}), &answer)
}

/// `event` of nothing: the broker ends instead of answering.
fn watch(version: &str, event: Option<&str>) -> Value {
    let params = json!({"provider": "openai", "environment": ["OPENAI_API_KEY"], "version": version, "wait": 60});
    match event {
        Some(event) => step("credential.watch", params, &json!({ "event": event }).to_string()),
        None => json!({"method": "credential.watch", "params": params, "answer": [null]}),
    }
}

/// A client of a broker that serves these connections, after the silent one of the client, and a lease of it.
fn leased(folder: &Folder, connections: Vec<Vec<Value>>) -> (FakeBroker, Lease) {
    let exchanges = std::iter::once(Vec::new()).chain(connections).collect();
    let broker = FakeBroker::listen_each(&folder.at("broker.sock"), exchanges);
    let environment = fields([("OPENAI_API_KEY", "sk-canary")]);
    let client = Client::connect_with(options(folder.at("broker.sock"), environment)).unwrap();
    let lease = client.auth_lease("openai").unwrap();
    assert_eq!(lease.credential().value("api_key"), Some("sk-canary"));
    (broker, lease)
}

/// The events of a lease until they end, at most ten.
fn events(connections: Vec<Vec<Value>>) -> Vec<Result<LeaseEvent, Error>> {
    let folder = Folder::new();
    let (broker, lease) = leased(&folder, connections);
    let events = lease.take(10).collect();
    assert!(!broker.finish().concat().contains("canary"));
    events
}

#[test]
fn each_break_is_survived_once_and_the_names_are_formed_once() {
    let events = events(vec![
        vec![describe(), resolve("a"), watch("a", Some("none")), watch("a", None)],
        vec![resolve("a"), watch("a", None)],
        vec![resolve("b"), watch("b", Some("renewed")), resolve("c"), watch("c", Some("removed"))],
    ]);
    assert_eq!(events, [Ok(LeaseEvent::Renewed), Ok(LeaseEvent::Renewed), Ok(LeaseEvent::Removed)]);
}

#[test]
fn a_second_loss_in_the_same_break_is_the_error() {
    let mut lost = resolve("a");
    lost["answer"] = json!([null]);
    let events = events(vec![vec![describe(), resolve("a"), watch("a", None)], vec![lost]]);
    let kinds: Vec<_> = events.iter().map(|event| event.as_ref().unwrap_err().kind()).collect();
    assert_eq!(kinds, ["connection_lost"]);
}

#[test]
fn an_error_of_the_broker_ends_the_events() {
    let mut refused = watch("a", None);
    refused["answer"] = json!([
        r#"{"jsonrpc":"2.0","id":$ID,"error":{"code":-32020,"message":"no","data":{"kind":"login_required"}}}"#
    ]);
    let events = events(vec![vec![describe(), resolve("a"), refused]]);
    let kinds: Vec<_> = events.iter().map(|event| event.as_ref().unwrap_err().kind()).collect();
    assert_eq!(kinds, ["login_required"]);
}

#[test]
fn what_is_removed_before_it_is_resolved_again_is_removed() {
    let mut gone = resolve("b");
    gone["answer"] =
        json!([r#"{"jsonrpc":"2.0","id":$ID,"error":{"code":-32040,"message":"no","data":{"kind":"no_credential"}}}"#]);
    let events = events(vec![vec![describe(), resolve("a"), watch("a", Some("renewed")), gone]]);
    assert_eq!(events, [Ok(LeaseEvent::Removed)]);
}

#[test]
fn a_dropped_lease_closes_its_connection_whoever_holds_a_closer() {
    let folder = Folder::new();
    let (broker, lease) = leased(&folder, vec![vec![describe(), resolve("a")]]);
    let closer = lease.closer();
    drop(lease);
    broker.finish(); // it waits for the end of every connection
    closer.close();
}

#[test]
fn closing_ends_the_events_and_a_wait() {
    let mut unanswered = watch("a", None);
    unanswered["answer"] = json!([]);
    for streams in [true, false] {
        let folder = Folder::new();
        let (broker, mut lease) = leased(&folder, vec![vec![describe(), resolve("a"), unanswered.clone()]]);
        let closer = lease.closer();
        let waiting = thread::spawn(move || if streams { lease.next() } else { Some(lease.wait(None)) });
        broker.asked("credential.watch");
        closer.close();
        closer.close();
        match waiting.join().unwrap() {
            None => assert!(streams),
            Some(outcome) => assert_eq!((streams, outcome.unwrap_err().kind()), (false, "connection_lost")),
        }
        broker.finish();
    }
}

#[test]
fn a_closer_from_before_a_break_closes_what_came_after_it() {
    let folder = Folder::new();
    let connections = vec![vec![describe(), resolve("a"), watch("a", None)], vec![resolve("b")]];
    let (broker, mut lease) = leased(&folder, connections);
    let closer = lease.closer();
    assert_eq!(lease.next(), Some(Ok(LeaseEvent::Renewed)));
    closer.close();
    assert_eq!(lease.wait(0).unwrap_err().kind(), "connection_lost");
    assert_eq!(lease.next(), None);
    drop(lease);
    broker.finish();
}
