//! What the listeners share: the versions, the bounds, and where answers are offered for publication.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::catalogue::{Resolved, Shelf};
use crate::config::Serving;
use crate::error::InferError;
use crate::events::{Offers, Served};
use crate::explain::explain;
use crate::load::{Admission, Load};
use crate::predict::{Predicted, predict};
use crate::protocol::v2::{self, Encoded};
use crate::protocol::{self, Answer, Input};

/// Name of the server in the protocols.
pub const NAME: &str = "tier0-model-server";
/// Extensions of the Open Inference Protocol that it has.
pub const EXTENSIONS: [&str; 2] = ["binary_tensor_data", "model_repository"];

/// The state of the data plane.
#[derive(Debug)]
pub struct Server {
    /// Versions.
    pub shelf: Shelf,
    /// Configuration.
    pub serving: Serving,
    /// Bearer token that callers have to give, where there is one.
    pub token: Option<String>,
    load: Load,
    offers: Offers,
    ready: AtomicBool,
    draining: AtomicBool,
}

/// What a request says about itself, whatever its protocol.
#[derive(Debug)]
pub struct About {
    /// The version that answers it.
    pub resolved: Resolved,
    /// Bytes of its body.
    pub bytes: usize,
    /// When its last byte had come.
    pub begun: Instant,
    /// Its identity, where a header gives one.
    pub id: Option<String>,
    /// Its trace context, where it has one.
    pub traceparent: Option<String>,
    /// When it has to be answered.
    pub until: Instant,
    /// The right to work on it; given back when the work ends.
    pub admission: Admission,
}

/// What a protocol makes of the work: the rows it read and the identity they came with.
#[derive(Debug)]
pub struct Question<W> {
    /// The columns.
    pub input: Input,
    /// Identity that the body gives.
    pub id: Option<String>,
    /// What the writer of the answer needs to know of the request.
    pub wanted: W,
}

impl Server {
    /// A server that holds nothing yet.
    pub fn new(serving: Serving, token: Option<String>, offers: Offers) -> Self {
        Self {
            shelf: Shelf::default(),
            load: Load::new(&serving),
            serving,
            token,
            offers,
            ready: AtomicBool::new(false),
            draining: AtomicBool::new(false),
        }
    }

    /// Says that the deployments there were at the start have been applied.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// Whether requests can be answered.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
            && !self.is_draining()
            && self.shelf.snapshot().is_ready()
    }

    /// Says that the process is about to end: it is ready no more, and each connection's next answer is its last.
    pub fn set_draining(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the process is about to end.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// When a request that comes now has to be answered: as configured, or earlier where its caller says so.
    pub fn until(&self, asked: Option<Duration>) -> Instant {
        let longest = Duration::from_secs(self.serving.request_seconds);
        Instant::now() + asked.map_or(longest, |asked| asked.min(longest))
    }

    /// Admits a request whose body has at most so many bytes, or turns it away.
    pub fn admit(&self, bytes: usize) -> Result<Admission, InferError> {
        self.load.admit(bytes)
    }

    /// Reads, predicts and writes: inline where that is short, else on a thread for it. Then counts, and offers the
    /// answer for publication if it was live traffic.
    pub async fn infer<W, T, R, E>(
        &self,
        about: About,
        read: R,
        write: E,
    ) -> Result<(T, String), InferError>
    where
        T: Send + 'static,
        W: 'static,
        R: FnOnce(&Resolved) -> Result<Question<W>, InferError> + Send + 'static,
        E: FnOnce(&Answer, &W) -> Result<T, InferError> + Send + 'static,
    {
        let About { resolved, bytes, begun, id, traceparent, until, admission } = about;
        let most_rows = self.serving.max_rows;
        let pace = Arc::clone(&resolved.version);
        let work = move || {
            let question = read(&resolved)?;
            let id = question.id.or(id).unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
            let predicted = predict(&resolved, question.input, id, most_rows)?;
            let written = write(&predicted.answer, &question.wanted)?;
            drop(admission);
            Ok((written, predicted, resolved))
        };
        let (written, predicted, resolved) = self.load.work(&pace.pace, bytes, until, work).await?;
        let Predicted { answer, table } = predicted;
        let latency = begun.elapsed();
        let id = answer.id.clone();
        resolved.version.meters.answered(answer.rows, latency.as_secs_f64());
        if resolved.live {
            self.publish(Served {
                table,
                answer,
                digest: resolved.version.digest.clone(),
                at: SystemTime::now(),
                latency,
                traceparent,
            });
        }
        Ok((written, id))
    }

    /// Explains the rows of a request, on a thread for long work. No event is published: nothing is predicted.
    pub async fn explain(
        &self,
        about: About,
        read: impl FnOnce() -> Result<v2::Request, InferError> + Send + 'static,
    ) -> Result<(Encoded, String), InferError> {
        let About { resolved, id, until, admission, .. } = about;
        let most_rows = self.serving.max_explained_rows;
        let work = move || {
            let request = read()?;
            let id = request.id.or(id).unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
            let (input, by) = (request.input, request.explain_by);
            let go_on = || Instant::now() < until;
            let explained = explain(&resolved, input, id, by, most_rows, go_on)?;
            let written = protocol::explain::write(&explained, &request.wanted)?;
            resolved.version.meters.explained(explained.explanations.rows);
            drop(admission);
            Ok((written, explained.id))
        };
        self.load.apart(until, work).await?
    }

    fn publish(&self, served: Served) {
        self.offers.offer(served);
    }

    /// Longest wait for a body.
    pub fn body_time(&self) -> Duration {
        Duration::from_secs(self.serving.body_seconds)
    }
}

/// Whether a bearer token is the right one, in a time that does not tell how much of it is.
pub fn is_token(given: &str, expected: &str) -> bool {
    let (given, expected) = (given.as_bytes(), expected.as_bytes());
    let differences = given.iter().zip(expected).fold(0, |all, (a, b)| all | (a ^ b));
    differences == 0 && given.len() == expected.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_right() {
        assert!(is_token("abc", "abc"));
        for wrong in ["", "ab", "abd", "abcd"] {
            assert!(!is_token(wrong, "abc"));
        }
    }
}
