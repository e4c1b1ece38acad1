//! From a request's columns to explanations of its predictions. Pure.

use tabular::ProblemType;

use crate::catalogue::ResolvedVersion;
use crate::error::InferError;
use crate::protocol::Input;
use crate::protocol::explain::ExplainedRows;

/// Validates the rows and explains them; `go_on` is asked before each.
pub(crate) fn explain(
    resolved: &ResolvedVersion,
    input: Input,
    id: String,
    by: scoring::ExplainBy,
    most_rows: usize,
    go_on: impl FnMut() -> bool,
) -> Result<ExplainedRows, InferError> {
    let version = &resolved.version;
    let is_spare = |name: &str| resolved.place.is_earlier_input(name);
    let framed = version.frame.table(input, most_rows, is_spare).map_err(|error| match error {
        InferError::TooManyRows { limit } => InferError::TooManyToExplain { limit },
        error => error,
    })?;
    let explanations =
        version.scorer.explain(&framed.table, by, go_on).map_err(|error| match error {
            scoring::ExplainError::Stopped => InferError::DeadlineExceeded,
            scoring::ExplainError::Score(error) => InferError::Score(error),
            error => InferError::Unexplainable(error),
        })?;
    let signature = version.scorer.signature();
    let margin_of = match (signature.problem_type, signature.classes.as_slice()) {
        (ProblemType::Regression, _) => signature.target.clone(),
        (_, [_, second]) => format!("log-odds of {second}"),
        (_, classes) => format!("score of each of {}", classes.join(", ")),
    };
    Ok(ExplainedRows {
        model: resolved.endpoint.clone(),
        version: version.number,
        id,
        margin_of,
        explanations,
        ignored: framed.ignored,
    })
}
