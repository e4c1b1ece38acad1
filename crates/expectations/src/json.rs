//! JSON as Python's `json.loads` reads it: `NaN` and `Infinity` are numbers, whole numbers are apart from others, half a surrogate
//! is a character, and nesting ends where Python's does.

use std::cmp::Ordering;

/// Most lists and objects in one another; Python has a thousand calls, of which Great Expectations takes some.
pub(crate) const MAX_DEPTH: usize = 900;
/// Whole numbers from here on are as doubles are.
const EXACT: f64 = 1e38;

/// A value of a document.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    /// Each key once, with its last value, in the order of the keys.
    Object(Vec<(String, Json)>),
}

/// A number of Python.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    Whole(i128),
    Float(f64),
}

impl Number {
    pub(crate) fn float(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    /// The exact order of two numbers; none of one that is not a number.
    pub(crate) fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => Some(one.cmp(&other)),
            (Self::Whole(one), Self::Float(other)) if other.abs() < EXACT => {
                let whole = one.cmp(&(other.trunc() as i128));
                Some(whole.then_with(|| 0.0_f64.total_cmp(&(other.fract() + 0.0))))
            }
            (Self::Float(_), Self::Whole(_)) => other.order(self).map(Ordering::reverse),
            _ => self.float().partial_cmp(&other.float()),
        }
    }
}

