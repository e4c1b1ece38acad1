//! Formats of dates as Python's `datetime.strptime` has them, in English.
//!
//! ```text
//! format ─ new ─▶ items ─ matched against the whole text, the first way that fits ─▶ numbers ─▶ is there such a moment?
//! ```
//!
//! Each directive tries its forms in Python's order, as the regular expression does that Python makes of a format.

use crate::digits::digit;
use crate::error::{Place, SuiteError};

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
const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// A format of dates.
#[derive(Clone, Debug)]
pub(crate) struct DateFormat(Vec<Item>);

#[derive(Clone, Copy, Debug)]
enum Item {
    /// One white space or more.
    Space,
    /// The character, whatever its case.
    Literal(char),
    /// A number in one of these forms.
    Number(Part, &'static [&'static [Class]]),
    /// One digit of ASCII to six.
    Fraction,
    /// A name of a month, or its first three letters.
    Month {
        whole: bool,
    },
    Weekday {
        whole: bool,
    },
    /// One of some words.
    Word([&'static str; 2]),
    /// A distance from UTC.
    Offset,
}

/// What a number says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Year,
    /// A year without its century.
    Short,
    Month,
    Day,
    Second,
    /// Nothing that has to fit to others.
    Other,
}

/// A character of a number.
#[derive(Clone, Copy, Debug)]
enum Class {
    /// A digit of any script.
    Digit,
    /// A digit of ASCII in a range.
    Of(u32, u32),
    Blank,
}

/// What a text says, as far as it has to fit together.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    year: Option<u32>,
    short: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
    second: Option<u32>,
}

use Class::{Blank, Digit, Of};

const FOUR: &[&[Class]] = &[&[Digit, Digit, Digit, Digit]];
const TWO: &[&[Class]] = &[&[Digit, Digit]];
/// 1 to 12.
const TWELVE: &[&[Class]] = &[&[Of(1, 1), Of(0, 2)], &[Of(0, 0), Of(1, 9)], &[Of(1, 9)]];
const DAY: &[&[Class]] = &[
    &[Of(3, 3), Of(0, 1)],
    &[Of(1, 2), Digit],
    &[Of(0, 0), Of(1, 9)],
    &[Of(1, 9)],
    &[Blank, Of(1, 9)],
];
const DAY_OF_YEAR: &[&[Class]] = &[
    &[Of(3, 3), Of(6, 6), Of(0, 6)],
    &[Of(3, 3), Of(0, 5), Digit],
    &[Of(1, 2), Digit, Digit],
    &[Of(0, 0), Of(1, 9), Digit],
    &[Of(0, 0), Of(0, 0), Of(1, 9)],
    &[Of(1, 9), Digit],
    &[Of(0, 0), Of(1, 9)],
    &[Of(1, 9)],
];
const HOUR: &[&[Class]] = &[&[Of(2, 2), Of(0, 3)], &[Of(0, 1), Digit], &[Digit]];
const MINUTE: &[&[Class]] = &[&[Of(0, 5), Digit], &[Digit]];
const SECOND: &[&[Class]] = &[&[Of(6, 6), Of(0, 1)], &[Of(0, 5), Digit], &[Digit]];
const DAY_OF_WEEK: &[&[Class]] = &[&[Of(0, 6)]];

