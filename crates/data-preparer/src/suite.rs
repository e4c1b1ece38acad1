//! A suite of expectations on the table that is trained on: the rows of the cohort, before they are split and cleaned.
//!
//! Rows go from the stored blocks to the checks one block at a time. Dates and instants are texts in ISO 8601, as in `tier0 validate`.

use std::collections::BTreeSet;

use contracts::stages::Scope;
use expectations::{
    Batch, Day, Dtype, ExpectationResult, ResultFormat, Suite, SuiteResult, Texts, Validation,
    Values,
};
use serde_json::{Value as Json, json};
use statistics::Finding;
use tables::StoredTable;
use tabular::{ColumnType, parse, personal};

use crate::issues::{blocking, columns, noted, rows};
use crate::left_out::PERSONAL;

/// Codes of the findings about expectations.
pub(crate) const CODES: [&str; 2] = [NOT_MET, NOT_EVALUATED];
const NOT_MET: &str = "expectation_not_met";
const NOT_EVALUATED: &str = "expectation_not_evaluated";

/// Evaluates a suite: the result, without values of columns that are personal data, and a finding for each expectation that was
/// not met. Rows are told by their places in the source, from 0 in the result, as pandas counts, and from 1 in findings.
/// `today` completes texts that may be dates.
pub(crate) fn evaluate(
    table: &StoredTable,
    suite: &Suite,
    row_numbers: &[u64],
    scope: &Scope,
    today: Day,
) -> Result<(SuiteResult, Vec<Finding>), tables::Error> {
    let names: Vec<String> = table.fields().iter().map(|field| field.name.clone()).collect();
    let dtype = |name: &str| {
        let place = table.position(name);
        place.and_then(|place| of_column(table, place)).unwrap_or(Dtype::Float64)
    };
    let mut validation = Validation::new(suite, &names, dtype, ResultFormat::Summary, today);
    let needed: Vec<(usize, Dtype)> = validation
        .needed()
        .filter_map(|(name, dtype)| Some((table.position(name)?, dtype)))
        .collect();
    pass(table, &needed, &mut validation)?;
    if validation.next_pass() {
        pass(table, &needed, &mut validation)?;
    }
    let personal = personal_columns(table, &needed, scope)?;
    let meta = json!({"tier0_version": env!("CARGO_PKG_VERSION"), "run": scope.experiment_id});
    let mut result = validation.finish("prepared", meta);
    result.withhold(&personal, "personal data");
    for one in &mut result.results {
        for key in ["partial_unexpected_index_list", "unexpected_index_list"] {
            if let Some(Json::Array(places)) = one.result.get_mut(key) {
                for place in places {
                    *place = json!(source_row(place, row_numbers).map(|row| row - 1));
                }
            }
        }
    }
    let findings = result.results.iter().filter(|one| !one.success).map(finding).collect();
    Ok((result, findings))
}

/// The number of a row in the source, from 1, by its place in the table.
fn source_row(place: &Json, row_numbers: &[u64]) -> Option<u64> {
    let place = usize::try_from(place.as_u64()?).ok()?;
    row_numbers.get(place).copied().filter(|row| *row > 0)
}

fn of_column(table: &StoredTable, place: usize) -> Option<Dtype> {
    let field = table.fields().get(place)?;
    let whole = table.missing(place) == 0;
    Some(match field.column_type {
        ColumnType::Integer if whole => Dtype::Int64,
        ColumnType::Integer | ColumnType::Number => Dtype::Float64,
        ColumnType::Boolean if whole => Dtype::Bool,
        ColumnType::Boolean => Dtype::Object,
        ColumnType::Text | ColumnType::Date | ColumnType::Timestamp => Dtype::Str,
    })
}

fn pass(
    table: &StoredTable,
    needed: &[(usize, Dtype)],
    validation: &mut Validation,
) -> Result<(), tables::Error> {
    for (block, rows) in table.blocks().iter().enumerate() {
        let columns = needed.iter().map(|(place, dtype)| values(table, *place, block, *dtype));
        validation.add(&Batch { rows: *rows, columns: columns.collect::<Result<_, _>>()? });
    }
    Ok(())
}

/// The values of a column in a block.
fn values(
    table: &StoredTable,
    place: usize,
    block: usize,
    dtype: Dtype,
) -> Result<Values, tables::Error> {
    if let Some(levels) = table.levels(place) {
        let (mut codes, mut texts) = (Vec::new(), Texts::default());
        table.read_codes(place, block, &mut codes)?;
        codes.iter().for_each(|code| texts.push(levels.get(*code)));
        return Ok(Values::Text(texts));
    }
    let mut numbers = Vec::new();
    table.read_numbers(place, block, &mut numbers)?;
    Ok(match dtype {
        Dtype::Int64 => Values::Int(numbers.into_iter().map(|value| value as i64).collect()),
        Dtype::Float64 => Values::Float(numbers),
        Dtype::Bool | Dtype::Object => {
            let truth = |value: f64| (!value.is_nan()).then_some(value != 0.0);
            Values::Bool(numbers.into_iter().map(truth).collect())
        }
        Dtype::Str => {
            let column_type = table.fields().get(place).map(|field| field.column_type);
            let mut texts = Texts::default();
            for value in numbers {
                let text = column_type.filter(|_| !value.is_nan());
                texts.push(text.map(|of| parse::format(value, of)).as_deref());
            }
            Values::Text(texts)
        }
    })
}

