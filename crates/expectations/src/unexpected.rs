//! What did not meet an expectation: the first of it, its rows, and how results tell it.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json, json};

use crate::frame::Batch;
use crate::result::ResultFormat;
use crate::telling::Telling;
use crate::value::{Cell, Value};

/// Values listed in every format but BOOLEAN_ONLY, unless another number is asked for.
pub(crate) const PARTIAL: usize = 20;
/// Values listed in COMPLETE.
pub(crate) const MAX_LISTED: usize = 200;

/// How a row's values are told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// The value of the one column.
    Value,
    /// Both values of a pair.
    Pair,
    /// An object of columns and values.
    Record(Vec<String>),
}

/// A column that results tell of rows, and its place among those that are read.
pub(crate) type Told = (String, usize);

/// Which columns results tell of rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    /// Those that say which row it is, in the place of its number; none where the number does.
    pub(crate) index: Vec<Told>,
    /// All of them, of the first rows.
    pub(crate) all: Vec<Told>,
}

/// Rows that did not meet an expectation.
#[derive(Clone, Debug)]
pub(crate) struct Unexpected {
    shape: Shape,
    /// By column, whether missing values are one object in pandas, as in columns of texts, or one each, as in numbers.
    shared: Vec<bool>,
    telling: Telling,
    columns: Rows,
    values: usize,
    indexes: usize,
    pub(crate) count: u64,
    list: Vec<Vec<Value>>,
    /// Their rows, from 0.
    rows: Vec<u64>,
    /// What says which rows they are, where columns do.
    indexed: Vec<Json>,
    /// The first of them, with all columns.
    whole: Vec<Json>,
}

impl Unexpected {
    pub(crate) fn new(shape: Shape, shared: Vec<bool>, telling: &Telling, columns: Rows) -> Self {
        let partial = telling.partial_unexpected_count;
        let (values, indexes) = match telling.format {
            ResultFormat::BooleanOnly => (0, 0),
            ResultFormat::Basic => (partial, 0),
            ResultFormat::Summary => (partial, partial),
            ResultFormat::Complete => (MAX_LISTED, usize::MAX),
        };
        Self {
            shape,
            shared,
            telling: telling.clone(),
            columns,
            values,
            indexes,
            count: 0,
            list: Vec::new(),
            rows: Vec::new(),
            indexed: Vec::new(),
            whole: Vec::new(),
        }
    }

