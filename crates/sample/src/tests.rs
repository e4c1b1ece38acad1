#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use super::drift::Change;
use super::process::{BRANDS, REGIONS};
use super::*;

fn undrifted(rows: u64, seed: u64) -> Result<Sample, Error> {
    churn(rows, seed, Drift::default())
}

fn drifted(rows: u64, seed: u64, changes: &[&str]) -> Sample {
    let changes: Vec<Change> = changes.iter().map(|text| text.parse().unwrap()).collect();
    churn(rows, seed, Drift::from_changes(&changes)).unwrap()
}

#[test]
fn same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let csv = |seed| undrifted(500, seed).unwrap().encode(Format::Csv).unwrap();
    assert_eq!(csv(7), csv(7));
    assert_ne!(csv(7), csv(8));
}

#[test]
fn a_longer_table_begins_with_the_shorter_one() {
    let short = undrifted(50, 3).unwrap();
    let long = undrifted(200, 3).unwrap();
    assert_eq!(short.rows[..], long.rows[..50]);
}

#[test]
fn attainable_auc_is_within_the_stated_bounds() {
    for seed in [1, 42, 2024] {
        let sample = undrifted(20_000, seed).unwrap();
        assert!((0.85..=0.90).contains(&sample.bayes_roc_auc), "{}", sample.bayes_roc_auc);
        assert!((0.2..=0.4).contains(&sample.positive_share), "{}", sample.positive_share);
        assert!(sample.rows.iter().filter(|row| row.brand == "Kisqali").count() >= 4_000);
    }
}

#[test]
fn values_are_missing_as_stated() {
    let sample = undrifted(20_000, 42).unwrap();
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
    let attainable =
        |probabilities: &[f64]| expected_roc_auc(probabilities.iter().map(|p| (*p, *p)).collect());
    assert!((attainable(&[0.3; 10]) - 0.5).abs() < 1e-12);
    assert_eq!(attainable(&[0.0, 1.0]), 1.0);
    // Pairs weighted by p_i (1 - p_j): 0.8·0.8 right, 0.2·0.2 wrong, ties half.
    let expected = (0.64 + 0.5 * (0.16 + 0.16)) / 1.0;
    assert!((attainable(&[0.2, 0.8]) - expected).abs() < 1e-12);
    // Ranked the wrong way round, the same pairs count as wrong.
    assert!((expected_roc_auc(vec![(0.8, 0.2), (0.2, 0.8)]) - (1.0 - expected)).abs() < 1e-12);
}

#[test]
fn parquet_holds_the_same_rows() {
    let sample = undrifted(300, 5).unwrap();
    let table = dataset::read_parquet(sample.encode(Format::Parquet).unwrap()).unwrap();
    assert_eq!(table.rows(), 300);
    assert_eq!(table.fields().len(), columns().len());
}

#[test]
fn refuses_zero_rows_and_unknown_endings() {
    assert!(matches!(undrifted(0, 1), Err(Error::Rows { found: 0 })));
    assert!(matches!(Format::from_path(Path::new("a.xlsx")), Err(Error::Format { .. })));
    assert_eq!(Format::from_path(Path::new("a.CSV")).unwrap(), Format::Csv);
}

#[test]
fn a_drift_of_no_strength_changes_no_byte() {
    let plain = undrifted(400, 9).unwrap().encode(Format::Csv).unwrap();
    let none = drifted(400, 9, &["both:0", "missing:0", "labels:0"]);
    assert_eq!(none.encode(Format::Csv).unwrap(), plain);
    assert_eq!(none.bayes_roc_auc, none.undrifted_roc_auc);
}

#[test]
fn the_bytes_without_drift_are_those_of_ever() {
    let bytes = undrifted(1000, 42).unwrap().encode(Format::Csv).unwrap();
    // FNV-1a, 64 bits, of what the first version of the process wrote.
    let digest = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    assert_eq!((bytes.len(), format!("{digest:016x}")), (141_574, "4f241457429a8ac9".to_owned()));
}

#[test]
fn every_kind_of_drift_is_deterministic() {
    for kind in ["covariate:0.5", "concept", "both:0.3", "missing", "labels:0.2"] {
        let csv = || drifted(200, 4, &[kind]).encode(Format::Csv).unwrap();
        assert_eq!(csv(), csv(), "{kind}");
        assert_ne!(csv(), undrifted(200, 4).unwrap().encode(Format::Csv).unwrap(), "{kind}");
    }
}

