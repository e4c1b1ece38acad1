//! Chooses the configurations that searches begin with, greedily, on tables that `scripts/automl/sets.py` made.
//!
//!     cargo run --example choose_portfolio -- DIR ROWS [SETS]
//!
//! Every configuration of a pool is fitted on three folds of at most ROWS rows of each table. Then the configuration is taken,
//! one after the other, that lowers most what an ensemble of those taken so far loses on the rows that
//! the fits had not seen: the mean over the tables of its loss, as a share of the way from the best ensemble of the whole pool
//! to the mean of the target.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool of the developers: it stops at the first surprise"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use learners::{
    Algorithm, Examples, Folds, Parameters, Task, Workers, learner, portfolio, stratified_folds,
    stratified_sample,
};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tabular::FeatureMatrix;
use tabular::metrics::Metric;

/// Seconds after which the growth of a fit is cut short.
const FIT_SECONDS: u64 = 20;
const FOLDS: usize = 3;
const DRAWN: [(Algorithm, usize); 5] = [
    (Algorithm::GradientBoosting, 28),
    (Algorithm::RandomForest, 3),
    (Algorithm::ExtraTrees, 3),
    (Algorithm::LogisticRegression, 4),
    (Algorithm::ElasticNet, 4),
];
const LENGTH: usize = 14;

/// A configuration of the pool.
struct Configuration {
    name: String,
    algorithm: Algorithm,
    parameters: Parameters,
}

/// A table with what the pool makes of it.
struct Measured {
    task: Task,
    target: Vec<f64>,
    /// Seconds of each configuration, in those of the median one.
    costs: Vec<f64>,
    /// Out-of-fold outputs of each configuration; none where it does not apply or failed.
    outputs: Vec<Option<Vec<f64>>>,
    prior: f64,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let root = PathBuf::from(arguments.next().expect("the directory of the tables"));
    let rows: usize = arguments.next().expect("the most rows").parse().expect("a number of rows");
    let wanted: Vec<String> = arguments
        .next()
        .map(|names| names.split(',').map(str::to_owned).collect())
        .unwrap_or_default();
    let pool = pool(rows);
    let mut tables: Vec<PathBuf> =
        std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    tables.sort();
    let mut measured = Vec::new();
    for path in tables.iter().filter(|path| path.join("meta.json").exists()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        let begun = Instant::now();
        measured.push(measure(path, &pool, rows));
        eprintln!("{name}: {:.0} s", begun.elapsed().as_secs_f64());
    }
    choose(&pool, &measured, portfolio(Task::BINARY, &Algorithm::ALL, rows, false, false).len());
}

/// The profiles that there are, and configurations that are drawn from the ranges of the search.
fn pool(rows: usize) -> Vec<Configuration> {
    let mut pool: Vec<Configuration> = portfolio(Task::BINARY, &Algorithm::ALL, rows, false, false)
        .into_iter()
        .map(|profile| Configuration {
            name: profile.name.to_owned(),
            algorithm: profile.algorithm,
            parameters: profile.parameters,
        })
        .collect();
    let mut generator = ChaCha8Rng::seed_from_u64(7);
    for (algorithm, count) in DRAWN {
        let space = learner(algorithm).search_space(Task::BINARY, rows);
        for number in 0..count {
            let parameters = space.iter().map(|range| {
                let share: f64 = generator.random();
                let value = if range.log {
                    range.low * (range.high / range.low).powf(share)
                } else {
                    range.low + share * (range.high - range.low)
                };
                (range.name.to_owned(), if range.integer { value.round() } else { value })
            });
            let parameters = parameters.collect();
            pool.push(Configuration { name: format!("drawn-{number}"), algorithm, parameters });
        }
    }
    pool
}

