//! Two tables, column by column, and a verdict on each.
//!
//! ```text
//! observed columns ─▶ statistics ─▶ tests: effect, p-value ─┬─▶ Benjamini-Hochberg over all tests ─▶ verdicts
//!                                                            └─▶ limits of the settings ────────────▶
//! ```
//!
//! An effect alone is no verdict, as few rows scatter; a p-value alone is none either, as with many rows every difference is
//! significant. Effects are less what chance alone brings, so that they do not depend on the number of rows.

use std::collections::BTreeMap;

use tabular::{Column, Field, Table};

use super::categorical;
use super::correction::benjamini_hochberg;
use super::distributions::{Distributions, keep_most_drifted};
use super::exact::{Values, of_observed};
use super::measures::Measured;
use super::numeric;
use super::observed::{ObservedColumn, observe};
use super::report::{Aspect, ColumnDrift, Kind, Report, Statistic, Statistics, Test, Verdict};
use super::settings::{Judged, Limits, Settings};
use super::special::other_share;
use super::table_sketch::TableSketch;

/// Compares the sketches of two tables without dates and instants, column by column.
#[must_use]
pub fn compare(reference: &TableSketch, current: &TableSketch, settings: &Settings) -> Report {
    compare_with_times(reference, current, settings, |_| false)
}

/// Compares the sketches of two tables, column by column. Sketches do not know dates from numbers: `is_time` says which
/// columns have dates or instants.
#[must_use]
pub fn compare_with_times(
    reference: &TableSketch,
    current: &TableSketch,
    settings: &Settings,
    is_time: impl Fn(&str) -> bool,
) -> Report {
    let observed = |table: &TableSketch| -> BTreeMap<String, ObservedColumn> {
        table.columns.iter().map(|(name, sketch)| (name.clone(), sketch.observed())).collect()
    };
    let judged = |name: &str| settings.judged(name, is_time(name));
    let sides = [(reference.rows, observed(reference)), (current.rows, observed(current))];
    report(sides, settings, judged)
}

/// Compares two tables by all their values, without sketches.
#[must_use]
pub fn compare_tables(reference: &Table, current: &Table, settings: &Settings) -> Report {
    let observed = |table: &Table| -> BTreeMap<String, ObservedColumn> {
        table.iter().map(|(field, column)| (field.name.clone(), observe(field, column))).collect()
    };
    let judged = |name: &str| {
        let is_time = reference.field(name).is_some_and(|field| field.column_type.is_temporal());
        settings.judged(name, is_time)
    };
    let sides = [
        (reference.rows() as u64, observed(reference)),
        (current.rows() as u64, observed(current)),
    ];
    report(sides, settings, judged)
}

/// Compares a column that both sides hold alike: what came of it, uncorrected until [`conclude`], and every definition's
/// values. None where one is text and the other is not.
#[must_use]
pub fn compare_column(
    reference: (&Field, &Column),
    current: (&Field, &Column),
    settings: &Settings,
) -> Option<(ColumnDrift, Values)> {
    let (a, b) = (observe(reference.0, reference.1), observe(current.0, current.1));
    let (name, is_time) = (&reference.0.name, reference.0.column_type.is_temporal());
    let judged = settings.judged(name, is_time);
    judged_column(name, &a, &b, settings, judged).zip(of_observed(&a, &b))
}

type Side = (u64, BTreeMap<String, ObservedColumn>);

fn report(sides: [Side; 2], settings: &Settings, judged: impl Fn(&str) -> Judged) -> Report {
    let [(rows_reference, reference), (rows_current, current)] = sides;
    let mut columns = Vec::new();
    let (mut only_reference, mut other_kinds) = (Vec::new(), Vec::new());
    for (name, of_reference) in &reference {
        let Some(of_current) = current.get(name) else {
            only_reference.push(name.clone());
            continue;
        };
        match judged_column(name, of_reference, of_current, settings, judged(name)) {
            Some(column) => columns.push(column),
            None => other_kinds.push(name.clone()),
        }
    }
    let only_current = current.keys().filter(|name| !reference.contains_key(*name)).cloned();
    let rest = Report {
        rows_reference,
        rows_current,
        only_reference,
        only_current: only_current.collect(),
        other_kinds,
        ..Report::default()
    };
    conclude(columns, rest, settings)
}

