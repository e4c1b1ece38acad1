//! Values of expressions.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::value::Cell;

/// Microseconds of a day.
pub(crate) const DAY: f64 = 86_400.0 * 1e6;

/// A value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Term<'a> {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A number; never NaN.
    Number(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A date or an instant, in microseconds since 1970.
    Time(f64),
    /// What lies between two of them, in microseconds.
    Span(f64),
}

impl<'a> Term<'a> {
    /// A number, none of NaN.
    #[must_use]
    pub fn of_number(value: f64) -> Self {
        if value.is_nan() { Self::Null } else { Self::Number(value) }
    }

    /// A date or an instant, in microseconds since 1970; none of NaN.
    #[must_use]
    pub fn of_time(value: f64) -> Self {
        if value.is_nan() { Self::Null } else { Self::Time(value) }
    }

    pub(crate) fn of_cell(cell: Cell<'a>) -> Self {
        match cell {
            Cell::Missing => Self::Null,
            Cell::Bool(value) => Self::Bool(value),
            Cell::Int(value) => Self::Number(value as f64),
            Cell::Float(value) => Self::Number(value),
            Cell::Text(text) => Self::Text(Cow::Borrowed(text)),
        }
    }

    /// Its kind, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a truth value",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Time(_) => "a time",
            Self::Span(_) => "an interval",
        }
    }

    /// As a time, where a text is one.
    pub(super) fn time(&self) -> Result<f64, String> {
        match self {
            Self::Time(time) => Ok(*time),
            Self::Text(text) => {
                time_of(text).ok_or_else(|| "a text that is no date such as 2024-05-01".to_owned())
            }
            other => Err(format!("{}, where a time is expected", other.kind())),
        }
    }

    /// The order of two values that are there; numbers that differ by no more than the tolerance are equal.
    pub(super) fn order(&self, other: &Self, tolerance: f64) -> Result<Ordering, String> {
        let numbers = |one: f64, other: f64| {
            if one == other || (one - other).abs() <= tolerance {
                Ordering::Equal
            } else {
                one.partial_cmp(&other).unwrap_or(Ordering::Equal)
            }
        };
        let days = |span: f64| span / DAY;
        Ok(match (self, other) {
            (Self::Number(one), Self::Number(other)) => numbers(*one, *other),
            (Self::Bool(one), Self::Bool(other)) => one.cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Span(one), Self::Span(other)) => numbers(*one, *other),
            // A bare number counts days.
            (Self::Span(one), Self::Number(other)) => numbers(days(*one), *other),
            (Self::Number(one), Self::Span(other)) => numbers(*one, days(*other)),
            (Self::Time(_), Self::Time(_) | Self::Text(_)) | (Self::Text(_), Self::Time(_)) => {
                self.time()?.partial_cmp(&other.time()?).unwrap_or(Ordering::Equal)
            }
            _ => return Err(format!("{} is compared with {}", self.kind(), other.kind())),
        })
    }
}

/// Microseconds since 1970 of a date or an instant of ISO 8601 without a zone or in UTC.
pub(super) fn time_of(text: &str) -> Option<f64> {
    let text = text.trim();
    let text = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00")).unwrap_or(text);
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.split('-');
    let mut part = |length: usize| -> Option<i64> {
        let part = parts.next()?;
        let is_whole = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        is_whole.then(|| part.parse().ok()).flatten()
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
        return None;
    }
    let days = days_from_civil(year, month, day) as f64;
    let seconds = match rest.strip_prefix(['T', ' ']) {
        None if rest.is_empty() => 0.0,
        None => return None,
        Some(time) => {
            let mut parts = time.splitn(3, ':');
            let hour: u32 = parts.next()?.parse().ok()?;
            let minute: u32 = parts.next()?.parse().ok()?;
            let second: f64 = parts.next().map_or(Some(0.0), |second| second.parse().ok())?;
            if hour > 23 || minute > 59 || !(0.0..60.0).contains(&second) {
                return None;
            }
            f64::from(hour) * 3600.0 + f64::from(minute) * 60.0 + second
        }
    };
    Some(days * DAY + seconds * 1e6)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 in the proleptic Gregorian calendar (Howard Hinnant, `days_from_civil`).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
