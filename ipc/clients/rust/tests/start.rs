//! Starting a broker. One test in a program of its own: it changes this process's environment.

mod common;

use std::env;
use std::path::PathBuf;

use common::{programs, Broker};
use keybearer::{Client, Error, Options};

fn refusal(options: Options) -> Error {
    Client::connect_with(options).unwrap_err()
}

#[test]
fn a_broker_is_started_where_none_listens() {
    let (usual, other) = (Broker::absent("run/broker.sock"), Broker::absent("elsewhere/broker.sock"));
    env::remove_var("KEYBEARER_SOCKET");
    env::set_var("KEYBEARER_HOME", usual.home());
    let path = env::var_os("PATH").unwrap_or_default();

    // Programs are looked for in absolute folders only, so the relative one finds nothing.
    env::set_current_dir(programs()).unwrap();
    env::set_var("PATH", env::join_paths([usual.home().join("empty"), PathBuf::from(".")]).unwrap());
    let error = refusal(Options::default());
    assert_eq!(error.kind(), "no_broker");
    assert!(error.message().contains(usual.socket().to_str().unwrap()), "{error}");
    assert!(error.message().contains("keybearer daemon start"), "{error}");

    let folders = std::iter::once(programs()).chain(env::split_paths(&path));
    env::set_var("PATH", env::join_paths(folders).unwrap());
    assert_eq!(refusal(Options { start: false, ..Options::default() }).kind(), "no_broker");
    env::set_var("KEYBEARER_CLIENT_KEY_FILE", usual.home().join("gone"));
    let error = refusal(Options::default());
    assert_eq!(error.kind(), "invalid_value");
    assert!(error.message().contains("KEYBEARER_CLIENT_KEY_FILE"), "{error}");
    assert_eq!(std::fs::read_dir(usual.home()).unwrap().count(), 0, "a broker was started for a key that is gone");
    env::remove_var("KEYBEARER_CLIENT_KEY_FILE");
    assert_eq!(answering(Options::default()), usual.socket().to_str().unwrap());

    env::set_var("KEYBEARER_HOME", other.home());
    let options = Options { socket: Some(other.socket()), ..Options::default() };
    assert_eq!(answering(options), other.socket().to_str().unwrap());
}

/// The socket of the broker that answers.
fn answering(options: Options) -> String {
    let mut client = Client::connect_with(options).unwrap();
    client.call("system.status", &serde_json::json!({})).unwrap()["socket"].as_str().unwrap().to_owned()
}