/// A report of columns that were compared one by one, with p-values corrected over all of them and verdicts; what is said
/// of rows and of columns that were not compared is kept.
#[must_use]
pub fn conclude(mut columns: Vec<ColumnDrift>, rest: Report, settings: &Settings) -> Report {
    let p_values: Vec<f64> =
        columns.iter().flat_map(|column| column.tests.iter().map(|test| test.p_value)).collect();
    let mut adjusted = benjamini_hochberg(&p_values).into_iter();
    for column in &mut columns {
        for (test, adjusted) in column.tests.iter_mut().zip(adjusted.by_ref()) {
            test.adjusted_p_value = adjusted;
            test.verdict = verdict(test, settings.significance);
        }
        decide(column);
    }
    keep_most_drifted(&mut columns);
    let drifted = columns.iter().filter(|column| column.verdict > Verdict::None).count();
    Report {
        share_drifted: drifted as f64 / columns.len().max(1) as f64,
        verdict: columns.iter().map(|column| column.verdict).max().unwrap_or_default(),
        significance: settings.significance,
        exact: columns.iter().all(|column| column.statistics.rank_error == 0.0),
        columns,
        ..rest
    }
}

fn verdict(test: &Test, significance: f64) -> Verdict {
    if test.adjusted_p_value > significance || test.effect < test.warning {
        Verdict::None
    } else if test.effect < test.critical {
        Verdict::Warning
    } else {
        Verdict::Critical
    }
}

