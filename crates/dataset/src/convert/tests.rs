//! The same rows in CSV, JSON Lines and Parquet have the same types and the same values, to the bit.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{
    BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    DurationMillisecondArray, FixedSizeBinaryArray, Float32Array, Int64Array,
    IntervalYearMonthArray, Time32SecondArray, Time64MicrosecondArray, TimestampNanosecondArray,
    UInt64Array,
};
use arrow::datatypes::Int32Type;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use proptest::prelude::*;
use tabular::{DateOrder, TextForm};
use tempfile::TempDir;

use super::*;
use crate::{Format, ScanOptions, Source, Stated, format_of, read_file, read_texts, scan};

type Columns = Vec<(&'static str, Vec<Option<String>>)>;

/// Files of the same rows.
struct Files {
    directory: TempDir,
}

impl Files {
    fn new() -> Self {
        Self { directory: TempDir::new().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn parquet(&self, columns: Vec<(&str, ArrayRef)>, statistics: EnabledStatistics) -> PathBuf {
        let path = self.path("t.parquet");
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let properties = WriterProperties::builder().set_statistics_enabled(statistics).build();
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        path
    }

    /// Every value as a text: CSV, JSON Lines with strings, Parquet with strings.
    fn of_texts(&self, columns: &Columns) -> [PathBuf; 3] {
        let rows = columns[0].1.len();
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let mut csv = format!("{}\n", names.join(","));
        let mut json = String::new();
        for row in 0..rows {
            let cells = columns.iter().map(|(_, values)| values[row].as_deref().unwrap_or(""));
            let quoted: Vec<String> = cells.map(|cell| format!("\"{cell}\"")).collect();
            csv += &format!("{}\n", quoted.join(","));
            let entry = |(name, values): &(&str, Vec<Option<String>>)| {
                format!("\"{name}\": {}", serde_json::json!(values[row]))
            };
            let entries: Vec<String> = columns.iter().map(entry).collect();
            json += &format!("{{{}}}\n", entries.join(", "));
        }
        let (of_csv, of_json) = (self.path("t.csv"), self.path("t.jsonl"));
        std::fs::write(&of_csv, csv).unwrap();
        std::fs::write(&of_json, json).unwrap();
        let arrays = columns
            .iter()
            .map(|(name, values)| (*name, Arc::new(StringArray::from(values.clone())) as ArrayRef));
        [of_csv, of_json, self.parquet(arrays.collect(), EnabledStatistics::Page)]
    }
}

fn field_of<'a>(table: &'a Table, name: &str) -> &'a Field {
    table.field(name).unwrap()
}

#[track_caller]
fn assert_same(one: &Table, other: &Table) {
    let said = |table: &Table| -> Vec<(String, ColumnType, TextForm)> {
        let fields = table.fields().iter();
        fields.map(|f| (f.name.clone(), f.column_type, f.form.clone())).collect()
    };
    assert_eq!(said(one), said(other));
    for (a, b) in one.columns().iter().zip(other.columns()) {
        match (a, b) {
            (Column::Number(a), Column::Number(b)) => {
                let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(a), bits(b));
            }
            (Column::Text(a), Column::Text(b)) => assert!(a.iter().eq(b.iter())),
            _ => panic!("one is text"),
        }
    }
}

fn notes(path: &std::path::Path) -> Vec<String> {
    let source = Source::open_local(path).unwrap();
    let format = format_of(&source, None).unwrap();
    scan(&source, format, &ScanOptions::default()).unwrap().notes
}

