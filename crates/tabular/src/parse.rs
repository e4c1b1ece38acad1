//! The one place where text becomes a value.
//!
//! Reading files, inferring types and the model server's requests all come through here, so that a value means the
//! same in training and in serving. Nothing is guessed: `yes` and `no` stay text, as do numbers with leading zeros
//! (codes such as `00123`) and whole numbers that a double cannot hold exactly (long identifiers). A form other than the
//! plain one ([`TextForm`]) is concluded from all values of a column, and kept with it.

mod calendar;
mod clock;
mod columns;
mod dates;
mod evidence;
mod numbers;

use std::sync::Arc;

use schema::DecimalSign;
use serde::{Deserialize, Serialize};

pub(crate) use self::calendar::civil;
pub use self::calendar::{date, timestamp};
pub use self::columns::{ColumnReader, Misfit, identity};
use self::evidence::{Conclusion, Evidence};
use crate::{ColumnType, DateOrder, Field, TextForm};

/// Microseconds of a day.
pub const DAY_MICROSECONDS: f64 = 86_400_000_000.0;

/// Greatest whole number up to which every whole number is a double.
const EXACT_INTEGER: i64 = 1 << 53;

/// Texts that mean a missing value, compared after trimming. A marker that is a number means every spelling of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct MissingMarkers {
    texts: Arc<[String]>,
    numbers: Arc<[f64]>,
    /// The last bytes of all markers, by which most values are told from them at once.
    lasts: [u64; 4],
}

impl Eq for MissingMarkers {}

impl From<Vec<String>> for MissingMarkers {
    fn from(texts: Vec<String>) -> Self {
        let numbers = texts.iter().filter_map(|text| number(text)).collect();
        let mut lasts = [0; 4];
        for last in texts.iter().filter_map(|marker| marker.as_bytes().last()) {
            if let Some(word) = lasts.get_mut(usize::from(last >> 6)) {
                *word |= 1 << (last & 63);
            }
        }
        Self { texts: texts.into(), numbers, lasts }
    }
}

impl From<MissingMarkers> for Vec<String> {
    fn from(markers: MissingMarkers) -> Self {
        markers.texts.to_vec()
    }
}

impl Default for MissingMarkers {
    fn default() -> Self {
        Self::DEFAULT.map(str::to_owned).to_vec().into()
    }
}

impl MissingMarkers {
    /// The texts that are missing values unless configured otherwise: those that pandas reads as such, and `?`.
    pub const DEFAULT: [&'static str; 20] = [
        "", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "#N/A", "#N/A N/A", "#NA",
        "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "n/a",
    ];

    /// No marker but the empty text.
    #[must_use]
    pub fn none() -> Self {
        Self::only::<&str>(&[])
    }

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
        all.into()
    }

    /// Whether a text means that there is no value.
    #[must_use]
    pub fn is_missing(&self, text: &str) -> bool {
        let text = text.trim();
        let Some(last) = text.as_bytes().last() else { return true };
        let word = self.lasts.get(usize::from(last >> 6)).copied().unwrap_or(0);
        word >> (last & 63) & 1 == 1 && self.texts.iter().any(|marker| marker == text)
    }

    /// Whether a number of a column of numbers means that there is no value.
    #[must_use]
    pub fn is_missing_number(&self, value: f64) -> bool {
        self.numbers.contains(&value)
    }

    /// The markers, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.texts
    }
}

/// Parses a finite number, white space around it left out; none for any other text.
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

