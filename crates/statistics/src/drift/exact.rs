//! The statistics of two columns as SciPy and Evidently define them, under the names that those have there.
//!
//! What is none is not defined: nothing to test, no value on one side, or an infinite statistic.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::distribution::{Distribution, area_between, largest_difference};
use super::evidently;
use super::kolmogorov::{EXACT_ROWS, one_sample_sf, two_sample_p};
use super::observed::{Levels, Numbers, ObservedColumn, side_by_side};
use super::report::Kind;
use super::shares::{
    ChiSquare, against_reference, contingency, floored, jensen_shannon, population_stability,
    shares,
};
use super::sketch::ColumnSketch;
use super::table_sketch::TableSketch;

/// Bins between the reference's deciles.
const DECILES: usize = 10;
/// Categories up to which their rows are told one by one.
const MAX_COUNTED_CATEGORIES: usize = 1000;
/// Least share of a bin in the index over deciles.
const MIN_SHARE: f64 = 1e-4;

/// The values of every definition for a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Values {
    /// How the column is looked at.
    pub kind: Kind,
    /// Evidently's definitions; none where only sketches are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidently: Option<Evidently>,
    /// Statistics as SciPy defines them.
    pub scipy: Scipy,
    /// Standard deviation of the reference, as of a population.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub std_reference: Option<f64>,
    /// Over bins between the reference's deciles with open ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psi_quantile10: Option<PsiQuantile10>,
    /// Rows of each category, where there are not more than 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// The stability index of categories, where each has rows on both sides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psi_plain: Option<f64>,
}

/// Evidently's statistics; what does not apply to the kind of column is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidently {
    /// Population stability index.
    pub psi: Option<f64>,
    /// Jensen-Shannon distance of the two distributions.
    pub jensenshannon: Option<f64>,
    /// Kullback-Leibler divergence of the two distributions.
    pub kl_div: Option<f64>,
    /// P-value of Kolmogorov and Smirnov.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ks: Option<f64>,
    /// Wasserstein distance in standard deviations of the reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wasserstein: Option<f64>,
    /// P-value of the chi-square test against the reference's shares; in a categorical column only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chisquare: Option<f64>,
}

/// SciPy's statistics; what does not apply to the kind of column is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scipy {
    /// `ks_2samp`, two-sided, method auto.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ks_2samp: Option<Ks>,
    /// `ks_2samp`, two-sided, method asymp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ks_2samp_asymp: Option<Ks>,
    /// Value of `scipy.stats.wasserstein_distance`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wasserstein_distance: Option<f64>,
    /// `chisquare` of the current counts against the reference's shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chisquare_vs_reference: Option<Chi>,
    /// `chi2_contingency` of the 2 × k table, without correction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chi2_contingency: Option<Chi>,
    /// `spatial.distance.jensenshannon` of the shares of categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jensenshannon: Option<f64>,
}

/// A statistic of Kolmogorov and Smirnov with its p-value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ks {
    /// Value of the test statistic.
    pub statistic: f64,
    /// P-value, from 0 to 1.
    pub pvalue: f64,
}

/// A chi-square statistic with its p-value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chi {
    /// Value of the test statistic.
    pub statistic: Option<f64>,
    /// P-value, from 0 to 1.
    pub pvalue: Option<f64>,
    /// Degrees of freedom.
    pub dof: usize,
}

/// Over bins between the reference's deciles with open ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PsiQuantile10 {
    /// The deciles, each once.
    pub inner_edges: Vec<f64>,
    /// The stability index, no share being less than 0.0001.
    pub psi: f64,
    /// Jensen-Shannon distance of the bins' shares, with the natural logarithm.
    pub jensenshannon: f64,
}

/// Rows of each category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// The categories of either side.
    pub keys: Vec<String>,
    /// Rows of the reference.
    pub reference: Vec<u64>,
    /// Rows of the current side.
    pub current: Vec<u64>,
}

impl From<ChiSquare> for Chi {
    fn from(of: ChiSquare) -> Self {
        Self { statistic: of.statistic, pvalue: of.p_value, dof: of.degrees }
    }
}

