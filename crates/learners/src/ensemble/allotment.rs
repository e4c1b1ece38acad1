//! How many rows the configurations of an ensemble learn from in the end, where a table has more than fit into memory.
//!
//! Boosting may stream all rows, which costs time for each of them. How many it gets follows from sizes, from the time budget and from
//! the trials' iterations, never from a clock: the same trials give the same model.

use crate::search::Trial;
use crate::{Algorithm, Task};

/// Processors of a usual machine. Those of this one must not count: the model would depend on it.
const CORES: f64 = 2.0;
/// Cells that one core of a usual machine reads, encodes and bins in a second.
const BINNED_PER_SECOND: f64 = 1.5e7;
/// Cells of a boosting iteration that one core of a usual machine gets through in a second.
const CELLS_PER_SECOND: f64 = 2e8;
/// A row costs something however few features it has.
const ROW_CELLS: f64 = 12.0;
/// Most times the trials' iterations that a configuration gets for having more rows: beyond, more rows cost only their own time.
const MOST_LONGER: f64 = 2.0;
/// Streaming is worth its pass where it brings so many times the rows in memory.
const WORTH: f64 = 1.25;

/// Rows that a refit may learn from, and the time that it may take for those that are not in memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowBudget {
    /// Rows that there are and that may be streamed, those in memory among them.
    pub all: usize,
    /// Rows in memory, which every configuration learns from.
    pub in_memory: usize,
    /// Rows that a trial's fit learned from.
    pub fold_rows: usize,
    /// Number of features.
    pub width: usize,
    /// Seconds that a usual machine may take for the configurations that stream, all together.
    pub seconds: f64,
}

/// What a configuration learns from, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allotment {
    /// Number of rows, those in memory among them.
    pub rows: usize,
    /// Iterations, where the algorithm boosts.
    pub iterations: u32,
}

impl RowBudget {
    /// A refit that learns from rows in memory alone.
    #[must_use]
    pub const fn in_memory(rows: usize, fold_rows: usize) -> Self {
        Self { all: rows, in_memory: rows, fold_rows, width: 0, seconds: 0.0 }
    }

    /// What each of the configurations learns from, the weightiest first: the first that boosts gets all rows, or as many as there is
    /// time for; those behind it get as many, while there is time left for all of these.
    pub fn allot<'t>(
        &self,
        task: Task,
        members: impl Iterator<Item = &'t Trial>,
    ) -> Vec<Allotment> {
        let mut left = self.seconds;
        let mut streamed = None;
        let each = |trial: &'t Trial| {
            let boosts = trial.algorithm == Algorithm::GradientBoosting;
            let more = if boosts { self.streamed(task, trial, left, streamed) } else { None };
            if let Some((of, seconds)) = more {
                left -= seconds;
                streamed = Some(of.rows);
                return of;
            }
            let longer = (self.in_memory as f64 / self.fold_rows.max(1) as f64).max(1.0).sqrt();
            Allotment { rows: self.in_memory, iterations: iterations(trial, longer) }
        };
        members.map(each).collect()
    }

    /// Seconds of a time budget, in parts of [`RowBudget::seconds`], in which a configuration would learn from all rows.
    #[must_use]
    pub fn seconds_for_all(&self, task: Task, trial: &Trial) -> f64 {
        self.seconds_of(task, self.all, f64::from(trial.iterations))
    }

    /// Rows and iterations of a configuration that streams, and what they take of the seconds that are left; none where that would
    /// not bring enough. `rows` are those that others stream already.
    fn streamed(
        &self,
        task: Task,
        trial: &Trial,
        left: f64,
        rows: Option<usize>,
    ) -> Option<(Allotment, f64)> {
        let own = f64::from(trial.iterations.max(1));
        let longer = |rows: usize| {
            let growth = rows as f64 / self.fold_rows.max(1) as f64;
            growth.max(1.0).sqrt().min(MOST_LONGER)
        };
        let wanted = rows.unwrap_or(self.all);
        // Rows come first, then iterations.
        let pass = self.seconds_of(task, wanted, 0.0);
        let round = self.seconds_of(task, wanted, 1.0) - pass;
        let affordable = (left - pass) / round.max(f64::MIN_POSITIVE) / own;
        let (rows, longer) = if affordable >= 1.0 {
            (wanted, longer(wanted).min(affordable))
        } else if rows.is_none() {
            let of_row = self.seconds_of(task, 1, own);
            // At least 0, and fewer than were wanted.
            ((left / of_row).max(0.0) as usize, 1.0)
        } else {
            return None;
        };
        let iterations = iterations(trial, longer);
        let seconds = self.seconds_of(task, rows, f64::from(iterations));
        let is_worth = rows as f64 >= WORTH * self.in_memory as f64;
        is_worth.then_some((Allotment { rows, iterations }, seconds))
    }

    /// Seconds that a usual machine takes to stream so many rows and to learn from them for so many iterations.
    fn seconds_of(&self, task: Task, rows: usize, iterations: f64) -> f64 {
        let margins =
            if task.problem == tabular::ProblemType::Multiclass { task.classes } else { 1 };
        let cells = rows as f64 * (self.width as f64 + ROW_CELLS) / CORES;
        cells / BINNED_PER_SECOND + cells * iterations * margins as f64 / CELLS_PER_SECOND
    }
}

