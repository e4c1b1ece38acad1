//! Categories replaced by their target statistics: what `scoring::CategoryEncoding` does, as nodes.

use scoring::{CategoryEncoding, CategoryTable};

use crate::Error;
use crate::features::Features;
use crate::graph::{Graph, Name};
use crate::proto::DataType;

/// The encoded columns, and whether each still has category codes for values.
pub(crate) fn columns(
    graph: &mut Graph,
    features: &Features,
    encoding: &CategoryEncoding,
) -> Result<(Vec<Name>, Vec<bool>), Error> {
    if features.columns.len() != encoding.features.len() {
        return Err(Error::Misfit { what: "the model takes another number of features" });
    }
    let (mut columns, mut categorical) = (Vec::new(), Vec::new());
    let all = features.columns.iter().zip(&features.categorical).zip(&encoding.features);
    for ((column, codes), table) in all {
        match table {
            None => {
                columns.push(column.clone());
                categorical.push(*codes);
            }
            Some(table) => {
                columns.push(of_table(graph, column, table));
                categorical.extend(std::iter::repeat_n(false, table.width));
            }
        }
    }
    Ok((columns, categorical))
}

/// The group of numbers of each code; the last but one for a missing value, the last for any other.
fn of_table(graph: &mut Graph, column: &str, table: &CategoryTable) -> Name {
    let codes = table.codes();
    let [zero, end, missing_group, other] =
        [0.0, codes as f64, codes as f64, codes as f64 + 1.0].map(|of| graph.number(of));
    let missing = graph.node("IsNaN", &[column]);
    let not_below = graph.node("GreaterOrEqual", &[column, &zero]);
    let below = graph.node("Less", &[column, &end]);
    let within = graph.node("And", &[&not_below, &below]);
    let known = graph.choose(&within, column, &other);
    let group = graph.choose(&missing, &missing_group, &known);
    let group = graph.cast(&group, DataType::Int64);
    let group = graph.flat(&group);
    let values = graph.doubles(&[codes + 2, table.width], &table.values);
    graph.node("Gather", &[&values, &group])
}
