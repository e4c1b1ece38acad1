//! A broker whose disk has no room, as it says at its monitoring port alone.
//!
//! nats-server closes the store of a stream whose write fails: from then on it confirms nothing there, not even when there is room
//! again, until it is started anew. Publishers see timeouts. `/healthz` says which write failed and why; a process whose configuration
//! names the monitoring port asks there, and takes what is not confirmed meanwhile for what finds no room.

use std::time::Duration;

use serde::Deserialize;

use crate::{Bus, durability};

/// How often the broker is asked: more often than a publication takes to time out.
const INTERVAL: Duration = Duration::from_secs(3);
/// What systems say of a disk without room.
const ABOUT_ROOM: [&str; 3] = ["no space left", "not enough space", "quota exceeded"];

/// What is read of `/healthz`.
#[derive(Debug, Deserialize)]
struct Health {
    #[serde(default)]
    error: String,
}

/// The write that found no room on the broker's disk, as its server says at this monitoring URL; none where there is no such.
///
/// # Errors
/// Where the server does not answer, or not with its health.
pub async fn disk_fault(url: &str) -> std::io::Result<Option<String>> {
    let asking = durability::ask(url, "/healthz");
    let answer = tokio::time::timeout(durability::LIMIT, asking)
        .await
        .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))?;
    fault(&answer).ok_or_else(|| std::io::Error::other("the answer is no /healthz of a server"))
}

/// What an answer says of room, where it is one of a server's health.
fn fault(answer: &[u8]) -> Option<Option<String>> {
    let (_, body) = std::str::from_utf8(answer).ok()?.split_once("\r\n\r\n")?;
    let Health { error } = serde_json::from_str(body).ok()?;
    let said = error.to_lowercase();
    Some(ABOUT_ROOM.iter().any(|words| said.contains(words)).then_some(error))
}

/// Asks the monitoring ports for as long as there is the connection, and notes what they say.
pub(crate) fn watch(bus: &Bus, urls: Vec<String>) {
    let bus = bus.downgrade();
    tokio::spawn(async move {
        let mut every = tokio::time::interval(INTERVAL);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let mut found = None;
            let mut heard = false;
            for url in &urls {
                match disk_fault(url).await {
                    Ok(fault) => {
                        heard = true;
                        found = found.or(fault);
                    }
                    // It may be starting; what is known of it holds until it says otherwise.
                    Err(error) => tracing::debug!(%error, "the broker's health is not known"),
                }
            }
            let Some(bus) = bus.upgrade() else { return };
            match found {
                Some(fault) => bus.disk_is_full(fault),
                None if heard => bus.disk_has_room(),
                None => {}
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_for_want_of_room_is_told_from_others() {
        let answer = |status: &str, body: &str| format!("HTTP/1.0 {status}\r\n\r\n{body}");
        let full = r#"{"status":"unavailable","error":"JetStream stream 'TIER0 > TIER0' write error: write /d/1.blk: no space left on device"}"#;
        let found = fault(answer("503 Service Unavailable", full).as_bytes()).flatten();
        assert!(found.is_some_and(|told| told.contains("/d/1.blk")));
        let other =
            r#"{"status":"unavailable","error":"JetStream is not current with the meta leader"}"#;
        assert_eq!(fault(answer("503 Service Unavailable", other).as_bytes()), Some(None));
        assert_eq!(fault(answer("200 OK", r#"{"status":"ok"}"#).as_bytes()), Some(None));
        assert_eq!(fault(b"HTTP/1.0 404 Not Found\r\n\r\nnot found"), None);
    }
}
