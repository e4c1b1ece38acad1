//! The rules that several messages share.

use std::collections::BTreeSet;

use crate::{Agent, ContractError, FieldError, FieldPath, Validate};

/// Longest name of a model, an endpoint or a run.
const MAX_NAME: usize = 64;
/// Longest name of a column.
pub(crate) const MAX_COLUMN_NAME: usize = 512;
/// Most columns of a table.
pub(crate) const MAX_COLUMNS: usize = 2000;
/// Longest identifier such as a metric, an algorithm or a code.
pub(crate) const MAX_IDENTIFIER: usize = 128;
/// Longest free text, in bytes.
pub(crate) const MAX_TEXT: usize = 4096;

type ValidationResult = Result<(), ContractError>;

/// Whether `text` is 1 to 64 letters, digits, `-` and `_`: a run, a model or an endpoint, and one token of a subject.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(allowed)
}

/// Whether `text` is a SHA-256 as 64 lower-case hexadecimal digits.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(crate) fn name(at: &FieldPath<'_>, text: &str) -> ValidationResult {
    if is_name(text) {
        return Ok(());
    }
    Err(at.refuse(FieldError::Form { expected: "1 to 64 letters, digits, `-` and `_`" }))
}

pub(crate) fn optional_name(at: &FieldPath<'_>, text: &str) -> ValidationResult {
    if text.is_empty() { Ok(()) } else { name(at, text) }
}

pub(crate) fn digest(at: &FieldPath<'_>, text: &str) -> ValidationResult {
    if is_digest(text) { Ok(()) } else { Err(at.refuse(FieldError::Digest)) }
}

/// At most `limit` bytes and no control characters but those of layout.
pub(crate) fn text(at: &FieldPath<'_>, text: &str, limit: usize) -> ValidationResult {
    if text.len() > limit {
        return Err(at.refuse(FieldError::TooLong { found: text.len(), limit }));
    }
    if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(at.refuse(FieldError::Form { expected: "text without control characters" }));
    }
    Ok(())
}

/// As [`text`], and not blank.
pub(crate) fn non_blank(
    at: &FieldPath<'_>,
    value: &str,
    limit: usize,
    expected: &'static str,
) -> ValidationResult {
    if value.trim().is_empty() {
        return Err(at.refuse(FieldError::Missing { expected }));
    }
    text(at, value, limit)
}

pub(crate) fn column(at: &FieldPath<'_>, name: &str) -> ValidationResult {
    non_blank(at, name, MAX_COLUMN_NAME, "the name of a column")
}

pub(crate) fn optional_column(at: &FieldPath<'_>, name: &str) -> ValidationResult {
    if name.is_empty() { Ok(()) } else { column(at, name) }
}

/// Names of columns, each once.
pub(crate) fn column_list(at: &FieldPath<'_>, names: &[String]) -> ValidationResult {
    at_most(at, names.len(), MAX_COLUMNS)?;
    for (index, name) in names.iter().enumerate() {
        column(&at.index(index), name)?;
    }
    unique(at, names.iter().map(String::as_str))
}

pub(crate) fn identifier(
    at: &FieldPath<'_>,
    text: &str,
    expected: &'static str,
) -> ValidationResult {
    non_blank(at, text, MAX_IDENTIFIER, expected)
}

pub(crate) fn agent(at: &FieldPath<'_>, name: &str) -> Result<Agent, ContractError> {
    name.parse().map_err(|_: ContractError| {
        at.refuse(FieldError::Inconsistent { expected: format!("one of {}", Agent::names()) })
    })
}

pub(crate) fn at_most(at: &FieldPath<'_>, found: usize, limit: usize) -> ValidationResult {
    if found <= limit { Ok(()) } else { Err(at.refuse(FieldError::TooMany { found, limit })) }
}

pub(crate) fn not_empty<T>(
    at: &FieldPath<'_>,
    elements: &[T],
    expected: &'static str,
) -> ValidationResult {
    if elements.is_empty() { Err(at.refuse(FieldError::Missing { expected })) } else { Ok(()) }
}

/// Each once; the first repetition is refused by its index.
pub(crate) fn unique<'a>(
    at: &FieldPath<'_>,
    texts: impl Iterator<Item = &'a str>,
) -> ValidationResult {
    let mut seen = BTreeSet::new();
    for (index, text) in texts.enumerate() {
        if !seen.insert(text) {
            return Err(at.index(index).refuse(FieldError::Repeated));
        }
    }
    Ok(())
}

pub(crate) fn finite(at: &FieldPath<'_>, value: f64) -> ValidationResult {
    if value.is_finite() { Ok(()) } else { Err(at.refuse(FieldError::NotFinite)) }
}

pub(crate) fn not_negative(at: &FieldPath<'_>, value: f64) -> ValidationResult {
    finite(at, value)?;
    in_range(at, value >= 0.0, "0 or more")
}