/// Takes the verdict of the test that weighs most, and says why.
fn decide(column: &mut ColumnDrift) {
    let weight = |test: &Test| (test.verdict, test.effect / test.warning);
    let heaviest = column.tests.iter().max_by(|a, b| {
        let (a, b) = (weight(a), weight(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let Some(heaviest) = heaviest else { return };
    column.statistic = Some(heaviest.statistic);
    column.effect = heaviest.effect;
    column.p_value = heaviest.p_value;
    column.adjusted_p_value = heaviest.adjusted_p_value;
    column.verdict = heaviest.verdict;
    let found: Vec<String> = column
        .tests
        .iter()
        .filter(|test| test.verdict > Verdict::None)
        .map(|test| reason(test, &column.statistics))
        .collect();
    column.reasons.extend(found);
}

fn reason(test: &Test, statistics: &Statistics) -> String {
    let limit = match test.verdict {
        Verdict::Critical => format!("critical from {}", test.critical),
        _ => format!("warning from {}, critical from {}", test.warning, test.critical),
    };
    let what = match test.aspect {
        Aspect::Distribution => {
            format!("the distribution moved: {} {:.4}", test.statistic.as_str(), test.effect)
        }
        Aspect::Missing => {
            let share = |share: Option<f64>| 100.0 * share.unwrap_or(0.0);
            format!(
                "{:.2} % of the rows have no usable value, {:.2} % in the reference: a change of {:.4}",
                share(statistics.missing_current),
                share(statistics.missing_reference),
                test.effect
            )
        }
        Aspect::Unseen => {
            format!(
                "rows with categories that the reference does not have: share {:.4}",
                test.effect
            )
        }
        Aspect::OutOfRange => {
            format!("values outside of the reference's range: share {:.4}", test.effect)
        }
    };
    format!("{what} ({limit}), corrected p {:.2e}", test.adjusted_p_value)
}

fn judged_column(
    name: &str,
    reference: &ObservedColumn,
    current: &ObservedColumn,
    settings: &Settings,
    what: Judged,
) -> Option<ColumnDrift> {
    let judged = match (reference, current) {
        (ObservedColumn::Numeric(reference), ObservedColumn::Numeric(current)) => {
            numeric::judge(reference, current, settings)
        }
        (ObservedColumn::Categorical(reference), ObservedColumn::Categorical(current)) => {
            categorical::judge(reference, current, settings)
        }
        _ => return None,
    };
    let ColumnJudgement {
        kind,
        values,
        mut statistics,
        mut tests,
        unusable,
        mut reasons,
        distributions,
    } = judged;
    match what {
        Judged::Values => {}
        Judged::Presence => {
            tests.clear();
            reasons.push(
                "only how many rows have a value is judged: dates and instants move on with time"
                    .to_owned(),
            );
        }
        Judged::Nothing => {
            tests.clear();
            reasons.push("it is not judged: so the settings say".to_owned());
        }
    }
    let [reference_values, current_values] = values;
    let [missing_reference, missing_current] = unusable;
    let rows = [reference_values + missing_reference, current_values + missing_current];
    let [rows_reference, rows_current] = rows;
    if rows_reference > 0 && rows_current > 0 {
        let share = |part: u64, of: u64| part as f64 / of as f64;
        let before = share(missing_reference, rows_reference);
        let now = share(missing_current, rows_current);
        let p = other_share(missing_reference, rows_reference, missing_current, rows_current);
        statistics.missing_reference = Some(before);
        statistics.missing_current = Some(now);
        statistics.missing_p_value = Some(p);
        if let Some(limits) = settings.missing
            && missing_reference + missing_current > 0
            && what != Judged::Nothing
        {
            tests.push(test(Aspect::Missing, Statistic::Share, (now - before).abs(), limits, p));
        }
    } else {
        reasons.push("one side has no rows, so that nothing can be compared".to_owned());
    }
    Some(ColumnDrift {
        name: name.to_owned(),
        kind,
        values_reference: reference_values,
        values_current: current_values,
        statistics,
        tests,
        statistic: None,
        effect: 0.0,
        p_value: 1.0,
        adjusted_p_value: 1.0,
        verdict: Verdict::None,
        reasons,
        distributions: distributions.filter(|_| what == Judged::Values),
    })
}

/// What the kind of a column makes of both sides.
pub(crate) struct ColumnJudgement {
    pub(crate) kind: Kind,
    /// Rows with a value, of the reference and of the current side.
    pub(crate) values: [u64; 2],
    pub(crate) statistics: Statistics,
    pub(crate) tests: Vec<Test>,
    /// Rows without a usable value, of the reference and of the current side.
    pub(crate) unusable: [u64; 2],
    pub(crate) reasons: Vec<String>,
    pub(crate) distributions: Option<Distributions>,
}

/// A test that is not yet corrected.
pub(crate) fn test(
    aspect: Aspect,
    statistic: Statistic,
    effect: f64,
    limits: Limits,
    p_value: f64,
) -> Test {
    Test {
        aspect,
        statistic,
        effect,
        warning: limits.warning,
        critical: limits.critical,
        p_value,
        adjusted_p_value: 1.0,
        verdict: Verdict::None,
    }
}

/// The effect of those with limits that is greatest in relation to them, as the test of the distribution.
pub(crate) fn heaviest(
    measured: &[(Statistic, Measured)],
    settings: &Settings,
    p_value: f64,
) -> Option<Test> {
    measured
        .iter()
        .filter_map(|(of, measured)| Some((*of, measured.effect?, settings.limits(*of)?)))
        .max_by(|a, b| (a.1 / a.2.warning).total_cmp(&(b.1 / b.2.warning)))
        .map(|(statistic, effect, limits)| {
            test(Aspect::Distribution, statistic, effect, limits, p_value)
        })
}

/// Why a distribution was not judged.
pub(crate) fn too_few(values: [u64; 2], least: u64) -> Option<String> {
    let [reference, current] = values;
    (reference.min(current) < least).then(|| {
        format!(
            "{reference} values of the reference and {current} current ones: at least {least} of each are \
             needed to judge the distribution"
        )
    })
}

/// What chance brings on average: `1 / m + 1 / n`, the unit of the variance of a difference of shares.
pub(crate) fn scatter(values: [u64; 2]) -> f64 {
    values.iter().map(|values| 1.0 / (*values).max(1) as f64).sum()
}

#[cfg(test)]
mod tests;
