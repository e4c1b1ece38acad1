//! Twenty columns as they are met with, drawn from a seed, with or without a drift of one of them.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use tabular::{Column, ColumnType, Field, Table, TextColumn};

/// Columns of a table.
pub(crate) const COLUMNS: usize = 20;

/// What is planted in a table.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Planted {
    /// Added to column 0, in standard deviations.
    pub(crate) shift: f64,
    /// Column 1 is so many times as wide as it was; 0 for as it was.
    pub(crate) width: f64,
    /// Rows of column 2, in shares, that are zero besides those that were.
    pub(crate) zeros: f64,
    /// Rows of column 3, in shares, that are missing besides those that were.
    pub(crate) missing: f64,
    /// Rows of column 4, in shares, that are far above what there was.
    pub(crate) outliers: f64,
    /// Rows of column 15, in shares, that are of the first level whatever they were.
    pub(crate) level: f64,
    /// Rows of column 16, in shares, that are of a level that there was not.
    pub(crate) unseen: f64,
}

/// Name of a column.
pub(crate) fn name(column: usize) -> String {
    format!("column {column:02}")
}

/// A table of so many rows.
pub(crate) fn draw(rows: usize, seed: u64, planted: Planted) -> Table {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for column in 0..COLUMNS {
        let (column_type, values) = if column < 15 {
            let values = (0..rows).map(|_| number(column, &mut random, planted)).collect();
            (ColumnType::Number, Column::Number(values))
        } else {
            (ColumnType::Text, Column::Text(texts(column, rows, &mut random, planted)))
        };
        fields.push(Field::new(name(column), column_type));
        columns.push(values);
    }
    Table::new(fields, columns).unwrap()
}

fn normal(random: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}

fn number(column: usize, random: &mut ChaCha8Rng, planted: Planted) -> f64 {
    match column {
        0 => 50.0 + 10.0 * (normal(random) + planted.shift),
        1 => normal(random) * if planted.width > 0.0 { planted.width } else { 1.0 },
        // Amounts, many of which are nothing.
        2 if random.random_bool(0.4) || hit(random, planted.zeros) => 0.0,
        2 => Distribution::<f64>::sample(&Exp1, random).powi(2),
        3 if random.random_bool(0.01) || hit(random, planted.missing) => f64::NAN,
        3 => normal(random),
        4 if hit(random, planted.outliers) => 1000.0,
        4 => normal(random),
        // Counts, and a scale of six.
        5 => (Distribution::<f64>::sample(&Exp1, random) * 4.0).floor(),
        6 => f64::from(random.random_range(0..6_u8)),
        // A flag as a number.
        7 => f64::from(u8::from(random.random_bool(0.03))),
        // Rounded, so that values repeat.
        8 => (normal(random) * 20.0).round() / 10.0,
        // Heavy tails on both sides.
        9 => normal(random) / normal(random),
        10 => (1.5 * normal(random)).exp(),
        11 if random.random_bool(0.5) => f64::NAN,
        11 => random.random::<f64>(),
        12 if random.random_bool(0.001) => f64::NAN,
        12 => 1e9 + random.random::<f64>(),
        // Two hills.
        13 => normal(random) + if random.random_bool(0.5) { 6.0 } else { 0.0 },
        _ => random.random_range(0..1_000_000_u32).into(),
    }
}

fn hit(random: &mut ChaCha8Rng, share: f64) -> bool {
    share > 0.0 && random.random_bool(share)
}

/// Levels whose shares fall as 1 / rank; column 19 has a level for every row.
fn texts(column: usize, rows: usize, random: &mut ChaCha8Rng, planted: Planted) -> TextColumn {
    let levels = match column {
        15 => 3,
        16 => 8,
        17 => 40,
        18 => 400,
        _ => {
            let ids: Vec<String> = (0..rows).map(|_| random.random::<u64>().to_string()).collect();
            return ids.iter().map(|id| Some(id.as_str())).collect();
        }
    };
    let mut total = 0.0;
    let upto: Vec<f64> = (1..=levels)
        .map(|rank| {
            total += 1.0 / f64::from(rank);
            total
        })
        .collect();
    let mut code = |_| {
        if column == 15 && hit(random, planted.level) {
            return 0;
        }
        if column == 16 && hit(random, planted.unseen) {
            return levels;
        }
        if column == 17 && random.random_bool(0.05) {
            return TextColumn::MISSING;
        }
        let place = random.random::<f64>() * total;
        upto.partition_point(|upto| *upto < place) as u32
    };
    let codes = (0..rows).map(&mut code).collect();
    // The last level is the one that there was not.
    TextColumn::new(codes, (0..=levels).map(|level| format!("level {level}")).collect()).unwrap()
}
