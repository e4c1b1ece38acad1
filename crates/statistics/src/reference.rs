//! What live windows are compared with: sketches of the inputs that a model was trained on and of what it predicts.

use crate::drift::{self, TableSketch};

/// Media type of an encoded [`Reference`].
pub const MEDIA_TYPE: &str = "application/vnd.tier0.sketch";
/// Name of the output that says the class or the number.
pub const PREDICTION: &str = "prediction";
/// How the names of the outputs begin that say the probability of a class.
pub const PROBABILITY: &str = "probability_";

/// Sketches of inputs and outputs, by the names that callers give and get.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reference {
    /// Inputs as callers give them.
    pub inputs: TableSketch,
    /// Outputs that are watched: see [`is_watched`].
    pub outputs: TableSketch,
}

/// Whether an output is watched: not the first of two probabilities, which says what the second one says.
#[must_use]
pub fn is_watched(names: &[&str], name: &str) -> bool {
    let mut probabilities = names.iter().filter(|name| name.starts_with(PROBABILITY));
    let first = probabilities.next();
    let are_two = probabilities.count() == 1;
    !(are_two && first.is_some_and(|first| *first == name))
}

impl Reference {
    /// As it is stored.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (inputs, outputs) = (self.inputs.encode(), self.outputs.encode());
        let mut bytes = Vec::with_capacity(8 + inputs.len() + outputs.len());
        bytes.extend((inputs.len() as u64).to_le_bytes());
        bytes.extend(inputs);
        bytes.extend(outputs);
        bytes
    }

    /// Reads what was stored.
    ///
    /// # Errors
    /// Where it is no reference, or one of its sketches is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, drift::Error> {
        let (length, rest) = bytes.split_first_chunk::<8>().unwrap_or((&[0xFF; 8], &[]));
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        // Where the length is wrong, what is left is no sketch.
        let (inputs, outputs) = rest.split_at_checked(length).unwrap_or_default();
        Ok(Self { inputs: TableSketch::decode(inputs)?, outputs: TableSketch::decode(outputs)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::ColumnSketch;

    #[test]
    fn it_comes_back_as_it_was_or_not_at_all() {
        let mut reference = Reference::default();
        let mut column = ColumnSketch::numeric();
        for value in 0..1000 {
            column.add_number(f64::from(value));
        }
        reference.inputs.rows = 1000;
        reference.inputs.columns.insert("tenure".to_owned(), column);
        let bytes = reference.encode();
        assert_eq!(Reference::decode(&bytes).unwrap().encode(), bytes);
        for cut in [0, 7, 8, 20, bytes.len() - 1] {
            assert!(Reference::decode(&bytes[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn of_two_probabilities_the_second_is_watched() {
        let two = ["prediction", "probability_no", "probability_yes"];
        let watched: Vec<&str> = two.into_iter().filter(|name| is_watched(&two, name)).collect();
        assert_eq!(watched, ["prediction", "probability_yes"]);
        let three = ["prediction", "probability_a", "probability_b", "probability_c"];
        assert!(three.iter().all(|name| is_watched(&three, name)));
    }
}