/// A text as a value of a numeric type, in the form of its column or in the plain one; none when it is not one.
/// [`ColumnType::Text`] has no numeric value.
#[must_use]
pub fn value(text: &str, column_type: ColumnType, form: &TextForm) -> Option<f64> {
    match (column_type, form) {
        (ColumnType::Text, _) => None,
        (ColumnType::Boolean, _) => boolean(text).map(|value| if value { 1.0 } else { 0.0 }),
        (ColumnType::Date, TextForm::Date(order)) => {
            day(text).or_else(|| dates::Parts::of(text)?.day(*order))
        }
        (ColumnType::Date, _) => day(text),
        (ColumnType::Timestamp, TextForm::Date(order)) => {
            let in_order = || dates::Parts::of(text)?.read(*order)?.value;
            timestamp(text).or_else(|| date(text)).or_else(in_order)
        }
        (ColumnType::Timestamp, _) => timestamp(text).or_else(|| date(text)),
        (ColumnType::Integer | ColumnType::Number, form) => {
            let read = match form {
                TextForm::Number(form) => numbers::read(text, form),
                TextForm::TimeOfDay => clock::time_of_day(text).or_else(|| number(text)),
                TextForm::Duration => clock::duration(text).or_else(|| number(text)),
                TextForm::Plain | TextForm::Date(_) => number(text),
            };
            read.filter(|value| column_type == ColumnType::Number || value.fract() == 0.0)
        }
    }
}

/// What a text of a column is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// A marker of missing values, or a date that the calendar does not have or that stands for none, such as 0000-00-00.
    Missing,
    /// A value of the column's type.
    Value(f64),
    /// No value of the column's type.
    Misfit,
}

/// A text of a column of numbers, booleans, dates or instants.
#[must_use]
pub fn read(text: &str, field: &Field, markers: &MissingMarkers) -> Reading {
    if markers.is_missing(text) {
        return Reading::Missing;
    }
    let is_number = matches!(field.column_type, ColumnType::Integer | ColumnType::Number);
    match value(text, field.column_type, &field.form) {
        Some(value) if is_number && markers.is_missing_number(value) => Reading::Missing,
        Some(value) => Reading::Value(value),
        None if field.column_type.is_temporal() && is_special_date(text, &field.form) => {
            Reading::Missing
        }
        None => Reading::Misfit,
    }
}

/// A day: a date, or an instant at midnight where it is written, whatever its zone; as microseconds from 1970-01-01 to its
/// midnight.
fn day(text: &str) -> Option<f64> {
    date(text)
        .or_else(|| dates::Parts::of(text).filter(|_| is_iso(text))?.day(DateOrder::YearFirst))
}

/// Whether a text begins as `2024-05-31` does.
fn is_iso(text: &str) -> bool {
    let text = text.trim().as_bytes();
    let is_digit = |at: &usize| text.get(*at).is_some_and(u8::is_ascii_digit);
    [0, 1, 2, 3, 5, 6, 8, 9].iter().all(is_digit)
        && [4, 7].iter().all(|at| text.get(*at) == Some(&b'-'))
}

/// Whether a text has the shape of a date but is none of the calendar, or stands for none: 0000-00-00, 2024-02-30,
/// 9999-12-31.
fn is_special_date(text: &str, form: &TextForm) -> bool {
    let Some(parts) = dates::Parts::of(text) else { return false };
    let is_special = |order| parts.read(order).is_some_and(|found| found.value.is_none());
    match form {
        TextForm::Date(order) if is_special(*order) => true,
        _ => is_iso(text) && is_special(DateOrder::YearFirst),
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

fn has_leading_zero(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text).as_bytes();
    matches!(digits, [b'0', second, ..] if second.is_ascii_digit())
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
    /// Number of booleans.
    pub boolean: u64,
    /// Number of dates without a time.
    pub date: u64,
    /// Number of dates with a time.
    pub timestamp: u64,
    /// Dates that the calendar does not have or that stand for none, such as 0000-00-00 and 9999-12-31.
    #[serde(default)]
    pub special: u64,
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
        self.integer
            + self.number
            + self.boolean
            + self.date
            + self.timestamp
            + self.special
            + self.text
    }

    /// The narrowest type that every value fits; text where they do not agree or none is there.
    #[must_use]
    pub fn column_type(&self) -> ColumnType {
        let numbers = self.integer + self.number;
        let present = if numbers > 0 { self.finite() } else { self.present() };
        let moments = self.date + self.timestamp;
        if present == 0 || self.text > 0 {
            ColumnType::Text
        } else if self.boolean == present {
            ColumnType::Boolean
        } else if self.integer == present {
            ColumnType::Integer
        } else if numbers == present {
            ColumnType::Number
        } else if moments + self.special == present && moments > self.special {
            // Dates that the calendar does not have are missing where most are dates.
            if self.timestamp == 0 { ColumnType::Date } else { ColumnType::Timestamp }
        } else {
            ColumnType::Text
        }
    }
}