impl Json {
    /// Reads a document; none where Python does not.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text, depth: 0 };
        let value = reader.value()?;
        reader.space();
        reader.rest.is_empty().then_some(value)
    }

    /// A value of a suite.
    pub(crate) fn of_suite(json: &serde_json::Value) -> Self {
        use serde_json::Value;
        match json {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(match (number.as_i64(), number.as_u64()) {
                (Some(whole), _) => Number::Whole(whole.into()),
                (None, Some(whole)) => Number::Whole(whole.into()),
                (None, None) => Number::Float(number.as_f64().unwrap_or(f64::NAN)),
            }),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(values) => Self::List(values.iter().map(Self::of_suite).collect()),
            Value::Object(entries) => Self::object(
                entries.iter().map(|(key, value)| (key.clone(), Self::of_suite(value))).collect(),
            ),
        }
    }

    fn object(mut entries: Vec<(String, Self)>) -> Self {
        // Of equal keys, the last one is kept: the order of equal ones stays, and is turned.
        entries.reverse();
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        entries.dedup_by(|later, first| later.0 == first.0);
        Self::Object(entries)
    }

    /// Whether two values are equal: 1 and 1.0 are, 1 and true are not.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Number(one), Self::Number(other)) => one.order(*other) == Some(Ordering::Equal),
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::List(one), Self::List(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| one.equals(other))
            }
            (Self::Object(one), Self::Object(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other)
                        .all(|(one, other)| one.0 == other.0 && one.1.equals(&other.1))
            }
            _ => false,
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn takes(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self) -> Option<Json> {
        self.space();
        match self.rest.as_bytes().first()? {
            b'"' => self.text().map(Json::Text),
            b'[' => self.nested(Self::list),
            b'{' => self.nested(Self::object),
            _ => self.word().or_else(|| self.number().map(Json::Number)),
        }
    }

    fn word(&mut self) -> Option<Json> {
        let words = [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
            ("NaN", Json::Number(Number::Float(f64::NAN))),
            ("Infinity", Json::Number(Number::Float(f64::INFINITY))),
            ("-Infinity", Json::Number(Number::Float(f64::NEG_INFINITY))),
        ];
        words.into_iter().find_map(|(word, value)| self.takes(word).then_some(value))
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Json>) -> Option<Json> {
        self.depth += 1;
        let value = if self.depth > MAX_DEPTH { None } else { read(self) };
        self.depth -= 1;
        value
    }

    fn list(&mut self) -> Option<Json> {
        let mut values = Vec::new();
        self.takes("[");
        self.space();
        if self.takes("]") {
            return Some(Json::List(values));
        }
        loop {
            values.push(self.value()?);
            self.space();
            if self.takes("]") {
                return Some(Json::List(values));
            }
            self.takes(",").then_some(())?;
        }
    }

    fn object(&mut self) -> Option<Json> {
        let mut entries = Vec::new();
        self.takes("{");
        self.space();
        if self.takes("}") {
            return Some(Json::Object(entries));
        }
        loop {
            self.space();
            let key = self.text()?;
            self.space();
            self.takes(":").then_some(())?;
            entries.push((key, self.value()?));
            self.space();
            if self.takes("}") {
                return Some(Json::object(entries));
            }
            self.takes(",").then_some(())?;
        }
    }

    fn text(&mut self) -> Option<String> {
        self.takes("\"").then_some(())?;
        let mut text = String::new();
        loop {
            let plain = self.rest.find(|it: char| it < ' ' || it == '"' || it == '\\')?;
            let (before, rest) = self.rest.split_at_checked(plain)?;
            text.push_str(before);
            self.rest = rest;
            if self.takes("\"") {
                return Some(text);
            }
            // What is left is a control character, or an escape.
            self.takes("\\").then_some(())?;
            let mut characters = self.rest.chars();
            let escape = characters.next()?;
            self.rest = characters.as_str();
            text.push(match escape {
                '"' | '\\' | '/' => escape,
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => self.unicode()?,
                _ => return None,
            });
        }
    }

    /// A character by its number, or by a pair of surrogates; one of these alone is told as the character that stands for unknown ones.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hexadecimal()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.rest;
        if self.takes("\\u") {
            // Python reads the second half as one of its own where it is none, and refuses it where it is no number.
            let second = self.hexadecimal()?;
            if (0xdc00..0xe000).contains(&second) {
                return char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            }
        }
        self.rest = before;
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.rest = rest;
        u32::from_str_radix(digits, 16).ok().filter(|_| is_number)
    }

    fn number(&mut self) -> Option<Number> {
        let bytes = self.rest.as_bytes();
        let digits =
            |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let at = |place: usize| bytes.get(place).copied();
        let start = usize::from(at(0) == Some(b'-'));
        let whole = match at(start)? {
            // A number ends behind a zero at its beginning.
            b'0' => 1,
            _ => digits(start),
        };
        let mut end = start + whole;
        let mut is_whole = true;
        if whole == 0 {
            return None;
        }
        if at(end) == Some(b'.') && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
            is_whole = false;
        }
        if matches!(at(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(at(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent > 0 {
                end += 1 + sign + exponent;
                is_whole = false;
            }
        }
        let (number, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        let exact = if is_whole { number.parse().ok() } else { None };
        exact.map(Number::Whole).or_else(|| number.parse().ok().map(Number::Float))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `json.loads` of Python 3.11 answers.
    #[test]
    fn documents_are_read_as_in_python() {
        for text in [
            "NaN",
            " [NaN, -Infinity]\n",
            "1e400",
            r#""\ud800""#,
            r#""\ud83d\ude00""#,
            "-0",
            "{}",
            r#"{"a": 1, "a": 2}"#,
            "123456789012345678901234567890",
            "[]",
            r#"{"": []}"#,
        ] {
            assert!(Json::read(text).is_some(), "{text}");
        }
        for text in [
            "",
            "01",
            "1.",
            ".5",
            "+1",
            "[1,]",
            "{\"a\":1,}",
            "'a'",
            "nan",
            "\u{a0}1",
            "\"\t\"",
            r#""\x""#,
            "1 2",
            "{1: 2}",
            "tru",
            "-",
            "1e",
            "\u{feff}1",
            r#""\u12g4""#,
        ] {
            assert!(Json::read(text).is_none(), "{text}");
        }
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Json::read(&nested(MAX_DEPTH)).is_some());
        assert!(Json::read(&nested(100_000)).is_none());
    }

    #[test]
    fn equal_values_are_those_of_json_schema() {
        let equal =
            |one: &str, other: &str| Json::read(one).unwrap().equals(&Json::read(other).unwrap());
        assert!(equal("1", "1.0") && equal(r#"{"a": 1, "b": []}"#, r#"{"b": [], "a": 1.0}"#));
        assert!(!equal("1", "true") && !equal("0", "false") && !equal("[1]", "[1, 1]"));
        assert!(equal(r#"{"a": 1, "a": 2}"#, r#"{"a": 2}"#) && !equal("null", "0"));
        assert!(!equal("9007199254740993", "9007199254740992.0"));
    }
}
