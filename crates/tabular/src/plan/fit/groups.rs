//! The mean of a number for each level of a category.

use crate::plan::{Feature, MISSING_LEVEL, Transform};
use crate::{Column, TextColumn};

use super::Proposal;

/// Rows at the overall mean that the mean of a level is taken with.
const SMOOTHING: f64 = 10.0;

/// Means of a number over the rows of each level, from training rows.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupMeans {
    /// Name of the text column whose levels form the groups.
    pub group: String,
    /// Name of the numeric column whose means they are.
    pub of: String,
    /// The levels, in the order that they were given in.
    pub levels: Vec<String>,
    /// Of each level `(sum + 10 overall) / (rows + 10)`: few rows say little, and are drawn towards all.
    pub means: Vec<f64>,
    /// The mean of all rows.
    pub overall: f64,
}

impl GroupMeans {
    /// Fits the means of levels that have at least `least` rows with the number; none where there are fewer than two such
    /// levels, or the number is nowhere. Rows whose number or text is missing are left out.
    #[must_use]
    pub fn fit(
        (group, text): (&str, &TextColumn),
        (of, numbers): (&str, &[f64]),
        levels: &[String],
        least: usize,
    ) -> Option<Self> {
        let mut sums = vec![(0.0, 0.0); text.levels().len()];
        let (mut count, mut sum) = (0.0, 0.0);
        for (code, number) in text.codes().iter().zip(numbers).filter(|(_, n)| n.is_finite()) {
            count += 1.0;
            sum += number;
            let of_level = usize::try_from(*code).ok().and_then(|code| sums.get_mut(code));
            if let Some(of_level) = of_level {
                of_level.0 += 1.0;
                of_level.1 += number;
            }
        }
        let overall = sum / count;
        let places: std::collections::HashMap<&str, (f64, f64)> =
            text.levels().iter().map(String::as_str).zip(sums).collect();
        let of_level = |level: &&String| {
            let (count, sum) = *places.get(level.as_str())?;
            let enough = *level != MISSING_LEVEL && count >= least.max(1) as f64;
            enough.then(|| ((*level).clone(), (sum + SMOOTHING * overall) / (count + SMOOTHING)))
        };
        let (levels, means): (Vec<String>, Vec<f64>) =
            levels.iter().filter_map(|level| of_level(&level)).unzip();
        let sound = overall.is_finite() && means.iter().all(|mean| mean.is_finite());
        (sound && levels.len() > 1).then(|| Self {
            group: group.to_owned(),
            of: of.to_owned(),
            levels,
            means,
            overall,
        })
    }

    /// The mean of the level of each row.
    #[must_use]
    pub fn mean(&self, text: &TextColumn) -> Proposal {
        let transform = Transform::GroupMean {
            input: self.group.clone(),
            of: self.of.clone(),
            levels: self.levels.clone(),
            means: self.means.clone(),
            overall: self.overall,
        };
        let name = format!("{}_mean_by_{}", self.of, self.group);
        (Feature { name, transform }, Column::Number(self.of_rows(text)))
    }

    /// The number of each row less the mean of its level.
    #[must_use]
    pub fn difference(&self, text: &TextColumn, numbers: &[f64]) -> Proposal {
        let transform = Transform::GroupDifference {
            input: self.of.clone(),
            group: self.group.clone(),
            levels: self.levels.clone(),
            means: self.means.clone(),
            overall: self.overall,
        };
        let name = format!("{}_less_mean_by_{}", self.of, self.group);
        let values =
            numbers.iter().zip(self.of_rows(text)).map(|(number, mean)| number - mean).collect();
        (Feature { name, transform }, Column::Number(values))
    }

    fn of_rows(&self, text: &TextColumn) -> Vec<f64> {
        let known: std::collections::HashMap<&str, f64> =
            self.levels.iter().map(String::as_str).zip(self.means.iter().copied()).collect();
        let of_level: Vec<f64> = text
            .levels()
            .iter()
            .map(|level| known.get(level.as_str()).copied().unwrap_or(self.overall))
            .collect();
        let of = |code: &u32| usize::try_from(*code).ok().and_then(|code| of_level.get(code));
        text.codes().iter().map(|code| of(code).copied().unwrap_or(self.overall)).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn means_of_few_rows_are_drawn_to_that_of_all() {
        let text: TextColumn =
            [Some("a"), Some("a"), Some("b"), None, Some("c"), Some("b")].into_iter().collect();
        let numbers = [1.0, 3.0, 10.0, 6.0, 50.0, f64::NAN];
        let levels = ["a", "b", "c", MISSING_LEVEL, "d"].map(str::to_owned);
        let fit = |least| GroupMeans::fit(("text", &text), ("x", &numbers), &levels, least);
        let means = fit(1).unwrap();
        assert_eq!(means.overall, 14.0);
        assert_eq!(means.levels, ["a", "b", "c"]);
        assert_eq!(means.means, [144.0 / 12.0, 150.0 / 11.0, 190.0 / 11.0]);
        let (feature, values) = means.mean(&text);
        assert_eq!(feature.name, "x_mean_by_text");
        assert_eq!(values.numbers().unwrap()[2..4], [150.0 / 11.0, 14.0]);
        let (feature, values) = means.difference(&text, &numbers);
        assert_eq!(feature.transform.inputs(), ["x", "text"]);
        assert_eq!(values.numbers().unwrap()[3], 6.0 - 14.0);
        assert!(values.numbers().unwrap()[5].is_nan());
        assert_eq!(fit(2), None, "one level is no group");
    }
}
