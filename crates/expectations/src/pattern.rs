//! Patterns of texts: Python's regular expressions, SQL's LIKE, and formats of dates.

use fancy_regex::{Regex, RegexBuilder};

use crate::error::{Place, SuiteError};

/// Steps after which a search with back-references or look-around is given up.
const MAX_BACKTRACKS: usize = 1_000_000;

/// A pattern that a text holds or does not.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Regex);

impl Pattern {
    /// A regular expression of Python's `re`, searched for anywhere in the text.
    pub(crate) fn python(place: &Place, text: &str) -> Result<Self, SuiteError> {
        Self::compiled(place, &translated(text))
    }

    /// A pattern of SQL's LIKE, which the whole text has to match: `%` is any text, `_` any character.
    pub(crate) fn like(
        place: &Place,
        text: &str,
        escape: Option<char>,
    ) -> Result<Self, SuiteError> {
        let mut regex = String::from(r"\A(?s:");
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match character {
                _ if Some(character) == escape => {
                    regex.push_str(&literal(characters.next().unwrap_or(character)));
                }
                '%' => regex.push_str(".*"),
                '_' => regex.push('.'),
                other => regex.push_str(&literal(other)),
            }
        }
        regex.push_str(r")\z");
        Self::compiled(place, &regex)
    }

    fn compiled(place: &Place, text: &str) -> Result<Self, SuiteError> {
        let built = RegexBuilder::new(text).backtrack_limit(MAX_BACKTRACKS).build();
        built.map(Self).map_err(|source| SuiteError::Pattern {
            place: place.clone(),
            source: Box::new(source),
        })
    }

    /// Whether the pattern is in a text.
    ///
    /// # Errors
    /// Where the search takes too many steps.
    pub(crate) fn is_in(&self, text: &str) -> Result<bool, String> {
        self.0.is_match(text).map_err(|_| {
            format!("the regular expression took more than {MAX_BACKTRACKS} steps on a value")
        })
    }
}

fn literal(character: char) -> String {
    fancy_regex::escape(&character.to_string()).into_owned()
}

/// The same expression in the syntax of the engine: in Python, `$` holds before a line end at the very end too, and `\Z` is the end.
fn translated(text: &str) -> String {
    let by_lines = text.split("(?").skip(1).any(|flags| {
        flags.split([')', ':']).next().is_some_and(|flags| {
            flags.contains('m')
                && flags.bytes().all(|flag| flag.is_ascii_alphabetic() || flag == b'-')
        })
    });
    let mut regex = String::with_capacity(text.len());
    let mut in_class = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('Z') if !in_class => regex.push_str(r"\z"),
                Some(other) => regex.extend(['\\', other]),
                None => regex.push('\\'),
            },
            '$' if !in_class && !by_lines => regex.push_str(r"(?:\n?\z)"),
            '[' if !in_class => {
                in_class = true;
                regex.push('[');
                // A bracket at the beginning of a class is one of its characters.
                if characters.next_if_eq(&'^').is_some() {
                    regex.push('^');
                }
                if characters.next_if_eq(&']').is_some() {
                    regex.push_str(r"\]");
                }
            }
            // A class has no class in it in Python.
            '[' => regex.push_str(r"\["),
            ']' => {
                in_class = false;
                regex.push(']');
            }
            // Nor operators on sets.
            '&' | '~' if in_class => regex.extend(['\\', character]),
            other => regex.push(other),
        }
    }
    regex
}

/// A format of dates as Python's `strptime` has it, in English.
#[derive(Clone, Debug)]
pub(crate) struct DateFormat(Regex);

const MONTHS: &str = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec";

