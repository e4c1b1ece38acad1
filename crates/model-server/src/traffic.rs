//! What is counted of a version while it answers: the evidence that rollouts are judged by, and its circuit breaker.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contracts::v1::{BreakerState, VersionTraffic};
use rollout::{LATENCY_BUCKETS, PREDICTION_BUCKETS, latency_bucket, prediction_bucket};
use scoring::Predictions;
use tabular::class_of;

use crate::breaker::{Breaker, BreakerConfig};

/// Most rows whose outcome is waited for, of an endpoint.
const MAX_RECENT_ROWS: usize = 100_000;

/// Counts of a version of an endpoint since its routing's window began.
#[derive(Debug)]
pub struct Counts {
    requests: AtomicU64,
    errors: AtomicU64,
    fallbacks: AtomicU64,
    latency: Box<[AtomicU64]>,
    predictions: Box<[AtomicU64]>,
    sums: Mutex<Sums>,
    breaker: Arc<Mutex<Breaker>>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    labelled: u64,
    correct: u64,
    loss: f64,
    loss_square: f64,
    compared: u64,
    disagreed: u64,
    difference: f64,
    difference_max: f64,
}

/// A lock whose holder cannot have left half a change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Counts {
    /// Nothing counted; a breaker that is closed.
    pub(crate) fn new(breaker: BreakerConfig) -> Self {
        Self::with(Arc::new(Mutex::new(Breaker::new(breaker))))
    }

    /// Nothing counted, and the breaker as it stands: what a new window begins with.
    pub(crate) fn anew(&self) -> Self {
        Self::with(Arc::clone(&self.breaker))
    }

    fn with(breaker: Arc<Mutex<Breaker>>) -> Self {
        let zeros = |count| (0..count).map(|_| AtomicU64::new(0)).collect();
        Self {
            requests: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            fallbacks: AtomicU64::new(0),
            latency: zeros(LATENCY_BUCKETS),
            predictions: zeros(PREDICTION_BUCKETS),
            sums: Mutex::new(Sums::default()),
            breaker,
        }
    }

    /// Whether a request may go to the version; one that may has to be settled.
    pub(crate) fn admit(&self, now: Duration) -> bool {
        lock(&self.breaker).admit(now)
    }

    /// State of the breaker.
    pub(crate) fn breaker(&self, now: Duration) -> BreakerState {
        lock(&self.breaker).state(now)
    }

    /// Counts a request that the version answered, and its predictions by bucket.
    pub(crate) fn succeeded(&self, now: Duration, predictions: &Predictions) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        lock(&self.breaker).succeeded(now);
        for row in 0..predictions.rows {
            let bucket = prediction_bucket(predictions.outputs(row), predictions.classes.len());
            if let Some(count) = self.predictions.get(bucket) {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Counts a request that the version failed.
    pub(crate) fn failed(&self, now: Duration) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.errors.fetch_add(1, Ordering::Relaxed);
        lock(&self.breaker).failed(now);
    }

    /// The request was not the version's to answer.
    pub(crate) fn abandoned(&self) {
        lock(&self.breaker).abandoned();
    }

    /// Another version answered in its place.
    pub(crate) fn replaced(&self) {
        self.fallbacks.fetch_add(1, Ordering::Relaxed);
    }

    /// How long an answer took.
    pub(crate) fn record_latency(&self, latency: Duration) {
        if let Some(count) = self.latency.get(latency_bucket(latency)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The outcome of a row is known.
    pub(crate) fn labelled(&self, loss: f64, correct: bool) {
        let mut sums = lock(&self.sums);
        sums.labelled += 1;
        sums.correct += u64::from(correct);
        sums.loss += loss;
        sums.loss_square += loss * loss;
    }

    /// As a shadow, it predicted this where the live version predicted that.
    pub(crate) fn compared(&self, mine: &Predictions, live: &Predictions) {
        let mut sums = lock(&self.sums);
        for row in 0..mine.rows.min(live.rows) {
            let last = |of: &Predictions| of.outputs(row).last().copied().unwrap_or_default();
            let difference = (last(mine) - last(live)).abs();
            sums.compared += 1;
            sums.disagreed += u64::from(mine.labels.get(row) != live.labels.get(row));
            if difference.is_finite() {
                sums.difference += difference;
                sums.difference_max = sums.difference_max.max(difference);
            }
        }
    }

    /// The counts as they are reported.
    pub fn report(&self, version: u32, now: Duration) -> VersionTraffic {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut latency_counts: Vec<u64> = self.latency.iter().map(read).collect();
        while latency_counts.last() == Some(&0) {
            latency_counts.pop();
        }
        let prediction_counts: BTreeMap<u32, u64> =
            (0..).zip(self.predictions.iter().map(read)).filter(|(_, count)| *count > 0).collect();
        let sums = *lock(&self.sums);
        // In this order, so that a request between the two does not look like an error without a request.
        let errors = read(&self.errors);
        VersionTraffic {
            version,
            requests: read(&self.requests),
            errors,
            fallbacks: read(&self.fallbacks),
            latency_counts,
            prediction_counts,
            labelled: sums.labelled,
            correct: sums.correct,
            loss_sum: sums.loss,
            loss_square_sum: sums.loss_square,
            compared: sums.compared,
            disagreed: sums.disagreed,
            difference_sum: sums.difference,
            difference_max: sums.difference_max,
            breaker: self.breaker(now).into(),
        }
    }
}

/// What was answered lately, until its outcome is told; bounded by rows, the oldest forgotten first.
#[derive(Debug, Default)]
pub struct RecentPredictions {
    answers: Mutex<Answers>,
}

#[derive(Debug, Default)]
struct Answers {
    by_request: HashMap<String, RecentAnswer>,
    order: VecDeque<String>,
    rows: usize,
}

#[derive(Debug)]
struct RecentAnswer {
    rows: usize,
    /// What each version predicted: the one that answered, then those that got copies.
    predicted: Vec<(Arc<Counts>, Predictions)>,
}

impl RecentAnswer {
    /// Rows that it takes of what may be remembered.
    fn size(&self) -> usize {
        self.rows.saturating_mul(self.predicted.len())
    }
}

impl RecentPredictions {
    /// Remembers an answer. A request id that comes again while it is remembered is counted once.
    pub(crate) fn remember(&self, request: &str, counts: &Arc<Counts>, predictions: Predictions) {
        let mut answers = lock(&self.answers);
        if answers.by_request.contains_key(request) {
            return;
        }
        answers.rows = answers.rows.saturating_add(predictions.rows);
        answers.order.push_back(request.to_owned());
        let rows = predictions.rows;
        let answered = RecentAnswer { rows, predicted: vec![(Arc::clone(counts), predictions)] };
        answers.by_request.insert(request.to_owned(), answered);
        answers.forget();
    }

    /// Remembers what a version predicted that got a copy of the request, beside the answer, as long as that is remembered.
    pub(crate) fn remember_copy(
        &self,
        request: &str,
        counts: &Arc<Counts>,
        predictions: Predictions,
    ) {
        let mut answers = lock(&self.answers);
        let Some(answered) = answers.by_request.get_mut(request) else { return };
        // Another request of the same identity is not remembered; its copies are not either.
        let is_known = answered.predicted.iter().any(|(known, _)| Arc::ptr_eq(known, counts));
        if is_known || answered.rows != predictions.rows {
            return;
        }
        answered.predicted.push((Arc::clone(counts), predictions));
        let rows = answered.rows;
        answers.rows = answers.rows.saturating_add(rows);
        answers.forget();
    }

    /// Counts the outcomes of a request's rows, once; says whether the request is remembered.
    pub(crate) fn outcomes(&self, request: &str, outcomes: &[String]) -> bool {
        let answered = {
            let mut answers = lock(&self.answers);
            let answered = answers.by_request.remove(request);
            if let Some(answered) = &answered {
                answers.rows = answers.rows.saturating_sub(answered.size());
            }
            // Its place in the order stays until it is the oldest; it must not grow beyond what is remembered.
            if answers.order.len() > 2 * answers.by_request.len() + 1024 {
                let Answers { by_request, order, .. } = &mut *answers;
                order.retain(|request| by_request.contains_key(request));
            }
            answered
        };
        let Some(RecentAnswer { predicted, .. }) = answered else { return false };
        for (counts, predictions) in predicted {
            for (row, outcome) in outcomes.iter().enumerate().take(predictions.rows) {
                if let Some((loss, correct)) = loss(&predictions, row, outcome) {
                    counts.labelled(loss, correct);
                }
            }
        }
        true
    }
}

impl Answers {
    /// Forgets the oldest beyond the bound.
    fn forget(&mut self) {
        while self.rows > MAX_RECENT_ROWS {
            let Some(oldest) = self.order.pop_front() else { break };
            if let Some(forgotten) = self.by_request.remove(&oldest) {
                self.rows = self.rows.saturating_sub(forgotten.size());
            }
        }
    }
}

/// The loss of a row: the Brier score of classes (of two, the squared error of the second one's probability), the squared error of numbers. None where the outcome is not known.
fn loss(predictions: &Predictions, row: usize, outcome: &str) -> Option<(f64, bool)> {
    let outputs = predictions.outputs(row);
    if predictions.classes.is_empty() {
        let error = outputs.first()? - outcome.trim().parse::<f64>().ok()?;
        return error.is_finite().then_some((error * error, false));
    }
    let class = class_of(outcome, &predictions.classes)?;
    let named = predictions.classes.get(class);
    let correct = predictions.labels.get(row).is_some_and(|label| Some(label) == named);
    let square = |(place, probability): (usize, &f64)| {
        let error = probability - f64::from(u8::from(place == class));
        error * error
    };
    let sum: f64 = outputs.iter().enumerate().map(square).sum();
    Some((if outputs.len() == 2 { sum / 2.0 } else { sum }, correct))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predictions(second: &[f64]) -> Predictions {
        Predictions {
            rows: second.len(),
            labels: second
                .iter()
                .map(|p| if *p >= 0.5 { "Yes" } else { "No" }.to_owned())
                .collect(),
            values: Vec::new(),
            probabilities: second.iter().flat_map(|p| [1.0 - p, *p]).collect(),
            classes: vec!["No".to_owned(), "Yes".to_owned()],
        }
    }

    #[test]
    fn traffic_is_counted_and_a_window_begins_anew() {
        let counts = Counts::new(BreakerConfig::default());
        counts.succeeded(Duration::ZERO, &predictions(&[0.02, 0.97]));
        counts.record_latency(Duration::from_micros(100));
        counts.failed(Duration::ZERO);
        counts.replaced();
        let report = counts.report(3, Duration::ZERO);
        assert_eq!(
            (report.version, report.requests, report.errors, report.fallbacks),
            (3, 2, 1, 1)
        );
        assert_eq!(report.latency_counts, [0, 0, 0, 0, 1], "0.1 ms is one doubling");
        assert_eq!(report.prediction_counts, BTreeMap::from([(0, 1), (19, 1)]));
        assert_eq!(counts.anew().report(3, Duration::ZERO).requests, 0);
    }

    #[test]
    fn outcomes_count_once() {
        let counts = Arc::new(Counts::new(BreakerConfig::default()));
        let recent = RecentPredictions::default();
        recent.remember("r", &counts, predictions(&[0.8, 0.4]));
        let outcomes = ["Yes".to_owned(), "Yes".to_owned()];
        assert!(recent.outcomes("r", &outcomes));
        assert!(!recent.outcomes("r", &outcomes));
        let report = counts.report(1, Duration::ZERO);
        assert_eq!((report.labelled, report.correct), (2, 1));
        assert!((report.loss_sum - (0.04 + 0.36)).abs() < 1e-12, "{}", report.loss_sum);
    }

    #[test]
    fn a_version_that_got_a_copy_is_measured_by_the_same_outcomes() {
        let of = || Arc::new(Counts::new(BreakerConfig::default()));
        let (live, copy) = (of(), of());
        let recent = RecentPredictions::default();
        recent.remember("r", &live, predictions(&[0.8, 0.4]));
        for _ in 0..2 {
            recent.remember_copy("r", &copy, predictions(&[0.6, 0.6]));
        }
        recent.remember_copy("unknown", &copy, predictions(&[0.6, 0.6]));
        assert!(recent.outcomes("r", &["yes".to_owned(), "Yes".to_owned()]));
        for (counts, correct, loss) in [(live, 1, 0.04 + 0.36), (copy, 2, 0.16 + 0.16)] {
            let report = counts.report(1, Duration::ZERO);
            assert_eq!((report.labelled, report.correct), (2, correct));
            assert!((report.loss_sum - loss).abs() < 1e-12, "{}", report.loss_sum);
        }
    }

    #[test]
    fn memory_is_bounded() {
        let counts = Arc::new(Counts::new(BreakerConfig::default()));
        let recent = RecentPredictions::default();
        let rows = predictions(&[0.5; 1000]);
        for request in 0..200 {
            recent.remember(&request.to_string(), &counts, rows.clone());
        }
        assert!(!recent.outcomes("99", &["Yes".to_owned()]));
        assert!(recent.outcomes("100", &["Yes".to_owned()]));
    }
}
