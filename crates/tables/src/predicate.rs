//! Criteria of a cohort, as expressions of the engine.
//!
//! A missing value fulfils no comparison but the negated ones (`!=`, `not in`).

use datafusion::common::Column as ColumnName;
use datafusion::functions::string::expr_fn::contains;
use datafusion::logical_expr::{Expr, lit};
pub use schema::{Operator, Predicate};
use tabular::parse::MissingMarkers;
use tabular::{ColumnType, Field, parse};

use crate::Error;

/// How many operands an operator takes, and that in words.
fn operands(operator: Operator) -> (std::ops::RangeInclusive<usize>, &'static str) {
    match operator {
        Operator::In | Operator::NotIn => (1..=usize::MAX, "at least one value"),
        Operator::Between => (2..=2, "two values"),
        _ => (1..=1, "one value"),
    }
}

/// The expression over columns in their physical forms; `column` gives the name that the engine knows a field by.
pub(crate) fn expression(
    predicate: &Predicate,
    fields: &[Field],
    markers: &MissingMarkers,
    column: impl Fn(usize) -> String,
) -> Result<Expr, Error> {
    let Predicate { column: name, operator, values } = predicate;
    let Some((index, field)) = fields.iter().enumerate().find(|(_, field)| field.name == *name)
    else {
        let nearest = dataset::nearest(name, fields.iter().map(|field| field.name.as_str()));
        return Err(Error::NoSuchColumn { column: name.clone(), nearest });
    };
    let (count, expected) = operands(*operator);
    if !count.contains(&values.len()) {
        return Err(Error::Operands {
            column: name.clone(),
            operator: *operator,
            expected,
            found: values.len(),
        });
    }
    let mut operands = Vec::with_capacity(values.len());
    for (position, value) in values.iter().enumerate() {
        if *operator != Operator::Contains && markers.is_missing(value) {
            return Err(Error::OperandMissing {
                column: name.clone(),
                operator: *operator,
                position: position + 1,
            });
        }
        operands.push(literal(value, field).ok_or(Error::OperandType {
            column: name.clone(),
            operator: *operator,
            position: position + 1,
            column_type: field.column_type,
        })?);
    }
    let subject = Expr::Column(ColumnName::new_unqualified(column(index)));
    let missing = subject.clone().is_null();
    let mut rest = operands.clone().into_iter();
    let (Some(first), second) = (rest.next(), rest.next()) else {
        return Err(Error::Operands {
            column: name.clone(),
            operator: *operator,
            expected,
            found: 0,
        });
    };
    let holds = match operator {
        Operator::Equal => subject.eq(first),
        Operator::NotEqual => subject.not_eq(first).or(missing),
        Operator::Greater => subject.gt(first),
        Operator::GreaterOrEqual => subject.gt_eq(first),
        Operator::Less => subject.lt(first),
        Operator::LessOrEqual => subject.lt_eq(first),
        Operator::In => subject.in_list(operands, false),
        Operator::NotIn => subject.in_list(operands, true).or(missing),
        Operator::Between => subject.between(first.clone(), second.unwrap_or(first)),
        Operator::Contains if field.column_type == ColumnType::Text => contains(subject, first),
        Operator::Contains => {
            return Err(Error::OperatorType {
                column: name.clone(),
                operator: *operator,
                column_type: field.column_type,
            });
        }
    };
    Ok(holds.is_true())
}

fn literal(value: &str, field: &Field) -> Option<Expr> {
    match field.column_type {
        ColumnType::Text => Some(lit(value.trim())),
        numeric => parse::value(value, numeric, &field.form).map(lit),
    }
}
