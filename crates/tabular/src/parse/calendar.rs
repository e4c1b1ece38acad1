//! Dates and instants as ISO 8601 and RFC 3339 write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A date such as `2024-05-01`, as microseconds from 1970-01-01 to its midnight.
#[must_use]
pub fn date(text: &str) -> Option<f64> {
    let text = text.trim().as_bytes();
    let (date, rest) = civil_date(text)?;
    rest.is_empty().then(|| microseconds(date.to_datetime(jiff::civil::Time::midnight())))?
}

/// An instant: RFC 3339, or with a space for the `T`, without a zone (UTC then) or without seconds; as microseconds
/// since 1970-01-01T00:00:00Z.
#[must_use]
pub fn timestamp(text: &str) -> Option<f64> {
    let (date, rest) = civil_date(text.trim().as_bytes())?;
    let rest = match rest.split_first()? {
        (b'T' | b't' | b' ', rest) => rest,
        _ => return None,
    };
    let (hour, rest) = two_digits(rest)?;
    let (minute, mut rest) = two_digits(rest.strip_prefix(b":")?)?;
    let (mut second, mut nanosecond) = (0, 0);
    if let Some(after) = rest.strip_prefix(b":") {
        (second, rest) = two_digits(after)?;
        if let Some(after) = rest.strip_prefix(b".") {
            (nanosecond, rest) = fraction(after)?;
        }
    }
    let offset_minutes = offset(rest)?;
    let time = DateTime::new(
        date.year(),
        date.month(),
        date.day(),
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
        i8::try_from(second).ok()?,
        nanosecond,
    )
    .ok()?;
    microseconds(time.checked_sub(offset_minutes.minutes()).ok()?)
}

/// The UTC date and time of microseconds since 1970; none where missing or out of the calendar.
pub(crate) fn civil(value: f64) -> Option<DateTime> {
    if !value.is_finite() || value.abs() > 9e18 {
        return None;
    }
    let timestamp = Timestamp::from_microsecond(value.round() as i64).ok()?;
    Some(timestamp.to_zoned(TimeZone::UTC).datetime())
}

pub(super) fn microseconds(time: DateTime) -> Option<f64> {
    let zoned = time.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_microsecond() as f64)
}

fn civil_date(text: &[u8]) -> Option<(Date, &[u8])> {
    let (century, rest) = two_digits(text)?;
    let (year, rest) = two_digits(rest)?;
    let (month, rest) = two_digits(rest.strip_prefix(b"-")?)?;
    let (day, rest) = two_digits(rest.strip_prefix(b"-")?)?;
    let year = i16::try_from(century * 100 + year).ok().filter(|year| *year > 0)?;
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some((date, rest))
}

fn two_digits(text: &[u8]) -> Option<(i32, &[u8])> {
    match text {
        [tens, units, rest @ ..] if tens.is_ascii_digit() && units.is_ascii_digit() => {
            Some((i32::from(tens - b'0') * 10 + i32::from(units - b'0'), rest))
        }
        _ => None,
    }
}

fn fraction(text: &[u8]) -> Option<(i32, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || digits > 9 {
        return None;
    }
    let (figures, rest) = text.split_at_checked(digits)?;
    let read = figures.iter().fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
    let scale = 10_i32.checked_pow(u32::try_from(9 - digits).ok()?)?;
    Some((read * scale, rest))
}

/// Minutes that a zone is ahead of UTC: nothing, `Z`, `+02:00`, `-0530` or, as DuckDB and PostgreSQL write it, `+02`.
pub(super) fn offset(text: &[u8]) -> Option<i64> {
    match text {
        [] | [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let (hours, rest) = two_digits(rest)?;
            let (minutes, rest) = match rest {
                [] => (0, rest),
                _ => two_digits(rest.strip_prefix(b":").unwrap_or(rest))?,
            };
            let size = i64::from(hours * 60 + minutes);
            (rest.is_empty() && hours < 24 && minutes < 60).then_some(if *sign == b'+' {
                size
            } else {
                -size
            })
        }
        _ => None,
    }
}
