//! A session in the protocol of NATS itself: what is refused is told between two pings, in order.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Operations that are sent before the answers to them are read.
const AT_ONCE: usize = 100;

/// What is tried at a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Publish,
    Subscribe,
}

/// A session of one identity.
pub(crate) struct Session {
    stream: BufReader<TcpStream>,
    sid: usize,
}

impl Session {
    /// Logs in with the key in a file; the broker's answer where it refuses.
    pub(crate) fn open(url: &str, seed_file: Option<&Path>) -> Result<Self, String> {
        let stream = TcpStream::connect(url.trim_start_matches("nats://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut session = Self { stream: BufReader::new(stream), sid: 0 };
        let info = session.line();
        let info: Value = serde_json::from_str(info.strip_prefix("INFO ").unwrap()).unwrap();
        let mut connect = json!({"verbose": false, "pedantic": false, "headers": true});
        if let Some(path) = seed_file {
            let seed = std::fs::read_to_string(path).unwrap();
            let key = nkeys::KeyPair::from_seed(seed.trim()).unwrap();
            let signature = key.sign(info["nonce"].as_str().unwrap().as_bytes()).unwrap();
            connect["nkey"] = json!(key.public_key());
            connect["sig"] = json!(URL_SAFE_NO_PAD.encode(signature));
        }
        session.send(&format!("CONNECT {connect}\r\n"));
        session.refused().map(|_| session)
    }

    /// Tries operations; says of each whether it was refused.
    pub(crate) fn try_all(&mut self, operations: &[(Operation, &str)]) -> Vec<bool> {
        let mut all = Vec::with_capacity(operations.len());
        for some in operations.chunks(AT_ONCE) {
            let mut text = String::new();
            for (operation, subject) in some {
                self.sid += 1;
                text.push_str(&match operation {
                    Operation::Publish => format!("PUB {subject} 0\r\n\r\n"),
                    Operation::Subscribe => format!("SUB {subject} {}\r\n", self.sid),
                });
            }
            self.send(&text);
            let refusals = self.refused().unwrap();
            all.extend(some.iter().map(|(operation, subject)| {
                let kind = match operation {
                    Operation::Publish => "Publish",
                    Operation::Subscribe => "Subscription",
                };
                refusals
                    .contains(&format!("-ERR 'Permissions Violation for {kind} to \"{subject}\"'"))
            }));
        }
        all
    }

    /// What the broker refused until now; an error where it ended the session.
    fn refused(&mut self) -> Result<Vec<String>, String> {
        self.send("PING\r\n");
        let mut refusals = Vec::new();
        loop {
            let line = self.line();
            match line.split(' ').next().unwrap_or_default() {
                "PONG" => return Ok(refusals),
                "PING" => self.send("PONG\r\n"),
                "INFO" => {}
                // A message of a subscription: its body follows.
                "MSG" | "HMSG" => {
                    let bytes: usize = line.rsplit(' ').next().unwrap().parse().unwrap();
                    let mut body = vec![0; bytes + 2];
                    std::io::Read::read_exact(&mut self.stream, &mut body).unwrap();
                }
                "-ERR" if line.contains("Permissions Violation") => refusals.push(line),
                _ => return Err(line),
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        // The end of the session is an empty line.
        let _ = self.stream.read_line(&mut line);
        line.trim_end().to_owned()
    }

    fn send(&mut self, text: &str) {
        // Where the broker has ended the session, its last line says why.
        let _ = self.stream.get_mut().write_all(text.as_bytes());
    }
}
