//! The whole of the trainer but its handoffs, on made and on real tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test")]

mod requests;
mod rows;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use contracts::stages;
use learners::{Algorithm, learner};
use model_trainer::pack::PackedModel;
use model_trainer::splits::Splits;
use model_trainer::train::{Order, TrainingOutcome, train};
use model_trainer::{Config, Error};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use scoring::{CheckRows, Limits, Scorer, bundle, rows_to_table};
use tabular::metrics::roc_auc;
use tabular::parse::MissingMarkers;
use tabular::split::{Method, Split, assign, rows_of};
use tabular::{
    CleaningPlan, Column, ColumnType, FeaturePlan, Field, ProblemType, Table, TextColumn, cleaning,
    plan, target,
};

/// A number, a category and a number with gaps.
fn table(rows: usize, of_score: impl Fn(f64) -> Column0) -> Table {
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    let names = ["north", "south", "east", "west"];
    let (mut x, mut region, mut gaps, mut labels, mut numbers) =
        (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let value: f64 = generator.random_range(-3.0..3.0);
        let place = generator.random_range(0..names.len());
        let noise: f64 = generator.random_range(-0.7..0.7);
        x.push(value);
        region.push(names.get(place).copied());
        gaps.push(if generator.random_bool(0.2) { f64::NAN } else { value + noise });
        match of_score(value + if place == 1 { 1.5 } else { 0.0 } + noise) {
            Column0::Label(label) => labels.push(Some(label)),
            Column0::Number(number) => numbers.push(number),
        }
    }
    let (kind, column) = if numbers.is_empty() {
        (ColumnType::Text, Column::Text(labels.into_iter().collect::<TextColumn>()))
    } else {
        (ColumnType::Number, Column::Number(numbers))
    };
    let fields = vec![
        Field::new("x", ColumnType::Number),
        Field::new("region", ColumnType::Text),
        Field::new("gaps", ColumnType::Number),
        Field::new("outcome", kind),
    ];
    let columns = vec![
        Column::Number(x),
        Column::Text(region.into_iter().collect()),
        Column::Number(gaps),
        column,
    ];
    Table::new(fields, columns).unwrap()
}

