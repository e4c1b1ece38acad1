//! Understanding free text by the catalogue, word by word.
//!
//! Every word has to be accounted for: it names the data set, it is a value of one of its population columns, it is
//! among the words that such requests are made of, or the request is refused.

use std::collections::BTreeSet;

use crate::catalogue::{Catalogue, Entry};
use crate::error::RequestError;

/// Words that requests are made of and that decide nothing.
const FILLER: &[&str] = &[
    "a",
    "about",
    "all",
    "an",
    "and",
    "any",
    "based",
    "best",
    "build",
    "can",
    "classification",
    "classifier",
    "classify",
    "create",
    "data",
    "dataset",
    "deploy",
    "develop",
    "estimate",
    "fit",
    "for",
    "forecast",
    "forecasting",
    "from",
    "get",
    "give",
    "good",
    "how",
    "i",
    "if",
    "in",
    "is",
    "it",
    "learn",
    "learning",
    "likely",
    "machine",
    "make",
    "me",
    "ml",
    "model",
    "my",
    "need",
    "new",
    "of",
    "on",
    "our",
    "please",
    "predict",
    "prediction",
    "predicting",
    "predictive",
    "predictor",
    "regression",
    "regressor",
    "run",
    "set",
    "table",
    "that",
    "the",
    "their",
    "them",
    "these",
    "they",
    "this",
    "to",
    "train",
    "training",
    "use",
    "using",
    "want",
    "we",
    "what",
    "when",
    "whether",
    "which",
    "who",
    "will",
    "with",
    "would",
    "you",
];

/// Words that say which type of problem is meant.
const CLASS_WORDS: [&str; 4] = ["classification", "classifier", "classify", "whether"];
const NUMBER_WORDS: [&str; 2] = ["regression", "regressor"];

/// What a text says about the type of the problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// The target has classes.
    Classes,
    /// The target is a number.
    Number,
}

/// A text that names one data set.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedRequest<'a> {
    /// Entry of the catalogue that the text names.
    pub entry: &'a Entry,
    /// All words of the text, lower-case, in order.
    pub words: Vec<String>,
    /// Words that neither name the data set nor are filler, in order; values of population columns have to explain them.
    pub unexplained: Vec<String>,
    /// What the words say about the type of the problem.
    pub hint: Option<Hint>,
}

/// A value of a population column that the text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// Name of the column.
    pub column: String,
    /// Its values, as they stand in the table.
    pub values: Vec<String>,
}

/// Lower-case words: runs of letters and digits.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if !word.is_empty() && c != '\'' && c != '’' {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// A word without the ending of a plural, so that `HCPs` and `HCP` are the same.
fn stem(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(rest) if rest.chars().count() >= 3 && !rest.ends_with('s') => rest,
        _ => word,
    }
}

fn stems(text: &str) -> BTreeSet<String> {
    words(text).iter().map(|word| stem(word).to_owned()).collect()
}

/// Finds the one entry that a text names.
///
/// # Errors
/// `unknown_data_set` where no entry is named, `ambiguous_request` where several are named equally well.
pub fn understand<'a>(
    text: &str,
    catalogue: &'a Catalogue,
) -> Result<ParsedRequest<'a>, RequestError> {
    let words = words(text);
    let said: BTreeSet<&str> = words.iter().map(|word| stem(word)).collect();
    let mut named: Vec<(usize, &Entry)> = catalogue
        .entries
        .iter()
        .filter_map(|entry| {
            let phrases =
                std::iter::once(&entry.name).chain(&entry.aliases).map(|phrase| stems(phrase));
            let covered: BTreeSet<String> = phrases
                .filter(|phrase| {
                    !phrase.is_empty() && phrase.iter().all(|word| said.contains(word.as_str()))
                })
                .flatten()
                .collect();
            (!covered.is_empty()).then_some((covered.len(), entry))
        })
        .collect();
    named.sort_by_key(|(covered, _)| std::cmp::Reverse(*covered));
    let entry = match named.as_slice() {
        [] => return Err(unknown(&words, catalogue)),
        [(first, _), (second, _), ..] if first == second => {
            let equal: Vec<String> = named
                .iter()
                .filter(|(covered, _)| covered == first)
                .map(|(_, entry)| entry.name.clone())
                .collect();
            let message = format!(
                "the text names {} data sets equally well ({}); name one of them, or say which by another of its words",
                equal.len(),
                equal.join(", ")
            );
            return Err(RequestError::new("ambiguous_request", "text", message).suggesting(equal));
        }
        [(_, entry), ..] => *entry,
    };
    let vocabulary = vocabulary(entry);
    let unexplained = words
        .iter()
        .filter(|word| !FILLER.contains(&word.as_str()) && !vocabulary.contains(stem(word)))
        .cloned()
        .collect();
    let says = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let hint = match (says(&CLASS_WORDS), says(&NUMBER_WORDS)) {
        (true, false) => Some(Hint::Classes),
        (false, true) => Some(Hint::Number),
        _ => None,
    };
    Ok(ParsedRequest { entry, unexplained, hint, words })
}

/// Words that an entry explains.
fn vocabulary(entry: &Entry) -> BTreeSet<String> {
    let texts =
        [&entry.name, &entry.target, &entry.description, &entry.horizon, &entry.problem_type];
    let columns = entry.population_columns.iter();
    texts.into_iter().chain(&entry.aliases).chain(columns).flat_map(|text| stems(text)).collect()
}

