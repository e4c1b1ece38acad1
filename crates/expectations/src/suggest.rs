//! A suite that a table meets, to begin with: each expectation with the reason for it.

use serde_json::{Map, Value as Json, json};

use crate::figures::{Figures, Needs};
use crate::frame::{Batch, Dtype};
use crate::value::Value;

/// The form of suggestions; it rises where the same table would get other ones.
pub const SUGGESTION_VERSION: u32 = 1;
/// The version of Great Expectations whose form the suite has.
const FORM: &str = "1.24.1";
/// Most levels of a column that are suggested as the set of its values.
const MAX_LEVELS: usize = 20;
/// Rows per level from which the levels seen are taken for all that there are.
const ROWS_PER_LEVEL: u64 = 10;
/// Fewest rows that show that values do not repeat.
const MIN_UNIQUE_ROWS: u64 = 100;
/// Standard normal quantile of the interval around a share of missing values: 95 %.
const INTERVAL: f64 = 1.96;
/// Part of the range that numbers may leave it by.
const MARGIN: f64 = 0.1;

/// A table, as it is looked at for a suggestion.
#[derive(Debug)]
pub struct Suggestion {
    columns: Vec<Column>,
    rows: u64,
    room: usize,
}

#[derive(Debug)]
struct Column {
    name: String,
    figures: Figures,
    /// Least and greatest length of texts, in characters.
    lengths: Option<(usize, usize)>,
}

impl Suggestion {
    /// Before the first row of a table of these columns.
    #[must_use]
    pub fn new<'a>(columns: impl Iterator<Item = (&'a str, Dtype)>) -> Self {
        let columns = columns
            .enumerate()
            .map(|(slot, (name, dtype))| {
                let mut figures = Figures::new(slot, None, dtype);
                figures.of.needs = Needs { extremes: true, kept: true, ..Needs::default() };
                Column { name: name.to_owned(), figures, lengths: None }
            })
            .collect();
        Self { columns, rows: 0, room: 0 }
    }

    /// Takes rows of all columns, in order.
    pub fn add(&mut self, batch: &Batch) {
        self.rows += batch.rows as u64;
        for (column, values) in self.columns.iter_mut().zip(&batch.columns) {
            let gathered = column.figures.of.gather(batch, None);
            column.figures.add(gathered, &mut self.room);
            if column.figures.of.dtype != Dtype::Str {
                continue;
            }
            for row in 0..batch.rows {
                if let crate::Cell::Text(text) = values.cell(row) {
                    let length = text.chars().count();
                    let (least, greatest) = column.lengths.unwrap_or((length, length));
                    column.lengths = Some((least.min(length), greatest.max(length)));
                }
            }
        }
    }

    /// The suite, in the form of Great Expectations 1.x.
    #[must_use]
    pub fn finish(self, name: &str) -> Json {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let mut expectations = vec![expectation(
            "expect_table_columns_to_match_ordered_list",
            json!({"column_list": names}),
            "critical",
            "the columns of the table",
        )];
        for column in &self.columns {
            column.suggest(self.rows, &mut expectations);
        }
        json!({
            "name": name,
            "expectations": expectations,
            "suite_parameters": {},
            "meta": {
                "great_expectations_version": FORM,
                "tier0": {"suggestion_version": SUGGESTION_VERSION, "rows": self.rows},
            },
            "notes": null,
        })
    }
}

fn expectation(name: &str, kwargs: Json, severity: &str, reason: &str) -> Json {
    json!({
        "type": name, "kwargs": kwargs, "severity": severity,
        "meta": {"tier0": {"reason": reason}},
    })
}

impl Column {
    fn suggest(&self, rows: u64, into: &mut Vec<Json>) {
        let figures = &self.figures;
        let mut add = |name: &str, kwargs: Json, severity: &str, reason: String| {
            let mut kwargs = kwargs.as_object().cloned().unwrap_or_else(Map::new);
            kwargs.insert("column".to_owned(), json!(self.name));
            into.push(expectation(name, Json::Object(kwargs), severity, &reason));
        };
        if figures.present == 0 {
            return;
        }
        if figures.of.dtype != Dtype::Object {
            let kwargs = json!({"type_": figures.of.dtype.name()});
            let reason = format!("all values are {}", figures.of.dtype);
            add("expect_column_values_to_be_of_type", kwargs, "critical", reason);
        }
        let missing = rows - figures.present;
        let share = figures.present as f64 / rows as f64;
        // The lower end of the interval around the share, in whole percents.
        let low = share - INTERVAL * (share * (1.0 - share) / rows as f64).sqrt();
        let low = (low * 100.0).floor() / 100.0;
        let reason = format!("{missing} of {rows} values are missing");
        if missing == 0 {
            add("expect_column_values_to_not_be_null", json!({}), "critical", reason);
        } else if low > 0.0 {
            add("expect_column_values_to_not_be_null", json!({"mostly": low}), "warning", reason);
        }
        if figures.crowded.is_some() {
            return self.suggest_range(&mut add);
        }
        let levels = figures.distinct();
        let is_key = matches!(figures.of.dtype, Dtype::Int64 | Dtype::Str);
        if is_key && levels.len() as u64 == figures.present && figures.present >= MIN_UNIQUE_ROWS {
            let reason = format!("{} values, none of them twice", figures.present);
            add("expect_column_values_to_be_unique", json!({}), "critical", reason);
        }
        if levels.len() <= MAX_LEVELS && levels.len() as u64 * ROWS_PER_LEVEL <= figures.present {
            let set: Vec<Json> = levels.iter().map(|value| value.to_json()).collect();
            let reason = format!("{} distinct values in {} rows", set.len(), figures.present);
            add("expect_column_values_to_be_in_set", json!({"value_set": set}), "critical", reason);
        } else {
            self.suggest_range(&mut add);
        }
    }

    fn suggest_range(&self, add: &mut impl FnMut(&str, Json, &str, String)) {
        let figures = &self.figures;
        if let Some((least, greatest)) = self.lengths {
            let kwargs = json!({"min_value": least, "max_value": greatest});
            let reason = format!("texts have {least} to {greatest} characters");
            return add("expect_column_value_lengths_to_be_between", kwargs, "warning", reason);
        }
        let number = |value: &Option<Value>| value.as_ref().and_then(|it| it.cell().number());
        let Some((min, max)) = number(&figures.ends.min).zip(number(&figures.ends.max)) else {
            return;
        };
        if !min.is_finite()
            || !max.is_finite()
            || matches!(figures.of.dtype, Dtype::Bool | Dtype::Object)
        {
            return;
        }
        let margin = (max - min) * MARGIN;
        let low = if min >= 0.0 { (min - margin).max(0.0) } else { min - margin };
        let kwargs = json!({"min_value": low, "max_value": max + margin});
        let reason = format!("the range that was seen and {} % of its width", MARGIN * 100.0);
        add("expect_column_values_to_be_between", kwargs, "warning", reason);
    }
}
