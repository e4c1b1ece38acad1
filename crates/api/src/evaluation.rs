//! How a version was evaluated, as its bundle tells it: threshold, curves, confusion, importance, the model card, and values to
//! begin with for a person who tries it.
//!
//! The rows of the evaluation are not kept. The calibration curve divides the test rows, in the order of their probability,
//! among ten bins, of which it has the rows and the share of positives. What a curve and a matrix need follows from that, and from
//! precision and recall at the threshold; what does not follow is left out.

use std::collections::BTreeMap;

use contracts::failures;
use reqwest::StatusCode;
use schemars::JsonSchema;
use scoring::{Bundle, Limits, bundle};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use statistics::ColumnProfile;
use tabular::metrics::{ACCURACY, Interval, PRECISION, RECALL};
use tabular::{ColumnType, Field, parse};

use crate::query::fetch;
use crate::{Broker, Error, Query, models};

/// Largest bundle that is read, in bytes.
const MAX_BUNDLE_BYTES: u64 = 128 << 20;
/// Most values of a category that are named.
const MAX_LEVELS: usize = 30;
/// Most inputs and features that are told of.
const MAX_COLUMNS: usize = 500;
/// How far the accuracy of a confusion matrix may be from the measured one.
const TOLERANCE: f64 = 1e-6;

/// How a version was evaluated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct VersionEvaluation {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// Version: a number, an alias or `latest`.
    #[schemars(extend("examples" = ["champion"]))]
    pub version: String,
}

/// How a version was evaluated, and what it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvaluationDocument {
    /// Name of the registered model.
    pub model: String,
    /// Number of the version, from 1.
    pub version: u32,
    /// The column that is predicted.
    pub target: String,
    /// The class counted as positive, of two classes.
    pub positive_class: Option<String>,
    /// From which probability of the positive class on a row is positive.
    pub threshold: Option<f64>,
    /// Metrics of the baseline on the test split.
    pub baseline: BTreeMap<String, f64>,
    /// How often what was predicted came true on the test split, by bins in the order of the probability; empty but for two
    /// classes.
    pub calibration_curve: Vec<CalibrationView>,
    /// Points of the ROC curve at the ends of the bins, from (0, 0) to (1, 1): `x` is the false positive rate, `y` the true one.
    pub roc_curve: Vec<CurvePoint>,
    /// Points of the precision-recall curve at the ends of the bins: `x` is recall, `y` precision.
    pub precision_recall_curve: Vec<CurvePoint>,
    /// Test rows by what they are and what they were called at the threshold; none where it does not follow from what is kept.
    pub confusion: Option<ConfusionView>,
    /// Share of the gain of each feature, the greatest first.
    pub importance: Vec<ImportanceView>,
    /// What a caller gives, with values to begin with.
    pub inputs: Vec<InputExample>,
    /// The model card, Markdown with front matter.
    pub card: String,
}

/// A bin of the calibration curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CalibrationView {
    /// Mean probability of the positive class.
    pub predicted: f64,
    /// Share of positive rows.
    pub observed: f64,
    /// Number of rows in the bin.
    pub rows: u64,
}

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CurvePoint {
    /// The abscissa, 0 to 1.
    pub x: f64,
    /// The ordinate, 0 to 1.
    pub y: f64,
}

/// Test rows by what they are and what they were called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfusionView {
    /// Positive rows that were called positive.
    pub true_positive: u64,
    /// Negative rows that were called positive.
    pub false_positive: u64,
    /// Positive rows that were called negative.
    pub false_negative: u64,
    /// Negative rows that were called negative.
    pub true_negative: u64,
}

/// A feature with its importance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImportanceView {
    /// Name of the feature.
    pub feature: String,
    /// Its share of the gain, 0 to 1.
    pub share: f64,
}

/// An input with values to begin with, which are of the training rows as a whole and of no single one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InputExample {
    /// Name of the input column.
    pub name: String,
    /// Type of the input column: `integer`, `number`, `boolean`, `text`, `date` or `timestamp`.
    #[serde(rename = "type")]
    pub column_type: String,
    /// Whether it may be missing.
    pub nullable: bool,
    /// The median, or the most frequent value; null where there is none.
    pub example: Value,
    /// The most frequent values, of a column of few; empty for others.
    pub levels: Vec<String>,
    /// Least value of the training rows, of a column of numbers.
    pub min: Option<f64>,
    /// Greatest value of the training rows, of a column of numbers.
    pub max: Option<f64>,
}

impl Query for VersionEvaluation {
    const ROUTE: &'static str = "/api/v1/models/{model}/versions/{version}/evaluation";
    type Answer = EvaluationDocument;

