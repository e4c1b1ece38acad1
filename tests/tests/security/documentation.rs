//! The matrix in docs/security.md is what the code permits.

use std::path::Path;

const BEGIN: &str = "<!-- permissions: begin -->\n";
const END: &str = "<!-- permissions: end -->\n";

/// `UPDATE_DOCS=1` writes the matrix.
#[test]
fn the_documented_matrix_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/security.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("a place where the matrix begins");
    let (found, after) = rest.split_once(END).expect("a place where the matrix ends");
    let expected = identities::matrix();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{expected}{END}{after}")).unwrap();
        return;
    }
    assert!(found == expected, "the matrix is another one; UPDATE_DOCS=1 writes it");
}
