#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::io::Write;

use arrow::array::{ArrayRef, Float64Array, StringArray};
use dataset::{FileTable, Format, Source};
use tabular::{Column, ColumnType, Field};

use arrow::array::RecordBatch;
use tabular::Table;

use super::*;
use crate::Operator;

struct File {
    _file: tempfile::NamedTempFile,
    table: Arc<dyn TableSource>,
}

fn file(suffix: &str, content: &[u8]) -> File {
    let mut file = tempfile::Builder::new().prefix("a [b] *").suffix(suffix).tempfile().unwrap();
    file.write_all(content).unwrap();
    let source = Source::open_local(file.path()).unwrap();
    let format = Format::of_name(suffix).unwrap();
    File { _file: file, table: Arc::new(FileTable::new(source, Some(format))) }
}

fn loaded(suffix: &str, content: &[u8], options: &LoadOptions) -> Result<LoadedTable, Error> {
    let file = file(suffix, content);
    load(&file.table, options)
}

fn criterion(column: &str, operator: Operator, values: &[&str]) -> Predicate {
    Predicate {
        column: column.to_owned(),
        operator,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    }
}

fn including(predicate: Predicate) -> LoadOptions {
    LoadOptions { inclusion: vec![predicate], drop_duplicates: false, ..LoadOptions::default() }
}

const PEOPLE: &str = "id,Brand.Name,age,seen,active\n\
    1,Kisqali,30,2024-05-01,true\n\
    2,Verzenio,?,2024-06-01,false\n\
    3,Kisqali,50,,true\n\
    4,,40,2024-07-01,\n";

#[test]
fn a_csv_is_loaded_with_types_and_row_numbers() {
    let LoadedTable { table, row_numbers, rows_read, removed, shape, .. } =
        loaded(".csv", PEOPLE.as_bytes(), &LoadOptions::default()).unwrap();
    let table = table.whole().unwrap();
    assert_eq!((rows_read, row_numbers.as_slice()), (4, &[1, 2, 3, 4][..]));
    assert_eq!(removed, [Removal { reason: "duplicate of an earlier row".to_owned(), rows: 0 }]);
    let types: Vec<ColumnType> = shape.fields.iter().map(|field| field.column_type).collect();
    use ColumnType::{Boolean, Date, Integer, Text};
    assert_eq!(types, [Integer, Text, Integer, Date, Boolean]);
    assert_eq!(table.column("age").unwrap().missing(), 1);
    assert_eq!(table.column("Brand.Name").unwrap().text().unwrap().get(1), Some("Verzenio"));
}

#[test]
fn every_comparison_selects_its_rows() {
    use Operator::*;
    for (predicate, rows) in [
        (criterion("Brand.Name", Equal, &["Kisqali"]), vec![1, 3]),
        (criterion("Brand.Name", NotEqual, &["Kisqali"]), vec![2, 4]),
        (criterion("Brand.Name", Contains, &["isq"]), vec![1, 3]),
        (criterion("Brand.Name", In, &["Verzenio", "Ibrance"]), vec![2]),
        (criterion("Brand.Name", NotIn, &["Verzenio"]), vec![1, 3, 4]),
        (criterion("age", Greater, &["30"]), vec![3, 4]),
        (criterion("age", GreaterOrEqual, &["40.0"]), vec![3, 4]),
        (criterion("age", Less, &["40"]), vec![1]),
        (criterion("age", LessOrEqual, &["40"]), vec![1, 4]),
        (criterion("age", Between, &["30", "40"]), vec![1, 4]),
        (criterion("age", In, &["30", "50"]), vec![1, 3]),
        (criterion("seen", GreaterOrEqual, &["2024-06-01"]), vec![2, 4]),
        (criterion("active", Equal, &["true"]), vec![1, 3]),
    ] {
        let loaded = loaded(".csv", PEOPLE.as_bytes(), &including(predicate.clone())).unwrap();
        assert_eq!(loaded.row_numbers, rows, "{predicate}");
        assert_eq!(loaded.removed[0].rows, 4 - rows.len() as u64, "{predicate}");
    }
}

#[test]
fn rows_are_counted_under_the_first_criterion_that_removes_them() {
    let options = LoadOptions {
        inclusion: vec![criterion("age", Operator::Greater, &["35"])],
        exclusion: vec![criterion("Brand.Name", Operator::Equal, &["Kisqali"])],
        ..LoadOptions::default()
    };
    let loaded = loaded(".csv", PEOPLE.as_bytes(), &options).unwrap();
    assert_eq!(loaded.row_numbers, [4]);
    assert_eq!(loaded.removed.iter().map(|removal| removal.rows).collect::<Vec<_>>(), [2, 1, 0]);
    assert_eq!(loaded.removed[0].reason, "not included: age > 35");
    assert_eq!(loaded.removed[1].reason, "excluded: Brand.Name == Kisqali");
}

