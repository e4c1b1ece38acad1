//! Whether searches use the time that they are given.

use api::leaderboard::{Leaderboard, RunLeaderboard};

use super::AREA;
use crate::Error;
use crate::access::Access;
use crate::doctor::{Check, CheckStatus};

/// Runs whose searches are looked at, the latest.
const RUNS: usize = 5;
/// Share of its budget below which a search has not used it.
const LITTLE: f64 = 0.5;
/// Share of its trials from which on a best one is late.
const LATE: f64 = 0.9;
/// Trials below which it says little when the best one came.
const FEW_TRIALS: usize = 10;

pub(super) async fn checks(access: &Access<'_>, runs: &[String]) -> Result<Option<Check>, Error> {
    let mut searches = Vec::new();
    for run in runs.iter().take(RUNS) {
        match access.ask(&RunLeaderboard { run: run.clone() }).await {
            Ok(document) => searches.extend(document.leaderboard.and_then(|of| Search::of(&of))),
            // The API knows more runs than the stream keeps.
            Err(Error::Missing(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(check(&searches))
}

/// A search that is over.
#[derive(Debug, Clone, PartialEq)]
struct Search {
    /// Seconds that it was given, and that it took.
    budget: f64,
    took: f64,
    ended_by: String,
    /// Whether its best trial was among its last ones.
    is_best_late: bool,
}

impl Search {
    /// None where it was not recorded how long it took.
    fn of(leaderboard: &Leaderboard) -> Option<Self> {
        let last = leaderboard.entries.iter().map(|entry| entry.trial).max()?;
        let enough = leaderboard.entries.len() >= FEW_TRIALS;
        Some(Self {
            budget: leaderboard.budget_seconds?,
            took: leaderboard.search_seconds?,
            ended_by: leaderboard.ended_by.clone()?,
            is_best_late: enough && f64::from(leaderboard.best_trial) >= LATE * f64::from(last),
        })
    }

    fn has_room(&self) -> bool {
        self.took < LITTLE * self.budget
    }
}

/// What most searches have in common; none where there was none.
fn check(searches: &[Search]) -> Option<Check> {
    let all = searches.len();
    let count = |is: fn(&Search) -> bool| searches.iter().filter(|search| is(search)).count();
    let mean = |of: fn(&Search) -> f64| searches.iter().map(of).sum::<f64>() / all as f64;
    (all > 0).then(|| {
        let (took, budget) = (mean(|search| search.took), mean(|search| search.budget));
        let found = format!("{took:.1} s of {budget:.1} s a search on average of {all}");
        let check = Check::ok(AREA, "search budgets", found);
        let most = |count: usize| 2 * count > all;
        if most(count(|search| search.has_room() && search.ended_by == "max_trials")) {
            let advice = "searches end by their number of trials with time left: more of them (`--trials`) may find better models, and a \
                          smaller `--time-budget` costs nothing";
            return check.but(CheckStatus::Advised, advice);
        }
        if most(count(|search| search.has_room() && search.ended_by == "exhausted")) {
            let advice = "searches run out of what to try with time left: a smaller `--time-budget` gives the same models";
            return check.but(CheckStatus::Advised, advice);
        }
        if most(count(|search| search.ended_by == "time_budget" && search.is_best_late)) {
            let advice = "the best trials come last: a longer `--time-budget`, or more replicas of model-trainer, which share a search, may find better models";
            return check.but(CheckStatus::Advised, advice);
        }
        check
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn search(took: f64, ended_by: &str, is_best_late: bool) -> Search {
        Search { budget: 60.0, took, ended_by: ended_by.to_owned(), is_best_late }
    }

    fn advice(searches: &[Search]) -> String {
        check(searches).unwrap().advice.unwrap_or_default()
    }

    #[test]
    fn budgets_that_are_not_used_or_do_not_suffice_are_told() {
        let used = search(59.0, "time_budget", false);
        assert_eq!(advice(&[used.clone(), used.clone()]), "");
        let trials = search(10.0, "max_trials", false);
        assert!(advice(&[trials.clone(), trials.clone(), used.clone()]).contains("--trials"));
        assert_eq!(advice(&[trials, used.clone()]), "", "half of them are not most");
        assert!(advice(&[search(5.0, "exhausted", true)]).contains("run out"));
        assert!(advice(&[search(60.0, "time_budget", true)]).contains("come last"));
        assert_eq!(advice(&[search(50.0, "exhausted", true)]), "", "the budget was used");
        assert!(check(&[]).is_none());
    }
}
