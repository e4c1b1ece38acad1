//! Patterns of texts: Python's regular expressions, and SQL's LIKE.

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
}
