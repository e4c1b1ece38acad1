//! Measuring and ranking, without I/O: the clock comes in as a closure.

use std::time::Duration;

use contracts::stages::{self, Candidate, RejectedAlgorithm, Selection};
use learners::{
    Algorithm, CrossValidation, Examples, Fold, ParameterRange, Task, Workers, cross_validate,
    defaults, learner, stratified_folds, stratified_sample,
};
use tabular::metrics::Metric;

use crate::Error;

/// What is measured, and how.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// What is to be learned.
    pub task: Task,
    /// The metric that decides.
    pub metric: Metric,
    /// Whether only models that a person can read are wanted.
    pub interpretable: bool,
    /// Seed of sample, folds and models.
    pub seed: u64,
    /// Number of folds of the cross-validation.
    pub folds: usize,
    /// Rows of the training split, of which a sample is looked at.
    pub rows: usize,
    /// Time for all of it.
    pub budget: Duration,
    /// Number of processors that may be used.
    pub cores: usize,
    /// Time since some moment.
    pub clock: &'a (dyn Fn() -> Duration + Sync),
    /// Whether the result is no longer wanted.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// An algorithm with what was measured of it.
struct MeasuredCandidate {
    algorithm: Algorithm,
    scores: CrossValidation,
    fit_seconds: f64,
    cut_short: bool,
}

/// Measures every permitted algorithm on a sample of the training split and ranks them. `report` is told how far it is and what comes next.
///
/// # Errors
/// Where the examples are not usable, nothing could be measured, or the work was cancelled.
pub fn select(
    request: &Request<'_>,
    sample: &Examples,
    report: &mut dyn FnMut(f64, &str),
) -> Result<Selection, Error> {
    let folds = stratified_folds(request.task, &sample.target, request.folds, request.seed)?;
    let begun = (request.clock)();
    let end = begun + request.budget;
    let baseline = measure(request, Algorithm::Prior, sample, &folds, end)?;
    let (permitted, mut rejected) = permitted(request);
    let permitted = first_look(request, sample, permitted, &mut rejected, report)?;
    let mut measured = Vec::new();
    for (place, &algorithm) in permitted.iter().enumerate() {
        report(place as f64 / permitted.len() as f64, &format!("cross-validating {algorithm}"));
        // Each algorithm gets an even part of the time that is left.
        let now = (request.clock)();
        let left = u32::try_from(permitted.len() - place).unwrap_or(1).max(1);
        match measure(request, algorithm, sample, &folds, now + end.saturating_sub(now) / left) {
            Ok(result) => measured.push(result),
            Err(learners::Error::Cancelled) => return Err(learners::Error::Cancelled.into()),
            Err(error) => {
                rejected.push(reject(algorithm, contracts::failures::with_causes(&error)))
            }
        }
    }
    if measured.is_empty() {
        let reasons: Vec<String> =
            rejected.iter().map(|r| format!("{}: {}", r.algorithm, r.reason)).collect();
        return Err(Error::NoCandidate { reasons: reasons.join("; ") });
    }
    rank(request.metric, &mut measured);
    Ok(Selection {
        candidates: candidates(request, &measured, baseline.scores.mean, request.rows),
        baseline_score: baseline.scores.mean,
        metric: request.metric.name().to_owned(),
        sample_rows: sample.rows() as u64,
        folds: u32::try_from(folds.len()).unwrap_or(u32::MAX),
        rejected,
        seconds: (request.clock)().saturating_sub(begun).as_secs_f64(),
        warm_starts: Vec::new(),
    })
}

/// Part of the sample that all algorithms are looked at on first, as one over it.
const FIRST_PART: usize = 4;
/// Fewer rows say too little to pass an algorithm over.
const FIRST_ROWS: usize = 1_500;
/// Part of the time that the first look may take, as one over it.
const FIRST_TIME: u32 = 5;
/// So many algorithms are measured on the whole sample in any case.
const MIN_KEPT_ALGORITHMS: usize = 3;
/// An algorithm that gains less than this share of what the best one gains over the prior is passed over.
const MIN_RELATIVE_GAIN: f64 = 0.5;

