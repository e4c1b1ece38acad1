//! Conditions that rows have to meet to be looked at: `row_condition` in the syntaxes of pandas' `query` and of Great Expectations,
//! and as JSON.

mod parse;

use std::cmp::Ordering;

use serde_json::{Value as Json, json};

use crate::error::{Place, SuiteError};
use crate::value::{Cell, Value};

pub(crate) use parse::parse;

/// Deepest nesting of a condition.
pub(crate) const MAX_DEPTH: usize = 64;

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    pub(crate) fn of(text: &str) -> Option<Self> {
        Some(match text {
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    fn text(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether two values stand in this order. Where one is missing, only `!=` holds.
    ///
    /// # Errors
    /// The order of a text and a number.
    pub(crate) fn holds(self, left: Cell<'_>, right: Cell<'_>) -> Result<bool, String> {
        match self {
            Self::Equal => return Ok(left.equals(right)),
            Self::NotEqual => return Ok(!left.equals(right)),
            _ if left.is_missing() || right.is_missing() => return Ok(false),
            _ => {}
        }
        let Some(order) = left.order(right) else {
            return Err(format!(
                "'{}' not supported between instances of '{}' and '{}'",
                self.text(),
                python_type(left),
                python_type(right)
            ));
        };
        Ok(match self {
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            _ => order != Ordering::Less,
        })
    }
}

/// The name of a value's type in Python.
pub(crate) fn python_type(cell: Cell<'_>) -> &'static str {
    match cell {
        Cell::Missing | Cell::Float(_) => "float",
        Cell::Bool(_) => "bool",
        Cell::Int(_) => "int",
        Cell::Text(_) => "str",
    }
}

/// One side of a comparison.
#[derive(Clone, Debug)]
pub(crate) enum Operand {
    /// A column by name.
    Column(String),
    Value(Value),
}

/// What rows have to meet.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Compare(Operand, Operator, Operand),
    /// Whether a column's value is one of these, or none of them.
    In(String, Vec<Value>, bool),
    /// Whether a column's value is missing, or is not.
    Missing(String, bool),
    /// Whether a column is true.
    Truth(String),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

impl Condition {
    /// Reads a condition that is JSON already; the second is the form that results have.
    pub(crate) fn of_json(place: &Place, json: &Json) -> Result<(Self, Json), SuiteError> {
        Ok((of_object(place, json, 0)?, json.clone()))
    }

    /// The columns that the condition is about.
    pub(crate) fn columns(&self) -> Vec<&str> {
        match self {
            Self::Compare(left, _, right) => [left, right]
                .into_iter()
                .filter_map(|operand| match operand {
                    Operand::Column(name) => Some(name.as_str()),
                    Operand::Value(_) => None,
                })
                .collect(),
            Self::In(name, ..) | Self::Missing(name, _) | Self::Truth(name) => vec![name],
            Self::Not(condition) => condition.columns(),
            Self::And(conditions) | Self::Or(conditions) => {
                conditions.iter().flat_map(Self::columns).collect()
            }
        }
    }

    /// Whether a row meets the condition; `cell` gives its values by column.
    ///
    /// # Errors
    /// Where values cannot be compared.
    pub(crate) fn holds<'c>(&self, cell: &impl Fn(&str) -> Cell<'c>) -> Result<bool, String> {
        match self {
            Self::Compare(left, operator, right) => match (left, right) {
                (Operand::Column(left), Operand::Column(right)) => {
                    operator.holds(cell(left), cell(right))
                }
                (Operand::Column(left), Operand::Value(right)) => {
                    operator.holds(cell(left), right.cell())
                }
                (Operand::Value(left), Operand::Column(right)) => {
                    operator.holds(left.cell(), cell(right))
                }
                (Operand::Value(left), Operand::Value(right)) => {
                    operator.holds(left.cell(), right.cell())
                }
            },
            Self::In(name, values, negated) => {
                let found = cell(name);
                Ok(values.iter().any(|value| value.cell().equals(found)) != *negated)
            }
            Self::Missing(name, is_missing) => Ok(cell(name).is_missing() == *is_missing),
            Self::Truth(name) => Ok(cell(name) == Cell::Bool(true)),
            Self::Not(condition) => condition.holds(cell).map(|holds| !holds),
            Self::And(conditions) => {
                for condition in conditions {
                    if !condition.holds(cell)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(conditions) => {
                for condition in conditions {
                    if condition.holds(cell)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}

fn of_object(place: &Place, json: &Json, depth: usize) -> Result<Condition, SuiteError> {
    let fault = |reason| SuiteError::RowCondition { place: place.clone(), position: 0, reason };
    if depth > MAX_DEPTH {
        return Err(fault("it is nested too deeply"));
    }
    let text = |key: &str| json.get(key).and_then(Json::as_str);
    let column = || {
        let column = json.get("column");
        let name = column.and_then(|column| column.get("name")).and_then(Json::as_str);
        name.map(str::to_owned).ok_or_else(|| fault("`column` with a `name` is missing"))
    };
    let all = || {
        let conditions = json.get("conditions").and_then(Json::as_array);
        let conditions = conditions.ok_or_else(|| fault("`conditions` is no list"))?;
        conditions.iter().map(|json| of_object(place, json, depth + 1)).collect::<Result<_, _>>()
    };
    match text("type") {
        Some("pass_through") => {
            let filter = text("pass_through_filter");
            let filter = filter.ok_or_else(|| fault("`pass_through_filter` is no text"))?;
            parse(filter).map_err(|(position, reason)| SuiteError::RowCondition {
                place: place.clone(),
                position,
                reason,
            })
        }
        Some("nullity") => {
            let is_null = json.get("is_null").and_then(Json::as_bool);
            Ok(Condition::Missing(
                column()?,
                is_null.ok_or_else(|| fault("`is_null` is no boolean"))?,
            ))
        }
        Some("and") => all().map(Condition::And),
        Some("or") => all().map(Condition::Or),
        Some("comparison") => {
            let operator = text("operator").unwrap_or_default();
            let parameter = json.get("parameter").unwrap_or(&Json::Null);
            if matches!(operator, "IN" | "NOT_IN") {
                let values = parameter.as_array().and_then(|values| {
                    values.iter().map(Value::of_json).collect::<Option<Vec<_>>>()
                });
                let values = values.ok_or_else(|| fault("`parameter` is no list of values"))?;
                return Ok(Condition::In(column()?, values, operator == "NOT_IN"));
            }
            let operator = Operator::of(operator)
                .ok_or_else(|| fault("`operator` is none of ==, !=, <, <=, >, >=, IN, NOT_IN"))?;
            let value = Value::of_json(parameter).filter(|value| *value != Value::Missing);
            let value = value.ok_or_else(|| fault("`parameter` is no value"))?;
            Ok(Condition::Compare(Operand::Column(column()?), operator, Operand::Value(value)))
        }
        _ => Err(fault("`type` is none of comparison, nullity, and, or, pass_through")),
    }
}

/// A condition in words with the name of its parser; the second is the form that results have.
pub(crate) fn of_text(
    place: &Place,
    text: &str,
    parser: Option<&str>,
) -> Result<(Condition, Json), SuiteError> {
    let condition = parse(text).map_err(|(position, reason)| SuiteError::RowCondition {
        place: place.clone(),
        position,
        reason,
    })?;
    let json = match (parser, &condition) {
        (
            Some("great_expectations" | "great_expectations__experimental__"),
            Condition::Compare(Operand::Column(name), operator, Operand::Value(value)),
        ) => json!({
            "type": "comparison", "column": {"name": name}, "operator": operator.text(),
            "parameter": value.to_json(),
        }),
        (
            Some("great_expectations" | "great_expectations__experimental__"),
            Condition::Missing(name, is_null),
        ) => json!({"type": "nullity", "column": {"name": name}, "is_null": is_null}),
        _ => json!({"type": "pass_through", "pass_through_filter": text}),
    };
    Ok((condition, json))
}

#[cfg(test)]
mod tests;
