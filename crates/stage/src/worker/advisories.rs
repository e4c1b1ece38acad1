//! Messages whose deliveries were used up without a settlement, as when every attempt killed its process.
//!
//! The broker tells of them by advisories, which a stream keeps. Each becomes what an error on the last attempt would
//! have become: a dead letter and a failed run; unless the run has gone on all the same.

use std::sync::Arc;

use bus::{DeadLetter, Deliveries, Delivery, Settlement, consume};
use contracts::failures::ATTEMPTS_EXHAUSTED;
use contracts::{encoding, failures, names};
use process::CancellationToken;
use process::spans::{self, MessageFacts};
use serde::Deserialize;
use tracing::Instrument as _;

use super::WorkContext;
use super::outcome::SettleError;
use crate::metrics;

/// What is read of an advisory.
#[derive(Debug, Deserialize)]
struct Advisory {
    stream: String,
    stream_seq: u64,
    deliveries: u64,
}

/// Follows the advisories until `shutdown`.
pub(super) async fn follow(
    work: Arc<WorkContext>,
    mut advisories: Deliveries,
    shutdown: CancellationToken,
) {
    let bury = |delivery: Delivery| {
        let work = Arc::clone(&work);
        async move {
            match work.bury(&delivery).await {
                Ok(()) => delivery.settle(Settlement::Ack).await,
                Err(error) => tracing::error!(
                    error = failures::with_causes(&error),
                    "an advisory was not settled; it is given back"
                ),
            }
        }
    };
    consume(&mut advisories, shutdown.cancelled(), bury).await;
}

impl WorkContext {
    async fn bury(&self, delivery: &Delivery) -> Result<(), SettleError> {
        let advisory: Advisory = match serde_json::from_slice(&delivery.payload) {
            Ok(advisory) => advisory,
            Err(error) => {
                tracing::error!(%error, "an advisory cannot be read");
                return Ok(());
            }
        };
        let found = self.message(&advisory.stream, advisory.stream_seq).await?;
        let Some((subject, headers, payload)) = found else { return Ok(()) };
        let letter = DeadLetter {
            stream: advisory.stream,
            sequence: advisory.stream_seq,
            subject,
            headers,
            payload,
            deliveries: u32::try_from(advisory.deliveries).unwrap_or(u32::MAX),
        };
        let message =
            MessageFacts { subject: &letter.subject, id: None, bytes: letter.payload.len() };
        let stage = self.agent().as_str();
        let span = spans::processing(message, stage, u64::from(letter.deliveries));
        process::continue_trace(&span, &letter.headers);
        self.bury_letter(letter).instrument(span).await
    }

    async fn bury_letter(&self, letter: DeadLetter) -> Result<(), SettleError> {
        let content_type = letter.headers.get(names::CONTENT_TYPE).map(|value| value.as_str());
        let input = encoding::decode_handoff(content_type, &letter.payload).ok();
        let message = format!(
            "given up after {} deliveries, none of which was settled; every process that worked on it ended or went silent",
            letter.deliveries
        );
        spans::failed(ATTEMPTS_EXHAUSTED, &message);
        self.put_aside(&letter, input.as_ref(), failures::failure(ATTEMPTS_EXHAUSTED, message))
            .await?;
        metrics::ended(self.agent().as_str(), "failed");
        Ok(())
    }
}
