//! How strongly two columns go together, from 0 (not at all) to 1.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::target::Target;
use crate::{Column, ProblemType, TextColumn};

/// Bins of about equally many rows over which a number's correlation ratio is measured.
const BINS: usize = 20;

/// Magnitude above which squares of numbers may be more than a double holds.
const HUGE: f64 = 1e150;

/// Numbers whose squares and sums a double holds: divided by the greatest of them where that is huge, which changes no association.
fn moderate(values: &[f64]) -> Cow<'_, [f64]> {
    let finite = values.iter().filter(|value| value.is_finite());
    let greatest = finite.fold(0.0_f64, |greatest, value| greatest.max(value.abs()));
    if greatest <= HUGE {
        return Cow::Borrowed(values);
    }
    Cow::Owned(values.iter().map(|value| value / greatest).collect())
}

/// Pearson's correlation over the rows where both are there; none where one of them does not vary.
#[must_use]
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (&moderate(a), &moderate(b));
    let both = || a.iter().zip(b.iter()).filter(|(a, b)| a.is_finite() && b.is_finite());
    let count = both().count() as f64;
    if count < 2.0 {
        return None;
    }
    let (sum_a, sum_b) = both().fold((0.0, 0.0), |sum, (a, b)| (sum.0 + a, sum.1 + b));
    let (mean_a, mean_b) = (sum_a / count, sum_b / count);
    let (mut covariance, mut variance_a, mut variance_b) = (0.0, 0.0, 0.0);
    for (a, b) in both() {
        let (a, b) = (a - mean_a, b - mean_b);
        covariance += a * b;
        variance_a += a * a;
        variance_b += b * b;
    }
    let scale = (variance_a * variance_b).sqrt();
    (scale > 0.0 && scale.is_finite()).then(|| (covariance / scale).clamp(-1.0, 1.0))
}

/// `2 |AUC - 1/2|` of numbers as scores for an event; rows without a number are left out.
#[must_use]
pub fn separation(values: &[f64], event: &[f64]) -> Option<f64> {
    let (scores, truth): (Vec<f64>, Vec<f64>) = values
        .iter()
        .zip(event)
        .filter(|(value, _)| value.is_finite())
        .map(|(a, b)| (*a, *b))
        .unzip();
    crate::metrics::roc_auc(&truth, &scores).map(|auc| 2.0 * (auc - 0.5).abs())
}

/// Correlation ratio: the square root of the share of the numbers' variance that lies between groups.
#[must_use]
pub fn correlation_ratio(groups: &[Option<usize>], values: &[f64]) -> Option<f64> {
    let values = &moderate(values);
    let rows = || {
        let rows = groups.iter().zip(values.iter());
        rows.filter_map(|(group, value)| group.map(|group| (group, *value)))
    };
    let rows = || rows().filter(|(_, value)| value.is_finite());
    let (count, sum) =
        rows().fold((0.0, 0.0), |total, (_, value)| (total.0 + 1.0, total.1 + value));
    let mean = sum / count;
    let mut of_group: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    let mut total = 0.0;
    for (group, value) in rows() {
        let entry = of_group.entry(group).or_default();
        entry.0 += 1.0;
        entry.1 += value - mean;
        total += (value - mean) * (value - mean);
    }
    let between: f64 = of_group.values().map(|(count, sum)| sum * sum / count).sum();
    (total > 0.0).then(|| (between / total).clamp(0.0, 1.0).sqrt())
}

/// Cramér's V of two groupings, corrected for bias (Bergsma), so that many levels do not look associated by chance.
#[must_use]
pub fn cramers_v(a: &[Option<usize>], b: &[Option<usize>]) -> Option<f64> {
    let mut cells: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    let (mut of_a, mut of_b): (BTreeMap<usize, f64>, BTreeMap<usize, f64>) = Default::default();
    let mut total = 0.0;
    for (a, b) in a.iter().zip(b).filter_map(|(a, b)| a.zip(*b)) {
        *cells.entry((a, b)).or_default() += 1.0;
        *of_a.entry(a).or_default() += 1.0;
        *of_b.entry(b).or_default() += 1.0;
        total += 1.0;
    }
    if total < 2.0 || of_a.len() < 2 || of_b.len() < 2 {
        return None;
    }
    // Chi square over n is the sum of observed² / expected less one; empty cells add nothing to that sum.
    let weight = |of: &BTreeMap<usize, f64>, key: &usize| of.get(key).copied().unwrap_or(1.0);
    let phi: f64 =
        cells.iter().map(|((a, b), n)| n * n / (weight(&of_a, a) * weight(&of_b, b))).sum::<f64>()
            - 1.0;
    let (r, k) = (of_a.len() as f64, of_b.len() as f64);
    let corrected = (phi - (r - 1.0) * (k - 1.0) / (total - 1.0)).max(0.0);
    let r = r - (r - 1.0) * (r - 1.0) / (total - 1.0);
    let k = k - (k - 1.0) * (k - 1.0) / (total - 1.0);
    let least = (r - 1.0).min(k - 1.0);
    (least > 0.0).then(|| (corrected / least).sqrt().min(1.0))
}