/// Fits the whole pool on the folds of a table.
fn measure(path: &Path, pool: &[Configuration], most: usize) -> Measured {
    let (task, examples) = read(path);
    let rows = stratified_sample(task, &examples.target, most, 1);
    let examples = examples.take(&rows);
    let divided = stratified_folds(task, &examples.target, FOLDS, 1).unwrap();
    let metric = if task == Task::REGRESSION { Metric::Rmse } else { Metric::LogLoss };
    let folds = Folds::new(task, metric, &examples, &divided, 1).unwrap();
    let width = task.outputs();
    let begun = Instant::now();
    let clock = || begun.elapsed();
    let fitted = |configuration: &Configuration| -> Option<(f64, Vec<f64>)> {
        let start = begun.elapsed();
        if !learner(configuration.algorithm).applies_to(task.problem) {
            return None;
        }
        let mut outputs = vec![0.0; examples.rows() * width];
        for (number, fold) in divided.iter().enumerate() {
            let limit = begun.elapsed() + Duration::from_secs(FIT_SECONDS);
            let over = || begun.elapsed() > limit;
            let Configuration { algorithm, parameters, .. } = configuration;
            let one = Workers::ONE.threads;
            let fit = folds.fit(*algorithm, parameters, number, one, &clock, &over).ok()?;
            for (row, own) in fold.held_out.iter().zip(fit.outputs.chunks_exact(width)) {
                outputs[row * width..][..width].copy_from_slice(own);
            }
        }
        Some(((begun.elapsed() - start).as_secs_f64(), outputs))
    };
    let half = pool.len() / 2;
    let all: Vec<Option<(f64, Vec<f64>)>> = std::thread::scope(|scope| {
        let first = scope.spawn(|| pool[..half].iter().map(fitted).collect::<Vec<_>>());
        let second: Vec<_> = pool[half..].iter().map(fitted).collect();
        let mut all = first.join().unwrap();
        all.extend(second);
        all
    });
    let mut seconds: Vec<f64> = all.iter().flatten().map(|(seconds, _)| *seconds).collect();
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    let costs = all.iter().map(|of| of.as_ref().map_or(0.0, |(own, _)| own / median)).collect();
    let outputs = all.into_iter().map(|of| of.map(|(_, outputs)| outputs)).collect();
    let target = examples.target;
    let prior = loss(task, &target, &prior(task, &target));
    Measured { task, target, costs, outputs, prior }
}

fn prior(task: Task, target: &[f64]) -> Vec<f64> {
    let count = target.len() as f64;
    if task == Task::REGRESSION {
        return vec![target.iter().sum::<f64>() / count; target.len()];
    }
    let share =
        |class: usize| target.iter().filter(|of| **of == class as f64).count() as f64 / count;
    let shares: Vec<f64> = (0..task.classes).map(share).collect();
    target.iter().flat_map(|_| shares.iter().copied()).collect()
}

/// Log loss, or the root of the mean squared error.
fn loss(task: Task, target: &[f64], outputs: &[f64]) -> f64 {
    let count = target.len() as f64;
    if task == Task::REGRESSION {
        let squares = target.iter().zip(outputs).map(|(truth, value)| (truth - value).powi(2));
        return (squares.sum::<f64>() / count).sqrt();
    }
    let rows = target.iter().zip(outputs.chunks_exact(task.classes));
    rows.map(|(truth, row)| -row[*truth as usize].clamp(1e-15, 1.0).ln()).sum::<f64>() / count
}

/// The loss of the greedy ensemble of some configurations (Caruana and others, 2004), at most 8 steps.
fn ensemble(measured: &Measured, chosen: &[usize]) -> f64 {
    let members: Vec<&Vec<f64>> =
        chosen.iter().filter_map(|&place| measured.outputs[place].as_ref()).collect();
    let mut sums = vec![0.0; members.first().map_or(0, |first| first.len())];
    let mut best = measured.prior;
    for step in 0..8 {
        let mut next: Option<(f64, Vec<f64>)> = None;
        for own in &members {
            let added: Vec<f64> = sums.iter().zip(*own).map(|(sum, own)| sum + own).collect();
            let mean: Vec<f64> = added.iter().map(|sum| sum / f64::from(step + 1)).collect();
            let reached = loss(measured.task, &measured.target, &mean);
            if next.as_ref().is_none_or(|(least, _)| reached < *least) {
                next = Some((reached, added));
            }
        }
        let Some((reached, added)) = next else { break };
        best = best.min(reached);
        sums = added;
    }
    best
}