#[test]
fn criteria_that_do_not_fit_are_refused() {
    let refused = |predicate| loaded(".csv", PEOPLE.as_bytes(), &including(predicate)).unwrap_err();
    assert!(matches!(
        refused(criterion("brand", Operator::Equal, &["x"])),
        Error::NoSuchColumn { nearest, .. } if nearest == ["Brand.Name"]
    ));
    assert!(matches!(
        refused(criterion("age", Operator::Between, &["1"])),
        Error::Operands { found: 1, .. }
    ));
    assert!(matches!(
        refused(criterion("age", Operator::Greater, &["old"])),
        Error::OperandType { position: 1, .. }
    ));
    assert!(matches!(
        refused(criterion("age", Operator::Contains, &["1"])),
        Error::OperatorType { .. }
    ));
    assert!(matches!(
        refused(criterion("age", Operator::Greater, &["99"])),
        Error::EmptyCohort { read: 4 }
    ));
}

#[test]
fn duplicates_keep_their_first_row() {
    let content = b"a,b\n1,x\n2,y\n1.0, x\n,z\nNA,z\n2,x\n";
    let loaded = loaded(".csv", content, &LoadOptions::default()).unwrap();
    assert_eq!(loaded.row_numbers, [1, 2, 4, 6]);
    assert_eq!(loaded.removed[0].rows, 2);
    assert_eq!(loaded.table.rows(), 4);
}

#[test]
fn structural_defects_come_typed() {
    for (content, code) in [
        (&b""[..], "source_empty"),
        (b"a,b\n", "source_empty"),
        (b"a,b\n1,2\n3\n", "source_ragged_row"),
        (b"a,a\n1,2\n", "source_duplicate_column"),
        (b"a,b\n1,\xff\n2,\xc3\xa9\n", "source_not_utf8"),
    ] {
        assert_eq!(loaded(".csv", content, &LoadOptions::default()).unwrap_err().code(), code);
    }
    let wide: String = (0..5000).map(|i| format!("c{i},")).collect();
    let error =
        loaded(".csv", format!("{wide}last\n").as_bytes(), &LoadOptions::default()).unwrap_err();
    assert_eq!(error.code(), "source_too_many_columns");
}

/// A table of some megabytes, so that it is read in parts.
fn large() -> String {
    let mut text = String::from("row,text,value\r\n");
    for row in 0..400_000 {
        use std::fmt::Write;
        write!(text, "{row},some text {},{}.5\r\n", row % 977, row % 31).unwrap();
    }
    text
}

#[test]
fn rows_keep_their_order_however_many_parts_are_read() {
    let file = file(".csv", large().as_bytes());
    let load = |threads| {
        let options = LoadOptions {
            threads,
            exclusion: vec![criterion("value", Operator::Equal, &["3.5"])],
            ..LoadOptions::default()
        };
        load(&file.table, &options).unwrap()
    };
    let (one, four) = (load(1), load(4));
    assert_eq!(one.rows_read, 400_000);
    // Without the values: there are 400,000 of them.
    let numbers = one.row_numbers.iter().zip(&four.row_numbers);
    assert_eq!(numbers.into_iter().find(|(one, four)| one != four), None);
    let (table, other) = (four.table.whole().unwrap(), one.table.whole().unwrap());
    assert!(table == other);
    let rows = table.column("row").unwrap().numbers().unwrap();
    assert!(
        rows.iter().zip(&four.row_numbers).all(|(value, number)| *value + 1.0 == *number as f64)
    );
}

#[test]
fn quoted_line_ends_and_other_delimiters_are_read() {
    let content = "\u{feff}a;b\r\n\"two\r\nlines\";1\r\n\"x;y\";2\r\n".as_bytes();
    let loaded = loaded(".csv", content, &LoadOptions::default()).unwrap();
    let table = loaded.table.whole().unwrap();
    let text = table.column("a").unwrap().text().unwrap();
    assert_eq!((text.get(0), text.get(1)), (Some("two\r\nlines"), Some("x;y")));
    assert_eq!(loaded.shape.notes.len(), 1);
}

