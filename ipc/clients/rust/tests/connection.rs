//! What is refused before and while a broker answers.

mod common;
#[path = "common/fake.rs"]
mod fake;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::{options, set_mode, Folder};
use fake::FakeBroker;
use keybearer::{Client, Error, Fields};
use serde_json::{json, Value};

fn refusal(socket: PathBuf) -> Error {
    Client::connect_with(options(socket, Fields::new())).unwrap_err()
}

#[test]
fn a_folder_that_others_may_enter_is_refused() {
    for mode in [0o755, 0o710, 0o701] {
        let folder = Folder::new();
        let listener = UnixListener::bind(folder.at("broker.sock")).unwrap();
        listener.set_nonblocking(true).unwrap();
        set_mode(&folder.0, mode);
        let error = refusal(folder.at("broker.sock"));
        assert_eq!(error.kind(), "unsafe");
        assert!(error.message().contains("chmod 700"), "{error}");
        assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "it connected");
    }
}

#[test]
fn a_link_in_the_place_of_the_folder_is_refused() {
    let folder = Folder::new();
    std::fs::create_dir(folder.at("real")).unwrap();
    set_mode(&folder.at("real"), 0o700);
    symlink(folder.at("real"), folder.at("link")).unwrap();
    let error = refusal(folder.at("link/broker.sock"));
    assert_eq!(error.kind(), "unsafe");
    assert!(error.message().contains("symbolic link"), "{error}");
}

#[test]
fn a_file_in_the_place_of_the_folder_is_refused() {
    let folder = Folder::new();
    folder.write("run", "", 0o600);
    assert_eq!(refusal(folder.at("run/broker.sock")).kind(), "unsafe");
}

#[test]
fn where_nothing_listens() {
    let folder = Folder::new();
    drop(UnixListener::bind(folder.at("left-behind.sock")).unwrap());
    for name in ["absent.sock", "left-behind.sock", "no-folder/broker.sock"] {
        let error = refusal(folder.at(name));
        assert_eq!(error.kind(), "no_broker");
        assert!(error.message().contains(folder.at(name).to_str().unwrap()), "{error}");
        assert!(error.message().contains("keybearer daemon start"), "{error}");
    }
}

#[test]
fn a_relative_socket_is_refused() {
    assert_eq!(refusal("run/broker.sock".into()).kind(), "invalid_value");
}

#[test]
fn a_late_answer_is_no_answer_to_the_next_call() {
    let folder = Folder::new();
    let listener = UnixListener::bind(folder.at("broker.sock")).unwrap();
    let (gave_up, is_late) = mpsc::channel();
    let broker = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let mut id = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap()["id"].take();
        let late = json!({"jsonrpc": "2.0", "id": id(), "result": {"which": "first"}});
        is_late.recv().unwrap();
        let next = json!({"jsonrpc": "2.0", "id": id(), "result": {"which": "second"}});
        stream.write_all(format!("{late}\n{next}\n").as_bytes()).unwrap();
    });
    let mut options = options(folder.at("broker.sock"), Fields::new());
    options.timeout = Duration::from_secs(1);
    let mut client = Client::connect_with(options).unwrap();
    assert_eq!(client.call("system.hello", &json!({})).unwrap_err().kind(), "timeout");
    gave_up.send(()).unwrap();
    assert_eq!(client.call("system.hello", &json!({})).unwrap()["which"], "second");
    broker.join().unwrap();
}

#[test]
fn answers_that_end_the_connection() {
    for answer in [
        json!("[1]"),
        json!(r#"{"jsonrpc":"2.0","id":$ID}"#),
        json!(r#"{"jsonrpc":"2.0","id":$ID,"result":7}"#),
        json!(format!(r#"{{"jsonrpc":"2.0","id":$ID,"result":{{"long":"{}"}}}}"#, "x".repeat(2 << 20))),
        json!(null),
    ] {
        let folder = Folder::new();
        let step = json!({"method": "system.hello", "params": {}, "answer": [answer]});
        let broker = FakeBroker::listen(&folder.at("broker.sock"), vec![step]);
        let mut client = Client::connect_with(options(folder.at("broker.sock"), Fields::new())).unwrap();
        for _ in 0..2 {
            assert_eq!(client.call("system.hello", &json!({})).unwrap_err().kind(), "connection_lost");
        }
        drop(client);
        broker.finish();
    }
}

#[test]
fn a_long_answer_arrives_whole() {
    let folder = Folder::new();
    let long = "\u{2603}".repeat(300_000);
    let answer = json!({"jsonrpc": "2.0", "id": 1, "result": {"long": long}}).to_string();
    let step = json!({"method": "system.hello", "params": {}, "answer": [answer]});
    let broker = FakeBroker::listen(&folder.at("broker.sock"), vec![step]);
    let mut client = Client::connect_with(options(folder.at("broker.sock"), Fields::new())).unwrap();
    assert_eq!(client.call("system.hello", &json!({})).unwrap()["long"], long);
    drop(client);
    broker.finish();
}

#[test]
fn a_field_without_a_value_is_no_credential() {
    for source in ["store", "call", "instance", "environment"] {
        let folder = Folder::new();
        let field = json!({"field": "api_key", "source": source, "from": "ABSENT", "secret": true, "file": false});
        let step = |method: &str, params: Value, result: Value| {
            let answer = format!(r#"{{"jsonrpc":"2.0","id":$ID,"result":{result}}}"#);
            json!({"method": method, "params": params, "answer": [answer]})
        };
        let params = json!({"provider": "openai", "environment": []});
        let exchange = vec![
            step("provider.describe", json!({"provider": "openai"}), json!({"provider": "openai", "fields": []})),
            step("credential.resolve", params, json!({"provider": "openai", "fields": [field]})),
        ];
        let broker = FakeBroker::listen(&folder.at("broker.sock"), exchange);
        let mut client = Client::connect_with(options(folder.at("broker.sock"), Fields::new())).unwrap();
        let error = client.auth_resolve("openai").unwrap_err();
        drop(client);
        broker.finish();
        assert_eq!(error.kind(), "connection_lost", "{error}");
    }
}

#[test]
fn a_question_of_the_broker_is_passed_over() {
    let folder = Folder::new();
    let question = r#"{"jsonrpc":"2.0","id":$ID,"method":"later.question","params":{}}"#;
    let answer = r#"{"jsonrpc":"2.0","id":$ID,"result":{"broker":"mine"}}"#;
    let step = json!({"method": "system.hello", "params": {}, "answer": [question, answer]});
    let broker = FakeBroker::listen(&folder.at("broker.sock"), vec![step]);
    let mut client = Client::connect_with(options(folder.at("broker.sock"), Fields::new())).unwrap();
    assert_eq!(client.call("system.hello", &json!({})).unwrap()["broker"], "mine");
    drop(client);
    broker.finish();
}

#[test]
fn a_parse_error_without_an_id_is_the_answer() {
    let folder = Folder::new();
    let answer = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no","data":{"kind":"parse_error"}}}"#;
    let step = json!({"method": "system.hello", "params": {}, "answer": [answer, null]});
    let broker = FakeBroker::listen(&folder.at("broker.sock"), vec![step]);
    let mut client = Client::connect_with(options(folder.at("broker.sock"), Fields::new())).unwrap();
    assert_eq!(client.call("system.hello", &json!({})).unwrap_err().kind(), "parse_error");
    drop(client);
    broker.finish();
}