/// Every definition's value for the columns of two sketches, as far as sketches know them.
#[must_use]
pub fn sketched(reference: &TableSketch, current: &TableSketch) -> BTreeMap<String, Values> {
    let of = |(name, sketch): (&String, &ColumnSketch)| {
        let current = current.columns.get(name)?.observed();
        Some((name.clone(), of_observed(&sketch.observed(), &current)?))
    };
    reference.columns.iter().filter_map(of).collect()
}

pub(crate) fn of_observed(reference: &ObservedColumn, current: &ObservedColumn) -> Option<Values> {
    match (reference, current) {
        (ObservedColumn::Numeric(reference), ObservedColumn::Numeric(current)) => {
            Some(of_numbers(reference, current))
        }
        (ObservedColumn::Categorical(reference), ObservedColumn::Categorical(current)) => {
            Some(of_levels(reference, current))
        }
        _ => None,
    }
}

fn of_numbers(reference: &Numbers, current: &Numbers) -> Values {
    let (r, c) = (&reference.distribution, &current.distribution);
    let exact = r.error() + c.error() == 0.0;
    let mut values = Values {
        kind: Kind::Numeric,
        evidently: exact.then(Evidently::default),
        scipy: Scipy::default(),
        std_reference: reference.deviation,
        psi_quantile10: None,
        counts: None,
        psi_plain: None,
    };
    if r.is_empty() || c.is_empty() {
        return values;
    }
    let (m, n) = (r.rows() as u64, c.rows() as u64);
    let statistic = largest_difference(r, c);
    let (size_m, size_n) = (m as f64, n as f64);
    let asymptotic =
        one_sample_sf((size_m * size_n / (size_m + size_n)).round_ties_even() as u64, statistic);
    // Of many rows, both are the same.
    let many = m.max(n) > EXACT_ROWS;
    let ks =
        Ks { statistic, pvalue: if many { asymptotic } else { two_sample_p(statistic, m, n) } };
    let distance = Some(area_between(r, c)).filter(|distance| distance.is_finite());
    values.scipy = Scipy {
        ks_2samp: Some(ks),
        ks_2samp_asymp: Some(Ks { statistic, pvalue: asymptotic }),
        wasserstein_distance: distance,
        ..Scipy::default()
    };
    values.psi_quantile10 = Some(over_deciles(r, c));
    values.evidently =
        exact.then(|| evidently::of_numbers(reference, current, ks.pvalue, distance));
    values
}

fn over_deciles(reference: &Distribution, current: &Distribution) -> PsiQuantile10 {
    let inner_edges = reference.inner_edges(DECILES);
    let of = |side: &Distribution| shares(&side.bin_rows(&inner_edges)).unwrap_or_default();
    let (r, c) = (of(reference), of(current));
    PsiQuantile10 {
        psi: population_stability(&floored(&r, MIN_SHARE), &floored(&c, MIN_SHARE)),
        jensenshannon: jensen_shannon(&r, &c),
        inner_edges,
    }
}

fn of_levels(reference: &Levels, current: &Levels) -> Values {
    let both = side_by_side(&reference.counts, &current.counts);
    let exact = reference.other + current.other == 0;
    let r: Vec<f64> = both.iter().map(|(_, rows, _)| *rows as f64).collect();
    let c: Vec<f64> = both.iter().map(|(_, _, rows)| *rows as f64).collect();
    let one_sample = against_reference(&r, &c);
    let both_shares = shares(&r).zip(shares(&c));
    Values {
        kind: Kind::Categorical,
        evidently: exact.then(|| match &both_shares {
            Some((r, c)) => evidently::of_shares(r, c, one_sample.and_then(|test| test.p_value)),
            None => Evidently::default(),
        }),
        scipy: Scipy {
            chisquare_vs_reference: one_sample.map(Chi::from),
            chi2_contingency: contingency(&r, &c).map(Chi::from),
            jensenshannon: both_shares.as_ref().map(|(r, c)| jensen_shannon(r, c)),
            ..Scipy::default()
        },
        std_reference: None,
        psi_quantile10: None,
        psi_plain: both_shares
            .map(|(r, c)| population_stability(&r, &c))
            .filter(|index| index.is_finite()),
        counts: (both.len() <= MAX_COUNTED_CATEGORIES).then(|| Counts {
            keys: both.iter().map(|(level, ..)| (*level).to_owned()).collect(),
            reference: both.iter().map(|(_, rows, _)| *rows).collect(),
            current: both.iter().map(|(_, _, rows)| *rows).collect(),
        }),
    }
}
