#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use super::*;
use crate::{ColumnType, Field};

/// A number between 0 and 1 that looks random.
fn noise(row: usize, salt: u64) -> f64 {
    let mut mixed = (row as u64 * 64 + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
}

/// One of `count` levels, most of which have two or three rows.
fn level(row: usize, count: usize) -> usize {
    (noise(row, 1) * count as f64) as usize
}

fn target(rows: std::ops::Range<usize>, problem: ProblemType, strength: f64) -> Target {
    let of = |row: usize| {
        let told = noise(level(row, 300), 2) * strength + noise(row, 3);
        match problem {
            ProblemType::Binary => f64::from(u8::from(told > 0.5 + strength / 2.0)),
            ProblemType::Multiclass => ((told * 3.0 / (1.0 + strength)) as usize).min(2) as f64,
            ProblemType::Regression => (told * 20.0).exp(),
        }
    };
    let classes: &[&str] = match problem {
        ProblemType::Binary => &["a", "b"],
        ProblemType::Multiclass => &["a", "b", "c"],
        ProblemType::Regression => &[],
    };
    Target {
        problem,
        classes: classes.iter().map(|class| (*class).to_owned()).collect(),
        values: rows.map(of).collect(),
    }
}

fn text(rows: std::ops::Range<usize>) -> TextColumn {
    let texts: Vec<String> = rows.map(|row| format!("l{}", level(row, 300))).collect();
    texts.iter().map(|text| Some(text.as_str())).collect()
}

fn table(rows: std::ops::Range<usize>) -> Table {
    Table::new(vec![Field::new("text", ColumnType::Text)], vec![Column::Text(text(rows))]).unwrap()
}

#[test]
fn levels_of_few_rows_are_judged_on_rows_that_were_held_out() {
    let (train, others) = (0..700, 700..1000);
    for problem in [ProblemType::Binary, ProblemType::Multiclass, ProblemType::Regression] {
        for (strength, expected) in [(2.0, true), (0.0, false)] {
            let (of_train, of_others) = (
                target(train.clone(), problem, strength),
                target(others.clone(), problem, strength),
            );
            let table = table(others.clone());
            let held_out = HeldOut { table: &table, target: &of_others };
            for (held_out, name) in [(Some(held_out), "held out"), (None, "folds")] {
                let judge = FeatureJudge::new(&of_train, held_out);
                let column = judge.held_out("text").and_then(Column::text);
                assert_eq!(column.is_some(), held_out.is_some());
                let told = judge.levels_tell(&text(train.clone()), column, |_| true);
                assert_eq!(told, expected, "{problem}, strength {strength}, {name}");
                let nothing = judge.levels_tell(&text(train.clone()), column, |_| false);
                assert!(!nothing, "no level was asked for");
            }
        }
    }
}

#[test]
fn unique_texts_tell_nothing_by_their_levels() {
    let target = target(0..700, ProblemType::Binary, 2.0);
    let texts: Vec<String> = (0..700).map(|row| format!("id{row}")).collect();
    let text: TextColumn = texts.iter().map(|text| Some(text.as_str())).collect();
    assert!(!FeatureJudge::new(&target, None).levels_tell(&text, None, |_| true));
}

#[test]
fn chance_is_rarely_taken_for_more() {
    let passed = (0..400)
        .filter(|column| {
            let values = (0..300).map(|row| f64::from(u8::from(noise(row, 7 + column * 3) > 0.5)));
            let target = Target {
                problem: ProblemType::Binary,
                classes: vec!["a".into(), "b".into()],
                values: values.collect(),
            };
            let numbers: Vec<f64> = (0..300).map(|row| noise(row, 8 + column * 3)).collect();
            FeatureJudge::new(&target, None).numbers_tell(&numbers, None)
        })
        .count();
    assert!(passed <= 3, "{passed} of 400");
}

#[test]
fn numbers_tell_by_their_bins_and_by_being_missing() {
    let rows = 400;
    let target = Target {
        problem: ProblemType::Binary,
        classes: vec!["a".into(), "b".into()],
        values: (0..rows)
            .map(|row| f64::from(u8::from((0.25..0.75).contains(&noise(row, 1)))))
            .collect(),
    };
    let judge = FeatureJudge::new(&target, None);
    let of = |of: &dyn Fn(usize) -> f64| (0..rows).map(of).collect::<Vec<f64>>();
    assert!(judge.numbers_tell(&of(&|row| noise(row, 1)), None), "not in a straight line");
    assert!(!judge.goes_with(&of(&|row| noise(row, 1))), "no straight line");
    let gaps = of(&|row| if target.values[row] == 1.0 { f64::NAN } else { noise(row, 2) });
    assert!(judge.numbers_tell(&gaps, None));
    assert!(judge.goes_with(&target.values));
    assert!(!judge.numbers_tell(&of(&|_| 1.0), None));
}
