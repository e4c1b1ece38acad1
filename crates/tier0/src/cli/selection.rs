//! The definition of which rows and columns are learned from, and what a model has to reach: options of `tier0 submit` and `tier0 run`.

use clap::{Args, ValueEnum};
use contracts::v1::{Criterion, SplitMethod};
use tabular::metrics::{Metric, ThresholdError};

/// Which rows and columns are learned from, and what the model has to reach.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Rows, columns and gates")]
pub struct SelectionArgs {
    /// A column that is not used; may be given more than once
    #[arg(long, value_name = "COLUMN")]
    pub exclude_column: Vec<String>,
    /// A column that is kept although it looks like an identifier, personal data or free text; may be given more than once
    #[arg(long, value_name = "COLUMN")]
    pub keep_column: Vec<String>,
    /// A column that may tell the target all but alone, because it is known before; may be given more than once
    #[arg(long, value_name = "COLUMN")]
    pub allow_leakage: Vec<String>,
    /// Column that says which rows are of the same entity: no entity is in two splits
    #[arg(long, value_name = "COLUMN")]
    pub entity_column: Option<String>,
    /// Column of the time that a row is about; where no --split is given, the latest rows judge
    #[arg(long, value_name = "COLUMN")]
    pub time_column: Option<String>,
    /// How rows are divided into training, validation and test [default: by the entity where it repeats, by the time where --time-column is given, else at random within each class]
    #[arg(long, value_enum)]
    pub split: Option<Division>,
    /// Leave out rows that equal an earlier one in every column [default: they are kept and counted]
    #[arg(long)]
    pub drop_duplicates: bool,
    /// Least quality score that is trained on, 0 to 1 [default: as the data-preparer is configured, 0.8]
    #[arg(long, value_name = "SCORE", value_parser = share)]
    pub min_quality: Option<f64>,
    /// A threshold that the model has to reach on the test split, such as roc_auc=0.8; in place of the default criteria; may be given more than once
    #[arg(long, value_name = "METRIC=VALUE", value_parser = gate)]
    pub gate: Vec<Criterion>,
    /// Let the default threshold of the metric gate, as ROC AUC of 0.75 [default: it warns, and what gates is that the model is better than the baseline]
    #[arg(long, conflicts_with = "gate")]
    pub strict: bool,
}

/// How rows are divided into splits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Division {
    /// At random.
    Random,
    /// At random within each class of the target.
    Stratified,
    /// All rows of an entity in the same split.
    Entity,
    /// The earliest rows to learn from, the latest to judge.
    Time,
}

impl From<Division> for SplitMethod {
    fn from(division: Division) -> Self {
        match division {
            Division::Random => Self::Random,
            Division::Stratified => Self::Stratified,
            Division::Entity => Self::Entity,
            Division::Time => Self::Time,
        }
    }
}

/// Reads a number from 0 to 1.
fn share(text: &str) -> Result<f64, ParseShareError> {
    text.parse().ok().filter(|number| (0.0..=1.0).contains(number)).ok_or(ParseShareError)
}

/// A text that is no number from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a number from 0 to 1, such as 0.6")]
pub(super) struct ParseShareError;

/// Reads a gate such as `roc_auc=0.8`; which metrics fit, the scope-definer knows.
fn gate(text: &str) -> Result<Criterion, ParseGateError> {
    let (metric, threshold) = text.split_once('=').ok_or(ParseGateError::Form)?;
    let threshold = threshold.parse().ok().filter(|number: &f64| number.is_finite());
    match threshold {
        Some(threshold) if !metric.is_empty() => {
            if let Some(known) = Metric::by_name(metric) {
                known.check_threshold(threshold).map_err(ParseGateError::Range)?;
            }
            Ok(Criterion { metric: metric.to_owned(), threshold, gate: true })
        }
        _ => Err(ParseGateError::Form),
    }
}

/// A text that is no gate.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub(super) enum ParseGateError {
    /// It is not written as one.
    #[error("expected METRIC=VALUE, such as roc_auc=0.8")]
    Form,
    /// No model can be held against it.
    #[error(transparent)]
    Range(ThresholdError),
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn gates_and_scores_are_read() {
        let read = gate("roc_auc=0.8").unwrap();
        assert_eq!((read.metric.as_str(), read.threshold, read.gate), ("roc_auc", 0.8, true));
        assert_eq!(gate("r2=-1").unwrap().threshold, -1.0);
        for wrong in ["roc_auc", "=0.8", "roc_auc=", "roc_auc=high", "roc_auc=nan", ""] {
            assert_eq!(gate(wrong), Err(ParseGateError::Form), "{wrong}");
        }
        for wrong in ["roc_auc=2", "rmse=-1", "mcc=-1.5", "r2=1.1", "f1=70"] {
            assert!(matches!(gate(wrong), Err(ParseGateError::Range(_))), "{wrong}");
        }
        assert_eq!(share("0"), Ok(0.0));
        for wrong in ["-0.1", "1.1", "nan", "x", ""] {
            assert_eq!(share(wrong), Err(ParseShareError), "{wrong}");
        }
    }
}
