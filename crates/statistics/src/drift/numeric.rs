//! Two sides of a numeric column.

use super::compare::{ColumnJudgement, heaviest, scatter, test, too_few};
use super::distribution::{Distribution, largest_difference};
use super::distributions;
use super::kolmogorov::two_sample_p;
use super::measures::{self, Measured, Sides};
use super::observed::Numbers;
use super::report::{Aspect, Kind, Statistic, Statistics};
use super::settings::Settings;
use super::shares::{contingency, pooled, shares};
use super::special::chi_square_sf;

/// Least rows expected in a cell of a chi-square test.
const MIN_EXPECTED_ROWS: f64 = 5.0;

pub(crate) fn judge(
    reference: &Numbers,
    current: &Numbers,
    settings: &Settings,
) -> ColumnJudgement {
    let (r, c) = (&reference.distribution, &current.distribution);
    let values = [r.rows() as u64, c.rows() as u64];
    let mut judged = ColumnJudgement {
        kind: Kind::Numeric,
        values,
        statistics: Statistics {
            mean_reference: reference.mean,
            mean_current: current.mean,
            deviation_reference: reference.deviation,
            deviation_current: current.deviation,
            rank_error: r.error() + c.error(),
            ..Statistics::default()
        },
        tests: Vec::new(),
        unusable: [reference.missing + reference.not_finite, current.missing + current.not_finite],
        reasons: Vec::new(),
        distributions: None,
    };
    if r.is_empty() || c.is_empty() {
        judged.reasons.extend(too_few(values, settings.least_values));
        return judged;
    }
    judged.distributions = distributions::of_numbers(r, c);
    distribution(r, c, reference.deviation, settings, &mut judged);
    range(r, c, settings, &mut judged);
    judged
}

fn distribution(
    r: &Distribution,
    c: &Distribution,
    deviation: Option<f64>,
    settings: &Settings,
    judged: &mut ColumnJudgement,
) {
    let [m, n] = judged.values;
    let statistics = &mut judged.statistics;
    let difference = largest_difference(r, c);
    // The least difference that both sketches allow, so that their error is no evidence; exact ones allow one.
    let certain = (difference - statistics.rank_error).max(0.0);
    let ks_p = two_sample_p(certain, m, n);

    let edges = r.inner_edges(settings.bins);
    let (r_rows, c_rows) = (r.bin_rows(&edges), c.bin_rows(&edges));
    let (Some(r_shares), Some(c_shares)) = (shares(&r_rows), shares(&c_rows)) else { return };
    let (r_cells, c_cells) = pooled(&r_rows, &c_rows, MIN_EXPECTED_ROWS);
    let chi = contingency(&r_cells, &c_cells);
    let chi_p = chi.and_then(|chi| {
        let excess = excess(r, c, r_cells.len());
        chi_square_sf(chi.statistic? / excess, chi.degrees).or(chi.p_value)
    });
    let filled = r_rows.iter().zip(&c_rows).filter(|(r, c)| *r + *c > 0.0).count();
    let scatter = scatter(judged.values);
    let measured = measures::all(&Sides {
        reference: &r_shares,
        current: &c_shares,
        scatter,
        chance: filled.saturating_sub(1) as f64 * scatter,
        numbers: Some(measures::Numbers { reference: r, current: c, deviation, difference }),
    });

    for (statistic, Measured { value, effect }) in &measured {
        statistics.set(*statistic, *value);
        if *statistic == Statistic::Wasserstein {
            statistics.wasserstein_normed = *effect;
        }
    }
    statistics.kolmogorov_smirnov_p_value = Some(ks_p);
    statistics.chi_square = chi.and_then(|chi| chi.statistic);
    statistics.chi_square_degrees = chi.map(|chi| chi.degrees);
    statistics.chi_square_p_value = chi_p;

    if let Some(reason) = too_few(judged.values, settings.least_values) {
        judged.reasons.push(reason);
        return;
    }
    // Two tests of the same question: the smaller p-value counts twice.
    let p = (2.0 * ks_p.min(chi_p.unwrap_or(1.0))).min(1.0);
    judged.tests.extend(heaviest(&measured, settings, p));
}

/// By how much the error of sketches raises the mean of a chi-square statistic over bins of equal shares; 1 without one.
/// Half of the error is taken for either end of a bin.
fn excess(r: &Distribution, c: &Distribution, cells: usize) -> f64 {
    let share = 1.0 / cells.max(2) as f64;
    let chance = share * (1.0 - share) * (1.0 / r.rows() + 1.0 / c.rows());
    1.0 + 0.5 * (r.error().powi(2) + c.error().powi(2)) / chance
}

fn range(r: &Distribution, c: &Distribution, settings: &Settings, judged: &mut ColumnJudgement) {
    let (Some((least, greatest)), [m, n]) = (r.range(), judged.values) else { return };
    let below = c.below(least);
    let above = c.rows() - c.upto(greatest);
    let outside = (below + above) / c.rows();
    judged.statistics.out_of_range = Some(outside);
    let Some(limits) = settings.out_of_range else { return };
    if m < settings.least_values || n < settings.least_values {
        return;
    }
    // That the so many greatest values of all are current ones is as probable as that all of them, drawn, are.
    let all_current = |rows: f64| {
        let certain = (rows - c.error() * c.rows()).max(0.0).floor();
        (0..certain as u64).try_fold(1.0_f64, |p, drawn| {
            let p = p * n.saturating_sub(drawn) as f64 / (m + n).saturating_sub(drawn) as f64;
            if p > 0.0 { Ok(p) } else { Err(p) }
        })
    };
    let p = [below, above].map(|rows| all_current(rows).unwrap_or_else(|p| p));
    let p = (2.0 * p.into_iter().fold(1.0, f64::min)).min(1.0);
    let expected = 2.0 / (m + 1) as f64;
    let effect = (outside - expected - c.error()).max(0.0);
    judged.tests.push(test(Aspect::OutOfRange, Statistic::Share, effect, limits, p));
}
