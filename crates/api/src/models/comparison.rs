//! Two versions side by side.

use std::collections::{BTreeMap, BTreeSet};

use contracts::v1::ModelVersion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{InputView, MetricView, VersionView};

/// Two versions and what differs between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Version that is compared.
    pub first: VersionView,
    /// Version that it is compared with.
    pub second: VersionView,
    /// Whether they were made from the same data.
    pub same_data: bool,
    /// Whether they are the same bundle.
    pub same_bundle: bool,
    /// Metrics of their test splits; their rows are the same only where the data are.
    pub metrics: BTreeMap<String, MetricPair>,
    /// How what a caller gives differs.
    pub signature: SignatureDifference,
}

/// A metric of both.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricPair {
    /// The first version's metric on the test split; none where that version does not have it.
    pub first: Option<MetricView>,
    /// The second version's metric on the test split; none where that version does not have it.
    pub second: Option<MetricView>,
    /// Value of the second version minus that of the first; none where one of them is missing.
    pub difference: Option<f64>,
    /// Whether the 95 % intervals have a part in common.
    pub intervals_overlap: Option<bool>,
}

/// How two signatures differ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignatureDifference {
    /// Columns that the second alone takes.
    pub added: Vec<InputView>,
    /// Columns that the first alone takes.
    pub removed: Vec<InputView>,
    /// Columns of which type or nullability differs: as the first has them, and as the second.
    pub changed: Vec<(InputView, InputView)>,
    /// Whether the classes, or their order, differ.
    pub classes_differ: bool,
}

impl SignatureDifference {
    /// Whether a client of the first version can call the second with the same request.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Comparison {
    /// Puts two versions side by side.
    #[must_use]
    pub fn between(first: &ModelVersion, second: &ModelVersion) -> Self {
        let (first, second) = (VersionView::from(first), VersionView::from(second));
        let names: BTreeSet<&String> =
            first.intervals.keys().chain(second.intervals.keys()).collect();
        let metrics = names.into_iter().map(|name| {
            let pair = (first.intervals.get(name).copied(), second.intervals.get(name).copied());
            let both = pair.0.zip(pair.1);
            let pair = MetricPair {
                first: pair.0,
                second: pair.1,
                difference: both.map(|(a, b)| b.value - a.value),
                intervals_overlap: both.map(|(a, b)| a.low <= b.high && b.low <= a.high),
            };
            (name.clone(), pair)
        });
        Self {
            same_data: first.data_sha256 == second.data_sha256,
            same_bundle: first.digest == second.digest,
            metrics: metrics.collect(),
            signature: signatures(&first, &second),
            first,
            second,
        }
    }
}

fn signatures(first: &VersionView, second: &VersionView) -> SignatureDifference {
    let find = |inputs: &[InputView], name: &str| -> Option<InputView> {
        inputs.iter().find(|input| input.name == name).cloned()
    };
    let only = |of: &VersionView, not: &VersionView| -> Vec<InputView> {
        let inputs = of.inputs.iter().filter(|input| find(&not.inputs, &input.name).is_none());
        inputs.cloned().collect()
    };
    let changed = first.inputs.iter().filter_map(|input| {
        let other = find(&second.inputs, &input.name)?;
        (other != *input).then(|| (input.clone(), other))
    });
    SignatureDifference {
        added: only(second, first),
        removed: only(first, second),
        changed: changed.collect(),
        classes_differ: first.classes != second.classes,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use contracts::v1::{ColumnSchema, ColumnType, MetricEstimate};

    use super::*;

    fn version(columns: &[(&str, ColumnType)], metrics: &[(&str, f64)]) -> ModelVersion {
        let metric = |value: f64| MetricEstimate { value, low: value - 0.02, high: value + 0.02 };
        ModelVersion {
            signature_inputs: columns
                .iter()
                .map(|(name, kind)| ColumnSchema {
                    name: (*name).to_owned(),
                    r#type: (*kind).into(),
                    nullable: true,
                })
                .collect(),
            test_metrics: metrics
                .iter()
                .map(|(name, value)| ((*name).to_owned(), metric(*value)))
                .collect(),
            ..ModelVersion::default()
        }
    }

    #[test]
    fn what_differs_is_named() {
        use ColumnType::{Integer, Number, Text};
        let first = version(&[("age", Integer), ("town", Text)], &[("roc_auc", 0.80), ("f1", 0.5)]);
        let second = version(
            &[("age", Number), ("visits", Integer)],
            &[("roc_auc", 0.83), ("log_loss", 0.4)],
        );
        let found = Comparison::between(&first, &second);
        let auc = found.metrics["roc_auc"];
        assert!((auc.difference.unwrap() - 0.03).abs() < 1e-12);
        assert_eq!(auc.intervals_overlap, Some(true));
        assert_eq!(found.metrics["f1"].difference, None);
        let names = |inputs: &[InputView]| -> Vec<String> {
            inputs.iter().map(|input| input.name.clone()).collect()
        };
        assert_eq!(names(&found.signature.added), ["visits"]);
        assert_eq!(names(&found.signature.removed), ["town"]);
        let (before, after) = &found.signature.changed[0];
        assert_eq!(
            (before.column_type.as_str(), after.column_type.as_str()),
            ("integer", "number")
        );
        assert!(!found.signature.is_none());
        let same = Comparison::between(&first, &first);
        assert!(same.signature.is_none() && same.same_bundle && same.same_data);
    }
}
