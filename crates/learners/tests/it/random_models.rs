//! Models that LightGBM grows with parameters drawn at random, evaluated by it and by us, to the bit.

use std::num::NonZeroU16;
use std::ops::ControlFlow;

use lightgbm::{Observer, Output, Parameters, Progress, Rows, Training, train};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use scoring::{FeatureMatrix, Limits, Model, ModelKind};

const ONE: NonZeroU16 = NonZeroU16::MIN;
const WIDTH: usize = 6;
const CATEGORICAL: [usize; 2] = [2, 5];

/// Lets every iteration be.
struct Unwatched;

impl Observer for Unwatched {
    fn observe(&mut self, _: Progress<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Numbers, zeros, gaps and codes.
fn values(draws: &mut ChaCha8Rng, rows: usize, is_asked: bool) -> Vec<f64> {
    let mut value = |column: usize| {
        if draws.random_bool(0.08) {
            return f64::NAN;
        }
        if is_asked && draws.random_bool(0.1) {
            let strange = [-1.0, -0.5, 1e-36, -0.0, 77.0, 1e12, f64::INFINITY, f64::NEG_INFINITY];
            return strange[draws.random_range(0..strange.len())];
        }
        match column {
            2 => f64::from(draws.random_range(0..4_u32)),
            5 => f64::from(draws.random_range(0..40_u32)),
            1 | 4 if draws.random_bool(0.5) => 0.0,
            _ => draws.random_range(-3.0..3.0),
        }
    };
    (0..rows * WIDTH).map(|place| value(place % WIDTH)).collect()
}

fn parameters(draws: &mut ChaCha8Rng, objective: &'static str, leaves: i64) -> Parameters {
    let mut parameters = Parameters::new()
        .with("objective", objective)
        .with("num_leaves", leaves)
        .with("min_data_in_leaf", draws.random_range(1..30_i64))
        .with("learning_rate", draws.random_range(0.05..0.5))
        .with("max_cat_to_onehot", draws.random_range(1..6_i64))
        .with("min_data_per_group", 5_i64)
        .with("cat_smooth", 1.0)
        .with("use_missing", draws.random_bool(0.8))
        .with("zero_as_missing", draws.random_bool(0.3))
        .with("seed", draws.random_range(0..1_000_000_i64));
    if objective == "multiclass" {
        parameters = parameters.with("num_class", 3_i64);
    }
    if draws.random_bool(0.2) {
        parameters = parameters
            .with("boosting", "rf")
            .with("bagging_freq", 1_i64)
            .with("bagging_fraction", 0.7);
    }
    parameters
}

/// The text of a model that LightGBM grows.
fn grown(
    seen: &[f64],
    labels: &[f64],
    parameters: &lightgbm::Parameters,
    iterations: u32,
) -> String {
    let training = Training {
        categorical: &CATEGORICAL,
        ..Training::of(
            Rows { values: seen, width: WIDTH, labels, weights: None },
            parameters,
            iterations,
            ONE,
        )
    };
    train(&training, &mut Unwatched).unwrap().text
}

#[test]
fn random_models_are_evaluated_to_lightgbms_own_bits() {
    let mut draws = ChaCha8Rng::seed_from_u64(16);
    let (mut small, mut large, mut one_leaf) = (0, 0, 0);
    for case in 0..48 {
        let objective = ["binary", "regression", "multiclass", "poisson"][case % 4];
        let leaves = [2, 8, 31, 32, 33, 120][case % 6];
        let rows = if case % 11 == 0 { 12 } else { 700 };
        let seen = values(&mut draws, rows, false);
        let labels: Vec<f64> = seen
            .chunks(WIDTH)
            .map(|row| {
                let score = row[0].max(-3.0) + (row[5].max(0.0) as u32 % 3) as f64;
                match objective {
                    "binary" => f64::from(u8::from(score + draws.random_range(-1.0..1.0) > 0.5)),
                    "multiclass" => f64::from((score.clamp(0.0, 2.0)) as u8),
                    _ => score.abs() + draws.random_range(0.0..0.5),
                }
            })
            .collect();
        let parameters = parameters(&mut draws, objective, leaves);
        let text = grown(&seen, &labels, &parameters, 25);
        let sizes: Vec<usize> = text
            .lines()
            .filter_map(|line| line.strip_prefix("num_leaves=")?.parse().ok())
            .collect();
        small += sizes.iter().filter(|leaves| (2..=32).contains(*leaves)).count();
        large += sizes.iter().filter(|leaves| **leaves > 32).count();
        one_leaf += sizes.iter().filter(|leaves| **leaves == 1).count();

        let asked = values(&mut draws, 203, true);
        let theirs = lightgbm::predict(&text, &asked, WIDTH, Output::Transformed, ONE).unwrap();
        let theirs: Vec<u64> = theirs.iter().map(|value| value.to_bits()).collect();
        let model = Model::parse(ModelKind::Lightgbm, &text, &Limits::default()).unwrap();
        let matrix = FeatureMatrix::new(203, WIDTH, asked).unwrap();
        let is_binary = objective == "binary";
        let of_row = |out: &[f64]| -> Vec<u64> {
            out.iter().skip(usize::from(is_binary)).map(|value| value.to_bits()).collect()
        };
        let many = model.predict(&matrix);
        let many: Vec<u64> = many.chunks(model.outputs()).flat_map(of_row).collect();
        assert_eq!(many, theirs, "case {case}: {objective}, {leaves} leaves");
        let mut out = vec![0.0; model.outputs()];
        let alone: Vec<u64> = matrix
            .iter_rows()
            .flat_map(|row| {
                model.predict_row(row, &mut out);
                of_row(&out)
            })
            .collect();
        assert_eq!(alone, theirs, "case {case}: {objective}, {leaves} leaves, row by row");
    }
    assert!(small > 300 && large > 100 && one_leaf > 0, "{small} {large} {one_leaf}");
}

#[test]
fn a_loaded_model_predicts_as_one_that_is_loaded_each_time() {
    let mut draws = ChaCha8Rng::seed_from_u64(3);
    let seen = values(&mut draws, 300, false);
    let labels: Vec<f64> = seen.chunks(WIDTH).map(|row| row[0].max(-3.0)).collect();
    let parameters = parameters(&mut draws, "regression", 16);
    let text = grown(&seen, &labels, &parameters, 5);
    let expected = lightgbm::predict(&text, &seen, WIDTH, Output::Raw, ONE).unwrap();
    lightgbm::with_predictor(&text, Output::Raw, ONE, |predictor| {
        assert_eq!(predictor.predict(&seen).unwrap(), expected);
        let mut out = [0.0];
        for (row, expected) in seen.chunks(WIDTH).zip(&expected) {
            predictor.predict_row(row, &mut out).unwrap();
            assert_eq!(out[0].to_bits(), expected.to_bits());
        }
        assert!(predictor.predict_row(&seen[..2], &mut out).is_err());
        assert!(predictor.predict_row(&seen[..WIDTH], &mut []).is_err());
        assert!(predictor.predict(&seen[..2]).is_err());
    })
    .unwrap();
}
