//! Signing in, and a bound token, against a real broker and an authorization server (tests/clients/lab).

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::{options, programs};
use keybearer::{Client, Fields, LoginRequest, ProofRequest, Secret};
use serde_json::Value;

/// Its broker, provider and browser end with it.
struct Lab {
    process: Child,
    facts: Value,
}

impl Lab {
    fn start() -> Lab {
        programs(); // says what is missing
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/clients/lab");
        let mut process = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Lab { process, facts: serde_json::from_str(&line).unwrap() }
    }

    fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap()
    }

    fn browse(&mut self, url: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{url}").unwrap();
    }

    /// The status of the resource, and the nonce that it wants.
    fn ask(&self, headers: &[(&str, Secret)]) -> (u16, Option<String>) {
        let (host, path) = self.fact("resource").strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        headers.iter().for_each(|(name, value)| request += &format!("{name}: {}\r\n", value.reveal()));
        let mut stream = TcpStream::connect(host).unwrap();
        stream.write_all((request + "\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let named = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("dpop-nonce").then(|| value.to_owned())
        };
        (status, answer.lines().find_map(named))
    }

    fn proved(&self, client: &mut Client, method: &str, nonce: Option<String>) -> (u16, Option<String>) {
        let request = ProofRequest { nonce, ..ProofRequest::new(method, self.fact("resource"), self.fact("account")) };
        self.ask(&client.dpop_proof(request).unwrap().headers())
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait(); // a test that failed says more than this
    }
}

#[test]
fn a_sign_in_and_a_bound_token() {
    let mut lab = Lab::start();
    let mut client = Client::connect_with(options(lab.fact("socket").into(), Fields::new())).unwrap();
    let provider = LoginRequest { attended: true, ..LoginRequest::from(lab.fact("provider")) };
    assert_eq!(client.login("nobody").unwrap_err().kind(), "unknown_provider");
    let odd = LoginRequest { flow: Some("pigeon".into()), ..provider.clone() };
    assert_eq!(client.login(odd).unwrap_err().kind(), "invalid_value");
    drop(client.login(provider.clone()).unwrap());

    let mut login = client.login(provider).unwrap();
    assert_eq!((login.account.as_str(), login.joined), (lab.fact("account"), false));
    assert_eq!(login.wait(0).unwrap(), None);
    let url = login.url().unwrap().to_owned();
    lab.browse(&url);
    let end = login.wait(None).unwrap().unwrap();
    assert_eq!((end.account.as_str(), end.subject.as_deref()), (lab.fact("account"), Some("alice")));

    let token = client.token(lab.fact("account")).unwrap();
    assert_eq!(token.token_type, "DPoP");
    let bearer = Secret::new(format!("Bearer {}", token.access_token.reveal()));
    assert_eq!(lab.ask(&[("Authorization", bearer)]).0, 401);

    let (status, nonce) = lab.proved(&mut client, "GET", None);
    assert_eq!((status, nonce.is_some()), (401, true));
    assert_eq!(lab.proved(&mut client, "GET", nonce.clone()).0, 200);
    assert_eq!(lab.proved(&mut client, "POST", nonce).0, 401);
}
