//! What becomes of cleaned values: the functions that both a row and a table end in.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use tabular::Column;
use tabular::cleaning::ColumnCleaning;
use tabular::parse::DAY_MICROSECONDS;
use tabular::plan::{DatePart, MISSING_LEVEL, PlanError, TextMeasure, Transform, text};

/// A transform with its inputs as positions.
#[derive(Clone, Debug)]
pub(super) enum CompiledTransform {
    One {
        input: usize,
        function: UnaryFunction,
    },
    Two {
        left: usize,
        right: usize,
        function: BinaryFunction,
    },
    Group {
        input: usize,
        group: usize,
        means: UnaryFunction,
    },
    /// Positions with their weights.
    Sum {
        terms: Vec<(usize, f64)>,
    },
}

/// A function of one cleaned value.
#[derive(Clone, Debug)]
pub(super) enum UnaryFunction {
    Identity,
    Missing,
    DatePart(DatePart),
    /// The code of a text.
    Category(Levels),
    /// A number that belongs to a text.
    Level(Levels),
    Measure(TextMeasure),
    HasWord(String),
}

/// A number for each text that is known, for any other, and for a missing one.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    known: HashMap<String, f64>,
    other: f64,
    missing: f64,
}

/// A function of two cleaned numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum BinaryFunction {
    Ratio,
    Product,
    Difference,
    DaysBetween,
}

pub(super) fn compile(
    name: &str,
    transform: &Transform,
    places: &BTreeMap<&str, usize>,
) -> Result<CompiledTransform, PlanError> {
    let place = |column: &String| {
        places.get(column.as_str()).copied().ok_or_else(|| PlanError::UnknownColumn {
            feature: name.to_owned(),
            column: column.clone(),
        })
    };
    let one = |input: &String, function: UnaryFunction| {
        Ok(CompiledTransform::One { input: place(input)?, function })
    };
    let two = |left: &String, right: &String, function: BinaryFunction| {
        Ok(CompiledTransform::Two { left: place(left)?, right: place(right)?, function })
    };
    match transform {
        Transform::Identity { input } => one(input, UnaryFunction::Identity),
        Transform::MissingIndicator { input } => one(input, UnaryFunction::Missing),
        Transform::DatePart { input, part } => one(input, UnaryFunction::DatePart(*part)),
        Transform::Category { input, levels, other } => {
            one(input, UnaryFunction::Category(Levels::codes(levels, *other)))
        }
        Transform::Frequency { input, levels, shares } => {
            one(input, UnaryFunction::Level(Levels::new(levels, shares, 0.0, f64::NAN)))
        }
        Transform::GroupMean { input, levels, means, overall, .. } => {
            one(input, UnaryFunction::Level(Levels::new(levels, means, *overall, *overall)))
        }
        Transform::GroupDifference { input, group, levels, means, overall } => {
            Ok(CompiledTransform::Group {
                input: place(input)?,
                group: place(group)?,
                means: UnaryFunction::Level(Levels::new(levels, means, *overall, *overall)),
            })
        }
        Transform::TextMeasure { input, measure } => one(input, UnaryFunction::Measure(*measure)),
        Transform::HasWord { input, word } => one(input, UnaryFunction::HasWord(word.clone())),
        Transform::Ratio { numerator, denominator } => {
            two(numerator, denominator, BinaryFunction::Ratio)
        }
        Transform::Product { left, right } => two(left, right, BinaryFunction::Product),
        Transform::Difference { left, right } => two(left, right, BinaryFunction::Difference),
        Transform::Sum { inputs, weights } => {
            let terms = inputs.iter().zip(weights);
            let terms = terms.map(|(input, weight)| Ok((place(input)?, *weight)));
            Ok(CompiledTransform::Sum { terms: terms.collect::<Result<_, PlanError>>()? })
        }
        Transform::DaysBetween { from, to } => two(from, to, BinaryFunction::DaysBetween),
    }
}

impl Levels {
    fn new(levels: &[String], numbers: &[f64], other: f64, missing: f64) -> Self {
        Self {
            known: levels.iter().cloned().zip(numbers.iter().copied()).collect(),
            other,
            missing,
        }
    }

