//! Blank cells: which are a defect, and which are how a table says "none".
//!
//! A column that is mostly blank, as an item of a basket or a box that few people tick, says something by what is there; its
//! blanks are its usual value, and models take them as such. It is told, and does not lower the quality. Blanks in a column that
//! is mostly filled are gaps.

use statistics::Finding;

use crate::issues::{columns, noted};

/// Share of missing values above which a column is mostly blank.
const MOSTLY: f64 = 0.5;

/// How many values of a column are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blanks<'a> {
    pub(crate) column: &'a str,
    pub(crate) missing: u64,
}

impl Blanks<'_> {
    fn mostly(&self, rows: u64) -> bool {
        self.missing as f64 > MOSTLY * rows as f64
    }
}

/// Share of the cells that hold a value, of the columns that are mostly filled; 1 where there are none.
pub(crate) fn completeness(blanks: &[Blanks<'_>], rows: u64) -> f64 {
    let cells = gaps(blanks, rows).count() as f64 * rows as f64;
    let missing: u64 = gaps(blanks, rows).map(|column| column.missing).sum();
    if cells > 0.0 { 1.0 - missing as f64 / cells } else { 1.0 }
}

/// The columns that are mostly filled, whose blanks are gaps.
pub(crate) fn gaps<'b, 'a>(
    blanks: &'b [Blanks<'a>],
    rows: u64,
) -> impl Iterator<Item = &'b Blanks<'a>> {
    blanks.iter().filter(move |column| !column.mostly(rows))
}

/// Most columns that are mostly blank and are told one by one.
const MAX_TOLD: usize = 5;

/// The columns that are mostly blank: each by itself where there are few, else all in one finding.
pub(crate) fn findings(blanks: &[Blanks<'_>], rows: u64) -> Vec<Finding> {
    let mostly: Vec<&Blanks<'_>> = blanks.iter().filter(|column| column.mostly(rows)).collect();
    if mostly.len() <= MAX_TOLD {
        let told = |column: &&Blanks<'_>| {
            let Blanks { column, missing } = **column;
            let message = format!("column `{column}` is missing in {missing} of {rows} rows");
            noted("mostly_missing", column, missing, message)
        };
        return mostly.iter().map(told).collect();
    }
    let names: Vec<&str> = mostly.iter().map(|column| column.column).collect();
    let missing: u64 = mostly.iter().map(|column| column.missing).sum();
    let message = format!(
        "{} columns are missing in more than half of the {rows} rows, in {:.0} % of them on average: {}; a blank in them counts as a value of its own",
        mostly.len(),
        100.0 * missing as f64 / (mostly.len() as f64 * rows as f64),
        columns(&names)
    );
    vec![noted("mostly_missing", "", rows, message)]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test")]

    use super::*;

    #[test]
    fn gaps_lower_completeness_and_sparse_columns_do_not() {
        let of = |column, missing| Blanks { column, missing };
        assert_eq!(completeness(&[of("a", 0), of("b", 20)], 100), 0.9);
        assert_eq!(completeness(&[of("a", 0), of("b", 95)], 100), 1.0);
        assert_eq!(completeness(&[of("a", 50), of("b", 51)], 100), 0.5);
        assert_eq!(completeness(&[of("b", 100)], 100), 1.0);
        assert_eq!(completeness(&[], 0), 1.0);
    }

    #[test]
    fn many_sparse_columns_are_one_finding() {
        let names: Vec<String> = (0..60).map(|item| format!("item{item}")).collect();
        let blanks: Vec<Blanks<'_>> =
            names.iter().map(|column| Blanks { column, missing: 95 }).collect();
        let found = findings(&blanks, 100);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("60 columns") && found[0].message.contains("95 %"));
        assert!(found[0].message.contains("`item0`") && !found[0].message.contains("`item59`"));
        let found = findings(&blanks[..2], 100);
        assert_eq!(
            found.iter().map(|one| one.column.as_str()).collect::<Vec<_>>(),
            ["item0", "item1"]
        );
        assert!(findings(&blanks[..2], 1000).is_empty());
    }
}
