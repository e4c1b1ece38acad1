//! Columns that hold personal data: by their values (addresses of mail, telephone numbers, numbers of cards, of bank accounts and of
//! social security), whatever their names, and by their names, because names of people and places cannot be told from other words.

use crate::{Column, TextColumn};

/// Share of the different values that have to look alike.
const MOST: f64 = 0.9;
/// Fewest different values that say anything.
const MIN_VALUES: usize = 20;
/// Most different values that are looked at.
const MAX_VALUES: usize = 2_000;

/// A kind of personal data, and what tells it.
struct Kind {
    name: &'static str,
    is: fn(&str) -> bool,
}

const KINDS: [Kind; 5] = [
    Kind { name: "addresses of mail", is: is_mail },
    Kind { name: "social security numbers", is: is_social_security },
    Kind { name: "telephone numbers", is: is_telephone },
    Kind { name: CARDS, is: is_card },
    Kind { name: "bank account numbers", is: is_account },
];
/// The one kind that may be held as numbers.
const CARDS: &str = "card numbers";

/// What the values of a column look like, where they look like personal data.
#[must_use]
pub fn looks_like(column: &Column) -> Option<&'static str> {
    match column {
        Column::Text(text) => of_texts(text),
        // Numbers of cards have more digits than whole numbers keep in most tables, and are texts then; those of 13 to 15 are not.
        Column::Number(values) => of_numbers(values),
    }
}

/// As [`looks_like`], by the distinct texts of a column.
#[must_use]
pub fn of_levels<'t>(levels: impl Iterator<Item = &'t str>) -> Option<&'static str> {
    let levels: Vec<&str> = levels.map(str::trim).take(MAX_VALUES).collect();
    most(&levels)
}

fn of_texts(text: &TextColumn) -> Option<&'static str> {
    let (counts, _) = text.counts();
    let present = text.levels().iter().zip(counts).filter(|(_, count)| *count > 0);
    of_levels(present.map(|(level, _)| level.as_str()))
}

/// As [`looks_like`], of numbers, which card numbers alone are held as.
#[must_use]
pub fn of_numbers(values: &[f64]) -> Option<&'static str> {
    const LEAST: f64 = 1e12;
    const MOST_EXACT: f64 = 9_007_199_254_740_992.0;
    let is_long = |value: &f64| value.fract() == 0.0 && (LEAST..MOST_EXACT).contains(value);
    let mut long: Vec<String> = Vec::new();
    for value in values.iter().filter(|value| value.is_finite()).take(MAX_VALUES) {
        if !is_long(value) {
            return None;
        }
        long.push(format!("{value:.0}"));
    }
    long.sort();
    long.dedup();
    let levels: Vec<&str> = long.iter().map(String::as_str).collect();
    most(&levels).filter(|kind| *kind == CARDS)
}

fn most(levels: &[&str]) -> Option<&'static str> {
    if levels.len() < MIN_VALUES {
        return None;
    }
    let least = (MOST * levels.len() as f64).ceil() as usize;
    let alike = |kind: &Kind| levels.iter().filter(|level| (kind.is)(level)).count() >= least;
    KINDS.iter().find(|kind| alike(kind)).map(|kind| kind.name)
}

/// `name@host.domain`, without blanks.
fn is_mail(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "._%+-".contains(c))
    };
    let domain = host.rsplit_once('.').map_or("", |(_, domain)| domain);
    is_word(name) && is_word(host) && domain.len() >= 2 && domain.chars().all(char::is_alphabetic)
}

/// Digits with `+` before them, or in groups: `+41 44 668 18 00`, `(555) 010-9999`, `555-010-9999`. Mere digits are not told from
/// other numbers, nor are dates and decimals.
fn is_telephone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let known = text.chars().all(|c| c.is_ascii_digit() || "+()-./ ".contains(c));
    if !known || !(7..=15).contains(&digits) {
        return false;
    }
    let groups: Vec<usize> = text
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .filter(|length| *length > 0)
        .collect();
    match groups.as_slice() {
        [_] => text.starts_with('+') && digits >= 9,
        // `(555) 010-9999` and `555 010 9999`; a date has a group of four at either end and two of at most two.
        [2..=4, 2..=4, 4] => digits >= 9,
        groups => text.starts_with('+') && groups.len() <= 7 && digits >= 9,
    }
}

