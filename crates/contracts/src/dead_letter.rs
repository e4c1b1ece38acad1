//! What kind of message was put aside.

use std::fmt;

use crate::subjects::Subject;
use crate::{failures, v1};

/// What kind of message was put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadLetterKind {
    /// A request that was refused for what it says; its requester was told why.
    RefusedRequest,
    /// A message that the fleet could not handle.
    FailedMessage,
}

impl DeadLetterKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::RefusedRequest, Self::FailedMessage];

    /// The name in JSON, in commands and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RefusedRequest => "refused_request",
            Self::FailedMessage => "failed_message",
        }
    }

    /// The kind of a dead letter, by the subject of its message and the reason.
    #[must_use]
    pub fn of(letter: &v1::DeadLetter) -> Self {
        let code = letter.reason.as_ref().map_or("", |reason| reason.code.as_str());
        match Subject::parse(&letter.subject) {
            Ok(Subject::Request) => Self::of_request(code),
            _ => Self::FailedMessage,
        }
    }

    /// The kind of a request that was put aside for a reason of this code.
    #[must_use]
    pub fn of_request(code: &str) -> Self {
        let is_of_the_fleet =
            [failures::ATTEMPTS_EXHAUSTED, failures::REQUEST_NOT_STORED].contains(&code);
        if is_of_the_fleet { Self::FailedMessage } else { Self::RefusedRequest }
    }
}

impl fmt::Display for DeadLetterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects;

    #[test]
    fn what_a_caller_wrote_wrong_is_told_from_what_the_fleet_could_not_do() {
        let of = |subject: &str, code: &str| {
            DeadLetterKind::of(&v1::DeadLetter {
                subject: subject.to_owned(),
                reason: Some(failures::failure(code, "why")),
                ..v1::DeadLetter::default()
            })
        };
        let handoff = "tier0.v1.handoff.model-trainer.r1.0";
        for (subject, code, expected) in [
            (subjects::REQUEST, "unknown_field", DeadLetterKind::RefusedRequest),
            (subjects::REQUEST, "request_not_stored", DeadLetterKind::FailedMessage),
            (subjects::REQUEST, "attempts_exhausted", DeadLetterKind::FailedMessage),
            (handoff, "unknown_field", DeadLetterKind::FailedMessage),
            ("", "", DeadLetterKind::FailedMessage),
        ] {
            assert_eq!(of(subject, code), expected, "{subject} {code}");
        }
    }
}