/// The algorithms that are worth the whole sample: those that come near the best on a part of it.
fn first_look(
    request: &Request<'_>,
    sample: &Examples,
    permitted: Vec<Algorithm>,
    rejected: &mut Vec<RejectedAlgorithm>,
    report: &mut dyn FnMut(f64, &str),
) -> Result<Vec<Algorithm>, Error> {
    let rows = sample.rows() / FIRST_PART;
    if rows < FIRST_ROWS || permitted.len() <= MIN_KEPT_ALGORITHMS {
        return Ok(permitted);
    }
    report(0.0, &format!("looking at {rows} rows first"));
    let part = sample.take(&stratified_sample(request.task, &sample.target, rows, request.seed));
    let folds = stratified_folds(request.task, &part.target, request.folds, request.seed)?;
    let each = request.budget / FIRST_TIME / u32::try_from(permitted.len()).unwrap_or(1).max(1);
    let look = |algorithm| {
        let now = (request.clock)();
        measure(request, algorithm, &part, &folds, now + each)
    };
    let prior = look(Algorithm::Prior)?.scores.mean;
    let mut looked = Vec::with_capacity(permitted.len());
    for &algorithm in &permitted {
        match look(algorithm) {
            // What was cut short, or failed, is looked at again on the whole sample.
            Ok(of) => looked.push((algorithm, Some(of.scores.mean).filter(|_| !of.cut_short))),
            Err(learners::Error::Cancelled) => return Err(learners::Error::Cancelled.into()),
            Err(_) => looked.push((algorithm, None)),
        }
    }
    let gain =
        |score: f64| if request.metric.greater_is_better() { score - prior } else { prior - score };
    let best = looked
        .iter()
        .filter_map(|(algorithm, score)| Some((*algorithm, gain((*score)?))))
        .max_by(|one, other| one.1.total_cmp(&other.1));
    let Some((leader, most)) = best.filter(|(_, gain)| *gain > 0.0) else { return Ok(permitted) };
    let hopeless =
        |score: Option<f64>| score.is_some_and(|score| gain(score) < MIN_RELATIVE_GAIN * most);
    looked.sort_by(|one, other| {
        let of = |score: Option<f64>| score.map_or(f64::INFINITY, gain);
        of(other.1).total_cmp(&of(one.1))
    });
    let passed: Vec<(Algorithm, f64)> = looked
        .into_iter()
        .skip(MIN_KEPT_ALGORITHMS)
        .filter(|(_, score)| hopeless(*score))
        .filter_map(|(algorithm, score)| Some((algorithm, score?)))
        .collect();
    rejected.extend(passed.iter().map(|(algorithm, score)| {
        let reason = format!(
            "{} {score:.4} on {rows} rows, where {leader} gains more than twice as much over the prior's {prior:.4}",
            request.metric
        );
        reject(*algorithm, reason)
    }));
    let kept = |algorithm: &Algorithm| passed.iter().all(|(passed, _)| passed != algorithm);
    Ok(permitted.into_iter().filter(kept).collect())
}

/// Algorithms that may be measured, in the order in which they are, and the others with the reason.
fn permitted(request: &Request<'_>) -> (Vec<Algorithm>, Vec<RejectedAlgorithm>) {
    // The linear models come first: they are quick, and always in the race. Of the others, the most able come first.
    let (linear, others): (Vec<_>, Vec<_>) = Algorithm::ALL
        .into_iter()
        .filter(|algorithm| *algorithm != Algorithm::Prior)
        .partition(|algorithm| algorithm.interpretable());
    let mut permitted = Vec::new();
    let mut rejected = Vec::new();
    for algorithm in linear.into_iter().chain(others.into_iter().rev()) {
        if !learner(algorithm).applies_to(request.task.problem) {
            rejected.push(reject(
                algorithm,
                format!("does not solve {} problems", request.task.problem),
            ));
        } else if request.interpretable && !algorithm.interpretable() {
            rejected.push(reject(algorithm, "an interpretable model is asked for"));
        } else {
            permitted.push(algorithm);
        }
    }
    (permitted, rejected)
}

fn reject(algorithm: Algorithm, reason: impl Into<String>) -> RejectedAlgorithm {
    RejectedAlgorithm { algorithm: algorithm.name().to_owned(), reason: reason.into() }
}

