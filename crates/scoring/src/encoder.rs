//! Executes a feature plan. Training and serving both come through here; a row gives the same bits alone and in a
//! table, because both paths end in the same functions of [`functions`].

mod functions;

use std::collections::BTreeMap;

use tabular::cleaning::ColumnCleaning;
use tabular::plan::PlanError;
use tabular::{Column, ColumnType, FeatureMatrix, FeaturePlan, Field, Table};
use thiserror::Error;

use functions::{CompiledTransform, Levels, UnaryFunction, compile};

use crate::flags::{ColumnFlags, Flags};
use crate::{ExplainError, Explanations, Model};

/// A raw value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// The value is missing.
    Missing,
    /// A number, a boolean (0, 1), a date or an instant (microseconds since 1970).
    Number(f64),
    /// A text, as the caller gave it.
    Text(&'a str),
}

/// A table or row that a plan cannot be executed on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// A column is not there.
    #[error("column {column:?} of type {expected} is missing")]
    MissingColumn {
        /// Name of the column.
        column: String,
        /// Type that the column has to have.
        expected: ColumnType,
    },
    /// A column or value is text where numbers are needed, or the reverse.
    #[error("column {column:?} is not of type {expected}")]
    WrongType {
        /// Name of the column.
        column: String,
        /// What it has to be.
        expected: ColumnType,
    },
    /// A row has too few or too many values.
    #[error("the row has {found} values instead of {expected}")]
    Width {
        /// Number of values that the caller gave.
        found: usize,
        /// Number of values that the plan needs.
        expected: usize,
    },
    /// The output is of the wrong length.
    #[error("there is room for {found} features instead of {expected}")]
    Output {
        /// Number of features that the output has room for.
        found: usize,
        /// Number of features of the plan.
        expected: usize,
    },
}

/// A feature plan made ready to be executed.
#[derive(Clone, Debug)]
pub struct FeatureEncoder {
    inputs: Vec<ColumnCleaning>,
    features: Vec<CompiledTransform>,
    names: Vec<String>,
    /// The first feature of each input that asks for its category.
    categories: Vec<Option<usize>>,
}

/// Executes a plan on a table.
///
/// # Errors
/// When a column is missing or of another kind than the plan says, or the plan is not sound.
pub fn transform(plan: &FeaturePlan, table: &Table) -> Result<FeatureMatrix, crate::ScoreError> {
    Ok(FeatureEncoder::new(plan)?.encode(table)?)
}

/// Explains what a model predicts of the rows of a table, by the raw columns that the plan makes features of; `go_on` is asked before
/// each row.
///
/// # Errors
/// As [`transform`] and [`Model::explain`].
pub fn explain(
    plan: &FeaturePlan,
    model: &Model,
    table: &Table,
    go_on: impl FnMut() -> bool,
) -> Result<Explanations, ExplainError> {
    let encoder = FeatureEncoder::new(plan).map_err(crate::ScoreError::from)?;
    let features = encoder.encode(table).map_err(crate::ScoreError::from)?;
    Ok(encoder.by_columns(model.explain(&features, go_on)?))
}

impl FeatureEncoder {
    /// Explanations of features as those of the raw columns.
    pub(crate) fn by_columns(&self, explained: Explanations) -> Explanations {
        let columns = self.inputs().into_iter().map(|field| field.name).collect();
        explained.of_columns(columns, &self.sources())
    }

    /// Makes a plan ready.
    ///
    /// # Errors
    /// When the plan is not sound.
    pub fn new(plan: &FeaturePlan) -> Result<Self, PlanError> {
        plan.check()?;
        let inputs: Vec<ColumnCleaning> = plan.input_columns().cloned().collect();
        let places: BTreeMap<&str, usize> = inputs
            .iter()
            .enumerate()
            .map(|(place, column)| (column.name.as_str(), place))
            .collect();
        let features =
            plan.features.iter().map(|feature| compile(&feature.name, &feature.transform, &places));
        let features: Vec<CompiledTransform> = features.collect::<Result<_, _>>()?;
        let names = plan.features.iter().map(|feature| feature.name.clone()).collect();
        let mut categories = vec![None; inputs.len()];
        for (place, feature) in features.iter().enumerate() {
            if let CompiledTransform::One { input, function: UnaryFunction::Category(_) } = feature
                && let Some(category @ None) = categories.get_mut(*input)
            {
                *category = Some(place);
            }
        }
        Ok(Self { inputs, features, names, categories })
    }

    /// Number of features.
    #[must_use]
    pub fn width(&self) -> usize {
        self.features.len()
    }

