#![allow(clippy::unwrap_used, reason = "a test")]

use std::io::Write;

use super::*;

fn open(uri: &Path, root: &Path) -> Result<Source, Error> {
    let access = Access::new(&["file"], &[root.to_str().unwrap()]).unwrap();
    let location = Location::parse(uri.to_str().unwrap()).unwrap();
    futures::executor::block_on(Source::open(&location, &access))
}

#[test]
fn a_link_out_of_the_roots_is_refused() {
    let inside = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret.csv");
    std::fs::write(&secret, "a\n1\n").unwrap();
    let link = inside.path().join("data.csv");
    std::os::unix::fs::symlink(&secret, &link).unwrap();
    assert!(matches!(open(&link, inside.path()), Err(Error::OutsideRoots { .. })));
    assert!(open(&secret, outside.path()).is_ok());
}

#[test]
fn what_is_no_file_is_refused() {
    let root = tempfile::tempdir().unwrap();
    assert!(matches!(
        open(&root.path().join("none.csv"), root.path()),
        Err(Error::MissingFile { .. })
    ));
    assert!(matches!(open(root.path(), root.path()), Err(Error::NotAFile { .. })));
}

#[test]
fn a_change_between_passes_is_seen() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.csv");
    std::fs::write(&path, "a\n1\n").unwrap();
    let source = open(&path, root.path()).unwrap();
    source.check_unchanged().unwrap();
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"2\n").unwrap();
    assert!(matches!(source.check_unchanged(), Err(Error::ChangedWhileRead { .. })));
}

#[test]
fn ranges_are_read() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.csv");
    std::fs::write(&path, "0123456789").unwrap();
    let source = open(&path, root.path()).unwrap();
    assert_eq!(source.get_bytes(3, 4).unwrap(), Bytes::from_static(b"3456"));
    assert!(source.get_bytes(8, 4).is_err());
}
