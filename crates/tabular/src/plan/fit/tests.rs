#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use super::super::MISSING_LEVEL;
use super::*;
use crate::cleaning;
use crate::{ColumnType, ProblemType};

const ROWS: usize = 1000;

fn target() -> Target {
    let values = (0..ROWS).map(|row| f64::from(u8::from(row % 3 == 0))).collect();
    Target { problem: ProblemType::Binary, classes: vec!["no".into(), "yes".into()], values }
}

fn numbers(of: impl Fn(usize) -> f64) -> Column {
    Column::Number((0..ROWS).map(of).collect())
}

fn texts(of: impl Fn(usize) -> Option<String>) -> Column {
    let texts: Vec<Option<String>> = (0..ROWS).map(of).collect();
    Column::Text(texts.iter().map(Option::as_deref).collect())
}

fn fitted(columns: Vec<(&str, ColumnType, Column)>) -> Result<FittedPlan, FitError> {
    fitted_with(columns, &target(), &Options::default())
}

fn fitted_with(
    columns: Vec<(&str, ColumnType, Column)>,
    target: &Target,
    options: &Options,
) -> Result<FittedPlan, FitError> {
    let (fields, columns): (Vec<_>, Vec<_>) =
        columns.into_iter().map(|(name, of, column)| (Field::new(name, of), column)).unzip();
    let table = Table::new(fields, columns).unwrap();
    let cleaning = CleaningPlan::fit(&table, &cleaning::Options::default());
    fit(&table, target, &cleaning, options)
}

