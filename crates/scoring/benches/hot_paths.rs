//! The paths that every request takes: a feature plan and a model, on a row and on a batch.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "a benchmark")]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scoring::{FeatureEncoder, FeatureMatrix, Limits, Model, ModelKind, Value};
use tabular::cleaning::ColumnCleaning;
use tabular::parse::MissingMarkers;
use tabular::plan::{DatePart, Feature, Transform};
use tabular::{CleaningPlan, Column, ColumnType, FeaturePlan, Field, Table};

const ROWS: usize = 10_000;
const WIDTH: usize = 20;

/// Twelve numbers, seven categories and a date, as in a churn table.
fn plan() -> FeaturePlan {
    let mut cleaning = CleaningPlan::default();
    let mut features = Vec::new();
    for place in 0..WIDTH {
        let name = format!("column_{place}");
        let (of, transform) = match place {
            0..12 => (ColumnType::Number, Transform::Identity { input: name.clone() }),
            12..19 => {
                let levels = (0..4).map(|level| format!("level_{level}")).collect();
                (ColumnType::Text, Transform::Category { input: name.clone(), levels, other: true })
            }
            _ => (
                ColumnType::Date,
                Transform::DatePart { input: name.clone(), part: DatePart::Month },
            ),
        };
        cleaning.columns.push(ColumnCleaning::new(&name, of, &MissingMarkers::default()));
        features.push(Feature { name, transform });
    }
    FeaturePlan::new(cleaning, features).unwrap()
}

fn scattered(row: usize, column: usize) -> usize {
    (row.wrapping_mul(7919).wrapping_add(column * 104_729)) % 1009
}

fn table(plan: &FeaturePlan, rows: usize) -> Table {
    let column = |(place, field): (usize, &Field)| match field.column_type {
        ColumnType::Text => {
            let texts: Vec<String> =
                (0..rows).map(|row| format!("level_{}", scattered(row, place) % 5)).collect();
            Column::Text(texts.iter().map(|text| Some(text.as_str())).collect())
        }
        ColumnType::Date => {
            Column::Number((0..rows).map(|row| scattered(row, place) as f64 * 8.64e10).collect())
        }
        _ => Column::Number((0..rows).map(|row| scattered(row, place) as f64 / 1009.0).collect()),
    };
    let fields = plan.inputs();
    let columns = fields.iter().enumerate().map(column).collect();
    Table::new(fields, columns).unwrap()
}

/// LightGBM's text of 100 trees of 31 leaves: full trees of depth four with fifteen deeper leaves.
fn trees() -> Model {
    let mut text = String::from(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nobjective=binary sigmoid:1\n",
    );
    let _ =
        writeln!(text, "max_feature_idx={}\ntree_sizes={}", WIDTH - 1, vec!["1"; 100].join(" "));
    for tree in 0..100 {
        // Node n has the children 2n+1 and 2n+2 as in a heap; past the nodes come the leaves.
        let child = |child: usize| if child < 30 { child as i64 } else { -(child as i64 - 30) - 1 };
        let list = |of: &dyn Fn(usize) -> String, count: usize| {
            (0..count).map(of).collect::<Vec<_>>().join(" ")
        };
        let _ = writeln!(text, "\nTree={tree}\nnum_leaves=31\nnum_cat=0");
        let _ = writeln!(
            text,
            "split_feature={}",
            list(&|node| (scattered(node, tree) % WIDTH).to_string(), 30)
        );
        let _ = writeln!(
            text,
            "threshold={}",
            list(&|node| (scattered(tree, node) as f64 / 1009.0).to_string(), 30)
        );
        let _ = writeln!(text, "decision_type={}", list(&|_| "10".to_owned(), 30));
        let _ = writeln!(text, "left_child={}", list(&|node| child(2 * node + 1).to_string(), 30));
        let _ = writeln!(text, "right_child={}", list(&|node| child(2 * node + 2).to_string(), 30));
        let _ = writeln!(
            text,
            "leaf_count={}",
            list(&|leaf| (scattered(leaf, tree) + 1).to_string(), 31)
        );
        let _ = writeln!(
            text,
            "leaf_value={}",
            list(&|leaf| (scattered(leaf, tree) as f64 / 1e5).to_string(), 31)
        );
    }
    text.push_str("\nend of trees\n");
    Model::parse(ModelKind::Lightgbm, &text, &Limits::default()).unwrap()
}

fn feature_plan(criterion: &mut Criterion) {
    let plan = plan();
    let encoder = FeatureEncoder::new(&plan).unwrap();
    let batch = table(&plan, ROWS);
    let values: Vec<Value<'_>> = batch
        .columns()
        .iter()
        .map(|column| match column {
            Column::Number(values) => Value::Number(values[0]),
            Column::Text(text) => Value::Text(text.get(0).unwrap()),
        })
        .collect();
    let mut out = vec![0.0; encoder.width()];
    let mut group = criterion.benchmark_group("feature_plan");
    group.bench_function("row", |bencher| {
        bencher.iter(|| encoder.encode_row(black_box(&values), &mut out))
    });
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("batch", |bencher| bencher.iter(|| encoder.encode(black_box(&batch))));
    group.finish();
}

fn scoring(criterion: &mut Criterion) {
    let model = trees();
    let values = (0..ROWS * WIDTH)
        .map(|place| scattered(place / WIDTH, place % WIDTH) as f64 / 1009.0)
        .collect();
    let matrix = FeatureMatrix::new(ROWS, WIDTH, values).unwrap();
    let mut out = vec![0.0; model.outputs()];
    let mut group = criterion.benchmark_group("scoring");
    let mut row = 0;
    group.bench_function("row", |bencher| {
        bencher.iter(|| {
            // Another row each time, so that branches are not learned by heart.
            row = (row + 1) % ROWS;
            model.predict_row(black_box(matrix.row(row)), &mut out);
        });
    });
    group.throughput(Throughput::Elements(ROWS as u64));
    group.sample_size(20);
    group.bench_function("batch", |bencher| bencher.iter(|| model.predict(black_box(&matrix))));
    group.finish();
}

fn explaining(criterion: &mut Criterion) {
    let model = trees();
    let values = (0..ROWS * WIDTH)
        .map(|place| scattered(place / WIDTH, place % WIDTH) as f64 / 1009.0)
        .collect();
    let matrix = FeatureMatrix::new(ROWS, WIDTH, values).unwrap();
    let mut row = 0;
    criterion.bench_function("explaining/row", |bencher| {
        bencher.iter(|| {
            row = (row + 1) % ROWS;
            let one = FeatureMatrix::new(1, WIDTH, matrix.row(row).to_vec()).unwrap();
            model.explain(black_box(&one), || true).unwrap()
        });
    });
}

criterion_group!(benches, feature_plan, scoring, explaining);
criterion_main!(benches);
