//! How the model is to be learned: the columns that options name, and whether the problem takes the options.
//!
//! What a request can't say of any table, such as an unknown loss, the contract refuses at the intake; here is refused what its
//! table or its problem does not allow.

use contracts::learning::QUANTILE_LOSS;
use contracts::stages::{ExcludedColumn, MonotoneConstraint, ProblemType, ScopeRequest};
use dataset::ColumnExamination;
use tabular::ColumnType;

use crate::error::{RequestError, did_you_mean};
use crate::task::Task;

/// Reason of the column whose values say how much rows count.
pub(crate) const SAMPLE_WEIGHT: &str = "sample weight";
/// Losses of a target that is nowhere negative.
const OF_AMOUNTS: [&str; 2] = ["poisson", "tweedie"];

/// Columns that options name and whose values have to be looked at, with the option of each.
pub(crate) fn examined<'a>(task: &Task<'a>) -> Vec<(&'static str, &'a str)> {
    let request: &'a ScopeRequest = task.request;
    let weight = std::iter::once(("weight_column", request.weight_column.as_str()));
    let monotone = request.monotone_constraints.iter().map(constrained);
    weight.chain(monotone).filter(|(_, column)| !column.is_empty()).collect()
}

fn constrained(constraint: &MonotoneConstraint) -> (&'static str, &str) {
    ("monotone_constraints", constraint.column.as_str())
}

/// Refuses a column that an option names and the table does not have.
pub(crate) fn missing(option: &str, column: &str, nearest: Vec<String>) -> RequestError {
    let message = format!(
        "the table has no column `{column}`, which {option} names{}",
        did_you_mean(&nearest)
    );
    RequestError::new("column_missing", column, message).suggesting(nearest)
}

/// Checks the columns by what was found of them; `excluded` are those left out, with their reasons.
pub(crate) fn check_columns(
    task: &Task<'_>,
    found: &[ColumnExamination],
    excluded: &[ExcludedColumn],
) -> Result<(), RequestError> {
    let of = |column: &str| found.iter().find(|found| found.name == column);
    for (option, column) in examined(task) {
        let role = |message: String| Err(RequestError::new("column_role", column, message));
        if column == task.target() {
            return role(format!("{option} names the target `{column}`; it takes another column"));
        }
        let Some(of) = of(column) else { return Err(missing(option, column, Vec::new())) };
        if !matches!(of.column_type, ColumnType::Integer | ColumnType::Number) {
            let message = format!(
                "{option} names the column `{column}`, which is {}; it takes a column of numbers",
                of.column_type
            );
            return Err(RequestError::new("column_type", column, message));
        }
        if option == "weight_column" {
            check_weights(of)?;
            continue;
        }
        if column == task.entity_column() || column == task.time_column() {
            return role(format!(
                "{option} names the column `{column}`, which is the entity or the time; it takes an input of the model"
            ));
        }
        if let Some(out) = excluded.iter().find(|out| out.column == column) {
            return role(format!(
                "{option} names the column `{column}`, which is left out ({}); it takes an input of the model",
                out.reason
            ));
        }
    }
    if task.request.group_columns.iter().any(|column| column == task.target()) {
        let target = task.target();
        let message = format!("group_columns names the target `{target}`; it takes other columns");
        return Err(RequestError::new("column_role", target, message));
    }
    Ok(())
}

/// As far as the values are listed: those of a table with very many different ones are checked when it is prepared.
fn check_weights(found: &ColumnExamination) -> Result<(), RequestError> {
    let refuse = |what: String| {
        let message = format!(
            "the weights in `{}` {what}; weight_column takes numbers of 0 or more in every row, some of them more than 0",
            found.name
        );
        Err(RequestError::new("weight_values", found.name.clone(), message))
    };
    if found.missing > 0 {
        return refuse(format!("are missing in {} rows", found.missing));
    }
    let numbers =
        || found.levels.iter().filter_map(|(level, rows)| Some((level.parse::<f64>().ok()?, rows)));
    let negative: u64 = numbers().filter(|(weight, _)| *weight < 0.0).map(|(_, rows)| rows).sum();
    if negative > 0 {
        return refuse(format!("are negative in {negative} rows"));
    }
    if !found.more_levels && numbers().all(|(weight, _)| weight == 0.0) {
        return refuse("are 0 in all rows".to_owned());
    }
    Ok(())
}

/// Whether a problem of this type takes the options of the request.
pub(crate) fn check_problem(
    request: &ScopeRequest,
    problem_type: ProblemType,
    target: Option<&ColumnExamination>,
) -> Result<(), RequestError> {
    let kind = problem_type;
    let refuse = |code, field: &str, message: String| Err(RequestError::new(code, field, message));
    let regression = problem_type == ProblemType::Regression;
    if !request.loss.is_empty() && !regression {
        let message = format!(
            "the loss `{}` does not apply to a {kind} problem; a loss can be chosen for a regression, so leave it out",
            request.loss
        );
        return refuse("loss_not_applicable", "loss", message);
    }
    let negative = |found: &ColumnExamination| {
        found.levels.iter().any(|(level, _)| level.parse::<f64>().is_ok_and(|value| value < 0.0))
    };
    if OF_AMOUNTS.contains(&request.loss.as_str()) && target.is_some_and(negative) {
        let message = format!(
            "the loss `{}` needs a target of 0 or more, and there are negative values; squared, absolute, huber and {QUANTILE_LOSS} take them",
            request.loss
        );
        return refuse("loss_not_applicable", "loss", message);
    }
    if let Some(threshold) = &request.threshold
        && problem_type != ProblemType::Binary
    {
        let message = format!(
            "a threshold for `{}` was asked for, but a {kind} problem has no decision threshold; only one of two classes has, so leave it out",
            threshold.metric
        );
        return refuse("threshold_not_applicable", "threshold", message);
    }
    if request.balance_classes && regression {
        let message = "balance_classes was asked for, but a regression has no classes; give a weight_column, or leave it out";
        return refuse("balance_not_applicable", "balance_classes", message.to_owned());
    }
    if let Some(first) = request.monotone_constraints.first()
        && problem_type == ProblemType::Multiclass
    {
        let message = format!(
            "a monotone constraint on `{}` was asked for, but with several classes there is no one prediction that could only rise or fall; leave it out",
            first.column
        );
        return refuse("monotone_not_applicable", "monotone_constraints", message);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
