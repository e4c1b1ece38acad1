//! What processes say that troubles them now, such as a broker without room.
//!
//! They tell it to who listens, again and again while it lasts; nothing of it is stored, because what troubles them may be just that.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bus::Bus;
use bus::backoff::Backoff;
use contracts::{failures, subjects};
use futures::StreamExt as _;
use process::CancellationToken;
use runs::ledger::WarningView;
use tokio::time::Instant;

/// Code of the warning.
pub const BROKER_STORAGE_FULL: &str = "broker_storage_full";

/// What was not told again for so long is over.
const TROUBLE_EXPIRY: Duration = Duration::from_secs(30);
/// Processes whose trouble is remembered.
const MAX_PROCESSES: usize = 100;
const MAX_TEXT_LENGTH: usize = 1000;
const SUBSCRIBE_BACKOFF: Backoff =
    Backoff::new(Duration::from_millis(500), Duration::from_secs(10));

/// The trouble of each process; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct TroubleBoard {
    told: Arc<Mutex<BTreeMap<String, (Instant, String)>>>,
}

impl TroubleBoard {
    /// Notes what a process says.
    fn record_report(&self, process: &str, text: &str, now: Instant) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, (at, _)| now.duration_since(*at) < TROUBLE_EXPIRY);
        if told.len() < MAX_PROCESSES || told.contains_key(process) {
            let text = text.chars().take(MAX_TEXT_LENGTH).collect();
            if told.insert(process.to_owned(), (now, text)).is_none() {
                tracing::warn!(process, "a process finds no room in the broker's storage");
            }
        }
    }

    /// As one warning for all who say it.
    #[must_use]
    pub fn warnings(&self) -> Vec<WarningView> {
        self.at(Instant::now())
    }

    fn at(&self, now: Instant) -> Vec<WarningView> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let lasting: Vec<(&String, &String)> = told
            .iter()
            .filter(|(_, (at, _))| now.duration_since(*at) < TROUBLE_EXPIRY)
            .map(|(process, (_, text))| (process, text))
            .collect();
        let Some((_, text)) = lasting.first() else { return Vec::new() };
        let processes: Vec<&str> = lasting.iter().map(|(process, _)| process.as_str()).collect();
        vec![WarningView {
            code: BROKER_STORAGE_FULL.to_owned(),
            message: format!("{text} (said by {})", processes.join(", ")),
            agent: String::new(),
        }]
    }

    /// Records the trouble reports of all processes, until `shutdown` is cancelled.
    pub(crate) async fn follow(self, bus: Bus, shutdown: CancellationToken) {
        let mut failed = 0;
        loop {
            let listening = async {
                let mut messages = bus.subscribe(subjects::ALL_TROUBLE).await?;
                while let Some(message) = messages.next().await {
                    let process = message.subject.rsplit('.').next().unwrap_or_default();
                    let text = String::from_utf8_lossy(&message.payload);
                    self.record_report(process, &text, Instant::now());
                }
                Ok::<(), bus::Error>(())
            };
            let ended = tokio::select! {
                () = shutdown.cancelled() => return,
                ended = listening => ended,
            };
            failed += 1;
            if let Err(error) = ended {
                tracing::warn!(error = failures::with_causes(&error), "nobody's trouble is heard");
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(SUBSCRIBE_BACKOFF.after(failed)) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test")]

    use super::*;

    #[test]
    fn trouble_is_told_while_it_lasts_and_once_for_all() {
        let (trouble, begun) = (TroubleBoard::default(), Instant::now());
        assert!(trouble.at(begun).is_empty());
        trouble.record_report("model-trainer", "it is full", begun);
        trouble.record_report("data-preparer", "it is full", begun + Duration::from_secs(20));
        let warnings = trouble.at(begun + Duration::from_secs(29));
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].code, BROKER_STORAGE_FULL);
        assert_eq!(warnings[0].message, "it is full (said by data-preparer, model-trainer)");
        let warnings = trouble.at(begun + Duration::from_secs(30));
        assert_eq!(warnings[0].message, "it is full (said by data-preparer)");
        assert!(trouble.at(begun + Duration::from_secs(50)).is_empty());
    }
}
