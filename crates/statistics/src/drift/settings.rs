//! When a difference is a drift.

use serde::{Deserialize, Serialize};

use super::error::Error;

/// From which effect on there is a warning, and from which on it is critical.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// A warning from here on.
    pub warning: f64,
    /// Critical from here on.
    pub critical: f64,
}

/// What makes a difference a drift: an effect that matters, and evidence that it is not chance.
///
/// A statistic without limits is reported and decides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Greatest p-value, corrected for all tests of all columns, that counts as evidence.
    pub significance: f64,
    /// Bins between the reference's quantiles.
    pub bins: usize,
    /// Values that each side needs for its distribution to be judged.
    pub least_values: u64,
    /// Of the population stability index.
    pub psi: Option<Limits>,
    /// Of the Jensen-Shannon distance.
    pub jensen_shannon: Option<Limits>,
    /// Of the statistic of Kolmogorov and Smirnov.
    pub kolmogorov_smirnov: Option<Limits>,
    /// Of the Wasserstein distance in standard deviations of the reference.
    pub wasserstein: Option<Limits>,
    /// Of Cramér's V.
    pub cramers_v: Option<Limits>,
    /// Of the change of the share of rows without a usable value, in either direction.
    pub missing: Option<Limits>,
    /// Of the share of rows with a category that the reference does not have, beyond what a sample of its size leaves out.
    pub unseen: Option<Limits>,
    /// Of the share of values outside of the reference's range, beyond what a sample of its size leaves out.
    pub out_of_range: Option<Limits>,
}

impl Default for Settings {
    fn default() -> Self {
        let limits = |warning, critical| Some(Limits { warning, critical });
        Self {
            significance: 0.001,
            bins: 10,
            least_values: 30,
            psi: limits(0.1, 0.25),
            jensen_shannon: limits(0.1, 0.2),
            kolmogorov_smirnov: limits(0.1, 0.2),
            wasserstein: None,
            cramers_v: None,
            missing: limits(0.05, 0.2),
            unseen: limits(0.02, 0.1),
            out_of_range: limits(0.02, 0.1),
        }
    }
}

impl Settings {
    /// Checks that every setting is within its bounds.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the first that is not.
    pub fn check(&self) -> Result<(), Error> {
        let wrong =
            |setting, found: String, expected| Err(Error::Setting { setting, found, expected });
        if !(self.significance > 0.0 && self.significance < 1.0) {
            let expected = "a probability between 0 and 1";
            return wrong("significance", self.significance.to_string(), expected);
        }
        if !(2..=100).contains(&self.bins) {
            return wrong("bins", self.bins.to_string(), "2 to 100");
        }
        let limits = [
            ("psi", self.psi),
            ("jensen_shannon", self.jensen_shannon),
            ("kolmogorov_smirnov", self.kolmogorov_smirnov),
            ("wasserstein", self.wasserstein),
            ("cramers_v", self.cramers_v),
            ("missing", self.missing),
            ("unseen", self.unseen),
            ("out_of_range", self.out_of_range),
        ];
        for (setting, limits) in limits {
            let Some(Limits { warning, critical }) = limits else { continue };
            if !(warning > 0.0 && warning <= critical && critical.is_finite()) {
                let found = format!("{warning} and {critical}");
                return wrong(setting, found, "a warning above 0 and not above critical");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_bounds_is_named() {
        assert_eq!(Settings::default().check(), Ok(()));
        let named = |settings: Settings| match settings.check() {
            Err(Error::Setting { setting, .. }) => setting,
            other => panic!("{other:?}"),
        };
        assert_eq!(named(Settings { significance: 0.0, ..Settings::default() }), "significance");
        assert_eq!(
            named(Settings { significance: f64::NAN, ..Settings::default() }),
            "significance"
        );
        assert_eq!(named(Settings { bins: 1, ..Settings::default() }), "bins");
        let falling = Some(Limits { warning: 0.2, critical: 0.1 });
        assert_eq!(named(Settings { unseen: falling, ..Settings::default() }), "unseen");
    }

    #[test]
    fn what_is_not_said_is_as_by_default() {
        let said: Settings = serde_json::from_str(r#"{"psi": null, "bins": 5}"#).unwrap();
        assert_eq!(said, Settings { psi: None, bins: 5, ..Settings::default() });
        assert!(serde_json::from_str::<Settings>(r#"{"p": 1}"#).is_err());
    }
}
