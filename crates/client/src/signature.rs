//! How a model reads its inputs, as its server describes it.

use serde::Deserialize;
use tabular::parse::{ColumnReader, MissingMarkers};
use tabular::{ColumnType, Field, TextForm};

use crate::v2::Metadata;

/// What a server says of a model beside the protocol.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct ModelParameters {
    /// How each input is read; empty where the server does not say.
    #[serde(default)]
    pub signature: Vec<InputSignature>,
}

/// How an input is read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct InputSignature {
    /// Name of the input.
    pub name: String,
    /// Type of its values.
    pub column_type: ColumnType,
    /// How texts spell them.
    #[serde(default)]
    pub form: TextForm,
    /// What means a missing value.
    #[serde(default)]
    pub missing_markers: MissingMarkers,
}

impl Metadata {
    /// How each input is read, in their order; by the datatype where the server does not say more.
    #[must_use]
    pub fn readers(&self) -> Vec<ColumnReader> {
        let of = |input: &crate::v2::TensorMetadata| {
            let said = self.parameters.signature.iter().find(|said| said.name == input.name);
            let (field, markers) = match said {
                Some(said) => (
                    Field::new(&input.name, said.column_type).with_form(said.form.clone()),
                    said.missing_markers.clone(),
                ),
                None => {
                    let column_type = match input.datatype.as_str() {
                        "BYTES" => ColumnType::Text,
                        "BOOL" => ColumnType::Boolean,
                        _ => ColumnType::Number,
                    };
                    (Field::new(&input.name, column_type), MissingMarkers::default())
                }
            };
            ColumnReader { field, markers }
        };
        self.inputs.iter().map(of).collect()
    }
}
