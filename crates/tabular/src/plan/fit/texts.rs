//! Features of texts that are no categories: how long they are, and which words they have.
//!
//! Words are chosen from the training rows alone: those of them whose presence goes with the target beyond what the strongest
//! of so many words does by chance.

use std::collections::HashMap;

use crate::plan::held_out::{FeatureJudge, Responses};
use crate::plan::text::{TextMeasure, has_word, is_word, lower, words};
use crate::plan::{Feature, Transform};
use crate::target::Target;
use crate::{Column, Field, TextColumn};

use super::{Proposal, varied};

/// Most words of a column.
const MAX_WORDS: usize = 16;
/// Rows that words are chosen from.
const ROWS: usize = 20_000;
/// Words of a text that are looked at when some are chosen.
const WORDS_OF_TEXT: usize = 200;
/// Words that are compared, the most frequent ones.
const COMPARED: usize = 1_000;
/// Rows that have to have a word.
const MIN_ROWS: usize = 5;
/// Share of the rows that has to have a word.
const MIN_SHARE: f64 = 0.002;
/// Most of the rows that may have it.
const MAX_SHARE: f64 = 0.98;

/// What of a text column tells something of the target: its measures, judged on rows held out, and words.
pub(super) fn propose(
    field: &Field,
    text: &TextColumn,
    held_out: Option<&TextColumn>,
    target: &Target,
    judge: &FeatureJudge<'_>,
) -> Vec<Proposal> {
    let mut proposals: Vec<Proposal> = telling_measures(text, held_out, judge)
        .into_iter()
        .map(|(measure, values)| {
            let name = format!("{}_{}", field.name, measure.as_str());
            let transform = Transform::TextMeasure { input: field.name.clone(), measure };
            (Feature { name, transform }, Column::Number(values))
        })
        .collect();
    for word in telling_words(text, target) {
        let name = format!("{}_has_{word}", field.name);
        let values = of_texts(text, |text| f64::from(u8::from(has_word(text, &word))));
        let transform = Transform::HasWord { input: field.name.clone(), word };
        proposals.push((Feature { name, transform }, Column::Number(values)));
    }
    proposals
}

/// Whether a text tells anything of the target: by its levels, by its measures, by being missing (all judged on rows that were not
/// learned from), or by its words.
#[must_use]
pub fn text_tells(
    judge: &FeatureJudge<'_>,
    text: &TextColumn,
    held_out: Option<&TextColumn>,
    target: &Target,
) -> bool {
    let missing: Vec<f64> = text.iter().map(|text| f64::from(u8::from(text.is_none()))).collect();
    judge.levels_tell(text, held_out, |_| true)
        || judge.goes_with(&missing)
        || !telling_measures(text, held_out, judge).is_empty()
        || !telling_words(text, target).is_empty()
}

/// The measures that tell the target on rows that were not learned from, with their values.
fn telling_measures(
    text: &TextColumn,
    held_out: Option<&TextColumn>,
    judge: &FeatureJudge<'_>,
) -> Vec<(TextMeasure, Vec<f64>)> {
    let of = |measure: TextMeasure| {
        let values = of_texts(text, |text| measure.value_of(text));
        varied(&values).ok()?;
        let others = held_out.map(|others| of_texts(others, |text| measure.value_of(text)));
        judge.numbers_tell(&values, others.as_deref()).then_some((measure, values))
    };
    TextMeasure::ALL.into_iter().filter_map(of).collect()
}

/// The words whose presence goes with the target, the strongest first.
fn telling_words(text: &TextColumn, target: &Target) -> Vec<String> {
    let step = text.len().div_ceil(ROWS).max(1);
    let values = target.values.iter().step_by(step).copied().collect();
    let responses = Responses::from_target(&Target { values, ..target.clone() });
    let rows = text.codes().iter().step_by(step).count();
    let mut of_word: HashMap<String, Vec<usize>> = HashMap::new();
    for (row, text) in text.iter().step_by(step).enumerate() {
        for word in text.into_iter().flat_map(words).take(WORDS_OF_TEXT) {
            let word: String = word.chars().map(lower).collect();
            let rows = of_word.entry(word).or_default();
            if rows.last() != Some(&row) {
                rows.push(row);
            }
        }
    }
    let least = MIN_ROWS.max((MIN_SHARE * rows as f64).ceil() as usize);
    let repeats = |rows_of: usize| rows_of >= least && rows_of as f64 <= MAX_SHARE * rows as f64;
    let mut candidates: Vec<(String, Vec<usize>)> =
        of_word.into_iter().filter(|(word, rows)| repeats(rows.len()) && is_word(word)).collect();
    candidates.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    candidates.truncate(COMPARED);
    let compared = candidates.len();
    let mut telling: Vec<(String, f64)> = candidates
        .into_iter()
        .filter_map(|(word, rows)| {
            let evidence = responses.beyond_chance(&rows, compared)?;
            Some((word, evidence))
        })
        .collect();
    telling.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    telling.truncate(MAX_WORDS);
    telling.into_iter().map(|(word, _)| word).collect()
}

/// A number of each row's text; missing where the text is.
fn of_texts(text: &TextColumn, of: impl Fn(&str) -> f64) -> Vec<f64> {
    let of_level: Vec<f64> = text.levels().iter().map(|level| of(level)).collect();
    let of_code = |code: &u32| usize::try_from(*code).ok().and_then(|code| of_level.get(code));
    text.codes().iter().map(|code| of_code(code).copied().unwrap_or(f64::NAN)).collect()
}
