//! The Kullback-Leibler divergence of a column from a partition, as Great Expectations computes it (SciPy's `entropy`).
//!
//! `D = Σ p ln(p / q)` over the bins or the values, `p` the share of the column's rows and `q` the weight of the partition, each
//! divided by its sum. What lies outside of the bins is a bin at either end, whose weights are `tail_weights`, or half of
//! `tail_weight_holdout` each; values that the partition does not have share `tail_weight_holdout`.

use serde_json::{Map, Value as Json, json};

use crate::error::SuiteError;
use crate::figures::Figures;
use crate::frame::Dtype;
use crate::kind::{ColumnTest, Kind};
use crate::kwargs::Kwargs;
use crate::value::Value;

/// How far the sum of the weights may be from 1 (`numpy.allclose`).
const SUM_TOLERANCE: f64 = 1e-8 + 1e-5;
const PARTITION: &str = "an object with `bins` that rise and as many `weights` less one, or with `values` and as many `weights`; \
                         weights add up to 1, `tail_weights` of bins included";

/// What a column is compared with, and how.
#[derive(Clone, Debug)]
pub(crate) struct Divergence {
    partition: Partition,
    /// Greatest divergence; none where it is only told.
    threshold: Option<f64>,
    tail_holdout: f64,
    internal_holdout: f64,
}

#[derive(Clone, Debug)]
enum Partition {
    Bins {
        edges: Vec<f64>,
        /// The edges as they were written.
        written: Json,
        weights: Vec<f64>,
        tails: Option<[f64; 2]>,
        bucketize: bool,
    },
    Values {
        values: Vec<Value>,
        weights: Vec<f64>,
    },
}

impl Divergence {
    /// Whether values are compared, and not bins of numbers.
    pub(crate) fn is_of_values(&self) -> bool {
        matches!(self.partition, Partition::Values { .. })
    }
}

/// Reads the arguments.
pub(crate) fn read(it: &mut Kwargs<'_>) -> Result<Kind, SuiteError> {
    let column = it.text("column")?;
    let Some(json) = it.json("partition_object").filter(|json| !json.is_null()) else {
        return Ok(Kind::Unsupported(
            "without a partition_object a column is compared with itself",
        ));
    };
    let bucketize = it.json("bucketize_data") != Some(Json::Bool(false));
    let partition =
        partition(&json, bucketize).ok_or_else(|| it.fault("partition_object", PARTITION))?;
    let threshold = match it.json("threshold") {
        None | Some(Json::Null) => None,
        Some(_) => it.optional_number("threshold")?,
    };
    if threshold.is_some_and(|threshold| threshold < 0.0) {
        return Err(it.fault("threshold", "a number of 0 or more"));
    }
    let mut share = |name: &'static str| match it.json(name) {
        None => Ok(0.0),
        Some(json) => json
            .as_f64()
            .filter(|value| (0.0..=1.0).contains(value))
            .ok_or_else(|| it.fault(name, "a number from 0 to 1")),
    };
    let tail_holdout = share("tail_weight_holdout")?;
    let internal_holdout = share("internal_weight_holdout")?;
    let divergence = Divergence { partition, threshold, tail_holdout, internal_holdout };
    Ok(Kind::Column { column, test: ColumnTest::Divergence(Box::new(divergence)) })
}

/// The partition; none where it is not one.
fn partition(json: &Json, bucketize: bool) -> Option<Partition> {
    let numbers =
        |json: &Json| -> Option<Vec<f64>> { json.as_array()?.iter().map(Json::as_f64).collect() };
    let weights = numbers(json.get("weights")?)?;
    let adds_up = |sum: f64| (sum - 1.0).abs() <= SUM_TOLERANCE;
    if let Some(values) = json.get("values") {
        let values: Vec<Value> =
            values.as_array()?.iter().map(Value::of_json).collect::<Option<_>>()?;
        let fits = values.len() == weights.len() && adds_up(weights.iter().sum());
        return fits.then_some(Partition::Values { values, weights });
    }
    let written = json.get("bins")?.clone();
    let edges = numbers(&written)?;
    let tails = match json.get("tail_weights") {
        None => None,
        Some(tails) => match numbers(tails)?.as_slice() {
            [below, above] => Some([*below, *above]),
            _ => return None,
        },
    };
    let rises = edges.windows(2).all(|pair| matches!(pair, [one, next] if one < next));
    let sum = weights.iter().sum::<f64>() + tails.map_or(0.0, |[below, above]| below + above);
    let fits = edges.len() == weights.len() + 1 && edges.len() > 1 && rises && adds_up(sum);
    fits.then_some(Partition::Bins { edges, written, weights, tails, bucketize })
}

