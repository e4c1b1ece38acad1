//! How well groups of rows tell the target of rows that the groups were not learned from.

use std::collections::BTreeMap;

use tabular::association::{goodman_kruskal_tau, pearson, separation};
use tabular::plan::CERTAIN;
use tabular::target::Target;
use tabular::{Column, ProblemType, association};

/// For each row of `others` what its group says: the mean of the training rows of the group or, of several classes, their most
/// frequent one. A group without training rows says what is known of all.
pub(crate) fn said(groups: &[usize], target: &Target, others: &[usize]) -> Vec<f64> {
    let mut by_group: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (group, value) in groups.iter().zip(&target.values) {
        by_group.entry(*group).or_default().push(*value);
    }
    let several = target.problem == ProblemType::Multiclass;
    let of = |values: &[f64]| if several { most_frequent(values) } else { mean(values) };
    let usual = of(&target.values);
    let by_group: BTreeMap<usize, f64> =
        by_group.into_iter().map(|(group, values)| (group, of(&values))).collect();
    others.iter().map(|group| by_group.get(group).copied().unwrap_or(usual)).collect()
}

/// How well what was said of rows tells their target, from 0 to 1, as a single column is measured.
pub(crate) fn of_column(said: Vec<f64>, target: &Target) -> f64 {
    if target.problem == ProblemType::Multiclass {
        return tau(&said, target);
    }
    association::with_target(&Column::Number(said), target)
}

/// As [`of_column`], and no more by chance where there are few rows: tau of several classes, the greater of Pearson's correlation
/// and `2 AUC - 1` of two, Pearson's correlation of numbers; 0 where it may be by chance.
pub(crate) fn beyond_chance(said: &[f64], target: &Target) -> f64 {
    let rows = said.len() as f64;
    let linear = || pearson(said, &target.values).unwrap_or(0.0);
    let found = match target.problem {
        ProblemType::Multiclass => tau(said, target),
        ProblemType::Regression => linear(),
        // A separation has no direction; that of what was learned has the correlation's.
        ProblemType::Binary if linear() > 0.0 => {
            linear().max(separation(said, &target.values).unwrap_or(0.0))
        }
        ProblemType::Binary => 0.0,
    };
    let errors = found * (rows - 2.0).max(0.0).sqrt() / (1.0 - found * found).max(1e-9).sqrt();
    if errors > CERTAIN { found.min(1.0) } else { 0.0 }
}

fn tau(said: &[f64], target: &Target) -> f64 {
    let groups: Vec<Option<usize>> = said.iter().map(|class| Some(*class as usize)).collect();
    goodman_kruskal_tau(&groups, &classes(target)).unwrap_or(0.0)
}

/// The class of each row.
pub(crate) fn classes(target: &Target) -> Vec<Option<usize>> {
    target.values.iter().map(|class| Some(*class as usize)).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The most frequent class; of equally frequent ones the first.
fn most_frequent(classes: &[f64]) -> f64 {
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    for class in classes {
        *counts.entry(*class as u64).or_insert(0) += 1;
    }
    let best = counts.into_iter().max_by_key(|&(class, count)| (count, std::cmp::Reverse(class)));
    best.map_or(0.0, |(class, _)| class as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(rows: usize, class: impl Fn(usize) -> usize, problem: ProblemType) -> Target {
        let classes = ["a", "b", "c"].map(str::to_owned).to_vec();
        Target { problem, classes, values: (0..rows).map(|row| class(row) as f64).collect() }
    }

    #[test]
    fn a_group_says_what_its_rows_were() {
        let binary = target(8, |row| row % 2, ProblemType::Binary);
        let groups: Vec<usize> = (0..8).map(|row| row % 2).collect();
        // A group that training has not seen says the mean of all.
        assert_eq!(said(&groups, &binary, &[0, 1, 7]), [0.0, 1.0, 0.5]);
        let several = target(9, |row| row % 3, ProblemType::Multiclass);
        let groups: Vec<usize> = (0..9).map(|row| row % 3).collect();
        assert_eq!(said(&groups, &several, &[2, 1]), [2.0, 1.0]);
    }

    #[test]
    fn a_few_rows_prove_nothing() {
        let told = |rows: usize, right: usize| {
            let truth = target(rows, |row| row % 2, ProblemType::Binary);
            let said: Vec<f64> = (0..rows)
                .map(|row| ((row % 2) as f64 - f64::from(u8::from(row % 100 >= right))).abs())
                .collect();
            beyond_chance(&said, &truth)
        };
        assert!(told(400, 75) > 0.45);
        assert_eq!(told(12, 100), 1.0);
        assert_eq!(told(400, 52), 0.0);
        // What was learned the wrong way round tells nothing.
        assert_eq!(told(400, 10), 0.0);
    }
}
