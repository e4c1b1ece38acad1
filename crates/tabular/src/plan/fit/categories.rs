//! Texts as categories, and how frequent they are.

use std::collections::HashSet;

use crate::plan::held_out::FeatureJudge;
use crate::plan::{Feature, MISSING_LEVEL, Transform};
use crate::{Column, Field, TextColumn};

use super::{Options, Proposal, varied};

/// Stands for the pooled levels while relevance is measured; no text of a table looks like it.
const OTHER: &str = "\u{0}other";
/// Levels with fewer rows than this have nothing to be learned from.
const MIN_ROWS: u64 = 2;
/// Share of the rows whose texts are pooled from which on it is looked at whether these tell something.
const MUCH_POOLED: f64 = 0.2;
/// Levels from which on their frequency is a feature.
const FREQUENT: usize = 20;

/// The levels of a text column that are kept, and what is pooled.
pub(super) struct Levels<'a> {
    /// Those kept, the most frequent first.
    kept: Vec<(&'a str, u64)>,
    /// Number of distinct texts.
    distinct: usize,
    /// Rows that a level needs.
    least: u64,
    /// Rows that are missing.
    missing: u64,
    /// Share of the rows whose text is pooled.
    pooled: f64,
}

impl<'a> Levels<'a> {
    /// Chooses the levels; the reason where a column has nothing to choose from.
    ///
    /// Levels of few rows are pooled. Where that would pool many rows, and their levels tell the target on rows held out, they
    /// are kept too.
    pub(super) fn choose(
        text: &'a TextColumn,
        held_out: Option<&TextColumn>,
        judge: &FeatureJudge<'_>,
        options: &Options,
    ) -> Result<Self, String> {
        let (counts, missing) = text.counts();
        let mut levels: Vec<(&str, u64)> = text
            .levels()
            .iter()
            .map(String::as_str)
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .collect();
        levels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        match levels.len() {
            0 => return Err("empty: every value is missing".to_owned()),
            1 if missing == 0 => return Err("constant".to_owned()),
            _ => {}
        }
        let least = options.least_rows(text.len());
        let mut found =
            Self { kept: Vec::new(), distinct: levels.len(), least, missing, pooled: 0.0 };
        found.keep(&levels, text.len(), options.max_levels);
        if found.pooled > MUCH_POOLED && least > MIN_ROWS {
            let rare: HashSet<&str> = levels
                .iter()
                .filter(|(_, count)| (MIN_ROWS..least).contains(count))
                .map(|(level, _)| *level)
                .collect();
            if judge.levels_tell(text, held_out, |level| rare.contains(level)) {
                found.least = MIN_ROWS;
                found.keep(&levels, text.len(), options.max_levels);
            }
        }
        Ok(found)
    }

    fn keep(&mut self, levels: &[(&'a str, u64)], rows: usize, most: usize) {
        let least = self.least;
        self.kept =
            levels.iter().filter(|(_, count)| *count >= least).take(most).copied().collect();
        let covered: u64 = self.kept.iter().map(|(_, count)| *count).sum();
        self.pooled = (rows as u64 - covered - self.missing) as f64 / rows.max(1) as f64;
    }

    /// Whether there are texts of which much is not said by a level.
    pub(super) fn leave_much(&self) -> bool {
        self.kept.is_empty() || self.pooled > MUCH_POOLED
    }

    /// Why there is no category.
    pub(super) fn none(&self) -> Option<String> {
        self.kept.is_empty().then(|| {
            format!(
                "texts hardly repeat: none of {} has {} rows or more, and those with fewer tell nothing on rows held out",
                self.distinct, self.least
            )
        })
    }

    /// The category, and the frequency of its levels where there are many.
    pub(super) fn propose(&self, field: &Field, text: &TextColumn) -> Vec<Proposal> {
        if self.kept.is_empty() {
            return Vec::new();
        }
        let kept: HashSet<&str> = self.kept.iter().map(|(level, _)| *level).collect();
        let values =
            text.map_levels(|level| Some(if kept.contains(level) { level } else { OTHER }));
        let mut levels: Vec<String> =
            self.kept.iter().map(|(level, _)| (*level).to_owned()).collect();
        let shares: Vec<f64> =
            self.kept.iter().map(|(_, count)| *count as f64 / text.len().max(1) as f64).collect();
        let frequency = (levels.len() > FREQUENT).then(|| {
            let transform = Transform::Frequency {
                input: field.name.clone(),
                levels: levels.clone(),
                shares: shares.clone(),
            };
            let of = of_levels(text, &self.kept, &shares);
            (Feature { name: format!("{}_frequency", field.name), transform }, of)
        });
        if self.missing > 0 {
            levels.push(MISSING_LEVEL.to_owned());
        }
        // Texts that training has not seen have a code of their own in any case, or they would be taken for missing.
        let transform = Transform::Category { input: field.name.clone(), levels, other: true };
        let category = (Feature { name: field.name.clone(), transform }, Column::Text(values));
        let frequency = frequency
            .filter(|(_, values)| values.numbers().is_some_and(|numbers| varied(numbers).is_ok()));
        std::iter::once(category).chain(frequency).collect()
    }
}

/// What each row's level becomes: 0 where it is none, missing where it is missing.
fn of_levels(text: &TextColumn, kept: &[(&str, u64)], numbers: &[f64]) -> Column {
    let known: std::collections::HashMap<&str, f64> =
        kept.iter().zip(numbers).map(|((level, _), number)| (*level, *number)).collect();
    let of_level: Vec<f64> = text
        .levels()
        .iter()
        .map(|level| known.get(level.as_str()).copied().unwrap_or(0.0))
        .collect();
    let of = |code: &u32| usize::try_from(*code).ok().and_then(|code| of_level.get(code)).copied();
    Column::Number(text.codes().iter().map(|code| of(code).unwrap_or(f64::NAN)).collect())
}