#[test]
fn formats_agree() {
    let csv = loaded(".csv", PEOPLE.as_bytes(), &LoadOptions::default()).unwrap();
    let json = "{\"id\":1,\"Brand.Name\":\"Kisqali\",\"age\":30,\"seen\":\"2024-05-01\",\"active\":true}\n\
        {\"id\":2,\"Brand.Name\":\"Verzenio\",\"age\":null,\"seen\":\"2024-06-01\",\"active\":false}\n\
        {\"id\":3,\"Brand.Name\":\"Kisqali\",\"age\":50,\"active\":true}\n\
        {\"id\":4,\"age\":40,\"seen\":\"2024-07-01\"}\n";
    let json = loaded(".jsonl", json.as_bytes(), &LoadOptions::default()).unwrap();
    let (csv, json) = (csv.table.whole().unwrap(), json.table.whole().unwrap());
    let parquet = dataset::write_parquet(&csv).unwrap();
    let parquet = loaded(".parquet", &parquet, &LoadOptions::default()).unwrap();
    assert_eq!(csv.columns(), json.columns());
    assert_eq!(csv, parquet.table.whole().unwrap());
    assert_eq!(parquet.rows_read, 4);
}

#[test]
fn parquet_with_criteria_keeps_row_numbers() {
    let numbers: Vec<f64> = (0..300_000).map(f64::from).collect();
    let table = Table::new(
        vec![tabular::Field::new(" x ", ColumnType::Number)],
        vec![Column::Number(numbers)],
    )
    .unwrap();
    let bytes = dataset::write_parquet(&table).unwrap();
    let loaded = loaded(
        ".parquet",
        &bytes,
        &including(criterion("x", Operator::GreaterOrEqual, &["299998"])),
    )
    .unwrap();
    assert_eq!(loaded.row_numbers, [299_999, 300_000]);
    assert_eq!(loaded.table.fields()[0].name, "x");
}

/// A table that is no file, such as one of a database.
#[derive(Debug)]
struct Rows(Vec<(f64, &'static str)>);

impl TableSource for Rows {
    fn uri(&self) -> &str {
        "rows:"
    }

    fn fingerprint(&self) -> Result<String, dataset::Error> {
        Ok("f".repeat(64))
    }

    fn schema(&self, _options: &ScanOptions) -> Result<Shape, dataset::Error> {
        Ok(Shape {
            format: None,
            fields: vec![
                Field::new("amount", ColumnType::Number),
                Field::new("place", ColumnType::Text),
            ],
            rows: self.0.len() as u64,
            missing: vec![0, 0],
            sha256: self.fingerprint()?,
            delimiter: None,
            dialect: None,
            plain: None,
            notes: Vec::new(),
        })
    }

    fn batches(
        &self,
        _shape: &Shape,
        columns: &[Field],
        _options: &ScanOptions,
        rows: usize,
        batch: &mut dyn FnMut(RecordBatch) -> Result<(), dataset::Error>,
    ) -> Result<(), dataset::Error> {
        for rows in self.0.chunks(rows.min(2)) {
            let amounts = rows.iter().map(|(amount, _)| Some(*amount)).collect::<Float64Array>();
            let places = rows.iter().map(|(_, place)| Some(*place)).collect::<StringArray>();
            let arrays: Vec<ArrayRef> = columns
                .iter()
                .map(|column| -> ArrayRef {
                    match column.name.as_str() {
                        "amount" => Arc::new(amounts.clone()),
                        _ => Arc::new(places.clone()),
                    }
                })
                .collect();
            batch(RecordBatch::try_new(dataset::physical_schema(columns), arrays)?)?;
        }
        Ok(())
    }
}

#[test]
fn a_table_that_is_no_file_is_examined_and_loaded_as_one_is() {
    let rows = Rows(vec![(1.5, "x"), (2.5, "y"), (2.5, "y"), (3.5, "?")]);
    let examined = rows.examine(&["place"], &MissingMarkers::default()).unwrap();
    assert_eq!((examined.rows, examined.columns.len()), (4, 2));
    assert_eq!((examined.examined[0].rows_of("y"), examined.examined[0].missing), (Some(2), 1));
    assert!(matches!(
        rows.examine(&["plaice"], &MissingMarkers::default()),
        Err(dataset::Error::NoSuchColumn { .. })
    ));
    let table: Arc<dyn TableSource> = Arc::new(rows);
    let options = LoadOptions {
        exclusion: vec![criterion("amount", Operator::Equal, &["1.5"])],
        ..LoadOptions::default()
    };
    let loaded = load(&table, &options).unwrap();
    assert_eq!((loaded.rows_read, loaded.row_numbers), (4, vec![2, 4]));
    let table = loaded.table.whole().unwrap();
    assert_eq!(table.column("amount").unwrap().numbers().unwrap(), [2.5, 3.5]);
    assert_eq!(table.column("place").unwrap().missing(), 1);
    assert_eq!(loaded.source_sha256, "f".repeat(64));
}