impl DateFormat {
    /// Reads a format.
    ///
    /// # Errors
    /// A directive that is not known, or that says what another one says.
    pub(crate) fn new(place: &Place, format: &str) -> Result<Self, SuiteError> {
        let unknown =
            |directive: String| SuiteError::DateFormat { place: place.clone(), directive };
        let mut items = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        let mut characters = format.chars().peekable();
        while let Some(character) = characters.next() {
            if character.is_whitespace() {
                while characters.next_if(|next| next.is_whitespace()).is_some() {}
                items.push(Item::Space);
                continue;
            }
            if character != '%' {
                items.push(Item::Literal(character));
                continue;
            }
            let directive = characters.next().unwrap_or(' ');
            let (name, item) = match directive {
                'Y' => ("year", Item::Number(Part::Year, FOUR)),
                'y' => ("short", Item::Number(Part::Short, TWO)),
                'm' => ("month", Item::Number(Part::Month, TWELVE)),
                'd' => ("day", Item::Number(Part::Day, DAY)),
                'j' => ("day of the year", Item::Number(Part::Other, DAY_OF_YEAR)),
                'H' => ("hour", Item::Number(Part::Other, HOUR)),
                'I' => ("hour of twelve", Item::Number(Part::Other, TWELVE)),
                'M' => ("minute", Item::Number(Part::Other, MINUTE)),
                'S' => ("second", Item::Number(Part::Second, SECOND)),
                'f' => ("fraction", Item::Fraction),
                'p' => ("half", Item::Word(["am", "pm"])),
                'b' | 'h' => ("name", Item::Month { whole: false }),
                'B' => ("name", Item::Month { whole: true }),
                'a' => ("weekday", Item::Weekday { whole: false }),
                'A' => ("weekday", Item::Weekday { whole: true }),
                'w' => ("day of the week", Item::Number(Part::Other, DAY_OF_WEEK)),
                'z' => ("offset", Item::Offset),
                'Z' => ("zone", Item::Word(["utc", "gmt"])),
                '%' => {
                    items.push(Item::Literal('%'));
                    continue;
                }
                other => return Err(unknown(other.to_string())),
            };
            // Python refuses formats that say something twice.
            if seen.contains(&name) {
                return Err(unknown(format!(
                    "{directive}` for the second time, which is `%{directive}"
                )));
            }
            seen.push(name);
            items.push(item);
        }
        Ok(Self(items))
    }

    /// Whether a text is a date in this format.
    pub(crate) fn reads(&self, text: &str) -> bool {
        matched(&self.0, text, Found::default()).is_some_and(Found::is_moment)
    }
}

/// What the first way says in which the items are the whole text.
fn matched(items: &[Item], text: &str, found: Found) -> Option<Found> {
    let Some((item, items)) = items.split_first() else {
        return text.is_empty().then_some(found);
    };
    let rest = |length: usize| text.get(length..);
    let goes_on = |length: usize| matched(items, rest(length)?, found);
    match *item {
        Item::Space => {
            let ends: Vec<usize> = text
                .char_indices()
                .take_while(|(_, it)| it.is_whitespace())
                .map(|(start, it)| start + it.len_utf8())
                .collect();
            ends.into_iter().rev().find_map(goes_on)
        }
        Item::Literal(literal) => {
            let first = text.chars().next().filter(|first| is_same(*first, literal))?;
            goes_on(first.len_utf8())
        }
        Item::Number(part, forms) => forms.iter().find_map(|form| {
            let (value, length) = number(form, text)?;
            matched(items, rest(length)?, found.with(part, value))
        }),
        Item::Fraction => {
            let digits = text.bytes().take(6).take_while(u8::is_ascii_digit).count();
            (1..=digits).rev().find_map(goes_on)
        }
        Item::Month { whole } => (1..).zip(MONTHS).find_map(|(month, name)| {
            let length = begins(text, if whole { name } else { name.get(..3)? })?;
            matched(items, rest(length)?, Found { month: found.month.or(Some(month)), ..found })
        }),
        Item::Weekday { whole } => WEEKDAYS
            .iter()
            .find_map(|name| goes_on(begins(text, if whole { name } else { name.get(..3)? })?)),
        Item::Word(words) => words.iter().find_map(|word| goes_on(begins(text, word)?)),
        Item::Offset => offsets(text).into_iter().find_map(goes_on),
    }
}

/// A number in a form at the beginning of a text, and its length in bytes.
fn number(form: &[Class], text: &str) -> Option<(u32, usize)> {
    let mut characters = text.char_indices();
    let mut value = 0;
    for class in form {
        let (_, character) = characters.next()?;
        let found = digit(character);
        match *class {
            Class::Blank if character == ' ' => {}
            Class::Digit => value = value * 10 + found?,
            Class::Of(first, last) if character.is_ascii() => {
                value = value * 10 + found.filter(|it| (first..=last).contains(it))?;
            }
            Class::Blank | Class::Of(..) => return None,
        }
    }
    Some((value, characters.offset()))
}

/// The length of a word of ASCII at the beginning of a text, whatever its case.
fn begins(text: &str, word: &str) -> Option<usize> {
    text.get(..word.len()).filter(|it| it.eq_ignore_ascii_case(word)).map(str::len)
}

