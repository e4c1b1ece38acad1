#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::fs;

use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt as _};
use tabular::TextColumn;
use tabular::{Column, Table};

use super::*;
use crate::{read_file, write_parquet};

fn write(root: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn open(path: &Path) -> Result<PartedTable, Error> {
    Ok(PartedTable::open_local(path, &Stated::default())?.unwrap())
}

fn texts(table: &Table, column: &str) -> Vec<Option<String>> {
    let text = table.column(column).unwrap().text().unwrap();
    text.iter().map(|text| text.map(str::to_owned)).collect()
}

fn numbers(table: &Table, column: &str) -> Vec<f64> {
    table.column(column).unwrap().numbers().unwrap().to_vec()
}

#[test]
fn parts_are_one_table_in_the_order_of_their_names() {
    let root = tempfile::tempdir().unwrap();
    let d = root.path();
    write(d, "part-2.csv", "b,a\nz,3\n");
    write(d, "part-1.csv", "a,b\n1,x\n2.5,y\n");
    write(d, "part-3.csv", "a,b\n");
    write(d, "part-4.csv", "");
    for passed in ["_SUCCESS", ".part-1.csv.crc", "_metadata", "part-1.csv.crc", "_temporary/0.csv"]
    {
        write(d, passed, "no part");
    }
    let table = read_file(d).unwrap();
    assert_eq!(numbers(&table, "a"), [1.0, 2.5, 3.0]);
    assert_eq!(texts(&table, "b"), ["x", "y", "z"].map(|text| Some(text.to_owned())));
    let by_pattern = read_file(&d.join("part-*.csv")).unwrap();
    assert_eq!(by_pattern, table);
    assert_eq!(read_file(&d.join("part-[1]*.csv")).unwrap().rows(), 2);
    assert!(matches!(read_file(&d.join("x*.csv")), Err(Error::NoParts { .. })));
    // A file whose name is a pattern is that file.
    write(d, "what?.csv", "a,b\n9,q\n");
    assert_eq!(numbers(&read_file(&d.join("what?.csv")).unwrap(), "a"), [9.0]);
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(read_file(empty.path()), Err(Error::NoParts { .. })));
}

#[test]
fn directories_of_keys_are_columns() {
    let root = tempfile::tempdir().unwrap();
    let d = root.path();
    write(d, "year=2023/region=north%20east/p.csv", "a\n1\n2\n");
    write(d, "year=2024/region=__HIVE_DEFAULT_PARTITION__/p.csv", "a\n3\n");
    let source = open(d).unwrap();
    let shape = source.schema(&ScanOptions::default()).unwrap();
    let types: Vec<_> =
        shape.fields.iter().map(|field| (field.name.as_str(), field.column_type)).collect();
    assert_eq!(
        types,
        [("a", ColumnType::Integer), ("year", ColumnType::Integer), ("region", ColumnType::Text)]
    );
    assert_eq!((shape.rows, shape.missing.as_slice()), (3, [0, 0, 1].as_slice()));
    let table = source.read().unwrap();
    assert_eq!(numbers(&table, "year"), [2023.0, 2023.0, 2024.0]);
    assert_eq!(
        texts(&table, "region"),
        [Some("north east".to_owned()), Some("north east".to_owned()), None]
    );
    // Some columns, in another order.
    let wanted = [shape.fields[1].clone(), shape.fields[0].clone()];
    let mut rows = 0;
    source
        .batches(&shape, &wanted, &ScanOptions::default(), 2, &mut |batch| {
            assert_eq!(batch.schema().field(0).name(), "year");
            rows += batch.num_rows();
            Ok(())
        })
        .unwrap();
    assert_eq!(rows, 3);
    let examined = source.examine(&["region"], &MissingMarkers::default()).unwrap();
    assert_eq!(examined.examined[0].missing, 1);
}

#[test]
fn formats_that_keep_types_are_parts_as_well() {
    let root = tempfile::tempdir().unwrap();
    let d = root.path();
    let bytes = |values: Vec<f64>| {
        let fields = vec![Field::new("n", ColumnType::Integer), Field::new("t", ColumnType::Text)];
        let texts: TextColumn = values.iter().map(|_| Some("x")).collect();
        write_parquet(
            &Table::new(fields, vec![Column::Number(values), Column::Text(texts)]).unwrap(),
        )
        .unwrap()
    };
    write(d, "k=1/a.snappy.parquet", bytes(vec![1.0, 2.0]));
    write(d, "k=2/a.snappy.parquet", bytes(vec![3.0]));
    write(d, "_SUCCESS", "");
    let table = read_file(d).unwrap();
    assert_eq!(
        (numbers(&table, "n"), numbers(&table, "k")),
        (vec![1.0, 2.0, 3.0], vec![1.0, 1.0, 2.0])
    );
    let lines = tempfile::tempdir().unwrap();
    write(lines.path(), "1.jsonl", "{\"a\": 1}\n");
    write(lines.path(), "2.jsonl", "{\"b\": \"x\", \"a\": 2}\n");
    let table = read_file(lines.path()).unwrap();
    assert_eq!(
        (numbers(&table, "a"), texts(&table, "b")),
        (vec![1.0, 2.0], vec![None, Some("x".to_owned())])
    );
}

