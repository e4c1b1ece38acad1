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
