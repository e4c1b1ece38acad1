//! When a difference is a drift.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::report::Statistic;
use super::table::table;

/// From which effect on there is a warning, and from which on it is critical.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// A warning from here on.
    pub warning: f64,
    /// Critical from here on.
    pub critical: f64,
}

/// What of a column is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// How its values are distributed, and how many rows have one.
    Values,
    /// How many rows have a value. So it is for dates and instants unless said otherwise: time moves on, and with it every
    /// column that says when something was, though nothing about the rows has changed.
    Presence,
    /// Nothing.
    Nothing,
}

macro_rules! settings {
    ($(
        $field:ident: $type:ty, $about:literal
            $(=> $judge:ident { heading: $heading:expr, limits: $limits:expr, measure: $measure:expr, })?;
    )*) => {
        /// What makes a difference a drift: an effect that matters, and evidence that it is not chance.
        ///
        /// A statistic without limits is reported and decides nothing.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Settings {
            /// Greatest p-value, corrected for all tests of all columns, that counts as evidence.
            pub significance: f64,
            /// Bins between the reference's quantiles.
            pub bins: usize,
            /// Values that each side needs for its distribution to be judged.
            pub least_values: u64,
            $($(
                #[doc = concat!("Limits of [`Statistic::", stringify!($judge), "`]. ", $about)]
                pub $field: Option<Limits>,
            )?)*
            /// Of the change of the share of rows without a usable value, in either direction.
            pub missing: Option<Limits>,
            /// Of the share of rows with a category that the reference does not have, beyond what a sample of its size leaves out.
            pub unseen: Option<Limits>,
            /// Of the share of values outside of the reference's range, beyond what a sample of its size leaves out.
            pub out_of_range: Option<Limits>,
            /// What of single columns is judged, by their names; of others their values, and of dates and instants whether
            /// they are there.
            pub columns: BTreeMap<String, Judged>,
        }

        impl Default for Settings {
            fn default() -> Self {
                let shares = Some(Limits { warning: 0.02, critical: 0.1 });
                Self {
                    significance: 0.001,
                    bins: 10,
                    least_values: 30,
                    $($($field: $limits,)?)*
                    missing: Some(Limits { warning: 0.05, critical: 0.2 }),
                    unseen: shares,
                    out_of_range: shares,
                    columns: BTreeMap::new(),
                }
            }
        }

        impl Settings {
            /// The limits of a statistic of distributions.
            pub(crate) fn limits(&self, of: Statistic) -> Option<Limits> {
                match of {
                    $($(Statistic::$judge => self.$field,)?)*
                    Statistic::Share => None,
                }
            }
        }
    };
}

table!(settings);

impl Settings {
    /// What of a column is judged; `is_time` says whether it has dates or instants.
    pub(crate) fn judged(&self, column: &str, is_time: bool) -> Judged {
        let unsaid = if is_time { Judged::Presence } else { Judged::Values };
        self.columns.get(column).copied().unwrap_or(unsaid)
    }

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
        let of_distributions =
            Statistic::OF_DISTRIBUTIONS.iter().map(|of| (of.as_str(), self.limits(*of)));
        let of_shares = [
            ("missing", self.missing),
            ("unseen", self.unseen),
            ("out_of_range", self.out_of_range),
        ];
        for (setting, limits) in of_distributions.chain(of_shares) {
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
        let said: Settings =
            serde_json::from_str(r#"{"columns": {"since": "values", "id": "nothing"}}"#).unwrap();
        assert_eq!(said.judged("since", true), Judged::Values);
        assert_eq!(said.judged("id", false), Judged::Nothing);
        assert_eq!(said.judged("seen", true), Judged::Presence);
        assert_eq!(said.judged("age", false), Judged::Values);
        assert!(serde_json::from_str::<Settings>(r#"{"columns": {"a": "never"}}"#).is_err());
    }
}
