//! Numbers as a dialect writes them.

use std::borrow::Cow;

use schema::CsvDialect;

use super::Dialect;

/// Whether characters stand for the same separator of thousands.
fn is_group(stated: u8, found: char) -> bool {
    match stated {
        b' ' => matches!(found, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}'),
        b'\'' => matches!(found, '\'' | '\u{2019}'),
        other => found == char::from(other),
    }
}

impl Dialect {
    /// A number of the dialect as code writes it; every other text as it is.
    pub(crate) fn number<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.has_plain_numbers() {
            return Cow::Borrowed(text);
        }
        match self.rewritten(text.trim()) {
            Some(number) => Cow::Owned(number),
            None => Cow::Borrowed(text),
        }
    }

    /// The number, if it is one whose writing differs.
    fn rewritten(&self, text: &str) -> Option<String> {
        let decimal = char::from(self.decimal);
        let grouped = |c: char| self.thousands.is_some_and(|stated| is_group(stated, c));
        let (sign, rest) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (text.get(..1)?, rest),
            None => ("", text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => rest.split_at_checked(at)?,
            None => (rest, ""),
        };
        let (whole, fraction) = match mantissa.split_once(decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let differs = (fraction.is_some() && decimal != '.') || whole.contains(grouped);
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !differs || !fraction.is_none_or(digits) || !is_exponent(exponent) {
            return None;
        }
        let mut groups = whole.split(grouped);
        let first = groups.next().filter(|first| digits(first))?;
        let mut number = format!("{sign}{first}");
        let is_one = !whole.contains(grouped);
        if !is_one && !(1..=3).contains(&first.len()) {
            return None;
        }
        for group in groups {
            if group.len() != 3 || !digits(group) {
                return None;
            }
            number.push_str(group);
        }
        if whole.is_empty() && fraction.is_none_or(str::is_empty) {
            return None;
        }
        if let Some(fraction) = fraction {
            if whole.is_empty() {
                number.push('0');
            }
            number.push('.');
            number.push_str(fraction);
        }
        number.push_str(exponent);
        Some(number)
    }
}

/// A number as code writes it, where it is written with the stated signs; every other text as it is.
///
/// ```
/// use dataset::{CsvDialect, plain_number};
///
/// let stated = CsvDialect::parse(&[("decimal", ","), ("thousands", ".")]).unwrap();
/// assert_eq!(plain_number(&stated, "-1.234,5"), "-1234.5");
/// assert_eq!(plain_number(&stated, "a,b"), "a,b");
/// assert_eq!(plain_number(&CsvDialect::default(), "1,5"), "1,5");
/// ```
#[must_use]
pub fn plain_number<'a>(stated: &CsvDialect, text: &'a str) -> Cow<'a, str> {
    let decimal = stated.decimal.unwrap_or(b'.');
    Dialect { decimal, thousands: stated.thousands, ..Dialect::default() }.number(text)
}

fn is_exponent(text: &str) -> bool {
    let Some(power) = text.strip_prefix(['e', 'E']) else { return text.is_empty() };
    let digits = power.strip_prefix(['-', '+']).unwrap_or(power);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is a number in some dialect: digits, with signs that separate or group them.
pub(super) fn is_number(text: &str) -> bool {
    let text = text.trim();
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => rest.split_at_checked(at).unwrap_or((rest, "")),
        None => (rest, ""),
    };
    let is_plain =
        mantissa.parse::<f64>().is_ok() && mantissa.bytes().any(|byte| byte.is_ascii_digit());
    if !is_exponent(exponent) || is_plain {
        return is_plain && is_exponent(exponent);
    }
    let groups = [None, Some(b'.'), Some(b','), Some(b' '), Some(b'\'')];
    groups.into_iter().any(|thousands| {
        [b',', b'.'].into_iter().filter(|sign| Some(*sign) != thousands).any(|decimal| {
            Dialect { decimal, thousands, ..Dialect::default() }.rewritten(mantissa).is_some()
        })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn read(decimal: u8, thousands: Option<u8>, text: &str) -> String {
        Dialect { decimal, thousands, ..Dialect::default() }.number(text).into_owned()
    }

    #[test]
    fn numbers_are_written_as_in_code() {
        for (text, number) in [
            ("12,5", "12.5"),
            (" -1,25 ", "-1.25"),
            (",5", "0.5"),
            ("7,", "7."),
            ("1,5e-3", "1.5e-3"),
            ("12", "12"),
            ("12.5", "12.5"),
            ("1,2,3", "1,2,3"),
            ("a,b", "a,b"),
            ("1,5 kg", "1,5 kg"),
            (",", ","),
            ("01.02.2024", "01.02.2024"),
        ] {
            assert_eq!(read(b',', None, text), number, "{text}");
        }
        for (text, number) in [
            ("1.234,5", "1234.5"),
            ("1.234.567", "1234567"),
            ("1.234", "1234"),
            ("1234,5", "1234.5"),
            ("12.34,5", "12.34,5"),
            ("01.02.2024", "01.02.2024"),
            ("1.2345", "1.2345"),
        ] {
            assert_eq!(read(b',', Some(b'.'), text), number, "{text}");
        }
        assert_eq!(read(b',', Some(b' '), "1\u{202f}234\u{a0}567,8"), "1234567.8");
        assert_eq!(read(b'.', Some(b','), "1,234.50"), "1234.50");
        assert_eq!(read(b'.', Some(b'\''), "1'234.50"), "1234.50");
        assert_eq!(read(b'.', None, "1,234.50"), "1,234.50");
    }

    #[test]
    fn numbers_are_told_from_words() {
        for text in [
            "12",
            "-1e5",
            "1.5",
            "1,5",
            "1 234",
            "1'234",
            "1.234,5",
            "1,234.5",
            " 0,125 ",
            "1.234.567",
        ] {
            assert!(is_number(text), "{text}");
        }
        for text in ["12 34", "1.2.3", "01.02.2024", "x", "", ",", "inf", "NaN", "1,5 kg"] {
            assert!(!is_number(text), "{text}");
        }
    }
}
