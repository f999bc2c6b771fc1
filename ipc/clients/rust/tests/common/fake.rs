//! A broker that has read its part: it compares what it is sent with a case and replies with the given lines.
#![allow(dead_code)] // each test file uses a part of it

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{json, Value};

pub struct FakeBroker {
    socket: PathBuf,
    connections: usize,
    methods: Receiver<String>,
    thread: JoinHandle<Result<Vec<String>, String>>,
}

impl FakeBroker {
    /// Serves one connection, and listens when this returns. `exchange` is a list as in vectors.json.
    pub fn listen(socket: &Path, exchange: Vec<Value>) -> FakeBroker {
        FakeBroker::listen_each(socket, vec![exchange])
    }

    /// Serves so many connections, in the order in which they come and side by side.
    pub fn listen_each(socket: &Path, exchanges: Vec<Vec<Value>>) -> FakeBroker {
        let listener = UnixListener::bind(socket).unwrap();
        let (socket, connections) = (socket.to_owned(), exchanges.len());
        let (asked, methods) = mpsc::channel();
        let thread = thread::spawn(move || {
            let serving: Vec<_> = exchanges
                .into_iter()
                .map(|exchange| {
                    let stream = listener.accept().unwrap().0;
                    let asked = asked.clone();
                    thread::spawn(move || serve(stream, &exchange, &asked))
                })
                .collect();
            drop(listener);
            let seen: Result<Vec<_>, String> = serving.into_iter().map(|one| one.join().unwrap()).collect();
            seen.map(|lists| lists.concat())
        });
        FakeBroker { socket, connections, methods, thread }
    }

    /// Returns when a client has asked that.
    pub fn asked(&self, method: &str) {
        while self.methods.recv().expect("the client never asked it") != method {}
    }

    /// The lines that it was sent; panics unless they were those of the exchange and no others. Drop the client first.
    pub fn finish(self) -> Vec<String> {
        for _ in 0..self.connections {
            // In the place of one that never came, which would be waited for; refused when all came.
            let _ = UnixStream::connect(&self.socket);
        }
        self.thread.join().unwrap().unwrap_or_else(|problem| panic!("{problem}"))
    }
}

fn serve(mut stream: UnixStream, exchange: &[Value], asked: &Sender<String>) -> Result<Vec<String>, String> {
    // A client that waits for more, or keeps the connection, fails its test instead of hanging.
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut seen = Vec::new();
    for step in exchange {
        let line = lines.next().ok_or_else(|| format!("the client never asked {}", step["method"]))?;
        let line = line.map_err(|error| error.to_string())?;
        let open = reply(&mut stream, &line, step)?;
        let _ = asked.send(step["method"].as_str().unwrap().to_owned()); // few tests listen
        seen.push(line);
        if !open {
            return Ok(seen);
        }
    }
    match lines.next() {
        Some(Ok(more)) => Err(format!("the client went on with {more}")),
        Some(Err(error)) if error.kind() == ErrorKind::WouldBlock => Err("the client kept the connection".to_owned()),
        _ => Ok(seen), // an error is the client's end too, before it had read everything
    }
}

/// Whether the connection stays open.
fn reply(stream: &mut UnixStream, line: &str, step: &Value) -> Result<bool, String> {
    let request: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let expected = json!({"jsonrpc": "2.0", "id": request["id"], "method": step["method"], "params": step["params"]});
    if request != expected {
        return Err(format!("the client sent {request}, not {expected}"));
    }
    for answer in step["answer"].as_array().unwrap() {
        match answer.as_str() {
            None => return Ok(false),
            Some(text) => {
                let text = text.replace("$ID", &request["id"].to_string());
                // A client that has given up reads no more; what it made of that is compared, not this.
                let _ = stream.write_all((text + "\n").as_bytes());
            }
        }
    }
    Ok(true)
}
