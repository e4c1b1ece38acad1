//! Rows that repeat an earlier one.
//!
//! In a table without a key, equal rows are equal rows of different people: they are frequencies, and stay. Where a column says
//! whom a row is about, a row that equals an earlier one in every column is the same record once more, and goes.

use contracts::stages::Scope;
use statistics::Finding;

use crate::issues::noted;

/// Whether rows that equal an earlier one in every column are left out.
pub(crate) fn are_dropped(scope: &Scope) -> bool {
    scope.drop_duplicates || !scope.entity_column.is_empty()
}

/// What a person should know of `repeated` rows of `rows` that were kept; nothing where there are none.
pub(crate) fn kept(repeated: u64, rows: u64) -> Option<Finding> {
    (repeated > 0).then(|| {
        let message = format!(
            "{repeated} of {rows} rows equal an earlier one in every column; they are kept as frequencies, and rows of equal inputs are on one side of the split; `--drop-duplicates` (dropDuplicates in the request) leaves them out, and an entity column does where it says that they are one record"
        );
        noted("repeated_rows", "", repeated, message)
    })
}

/// That rows of equal inputs had to be divided.
pub(crate) fn divided(why: &str) -> Finding {
    let message = format!(
        "rows of equal inputs are in more than one split, because they could not be kept together ({why}); the metrics are those of rows whose like was learned from"
    );
    noted("equal_rows_divided", "", 0, message)
}
