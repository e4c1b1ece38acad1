//! Which rows of the splits a run works with: as many as its time budget and its limit of memory have work for, so that a table
//! of ten million rows costs no more memory than those.
//!
//! ```text
//! targets of all rows ──▶ rows to search on ∪ rows of the refit ──▶ read
//!                         rows to judge by, rows held out        ──▶ read
//!                         all others                             ──▶ streamed by boosting, as far as there is time
//! ```

use contracts::stages;
use learners::{FoldPlan, Task, stratified_sample};
use tabular::sample::mixed;

use crate::Error;

/// Most rows of the test split that a model is judged by: the standard error of a share is below 0.001 then.
pub(crate) const MAX_JUDGED_ROWS: usize = 500_000;
/// Most rows of the hold-out that are read: versions are compared on some of them, and drift of predictions is measured against all.
pub(crate) const MAX_HELD_ROWS: usize = 100_000;
/// Fewer rows are not worth a search.
const MIN_SEARCH_ROWS: usize = 500;
/// Fewer entities than this are not divided: all of their rows are searched on.
const MIN_ENTITIES: usize = 50;

/// Places of rows, each ascending.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    /// Rows of training and validation, one after the other, that the search looks at.
    pub(crate) search: Vec<usize>,
    /// Rows of the test split that the model is judged by.
    pub(crate) judged: Vec<usize>,
    /// Rows of training, validation and the judged ones of the test split that are in memory for the refit.
    pub(crate) refit: Vec<usize>,
    /// Targets of all rows of training, validation and the judged ones of the test split.
    pub(crate) target: Vec<f64>,
}

/// Chooses rows by their targets and by sizes alone, never by a clock or by the machine. `entities` has a key for each row of training
/// and validation where rows of an entity stay together.
pub(crate) fn choose(
    plan: FoldPlan,
    task: Task,
    learn: Vec<f64>,
    test: &[f64],
    entities: Option<&[u64]>,
    seed: u64,
) -> Choice {
    let search = match entities {
        Some(keys) if plan.rows < learn.len() => whole_entities(keys, plan.rows, seed),
        _ => stratified_sample(task, &learn, plan.rows, seed),
    };
    let judged = stratified_sample(task, test, MAX_JUDGED_ROWS, seed);
    let mut all = learn;
    all.extend(judged.iter().filter_map(|&row| test.get(row)));
    let refit = stratified_sample(task, &all, plan.refit_rows, seed);
    Choice { search, judged, refit, target: all }
}

/// About so many rows: all of some entities, and none of the others. All rows where there are too few entities to divide.
fn whole_entities(keys: &[u64], most: usize, seed: u64) -> Vec<usize> {
    let share = most as f64 / keys.len().max(1) as f64;
    let limit = (share * u64::MAX as f64) as u64;
    let is_kept = |key: u64| mixed(key ^ mixed(seed)) <= limit;
    let rows: Vec<usize> =
        keys.iter().enumerate().filter(|(_, key)| is_kept(**key)).map(|(row, _)| row).collect();
    let mut distinct: Vec<u64> = rows.iter().filter_map(|&row| keys.get(row).copied()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < MIN_ENTITIES { (0..keys.len()).collect() } else { rows }
}

/// The plan with as many rows as the scope's limit of memory has room for: the rows themselves, those of each fold, and what
/// fits that go on at the same time make of theirs. `rows` are those of training and validation, of `width` features.
///
/// # Errors
/// [`Error::TooLittleMemory`] where there is room for too few.
pub(crate) fn within_memory(
    plan: FoldPlan,
    scope: &stages::Scope,
    rows: usize,
    width: usize,
) -> Result<FoldPlan, Error> {
    /// Fits at a time on a usual machine. Those of this one must not count: the model would depend on it.
    const USUAL_PARALLEL_FITS: usize = 2;
    let limit = scope.constraints.as_ref().map_or(0, |limits| limits.max_memory_bytes);
    if limit == 0 {
        return Ok(plan);
    }
    let of_row = |times: usize| (8 * width * times) as u64;
    let searched = of_row(3 + plan.folds * plan.repeats + 2 * USUAL_PARALLEL_FITS);
    let least = MIN_SEARCH_ROWS.min(rows);
    /// Bytes of a streamed row besides its cells, while a model grows: label, derivatives, score, places.
    const STREAMED_ROW: usize = 64;
    /// Bytes of a cell of it: its bin, and that of a sample of rows or features.
    const STREAMED_CELL: usize = 2;
    let room = |of_row: u64| usize::try_from(limit / of_row.max(1)).unwrap_or(usize::MAX);
    if room(searched) < least {
        return Err(Error::TooLittleMemory { limit, needed: searched * least as u64, rows: least });
    }
    Ok(FoldPlan {
        rows: plan.rows.min(room(searched)),
        refit_rows: plan.refit_rows.min(room(of_row(3 + 2 * USUAL_PARALLEL_FITS))),
        streamed_rows: plan
            .streamed_rows
            .min(room((STREAMED_ROW + STREAMED_CELL * width) as u64) / 2),
        ..plan
    })
}

/// Places that are evenly spread over `total` rows, at most `most` of them.
pub(crate) fn evenly(total: usize, most: usize) -> Vec<usize> {
    let count = most.min(total);
    (0..count).map(|place| place * total / count).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
    use super::*;

    fn plan(rows: usize, refit_rows: usize) -> FoldPlan {
        FoldPlan { folds: 1, repeats: 1, rows, refit_rows, streamed_rows: usize::MAX, copies: 1 }
    }

    fn target(rows: usize) -> Vec<f64> {
        (0..rows).map(|row| f64::from(u8::from(row % 10 == 0))).collect()
    }

    #[test]
    fn a_table_that_fits_is_taken_whole() {
        let chosen = choose(plan(800, 1_000), Task::BINARY, target(800), &target(200), None, 3);
        assert_eq!(chosen.search, (0..800).collect::<Vec<_>>());
        assert_eq!(chosen.judged, (0..200).collect::<Vec<_>>());
        assert_eq!(chosen.refit, (0..1_000).collect::<Vec<_>>());
    }

    #[test]
    fn a_larger_one_keeps_the_shares_of_its_classes() {
        let chosen = choose(plan(100, 400), Task::BINARY, target(8_000), &target(2_000), None, 3);
        assert_eq!((chosen.search.len(), chosen.refit.len()), (100, 400));
        let positives = chosen.search.iter().filter(|&&row| row % 10 == 0).count();
        assert_eq!(positives, 10);
        assert_eq!(chosen.judged.len(), 2_000);
    }

    #[test]
    fn entities_are_taken_whole() {
        let keys: Vec<u64> = (0..20_000).map(|row| row / 10).collect();
        let rows = whole_entities(&keys, 5_000, 3);
        assert!((4_000..6_000).contains(&rows.len()), "{}", rows.len());
        for entity in rows.chunk_by(|one, next| keys[*one] == keys[*next]) {
            assert_eq!(entity.len(), 10);
        }
        assert_ne!(rows, whole_entities(&keys, 5_000, 4));
        // Of forty entities some could hold too little.
        let few: Vec<u64> = (0..20_000).map(|row| row / 500).collect();
        assert_eq!(whole_entities(&few, 5_000, 3).len(), 20_000);
    }

    #[test]
    fn evenly_chosen_places_reach_over_the_whole() {
        assert_eq!(evenly(10, 4), [0, 2, 5, 7]);
        assert_eq!(evenly(3, 4), [0, 1, 2]);
        assert!(evenly(0, 4).is_empty());
    }
}
