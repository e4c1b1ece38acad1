//! Outcomes of predictions on their way to the task that joins them.

use std::time::SystemTime;

use bus::{Bus, Headers, MESSAGE_ID, PublishedOnce};
use contracts::v1::Feedback;
use contracts::{ContractError, Validate as _, encoding, names, subjects, time};
use pbjson_types::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What became of outcomes that were told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeedbackDocument {
    /// Their identities, in the order of the request.
    pub feedback_ids: Vec<String>,
    /// How many were stored now.
    pub published: usize,
    /// How many the broker had already.
    pub duplicates: usize,
}

/// Outcomes of one request's rows, or of one entity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcomes {
    /// Identity of the request, as in its answer; empty where an entity is meant.
    pub request_id: String,
    /// Whom the outcome is of; empty where a request is meant.
    pub entity_id: String,
    /// One for each row in its order, empty where it is not known; one for an entity.
    pub outcomes: Vec<String>,
    /// When they were observed; when they were told where that is not said.
    pub observed_at: Option<Timestamp>,
    /// Identity of the message; none for [`identity`].
    pub feedback_id: Option<String>,
}

impl Outcomes {
    /// The message, told at `at`.
    ///
    /// # Errors
    /// [`ContractError`], where it breaks the contract.
    pub fn message(self, endpoint: &str, at: SystemTime) -> Result<Feedback, ContractError> {
        let feedback_id = self.feedback_id.clone();
        let feedback = Feedback {
            feedback_id: feedback_id.unwrap_or_else(|| identity(endpoint, &self)),
            endpoint: endpoint.to_owned(),
            request_id: self.request_id,
            outcomes: self.outcomes,
            at: Some(time::timestamp(at)),
            entity_id: self.entity_id,
            observed_at: self.observed_at,
        };
        feedback.validate()?;
        encoding::encode_bounded(&feedback)?;
        Ok(feedback)
    }

    /// Whether no outcome is known.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.outcomes.iter().all(String::is_empty)
    }
}

/// The identity of outcomes: a digest of the endpoint, of what they are about, of the outcomes and of when they were observed,
/// so that a caller that sends them again sends the same message, however much later.
#[must_use]
pub fn identity(endpoint: &str, of: &Outcomes) -> String {
    let mut digest = Sha256::new();
    // A length before each part, so that no two lists of parts are the same bytes.
    let mut part = |text: &str| {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    };
    for text in ["tier0.v1.feedback", endpoint, &of.request_id, &of.entity_id] {
        part(text);
    }
    match &of.observed_at {
        Some(at) => part(&format!("{}.{:09}", at.seconds, at.nanos)),
        None => part(""),
    }
    of.outcomes.iter().for_each(|outcome| part(outcome));
    hex::encode(digest.finalize())
}

/// Stores outcomes in their stream, and tells whether they were there already. A broker that does not answer is asked again,
/// with the same identity.
///
/// # Errors
/// Where the endpoint has no name, the message is too large, or the broker does not store it.
pub async fn publish(bus: &Bus, feedback: &Feedback) -> Result<PublishedOnce, super::PublishError> {
    let subject = subjects::feedback(&feedback.endpoint)?;
    let mut headers = Headers::new();
    headers.insert(MESSAGE_ID, feedback.feedback_id.as_str());
    headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
    let payload = encoding::encode_bounded(feedback)?;
    Ok(bus.publish_named(&subject, headers, payload).await?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn of_request(id: &str, outcomes: &[&str]) -> Outcomes {
        Outcomes {
            request_id: id.to_owned(),
            outcomes: outcomes.iter().map(|text| (*text).to_owned()).collect(),
            ..Outcomes::default()
        }
    }

    #[test]
    fn what_is_told_again_has_the_same_identity_and_nothing_else_has() {
        let one = of_request("r", &["Yes", "No"]);
        assert_eq!(identity("churn", &one), identity("churn", &one.clone()));
        assert!(contracts::is_digest(&identity("churn", &one)));
        let later =
            Outcomes { observed_at: Some(Timestamp { seconds: 1, nanos: 0 }), ..one.clone() };
        let of_entity =
            Outcomes { entity_id: "r".into(), request_id: String::new(), ..one.clone() };
        let others = [
            ("leads", one.clone()),
            ("churn", of_request("r2", &["Yes", "No"])),
            ("churn", of_request("r", &["YesN", "o"])),
            ("churn", of_request("r", &["Yes", "No", ""])),
            ("churn", later),
            ("churn", of_entity),
        ];
        let mut seen = std::collections::BTreeSet::from([identity("churn", &one)]);
        for (endpoint, other) in others {
            assert!(seen.insert(identity(endpoint, &other)), "{other:?}");
        }
    }

    #[test]
    fn a_message_keeps_the_contract_or_is_not_made() {
        let message = of_request("r", &["Yes", ""]).message("churn", SystemTime::now()).unwrap();
        assert_eq!(message.feedback_id, identity("churn", &of_request("r", &["Yes", ""])));
        let named = Outcomes { feedback_id: Some("f1".into()), ..of_request("r", &["1"]) };
        assert_eq!(named.message("churn", SystemTime::now()).unwrap().feedback_id, "f1");
        let two = Outcomes { entity_id: "e".into(), ..of_request("", &["Yes", "No"]) };
        assert!(two.message("churn", SystemTime::now()).is_err());
        assert!(of_request("", &["Yes"]).message("churn", SystemTime::now()).is_err());
        assert!(of_request("r", &["Yes"]).message("a.b", SystemTime::now()).is_err());
        assert!(of_request("r", &["", ""]).says_nothing());
    }
}
