//! What is done to missing values and outliers.

use serde::{Deserialize, Serialize};

/// What missing values become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingRule {
    /// They stay missing.
    Keep,
    /// The mean; of texts and truth values, the most frequent one.
    Mean,
    /// The median; of texts and truth values, the most frequent one.
    Median,
    /// The most frequent value.
    Mode,
    /// A value that is given.
    Constant,
    /// The value before, by time, of the same entity and split; where there is none, as the median.
    Forward,
    /// The value behind, by time, of the same entity and split; where there is none, as the median.
    Backward,
    /// Rows of the training split are left out; elsewhere they stay missing.
    Drop,
}

/// Which numbers are outliers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlierRule {
    /// None.
    Keep,
    /// Those beyond interquartile ranges from the quartiles.
    Iqr,
    /// Those beyond standard deviations from the mean.
    ZScore,
    /// Those of rows that an isolation forest over all numeric columns isolates, beyond the range of the other rows.
    IsolationForest,
}

/// What becomes of outliers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlierTreatment {
    /// The nearest value that is none.
    #[default]
    Cap,
    /// Missing.
    Null,
    /// Rows of the training split are left out; elsewhere they stay.
    Drop,
}

macro_rules! names {
    ($($of:ident { $($variant:ident = $name:literal),* $(,)? })*) => {$(
        impl $of {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name, as in JSON and in arguments.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The one of a name; `-` stands for `_` as well.
            #[must_use]
            pub fn by_name(name: &str) -> Option<Self> {
                let name = name.replace('-', "_");
                Self::ALL.iter().copied().find(|of| of.as_str() == name)
            }
        }
    )*};
}

names! {
    MissingRule {
        Keep = "keep", Mean = "mean", Median = "median", Mode = "mode", Constant = "constant",
        Forward = "forward", Backward = "backward", Drop = "drop",
    }
    OutlierRule {
        Keep = "keep", Iqr = "iqr", ZScore = "z_score", IsolationForest = "isolation_forest",
    }
    OutlierTreatment { Cap = "cap", Null = "null", Drop = "drop" }
}

/// What is done to the values of a column. What is none is as configured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValueRules {
    /// What missing values become.
    pub missing: Option<MissingRule>,
    /// With [`MissingRule::Constant`]: the value, as the table spells it.
    pub constant: String,
    /// Whether a feature says which values were missing.
    pub missing_indicator: bool,
    /// Which numbers are outliers.
    pub outliers: Option<OutlierRule>,
    /// What becomes of outliers; none means that they are capped.
    pub treatment: Option<OutlierTreatment>,
    /// Interquartile ranges from the quartiles, standard deviations from the mean, or the share of the rows that are isolated, below
    /// 0.5; 0 means 1.5, 3 and 0.01.
    pub limit: f64,
}

impl ValueRules {
    /// The limit that the rule for outliers has, in the unit of [`Self::limit`].
    #[must_use]
    pub fn limit_of(&self, rule: OutlierRule) -> f64 {
        if self.limit > 0.0 {
            return self.limit;
        }
        match rule {
            OutlierRule::Keep => 0.0,
            OutlierRule::Iqr => 1.5,
            OutlierRule::ZScore => 3.0,
            OutlierRule::IsolationForest => 0.01,
        }
    }
}

/// What is done to the values of one column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnRules {
    /// Name of the column.
    pub column: String,
    /// What is done to its values.
    #[serde(flatten)]
    pub rules: ValueRules,
}

/// What is done to missing values and outliers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CleaningRules {
    /// Of every column that `columns` does not name.
    pub all: ValueRules,
    /// Of single columns, each once.
    pub columns: Vec<ColumnRules>,
}

impl CleaningRules {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// What is done to the values of a column.
    #[must_use]
    pub fn of(&self, column: &str) -> &ValueRules {
        let named = self.columns.iter().find(|of| of.column == column);
        named.map_or(&self.all, |of| &of.rules)
    }
}
