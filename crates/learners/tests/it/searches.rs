//! Searches on folds, what is combined of them, and what is fitted again.

use std::time::Duration;

use learners::{
    Algorithm, Candidate, Combination, EndedBy, Examples, Fold, FoldPlan, Outcome, Outputs,
    PostSearchWork, Profile, Refit, Search, Task, Workers, combine, grouped_folds, judged, kept,
    learner, portfolio, refit, score, search, stratified_folds, thinned,
};
use tabular::metrics::Metric;

use crate::{ONE, TWO, data, never};

const ALGORITHMS: [Algorithm; 3] =
    [Algorithm::GradientBoosting, Algorithm::LogisticRegression, Algorithm::RandomForest];

fn no_time() -> Duration {
    Duration::ZERO
}

/// What a search needs to live as long as it does.
pub(crate) struct World {
    examples: Examples,
    candidates: Vec<Candidate>,
    portfolio: Vec<Profile>,
    folds: Vec<Fold>,
}

impl World {
    pub(crate) fn new(rows: usize) -> Self {
        let examples = data::binary(rows, 1);
        let candidates = ALGORITHMS.map(|algorithm| Candidate {
            algorithm,
            space: learner(algorithm).search_space(Task::BINARY, rows),
        });
        Self {
            folds: stratified_folds(Task::BINARY, &examples.target, 3, 5).unwrap(),
            portfolio: portfolio(Task::BINARY, &ALGORITHMS, rows, false, false),
            candidates: candidates.into(),
            examples,
        }
    }

    pub(crate) fn search(&self) -> Search<'_> {
        Search {
            task: Task::BINARY,
            metric: Metric::RocAuc,
            candidates: &self.candidates,
            portfolio: &self.portfolio,
            examples: &self.examples,
            folds: &self.folds,
            seed: 3,
            max_trials: 20,
            workers: Workers::ONE,
            executor: &learners::Local,
            clock: &no_time,
            deadline: Duration::from_secs(1),
            afterwards: PostSearchWork { copies: 1, ..PostSearchWork::NOTHING },
            cancelled: &never,
        }
    }

    pub(crate) fn fold_rows(&self) -> usize {
        self.folds[0].train.len()
    }

    fn refit(&self, outcome: &Outcome, combination: &Combination, workers: Workers) -> String {
        let cancelled = never;
        let of = Refit {
            task: Task::BINARY,
            examples: &self.examples,
            allotted: None,
            fold_rows: self.fold_rows(),
            copies: 2,
            seed: 3,
            workers,
            cancelled: &cancelled,
        };
        refit(outcome, combination, &of).unwrap().text.text
    }
}

#[test]
fn the_same_trials_give_the_same_model_for_any_number_of_workers() {
    let world = World::new(250);
    let run = |workers| {
        let outcome = search(&Search { workers, ..world.search() }, &mut |_| {}).unwrap();
        let combination = combine(Task::BINARY, Metric::RocAuc, &outcome, 8, 3).unwrap();
        let text = kept(&outcome, &combination).unwrap().text.text;
        (outcome.trials.clone(), text, world.refit(&outcome, &combination, workers))
    };
    let expected = run(Workers::ONE);
    assert_eq!(expected.0.len(), 20);
    assert_eq!(expected.0[0].parameters, world.portfolio[0].parameters);
    assert!(expected.0.iter().any(|trial| trial.profile == learners::SEARCHED));
    assert_eq!(run(Workers { parallel: 2, threads: ONE }), expected);
    assert_eq!(run(Workers { parallel: 1, threads: TWO }), expected);
}

#[test]
fn a_clock_that_runs_decides_the_count_and_nothing_else() {
    let world = World::new(400);
    // Every look at the clock takes a while.
    let ticks = std::sync::atomic::AtomicU64::new(0);
    let clock = || Duration::from_micros(ticks.fetch_add(50, std::sync::atomic::Ordering::Relaxed));
    let timed = Search {
        clock: &clock,
        max_trials: 1_000,
        afterwards: PostSearchWork::NOTHING,
        ..world.search()
    };
    let timed = Search { deadline: Duration::from_millis(120), ..timed };
    let by_time = search(&timed, &mut |_| {}).unwrap();
    assert_eq!(by_time.ended_by, EndedBy::TimeBudget);
    assert!(!by_time.cut_short);
    let count = by_time.trials.len();
    assert!((2..1_000).contains(&count), "{count}");
    let counted =
        Search { max_trials: count, afterwards: PostSearchWork::NOTHING, ..world.search() };
    let again = search(&counted, &mut |_| {}).unwrap();
    assert_eq!(again.ended_by, EndedBy::MaxTrials);
    assert_eq!(again.trials, by_time.trials);
    let text = |outcome: &Outcome| {
        let combination = combine(Task::BINARY, Metric::RocAuc, outcome, 8, 3).unwrap();
        kept(outcome, &combination).unwrap().text
    };
    assert_eq!(text(&again), text(&by_time));
}

