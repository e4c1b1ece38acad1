//! How long what follows a search will take, so that the search ends in time for it.

use std::time::Duration;

use super::{EvaluatedTrial, HeldOut, Search, Trial};
use crate::Algorithm;
use crate::ensemble::{RowBudget, copies_within, weights_of};
use crate::trees::STOPPING_ROUNDS;

/// What follows a search.
#[derive(Debug, Clone, Copy)]
pub struct PostSearchWork {
    /// Most configurations of the ensemble.
    pub members: usize,
    /// Models that each configuration of trees is fitted to; 0 where nothing is fitted again.
    pub copies: usize,
    /// Rows that they learn from.
    pub rows: RowBudget,
    /// Seconds that a row takes to be read and encoded where it is streamed.
    pub streamed_seconds: f64,
    /// Fits on a fold's rows that the best configuration is measured by, in proportion to their rows.
    pub checks: f64,
    /// Rows that the judged model predicts.
    pub judged_rows: usize,
    /// Rows that the model that is fitted again predicts.
    pub served_rows: usize,
    /// Seconds of everything else.
    pub seconds: f64,
}

impl PostSearchWork {
    /// No work follows the search.
    pub const NOTHING: Self = Self {
        members: 1,
        copies: 0,
        rows: RowBudget::in_memory(1, 1),
        streamed_seconds: 0.0,
        checks: 0.0,
        judged_rows: 0,
        served_rows: 0,
        seconds: 0.0,
    };
}

/// Rows that the choice of members is foreseen by, all leaders together: where there are few, fits are dear, and so is a
/// forecast that is wrong.
const ROWS: usize = 40_000;
/// The choice is foreseen anew whenever this part of the time has passed.
const RENEWED: u32 = 40;

/// The forecast, renewed now and then.
#[derive(Default)]
pub(super) struct Forecast {
    made: Option<(Duration, Duration)>,
}

impl Forecast {
    /// When the search has to end.
    pub(super) fn end(
        &mut self,
        search: &Search<'_>,
        leaders: &[EvaluatedTrial],
        held_out: &HeldOut,
        now: Duration,
    ) -> Duration {
        let after = match self.made {
            Some((when, after)) if now < when + search.deadline / RENEWED => after,
            _ => {
                let after = seconds_after(search, leaders, held_out);
                self.made = (!leaders.is_empty()).then_some((now, after));
                after
            }
        };
        // The search has at least half of the time.
        search.deadline.saturating_sub(after).max(search.deadline / 2)
    }
}

fn seconds_after(search: &Search<'_>, leaders: &[EvaluatedTrial], held_out: &HeldOut) -> Duration {
    let PostSearchWork { members, copies, rows: budget, .. } = search.afterwards;
    let PostSearchWork { checks, judged_rows, served_rows, seconds, .. } = search.afterwards;
    let grown = |rows: usize| (rows as f64 / budget.fold_rows.max(1) as f64).max(1.0);
    let folds = search.folds.len().max(1) as f64;
    let parallel = search.workers.parallel.max(1);
    let mut fits: Vec<f64> = Vec::new();
    let mut predicting = 0.0;
    let weights = weights_of(search.task, leaders, held_out, members, ROWS / leaders.len().max(1));
    let chosen = leaders.iter().zip(&weights).filter(|(_, weight)| **weight > 0.0);
    let mut chosen: Vec<(&Trial, f64)> =
        chosen.map(|(leader, weight)| (&leader.trial, *weight)).collect();
    chosen.sort_by(|one, other| other.1.total_cmp(&one.1));
    let trials = || chosen.iter().map(|(trial, _)| *trial);
    let longer = grown(budget.in_memory).sqrt();
    let copies = match copies {
        0 => 0,
        copies => copies_within(search.task, trials(), longer, copies),
    };
    let mut streaming = 0.0;
    for (trial, of) in trials().zip(budget.allot(search.task, trials())) {
        let cost = trial.cost;
        let copies = if trial.algorithm.interpretable() { copies.min(1) } else { copies };
        let one = cost.fit_seconds / folds * larger(trial, grown(of.rows), of.iterations);
        if of.rows > budget.in_memory && copies > 0 {
            // One after the other, each by all processors.
            let streamed = (of.rows - budget.in_memory) as f64;
            streaming += one / parallel as f64 + search.afterwards.streamed_seconds * streamed;
        } else {
            fits.extend(std::iter::repeat_n(one, copies));
        }
        let rows = folds * judged_rows as f64 + (copies.max(1) * served_rows) as f64;
        predicting += cost.predict_microseconds * 1e-6 * rows;
    }
    let best = leaders.first().map_or(0.0, |leader| leader.trial.cost.fit_seconds / folds);
    let checking = best * checks / parallel as f64;
    let after = spread(fits, parallel) + streaming + checking + predicting + seconds;
    Duration::try_from_secs_f64(after).unwrap_or(search.deadline)
}

/// How many times as long a fit takes that has so many times the rows, and so many iterations where it boosts.
fn larger(trial: &Trial, growth: f64, iterations: u32) -> f64 {
    if trial.algorithm != Algorithm::GradientBoosting {
        return growth;
    }
    // A fit on a fold goes on for a while to see that nothing gets better.
    growth * f64::from(iterations) / f64::from(trial.iterations.max(1) + STOPPING_ROUNDS)
}

/// The time of fits that are taken up in turn, whenever one of the workers is free.
fn spread(fits: Vec<f64>, parallel: usize) -> f64 {
    let mut until = vec![0.0_f64; parallel];
    for seconds in fits {
        if let Some(first) = until.iter_mut().min_by(|one, other| one.total_cmp(other)) {
            *first += seconds;
        }
    }
    until.into_iter().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_are_taken_up_by_whoever_is_free() {
        assert_eq!(spread(vec![3.0, 1.0, 1.0, 1.0], 2), 3.0);
        assert_eq!(spread(vec![1.0, 1.0, 3.0], 2), 4.0);
        assert_eq!(spread(Vec::new(), 1), 0.0);
    }
}
