//! Metrics within groups of the test split: where a model is worse than it is on the whole, and whom it favours.

use std::collections::BTreeMap;

use contracts::stages;
use learners::{Examples, Outputs};
use tabular::{Column, metrics, personal};

use crate::Error;
use crate::training_tables::TrainingTables;

/// Most segments of a column; the smallest beyond it are left out.
const MAX_SEGMENTS: usize = 20;
/// Numbers with more distinct values than this are divided at their quartiles.
const MAX_DISTINCT: usize = 12;
/// Segments with fewer rows tell nothing.
pub(crate) const MIN_ROWS: usize = 10;
/// Most bytes of a segment's name.
const MAX_NAME: usize = 128;
/// Share of the rows that are predicted positive.
const SELECTION_RATE: &str = "selection_rate";
/// Share of the rows that are positive.
const BASE_RATE: &str = "base_rate";
/// Share of the negative rows that are predicted positive. Its companion, the true positive rate, is [`metrics::RECALL`].
const FALSE_POSITIVE_RATE: &str = "false_positive_rate";

/// Metrics within each segment of the scope's group columns.
///
/// # Errors
/// Where the test split does not have such a column, or predictions cannot be measured.
pub(crate) fn measure(
    material: &TrainingTables,
    scope: &stages::Scope,
    examples: &Examples,
    outputs: &Outputs,
    threshold: f64,
) -> Result<Vec<stages::SegmentMetrics>, Error> {
    let mut all = Vec::new();
    for name in &scope.group_columns {
        let column = material.test.column(name);
        let column = column.ok_or_else(|| Error::Column { column: name.clone() })?;
        let names = GroupNames::of(material, name);
        for (value, rows) in segments(column) {
            if rows.len() < MIN_ROWS {
                continue;
            }
            let truth: Vec<f64> =
                rows.iter().filter_map(|&row| examples.target.get(row).copied()).collect();
            let own = outputs.take(&rows);
            // Rows of one class have no curve, but they have labels.
            let mut measured = metrics::evaluate(&truth, own.as_measured(threshold))?;
            measured.retain(|_, value| value.is_finite());
            let mut measured: std::collections::HashMap<String, f64> =
                measured.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            if let Some(positive) = own.positive() {
                measured.extend(rates(&truth, positive, threshold));
            }
            all.push(stages::SegmentMetrics {
                column: name.clone(),
                value: names.told(value),
                rows: rows.len() as u64,
                metrics: measured.into_iter().collect(),
            });
        }
    }
    Ok(all)
}

/// The rates by which groups are compared: of all rows that are positive and that are predicted so, and of negative rows that are
/// predicted positive, where there are any.
fn rates(truth: &[f64], positive: &[f64], threshold: f64) -> Vec<(String, f64)> {
    let called = |value: &f64| *value >= threshold;
    let share = |part: usize, of: usize| part as f64 / of as f64;
    let negatives = truth.iter().filter(|label| **label == 0.0).count();
    let alarms =
        truth.iter().zip(positive).filter(|(label, value)| **label == 0.0 && called(value));
    let selected = positive.iter().filter(|value| called(value)).count();
    let mut rates = vec![
        (SELECTION_RATE.to_owned(), share(selected, positive.len())),
        (BASE_RATE.to_owned(), share(truth.len() - negatives, truth.len())),
    ];
    if negatives > 0 {
        rates.push((FALSE_POSITIVE_RATE.to_owned(), share(alarms.count(), negatives)));
    }
    rates
}

/// How the groups of a column are called: by their values, or, where these are personal data, by `group 1` for the largest group
/// of the test split, `group 2`, and so on.
pub(crate) struct GroupNames(Option<BTreeMap<String, String>>);

impl GroupNames {
    /// The names of a column's groups.
    pub(crate) fn of(material: &TrainingTables, name: &str) -> Self {
        let column = material.test.column(name).filter(|_| is_personal(material, name));
        Self(column.map(|column| {
            let values = all_segments(column).into_iter().map(|(value, _)| value);
            let named = values.filter(|value| !value.is_empty());
            named.zip(1..).map(|(value, number)| (value, format!("group {number}"))).collect()
        }))
    }

