//! The tables in docs/security.md are what the code permits.

use std::path::Path;

/// `UPDATE_DOCS=1` writes the tables.
#[test]
fn the_documented_matrices_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/security.md");
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (name, expected) in [("permissions", identities::matrix()), ("rights", auth::matrix())] {
        let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->\n"));
        let (before, rest) = text.split_once(&begin).expect("a place where the matrix begins");
        let (found, after) = rest.split_once(&end).expect("a place where the matrix ends");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            text = format!("{before}{begin}{expected}{end}{after}");
            continue;
        }
        assert!(found == expected, "the matrix of {name} is another one; UPDATE_DOCS=1 writes it");
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
}
