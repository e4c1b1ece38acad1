#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use super::*;

#[test]
fn same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let csv = |seed| churn(500, seed).unwrap().encode(Format::Csv).unwrap();
    assert_eq!(csv(7), csv(7));
    assert_ne!(csv(7), csv(8));
}

#[test]
fn a_longer_table_begins_with_the_shorter_one() {
    let short = churn(50, 3).unwrap();
    let long = churn(200, 3).unwrap();
    assert_eq!(short.rows[..], long.rows[..50]);
}

#[test]
fn attainable_auc_is_within_the_stated_bounds() {
    for seed in [1, 42, 2024] {
        let sample = churn(20_000, seed).unwrap();
        assert!((0.85..=0.90).contains(&sample.bayes_roc_auc), "{}", sample.bayes_roc_auc);
        assert!((0.2..=0.4).contains(&sample.positive_share), "{}", sample.positive_share);
        assert!(sample.rows.iter().filter(|row| row.brand == "Kisqali").count() >= 4_000);
    }
}

#[test]
fn values_are_missing_as_stated() {
    let sample = churn(20_000, 42).unwrap();
    let share = |rows: Vec<bool>| {
        rows.iter().filter(|missing| **missing).count() as f64 / rows.len() as f64
    };
    let uncalled = sample.rows.iter().filter(|row| row.calls_3m == 0);
    let called = sample.rows.iter().filter(|row| row.calls_3m > 0);
    let since = |row: &Hcp| row.months_since_last_call.is_none();
    assert!((0.12..0.18).contains(&share(uncalled.map(since).collect())));
    assert!(share(called.map(since).collect()) < 0.02);
    assert!(
        (0.03..0.05).contains(&share(
            sample.rows.iter().map(|row| row.years_in_practice.is_none()).collect()
        ))
    );
}

#[test]
fn attainable_auc_of_known_probabilities() {
    assert!((attainable_roc_auc(vec![0.3; 10]) - 0.5).abs() < 1e-12);
    assert_eq!(attainable_roc_auc(vec![0.0, 1.0]), 1.0);
    // Pairs weighted by p_i (1 - p_j): 0.8·0.8 right, 0.2·0.2 wrong, ties half.
    let expected = (0.64 + 0.5 * (0.16 + 0.16)) / 1.0;
    assert!((attainable_roc_auc(vec![0.2, 0.8]) - expected).abs() < 1e-12);
}

#[test]
fn parquet_holds_the_same_rows() {
    let sample = churn(300, 5).unwrap();
    let table = dataset::read_parquet(sample.encode(Format::Parquet).unwrap().into()).unwrap();
    assert_eq!(table.rows(), 300);
    assert_eq!(table.fields().len(), columns().len());
}

#[test]
fn refuses_zero_rows_and_unknown_endings() {
    assert!(matches!(churn(0, 1), Err(Error::Rows { found: 0 })));
    assert!(matches!(Format::of(Path::new("a.xlsx")), Err(Error::Format { .. })));
    assert_eq!(Format::of(Path::new("a.CSV")).unwrap(), Format::Csv);
}
