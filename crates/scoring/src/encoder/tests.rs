#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use proptest::prelude::*;
use tabular::CleaningPlan;
use tabular::cleaning::{Cap, Impute};
use tabular::parse::MissingMarkers;
use tabular::plan::{DatePart, Feature, MISSING_LEVEL, TextMeasure, Transform};

use super::*;

fn plan() -> FeaturePlan {
    let column = |name: &str, of| ColumnCleaning::new(name, of, &MissingMarkers::default());
    let feature = |name: &str, transform| Feature { name: name.into(), transform };
    let (x, y, day, city, town) =
        ("x".to_owned(), "y".to_owned(), "day".to_owned(), "city".to_owned(), "town".to_owned());
    let levels = vec!["Basel".to_owned(), "Bern".to_owned()];
    let mut cleaning = CleaningPlan {
        columns: vec![
            column("y", ColumnType::Integer),
            column("x", ColumnType::Number),
            column("day", ColumnType::Date),
            column("city", ColumnType::Text),
            column("town", ColumnType::Text),
            column("unused", ColumnType::Text),
            column("since", ColumnType::Timestamp),
        ],
    };
    cleaning.columns[0].cap = Some(Cap { low: -50.0, high: 50.0 });
    cleaning.columns[0].impute = Some(Impute::Number(7.0));
    cleaning.columns[4].impute = Some(Impute::Text("Bern".into()));
    let mut features = vec![
        feature("x", Transform::Identity { input: x.clone() }),
        feature("x_missing", Transform::MissingIndicator { input: x.clone() }),
        feature(
            "city",
            Transform::Category { input: city.clone(), levels: levels.clone(), other: true },
        ),
        feature("city_missing", Transform::MissingIndicator { input: city.clone() }),
        feature(
            "town",
            Transform::Category { input: town.clone(), levels: levels.clone(), other: false },
        ),
        feature("ratio", Transform::Ratio { numerator: x.clone(), denominator: y.clone() }),
        feature("product", Transform::Product { left: x.clone(), right: y.clone() }),
        feature("difference", Transform::Difference { left: x.clone(), right: y.clone() }),
        feature(
            "sum",
            Transform::Sum { inputs: vec![y.clone(), x.clone()], weights: vec![1.0, -0.5] },
        ),
        feature("days", Transform::DaysBetween { from: day.clone(), to: "since".into() }),
        feature(
            "none_or_city",
            Transform::Category {
                input: city.clone(),
                levels: vec!["Bern".into(), MISSING_LEVEL.into()],
                other: true,
            },
        ),
        feature(
            "frequency",
            Transform::Frequency {
                input: city.clone(),
                levels: levels.clone(),
                shares: vec![0.5, 0.25],
            },
        ),
        feature(
            "mean",
            Transform::GroupMean {
                input: town.clone(),
                of: x.clone(),
                levels: levels.clone(),
                means: vec![-1.5, 2.5],
                overall: 0.5,
            },
        ),
        feature(
            "less_mean",
            Transform::GroupDifference {
                input: x,
                group: city.clone(),
                levels: levels.clone(),
                means: vec![-1.5, 2.5],
                overall: 0.5,
            },
        ),
        feature("has_bern", Transform::HasWord { input: city.clone(), word: "bern".into() }),
    ];
    for measure in TextMeasure::ALL {
        let transform = Transform::TextMeasure { input: city.clone(), measure };
        features.push(feature(&format!("city_{}", measure.as_str()), transform));
    }
    for part in DatePart::ALL {
        features.push(feature(part.as_str(), Transform::DatePart { input: day.clone(), part }));
    }
    FeaturePlan::new(cleaning, features).unwrap()
}

type Row = (f64, f64, f64, Option<String>, Option<String>);

fn table(rows: &[Row]) -> Table {
    let text = |of: fn(&Row) -> Option<&str>| Column::Text(rows.iter().map(of).collect());
    let number = |of: fn(&Row) -> f64| Column::Number(rows.iter().map(of).collect());
    Table::new(
        vec![
            Field::new("x", ColumnType::Number),
            Field::new("y", ColumnType::Integer),
            Field::new("day", ColumnType::Date),
            Field::new("city", ColumnType::Text),
            Field::new("town", ColumnType::Text),
            Field::new("more", ColumnType::Number),
            Field::new("since", ColumnType::Timestamp),
        ],
        vec![
            number(|row| row.0),
            number(|row| row.1),
            number(|row| row.2),
            text(|row| row.3.as_deref()),
            text(|row| row.4.as_deref()),
            number(|_| 1.0),
            number(since),
        ],
    )
    .unwrap()
}

