//! What is said of columns that are no inputs: every one, with its reason and the option that keeps it.

use std::collections::BTreeMap;

use contracts::stages::{ExcludedColumn, Scope};
use statistics::Finding;

use crate::issues::{columns, noted};

/// Reason of a column that is left out because its values are personal data; what they look like follows.
pub(crate) const PERSONAL: &str = "personal data";

/// One finding for each reason. Columns that only make groups or weights are no inputs either, and are told like the others.
pub(crate) fn findings(excluded: &[ExcludedColumn], scope: &Scope) -> Vec<Finding> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for of in excluded {
        by_reason.entry(&of.reason).or_default().push(&of.column);
    }
    let told = |(reason, names): (&str, Vec<&str>)| {
        let (subject, verb) = if names.len() == 1 { ("column", "is") } else { ("columns", "are") };
        let message = format!(
            "{subject} {} {verb} left out: {reason}; {}",
            columns(&names),
            way_in(reason, &names, scope)
        );
        let column = if let [one] = names.as_slice() { *one } else { "" };
        noted("column_left_out", column, 0, message)
    };
    by_reason.into_iter().map(told).collect()
}

/// What lets the columns in.
fn way_in(reason: &str, names: &[&str], scope: &Scope) -> &'static str {
    match reason {
        "requested" => "the request or the catalogue says so (`--exclude-column`, excludeColumns)",
        "sample weight" => "it says how much each row counts (`--sample-weight`, weightColumn)",
        "known after the event" => "the catalogue says so (known_after_event)",
        "all missing" => "there is nothing to be learned from",
        "constant" => "there is nothing to be learned from",
        _ if names == [scope.entity_column.as_str()] => {
            "it says whom a row is about (entityColumn in the request, or the catalogue)"
        }
        _ => "`--keep-column COLUMN` (requireColumns in the request) keeps it",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test")]

    use super::*;

    #[test]
    fn every_column_is_said_with_its_reason_and_the_way_in() {
        let of = |column: &str, reason: &str| ExcludedColumn {
            column: column.to_owned(),
            reason: reason.to_owned(),
        };
        let scope = Scope { entity_column: "owner".to_owned(), ..Scope::default() };
        let excluded = [
            of("one", "constant"),
            of("two", "constant"),
            of("owner", "identifier"),
            of("code", "identifier: hardly a text repeats"),
            of("notes", "requested"),
        ];
        let found = findings(&excluded, &scope);
        let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(messages.len(), 4);
        assert!(messages[0].starts_with("columns `one` and `two` are left out: constant"));
        assert!(messages[1].contains("`owner`") && messages[1].contains("entityColumn"));
        assert!(messages[2].contains("`code`") && messages[2].contains("--keep-column"));
        assert!(messages[3].contains("`notes`") && messages[3].contains("excludeColumns"));
        assert!(found.iter().all(|one| !one.blocking));
        assert_eq!((found[0].column.as_str(), found[2].column.as_str()), ("", "code"));
    }
}
