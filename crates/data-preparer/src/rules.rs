//! Rules between columns, rows and tables: keys that no two rows share, values that another table has, and expressions that no row
//! contradicts.
//!
//! A row is passed over where a rule says nothing of it: a column of a key is missing, an expression is unknown.

mod keys;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use contracts::stages::IntegrityRule;
use dataset::TableSource;
use expectations::{Expression, Suite, Term};
use statistics::Finding;
use tables::StoredTable;
use tabular::ColumnType;
use tabular::parse::MissingMarkers;

use crate::issues::{blocking, columns, noted, rows};
use crate::prepare::Unprepared;

/// Rows that are kept of one rule at most; all are counted.
const MAX_ROWS: usize = 1000;

/// What a table has to meet beyond what every table has to.
#[derive(Debug, Default)]
pub struct TableChecks {
    /// Expectations, as Great Expectations has them.
    pub suite: Option<Suite>,
    /// The tables that rules refer to, by the name of the rule.
    pub references: Vec<(String, Arc<dyn TableSource>)>,
    /// Rules between columns, rows and tables.
    pub rules: Vec<IntegrityRule>,
}

/// Rows that break a rule.
#[derive(Debug, Default)]
struct Broken {
    count: u64,
    /// Numbers of the first of them.
    rows: Vec<u64>,
}

impl Broken {
    fn add(&mut self, number: u64) {
        self.count += 1;
        if self.rows.len() < MAX_ROWS {
            self.rows.push(number);
        }
    }
}

/// Why a rule cannot be held against this table.
type Unusable = String;

/// A finding for each rule that is broken, or that cannot be held against the table.
pub(crate) fn check(
    table: &StoredTable,
    row_numbers: &[u64],
    checks: &TableChecks,
    markers: &MissingMarkers,
    threads: usize,
) -> Result<Vec<Finding>, Unprepared> {
    let mut findings = Vec::new();
    for rule in &checks.rules {
        let (code, broken) = if !rule.unique.is_empty() {
            ("key_repeated", repeated(table, row_numbers, &rule.unique)?)
        } else if let Some(reference) = &rule.reference {
            let source = checks.references.iter().find(|(name, _)| *name == rule.name);
            let key = if reference.key.is_empty() { &reference.columns } else { &reference.key };
            let broken = match source {
                None => Err("the table that it refers to was not opened".to_owned()),
                Some((_, source)) => {
                    let known = keys::of_source(&**source, key, markers, threads)?;
                    match known {
                        Ok(known) => unknown(table, row_numbers, &reference.columns, &known)?,
                        Err(unusable) => Err(unusable),
                    }
                }
            };
            ("reference_missing", broken)
        } else {
            ("rule_broken", contradicted(table, row_numbers, rule, threads)?)
        };
        findings.extend(finding(rule, code, broken));
    }
    Ok(findings)
}

fn finding(rule: &IntegrityRule, code: &str, broken: Result<Broken, Unusable>) -> Option<Finding> {
    let (name, what) = (&rule.name, said(rule));
    let column = match (rule.unique.as_slice(), &rule.reference) {
        ([one], _) => one.as_str(),
        (_, Some(reference)) if reference.columns.len() == 1 => {
            reference.columns.first().map(String::as_str).unwrap_or_default()
        }
        _ => "",
    };
    match broken {
        Err(reason) => {
            let message =
                format!("the rule `{name}` ({what}) cannot be held against the table: {reason}");
            Some(blocking("rule_unusable", column, 0, message))
        }
        Ok(Broken { count: 0, .. }) => None,
        Ok(Broken { count, rows: numbers }) => {
            let shown = if count > numbers.len() as u64 {
                format!(
                    "rows {} and others",
                    numbers.iter().take(10).map(u64::to_string).collect::<Vec<_>>().join(", ")
                )
            } else {
                rows(&numbers)
            };
            let message = format!(
                "the rule `{name}` ({what}) is broken by {count} rows ({shown}); correct them, or leave them out by a criterion of the population"
            );
            let make = if rule.warns { noted } else { blocking };
            Some(make(code, column, count, message))
        }
    }
}

/// What a rule says, in words.
fn said(rule: &IntegrityRule) -> String {
    let names = |names: &[String]| columns(&names.iter().map(String::as_str).collect::<Vec<_>>());
    match &rule.reference {
        _ if !rule.unique.is_empty() => format!("no two rows share {}", names(&rule.unique)),
        Some(reference) => format!("{} is in {}", names(&reference.columns), reference.uri),
        None => rule.expression.clone(),
    }
}

/// The places of columns by name.
fn places(table: &StoredTable, names: &[String]) -> Result<Vec<usize>, Unusable> {
    names
        .iter()
        .map(|name| {
            table.position(name).ok_or_else(|| {
                let known = table.fields().iter().map(|field| field.name.as_str());
                let nearest = dataset::nearest(name, known);
                let nearest = nearest.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
                let hint = match nearest.is_empty() {
                    true => String::new(),
                    false => format!("; the nearest are {}", nearest.join(", ")),
                };
                format!("there is no column `{name}`{hint}")
            })
        })
        .collect()
}

