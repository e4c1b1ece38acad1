//! How the churn process changes: `sample churn --drift KIND[:STRENGTH]`.
//!
//! A [`Drift`] has a strength `s` from 0 to 1 for each of four things that can change. At 0 the process is the one that
//! [`process`](crate::process) states, to the byte; between, each number goes in a straight line from its value there to
//! its value here.
//!
//! | kind | what changes | value at `s = 1` |
//! |---|---|---|
//! | `covariate` | shares of [`BRANDS`](crate::process::BRANDS) and [`REGIONS`](crate::process::REGIONS) | [`BRAND_SHARES`], [`REGION_SHARES`] |
//! | | mean of the logarithm of the monthly volume: 1.45 | 0.85 |
//! | | mean of `months_prescribing`: 22 months | 8.8 months |
//! | | expected `calls_3m`: `min(0.5 + volume / 4, 6)` | three tenths of it |
//! | `concept` | the coefficients of η: [`BEFORE`] | [`AFTER`] |
//! | `both` | `covariate` and `concept` with the same strength | |
//! | `missing` | the rates of missing values: [`MISSING_BEFORE`] | [`MISSING_AFTER`] |
//! | `labels` | `churned` is inverted with probability `s`, after everything else was drawn | every label is wrong |
//!
//! With `covariate`, `P(churned | row)` stays: a model that was right stays right, and predicts another share of churn.
//! With `concept`, the inputs stay and what follows from them changes: growing prescribers try the competitor, calls no
//! longer help, the loyal leave. A model of before ranks such rows worse than chance at `s = 1`, and a model of these rows
//! does well. `missing` and `labels` leave every other value of every row as it is.

use std::fmt;
use std::str::FromStr;

/// Shares of the brands at full strength, in the order of [`BRANDS`](crate::process::BRANDS).
pub const BRAND_SHARES: [f64; 5] = [0.12, 0.18, 0.15, 0.27, 0.28];
/// Shares of the regions at full strength, in the order of [`REGIONS`](crate::process::REGIONS).
pub const REGION_SHARES: [f64; 5] = [0.15, 0.12, 0.23, 0.20, 0.30];
/// How far the mean of the logarithm of the volume falls.
const VOLUME_FALL: f64 = 0.6;
/// Share of the time since the first prescription that is lost.
const TENURE_FALL: f64 = 0.6;
/// Share of the calls that are not made.
const CALLS_FALL: f64 = 0.7;

/// The coefficients of η that a drift changes; the others stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficients {
    /// Of `tanh(1.4 · s)`, the change of volume.
    pub slope: f64,
    /// Of `exp(−months_prescribing / 8)`.
    pub tenure: f64,
    /// Of `1 − exp(−calls_3m / 2)`.
    pub calls: f64,
    /// Of `ln(1 + months_since_last_call)` where there was no call.
    pub neglect: f64,
    /// Of `share / (share + 0.25)`.
    pub share: f64,
    /// Of `commercial_share` where formulary is `Not covered`.
    pub not_covered: f64,
    /// Of `commercial_share` where formulary is `Non-preferred`.
    pub non_preferred: f64,
    /// What η is shifted by.
    pub intercept: f64,
}

/// The coefficients as [`process`](crate::process) states them.
pub const BEFORE: Coefficients = Coefficients {
    slope: -1.9,
    tenure: 1.3,
    calls: -1.2,
    neglect: 0.55,
    share: -1.6,
    not_covered: 1.8,
    non_preferred: 0.7,
    intercept: -0.4,
};
/// The coefficients at full strength.
pub const AFTER: Coefficients = Coefficients {
    slope: 1.3,
    tenure: -1.0,
    calls: 0.5,
    neglect: 0.15,
    share: 1.4,
    not_covered: -0.6,
    non_preferred: 1.6,
    intercept: -1.6,
};

/// Rates of missing values; a pair is of rows where the condition of [`process`](crate::process) holds, and of others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MissingRates {
    /// Probability that `years_in_practice` is missing, from 0 to 1.
    pub years: f64,
    /// Of `emails_3m` and `emails_opened_3m` together.
    pub emails: f64,
    /// Probability that `last_visit_date` is missing, from 0 to 1.
    pub visit: f64,
    /// Of `months_since_last_call`, where there was no call and elsewhere.
    pub since: (f64, f64),
    /// Of `samples_3m`, in the `Northeast` and elsewhere.
    pub samples: (f64, f64),
    /// Of `share`, where the volume is low and elsewhere.
    pub share: (f64, f64),
}

/// The rates as [`process`](crate::process) states them.
pub const MISSING_BEFORE: MissingRates = MissingRates {
    years: 0.04,
    emails: 0.03,
    visit: 0.02,
    since: (0.15, 0.01),
    samples: (0.22, 0.02),
    share: (0.12, 0.01),
};
/// The rates at full strength.
pub const MISSING_AFTER: MissingRates = MissingRates {
    years: 0.35,
    emails: 0.40,
    visit: 0.25,
    since: (0.60, 0.30),
    samples: (0.60, 0.35),
    share: (0.50, 0.30),
};

