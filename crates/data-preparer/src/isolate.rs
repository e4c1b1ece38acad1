//! Rows of the training split that an isolation forest isolates, and the range of each column among the others.
//!
//! The forest is grown from a seeded sample of the training rows, and all of them are scored, block by block.

use std::collections::BTreeMap;

use contracts::stages::OutlierRule;
use tables::StoredTable;
use tabular::cleaning::{Cap, Options};
use tabular::isolation::IsolationForest;
use tabular::sample::sample;
use tabular::{ColumnType, Field};

use crate::prepare::Unprepared;

/// Rows that the trees are grown from, each from a part of them.
const SAMPLE: usize = 4096;

/// What the forest says.
#[derive(Debug, Default)]
pub(crate) struct Isolated {
    /// By column, the range of the rows that are not isolated.
    pub(crate) inliers: BTreeMap<String, Cap>,
    /// Places of the training rows that are isolated, in order.
    pub(crate) rows: Vec<usize>,
}

/// Isolates the share of the training rows that the rule says; nothing where no rule asks for it.
///
/// `places` are the columns that are looked at, of which those of numbers count.
pub(crate) fn isolate(
    table: &StoredTable,
    places: &[usize],
    train: &[usize],
    options: &Options,
    (seed, threads): (u64, usize),
) -> Result<Isolated, Unprepared> {
    let rules = &options.rules.all;
    if rules.outliers != Some(OutlierRule::IsolationForest) {
        return Ok(Isolated::default());
    }
    let is_number = |field: &Field| {
        matches!(field.column_type, ColumnType::Integer | ColumnType::Number)
            && options.rules.of(&field.name).outliers == Some(OutlierRule::IsolationForest)
    };
    let columns: Vec<(usize, &Field)> = places
        .iter()
        .filter_map(|place| Some((*place, table.fields().get(*place)?)))
        .filter(|(_, field)| is_number(field))
        .collect();
    let sampled = sample(train, SAMPLE, seed);
    let mut values = Vec::with_capacity(columns.len());
    for (place, _) in &columns {
        values.push(table.column(*place)?.take(&sampled).numbers().unwrap_or_default().to_vec());
    }
    let Some(forest) = IsolationForest::fit(&values, seed) else { return Ok(Isolated::default()) };
    drop(values);
    let scores = scores(table, &columns, train, &forest, threads)?;
    let mut sorted = scores.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let share = rules.limit_of(OutlierRule::IsolationForest);
    let kept = train.len() - (share * train.len() as f64).ceil() as usize;
    let Some(limit) = kept.checked_sub(1).and_then(|place| sorted.get(place).copied()) else {
        return Ok(Isolated::default());
    };
    let (mut rows, mut others) = (Vec::new(), Vec::with_capacity(kept));
    for (row, score) in train.iter().zip(&scores) {
        if *score > limit { rows.push(*row) } else { others.push(*row) }
    }
    let mut inliers = BTreeMap::new();
    for (place, field) in columns {
        let column = table.column(place)?.take(&others);
        let present = column.numbers().unwrap_or_default().iter().filter(|it| it.is_finite());
        let (low, high) = present.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
        if low <= high {
            inliers.insert(field.name.clone(), Cap { low, high });
        }
    }
    Ok(Isolated { inliers, rows })
}

/// The score of each training row, whose places are in order.
fn scores(
    table: &StoredTable,
    columns: &[(usize, &Field)],
    train: &[usize],
    forest: &IsolationForest,
    threads: usize,
) -> Result<Vec<f64>, Unprepared> {
    let mut parts = Vec::with_capacity(table.blocks().len());
    let (mut start, mut from) = (0, 0);
    for (block, rows) in table.blocks().iter().enumerate() {
        let end = start + rows;
        let to = train.partition_point(|row| *row < end);
        parts.push((block, start, from..to));
        (start, from) = (end, to);
    }
    let mut all = Vec::with_capacity(train.len());
    dataset::each_in_order(
        threads,
        parts.iter().cloned(),
        |(block, start, range)| -> Result<Vec<f64>, Unprepared> {
            let mut values = Vec::with_capacity(columns.len());
            for (place, _) in columns {
                let mut of_block = Vec::new();
                table.read_numbers(*place, block, &mut of_block)?;
                values.push(of_block);
            }
            let mut row = vec![f64::NAN; columns.len()];
            let score = |place: &usize| {
                for (cell, column) in row.iter_mut().zip(&values) {
                    *cell = column.get(place - start).copied().unwrap_or(f64::NAN);
                }
                forest.score(&row)
            };
            Ok(train.get(range).unwrap_or_default().iter().map(score).collect())
        },
        |of_block| {
            all.extend(of_block);
            Ok::<(), Unprepared>(())
        },
    )?;
    Ok(all)
}
