//! Numbers as a dialect writes them.

use std::borrow::Cow;

use super::Dialect;

/// How a text is written that may be a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Digits alone, with a sign or an exponent.
    Whole,
    /// A point, and a fraction that is no group of three digits: 1.5, 0.125.
    Point,
    /// A comma, and a fraction that is no group of three digits: 1,5 or 0,125.
    Comma,
    /// Groups of three digits and a decimal comma, or groups more than once: 1.234,5, 1 234,5, 1.234.567.
    GroupedComma(u8),
    /// A separator and three digits: 1,234 or 1.234, a fraction or a thousand; 1 234, a thousand or two numbers.
    Open,
    /// No number.
    Other,
}

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

fn is_exponent(text: &str) -> bool {
    let Some(power) = text.strip_prefix(['e', 'E']) else { return text.is_empty() };
    let digits = power.strip_prefix(['-', '+']).unwrap_or(power);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// How a text is written.
pub(super) fn form(text: &str) -> Form {
    let text = text.trim();
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => rest.split_at_checked(at).unwrap_or((rest, "")),
        None => (rest, ""),
    };
    let is_of_numbers = |c: char| {
        c.is_ascii_digit() || c == ',' || c == '.' || is_group(b' ', c) || is_group(b'\'', c)
    };
    if !mantissa.contains(|c: char| c.is_ascii_digit())
        || !mantissa.chars().all(is_of_numbers)
        || !is_exponent(exponent)
    {
        return Form::Other;
    }
    let commas = mantissa.matches(',').count();
    let points = mantissa.matches('.').count();
    let blanks = mantissa.contains(|c| is_group(b' ', c));
    let quotes = mantissa.contains(|c| is_group(b'\'', c));
    let thousands = match (points, blanks, quotes) {
        (0, false, false) => None,
        (1.., false, false) => Some(b'.'),
        (0, true, false) => Some(b' '),
        (0, false, true) => Some(b'\''),
        _ => return Form::Other,
    };
    let groups = Dialect { decimal: b',', thousands, ..Dialect::default() };
    let fraction = |separator| mantissa.rsplit_once(separator);
    match (commas, points) {
        (0, 0) if thousands.is_none() => Form::Whole,
        (1, _) if thousands.is_some() && groups.rewritten(text).is_some() => {
            thousands.map_or(Form::Other, Form::GroupedComma)
        }
        (0, 0) if groups.rewritten(text).is_some() => Form::Open,
        (0, 2..) if groups.rewritten(text).is_some() => Form::GroupedComma(b'.'),
        (1, 0) if thousands.is_none() => {
            fraction(',').map_or(Form::Other, |(whole, part)| of_one(whole, part, Form::Comma))
        }
        (0, 1) => {
            fraction('.').map_or(Form::Other, |(whole, part)| of_one(whole, part, Form::Point))
        }
        _ => Form::Other,
    }
}

/// A number with one separator: a fraction, unless it may be a thousand.
fn of_one(whole: &str, part: &str, fraction: Form) -> Form {
    let is_open = part.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    if is_open { Form::Open } else { fraction }
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
    fn forms_are_told_apart() {
        for (text, expected) in [
            ("12", Form::Whole),
            ("-1e5", Form::Whole),
            ("1.5", Form::Point),
            ("0.125", Form::Point),
            ("1,5", Form::Comma),
            ("0,125", Form::Comma),
            ("1234,567", Form::Comma),
            ("1,234", Form::Open),
            ("1.234", Form::Open),
            ("1 234", Form::Open),
            ("1'234", Form::Open),
            ("12 34", Form::Other),
            ("1.234,5", Form::GroupedComma(b'.')),
            ("1 234,56", Form::GroupedComma(b' ')),
            ("1.234.567", Form::GroupedComma(b'.')),
            ("1,234.5", Form::Other),
            ("1.2.3", Form::Other),
            ("01.02.2024", Form::Other),
            ("x", Form::Other),
            ("", Form::Other),
            (",", Form::Other),
        ] {
            assert_eq!(form(text), expected, "{text}");
        }
    }
}
