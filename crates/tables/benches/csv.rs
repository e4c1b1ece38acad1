//! Reading a CSV into a stored table, and profiling what was read.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dataset::{FileTable, Format, Source, TableSource};
use tables::{LoadOptions, load};

const ROWS: u64 = 50_000;

/// 20 numeric columns (every 17th value missing), 9 categorical ones and a date.
fn csv() -> String {
    let numeric: Vec<String> = (0..20).map(|i| format!("n{i}")).collect();
    let categorical: Vec<String> = (0..9).map(|i| format!("c{i}")).collect();
    let mut text = format!("{},{},day\n", numeric.join(","), categorical.join(","));
    let mut state = 88_172_645_463_325_252_u64;
    for row in 0..ROWS {
        for column in 0..20 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            if (row + column) % 17 != 0 {
                write!(text, "{:.4}", (state >> 11) as f64 / 9e11).unwrap();
            }
            text.push(',');
        }
        for column in 0..9 {
            write!(text, "level {},", (state >> (column * 4)) % (3 + column * 20)).unwrap();
        }
        writeln!(text, "2024-{:02}-{:02}", 1 + row % 12, 1 + row % 28).unwrap();
    }
    text
}

fn benchmarks(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("table.csv");
    std::fs::write(&path, csv()).unwrap();
    let source = Source::open_local(&path).unwrap();
    let file: Arc<dyn TableSource> = Arc::new(FileTable::new(source.clone(), Some(Format::Csv)));
    let options = LoadOptions::default();
    let mut group = criterion.benchmark_group("csv");
    group.sample_size(10).throughput(Throughput::Elements(ROWS));
    group.bench_function("scan", |bench| {
        bench.iter(|| {
            black_box(
                dataset::scan(&source, Format::Csv, &dataset::ScanOptions::default()).unwrap(),
            )
        });
    });
    group.bench_function("load", |bench| bench.iter(|| black_box(load(&file, &options).unwrap())));
    let table = load(&file, &options).unwrap().table.whole().unwrap();
    group.bench_function("profile", |bench| bench.iter(|| black_box(statistics::profile(&table))));
    group.finish();
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
