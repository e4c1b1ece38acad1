//! Which of up to three numbers is the year, which the month and which the day.

use super::{Fault, Step, days_of, is_digits, truncated, whole};

/// The numbers, and what each is where it is known.
#[derive(Debug, Default)]
pub(super) struct Members {
    values: Vec<i64>,
    has_century: bool,
    year: Option<usize>,
    month: Option<usize>,
}

type Resolved = (Option<i64>, Option<i64>, Option<i64>);

impl Members {
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the year has its century.
    pub(super) fn has_century(&self) -> bool {
        self.has_century
    }

    /// Digits; more than two are a year.
    pub(super) fn push_text(&mut self, digits: &str, is_year: bool) -> Step<()> {
        let is_long = is_digits(digits) && digits.len() > 2;
        self.has_century |= is_long;
        self.push(whole(digits)?, is_year || is_long)
    }

    /// A decimal number; one beyond 100 is a year.
    pub(super) fn push_number(&mut self, token: &str) -> Step<()> {
        let is_long = exceeds(token, 100)?;
        self.has_century |= is_long;
        self.push(truncated(token)?, is_long)
    }

    pub(super) fn push_month(&mut self, month: i64) -> Step<()> {
        if self.month.is_some() {
            return Err(Fault::NoDate);
        }
        self.month = Some(self.values.len());
        self.values.push(month);
        Ok(())
    }

    fn push(&mut self, value: i64, is_year: bool) -> Step<()> {
        if is_year {
            if self.year.is_some() {
                return Err(Fault::NoDate);
            }
            self.year = Some(self.values.len());
        }
        self.values.push(value);
        Ok(())
    }

    /// Whether a decimal number can be the day of what is known.
    pub(super) fn could_be_day(&self, token: &str) -> Step<bool> {
        let value = |place: Option<usize>| place.and_then(|place| self.values.get(place)).copied();
        let last = match (value(self.month), value(self.year)) {
            (None, _) => 31,
            // A year that is not known may be a leap year.
            (Some(month), year) => days_of(year.unwrap_or(2000), month),
        };
        Ok(truncated(token)? >= 1 && !exceeds(token, last)?)
    }

    /// The year, the month and the day.
    pub(super) fn resolved(&self) -> Step<Resolved> {
        let known = usize::from(self.year.is_some()) + usize::from(self.month.is_some());
        let count = self.values.len();
        if known > 0 && (count == known || (count == 3 && known == 2)) {
            let value =
                |place: Option<usize>| place.and_then(|place| self.values.get(place)).copied();
            let rest =
                (0..count).find(|place| Some(*place) != self.year && Some(*place) != self.month);
            return Ok((value(self.year), value(self.month), value(rest)));
        }
        match (self.values.as_slice(), self.month) {
            ([], _) => Ok((None, None, None)),
            ([month], Some(_)) => Ok((None, Some(*month), None)),
            ([other], None) => Ok(year_or_day(*other, None)),
            ([month, other], Some(0)) | ([other, month], Some(_)) => {
                Ok(year_or_day(*other, Some(*month)))
            }
            ([first, second], None) => Ok(match (*first > 31, *second > 31) {
                (true, _) => (Some(*first), Some(*second), None),
                (false, true) => (Some(*second), Some(*first), None),
                // 01-13
                (false, false) => (None, Some(*first), Some(*second)),
            }),
            ([first, second, third], month) => {
                let (year, month, day) = match month {
                    // Apr-2003-25
                    Some(0) if *second > 31 => (second, first, third),
                    Some(0) => (third, first, second),
                    // 99-Jan-01
                    Some(1) if *first > 31 => (first, second, third),
                    Some(1) => (third, second, first),
                    // 01-99-Jan
                    Some(_) if *second > 31 => (second, third, first),
                    Some(_) => (first, third, second),
                    // 99-01-01
                    None if *first > 31 || self.year == Some(0) => (first, second, third),
                    // 13-01-01
                    None if *first > 12 => (third, second, first),
                    // 01-13-01
                    None => (third, first, second),
                };
                Ok((Some(*year), Some(*month), Some(*day)))
            }
            _ => Err(Fault::NoDate),
        }
    }
}

/// What is beyond 31 is no day.
fn year_or_day(value: i64, month: Option<i64>) -> Resolved {
    if value > 31 { (Some(value), month, None) } else { (None, month, Some(value)) }
}

/// Whether a decimal number is greater than a whole one.
fn exceeds(token: &str, limit: i64) -> Step<bool> {
    let fraction = token.split_once('.').map_or("", |(_, fraction)| fraction);
    let has_fraction = fraction.bytes().any(|digit| digit != b'0');
    let value = truncated(token)?;
    Ok(value > limit || (value == limit && has_fraction))
}