    async fn read(&self, broker: &Broker) -> Result<EvaluationDocument, Error> {
        let (_, version) = models::find(&broker.registry, &self.model, &self.version).await?;
        let gone = |why: String| Error::new(StatusCode::NOT_FOUND, "bundle_unreadable", why);
        let artifact = version.bundle.unwrap_or_default();
        if artifact.bytes > MAX_BUNDLE_BYTES {
            return Err(gone(format!("the bundle has more than {MAX_BUNDLE_BYTES} bytes")));
        }
        let bytes = fetch(&broker.bus, broker.artifacts.as_ref(), &artifact).await;
        let bytes = bytes.map_err(|error| {
            let why = format!("the bundle cannot be read: {}", failures::with_causes(&error));
            if error.is_transient() { Error::silent(why) } else { gone(why) }
        })?;
        let read = tokio::task::spawn_blocking(move || bundle::read(&bytes, &Limits::default()));
        let read = read.await.map_err(|_| gone("the bundle could not be read".to_owned()))?;
        let bundle = read.map_err(|error| gone(failures::with_causes(&error)))?;
        Ok(EvaluationDocument::new(version.model, version.version, &bundle))
    }
}

/// What `metrics.json` of a bundle tells; builds before have less in it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Metrics {
    threshold: Option<f64>,
    test: BTreeMap<String, Interval>,
    baseline: BTreeMap<String, f64>,
    calibration_curve: Vec<CalibrationView>,
    feature_importance: Option<BTreeMap<String, f64>>,
}

impl EvaluationDocument {
    fn new(model: String, version: u32, bundle: &Bundle) -> Self {
        let metrics = Metrics::deserialize(&bundle.metrics).unwrap_or_default();
        let bins = metrics.calibration_curve;
        let shares = metrics.feature_importance.unwrap_or_default().into_iter();
        let mut importance: Vec<ImportanceView> =
            shares.map(|(feature, share)| ImportanceView { feature, share }).collect();
        importance.sort_by(|a, b| b.share.total_cmp(&a.share));
        importance.truncate(MAX_COLUMNS);
        let value = |name: &str| metrics.test.get(name).map(|metric| metric.value);
        let inputs = bundle.signature.inputs.iter().take(MAX_COLUMNS);
        let example = |field: &Field| InputExample::new(field, bundle.profile.column(&field.name));
        Self {
            model,
            version,
            target: bundle.signature.target.clone(),
            positive_class: bundle.signature.positive_class.clone(),
            threshold: metrics.threshold,
            baseline: metrics.baseline,
            roc_curve: roc(&bins),
            precision_recall_curve: precision_recall(&bins),
            confusion: confusion(&bins, value(PRECISION), value(RECALL), value(ACCURACY)),
            calibration_curve: bins,
            importance,
            inputs: inputs.map(example).collect(),
            card: bundle.model_card.clone(),
        }
    }
}

impl InputExample {
    fn new(field: &Field, profile: Option<&ColumnProfile>) -> Self {
        let kind = field.column_type;
        let numeric = profile.and_then(|profile| profile.numeric.as_ref());
        let top = profile.map(|profile| profile.top_values.as_slice()).unwrap_or_default();
        let few = profile.is_some_and(|profile| profile.distinct <= MAX_LEVELS as u64);
        let median = numeric.and_then(|numeric| {
            numeric.quantiles.iter().find(|(share, _)| *share == 0.5).map(|(_, value)| *value)
        });
        let example = match kind {
            ColumnType::Integer => median.map(|value| value.round().into()),
            ColumnType::Number => median.map(Value::from),
            ColumnType::Boolean => top.first().map(|(text, _)| (text == "true").into()),
            ColumnType::Text => top.first().map(|(text, _)| text.as_str().into()),
            ColumnType::Date | ColumnType::Timestamp => {
                median.map(|value| parse::format(value, kind).into())
            }
        };
        let is_number = matches!(kind, ColumnType::Integer | ColumnType::Number);
        let range = numeric.filter(|_| is_number);
        let is_named = few && matches!(kind, ColumnType::Text | ColumnType::Boolean);
        let levels = top.iter().filter(|_| is_named).take(MAX_LEVELS);
        Self {
            name: field.name.clone(),
            column_type: kind.as_str().to_owned(),
            nullable: field.nullable,
            example: example.unwrap_or_default(),
            levels: levels.map(|(text, _)| text.clone()).collect(),
            min: range.map(|numeric| numeric.min),
            max: range.map(|numeric| numeric.max),
        }
    }
}