#[test]
fn a_search_that_has_no_time_still_gives_a_model_and_a_cancelled_one_none() {
    let world = World::new(300);
    let none = Search { deadline: Duration::ZERO, ..world.search() };
    let outcome = search(&none, &mut |_| {}).unwrap();
    assert_eq!(outcome.trials.len(), 2);
    let cancelled = || true;
    let error = search(&Search { cancelled: &cancelled, ..world.search() }, &mut |_| {});
    assert!(matches!(error.unwrap_err(), learners::Error::Cancelled));
}

#[test]
fn a_search_without_anything_to_vary_says_that_it_is_exhausted() {
    let mut world = World::new(300);
    for candidate in &mut world.candidates {
        candidate.space.clear();
    }
    let outcome = search(&Search { max_trials: 500, ..world.search() }, &mut |_| {}).unwrap();
    assert_eq!(outcome.ended_by, EndedBy::Exhausted);
    assert_eq!(outcome.trials.len(), world.portfolio.len());
}

#[test]
fn out_of_fold_outputs_come_from_models_that_had_not_seen_the_row() {
    // Labels that say nothing: a model that had seen them would tell them apart.
    let mut world = World::new(400);
    for (row, target) in world.examples.target.iter_mut().enumerate() {
        *target = f64::from(u8::from((row * 2_654_435_761) % 7 < 3));
    }
    world.folds = stratified_folds(Task::BINARY, &world.examples.target, 3, 5).unwrap();
    let outcome = search(&world.search(), &mut |_| {}).unwrap();
    let combination = combine(Task::BINARY, Metric::RocAuc, &outcome, 8, 3).unwrap();
    assert!(combination.score < 0.65, "{}", combination.score);
    let seen = judged(&outcome, &combination).unwrap().predict(&world.examples.features);
    let seen =
        score(Metric::RocAuc, &world.examples.target, &Outputs::new(Task::BINARY, seen)).unwrap();
    assert!(seen > combination.score, "{seen}");
}

#[test]
fn an_ensemble_is_as_good_as_its_members_and_its_size_is_kept() {
    let world = World::new(600);
    let outcome = search(&world.search(), &mut |_| {}).unwrap();
    let losses: Vec<f64> = outcome.leaders.iter().filter_map(|leader| leader.trial.loss).collect();
    let best = losses.into_iter().fold(f64::INFINITY, f64::min);
    for members in [1, 2, 8] {
        let combination = combine(Task::BINARY, Metric::RocAuc, &outcome, members, 3).unwrap();
        assert!(combination.loss <= best + 1e-9, "{} of {best}", combination.loss);
        assert!(combination.shares.len() <= members);
        let sum: f64 = combination.shares.iter().map(|share| share.weight).sum();
        assert!((sum - 1.0).abs() < 1e-9);
    }
}

#[test]
fn repeats_and_a_single_part_are_searched_on() {
    let world = World::new(300);
    let plan = FoldPlan {
        folds: 3,
        repeats: 2,
        rows: 300,
        refit_rows: 300,
        streamed_rows: 300,
        copies: 1,
    };
    let repeated = plan.stratified(Task::BINARY, &world.examples.target, 1).unwrap();
    assert_eq!(repeated.len(), 6);
    let one = FoldPlan { folds: 1, repeats: 1, ..plan };
    let single = one.stratified(Task::BINARY, &world.examples.target, 1).unwrap();
    for (folds, held_out) in [(repeated, 300), (single, 60)] {
        let outcome =
            search(&Search { folds: &folds, max_trials: 4, ..world.search() }, &mut |_| {})
                .unwrap();
        assert_eq!(outcome.held_out.rows.len(), held_out);
        assert_eq!(outcome.leaders[0].outputs.len(), held_out * 2);
        assert_eq!(outcome.leaders[0].models.len(), folds.len());
    }
}

#[test]
fn rows_of_one_entity_are_never_on_both_sides() {
    let keys: Vec<u64> = (0..500).map(|row| row / 7).collect();
    let plan = FoldPlan {
        folds: 5,
        repeats: 2,
        rows: 500,
        refit_rows: 500,
        streamed_rows: 500,
        copies: 1,
    };
    let folds = grouped_folds(&keys, plan, 3).unwrap();
    assert_eq!(folds.len(), 10);
    for fold in &folds {
        let learned: Vec<u64> = fold.train.iter().map(|&row| keys[row]).collect();
        assert!(fold.held_out.iter().all(|&row| !learned.contains(&keys[row])));
        assert_eq!(fold.train.len() + fold.held_out.len(), 500);
    }
    assert!(grouped_folds(&keys[..20], plan, 3).is_err());
}

#[test]
fn a_thinned_fold_keeps_what_it_is_judged_by() {
    let world = World::new(300);
    let half = thinned(Task::BINARY, &world.examples, &world.folds[0], 0.5, 1);
    assert_eq!(half.held_out, world.folds[0].held_out);
    assert_eq!(half.train.len(), world.folds[0].train.len() / 2);
    assert!(half.train.iter().all(|row| world.folds[0].train.contains(row)));
}
