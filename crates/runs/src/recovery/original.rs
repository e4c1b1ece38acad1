//! The message that a dead letter holds.

use contracts::subjects::Subject;
use contracts::v1;
use contracts::{ValidHandoff, encoding};

use super::RecoveryError;

/// What a dead letter holds.
#[derive(Debug, Clone, PartialEq)]
pub enum OriginalMessage {
    /// A request, which is sent again as it came.
    Request,
    /// A handoff, whose subject is taken: its run is driven anew with it.
    Handoff(Box<ValidHandoff>),
}

/// What a dead letter holds, where it can be repeated.
///
/// # Errors
/// [`RecoveryError::Truncated`], [`RecoveryError::Unreadable`], [`RecoveryError::NotRepeatable`].
pub fn original(letter: &v1::DeadLetter) -> Result<OriginalMessage, RecoveryError> {
    if letter.truncated {
        return Err(RecoveryError::Truncated { id: letter.id.clone() });
    }
    let subject = Subject::parse(&letter.subject).map_err(|_| not_repeatable(letter))?;
    let content_type = letter.headers.get(contracts::names::CONTENT_TYPE).map(String::as_str);
    match subject {
        Subject::Request => Ok(OriginalMessage::Request),
        Subject::Handoff { .. } => {
            let handoff = encoding::decode_handoff(content_type, &letter.payload)
                .map_err(|source| RecoveryError::Unreadable { id: letter.id.clone(), source })?;
            if handoff.subject() != letter.subject {
                return Err(not_repeatable(letter));
            }
            Ok(OriginalMessage::Handoff(Box::new(handoff)))
        }
        _ => Err(not_repeatable(letter)),
    }
}

pub(super) fn not_repeatable(letter: &v1::DeadLetter) -> RecoveryError {
    RecoveryError::NotRepeatable { id: letter.id.clone(), subject: letter.subject.clone() }
}
