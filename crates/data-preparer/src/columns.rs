//! Columns that cannot help: constant ones, identifiers, and personal data.
//!
//! One value and gaps are two levels: a box that was ticked or left blank is no constant.
//!
//! Neither a name nor that values are unique makes an identifier: a column that looks like one stays where it predicts the target
//! on rows that it was not learned from. Only two are left out unasked: the entity that the scope names, and a running number of
//! the rows, because that of a new row lies beyond all of them. An identifier that stays is told with its evidence.

use std::cell::OnceCell;

use contracts::stages::ExcludedColumn;
use statistics::Finding;
use tabular::personal;
use tabular::plan::{CERTAIN, FeatureJudge, HeldOut, text_tells};
use tabular::target::Target;
use tabular::{Column, ColumnType, Field, Table};

use crate::issues::noted;
use crate::left_out::PERSONAL;

/// Share of different values from which on a text column identifies rows.
const IDENTIFYING_SHARE: f64 = 0.95;
/// Share of different values from which on text is free text rather than categories.
const FREE_TEXT_SHARE: f64 = 0.5;
/// Rows from which on the share of different values says anything.
const MIN_SHARE_ROWS: usize = 50;
/// Words that a text has on average from which on it is prose: what it says differs, and names no row.
const PROSE_WORDS: usize = 3;
/// Words in a name that say that a number identifies.
const IDENTIFYING_WORDS: [&str; 8] = ["id", "uuid", "guid", "key", "no", "nr", "number", "index"];

/// The rows that columns are looked at on.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    /// The training split, on which values are counted.
    pub(crate) train: &'a Table,
    /// The rows of it on which columns are judged by the target.
    pub(crate) sampled: &'a Table,
    /// Target of the sampled rows.
    pub(crate) target: &'a Target,
    /// Rows that nothing is learned from.
    pub(crate) held_out: HeldOut<'a>,
}

/// What becomes of a column that is not like others.
pub(crate) enum Verdict {
    /// It is left out, with the reason.
    LeftOut(ExcludedColumn),
    /// It looks like an identifier, and stays because it tells the target.
    Stays(Finding),
}

/// Verdicts on columns of the training split, the target excepted; none on those that are like others.
pub(crate) fn judge(rows: Rows<'_>, target: &str, entity: &str) -> Vec<Verdict> {
    // Most columns need none, and it is as long as the rows.
    let judge = OnceCell::new();
    rows.train
        .iter()
        .filter(|(field, _)| field.name != target)
        .filter_map(|(field, column)| {
            let Reason { reason, kind } = reason(field, column, entity)?;
            let stays = kind != Kind::Useless
                && rows.sampled.column(&field.name).is_some_and(|column| {
                    let judge =
                        judge.get_or_init(|| FeatureJudge::new(rows.target, Some(rows.held_out)));
                    tells(judge, rows.target, field, column)
                });
            match kind {
                _ if !stays => {
                    Some(Verdict::LeftOut(ExcludedColumn { column: field.name.clone(), reason }))
                }
                Kind::Identifier if !is_prose(column) => {
                    Some(Verdict::Stays(identifier(field, column, target)))
                }
                _ => None,
            }
        })
        .collect()
}

/// That an identifier stays.
fn identifier(field: &Field, column: &Column, target: &str) -> Finding {
    let name = &field.name;
    let (present, distinct) = counts(column);
    let message = format!(
        "column `{name}` looks like an identifier ({distinct} different values in {present} rows), and stays because it tells the target `{target}` on held-out rows beyond chance (by more than {CERTAIN} standard errors): new rows have other identifiers; `--exclude-column {name}` (excludeColumns in the request) leaves it out"
    );
    noted("predictive_identifier", name, present as u64, message)
}

/// Whether texts have several words each.
fn is_prose(column: &Column) -> bool {
    let Column::Text(text) = column else { return false };
    let words: usize = text.iter().flatten().map(|text| text.split_whitespace().count()).sum();
    words >= PROSE_WORDS * text.iter().flatten().count()
}