fn unknown(words: &[String], catalogue: &Catalogue) -> RequestError {
    let mut scored: Vec<(usize, &str)> = Vec::new();
    for entry in &catalogue.entries {
        let vocabulary: BTreeSet<String> = std::iter::once(&entry.name)
            .chain(&entry.aliases)
            .chain([&entry.target])
            .flat_map(|text| stems(text))
            .collect();
        let near = |word: &String| {
            let word = stem(word);
            let limit = if word.chars().count() < 5 { 1 } else { 2 };
            vocabulary.iter().any(|known| dataset::edit_distance(word, known) <= limit)
        };
        let score =
            words.iter().filter(|word| !FILLER.contains(&word.as_str()) && near(word)).count();
        scored.push((score, &entry.name));
    }
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let close: Vec<String> = scored
        .iter()
        .filter(|(score, _)| *score > 0)
        .take(3)
        .map(|(_, name)| (*name).to_owned())
        .collect();
    let all = catalogue.names();
    let known = match (close.is_empty(), all.is_empty()) {
        (false, _) => format!("nearest entries: {}", close.join(", ")),
        (true, false) => {
            format!("entries: {}", all.iter().take(10).cloned().collect::<Vec<_>>().join(", "))
        }
        (true, true) => "the catalogue is empty".to_owned(),
    };
    let content: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !FILLER.contains(word)).take(12).collect();
    let message = format!(
        "no data set of the catalogue is named by the text (words looked for: {}); {known}; missing is the data set: name an entry, or give data_uri and target",
        if content.is_empty() { "none".to_owned() } else { content.join(", ") },
    );
    let suggestions = if close.is_empty() { all.into_iter().take(3).collect() } else { close };
    RequestError::new("unknown_data_set", "text", message).suggesting(suggestions)
}

/// Explains the words left over by values of the population columns.
///
/// `levels` are the values of each column in the table.
///
/// # Errors
/// `ambiguous_request` where a word is a value of several columns, or of none.
pub fn population(
    understood: &ParsedRequest<'_>,
    levels: &[(String, Vec<String>)],
) -> Result<Vec<Population>, RequestError> {
    let mut explained: BTreeSet<String> = BTreeSet::new();
    let mut found: Vec<Population> = Vec::new();
    let mut by_value: Vec<(BTreeSet<String>, String)> = Vec::new();
    for (column, values) in levels {
        let mut named: Vec<String> = Vec::new();
        for value in values {
            let parts: Vec<String> = words(value);
            let relevant = parts.iter().any(|part| understood.unexplained.contains(part));
            if parts.is_empty() || !relevant || !contains_run(&understood.words, &parts) {
                continue;
            }
            let set: BTreeSet<String> = parts.into_iter().collect();
            if let Some((_, other)) =
                by_value.iter().find(|(known, other)| *known == set && other != column)
            {
                let message = format!(
                    "a word of the text is a value of the columns `{other}` and `{column}`; say which by an inclusion predicate"
                );
                return Err(RequestError::new("ambiguous_request", column.clone(), message)
                    .suggesting([other.clone(), column.clone()]));
            }
            explained.extend(set.iter().cloned());
            by_value.push((set, column.clone()));
            named.push(value.clone());
        }
        if !named.is_empty() {
            found.push(Population { column: column.clone(), values: without_parts(named) });
        }
    }
    let left: Vec<&str> = understood
        .unexplained
        .iter()
        .filter(|word| !explained.contains(*word))
        .map(String::as_str)
        .collect();
    if left.is_empty() {
        return Ok(found);
    }
    let columns: Vec<&str> = levels.iter().map(|(column, _)| column.as_str()).collect();
    let looked = match columns.as_slice() {
        [] => "the data set has no population columns".to_owned(),
        columns => format!("no value of {} is called so", columns.join(", ")),
    };
    let entry = understood.entry;
    let population: Vec<&str> = found.iter().map(|population| population.column.as_str()).collect();
    let chosen = if population.is_empty() {
        String::new()
    } else {
        format!(", a population by {}", population.join(", "))
    };
    let message = format!(
        "understood: data set `{}`, target `{}`{chosen}; not understood: {} ({looked}); leave the word out, or choose the rows by inclusion predicates",
        entry.name,
        entry.target,
        left.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
    );
    Err(RequestError::new("ambiguous_request", left.join(" "), message)
        .suggesting([entry.name.clone()]))
}

/// Values whose words are only part of another named value's: `York` beside `New York`.
fn without_parts(values: Vec<String>) -> Vec<String> {
    let runs: Vec<Vec<String>> = values.iter().map(|value| words(value)).collect();
    values
        .iter()
        .zip(&runs)
        .filter(|(_, run)| {
            !runs.iter().any(|other| other.len() > run.len() && contains_run(other, run))
        })
        .map(|(value, _)| value.clone())
        .collect()
}

/// Whether words stand one after the other in others; a plural counts as its singular.
fn contains_run(words: &[String], run: &[String]) -> bool {
    words
        .windows(run.len())
        .any(|window| window.iter().zip(run).all(|(a, b)| a == b || stem(a) == stem(b)))
}

#[cfg(test)]
mod tests;
