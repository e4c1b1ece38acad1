//! Failures, made in one form.

use std::time::SystemTime;

use crate::{Agent, ContractError, time, v1};

/// Code of a message that was given up after all of its deliveries.
pub const ATTEMPTS_EXHAUSTED: &str = "attempts_exhausted";
/// Code of a request that was understood, and whose run could not be begun.
pub const REQUEST_NOT_STORED: &str = "request_not_stored";

/// A failure with what every one has; [`v1::Failure::about`], [`v1::Failure::suggesting`] and [`v1::Failure::by`] add the rest.
///
/// ```
/// let failure = contracts::failures::failure("target_missing", "column `churned` is not there")
///     .about("churned")
///     .suggesting(["churn".to_owned()]);
/// assert_eq!(failure.suggestions, ["churn"]);
/// ```
#[must_use]
pub fn failure(code: impl Into<String>, message: impl Into<String>) -> v1::Failure {
    v1::Failure { code: code.into(), message: message.into(), ..v1::Failure::default() }
}

/// A refusal by the contract, with the field as its subject and the nearest known names as suggestions.
#[must_use]
pub fn of_contract(error: &ContractError) -> v1::Failure {
    let suggestions = match error {
        ContractError::UnknownField { field, known, .. } => nearest(field, known),
        ContractError::UnknownAgent { found } => {
            nearest(found, &Agent::ALL.map(|agent| agent.as_str().to_owned()))
        }
        _ => Vec::new(),
    };
    v1::Failure {
        subject: error.subject().to_owned(),
        suggestions,
        ..failure(error.code(), with_causes(error))
    }
}

impl v1::Failure {
    /// The same failure about a field, column or file.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// The same failure with close alternatives.
    #[must_use]
    pub fn suggesting(mut self, suggestions: impl IntoIterator<Item = String>) -> Self {
        self.suggestions = suggestions.into_iter().collect();
        self
    }

    /// The same failure, of an agent at a time.
    #[must_use]
    pub fn by(mut self, agent: Agent, at: SystemTime) -> Self {
        agent.as_str().clone_into(&mut self.agent);
        self.at = Some(time::timestamp(at));
        self
    }
}

/// An error's message with those of its causes: `what: why: why`.
#[must_use]
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// At most three of `known` that are close to `text`, the closest first.
#[must_use]
pub fn nearest(text: &str, known: &[String]) -> Vec<String> {
    let text = text.to_lowercase();
    let mut close: Vec<(usize, &String)> = known
        .iter()
        .map(|name| (distance(&text, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance * 2 <= name.chars().count().max(2))
        .collect();
    close.sort();
    close.into_iter().take(3).map(|(_, name)| name.clone()).collect()
}

/// Edits (insertion, deletion, substitution) from one text to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(256).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(256).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for (to, above) in b.iter().zip(row.iter().skip(1)) {
            let substituted = diagonal + usize::from(from != *to);
            left = substituted.min(left + 1).min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_are_few_and_close() {
        let known = ["target", "text", "time_column", "seed"].map(str::to_owned);
        assert_eq!(nearest("Tarqet", &known), ["target"]);
        assert_eq!(nearest("tex", &known), ["text"]);
        assert!(nearest("inclusion", &known).is_empty());
        assert!(nearest("", &known).is_empty());
    }

    #[test]
    fn edits_are_counted() {
        for (a, b, edits) in [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("a", "a", 0)]
        {
            assert_eq!(distance(a, b), edits, "{a} {b}");
            assert_eq!(distance(b, a), edits, "{b} {a}");
        }
    }
}
