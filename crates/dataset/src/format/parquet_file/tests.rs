#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use bytes::Bytes;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array,
    Int32Array, Int64Array, LargeStringArray, ListArray, RecordBatch, StringArray, StringViewArray,
    StructArray, TimestampMillisecondArray, TimestampNanosecondArray, UInt8Array,
};
use arrow::datatypes::{DataType, Field as ArrowField, Int32Type, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use tabular::parse::DAY_MICROSECONDS;
use tabular::{Column, ColumnType, TextColumn};

use super::*;
use crate::write_parquet;

fn written(columns: Vec<(&str, ArrayRef)>, compression: Compression) -> Bytes {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes.into()
}

fn sample() -> Table {
    let day = DAY_MICROSECONDS;
    let fields = [
        ("i", ColumnType::Integer),
        ("n", ColumnType::Number),
        ("b", ColumnType::Boolean),
        ("d", ColumnType::Date),
        ("s", ColumnType::Timestamp),
        ("t", ColumnType::Text),
        ("half", ColumnType::Integer),
    ];
    let columns = vec![
        Column::Number(vec![1.0, f64::NAN, -3.0]),
        Column::Number(vec![1.5, 0.1 + 0.2, f64::NAN]),
        Column::Number(vec![1.0, 0.0, f64::NAN]),
        Column::Number(vec![19_844.0 * day, -day, f64::NAN]),
        Column::Number(vec![1_714_557_600_000_000.0, -1.0, f64::NAN]),
        Column::Text(TextColumn::from_iter([Some("x"), None, Some("é")])),
        Column::Number(vec![0.5, 1.0, f64::NAN]),
    ];
    Table::new(fields.map(|(name, kind)| Field::new(name, kind)).into(), columns).unwrap()
}

#[test]
fn what_is_written_is_read_back_and_written_the_same() {
    let table = sample();
    let bytes = write_parquet(&table).unwrap();
    assert_eq!(bytes, write_parquet(&table).unwrap());
    let read = read_parquet(bytes).unwrap();
    assert_eq!(read.columns(), table.columns());
    let types =
        |table: &Table| table.fields().iter().map(|field| field.column_type).collect::<Vec<_>>();
    assert_eq!(types(&read), types(&table));
    assert!(read.fields().iter().all(|field| field.nullable));
}

#[test]
fn moments_of_any_year_keep_their_type_and_value() {
    let days = ["0001-01-01", "1600-01-01", "2300-01-01", "9999-12-30"];
    let dates: Vec<f64> = days.iter().map(|day| tabular::parse::date(day).unwrap()).collect();
    let instants: Vec<f64> = dates.iter().map(|day| day + 3.6e9).collect();
    let fields = vec![Field::new("d", ColumnType::Date), Field::new("s", ColumnType::Timestamp)];
    let table = Table::new(fields, vec![Column::Number(dates), Column::Number(instants)]).unwrap();
    let read = read_parquet(write_parquet(&table).unwrap()).unwrap();
    assert_eq!(read.columns(), table.columns());
    assert_eq!(read.fields()[0].column_type, ColumnType::Date);
    assert_eq!(read.fields()[1].column_type, ColumnType::Timestamp);
}

#[test]
fn an_empty_table_is_written() {
    let table = sample().take(&[]);
    let read = read_parquet(write_parquet(&table).unwrap()).unwrap();
    assert_eq!((read.rows(), read.fields().len()), (0, 7));
}

#[test]
fn every_codec_and_type_is_read() {
    let columns = || -> Vec<(&str, ArrayRef)> {
        vec![
            ("u8", Arc::new(UInt8Array::from(vec![Some(200), None]))),
            ("f32", Arc::new(Float32Array::from(vec![0.5, f32::INFINITY]))),
            (
                "decimal",
                Arc::new(
                    Decimal128Array::from(vec![12_345, -1])
                        .with_precision_and_scale(10, 2)
                        .unwrap(),
                ),
            ),
            ("large", Arc::new(LargeStringArray::from(vec![" x ", "NA"]))),
            ("view", Arc::new(StringViewArray::from(vec!["a long text beyond twelve bytes", ""]))),
            (
                "dictionary",
                Arc::new(vec![Some("k"), None].into_iter().collect::<DictionaryArray<Int32Type>>()),
            ),
            ("date", Arc::new(Date32Array::from(vec![1, -1]))),
            ("ms", Arc::new(TimestampMillisecondArray::from(vec![1500, -1]))),
            (
                "ns",
                Arc::new(
                    TimestampNanosecondArray::from(vec![1500, -1]).with_timezone("Europe/Berlin"),
                ),
            ),
            ("bool", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ]
    };
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::GZIP(GzipLevel::default()),
        Compression::LZ4_RAW,
        Compression::BROTLI(BrotliLevel::default()),
    ] {
        let table = read_parquet(written(columns(), codec)).unwrap();
        let numbers = |name: &str| table.column(name).unwrap().numbers().unwrap().to_vec();
        let text = |name: &str, row| {
            table.column(name).unwrap().text().unwrap().get(row).map(str::to_owned)
        };
        assert_eq!(numbers("u8")[0], 200.0);
        assert!(numbers("u8")[1].is_nan() && numbers("f32")[1].is_nan());
        assert_eq!(numbers("decimal"), [123.45, -0.01]);
        assert_eq!((text("large", 0).as_deref(), text("large", 1)), (Some("x"), None));
        assert_eq!(
            (text("view", 0).as_deref(), text("view", 1)),
            (Some("a long text beyond twelve bytes"), None)
        );
        assert_eq!((text("dictionary", 0).as_deref(), text("dictionary", 1)), (Some("k"), None));
        assert_eq!(numbers("date"), [DAY_MICROSECONDS, -DAY_MICROSECONDS]);
        assert_eq!(numbers("ms"), [1_500_000.0, -1000.0]);
        assert_eq!(numbers("ns"), [1.0, -1.0]);
        assert_eq!(numbers("bool")[0], 1.0);
    }
}

#[test]
fn nested_columns_are_refused_by_name() {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1)])]);
    let structure = StructArray::from(vec![(
        Arc::new(ArrowField::new("inner", DataType::Int64, false)),
        Arc::new(Int64Array::from(vec![1])) as ArrayRef,
    )]);
    let columns: [(ArrayRef, &str); 2] =
        [(Arc::new(list), "a list"), (Arc::new(structure), "a structure")];
    for (array, expected) in columns {
        let bytes = written(
            vec![("plain", Arc::new(Int32Array::from(vec![1]))), ("deep", array)],
            Compression::SNAPPY,
        );
        match read_parquet(bytes) {
            Err(Error::NestedColumn { column, kind }) => {
                assert_eq!((column.as_str(), kind.as_str()), ("deep", expected))
            }
            other => panic!("{other:?}"),
        }
    }
    let binary: ArrayRef = Arc::new(arrow::array::BinaryArray::from_vec(vec![b"x"]));
    assert!(matches!(
        read_parquet(written(vec![("raw", binary)], Compression::SNAPPY)),
        Err(Error::UnsupportedColumn { column, .. }) if column == "raw"
    ));
}

