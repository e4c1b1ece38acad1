#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

#[track_caller]
fn close(metrics: &BTreeMap<&'static str, f64>, expected: &[(&str, f64)]) {
    for (name, value) in expected {
        let found = metrics[name];
        assert!((found - value).abs() < 1e-12, "{name}: {found} instead of {value}");
    }
}

const TRUTH: [f64; 12] = [0., 1., 1., 0., 1., 0., 0., 1., 1., 0., 1., 0.];
const POSITIVE: [f64; 12] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.2, 0.9, 0.55, 0.05, 0.2, 0.35];

#[test]
fn two_classes_as_scikit_learn() {
    let metrics =
        evaluate(&TRUTH, Outputs::Binary { positive: &POSITIVE, threshold: 0.4 }).unwrap();
    close(
        &metrics,
        &[
            (ROC_AUC, 0.722_222_222_222_222_2),
            (PR_AUC, 0.704_166_666_666_666_7),
            (LOG_LOSS, 0.677_156_902_562_222_3),
            (BRIER_SCORE, 0.247_5),
            (ACCURACY, 2.0 / 3.0),
            (PRECISION, 2.0 / 3.0),
            (RECALL, 2.0 / 3.0),
            (F1, 2.0 / 3.0),
            (MCC, 1.0 / 3.0),
        ],
    );
    assert_eq!(roc_auc(&TRUTH, &POSITIVE), Some(metrics[ROC_AUC]));
    assert_eq!(pr_auc(&TRUTH, &POSITIVE), Some(metrics[PR_AUC]));
    assert!((log_loss(&TRUTH, &POSITIVE).unwrap() - metrics[LOG_LOSS]).abs() < 1e-15);
    let labels: Vec<usize> = POSITIVE.iter().map(|p| usize::from(*p >= 0.4)).collect();
    assert_eq!(confusion_matrix(&TRUTH, &labels, 2), [[4, 2], [2, 4]]);
}

#[test]
fn three_classes_as_scikit_learn() {
    let truth = [0., 1., 2., 1., 0., 1., 2., 2.];
    let probabilities = [
        0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.2, 0.3, 0.5, 0.4, 0.35, 0.25, 0.3, 0.3, 0.4, 0.15, 0.65,
        0.2, 0.05, 0.15, 0.8, 0.5, 0.1, 0.4,
    ];
    let metrics =
        evaluate(&truth, Outputs::Multiclass { probabilities: &probabilities, classes: 3 })
            .unwrap();
    close(
        &metrics,
        &[
            (ROC_AUC, 0.933_333_333_333_333_5),
            (LOG_LOSS, 0.637_122_225_489_790_1),
            (ACCURACY, 0.625),
            (PRECISION, 2.0 / 3.0),
            (RECALL, 0.611_111_111_111_111),
            (F1, 0.622_222_222_222_222_2),
            (MCC, 0.452_380_952_380_952_4),
        ],
    );
    assert!(!metrics.contains_key(PR_AUC));
}

#[test]
fn numbers_as_scikit_learn() {
    let truth = [3., -0.5, 2., 7., 4.5, -2.];
    let values = [2.5, 0., 2., 8., 4., -1.];
    let metrics = evaluate(&truth, Outputs::Regression { values: &values }).unwrap();
    close(
        &metrics,
        &[
            (RMSE, 0.677_003_200_386_33),
            (MAE, 0.583_333_333_333_333_4),
            (R2, 0.948_916_408_668_730_6),
            (MAPE, 0.320_105_820_105_820_1),
            (MEDIAN_ABSOLUTE_ERROR, 0.5),
        ],
    );
}

#[test]
fn calibration_is_measured_over_ten_bins() {
    let positive = [0.05, 0.05, 0.95, 0.95];
    let metrics =
        evaluate(&[0., 0., 1., 0.], Outputs::Binary { positive: &positive, threshold: 0.5 })
            .unwrap();
    close(&metrics, &[(EXPECTED_CALIBRATION_ERROR, 0.05 * 0.5 + 0.45 * 0.5)]);
}