/// Whether the column diverges at most so far, with what was found.
///
/// # Errors
/// Where it cannot be compared, in the words of Great Expectations as far as it has some.
pub(crate) fn told(
    figures: &mut Figures,
    of: &Divergence,
) -> Result<(bool, Map<String, Json>), String> {
    let (divergence, observed, expected) = match &of.partition {
        Partition::Bins { edges, written, weights, tails, bucketize } => {
            if tails.is_some() && of.tail_holdout != 0.0 {
                return Err(
                    "tail_weight_holdout must be 0 when using tail_weights in partition object"
                        .to_owned(),
                );
            }
            if !bucketize {
                return Err("KL Divergence cannot be computed with a continuous partition object and the bucketize_data parameter set to false.".to_owned());
            }
            let (weights, tails) = held_out(of, weights, *tails);
            let (shares, outside) = histogram(figures.sorted()?, edges);
            let with_tails = |inner: &[f64], [below, above]: [f64; 2]| -> Vec<f64> {
                std::iter::once(below).chain(inner.iter().copied()).chain([above]).collect()
            };
            let divergence = entropy(&with_tails(&shares, outside), &with_tails(&weights, tails));
            let told = |weights: &[f64], tails: [f64; 2]| json!({"bins": written, "weights": weights, "tail_weights": tails});
            (divergence, told(&shares, outside), told(&weights, tails))
        }
        Partition::Values { values, weights } => {
            if of.internal_holdout > 0.0 {
                return Err("Internal weight holdout cannot be used for discrete data.".to_owned());
            }
            let rows = joined(figures, values, weights, of.tail_holdout)?;
            let shares: Vec<f64> = rows.iter().map(|row| row.1).collect();
            let weights: Vec<f64> = rows.iter().map(|row| row.2).collect();
            let values: Vec<Json> = rows.iter().map(|row| row.0.to_json()).collect();
            let told = |weights: &[f64]| json!({"values": values, "weights": weights});
            (entropy(&shares, &weights), told(&shares), told(&weights))
        }
    };
    // What is not a number is not below the threshold.
    let success = of.threshold.is_none_or(|threshold| divergence <= threshold);
    let mut result = Map::new();
    let value = if divergence.is_finite() { json!(divergence) } else { Json::Null };
    result.insert("observed_value".to_owned(), value);
    let details = json!({"observed_partition": observed, "expected_partition": expected});
    result.insert("details".to_owned(), details);
    Ok((success, result))
}

/// The weights of the bins and of what lies outside, with what is held out for bins without weight and for the outside.
fn held_out(of: &Divergence, weights: &[f64], tails: Option<[f64; 2]>) -> (Vec<f64>, [f64; 2]) {
    let (tail, internal) = (of.tail_holdout, of.internal_holdout);
    let mut weights: Vec<f64> =
        weights.iter().map(|weight| weight * (1.0 - tail - internal)).collect();
    let empty = weights.iter().filter(|weight| **weight == 0.0).count();
    if internal > 0.0 && empty > 0 {
        for weight in weights.iter_mut().filter(|weight| **weight == 0.0) {
            *weight = internal / empty as f64;
        }
    }
    (weights, tails.unwrap_or([tail / 2.0, tail / 2.0]))
}

/// The shares of the sorted numbers in each bin, the last of which has its upper end, and below and above all of them.
fn histogram(sorted: &[f64], edges: &[f64]) -> (Vec<f64>, [f64; 2]) {
    let last = edges.len() - 1;
    // How many numbers lie before each edge; of the last one, and up to it.
    let before = |place: usize, edge: f64| {
        if place == last {
            sorted.partition_point(|value| *value <= edge)
        } else {
            sorted.partition_point(|value| *value < edge)
        }
    };
    let ends: Vec<usize> =
        edges.iter().enumerate().map(|(place, edge)| before(place, *edge)).collect();
    let share = |count: usize| count as f64 / sorted.len() as f64;
    let inner = ends.iter().zip(ends.iter().skip(1)).map(|(from, to)| share(to - from)).collect();
    let below = ends.first().copied().unwrap_or(0);
    let above = sorted.len() - ends.last().copied().unwrap_or(0);
    (inner, [share(below), share(above)])
}