/// Positives and rows of the bins, those of the greatest probability first, and of all of them.
#[allow(clippy::cast_precision_loss, reason = "numbers of rows are far below 2^52")]
fn counts(bins: &[CalibrationView]) -> (Vec<(f64, f64)>, f64, f64) {
    let count = |bin: &CalibrationView| {
        let rows = bin.rows as f64;
        ((bin.observed * rows).round(), rows)
    };
    let counts: Vec<(f64, f64)> = bins.iter().rev().map(count).collect();
    let positives = counts.iter().map(|(positives, _)| positives).sum();
    let rows = counts.iter().map(|(_, rows)| rows).sum();
    (counts, positives, rows)
}

/// For each number of bins from the greatest probability on: the positives and the rows in them.
fn cumulated(counts: &[(f64, f64)]) -> impl Iterator<Item = (f64, f64)> {
    counts.iter().scan((0.0, 0.0), |(positives, rows), (more_positives, more_rows)| {
        *positives += more_positives;
        *rows += more_rows;
        Some((*positives, *rows))
    })
}

fn roc(bins: &[CalibrationView]) -> Vec<CurvePoint> {
    let (counts, positives, rows) = counts(bins);
    let negatives = rows - positives;
    if positives <= 0.0 || negatives <= 0.0 {
        return Vec::new();
    }
    let point = |(found, taken): (f64, f64)| CurvePoint {
        x: (taken - found) / negatives,
        y: found / positives,
    };
    std::iter::once(CurvePoint { x: 0.0, y: 0.0 }).chain(cumulated(&counts).map(point)).collect()
}

fn precision_recall(bins: &[CalibrationView]) -> Vec<CurvePoint> {
    let (counts, positives, _) = counts(bins);
    if positives <= 0.0 {
        return Vec::new();
    }
    let point = |(found, taken): (f64, f64)| CurvePoint { x: found / positives, y: found / taken };
    cumulated(&counts).filter(|(_, taken)| *taken > 0.0).map(point).collect()
}

/// The matrix that has these metrics; none where there is no such one, as with weighted rows.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of rows, which are not negative"
)]
fn confusion(
    bins: &[CalibrationView],
    precision: Option<f64>,
    recall: Option<f64>,
    accuracy: Option<f64>,
) -> Option<ConfusionView> {
    let (_, positives, rows) = counts(bins);
    let (precision, recall, accuracy) = (precision?, recall?, accuracy?);
    let found = (recall * positives).round();
    let called = if precision > 0.0 { (found / precision).round() } else { 0.0 };
    let false_positive = called - found;
    let true_negative = rows - positives - false_positive;
    let fits = |value: f64, measured: f64| (value - measured).abs() <= TOLERANCE;
    let holds = found >= 0.0
        && precision > 0.0
        && false_positive >= 0.0
        && true_negative >= 0.0
        && fits(found / positives, recall)
        && fits(found / called, precision)
        && fits((found + true_negative) / rows, accuracy);
    holds.then_some(ConfusionView {
        true_positive: found as u64,
        false_positive: false_positive as u64,
        false_negative: (positives - found) as u64,
        true_negative: true_negative as u64,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    /// 100 rows in ten bins, 30 of them positive.
    fn bins() -> Vec<CalibrationView> {
        let positives: [u8; 10] = [0, 0, 0, 1, 1, 2, 3, 5, 8, 10];
        let mut predicted = 0.0;
        let bin = |count: u8| {
            predicted += 0.1;
            CalibrationView { predicted, observed: f64::from(count) / 10.0, rows: 10 }
        };
        positives.into_iter().map(bin).collect()
    }

    #[test]
    fn curves_pass_through_the_ends_of_the_bins() {
        let roc = roc(&bins());
        assert_eq!(roc.len(), 11);
        assert_eq!(roc.last().map(|it| (it.x, it.y)), Some((1.0, 1.0)));
        let first = roc.get(1).unwrap();
        assert_eq!((first.x, first.y), (0.0, 10.0 / 30.0), "ten rows, all positive");
        let curve = precision_recall(&bins());
        assert_eq!(curve.last().map(|it| (it.x, it.y)), Some((1.0, 0.3)));
        assert!(super::roc(&[]).is_empty() && precision_recall(&[]).is_empty());
    }

    #[test]
    fn a_confusion_matrix_is_told_where_all_metrics_are_its_own() {
        // The three last bins are called positive: 23 of 30 are found, 7 of 70 are false.
        let matrix = |accuracy| confusion(&bins(), Some(23.0 / 30.0), Some(23.0 / 30.0), accuracy);
        let expected = ConfusionView {
            true_positive: 23,
            false_positive: 7,
            false_negative: 7,
            true_negative: 63,
        };
        assert_eq!(matrix(Some(0.86)), Some(expected));
        assert_eq!(matrix(Some(0.87)), None, "as of weighted rows");
        assert_eq!(matrix(None), None);
        assert_eq!(confusion(&[], Some(0.5), Some(0.5), Some(0.5)), None);
    }
}
