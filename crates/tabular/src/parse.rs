//! The one place where text becomes a value.
//!
//! Reading files, inferring types and the model server's requests all come through here, so that a value means the
//! same in training and in serving. Nothing is guessed: `yes` and `no` stay text, as do numbers with leading zeros
//! (codes such as `00123`) and whole numbers that a double cannot hold exactly (long identifiers).

use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::ColumnType;

/// Microseconds of a day.
pub const DAY_MICROSECONDS: f64 = 86_400_000_000.0;

/// Greatest whole number up to which every whole number is a double.
const EXACT_INTEGER: i64 = 1 << 53;

/// Texts that mean a missing value, compared after trimming.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct MissingMarkers {
    all: Arc<[String]>,
    /// The last bytes of all markers, by which most values are told from them at once.
    lasts: [u64; 4],
}

impl Default for MissingMarkers {
    fn default() -> Self {
        Self::of(Self::DEFAULT.iter().map(|marker| (*marker).to_owned()).collect())
    }
}

impl From<Vec<String>> for MissingMarkers {
    fn from(all: Vec<String>) -> Self {
        Self::of(all)
    }
}

impl From<MissingMarkers> for Vec<String> {
    fn from(markers: MissingMarkers) -> Self {
        markers.all.to_vec()
    }
}

impl MissingMarkers {
    /// The texts that are missing values unless configured otherwise: those that pandas reads as such, and `?`.
    pub const DEFAULT: [&'static str; 20] = [
        "", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "#N/A", "#N/A N/A", "#NA",
        "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "n/a",
    ];

    /// Exactly these markers, besides the empty text.
    #[must_use]
    pub fn only<S: AsRef<str>>(markers: &[S]) -> Self {
        Self::collect(std::iter::empty(), markers)
    }

    /// The default markers and these.
    #[must_use]
    pub fn with<S: AsRef<str>>(markers: &[S]) -> Self {
        Self::collect(Self::DEFAULT.into_iter(), markers)
    }

    fn collect<'a, S: AsRef<str> + 'a>(base: impl Iterator<Item = &'a str>, more: &'a [S]) -> Self {
        let mut all = vec![String::new()];
        for marker in base.chain(more.iter().map(|marker| marker.as_ref().trim())) {
            if !all.iter().any(|known| known == marker) {
                all.push(marker.to_owned());
            }
        }
        Self::of(all)
    }

    fn of(all: Vec<String>) -> Self {
        let mut lasts = [0; 4];
        for last in all.iter().filter_map(|marker| marker.as_bytes().last()) {
            if let Some(word) = lasts.get_mut(usize::from(last >> 6)) {
                *word |= 1 << (last & 63);
            }
        }
        Self { all: all.into(), lasts }
    }

    /// Whether a text means that there is no value.
    #[must_use]
    pub fn is_missing(&self, text: &str) -> bool {
        let text = text.trim();
        let Some(last) = text.as_bytes().last() else { return true };
        let word = self.lasts.get(usize::from(last >> 6)).copied().unwrap_or(0);
        word >> (last & 63) & 1 == 1 && self.all.iter().any(|marker| marker == text)
    }

    /// The markers, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.all
    }
}

/// A finite number.
#[must_use]
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    // Rust reads `inf` and `nan` as well; neither is a value here.
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Whether a text is a number that is not finite: `inf`, `-Infinity`, `NAN`, or one beyond the range of a double, such as `1e999`.
#[must_use]
pub fn is_not_finite(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok_and(|value| !value.is_finite())
}

/// A whole number that a double holds exactly, without leading zeros.
#[must_use]
pub fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    if has_leading_zero(text) {
        return None;
    }
    text.parse::<i64>().ok().filter(|value| value.unsigned_abs() <= EXACT_INTEGER.unsigned_abs())
}

/// `true`, `True`, `TRUE` and their opposites; nothing else.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

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

/// A text as a value of a numeric type; none when it is not one. [`ColumnType::Text`] has no numeric value.
#[must_use]
pub fn value(text: &str, column_type: ColumnType) -> Option<f64> {
    match column_type {
        ColumnType::Integer => number(text).filter(|value| value.fract() == 0.0),
        ColumnType::Number => number(text),
        ColumnType::Boolean => boolean(text).map(|value| if value { 1.0 } else { 0.0 }),
        ColumnType::Date => date(text),
        ColumnType::Timestamp => timestamp(text).or_else(|| date(text)),
        ColumnType::Text => None,
    }
}

/// A value of a numeric type as the text that [`value`] reads back.
#[must_use]
pub fn format(value: f64, column_type: ColumnType) -> String {
    match column_type {
        ColumnType::Boolean => if value == 0.0 { "false" } else { "true" }.to_owned(),
        ColumnType::Date => civil(value).map(|time| time.date().to_string()).unwrap_or_default(),
        ColumnType::Timestamp => civil(value).map(|time| format!("{time}Z")).unwrap_or_default(),
        ColumnType::Integer | ColumnType::Number | ColumnType::Text => format!("{value}"),
    }
}

/// The UTC date and time of microseconds since 1970; none where missing or out of the calendar.
pub(crate) fn civil(value: f64) -> Option<DateTime> {
    if !value.is_finite() || value.abs() > 9e18 {
        return None;
    }
    let timestamp = Timestamp::from_microsecond(value.round() as i64).ok()?;
    Some(timestamp.to_zoned(TimeZone::UTC).datetime())
}