#[test]
fn what_has_no_value_is_left_out_or_refused() {
    let one_class = Outputs::Binary { positive: &[0.1, 0.9], threshold: 0.5 };
    let metrics = evaluate(&[1.0, 1.0], one_class).unwrap();
    assert!(!metrics.contains_key(ROC_AUC) && metrics.contains_key(ACCURACY));
    assert_eq!(
        score(Metric::RocAuc, &[1.0, 1.0], one_class),
        Err(MetricError::Undefined { metric: Metric::RocAuc })
    );
    assert!(matches!(
        score(Metric::R2, &[1.0, 1.0], one_class),
        Err(MetricError::Inapplicable { .. })
    ));
    assert!(matches!(
        evaluate(&[1.0], one_class),
        Err(MetricError::Rows { truth: 1, predicted: 2 })
    ));
    assert_eq!(evaluate(&[1.0, 2.0], one_class), Err(MetricError::NotFinite { row: 2 }));
    let nan = Outputs::Regression { values: &[0.0, f64::NAN] };
    assert_eq!(evaluate(&[1.0, 2.0], nan), Err(MetricError::NotFinite { row: 2 }));
    assert_eq!(evaluate(&[], Outputs::Regression { values: &[] }), Err(MetricError::Empty));
    let ragged = Outputs::Multiclass { probabilities: &[0.5; 4], classes: 3 };
    assert_eq!(evaluate(&[1.0], ragged), Err(MetricError::Shape));
}

#[test]
fn names_are_the_same_everywhere() {
    for metric in Metric::ALL {
        assert_eq!(Metric::by_name(metric.name()), Some(metric));
        let name = metric.name();
        let values = [0.2, 0.8, 0.4];
        let applies = |problem, outputs| {
            let found = evaluate(&[0.0, 1.0, 2.0][..outputs_rows(problem)], outputs)
                .unwrap()
                .contains_key(name);
            assert_eq!(found, metric.applies_to(problem), "{name} {problem}");
        };
        applies(ProblemType::Binary, Outputs::Binary { positive: &values[..2], threshold: 0.5 });
        applies(
            ProblemType::Multiclass,
            Outputs::Multiclass { probabilities: &[0.3; 9], classes: 3 },
        );
        applies(ProblemType::Regression, Outputs::Regression { values: &values });
    }
    assert_eq!(Metric::by_name("auc"), None);
    assert!(Metric::LogLoss.is_better(0.1, 0.2) && Metric::RocAuc.is_better(0.2, 0.1));
    assert!(!Metric::RocAuc.is_better(f64::NAN, 0.1) && Metric::RocAuc.is_better(0.1, f64::NAN));
}

fn outputs_rows(problem: ProblemType) -> usize {
    if problem == ProblemType::Binary { 2 } else { 3 }
}

#[test]
fn the_best_threshold_lies_between_scores() {
    let best = best_threshold(&[0., 0., 1., 1.], &[0.1, 0.2, 0.6, 0.9], Metric::F1).unwrap();
    assert_eq!(best, Threshold { threshold: 0.4, value: 1.0 });
    assert_eq!(best_threshold(&[1.0, 1.0], &[0.1, 0.2], Metric::F1), None);
    assert_eq!(best_threshold(&[0.0, 1.0], &[0.1, 0.2], Metric::RocAuc), None);
}

