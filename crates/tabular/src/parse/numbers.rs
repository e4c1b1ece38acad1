//! Numbers with a unit, a currency or a percent sign, and with separators: `$1,234.50`, `-12.5 %`, `CHF 1'234`, `(5.00)`.

use schema::{DecimalSign, NumberForm};

use super::EXACT_INTEGER;

/// Longest text that is looked at.
const MAX_LENGTH: usize = 48;
/// Longest unit, in bytes.
const MAX_UNIT: usize = 16;
/// Signs of currencies, which stand before or behind the number.
const CURRENCIES: &str = "$€£¥₹₽₩₺₫₴₪₱฿₦₡₲₸₼₾₿¢";
/// Names of currencies that stand before the number; those behind it are units.
const CURRENCY_NAMES: [&str; 44] = [
    "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP",
    "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "MXN", "MYR",
    "NGN", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "RON", "RUB", "SAR", "SEK", "SGD", "THB",
    "TRY", "UAH", "USD", "VND", "ZAR",
];
/// Signs of currencies of letters, and signs with the letters of a country.
const LETTER_SIGNS: [&str; 10] = ["US$", "R$", "A$", "C$", "NZ$", "HK$", "S$", "Rs.", "Rs", "kr"];
/// What may separate thousands beside the sign that is not the decimal one.
const BLANKS: [char; 5] = [' ', '\u{a0}', '\u{202f}', '\'', '’'];

/// A text that has the shape of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SpelledNumber<'a> {
    /// Its unit, currency or percent sign; empty for none.
    pub(super) unit: &'a str,
    /// Its value where the decimal sign is a point.
    pub(super) point: Option<f64>,
    /// Its value where the decimal sign is a comma.
    pub(super) comma: Option<f64>,
}

impl SpelledNumber<'_> {
    pub(super) fn value(&self, decimal: DecimalSign) -> Option<f64> {
        match decimal {
            DecimalSign::Point => self.point,
            DecimalSign::Comma => self.comma,
        }
    }
}

/// A text of a form as a number: with the form's unit or without one.
pub(super) fn read(text: &str, form: &NumberForm) -> Option<f64> {
    let spelled = spelled(text).filter(|found| found.unit.is_empty() || found.unit == form.unit);
    spelled.and_then(|found| found.value(form.decimal)).or_else(|| super::number(text))
}

/// The shape of a text, where it is that of a number.
pub(super) fn spelled(text: &str) -> Option<SpelledNumber<'_>> {
    let text = text.trim();
    if text.len() > MAX_LENGTH || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (mut negative, mut rest) = match text.strip_prefix('(') {
        Some(inner) => (true, inner.strip_suffix(')')?.trim()),
        None => (false, text),
    };
    let mut unit = "";
    if let Some(after) = minus(rest).filter(|_| !negative) {
        (negative, rest) = (true, after);
    } else if let Some(after) = rest.strip_prefix('+') {
        rest = after;
    }
    if let Some((found, after)) = currency(rest) {
        (unit, rest) = (found, after.trim_start());
        if let Some(after) = minus(rest).filter(|_| !negative) {
            (negative, rest) = (true, after);
        }
    }
    let (body, suffix) = rest.split_at_checked(body_end(rest)?)?;
    let suffix = suffix.trim_start();
    if matches!(suffix, "-" | "−") && !negative && unit.is_empty() {
        negative = true;
    } else if !suffix.is_empty() {
        if !unit.is_empty() || !is_unit(suffix) {
            return None;
        }
        unit = suffix;
    }
    let signed = |value: f64| if negative { -value } else { value };
    let of = |decimal| body_value(body, decimal, !unit.is_empty()).map(signed);
    let (point, comma) = (of(DecimalSign::Point), of(DecimalSign::Comma));
    (point.is_some() || comma.is_some()).then_some(SpelledNumber { unit, point, comma })
}

/// Where the digits and separators that a text begins with end: behind a digit.
fn body_end(text: &str) -> Option<usize> {
    let belongs = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',') || BLANKS.contains(&c);
    let stretch = text.get(..text.find(|c: char| !belongs(c)).unwrap_or(text.len()))?;
    let end = stretch.rfind(|c: char| c.is_ascii_digit())? + 1;
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',')).then_some(end)
}

fn minus(text: &str) -> Option<&str> {
    text.strip_prefix(['-', '−']).map(str::trim_start)
}

fn currency(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    if CURRENCIES.contains(first) {
        return text.split_at_checked(first.len_utf8());
    }
    if !first.is_ascii_alphabetic() {
        return None;
    }
    let stands_first = |name: &str| {
        text.strip_prefix(name).is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
    };
    let mut names = LETTER_SIGNS.into_iter().chain(CURRENCY_NAMES);
    let name = names.find(|name| stands_first(name))?;
    text.split_at_checked(name.len())
}

/// Whether a text may be a unit: short, no blanks, beginning with a letter or a sign.
fn is_unit(text: &str) -> bool {
    let is_sign =
        |c: char| matches!(c, '%' | '‰' | '°' | 'µ' | '²' | '³' | '"') || CURRENCIES.contains(c);
    let inside = |c: char| c.is_alphanumeric() || is_sign(c) || matches!(c, '/' | '.' | '·' | '^');
    text.len() <= MAX_UNIT
        && text.starts_with(|c: char| c.is_alphabetic() || is_sign(c))
        && text.chars().all(inside)
}

fn body_value(body: &str, decimal: DecimalSign, has_unit: bool) -> Option<f64> {
    let (sign, other) = match decimal {
        DecimalSign::Point => ('.', ','),
        DecimalSign::Comma => (',', '.'),
    };
    let (whole, fraction) = match body.split_once(sign) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (body, None),
    };
    let digits_only = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.is_some_and(|fraction| fraction.is_empty() || !digits_only(fraction)) {
        return None;
    }
    let mut digits = String::with_capacity(body.len());
    match whole.find(|c: char| !c.is_ascii_digit()) {
        None => digits.push_str(whole),
        Some(at) => {
            let separator = whole.get(at..)?.chars().next()?;
            if separator != other && !BLANKS.contains(&separator) {
                return None;
            }
            let groups: Vec<&str> = whole.split(separator).collect();
            let last = groups.len() - 1;
            for (place, group) in groups.into_iter().enumerate() {
                // Thousands have three digits; India's lakhs have two before the last three.
                let fits = match place {
                    0 => (1..=3).contains(&group.len()),
                    place if place == last => group.len() == 3,
                    _ => matches!(group.len(), 2 | 3),
                };
                if !fits || !digits_only(group) {
                    return None;
                }
                digits.push_str(group);
            }
        }
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    match fraction {
        Some(fraction) => {
            digits.push('.');
            digits.push_str(fraction);
        }
        // A long number without a unit is an identifier, whose digits count.
        None if !has_unit && digits.parse::<i64>().ok()? > EXACT_INTEGER => return None,
        None => {}
    }
    digits.parse().ok().filter(|value: &f64| value.is_finite())
}
