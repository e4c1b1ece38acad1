//! Messages that could not be handled.

use std::time::SystemTime;

use async_nats::{HeaderName, HeaderValue};
use bytes::Bytes;
use contracts::{Agent, RunId, subjects, time, v1};
use prost::Message as _;

use crate::{Bus, Delivery, Error, Headers, MESSAGE_ID};

/// Bytes of the original that a dead letter keeps; the rest of its message needs room as well.
const MAX_ORIGINAL_BYTES: usize = 768 * 1024;

/// A message that has to be put aside, as it came.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The stream that keeps it.
    pub stream: String,
    /// Its sequence there, from 1.
    pub sequence: u64,
    /// NATS subject of the message.
    pub subject: String,
    /// NATS headers of the message.
    pub headers: Headers,
    /// Body of the message, as it was published.
    pub payload: Bytes,
    /// How often it was delivered, from 1.
    pub deliveries: u32,
}

impl DeadLetter {
    /// The message of a delivery.
    #[must_use]
    pub fn from_delivery(delivery: &Delivery) -> Self {
        Self {
            stream: delivery.stream().to_owned(),
            sequence: delivery.stream_sequence,
            subject: delivery.subject.clone(),
            headers: delivery.headers.clone(),
            payload: delivery.payload.clone(),
            deliveries: u32::try_from(delivery.attempt).unwrap_or(u32::MAX),
        }
    }

    /// The run and epoch, where the subject is that of a handoff.
    #[must_use]
    pub fn run(&self) -> Option<(RunId, u32)> {
        match subjects::Subject::parse(&self.subject) {
            Ok(subjects::Subject::Handoff { run, epoch, .. }) => Some((run, epoch)),
            _ => None,
        }
    }

    /// The letter as it is stored, with the agent that puts the message aside and its reason.
    #[must_use]
    pub fn because(&self, agent: Agent, reason: v1::Failure) -> v1::DeadLetter {
        let headers = self.headers.iter().map(|(name, values)| {
            let values: Vec<&str> = values.iter().map(|value| value.as_str()).collect();
            (name.to_string(), values.join(", "))
        });
        v1::DeadLetter {
            id: format!("{}.{}", self.stream, self.sequence),
            agent: agent.as_str().to_owned(),
            subject: self.subject.clone(),
            payload: self.payload.to_vec(),
            headers: headers.collect(),
            reason: Some(reason),
            deliveries: self.deliveries,
            at: Some(time::timestamp(SystemTime::now())),
            truncated: false,
            run_id: self.run().map(|(run, _)| run.into_string()).unwrap_or_default(),
        }
    }
}

/// The headers of the message that a stored letter keeps, without the broker's own: its message id would be taken for a repetition.
#[must_use]
pub fn original_headers(letter: &v1::DeadLetter) -> Headers {
    let mut headers = Headers::new();
    let own =
        letter.headers.iter().filter(|(name, _)| !name.to_ascii_lowercase().starts_with("nats-"));
    for (name, value) in own {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            headers.insert(name, value);
        }
    }
    headers
}

impl Bus {
    /// Stores a dead letter; one of the same id is stored once within the broker's deduplication window.
    pub async fn dead_letter(&self, letter: v1::DeadLetter) -> Result<u64, Error> {
        let mut letter = letter;
        if letter.payload.len() > MAX_ORIGINAL_BYTES {
            letter.payload.truncate(MAX_ORIGINAL_BYTES);
            letter.truncated = true;
        }
        let mut headers = Headers::new();
        headers.insert(MESSAGE_ID, format!("dead.{}.{}", letter.agent, letter.id).as_str());
        let agent: Agent = letter.agent.parse()?;
        let run =
            if letter.run_id.is_empty() { None } else { Some(RunId::new(letter.run_id.as_str())?) };
        let subject = subjects::dead_letter(agent, run.as_ref());
        self.publish(&subject, headers, letter.encode_to_vec().into()).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use contracts::names;

    use super::*;

    #[test]
    fn the_brokers_own_headers_are_left_out() {
        let headers = [("Nats-Msg-Id", "a"), (names::CONTENT_TYPE, names::JSON)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let letter = v1::DeadLetter { headers: headers.into(), ..v1::DeadLetter::default() };
        let headers = original_headers(&letter);
        assert!(headers.get("Nats-Msg-Id").is_none());
        assert_eq!(headers.get(names::CONTENT_TYPE).unwrap().as_str(), names::JSON);
    }

    #[test]
    fn a_letter_keeps_the_message_and_names_its_run() {
        let mut headers = Headers::new();
        headers.append("a", "1");
        headers.append("a", "2");
        let message = |subject: &str| DeadLetter {
            stream: "TIER0".to_owned(),
            sequence: 7,
            subject: subject.to_owned(),
            headers: headers.clone(),
            payload: Bytes::from_static(b"\xff\x00"),
            deliveries: 3,
        };
        let run = RunId::new("r1").unwrap();
        let reason = v1::Failure { code: "rejected".to_owned(), ..v1::Failure::default() };
        let handoff = message(&subjects::handoff(Agent::ModelTrainer, &run, 2));
        assert_eq!(handoff.run(), Some((run, 2)));
        let letter = handoff.because(Agent::ModelTrainer, reason.clone());
        assert_eq!((letter.id.as_str(), letter.run_id.as_str()), ("TIER0.7", "r1"));
        assert_eq!((letter.payload.as_slice(), letter.deliveries), (&b"\xff\x00"[..], 3));
        assert_eq!(letter.headers.get("a").unwrap(), "1, 2");
        assert_eq!(letter.reason.as_ref(), Some(&reason));
        let request = message(subjects::REQUEST).because(Agent::ScopeDefiner, reason);
        assert_eq!(request.run_id, "");
    }
}
