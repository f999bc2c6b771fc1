//! A broker that has read its part: it compares what it is sent with a case and replies with the given lines.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread::{self, JoinHandle};

use serde_json::{json, Value};

/// Serves one connection.
pub struct FakeBroker {
    thread: JoinHandle<Result<Vec<String>, String>>,
}

impl FakeBroker {
    /// Listens when this returns. `exchange` is a list as in vectors.json.
    pub fn listen(socket: &Path, exchange: Vec<Value>) -> FakeBroker {
        let listener = UnixListener::bind(socket).unwrap();
        FakeBroker { thread: thread::spawn(move || serve(&listener, &exchange)) }
    }

    /// The lines that it was sent; panics unless they were those of the exchange and no others. Drop the client first.
    pub fn finish(self) -> Vec<String> {
        self.thread.join().unwrap().unwrap_or_else(|problem| panic!("{problem}"))
    }
}

fn serve(listener: &UnixListener, exchange: &[Value]) -> Result<Vec<String>, String> {
    let (mut stream, _) = listener.accept().map_err(|error| error.to_string())?;
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut seen = Vec::new();
    for step in exchange {
        let line = lines.next().ok_or_else(|| format!("the client never asked {}", step["method"]))?;
        let line = line.map_err(|error| error.to_string())?;
        let open = reply(&mut stream, &line, step)?;
        seen.push(line);
        if !open {
            return Ok(seen);
        }
    }
    match lines.next() {
        Some(Ok(more)) => Err(format!("the client went on with {more}")),
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