/// A number between 0 and 1 that looks random.
fn noise(row: usize, salt: u64) -> f64 {
    let mut mixed = (row as u64 * 16 + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
}

fn scattered(row: usize) -> f64 {
    ((row * 7919) % 1009) as f64
}

#[test]
fn each_type_gets_its_transform() {
    let day = crate::parse::DAY_MICROSECONDS;
    let fitted = fitted(vec![
        ("age", ColumnType::Integer, numbers(scattered)),
        (
            "kind",
            ColumnType::Text,
            texts(|row| Some(if row % 3 == 0 { "b" } else { "a" }.to_owned())),
        ),
        ("flag", ColumnType::Boolean, numbers(|row| (row % 2) as f64)),
        ("joined", ColumnType::Date, numbers(|row| scattered(row) * day)),
        ("same", ColumnType::Number, numbers(|_| 4.0)),
        ("void", ColumnType::Text, texts(|_| None)),
        ("id", ColumnType::Text, texts(|row| Some(format!("id{row}")))),
    ])
    .unwrap();
    let names = fitted.plan.names();
    assert_eq!(&names[..3], ["age", "kind", "flag"]);
    assert!(
        names.contains(&"joined_day_of_week") && names.contains(&"joined_day_of_month"),
        "{names:?}"
    );
    // The month and the day of the year say the same; the more relevant one stays.
    assert!(names.contains(&"joined_month") != names.contains(&"joined_day_of_year"), "{names:?}");
    assert_eq!(fitted.plan.categories()[1], Some(3));
    let Transform::Category { levels, other, .. } = &fitted.plan.features[1].transform else {
        panic!()
    };
    assert_eq!((levels.as_slice(), *other), (["a".to_owned(), "b".to_owned()].as_slice(), true));
    assert!(fitted.summaries[1].relevance > 0.95);
    let reasons: Vec<&str> =
        fitted.rejected.iter().map(|rejected| rejected.name.as_str()).collect();
    assert!(["same", "void", "id"].iter().all(|name| reasons.contains(name)), "{reasons:?}");
    assert_eq!(fitted.plan.inputs().len(), 4, "only the columns that are used are asked for");
}

#[test]
fn rare_levels_are_pooled() {
    let fitted = fitted(vec![(
        "city",
        ColumnType::Text,
        texts(|row| Some(if row < 4 { format!("rare{row}") } else { format!("c{}", row % 150) })),
    )])
    .unwrap();
    let Transform::Category { levels, other, .. } = &fitted.plan.features[0].transform else {
        panic!()
    };
    assert!(*other);
    assert_eq!(levels.len(), 150);
    assert!(levels.iter().all(|level| level.starts_with('c')));
}

#[test]
fn what_repeats_another_feature_goes() {
    let fitted = fitted(vec![
        ("a", ColumnType::Number, numbers(|row| scattered(row) + (row % 3) as f64 * 900.0)),
        (
            "twice",
            ColumnType::Number,
            numbers(|row| -2.0 * (scattered(row) + (row % 3) as f64 * 900.0) + 5.0),
        ),
        ("other", ColumnType::Number, numbers(|row| ((row * 31) % 97) as f64)),
    ])
    .unwrap();
    assert_eq!(fitted.plan.names(), ["a", "other"]);
    assert_eq!(fitted.rejected[0].name, "twice");
}

#[test]
fn missing_values_that_say_something_are_marked() {
    let holes = |tell: bool| {
        move |row: usize| {
            let gap = if tell { row.is_multiple_of(3) } else { row.is_multiple_of(7) };
            if gap { f64::NAN } else { scattered(row) }
        }
    };
    let fitted = fitted(vec![
        ("told", ColumnType::Number, numbers(holes(true))),
        ("by_chance", ColumnType::Number, numbers(holes(false))),
    ])
    .unwrap();
    assert_eq!(fitted.plan.names(), ["told", "told_missing", "by_chance"]);
}

#[test]
fn derived_names_give_way_to_columns() {
    let fitted = fitted(vec![
        (
            "told",
            ColumnType::Number,
            numbers(|row| if row % 3 == 0 { f64::NAN } else { scattered(row) }),
        ),
        ("told_missing", ColumnType::Number, numbers(|row| ((row * 31) % 97) as f64)),
    ])
    .unwrap();
    assert_eq!(fitted.plan.names(), ["told", "told_missing_2", "told_missing"]);
}

#[test]
fn nothing_to_learn_from_is_an_error() {
    assert!(matches!(
        fitted(vec![("same", ColumnType::Number, numbers(|_| 1.0))]),
        Err(FitError::NoFeatures { columns: 1 })
    ));
}

#[test]
fn a_missing_text_and_one_never_seen_have_codes_of_their_own() {
    let kind = |missing: bool| {
        let of = move |row: usize| {
            let level = if row.is_multiple_of(3) { "b" } else { "a" };
            (!(missing && row.is_multiple_of(4))).then(|| level.to_owned())
        };
        let fitted = fitted(vec![("kind", ColumnType::Text, texts(of))]).unwrap();
        let Transform::Category { levels, other, .. } = fitted.plan.features[0].transform.clone()
        else {
            panic!()
        };
        (levels, other, fitted.plan.categories()[0])
    };
    let owned = |levels: &[&str]| levels.iter().map(|level| (*level).to_owned()).collect();
    assert_eq!(kind(false), (owned(&["a", "b"]), true, Some(3)));
    assert_eq!(kind(true), (owned(&["a", "b", MISSING_LEVEL]), true, Some(4)));
}

#[test]
fn small_tables_pool_fewer_rows() {
    let least = |rows| Options::default().least_rows(rows);
    assert_eq!([20, 240, 1_000, 50_000, 1_000_000].map(least), [2, 2, 5, 5, 100]);
}

const DAY: f64 = crate::parse::DAY_MICROSECONDS;

#[test]
fn instants_have_hours_and_dates_have_none() {
    let fitted = fitted(vec![
        ("at", ColumnType::Timestamp, numbers(|row| (noise(row, 1) * 9.0).floor() * DAY / 24.0)),
        ("on", ColumnType::Timestamp, numbers(|row| (noise(row, 2) * 9.0).floor() * DAY)),
    ])
    .unwrap();
    let names = fitted.plan.names();
    let all: Vec<&str> = fitted
        .rejected
        .iter()
        .map(|rejected| rejected.name.as_str())
        .chain(names.iter().copied())
        .collect();
    for part in ["hour_of_day", "hour_of_day_sin", "hour_of_day_cos"] {
        assert!(all.contains(&format!("at_{part}").as_str()), "{all:?}");
        assert!(!all.contains(&format!("on_{part}").as_str()), "{all:?}");
    }
    assert!(names.iter().any(|name| name.starts_with("at_hour_of_day")), "{names:?}");
}

#[test]
fn days_between_moments_are_features_at_most_ten() {
    let columns = ["a", "b", "c", "d", "e", "f"];
    let target = Target {
        values: (0..ROWS)
            .map(|row| f64::from(u8::from(noise(row, 3) - noise(row, 1) > 0.1)))
            .collect(),
        ..target()
    };
    let column = |place: usize| {
        let salt = place as u64;
        numbers(move |row| ((noise(row, salt) * 3000.0).floor() + 200.0 * salt as f64) * DAY)
    };
    let made = columns.iter().enumerate();
    let made = made.map(|(place, name)| (*name, ColumnType::Date, column(place))).collect();
    let fitted = fitted_with(made, &target, &Options::default()).unwrap();
    let between: Vec<&Summary> =
        fitted.summaries.iter().filter(|of| of.transform == "days_between").collect();
    assert_eq!(between.len(), 10);
    assert_eq!(between[0].name, "days_from_b_to_d", "the strongest comes first");
    assert!(between[0].relevance > 0.9 && between[0].sources == ["b", "d"]);
}

/// Rows of a year: when each is predicted, how long its customer had been there, and their day of birth.
fn in_time() -> Vec<(&'static str, ColumnType, Column)> {
    let now = |row: usize| (18_000.0 + noise(row, 1) * 365.0).floor();
    vec![
        ("now", ColumnType::Timestamp, numbers(move |row| (now(row) + noise(row, 4)) * DAY)),
        (
            "joined",
            ColumnType::Date,
            numbers(move |row| (now(row) - (noise(row, 2) * 300.0).floor()) * DAY),
        ),
        ("born", ColumnType::Date, numbers(|row| (noise(row, 3) * 20_000.0).floor() * DAY)),
    ]
}

#[test]
fn where_rows_are_split_by_time_only_what_comes_again_is_a_feature() {
    let options = Options { prediction_point: Some("now".into()), ..Options::default() };
    let made = |options: &Options| {
        let fitted = fitted_with(in_time(), &target(), options).unwrap();
        let rejected = fitted.rejected.into_iter().map(|rejected| rejected.name);
        let names: BTreeSet<String> =
            fitted.summaries.into_iter().map(|summary| summary.name).chain(rejected).collect();
        names
    };
    let (by_time, at_random) = (made(&options), made(&Options::default()));
    for name in ["days_from_joined_to_now", "now_hour_of_day", "joined_day_of_week", "born_year"] {
        assert!(by_time.contains(name) && at_random.contains(name), "{name}: {by_time:?}");
    }
    for name in ["now_year", "now_days_since_1970", "joined_days_since_1970", "now_month"] {
        assert!(!by_time.contains(name) && at_random.contains(name), "{name}: {by_time:?}");
    }
}

#[test]
fn a_time_of_which_nothing_comes_again_is_left_out_and_said_so() {
    let options = Options { prediction_point: Some("now".into()), ..Options::default() };
    let columns = vec![
        ("now", ColumnType::Date, numbers(|row| (row as f64 / 100.0).floor() * DAY)),
        ("x", ColumnType::Number, numbers(scattered)),
    ];
    let fitted = fitted_with(columns, &target(), &options).unwrap();
    assert_eq!(fitted.plan.names(), ["x"]);
    assert!(fitted.rejected[0].reason.contains("comes again within the 9 days"));
}

#[test]
fn texts_that_hardly_repeat_are_kept_where_their_levels_tell() {
    let shop = |row: usize| (noise(row, 1) * 400.0) as usize;
    let target = |told: f64| Target {
        values: (0..ROWS)
            .map(|row| {
                f64::from(u8::from(noise(shop(row), 2) * told + noise(row, 3) > 0.5 + told / 2.0))
            })
            .collect(),
        ..target()
    };
    let columns = || {
        vec![
            ("shop", ColumnType::Text, texts(|row| Some(format!("s{}", 1000 + shop(row))))),
            ("x", ColumnType::Number, numbers(scattered)),
        ]
    };
    let options = Options { rare_rows: 9, ..Options::default() };
    let told = fitted_with(columns(), &target(2.0), &options).unwrap();
    assert!(told.plan.categories()[0].unwrap() > 250, "{:?}", told.plan.categories());
    let not = fitted_with(columns(), &target(0.0), &options).unwrap();
    assert_eq!(not.plan.names(), ["x"]);
    assert!(not.rejected[0].reason.contains("hardly repeat"), "{:?}", not.rejected);
}

#[test]
fn words_and_lengths_of_free_texts_are_features_where_they_tell() {
    let word = |row: usize| noise(row, 1) < 0.3;
    let target = Target {
        values: (0..ROWS)
            .map(|row| f64::from(u8::from(word(row) != (noise(row, 2) < 0.1))))
            .collect(),
        ..target()
    };
    let of = |row: usize| {
        let asks = if word(row) { "REFUND" } else { "thanks" };
        let more = "x".repeat((noise(row, 3) * 30.0) as usize);
        Some(format!("{asks}, number {} and {more}", row * 7 + 100_000))
    };
    let gap = |row: usize| (!row.is_multiple_of(10)).then(|| format!("x{}", row * 31));
    let fitted = fitted_with(
        vec![("note", ColumnType::Text, texts(of)), ("code", ColumnType::Text, texts(gap))],
        &target,
        &Options::default(),
    )
    .unwrap();
    let names = fitted.plan.names();
    assert!(names.contains(&"note_has_refund"), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("code")), "{names:?}");
    let redundant: Vec<&str> =
        fitted.rejected.iter().map(|rejected| rejected.name.as_str()).collect();
    assert!(redundant.contains(&"note_has_thanks") || names.contains(&"note_has_thanks"));
    assert!(!redundant.contains(&"note_has_number"), "all rows have it");
}

