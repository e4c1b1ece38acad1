//! Criteria of a cohort, over columns in their physical forms.
//!
//! A missing value fulfils no comparison but the negated ones (`!=`, `not in`).

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Float64Type;
use schema::{Operator, Predicate};
use tabular::parse::MissingMarkers;
use tabular::{ColumnType, Field, parse};

use crate::Error;

/// The criteria of a cohort, checked against the columns of a table.
pub(crate) struct Cohort {
    /// Rows have to fulfil these.
    included: Vec<Criterion>,
    /// Rows must not fulfil these.
    excluded: Vec<Criterion>,
}

/// One comparison.
struct Criterion {
    column: usize,
    operator: Operator,
    operands: Operands,
}

enum Operands {
    Numbers(Vec<f64>),
    Texts(Vec<String>),
}

impl Cohort {
    pub(crate) fn new(
        inclusion: &[Predicate],
        exclusion: &[Predicate],
        fields: &[Field],
        markers: &MissingMarkers,
    ) -> Result<Self, Error> {
        let criteria = |predicates: &[Predicate]| -> Result<Vec<Criterion>, Error> {
            predicates.iter().map(|predicate| Criterion::new(predicate, fields, markers)).collect()
        };
        Ok(Self { included: criteria(inclusion)?, excluded: criteria(exclusion)? })
    }

    /// Number of criteria.
    pub(crate) fn len(&self) -> usize {
        self.included.len() + self.excluded.len()
    }

    /// The rows of a batch that stay, in order; the others are counted by the first criterion that removes them.
    pub(crate) fn kept(&self, batch: &RecordBatch, removed: &mut [u64]) -> Vec<usize> {
        let mut stays = vec![true; batch.num_rows()];
        let wanted = self.included.iter().map(|criterion| (criterion, true));
        let criteria = wanted.chain(self.excluded.iter().map(|criterion| (criterion, false)));
        for ((criterion, wanted), count) in criteria.zip(removed) {
            for (stays, holds) in stays.iter_mut().zip(criterion.holds(batch)) {
                if *stays && holds != wanted {
                    *stays = false;
                    *count += 1;
                }
            }
        }
        stays.iter().enumerate().filter(|(_, stays)| **stays).map(|(row, _)| row).collect()
    }
}

/// How many operands an operator takes, and that in words.
fn operands(operator: Operator) -> (std::ops::RangeInclusive<usize>, &'static str) {
    match operator {
        Operator::In | Operator::NotIn => (1..=usize::MAX, "at least one value"),
        Operator::Between => (2..=2, "two values"),
        _ => (1..=1, "one value"),
    }
}

impl Criterion {
    fn new(
        predicate: &Predicate,
        fields: &[Field],
        markers: &MissingMarkers,
    ) -> Result<Self, Error> {
        let Predicate { column: name, operator, values } = predicate;
        let Some((column, field)) =
            fields.iter().enumerate().find(|(_, field)| field.name == *name)
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
        let column_type = field.column_type;
        if *operator == Operator::Contains && column_type != ColumnType::Text {
            return Err(Error::OperatorType {
                column: name.clone(),
                operator: *operator,
                column_type,
            });
        }
        let missing = |value: &String| markers.is_missing(value);
        if *operator != Operator::Contains
            && let Some(position) = values.iter().position(missing)
        {
            return Err(Error::OperandMissing {
                column: name.clone(),
                operator: *operator,
                position: position + 1,
            });
        }
        let number = |(position, value): (usize, &String)| {
            parse::value(value, column_type, &field.form).ok_or(Error::OperandType {
                column: name.clone(),
                operator: *operator,
                position: position + 1,
                column_type,
            })
        };
        let operands = match column_type {
            ColumnType::Text => {
                Operands::Texts(values.iter().map(|value| value.trim().to_owned()).collect())
            }
            _ => Operands::Numbers(
                values.iter().enumerate().map(number).collect::<Result<_, Error>>()?,
            ),
        };
        Ok(Self { column, operator: *operator, operands })
    }

    /// Whether each row of a batch fulfils it.
    fn holds(&self, batch: &RecordBatch) -> Vec<bool> {
        let nothing = || vec![false; batch.num_rows()];
        let Some(array) = batch.columns().get(self.column) else { return nothing() };
        let of_missing = matches!(self.operator, Operator::NotEqual | Operator::NotIn);
        match &self.operands {
            Operands::Numbers(operands) => {
                let Some(values) = array.as_primitive_opt::<Float64Type>() else {
                    return nothing();
                };
                let holds = |value: Option<f64>| {
                    value.map_or(of_missing, |value| compare(self.operator, &value, operands))
                };
                values.iter().map(holds).collect()
            }
            Operands::Texts(operands) => {
                let Some(texts) = array.as_string_opt::<i32>() else { return nothing() };
                let holds = |text: Option<&str>| match (text, operands.first()) {
                    (None, _) => of_missing,
                    (Some(text), Some(part)) if self.operator == Operator::Contains => {
                        text.contains(part.as_str())
                    }
                    (Some(text), _) => compare(self.operator, text, operands),
                };
                texts.iter().map(holds).collect()
            }
        }
    }
}

/// Whether a value that is there stands in a relation to the operands.
fn compare<T: PartialOrd + ?Sized, O: std::borrow::Borrow<T>>(
    operator: Operator,
    value: &T,
    operands: &[O],
) -> bool {
    let mut operands = operands.iter().map(std::borrow::Borrow::borrow);
    let Some(first) = operands.next() else { return false };
    let equals_any = || value == first || operands.clone().any(|operand| value == operand);
    match operator {
        Operator::Equal => value == first,
        Operator::NotEqual => value != first,
        Operator::Greater => value > first,
        Operator::GreaterOrEqual => value >= first,
        Operator::Less => value < first,
        Operator::LessOrEqual => value <= first,
        Operator::In => equals_any(),
        Operator::NotIn => !equals_any(),
        Operator::Between => {
            value >= first && operands.clone().next().is_some_and(|last| value <= last)
        }
        // Of texts alone, which are looked at before.
        Operator::Contains => false,
    }
}
