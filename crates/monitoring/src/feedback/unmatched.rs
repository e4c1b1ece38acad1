//! Outcomes for which no prediction was found.

use serde::{Deserialize, Serialize};

use crate::traffic::Sequences;

/// The number of outcomes of an endpoint that have no prediction. Stored as JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UnmatchedCount {
    /// Sequences of their messages of feedback.
    feedback: Sequences,
    /// Number of outcomes.
    pub count: u64,
}

impl UnmatchedCount {
    /// Counts the outcomes of a message of feedback, by its sequence; false where they were counted already.
    pub fn add(&mut self, feedback: u64, outcomes: u64) -> bool {
        if !self.feedback.insert(feedback) {
            return false;
        }
        self.feedback.bound();
        self.count += outcomes;
        true
    }
}
