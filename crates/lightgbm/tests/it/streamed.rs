//! Rows that come in blocks.

use std::cell::Cell;

use lightgbm::{Blocks, StreamedRows};

use super::*;

/// Values in blocks of so many values.
struct InBlocks<'a> {
    values: &'a [f64],
    size: usize,
}

impl Blocks for InBlocks<'_> {
    fn each(&self, take: &mut dyn FnMut(&[f64]) -> Result<(), Error>) -> Result<(), Error> {
        self.values.chunks(self.size).try_for_each(take)
    }
}

/// Learns from rows of which the first `in_memory` are in memory, and the others come in blocks of `block` rows.
fn streamed(
    values: &[f64],
    labels: &[f64],
    weights: Option<&[f64]>,
    in_memory: usize,
    block: usize,
    threads: NonZeroU16,
    parameters: &Parameters,
) -> Result<Model, Error> {
    let (first, others) = values.split_at(in_memory * WIDTH);
    let (first_labels, other_labels) = labels.split_at(in_memory);
    let blocks = InBlocks { values: others, size: block * WIDTH };
    let training = Training {
        streamed: Some(StreamedRows {
            blocks: &blocks,
            labels: other_labels,
            weights: weights.map(|weights| &weights[in_memory..]),
        }),
        categorical: &[2],
        ..Training::of(
            Rows {
                values: first,
                width: WIDTH,
                labels: first_labels,
                weights: weights.map(|weights| &weights[..in_memory]),
            },
            parameters,
            20,
            threads,
        )
    };
    train(&training, &mut Full)
}

/// The same from rows that are all in memory.
fn whole(
    values: &[f64],
    labels: &[f64],
    weights: Option<&[f64]>,
    parameters: &Parameters,
) -> Model {
    let training = Training {
        categorical: &[2],
        ..Training::of(Rows { values, width: WIDTH, labels, weights }, parameters, 20, ONE)
    };
    train(&training, &mut Full).unwrap()
}

/// Twice the same rows of few different values, with labels of their own: half of them has the bounds of bins and the order of categories
/// that all have.
fn doubled(rows: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut values, mut labels) = table(rows);
    for row in values.chunks_exact_mut(WIDTH) {
        row[0] = (row[0] * 40.0).round();
        row[1] = (row[1] * 30.0).round() - 15.0;
    }
    values.extend_from_within(..);
    labels.extend(labels.clone().iter().rev());
    (values, labels)
}

#[test]
fn where_blocks_are_cut_and_how_many_threads_there_are_changes_no_bit() {
    let (values, labels) = table(3_000);
    let sparse: Vec<f64> =
        values.iter().enumerate().map(|(at, of)| if at % 5 == 0 { *of } else { 0.0 }).collect();
    let weights: Vec<f64> = (0..3_000).map(|row| f64::from(row % 3 + 1)).collect();
    let bagged = binary().with("bagging_fraction", 0.4).with("bagging_freq", 1_i64);
    for values in [&values, &sparse] {
        for weights in [None, Some(weights.as_slice())] {
            for parameters in [&binary(), &bagged] {
                let of = |block, threads| {
                    let in_memory = 500;
                    streamed(values, &labels, weights, in_memory, block, threads, parameters)
                        .unwrap()
                };
                let expected = of(2_500, ONE);
                assert!(expected.text.contains("leaf_count="), "{}", expected.text);
                for (block, threads) in [(1, ONE), (7, TWO), (999, ONE), (1_024, TWO), (2_500, TWO)]
                {
                    assert_eq!(expected, of(block, threads), "blocks of {block}");
                }
            }
        }
    }
}

#[test]
fn streamed_rows_give_the_model_that_one_call_gives() {
    let (values, labels) = doubled(2_000);
    let weights: Vec<f64> = (0..4_000).map(|row| f64::from(row % 3 + 1)).collect();
    for weights in [None, Some(weights.as_slice())] {
        let expected = whole(&values, &labels, weights, &binary());
        for (in_memory, block) in [(2_000, 1), (2_000, 333), (2_000, 2_000)] {
            let of = streamed(&values, &labels, weights, in_memory, block, TWO, &binary()).unwrap();
            assert_eq!(expected, of, "{in_memory} rows in memory, blocks of {block}");
        }
        // Other labels at the end are another model: the rows behind are really learned from.
        let mut others = labels.clone();
        others[3_000..].iter_mut().for_each(|label| *label = 1.0 - *label);
        let of = streamed(&values, &others, weights, 2_000, 333, ONE, &binary()).unwrap();
        assert_ne!(expected, of);
    }
}

#[test]
fn rows_that_are_not_as_announced_are_refused() {
    let (values, labels) = table(100);
    let parameters = binary();
    let refused = |values: &[f64], labels: &[f64], weights, size| {
        let rows = Rows { values: &values[..30], width: WIDTH, labels: &labels[..10], weights };
        let blocks = InBlocks { values: &values[30..], size };
        let streamed = StreamedRows { blocks: &blocks, labels: &labels[10..], weights: None };
        let training =
            Training { streamed: Some(streamed), ..Training::of(rows, &parameters, 1, ONE) };
        train(&training, &mut Full).unwrap_err().to_string()
    };
    assert_eq!(
        refused(&values, &labels[..60], None, 90),
        "the blocks have 70 rows where 60 were announced"
    );
    assert_eq!(
        refused(&values[..270], &labels, None, 90),
        "the blocks have 90 rows where 100 were announced"
    );
    assert_eq!(
        refused(&values, &labels, None, 91),
        "a block of rows has 91 values where 90 were expected"
    );
    let mut unlabelled = labels.clone();
    unlabelled[42] = f64::NAN;
    assert_eq!(
        refused(&values, &unlabelled, None, 90),
        "the label of row 43 is not a finite number"
    );
    assert_eq!(
        refused(&values, &labels, Some(&[1.0; 10]), 90),
        "weights of the blocks has 0 values where 90 were expected"
    );
}

#[test]
fn rows_that_cannot_be_read_end_the_training_and_the_next_one_works() {
    struct Broken(Cell<usize>);
    impl Blocks for Broken {
        fn each(&self, take: &mut dyn FnMut(&[f64]) -> Result<(), Error>) -> Result<(), Error> {
            take(&[1.0; WIDTH])?;
            self.0.set(1);
            Err(Error::Blocks(std::io::Error::other("no disk").into()))
        }
    }
    let (values, labels) = table(100);
    let blocks = Broken(Cell::new(0));
    let parameters = binary();
    let training = Training {
        streamed: Some(StreamedRows { blocks: &blocks, labels: &[1.0; 8], weights: None }),
        ..Training::of(
            Rows { values: &values, width: WIDTH, labels: &labels, weights: None },
            &parameters,
            1,
            ONE,
        )
    };
    let error = train(&training, &mut Full).unwrap_err();
    assert_eq!(error.to_string(), "the rows could not be read block by block");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no disk");
    assert_eq!(blocks.0.get(), 1);
    fit(&binary(), TWO, &mut Full).unwrap();
}
