//! Requests, answers and plain subscriptions.

use std::time::Duration;

use async_nats::{Message, RequestErrorKind, Subscriber};
use bytes::Bytes;
use futures::FutureExt as _;

use crate::{Bus, Error, Headers};

impl Bus {
    /// Sends a message and waits for one answer, at most `timeout`.
    pub async fn request(
        &self,
        subject: &str,
        headers: Headers,
        payload: Bytes,
        timeout: Duration,
    ) -> Result<Message, Error> {
        let request =
            async_nats::Request::new().headers(headers).payload(payload).timeout(Some(timeout));
        let mut violations = self.violations();
        let answer = tokio::select! {
            answer = self.client().send_request(subject.to_owned(), request).boxed() => answer,
            error = self.not_permitted(&mut violations, subject) => return Err(error),
        };
        answer.map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => Error::NoResponders { subject: subject.to_owned() },
            RequestErrorKind::TimedOut => {
                Error::TimedOut { subject: subject.to_owned(), seconds: timeout.as_secs_f64() }
            }
            _ => Error::Request { subject: subject.to_owned(), source: error.into() },
        })
    }

    /// Messages of a subject as they are published, to every subscriber.
    pub async fn subscribe(&self, subject: &str) -> Result<Subscriber, Error> {
        self.client()
            .subscribe(subject.to_owned())
            .await
            .map_err(|source| Error::Request { subject: subject.to_owned(), source: source.into() })
    }

    /// Waits until the broker has answered a round trip, at most `limit`.
    pub async fn ping(&self, limit: Duration) -> Result<(), Error> {
        let subject = "PING".to_owned();
        match tokio::time::timeout(limit, self.client().flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(source)) => Err(Error::Request { subject, source: source.into() }),
            Err(_elapsed) => Err(Error::TimedOut { subject, seconds: limit.as_secs_f64() }),
        }
    }
}
