#![allow(clippy::unwrap_used, reason = "a test")]

use tabular::TextColumn;

use super::*;

/// A table of more rows than a row group has.
fn table() -> Table {
    let rows = ROW_GROUP * 2 + 1234;
    let texts: Vec<String> = (0..rows).map(|row| format!("text {}", row % 977)).collect();
    let text: TextColumn = texts.iter().map(|text| Some(text.as_str())).collect();
    let number = |of: fn(usize) -> f64| Column::Number((0..rows).map(of).collect());
    Table::new(
        vec![
            Field::new("i", ColumnType::Integer),
            Field::new("n", ColumnType::Number),
            Field::new("t", ColumnType::Text),
        ],
        vec![
            number(|row| if row % 17 == 0 { f64::NAN } else { row as f64 }),
            number(|row| (row as f64).sqrt()),
            Column::Text(text),
        ],
    )
    .unwrap()
}

fn in_parts(table: &Table, rows: usize) -> Vec<u8> {
    let storages: Vec<Storage> =
        table.iter().map(|(field, column)| Storage::of(field, column)).collect();
    let mut writer = ParquetWriter::new(Vec::new(), table.fields(), &storages).unwrap();
    let all: Vec<usize> = (0..table.rows()).collect();
    for part in all.chunks(rows) {
        let part = table.take(part);
        let arrays = part.columns().iter().zip(&storages).map(|(column, storage)| match column {
            Column::Text(text) => Arc::new(text.iter().collect::<StringArray>()) as ArrayRef,
            Column::Number(values) => storage.numbers(values),
        });
        writer.push(arrays.collect()).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn where_a_table_was_cut_does_not_show() {
    let table = table();
    let whole = write_parquet(&table).unwrap();
    for rows in [8191, ROW_GROUP, ROW_GROUP + 1] {
        assert!(whole == in_parts(&table, rows), "{rows}");
    }
    let read = crate::read_parquet(whole).unwrap();
    assert!(read.columns() == table.columns());
}

#[test]
fn the_bytes_are_those_of_a_writer_that_encodes_in_order() {
    let table = table();
    let written = write_parquet(&table).unwrap();
    let writer = ParquetWriter::new(
        Vec::new(),
        table.fields(),
        &[Storage::Whole, Storage::Double, Storage::Text],
    )
    .unwrap();
    let properties = WriterProperties::clone(writer.file.properties());
    let options =
        ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    let mut plain =
        ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(&writer.schema), options).unwrap();
    let arrays = table.columns().iter().zip([Storage::Whole, Storage::Double, Storage::Text]);
    let arrays = arrays.map(|(column, storage)| match column {
        Column::Text(text) => Arc::new(text.iter().collect::<StringArray>()) as ArrayRef,
        Column::Number(values) => storage.numbers(values),
    });
    let batch = RecordBatch::try_new(Arc::clone(&writer.schema), arrays.collect()).unwrap();
    plain.write(&batch).unwrap();
    assert!(written == plain.into_inner().unwrap());
}
