#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Float64Array, Int64Array, NullArray};
use arrow::datatypes::{Field as ArrowField, Int32Type, Schema};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};

use tabular::ColumnType;

use super::*;
use crate::{examine_target, format_of, read_table, scan};

fn batch(rows: i64) -> RecordBatch {
    let letters: DictionaryArray<Int32Type> =
        (0..rows).map(|row| ["x", "y"][row as usize % 2]).collect();
    RecordBatch::try_from_iter([
        ("n", Arc::new((0..rows).collect::<Int64Array>()) as ArrayRef),
        ("t", Arc::new(letters)),
        (
            "f",
            Arc::new(
                (0..rows)
                    .map(|row| (row % 3 > 0).then_some(row as f64 / 4.0))
                    .collect::<Float64Array>(),
            ),
        ),
    ])
    .unwrap()
}

fn options(compression: Option<CompressionType>) -> IpcWriteOptions {
    IpcWriteOptions::default().try_with_compression(compression).unwrap()
}

fn file(compression: Option<CompressionType>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let schema = batch(1).schema();
    let mut writer =
        FileWriter::try_new_with_options(&mut bytes, &schema, options(compression)).unwrap();
    (0..3).for_each(|_| writer.write(&batch(10_000)).unwrap());
    writer.finish().unwrap();
    drop(writer);
    bytes
}

fn stream() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &batch(1).schema()).unwrap();
    (0..3).for_each(|_| writer.write(&batch(10_000)).unwrap());
    writer.finish().unwrap();
    drop(writer);
    bytes
}

fn opened(name: &str, bytes: &[u8]) -> (tempfile::TempDir, Source) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let source = Source::open_local(&path).unwrap();
    (directory, source)
}

#[test]
fn files_and_streams_are_read_alike() {
    let lz4 = Some(CompressionType::LZ4_FRAME);
    let forms = [
        ("a.feather", file(None)),
        ("a.txt", file(lz4)),
        ("a.arrow", file(Some(CompressionType::ZSTD))),
        ("a.arrows", stream()),
    ];
    for (name, bytes) in forms {
        let (_directory, source) = opened(name, &bytes);
        let format = format_of(&source, None).unwrap();
        assert_eq!(format, Format::ArrowIpc, "{name}");
        let shape = scan(&source, format, &ScanOptions::default()).unwrap();
        let types: Vec<ColumnType> = shape.fields.iter().map(|field| field.column_type).collect();
        assert_eq!(types, [ColumnType::Integer, ColumnType::Text, ColumnType::Number]);
        assert_eq!(shape.rows, 30_000);
        assert_eq!(shape.sha256, source.sha256().unwrap(), "{name}");
        let table = read_table(&source, format, &ScanOptions::default()).unwrap();
        assert_eq!(table.column("n").unwrap().numbers().unwrap()[29_999], 9_999.0);
        assert_eq!(table.column("t").unwrap().text().unwrap().get(10_001), Some("y"));
        assert_eq!(table.column("f").unwrap().missing(), 3 * 3334);
        let target = examine_target(&source, format, "t", &MissingMarkers::default()).unwrap();
        assert_eq!(target.target.rows_of("x"), Some(15_000));
    }
}

#[test]
fn what_is_cut_off_or_damaged_is_refused() {
    let read = |name: &str, bytes: &[u8]| {
        let (_directory, source) = opened(name, bytes);
        scan(&source, format_of(&source, None)?, &ScanOptions::default())
    };
    let whole = file(None);
    for length in [9, 100, whole.len() / 2, whole.len() - 3] {
        let error = read("a.arrow", &whole[..length]).unwrap_err();
        assert!(matches!(error, Error::Truncated { .. }), "{length}: {error:?}");
    }
    let streamed = stream();
    let error = read("a.arrows", &streamed[..streamed.len() / 2]).unwrap_err();
    assert!(matches!(error, Error::Truncated { .. }), "{error:?}");
    assert!(read("a.arrow", b"no Arrow at all, but long enough").is_err());
    let mut schema_only = Vec::new();
    let mut writer = FileWriter::try_new(&mut schema_only, &batch(1).schema()).unwrap();
    writer.finish().unwrap();
    drop(writer);
    assert!(matches!(read("a.arrow", &schema_only), Err(Error::HeaderOnly { columns: 3 })));
}

/// A batch without a body, as one of columns that are null throughout, is a batch, the last one as well.
#[test]
fn batches_without_a_body_are_read() {
    let fields = vec![ArrowField::new("n", DataType::Null, true)];
    let schema = Arc::new(Schema::new(fields));
    let nulls = |rows| -> RecordBatch {
        RecordBatch::try_new(schema.clone(), vec![Arc::new(NullArray::new(rows))]).unwrap()
    };
    let mut writer = StreamWriter::try_new(Vec::new(), &schema).unwrap();
    for rows in [2, 3] {
        writer.write(&nulls(rows)).unwrap();
    }
    let bytes = writer.into_inner().unwrap();
    let (_directory, source) = opened("a.arrows", &bytes);
    let mut batches = Batches::open(source.reader().unwrap(), &source).unwrap();
    let mut rows = Vec::new();
    while let Some(batch) = batches.next().unwrap() {
        rows.push(batch.num_rows());
    }
    assert_eq!(rows, [2, 3]);
}
