//! Results without the values of some columns: those of personal data.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::result::{ExpectationResult, SuiteResult};

/// What results tell of a column whose values are withheld: counts and rows.
const TOLD: [&str; 11] = [
    "element_count",
    "missing_count",
    "missing_percent",
    "unexpected_count",
    "unexpected_percent",
    "unexpected_percent_total",
    "unexpected_percent_nonmissing",
    "unexpected_index_column_names",
    "partial_unexpected_index_list",
    "unexpected_index_list",
    "unexpected_index_query",
];
/// Entries that have values of several columns of a row.
const OF_ROWS: [&str; 3] =
    ["unexpected_rows", "partial_unexpected_index_list", "unexpected_index_list"];
/// Entry of a result's `meta` that says what is withheld.
const WITHHELD: &str = "withheld";

impl SuiteResult {
    /// Takes the values of these columns out of the results, and notes in the `meta` of each what is not there. `why` says the
    /// reason, and the option that shows them.
    pub fn withhold(&mut self, columns: &BTreeSet<String>, why: &str) {
        if columns.is_empty() {
            return;
        }
        for result in &mut self.results {
            withhold(result, columns, why);
        }
    }
}

impl ExpectationResult {
    /// Of which columns values are withheld, and why, in words; none where all are told.
    #[must_use]
    pub fn withheld(&self) -> Option<String> {
        let told = self.meta.get(WITHHELD)?;
        let names: Vec<&str> =
            told.get("columns")?.as_array()?.iter().filter_map(Json::as_str).collect();
        let reason = told.get("reason")?.as_str()?;
        Some(format!("values of `{}` are withheld: {reason}", names.join("`, `")))
    }
}

fn withhold(result: &mut ExpectationResult, columns: &BTreeSet<String>, why: &str) {
    let mut withheld: BTreeSet<&str> = BTreeSet::new();
    let arguments = &result.expectation_config.kwargs;
    let about = columns.iter().map(String::as_str);
    withheld.extend(about.filter(|name| arguments.values().any(|value| names(value, name))));
    if !withheld.is_empty() {
        result.result.retain(|key, _| TOLD.contains(&key.as_str()));
        let exception = &mut result.exception_info.exception_message;
        if exception.is_some() {
            // Words about a value may repeat it.
            *exception = Some("it cannot be evaluated; the reason is withheld".to_owned());
        }
    }
    for key in OF_ROWS {
        let rows = result.result.get_mut(key).and_then(Json::as_array_mut);
        for row in rows.into_iter().flatten().filter_map(Json::as_object_mut) {
            for name in columns {
                if row.remove(name).is_some() {
                    withheld.insert(name);
                }
            }
        }
    }
    if !withheld.is_empty() {
        let told = json!({"columns": withheld, "reason": why});
        result.meta.insert(WITHHELD.to_owned(), told);
    }
}

/// Whether an argument names a column: as a text or in a list of them, or as a word of a condition or a query.
fn names(argument: &Json, name: &str) -> bool {
    match argument {
        Json::String(text) => text.match_indices(name).any(|(place, found)| {
            let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            let before = text.get(..place).and_then(|before| before.chars().next_back());
            let behind = text.get(place + found.len()..).and_then(|rest| rest.chars().next());
            !is_word(before) && !is_word(behind)
        }),
        Json::Array(values) => values.iter().any(|value| names(value, name)),
        Json::Object(entries) => entries.values().any(|value| names(value, name)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use super::*;

    #[test]
    fn a_column_is_named_as_a_word() {
        let is = |argument: Json| names(&argument, "mail");
        assert!(is(json!("mail")) && is(json!(["a", "mail"])) && is(json!("`mail` > 3 and b")));
        assert!(!is(json!("email")) && !is(json!("mail_count")) && !is(json!(3)));
    }
}