    /// What a group is told as; rows without a value stay those.
    pub(crate) fn told(&self, value: String) -> String {
        match &self.0 {
            Some(names) if !value.is_empty() => {
                names.get(&value).cloned().unwrap_or_else(|| "another group".to_owned())
            }
            _ => value,
        }
    }
}

/// Whether the values of a column are personal data, by its name or by what they look like in any split.
pub(crate) fn is_personal(material: &TrainingTables, name: &str) -> bool {
    let TrainingTables { train, validation, test, .. } = material;
    let mut columns = [train, validation, test].into_iter().filter_map(|table| table.column(name));
    personal::in_name(name) || columns.any(|column| personal::looks_like(column).is_some())
}

/// Warnings for the columns whose groups are not told by their values.
pub(crate) fn withheld(material: &TrainingTables, scope: &stages::Scope) -> Vec<String> {
    let personal = scope.group_columns.iter().filter(|name| is_personal(material, name));
    let told = |name: &String| {
        format!(
            "the values of `{name}` look like personal data: its groups are told as `group 1`, the largest one of the test split, `group 2` and so on"
        )
    };
    personal.map(told).collect()
}

/// The segments of a column with their rows, the largest first, and not more than are told.
pub(crate) fn segments(column: &Column) -> Vec<(String, Vec<usize>)> {
    let mut segments = all_segments(column);
    segments.truncate(MAX_SEGMENTS);
    segments
}

/// The segments of a column with their rows, the largest first.
fn all_segments(column: &Column) -> Vec<(String, Vec<usize>)> {
    let mut segments: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    match column {
        Column::Text(text) => {
            for (row, value) in text.iter().enumerate() {
                segments.entry(shortened(value.unwrap_or(""))).or_default().push(row);
            }
        }
        Column::Number(values) => {
            let mut sorted: Vec<f64> =
                values.iter().copied().filter(|value| !value.is_nan()).collect();
            sorted.sort_by(f64::total_cmp);
            let mut distinct = sorted.clone();
            distinct.dedup();
            let name = |value: f64| {
                if value.is_nan() {
                    return String::new();
                }
                if distinct.len() <= MAX_DISTINCT {
                    return value.to_string();
                }
                let at = |quarter: usize| {
                    sorted.get((sorted.len() - 1) * quarter / 4).copied().unwrap_or(f64::NAN)
                };
                let quarter = (1..4).find(|quarter| value <= at(*quarter)).unwrap_or(4);
                format!("{} to {}", at(quarter - 1), at(quarter))
            };
            for (row, value) in values.iter().enumerate() {
                segments.entry(name(*value)).or_default().push(row);
            }
        }
    }
    let mut segments: Vec<(String, Vec<usize>)> = segments.into_iter().collect();
    segments.sort_by(|left, right| right.1.len().cmp(&left.1.len()).then(left.0.cmp(&right.0)));
    segments
}

