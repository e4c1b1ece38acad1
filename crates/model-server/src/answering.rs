//! How a request becomes an answer where several versions take part: fallbacks and ensembles.
//!
//! Invariants:
//! - A version that fails costs its breaker, not the caller, as long as another one can answer.
//! - What is wrong with the request speaks against no version; what one version refuses and the stable one takes is not wrong.

use std::sync::Arc;
use std::time::Duration;

use contracts::v1::RoutingMode;
use scoring::Predictions;
use tabular::Table;

use crate::catalogue::{Endpoint, ResolvedVersion};
use crate::ensemble::{EnsembleVote, combine};
use crate::error::InferError;
use crate::frame::FramedRows;
use crate::loaded::LoadedVersion;
use crate::predict::{PredictionOutcome, answer};
use crate::protocol::Input;

/// Validates the rows, has them scored by the version, or by another where it fails, or by all members of an ensemble, and names the outputs.
///
/// Rows that do not fit a version beside the stable one are answered by the stable one where they fit that: it is what
/// their caller knows. The other version is charged with a failure, so that its rollout is judged by it.
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
    let rows = RequestRows { place, most_rows };
    if !resolved.live {
        let framed = rows.framed(chosen, input)?;
        let predictions = score(&resolved.endpoint, chosen, &framed.table, false)?;
        return answer(resolved, chosen, framed, predictions, id);
    }
    let spare = place.has_other_inputs.then(|| input.clone());
    let framed = match rows.framed(chosen, input) {
        Ok(framed) => framed,
        Err(error) => return misfit(resolved, &rows, spare, id, error, &now),
    };
    if place.router.mode == RoutingMode::Ensemble {
        return ensemble(resolved, framed, id, &now);
    }
    let failure = match attempt(resolved, chosen, &framed.table, &now) {
        Ok(predictions) => return answer(resolved, chosen, framed, predictions, id),
        Err(failure) => failure,
    };
    for other in place.substitutes(chosen.number) {
        let Some(framed) = rows.for_other(&other, &framed, spare.as_ref()) else { continue };
        if !admitted(resolved, &other, &now) {
            continue;
        }
        if let Ok(predictions) = attempt(resolved, &other, &framed.table, &now) {
            place.replaced(chosen.number);
            let mut predicted = answer(resolved, &other, framed, predictions, id)?;
            predicted.answer.fallback_from = Some(chosen.number);
            return Ok(predicted);
        }
    }
    Err(failure)
}

/// How the rows of a request become what a version takes.
struct RequestRows<'a> {
    place: &'a Endpoint,
    most_rows: usize,
}

impl RequestRows<'_> {
    fn framed(&self, version: &LoadedVersion, input: Input) -> Result<FramedRows, InferError> {
        let is_spare = |name: &str| self.place.is_earlier_input(name);
        version.frame.table(input, self.most_rows, is_spare)
    }

    /// The rows as another version takes them: from the table of the first where that has all its inputs, else from the request.
    fn for_other(
        &self,
        other: &LoadedVersion,
        first: &FramedRows,
        spare: Option<&Input>,
    ) -> Option<FramedRows> {
        let fields = first.table.fields();
        if other.frame.fields().iter().all(|field| fields.contains(field)) {
            return Some(FramedRows { table: first.table.clone(), ignored: first.ignored });
        }
        self.framed(other, spare?.clone()).ok()
    }
}

/// Rows that do not fit the version that was to answer.
fn misfit(
    resolved: &ResolvedVersion,
    rows: &RequestRows<'_>,
    spare: Option<Input>,
    id: String,
    error: InferError,
    now: &impl Fn() -> Duration,
) -> Result<PredictionOutcome, InferError> {
    let place = &resolved.place;
    let chosen = &resolved.version;
    let stable = place.live.as_ref().filter(|live| live.number != chosen.number);
    let (Some(stable), Some(input)) = (stable, spare) else {
        resolved.abandon();
        return Err(error);
    };
    // What fits neither is the caller's fault, and is told in the words of the version that callers know.
    let framed = rows.framed(stable, input).inspect_err(|_| resolved.abandon())?;
    if let Some(counts) = place.counts.get(&chosen.number) {
        counts.failed(now());
    }
    place.replaced(chosen.number);
    // The stable one answers in the end, open or not: an attempt is better than none.
    admitted(resolved, stable, now);
    let predictions = attempt(resolved, stable, &framed.table, now)?;
    let mut predicted = answer(resolved, stable, framed, predictions, id)?;
    predicted.answer.fallback_from = Some(chosen.number);
    Ok(predicted)
}

/// All members answer, and their answers become one. Those that fail are left out and named.
fn ensemble(
    resolved: &ResolvedVersion,
    framed: FramedRows,
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
        match attempt(resolved, member, &framed.table, now) {
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
    let mut predicted = answer(resolved, &live, framed, predictions, id)?;
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