impl DateFormat {
    pub(crate) fn new(place: &Place, format: &str) -> Result<Self, SuiteError> {
        let mut regex = String::from(r"(?i)\A");
        let mut characters = format.chars().peekable();
        let mut seen = String::new();
        while let Some(character) = characters.next() {
            if character.is_whitespace() {
                while characters.next_if(|next| next.is_whitespace()).is_some() {}
                regex.push_str(r"\s+");
                continue;
            }
            if character != '%' {
                regex.push_str(&literal(character));
                continue;
            }
            let directive = characters.next().unwrap_or(' ');
            let (name, part) = match directive {
                'Y' => ("year", r"\d\d\d\d"),
                'y' => ("short", r"\d\d"),
                'm' => ("month", r"1[0-2]|0[1-9]|[1-9]"),
                'd' => ("day", r"3[0-1]|[1-2]\d|0[1-9]|[1-9]| [1-9]"),
                'j' => {
                    ("yearday", r"36[0-6]|3[0-5]\d|[1-2]\d\d|0[1-9]\d|00[1-9]|[1-9]\d|0[1-9]|[1-9]")
                }
                'H' => ("hour", r"2[0-3]|[0-1]\d|\d"),
                'I' => ("halfhour", r"1[0-2]|0[1-9]|[1-9]"),
                'M' => ("minute", r"[0-5]\d|\d"),
                'S' => ("second", r"6[0-1]|[0-5]\d|\d"),
                'f' => ("fraction", r"[0-9]{1,6}"),
                'p' => ("half", "am|pm"),
                'b' | 'h' => ("name", MONTHS),
                'B' => (
                    "name",
                    "january|february|march|april|may|june|july|august|september|october|november|december",
                ),
                'a' => ("weekday", "mon|tue|wed|thu|fri|sat|sun"),
                'A' => ("weekday", "monday|tuesday|wednesday|thursday|friday|saturday|sunday"),
                'w' => ("weekdaynumber", "[0-6]"),
                'z' => ("offset", r"[+-]\d\d:?[0-5]\d(?::?[0-5]\d(?:\.\d{1,6})?)?|(?-i:Z)"),
                'Z' => ("zone", "utc|gmt"),
                '%' => {
                    regex.push('%');
                    continue;
                }
                other => {
                    return Err(SuiteError::DateFormat {
                        place: place.clone(),
                        directive: other.to_string(),
                    });
                }
            };
            // Python refuses formats that say something twice.
            if seen.split(' ').any(|word| word == name) {
                return Err(SuiteError::DateFormat {
                    place: place.clone(),
                    directive: format!("{directive}` for the second time, which is `%{directive}"),
                });
            }
            seen = format!("{seen} {name}");
            regex.push_str(&format!("(?<{name}>{part})"));
        }
        regex.push_str(r"\z");
        Regex::new(&regex).map(Self).map_err(|source| SuiteError::Pattern {
            place: place.clone(),
            source: Box::new(source),
        })
    }

    /// Whether a text is a date in this format.
    pub(crate) fn reads(&self, text: &str) -> bool {
        let Ok(Some(found)) = self.0.captures(text) else { return false };
        let number =
            |name: &str| found.name(name).and_then(|part| part.as_str().trim().parse::<u32>().ok());
        // Two digits stand for 1969 to 2068; nothing for 1900.
        let year = number("year").unwrap_or_else(|| match number("short") {
            Some(short) if short < 69 => 2000 + short,
            Some(short) => 1900 + short,
            None => 1900,
        });
        let named = found.name("name").and_then(|name| {
            let begins = name.as_str().get(..3)?.to_ascii_lowercase();
            let place = MONTHS.split('|').position(|month| month == begins)?;
            u32::try_from(place + 1).ok()
        });
        let is_leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match number("month").or(named).unwrap_or(1) {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        year >= 1
            && number("day").is_none_or(|day| day <= days)
            && number("second").is_none_or(|second| second <= 59)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn python(pattern: &str, text: &str) -> bool {
        Pattern::python(&Place::default(), pattern).unwrap().is_in(text).unwrap()
    }

    /// As `re.search` of Python 3.11 answers.
    #[test]
    fn patterns_are_those_of_python() {
        assert!(python("^a$", "a\n") && !python(r"^a\Z", "a\n") && !python("^a$", "a\nb"));
        assert!(python("(?m)^a$", "a\nb") && python("[$]", "5$") && python(r"\$", "5$"));
        assert!(python("[]a]", "]") && python("[a[b]", "[") && python("[a&&b]", "&"));
        assert!(python(r"(\w)\1", "book") && python("(?<!x)y", "zy") && !python("(?<!x)y", "xy"));
        assert!(python("(?P<year>[0-9]+)", "a 5"));
        assert!(matches!(
            Pattern::python(&Place::default(), "(").unwrap_err(),
            SuiteError::Pattern { .. }
        ));
    }

    #[test]
    fn like_patterns_match_whole_texts() {
        let like = |pattern: &str, text: &str| {
            Pattern::like(&Place::default(), pattern, Some('\\')).unwrap().is_in(text).unwrap()
        };
        assert!(like("a%", "abc") && !like("a%", "ba") && like("_b_", "abc") && like("a.c", "a.c"));
        assert!(
            !like("a.c", "abc") && like(r"5\%", "5%") && !like(r"5\%", "55") && like("a%c", "a\nc")
        );
    }

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
        assert!(matches!(
            DateFormat::new(&Place::default(), "%Q").unwrap_err(),
            SuiteError::DateFormat { .. }
        ));
    }
}
