//! From features to outputs: margins, probabilities, label.

use scoring::{Bundle, Encoding, LinearModel, Link, Model, TreeLink};
use tabular::ProblemType;

use crate::features::Features;
use crate::graph::{Graph, Name, int, length};
use crate::proto::DataType;
use crate::{Error, Kind, PREDICTION, PROBABILITY, Tensor, trees};

/// The threshold where a signature gives none.
const DEFAULT_THRESHOLD: f64 = 0.5;

/// How margins become outputs.
enum To {
    Sigmoid(f64),
    Softmax,
    /// They are the outputs.
    Same,
}

/// Writes the outputs of a bundle's model.
pub(crate) fn build(
    graph: &mut Graph,
    bundle: &Bundle,
    features: &Features,
) -> Result<Vec<Tensor>, Error> {
    let (margins, to) = match &bundle.model {
        Model::Prior(model) => (constant(graph, features, &model.outputs)?, To::Same),
        Model::Linear(model) => (linear(graph, features, model)?, link(model.link)),
        Model::Trees(model) => {
            let matrix = graph.beside(&features.columns);
            let margins = trees::margins(graph, &matrix, model, &features.categorical)?;
            let to = match model.link() {
                TreeLink::Sigmoid(steepness) => To::Sigmoid(steepness),
                TreeLink::Softmax => To::Softmax,
                TreeLink::Identity => To::Same,
            };
            (margins, to)
        }
    };
    let outputs = match to {
        To::Sigmoid(steepness) => sigmoid(graph, &margins, steepness),
        To::Softmax => graph.node_with("Softmax", &[&margins], vec![int("axis", 1)]),
        To::Same => margins,
    };
    let signature = &bundle.signature;
    if signature.classes.is_empty() {
        let shape = graph.longs(&[1], &[-1]);
        graph.node_as("Reshape", &[&outputs, &shape], PREDICTION);
        return Ok(vec![Tensor { name: PREDICTION.to_owned(), kind: Kind::Double }]);
    }
    let mut tensors = vec![Tensor { name: PREDICTION.to_owned(), kind: Kind::Text }];
    let shape = graph.longs(&[1], &[-1]);
    for (place, class) in signature.classes.iter().enumerate() {
        let name = format!("{PROBABILITY}{class}");
        let place = graph.longs(&[1], &[length(place)]);
        let column = graph.node_with("Gather", &[&outputs, &place], vec![int("axis", 1)]);
        graph.node_as("Reshape", &[&column, &shape], &name);
        tensors.push(Tensor { name, kind: Kind::Double });
    }
    let class = match (signature.problem_type, signature.classes.as_slice()) {
        (ProblemType::Binary, [_, positive]) => {
            let threshold = graph.number(signature.threshold.unwrap_or(DEFAULT_THRESHOLD));
            let probability = format!("{PROBABILITY}{positive}");
            let positive = graph.node("GreaterOrEqual", &[&probability, &threshold]);
            graph.cast(&positive, DataType::Int64)
        }
        _ => graph.node_with("ArgMax", &[&outputs], vec![int("axis", 1), int("keepdims", 0)]),
    };
    let classes = graph.texts(signature.classes.iter().map(String::as_str));
    graph.node_as("Gather", &[&classes, &class], PREDICTION);
    Ok(tensors)
}

fn link(link: Link) -> To {
    match link {
        Link::Logit => To::Sigmoid(1.0),
        Link::Softmax => To::Softmax,
        Link::Identity => To::Same,
    }
}

/// The probabilities of two classes, in the order of operations that `scoring` has.
fn sigmoid(graph: &mut Graph, margins: &str, steepness: f64) -> Name {
    let (factor, one) = (graph.number(-steepness), graph.number(1.0));
    let scaled = graph.node("Mul", &[margins, &factor]);
    let power = graph.node("Exp", &[&scaled]);
    let sum = graph.node("Add", &[&power, &one]);
    let positive = graph.node("Div", &[&one, &sum]);
    let negative = graph.node("Sub", &[&one, &positive]);
    graph.beside(&[negative, positive])
}

/// The same for every row.
fn constant(graph: &mut Graph, features: &Features, outputs: &[f64]) -> Result<Name, Error> {
    let any = features.columns.first().ok_or(Error::Misfit { what: "there are no features" })?;
    let shape = graph.node("Shape", &[any]);
    let first = graph.longs(&[1], &[0]);
    let rows = graph.node("Gather", &[&shape, &first]);
    let width = graph.longs(&[1], &[length(outputs.len())]);
    let shape = graph.node_with("Concat", &[&rows, &width], vec![int("axis", 0)]);
    let values = graph.doubles(&[1, outputs.len()], outputs);
    Ok(graph.node("Expand", &[&values, &shape]))
}

/// The margins of a linear model: scaled numbers times their coefficients, and the coefficient of each category.
fn linear(graph: &mut Graph, features: &Features, model: &LinearModel) -> Result<Name, Error> {
    let margins = model.intercepts.len();
    let mut parts = vec![graph.doubles(&[1, margins], &model.intercepts)];
    let (mut numbers, mut weights) = (Vec::new(), Vec::new());
    let mut first = 0;
    if features.columns.len() != model.encoding.features.len() {
        return Err(Error::Misfit { what: "the model takes another number of features" });
    }
    for (column, encoding) in features.columns.iter().zip(&model.encoding.features) {
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
            Encoding::OneHot { width } => {
                parts.push(one_hot(graph, column, f64::from(*width), model, first));
            }
        }
        first += encoding.width();
    }
    if !numbers.is_empty() {
        let matrix = graph.beside(&numbers);
        let weight = |column: &usize| coefficients(model, *column);
        let values: Vec<f64> = weights.iter().flat_map(weight).collect();
        let weights = graph.doubles(&[weights.len(), margins], &values);
        parts.push(graph.node("MatMul", &[&matrix, &weights]));
    }
    // There is at least one feature, and so one part beside the intercepts that has as many rows as are given.
    let mut parts = parts.into_iter();
    let first = parts.next().ok_or(Error::Misfit { what: "a linear model has no intercepts" })?;
    Ok(parts.fold(first, |sum, part| graph.node("Add", &[&sum, &part])))
}

/// The coefficients of the code that a row has, none where it has none.
fn one_hot(graph: &mut Graph, column: &str, width: f64, model: &LinearModel, first: usize) -> Name {
    let (zero, end) = (graph.number(0.0), graph.number(width));
    let (not_below, below) =
        (graph.node("GreaterOrEqual", &[column, &zero]), graph.node("Less", &[column, &end]));
    let within = graph.node("And", &[&not_below, &below]);
    let code = graph.choose(&within, column, &end);
    let code = graph.cast(&code, DataType::Int64);
    let code = graph.flat(&code);
    let codes = width as usize;
    let margins = model.intercepts.len();
    let mut table: Vec<f64> =
        (first..first + codes).flat_map(|column| coefficients(model, column)).collect();
    table.extend(std::iter::repeat_n(0.0, margins));
    let table = graph.doubles(&[codes + 1, margins], &table);
    graph.node("Gather", &[&table, &code])
}

/// The coefficients of a column, one per margin.
fn coefficients(model: &LinearModel, column: usize) -> Vec<f64> {
    let of = |row: &Vec<f64>| row.get(column).copied().unwrap_or_default();
    model.coefficients.iter().map(of).collect()
}
