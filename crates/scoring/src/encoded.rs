//! Trees over target statistics: categories are replaced by what training knew of their levels.

use serde::{Deserialize, Serialize};
use tabular::FeatureMatrix;

use crate::{Limits, ModelError, TreeModel};

/// What each category code is replaced by; features that are numbers stay as they are.
///
/// The statistics are those of Micci-Barreca, "A Preprocessing Scheme for High-Cardinality Categorical Attributes"
/// (2001): a level's mean of the target, drawn towards the mean of all rows where the level has few.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CategoryEncoding {
    /// One per feature, in order; none for a feature that stays as it is.
    pub features: Vec<Option<CategoryTable>>,
}

/// What the codes of one feature are replaced by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryTable {
    /// Numbers that stand in for a code, at least one.
    pub width: usize,
    /// `(codes + 2) * width` numbers, code after code; the last but one group is for a missing value, the last for a code
    /// that training did not have.
    pub values: Vec<f64>,
}

impl CategoryTable {
    /// Number of codes.
    #[must_use]
    pub fn codes(&self) -> usize {
        (self.values.len() / self.width.max(1)).saturating_sub(2)
    }

    /// The numbers that stand in for a value.
    #[must_use]
    pub fn value_of(&self, value: f64) -> &[f64] {
        let codes = self.codes();
        let group = if value.is_nan() {
            codes
        } else if value >= 0.0 && value < codes as f64 {
            value as usize
        } else {
            codes + 1
        };
        let start = group.saturating_mul(self.width);
        self.values.get(start..start.saturating_add(self.width)).unwrap_or(&[])
    }
}

impl CategoryEncoding {
    /// Numbers that a row becomes.
    #[must_use]
    pub fn width(&self) -> usize {
        let width = |table: &Option<CategoryTable>| table.as_ref().map_or(1, |table| table.width);
        self.features.iter().map(width).fold(0, usize::saturating_add)
    }

    /// Encodes a row into `out`, which is as wide as [`Self::width`].
    pub fn encode_row(&self, row: &[f64], out: &mut [f64]) {
        let mut out = out.iter_mut();
        for (table, value) in self.features.iter().zip(row) {
            match table {
                None => out.by_ref().take(1).for_each(|slot| *slot = *value),
                Some(table) => {
                    for (number, slot) in table.value_of(*value).iter().zip(out.by_ref()) {
                        *slot = *number;
                    }
                }
            }
        }
    }

    /// Replaces the categories of every row by their numbers; the result has [`Self::width`]
    /// columns.
    #[must_use]
    pub fn encode(&self, matrix: &FeatureMatrix) -> FeatureMatrix {
        let width = self.width();
        let mut values = vec![f64::NAN; matrix.rows.saturating_mul(width)];
        if width > 0 {
            for (row, out) in matrix.iter_rows().zip(values.chunks_exact_mut(width)) {
                self.encode_row(row, out);
            }
        }
        FeatureMatrix { rows: matrix.rows, width, values }
    }

    /// Adds up what the encoded numbers contribute, feature by feature.
    pub(crate) fn sum(&self, encoded: &[f64], out: &mut [f64]) {
        let mut rest = encoded.iter();
        for (table, out) in self.features.iter().zip(out) {
            let width = table.as_ref().map_or(1, |table| table.width);
            *out = rest.by_ref().take(width).sum();
        }
    }

    fn check(&self, limits: &Limits) -> Result<(), ModelError> {
        if self.features.len() > limits.features {
            return Err(ModelError::TooLarge { what: "features", limit: limits.features });
        }
        for table in self.features.iter().flatten() {
            if table.width == 0
                || !table.values.len().is_multiple_of(table.width)
                || table.values.len() / table.width < 3
            {
                return Err(ModelError::Encoding);
            }
            if table.codes() > limits.levels {
                return Err(ModelError::TooLarge {
                    what: "levels of a category",
                    limit: limits.levels,
                });
            }
            if table.values.iter().any(|value| !value.is_finite()) {
                return Err(ModelError::NotFinite { what: "a statistic of a category" });
            }
        }
        Ok(())
    }
}

/// Trees that see statistics where categories were.
#[derive(Clone, Debug)]
pub struct EncodedTrees {
    /// What is done to a row first.
    pub encoding: CategoryEncoding,
    /// The trees of the encoded row.
    pub trees: TreeModel,
}

/// The model as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EncodedJson<'a> {
    encoding: CategoryEncoding,
    /// Model in LightGBM's text format.
    trees: std::borrow::Cow<'a, str>,
}

impl EncodedTrees {
    /// Writes an encoding and LightGBM's text as JSON.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn write(encoding: &CategoryEncoding, trees: &str) -> Result<String, ModelError> {
        encoding.check(&Limits::default())?;
        Ok(serde_json::to_string(&EncodedJson { encoding: encoding.clone(), trees: trees.into() })?)
    }

    /// Reads and checks what [`Self::write`] wrote.
    ///
    /// # Errors
    /// When it is not JSON of such a model, does not hold together or exceeds a limit.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self, ModelError> {
        let written: EncodedJson<'_> = serde_json::from_str(text)?;
        written.encoding.check(limits)?;
        let trees = TreeModel::parse(&written.trees, limits)?;
        if trees.width() != written.encoding.width() {
            return Err(ModelError::Encoding);
        }
        Ok(Self { encoding: written.encoding, trees })
    }

    /// Number of features that it is given.
    #[must_use]
    pub fn width(&self) -> usize {
        self.encoding.features.len()
    }

    /// The row as the trees see it.
    pub(crate) fn encoded(&self, row: &[f64]) -> Vec<f64> {
        let mut encoded = vec![f64::NAN; self.encoding.width()];
        self.encoding.encode_row(row, &mut encoded);
        encoded
    }
}
