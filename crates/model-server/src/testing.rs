//! What the tests, the benchmark of this crate and the fuzzer hold of the server; the program does not use it.

use bytes::Bytes;
use prost::Message as _;

use crate::error::InferError;
use crate::protocol::{Input, csv, grpc, mlflow, parquet, v2};

pub use crate::cache::{Cache, SweepReport};
pub use crate::catalogue::Endpoint;
pub use crate::config::Serving;
pub use crate::events::EventQueue;
pub use crate::loaded::{LoadedBundle, LoadedVersion};
pub use crate::protocol::grpc::inference;
pub use crate::rest::{answer, router};
pub use crate::routing::Router;
pub use crate::server::{Clock, Server};
pub use crate::service::{serve_grpc, serve_rest};

/// The form of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyForm {
    /// The Open Inference Protocol over REST, with the length of its JSON part where binary data follow.
    V2 {
        /// What `Inference-Header-Content-Length` says.
        header_length: Option<usize>,
    },
    /// A `ModelInferRequest` of the Open Inference Protocol over gRPC.
    Grpc,
    /// The JSON forms of `/invocations`.
    InvocationsJson,
    /// CSV of `/invocations`.
    InvocationsCsv,
    /// Parquet of `/invocations`.
    InvocationsParquet,
}

/// Most rows that [`scored_rows`] takes.
const MOST_ROWS: usize = 10_000;

/// Reads a body as the listeners do, compares it with a version's inputs, and scores it: the number of rows.
///
/// # Errors
/// What a caller would be told.
pub fn scored_rows(version: &LoadedVersion, form: BodyForm, body: &[u8]) -> Result<usize, String> {
    let read = || -> Result<usize, InferError> {
        let input = read(version, form, body)?;
        let framed = version.frame.table(input, MOST_ROWS, |_| false)?;
        let predictions = version.scorer.score(&framed.table).map_err(InferError::Score)?;
        Ok(predictions.rows)
    };
    read().map_err(|error| error.to_string())
}

fn read(version: &LoadedVersion, form: BodyForm, body: &[u8]) -> Result<Input, InferError> {
    match form {
        BodyForm::V2 { header_length } => v2::read(body, header_length).map(|it| it.input),
        BodyForm::Grpc => {
            let request = inference::ModelInferRequest::decode(body).map_err(|error| {
                InferError::Malformed { problem: format!("the message is none: {error}") }
            })?;
            grpc::read(request).map(|(input, _)| input)
        }
        BodyForm::InvocationsJson => mlflow::read_json(body),
        BodyForm::InvocationsCsv => {
            csv::read(body, version.frame.fields(), &dataset::CsvDialect::default())
        }
        BodyForm::InvocationsParquet => parquet::read(Bytes::copy_from_slice(body)),
    }
}

/// The W3C trace context that a request's header gives, in the form of version 00.
#[must_use]
pub fn traceparent(given: &str) -> Option<String> {
    crate::events::traceparent(given)
}