    /// The raw columns of a row, in order.
    #[must_use]
    pub fn inputs(&self) -> Vec<Field> {
        self.inputs.iter().map(ColumnCleaning::field).collect()
    }

    /// Names of the features, in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The positions of the raw columns that each feature is made of.
    fn sources(&self) -> Vec<Vec<usize>> {
        let of = |feature: &CompiledTransform| match feature {
            CompiledTransform::One { input, .. } => vec![*input],
            CompiledTransform::Two { left, right, .. } => vec![*left, *right],
            CompiledTransform::Group { input, group, .. } => vec![*input, *group],
            CompiledTransform::Sum { terms } => terms.iter().map(|(input, _)| *input).collect(),
        };
        self.features.iter().map(of).collect()
    }

    /// What is missing in a table, and which of its categories training did not see.
    ///
    /// # Errors
    /// When a column is missing or of another kind than the plan says.
    pub fn flags(&self, table: &Table) -> Result<Flags, EncodeError> {
        let mut flags = Flags::default();
        let columns = self.columns(table)?;
        for (place, (input, column)) in self.inputs.iter().zip(columns).enumerate() {
            let (missing, unseen) = match column {
                Column::Number(values) => (values.iter().filter(|value| value.is_nan()).count(), 0),
                Column::Text(text) => count(input, self.levels_of(place), text),
            };
            if missing + unseen > 0 {
                flags.columns.push(ColumnFlags { column: input.name.clone(), missing, unseen });
            }
        }
        Ok(flags)
    }

    /// The columns of the inputs. Tables mostly have them in the same order, so that each is looked for behind the last.
    fn columns<'a>(&self, table: &'a Table) -> Result<Vec<&'a Column>, EncodeError> {
        let mut from = 0;
        let of = |input: &ColumnCleaning| {
            let behind = table.fields().iter().skip(from);
            let place = behind.zip(from..).find(|(field, _)| field.name == input.name);
            let place = place.map(|(_, place)| place).or_else(|| table.position(&input.name));
            from = place.map_or(from, |place| place + 1);
            let column = place.and_then(|place| table.columns().get(place));
            check(column, input)
        };
        self.inputs.iter().map(of).collect()
    }

    /// The categories that training saw of a column, where a feature asks for them.
    fn levels_of(&self, column: usize) -> Option<&Levels> {
        let feature = self.categories.get(column).copied().flatten()?;
        match self.features.get(feature)? {
            CompiledTransform::One { function: UnaryFunction::Category(levels), .. } => {
                Some(levels)
            }
            _ => None,
        }
    }

    /// Executes the plan on a table; columns that it does not need are ignored.
    ///
    /// # Errors
    /// When a column is missing or of another kind than the plan says.
    pub fn encode(&self, table: &Table) -> Result<FeatureMatrix, EncodeError> {
        let columns = self.columns(table)?;
        let (rows, width) = (table.rows(), self.width());
        let mut values = vec![f64::NAN; rows.saturating_mul(width)];
        let of = |input: &usize| Some((self.inputs.get(*input)?, *columns.get(*input)?));
        for (place, feature) in self.features.iter().enumerate() {
            let out = values.iter_mut().skip(place).step_by(width.max(1));
            match feature {
                CompiledTransform::One { input, function } => {
                    if let Some((cleaning, column)) = of(input) {
                        function.of_column(cleaning, column, out);
                    }
                }
                CompiledTransform::Two { left, right, function } => {
                    if let (
                        Some((clean_a, Column::Number(a))),
                        Some((clean_b, Column::Number(b))),
                    ) = (of(left), of(right))
                    {
                        for ((a, b), out) in a.iter().zip(b).zip(out) {
                            *out = function.value_of(clean_a.number(*a), clean_b.number(*b));
                        }
                    }
                }
                CompiledTransform::Sum { terms } => {
                    let columns: Option<Vec<_>> = terms
                        .iter()
                        .map(|(input, weight)| match of(input)? {
                            (cleaning, Column::Number(values)) => Some((cleaning, values, weight)),
                            (_, Column::Text(_)) => None,
                        })
                        .collect();
                    for (row, out) in out.enumerate() {
                        *out = functions::sum(columns.iter().flatten().map(
                            |(cleaning, values, weight)| {
                                let value = values.get(row).copied().unwrap_or(f64::NAN);
                                (cleaning.number(value), **weight)
                            },
                        ));
                    }
                }
                CompiledTransform::Group { input, group, means } => {
                    if let (Some((cleaning, Column::Number(numbers))), Some((texts, column))) =
                        (of(input), of(group))
                    {
                        let mut of_group = vec![f64::NAN; rows];
                        means.of_column(texts, column, of_group.iter_mut());
                        for ((number, mean), out) in numbers.iter().zip(of_group).zip(out) {
                            *out = functions::less(cleaning.number(*number), mean);
                        }
                    }
                }
            }
        }
        Ok(FeatureMatrix { rows, width, values })
    }

    /// Executes the plan on one row, given as the values of [`Self::inputs`] in order.
    ///
    /// # Errors
    /// When the number or the kind of the values is not as the plan says, or `out` is not as long as [`Self::width`].
    pub fn encode_row(&self, values: &[Value<'_>], out: &mut [f64]) -> Result<(), EncodeError> {
        if values.len() != self.inputs.len() {
            return Err(EncodeError::Width { found: values.len(), expected: self.inputs.len() });
        }
        if out.len() != self.width() {
            return Err(EncodeError::Output { found: out.len(), expected: self.width() });
        }
        for (cleaning, value) in self.inputs.iter().zip(values) {
            let numeric = cleaning.column_type.is_numeric();
            if matches!((value, numeric), (Value::Text(_), true) | (Value::Number(_), false)) {
                return Err(wrong_type(cleaning));
            }
        }
        let number = |input: usize| match (self.inputs.get(input), values.get(input)) {
            (Some(cleaning), Some(Value::Number(value))) => cleaning.number(*value),
            (Some(cleaning), _) => cleaning.number(f64::NAN),
            (None, _) => f64::NAN,
        };
        let text = |input: usize| match (self.inputs.get(input), values.get(input)) {
            (Some(cleaning), Some(Value::Text(text))) => cleaning.text(Some(text)),
            (Some(cleaning), _) => cleaning.text(None),
            (None, _) => None,
        };
        for (feature, out) in self.features.iter().zip(out) {
            *out = match feature {
                CompiledTransform::Two { left, right, function } => {
                    function.value_of(number(*left), number(*right))
                }
                CompiledTransform::Sum { terms } => {
                    functions::sum(terms.iter().map(|(input, weight)| (number(*input), *weight)))
                }
                CompiledTransform::Group { input, group, means } => {
                    functions::less(number(*input), means.of_text(text(*group)))
                }
                CompiledTransform::One { input, function } => {
                    match (self.inputs.get(*input), values.get(*input)) {
                        (Some(cleaning), value) if cleaning.column_type.is_numeric() => {
                            let value = if let Some(Value::Number(value)) = value {
                                *value
                            } else {
                                f64::NAN
                            };
                            function.of_number(function.cleaned_number(cleaning, value))
                        }
                        (Some(cleaning), value) => {
                            let value = if let Some(Value::Text(text)) = value {
                                Some(*text)
                            } else {
                                None
                            };
                            function.of_text(function.cleaned_text(cleaning, value))
                        }
                        (None, _) => f64::NAN,
                    }
                }
            };
        }
        Ok(())
    }
}