/// The values of the partition and behind them those of the column alone, each with its share of the rows and its weight.
fn joined(
    figures: &Figures,
    values: &[Value],
    weights: &[f64],
    holdout: f64,
) -> Result<Vec<(Value, f64, f64)>, String> {
    let mut keys: Vec<u64> = values.iter().map(|value| value.cell().key()).collect();
    keys.sort_unstable();
    if keys.windows(2).any(|pair| matches!(pair, [one, next] if one == next)) {
        return Err("Reindexing only valid with uniquely valued Index objects".to_owned());
    }
    let counts = figures.kept_counts();
    let present = figures.present as f64;
    let share = |value: &Value| {
        counts.get(&value.cell().key()).map_or(0.0, |count| *count as f64 / present)
    };
    let own: Vec<&Value> = figures
        .distinct()
        .into_iter()
        .filter(|value| keys.binary_search(&value.cell().key()).is_err())
        .collect();
    let scale = if own.is_empty() { 1.0 } else { 1.0 - holdout };
    let each = if own.is_empty() { 0.0 } else { holdout / own.len() as f64 };
    let named = values
        .iter()
        .zip(weights)
        .map(|(value, weight)| (value.clone(), share(value), weight * scale));
    let others = own.iter().map(|value| ((*value).clone(), share(value), each));
    let mut rows: Vec<(Value, f64, f64)> = named.chain(others).collect();
    // Numbers of which some have fractions, or a column that has, are all floating-point ones in an index.
    let are_numbers =
        rows.iter().all(|(value, ..)| matches!(value, Value::Int(_) | Value::Float(_)));
    let is_fraction = figures.of.dtype == Dtype::Float64
        || rows.iter().any(|(value, ..)| matches!(value, Value::Float(_)));
    if are_numbers && is_fraction {
        for (value, ..) in &mut rows {
            if let Value::Int(whole) = *value {
                *value = Value::Float(whole as f64);
            }
        }
    }
    Ok(rows)
}

/// `Σ p ln(p / q)` of shares that are divided by their sums; infinite where something is there that has no weight.
fn entropy(shares: &[f64], weights: &[f64]) -> f64 {
    let (of_shares, of_weights): (f64, f64) = (shares.iter().sum(), weights.iter().sum());
    let term = |(share, weight): (&f64, &f64)| {
        let (p, q) = (share / of_shares, weight / of_weights);
        if p.is_nan() || q.is_nan() {
            f64::NAN
        } else if p > 0.0 && q > 0.0 {
            p * (p / q).ln()
        } else if p == 0.0 && q >= 0.0 {
            0.0
        } else {
            f64::INFINITY
        }
    };
    shares.iter().zip(weights).map(term).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn bins_are_closed_below_and_the_last_one_above() {
        let (inner, outside) =
            histogram(&[-1.0, 0.0, 0.5, 1.0, 1.0, 2.0, 3.0, 5.0, 7.0, 8.0], &[0.0, 1.0, 2.0, 5.0]);
        assert_eq!((inner, outside), (vec![0.2, 0.2, 0.3], [0.1, 0.2]));
    }

    #[test]
    fn the_divergence_is_that_of_scipy() {
        // scipy.stats.entropy([1, 1, 2], [0.5, 0.3, 0.2])
        let found = entropy(&[0.25, 0.25, 0.5], &[0.5, 0.3, 0.2]);
        assert!((found - 0.239_278_181_598_602_56).abs() < 1e-12, "{found}");
        assert_eq!(entropy(&[0.5, 0.5], &[1.0, 0.0]), f64::INFINITY);
        assert!(entropy(&[0.0, 0.0], &[0.5, 0.5]).is_nan());
    }

    #[test]
    fn what_is_no_partition_is_none() {
        let is = |json: Json| partition(&json, true).is_some();
        assert!(is(json!({"bins": [0, 1, 2], "weights": [0.5, 0.5]})));
        assert!(is(json!({"bins": [0, 1], "weights": [0.8], "tail_weights": [0.1, 0.1]})));
        assert!(is(json!({"values": ["a", 1], "weights": [0.5, 0.5]})));
        assert!(!is(json!({"bins": [0, 2, 1], "weights": [0.5, 0.5]})));
        assert!(!is(json!({"bins": [0, 1], "weights": [0.5]})));
        assert!(!is(json!({"bins": [0, 1], "weights": [0.5, 0.5]})));
        assert!(!is(json!({"values": ["a"], "weights": [0.5, 0.5]})));
        assert!(!is(json!([1])));
    }
}