/// Why a column is left out.
struct Reason {
    reason: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It is left out whatever it tells.
    Useless,
    /// It stays where it tells the target.
    Identifier,
    FreeText,
}

fn reason(field: &Field, column: &Column, entity: &str) -> Option<Reason> {
    let always = |reason| Some(Reason { reason, kind: Kind::Useless });
    let suspect = |kind, reason: &str| Some(Reason { reason: reason.to_owned(), kind });
    if field.name == entity {
        return always("identifier".to_owned());
    }
    // How many there are says something of texts and of whole numbers alone.
    if !matches!(field.column_type, ColumnType::Text | ColumnType::Integer) && varies(column) {
        return None;
    }
    let (present, distinct) = counts(column);
    if present == 0 {
        return always("all missing".to_owned());
    }
    if distinct == 1 && present == column.len() {
        return always("constant".to_owned());
    }
    if let Some(kind) = personal::looks_like(column) {
        return always(format!("{PERSONAL}: its values look like {kind}"));
    }
    if present < MIN_SHARE_ROWS {
        return None;
    }
    let share = distinct as f64 / present as f64;
    match field.column_type {
        ColumnType::Text if share >= IDENTIFYING_SHARE => suspect(
            Kind::Identifier,
            "identifier: hardly a text repeats, and they tell nothing on rows held out",
        ),
        ColumnType::Text if share >= FREE_TEXT_SHARE => {
            suspect(Kind::FreeText, "free text that tells nothing on rows held out")
        }
        ColumnType::Integer if share >= IDENTIFYING_SHARE && numbers_rows(column) => {
            always("running number of the rows".to_owned())
        }
        ColumnType::Integer
            if share >= IDENTIFYING_SHARE && (is_identifying(&field.name) || is_dense(column)) =>
        {
            suspect(
                Kind::Identifier,
                "identifier: hardly a number repeats, and they tell nothing on rows held out",
            )
        }
        _ => None,
    }
}

/// Whether a column predicts the target on rows that were not learned from.
fn tells(judge: &FeatureJudge<'_>, target: &Target, field: &Field, column: &Column) -> bool {
    match (column, judge.held_out(&field.name)) {
        (Column::Number(values), held_out) => {
            judge.numbers_tell(values, held_out.and_then(Column::numbers))
        }
        (Column::Text(text), held_out) => {
            text_tells(judge, text, held_out.and_then(Column::text), target)
        }
    }
}

/// Whether there are two different numbers.
fn varies(column: &Column) -> bool {
    let mut present = column.numbers().unwrap_or_default().iter().filter(|value| !value.is_nan());
    present.next().is_some_and(|first| present.any(|value| value != first))
}

/// Present and different values.
fn counts(column: &Column) -> (usize, usize) {
    match column {
        Column::Number(values) => {
            let present = values.iter().filter(|value| !value.is_nan());
            let mut present: Vec<u64> = present.map(|value| (value + 0.0).to_bits()).collect();
            let count = present.len();
            present.sort_unstable();
            present.dedup();
            (count, present.len())
        }
        Column::Text(text) => {
            let (counts, missing) = text.counts();
            let distinct = counts.iter().filter(|count| **count > 0).count();
            (text.len() - usize::try_from(missing).unwrap_or(text.len()), distinct)
        }
    }
}

/// Whether a name has a word of an identifier: `customer_id`, `customerID`, `Account No`.
fn is_identifying(name: &str) -> bool {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower) {
            words.push(String::new());
        }
        lower = c.is_lowercase();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
        }
    }
    words.iter().any(|word| IDENTIFYING_WORDS.contains(&word.as_str()))
}

/// Whether whole numbers, all different, leave hardly a gap.
fn is_dense(column: &Column) -> bool {
    let Column::Number(values) = column else { return false };
    let present = values.iter().copied().filter(|value| !value.is_nan());
    let (count, low, high) = present
        .fold((0.0, f64::INFINITY, f64::NEG_INFINITY), |found, value| {
            (found.0 + 1.0, value.min(found.1), value.max(found.2))
        });
    // The training split has three fifths of the rows, so that gaps of that size are expected.
    high - low <= count * 2.0
}

