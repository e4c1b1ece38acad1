//! The columns that the run has learned from.

use api::data::{DataColumn, DataDocument, DataSpread};
use page::{Page, counted, number};
use serde_json::Value;

use crate::NO_MESSAGES;

/// Values of a column that are told.
const MAX_VALUES: usize = 5;

pub(crate) fn write(page: &mut Page, data: Option<&DataDocument>) {
    page.heading("data", "Data");
    let Some(data) = data else { return page.soft(NO_MESSAGES) };
    if data.columns.is_empty() {
        return page.soft("The data were not prepared.");
    }
    let rows: Vec<Vec<String>> = data.columns.iter().map(|of| row(of, data.rows)).collect();
    let head =
        ["Column", "Type", "Missing", "Different", "Least, middle, greatest", "Most frequent"];
    let caption = format!("Columns of the {} rows of the training split", data.rows);
    page.table(&caption, &head, &rows);
    if data.omitted > 0 {
        page.soft(&format!("{} more columns are left out.", data.omitted));
    }
}

fn row(of: &DataColumn, rows: u64) -> Vec<String> {
    let about = if of.distinct_estimated { "about " } else { "" };
    let values: Vec<String> = of
        .values
        .iter()
        .take(MAX_VALUES)
        .map(|one| format!("{}: {}", one.value, counted(one.rows, rows)))
        .collect();
    vec![
        of.name.clone(),
        of.column_type.clone(),
        counted(of.missing, rows),
        format!("{about}{}", of.distinct),
        of.spread.as_ref().map_or_else(String::new, spread),
        values.join(", "),
    ]
}

fn spread(of: &DataSpread) -> String {
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.as_f64().map_or_else(|| "-".to_owned(), number),
    };
    [&of.min, &of.median, &of.max].map(shown).join(", ")
}
