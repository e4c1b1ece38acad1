#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::fmt::Write as _;

use schema::CsvDialect;
use tabular::{Column, ColumnType, Table};

use crate::{
    Error, Format, ScanOptions, Shape, Source, Stated, examine_target, format_of, read_stated,
    read_table, scan,
};

fn opened(
    name: &str,
    content: &str,
    stated: &[(&'static str, &str)],
) -> (tempfile::TempDir, Source) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, content).unwrap();
    let csv = CsvDialect::parse(stated).unwrap();
    let source = Source::open_local(&path).unwrap();
    (directory, source.stating(Stated { csv, ..Stated::default() }.into()))
}

fn shape_stated(content: &str, stated: &[(&'static str, &str)]) -> Result<Shape, Error> {
    let (_directory, source) = opened("a.csv", content, stated);
    scan(&source, Format::Csv, &ScanOptions::default())
}

fn shape(content: &str) -> Shape {
    shape_stated(content, &[]).unwrap()
}

fn table(content: &str) -> Table {
    let (_directory, source) = opened("a.csv", content, &[]);
    read_table(&source, Format::Csv, &ScanOptions::default()).unwrap()
}

fn types(shape: &Shape) -> Vec<ColumnType> {
    shape.fields.iter().map(|field| field.column_type).collect()
}

fn names(shape: &Shape) -> Vec<&str> {
    shape.fields.iter().map(|field| field.name.as_str()).collect()
}

#[test]
fn a_decimal_comma_makes_numbers() {
    use ColumnType::{Integer, Number, Text};
    let content = "amount;n;sizes\n12,5;1;1,2\n-0,25;2;a\nNA;3;3,4\n1e3;;\n";
    let found = shape(content);
    assert_eq!(types(&found), [Number, Integer, Text]);
    assert_eq!(found.missing, [1, 1, 1]);
    assert!(found.notes.iter().any(|note| note.contains("decimal comma")), "{:?}", found.notes);
    let read = table(content);
    let amounts = read.column("amount").unwrap().numbers().unwrap();
    assert_eq!((amounts[0], amounts[1], amounts[3]), (12.5, -0.25, 1000.0));
    // Values of a column of texts stay as they are written.
    assert_eq!(read.column("sizes").unwrap().text().unwrap().get(0), Some("1,2"));
    let tabs = content.replace(';', "\t");
    assert_eq!(types(&shape(&tabs)), [Number, Integer, Text]);
    assert_eq!(types(&shape("a;b\n1,5;2.5\n2,5;3.25\n")), [Number, Number]);
    // Three digits behind a comma may be a fraction or thousands: a note says what they are taken for.
    let doubtful = shape("a;b\n1,234;x\n5,678;y\n");
    assert_eq!(types(&doubtful), [Number, Text]);
    assert!(doubtful.notes.iter().any(|note| note.contains("`a`") && note.contains("thousands")));
    let decimal = shape_stated("a;b\n1,234;x\n5,678;y\n", &[("decimal", ",")]).unwrap();
    assert_eq!(types(&decimal), [Number, Text]);
    let thousands = shape_stated("a;b\n1,234;x\n5,678;y\n", &[("thousands", ",")]).unwrap();
    assert_eq!(types(&thousands), [Integer, Text]);
    // A stated point is not guessed against.
    assert_eq!(
        types(&shape_stated("a;b\n1,5;x\n2,5;y\n", &[("decimal", ".")]).unwrap()),
        [Text, Text]
    );
}

#[test]
fn thousands_are_told_where_they_can_be_nothing_else() {
    for content in [
        "a;b\n1.234,5;x\n2.000;y\n",
        "a;b\n1 234,5;x\n2 000;y\n",
        "a;b\n1\u{202f}234,5;x\n2\u{a0}000;y\n",
        "a;b\n1'234,5;x\n2'000;y\n",
    ] {
        let read = table(content);
        let Column::Number(numbers) = read.column("a").unwrap() else { panic!("{content}") };
        assert_eq!(numbers, &[1234.5, 2000.0], "{content}");
    }
    // The point is a decimal point in another column.
    let read = table("a;b\n1,5;0.5\n2,25;1.234\n");
    assert_eq!(read.column("b").unwrap().numbers().unwrap(), [0.5, 1.234]);
}

#[test]
fn a_target_is_examined_in_the_dialect() {
    let (_directory, source) = opened("a.csv", "y;x\n1,5;1\n2,25;2\n1,5;3\n", &[]);
    let found = examine_target(&source, Format::Csv, "y", &Default::default()).unwrap();
    assert_eq!(found.target.column_type, ColumnType::Number);
    assert_eq!(found.target.rows_of("1.5"), Some(2));
    let (_directory, source) = opened("a.csv", "y;x\n1,5;1,5\nhigh;2,5\n1,5;3,5\n", &[]);
    let found = examine_target(&source, Format::Csv, "y", &Default::default()).unwrap();
    assert_eq!(found.target.column_type, ColumnType::Text);
    assert_eq!(found.target.rows_of("1,5"), Some(2));
}

#[test]
fn lines_before_the_header_are_passed() {
    for (content, lines, delimiter) in [
        ("sep=;\na;b\n1;2\n3;4\n", 1, b';'),
        ("\"sep=|\"\r\na|b\r\n1|2\r\n3|4\r\n", 1, b'|'),
        ("SEP=,\na,b\n1,2\n3,4\n", 1, b','),
        ("Sales of 2024\n\na;b\n1;2\n3;4\n", 2, b';'),
        ("Report\r\nby hand\r\n\r\na,b\r\n1,2\r\n3,4\r\n", 3, b','),
        ("# made by x, y\n# in 2024\na,b\n1,2\n3,4\n", 2, b','),
    ] {
        let found = shape(content);
        assert_eq!(names(&found), ["a", "b"], "{content:?}");
        let dialect = found.dialect.unwrap();
        assert_eq!((dialect.skip_lines, dialect.delimiter), (lines, delimiter), "{content:?}");
        assert_eq!(found.rows, 2, "{content:?}");
        assert!(!found.notes.is_empty(), "{content:?}");
        let read = table(content);
        assert_eq!(read.column("b").unwrap().numbers().unwrap(), [2.0, 4.0], "{content:?}");
    }
    // A header that begins with `#`, and a first line that lacks a value.
    assert_eq!(names(&shape("#a,b\n1,2\n3,4\n")), ["#a", "b"]);
    for ragged in ["a\n1,2\n3,4\n", "text\nhello, world\nfoo, bar\nbaz, qux\n"] {
        assert!(matches!(shape_stated(ragged, &[]), Err(Error::RaggedRow { line: 2, .. })));
    }
    // Lines are counted from the first of the file.
    assert!(matches!(
        shape_stated("Sales of 2024\n\na;b\n1;2\n3;4\n5;6;7\n", &[("delimiter", ";")]),
        Err(Error::RaggedRow { .. })
    ));
    let mut stated = CsvDialect::parse(&[("comment", "#")]).unwrap();
    stated.skip_lines = 2;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.csv");
    std::fs::write(&path, "x\ny,z\na,b\n1,2\n# note\n3\n").unwrap();
    let error = read_stated(&path, &Stated { csv: stated, ..Stated::default() }).unwrap_err();
    assert!(matches!(error, Error::RaggedRow { line: 6, expected: 2, found: 1 }), "{error:?}");
}

#[test]
fn a_file_without_a_header_has_numbered_columns() {
    let stated = CsvDialect { no_header: true, ..CsvDialect::default() };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.data");
    std::fs::write(&path, "39, State-gov, 77516\n50, Private, 83311\n").unwrap();
    let read = read_stated(&path, &Stated { csv: stated, ..Stated::default() }).unwrap();
    assert_eq!(read.rows(), 2);
    assert_eq!(read.column("column_1").unwrap().numbers().unwrap(), [39.0, 50.0]);
    assert_eq!(read.column("column_2").unwrap().text().unwrap().get(0), Some("State-gov"));
    let noted = shape("1,2\n3,4\n");
    assert!(noted.notes.iter().any(|note| note.contains("no header")), "{:?}", noted.notes);
}

#[test]
fn delimiters_are_those_that_divide_all_lines_alike() {
    let found = shape("name, first;age\nx;1\ny;2\n");
    assert_eq!(names(&found), ["name, first", "age"]);
    assert_eq!(found.delimiter, Some(b';'));
    // A ragged row of a file with commas stays one.
    assert!(matches!(shape_stated("a,b\n1,2\n3\n", &[]), Err(Error::RaggedRow { line: 3, .. })));
    assert_eq!(
        names(&shape_stated("a;b,c\n1;2,3\n", &[("delimiter", ",")]).unwrap()),
        ["a;b", "c"]
    );
}

#[test]
fn single_quotes_are_taken_off_where_all_values_have_them() {
    let read = table("a,b\n'x, y',1\n'z',2\n");
    assert_eq!(read.column("a").unwrap().text().unwrap().get(0), Some("x, y"));
    let read = table("a,b\n'tis,1\nz',2\n");
    assert_eq!(read.column("a").unwrap().text().unwrap().get(0), Some("'tis"));
    let none = shape_stated("a,b\n5\" tall,1\n6\",2\n", &[("quote", "none")]).unwrap();
    assert_eq!(none.rows, 2);
}

#[test]
fn names_that_say_nothing_are_told_by_content() {
    let format = |name: &str, content: &str| {
        let (_directory, source) = opened(name, content, &[]);
        format_of(&source, None)
    };
    let csv = "a,b\n1,2\n3,4\n";
    for name in ["a.txt", "a.data", "a.dat", "a", "a.csv", "a.CSV", "a.2024"] {
        assert_eq!(format(name, csv).unwrap(), Format::Csv, "{name}");
    }
    assert_eq!(format("a.txt", "\n {\"a\": 1}\n").unwrap(), Format::JsonLines);
    assert_eq!(format("a.json", "[{\"a\": 1}]").unwrap(), Format::JsonLines);
    for text in ["one line of words\nand another\n", "\0\u{1}\u{2},\0\n\0,\0\n"] {
        assert!(matches!(format("a.txt", text), Err(Error::UnknownFormat { .. })));
    }
    let (_directory, source) = opened("a.txt", "a\n1\n2\n", &[]);
    assert_eq!(format_of(&source, Some(Format::Csv)).unwrap(), Format::Csv);
}

#[test]
fn infinite_numbers_are_missing_and_said() {
    for word in ["inf", "-inf", "Infinity", "1e999"] {
        let mut content = "a,b\n".to_owned();
        for row in 0..50 {
            let value = if row % 5 == 0 { word.to_owned() } else { format!("{row}.5") };
            let _ = writeln!(content, "{value},x{row}");
        }
        let found = shape(&content);
        assert_eq!(found.fields[0].column_type, ColumnType::Number, "{word}");
        assert_eq!(found.missing[0], 10, "{word}");
        assert!(found.notes[0].contains("`a`: 10 values"), "{:?}", found.notes);
        assert_eq!(table(&content).column("a").unwrap().missing(), 10);
    }
}
