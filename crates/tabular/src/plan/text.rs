//! What is said of a text that is no category: how long it is, and which words it has.
//!
//! All of it is defined so that a regular expression can say it too (of RE2, which ONNX has): a model in another runtime then
//! gives the same numbers.
//!
//! - A character is a Unicode scalar value that is no white space; so blanks around a text do not matter.
//! - A word is a run of characters that do not separate: white space and most punctuation do ([`SEPARATORS`]).
//! - Words are compared with each character in lower case, where that is one character ([`lower`]).

use serde::{Deserialize, Serialize};

/// Ranges of characters that stand between words: ASCII but letters and digits, and blanks and punctuation of Unicode's
/// blocks for them.
pub const SEPARATORS: [(char, char); 8] = [
    ('\0', '/'),
    (':', '@'),
    ('[', '`'),
    ('{', '\u{7f}'),
    ('\u{85}', '\u{85}'),
    ('\u{a0}', '\u{a0}'),
    ('\u{2000}', '\u{206f}'),
    ('\u{3000}', '\u{3003}'),
];

/// Ranges of characters that are white space, as Unicode has it.
pub const WHITE_SPACE: [(char, char); 10] = [
    ('\t', '\r'),
    (' ', ' '),
    ('\u{85}', '\u{85}'),
    ('\u{a0}', '\u{a0}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{2000}', '\u{200a}'),
    ('\u{2028}', '\u{2029}'),
    ('\u{202f}', '\u{202f}'),
    ('\u{205f}', '\u{205f}'),
    ('\u{3000}', '\u{3000}'),
];

/// Most characters of a word that a plan may ask for.
pub const MAX_WORD: usize = 40;

/// What is counted in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextMeasure {
    /// Characters that are no white space.
    Characters,
    /// Number of words.
    Words,
    /// The digits 0 to 9.
    Digits,
}

impl TextMeasure {
    /// All measures of a text.
    pub const ALL: [Self; 3] = [Self::Characters, Self::Words, Self::Digits];

    /// Its name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Characters => "characters",
            Self::Words => "words",
            Self::Digits => "digits",
        }
    }

    /// Bits of the greatest count: 255 characters, 127 words, 127 digits. What is more counts as that many.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Self::Characters => 8,
            Self::Words | Self::Digits => 7,
        }
    }

    /// The count of a text, at most `2^bits - 1`.
    #[must_use]
    pub fn value_of(self, text: &str) -> f64 {
        let most = (1_usize << self.bits()) - 1;
        let count = match self {
            Self::Characters => {
                text.chars().filter(|c| !is_in(*c, &WHITE_SPACE)).take(most).count()
            }
            Self::Words => words(text).take(most).count(),
            Self::Digits => text.bytes().filter(u8::is_ascii_digit).take(most).count(),
        };
        count as f64
    }
}

/// The words of a text, in order.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| is_in(c, &SEPARATORS)).filter(|word| !word.is_empty())
}

/// A character in lower case, where that is one character; else the character.
#[must_use]
pub fn lower(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Whether a text has a word, which is given in lower case.
#[must_use]
pub fn has_word(text: &str, word: &str) -> bool {
    words(text).any(|found| found.chars().map(lower).eq(word.chars()))
}

/// Whether a word can be asked for: neither empty nor too long, without separators, in lower case.
#[must_use]
pub fn is_word(word: &str) -> bool {
    let sound = |c: char| lower(c) == c && !is_in(c, &SEPARATORS);
    (1..=MAX_WORD).contains(&word.chars().count()) && word.chars().all(sound)
}

fn is_in(c: char, ranges: &[(char, char)]) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn white_space_is_that_of_unicode() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_in(c, &WHITE_SPACE), c.is_whitespace(), "{c:?}");
        }
    }

    #[test]
    fn texts_are_counted() {
        let counts = |text| TextMeasure::ALL.map(|measure| measure.value_of(text));
        assert_eq!(counts("  Refund of 12.50\u{a0}CHF, soon! "), [22.0, 6.0, 4.0]);
        assert_eq!(counts("…"), [1.0, 0.0, 0.0]);
        assert_eq!(counts(&"9 ".repeat(2000)), [255.0, 127.0, 127.0]);
        for measure in TextMeasure::ALL {
            assert_eq!(serde_json::to_value(measure).unwrap(), measure.as_str());
        }
    }

    #[test]
    fn words_are_found_whatever_their_case() {
        assert!(has_word("Bitte um RÜCKRUF!", "rückruf"));
        assert!(!has_word("Rückrufe", "rückruf"));
        assert!(has_word("a-b", "b") && !has_word("", "b"));
        // The capital I with a dot has two characters in lower case, and stays.
        assert!(has_word("İstanbul", "İstanbul"));
        assert!(is_word("rückruf") && is_word("4g") && is_word("İ"));
        assert!(!is_word("Ruf") && !is_word("") && !is_word("a b") && !is_word(&"a".repeat(41)));
    }
}
