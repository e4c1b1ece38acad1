//! Two sides of a categorical column.

use super::compare::{ColumnJudgement, heaviest, scatter, test, too_few};
use super::distributions;
use super::measures::{self, Sides};
use super::observed::{Levels, side_by_side};
use super::report::{Aspect, Kind, Statistic, Statistics};
use super::settings::Settings;
use super::shares::{contingency, shares};
use super::special::more_in_second;

/// Least rows expected of a category on either side; the rarer ones are taken as one.
const MIN_EXPECTED_ROWS: f64 = 5.0;

pub(crate) fn judge(reference: &Levels, current: &Levels, settings: &Settings) -> ColumnJudgement {
    let values = [reference.rows(), current.rows()];
    let short = |of: &Levels| of.short_by as f64 / of.rows().max(1) as f64;
    let mut judged = ColumnJudgement {
        kind: Kind::Categorical,
        values,
        statistics: Statistics {
            rank_error: short(reference) + short(current),
            ..Statistics::default()
        },
        tests: Vec::new(),
        unusable: [reference.missing, current.missing],
        reasons: Vec::new(),
        distributions: None,
    };
    if values.contains(&0) {
        judged.reasons.extend(too_few(values, settings.least_values));
        return judged;
    }
    judged.distributions = distributions::of_levels(reference, current);
    distribution(reference, current, settings, &mut judged);
    unseen(reference, current, settings, &mut judged);
    judged
}

fn distribution(
    reference: &Levels,
    current: &Levels,
    settings: &Settings,
    judged: &mut ColumnJudgement,
) {
    let (r, c) = comparable(reference, current);
    let (Some(r_shares), Some(c_shares)) = (shares(&r), shares(&c)) else { return };
    let statistics = &mut judged.statistics;
    let chi = contingency(&r, &c);
    for (statistic, measured) in measures::all(&sides(&r_shares, &c_shares, judged.values)) {
        statistics.set(statistic, measured.value);
    }
    statistics.chi_square = chi.and_then(|chi| chi.statistic);
    statistics.chi_square_degrees = chi.map(|chi| chi.degrees);
    statistics.chi_square_p_value = chi.and_then(|chi| chi.p_value);
    if let Some(reason) = too_few(judged.values, settings.least_values) {
        judged.reasons.push(reason);
        return;
    }
    let (r, c) = without_rare(&r, &c);
    let (Some(r_shares), Some(c_shares)) = (shares(&r), shares(&c)) else { return };
    let p = contingency(&r, &c).and_then(|chi| chi.p_value).unwrap_or(1.0);
    let measured = measures::all(&sides(&r_shares, &c_shares, judged.values));
    judged.tests.extend(heaviest(&measured, settings, p));
}

fn sides<'a>(reference: &'a [f64], current: &'a [f64], values: [u64; 2]) -> Sides<'a> {
    let scatter = scatter(values);
    let chance = reference.len().saturating_sub(1) as f64 * scatter;
    Sides { reference, current, scatter, chance, numbers: None }
}

/// Rows of both sides, category by category; those that a side does not keep apart are taken together on both.
fn comparable(reference: &Levels, current: &Levels) -> (Vec<f64>, Vec<f64>) {
    let mut rest = (reference.other as f64, current.other as f64);
    let (mut r, mut c) = (Vec::new(), Vec::new());
    for (_, in_reference, in_current) in side_by_side(&reference.counts, &current.counts) {
        let unknown =
            (in_reference == 0 && reference.other > 0) || (in_current == 0 && current.other > 0);
        if unknown {
            rest = (rest.0 + in_reference as f64, rest.1 + in_current as f64);
        } else {
            r.push(in_reference as f64);
            c.push(in_current as f64);
        }
    }
    if rest.0 + rest.1 > 0.0 {
        r.push(rest.0);
        c.push(rest.1);
    }
    (r, c)
}

/// Rows of the categories of which enough are expected on both sides, and of all the others together.
fn without_rare(reference: &[f64], current: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let (m, n): (f64, f64) = (reference.iter().sum(), current.iter().sum());
    let smaller = m.min(n) / (m + n).max(1.0);
    let (mut r, mut c) = (Vec::new(), Vec::new());
    let mut rare = (0.0, 0.0);
    for (in_reference, in_current) in reference.iter().zip(current) {
        if (in_reference + in_current) * smaller >= MIN_EXPECTED_ROWS {
            r.push(*in_reference);
            c.push(*in_current);
        } else {
            rare = (rare.0 + in_reference, rare.1 + in_current);
        }
    }
    let enough = (rare.0 + rare.1) * smaller >= MIN_EXPECTED_ROWS;
    match (r.last_mut(), c.last_mut()) {
        // Too few even together: with the last of the others, so that every row counts.
        (Some(r), Some(c)) if !enough => (*r, *c) = (*r + rare.0, *c + rare.1),
        _ => {
            r.push(rare.0);
            c.push(rare.1);
        }
    }
    (r, c)
}

fn unseen(reference: &Levels, current: &Levels, settings: &Settings, judged: &mut ColumnJudgement) {
    // Where the reference does not keep all its categories apart, it is unknown what it has not seen.
    if reference.other > 0 {
        return;
    }
    let [m, n] = judged.values;
    let known = |level: &String| reference.counts.contains_key(level);
    let rows: u64 =
        current.counts.iter().filter(|(level, _)| !known(level)).map(|(_, rows)| rows).sum();
    judged.statistics.unseen = Some(rows as f64 / n as f64);
    let Some(limits) = settings.unseen else { return };
    if m < settings.least_values || n < settings.least_values {
        return;
    }
    // Good and Turing: what a sample sees once is as frequent as what it does not see.
    let once = reference.counts.values().filter(|rows| **rows == 1).count() as u64;
    let effect = (rows as f64 / n as f64 - once as f64 / m as f64).max(0.0);
    let p = more_in_second(once, m, rows, n);
    judged.tests.push(test(Aspect::Unseen, Statistic::Share, effect, limits, p));
}