fn kinds() -> impl Strategy<Value = (&'static str, Vec<Option<String>>)> {
    let values = |name: &'static str, regex: &'static str| {
        prop::collection::vec(prop::option::weighted(0.9, regex), 12)
            .prop_map(move |values| (name, values))
    };
    prop_oneof![
        values("whole", "-?[1-9][0-9]{0,14}"),
        values("long", "[1-9][0-9]{17,18}"),
        values("code", "0[0-9]{4}"),
        values("number", "-?[1-9][0-9]{0,6}\\.[0-9]{1,12}(e-?[1-9])?"),
        values("flag", "(true|false|True|FALSE)"),
        values("date", "20[0-2][0-9]-0[1-9]-[0-2][1-8]"),
        values("special", "(2020-0[1-9]-1[1-8]|0000-00-00|9999-12-31)"),
        values("first", "[0-2][1-8]/0[1-9]/20[0-2][0-9]"),
        values(
            "instant",
            "20[0-2][0-9]-0[1-9]-1[1-8]T[01][0-9]:[0-5][0-9]:00(\\.[0-9]{1,6})?(Z|\\+02:00)?"
        ),
        values("dollars", "\\$[1-9][0-9]{0,2}(,[0-9]{3})?\\.[0-9]{2}"),
        values("comma", "[1-9][0-9]{0,2}(\\.[0-9]{3})?,[0-9]{1,2}"),
        values("weight", "[1-9][0-9]?(\\.[0-9])? kg"),
        values("time", "[01][0-9]:[0-5][0-9]"),
        values("word", "[a-z]{1,6}"),
        values("any", "[a-z0-9$%:./-]{0,8}"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn formats_do_not_matter(first in kinds(), second in kinds()) {
        let key = (0..12).map(|row| Some(format!("k{row}"))).collect();
        let columns: Columns = vec![("key", key), ("a", first.1), ("b", second.1)];
        let files = Files::new();
        let [csv, json, parquet] = files.of_texts(&columns).map(|path| read_file(&path).unwrap());
        assert_same(&csv, &json);
        assert_same(&csv, &parquet);
        // And as texts, from which predictions start.
        let [csv, json, parquet] = files.of_texts(&columns).map(|path| read_texts(&path, &Stated::default()).unwrap());
        assert_same(&csv, &json);
        assert_same(&csv, &parquet);
    }
}

#[test]
fn typed_columns_are_what_their_texts_are() {
    let files = Files::new();
    let day = |text| tabular::parse::date(text).unwrap();
    let decimal = Decimal128Array::from(vec![Some(12_345), Some(-10), None]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("key", Arc::new(StringArray::from(vec!["a", "b", "c"]))),
        ("decimal", Arc::new(decimal.with_precision_and_scale(10, 2).unwrap())),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("day", Arc::new(Date32Array::from(vec![Some(19_844), Some(-1), None]))),
        ("whole", Arc::new(Int64Array::from(vec![Some(7), Some(-3), None]))),
        ("kind", Arc::new(["x", "y", "x"].into_iter().collect::<DictionaryArray<Int32Type>>())),
    ];
    let typed = read_file(&files.parquet(columns, EnabledStatistics::Page)).unwrap();
    let csv = files.path("t.csv");
    std::fs::write(
        &csv,
        "key,decimal,flag,day,whole,kind\na,123.45,true,2024-05-01,7,x\nb,-0.10,false,1969-12-31,-3,y\nc,,,,,x\n",
    )
    .unwrap();
    assert_same(&typed, &read_file(&csv).unwrap());
    assert_eq!(typed.column("day").unwrap().numbers().unwrap()[0], day("2024-05-01"));
}

#[test]
fn whole_numbers_that_a_double_does_not_hold_keep_their_digits() {
    let files = Files::new();
    let id = 1_234_567_890_123_456_789_i64;
    for statistics in [EnabledStatistics::Page, EnabledStatistics::None] {
        let digits = Decimal128Array::from(vec![i128::from(id), i128::from(id) + 1]);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("signed", Arc::new(Int64Array::from(vec![id, id + 1]))),
            ("unsigned", Arc::new(UInt64Array::from(vec![u64::MAX, u64::MAX - 1]))),
            ("negative", Arc::new(Int64Array::from(vec![-id, 1]))),
            ("decimal", Arc::new(digits.with_precision_and_scale(38, 0).unwrap())),
            ("small", Arc::new(Int64Array::from(vec![1 << 53, -(1 << 53)]))),
            ("none", Arc::new(Int64Array::from(vec![None::<i64>, None]))),
        ];
        let table = read_file(&files.parquet(columns, statistics)).unwrap();
        let text = |name: &str, row| table.column(name).unwrap().text().unwrap().get(row).unwrap();
        assert_eq!(text("signed", 0), "1234567890123456789");
        assert_eq!(text("signed", 1), "1234567890123456790");
        assert_eq!(text("unsigned", 0), "18446744073709551615");
        assert_eq!(text("negative", 0), "-1234567890123456789");
        assert_eq!(text("decimal", 1), "1234567890123456790");
        assert_eq!(field_of(&table, "small").column_type, ColumnType::Integer);
        assert_eq!(field_of(&table, "none").column_type, ColumnType::Integer);
    }
    let json = files.path("t.jsonl");
    std::fs::write(&json, format!("{{\"id\": {id}}}\n{{\"id\": \"{id}\"}}\n")).unwrap();
    let table = read_file(&json).unwrap();
    let texts = table.column("id").unwrap().text().unwrap();
    assert!(texts.iter().all(|text| text == Some("1234567890123456789")));
}

#[test]
fn times_durations_and_uuids_are_what_their_texts_are() {
    let files = Files::new();
    let id = 0x0f8f_ad5b_d9cb_469f_a165_7086_7728_950e_u128;
    let ids = [Some(id.to_be_bytes()), Some([255; 16]), None].into_iter();
    let ids = FixedSizeBinaryArray::try_from_sparse_iter_with_size(ids, 16).unwrap();
    let kept = [Some("arrow.uuid"), None, None, None, None];
    let columns: [(&str, ArrayRef); 5] = [
        ("id", Arc::new(ids)),
        ("at", Arc::new(Time64MicrosecondArray::from(vec![Some(31_530_100_000), Some(0), None]))),
        ("clock", Arc::new(Time32SecondArray::from(vec![Some(86_399), Some(60), None]))),
        (
            "took",
            Arc::new(DurationMillisecondArray::from(vec![Some(5_400_000), Some(90_061_500), None])),
        ),
        ("y", Arc::new(Int64Array::from(vec![1, 2, 3]))),
    ];
    let fields: Vec<ArrowField> = columns
        .iter()
        .zip(kept)
        .map(|((name, array), extension)| {
            let field = ArrowField::new(*name, array.data_type().clone(), true);
            let extension = extension.map(|it| ("ARROW:extension:name".to_owned(), it.to_owned()));
            field.with_metadata(extension.into_iter().collect())
        })
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let (parquet, arrow, csv) =
        (files.path("t.parquet"), files.path("t.arrow"), files.path("t.csv"));
    let mut writer =
        ArrowWriter::try_new(std::fs::File::create(&parquet).unwrap(), batch.schema(), None)
            .unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let file = std::fs::File::create(&arrow).unwrap();
    let mut writer = arrow_ipc::writer::FileWriter::try_new(file, &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    std::fs::write(
        &csv,
        "id,at,clock,took,y\n0f8fad5b-d9cb-469f-a165-70867728950e,08:45:30.1,23:59:59,1h 30m,1\n\
         ffffffff-ffff-ffff-ffff-ffffffffffff,00:00,00:01,1 days 01:01:01.5,2\n,,,,3\n",
    )
    .unwrap();
    let of_csv = read_file(&csv).unwrap();
    for path in [&parquet, &arrow] {
        let table = read_file(path).unwrap();
        assert_same(&table, &of_csv);
        assert_eq!(field_of(&table, "took").form, TextForm::Duration);
        assert!(notes(path).iter().any(|note| note.contains("`at`") && note.contains("midnight")));
        // And as texts, from which predictions start.
        let texts = read_texts(path, &Stated::default()).unwrap();
        for (field, column) in table.iter() {
            let reader =
                parse::ColumnReader { field: field.clone(), markers: MissingMarkers::none() };
            let read = reader.column(texts.column(&field.name).unwrap().text().unwrap()).unwrap();
            assert_eq!(&read, column, "{}", field.name);
        }
    }
}

#[test]
fn columns_of_a_type_that_is_not_read_are_left_out_and_said() {
    let files = Files::new();
    // Sixteen bytes that nothing calls a UUID.
    let digest = FixedSizeBinaryArray::try_from_iter([[7_u8; 16], [8; 16]].into_iter()).unwrap();
    let months = IntervalYearMonthArray::from(vec![1, 2]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("photo", Arc::new(BinaryArray::from_vec(vec![b"x", b"y"]))),
        ("x", Arc::new(Int64Array::from(vec![1, 2]))),
        ("digest", Arc::new(digest)),
        ("months", Arc::new(months)),
        ("y", Arc::new(StringArray::from(vec!["1.5", "2.5"]))),
    ];
    let path = files.parquet(columns, EnabledStatistics::Page);
    let table = read_file(&path).unwrap();
    let names: Vec<&str> = table.fields().iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["x", "y"]);
    assert_eq!(table.column("y").unwrap().numbers().unwrap(), [1.5, 2.5]);
    let notes = notes(&path);
    for name in ["`photo`", "`digest`", "`months`"] {
        assert!(notes.iter().any(|n| n.contains(name) && n.contains("left out")), "{notes:?}");
    }
    // It is refused by its name where it is asked for.
    let source = Source::open_local(&path).unwrap();
    let asked = crate::examine(&source, Format::Parquet, &["photo"], &MissingMarkers::default());
    assert!(matches!(asked, Err(Error::UnsupportedColumn { column, .. }) if column == "photo"));
    let asked = crate::examine(&source, Format::Parquet, &["y"], &MissingMarkers::default());
    assert_eq!(asked.unwrap().examined[0].column_type, ColumnType::Number);
}

#[test]
fn texts_of_a_file_are_read_back_as_its_values() {
    let files = Files::new();
    let midnight = 1_714_521_600_000_000_000_i64;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("at", Arc::new(TimestampNanosecondArray::from(vec![midnight, midnight + 1_500_000_000]))),
        ("single", Arc::new(Float32Array::from(vec![0.1, 2.0]))),
        ("flag", Arc::new(BooleanArray::from(vec![true, false]))),
    ];
    let path = files.parquet(columns, EnabledStatistics::Page);
    let (typed, texts) =
        (read_file(&path).unwrap(), read_texts(&path, &Stated::default()).unwrap());
    for (field, column) in typed.iter() {
        let reader = parse::ColumnReader { field: field.clone(), markers: MissingMarkers::none() };
        let of_texts = reader.column(texts.column(&field.name).unwrap().text().unwrap()).unwrap();
        assert_eq!(&of_texts, column, "{}", field.name);
    }
    let date = parse::ColumnReader {
        field: Field::new("at", ColumnType::Date),
        markers: MissingMarkers::none(),
    };
    let first: tabular::TextColumn =
        [texts.column("at").unwrap().text().unwrap().get(0)].into_iter().collect();
    assert_eq!(
        date.column(&first).unwrap().numbers().unwrap()[0],
        tabular::parse::date("2024-05-01").unwrap()
    );
}

