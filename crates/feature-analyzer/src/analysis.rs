//! From the training and validation splits to a feature plan.

use statistics::Profile;
use tabular::cleaning::CleaningPlan;
use tabular::plan::{FeaturePlan, HeldOut, Options, RejectedCandidate, Summary, fit_judged};
use tabular::target::{Target, encode_with};
use tabular::{ProblemType, Table};

use crate::config::Features;
use crate::construct::{self, FittedBase};
use crate::error::FeatureError;

/// What is to be predicted, and what must not be looked at.
#[derive(Clone, Debug)]
pub struct Task {
    /// The column to be predicted.
    pub target: String,
    /// The type of problem.
    pub problem: ProblemType,
    /// The classes in the order of the outputs; empty for regression.
    pub classes: Vec<String>,
    /// Columns that must not be features, each with the reason.
    pub excluded: Vec<(String, String)>,
    /// The column of the moment that each row is predicted at, where the rows were split by it. Its absolute time is no feature;
    /// what comes again of it is, and times of other columns are measured from it.
    pub prediction_point: Option<String>,
}

impl Task {
    /// The target of a split's table.
    ///
    /// # Errors
    /// Where it is not there, is missing in a row, or has a class that is not known.
    pub(crate) fn encoded(
        &self,
        table: &Table,
        split: &'static str,
    ) -> Result<Target, FeatureError> {
        encode_with(table, &self.target, self.problem, &self.classes)
            .map_err(|source| FeatureError::Target { split, source })
    }
}

/// Tables of the splits that features are made from.
#[derive(Clone, Debug)]
pub struct Splits {
    /// What is learned from.
    pub train: Table,
    /// What constructed features are measured on.
    pub validation: Table,
}

/// A feature plan, and why it is as it is.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Feature plan with all fitted values.
    pub plan: FeaturePlan,
    /// Its features, in order.
    pub summaries: Vec<Summary>,
    /// What was not kept.
    pub rejected: Vec<RejectedCandidate>,
    /// Gained on validation data by constructed features; 0 where none was kept.
    pub validation_gain: f64,
}

/// Makes a feature plan. The profile is that of all training rows; the splits may hold some of them.
///
/// # Errors
/// When the target cannot be encoded or nothing can be a feature.
pub fn analyse(
    splits: &Splits,
    task: &Task,
    (cleaning, profile): (&CleaningPlan, &Profile),
    options: &Features,
) -> Result<Analysis, FeatureError> {
    let train_target = task.encoded(&splits.train, "training")?;
    let validation_target = task.encoded(&splits.validation, "validation")?;
    let mut excluded = task.excluded.clone();
    let prediction_point = task.prediction_point.as_deref();
    // Rows may be split by a number, too; of a number it is not known what comes again.
    if let Some(field) = prediction_point.and_then(|name| splits.train.field(name))
        && !field.column_type.is_temporal()
        && excluded.iter().all(|(column, _)| *column != field.name)
    {
        excluded.push((field.name.clone(), "time that the rows are split by".to_owned()));
    }
    let mut left_out: Vec<&str> = vec![&task.target];
    left_out.extend(excluded.iter().map(|(column, _)| column.as_str()));
    let (train, validation) =
        (splits.train.without(&left_out), splits.validation.without(&left_out));

    let plan_options =
        Options { prediction_point: task.prediction_point.clone(), ..options.plan_options() };
    let held_out = HeldOut { table: &validation, target: &validation_target };
    let fitted = fit_judged(&train, &train_target, Some(held_out), cleaning, &plan_options)?;
    let mut rejected: Vec<RejectedCandidate> = excluded
        .iter()
        .filter(|(column, _)| splits.train.field(column).is_some() && *column != task.target)
        .map(|(column, reason)| RejectedCandidate { name: column.clone(), reason: reason.clone() })
        .collect();
    rejected.extend(fitted.rejected);
    let base = FittedBase {
        plan: fitted.plan,
        summaries: fitted.summaries,
        profile,
        train: &train,
        validation: &validation,
        train_target: &train_target,
        validation_target: &validation_target,
    };
    let constructed = construct::construct(base, options)?;
    rejected.extend(constructed.rejected);
    Ok(Analysis {
        plan: constructed.plan,
        summaries: constructed.summaries,
        rejected,
        validation_gain: constructed.gain,
    })
}

#[cfg(test)]
mod tests;