#[test]
fn how_frequent_a_level_is_is_a_feature_where_there_are_many() {
    let place = |row: usize| (noise(row, 1) * noise(row, 2) * 60.0) as usize;
    let of = |row: usize| Some(format!("p{}", place(row)));
    let fitted = fitted(vec![("place", ColumnType::Text, texts(of))]).unwrap();
    let frequency = fitted.plan.features.iter().find(|of| of.name == "place_frequency").unwrap();
    let Transform::Frequency { levels, shares, .. } = &frequency.transform else { panic!() };
    let first = (0..ROWS).filter(|row| format!("p{}", place(*row)) == levels[0]).count();
    assert_eq!(shares[0], first as f64 / ROWS as f64);
    assert!(shares.is_sorted_by(|a, b| a >= b));
}

#[test]
fn rows_held_out_judge_and_teach_nothing() {
    let shop = |row: usize| (noise(row, 1) * 400.0) as usize;
    let rows = |range: std::ops::Range<usize>| {
        let texts: Vec<String> = range.clone().map(|row| format!("s{}", shop(row))).collect();
        let text = Column::Text(texts.iter().map(|text| Some(text.as_str())).collect());
        let values = range.map(|row| f64::from(u8::from(noise(shop(row), 2) > 0.5))).collect();
        let table = Table::new(vec![Field::new("shop", ColumnType::Text)], vec![text]).unwrap();
        (table, Target { values, ..target() })
    };
    let (train, others) = (rows(0..1000), rows(1000..1400));
    let cleaning = CleaningPlan::fit(&train.0, &cleaning::Options::default());
    let judged = |table: &Table, target: &Target| {
        let held_out = HeldOut { table, target };
        fit_judged(&train.0, &train.1, Some(held_out), &cleaning, &Options::default())
    };
    let plan = judged(&others.0, &others.1).unwrap();
    let twice: Vec<usize> = (0..400).chain(0..400).collect();
    let values = twice.iter().map(|row| others.1.values[*row]).collect();
    let again = judged(&others.0.take(&twice), &Target { values, ..others.1.clone() }).unwrap();
    assert_eq!(plan, again);
    // Where the target of the rows held out says the opposite, the same levels tell nothing.
    let opposite = others.1.values.iter().map(|value| 1.0 - value).collect();
    let none = judged(&others.0, &Target { values: opposite, ..others.1.clone() }).unwrap();
    assert!(none.plan.categories()[0] < plan.plan.categories()[0]);
    assert!(matches!(judged(&others.0, &train.1), Err(FitError::Rows { rows: 400, .. })));
}