/// Cross-validates an algorithm until `end`: folds share the time, and what has grown by then is measured.
fn measure(
    request: &Request<'_>,
    algorithm: Algorithm,
    sample: &Examples,
    folds: &[Fold],
    end: Duration,
) -> Result<MeasuredCandidate, learners::Error> {
    let space = learner(algorithm).search_space(request.task, sample.rows());
    let workers = Workers::plan(request.cores, sample.rows());
    let begin = (request.clock)();
    let mut all = Vec::with_capacity(folds.len());
    let mut cut_short = false;
    let waves = folds.chunks(workers.parallel.max(1));
    let count = waves.len();
    for (place, wave) in waves.enumerate() {
        if (request.cancelled)() {
            return Err(learners::Error::Cancelled);
        }
        let now = (request.clock)();
        let left = u32::try_from(count - place).unwrap_or(1).max(1);
        let wave_end = now + end.saturating_sub(now) / left;
        let should_stop = || (request.clock)() >= wave_end || (request.cancelled)();
        let scores = cross_validate(&learners::Validation {
            algorithm,
            task: request.task,
            examples: sample,
            folds: wave,
            parameters: &defaults(&space),
            metric: request.metric,
            seed: request.seed,
            workers,
            should_stop: &should_stop,
        })?;
        cut_short |= (request.clock)() >= wave_end;
        all.extend(scores.scores);
    }
    let seconds = (request.clock)().saturating_sub(begin).as_secs_f64();
    let fit_seconds =
        seconds * workers.parallel.min(folds.len()).max(1) as f64 / folds.len().max(1) as f64;
    Ok(MeasuredCandidate {
        algorithm,
        scores: CrossValidation::from_scores(all),
        fit_seconds,
        cut_short,
    })
}

/// The best first; of equal ones the simpler. The best of those that were cut short is at least second: its score is
/// that of half-grown models, and a search that has more time shall not pass it over for that.
fn rank(metric: Metric, measured: &mut [MeasuredCandidate]) {
    let sign = if metric.greater_is_better() { -1.0 } else { 1.0 };
    measured.sort_by(|left, right| {
        (sign * left.scores.mean)
            .total_cmp(&(sign * right.scores.mean))
            .then_with(|| left.algorithm.cmp(&right.algorithm))
    });
    if let Some(passed) = measured.iter().position(|of| of.cut_short).filter(|&place| place > 1)
        && let Some(behind) = measured.get_mut(1..=passed)
    {
        behind.rotate_right(1);
    }
}

fn candidates(
    request: &Request<'_>,
    measured: &[MeasuredCandidate],
    baseline: f64,
    rows: usize,
) -> Vec<Candidate> {
    measured
        .iter()
        .enumerate()
        .map(|(place, of)| Candidate {
            algorithm: of.algorithm.name().to_owned(),
            score: of.scores.mean,
            score_std: of.scores.deviation,
            fit_seconds: of.fit_seconds,
            search_space: learner(of.algorithm)
                .search_space(request.task, rows)
                .iter()
                .map(range)
                .collect(),
            rationale: rationale(request, measured, place, baseline),
            fold_scores: of.scores.scores.clone(),
        })
        .collect()
}

fn rationale(
    request: &Request<'_>,
    measured: &[MeasuredCandidate],
    place: usize,
    baseline: f64,
) -> String {
    let (Some(of), Some(best)) = (measured.get(place), measured.first()) else {
        return String::new();
    };
    let metric = request.metric;
    let CrossValidation { mean, deviation, .. } = of.scores;
    let mut text = format!(
        "{metric} {mean:.4} ± {deviation:.4} with its defaults; the prior has {baseline:.4}"
    );
    if place == 0 {
        text.push_str("; the best of those measured");
    } else {
        let behind = (mean - best.scores.mean).abs();
        text.push_str(&format!("; {behind:.4} behind {}", best.algorithm));
        if behind <= best.scores.deviation {
            text.push_str(", within the spread of its folds");
        }
    }
    if of.algorithm.interpretable() {
        text.push_str("; a person can read it");
    }
    if of.cut_short {
        text.push_str(
            "; its growth was cut short by the time for selection, so it may be better than that",
        );
    }
    text
}

fn range(range: &ParameterRange) -> stages::ParameterRange {
    stages::ParameterRange {
        name: range.name.to_owned(),
        low: range.low,
        high: range.high,
        log: range.log,
        integer: range.integer,
        default: range.default,
    }
}

#[cfg(test)]
mod tests;
