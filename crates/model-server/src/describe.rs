//! What the server says of its endpoints, versions, inputs and outputs.

use serde_json::{Map, Value, json};
use tabular::parse::MissingMarkers;

use crate::catalogue::{Catalogue, Endpoint};
use crate::frame;
use crate::loaded::LoadedVersion;
use crate::protocol::datatype::Datatype;

/// What evaluates the models.
pub(crate) const PLATFORM: &str = "tier0_bundle";

/// An input or an output: one value per row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tensor {
    /// Name of the tensor, which is that of the column.
    pub(crate) name: String,
    /// Datatype of the tensor's elements in V2.
    pub(crate) datatype: Datatype,
}

/// One version of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndexEntry {
    /// Name of the endpoint, which the protocol calls the model.
    pub(crate) name: String,
    /// Number of the version, as text.
    pub(crate) version: String,
    /// Whether it is loaded.
    pub(crate) ready: bool,
    /// Whether it answers, or why it is not loaded.
    pub(crate) reason: String,
}

impl IndexEntry {
    /// Its state, as the protocol calls it.
    pub(crate) fn state(&self) -> &'static str {
        if self.ready { "READY" } else { "UNAVAILABLE" }
    }
}

/// The inputs of a version.
pub(crate) fn inputs(version: &LoadedVersion) -> Vec<Tensor> {
    version
        .frame
        .fields()
        .iter()
        .map(|field| Tensor {
            name: field.name.clone(),
            datatype: frame::datatype(field.column_type),
        })
        .collect()
}

/// How the inputs of a version are read: beside name and type the form of texts, and what means a missing value where that is
/// not the default.
pub(crate) fn signature(version: &LoadedVersion) -> Vec<Value> {
    let usual = MissingMarkers::default();
    let columns = version.frame.fields().iter().zip(version.frame.markers());
    columns
        .map(|(field, markers)| {
            let form = (!field.form.is_plain()).then(|| ("form", json!(field.form)));
            let markers = (*markers != usual).then(|| ("missing_markers", json!(markers)));
            let said = [("name", json!(field.name)), ("column_type", json!(field.column_type))];
            let all = said.into_iter().chain(form).chain(markers);
            all.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()
        })
        .collect()
}

/// The outputs of a version.
pub(crate) fn outputs(version: &LoadedVersion) -> Vec<Tensor> {
    let first = if version.is_classifier() { Datatype::Bytes } else { Datatype::Fp64 };
    let datatypes = std::iter::once(first).chain(std::iter::repeat(Datatype::Fp64));
    version
        .outputs
        .iter()
        .zip(datatypes)
        .map(|(name, datatype)| Tensor { name: name.to_string(), datatype })
        .collect()
}

/// The versions of an endpoint that are ready.
pub(crate) fn versions(endpoint: Option<&Endpoint>) -> Vec<String> {
    endpoint
        .map(|endpoint| endpoint.versions.keys().map(u32::to_string).collect())
        .unwrap_or_default()
}

/// Every version that is here or should be.
pub(crate) fn index(catalogue: &Catalogue) -> Vec<IndexEntry> {
    let mut entries = Vec::new();
    for (name, endpoint) in &catalogue.endpoints {
        let live = endpoint.live.as_ref().map(|live| live.number);
        for number in endpoint.versions.keys() {
            let reason = if live == Some(*number) { "live" } else { "off-traffic" };
            entries.push(IndexEntry {
                name: name.clone(),
                version: number.to_string(),
                ready: true,
                reason: reason.to_owned(),
            });
        }
        for (number, reason) in &endpoint.failures {
            entries.push(IndexEntry {
                name: name.clone(),
                version: number.to_string(),
                ready: false,
                reason: reason.clone(),
            });
        }
    }
    entries
}
