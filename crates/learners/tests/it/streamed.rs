//! Rows that boosting learns from without having them in memory.

use learners::{
    Algorithm, Allotment, AllottedRows, Error, Examples, Fit, Outputs, Parameters, RowBudget,
    StreamedExamples, Task, allotted, combine, learner, refit, score, search,
};
use tabular::FeatureMatrix;
use tabular::metrics::Metric;

use super::*;
use crate::searches::World;

/// Examples that are handed out so many rows at a time.
struct InBlocks {
    examples: Examples,
    block: usize,
}

impl StreamedExamples for InBlocks {
    fn target(&self) -> &[f64] {
        &self.examples.target
    }

    fn weights(&self) -> Option<&[f64]> {
        self.examples.weights.as_deref()
    }

    fn each(&self, take: &mut dyn FnMut(&FeatureMatrix) -> Result<(), Error>) -> Result<(), Error> {
        let rows: Vec<usize> = (0..self.examples.rows()).collect();
        rows.chunks(self.block).try_for_each(|rows| take(&self.examples.features.take(rows)))
    }
}

/// The examples divided into those in memory and those behind them.
fn divided(examples: &Examples, in_memory: usize, block: usize) -> (Examples, InBlocks) {
    let rows: Vec<usize> = (0..examples.rows()).collect();
    let (first, others) = rows.split_at(in_memory);
    (examples.take(first), InBlocks { examples: examples.take(others), block })
}

fn with_statistics(on: bool) -> Parameters {
    [("category_statistics".to_owned(), f64::from(u8::from(on)))].into_iter().collect()
}

#[test]
fn boosting_learns_from_streamed_rows_wherever_they_are_cut() {
    let tasks = [
        (Task::BINARY, data::binary(4_000, 1), data::binary(3_000, 9), Metric::LogLoss),
        (
            Task::multiclass(3),
            data::multiclass(4_000, 1),
            data::multiclass(3_000, 9),
            Metric::LogLoss,
        ),
        (Task::REGRESSION, data::regression(4_000, 1), data::regression(3_000, 9), Metric::Rmse),
    ];
    for (task, mut all, test, metric) in tasks {
        for weighted in [false, true] {
            all.weights = weighted.then(|| (0..4_000).map(|row| f64::from(row % 2 + 1)).collect());
            for statistics in [false, true] {
                let parameters = with_statistics(statistics);
                let fitted = |block, threads, streams: bool| {
                    let (train, behind) = divided(&all, 400, block);
                    let streamed: Option<&dyn StreamedExamples> =
                        if streams { Some(&behind) } else { None };
                    let request = request(task, &train, &parameters);
                    let request = Fit { streamed, threads, iterations: Some(60), ..request };
                    learner(Algorithm::GradientBoosting).fit(&request).unwrap()
                };
                let model = fitted(3_600, ONE, true);
                assert_eq!(model.text, fitted(7, TWO, true).text);
                let few = fitted(3_600, ONE, false);
                let (better, worse) =
                    (measured(metric, task, &model, &test), measured(metric, task, &few, &test));
                assert!(better < worse, "{task:?} {statistics}: {better} {worse}");
            }
        }
    }
}

#[test]
fn other_algorithms_learn_from_the_rows_in_memory() {
    let (train, behind) = divided(&data::binary(900, 1), 400, 100);
    let parameters = Parameters::new();
    for algorithm in [Algorithm::RandomForest, Algorithm::LogisticRegression] {
        let of = |streamed| {
            let request = Fit { streamed, ..request(Task::BINARY, &train, &parameters) };
            learner(algorithm).fit(&request).unwrap().text
        };
        assert_eq!(of(Some(&behind as &dyn StreamedExamples)), of(None));
    }
}