    /// The place of each level; that of [`MISSING_LEVEL`] is for missing texts.
    fn codes(levels: &[String], other: bool) -> Self {
        let mut known: HashMap<String, f64> =
            levels.iter().enumerate().map(|(code, level)| (level.clone(), code as f64)).collect();
        let missing = known.remove(MISSING_LEVEL).unwrap_or(f64::NAN);
        Self { known, other: if other { levels.len() as f64 } else { f64::NAN }, missing }
    }

    /// Whether a text is among them.
    pub(super) fn know(&self, text: &str) -> bool {
        self.known.contains_key(text)
    }

    fn value_of(&self, text: Option<&str>) -> f64 {
        match text {
            Some(text) => self.known.get(text).copied().unwrap_or(self.other),
            None => self.missing,
        }
    }
}

impl UnaryFunction {
    pub(super) fn of_number(&self, value: f64) -> f64 {
        match self {
            Self::Identity => finite(value),
            Self::Missing => f64::from(u8::from(value.is_nan())),
            Self::DatePart(part) => part.value_of(value),
            Self::Category(_) | Self::Level(_) | Self::Measure(_) | Self::HasWord(_) => f64::NAN,
        }
    }

    pub(super) fn of_text(&self, text: Option<&str>) -> f64 {
        match (self, text) {
            (Self::Missing, text) => f64::from(u8::from(text.is_none())),
            (Self::Category(levels) | Self::Level(levels), text) => levels.value_of(text),
            (Self::Measure(measure), Some(text)) => measure.value_of(text),
            (Self::HasWord(word), Some(text)) => f64::from(u8::from(text::has_word(text, word))),
            _ => f64::NAN,
        }
    }

    /// A number as this function sees it: whether one is missing is asked before anything is put in its place.
    pub(super) fn cleaned_number(&self, cleaning: &ColumnCleaning, value: f64) -> f64 {
        match self {
            Self::Missing => cleaning.bounded(value),
            _ => cleaning.number(value),
        }
    }

    /// As [`Self::cleaned_number`], of a text.
    pub(super) fn cleaned_text<'a>(
        &self,
        cleaning: &'a ColumnCleaning,
        value: Option<&'a str>,
    ) -> Option<&'a str> {
        match self {
            Self::Missing => value.and_then(|text| cleaning.present(text)),
            _ => cleaning.text(value),
        }
    }

    /// What each value of a column becomes.
    pub(super) fn of_column<'a>(
        &self,
        cleaning: &ColumnCleaning,
        column: &Column,
        out: impl Iterator<Item = &'a mut f64>,
    ) {
        match column {
            Column::Number(values) => {
                for (value, out) in values.iter().zip(out) {
                    *out = self.of_number(self.cleaned_number(cleaning, *value));
                }
            }
            // Each distinct text is looked up once, unless there are as many of them as rows.
            Column::Text(texts) if texts.levels().len() < texts.len() => {
                let of_level: Vec<f64> = texts
                    .levels()
                    .iter()
                    .map(|level| self.of_text(self.cleaned_text(cleaning, Some(level))))
                    .collect();
                let of_missing = self.of_text(self.cleaned_text(cleaning, None));
                for (code, out) in texts.codes().iter().zip(out) {
                    *out = usize::try_from(*code)
                        .ok()
                        .and_then(|code| of_level.get(code))
                        .copied()
                        .unwrap_or(of_missing);
                }
            }
            Column::Text(texts) => {
                for (text, out) in texts.iter().zip(out) {
                    *out = self.of_text(self.cleaned_text(cleaning, text));
                }
            }
        }
    }
}

impl BinaryFunction {
    pub(super) fn value_of(self, left: f64, right: f64) -> f64 {
        finite(match self {
            Self::Ratio => left / right,
            Self::Product => left * right,
            Self::Difference => left - right,
            Self::DaysBetween => (right - left) / DAY_MICROSECONDS,
        })
    }
}

/// The sum of numbers, each times its weight, in their order.
pub(super) fn sum(terms: impl Iterator<Item = (f64, f64)>) -> f64 {
    let sum = terms.map(|(number, weight)| number * weight).reduce(|sum, term| sum + term);
    finite(sum.unwrap_or(f64::NAN))
}

/// A number less what is usual in its group.
pub(super) fn less(number: f64, mean: f64) -> f64 {
    finite(number - mean)
}

/// What is infinite (a division by zero, an overflow) is missing.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}
