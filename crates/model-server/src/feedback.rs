//! Outcomes of predictions that are told while a rollout waits for them.

use std::sync::Arc;

use bus::Bus;
use contracts::{Validate as _, encoding, subjects, v1};
use futures::StreamExt as _;
use process::CancellationToken;

use crate::server::Server;

/// Follows the outcomes until `shutdown`. What another server answered is its to count.
pub(crate) async fn follow(
    server: Arc<Server>,
    bus: Bus,
    shutdown: CancellationToken,
) -> Result<(), bus::Error> {
    let mut outcomes = bus.subscribe(subjects::ALL_FEEDBACK).await?;
    loop {
        let message = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            message = outcomes.next() => message,
        };
        let Some(message) = message else { return Ok(()) };
        let feedback = match encoding::from_protobuf::<v1::Feedback>("Feedback", &message.payload) {
            Ok(feedback) => feedback,
            Err(error) => {
                tracing::warn!(%error, "a message of feedback cannot be read");
                continue;
            }
        };
        if let Err(error) = feedback.validate() {
            tracing::warn!(%error, "a message of feedback is refused");
            continue;
        }
        let catalogue = server.model_catalogue.snapshot();
        if let Some(endpoint) = catalogue.endpoints.get(&feedback.endpoint) {
            endpoint.recent.outcomes(&feedback.request_id, &feedback.outcomes);
        }
    }
}
