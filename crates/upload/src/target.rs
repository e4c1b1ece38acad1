//! Which columns may be what is to be predicted.

use std::cmp::Reverse;

use schemars::JsonSchema;
use serde::Serialize;

use crate::PreviewedColumn;

/// Most columns that are proposed.
pub const MAX_TARGETS: usize = 8;
/// Names by which tables mark what is to be predicted, in lower case and without what stands between words.
const NAMES: [&str; 12] = [
    "target",
    "label",
    "class",
    "y",
    "outcome",
    "response",
    "churn",
    "churned",
    "survived",
    "default",
    "converted",
    "fraud",
];

/// A column that may be what is to be predicted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TargetChoice {
    /// Name of the column.
    pub column: String,
    /// The type of problem that it makes: `binary`, `multiclass` or `regression`.
    pub problem_type: String,
    /// Why it is proposed, in words.
    pub reason: String,
}

/// The columns that may be what is to be predicted, the likeliest first: by their names, their place and their values.
pub(crate) fn choices(columns: &[PreviewedColumn]) -> Vec<TargetChoice> {
    let last = columns.len().saturating_sub(1);
    let mut ranked: Vec<(Rank, TargetChoice)> = columns
        .iter()
        .enumerate()
        .filter_map(|(place, column)| {
            let problem_type = column.problem_type.clone()?;
            if column.personal.is_some() || is_identifier(column) {
                return None;
            }
            let rank = Rank {
                is_named: is_named(&column.name),
                is_binary: column.distinct == 2,
                is_last: place == last,
                has_all: column.missing == 0,
            };
            let reason = rank.reason(&problem_type, column);
            Some((rank, TargetChoice { column: column.name.clone(), problem_type, reason }))
        })
        .collect();
    // The order of the table decides between equals.
    ranked.sort_by_key(|(rank, _)| Reverse(*rank));
    ranked.truncate(MAX_TARGETS);
    ranked.into_iter().map(|(_, choice)| choice).collect()
}

/// What speaks for a column, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    is_named: bool,
    is_last: bool,
    is_binary: bool,
    has_all: bool,
}

impl Rank {
    fn reason(self, problem_type: &str, column: &PreviewedColumn) -> String {
        let values = match problem_type {
            "regression" => "numbers".to_owned(),
            _ => format!("{} different values", column.distinct),
        };
        let mut reasons = vec![values];
        if self.is_named {
            reasons.push("its name is one of a target".to_owned());
        }
        if self.is_last {
            reasons.push("it is the last column".to_owned());
        }
        if !self.has_all {
            reasons.push(format!("{} rows lack it", column.missing));
        }
        reasons.join("; ")
    }
}

/// Whether the values tell the rows apart, as a number of a row or of a person does; a measured number is told by its fractions.
fn is_identifier(column: &PreviewedColumn) -> bool {
    column.column_type != "number" && column.present > 2 && column.distinct == column.present
}

fn is_named(name: &str) -> bool {
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let is_name = |word: &str| NAMES.contains(&word);
    is_name(&words.concat())
        || words.first().is_some_and(|word| is_name(word))
        || words.last().is_some_and(|word| is_name(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, column_type: &str, distinct: u64, problem: &str) -> PreviewedColumn {
        PreviewedColumn {
            name: name.to_owned(),
            column_type: column_type.to_owned(),
            missing: 0,
            distinct,
            personal: None,
            examples: Vec::new(),
            problem_type: (!problem.is_empty()).then(|| problem.to_owned()),
            present: 100,
        }
    }

    fn proposed(columns: &[PreviewedColumn]) -> Vec<String> {
        choices(columns).into_iter().map(|choice| choice.column).collect()
    }

    #[test]
    fn names_go_before_places_and_places_before_values() {
        let columns = [
            column("id", "integer", 100, "regression"),
            column("is_active", "boolean", 2, "binary"),
            column("churn_label", "integer", 2, "binary"),
            column("day", "date", 40, ""),
            column("plan", "text", 4, "multiclass"),
            PreviewedColumn {
                personal: Some("its name says so".to_owned()),
                ..column("email", "text", 2, "binary")
            },
            column("spent", "number", 100, "regression"),
        ];
        assert_eq!(proposed(&columns), ["churn_label", "spent", "is_active", "plan"]);
    }

    #[test]
    fn words_within_words_are_no_names() {
        for (name, expected) in [
            ("Class", true),
            ("target value", true),
            ("y", true),
            ("years", false),
            ("classic", false),
            ("default_risk", true),
        ] {
            assert_eq!(is_named(name), expected, "{name}");
        }
        let many: Vec<PreviewedColumn> =
            (0..30).map(|place| column(&format!("c{place}"), "number", 50, "regression")).collect();
        assert_eq!(choices(&many).len(), MAX_TARGETS);
        assert!(choices(&[]).is_empty());
    }
}