    /// A row whose number is `begins` more than its place in the batch.
    pub(crate) fn add(&mut self, (batch, begins): (&Batch, u64), row: usize, cells: &[Cell<'_>]) {
        self.count += 1;
        if self.list.len() < self.values {
            self.list.push(cells.iter().map(|cell| cell.to_value()).collect());
        }
        if self.rows.len() < self.indexes {
            self.rows.push(begins + row as u64);
            if !self.columns.index.is_empty() {
                self.indexed.push(record(&self.columns.index, batch, row));
            }
        }
        let is_first = self.whole.len() < self.telling.partial_unexpected_count;
        if is_first && !self.columns.all.is_empty() {
            self.whole.push(record(&self.columns.all, batch, row));
        }
    }

    fn told(&self, values: &[Value]) -> Json {
        match &self.shape {
            Shape::Value => values.first().map_or(Json::Null, Value::to_json),
            Shape::Pair => values.iter().map(Value::to_json).collect(),
            Shape::Record(names) => {
                Json::Object(names.iter().cloned().zip(values.iter().map(Value::to_json)).collect())
            }
        }
    }

    /// The list of values, up to the first 20 or as many as were asked for.
    pub(crate) fn partial(&self) -> Json {
        let partial = self.telling.partial_unexpected_count;
        self.list.iter().take(partial).map(|values| self.told(values)).collect()
    }

    /// Adds the first values, and the names of the columns that tell rows.
    pub(crate) fn introduce(&self, result: &mut Map<String, Json>) {
        let telling = &self.telling;
        if !telling.exclude_unexpected_values {
            result.insert("partial_unexpected_list".to_owned(), self.partial());
        }
        if let Some(names) = &telling.unexpected_index_column_names {
            result.insert("unexpected_index_column_names".to_owned(), json!(names));
        }
        if telling.include_unexpected_rows {
            result.insert("unexpected_rows".to_owned(), json!(self.whole));
        }
    }

    /// Adds what SUMMARY and COMPLETE have beyond BASIC.
    pub(crate) fn describe(&self, result: &mut Map<String, Json>) {
        let telling = &self.telling;
        if !telling.rows_are_told() {
            return;
        }
        let values = !telling.exclude_unexpected_values;
        let partial = telling.partial_unexpected_count;
        if partial > 0 {
            if let Some(counts) = self.counts().filter(|_| values) {
                result.insert("partial_unexpected_counts".to_owned(), counts);
            }
            let places = self.places(partial);
            result.insert("partial_unexpected_index_list".to_owned(), places);
        }
        if telling.format == ResultFormat::Complete {
            if values {
                let list: Json = self.list.iter().map(|values| self.told(values)).collect();
                result.insert("unexpected_list".to_owned(), list);
            }
            result.insert("unexpected_index_list".to_owned(), self.places(usize::MAX));
            if telling.return_unexpected_index_query {
                let rows: Vec<String> = self.rows.iter().map(u64::to_string).collect();
                let query = format!("df.filter(items=[{}], axis=0)", rows.join(", "));
                result.insert("unexpected_index_query".to_owned(), json!(query));
            }
        }
    }

    /// Which rows they are, up to so many.
    fn places(&self, most: usize) -> Json {
        if self.columns.index.is_empty() {
            self.rows.iter().take(most).copied().collect()
        } else {
            self.indexed.iter().take(most).cloned().collect()
        }
    }

    /// The most frequent of the listed values; none where equally frequent ones have no order.
    fn counts(&self) -> Option<Json> {
        let mut groups: Vec<(&[Value], u64)> = Vec::new();
        for values in &self.list {
            match groups.iter_mut().find(|(group, _)| self.are_one(group, values)) {
                Some((_, count)) => *count += 1,
                None => groups.push((values, 1)),
            }
        }
        groups.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        groups.truncate(self.telling.partial_unexpected_count);
        let sorted = sorted_as_python(groups, |one, other| match one.1.cmp(&other.1) {
            Ordering::Equal => self.is_less(one.0, other.0),
            order => Some(order == Ordering::Greater),
        })?;
        let told = |values: &[Value]| match self.shape {
            Shape::Value => values.first().map_or(Json::Null, Value::to_json),
            _ => values.iter().map(Value::to_json).collect(),
        };
        Some(
            sorted
                .iter()
                .map(|(values, count)| json!({"value": told(values), "count": count}))
                .collect(),
        )
    }

    fn is_shared(&self, column: usize) -> bool {
        self.shared.get(column) == Some(&true)
    }

    fn is_same(&self, column: usize, one: &Value, other: &Value) -> bool {
        let (one, other) = (one.cell(), other.cell());
        one.equals(other) || (one.is_missing() && other.is_missing() && self.is_shared(column))
    }

    fn are_one(&self, one: &[Value], other: &[Value]) -> bool {
        one.iter()
            .zip(other)
            .enumerate()
            .all(|(column, (one, other))| self.is_same(column, one, other))
    }

    /// Python's `<` of values or tuples; none where it is not defined.
    fn is_less(&self, one: &[Value], other: &[Value]) -> Option<bool> {
        let differing = one
            .iter()
            .zip(other)
            .enumerate()
            .find(|(column, (one, other))| !self.is_same(*column, one, other));
        let Some((_, (one, other))) = differing else { return Some(false) };
        match (one.cell(), other.cell()) {
            // A missing value is the number NaN, which is less than no number.
            (Cell::Text(_), Cell::Missing) | (Cell::Missing, Cell::Text(_)) => None,
            (Cell::Missing, _) | (_, Cell::Missing) => Some(false),
            (one, other) => one.order(other).map(|order| order == Ordering::Less),
        }
    }
}

/// Columns of a row with their values.
fn record(columns: &[Told], batch: &Batch, row: usize) -> Json {
    let cell = |slot: usize| batch.columns.get(slot).map_or(Cell::Missing, |it| it.cell(row));
    let entries =
        columns.iter().map(|(name, slot)| (name.clone(), cell(*slot).to_value().to_json()));
    Json::Object(entries.collect())
}

/// Sorts a short list in the steps of Python's `sort`, which matter where the order is none, as with NaN; none where a comparison is
/// not defined.
fn sorted_as_python<T: Copy>(
    mut list: Vec<T>,
    is_less: impl Fn(&T, &T) -> Option<bool>,
) -> Option<Vec<T>> {
    let less = |list: &[T], one: usize, other: usize| match (list.get(one), list.get(other)) {
        (Some(one), Some(other)) => is_less(one, other),
        _ => Some(false),
    };
    if list.len() < 2 {
        return Some(list);
    }
    // The run at the beginning, which is turned where it falls.
    let falls = less(&list, 1, 0)?;
    let mut run = 2;
    while run < list.len() && less(&list, run, run - 1)? == falls {
        run += 1;
    }
    if let Some(head) = list.get_mut(..run).filter(|_| falls) {
        head.reverse();
    }
    for next in run..list.len() {
        let (mut low, mut high) = (0, next);
        while low < high {
            let middle = low + (high - low) / 2;
            if less(&list, next, middle)? { high = middle } else { low = middle + 1 }
        }
        if let Some(part) = list.get_mut(low..=next) {
            part.rotate_right(1);
        }
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(values: &[Value], shared: bool) -> Option<Json> {
        let (telling, batch) =
            (ResultFormat::Summary.into(), Batch { rows: values.len(), columns: Vec::new() });
        let mut found = Unexpected::new(Shape::Value, vec![shared], &telling, Rows::default());
        for (row, value) in values.iter().enumerate() {
            found.add((&batch, 0), row, &[value.cell()]);
        }
        found.counts()
    }

    /// As Great Expectations 1.24.1 on pandas 3.1.1 counts them.
    #[test]
    fn frequent_values_are_counted() {
        let texts = ["b", "a", "b", "c"].map(|text| Value::Text(text.to_owned()));
        let expected = json!([{"value": "b", "count": 2}, {"value": "a", "count": 1}, {"value": "c", "count": 1}]);
        assert_eq!(counts(&texts, true), Some(expected));
        // Missing numbers are one object each, missing texts one for all.
        let missing = [Value::Missing, Value::Missing];
        let one_each = json!([{"value": null, "count": 1}, {"value": null, "count": 1}]);
        assert_eq!(counts(&missing, false), Some(one_each));
        assert_eq!(counts(&missing, true), Some(json!([{"value": null, "count": 2}])));
    }

    #[test]
    fn what_has_no_order_has_no_counts() {
        assert_eq!(counts(&[Value::Text("a".to_owned()), Value::Missing], true), None);
        let ordered = [Value::Text("a".to_owned()), Value::Text("a".to_owned()), Value::Missing];
        assert!(counts(&ordered, true).is_some());
    }

    #[test]
    fn lists_are_sorted_as_in_python() {
        let sorted = |list: &[i32]| sorted_as_python(list.to_vec(), |a, b| Some(a < b)).unwrap();
        assert_eq!(sorted(&[3, 2, 1]), [1, 2, 3]);
        assert_eq!(sorted(&[1, 3, 2, 9, 0]), [0, 1, 2, 3, 9]);
        assert_eq!(sorted(&[5]), [5]);
    }
}