/// What changes, and how much: 0 nothing, 1 all.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Drift {
    /// How the inputs are distributed.
    pub covariate: f64,
    /// What follows from them.
    pub concept: f64,
    /// How often values are missing.
    pub missing: f64,
    /// How often the label is inverted.
    pub labels: f64,
}

/// One `KIND[:STRENGTH]`, as it was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    kind: Kind,
    strength: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Covariate,
    Concept,
    Both,
    Missing,
    Labels,
}

impl Drift {
    /// All changes together; of two of a kind the later one counts.
    #[must_use]
    pub fn from_changes(changes: &[Change]) -> Self {
        let mut drift = Self::default();
        for Change { kind, strength } in changes {
            match kind {
                Kind::Covariate => drift.covariate = *strength,
                Kind::Concept => drift.concept = *strength,
                Kind::Both => (drift.covariate, drift.concept) = (*strength, *strength),
                Kind::Missing => drift.missing = *strength,
                Kind::Labels => drift.labels = *strength,
            }
        }
        drift
    }

    /// Whether all strengths are 0, so that the process stays as it is.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn brand_shares(&self, index: usize, before: f64) -> f64 {
        self.covaried(before, BRAND_SHARES.get(index).copied())
    }

    pub(super) fn region_shares(&self, index: usize, before: f64) -> f64 {
        self.covaried(before, REGION_SHARES.get(index).copied())
    }

    fn covaried(&self, before: f64, after: Option<f64>) -> f64 {
        between(before, after.unwrap_or(before), self.covariate)
    }

    pub(super) fn log_volume(&self, before: f64) -> f64 {
        before - VOLUME_FALL * self.covariate
    }

    pub(super) fn tenure(&self, before: f64) -> f64 {
        before * (1.0 - TENURE_FALL * self.covariate)
    }

    pub(super) fn calls(&self, before: f64) -> f64 {
        before * (1.0 - CALLS_FALL * self.covariate)
    }

    pub(super) fn coefficients(&self) -> Coefficients {
        let at = |of: fn(&Coefficients) -> f64| between(of(&BEFORE), of(&AFTER), self.concept);
        Coefficients {
            slope: at(|of| of.slope),
            tenure: at(|of| of.tenure),
            calls: at(|of| of.calls),
            neglect: at(|of| of.neglect),
            share: at(|of| of.share),
            not_covered: at(|of| of.not_covered),
            non_preferred: at(|of| of.non_preferred),
            intercept: at(|of| of.intercept),
        }
    }

    pub(super) fn losses(&self) -> MissingRates {
        let at = |of: fn(&MissingRates) -> f64| {
            between(of(&MISSING_BEFORE), of(&MISSING_AFTER), self.missing)
        };
        MissingRates {
            years: at(|of| of.years),
            emails: at(|of| of.emails),
            visit: at(|of| of.visit),
            since: (at(|of| of.since.0), at(|of| of.since.1)),
            samples: (at(|of| of.samples.0), at(|of| of.samples.1)),
            share: (at(|of| of.share.0), at(|of| of.share.1)),
        }
    }

    /// The probability of the label as it is written, of the probability of the one that was drawn.
    pub(super) fn labelled(&self, probability: f64) -> f64 {
        between(probability, 1.0 - probability, self.labels)
    }
}

/// A straight line; exactly `before` at 0.
fn between(before: f64, after: f64, strength: f64) -> f64 {
    before + strength * (after - before)
}

/// A text that says no drift.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected covariate, concept, both, missing or labels, alone or with a strength from 0 to 1, such as both:0.5"
)]
pub struct ParseDriftError;

impl FromStr for Change {
    type Err = ParseDriftError;

    fn from_str(text: &str) -> Result<Self, ParseDriftError> {
        let (kind, strength) = text.split_once(':').unwrap_or((text, "1"));
        let kind = match kind.trim() {
            "covariate" => Kind::Covariate,
            "concept" => Kind::Concept,
            "both" => Kind::Both,
            "missing" => Kind::Missing,
            "labels" => Kind::Labels,
            _ => return Err(ParseDriftError),
        };
        let strength: f64 = strength.trim().parse().map_err(|_| ParseDriftError)?;
        if (0.0..=1.0).contains(&strength) {
            Ok(Self { kind, strength })
        } else {
            Err(ParseDriftError)
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = [
            ("covariate", self.covariate),
            ("concept", self.concept),
            ("missing", self.missing),
            ("labels", self.labels),
        ];
        let told: Vec<String> = kinds
            .iter()
            .filter(|(_, strength)| *strength > 0.0)
            .map(|(kind, strength)| format!("{kind}:{strength}"))
            .collect();
        f.write_str(&told.join(" "))
    }
}