fn check<'a>(
    column: Option<&'a Column>,
    input: &ColumnCleaning,
) -> Result<&'a Column, EncodeError> {
    let column = column.ok_or_else(|| EncodeError::MissingColumn {
        column: input.name.clone(),
        expected: input.column_type,
    })?;
    if input.column_type.is_numeric() != matches!(column, Column::Number(_)) {
        return Err(wrong_type(input));
    }
    Ok(column)
}

/// What a text is to a model.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TextKind {
    Missing,
    Before,
    Never,
}

/// Rows of a text column that are missing, and those whose category training did not see.
fn count(
    input: &ColumnCleaning,
    levels: Option<&Levels>,
    text: &tabular::TextColumn,
) -> (usize, usize) {
    let seen = |level: &str| match input.present(level) {
        None => TextKind::Missing,
        Some(level) if levels.is_some_and(|levels| !levels.know(level)) => TextKind::Never,
        Some(_) => TextKind::Before,
    };
    let mut counted = (0, 0);
    let mut count = |seen: TextKind| match seen {
        TextKind::Missing => counted.0 += 1,
        TextKind::Never => counted.1 += 1,
        TextKind::Before => {}
    };
    if text.len() <= text.levels().len() {
        text.iter().for_each(|value| count(value.map_or(TextKind::Missing, seen)));
    } else {
        // Each distinct text is looked up once.
        let of_level: Vec<TextKind> = text.levels().iter().map(|level| seen(level)).collect();
        for code in text.codes() {
            let level = usize::try_from(*code).ok().and_then(|code| of_level.get(code));
            count(level.copied().unwrap_or(TextKind::Missing));
        }
    }
    counted
}

fn wrong_type(input: &ColumnCleaning) -> EncodeError {
    EncodeError::WrongType { column: input.name.clone(), expected: input.column_type }
}

#[cfg(test)]
mod tests;