/// Whether whole numbers count the rows: hardly a gap, and each is greater than those before it.
fn numbers_rows(column: &Column) -> bool {
    let Column::Number(values) = column else { return false };
    is_dense(column) && values.iter().zip(values.iter().skip(1)).all(|(one, next)| one < next)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use tabular::ProblemType;

    use super::*;

    const TRAIN: usize = 300;
    const ROWS: usize = 400;

    /// A number between 0 and 1 that looks random.
    fn noise(row: usize, salt: u64) -> f64 {
        let mut mixed = (row as u64 * 16 + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
    }

    fn truth(row: usize) -> bool {
        noise(row, 1) > 0.6
    }

    fn verdicts(columns: Vec<(&str, ColumnType, Column)>) -> Vec<Verdict> {
        let fields = columns.iter().map(|(name, kind, _)| Field::new(*name, *kind)).collect();
        let columns = columns.into_iter().map(|(_, _, column)| column).collect();
        let table = Table::new(fields, columns).unwrap();
        let (first, rest): (Vec<usize>, Vec<usize>) =
            ((0..TRAIN).collect(), (TRAIN..ROWS).collect());
        let target = |rows: &[usize]| Target {
            problem: ProblemType::Binary,
            classes: vec!["no".into(), "yes".into()],
            values: rows.iter().map(|row| f64::from(u8::from(truth(*row)))).collect(),
        };
        let (train, others) = (table.take(&first), table.take(&rest));
        let rows = Rows {
            train: &train,
            sampled: &train,
            target: &target(&first),
            held_out: HeldOut { table: &others, target: &target(&rest) },
        };
        judge(rows, "y", "owner")
    }

    /// Columns that are left out, with the reasons.
    fn found(columns: Vec<(&str, ColumnType, Column)>) -> Vec<String> {
        let of = |verdict| match verdict {
            Verdict::LeftOut(of) => Some(format!("{}: {}", of.column, first_words(&of.reason))),
            Verdict::Stays(_) => None,
        };
        verdicts(columns).into_iter().filter_map(of).collect()
    }

    fn first_words(reason: &str) -> &str {
        reason.split([':', ',']).next().unwrap_or_default()
    }

    fn text(of: impl Fn(usize) -> String) -> Column {
        let texts: Vec<String> = (0..ROWS).map(of).collect();
        Column::Text(texts.iter().map(|text| Some(text.as_str())).collect())
    }

    fn numbers(of: impl Fn(usize) -> f64) -> Column {
        Column::Number((0..ROWS).map(of).collect())
    }

    fn shuffled(row: usize) -> f64 {
        ((row * 977) % 401) as f64
    }

    #[test]
    fn what_cannot_help_is_found() {
        let found = found(vec![
            ("code", ColumnType::Text, text(|row| format!("c{}", 1000 + row))),
            ("remark", ColumnType::Text, text(|row| format!("r{}", 100 + row % 200))),
            ("kind", ColumnType::Text, text(|row| format!("k{}", row % 3))),
            ("one", ColumnType::Number, numbers(|_| 1.0)),
            ("none", ColumnType::Number, numbers(|_| f64::NAN)),
            ("row", ColumnType::Integer, numbers(|row| row as f64)),
            ("shuffled", ColumnType::Integer, numbers(shuffled)),
            ("customerID", ColumnType::Integer, numbers(|row| shuffled(row) * 1000.0)),
            ("price", ColumnType::Integer, numbers(|row| (row * row * 31) as f64)),
            ("amount", ColumnType::Number, numbers(|row| row as f64 * 1.37)),
            ("owner", ColumnType::Integer, numbers(|row| f64::from(u8::from(truth(row))))),
            ("y", ColumnType::Integer, numbers(|row| row as f64)),
        ]);
        let expected = [
            "code: identifier",
            "remark: free text that tells nothing on rows held out",
            "one: constant",
            "none: all missing",
            "row: running number of the rows",
            "shuffled: identifier",
            "customerID: identifier",
            "owner: identifier",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_predicts_stays_whatever_its_name_and_however_unique() {
        let told = |row: usize| f64::from(u8::from(truth(row)));
        let kept = found(vec![
            // Greater numbers, longer texts, a word, a level of few rows: each goes with the target.
            (
                "number_of_steps",
                ColumnType::Integer,
                numbers(|row| shuffled(row) + 300.0 * told(row)),
            ),
            ("dense", ColumnType::Integer, numbers(|row| shuffled(row) / 2.0 + 150.0 * told(row))),
            (
                "note",
                ColumnType::Text,
                text(|row| format!("n{row}{}", "x".repeat(4 * told(row) as usize))),
            ),
            (
                "mail",
                ColumnType::Text,
                text(|row| {
                    format!(
                        "a{row} {} b",
                        if truth(row) == (row % 5 > 0) { "refund" } else { "greeting" }
                    )
                }),
            ),
            (
                "shop",
                ColumnType::Text,
                text(|row| {
                    let shop = (noise(row, 2) * 80.0) as usize * 2;
                    format!(
                        "s{}",
                        if noise(row, 3) > 0.1 { shop + usize::from(truth(row)) } else { shop }
                    )
                }),
            ),
        ]);
        assert!(kept.is_empty(), "{kept:?}");
    }

    #[test]
    fn an_identifier_that_predicts_is_told() {
        let told = |row: usize| if truth(row) { "x" } else { "y" };
        let verdicts = verdicts(vec![
            (
                "account_no",
                ColumnType::Integer,
                numbers(|row| shuffled(row) * 7.0 + 9_000.0 * f64::from(u8::from(truth(row)))),
            ),
            ("code", ColumnType::Text, text(|row| format!("{}-{row}", told(row).repeat(3)))),
            // What a letter says differs as well; it is no identifier.
            ("letter", ColumnType::Text, text(|row| format!("dear {row} {} bye", told(row)))),
            ("repeats", ColumnType::Text, text(|row| format!("{}{}", told(row), row % 9))),
        ]);
        let told: Vec<(&str, &str, bool)> = verdicts
            .iter()
            .filter_map(|verdict| match verdict {
                Verdict::Stays(of) => Some((of.code.as_str(), of.column.as_str(), of.blocking)),
                Verdict::LeftOut(_) => None,
            })
            .collect();
        assert_eq!(
            told,
            [
                ("predictive_identifier", "account_no", false),
                ("predictive_identifier", "code", false)
            ]
        );
    }

    #[test]
    fn one_value_and_gaps_are_two_levels() {
        let ticked = |row: usize| if noise(row, 5) > 0.7 { "Y" } else { "" };
        let boxes: Vec<&str> = (0..ROWS).map(ticked).collect();
        let kept = found(vec![
            (
                "ticked",
                ColumnType::Text,
                Column::Text(
                    boxes.iter().map(|text| Some(*text).filter(|of| !of.is_empty())).collect(),
                ),
            ),
            (
                "one",
                ColumnType::Integer,
                numbers(|row| if ticked(row).is_empty() { f64::NAN } else { 1.0 }),
            ),
        ]);
        assert!(kept.is_empty(), "{kept:?}");
    }

    #[test]
    fn personal_data_is_left_out_whatever_its_name() {
        let out = found(vec![
            ("reach", ColumnType::Text, text(|row| format!("p{row}@mail.example"))),
            ("line", ColumnType::Text, text(|row| format!("+41 44 668 {row:04}"))),
        ]);
        assert_eq!(out, ["reach: personal data", "line: personal data"]);
    }

    #[test]
    fn a_running_number_is_left_out_even_where_rows_are_sorted_by_the_target() {
        let train = Column::Number((0..300).map(f64::from).collect());
        assert!(numbers_rows(&train));
        let scattered = Column::Number((0..300).map(|row| f64::from((row * 7) % 301)).collect());
        assert!(!numbers_rows(&scattered) && is_dense(&scattered));
    }
}
