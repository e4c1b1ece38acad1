//! Criteria of a cohort, over columns in their physical forms.
//!
//! A missing value fulfils no comparison but the negated ones (`!=`, `not in`).

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Float64Type;
use schema::{Operator, Predicate};
use tabular::parse::MissingMarkers;
use tabular::{ColumnType, Field, parse};

use crate::Error;

/// Time that a row has to have before or behind the moment that it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Column of the earlier of both times.
    pub from: String,
    /// Column of the later one.
    pub to: String,
    /// Least days between them, 0 or more.
    pub days: f64,
    /// What the window is for, such as `look-back`.
    pub purpose: &'static str,
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} days from {} to {}", self.purpose, self.days, self.from, self.to)
    }
}

/// The criteria of a cohort, checked against the columns of a table.
pub(crate) struct Cohort {
    /// Rows have to fulfil these.
    included: Vec<Criterion>,
    /// Rows must not fulfil these.
    excluded: Vec<Criterion>,
    /// Rows have to have these.
    windows: Vec<Span>,
}

/// A window by the places of its columns.
struct Span {
    from: usize,
    to: usize,
    microseconds: f64,
}

impl Span {
    const DAY: f64 = 86_400.0 * 1e6;

    fn new(window: &Window, fields: &[Field]) -> Result<Self, Error> {
        let place = |name: &String| {
            let found = fields.iter().enumerate().find(|(_, field)| field.name == *name);
            let Some((place, field)) = found else {
                let nearest =
                    dataset::nearest(name, fields.iter().map(|field| field.name.as_str()));
                return Err(Error::NoSuchColumn { column: name.clone(), nearest });
            };
            if !field.column_type.is_temporal() {
                let column_type = field.column_type;
                return Err(Error::NoTime { column: name.clone(), column_type });
            }
            Ok(place)
        };
        let (from, to) = (place(&window.from)?, place(&window.to)?);
        Ok(Self { from, to, microseconds: window.days * Self::DAY })
    }

    /// Whether each row of a batch has it; one that lacks a time has not.
    fn holds(&self, batch: &RecordBatch) -> Vec<bool> {
        let times = |place: usize| batch.columns().get(place)?.as_primitive_opt::<Float64Type>();
        let (Some(from), Some(to)) = (times(self.from), times(self.to)) else {
            return vec![false; batch.num_rows()];
        };
        let both = from.iter().zip(to.iter());
        both.map(|both| matches!(both, (Some(a), Some(b)) if b - a >= self.microseconds)).collect()
    }
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
        windows: &[Window],
        fields: &[Field],
        markers: &MissingMarkers,
    ) -> Result<Self, Error> {
        let criteria = |predicates: &[Predicate]| -> Result<Vec<Criterion>, Error> {
            predicates.iter().map(|predicate| Criterion::new(predicate, fields, markers)).collect()
        };
        Ok(Self {
            included: criteria(inclusion)?,
            excluded: criteria(exclusion)?,
            windows: windows.iter().map(|of| Span::new(of, fields)).collect::<Result<_, _>>()?,
        })
    }

    /// Number of criteria.
    pub(crate) fn len(&self) -> usize {
        self.included.len() + self.excluded.len() + self.windows.len()
    }

    /// The rows of a batch that stay, in order; the others are counted by the first criterion that removes them.
    pub(crate) fn kept(&self, batch: &RecordBatch, removed: &mut [u64]) -> Vec<usize> {
        let mut stays = vec![true; batch.num_rows()];
        let included = self.included.iter().map(|criterion| (criterion.holds(batch), true));
        let excluded = self.excluded.iter().map(|criterion| (criterion.holds(batch), false));
        let windows = self.windows.iter().map(|window| (window.holds(batch), true));
        for ((holds, wanted), count) in included.chain(excluded).chain(windows).zip(removed) {
            for (stays, holds) in stays.iter_mut().zip(holds) {
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