/// Rows whose key an earlier row has.
fn repeated(
    table: &StoredTable,
    row_numbers: &[u64],
    names: &[String],
) -> Result<Result<Broken, Unusable>, Unprepared> {
    let places = match places(table, names) {
        Ok(places) => places,
        Err(unusable) => return Ok(Err(unusable)),
    };
    let mut seen = HashSet::new();
    let mut broken = Broken::default();
    keys::each(table, &places, |row, key| {
        if !seen.insert(key) {
            broken.add(row_numbers.get(row).copied().unwrap_or_default());
        }
    })?;
    Ok(Ok(broken))
}

/// Rows whose key is not known.
fn unknown(
    table: &StoredTable,
    row_numbers: &[u64],
    names: &[String],
    known: &HashSet<u128>,
) -> Result<Result<Broken, Unusable>, Unprepared> {
    let places = match places(table, names) {
        Ok(places) => places,
        Err(unusable) => return Ok(Err(unusable)),
    };
    let mut broken = Broken::default();
    keys::each(table, &places, |row, key| {
        if !known.contains(&key) {
            broken.add(row_numbers.get(row).copied().unwrap_or_default());
        }
    })?;
    Ok(Ok(broken))
}

/// A column of a block, as an expression sees it.
enum Block<'a> {
    Numbers(Vec<f64>, ColumnType),
    Texts(Vec<u32>, &'a tables::Levels),
}

impl Block<'_> {
    fn term(&self, row: usize) -> Term<'_> {
        match self {
            Self::Texts(codes, levels) => {
                let text = codes.get(row).and_then(|code| levels.get(*code));
                text.map_or(Term::Null, |text| Term::Text(Cow::Borrowed(text)))
            }
            Self::Numbers(values, column_type) => {
                let value = values.get(row).copied().unwrap_or(f64::NAN);
                match column_type {
                    _ if value.is_nan() => Term::Null,
                    ColumnType::Boolean => Term::Bool(value != 0.0),
                    ColumnType::Date | ColumnType::Timestamp => Term::of_time(value),
                    _ => Term::of_number(value),
                }
            }
        }
    }
}

/// Rows for which an expression does not hold.
fn contradicted(
    table: &StoredTable,
    row_numbers: &[u64],
    rule: &IntegrityRule,
    threads: usize,
) -> Result<Result<Broken, Unusable>, Unprepared> {
    let expression = match Expression::parse(&rule.expression) {
        Ok(expression) => expression.with_tolerance(rule.tolerance),
        Err(error) => return Ok(Err(format!("it cannot be read {error}"))),
    };
    let places = match places(table, expression.columns()) {
        Ok(places) => places,
        Err(unusable) => return Ok(Err(unusable)),
    };
    let mut starts = Vec::with_capacity(table.blocks().len());
    let mut before = 0;
    for (block, rows) in table.blocks().iter().enumerate() {
        starts.push((block, before, *rows));
        before += rows;
    }
    let mut all = Broken::default();
    let mut unusable = None;
    dataset::each_in_order(
        threads,
        starts.iter().copied(),
        |(block, start, rows)| -> Result<Result<Broken, Unusable>, Unprepared> {
            let columns = places.iter().map(|place| block_of(table, *place, block));
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            let mut broken = Broken::default();
            for row in 0..rows {
                let terms: Vec<Term<'_>> = columns.iter().map(|column| column.term(row)).collect();
                match expression.holds(&terms) {
                    Ok(Some(false)) => {
                        broken.add(row_numbers.get(start + row).copied().unwrap_or_default());
                    }
                    Ok(_) => {}
                    Err(reason) => return Ok(Err(reason)),
                }
            }
            Ok(Ok(broken))
        },
        |of_block| {
            match of_block {
                Err(reason) => {
                    unusable.get_or_insert(reason);
                }
                Ok(broken) => {
                    all.count += broken.count;
                    let room = MAX_ROWS - all.rows.len();
                    all.rows.extend(broken.rows.into_iter().take(room));
                }
            }
            Ok::<(), Unprepared>(())
        },
    )?;
    Ok(unusable.map_or(Ok(all), Err))
}

fn block_of(table: &StoredTable, place: usize, block: usize) -> Result<Block<'_>, Unprepared> {
    if let Some(levels) = table.levels(place) {
        let mut codes = Vec::new();
        table.read_codes(place, block, &mut codes)?;
        return Ok(Block::Texts(codes, levels));
    }
    let mut values = Vec::new();
    table.read_numbers(place, block, &mut values)?;
    let column_type = table.fields().get(place).map(|field| field.column_type);
    Ok(Block::Numbers(values, column_type.unwrap_or(ColumnType::Number)))
}

#[cfg(test)]
mod tests;
