//! A metric computed apart from the code under test.

/// Area under the ROC curve by ranks, ties counted half.
///
/// # Panics
///
/// When a class has no row, or a score is not a number.
pub fn roc_auc(positive: &[bool], scores: &[f64]) -> f64 {
    assert_eq!(positive.len(), scores.len(), "one score for each row");
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].partial_cmp(&scores[b]).expect("scores are numbers"));
    let (mut rank_sum, mut start) = (0.0, 0);
    while start < order.len() {
        let tied =
            order[start..].iter().take_while(|&&row| scores[row] == scores[order[start]]).count();
        let rank = (2 * start + tied + 1) as f64 / 2.0;
        let positives = order[start..start + tied].iter().filter(|&&row| positive[row]).count();
        rank_sum += rank * positives as f64;
        start += tied;
    }
    let positives = positive.iter().filter(|&&p| p).count() as f64;
    let negatives = positive.len() as f64 - positives;
    assert!(positives > 0.0 && negatives > 0.0, "both classes have rows");
    (rank_sum - positives * (positives + 1.0) / 2.0) / (positives * negatives)
}

#[cfg(test)]
mod tests {
    use super::roc_auc;

    #[test]
    fn auc_of_known_orders() {
        assert_eq!(roc_auc(&[false, false, true, true], &[0.1, 0.4, 0.35, 0.8]), 0.75);
        assert_eq!(roc_auc(&[false, true], &[0.5, 0.5]), 0.5);
        assert_eq!(roc_auc(&[true, false], &[0.1, 0.9]), 0.0);
    }
}
