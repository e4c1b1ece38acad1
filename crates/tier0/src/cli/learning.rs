//! The definition of how a model is learned: options of `tier0 submit` and `tier0 run`.

use clap::Args;
use clap::builder::PossibleValuesParser;
use contracts::learning::{LOSSES, threshold};
use contracts::v1::{MonotoneConstraint, MonotoneDirection, ThresholdObjective};

/// How a model is learned, and what it may cost.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Learning")]
pub struct LearningArgs {
    /// Most trials of the search; with it, runs of one seed, table and number give the same model bit for bit, unless the time budget ends them first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub trials: Option<u32>,
    /// Serve the model that was judged, instead of the same recipe fitted again on more rows
    #[arg(long)]
    pub keep_judged: bool,
    /// Numeric column that says how much each row counts, 0 or more; it is no input of the model
    #[arg(long, value_name = "COLUMN")]
    pub sample_weight: Option<String>,
    /// A numeric input with which the prediction only rises (increasing) or only falls (decreasing); may be given more than once
    #[arg(long, value_name = "COLUMN=DIRECTION", value_parser = monotone)]
    pub monotone: Vec<MonotoneConstraint>,
    /// What a regression minimises [default: what suits the metric]
    #[arg(long, value_name = "LOSS", value_parser = PossibleValuesParser::new(LOSSES))]
    pub loss: Option<String>,
    /// The quantile that a regression predicts, between 0 and 1; the loss is then quantile
    #[arg(long, value_name = "Q", value_parser = quantile)]
    pub quantile: Option<f64>,
    /// What the decision threshold of two classes is chosen for: f1, f-beta:BETA, cost:FALSE_POSITIVE:FALSE_NEGATIVE,
    /// precision-at-k:ROWS, mcc or accuracy [default: f1]
    #[arg(long, value_name = "OBJECTIVE", value_parser = objective)]
    pub threshold: Option<ThresholdObjective>,
    /// A column whose values are segments that metrics are reported for, an input or not; may be given more than once
    #[arg(long, value_name = "COLUMN")]
    pub group: Vec<String>,
    /// Let each class count as much as any other, however rare it is
    #[arg(long)]
    pub balance_classes: bool,
    /// Fewest rows that are trained on, where fewer than usual are to do [default: 500 for two classes, 1000 for more, 300 for a regression]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub min_rows: Option<u64>,
    /// Longest time to predict one row, in milliseconds
    #[arg(long, value_name = "MS", value_parser = positive)]
    pub max_latency_ms: Option<f64>,
    /// Largest bundle of the model, in bytes
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_model_bytes: Option<u64>,
    /// Most memory that training may take, in bytes
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_memory_bytes: Option<u64>,
    /// Linear models only, which a person can read
    #[arg(long)]
    pub interpretable: bool,
}

/// Parses a constraint such as `age=increasing`.
fn monotone(text: &str) -> Result<MonotoneConstraint, ParseMonotoneError> {
    // A column's name may have the sign in it.
    let (column, direction) = text.rsplit_once('=').ok_or(ParseMonotoneError)?;
    let direction = match direction {
        "increasing" => MonotoneDirection::Increasing,
        "decreasing" => MonotoneDirection::Decreasing,
        _ => return Err(ParseMonotoneError),
    };
    if column.is_empty() {
        return Err(ParseMonotoneError);
    }
    Ok(MonotoneConstraint { column: column.to_owned(), direction: direction.into() })
}

/// A text that is no monotone constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected COLUMN=increasing or COLUMN=decreasing, such as age=increasing")]
pub(super) struct ParseMonotoneError;

/// Reads a number between 0 and 1, both excluded.
fn quantile(text: &str) -> Result<f64, ParseNumberError> {
    let number = text.parse().ok().filter(|number| *number > 0.0 && *number < 1.0);
    number.ok_or(ParseNumberError { expected: "a number between 0 and 1, such as 0.9" })
}

/// Reads a number above 0.
fn positive(text: &str) -> Result<f64, ParseNumberError> {
    let number = text.parse().ok().filter(|number: &f64| *number > 0.0 && number.is_finite());
    number.ok_or(ParseNumberError { expected: "a number above 0" })
}

