//! Columns that hold personal data: by their values (addresses of mail and of networks, numbers of telephones, cards, bank accounts
//! and people), whatever their names, and by their names, because names of people and places cannot be told from other words.
//!
//! One value of ten may be another. Numbers of people have a check digit or a form of their own, which one number in ten or twenty
//! has by chance, and nine in ten of twenty do not.

mod names;
mod national;
mod values;

pub use names::in_name;

use self::values::{
    are_of_networks, is_account, is_address, is_card, is_mail, is_social_security, is_telephone,
};
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
    /// Whether a value is of the kind.
    is: fn(&str) -> bool,
    /// Whether values that are of the kind one by one are so together.
    are: fn(&[&str]) -> bool,
    /// Digits that one has, where columns of numbers hold them; 0 where they do not.
    digits: usize,
}

const fn kind(name: &'static str, is: fn(&str) -> bool) -> Kind {
    Kind { name, is, are: |_| true, digits: 0 }
}

const KINDS: [Kind; 14] = [
    kind("addresses of mail", is_mail),
    kind("social security numbers", is_social_security),
    Kind { are: are_of_networks, ..kind("addresses of networks", is_address) },
    kind("telephone numbers", is_telephone),
    // Numbers of cards have more digits than whole numbers keep in most tables, and are texts then; those of 13 to 15 are not.
    Kind { digits: CARD, ..kind("card numbers", is_card) },
    kind("bank account numbers", is_account),
    Kind {
        are: national::have_many_prefixes,
        ..kind("British national insurance numbers", national::is_british)
    },
    kind("Spanish identity numbers", national::is_spanish),
    kind("Italian tax codes", national::is_italian),
    Kind { digits: 15, ..kind("French social security numbers", national::is_french) },
    Kind { digits: 11, ..kind("German tax numbers", national::is_german) },
    Kind { digits: 11, ..kind("Brazilian tax numbers", national::is_brazilian) },
    Kind { digits: 12, ..kind("Indian Aadhaar numbers", national::is_indian) },
    Kind { digits: 9, ..kind("Dutch citizen service numbers", national::is_dutch) },
];
/// Digits of the shortest card number.
const CARD: usize = 13;

/// What the values of a column look like, where they look like personal data.
#[must_use]
pub fn looks_like(column: &Column) -> Option<&'static str> {
    match column {
        Column::Text(text) => of_texts(text),
        Column::Number(values) => of_numbers(values),
    }
}

/// As [`looks_like`], by the distinct texts of a column.
#[must_use]
pub fn of_levels<'t>(levels: impl Iterator<Item = &'t str>) -> Option<&'static str> {
    let levels: Vec<&str> = levels.map(str::trim).take(MAX_VALUES).collect();
    KINDS.iter().find(|kind| is_most(kind, &levels)).map(|kind| kind.name)
}

fn of_texts(text: &TextColumn) -> Option<&'static str> {
    let (counts, _) = text.counts();
    let present = text.levels().iter().zip(counts).filter(|(_, count)| *count > 0);
    of_levels(present.map(|(level, _)| level.as_str()))
}

/// As [`looks_like`], of numbers, whose leading zeros are lost.
#[must_use]
pub fn of_numbers(values: &[f64]) -> Option<&'static str> {
    // One digit less than the shortest number of a person, and what a number holds exactly.
    const RANGE: std::ops::Range<f64> = 1e7..9_007_199_254_740_992.0;
    let (mut long, mut others) = (Vec::new(), 0);
    for value in values.iter().copied().filter(|value| value.is_finite()).take(MAX_VALUES) {
        if value.fract() == 0.0 && RANGE.contains(&value) {
            long.push(value);
        } else {
            others += 1;
        }
        // Most columns of numbers are left here.
        if others as f64 > (1.0 - MOST) * MAX_VALUES as f64 {
            return None;
        }
    }
    if others as f64 > (1.0 - MOST) * (long.len() + others) as f64 {
        return None;
    }
    long.sort_unstable_by(f64::total_cmp);
    long.dedup();
    let held = KINDS.iter().filter(|kind| kind.digits > 0);
    let mut found = held.filter(|kind| {
        let width = if kind.digits == CARD { 0 } else { kind.digits };
        let texts: Vec<String> = long.iter().map(|value| format!("{value:0width$.0}")).collect();
        is_most(kind, &texts.iter().map(String::as_str).collect::<Vec<_>>())
    });
    found.next().map(|kind| kind.name)
}

