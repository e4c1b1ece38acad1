//! Dates whose parts stand in an order: `31/05/2024`, `5/31/2024 9:30 AM`, `31-May-2024`, `May 31, 2024`, `2024.5.31`.
//!
//! The year has four digits, so that nothing is guessed about the century. Months are numbers or English names.

use jiff::civil::{Date, Time};
use schema::DateOrder;

use super::{calendar, clock};

/// Longest text that is looked at.
const MAX_LENGTH: usize = 48;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A text that has the shape of a date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SpelledDate {
    /// Microseconds since 1970; none for a date that the calendar does not have, such as 30 February or day 0, and for
    /// 9999-12-31, which stands for no date.
    pub(super) value: Option<f64>,
    /// Whether it has a time.
    pub(super) has_time: bool,
    /// Whether the time is midnight, or there is none.
    pub(super) is_midnight: bool,
}

#[derive(Clone, Copy)]
enum Part {
    Number { value: i16, digits: usize },
    Month(i16),
}

/// The parts of a date in the order of the text, before one of the orders is chosen.
pub(super) struct Parts<'a> {
    parts: [Part; 3],
    rest: &'a [u8],
}

impl<'a> Parts<'a> {
    /// The parts of a text that has the shape of a date in any order.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_LENGTH {
            return None;
        }
        let (first, rest) = part(text.as_bytes())?;
        let (one, rest) = separator(rest)?;
        let (second, rest) = part(rest)?;
        let (other, rest) = separator(rest)?;
        let (third, rest) = part(rest)?;
        let named = [first, second].iter().any(|part| matches!(part, Part::Month(_)));
        // Blanks stand between the parts only where a month has its name: `1 234 567` is no date.
        let alike = one == other && one != b' ';
        (named || alike).then_some(Self { parts: [first, second, third], rest })
    }

    /// Whether the month has its name.
    pub(super) fn is_named(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Month(_)))
    }

    /// The date in an order; none where the parts do not have it.
    pub(super) fn read(&self, order: DateOrder) -> Option<SpelledDate> {
        let [first, second, third] = self.parts;
        let (year, month, day) = match order {
            DateOrder::DayFirst => (third, second, first),
            DateOrder::MonthFirst => (third, first, second),
            DateOrder::YearFirst => (first, second, third),
        };
        let year = match year {
            Part::Number { value, digits: 4 } => value,
            _ => return None,
        };
        let month = match month {
            Part::Month(month) => month,
            Part::Number { value, digits: 1 | 2 } if value <= 12 => value,
            Part::Number { .. } => return None,
        };
        let day = match day {
            Part::Number { value, digits: 1 | 2 } if value <= 31 => value,
            _ => return None,
        };
        let date = calendar_date(year, month, day);
        let (has_time, since_midnight, offset) = match self.rest {
            [] => (false, 0.0, 0),
            [b'T' | b't' | b' ', rest @ ..] => {
                let (seconds, rest) = clock::leading(rest)?;
                (true, seconds * 1e6, calendar::offset(rest)?)
            }
            _ => return None,
        };
        let instant = |date: Date| {
            let midnight = calendar::microseconds(date.to_datetime(Time::midnight()))?;
            Some(midnight + since_midnight - offset as f64 * 60e6)
        };
        Some(SpelledDate {
            value: date.and_then(instant),
            has_time,
            is_midnight: since_midnight == 0.0,
        })
    }

    /// The day on which it is midnight, or that has no time: midnight where the text is written, whatever its zone.
    pub(super) fn day(&self, order: DateOrder) -> Option<f64> {
        let spelled = self.read(order).filter(|spelled| spelled.is_midnight)?;
        if !spelled.has_time {
            return spelled.value;
        }
        let date = Self { parts: self.parts, rest: &[] };
        date.read(order)?.value
    }
}

/// A date of the calendar; 9999-12-31 stands for no date.
fn calendar_date(year: i16, month: i16, day: i16) -> Option<Date> {
    if (year, month, day) == (9999, 12, 31) || year == 0 {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn part(text: &[u8]) -> Option<(Part, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits > 0 {
        let (figures, rest) = text.split_at_checked(digits).filter(|_| digits <= 4)?;
        let value = figures.iter().fold(0, |sum, digit| sum * 10 + i16::from(digit - b'0'));
        return Some((Part::Number { value, digits }, rest));
    }
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (name, rest) = text.split_at_checked(letters).filter(|_| (3..=9).contains(&letters))?;
    let is_name = |month: &str| {
        let short = letters == 3 || (letters == 4 && month.starts_with("sept"));
        (short || month.len() == letters)
            && month.as_bytes().get(..letters).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
    };
    let month = MONTHS.iter().position(|month| is_name(month))?;
    Some((Part::Month(i16::try_from(month).ok()? + 1), rest))
}

/// What stands between two parts: a slash, a dash or a dot, a comma with blanks, or blanks.
fn separator(text: &[u8]) -> Option<(u8, &[u8])> {
    let (sign, rest) = match text {
        [sign @ (b'/' | b'-'), rest @ ..] => return Some((*sign, rest)),
        [sign @ (b'.' | b','), rest @ ..] => (*sign, rest),
        [b' ', ..] => (b' ', text),
        _ => return None,
    };
    let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
    let rest = rest.get(blanks..).unwrap_or_default();
    match (sign, blanks) {
        (b',', 0) => None,
        (b',', _) => Some((b' ', rest)),
        _ => Some((sign, rest)),
    }
}
