#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::io::Write;

use tabular::ColumnType;

use crate::{Error, Format, ScanOptions, Shape, Source, format_of, read_table, scan};

fn source(content: &[u8]) -> (tempfile::NamedTempFile, Source) {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    file.write_all(content).unwrap();
    let source = Source::open_local(file.path()).unwrap();
    (file, source)
}

fn shape(content: &[u8]) -> Result<Shape, Error> {
    let (_file, source) = source(content);
    format_of(&source, None).and_then(|format| scan(&source, format, &ScanOptions::default()))
}

fn types(content: &str) -> Vec<ColumnType> {
    shape(content.as_bytes()).unwrap().fields.into_iter().map(|field| field.column_type).collect()
}

#[test]
fn types_are_those_of_all_values() {
    use ColumnType::{Boolean, Date, Integer, Number, Text, Timestamp};
    let head = "i,n,b,t,d,s,m\n";
    let rows = "1,1.5,true,x,2024-05-01,2024-05-01 10:00:00,\n".repeat(3000);
    assert_eq!(
        types(&format!("{head}{rows}")),
        [Integer, Number, Boolean, Text, Date, Timestamp, Text]
    );
    // The very last row changes the types.
    let last = "1.5,x,2,3,x,2024-05-02,1\n";
    assert_eq!(
        types(&format!("{head}{rows}{last}")),
        [Number, Text, Text, Text, Text, Timestamp, Integer]
    );
}

#[test]
fn markers_are_missing() {
    let shape = shape(b"a,b\n1,x\nNA,?\n , \n3,y\n").unwrap();
    assert_eq!(shape.missing, [2, 2]);
    assert_eq!(shape.fields[0].column_type, ColumnType::Integer);
    assert!(shape.fields[0].nullable);
    assert_eq!(shape.rows, 4);
}

#[test]
fn the_digest_is_that_of_the_bytes() {
    // sha256sum of the same bytes.
    let shape = shape(b"a,b\n1,2\n").unwrap();
    let expected = crate::shape::HashingReader::new(&b"a,b\n1,2\n"[..]).finish().unwrap();
    assert_eq!(shape.sha256, expected);
    assert_eq!(shape.sha256.len(), 64);
}

#[test]
fn a_ragged_row_is_named_by_its_line() {
    for (content, line, found) in [
        ("a,b\n1,2\n3\n", 3, 1),
        ("a,b\r\n1,2\r\n3,4,5\r\n", 3, 3),
        ("\u{feff}a,b\n1,2\n\n\n3\n", 5, 1),
        ("a,b\n\"x\ny\",2\n3", 4, 1),
        ("a,b\r\n\r\n1,2\r\n\"u\r\nv\",2,3\r\n", 4, 3),
    ] {
        match shape(content.as_bytes()) {
            Err(Error::RaggedRow { line: at, expected: 2, found: fields }) => {
                assert_eq!((at, fields), (line, found), "{content:?}")
            }
            other => panic!("{content:?}: {other:?}"),
        }
    }
}

#[test]
fn bytes_that_are_not_utf8_are_named_by_line_and_field() {
    // Damaged: another value is UTF-8.
    match shape(b"a,b\r\n1,\xc3\xa9\r\n3,caf\xe9\r\n") {
        Err(Error::NotUtf8 { line: 3, field: 2, byte: 3 }) => {}
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        shape(b"a\xff,b\n1,\xc3\xa9\n"),
        Err(Error::NotUtf8 { line: 1, field: 1, .. })
    ));
}

#[test]
fn empty_files_and_bare_headers_are_told_apart() {
    assert!(matches!(shape(b""), Err(Error::EmptyFile)));
    assert!(matches!(shape(b"\n\n"), Err(Error::EmptyFile)));
    assert!(matches!(shape(b"\xef\xbb\xbf"), Err(Error::EmptyFile)));
    assert!(matches!(shape(b"a,b\n"), Err(Error::HeaderOnly { columns: 2 })));
    assert!(matches!(shape(b"a,b"), Err(Error::HeaderOnly { columns: 2 })));
}

#[test]
fn names_are_checked() {
    match shape(b"a,b, a\n1,2,3\n") {
        Err(Error::DuplicateColumn { column, first: 1, second: 3 }) => assert_eq!(column, "a"),
        other => panic!("{other:?}"),
    }
    let unnamed = shape(b",b\n0,2\n").unwrap();
    assert_eq!(unnamed.fields[0].name, "unnamed_1");
    assert_eq!(unnamed.notes.len(), 1);
    let wide: String = (0..5000).map(|i| format!("c{i},")).collect();
    assert!(matches!(
        shape(wide.as_bytes()),
        Err(Error::TooManyColumns { found: 5001, limit: 2000 })
    ));
}

#[test]
fn delimiters_are_found() {
    for (content, delimiter) in [
        ("a,b\n1,2\n", b','),
        ("a;b\n1,5;2\n", b';'),
        ("a\tb\n1\t2\n", b'\t'),
        ("a|b\n1|2\n", b'|'),
        ("\"x;y\",b\n1,2\n", b','),
        ("a\n1\n", b','),
    ] {
        let shape = shape(content.as_bytes()).unwrap();
        assert_eq!(shape.delimiter, Some(delimiter), "{content:?}");
        assert_eq!(shape.notes.is_empty(), delimiter == b',', "{content:?}");
    }
}

#[test]
fn quotes_and_line_ends_inside_values_are_kept() {
    let (_file, source) = source(b"\xef\xbb\xbfa,b\r\n\"x, \"\"y\"\"\",1\r\n\"two\nlines\",2\r\n");
    let shape = scan(&source, Format::Csv, &ScanOptions::default()).unwrap();
    assert_eq!(shape.fields[0].name, "a");
    let table = read_table(&source, Format::Csv, &ScanOptions::default()).unwrap();
    let text = table.column("a").unwrap().text().unwrap();
    assert_eq!((text.get(0), text.get(1)), (Some("x, \"y\""), Some("two\nlines")));
}

#[test]
fn other_formats_under_the_name_are_seen() {
    assert!(matches!(shape(b"\x1f\x8b\x08\0\0\0"), Err(Error::Truncated { codec: "gzip" })));
    assert!(matches!(shape(b"BZh91AY&SY"), Err(Error::Compressed { codec: "bzip2", .. })));
    assert!(matches!(shape(b"PAR1xxxx"), Err(Error::Parquet(_))));
}

#[test]
fn no_error_holds_a_value() {
    for content in
        [&b"a,b\nsecret\n"[..], b"a,b\nsecret,caf\xe9\n\xc3\xa9,1\n", b"a,b\n1,secret,2\n"]
    {
        assert!(!shape(content).unwrap_err().to_string().contains("secret"));
    }
}