enum Column0 {
    Label(&'static str),
    Number(f64),
}

/// A plan and the tables of the splits.
#[derive(Clone)]
struct Prepared {
    plan: FeaturePlan,
    train: Table,
    validation: Table,
    test: Table,
    hold_out: Table,
}

impl Prepared {
    /// The splits as the data-preparer stores them.
    fn splits(&self) -> Splits {
        let stored = |table: &Table| dataset::write_parquet(table).unwrap().into();
        Splits {
            train: stored(&self.train),
            validation: stored(&self.validation),
            test: stored(&self.test),
            hold_out: stored(&self.hold_out),
        }
    }
}

fn prepared(
    table: &Table,
    target_name: &str,
    problem: ProblemType,
    positive: Option<&str>,
) -> (Prepared, Vec<String>) {
    let encoded = target::encode(table, target_name, problem, positive).unwrap();
    let method = match problem {
        ProblemType::Regression => Method::Random { rows: table.rows() },
        _ => Method::Stratified { classes: &encoded.values },
    };
    let splits = assign(method, 3).unwrap();
    let rows = |split| table.take(&rows_of(&splits, split));
    let (train, validation, test, hold_out) =
        (rows(Split::Train), rows(Split::Validation), rows(Split::Test), rows(Split::HoldOut));
    let features = train.without(&[target_name]);
    let cleaning = CleaningPlan::fit(&features, &cleaning::Options::default());
    let target = target::encode_with(&train, target_name, problem, &encoded.classes).unwrap();
    let plan = plan::fit(&features, &target, &cleaning, &plan::Options::default()).unwrap().plan;
    (Prepared { plan, train, validation, test, hold_out }, encoded.classes)
}

fn scope(
    target: &str,
    kind: stages::ProblemType,
    classes: Vec<String>,
    metric: &str,
) -> stages::Scope {
    let positive_class = if kind == stages::ProblemType::Binary {
        classes.last().cloned().unwrap()
    } else {
        String::new()
    };
    stages::Scope {
        name: "made".to_owned(),
        problem_type: kind,
        target: target.to_owned(),
        classes,
        positive_class,
        metric: metric.to_owned(),
        time_budget_seconds: 30.0,
        seed: 7,
        min_lift: 0.1,
        ..stages::Scope::default()
    }
}

fn selection(problem: ProblemType, rows: usize) -> stages::Selection {
    let order = [
        Algorithm::GradientBoosting,
        Algorithm::RandomForest,
        Algorithm::LogisticRegression,
        Algorithm::ElasticNet,
    ];
    let candidate = |algorithm: Algorithm| stages::Candidate {
        algorithm: algorithm.name().to_owned(),
        search_space: learner(algorithm)
            .search_space(learners::Task::new(problem, 2), rows)
            .iter()
            .map(|range| stages::ParameterRange {
                name: range.name.to_owned(),
                low: range.low,
                high: range.high,
                log: range.log,
                integer: range.integer,
                default: range.default,
            })
            .collect(),
        ..stages::Candidate::default()
    };
    let applies = |algorithm: &Algorithm| learner(*algorithm).applies_to(problem);
    stages::Selection {
        candidates: order.into_iter().filter(applies).map(candidate).collect(),
        ..stages::Selection::default()
    }
}

fn run(
    material: &Prepared,
    scope: &stages::Scope,
    max_trials: usize,
) -> Result<(TrainingOutcome, PackedModel), Error> {
    let mut config = Config::default().training;
    config.max_trials = max_trials;
    run_with(material, scope, &config)
}

/// As long as the scope's time budget.
fn run_for(
    material: &Prepared,
    scope: &stages::Scope,
) -> Result<(TrainingOutcome, PackedModel), Error> {
    run_with(material, scope, &Config::default().training)
}

fn run_with(
    material: &Prepared,
    scope: &stages::Scope,
    config: &model_trainer::TrainingConfig,
) -> Result<(TrainingOutcome, PackedModel), Error> {
    let start = Instant::now();
    let order = Order {
        scope,
        selection: Some(&selection(scope.problem_type, material.train.rows())),
        config,
        executor: &learners::Local,
        clock: &|| start.elapsed(),
        cancelled: &|| false,
    };
    let tables = material.splits().read(material.plan.clone(), scope)?;
    train(&tables, &order, &statistics::profile(&material.train), &mut |_, _| {})
}

fn scorer(packed: &PackedModel) -> Scorer {
    Scorer::from_bundle(bundle::read(&packed.bundle, &Limits::default()).unwrap()).unwrap()
}

fn binary() -> (Prepared, stages::Scope) {
    let label = |score: f64| Column0::Label(if score > 0.5 { "Yes" } else { "No" });
    let (material, classes) =
        prepared(&table(1_200, label), "outcome", ProblemType::Binary, Some("Yes"));
    (material, scope("outcome", stages::ProblemType::Binary, classes, "roc_auc"))
}

#[test]
fn a_binary_model_is_packed_checked_and_the_same_again() {
    let (material, scope) = binary();
    let (trained, packed) = run(&material, &scope, 6).unwrap();
    assert!(trained.evaluation.test.get("roc_auc").unwrap().value > 0.85);
    assert!((trained.importance.values().sum::<f64>() - 1.0).abs() < 1e-9);
    assert_eq!(packed.signature.threshold, trained.evaluation.threshold);
    let rows: CheckRows = serde_json::from_slice(&packed.check_rows).unwrap();
    assert_eq!((rows.rows.len(), packed.rows), (50, 50));
    let asked = rows_to_table(&rows.fields, &rows.rows, &MissingMarkers::default()).unwrap();
    let served = scorer(&packed).score(&asked).unwrap();
    for (row, outputs) in rows.outputs.iter().enumerate() {
        assert_eq!(served.outputs(row), outputs);
    }
    let (_, again) = run(&material, &scope, 6).unwrap();
    assert_eq!(again.bundle, packed.bundle);
    let card = bundle::read(&packed.bundle, &Limits::default()).unwrap().model_card;
    assert!(
        card.starts_with("---\nlibrary_name: tier0\npipeline_tag: tabular-classification\n"),
        "{card}"
    );
}

#[test]
fn several_classes_and_numbers_are_learned() {
    let label = |score: f64| {
        Column0::Label(match score {
            low if low < -1.0 => "low",
            high if high > 1.5 => "high",
            _ => "middle",
        })
    };
    let (material, classes) =
        prepared(&table(1_200, label), "outcome", ProblemType::Multiclass, None);
    let (trained, packed) =
        run(&material, &scope("outcome", stages::ProblemType::Multiclass, classes, "accuracy"), 4)
            .unwrap();
    assert!(trained.evaluation.test.get("accuracy").unwrap().value > 0.7);
    assert_eq!(packed.signature.threshold, None);

    let number = |score: f64| Column0::Number(200.0 + 10.0 * score);
    let (material, classes) =
        prepared(&table(1_200, number), "outcome", ProblemType::Regression, None);
    let (trained, packed) =
        run(&material, &scope("outcome", stages::ProblemType::Regression, classes, "r2"), 4)
            .unwrap();
    assert!(trained.evaluation.test.get("r2").unwrap().value > 0.8);
    assert!(packed.signature.classes.is_empty());
}

#[test]
fn limits_and_gates_of_the_request_hold() {
    let (material, scope) = binary();
    let gate = stages::Criterion { metric: "log_loss".to_owned(), threshold: 1e-4, gate: true };
    let gated = stages::Scope { criteria: vec![gate], ..scope.clone() };
    assert!(matches!(run(&material, &gated, 3), Err(Error::CriterionMissed { .. })));
    let small = stages::Constraints { max_model_bytes: 100, ..stages::Constraints::default() };
    let limited = stages::Scope { constraints: Some(small), ..scope.clone() };
    assert!(matches!(run(&material, &limited, 3), Err(Error::TooLarge { .. })));
    let fast = stages::Constraints { max_latency_ms: 1e-7, ..stages::Constraints::default() };
    let limited = stages::Scope { constraints: Some(fast), ..scope.clone() };
    assert!(matches!(run(&material, &limited, 3), Err(Error::TooSlow { .. })));
    let unknown = stages::Scope { metric: "rmse".to_owned(), ..scope };
    assert!(matches!(run(&material, &unknown, 3), Err(Error::Metric { .. })));
}

/// Trains on a public table as the pipeline does, and scores its test file through the bundle.
fn reaches(
    name: &str,
    target_name: &str,
    positive: &str,
    without: &[&str],
    trials: usize,
    least: f64,
) {
    let root = std::env::var_os("TIER0_TEST_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = |file: &str| root.join(name).join(file);
    if !path("train.csv").exists() {
        eprintln!(
            "skipped: {} is not there (TIER0_TEST_DATA names its directory)",
            path("train.csv").display()
        );
        return;
    }
    let all = dataset::read_file(&path("train.csv")).unwrap().without(without);
    let test = dataset::read_file(&path("test.csv")).unwrap();
    let (material, classes) = prepared(&all, target_name, ProblemType::Binary, Some(positive));
    let scope = scope(target_name, stages::ProblemType::Binary, classes.clone(), "roc_auc");
    let start = Instant::now();
    let (trained, packed) = run(&material, &scope, trials).unwrap();
    let truth =
        target::encode_with(&test, target_name, ProblemType::Binary, &classes).unwrap().values;
    let predictions = scorer(&packed).score(&test).unwrap();
    let reached = roc_auc(&truth, &predictions.probabilities_of(1)).unwrap();
    eprintln!(
        "{name}: {} of {} trials in {:.1} s, bundle of {} kB, test file {reached:.4}",
        trained.served.algorithm(),
        trained.searched.trials.len(),
        start.elapsed().as_secs_f64(),
        packed.bundle.len() / 1024
    );
    assert!(reached >= least, "{reached}");
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn telco_reaches_0_84() {
    reaches("telco", "Churn", "Yes", &["customerID"], 12, 0.84);
}

#[test]
fn adult_reaches_0_92() {
    reaches("adult", "class", ">50K", &[], 6, 0.92);
}
