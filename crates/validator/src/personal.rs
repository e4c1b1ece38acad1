//! Columns that are personal by their names, or whose values look so, told by the first of them.

use std::collections::{BTreeMap, BTreeSet};

use expectations::{Batch, Cell, SuiteResult};
use tabular::personal;

/// Different texts, and numbers, of a column that are looked at.
const VALUES: usize = 2_000;
/// Rows that are looked at.
const ROWS: u64 = 100_000;

/// The first values of each column that is read.
pub(crate) struct Watch {
    columns: Vec<Column>,
    rows: u64,
}

struct Column {
    name: String,
    texts: BTreeSet<String>,
    numbers: Vec<f64>,
}

impl Watch {
    /// Before the first row; `places` are the columns that are read, among those named.
    pub(crate) fn new(names: &[String], places: &[usize]) -> Self {
        let column = |place: &usize| {
            let name = names.get(*place).cloned().unwrap_or_default();
            Column { name, texts: BTreeSet::new(), numbers: Vec::new() }
        };
        Self { columns: places.iter().map(column).collect(), rows: 0 }
    }

    /// Takes rows.
    pub(crate) fn look(&mut self, batch: &Batch) {
        if self.rows >= ROWS {
            return;
        }
        self.rows += batch.rows as u64;
        for (column, values) in self.columns.iter_mut().zip(&batch.columns) {
            for row in 0..batch.rows {
                if column.texts.len() + column.numbers.len() >= VALUES {
                    break;
                }
                match values.cell(row) {
                    Cell::Text(text) if !column.texts.contains(text) => {
                        column.texts.insert(text.to_owned());
                    }
                    Cell::Int(value) => column.numbers.push(value as f64),
                    Cell::Float(value) => column.numbers.push(value),
                    Cell::Text(_) | Cell::Bool(_) | Cell::Missing => {}
                }
            }
        }
    }

    /// Takes the values of columns that look personal out of a result.
    pub(crate) fn withhold(&self, result: &mut SuiteResult) {
        let mut by_kind: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut by_name = BTreeSet::new();
        for column in &self.columns {
            let of_texts = personal::of_levels(column.texts.iter().map(String::as_str));
            if let Some(kind) = of_texts.or_else(|| personal::of_numbers(&column.numbers)) {
                by_kind.entry(kind).or_default().insert(column.name.clone());
            } else if personal::in_name(&column.name) {
                by_name.insert(column.name.clone());
            }
        }
        if !by_name.is_empty() {
            let why = "its name says that it holds personal data; `--show-personal` shows it";
            result.withhold(&by_name, why);
        }
        for (kind, columns) in by_kind {
            let why = format!("its values look like {kind}; `--show-personal` shows them");
            result.withhold(&columns, &why);
        }
    }
}