/// Ten and a half days after the day; the day itself where x is negative.
fn since(row: &Row) -> f64 {
    row.2 + if row.0 < 0.0 { 0.0 } else { 10.5 * tabular::parse::DAY_MICROSECONDS }
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| if value.is_nan() { u64::MAX } else { value.to_bits() }).collect()
}

#[test]
fn every_transform_does_what_it_says() {
    let day = tabular::parse::date("2024-05-01").unwrap();
    let matrix = transform(
        &plan(),
        &table(&[
            (6.0, 3.0, day, Some("Bern".into()), Some("Chur".into())),
            (f64::NAN, 1e9, f64::NAN, Some("?".into()), None),
            (1.0, 0.0, day, Some("Chur".into()), Some(" NA".into())),
            (2.0, f64::NAN, day, None, Some("Basel".into())),
            (f64::INFINITY, 1.0, day, Some("".into()), Some("Basel".into())),
        ]),
    )
    .unwrap();
    let nan = f64::NAN;
    let check = |row: usize, expected: &[f64]| {
        assert_eq!(bits(&matrix.row(row)[..9]), bits(expected), "row {row}")
    };
    check(0, &[6.0, 0.0, 1.0, 0.0, nan, 2.0, 18.0, 3.0, 0.0]);
    check(1, &[nan, 1.0, nan, 1.0, 1.0, nan, nan, nan, nan]);
    check(2, &[1.0, 0.0, 2.0, 0.0, 1.0, nan, 0.0, 1.0, -0.5]);
    check(3, &[2.0, 0.0, nan, 1.0, 0.0, 2.0 / 7.0, 14.0, -5.0, 6.0]);
    check(4, &[nan, 0.0, nan, 1.0, 0.0, nan, nan, nan, nan]);
    let check = |row: usize, expected: &[f64]| {
        assert_eq!(bits(&matrix.row(row)[9..18]), bits(expected), "row {row}")
    };
    check(0, &[10.5, 0.0, 0.25, 0.5, 6.0 - 2.5, 1.0, 4.0, 1.0, 0.0]);
    check(1, &[nan, 1.0, nan, 2.5, nan, nan, nan, nan, nan]);
    check(2, &[10.5, 2.0, 0.0, 2.5, 0.5, 0.0, 4.0, 1.0, 0.0]);
    check(3, &[10.5, 1.0, nan, -1.5, 1.5, nan, nan, nan, nan]);
    check(4, &[10.5, 1.0, nan, -1.5, nan, nan, nan, nan, nan]);
    let parts = &matrix.row(0)[18..];
    assert_eq!(parts[..6], [2024.0, 5.0, 3.0, 1.0, 122.0, day / tabular::parse::DAY_MICROSECONDS]);
    assert_eq!(parts[6..9], [0.0, 0.0, 1.0 - f64::EPSILON / 2.0]);
    assert!(matrix.row(1)[18..].iter().all(|part| part.is_nan()));
}

#[test]
fn what_does_not_fit_is_named() {
    let encoder = FeatureEncoder::new(&plan()).unwrap();
    let full = table(&[(1.0, 1.0, 1.0, None, None)]);
    assert_eq!(
        encoder.encode(&full.without(&["city"])),
        Err(EncodeError::MissingColumn { column: "city".into(), expected: ColumnType::Text })
    );
    let wrong = full
        .with_column(Field::new("city", ColumnType::Number), Column::Number(vec![1.0]))
        .unwrap();
    assert_eq!(
        encoder.encode(&wrong),
        Err(EncodeError::WrongType { column: "city".into(), expected: ColumnType::Text })
    );
    let mut out = vec![0.0; encoder.width()];
    assert!(matches!(
        encoder.encode_row(&[], &mut out),
        Err(EncodeError::Width { found: 0, expected: 6 })
    ));
    assert!(matches!(
        encoder.encode_row(&[Value::Missing; 6], &mut []),
        Err(EncodeError::Output { .. })
    ));
    assert!(matches!(
        encoder.encode_row(&[Value::Text("1"); 6], &mut out),
        Err(EncodeError::WrongType { .. })
    ));
    assert!(encoder.encode_row(&[Value::Missing; 6], &mut out).is_ok());
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(f64::NAN),
        Just(0.0),
        Just(-0.0),
        Just(f64::INFINITY),
        -100.0..100.0,
        any::<f64>(),
        (-1000_i32..1000).prop_map(f64::from),
    ]
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some("Basel".to_owned())),
        Just(Some("Bern".to_owned())),
        Just(Some("?".to_owned())),
        Just(Some("was in BERN, 3 times".to_owned())),
        Just(Some(" ".to_owned())),
        "\\PC{0,6}".prop_map(Some),
    ]
}

