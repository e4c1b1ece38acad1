#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::{Format, ScanOptions, Shape, Stated, format_of, read_table, scan};

const ROWS: &str = "name,y\ncafé,1\nthé,2\n";

fn opened(name: &str, content: &[u8]) -> (tempfile::TempDir, Source) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, content).unwrap();
    let source = Source::open_local(&path).unwrap();
    (directory, source)
}

fn shape_of(source: &Source) -> Result<Shape, Error> {
    scan(source, format_of(source, None)?, &ScanOptions::default())
}

fn texts(source: &Source) -> Vec<Option<String>> {
    let table = read_table(source, Format::Csv, &ScanOptions::default()).unwrap();
    table.columns()[0].text().unwrap().iter().map(|text| text.map(str::to_owned)).collect()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    units.flat_map(bytes).collect()
}

#[test]
fn encodings_are_told_and_read_alike() {
    let windows: Vec<u8> = ROWS.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let marked = [b"\xef\xbb\xbf", ROWS.as_bytes()].concat();
    for (content, encoding, notes) in [
        (ROWS.as_bytes().to_vec(), Encoding::Utf8, 0),
        (marked, Encoding::Utf8, 0),
        (utf16(ROWS, false, true), Encoding::Utf16Le, 1),
        (utf16(ROWS, true, true), Encoding::Utf16Be, 1),
        (utf16(ROWS, false, false), Encoding::Utf16Le, 1),
        (utf16(ROWS, true, false), Encoding::Utf16Be, 1),
        (windows, Encoding::Windows1252, 1),
    ] {
        let (_directory, source) = opened("a.csv", &content);
        let shape = shape_of(&source).unwrap();
        assert_eq!(shape.dialect.unwrap().encoding, encoding);
        assert_eq!(shape.notes.len(), notes, "{encoding}: {:?}", shape.notes);
        assert_eq!(shape.fields[0].name, "name", "{encoding}");
        assert_eq!(texts(&source), [Some("café".to_owned()), Some("thé".to_owned())]);
    }
}

#[test]
fn what_is_stated_is_never_guessed_against() {
    let (_directory, source) = opened("a.csv", b"name,y\ncaf\xe9,1\n");
    let stated = |encoding| {
        let csv = schema::CsvDialect { encoding: Some(encoding), ..Default::default() };
        source.clone().stating(Stated { csv, ..Stated::default() }.into())
    };
    assert!(matches!(shape_of(&stated(Encoding::Utf8)), Err(Error::NotUtf8 { line: 2, .. })));
    assert!(shape_of(&stated(Encoding::Windows1252)).unwrap().notes.is_empty());
    let (_directory, odd) = opened("b.csv", &utf16("a,b\n1,2\n3,4\n", false, true)[..17]);
    assert!(matches!(shape_of(&odd), Err(Error::NotEncoded { encoding: Encoding::Utf16Le, .. })));
}

#[test]
fn letters_behind_the_sample_tell_the_encoding_of_all() {
    let rows = "plain,1\n".repeat(64 * 1024);
    let mut content = format!("name,y\n{rows}").into_bytes();
    content.extend_from_slice(b"caf\xe9,2\n");
    let (_directory, source) = opened("a.csv", &content);
    let shape = shape_of(&source).unwrap();
    assert_eq!(shape.dialect.unwrap().encoding, Encoding::Windows1252);
    assert_eq!(texts(&source).last().unwrap().as_deref(), Some("café"));
    // Damaged UTF-8 is no other encoding.
    content.extend_from_slice("thé,3\n".as_bytes());
    let (_directory, source) = opened("a.csv", &content);
    assert!(matches!(shape_of(&source), Err(Error::NotUtf8 { line: 65_538, field: 1, byte: 3 })));
}

#[test]
fn compressed_texts_are_read_as_they_stream() {
    let rows = "1,x\n2,y\n".repeat(5000);
    let content = format!("n,t\n{rows}");
    let (_directory, plain) = opened("a.csv", content.as_bytes());
    let plain = shape_of(&plain).unwrap();
    let members = [gzip(&content.as_bytes()[..100]), gzip(&content.as_bytes()[100..])].concat();
    let zstd = zstd::encode_all(content.as_bytes(), 3).unwrap();
    for (name, bytes) in [
        ("a.csv.gz", gzip(content.as_bytes())),
        ("a.csv", gzip(content.as_bytes())),
        ("a.csv.GZ", members),
        ("a.csv.zst", zstd.clone()),
        ("a.zst", zstd),
    ] {
        let (_directory, source) = opened(name, &bytes);
        let shape = shape_of(&source).unwrap();
        assert_eq!((&shape.fields, shape.rows), (&plain.fields, 10_000), "{name}");
        // The digest is that of the bytes at rest.
        assert_eq!(shape.sha256, source.sha256().unwrap());
        assert!(shape.dialect.unwrap().compressed);
    }
    let lines = "{\"a\": 1}\n".repeat(10);
    let (_directory, source) = opened("a.jsonl.gz", &gzip(lines.as_bytes()));
    assert_eq!(shape_of(&source).unwrap().rows, 10);
}

