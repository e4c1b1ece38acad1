//! Whether monitored rows may be trained on.
//!
//! Rows that came from callers of an endpoint were prepared by no one: they stay in quarantine until they have been examined
//! like any new table. A blocking issue means that no run is requested; the run that trains on the rows validates them once
//! more, as it does with every table.

use std::collections::BTreeMap;

use contracts::v1::{Monitor, ProblemType, QualityIssue};
use statistics::drift::{Aspect, Report, Verdict};
use tabular::{Column, Table};

/// Fewest rows of each class.
const MIN_CLASS_ROWS: u64 = 20;
/// Greatest share of missing values in a column, where the reference has fewer by [`MISSING_RISE`].
const MAX_MISSING: f64 = 0.5;
/// Rise of the share of missing values that is not taken for drift but for something broken.
const MISSING_RISE: f64 = 0.3;
/// Greatest share of texts that training has not seen.
const MAX_UNSEEN: f64 = 0.5;
/// Greatest share of rows that repeat another row.
const MAX_REPEATED: f64 = 0.5;

/// Every issue of the rows, of which there should be `min_rows`; they may be trained on where no issue is blocking. `report`
/// compares them with the reference of the version.
pub fn examine(
    table: &Table,
    monitor: &Monitor,
    report: &Report,
    min_rows: usize,
) -> Vec<QualityIssue> {
    let mut issues = Vec::new();
    let rows = table.rows();
    if rows < min_rows {
        issues.push(blocking(
            "too_few_rows",
            "",
            format!("{rows} labelled rows; expected at least {min_rows}"),
        ));
    }
    outcomes(table, monitor, &mut issues);
    for input in &monitor.signature_inputs {
        if table.column(&input.name).is_none() {
            issues.push(blocking(
                "column_missing",
                &input.name,
                format!("column `{}` is not in the monitored rows", input.name),
            ));
        }
    }
    for (field, column) in table.iter() {
        if rows > 1 && is_constant(column) && varies(report, &field.name) {
            issues.push(blocking(
                "constant_column",
                &field.name,
                format!(
                    "column `{}` has one value in all rows; it has more in training",
                    field.name
                ),
            ));
        }
    }
    for column in &report.columns {
        let statistics = &column.statistics;
        let before = statistics.missing_reference.unwrap_or(0.0);
        let now = statistics.missing_current.unwrap_or(0.0);
        if now > MAX_MISSING && now - before > MISSING_RISE {
            issues.push(blocking(
                "missing_values",
                &column.name,
                format!(
                    "column `{}`: {:.0} % of the values are missing, {:.0} % in training",
                    column.name,
                    now * 100.0,
                    before * 100.0
                ),
            ));
        }
        let unseen = column.tests.iter().find(|test| test.aspect == Aspect::Unseen);
        if let Some(unseen) = unseen.filter(|test| test.verdict > Verdict::None) {
            let message = format!(
                "column `{}`: {:.0} % of the rows have a category that training has not seen",
                column.name,
                unseen.effect * 100.0
            );
            let mut issue = blocking("unseen_categories", &column.name, message);
            issue.blocking = unseen.effect > MAX_UNSEEN;
            issues.push(issue);
        }
    }
    let repeated = repeated(table);
    if rows > 0 && repeated as f64 / rows as f64 > MAX_REPEATED {
        issues.push(blocking(
            "repeated_rows",
            "",
            format!(
                "{repeated} of {rows} rows repeat another one: the traffic is not of real cases"
            ),
        ));
    }
    issues
}

fn outcomes(table: &Table, monitor: &Monitor, issues: &mut Vec<QualityIssue>) {
    let target = monitor.target.as_str();
    let Some(column) = table.column(target) else {
        issues.push(blocking("target_missing", target, "the rows have no outcomes".to_owned()));
        return;
    };
    if monitor.problem_type() == ProblemType::Regression {
        if is_constant(column) {
            let message = "the outcomes are all the same number".to_owned();
            issues.push(blocking("constant_target", target, message));
        }
        return;
    }
    let mut counts: BTreeMap<&str, u64> =
        monitor.classes.iter().map(|class| (class.as_str(), 0)).collect();
    if let Column::Text(texts) = column {
        for row in 0..texts.len() {
            if let Some(count) = texts.get(row).and_then(|text| counts.get_mut(text)) {
                *count += 1;
            }
        }
    }
    for (at, class) in monitor.classes.iter().enumerate() {
        let count = counts.get(class.as_str()).copied().unwrap_or_default();
        if count < MIN_CLASS_ROWS {
            issues.push(blocking(
                "too_few_of_a_class",
                target,
                format!(
                    "class {} of {} has {count} outcomes; expected at least {MIN_CLASS_ROWS}",
                    at + 1,
                    monitor.classes.len()
                ),
            ));
        }
    }
}

fn blocking(code: &str, column: &str, message: String) -> QualityIssue {
    QualityIssue {
        code: code.to_owned(),
        blocking: true,
        column: column.to_owned(),
        message,
        ..QualityIssue::default()
    }
}

fn is_constant(column: &Column) -> bool {
    match column {
        Column::Number(numbers) => numbers.windows(2).all(|pair| match pair {
            [a, b] => a == b || (a.is_nan() && b.is_nan()),
            _ => true,
        }),
        Column::Text(texts) => (1..texts.len()).all(|row| texts.get(row) == texts.get(0)),
    }
}

/// Whether the reference has more than one value.
fn varies(report: &Report, name: &str) -> bool {
    let column = report.columns.iter().find(|column| column.name == name);
    column.is_some_and(|column| match column.kind {
        statistics::drift::Kind::Numeric => {
            column.statistics.deviation_reference.is_some_and(|deviation| deviation > 0.0)
        }
        statistics::drift::Kind::Categorical => {
            column.tests.iter().any(|test| test.aspect == Aspect::Distribution)
        }
    })
}

/// Rows that are the same as an earlier one in every column.
fn repeated(table: &Table) -> usize {
    let mut seen = std::collections::BTreeSet::new();
    (0..table.rows())
        .filter(|&row| {
            let mut key = Vec::new();
            for (_, column) in table.iter() {
                match column {
                    Column::Number(numbers) => {
                        let bits = numbers.get(row).map_or(0, |number| number.to_bits());
                        key.extend(bits.to_le_bytes());
                    }
                    Column::Text(texts) => {
                        key.extend(texts.get(row).unwrap_or("\u{0}").bytes());
                        key.push(0xFF);
                    }
                }
            }
            !seen.insert(key)
        })
        .count()
}
