//! Nodes and constants of a graph, one after the other. Values are known by their names.

use std::collections::BTreeMap;

use crate::proto::{
    AttributeProto, AttributeType, DataType, DimensionProto, GraphProto, NodeProto, TensorProto,
    TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};
use crate::{Kind, Tensor};

/// The domain of the operators for classical models.
pub(crate) const ML: &str = "ai.onnx.ml";
/// What stands before the names of values that are neither inputs nor outputs.
const INNER: &str = "tier0:";

/// The name of a value.
pub(crate) type Name = String;

/// A graph that is being written.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
    /// Scalars that are there, by their bits.
    numbers: BTreeMap<u64, Name>,
    integers: BTreeMap<i64, Name>,
    named: usize,
}

impl Graph {
    fn name(&mut self) -> Name {
        self.named += 1;
        format!("{INNER}{}", self.named)
    }

    /// A node of one output.
    pub(crate) fn node(&mut self, operator: &str, inputs: &[&str]) -> Name {
        self.node_with(operator, inputs, Vec::new())
    }

    /// A node of one output with attributes.
    pub(crate) fn node_with(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: Vec<AttributeProto>,
    ) -> Name {
        let output = self.name();
        self.push("", operator, inputs, attributes, vec![output.clone()]);
        output
    }

    /// A node of one output that is an output of the graph.
    pub(crate) fn node_as(&mut self, operator: &str, inputs: &[&str], output: &str) {
        self.push("", operator, inputs, Vec::new(), vec![output.to_owned()]);
    }

    /// A node of an operator for classical models.
    pub(crate) fn model_node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: Vec<AttributeProto>,
    ) -> Name {
        let output = self.name();
        self.push(ML, operator, inputs, attributes, vec![output.clone()]);
        output
    }

    /// A text without blanks around it: split at nothing, which leaves out the blanks at both ends.
    pub(crate) fn trimmed(&mut self, texts: &str) -> Name {
        let (text, count) = (self.name(), self.name());
        self.push("", "StringSplit", &[texts], vec![int("maxsplit", 0)], vec![text.clone(), count]);
        text
    }

    fn push(
        &mut self,
        domain: &str,
        operator: &str,
        inputs: &[&str],
        attribute: Vec<AttributeProto>,
        output: Vec<Name>,
    ) {
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|input| (*input).to_owned()).collect(),
            output,
            name: format!("{operator}_{}", self.nodes.len()),
            op_type: operator.to_owned(),
            attribute,
            domain: domain.to_owned(),
        });
    }

    /// A number, for every row.
    pub(crate) fn number(&mut self, value: f64) -> Name {
        if let Some(name) = self.numbers.get(&value.to_bits()) {
            return name.clone();
        }
        let name = self.doubles(&[], &[value]);
        self.numbers.insert(value.to_bits(), name.clone());
        name
    }

    /// A whole number, for every row.
    pub(crate) fn integer(&mut self, value: i64) -> Name {
        if let Some(name) = self.integers.get(&value) {
            return name.clone();
        }
        let name = self.longs(&[], &[value]);
        self.integers.insert(value, name.clone());
        name
    }

    /// A tensor of numbers.
    pub(crate) fn doubles(&mut self, dims: &[usize], values: &[f64]) -> Name {
        let mut tensor = doubles(values);
        tensor.dims = dims.iter().copied().map(length).collect();
        self.constant(tensor)
    }

    /// A tensor of whole numbers.
    pub(crate) fn longs(&mut self, dims: &[usize], values: &[i64]) -> Name {
        self.constant(TensorProto {
            dims: dims.iter().copied().map(length).collect(),
            data_type: DataType::Int64.into(),
            raw_data: Some(values.iter().flat_map(|value| value.to_le_bytes()).collect()),
            ..TensorProto::default()
        })
    }

    /// A list of texts.
    pub(crate) fn texts<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) -> Name {
        let string_data: Vec<Vec<u8>> =
            values.into_iter().map(|text| text.as_bytes().to_vec()).collect();
        self.constant(TensorProto {
            dims: vec![length(string_data.len())],
            data_type: DataType::String.into(),
            string_data,
            ..TensorProto::default()
        })
    }

    fn constant(&mut self, tensor: TensorProto) -> Name {
        let name = self.name();
        self.constants.push(TensorProto { name: name.clone(), ..tensor });
        name
    }

    /// Numbers as another type.
    pub(crate) fn cast(&mut self, value: &str, to: DataType) -> Name {
        self.node_with("Cast", &[value], vec![int("to", i32::from(to).into())])
    }

    /// Values in a single row, `[n]`.
    pub(crate) fn flat(&mut self, value: &str) -> Name {
        let shape = self.longs(&[1], &[-1]);
        self.node("Reshape", &[value, &shape])
    }

    /// Values in a single column, `[n, 1]`.
    pub(crate) fn upright(&mut self, value: &str) -> Name {
        let shape = self.longs(&[2], &[-1, 1]);
        self.node("Reshape", &[value, &shape])
    }

    /// Columns side by side.
    pub(crate) fn beside(&mut self, columns: &[Name]) -> Name {
        match columns {
            [one] => one.clone(),
            _ => {
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                self.node_with("Concat", &columns, vec![int("axis", 1)])
            }
        }
    }

    /// `then` where `condition` holds, else `otherwise`.
    pub(crate) fn choose(&mut self, condition: &str, then: &str, otherwise: &str) -> Name {
        self.node("Where", &[condition, then, otherwise])
    }

    /// The graph. A single input has two dimensions, of several each has one.
    pub(crate) fn finish(self, inputs: &[Tensor], outputs: &[Tensor], single: bool) -> GraphProto {
        GraphProto {
            node: self.nodes,
            name: "tier0".to_owned(),
            initializer: self.constants,
            input: inputs.iter().map(|tensor| value_info(tensor, single)).collect(),
            output: outputs.iter().map(|tensor| value_info(tensor, false)).collect(),
        }
    }
}