#[test]
fn broken_files_are_refused() {
    let bytes = write_parquet(&sample()).unwrap();
    for cut in [0, 4, 20, bytes.len() / 2, bytes.len() - 1] {
        assert!(
            matches!(read_parquet(Bytes::copy_from_slice(&bytes[..cut])), Err(Error::Parquet(_))),
            "{cut}"
        );
    }
}

#[test]
fn a_word_of_ours_that_contradicts_the_file_is_not_believed() {
    let schema = Schema::new(vec![ArrowField::new("x", DataType::Utf8, true)]);
    let batch =
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StringArray::from(vec!["a"]))])
            .unwrap();
    let said = r#"[{"name":"x","column_type":"integer","nullable":true}]"#;
    let properties = WriterProperties::builder()
        .set_key_value_metadata(Some(vec![KeyValue::new(FIELDS_KEY.to_owned(), said.to_owned())]))
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    assert_eq!(read_parquet(bytes).unwrap().field("x").unwrap().column_type, ColumnType::Text);
}

#[test]
fn rows_of_several_row_groups_are_read_by_parts() {
    const ROWS: usize = 300_000;
    let table = Table::new(
        vec![Field::new("x", ColumnType::Integer)],
        vec![Column::Number((0..ROWS).map(|row| row as f64).collect())],
    )
    .unwrap();
    let bytes = Bytes::from(write_parquet(&table).unwrap());
    let end = 128 * 1024;
    let choices = [
        Vec::new(),
        vec![end],
        vec![end - 1, end],
        vec![0, ROWS - 1],
        (end..2 * end).collect(),
        (0..ROWS).collect(),
        (5..ROWS).step_by(1_001).collect(),
    ];
    for rows in choices {
        let expected: Vec<f64> = rows.iter().map(|row| *row as f64).collect();
        let read = |rows: &[usize]| {
            let table = read_parquet_rows(bytes.clone(), rows).unwrap();
            table.column("x").unwrap().numbers().unwrap().to_vec()
        };
        assert!(read(&rows) == expected, "{} rows", rows.len());
        for most in [0, 1_000, usize::MAX] {
            let most = if rows.len() > 10_000 { most.max(1_000) } else { most };
            let parts = parquet_parts(bytes.clone(), &rows, most).unwrap();
            assert!(parts.concat() == rows);
            assert!(parts.iter().all(|part| part.len() <= most.max(1)));
            assert!(parts.iter().all(|part| part[0] / end == part[part.len() - 1] / end));
            let by_parts: Vec<f64> = parts.into_iter().flat_map(read).collect();
            assert!(by_parts == expected, "parts of {most}");
        }
    }
}

#[test]
fn some_rows_and_one_column_are_those_of_the_whole() {
    let number = |row: usize| if row % 17 == 3 { f64::NAN } else { row as f64 };
    let names: Vec<String> = (0..20_000).map(|row| format!("level {}", row % 300)).collect();
    let table = Table::new(
        vec![Field::new("x", ColumnType::Integer), Field::new("text", ColumnType::Text)],
        vec![
            Column::Number((0..20_000).map(number).collect()),
            Column::Text(names.iter().map(|name| Some(name.as_str())).collect()),
        ],
    )
    .unwrap();
    let bytes = Bytes::from(write_parquet(&table).unwrap());
    for rows in [vec![], vec![0, 1, 2, 19_999], (0..20_000).step_by(7).collect::<Vec<_>>()] {
        let read = read_parquet_rows(bytes.clone(), &rows).unwrap();
        assert_eq!(read.rows(), rows.len());
        for (place, row) in rows.iter().enumerate() {
            let value = read.column("x").unwrap().numbers().unwrap()[place];
            assert_eq!(value.to_bits(), number(*row).to_bits());
            let text = read.column("text").unwrap().text().unwrap().iter().nth(place).flatten();
            assert_eq!(text, Some(names[*row].as_str()));
        }
    }
    let column = read_parquet_column(bytes.clone(), "text").unwrap();
    assert_eq!((column.fields().len(), column.rows()), (1, 20_000));
    assert_eq!(column.column("text"), table.column("text"));
    assert!(read_parquet_column(bytes, "other").unwrap().fields().is_empty());
}