/// 13 to 19 digits, perhaps in groups, with the check digit of ISO/IEC 7812 (Luhn).
fn is_card(text: &str) -> bool {
    if !text.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-') {
        return false;
    }
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let doubled = |(place, digit): (usize, &u32)| match place % 2 {
        0 => *digit,
        _ if *digit > 4 => digit * 2 - 9,
        _ => digit * 2,
    };
    let sum: u32 = digits.iter().rev().enumerate().map(doubled).sum();
    (13..=19).contains(&digits.len()) && digits.first() != Some(&0) && sum.is_multiple_of(10)
}

/// An IBAN (ISO 13616): two letters, two digits, up to 30 letters and digits, whose remainder by 97 is 1.
fn is_account(text: &str) -> bool {
    let plain: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
    let (Some(head), Some(rest)) = (plain.get(..4), plain.get(4..)) else { return false };
    let [a, b, c, d] = head else { return false };
    let is_head = a.is_ascii_uppercase()
        && b.is_ascii_uppercase()
        && c.is_ascii_digit()
        && d.is_ascii_digit();
    if !is_head || !(11..=30).contains(&rest.len()) {
        return false;
    }
    let mut remainder = 0_u32;
    for c in rest.iter().chain(head) {
        let Some(value) = c.to_digit(36) else { return false };
        remainder = (remainder * if value > 9 { 100 } else { 10 } + value) % 97;
    }
    remainder == 1
}

/// `123-45-6789`: three digits, two and four, with hyphens.
fn is_social_security(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [3, 2, 4] && groups.iter().all(|group| group.chars().all(|c| c.is_ascii_digit()))
}

/// Names that mean personal data when a column's name ends with them.
///
/// Only the end counts: `home_phone` is a number of a person, `PhoneService` and `email_opens` are not.
const PERSONAL_ENDINGS: &[&[&str]] = &[
    &["email"],
    &["e", "mail"],
    &["email", "address"],
    &["mail", "address"],
    &["phone"],
    &["phone", "number"],
    &["phone", "no"],
    &["telephone"],
    &["telephone", "number"],
    &["mobile", "number"],
    &["mobile", "phone"],
    &["fax"],
    &["fax", "number"],
    &["ssn"],
    &["social", "security", "number"],
    &["passport"],
    &["passport", "number"],
    &["iban"],
    &["credit", "card"],
    &["credit", "card", "number"],
    &["card", "number"],
    &["account", "number"],
    &["license", "number"],
    &["licence", "number"],
    &["driver", "license"],
    &["tax", "id"],
    &["national", "id"],
    &["first", "name"],
    &["firstname"],
    &["last", "name"],
    &["lastname"],
    &["surname"],
    &["full", "name"],
    &["fullname"],
    &["middle", "name"],
    &["maiden", "name"],
    &["given", "name"],
    &["family", "name"],
    &["customer", "name"],
    &["patient", "name"],
    &["person", "name"],
    &["hcp", "name"],
    &["doctor", "name"],
    &["physician", "name"],
    &["contact", "name"],
    &["user", "name"],
    &["username"],
    &["street"],
    &["street", "address"],
    &["home", "address"],
    &["postal", "address"],
    &["ip", "address"],
    &["date", "of", "birth"],
    &["birth", "date"],
    &["birthdate"],
    &["dob"],
    &["birthday"],
];

/// Names that mean personal data only when they are the whole name.
const PERSONAL_NAMES: &[&[&str]] = &[&["name"], &["address"], &["ip"], &["mobile"]];

