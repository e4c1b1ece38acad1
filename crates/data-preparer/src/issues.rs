//! Findings about data, worded once.

use statistics::Finding;

/// Row numbers that a message names at most.
const NAMED_ROWS: usize = 10;
/// Columns that a message names at most.
const NAMED_COLUMNS: usize = 20;
/// Bytes of their names, at most: a name has up to 512.
const NAMED_BYTES: usize = 1500;

/// A finding that fails the gate.
pub(crate) fn blocking(code: &str, column: &str, rows: u64, message: String) -> Finding {
    Finding { code: code.to_owned(), blocking: true, column: column.to_owned(), message, rows }
}

/// A finding that a person should know.
pub(crate) fn noted(code: &str, column: &str, rows: u64, message: String) -> Finding {
    Finding { blocking: false, ..blocking(code, column, rows, message) }
}

/// `row 3`, `rows 3, 8 and 9`, or `rows 3, 8, … and 12 more`.
pub(crate) fn rows(numbers: &[u64]) -> String {
    let named: Vec<String> = numbers.iter().take(NAMED_ROWS).map(u64::to_string).collect();
    let more = numbers.len().saturating_sub(NAMED_ROWS);
    match named.as_slice() {
        [] => "no row".to_owned(),
        [one] => format!("row {one}"),
        [first @ .., last] if more == 0 => format!("rows {} and {last}", first.join(", ")),
        all => format!("rows {} and {more} more", all.join(", ")),
    }
}

/// `` `a` ``, `` `a`, `b` and `c` ``, or `` `a`, `b`, … and 12 more ``.
pub(crate) fn columns(names: &[&str]) -> String {
    let mut bytes = 0;
    let fits = |name: &&&str| {
        bytes += name.len();
        bytes <= NAMED_BYTES
    };
    let named: Vec<String> =
        names.iter().take(NAMED_COLUMNS).take_while(fits).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(named.len());
    match named.as_slice() {
        [] => "no column".to_owned(),
        [one] => one.clone(),
        [first @ .., last] if more == 0 => format!("{} and {last}", first.join(", ")),
        all => format!("{} and {more} more", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_and_bounded() {
        assert_eq!(columns(&["a"]), "`a`");
        assert_eq!(columns(&["a", "b", "c"]), "`a`, `b` and `c`");
        let many = columns(&["x"; 22]);
        assert!(columns(&["long"; 3]).len() < columns(&["x".repeat(400).as_str(); 3]).len());
        assert!(columns(&["x".repeat(400).as_str(); 30]).ends_with(" and 27 more"));
        assert!(many.ends_with("`x` and 2 more") && many.matches("`x`").count() == 20);
    }

    #[test]
    fn rows_are_named_and_bounded() {
        assert_eq!(rows(&[3]), "row 3");
        assert_eq!(rows(&[3, 8, 9]), "rows 3, 8 and 9");
        let many: Vec<u64> = (1..=12).collect();
        assert_eq!(rows(&many), "rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more");
    }
}
