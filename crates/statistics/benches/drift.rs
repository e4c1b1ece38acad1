//! Two sides of a column of 100,000 rows: exactly, into a sketch, and by sketches.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use statistics::drift::{Settings, TableSketch, compare, compare_column};
use tabular::{Column, ColumnType, Field, Table};

const ROWS: usize = 100_000;

fn numbers(seed: u64) -> Table {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let values = (0..ROWS).map(|_| StandardNormal.sample(&mut random)).collect();
    let field = Field::new("amount", ColumnType::Number);
    Table::new(vec![field], vec![Column::Number(values)]).unwrap()
}

fn texts(seed: u64) -> Table {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let texts: Vec<String> =
        (0..ROWS).map(|_| format!("level {}", random.random_range(0..40))).collect();
    let column = Column::Text(texts.iter().map(|text| Some(text.as_str())).collect());
    Table::new(vec![Field::new("place", ColumnType::Text)], vec![column]).unwrap()
}

fn sketch(table: &Table) -> TableSketch {
    let mut sketch = TableSketch::default();
    sketch.add_table(table);
    sketch
}

fn benchmarks(criterion: &mut Criterion) {
    let settings = Settings::default();
    for (name, make) in [("numeric", numbers as fn(u64) -> Table), ("categorical", texts)] {
        let (reference, current) = (make(1), make(2));
        let mut group = criterion.benchmark_group(format!("drift {name}"));
        group.sample_size(20).throughput(Throughput::Elements(ROWS as u64));
        group.bench_function("exactly", |bencher| {
            bencher.iter(|| {
                let sides = (reference.iter().next().unwrap(), current.iter().next().unwrap());
                black_box(compare_column(sides.0, sides.1, &settings))
            });
        });
        group.bench_function("into a sketch", |bencher| {
            bencher.iter(|| black_box(sketch(&reference)));
        });
        let (one, other) = (sketch(&reference), sketch(&current));
        group.bench_function("by sketches", |bencher| {
            bencher.iter(|| black_box(compare(&one, &other, &settings)));
        });
        group.finish();
    }
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