fn is_same(one: char, other: char) -> bool {
    one == other || one.to_lowercase().eq(other.to_lowercase())
}

/// The lengths of the distances from UTC at the beginning of a text, the longest first: `+01:00`, `-0130`, `+01:30:15.5`, `Z`.
fn offsets(text: &str) -> Vec<usize> {
    if text.starts_with('Z') {
        return vec![1];
    }
    if !text.starts_with(['+', '-']) {
        return Vec::new();
    }
    let pair = |at: usize, form: &[Class]| Some(at + number(form, text.get(at..)?)?.1);
    let colon = |at: usize| at + usize::from(text.get(at..).is_some_and(|it| it.starts_with(':')));
    let sixty: &[Class] = &[Of(0, 5), Digit];
    let Some(minutes) = pair(1, &[Digit, Digit]).and_then(|at| pair(colon(at), sixty)) else {
        return Vec::new();
    };
    let mut lengths = Vec::new();
    if let Some(seconds) = pair(colon(minutes), sixty) {
        if let Some(fraction) = text.get(seconds..).and_then(|it| it.strip_prefix('.')) {
            let ends = fraction.char_indices().take(6).take_while(|(_, it)| digit(*it).is_some());
            let ends: Vec<usize> =
                ends.map(|(start, it)| seconds + 1 + start + it.len_utf8()).collect();
            lengths.extend(ends.into_iter().rev());
        }
        lengths.push(seconds);
    }
    lengths.push(minutes);
    lengths
}

impl Found {
    fn with(mut self, part: Part, value: u32) -> Self {
        match part {
            Part::Year => self.year = Some(value),
            Part::Short => self.short = Some(value),
            Part::Month => self.month = Some(value),
            Part::Day => self.day = Some(value),
            Part::Second => self.second = Some(value),
            Part::Other => {}
        }
        self
    }

    /// Whether there is such a moment.
    fn is_moment(self) -> bool {
        // Two digits stand for 1969 to 2068; nothing for 1900.
        let year = self.year.unwrap_or_else(|| match self.short {
            Some(short) if short < 69 => 2000 + short,
            Some(short) => 1900 + short,
            None => 1900,
        });
        let is_leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match self.month.unwrap_or(1) {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        year >= 1
            && self.day.is_none_or(|day| day <= days)
            && self.second.is_none_or(|second| second <= 59)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `datetime.strptime` of Python 3.11 answers.
    #[test]
    fn dates_are_those_of_python() {
        let reads = |format: &str, text: &str| {
            DateFormat::new(&Place::default(), format).unwrap().reads(text)
        };
        assert!(reads("%Y-%m-%d", "2024-02-29") && !reads("%Y-%m-%d", "2023-02-29"));
        assert!(reads("%Y-%m-%d", "2024-1-5") && !reads("%Y-%m-%d", "24-01-05"));
        assert!(!reads("%Y-%m-%d", "2024-01-05 ") && !reads("%Y-%m-%d", "x"));
        assert!(reads("%d %b %Y", "5 JAN  2024") && !reads("%d %b %Y", "31 Apr 2024"));
        assert!(reads("%H:%M:%S", "23:59:59") && !reads("%H:%M:%S", "24:00:00"));
        assert!(reads("%Y-%m-%dT%H:%M:%S%z", "2024-01-05T10:00:00+01:00"));
        assert!(reads("%I:%M %p", "11:05 pm") && !reads("%I:%M %p", "13:05 pm"));
        // What a directive takes is given back where the rest needs it.
        assert!(reads("%m%d", "111") && reads("%d%H", "123") && reads("%f%S", "1234567"));
        assert!(reads("a  %d", "A \t 7") && reads("%d. %B", "1. september"));
        assert!(reads("%z", "-0130") && reads("%z", "Z") && reads("%z", "+01:30:15.5"));
        assert!(!reads("%z", "z") && !reads("%z", "+1") && !reads("%b", "sept"));
        assert!(reads("%Y", "２０２４") && !reads("%m", "１") && reads("100%%", "100%"));
        assert!(matches!(
            DateFormat::new(&Place::default(), "%Q").unwrap_err(),
            SuiteError::DateFormat { .. }
        ));
    }
}
