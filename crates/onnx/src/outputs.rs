//! From features to outputs: margins, probabilities, label.

use scoring::{
    Bundle, Calibration, EnsembleModel, Link, Model, NetworkLayer, NetworkLink, NetworkModel,
    TreeLink,
};
use tabular::ProblemType;

use crate::features::Features;
use crate::graph::{Graph, Name, int, length};
use crate::proto::DataType;
use crate::{Error, Kind, PREDICTION, PROBABILITY, Tensor, affine, encoded, trees};

/// The threshold where a signature gives none.
const DEFAULT_THRESHOLD: f64 = 0.5;

/// How margins become outputs.
enum OutputForm {
    Sigmoid(f64),
    Softmax,
    /// They are the outputs.
    Same,
    /// They are the logarithms of the outputs.
    Exponential,
}

/// Writes the outputs of a bundle's model.
pub(crate) fn build(
    graph: &mut Graph,
    bundle: &Bundle,
    features: &Features,
) -> Result<Vec<Tensor>, Error> {
    let outputs = of_model(graph, features, &bundle.model)?;
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

/// The outputs of a model, a column each.
fn of_model(graph: &mut Graph, features: &Features, model: &Model) -> Result<Name, Error> {
    let (margins, to) = match model {
        Model::Prior(model) => (constant(graph, features, &model.outputs)?, OutputForm::Same),
        Model::Linear(model) => {
            let of = |row: &Vec<f64>, column| row.get(column).copied().unwrap_or_default();
            let coefficients =
                |column| model.coefficients.iter().map(|row| of(row, column)).collect();
            let margins =
                affine::affine(graph, features, &model.encoding, &model.intercepts, &coefficients)?;
            (margins, link(model.link))
        }
        Model::Trees(model) => {
            let matrix = graph.beside(&features.columns);
            let margins = trees::margins(graph, &matrix, model, &features.categorical)?;
            (margins, tree_link(model.link()))
        }
        Model::EncodedTrees(model) => {
            let (columns, categorical) = encoded::columns(graph, features, &model.encoding)?;
            let matrix = graph.beside(&columns);
            let margins = trees::margins(graph, &matrix, &model.trees, &categorical)?;
            (margins, tree_link(model.trees.link()))
        }
        Model::Network(model) => (network(graph, features, model)?, network_link(model.link)),
        Model::Ensemble(model) => return ensemble(graph, features, model),
    };
    Ok(match to {
        OutputForm::Sigmoid(steepness) => sigmoid(graph, &margins, steepness),
        OutputForm::Softmax => graph.node_with("Softmax", &[&margins], vec![int("axis", 1)]),
        OutputForm::Same => margins,
        OutputForm::Exponential => graph.node("Exp", &[&margins]),
    })
}

fn tree_link(link: TreeLink) -> OutputForm {
    match link {
        TreeLink::Sigmoid(steepness) => OutputForm::Sigmoid(steepness),
        TreeLink::Softmax => OutputForm::Softmax,
        TreeLink::Identity => OutputForm::Same,
        TreeLink::Exponential => OutputForm::Exponential,
    }
}

/// The weighted mean of the members' outputs, calibrated.
fn ensemble(graph: &mut Graph, features: &Features, model: &EnsembleModel) -> Result<Name, Error> {
    let mut sum: Option<Name> = None;
    for member in model.members() {
        let outputs = of_model(graph, features, &member.model)?;
        let weight = graph.number(member.weight);
        let weighted = graph.node("Mul", &[&outputs, &weight]);
        sum = Some(match sum {
            Some(sum) => graph.node("Add", &[&sum, &weighted]),
            None => weighted,
        });
    }
    let mean = sum.ok_or(Error::Misfit { what: "an ensemble has no members" })?;
    Ok(calibrated(graph, &mean, model.calibration()))
}

/// As [`Calibration::apply`].
fn calibrated(graph: &mut Graph, mean: &str, calibration: &Calibration) -> Name {
    let positive = |graph: &mut Graph| {
        let one = graph.longs(&[1], &[1]);
        graph.node_with("Gather", &[mean, &one], vec![int("axis", 1)])
    };
    let both = |graph: &mut Graph, positive: Name| {
        let one = graph.number(1.0);
        let negative = graph.node("Sub", &[&one, &positive]);
        graph.beside(&[negative, positive])
    };
    match calibration {
        Calibration::None => mean.to_owned(),
        Calibration::Temperature { exponent } => {
            let exponent = graph.number(*exponent);
            let powers = graph.node("Pow", &[mean, &exponent]);
            let axis = graph.longs(&[1], &[1]);
            let sum = graph.node("ReduceSum", &[&powers, &axis]);
            graph.node("Div", &[&powers, &sum])
        }
        Calibration::Platt { slope, intercept } => {
            let probability = positive(graph);
            let [low, high, one] =
                [Calibration::EDGE, 1.0 - Calibration::EDGE, 1.0].map(|of| graph.number(of));
            let above = graph.node("Max", &[&probability, &low]);
            let clamped = graph.node("Min", &[&above, &high]);
            let rest = graph.node("Sub", &[&one, &clamped]);
            let odds = graph.node("Div", &[&clamped, &rest]);
            let log_odds = graph.node("Log", &[&odds]);
            let [slope, intercept] = [*slope, *intercept].map(|of| graph.number(of));
            let scaled = graph.node("Mul", &[&log_odds, &slope]);
            let margin = graph.node("Add", &[&scaled, &intercept]);
            sigmoid(graph, &margin, 1.0)
        }
        Calibration::Isotonic { inputs, outputs } => {
            let probability = positive(graph);
            let line = line(graph, &probability, inputs, outputs);
            both(graph, line)
        }
    }
}

/// The line through points, flat outside of them: the first value and what each stretch adds.
fn line(graph: &mut Graph, x: &str, inputs: &[f64], outputs: &[f64]) -> Name {
    let first = graph.number(outputs.first().copied().unwrap_or_default());
    let stretches: Vec<(f64, f64, f64)> = inputs
        .iter()
        .zip(inputs.iter().skip(1))
        .zip(outputs.iter().zip(outputs.iter().skip(1)))
        .map(|((low, high), (from, to))| (*low, *high, to - from))
        .collect();
    if stretches.is_empty() {
        let zero = graph.number(0.0);
        let zeros = graph.node("Mul", &[x, &zero]);
        return graph.node("Add", &[&zeros, &first]);
    }
    let lows: Vec<f64> = stretches.iter().map(|of| of.0).collect();
    let widths: Vec<f64> = stretches.iter().map(|of| of.1 - of.0).collect();
    let rises: Vec<f64> = stretches.iter().map(|of| of.2).collect();
    let [lows, widths] = [lows, widths].map(|of| graph.doubles(&[1, of.len()], &of));
    let rises = graph.doubles(&[rises.len(), 1], &rises);
    let shares = affine::shares(graph, x, &lows, &widths);
    let risen = graph.node("MatMul", &[&shares, &rises]);
    graph.node("Add", &[&risen, &first])
}

fn link(link: Link) -> OutputForm {
    match link {
        Link::Logit => OutputForm::Sigmoid(1.0),
        Link::Softmax => OutputForm::Softmax,
        Link::Identity => OutputForm::Same,
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

fn network_link(link: NetworkLink) -> OutputForm {
    match link {
        NetworkLink::Logit => OutputForm::Sigmoid(1.0),
        NetworkLink::Softmax => OutputForm::Softmax,
        NetworkLink::Identity => OutputForm::Same,
        NetworkLink::Exponential => OutputForm::Exponential,
    }
}

/// The margins of a network, layer after layer.
fn network(graph: &mut Graph, features: &Features, model: &NetworkModel) -> Result<Name, Error> {
    let (first, others) =
        model.layers.split_first().ok_or(Error::Misfit { what: "a network has no layers" })?;
    let weights = |layer: &NetworkLayer| -> Vec<f64> {
        layer.weights.iter().copied().map(f64::from).collect()
    };
    let (values, units) = (weights(first), first.units());
    let of_column =
        |column: usize| values.get(column * units..(column + 1) * units).unwrap_or(&[]).to_vec();
    let mut sums = affine::affine(graph, features, &model.encoding, &first.biases, &of_column)?;
    let zero = graph.number(0.0);
    for layer in others {
        let active = graph.node("Max", &[&sums, &zero]);
        let weights = graph.doubles(&[layer.inputs(), layer.units()], &weights(layer));
        let biases = graph.doubles(&[1, layer.units()], &layer.biases);
        let products = graph.node("MatMul", &[&active, &weights]);
        sums = graph.node("Add", &[&products, &biases]);
    }
    Ok(sums)
}