fn microseconds(time: DateTime) -> Option<f64> {
    let zoned = time.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_microsecond() as f64)
}

fn has_leading_zero(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text).as_bytes();
    matches!(digits, [b'0', second, ..] if second.is_ascii_digit())
}

fn civil_date(text: &[u8]) -> Option<(Date, &[u8])> {
    let (century, rest) = two_digits(text)?;
    let (year, rest) = two_digits(rest)?;
    let (month, rest) = two_digits(rest.strip_prefix(b"-")?)?;
    let (day, rest) = two_digits(rest.strip_prefix(b"-")?)?;
    let year = i16::try_from(century * 100 + year).ok()?;
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

fn offset(text: &[u8]) -> Option<i64> {
    match text {
        [] | [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let (hours, rest) = two_digits(rest)?;
            let (minutes, rest) = two_digits(rest.strip_prefix(b":").unwrap_or(rest))?;
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

/// How many values of a column were of which kind. Each value is counted once, as the narrowest kind that it fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCounts {
    /// Number of missing values.
    pub missing: u64,
    /// Number of whole numbers.
    pub integer: u64,
    /// Number of numbers that are not whole.
    pub number: u64,
    /// True and false.
    pub boolean: u64,
    /// Number of dates without a time.
    pub date: u64,
    /// Number of dates with a time.
    pub timestamp: u64,
    /// Number of other texts.
    pub text: u64,
    /// Numbers that are infinite, no numbers (`NAN`), or beyond the range of a double: no values where the others are numbers.
    #[serde(default)]
    pub not_finite: u64,
}

impl KindCounts {
    /// Values that are not missing; those that are no finite numbers are counted.
    #[must_use]
    pub fn present(&self) -> u64 {
        self.finite() + self.not_finite
    }

    fn finite(&self) -> u64 {
        self.integer + self.number + self.boolean + self.date + self.timestamp + self.text
    }

    /// The narrowest type that every value fits; text where they do not agree or none is there.
    #[must_use]
    pub fn column_type(&self) -> ColumnType {
        let numbers = self.integer + self.number;
        let present = if numbers > 0 { self.finite() } else { self.present() };
        if present == 0 || self.text > 0 {
            ColumnType::Text
        } else if self.boolean == present {
            ColumnType::Boolean
        } else if self.integer == present {
            ColumnType::Integer
        } else if numbers == present {
            ColumnType::Number
        } else if self.date == present {
            ColumnType::Date
        } else if self.date + self.timestamp == present {
            ColumnType::Timestamp
        } else {
            ColumnType::Text
        }
    }
}

/// Concludes the type of a column from all its values.
#[derive(Clone, Debug, Default)]
pub struct TypeInference {
    markers: MissingMarkers,
    counts: KindCounts,
}

impl TypeInference {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(markers: MissingMarkers) -> Self {
        Self { markers, counts: KindCounts::default() }
    }

    /// Takes a value into account.
    pub fn observe(&mut self, text: &str) {
        let counts = &mut self.counts;
        if self.markers.is_missing(text) {
            counts.missing += 1;
        } else if counts.text > 0 {
            // The type is text already; how the others would read does not matter any more.
            counts.text += 1;
        } else {
            *kind(text, counts) += 1;
        }
    }

    /// Takes a missing value into account.
    pub fn observe_missing(&mut self) {
        self.counts.missing += 1;
    }

    /// Adds what another one saw of the same column.
    pub fn merge(&mut self, other: &Self) {
        let (a, b) = (&mut self.counts, &other.counts);
        a.missing += b.missing;
        a.integer += b.integer;
        a.number += b.number;
        a.boolean += b.boolean;
        a.date += b.date;
        a.timestamp += b.timestamp;
        a.text += b.text;
        a.not_finite += b.not_finite;
    }

    /// The type, whether values are missing, and the counts; numbers that are not finite are missing among numbers.
    #[must_use]
    pub fn finish(&self) -> (ColumnType, bool, KindCounts) {
        let (column_type, mut counts) = (self.counts.column_type(), self.counts);
        if column_type.is_numeric() {
            counts.missing += counts.not_finite;
        }
        (column_type, counts.missing > 0, counts)
    }
}

fn kind<'a>(text: &str, counts: &'a mut KindCounts) -> &'a mut u64 {
    let text = text.trim();
    let first = text.as_bytes().first().copied().unwrap_or(b' ');
    if first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.') {
        if integer(text).is_some() {
            return &mut counts.integer;
        }
        let whole = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+'));
        if !has_leading_zero(text) && !whole && number(text).is_some() {
            return &mut counts.number;
        }
        // `00.5` has a leading zero, `0.5` has not: the second figure is no digit there.
        if date(text).is_some() {
            return &mut counts.date;
        }
        if timestamp(text).is_some() {
            return &mut counts.timestamp;
        }
        // Digits alone are an identifier, however many they are.
        if !whole && is_not_finite(text) {
            return &mut counts.not_finite;
        }
    } else if boolean(text).is_some() {
        return &mut counts.boolean;
    } else if matches!(first, b'i' | b'I' | b'n' | b'N') && is_not_finite(text) {
        return &mut counts.not_finite;
    }
    &mut counts.text
}

#[cfg(test)]
mod tests;
