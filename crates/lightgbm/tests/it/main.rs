//! The wrapper against the real library.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod streamed;

use std::num::NonZeroU16;
use std::ops::ControlFlow;

use lightgbm::{
    Error, Model, Observer, Output, Parameters, Progress, Rows, Training, predict, train,
};

const WIDTH: usize = 3;
const ONE: NonZeroU16 = NonZeroU16::MIN;
const TWO: NonZeroU16 = NonZeroU16::MIN.saturating_add(1);

/// Numbers from 0 to 1, the same each time.
fn uniform() -> impl FnMut() -> f64 {
    let mut state = 7_u64;
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1_u32 << 24)
    }
}

/// Two numbers (one with gaps) and a category; the label depends on all of them.
fn table(rows: usize) -> (Vec<f64>, Vec<f64>) {
    let mut values = Vec::with_capacity(rows * WIDTH);
    let mut labels = Vec::with_capacity(rows);
    let mut next = uniform();
    for row in 0..rows {
        let (a, b, code) = (next(), next(), (next() * 8.0).floor());
        let score = a + if code == 3.0 || code == 5.0 { 0.6 } else { 0.0 } + 0.3 * next();
        values.extend([a, if row % 7 == 0 { f64::NAN } else { b }, code]);
        labels.push(f64::from(score > 0.8));
    }
    (values, labels)
}

fn binary() -> Parameters {
    Parameters::new()
        .with("objective", "binary")
        .with("num_leaves", 7_i64)
        .with("min_data_in_leaf", 5_i64)
        .with("learning_rate", 0.1)
}