#[test]
fn markers_that_are_numbers_are_missing_in_every_format() {
    let files = Files::new();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("whole", Arc::new(Int64Array::from(vec![-999, 5]))),
        ("number", Arc::new(Float64Array::from(vec![0.5, -999.0]))),
        ("flag", Arc::new(BooleanArray::from(vec![true, false]))),
    ];
    let path = files.parquet(columns, EnabledStatistics::Page);
    let csv = files.path("t.csv");
    std::fs::write(&csv, "whole,number,flag\n-999,0.5,true\n5,-999.0,false\n").unwrap();
    let options = ScanOptions { markers: MissingMarkers::with(&["-999"]), max_columns: 10 };
    let read = |path: &std::path::Path, format| {
        crate::read_table(&Source::open_local(path).unwrap(), format, &options).unwrap()
    };
    let (parquet, csv) = (read(&path, Format::Parquet), read(&csv, Format::Csv));
    assert!(parquet.column("whole").unwrap().is_missing(0));
    assert!(parquet.column("number").unwrap().is_missing(1));
    assert_same(&parquet, &csv);
}

#[test]
fn the_form_of_texts_stands_in_the_field() {
    let files = Files::new();
    let texts = |values: [&str; 2]| values.map(|value| Some(value.to_owned())).to_vec();
    let columns: Columns = vec![
        ("key", texts(["a", "b"])),
        ("since", texts(["31/05/2024", "01/06/2024"])),
        ("odd", texts(["01/02/2024", "03/04/2024"])),
    ];
    for path in files.of_texts(&columns) {
        let table = read_file(&path).unwrap();
        let since = field_of(&table, "since");
        assert_eq!(
            (since.column_type, &since.form),
            (ColumnType::Date, &TextForm::Date(DateOrder::DayFirst))
        );
        assert_eq!(field_of(&table, "odd").column_type, ColumnType::Text);
        let notes = notes(&path);
        assert!(notes.iter().any(|note| note.contains("`since`")), "{notes:?}");
        assert!(notes.iter().any(|note| note.contains("`odd`")), "{notes:?}");
    }
}