#[test]
fn what_is_cut_off_or_damaged_is_refused() {
    let content = (0..9999).map(|row| format!("{row},{}\n", row * 7919)).collect::<String>();
    let content = format!("a,b\n{content}");
    for bytes in [gzip(content.as_bytes()), zstd::encode_all(content.as_bytes(), 3).unwrap()] {
        let (_directory, source) = opened("a.csv", &bytes[..bytes.len() - 20]);
        let error = shape_of(&source).unwrap_err();
        assert!(matches!(error, Error::Truncated { .. }), "{error:?}");
        assert!(!error.is_transient());
        let mut damaged = bytes.clone();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 64].fill(0xaa);
        let (_directory, source) = opened("a.csv", &damaged);
        let error = shape_of(&source).unwrap_err();
        let refused = matches!(
            error,
            Error::Damaged { .. }
                | Error::Truncated { .. }
                | Error::RaggedRow { .. }
                | Error::NotUtf8 { .. }
        );
        assert!(refused, "{error:?}");
    }
    for (head, codec) in [
        (&b"BZh91AY&SY"[..], "bzip2"),
        (b"\xfd7zXZ\0\0\0", "xz"),
        (b"PK\x03\x04aaaa", "zip"),
        (b"\x04\x22\x4d\x18aaaa", "lz4"),
    ] {
        let (_directory, source) = opened("a.csv", head);
        match shape_of(&source) {
            Err(Error::Compressed { codec: found, .. }) => assert_eq!(found, codec),
            other => panic!("{other:?}"),
        }
    }
    // Parquet is read from place to place.
    let (_directory, source) = opened("a.parquet.gz", &gzip(b"PAR1aaaaPAR1"));
    assert!(matches!(shape_of(&source), Err(Error::Compressed { codec: "gzip", .. })));
}

#[test]
fn what_is_unpacked_is_bounded() {
    let line = [[b'0'; 1024].as_slice(), b",1\n"].concat();
    let mut bomb = GzEncoder::new(b"".to_vec(), Compression::best());
    bomb.write_all(b"a,b\n").unwrap();
    (0..300 * 1024).for_each(|_| bomb.write_all(&line).unwrap());
    let (_directory, source) = opened("a.csv.gz", &bomb.finish().unwrap());
    let limits = |decoded_bytes, decoded_ratio| {
        source.clone().limited(ContentLimits { decoded_bytes, decoded_ratio, ..Default::default() })
    };
    let error = shape_of(&limits(1 << 20, 500)).unwrap_err();
    assert!(matches!(error, Error::TooLarge { codec: "gzip", limit: 1_048_576 }), "{error:?}");
    let error = shape_of(&limits(1 << 40, 20)).unwrap_err();
    assert!(matches!(error, Error::TooDense { codec: "gzip", ratio: 20 }), "{error:?}");
}

#[test]
fn a_line_beyond_the_limit_is_named_and_not_held() {
    let limits = ContentLimits { line_bytes: 1000, ..ContentLimits::default() };
    let open = format!("a,b\n1,2\n\"{}", "x,1\n".repeat(1024 * 1024));
    let (_directory, source) = opened("a.csv", open.as_bytes());
    let error = shape_of(&source.limited(limits)).unwrap_err();
    assert!(matches!(error, Error::LineTooLong { line: 3, limit: 1000 }), "{error:?}");
    for long in [
        format!("{{\"a\": 1}}\n{{\"a\": \"{}\"}}\n", "x".repeat(2000)),
        format!("[{{\"a\": 1}},\n{{\"a\": \"{}\"}}]", "x".repeat(2000)),
    ] {
        let (_directory, source) = opened("a.jsonl", long.as_bytes());
        let error = shape_of(&source.limited(limits)).unwrap_err();
        assert!(matches!(error, Error::LineTooLong { line: 2, limit: 1000 }), "{error:?}");
    }
}