struct Full;
impl Observer for Full {
    fn observe(&mut self, _: Progress<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

fn fit(
    parameters: &Parameters,
    threads: NonZeroU16,
    observer: &mut dyn Observer,
) -> Result<Model, Error> {
    let (values, labels) = table(600);
    let (held, held_labels) = table(100);
    let rows = |values, labels| Rows { values, width: WIDTH, labels, weights: None };
    train(
        &Training {
            validation: Some(rows(&held, &held_labels)),
            categorical: &[2],
            ..Training::of(rows(&values, &labels), parameters, 20, threads)
        },
        observer,
    )
}

#[test]
fn categories_are_split_as_sets() {
    let model = fit(&binary(), ONE, &mut Full).unwrap();
    let counts =
        model.text.lines().filter_map(|line| line.strip_prefix("num_cat=")).collect::<Vec<_>>();
    assert_eq!(counts.len(), 20);
    assert!(counts.iter().any(|&count| count != "0"), "no categorical split in {counts:?}");
    assert!(model.gains[2] > 0.0);
}

#[test]
fn threads_do_not_change_a_byte() {
    let one = fit(&binary(), ONE, &mut Full).unwrap();
    assert_eq!(one, fit(&binary(), ONE, &mut Full).unwrap());
    assert_eq!(one, fit(&binary(), TWO, &mut Full).unwrap());
}

/// Sums of many numbers of different sizes are not exact, so that their order shows: by rows, three numbers of threads are three
/// models of this table.
#[test]
fn threads_do_not_change_a_byte_of_large_fits() {
    let (rows, mut uniform) = (200_000, uniform());
    let mut values = Vec::with_capacity(rows * WIDTH);
    let mut labels = Vec::with_capacity(rows);
    for _ in 0..rows {
        let [a, b, c, noise] = std::array::from_fn(|_| {
            let sum: f64 = std::array::from_fn::<f64, 4, _>(|_| uniform()).iter().sum();
            (sum - 2.0) * 1.7
        });
        values.extend([a, b, c]);
        labels.push(100.0 * (3.0 * (a + b * c + noise)).exp());
    }
    let parameters = Parameters::new()
        .with("objective", "regression")
        .with("num_leaves", 31_i64)
        .with("learning_rate", 0.1);
    let fit = |threads| {
        let training = Training::of(
            Rows { values: &values, width: WIDTH, labels: &labels, weights: None },
            &parameters,
            60,
            threads,
        );
        train(&training, &mut Full).unwrap().text
    };
    let one = fit(ONE);
    assert!(one == fit(TWO), "two threads give another model");
    assert!(one == fit(TWO.saturating_add(1)), "three threads give another model");
}

#[test]
fn different_thread_counts_at_once_take_turns() {
    let expected = fit(&binary(), ONE, &mut Full).unwrap();
    std::thread::scope(|scope| {
        for worker in 0..6_u16 {
            let expected = &expected;
            scope.spawn(move || {
                let threads = ONE.saturating_add(worker % 2);
                assert_eq!(*expected, fit(&binary(), threads, &mut Full).unwrap());
            });
        }
    });
}

#[test]
fn an_observer_sees_outputs_ends_the_training_and_says_what_is_kept() {
    struct Watch(Vec<f64>);
    impl Observer for Watch {
        fn observe(&mut self, progress: Progress<'_>) -> ControlFlow<()> {
            if progress.iterations == 4 {
                self.0 = progress.outputs.unwrap().to_vec();
            }
            if progress.iterations == 9 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
        fn keep(&self, iterations: u32) -> u32 {
            assert_eq!(iterations, 9);
            4
        }
    }
    let mut watch = Watch(Vec::new());
    let model = fit(&binary(), ONE, &mut watch).unwrap();
    assert_eq!(model.iterations, 4);
    let (held, _) = table(100);
    assert_eq!(predict(&model.text, &held, WIDTH, Output::Transformed, ONE).unwrap(), watch.0);
    let raw = predict(&model.text, &held, WIDTH, Output::Raw, TWO).unwrap();
    assert!(
        raw.iter().zip(&watch.0).all(|(raw, p)| (1.0 / (1.0 + (-raw).exp()) - p).abs() < 1e-12)
    );
}

#[test]
fn the_librarys_own_words_come_back() {
    let error = fit(&binary().with("objective", "no_such_objective"), ONE, &mut Full).unwrap_err();
    let Error::Library { call, message } = error else { unreachable!("{error}") };
    assert_eq!(call, "LGBM_BoosterCreate");
    assert!(message.contains("no_such_objective"), "{message}");
}

#[test]
fn wrong_shapes_never_reach_the_library() {
    let parameters = binary();
    let attempt = |values: &[f64],
                   labels: &[f64],
                   weights: Option<&[f64]>,
                   categorical: &[usize]| {
        let train_rows = Rows { values, width: 2, labels, weights };
        train(&Training { categorical, ..Training::of(train_rows, &parameters, 1, ONE) }, &mut Full)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        attempt(&[1.0; 3], &[0.0, 1.0], None, &[]),
        "values has 3 values where 4 were expected"
    );
    assert_eq!(
        attempt(&[1.0; 4], &[0.0, 1.0], Some(&[1.0]), &[]),
        "weights has 1 values where 2 were expected"
    );
    assert_eq!(
        attempt(&[1.0; 4], &[0.0, 1.0], None, &[2]),
        "categorical column 2 does not exist, the table has 2 columns"
    );
    assert_eq!(
        attempt(&[], &[], None, &[]),
        "the table has no rows or no columns, at least one of each is needed"
    );
    let model = fit(&parameters, ONE, &mut Full).unwrap();
    assert!(matches!(
        predict(&model.text, &[1.0; 4], 2, Output::Raw, ONE),
        Err(Error::Width { found: 2, expected: 3 })
    ));
    assert!(matches!(
        predict("not a model", &[1.0; 4], 2, Output::Raw, ONE),
        Err(Error::Library { .. })
    ));
}

#[test]
fn a_call_from_inside_an_observer_is_refused() {
    struct Nested(Option<Error>);
    impl Observer for Nested {
        fn observe(&mut self, _: Progress<'_>) -> ControlFlow<()> {
            self.0 = fit(&binary(), TWO, &mut Full).err();
            ControlFlow::Break(())
        }
    }
    let mut nested = Nested(None);
    fit(&binary(), ONE, &mut nested).unwrap();
    assert!(matches!(nested.0, Some(Error::Reentered)));
}

#[test]
fn rows_without_a_pattern_still_give_a_model() {
    let values = [1.0; 40];
    let labels: Vec<f64> = (0..40).map(|row| f64::from(row % 2)).collect();
    let train_rows = Rows { values: &values, width: 1, labels: &labels, weights: None };
    let parameters = binary();
    let training = Training::of(train_rows, &parameters, 5, ONE);
    let model = train(&training, &mut Full).unwrap();
    let outputs = predict(&model.text, &[1.0, f64::NAN], 1, Output::Transformed, ONE).unwrap();
    assert!(outputs.iter().all(|p| (p - 0.5).abs() < 1e-9), "{outputs:?}");
}

#[test]
fn an_unused_column_is_in_no_split() {
    let parameters =
        Parameters::new().with("objective", "regression").with("min_data_in_leaf", 5_i64);
    let values: Vec<f64> =
        (0..200_i32).flat_map(|row| [f64::from(row), f64::from(row % 7)]).collect();
    let labels: Vec<f64> = (0..200_i32).map(|row| f64::from(row) + f64::from(row % 7)).collect();
    let gains = |unused: &[usize]| {
        let training = Training {
            unused,
            ..Training::of(
                Rows { values: &values, width: 2, labels: &labels, weights: None },
                &parameters,
                5,
                ONE,
            )
        };
        train(&training, &mut Full).unwrap().gains
    };
    assert!(gains(&[]).iter().all(|gain| *gain > 0.0));
    assert!(matches!(gains(&[0]).as_slice(), [without, with] if *without == 0.0 && *with > 0.0));
    assert_eq!(gains(&[0, 1]), [0.0, 0.0]);
}
