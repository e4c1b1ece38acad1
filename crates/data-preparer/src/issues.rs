//! Findings about data, worded once.

use statistics::Finding;

/// Row numbers that a message names at most.
const NAMED_ROWS: usize = 10;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_named_and_bounded() {
        assert_eq!(rows(&[3]), "row 3");
        assert_eq!(rows(&[3, 8, 9]), "rows 3, 8 and 9");
        let many: Vec<u64> = (1..=12).collect();
        assert_eq!(rows(&many), "rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more");
    }
}
