//! What the broker did not permit.

use std::fmt;

use futures::future::BoxFuture;
use tokio::sync::broadcast;

use crate::{Bus, Error};

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Publish,
    Subscribe,
}

/// A publication or subscription that the broker did not permit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) operation: Operation,
    pub(crate) subject: String,
}

impl Operation {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Subscribe => "subscribe",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Violation {
    /// Reads what nats-server says: `Permissions Violation for Publish to "SUBJECT"`, or `… for Subscription to "SUBJECT"`, with
    /// the queue behind it where there is one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let rest = text.trim_matches('\'').strip_prefix("Permissions Violation for ")?;
        let (operation, quoted) = rest.split_once(" to ")?;
        let operation = match operation {
            "Publish" => Operation::Publish,
            "Subscription" => Operation::Subscribe,
            _ => return None,
        };
        let subject = quoted.trim_start_matches('"').split('"').next()?.to_owned();
        Some(Self { operation, subject })
    }

    /// Whether it is of a request to JetStream about this stream.
    fn names(&self, stream: &str) -> bool {
        self.subject.starts_with("$JS.API.") && self.subject.split('.').any(|token| token == stream)
    }

    /// Whether answers cannot reach this inbox.
    fn closes(&self, inbox: &str) -> bool {
        self.operation == Operation::Subscribe
            && self.subject.strip_prefix(inbox).is_some_and(|rest| rest.starts_with('.'))
    }

    /// Logs and counts it; `tier0_bus_permission_violations_total` has one series per operation, since subjects hold ids of runs.
    pub(crate) fn report(&self) {
        tracing::error!(
            operation = self.operation.as_str(),
            subject = self.subject,
            "the broker does not permit this process's identity to do this"
        );
        let operation = self.operation.as_str();
        metrics::counter!("tier0_bus_permission_violations_total", "operation" => operation)
            .increment(1);
    }
}

impl Bus {
    /// What a request to JetStream gives, or an error as soon as the broker does not permit one that names `stream`. The futures of
    /// the client library are large, so that they are kept apart from those that wait for them.
    pub(crate) async fn permitted<T>(
        &self,
        stream: &str,
        asking: BoxFuture<'_, T>,
    ) -> Result<T, Error> {
        let mut violations = self.violations();
        let denied = async {
            loop {
                match violations.recv().await {
                    Ok(violation) if violation.names(stream) || self.is_deaf_by(&violation) => {
                        return self.denied(violation);
                    }
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => {
                        return std::future::pending().await;
                    }
                }
            }
        };
        tokio::select! {
            given = asking => Ok(given),
            error = denied => Err(error),
        }
    }

    fn is_deaf_by(&self, violation: &Violation) -> bool {
        violation.closes(&contracts::names::inbox_prefix(self.name()))
    }

    fn denied(&self, violation: Violation) -> Error {
        if self.is_deaf_by(&violation) {
            return Error::OtherIdentity { name: self.name().to_owned() };
        }
        let Violation { operation, subject } = violation;
        Error::NotPermitted { operation: operation.as_str(), subject, name: self.name().to_owned() }
    }

    /// Waits until the broker says that this process may not publish to a subject, or not hear the answer.
    pub(crate) async fn not_permitted(
        &self,
        violations: &mut broadcast::Receiver<Violation>,
        subject: &str,
    ) -> Error {
        loop {
            match violations.recv().await {
                Ok(violation)
                    if self.is_deaf_by(&violation)
                        || (violation.operation == Operation::Publish
                            && violation.subject == subject) =>
                {
                    return self.denied(violation);
                }
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_names_what_was_tried() {
        let read = |text| Violation::parse(text).map(|read| (read.operation, read.subject));
        assert_eq!(
            read("Permissions Violation for Publish to \"tier0.v1.handoff.x.R.0\""),
            Some((Operation::Publish, "tier0.v1.handoff.x.R.0".to_owned()))
        );
        assert_eq!(
            read("'Permissions Violation for Subscription to \"a.>\" using queue \"q\"'"),
            Some((Operation::Subscribe, "a.>".to_owned()))
        );
        assert_eq!(read("Authorization Violation"), None);
    }
}
