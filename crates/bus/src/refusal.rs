//! What the broker means when it does not store a message: that it has no room, that it cannot just now, or that it never will.
//!
//! The client library tells few of these apart. What it does not know by name is told here by the broker's own numbers.

use std::error::Error as StdError;

use async_nats::jetstream::{self, ErrorCode};

/// Why a message was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublishRefusal {
    /// There is no room: of the server, of the account or of the stream.
    Full {
        /// What the broker says.
        description: String,
    },
    /// A cluster without a leader, a stream that is being moved, a publication of the same subject under way: the same
    /// publication may succeed in a moment.
    Temporary,
    /// The message is larger than its stream takes.
    TooLarge,
    /// It will be the same another time.
    Final,
}

/// What the broker means by an error; none where it was not the broker that spoke.
pub(crate) fn refusal(error: &(dyn StdError + 'static)) -> Option<PublishRefusal> {
    let answer = answer(error)?;
    Some(classify(answer.error_code(), answer.code(), &answer.to_string()))
}

/// The broker's answer among an error's causes.
fn answer<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a jetstream::Error> {
    let mut error = Some(error);
    while let Some(cause) = error {
        if let Some(answer) = cause.downcast_ref::<jetstream::Error>() {
            return Some(answer);
        }
        error = cause.source();
    }
    None
}

fn classify(code: ErrorCode, status: usize, description: &str) -> PublishRefusal {
    match code {
        ErrorCode::ACCOUNT_RESOURCES_EXCEEDED
        | ErrorCode::INSUFFICIENT_RESOURCES
        | ErrorCode::MEMORY_RESOURCES_EXCEEDED
        | ErrorCode::STORAGE_RESOURCES_EXCEEDED => {
            PublishRefusal::Full { description: description.to_owned() }
        }
        // The store says in words what it lacks: `maximum bytes exceeded`, `no space left on device`.
        ErrorCode::STREAM_STORE_FAILED if is_about_room(description) => {
            PublishRefusal::Full { description: description.to_owned() }
        }
        ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM => PublishRefusal::TooLarge,
        // Another publication of the subject, or of the same id, is on its way through the cluster; or its leader does not
        // know all of it yet. What is refused for good is so by another number.
        ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT
        | ErrorCode::STREAM_DUPLICATE_MESSAGE_CONFLICT
        | ErrorCode::STREAM_EXPECTED_LAST_SEQ_PER_SUBJECT_NOT_READY
        | ErrorCode::STREAM_TOO_MANY_REQUESTS => PublishRefusal::Temporary,
        _ if status >= 500 => PublishRefusal::Temporary,
        _ => PublishRefusal::Final,
    }
}

fn is_about_room(description: &str) -> bool {
    let description = description.to_lowercase();
    ["maximum", "no space", "resource", "quota"].iter().any(|word| description.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_meanings() {
        let full = |text: &str| PublishRefusal::Full { description: text.to_owned() };
        for (code, status, text, expected) in [
            (10023, 503, "insufficient resources", full("insufficient resources")),
            (10047, 500, "insufficient storage", full("insufficient storage")),
            (10077, 503, "maximum bytes exceeded", full("maximum bytes exceeded")),
            (10077, 503, "store is closed", PublishRefusal::Temporary),
            (10008, 503, "JetStream system temporarily unavailable", PublishRefusal::Temporary),
            (10009, 500, "JetStream cluster can not handle request", PublishRefusal::Temporary),
            (10164, 400, "wrong last sequence", PublishRefusal::Temporary),
            (10158, 409, "expected stream sequence is in process", PublishRefusal::Temporary),
            (10054, 400, "message size exceeds maximum allowed", PublishRefusal::TooLarge),
            (10060, 400, "expected stream does not match", PublishRefusal::Final),
        ] {
            assert_eq!(classify(ErrorCode(code), status, text), expected, "{code}");
        }
    }

    #[test]
    fn what_the_broker_did_not_say_is_no_refusal() {
        let error = std::io::Error::other("the cable is cut");
        assert_eq!(refusal(&error), None);
    }
}
