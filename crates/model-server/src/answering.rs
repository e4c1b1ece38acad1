//! How a request becomes an answer where several versions take part: fallbacks and ensembles.
//!
//! Invariants:
//! - A version that fails costs its breaker, not the caller, as long as another one can answer.
//! - What is wrong with the request speaks against no version.

use std::sync::Arc;
use std::time::Duration;

use contracts::v1::RoutingMode;
use scoring::Predictions;
use tabular::Table;

use crate::catalogue::ResolvedVersion;
use crate::ensemble::{EnsembleVote, combine};
use crate::error::InferError;
use crate::loaded::LoadedVersion;
use crate::predict::{PredictionOutcome, answer};
use crate::protocol::Input;

/// Validates the rows, has them scored by the version, or by another where it fails, or by all members of an ensemble, and names the outputs.
///
/// # Errors
/// Where the rows do not fit, or no version could score them.
pub(crate) fn answered(
    resolved: &ResolvedVersion,
    input: Input,
    id: String,
    most_rows: usize,
    now: impl Fn() -> Duration,
) -> Result<PredictionOutcome, InferError> {
    let place = &resolved.place;
    let chosen = &resolved.version;
    let table = match chosen.frame.table(input, most_rows) {
        Ok(table) => table,
        Err(error) => {
            if resolved.live
                && let Some(counts) = place.counts.get(&chosen.number)
            {
                counts.abandoned();
            }
            return Err(error);
        }
    };
    if !resolved.live {
        let predictions = score(&resolved.endpoint, chosen, &table, false)?;
        return answer(resolved, chosen, table, predictions, id);
    }
    if place.router.mode == RoutingMode::Ensemble {
        return ensemble(resolved, table, id, &now);
    }
    let failure = match attempt(resolved, chosen, &table, &now) {
        Ok(predictions) => return answer(resolved, chosen, table, predictions, id),
        Err(failure) => failure,
    };
    for other in place.substitutes(chosen.number) {
        if !admitted(resolved, &other, &now) {
            continue;
        }
        if let Ok(predictions) = attempt(resolved, &other, &table, &now) {
            place.replaced(chosen.number);
            let mut predicted = answer(resolved, &other, table, predictions, id)?;
            predicted.answer.fallback_from = Some(chosen.number);
            return Ok(predicted);
        }
    }
    Err(failure)
}

/// All members answer, and their answers become one. Those that fail are left out and named.
fn ensemble(
    resolved: &ResolvedVersion,
    table: Table,
    id: String,
    now: &impl Fn() -> Duration,
) -> Result<PredictionOutcome, InferError> {
    let place = &resolved.place;
    let live = place.live.as_ref().unwrap_or(&resolved.version);
    let mut votes = Vec::new();
    let mut silent = Vec::new();
    let mut failure = None;
    for (number, weight) in &place.router.shares {
        let Some(member) = place.versions.get(number) else { continue };
        // The one that was picked for the request has been admitted with it.
        if *number != resolved.version.number && !admitted(resolved, member, now) {
            silent.push(*number);
            continue;
        }
        match attempt(resolved, member, &table, now) {
            Ok(predictions) if member.classes() == live.classes() => {
                votes.push(EnsembleVote { version: *number, weight: *weight, predictions });
            }
            Ok(_) => silent.push(*number),
            Err(error) => {
                failure = Some(error);
                silent.push(*number);
            }
        }
    }
    let combined = combine(&votes, &place.router.combination, &live.scorer);
    let Some(predictions) = combined else {
        return Err(failure.unwrap_or(InferError::internal("no member of the ensemble answered")));
    };
    let live = Arc::clone(live);
    let mut predicted = answer(resolved, &live, table, predictions, id)?;
    predicted.answer.members = votes.iter().map(|vote| vote.version).collect();
    predicted.answer.silent = silent;
    Ok(predicted)
}

fn admitted(
    resolved: &ResolvedVersion,
    version: &LoadedVersion,
    now: &impl Fn() -> Duration,
) -> bool {
    resolved.place.counts.get(&version.number).is_none_or(|counts| counts.admit(now()))
}

/// Has a version that was admitted score the rows, and counts what came of it.
fn attempt(
    resolved: &ResolvedVersion,
    version: &LoadedVersion,
    table: &Table,
    now: &impl Fn() -> Duration,
) -> Result<Predictions, InferError> {
    let scored = score(&resolved.endpoint, version, table, true);
    if let Some(counts) = resolved.place.counts.get(&version.number) {
        match &scored {
            Ok(predictions) => counts.succeeded(now(), predictions),
            Err(_) => counts.failed(now()),
        }
    }
    scored
}

/// Scores rows that were read for this or another version of the endpoint.
///
/// # Errors
/// Where they lack a column of this version, or it cannot score them.
pub(crate) fn score(
    endpoint: &str,
    version: &LoadedVersion,
    table: &Table,
    is_traffic: bool,
) -> Result<Predictions, InferError> {
    crate::fault::score(endpoint, version.number, is_traffic)?;
    let fields = version.frame.fields();
    let same = table.fields() == fields;
    if same {
        return version.scorer.score(table).map_err(InferError::Score);
    }
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let own = table.select(&names).map_err(InferError::Table)?;
    if own.fields() != fields {
        return Err(InferError::internal("the versions of the endpoint have different inputs"));
    }
    version.scorer.score(&own).map_err(InferError::Score)
}