/// An attribute that is a whole number.
pub(crate) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        i: Some(value),
        r#type: AttributeType::Int.into(),
        ..AttributeProto::default()
    }
}

/// An attribute that is a text.
pub(crate) fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        s: Some(value.as_bytes().to_vec()),
        r#type: AttributeType::String.into(),
        ..AttributeProto::default()
    }
}

/// An attribute that is a list of whole numbers.
pub(crate) fn ints(name: &str, ints: Vec<i64>) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        ints,
        r#type: AttributeType::Ints.into(),
        ..AttributeProto::default()
    }
}

/// An attribute that is a list of texts.
pub(crate) fn strings<'a>(name: &str, texts: impl IntoIterator<Item = &'a str>) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        strings: texts.into_iter().map(|text| text.as_bytes().to_vec()).collect(),
        r#type: AttributeType::Strings.into(),
        ..AttributeProto::default()
    }
}

/// An attribute that is a tensor.
pub(crate) fn tensor(name: &str, tensor: TensorProto) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        t: Some(TensorProto { name: name.to_owned(), ..tensor }),
        r#type: AttributeType::Tensor.into(),
        ..AttributeProto::default()
    }
}

/// A list of numbers.
pub(crate) fn doubles(values: &[f64]) -> TensorProto {
    TensorProto {
        dims: vec![length(values.len())],
        data_type: DataType::Double.into(),
        raw_data: Some(values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        ..TensorProto::default()
    }
}

/// A list of bytes.
pub(crate) fn bytes(values: Vec<u8>) -> TensorProto {
    TensorProto {
        dims: vec![length(values.len())],
        data_type: DataType::Uint8.into(),
        raw_data: Some(values),
        ..TensorProto::default()
    }
}

/// A length in ONNX; what is in memory is never longer.
pub(crate) fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn value_info(tensor: &Tensor, upright: bool) -> ValueInfoProto {
    let rows = DimensionProto { dim_value: None, dim_param: Some("rows".to_owned()) };
    let one = DimensionProto { dim_value: Some(1), dim_param: None };
    let elem_type = match tensor.kind {
        Kind::Double => DataType::Double,
        Kind::Long => DataType::Int64,
        Kind::Boolean => DataType::Bool,
        Kind::Text => DataType::String,
    };
    let dim = if upright { vec![rows, one] } else { vec![rows] };
    ValueInfoProto {
        name: tensor.name.clone(),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: elem_type.into(),
                shape: Some(TensorShapeProto { dim }),
            }),
        }),
    }
}