/// So many times the iterations of a trial, at least 1.
fn iterations(trial: &Trial, longer: f64) -> u32 {
    // At most the iterations of boosting times what rows grew by.
    (f64::from(trial.iterations) * longer).round().max(1.0) as u32
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
    use super::*;
    use crate::{Cost, Parameters};

    fn trial(algorithm: Algorithm, iterations: u32) -> Trial {
        Trial {
            number: 0,
            algorithm,
            profile: String::new(),
            parameters: Parameters::new(),
            score: None,
            fold_scores: Vec::new(),
            loss: None,
            first_loss: None,
            pruned: false,
            iterations,
            cost: Cost::default(),
        }
    }

    fn budget(seconds: f64) -> RowBudget {
        RowBudget { all: 1_000_000, in_memory: 100_000, fold_rows: 80_000, width: 28, seconds }
    }

    #[test]
    fn with_time_boosting_gets_all_rows_and_others_those_in_memory() {
        let members =
            [trial(Algorithm::RandomForest, 200), trial(Algorithm::GradientBoosting, 100)];
        let allotted = budget(1e4).allot(Task::BINARY, members.iter());
        assert_eq!(allotted[0].rows, 100_000);
        assert_eq!(allotted[1], Allotment { rows: 1_000_000, iterations: 200 });
    }

    #[test]
    fn with_less_time_there_are_fewer_iterations_then_fewer_rows_then_none() {
        let members = [trial(Algorithm::GradientBoosting, 100)];
        let mut before = Allotment { rows: 1_000_000, iterations: 200 };
        let mut seen = std::collections::BTreeSet::new();
        for tenths in (1..600).rev() {
            let budget = budget(f64::from(tenths) / 10.0);
            let of = budget.allot(Task::BINARY, members.iter())[0];
            assert!(of.rows <= before.rows && of.iterations.max(100) <= before.iterations.max(112));
            if of.rows > budget.in_memory {
                let seconds = budget.seconds_of(Task::BINARY, of.rows, f64::from(of.iterations));
                // An iteration, or a row, is whole.
                assert!(seconds <= budget.seconds * 1.01, "{seconds} of {}", budget.seconds);
            }
            seen.insert((of.rows == budget.all, of.rows == budget.in_memory));
            before = of;
        }
        assert_eq!(seen.len(), 3);
        let all = budget(0.0).seconds_for_all(Task::BINARY, &members[0]);
        assert_eq!(budget(all * 1.001).allot(Task::BINARY, members.iter())[0].rows, 1_000_000);
        assert!(budget(all * 0.99).allot(Task::BINARY, members.iter())[0].rows < 1_000_000);
    }

    #[test]
    fn members_behind_the_first_get_as_many_rows_or_those_in_memory() {
        let members =
            [trial(Algorithm::GradientBoosting, 100), trial(Algorithm::GradientBoosting, 100)];
        let rows = |seconds| -> Vec<usize> {
            let allotted = budget(seconds).allot(Task::BINARY, members.iter());
            allotted.into_iter().map(|of| of.rows).collect()
        };
        assert_eq!(rows(1e4), [1_000_000, 1_000_000]);
        let one = budget(0.0).seconds_for_all(Task::BINARY, &members[0]);
        assert_eq!(rows(one * 1.001), [1_000_000, 100_000]);
        assert_eq!(rows(0.0), [100_000, 100_000]);
    }

    #[test]
    fn what_is_in_memory_whole_is_not_streamed() {
        let members = [trial(Algorithm::GradientBoosting, 100)];
        let budget = RowBudget::in_memory(400, 100);
        let allotted = RowBudget { seconds: 1e9, ..budget }.allot(Task::BINARY, members.iter());
        assert_eq!(allotted, [Allotment { rows: 400, iterations: 200 }]);
    }
}