/// Concludes the type of a column and the form of its texts from all its values.
#[derive(Clone, Debug, Default)]
pub struct TypeInference {
    markers: MissingMarkers,
    counts: KindCounts,
    evidence: Evidence,
    decimal: Option<DecimalSign>,
    date_order: Option<DateOrder>,
}

impl TypeInference {
    /// An inference that has seen no value.
    #[must_use]
    pub fn new(markers: MissingMarkers) -> Self {
        Self { markers, ..Self::default() }
    }

    /// The same, with numbers of this decimal sign alone, where one is stated.
    #[must_use]
    pub fn with_decimal(self, decimal: Option<DecimalSign>) -> Self {
        Self { decimal, ..self }
    }

    /// The same, with dates in figures of this order alone, where one is stated.
    #[must_use]
    pub fn with_date_order(self, date_order: Option<DateOrder>) -> Self {
        Self { date_order, ..self }
    }

    /// Takes a value into account.
    pub fn observe(&mut self, text: &str) {
        if self.markers.is_missing(text) {
            self.counts.missing += 1;
            return;
        }
        let (texts, numbers) = (self.counts.text, self.counts.number);
        *kind(text, &mut self.counts) += 1;
        if self.counts.text > texts {
            self.evidence.observe_text(text);
        } else if self.counts.number > numbers {
            self.evidence.observe_number(text);
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
        a.special += b.special;
        a.text += b.text;
        a.not_finite += b.not_finite;
        self.evidence.merge(&other.evidence);
    }

    /// The type, whether values are missing, and the counts; [`Self::field`] has the form as well.
    #[must_use]
    pub fn finish(&self) -> (ColumnType, bool, KindCounts) {
        let found = self.conclusion();
        let column_type = found.as_ref().map_or(self.counts.column_type(), |of| of.column_type);
        let mut counts = self.counts;
        if column_type.is_numeric() {
            counts.missing += counts.not_finite;
        }
        (column_type, self.missing() > 0, counts)
    }

    /// The column as all its values say.
    #[must_use]
    pub fn field(&self, name: impl Into<String>) -> Field {
        let (column_type, nullable, _) = self.finish();
        let form = self.conclusion().map(|found| found.form).unwrap_or_default();
        Field { name: name.into(), column_type, nullable, form }
    }

    /// Values that are missing in a column of the concluded type.
    #[must_use]
    pub fn missing(&self) -> u64 {
        let found = self.conclusion();
        let column_type = found.as_ref().map_or(self.counts.column_type(), |of| of.column_type);
        let not_finite = if column_type.is_numeric() { self.counts.not_finite } else { 0 };
        self.counts.missing + not_finite + found.map_or(0, |found| found.special)
    }

    /// What a person should know of the conclusion, naming the column, without a full stop.
    #[must_use]
    pub fn remarks(&self, column: &str) -> Vec<String> {
        let words = match self.conclusion() {
            Some(found) => evidence::words(&self.evidence, &self.counts, &found),
            None if self.counts.column_type() == ColumnType::Text => {
                let unclear = self.evidence.unclear(&self.counts);
                unclear.map(|why| format!("it is taken as text: {why}")).into_iter().collect()
            }
            None => Vec::new(),
        };
        words.into_iter().map(|words| format!("column `{column}`: {words}")).collect()
    }

    /// The form of the texts, or the dates with those that the calendar does not have; none where the values are plain.
    fn conclusion(&self) -> Option<Conclusion> {
        let plain = self.counts.column_type();
        if plain.is_temporal() && self.counts.special > 0 {
            let (form, special) = (TextForm::Plain, self.counts.special);
            return Some(Conclusion { column_type: plain, form, special });
        }
        self.evidence.conclude(&self.counts, self.decimal, self.date_order)
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
        if is_special_date(text, &TextForm::Plain) {
            return &mut counts.special;
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