/// A name of at most [`MAX_NAME`] bytes.
fn shortened(name: &str) -> String {
    let mut end = name.len().min(MAX_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default().to_owned()
}

/// Warnings for each column between whose groups the model differs: by how often it predicts them positive (the four-fifths rule of
/// the Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D), and by how often it is right or wrong about them
/// (equalised odds: Hardt, Price and Srebro 2016).
pub(crate) fn disparities(segments: &[stages::SegmentMetrics]) -> Vec<String> {
    let mut columns: Vec<&str> = segments.iter().map(|of| of.column.as_str()).collect();
    columns.dedup();
    let of_column = |column: &str| {
        let groups: Vec<&stages::SegmentMetrics> =
            segments.iter().filter(|of| of.column == column).collect();
        [
            four_fifths(column, &groups),
            odds(column, &groups, metrics::RECALL, "positive rows", |base| base),
            odds(column, &groups, FALSE_POSITIVE_RATE, "negative rows", |base| 1.0 - base),
        ]
    };
    columns.into_iter().flat_map(of_column).flatten().collect()
}

/// The groups with the least and the greatest of a rate, each with that rate.
fn extremes<'a>(
    groups: &[&'a stages::SegmentMetrics],
    rate: &str,
) -> Option<[(&'a stages::SegmentMetrics, f64); 2]> {
    let mut rates: Vec<(&stages::SegmentMetrics, f64)> =
        groups.iter().filter_map(|of| Some((*of, *of.metrics.get(rate)?))).collect();
    rates.sort_by(|left, right| left.1.total_cmp(&right.1));
    Some([*rates.first()?, *rates.last()?])
}

fn four_fifths(column: &str, groups: &[&stages::SegmentMetrics]) -> Option<String> {
    /// The least of two rates as a share of the greatest.
    const FOUR_FIFTHS: f64 = 0.8;
    let [(least, low), (greatest, high)] = extremes(groups, SELECTION_RATE)?;
    (high > 0.0 && low / high < FOUR_FIFTHS).then(|| {
        format!(
            "by {column}, {low:.3} of {:?} and {high:.3} of {:?} are predicted positive: less than four fifths",
            least.value, greatest.value
        )
    })
}

/// A difference of a rate that is measured on a part of each group's rows, where it is more than chance explains.
fn odds(
    column: &str,
    groups: &[&stages::SegmentMetrics],
    rate: &str,
    rows: &str,
    part: impl Fn(f64) -> f64,
) -> Option<String> {
    /// Differences that are not worth a warning.
    const TOLERATED: f64 = 0.1;
    /// Standard errors beyond which a difference is told: the extremes of up to 20 groups are compared.
    const ERRORS: f64 = 3.0;
    let [(least, low), (greatest, high)] = extremes(groups, rate)?;
    let counted =
        |of: &stages::SegmentMetrics| Some(of.rows as f64 * part(*of.metrics.get(BASE_RATE)?));
    let (n, m) = (counted(least)?, counted(greatest)?);
    let pooled = (low * n + high * m) / (n + m);
    let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    (high - low > TOLERATED && high - low > ERRORS * error).then(|| {
        format!(
            "by {column}, {low:.3} of the {rows} of {:?} and {high:.3} of those of {:?} are predicted positive",
            least.value, greatest.value
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(value: &str, rows: u64, rates: [(&str, f64); 3]) -> stages::SegmentMetrics {
        stages::SegmentMetrics {
            column: "region".into(),
            value: value.into(),
            rows,
            metrics: rates.into_iter().map(|(name, rate)| (name.to_owned(), rate)).collect(),
        }
    }

    #[test]
    fn groups_of_personal_values_are_told_by_number() {
        let personal = GroupNames(Some(BTreeMap::from([("a@b.org".into(), "group 1".into())])));
        assert_eq!(personal.told("a@b.org".into()), "group 1");
        assert_eq!(personal.told("c@b.org".into()), "another group");
        assert_eq!(personal.told(String::new()), "");
        assert_eq!(GroupNames(None).told("north".into()), "north");
    }

    #[test]
    fn rates_are_of_the_rows_that_they_are_about() {
        let found = rates(&[1.0, 1.0, 0.0, 0.0, 0.0], &[0.9, 0.2, 0.8, 0.1, 0.1], 0.5);
        let rate = |name: &str| found.iter().find(|of| of.0 == name).map(|of| of.1);
        assert_eq!(rate(SELECTION_RATE), Some(0.4));
        assert_eq!(rate(BASE_RATE), Some(0.4));
        assert_eq!(rate(FALSE_POSITIVE_RATE), Some(1.0 / 3.0));
        assert!(rates(&[1.0], &[0.9], 0.5).iter().all(|of| of.0 != FALSE_POSITIVE_RATE));
    }

    #[test]
    fn groups_that_are_treated_unlike_are_told_where_it_is_not_chance() {
        let of = |recall: f64, alarms: f64| {
            [(metrics::RECALL, recall), (FALSE_POSITIVE_RATE, alarms), (BASE_RATE, 0.5)]
        };
        let found =
            disparities(&[group("north", 2000, of(0.9, 0.1)), group("south", 2000, of(0.6, 0.12))]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found.iter().all(|of| of.contains("0.600 of the positive rows of \"south\"")),
            "{found:?}"
        );
        let few =
            disparities(&[group("north", 20, of(0.9, 0.1)), group("south", 20, of(0.6, 0.1))]);
        assert!(few.is_empty(), "ten positive rows in each tell nothing: {few:?}");
        let alarms =
            disparities(&[group("north", 2000, of(0.9, 0.1)), group("south", 2000, of(0.9, 0.4))]);
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        assert!(alarms.iter().all(|of| of.contains("negative rows")), "{alarms:?}");
    }
}
