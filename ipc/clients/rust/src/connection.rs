//! One connection: a JSON object a line, in both directions (PROTOCOL.md, "Framing").

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{json, Value};

use crate::json::Object;
use crate::paths;
use crate::secret::{wipe, Wiped};
use crate::system;
use crate::Error;

const MAX_LINE: usize = 1 << 20;
const CHUNK: usize = 16 << 10;
/// The clock cannot be asked about a time that is any length away.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

pub(crate) struct Connection {
    stream: UnixStream,
    buffer: Wiped,
    next_id: u64,
}

impl Connection {
    /// To a broker that runs as the user `uid`. "no_broker" when nothing listens there, "unsafe" when another user
    /// does, or could.
    pub fn open(socket: &Path, uid: u32) -> Result<Connection, Error> {
        let no_broker = |why: &dyn std::fmt::Display| {
            let shown = socket.display();
            Error::new("no_broker", format!("no broker is running at {shown} ({why}); run: keybearer daemon start"))
        };
        if !paths::check_folder(socket.parent().unwrap_or(socket))? {
            return Err(no_broker(&"its folder does not exist"));
        }
        let stream = UnixStream::connect(socket).map_err(|error| no_broker(&error))?;
        system::check_peer(&stream, uid)?;
        Ok(Connection { stream, buffer: Wiped(Vec::with_capacity(2 * CHUNK)), next_id: 1 })
    }

    /// One request, one answer; `timeout` covers both. After "connection_lost" every further call fails the same way.
    pub fn call(&mut self, method: &str, params: &Value, timeout: Duration) -> Result<Object, Error> {
        let deadline = Instant::now() + timeout.min(LONGEST);
        let id = self.next_id;
        self.next_id += 1;
        let line = request_line(id, method, params);
        self.send(&line.0, deadline)?;
        drop(line);
        loop {
            let line = self.read_line(deadline)?;
            match answer_to(id, &line.0) {
                Ok(Some(answer)) => return answer,
                Ok(None) => {}
                Err(broken) => return Err(self.give_up(broken)),
            }
        }
    }

    /// The same socket once more, so that another thread can end a call that waits.
    pub fn handle(&self) -> Result<UnixStream, Error> {
        self.stream.try_clone().map_err(Error::lost)
    }

    /// Nothing says any more where the next line begins.
    fn give_up(&mut self, error: Error) -> Error {
        let _ = self.stream.shutdown(Shutdown::Both); // it fails only when the connection has ended already
        error
    }

