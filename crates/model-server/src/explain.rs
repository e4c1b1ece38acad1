//! From a request's columns to explanations of its predictions. Pure.

use tabular::ProblemType;

use crate::catalogue::Resolved;
use crate::error::InferError;
use crate::protocol::Input;
use crate::protocol::explain::Explained;

/// Validates the rows and explains them; `go_on` is asked before each.
pub(crate) fn explain(
    resolved: &Resolved,
    input: Input,
    id: String,
    by: scoring::By,
    most_rows: usize,
    go_on: impl FnMut() -> bool,
) -> Result<Explained, InferError> {
    let version = &resolved.version;
    let table = version.frame.table(input, most_rows).map_err(|error| match error {
        InferError::TooManyRows { limit } => InferError::TooManyToExplain { limit },
        error => error,
    })?;
    let explanations = version.scorer.explain(&table, by, go_on).map_err(|error| match error {
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
    Ok(Explained {
        model: resolved.endpoint.clone(),
        version: version.number,
        id,
        margin_of,
        explanations,
    })
}
