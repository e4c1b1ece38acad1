//! The receiver of a webhook.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

/// Listens on a free loopback port, and takes one delivery after another.
#[derive(Debug)]
pub struct HookReceiver {
    listener: TcpListener,
}

/// What was posted.
#[derive(Debug, PartialEq, Eq)]
pub struct ReceivedHook {
    /// Headers by their names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body, as it was sent.
    pub body: String,
}

impl ReceivedHook {
    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl HookReceiver {
    /// Starts to listen.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    pub async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    /// Where deliveries go.
    ///
    /// # Panics
    ///
    /// Never: it listens.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.listener.local_addr().unwrap())
    }

    /// Takes the next delivery and answers it with a status, such as `204 No Content`.
    ///
    /// # Panics
    ///
    /// When it is no post of a webhook.
    pub async fn take(&self, status: &str) -> ReceivedHook {
        let (stream, _) = self.listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut headers = BTreeMap::new();
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        assert!(line.starts_with("POST /hook "), "{line}");
        loop {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
            let Some((name, value)) = line.trim().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
        ReceivedHook { headers, body: String::from_utf8(body).unwrap() }
    }
}