fn rows(count: usize) -> (Vec<f64>, Vec<f64>) {
    let hash = |row: usize| {
        let mixed = (row as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((mixed ^ (mixed >> 32)) % 10_007) as f64 / 10_007.0
    };
    let positive: Vec<f64> = (0..count).map(hash).collect();
    let truth = positive
        .iter()
        .enumerate()
        .map(|(row, p)| f64::from(u8::from(hash(row + 77_777) < *p)))
        .collect();
    (truth, positive)
}

#[test]
fn intervals_hold_the_value_and_repeat() {
    let (truth, positive) = rows(2000);
    let outputs = Outputs::Binary { positive: &positive, threshold: 0.5 };
    let first = bootstrap(&truth, outputs, 3, 200).unwrap();
    assert_eq!(first, bootstrap(&truth, outputs, 3, 200).unwrap());
    assert_ne!(first, bootstrap(&truth, outputs, 4, 200).unwrap());
    for (name, interval) in &first {
        assert!(interval.low <= interval.high, "{name}");
    }
    let auc = first[ROC_AUC];
    assert!(auc.low < auc.value && auc.value < auc.high && auc.high - auc.low < 0.06, "{auc:?}");
    assert_eq!(bootstrap(&truth, outputs, 3, 0).unwrap()[ROC_AUC].low, auc.value);
}

#[test]
fn ten_thousand_rows_are_resampled_quickly() {
    let (truth, positive) = rows(10_000);
    let start = Instant::now();
    bootstrap(&truth, Outputs::Binary { positive: &positive, threshold: 0.5 }, 1, 1000).unwrap();
    // Under one second when the machine is idle; the bound allows for a busy one.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn the_auc_is_the_share_of_concordant_pairs(
        pairs in prop::collection::vec((any::<bool>(), 0_u8..8), 2..60),
    ) {
        let truth: Vec<f64> = pairs.iter().map(|pair| f64::from(u8::from(pair.0))).collect();
        let scores: Vec<f64> = pairs.iter().map(|pair| f64::from(pair.1)).collect();
        let (mut concordant, mut count) = (0.0, 0.0);
        for (a, score_a) in truth.iter().zip(&scores).filter(|(truth, _)| **truth == 1.0) {
            for (_, score_b) in truth.iter().zip(&scores).filter(|(truth, _)| **truth == 0.0) {
                concordant += if score_a > score_b { 1.0 } else if score_a == score_b { 0.5 } else { 0.0 };
                count += *a;
            }
        }
        match roc_auc(&truth, &scores) {
            None => prop_assert_eq!(count, 0.0),
            Some(auc) => prop_assert!((auc - concordant / count).abs() < 1e-12),
        }
    }

    #[test]
    fn resampling_counts_is_resampling_rows(
        pairs in prop::collection::vec((any::<bool>(), 0_u8..8, 0_u8..4), 4..40),
    ) {
        // A row with weight 2 is the row standing twice.
        let expand = |weighted: bool| -> (Vec<f64>, Vec<f64>, Vec<f64>) {
            let mut columns = (Vec::new(), Vec::new(), Vec::new());
            for (hit, score, weight) in &pairs {
                let times = if weighted { 1 } else { *weight };
                for _ in 0..times {
                    columns.0.push(f64::from(u8::from(*hit)));
                    columns.1.push(f64::from(*score) / 8.0);
                    columns.2.push(if weighted { f64::from(*weight) } else { 1.0 });
                }
            }
            columns
        };
        let ((truth, scores, weights), (long_truth, long_scores, ones)) = (expand(true), expand(false));
        prop_assume!(!long_truth.is_empty());
        for regression in [false, true] {
            let outputs = |scores| if regression {
                Outputs::Regression { values: scores }
            } else {
                Outputs::Binary { positive: scores, threshold: 0.5 }
            };
            let a = bootstrap::PreparedMetric::new(&truth, outputs(&scores)).all(&weights);
            let b = bootstrap::PreparedMetric::new(&long_truth, outputs(&long_scores)).all(&ones);
            prop_assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
            for (name, value) in a {
                prop_assert!((value - b[name]).abs() < 1e-9, "{}: {} and {}", name, value, b[name]);
            }
        }
    }
}

#[test]
fn a_threshold_is_in_the_range_of_its_metric() {
    for (metric, good, wrong) in [
        (Metric::RocAuc, [0.0, 1.0], [-0.01, 2.0]),
        (Metric::Mcc, [-1.0, 1.0], [-1.01, 1.01]),
        (Metric::R2, [-1e9, 1.0], [1.01, f64::NEG_INFINITY]),
        (Metric::Rmse, [0.0, 1e12], [-1.0, f64::INFINITY]),
        (Metric::LogLoss, [0.0, 30.0], [-0.1, f64::NAN]),
    ] {
        for threshold in good {
            assert_eq!(metric.check_threshold(threshold), Ok(()), "{metric} {threshold}");
        }
        for threshold in wrong {
            assert!(metric.check_threshold(threshold).is_err(), "{metric} {threshold}");
        }
    }
    let said =
        |metric: Metric, threshold| metric.check_threshold(threshold).unwrap_err().to_string();
    assert!(said(Metric::F1, 70.0).ends_with("out of the range of f1; expected 0 to 1"));
    assert!(said(Metric::Mae, -1.0).ends_with("expected 0 or more"));
    assert!(said(Metric::R2, 2.0).ends_with("expected at most 1"));
    for metric in Metric::ALL {
        let (least, greatest) = metric.range();
        assert!(least < greatest, "{metric}");
    }
}