/// Words of a column's name: split at anything but letters and digits, and where a capital follows a small letter.
fn parts(name: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut small = false;
    for c in name.chars() {
        let boundary = !c.is_alphanumeric() || (c.is_uppercase() && small);
        if boundary && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
        }
        if c.is_alphanumeric() {
            part.extend(c.to_lowercase());
        }
        small = c.is_lowercase();
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

/// Whether a column's name says that it holds personal data.
#[must_use]
pub fn in_name(name: &str) -> bool {
    let parts = parts(name);
    let is = |pattern: &&[&str], tail: &[String]| {
        tail.len() == pattern.len() && tail.iter().zip(*pattern).all(|(a, b)| a == b)
    };
    let ends = |pattern: &&[&str]| {
        parts
            .len()
            .checked_sub(pattern.len())
            .and_then(|at| parts.get(at..))
            .is_some_and(|tail| is(pattern, tail))
    };
    PERSONAL_ENDINGS.iter().any(ends) || PERSONAL_NAMES.iter().any(|pattern| is(pattern, &parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(of: impl Fn(usize) -> String) -> Option<&'static str> {
        let texts: Vec<String> = (0..60).map(of).collect();
        looks_like(&Column::Text(texts.iter().map(|text| Some(text.as_str())).collect()))
    }

    #[test]
    fn personal_data_is_told_by_its_values() {
        assert_eq!(
            texts(|row| format!("p{row}.x@mail{}.example.org", row % 3)),
            Some("addresses of mail")
        );
        assert_eq!(texts(|row| format!("+41 44 668 18 {row:02}")), Some("telephone numbers"));
        assert_eq!(texts(|row| format!("(555) 010-{:04}", row * 37)), Some("telephone numbers"));
        assert_eq!(texts(|row| format!("+155501{row:05}")), Some("telephone numbers"));
        assert_eq!(texts(|row| format!("123-45-{:04}", row * 7)), Some("social security numbers"));
        let card = |row: usize| {
            let digits = format!("411111111111{row:03}");
            (0..10)
                .map(|check| format!("{digits}{check}"))
                .find(|text| is_card(text))
                .unwrap_or_default()
        };
        assert_eq!(texts(card), Some("card numbers"));
        let numbers = (0..60).map(|row| card(row).parse().unwrap_or_default()).collect();
        assert_eq!(looks_like(&Column::Number(numbers)), Some("card numbers"));
        let account = |row: usize| {
            let number = |check| format!("CH{check:02}0076201162385{row:04}");
            (0..100).map(number).find(|text| is_account(text)).unwrap_or_default()
        };
        assert_eq!(texts(account), Some("bank account numbers"));
        assert!(
            is_account("DE89 3704 0044 0532 0130 00") && !is_account("DE88 3704 0044 0532 0130 00")
        );
    }

    #[test]
    fn what_only_resembles_it_is_not() {
        for of in [
            |row: usize| format!("20{:02}-03-{:02}", row % 30, row % 28 + 1),
            |row| format!("{:02}.03.2024", row % 28 + 1),
            |row| format!("03/{:02}/2024", row % 28 + 1),
            |row| format!("{}.{:02}", row * 31, row),
            |row| format!("10.0.{row}.1"),
            |row| format!("{:08}", row * 7919),
            |row| format!("12:{row:02}:00"),
            |row| format!("word {row}"),
            |row| format!("A-{row:05}"),
            |row| format!("@handle{row}"),
            |row| format!("1-{row}-22"),
        ] {
            assert_eq!(texts(of), None, "{}", of(7));
        }
        // Whole numbers of thirteen digits that are no cards: one in ten has the check digit by chance.
        let times = (0..60).map(|row| 1_700_000_000_000.0 + f64::from(row) * 977.0).collect();
        assert_eq!(looks_like(&Column::Number(times)), None);
        // A few values say nothing.
        let few: TextColumn = (0..10).map(|_| Some("a@b.example")).collect();
        assert_eq!(looks_like(&Column::Text(few)), None);
    }
}