/// The columns that the suite looks at and whose values are personal data, by name or by value.
fn personal_columns(
    table: &StoredTable,
    needed: &[(usize, Dtype)],
    scope: &Scope,
) -> Result<BTreeSet<String>, tables::Error> {
    let mut found = BTreeSet::new();
    for (place, _) in needed {
        let Some(field) = table.fields().get(*place) else { continue };
        let is_excluded = scope
            .excluded_columns
            .iter()
            .any(|of| of.column == field.name && of.reason.starts_with(PERSONAL));
        if is_excluded || personal::in_name(&field.name) || looks_personal(table, *place)? {
            found.insert(field.name.clone());
        }
    }
    Ok(found)
}

/// Whether values of a column look like personal data; of numbers, those of its first block.
fn looks_personal(table: &StoredTable, place: usize) -> Result<bool, tables::Error> {
    if let Some(levels) = table.levels(place) {
        let present = levels.iter().zip(levels.rows()).filter(|(_, rows)| **rows > 0);
        return Ok(personal::of_levels(present.map(|(level, _)| level)).is_some());
    }
    let mut values = Vec::new();
    if !table.blocks().is_empty() {
        table.read_numbers(place, 0, &mut values)?;
    }
    Ok(personal::of_numbers(&values).is_some())
}

/// What is said of an expectation that was not met. It blocks where its severity is critical, which it is unless the suite says otherwise.
fn finding(one: &ExpectationResult) -> Finding {
    let of = &one.expectation_config;
    let named = |key: &str| of.kwargs.get(key).and_then(Json::as_str);
    let listed = of.kwargs.get("column_list").and_then(Json::as_array);
    let mut about: Vec<&str> =
        ["column", "column_A", "column_B"].into_iter().filter_map(named).collect();
    about.extend(listed.into_iter().flatten().filter_map(Json::as_str));
    let place = if about.is_empty() { String::new() } else { format!(" of {}", columns(&about)) };
    let name = &of.name;
    let count = one.result.get("unexpected_count").and_then(Json::as_u64);
    let told = match (&one.exception_info.exception_message, count) {
        (Some(message), _) => {
            format!("cannot be evaluated: {}", message.lines().next().unwrap_or_default())
        }
        (None, Some(count)) => {
            let elements = one.result.get("element_count").and_then(Json::as_u64).unwrap_or(0);
            let listed = one.result.get("partial_unexpected_index_list").and_then(Json::as_array);
            let places: Vec<u64> = listed
                .into_iter()
                .flatten()
                .filter_map(Json::as_u64)
                .map(|place| place + 1)
                .collect();
            let first =
                if places.is_empty() { String::new() } else { format!(" ({})", rows(&places)) };
            format!("is not met by {count} of {elements} rows{first}")
        }
        (None, None) => "is not met".to_owned(),
    };
    let code = if one.exception_info.raised_exception { NOT_EVALUATED } else { NOT_MET };
    let message = format!(
        "the expectation {name}{place} {told}; its severity is {}, and the validation result of the run has its figures",
        of.severity
    );
    let column = if let [one] = about.as_slice() { *one } else { "" };
    let make = if of.severity == "critical" { blocking } else { noted };
    make(code, column, count.unwrap_or_default(), message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use tabular::{Column, Field, Table, TextColumn};

    use super::*;

    fn table() -> StoredTable {
        let mails: Vec<String> = (0..40).map(|row| format!("p{row}@mail.example")).collect();
        let mails: TextColumn = mails.iter().map(|mail| Some(mail.as_str())).collect();
        let fields = vec![
            Field::new("age", ColumnType::Integer),
            Field::new("at", ColumnType::Date),
            Field::new("reach", ColumnType::Text),
        ];
        let columns = vec![
            Column::Number((0..40).map(f64::from).collect()),
            Column::Number((0..40).map(|row| f64::from(row) * 86_400.0 * 1e6).collect()),
            Column::Text(mails),
        ];
        let table = Table::new(fields, columns).unwrap();
        StoredTable::of_table(&table, &std::env::temp_dir()).unwrap()
    }

    #[test]
    fn what_is_not_met_is_found_by_severity_and_row_and_without_personal_values() {
        let suite = json!({"name": "s", "expectations": [
            {"type": "expect_column_values_to_be_between", "kwargs": {"column": "age", "max_value": 37}},
            {"type": "expect_column_values_to_be_of_type", "kwargs": {"column": "at", "type_": "str"}},
            {"type": "expect_column_min_to_be_between", "severity": "info",
             "kwargs": {"column": "at", "min_value": "1971-01-01"}},
            {"type": "expect_column_values_to_match_regex", "severity": "warning",
             "kwargs": {"column": "reach", "regex": "^x"}},
            {"type": "expect_column_to_exist", "kwargs": {"column": "none"}},
        ]});
        let suite = Suite::parse(suite.to_string().as_bytes()).unwrap();
        let numbers: Vec<u64> = (0..40).map(|row| row * 2 + 1).collect();
        let (result, findings) =
            evaluate(&table(), &suite, &numbers, &Scope::default(), Day::default()).unwrap();
        assert_eq!(result.statistics.successful_expectations, 1);
        let of = |column: &str| findings.iter().find(|one| one.column == column).unwrap();
        let age = of("age");
        assert!(age.blocking && age.message.contains("2 of 40 rows (rows 77 and 79)"), "{age:?}");
        assert!(!of("at").blocking && !of("reach").blocking && of("none").blocking);
        let document = serde_json::to_string(&result).unwrap();
        assert!(!document.contains("mail.example"), "{document}");
        assert!(document.contains("\"partial_unexpected_index_list\":[76,78]"), "{document}");
    }
}