#[test]
fn parts_that_differ_are_refused_by_name() {
    let refused = |parts: &[(&str, &str)]| {
        let root = tempfile::tempdir().unwrap();
        parts.iter().for_each(|(name, content)| write(root.path(), name, content));
        open(root.path()).unwrap().schema(&ScanOptions::default()).unwrap_err()
    };
    for (parts, part, says) in [
        (&[("1.csv", "a,b\n1,2\n"), ("2.csv", "a\n1\n")][..], "2.csv", "lacks the column `b`"),
        (&[("1.csv", "a\n1\n"), ("2.csv", "a,b\n1,2\n")], "2.csv", "has the column `b`"),
        (&[("1.csv", "a,b\n1,2\n"), ("2.jsonl", "{\"a\": 1}\n")], "2.jsonl", "is JSON Lines"),
        (
            &[("1.jsonl", "{\"a\": 1}\n"), ("2.jsonl", "{\"a\": \"x\"}\n")],
            "2.jsonl",
            "the column `a` as text",
        ),
        (&[("k=1/1.csv", "a\n1\n"), ("2.csv", "a\n1\n")], "k=1/1.csv", "of the keys [k]"),
    ] {
        match refused(parts) {
            Error::PartMismatch { part: named, reason } => {
                assert_eq!(named, part);
                assert!(reason.contains(says), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
    let error = refused(&[("1.csv", "a,b\n1,2\n"), ("2.csv", "a,b\n1,2\n3\n")]);
    assert_eq!(error.code(), "source_ragged_row");
    assert!(error.to_string().starts_with("part `2.csv`: line 3"), "{error}");
    // Numbers and texts in a format that does not keep them apart are texts, as in one file.
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "1.csv", "a,b\n1,\n");
    write(root.path(), "2.csv", "a,b\nx,5\n");
    let table = read_file(root.path()).unwrap();
    assert_eq!(texts(&table, "a"), [Some("1".to_owned()), Some("x".to_owned())]);
    assert_eq!(table.column("b").unwrap().numbers().unwrap()[1], 5.0);
}

#[test]
fn the_fingerprint_is_that_of_names_and_bytes() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "1.csv", "a\n1\n");
    write(root.path(), "2.csv", "a\n2\n");
    let first = open(root.path()).unwrap();
    let fingerprint = first.fingerprint().unwrap();
    assert_eq!(first.schema(&ScanOptions::default()).unwrap().sha256, fingerprint);
    write(root.path(), "2.csv", "a\n3\n");
    let changed = open(root.path()).unwrap().fingerprint().unwrap();
    assert_ne!(changed, fingerprint);
    fs::rename(root.path().join("2.csv"), root.path().join("0.csv")).unwrap();
    assert_ne!(open(root.path()).unwrap().fingerprint().unwrap(), changed);
}

#[test]
fn a_part_that_comes_or_goes_is_a_change() {
    let root = tempfile::tempdir().unwrap();
    let d = root.path();
    write(d, "1.csv", "a\n1\n");
    write(d, "2.csv", "a\n2\n");
    let source = open(d).unwrap();
    source.check_unchanged().unwrap();
    write(d, "_SUCCESS", "");
    write(d, "3.csv", "");
    source.check_unchanged().unwrap();
    write(d, "3.csv", "a\n3\n");
    assert!(matches!(source.check_unchanged(), Err(Error::ChangedWhileRead { .. })));
    std::fs::remove_file(d.join("3.csv")).unwrap();
    source.check_unchanged().unwrap();
    std::fs::remove_file(d.join("1.csv")).unwrap();
    assert!(matches!(source.check_unchanged(), Err(Error::ChangedWhileRead { .. })));
    let pattern = open(&d.join("*.csv")).unwrap();
    std::fs::remove_dir_all(d).unwrap();
    assert!(matches!(pattern.check_unchanged(), Err(Error::ChangedWhileRead { .. })));
    assert!(matches!(source.check_unchanged(), Err(Error::ChangedWhileRead { .. })));
}

#[test]
fn parts_outside_the_roots_are_refused() {
    let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(inside.path(), "1.csv", "a\n1\n");
    write(outside.path(), "2.csv", "a\n2\n");
    std::os::unix::fs::symlink(outside.path().join("2.csv"), inside.path().join("2.csv")).unwrap();
    let access = Access::new(&["file"], &[inside.path().to_str().unwrap()]).unwrap();
    let open = |path: &Path| {
        let location = Location::parse(path.to_str().unwrap()).unwrap();
        futures::executor::block_on(PartedTable::open(&location, &access, &Stated::default()))
    };
    assert!(matches!(open(inside.path()), Err(Error::OutsideRoots { .. })));
    assert!(matches!(open(outside.path()), Err(Error::OutsideRoots { .. })));
    fs::remove_file(inside.path().join("2.csv")).unwrap();
    assert!(open(inside.path()).unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_of_an_object_store_is_a_table_in_parts() {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    for (name, content) in [
        ("t/year=1/a.csv", "a\n1\n"),
        ("t/year=2/a.csv", "a\n2\n"),
        ("t/_SUCCESS", "x"),
        ("other/a.csv", "b\n1\n"),
    ] {
        store.put(&name.into(), content.into()).await.unwrap();
    }
    let url = url::Url::parse("s3://bucket/t/").unwrap();
    let access = Access::new(&["s3"], &["s3://bucket"]).unwrap();
    let opened = crate::source::OpenStore { store, path: "t".into() };
    let listed = list::of_store(&opened, &url, &access).await.unwrap();
    let place = Place::Objects { url: url.clone(), access, runtime: Handle::current() };
    let table = PartedTable::of_listed(url.to_string(), place, listed, &Stated::default()).unwrap();
    let table = tokio::task::spawn_blocking(move || table.read().unwrap()).await.unwrap();
    assert_eq!((numbers(&table, "a"), numbers(&table, "year")), (vec![1.0, 2.0], vec![1.0, 2.0]));
}