/// From 0 to 1.
pub(crate) fn share(at: &FieldPath<'_>, value: f64) -> ValidationResult {
    finite(at, value)?;
    in_range(at, (0.0..=1.0).contains(&value), "0 to 1")
}

/// One of the names.
pub(crate) fn one_of(at: &FieldPath<'_>, text: &str, known: &[&'static str]) -> ValidationResult {
    if known.contains(&text) {
        return Ok(());
    }
    let found = crate::error::excerpt(text);
    Err(at.refuse(FieldError::UnknownName { found, known: known.to_vec() }))
}

/// A chosen number, which the refusal repeats.
pub(crate) fn number(
    at: &FieldPath<'_>,
    found: f64,
    holds: bool,
    expected: &'static str,
) -> ValidationResult {
    if holds { Ok(()) } else { Err(at.refuse(FieldError::Number { found, expected })) }
}

pub(crate) fn in_range(
    at: &FieldPath<'_>,
    holds: bool,
    expected: &'static str,
) -> ValidationResult {
    if holds { Ok(()) } else { Err(at.refuse(FieldError::OutOfRange { expected })) }
}

pub(crate) fn consistent(
    at: &FieldPath<'_>,
    holds: bool,
    expected: impl Fn() -> String,
) -> ValidationResult {
    if holds { Ok(()) } else { Err(at.refuse(FieldError::Inconsistent { expected: expected() })) }
}

/// Refuses a map in which a value is infinite or not a number.
pub(crate) fn finite_map(
    at: &FieldPath<'_>,
    values: &std::collections::BTreeMap<String, f64>,
) -> ValidationResult {
    for (key, value) in values {
        finite(&at.key(key), *value)?;
    }
    Ok(())
}

/// A message that has to be there, checked.
pub(crate) fn required<'a, M: Validate>(
    at: &FieldPath<'_>,
    message: Option<&'a M>,
    expected: &'static str,
) -> Result<&'a M, ContractError> {
    let message = message.ok_or_else(|| at.refuse(FieldError::Missing { expected }))?;
    message.validate_at(at)?;
    Ok(message)
}

pub(crate) fn each<M: Validate>(at: &FieldPath<'_>, messages: &[M]) -> ValidationResult {
    for (index, message) in messages.iter().enumerate() {
        message.validate_at(&at.index(index))?;
    }
    Ok(())
}

pub(crate) fn required_time(
    at: &FieldPath<'_>,
    time: Option<&pbjson_types::Timestamp>,
) -> ValidationResult {
    match time {
        Some(_) => optional_time(at, time),
        None => Err(at.refuse(FieldError::Missing { expected: "a time" })),
    }
}

pub(crate) fn optional_time(
    at: &FieldPath<'_>,
    time: Option<&pbjson_types::Timestamp>,
) -> ValidationResult {
    let holds = time.is_none_or(crate::time::is_valid);
    in_range(at, holds, "a time in the years 1 to 9999")
}

/// An enumeration of the schema, by its numbers and names.
pub(crate) trait Choice: TryFrom<i32> + Copy + Eq {
    /// The one that means nothing was said.
    const UNSPECIFIED: Self;
    fn name(self) -> &'static str;

    fn known() -> Vec<&'static str> {
        // The schema numbers its values without gaps.
        (1..).map_while(|number| Self::try_from(number).ok()).map(Self::name).collect()
    }
}

macro_rules! choices {
    ($($type:ident),*) => {$(
        impl Choice for crate::v1::$type {
            const UNSPECIFIED: Self = Self::Unspecified;
            fn name(self) -> &'static str {
                self.as_str_name()
            }
        }
    )*};
}

choices!(
    ProblemType,
    Priority,
    DeploymentStrategy,
    SplitMethod,
    MissingRule,
    OutlierRule,
    OutlierTreatment,
    MonotoneDirection,
    PredicateOperator,
    DataFormat,
    ColumnType,
    ModelStage,
    HandoffStatus,
    StageEventKind,
    RecordAction,
    Silence,
    EnsembleMethod,
    RoutingMode,
    RolloutPhase,
    AnalysisResult,
    BreakerState,
    AlertKind,
    AlertSeverity,
    AlertState,
    RetrainingState
);

/// A number that the enumeration has, the unspecified included.
pub(crate) fn optional_choice<C: Choice>(
    at: &FieldPath<'_>,
    number: i32,
) -> Result<C, ContractError> {
    C::try_from(number)
        .map_err(|_| at.refuse(FieldError::UnknownValue { found: number, known: C::known() }))
}

/// A number that the enumeration has, the unspecified not included.
pub(crate) fn choice<C: Choice>(at: &FieldPath<'_>, number: i32) -> Result<C, ContractError> {
    let choice: C = optional_choice(at, number)?;
    if choice == C::UNSPECIFIED {
        return Err(at.refuse(FieldError::Unspecified { known: C::known() }));
    }
    Ok(choice)
}