proptest! {
    #[test]
    fn a_row_alone_is_a_row_of_the_batch(
        rows in prop::collection::vec((number(), number(), number(), text(), text()), 1..30),
    ) {
        let encoder = FeatureEncoder::new(&plan()).unwrap();
        let batch = encoder.encode(&table(&rows)).unwrap();
        let mut alone = vec![0.0; encoder.width()];
        for (place, row) in rows.iter().enumerate() {
            let text = |text: &'_ Option<String>| text.clone();
            let (city, town) = (text(&row.3), text(&row.4));
            let of = |name: &str| match name {
                "x" => Value::Number(row.0),
                "y" => Value::Number(row.1),
                "day" => Value::Number(row.2),
                "since" => Value::Number(since(row)),
                "city" => city.as_deref().map_or(Value::Missing, Value::Text),
                _ => town.as_deref().map_or(Value::Missing, Value::Text),
            };
            let values: Vec<Value<'_>> = encoder.inputs().iter().map(|field| of(&field.name)).collect();
            encoder.encode_row(&values, &mut alone).unwrap();
            prop_assert_eq!(bits(&alone), bits(batch.row(place)));
        }
    }

    #[test]
    fn more_rows_change_nothing_in_those_before(
        rows in prop::collection::vec((number(), number(), number(), text(), text()), 1..20),
        more in prop::collection::vec((number(), number(), number(), text(), text()), 1..40),
    ) {
        let encoder = FeatureEncoder::new(&plan()).unwrap();
        let alone = encoder.encode(&table(&rows)).unwrap();
        let all: Vec<Row> = rows.iter().chain(&more).cloned().collect();
        let together = encoder.encode(&table(&all)).unwrap();
        prop_assert_eq!(bits(&alone.values), bits(&together.values[..alone.values.len()]));
    }

    #[test]
    fn data_that_are_clean_already_encode_alike(
        rows in prop::collection::vec((number(), number(), number(), text(), text()), 1..30),
    ) {
        let raw = table(&rows);
        let mut clean = raw.clone();
        plan().cleaning.apply(&mut clean).unwrap();
        let (a, b) = (transform(&plan(), &raw).unwrap(), transform(&plan(), &clean).unwrap());
        prop_assert_eq!(bits(&a.values), bits(&b.values));
    }
}

#[test]
fn what_is_missing_or_new_is_counted() {
    let some = |text: &str| Some(text.to_owned());
    let rows = [
        (1.0, f64::NAN, 0.0, some("Basel"), None),
        (f64::NAN, 2.0, 0.0, some(" Bern "), some("Bern")),
        (f64::NAN, 2.0, 0.0, some("Chur"), some("")),
        (1.0, 2.0, 0.0, some("Chur"), some("Olten")),
    ];
    let encoder = FeatureEncoder::new(&plan()).unwrap();
    let flags = encoder.flags(&table(&rows)).unwrap();
    let of = |column: &str, missing, unseen| ColumnFlags { column: column.into(), missing, unseen };
    let expected = [of("y", 1, 0), of("x", 2, 0), of("city", 0, 2), of("town", 2, 1)];
    assert_eq!(flags.columns, expected);
    for (row, expected) in rows.iter().zip([vec!["y", "town"], vec!["x"]]) {
        let flags = encoder.flags(&table(std::slice::from_ref(row))).unwrap();
        let names: Vec<&str> = flags.columns.iter().map(|of| of.column.as_str()).collect();
        assert_eq!(names, expected);
    }
    assert!(encoder.flags(&table(&rows).without(&["x"])).is_err());
}

#[test]
fn what_a_feature_of_a_number_and_a_text_contributes_is_shared_by_both() {
    let encoder = FeatureEncoder::new(&plan()).unwrap();
    let place = |name: &str| encoder.inputs().iter().position(|field| field.name == name).unwrap();
    let of = |feature: &str| {
        let at = encoder.names().iter().position(|name| name == feature).unwrap();
        encoder.sources()[at].clone()
    };
    assert_eq!(of("less_mean"), [place("x"), place("city")]);
    assert_eq!(of("days"), [place("day"), place("since")]);
    assert_eq!(of("mean"), [place("town")]);
}
