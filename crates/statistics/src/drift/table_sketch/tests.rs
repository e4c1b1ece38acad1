use proptest::prelude::*;
use tabular::{Column, ColumnType, Field};

use super::*;

fn table(rows: usize) -> Table {
    let texts: Vec<String> = (0..rows).map(|row| format!("level {}", row * row % 37)).collect();
    let fields = vec![
        Field::new("amount", ColumnType::Number),
        Field::new("place", ColumnType::Text),
        Field::new("active", ColumnType::Boolean),
    ];
    let columns = vec![
        Column::Number(
            (0..rows)
                .map(|row| if row % 11 == 0 { f64::NAN } else { (row as f64 * 0.7).sin() * 1e3 })
                .collect(),
        ),
        Column::Text(texts.iter().map(|text| Some(text.as_str())).collect()),
        Column::Number((0..rows).map(|row| f64::from(u8::from(row % 3 == 0))).collect()),
    ];
    Table::new(fields, columns).unwrap()
}

fn sketch(rows: usize) -> TableSketch {
    let mut sketch = TableSketch::default();
    sketch.add_table(&table(rows));
    sketch
}

#[test]
fn what_is_written_is_read_back() {
    for rows in [0, 1, 100, 5000, 100_000] {
        let sketch = sketch(rows);
        let bytes = sketch.encode();
        let read = TableSketch::decode(&bytes).unwrap();
        assert_eq!(read.rows, rows as u64);
        assert_eq!(read.encode(), bytes, "{rows} rows");
        let merge = |mut to: TableSketch| {
            to.merge(&sketch).unwrap();
            to.encode()
        };
        assert_eq!(merge(read), merge(sketch.clone()), "{rows} rows");
    }
}

#[test]
fn a_sketch_stays_small() {
    let fields = (0..20).map(|column| Field::new(format!("column {column}"), ColumnType::Number));
    let columns = (0..20).map(|column| {
        let values = (0..300_000).map(|row| (f64::from(row) * 7919.7 + f64::from(column)).sin());
        Column::Number(values.collect())
    });
    let table = Table::new(fields.collect(), columns.collect()).unwrap();
    let mut sketch = TableSketch::default();
    sketch.add_table(&table);
    let bytes = sketch.encode().len();
    assert!(bytes < 50_000, "{bytes} bytes");
}

#[test]
fn parts_make_the_whole() {
    let whole = sketch(3000);
    let mut merged = TableSketch::default();
    let rows: Vec<usize> = (0..3000).collect();
    for part in rows.chunks(250) {
        let mut sketch = TableSketch::default();
        sketch.add_table(&table(3000).take(part));
        merged.merge(&TableSketch::decode(&sketch.encode()).unwrap()).unwrap();
    }
    assert_eq!(merged.rows, whole.rows);
    assert_eq!(merged.columns["place"], whole.columns["place"]);
    assert_eq!(merged.columns["active"], whole.columns["active"]);
    assert_eq!(merged.columns["amount"].rows(), 3000);
}

#[test]
fn other_kinds_are_refused_whole() {
    let mut one = sketch(10);
    let mut other = TableSketch { rows: 1, ..TableSketch::default() };
    other.columns.insert("active".to_owned(), ColumnSketch::categorical());
    other.columns.insert("place".to_owned(), ColumnSketch::numeric());
    let before = one.clone();
    let error = one.merge(&other).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column `place` is categorical here and numeric in the other sketch"
    );
    assert_eq!(one, before);
}

#[test]
fn rows_beyond_counting_are_refused() {
    let mut one = TableSketch { rows: 1 << 62, ..TableSketch::default() };
    assert_eq!(one.merge(&sketch(1)), Err(Error::TooManyRows));
}

#[test]
fn other_versions_and_what_is_no_sketch_are_told() {
    let mut bytes = sketch(10).encode();
    bytes[4] = 9;
    assert_eq!(TableSketch::decode(&bytes), Err(Error::Version { found: 9, read: VERSION }));
    assert!(matches!(TableSketch::decode(b"{}"), Err(Error::Malformed { .. })));
    assert!(matches!(TableSketch::decode(b""), Err(Error::Malformed { .. })));
}

#[test]
fn a_cut_or_longer_sketch_is_refused() {
    let bytes = sketch(3000).encode();
    for end in (0..bytes.len()).step_by(7) {
        assert!(TableSketch::decode(&bytes[..end]).is_err(), "{end} bytes");
    }
    let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
    assert!(TableSketch::decode(&longer).is_err());
}

proptest! {
    /// Whatever the bytes, what is read can be merged, compared and written.
    #[test]
    fn changed_bytes_are_refused_or_harmless(changes in prop::collection::vec((0..4000_usize, any::<u8>()), 1..6)) {
        let sketch = sketch(3000);
        let mut bytes = sketch.encode();
        let length = bytes.len();
        for (at, to) in changes {
            bytes[at % length] = to;
        }
        if let Ok(read) = TableSketch::decode(&bytes) {
            let report = super::super::compare(&sketch, &read, &super::super::Settings::default());
            let numbers = serde_json::to_string(&report).unwrap();
            prop_assert!(serde_json::from_str::<super::super::Report>(&numbers).is_ok());
            let mut merged = sketch.clone();
            if merged.merge(&read).is_ok() {
                prop_assert!(TableSketch::decode(&merged.encode()).is_ok());
            }
        }
    }
}