    fn send(&mut self, mut line: &[u8], deadline: Instant) -> Result<(), Error> {
        while !line.is_empty() {
            let sent = remaining(deadline)
                .and_then(|left| self.stream.set_write_timeout(Some(left)))
                .and_then(|()| self.stream.write(line));
            match sent {
                Ok(count) => line = &line[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A part of the line may be out: the next request would be glued to it.
                Err(error) if is_timeout(&error) => return Err(self.give_up(Error::timeout())),
                Err(error) => return Err(Error::lost(error)),
            }
        }
        Ok(())
    }

    fn read_line(&mut self, deadline: Instant) -> Result<Wiped, Error> {
        let mut searched = 0;
        loop {
            let buffer = &mut self.buffer.0;
            if let Some(at) = buffer[searched..].iter().position(|byte| *byte == b'\n') {
                let end = searched + at;
                let line = Wiped(buffer[..end].to_vec());
                let left = buffer.len() - end - 1;
                buffer.copy_within(end + 1.., 0);
                wipe(&mut buffer[left..]);
                buffer.truncate(left);
                return Ok(line);
            }
            searched = buffer.len();
            if searched > MAX_LINE {
                return Err(self.give_up(Error::lost("its answer is too long")));
            }
            self.read_more(deadline)?;
        }
    }

    fn read_more(&mut self, deadline: Instant) -> Result<(), Error> {
        let mut chunk = [0; CHUNK];
        let got = remaining(deadline)
            .and_then(|left| self.stream.set_read_timeout(Some(left)))
            .and_then(|()| self.stream.read(&mut chunk));
        match got {
            Ok(0) => Err(Error::lost("it closed the connection")),
            Ok(count) => {
                append(&mut self.buffer, &chunk[..count]);
                wipe(&mut chunk[..count]);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) if is_timeout(&error) => Err(Error::timeout()),
            Err(error) => Err(Error::lost(error)),
        }
    }
}

/// Grows by hand: a buffer that the vector moves away from would keep its bytes.
fn append(buffer: &mut Wiped, bytes: &[u8]) {
    let size = buffer.0.len() + bytes.len();
    if size > buffer.0.capacity() {
        let mut larger = Vec::with_capacity(size.next_power_of_two());
        larger.extend_from_slice(&buffer.0);
        *buffer = Wiped(larger);
    }
    buffer.0.extend_from_slice(bytes);
}

fn remaining(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(left.max(Duration::from_millis(1))) // the system counts in larger steps, and zero means for ever
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Counts what would be written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Written twice, first to learn its length: a buffer that grows would leave a copy of a secret behind.
fn request_line(id: u64, method: &str, params: &Value) -> Wiped {
    let head = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":{}"#, json!(method));
    let write = |out: &mut dyn Write| -> io::Result<()> {
        out.write_all(head.as_bytes())?;
        if !params.is_null() {
            out.write_all(br#","params":"#)?;
            serde_json::to_writer(&mut *out, params)?;
        }
        out.write_all(b"}\n")
    };
    let mut length = Length(0);
    let mut line = Wiped(Vec::new());
    write(&mut length).expect("counting cannot fail");
    line.0.reserve_exact(length.0);
    write(&mut line.0).expect("memory takes every JSON value");
    line
}

/// What the line says to request `id`: nothing when it is a notification or an answer to another request. Fails when
/// it is not what a broker sends.
fn answer_to(id: u64, line: &[u8]) -> Result<Option<Result<Object, Error>>, Error> {
    let mut message = match serde_json::from_slice(line) {
        Ok(Value::Object(message)) => message,
        _ => return Err(Error::lost("its answer is not JSON")),
    };
    if message.contains_key("method") {
        return Ok(None);
    }
    let error = message.get("error").and_then(Value::as_object);
    let answers = message.get("id").unwrap_or(&Value::Null);
    // A broker that could not read the request does not know its id.
    if answers != &json!(id) && !(answers.is_null() && error.is_some()) {
        return Ok(None);
    }
    if let Some(error) = error {
        return Ok(Some(Err(Error::from_broker(error))));
    }
    match message.remove("result") {
        Some(Value::Object(result)) => Ok(Some(Ok(result))),
        _ => Err(Error::lost("its answer has no result")),
    }
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use super::*;
    use std::fs::{self, DirBuilder};
    use std::os::unix::fs::DirBuilderExt;
    use std::os::unix::net::UnixListener;

    #[test]
    fn nothing_is_sent_to_another_user() {
        let folder = std::path::PathBuf::from(format!("/tmp/kb-peer-{}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&folder).unwrap();
        let listener = UnixListener::bind(folder.join("s")).unwrap();
        let mine = system::effective_uid();
        let kinds =
            [mine, mine + 1].map(|uid| Connection::open(&folder.join("s"), uid).map_err(|e| e.kind().to_owned()));
        fs::remove_dir_all(&folder).unwrap();
        let [same, other] = kinds;
        assert!(same.is_ok());
        assert_eq!(other.err().as_deref(), Some("unsafe"));
        let mut sent = Vec::new();
        let (mut first, mut second) = (listener.accept().unwrap().0, listener.accept().unwrap().0);
        drop(same);
        first.read_to_end(&mut sent).unwrap();
        second.read_to_end(&mut sent).unwrap();
        assert!(sent.is_empty());
    }
}
