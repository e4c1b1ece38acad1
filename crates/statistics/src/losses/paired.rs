//! Champion and challengers on the same rows.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// What a challenger's losses are beside the champion's on the same rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Number of rows that both versions predicted.
    pub rows: usize,
    /// Mean loss of the champion.
    pub champion: f64,
    /// Mean loss of the challenger.
    pub challenger: f64,
    /// Probability of a difference as great in the challenger's favour where there is none (one-sided paired t test).
    pub p_value: f64,
}

/// Compares losses row by row. None below 30 rows or where the rows differ in number.
#[must_use]
pub fn compare(champion: &[f64], challenger: &[f64]) -> Option<Comparison> {
    const MIN_ROWS: usize = 30;
    let rows = champion.len();
    if rows < MIN_ROWS || challenger.len() != rows {
        return None;
    }
    let n = rows as f64;
    let mean = |of: &[f64]| of.iter().sum::<f64>() / n;
    let gains: Vec<f64> = champion.iter().zip(challenger).map(|(old, new)| old - new).collect();
    let gain = mean(&gains);
    let variance = gains.iter().map(|one| (one - gain) * (one - gain)).sum::<f64>() / (n - 1.0);
    let p_value = if variance > 0.0 {
        let t = gain / (variance / n).sqrt();
        1.0 - StudentsT::new(0.0, 1.0, n - 1.0).ok()?.cdf(t)
    } else if gain > 0.0 {
        0.0
    } else {
        1.0
    };
    let found =
        Comparison { rows, champion: mean(champion), challenger: mean(challenger), p_value };
    (found.champion.is_finite() && found.challenger.is_finite()).then_some(found)
}

/// The p values corrected for how many there are (Holm 1979), in the same order.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    let p = |place: usize| p_values.get(place).copied().unwrap_or(1.0);
    order.sort_by(|a, b| p(*a).total_cmp(&p(*b)));
    let mut corrected = vec![1.0; p_values.len()];
    let mut greatest = 0.0_f64;
    for (rank, place) in order.into_iter().enumerate() {
        greatest = greatest.max((p(place) * (p_values.len() - rank) as f64).min(1.0));
        if let Some(slot) = corrected.get_mut(place) {
            *slot = greatest;
        }
    }
    corrected
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn the_test_is_that_of_scipy() {
        // scipy.stats.ttest_rel(a, b, alternative="greater") with a = i % 7, b = i % 5, i < 40: t = 2.3604, p = 0.011676.
        let a: Vec<f64> = (0..40).map(|i| f64::from(i % 7)).collect();
        let b: Vec<f64> = (0..40).map(|i| f64::from(i % 5)).collect();
        let found = compare(&a, &b).unwrap();
        assert!((found.p_value - PAIRED_P).abs() < 1e-9, "{}", found.p_value);
        assert!((compare(&b, &a).unwrap().p_value - (1.0 - PAIRED_P)).abs() < 1e-9);
        assert_eq!(compare(&a, &a).unwrap().p_value, 1.0);
        assert!(compare(&a[..20], &b[..20]).is_none());
    }

    #[test]
    fn many_challengers_are_corrected() {
        assert_eq!(holm(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }

    const PAIRED_P: f64 = 0.011_675_960_181_718;
}