fn choose(pool: &[Configuration], measured: &[Measured], profiles: usize) {
    let all: Vec<usize> = (0..pool.len()).collect();
    let floors: Vec<f64> = measured.iter().map(|of| ensemble(of, &all)).collect();
    let regret = |chosen: &[usize]| -> f64 {
        let of =
            |(of, floor): (&Measured, &f64)| (ensemble(of, chosen) - floor) / (of.prior - floor);
        measured.iter().zip(&floors).map(of).sum::<f64>() / measured.len() as f64
    };
    let cost = |place: usize| -> f64 {
        let costs = measured.iter().map(|of| of.costs[place]).filter(|cost| *cost > 0.0);
        costs.clone().sum::<f64>() / costs.count().max(1) as f64
    };
    println!("as it is now:");
    for length in 1..=profiles {
        println!("{length:3} {:.5} {:.2}", regret(&all[..length]), cost(length - 1));
    }
    println!("greedily:");
    let mut chosen: Vec<usize> = Vec::new();
    for length in 1..=LENGTH {
        let rest = all.iter().filter(|place| !chosen.contains(place));
        let next = rest
            .map(|&place| (regret(&[chosen.clone(), vec![place]].concat()), place))
            .min_by(|one, other| one.0.total_cmp(&other.0));
        let Some((regret, place)) = next else { break };
        chosen.push(place);
        let Configuration { name, algorithm, parameters } = &pool[place];
        let parameters: Vec<String> =
            parameters.iter().map(|(name, value)| format!("{name}={value:.3}")).collect();
        println!(
            "{length:3} {regret:.5} {:.2} {algorithm} {name} {}",
            cost(place),
            parameters.join(" ")
        );
    }
}

/// The training rows of a table: numbers where all values are, codes of texts elsewhere.
fn read(path: &Path) -> (Task, Examples) {
    let meta = std::fs::read_to_string(path.join("meta.json")).unwrap();
    let text = |key: &str| -> Option<String> {
        let (_, rest) = meta.split_once(&format!("\"{key}\": \""))?;
        Some(rest.split('"').next()?.to_owned())
    };
    let target = text("target").unwrap();
    let mut reader = csv::Reader::from_path(path.join("train.csv")).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<Vec<String>> = reader
        .records()
        .map(|row| row.unwrap().iter().map(|cell| cell.trim().to_owned()).collect())
        .collect();
    let missing = |cell: &str| matches!(cell, "" | "NA" | "?");
    let codes = |place: usize| {
        let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows.iter().filter(|row| !missing(&row[place])) {
            let next = levels.len();
            levels.entry(&row[place]).or_insert(next);
        }
        let code =
            |row: &Vec<String>| levels.get(row[place].as_str()).map_or(f64::NAN, |&c| c as f64);
        (rows.iter().map(code).collect::<Vec<f64>>(), levels.len())
    };
    let is_number = |place: usize| {
        rows.iter().all(|row| missing(&row[place]) || row[place].parse::<f64>().is_ok())
    };
    let (mut columns, mut categories) = (Vec::new(), Vec::new());
    for place in (0..header.len()).filter(|&place| header[place] != target) {
        if is_number(place) {
            let number = |row: &Vec<String>| row[place].parse().unwrap_or(f64::NAN);
            columns.push(rows.iter().map(number).collect());
            categories.push(None);
        } else {
            let (codes, levels) = codes(place);
            // A key tells nothing.
            if levels < rows.len() / 2 {
                columns.push(codes);
                categories.push(Some(u32::try_from(levels).unwrap()));
            }
        }
    }
    let place = header.iter().position(|name| *name == target).unwrap();
    let (task, target) = if text("problem").as_deref() == Some("regression") {
        (Task::REGRESSION, rows.iter().map(|row| row[place].parse().unwrap()).collect())
    } else {
        let (codes, classes) = codes(place);
        (if classes == 2 { Task::BINARY } else { Task::multiclass(classes) }, codes)
    };
    let values = (0..rows.len())
        .flat_map(|row| columns.iter().map(move |column: &Vec<f64>| column[row]))
        .collect();
    let matrix = FeatureMatrix::new(rows.len(), columns.len(), values).unwrap();
    (task, Examples::new(matrix, categories, target))
}
