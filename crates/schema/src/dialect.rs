//! What may be stated of a delimited text, before a file of it is opened.

use std::fmt;
use std::str::FromStr;

use crate::DateOrder;

/// Encoding of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, with a byte order mark or without.
    Utf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// Windows-1252, which holds Latin-1.
    Windows1252,
}

impl Encoding {
    /// All encodings that are read.
    pub const ALL: [Self; 4] = [Self::Utf8, Self::Utf16Le, Self::Utf16Be, Self::Windows1252];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// The encoding of a name, in any case; the names that Python and web pages use are understood.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).collect();
        match plain.to_ascii_lowercase().as_str() {
            "utf8" | "utf8sig" | "ascii" => Some(Self::Utf8),
            "utf16le" => Some(Self::Utf16Le),
            "utf16be" => Some(Self::Utf16Be),
            "windows1252" | "cp1252" | "latin1" | "iso88591" => Some(Self::Windows1252),
            _ => None,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How values are quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quoting {
    /// Not at all: a quote is a character like another.
    None,
    /// By this ASCII character, which stands twice for itself.
    By(u8),
}

/// The dialect of a delimited text as far as it is stated; what is not stated is told from the content.
///
/// ```
/// use schema::CsvDialect;
///
/// let dialect = CsvDialect::parse(&[("delimiter", ";"), ("decimal", ",")]).unwrap();
/// assert_eq!((dialect.delimiter, dialect.decimal), (Some(b';'), Some(b',')));
/// assert!(CsvDialect::parse(&[("delimiter", ";;")]).is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct CsvDialect {
    /// What separates values: an ASCII character.
    pub delimiter: Option<u8>,
    /// How values are quoted.
    pub quoting: Option<Quoting>,
    /// What separates whole from fraction in numbers: `.` or `,`.
    pub decimal: Option<u8>,
    /// What groups the digits of numbers in threes: `.`, `,`, `'`, `_` or a blank, which stands for every kind of blank.
    pub thousands: Option<u8>,
    /// Whether there is no line with the columns' names; they are `column_1`, `column_2`, … then.
    pub no_header: bool,
    /// What a line begins with that is no row: an ASCII character.
    pub comment: Option<u8>,
    /// Lines before the header, or before the first row; told from the content where 0.
    pub skip_lines: u32,
    /// Encoding of the text.
    pub encoding: Option<Encoding>,
    /// Order of the parts of dates in figures, such as `01/02/2024`; each column by itself where it is not stated.
    pub date_order: Option<DateOrder>,
}

/// A statement of a dialect that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialectError {
    /// The part of the dialect.
    pub field: &'static str,
    /// What would be right.
    pub expected: String,
}

impl fmt::Display for DialectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} of a CSV is {}", self.field, self.expected)
    }
}

impl std::error::Error for DialectError {}

const NAMED_CHARACTERS: [(&str, u8); 9] = [
    ("tab", b'\t'),
    ("\\t", b'\t'),
    ("comma", b','),
    ("semicolon", b';'),
    ("bar", b'|'),
    ("pipe", b'|'),
    ("blank", b' '),
    ("space", b' '),
    ("colon", b':'),
];

/// A single printable ASCII character, a tab, or one of the names of such.
#[must_use]
pub fn ascii_character(text: &str) -> Option<u8> {
    if let Some((_, character)) = NAMED_CHARACTERS.iter().find(|(name, _)| *name == text) {
        return Some(*character);
    }
    match text.as_bytes() {
        [one] if matches!(one, b'\t' | b' '..=b'~') => Some(*one),
        _ => None,
    }
}

