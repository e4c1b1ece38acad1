//! A message that has to be put aside, wherever it was found.

use std::time::SystemTime;

use bus::{Delivery, Headers};
use bytes::Bytes;
use contracts::{Agent, RunId, subjects, time, v1};

/// A message as it came.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) stream: String,
    pub(super) sequence: u64,
    pub(super) subject: String,
    pub(super) headers: Headers,
    pub(super) payload: Bytes,
    pub(super) deliveries: u32,
}

impl From<&Delivery> for Letter {
    fn from(delivery: &Delivery) -> Self {
        Self {
            stream: delivery.stream().to_owned(),
            sequence: delivery.stream_sequence,
            subject: delivery.subject.clone(),
            headers: delivery.headers.clone(),
            payload: delivery.payload.clone(),
            deliveries: u32::try_from(delivery.attempt).unwrap_or(u32::MAX),
        }
    }
}

impl Letter {
    /// The run and epoch that the subject names.
    pub(super) fn run(&self) -> Option<(RunId, u32)> {
        match subjects::Subject::parse(&self.subject) {
            Ok(subjects::Subject::Handoff { run, epoch, .. }) => Some((run, epoch)),
            _ => None,
        }
    }

    /// As it is kept.
    pub(super) fn dead(&self, agent: Agent, reason: v1::Failure) -> v1::DeadLetter {
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