#[test]
fn a_logarithm_is_not_learned_where_a_streamed_target_has_none() {
    let mut all = data::amounts(900, 1);
    let parameters: Parameters = [("log_link".to_owned(), 1.0)].into_iter().collect();
    let text = |all: &Examples| {
        let (train, behind) = divided(all, 400, 100);
        let request = request(Task::REGRESSION, &train, &parameters);
        let fitted =
            learner(Algorithm::GradientBoosting).fit(&Fit { streamed: Some(&behind), ..request });
        fitted.unwrap().text.text
    };
    assert!(text(&all).contains("objective=poisson"));
    all.target[800] = -1.0;
    assert!(text(&all).contains("objective=regression"));
}

#[test]
fn streamed_rows_that_do_not_fit_are_refused() {
    let all = data::binary(900, 1);
    let parameters = Parameters::new();
    let refused = |behind: &dyn StreamedExamples| {
        let (train, _) = divided(&all, 400, 100);
        let request = request(Task::BINARY, &train, &parameters);
        learner(Algorithm::GradientBoosting)
            .fit(&Fit { streamed: Some(behind), ..request })
            .unwrap_err()
    };
    let (_, mut behind) = divided(&all, 400, 100);
    behind.examples.target[41] = 2.0;
    assert!(matches!(refused(&behind), Error::Target { row: 42, classes: 1 }));
    behind.examples.target[41] = 1.0;
    behind.examples.weights = Some(vec![1.0; 500]);
    assert!(matches!(refused(&behind), Error::Shape { what: "weights", found: 500, expected: 0 }));
    behind.examples.weights = None;
    behind.examples.features = FeatureMatrix::new(500, 3, vec![0.0; 1_500]).unwrap();
    assert!(refused(&behind).to_string().contains("trees"));
    behind.examples.features = FeatureMatrix::new(499, 4, vec![0.0; 1_996]).unwrap();
    assert!(refused(&behind).to_string().contains("trees"));
}

#[test]
fn a_refit_streams_what_is_allotted_and_says_so() {
    let world = World::new(600);
    let outcome = search(&world.search(), &mut |_| {}).unwrap();
    let combination = combine(Task::BINARY, Metric::LogLoss, &outcome, 8, 3).unwrap();
    let fold_rows = world.fold_rows();
    let budget =
        RowBudget { all: 3_000, width: 4, seconds: 1e6, ..RowBudget::in_memory(600, fold_rows) };
    let allotted = allotted(Task::BINARY, &outcome, &combination, &budget);
    let (train, behind) = divided(&data::binary(3_000, 1), 600, 250);
    let refitted = |allotted: &[Allotment], workers| {
        refit(
            &outcome,
            &combination,
            &learners::Refit {
                task: Task::BINARY,
                examples: &train,
                allotted: Some(AllottedRows { allotted, streamed: &behind, workers }),
                fold_rows,
                copies: 2,
                seed: 3,
                workers,
                cancelled: &never,
            },
        )
    };
    let model = refitted(&allotted, Workers::ONE).unwrap();
    for share in &model.shares {
        let boosts = share.algorithm == Algorithm::GradientBoosting;
        assert_eq!(share.rows, if boosts { 3_000 } else { 600 }, "{share:?}");
    }
    assert!(model.shares.iter().any(|share| share.rows == 3_000), "{:?}", model.shares);
    assert_eq!(model.rows, 3_000);
    let two = refitted(&allotted, Workers { parallel: 2, threads: ONE }).unwrap();
    assert_eq!(two.text, model.text);
    assert_eq!(
        refitted(&allotted, Workers { parallel: 1, threads: TWO }).unwrap().text,
        model.text
    );
    let test = data::binary(3_000, 9);
    let outputs = Outputs::new(Task::BINARY, model.model.predict(&test.features));
    assert!(score(Metric::RocAuc, &test.target, &outputs).unwrap() > 0.8);
    let more: Vec<Allotment> =
        allotted.iter().map(|of| Allotment { rows: of.rows + 1, ..*of }).collect();
    assert!(matches!(refitted(&more, Workers::ONE), Err(Error::Shape { what: "rows", .. })));
}