#[test]
fn covariate_drift_moves_inputs_and_leaves_what_follows_from_them() {
    let (before, after) = (undrifted(20_000, 1).unwrap(), drifted(20_000, 1, &["covariate"]));
    let mean = |sample: &Sample, of: fn(&Hcp) -> f64| {
        sample.rows.iter().map(of).sum::<f64>() / sample.rows.len() as f64
    };
    for (name, of, least) in [
        ("months", (|row| f64::from(row.months_prescribing)) as fn(&Hcp) -> f64, 0.5),
        ("calls", |row| f64::from(row.calls_3m), 0.5),
        ("trx", |row| f64::from(row.trx.iter().sum::<u32>()), 0.35),
    ] {
        let fall = 1.0 - mean(&after, of) / mean(&before, of);
        assert!(fall > least, "{name} fell by {fall}");
    }
    let share = |sample: &Sample, brand: &str| {
        let rows = sample.rows.iter().filter(|row| row.brand == brand);
        rows.count() as f64 / sample.rows.len() as f64
    };
    for ((brand, _, _), expected) in BRANDS.iter().zip(drift::BRAND_SHARES) {
        assert!((share(&after, brand) - expected).abs() < 0.015, "{brand}");
    }
    assert_eq!(after.undrifted_roc_auc, after.bayes_roc_auc);
    assert!(after.bayes_roc_auc > 0.85, "{}", after.bayes_roc_auc);
}

#[test]
fn concept_drift_leaves_inputs_and_makes_what_was_learnt_wrong() {
    let (before, after) = (undrifted(20_000, 2).unwrap(), drifted(20_000, 2, &["concept"]));
    let blind = |row: &Hcp| Hcp { churned: false, ..row.clone() };
    assert!(before.rows.iter().zip(&after.rows).all(|(a, b)| blind(a) == blind(b)));
    for changes in [&["concept"], &["both"]] {
        let after = drifted(20_000, 2, changes);
        assert!(after.bayes_roc_auc > 0.78, "{changes:?}: {}", after.bayes_roc_auc);
        assert!(after.undrifted_roc_auc < 0.5, "{changes:?}: {}", after.undrifted_roc_auc);
        assert!((0.25..0.45).contains(&after.positive_share), "{}", after.positive_share);
    }
    let half = drifted(20_000, 2, &["both:0.5"]);
    assert!(half.bayes_roc_auc - half.undrifted_roc_auc > 0.02, "{}", half.undrifted_roc_auc);
}

#[test]
fn inverted_labels_are_as_many_as_asked_for() {
    let (before, after) = (undrifted(20_000, 3).unwrap(), drifted(20_000, 3, &["labels:0.25"]));
    let pairs = before.rows.iter().zip(&after.rows);
    let inverted = pairs.filter(|(a, b)| a.churned != b.churned).count();
    assert!((inverted as f64 / 20_000.0 - 0.25).abs() < 0.01, "{inverted}");
    let all = drifted(500, 3, &["labels"]);
    assert!(before.rows.iter().zip(&all.rows).all(|(a, b)| a.churned != b.churned));
    assert!((all.bayes_roc_auc + all.undrifted_roc_auc - 1.0).abs() < 1e-9);
}

#[test]
fn missing_values_become_frequent_and_nothing_else_changes() {
    let (before, after) = (undrifted(20_000, 5).unwrap(), drifted(20_000, 5, &["missing"]));
    let lost = after.rows.iter().filter(|row| row.years_in_practice.is_none()).count();
    assert!((lost as f64 / 20_000.0 - drift::MISSING_AFTER.years).abs() < 0.02, "{lost}");
    for (before, after) in before.rows.iter().zip(&after.rows) {
        assert_eq!(
            (&before.hcp_id, before.trx, before.churned),
            (&after.hcp_id, after.trx, after.churned)
        );
        // What is not lost is what it was; what was lost already stays lost.
        assert!(after.share.is_none() || after.share == before.share);
    }
}

#[test]
fn shares_of_levels_add_up() {
    for (levels, after) in [(BRANDS, drift::BRAND_SHARES), (REGIONS, drift::REGION_SHARES)] {
        assert!((after.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(levels.len(), after.len());
    }
}

#[test]
fn texts_that_say_no_drift_are_refused() {
    for text in ["", "drift", "both:", "both:1.5", "both:-0.1", "both:nan", "concept=1"] {
        assert!(text.parse::<Change>().is_err(), "{text}");
    }
    let changes: Vec<Change> =
        ["both:0.5", "labels"].iter().map(|text| text.parse().unwrap()).collect();
    let drift = Drift::from_changes(&changes);
    assert_eq!(drift.to_string(), "covariate:0.5 concept:0.5 labels:1");
    assert!(!drift.is_none() && Drift::default().is_none());
}