impl CsvDialect {
    /// A dialect from its parts as words, such as those of a request; empty words state nothing.
    ///
    /// # Errors
    /// An unknown part, a word that does not fit its part, parts that contradict one another.
    pub fn parse(words: &[(&'static str, &str)]) -> Result<Self, DialectError> {
        let mut dialect = Self::default();
        for (field, word) in words.iter().filter(|(_, word)| !word.is_empty()) {
            dialect.state(field, word)?;
        }
        dialect.check()?;
        Ok(dialect)
    }

    fn state(&mut self, field: &'static str, word: &str) -> Result<(), DialectError> {
        let refused = |expected: &str| DialectError { field, expected: expected.to_owned() };
        match field {
            "delimiter" => {
                let one = ascii_character(word).filter(|one| *one != b'"' && !is_of_numbers(*one));
                self.delimiter =
                    Some(one.ok_or_else(|| refused("one ASCII character such as `;`, or `tab`"))?);
            }
            "quote" => {
                self.quoting = Some(match word {
                    "none" => Quoting::None,
                    word => Quoting::By(
                        ascii_character(word)
                            .filter(u8::is_ascii_punctuation)
                            .ok_or_else(|| refused("one ASCII character such as `'`, or `none`"))?,
                    ),
                });
            }
            "decimal" => {
                self.decimal = Some(match word {
                    "." => b'.',
                    "," | "comma" => b',',
                    _ => return Err(refused("`.` or `,`")),
                });
            }
            "thousands" => {
                let one = ascii_character(word)
                    .filter(|one| matches!(one, b'.' | b',' | b'\'' | b'_' | b' '));
                self.thousands = Some(one.ok_or_else(|| refused("`.`, `,`, `'`, `_` or `blank`"))?);
            }
            "comment" => {
                let one = ascii_character(word).filter(u8::is_ascii_punctuation);
                self.comment = Some(one.ok_or_else(|| refused("one ASCII character such as `#`"))?);
            }
            "encoding" => {
                let names = Encoding::ALL.map(Encoding::name).join(", ");
                self.encoding = Some(
                    Encoding::by_name(word).ok_or_else(|| refused(&format!("one of {names}")))?,
                );
            }
            "date_order" => {
                self.date_order = Some(match word {
                    "day" => DateOrder::DayFirst,
                    "month" => DateOrder::MonthFirst,
                    "year" => DateOrder::YearFirst,
                    _ => {
                        return Err(refused(
                            "`day`, `month` or `year`, the part that stands first",
                        ));
                    }
                });
            }
            _ => return Err(refused("not known")),
        }
        Ok(())
    }

    /// Checks that no character has two meanings.
    ///
    /// # Errors
    /// The part that contradicts another.
    pub fn check(&self) -> Result<(), DialectError> {
        let quote = match self.quoting {
            Some(Quoting::By(quote)) => Some(quote),
            _ => None,
        };
        let differs = |field, ours: Option<u8>, other: &str, theirs: Option<u8>| {
            if ours.is_some() && ours == theirs {
                return Err(DialectError { field, expected: format!("not that of the {other}") });
            }
            Ok(())
        };
        differs("quote", quote, "delimiter", self.delimiter)?;
        differs("comment", self.comment, "delimiter", self.delimiter)?;
        differs("comment", self.comment, "quote", quote)?;
        differs("thousands", self.thousands, "decimal", Some(self.decimal.unwrap_or(b'.')))
    }

    /// The words of [`Self::parse`], in its order; what is not stated is empty.
    #[must_use]
    pub fn words(&self) -> [(&'static str, String); 7] {
        let word = |character: Option<u8>| {
            character.map(|one| char::from(one).to_string()).unwrap_or_default()
        };
        let quote = match self.quoting {
            None => String::new(),
            Some(Quoting::None) => "none".to_owned(),
            Some(Quoting::By(quote)) => char::from(quote).to_string(),
        };
        let date_order = match self.date_order {
            None => "",
            Some(DateOrder::DayFirst) => "day",
            Some(DateOrder::MonthFirst) => "month",
            Some(DateOrder::YearFirst) => "year",
        };
        [
            ("delimiter", word(self.delimiter)),
            ("quote", quote),
            ("decimal", word(self.decimal)),
            ("thousands", word(self.thousands)),
            ("comment", word(self.comment)),
            ("encoding", self.encoding.map(|one| one.name().to_owned()).unwrap_or_default()),
            ("date_order", date_order.to_owned()),
        ]
    }

    /// Whether nothing is stated.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

/// Characters that numbers are written with.
const fn is_of_numbers(character: u8) -> bool {
    matches!(character, b'0'..=b'9' | b'.' | b'-' | b'+')
}

impl FromStr for Encoding {
    type Err = DialectError;

    fn from_str(name: &str) -> Result<Self, DialectError> {
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::by_name(name).ok_or_else(|| DialectError {
            field: "encoding",
            expected: format!("one of {}", names()),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn words_are_read_and_written() {
        let words = [
            ("delimiter", "tab"),
            ("quote", "'"),
            ("decimal", ","),
            ("thousands", "."),
            ("comment", "#"),
            ("encoding", "cp1252"),
            ("date_order", "day"),
        ];
        let dialect = CsvDialect::parse(&words).unwrap();
        assert_eq!(dialect.delimiter, Some(b'\t'));
        assert_eq!(dialect.quoting, Some(Quoting::By(b'\'')));
        assert_eq!(dialect.encoding, Some(Encoding::Windows1252));
        let written = dialect.words();
        let again: Vec<(&'static str, &str)> =
            written.iter().map(|(field, word)| (*field, word.as_str())).collect();
        assert_eq!(CsvDialect::parse(&again).unwrap(), dialect);
        assert!(CsvDialect::parse(&[("quote", "")]).unwrap().is_open());
    }

    #[test]
    fn what_does_not_fit_is_refused_by_its_part() {
        for (field, word) in [
            ("delimiter", "::"),
            ("delimiter", "5"),
            ("delimiter", "é"),
            ("quote", "x"),
            ("decimal", ";"),
            ("thousands", "x"),
            ("comment", "//"),
            ("encoding", "ebcdic"),
            ("date_order", "dmy"),
        ] {
            assert_eq!(CsvDialect::parse(&[(field, word)]).unwrap_err().field, field, "{word}");
        }
        for words in [
            [("decimal", ","), ("thousands", ",")],
            [("delimiter", "'"), ("quote", "'")],
            [("delimiter", "#"), ("comment", "#")],
            [("decimal", ""), ("thousands", ".")],
        ] {
            assert!(CsvDialect::parse(&words).is_err(), "{words:?}");
        }
    }
}
