//! The real tables, where they are at hand.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use learners::{
    Algorithm, Candidate, Examples, Outputs, PostSearchWork, Refit, Search, Task, Workers, combine,
    learner, portfolio, refit, score, search, stratified_folds,
};
use tabular::FeatureMatrix;
use tabular::metrics::Metric;

struct Text {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn read(name: &str, file: &str) -> Option<Text> {
    let root = std::env::var_os("TIER0_TEST_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(name).join(file);
    let Ok(mut reader) = csv::Reader::from_path(&path) else {
        eprintln!("skipped: {} is not there (TIER0_TEST_DATA names its directory)", path.display());
        return None;
    };
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader
        .records()
        .map(|row| row.unwrap().iter().map(|cell| cell.trim().to_owned()).collect())
        .collect();
    Some(Text { header, rows })
}

/// Numbers where all values of the training table are, codes of its texts elsewhere.
fn examples(train: &Text, of: &Text, target: &str, positive: &str, leave_out: &[&str]) -> Examples {
    let missing = |cell: &str| matches!(cell, "" | "NA" | "?");
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let mut categories = Vec::new();
    for (place, name) in train.header.iter().enumerate() {
        if name == target || leave_out.contains(&name.as_str()) {
            continue;
        }
        let known =
            || train.rows.iter().map(move |row| row[place].as_str()).filter(|cell| !missing(cell));
        if known().all(|cell| cell.parse::<f64>().is_ok()) {
            columns
                .push(of.rows.iter().map(|row| row[place].parse().unwrap_or(f64::NAN)).collect());
            categories.push(None);
            continue;
        }
        let mut levels: BTreeMap<&str, u32> = known().map(|cell| (cell, 0)).collect();
        for (code, place) in levels.values_mut().enumerate() {
            *place = u32::try_from(code).unwrap();
        }
        columns.push(
            of.rows
                .iter()
                .map(|row| {
                    levels.get(row[place].as_str()).map_or(f64::NAN, |&code| f64::from(code))
                })
                .collect(),
        );
        categories.push(Some(u32::try_from(levels.len()).unwrap()));
    }
    let place = of.header.iter().position(|name| name == target).unwrap();
    let values =
        (0..of.rows.len()).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    Examples::new(
        FeatureMatrix::new(of.rows.len(), columns.len(), values).unwrap(),
        categories,
        of.rows.iter().map(|row| f64::from(u8::from(row[place] == positive))).collect(),
    )
}

fn reaches(
    name: &str,
    target: &str,
    positive: &str,
    leave_out: &[&str],
    trials: usize,
    least: f64,
) {
    let (Some(train), Some(test)) = (read(name, "train.csv"), read(name, "test.csv")) else {
        return;
    };
    let all = examples(&train, &train, target, positive, leave_out);
    let test = examples(&train, &test, target, positive, leave_out);
    let folds = stratified_folds(Task::BINARY, &all.target, 4, 1).unwrap();
    let algorithms =
        [Algorithm::GradientBoosting, Algorithm::LogisticRegression, Algorithm::RandomForest];
    let candidates = algorithms.map(|algorithm| Candidate {
        algorithm,
        space: learner(algorithm).search_space(Task::BINARY, all.rows()),
    });
    let start = Instant::now();
    let workers = Workers::plan(2, all.rows());
    let outcome = search(
        &Search {
            task: Task::BINARY,
            metric: Metric::RocAuc,
            candidates: &candidates,
            portfolio: &portfolio(Task::BINARY, &algorithms, all.rows(), false, false),
            examples: &all,
            folds: folds.get(..2).unwrap(),
            seed: 1,
            max_trials: trials,
            workers,
            executor: &learners::Local,
            clock: &|| start.elapsed(),
            deadline: Duration::from_secs(60),
            afterwards: PostSearchWork::NOTHING,
            cancelled: &|| false,
        },
        &mut |trial| eprintln!("{name} {:.1} s: {trial:?}", start.elapsed().as_secs_f64()),
    )
    .unwrap();
    let combination = combine(Task::BINARY, Metric::RocAuc, &outcome, 8, 1).unwrap();
    let fold_rows = folds.first().unwrap().train.len();
    let cancelled = || false;
    let model = refit(
        &outcome,
        &combination,
        &Refit {
            task: Task::BINARY,
            examples: &all,
            allotted: None,
            fold_rows,
            copies: 1,
            seed: 1,
            workers,
            cancelled: &cancelled,
        },
    )
    .unwrap();
    let outputs = Outputs::new(Task::BINARY, model.model.predict(&test.features));
    let reached = score(Metric::RocAuc, &test.target, &outputs).unwrap();
    eprintln!("{name}: {} reached {reached:.4} on the test rows", model.algorithm());
    assert!(reached >= least, "{reached}");
}

#[test]
fn telco_reaches_0_84() {
    reaches("telco", "Churn", "Yes", &["customerID"], 8, 0.84);
}

#[test]
fn adult_reaches_0_92() {
    reaches("adult", "class", ">50K", &[], 2, 0.92);
}