/// Whether most of the different values are of a kind.
fn is_most(kind: &Kind, levels: &[&str]) -> bool {
    let least = (MOST * levels.len() as f64).ceil() as usize;
    levels.len() >= MIN_VALUES
        && levels.iter().filter(|level| (kind.is)(level)).count() >= least
        && (kind.are)(levels)
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
    fn addresses_of_networks_are_personal() {
        let four = |row: usize| format!("198.51.{}.{}", row % 3, 100 + row);
        assert_eq!(texts(four), Some("addresses of networks"));
        assert_eq!(texts(|row| format!("2001:db8::{row:x}")), Some("addresses of networks"));
    }

    #[test]
    fn numbers_of_people_are_personal_as_texts_and_as_numbers() {
        // Of each kind: numbers until the check digit is right.
        let valid = |is: fn(&str) -> bool, of: &dyn Fn(usize, usize) -> String, row: usize| {
            (0..100).map(|check| of(row, check)).find(|text| is(text)).unwrap_or_default()
        };
        let brazilian =
            |row: usize, check: usize| format!("{:09}{check:02}", row * 7_654_321 + 1_000_005);
        let dutch = |row: usize, check: usize| format!("{:08}{check}", row * 876_543 + 10_000_019);
        let indian =
            |row: usize, check: usize| format!("{:011}{check}", row * 765_432_109 + 23_456_789_012);
        for (name, is, of) in [
            (
                "Brazilian tax numbers",
                national::is_brazilian as fn(&str) -> bool,
                &brazilian as &dyn Fn(usize, usize) -> String,
            ),
            ("Dutch citizen service numbers", national::is_dutch, &dutch),
            ("Indian Aadhaar numbers", national::is_indian, &indian),
        ] {
            // Of one digit alone, one number in eleven has none that is right.
            let rows: Vec<String> =
                (0..80).map(|row| valid(is, of, row)).filter(|text| !text.is_empty()).collect();
            assert_eq!(of_levels(rows.iter().map(String::as_str)), Some(name));
            let numbers: Vec<f64> = rows.iter().filter_map(|text| text.parse().ok()).collect();
            assert_eq!(of_numbers(&numbers), Some(name));
        }
        // Random numbers of the same lengths are not.
        for digits in [9, 11, 12, 15] {
            let number = |row: usize| {
                (row as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) % 10_u64.pow(digits)
            };
            let numbers: Vec<f64> = (0..200).map(|row| number(row) as f64).collect();
            assert_eq!(of_numbers(&numbers), None, "{digits}");
            let texts: Vec<String> =
                (0..200).map(|row| format!("{:01$}", number(row), digits as usize)).collect();
            assert_eq!(of_levels(texts.iter().map(String::as_str)), None, "{digits}");
        }
    }

    #[test]
    fn what_only_resembles_it_is_not() {
        for of in [
            |row: usize| format!("20{:02}-03-{:02}", row % 30, row % 28 + 1),
            |row| format!("{:02}.03.2024", row % 28 + 1),
            |row| format!("03/{:02}/2024", row % 28 + 1),
            |row| format!("{}.{:02}", row * 31, row),
            |row| format!("10.0.{row}.1"),
            |row| format!("2.14.{}.{}", row % 7, row),
            |row| format!("AB{:06}A", row * 7919),
            |row| format!("{:011}", row * 79_199_919 + 10_000_000_000),
            |row| format!("{:08}X", row * 7919),
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
