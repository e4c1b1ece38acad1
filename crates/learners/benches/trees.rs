//! 300 trees of 31 leaves over 23 features, by our evaluator and by LightGBM's own, both on one thread: rows per second.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "a benchmark")]

use std::hint::black_box;
use std::num::NonZeroU16;
use std::ops::ControlFlow;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lightgbm::{Observer, Output, Parameters, Progress, Rows, Training, train, with_predictor};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use scoring::{FeatureMatrix, Limits, Model, ModelKind};

const ONE: NonZeroU16 = NonZeroU16::MIN;
const WIDTH: usize = 23;
/// Columns from here on are categories.
const NUMBERS: usize = 16;
const ROWS: usize = 10_000;

struct Unwatched;

impl Observer for Unwatched {
    fn observe(&mut self, _: Progress<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

fn rows(draws: &mut ChaCha8Rng, count: usize) -> Vec<f64> {
    let mut value = |column: usize| {
        if column.is_multiple_of(5) && draws.random_bool(0.05) {
            f64::NAN
        } else if column >= NUMBERS {
            f64::from(draws.random_range(0..(2 + 2 * (column - NUMBERS)) as u32))
        } else {
            draws.random_range(-2.0..2.0)
        }
    };
    (0..count * WIDTH).map(|place| value(place % WIDTH)).collect()
}

/// LightGBM's text.
fn grown() -> String {
    let mut draws = ChaCha8Rng::seed_from_u64(5);
    let values = rows(&mut draws, 20_000);
    let labels: Vec<f64> = values
        .chunks(WIDTH)
        .map(|row| {
            let known = row.iter().enumerate().filter(|(_, value)| !value.is_nan());
            let score: f64 = known.map(|(place, value)| (value * (1.0 + place as f64)).sin()).sum();
            f64::from(u8::from(score + draws.random_range(-1.0..1.0) > 0.0))
        })
        .collect();
    let categorical: Vec<usize> = (NUMBERS..WIDTH).collect();
    let parameters = Parameters::new()
        .with("objective", "binary")
        .with("num_leaves", 31_i64)
        .with("learning_rate", 0.05);
    let training = Training {
        categorical: &categorical,
        ..Training::of(
            Rows { values: &values, width: WIDTH, labels: &labels, weights: None },
            &parameters,
            300,
            ONE,
        )
    };
    train(&training, &mut Unwatched).unwrap().text
}

fn trees(criterion: &mut Criterion) {
    let text = grown();
    let model = Model::parse(ModelKind::Lightgbm, &text, &Limits::default()).unwrap();
    let asked = rows(&mut ChaCha8Rng::seed_from_u64(6), ROWS);
    let mut group = criterion.benchmark_group("trees");
    group.sample_size(10).warm_up_time(Duration::from_millis(300));
    group.measurement_time(Duration::from_secs(1));
    with_predictor(&text, Output::Raw, ONE, |theirs| {
        let mut at = 0;
        let mut next = |batch: usize| {
            // Other rows each time, so that branches are not learned by heart.
            at = (at + batch) % (ROWS - batch + 1).max(1);
            &asked[at * WIDTH..(at + batch) * WIDTH]
        };
        for batch in [1, 100, 1_000, ROWS] {
            group.throughput(Throughput::Elements(batch as u64));
            group.bench_function(BenchmarkId::new("ours", batch), |bencher| {
                bencher.iter(|| {
                    let rows = next(batch).to_vec();
                    model.predict(black_box(&FeatureMatrix::new(batch, WIDTH, rows).unwrap()))
                });
            });
            group.bench_function(BenchmarkId::new("lightgbm", batch), |bencher| {
                bencher.iter(|| theirs.predict(black_box(next(batch))).unwrap());
            });
        }
        let mut out = [0.0; 2];
        group.throughput(Throughput::Elements(1));
        group.bench_function("ours/row", |bencher| {
            bencher.iter(|| model.predict_row(black_box(next(1)), &mut out));
        });
        group.bench_function("lightgbm/row", |bencher| {
            bencher.iter(|| theirs.predict_row(black_box(next(1)), &mut out[..1]).unwrap());
        });
    })
    .unwrap();
    group.finish();
}

criterion_group!(benches, trees);
criterion_main!(benches);
