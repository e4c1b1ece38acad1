#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use proptest::prelude::*;

use super::*;

fn numbers(column_type: ColumnType, values: &[f64]) -> ColumnProfile {
    let table =
        Table::new(vec![Field::new("n", column_type)], vec![Column::Number(values.to_vec())])
            .unwrap();
    profile(&table).columns.remove(0)
}

#[test]
fn moments_and_quantiles_are_right() {
    let values: Vec<f64> = (1..=101).map(f64::from).chain([f64::NAN; 3]).collect();
    let column = numbers(ColumnType::Number, &values);
    let numeric = column.numeric.unwrap();
    assert_eq!((column.count, column.missing, column.distinct), (101, 3, 101));
    assert_eq!((numeric.mean, numeric.min, numeric.max), (51.0, 1.0, 101.0));
    assert!((numeric.std - 29.300_170_647_967_224).abs() < 1e-12);
    assert!(numeric.skewness.abs() < 1e-12);
    let zeros = |values: &[f64]| numbers(ColumnType::Number, values).numeric.unwrap().zeros;
    assert_eq!((zeros(&values), zeros(&[0.0, -1.0, f64::NAN, -0.0, 2.0])), (0, 2));
    assert_eq!(numeric.quantiles[6], (0.5, 51.0));
    assert_eq!(numeric.quantiles[0], (0.01, 2.0));
    assert!(column.top_values.is_empty());
    assert_eq!(numeric.histogram.len(), 10);
    assert_eq!(numeric.histogram.iter().map(|bin| bin.count).sum::<u64>(), 101);
    assert_eq!(numeric.histogram.last().unwrap().upper, None);
}

#[test]
fn all_that_is_said_of_huge_numbers_is_finite() {
    for values in [
        vec![f64::MIN, f64::MAX, 0.5],
        vec![1e200, 2e200, 3e200],
        vec![f64::MIN, f64::MIN, 0.25, 0.75],
    ] {
        let column = numbers(ColumnType::Number, &values);
        let json = serde_json::to_string(&column).unwrap();
        assert!(serde_json::from_str::<ColumnProfile>(&json).is_ok(), "{json}");
    }
    let numeric = numbers(ColumnType::Number, &[1e200, 2e200, 3e200]).numeric.unwrap();
    assert!((numeric.mean / 2e200 - 1.0).abs() < 1e-12);
    assert!((numeric.std / 1e200 - 1.0).abs() < 1e-12);
}

#[test]
fn times_keep_their_precision() {
    let start = 1.7e15;
    let values: Vec<f64> = (0..1000).map(|second| start + f64::from(second) * 1e6).collect();
    let numeric = numbers(ColumnType::Timestamp, &values).numeric.unwrap();
    assert_eq!(numeric.mean, start + 499.5e6);
    assert!((numeric.std / 288_819_436.095 - 1.0).abs() < 1e-9);
}

#[test]
fn repeated_values_make_fewer_bins() {
    let mut values = vec![0.0; 90];
    values.extend((1..=10).map(f64::from));
    let histogram = numbers(ColumnType::Integer, &values).numeric.unwrap().histogram;
    assert_eq!(histogram[0], HistogramBin { upper: Some(0.0), count: 90 });
    assert_eq!(histogram.len(), 2);
    assert_eq!(
        numbers(ColumnType::Number, &[5.0, 5.0]).numeric.unwrap().histogram,
        [HistogramBin { upper: None, count: 2 }]
    );
}

#[test]
fn frequent_values_come_first() {
    let booleans = numbers(ColumnType::Boolean, &[1.0, 0.0, 1.0]);
    assert_eq!(booleans.top_values, [("true".to_owned(), 2), ("false".to_owned(), 1)]);
    let text = [Some("b"), Some("a"), None, Some("a"), Some("c")].into_iter().collect();
    let table =
        Table::new(vec![Field::new("t", ColumnType::Text)], vec![Column::Text(text)]).unwrap();
    let column = profile(&table).columns.remove(0);
    assert_eq!((column.count, column.missing, column.distinct), (4, 1, 3));
    assert_eq!(column.top_values, [("a".to_owned(), 2), ("b".to_owned(), 1), ("c".to_owned(), 1)]);
    assert_eq!(column.numeric, None);
}

#[test]
fn empty_columns_have_no_moments() {
    let column = numbers(ColumnType::Number, &[f64::NAN]);
    assert_eq!((column.numeric, column.count, column.missing), (None, 0, 1));
    assert_eq!(profile(&Table::new(vec![], vec![]).unwrap()), Profile::default());
}

proptest! {
    #[test]
    fn profiles_survive_json(values in prop::collection::vec(prop_oneof![Just(f64::NAN), -1e12..1e12], 0..200)) {
        let table = Table::new(vec![Field::new("n", ColumnType::Number)], vec![Column::Number(values)]).unwrap();
        let profiled = profile(&table);
        let json = serde_json::to_vec(&profiled).unwrap();
        prop_assert_eq!(serde_json::from_slice::<Profile>(&json).unwrap(), profiled);
    }

    #[test]
    fn histograms_count_every_value(values in prop::collection::vec(-5_i32..5, 1..300)) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let column = numbers(ColumnType::Integer, &values);
        let histogram = column.numeric.unwrap().histogram;
        prop_assert_eq!(histogram.iter().map(|bin| bin.count).sum::<u64>(), column.count);
        prop_assert!(histogram.iter().all(|bin| bin.count > 0));
        prop_assert!(histogram.windows(2).all(|pair| pair[1].upper.is_none_or(|upper| Some(upper) > pair[0].upper)));
    }
}