/// Goodman and Kruskal's tau ("Measures of Association for Cross Classifications", 1954): by how much a group lowers the
/// chance that two rows are of different classes. 1 where the group tells the class, however many classes there are; a
/// class that tells the group counts for nothing. Pairs are drawn without replacement, so that small groups do not look
/// associated by chance.
#[must_use]
pub fn goodman_kruskal_tau(groups: &[Option<usize>], classes: &[Option<usize>]) -> Option<f64> {
    let mut cells: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    let (mut of_group, mut of_class): (BTreeMap<usize, f64>, BTreeMap<usize, f64>) =
        Default::default();
    let mut total = 0.0;
    for (group, class) in groups.iter().zip(classes).filter_map(|(a, b)| a.zip(*b)) {
        *cells.entry((group, class)).or_default() += 1.0;
        *of_group.entry(group).or_default() += 1.0;
        *of_class.entry(class).or_default() += 1.0;
        total += 1.0;
    }
    if total < 2.0 {
        return None;
    }
    let pairs = |count: f64| count * (count - 1.0);
    let same = of_class.values().copied().map(pairs).sum::<f64>() / pairs(total);
    // Of a row's group, how many others are of its class; a row alone in its group tells nothing.
    let within: f64 = cells
        .iter()
        .map(|((group, _), count)| {
            let rows = of_group.get(group).copied().unwrap_or(1.0);
            if rows > 1.0 { pairs(*count) / (rows - 1.0) } else { same }
        })
        .sum::<f64>()
        / total;
    (same < 1.0).then(|| ((within - same) / (1.0 - same)).clamp(0.0, 1.0))
}

/// Association of a column with the target, from 0 to 1; 0 where nothing can be said. A value that is missing counts
/// as a level of its own for texts and is left out for numbers.
///
/// |measure|column|target|
/// |---|---|---|
/// |`2 \|AUC - 1/2\|` or the correlation ratio over bins, the greater one|number|two classes|
/// |Goodman and Kruskal's tau over bins|number|several classes|
/// |\|Pearson\| or the correlation ratio over bins, the greater one|number|number|
/// |Cramér's V|text|classes|
/// |correlation ratio|text|number|
#[must_use]
pub fn with_target(column: &Column, target: &Target) -> f64 {
    let classes = || -> Vec<Option<usize>> {
        target.values.iter().map(|class| Some(*class as usize)).collect()
    };
    let measured = match (column, target.problem) {
        (Column::Number(values), ProblemType::Binary) => greater(
            separation(values, &target.values),
            correlation_ratio(&bins(values), &target.values),
        ),
        (Column::Number(values), ProblemType::Multiclass) => {
            goodman_kruskal_tau(&bins(values), &classes())
        }
        (Column::Number(values), ProblemType::Regression) => greater(
            pearson(values, &target.values).map(f64::abs),
            correlation_ratio(&bins(values), &target.values),
        ),
        (Column::Text(text), ProblemType::Regression) => {
            correlation_ratio(&groups(text), &target.values)
        }
        (Column::Text(text), _) => cramers_v(&groups(text), &classes()),
    };
    measured.unwrap_or(0.0)
}

/// The greater of two measures, where there are any.
fn greater(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

/// Each row's level; a missing value is a level too.
fn groups(text: &TextColumn) -> Vec<Option<usize>> {
    let of = |code: &u32| usize::try_from(*code).ok().filter(|_| *code != TextColumn::MISSING);
    text.codes().iter().map(|code| Some(of(code).unwrap_or(text.levels().len()))).collect()
}

/// Each row's bin of about equally many rows.
fn bins(values: &[f64]) -> Vec<Option<usize>> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let mut edges: Vec<f64> =
        (1..BINS).filter_map(|bin| sorted.get(bin * sorted.len() / BINS).copied()).collect();
    edges.dedup();
    values
        .iter()
        .map(|value| value.is_finite().then(|| edges.partition_point(|edge| edge <= value)))
        .collect()
}

#[cfg(test)]
mod tests;