/// A text that is no number, or one out of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub(super) struct ParseNumberError {
    expected: &'static str,
}

/// Reads `f1`, `f-beta:2`, `cost:1:10`, `precision-at-k:100`, `mcc` or `accuracy`.
fn objective(text: &str) -> Result<ThresholdObjective, ParseObjectiveError> {
    let mut parts = text.split(':');
    let metric = parts.next().unwrap_or_default().replace('-', "_");
    let numbers: Vec<&str> = parts.collect();
    let parsed = |number: &str| number.parse::<f64>().ok().filter(|number| number.is_finite());
    let none = ThresholdObjective::default();
    let objective = match (metric.as_str(), numbers.as_slice()) {
        (threshold::F1 | threshold::MCC | threshold::ACCURACY, []) => Some(none),
        (threshold::F_BETA, [beta]) => {
            parsed(beta).filter(|beta| *beta > 0.0).map(|beta| ThresholdObjective { beta, ..none })
        }
        (threshold::COST, [positive, negative]) => parsed(positive)
            .zip(parsed(negative))
            .filter(|(positive, negative)| {
                *positive >= 0.0 && *negative >= 0.0 && positive + negative > 0.0
            })
            .map(|(false_positive_cost, false_negative_cost)| ThresholdObjective {
                false_positive_cost,
                false_negative_cost,
                ..none
            }),
        (threshold::PRECISION_AT_K, [k]) => {
            k.parse().ok().filter(|k| *k > 0).map(|k| ThresholdObjective { k, ..none })
        }
        _ => None,
    };
    objective.map(|objective| ThresholdObjective { metric, ..objective }).ok_or(ParseObjectiveError)
}

/// A text that a threshold cannot be chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected f1, mcc, accuracy, f-beta:BETA with BETA above 0, cost:FALSE_POSITIVE:FALSE_NEGATIVE with costs of 0 or more \
     of which one is above 0, or precision-at-k:ROWS with 1 row or more"
)]
pub(super) struct ParseObjectiveError;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn objectives_are_read() {
        let none = ThresholdObjective::default();
        let named = |metric: &str| ThresholdObjective { metric: metric.to_owned(), ..none.clone() };
        assert_eq!(objective("f1"), Ok(named("f1")));
        assert_eq!(objective("f-beta:2"), Ok(ThresholdObjective { beta: 2.0, ..named("f_beta") }));
        assert_eq!(
            objective("f_beta:0.5"),
            Ok(ThresholdObjective { beta: 0.5, ..named("f_beta") })
        );
        let cost = ThresholdObjective {
            false_positive_cost: 1.0,
            false_negative_cost: 12.5,
            ..named("cost")
        };
        assert_eq!(objective("cost:1:12.5"), Ok(cost));
        assert_eq!(
            objective("precision-at-k:100"),
            Ok(ThresholdObjective { k: 100, ..named("precision_at_k") })
        );
        for wrong in [
            "",
            "f2",
            "f1:2",
            "f-beta",
            "f-beta:0",
            "f-beta:x",
            "cost:1",
            "cost:-1:2",
            "cost:0:0",
            "cost:nan:1",
            "precision-at-k:0",
            "precision-at-k:1.5",
            "roc_auc",
        ] {
            assert_eq!(objective(wrong), Err(ParseObjectiveError), "{wrong}");
        }
    }

    #[test]
    fn constraints_are_read() {
        let read = monotone("a=b=decreasing").unwrap();
        assert_eq!(
            (read.column.as_str(), read.direction()),
            ("a=b", MonotoneDirection::Decreasing)
        );
        for wrong in ["age", "age=up", "=increasing", ""] {
            assert_eq!(monotone(wrong), Err(ParseMonotoneError), "{wrong}");
        }
    }

    #[test]
    fn numbers_are_checked() {
        assert_eq!(quantile("0.9").unwrap(), 0.9);
        assert_eq!(positive("1e3").unwrap(), 1000.0);
        for wrong in ["0", "1", "nan", "-0.1", "x"] {
            assert!(quantile(wrong).is_err(), "{wrong}");
        }
        for wrong in ["0", "-1", "nan", "inf"] {
            assert!(positive(wrong).is_err(), "{wrong}");
        }
    }
}
