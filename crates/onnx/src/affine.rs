//! Features times coefficients: what linear models and the first layers of networks begin with.

use scoring::{Encoding, LinearEncoding};

use crate::Error;
use crate::features::Features;
use crate::graph::{Graph, Name};
use crate::proto::DataType;

/// Encoded columns times their coefficients, and the intercepts: `[rows, intercepts]`. `coefficients` gives those of a column, one
/// per intercept.
pub(crate) fn affine(
    graph: &mut Graph,
    features: &Features,
    encoding: &LinearEncoding,
    intercepts: &[f64],
    coefficients: &dyn Fn(usize) -> Vec<f64>,
) -> Result<Name, Error> {
    let margins = intercepts.len();
    let mut parts = vec![graph.doubles(&[1, margins], intercepts)];
    let (mut numbers, mut weights) = (Vec::new(), Vec::new());
    let mut first = 0;
    if features.columns.len() != encoding.features.len() {
        return Err(Error::Misfit { what: "the model takes another number of features" });
    }
    for (column, encoding) in features.columns.iter().zip(&encoding.features) {
        match encoding {
            Encoding::Numeric { mean, scale, impute, indicator } => {
                let missing = graph.node("IsNaN", &[column]);
                let [fill, mean, scale] = [*impute, *mean, *scale].map(|value| graph.number(value));
                let filled = graph.choose(&missing, &fill, column);
                let centred = graph.node("Sub", &[&filled, &mean]);
                numbers.push(graph.node("Div", &[&centred, &scale]));
                if *indicator {
                    numbers.push(graph.cast(&missing, DataType::Double));
                }
                weights.extend(first..first + encoding.width());
            }
            Encoding::Piecewise { edges, indicator } => {
                let missing = graph.node("IsNaN", &[column]);
                let lowest = graph.number(edges.first().copied().unwrap_or_default());
                // A missing value is in no bin, as is one below all of them.
                let filled = graph.choose(&missing, &lowest, column);
                let lows = edges.get(..edges.len().saturating_sub(1)).unwrap_or(&[]);
                let widths: Vec<f64> =
                    lows.iter().zip(edges.iter().skip(1)).map(|(low, high)| high - low).collect();
                let [lows, widths] =
                    [lows, widths.as_slice()].map(|of| graph.doubles(&[1, of.len()], of));
                numbers.push(shares(graph, &filled, &lows, &widths));
                if *indicator {
                    numbers.push(graph.cast(&missing, DataType::Double));
                }
                weights.extend(first..first + encoding.width());
            }
            Encoding::OneHot { width } => {
                parts.push(one_hot(graph, column, f64::from(*width), margins, &|code| {
                    coefficients(first + code)
                }));
            }
        }
        first += encoding.width();
    }
    if !numbers.is_empty() {
        let matrix = graph.beside(&numbers);
        let values: Vec<f64> = weights.iter().flat_map(|column| coefficients(*column)).collect();
        let weights = graph.doubles(&[weights.len(), margins], &values);
        parts.push(graph.node("MatMul", &[&matrix, &weights]));
    }
    // There is at least one feature, and so one part beside the intercepts that has as many rows as are given.
    let mut parts = parts.into_iter();
    let first = parts.next().ok_or(Error::Misfit { what: "a model has no intercepts" })?;
    Ok(parts.fold(first, |sum, part| graph.node("Add", &[&sum, &part])))
}

/// The coefficients of the code that a row has, none where it has none.
fn one_hot(
    graph: &mut Graph,
    column: &str,
    width: f64,
    margins: usize,
    coefficients: &dyn Fn(usize) -> Vec<f64>,
) -> Name {
    let (zero, end) = (graph.number(0.0), graph.number(width));
    let (not_below, below) =
        (graph.node("GreaterOrEqual", &[column, &zero]), graph.node("Less", &[column, &end]));
    let within = graph.node("And", &[&not_below, &below]);
    let code = graph.choose(&within, column, &end);
    let code = graph.cast(&code, DataType::Int64);
    let code = graph.flat(&code);
    let codes = width as usize;
    let mut table: Vec<f64> = (0..codes).flat_map(coefficients).collect();
    table.extend(std::iter::repeat_n(0.0, margins));
    let table = graph.doubles(&[codes + 1, margins], &table);
    graph.node("Gather", &[&table, &code])
}

/// How far a value is through each stretch, from 0 to 1.
pub(crate) fn shares(graph: &mut Graph, x: &str, lows: &str, widths: &str) -> Name {
    let (zero, one) = (graph.number(0.0), graph.number(1.0));
    let above = graph.node("Sub", &[x, lows]);
    let share = graph.node("Div", &[&above, widths]);
    let at_least = graph.node("Max", &[&share, &zero]);
    graph.node("Min", &[&at_least, &one])
}
