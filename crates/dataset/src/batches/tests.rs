#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use tabular::{Column, ColumnType};

use super::*;
use crate::{format_of, scan, write_parquet};

fn read(source: &Source, wanted: &[Field], rows: usize) -> Result<Vec<Table>, Error> {
    let options = ScanOptions::default();
    let shape = scan(source, format_of(source, None)?, &options)?;
    let mut parts = Vec::new();
    read_batches(source, &shape, wanted, &options, rows, |part| {
        parts.push(part);
        Ok(())
    })?;
    Ok(parts)
}

fn files(directory: &std::path::Path) -> Vec<Source> {
    let csv = directory.join("a.csv");
    let lines: String = (0..250).map(|row| format!("{row},t{},{}.5\n", row % 3, row)).collect();
    std::fs::write(&csv, format!("id,text,amount\n{lines}")).unwrap();
    let json = directory.join("a.jsonl");
    let lines: String = (0..250)
        .map(|row| format!("{{\"id\": {row}, \"text\": \"t{}\", \"amount\": {row}.5}}\n", row % 3))
        .collect();
    std::fs::write(&json, lines).unwrap();
    let parquet = directory.join("a.parquet");
    std::fs::write(&parquet, write_parquet(&crate::read_file(&csv).unwrap()).unwrap()).unwrap();
    let arrow = directory.join("a.arrow");
    let bytes = bytes::Bytes::from(std::fs::read(&parquet).unwrap());
    let batches =
        parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes, 100).unwrap();
    let batches: Vec<RecordBatch> = batches.map(Result::unwrap).collect();
    let file = std::fs::File::create(&arrow).unwrap();
    let mut writer = arrow_ipc::writer::FileWriter::try_new(file, &batches[0].schema()).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
    [csv, json, parquet, arrow].iter().map(|path| Source::open_local(path).unwrap()).collect()
}

#[test]
fn parts_of_some_columns_in_the_wanted_order() {
    let directory = tempfile::tempdir().unwrap();
    let wanted = [Field::new("amount", ColumnType::Number), Field::new("text", ColumnType::Text)];
    for source in files(directory.path()) {
        for (rows, most) in [(100, 2), (250, 1), (usize::MAX, 1), (0, 0)] {
            let parts = read(&source, &wanted, rows).unwrap();
            // A Parquet batch is not divided.
            assert!(rows == 0 || parts.len() <= most + 1, "{} parts of {rows}", parts.len());
            let amounts: Vec<f64> = parts
                .iter()
                .flat_map(|part| part.column("amount").unwrap().numbers().unwrap().to_vec())
                .collect();
            assert_eq!(amounts, (0..250).map(|row| f64::from(row) + 0.5).collect::<Vec<_>>());
            let texts: Vec<&str> = parts
                .iter()
                .flat_map(|part| part.column("text").unwrap().text().unwrap().iter().flatten())
                .collect();
            assert_eq!((texts.len(), texts[4]), (250, "t1"));
            assert_eq!(parts[0].width(), 2);
        }
    }
}

#[test]
fn a_column_is_read_as_the_type_that_is_wanted() {
    let directory = tempfile::tempdir().unwrap();
    for source in files(directory.path()) {
        let parts = read(&source, &[Field::new("id", ColumnType::Text)], usize::MAX).unwrap();
        let Column::Text(texts) = parts[0].column("id").unwrap() else { panic!("not text") };
        assert_eq!(texts.get(7), Some("7"));
    }
}

#[test]
fn a_column_that_is_not_there_is_named_with_its_neighbours() {
    let directory = tempfile::tempdir().unwrap();
    for source in files(directory.path()) {
        let error = read(&source, &[Field::new("amonut", ColumnType::Number)], 10).unwrap_err();
        assert!(
            matches!(&error, Error::NoSuchColumn { column, nearest } if column == "amonut" && nearest == &["amount"]),
            "{error:?}"
        );
    }
}

/// What a scan, a look at a column and reading come to where a table of 250 rows and 3 columns is limited.
fn limited(source: &Source, rows: u64, cells: u64) -> [Option<Error>; 3] {
    let limits = crate::ContentLimits { rows, cells, ..crate::ContentLimits::default() };
    let source = source.clone().limited(limits);
    let (format, options) = (format_of(&source, None).unwrap(), ScanOptions::default());
    [
        scan(&source, format, &options).err(),
        crate::examine(&source, format, &["id"], &options.markers).err(),
        crate::read_table(&source, format, &options).err(),
    ]
}

#[test]
fn rows_and_cells_are_bounded_in_every_format() {
    let directory = tempfile::tempdir().unwrap();
    for source in files(directory.path()) {
        for error in limited(&source, 249, 10_000) {
            let error = error.unwrap();
            let is_it = matches!(error, Error::TooManyRows { found: 250, limit: 249 });
            assert!(is_it, "{}: {error}", source.uri());
            assert_eq!(error.code(), "source_too_large");
            assert!(error.to_string().contains("data.max_rows"), "{error}");
        }
        for error in limited(&source, 250, 749) {
            let error = error.unwrap();
            let is_it = matches!(error, Error::TooManyCells { columns: 3, limit: 749, .. });
            assert!(is_it, "{}: {error}", source.uri());
            assert!(error.to_string().contains("data.max_cells"), "{error}");
        }
        assert!(limited(&source, 250, 750).iter().all(Option::is_none), "{}", source.uri());
    }
    // A reader of the user's own file is not bounded.
    let own = Source::open_local(&directory.path().join("a.csv")).unwrap().limits();
    assert_eq!((own.rows, own.cells), (u64::MAX, u64::MAX));
}

#[test]
fn a_panic_of_what_takes_the_rows_is_no_defect_of_the_file() {
    let directory = tempfile::tempdir().unwrap();
    for source in files(directory.path()) {
        let options = ScanOptions::default();
        let shape = scan(&source, format_of(&source, None).unwrap(), &options).unwrap();
        let taken = std::panic::AssertUnwindSafe(|| {
            read_batches(&source, &shape, &shape.fields, &options, 10, |_| panic!("of the taker"))
        });
        let panic = std::panic::catch_unwind(taken).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"of the taker"), "{}", source.uri());
    }
}
