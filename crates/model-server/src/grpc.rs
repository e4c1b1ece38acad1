//! The gRPC listener: `inference.GRPCInferenceService`.

mod admission;
mod connections;

use std::sync::Arc;
use std::time::{Duration, Instant};

use process::spans;
use prost::Message as _;
use tonic::codec::CompressionEncoding;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Request, Response, Status};
use tracing::Instrument as _;

pub(crate) use self::admission::Admissions;
use self::admission::Arriving;
pub(crate) use self::connections::incoming;
use crate::catalogue::ResolvedVersion;
use crate::describe::{self, Tensor};
use crate::error::InferError;
use crate::load::BodyRoom;
use crate::protocol::grpc::inference::grpc_inference_service_server::{
    GrpcInferenceService, GrpcInferenceServiceServer,
};
use crate::protocol::grpc::inference::model_metadata_response::TensorMetadata;
use crate::protocol::grpc::inference::repository_index_response::ModelIndex;
use crate::protocol::grpc::inference::{
    ModelInferRequest, ModelInferResponse, ModelMetadataRequest, ModelMetadataResponse,
    ModelReadyRequest, ModelReadyResponse, RepositoryIndexRequest, RepositoryIndexResponse,
    ServerLiveRequest, ServerLiveResponse, ServerMetadataRequest, ServerMetadataResponse,
    ServerReadyRequest, ServerReadyResponse,
};
use crate::protocol::grpc::{read, write};
use crate::rest::{ENTITY_IDS, ROUTING_KEY};
use crate::server::{EXTENSIONS, InferRequest, NAME, RequestContext, ResponseHeaders, Server};
use crate::telemetry::RequestLabels;

/// Name of the listener in metrics and logs.
pub(crate) const LISTENER: &str = "grpc";

/// The service over a server's state.
#[derive(Debug)]
pub(crate) struct Service {
    server: Arc<Server>,
}

/// The service, bounded as configured.
pub(crate) fn service(server: Arc<Server>) -> GrpcInferenceServiceServer<Service> {
    let limit = server.serving.max_body_bytes;
    // The limit holds for what a message is once it is decompressed as well. Answers are small, and go as they are.
    GrpcInferenceServiceServer::new(Service { server })
        .accept_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Deflate)
        .max_decoding_message_size(limit)
        .max_encoding_message_size(usize::MAX)
}

/// Turns an error into a status, counted.
fn refuse(error: &InferError, request_labels: RequestLabels<'_>) -> Status {
    crate::telemetry::refused(request_labels, error.kind());
    if let InferError::Score(source) = error {
        tracing::error!(endpoint = request_labels.endpoint, error = %source, "rows could not be scored");
    }
    let mut status = Status::new(error.code(), error.to_string());
    if let Some(seconds) = error.retry_after() {
        status.metadata_mut().insert("retry-after", MetadataValue::from(seconds));
    }
    status
}

/// The longest time that a caller waits: up to eight digits and a unit, as gRPC has it.
fn requested_timeout(metadata: &MetadataMap) -> Result<Option<Duration>, InferError> {
    let Some(value) = metadata.get("grpc-timeout") else {
        return Ok(None);
    };
    let parsed = value.to_str().ok().and_then(|text| {
        let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let count = digits.parse::<u64>().ok().filter(|_| digits.len() <= 8)?;
        Some(match unit {
            "H" => Duration::from_secs(count.saturating_mul(3600)),
            "M" => Duration::from_secs(count.saturating_mul(60)),
            "S" => Duration::from_secs(count),
            "m" => Duration::from_millis(count),
            "u" => Duration::from_micros(count),
            "n" => Duration::from_nanos(count),
            _ => return None,
        })
    });
    parsed.map(Some).ok_or(InferError::BadDeadline {
        header: "grpc-timeout",
        expected: "digits and a unit such as 250m",
    })
}

/// Puts the identity and the trace context of a request on its answer.
fn with_response_headers<T>(
    answer: T,
    response_headers: &ResponseHeaders,
    traceparent: Option<&str>,
) -> Response<T> {
    let mut response = Response::new(answer);
    let id = [
        ("x-request-id", Some(response_headers.id.clone())),
        ("traceparent", traceparent.map(str::to_owned)),
    ];
    let who = response_headers.headers().into_iter().map(|(name, value)| (name, Some(value)));
    for (name, value) in id.into_iter().chain(who) {
        if let Some(value) = value.and_then(|value| MetadataValue::try_from(value).ok()) {
            response.metadata_mut().insert(name, value);
        }
    }
    response
}

/// A version that a request names; empty means none.
fn named(version: &str) -> Option<&str> {
    (!version.is_empty()).then_some(version)
}

fn text<'a>(metadata: &'a MetadataMap, name: &str) -> Option<&'a str> {
    metadata.get(name)?.to_str().ok()
}

impl Service {
    async fn infer(
        &self,
        metadata: &MetadataMap,
        (request, room): (ModelInferRequest, Option<BodyRoom>),
        resolved: ResolvedVersion,
        begun: Instant,
    ) -> Result<Response<ModelInferResponse>, InferError> {
        let until = self.server.deadline_for(requested_timeout(metadata)?);
        let bytes = request.encoded_len();
        let mut room = room.unwrap_or_else(|| self.server.body_room());
        room.cover(bytes)?;
        let admission = self.server.admit_body(room)?;
        let key = text(metadata, ROUTING_KEY).filter(|key| !key.is_empty());
        let resolved = self.server.route(resolved, key);
        let traceparent = text(metadata, "traceparent").and_then(crate::events::traceparent);
        let id = Some(request.id.clone()).filter(|id| !id.is_empty());
        let request_context = RequestContext {
            resolved,
            bytes,
            begun,
            id: text(metadata, "x-request-id").map(str::to_owned),
            traceparent: traceparent.clone().map(crate::trace::carried),
            entities: text(metadata, ENTITY_IDS).map(crate::events::entities).unwrap_or_default(),
            until,
            admission,
        };
        let (response, response_headers) = self
            .server
            .infer(
                request_context,
                move |_| {
                    let (input, wanted) = read(request)?;
                    Ok(InferRequest { input, id, entities: Vec::new(), wanted })
                },
                write,
            )
            .await?;
        Ok(with_response_headers(response, &response_headers, traceparent.as_deref()))
    }
}

fn tensors(all: Vec<Tensor>) -> Vec<TensorMetadata> {
    all.into_iter()
        .map(|tensor| TensorMetadata {
            name: tensor.name,
            datatype: tensor.datatype.as_str().to_owned(),
            shape: vec![-1],
        })
        .collect()
}

#[tonic::async_trait]
impl GrpcInferenceService for Service {
    async fn server_live(
        &self,
        _request: Request<ServerLiveRequest>,
    ) -> Result<Response<ServerLiveResponse>, Status> {
        Ok(Response::new(ServerLiveResponse { live: true }))
    }

    async fn server_ready(
        &self,
        _request: Request<ServerReadyRequest>,
    ) -> Result<Response<ServerReadyResponse>, Status> {
        Ok(Response::new(ServerReadyResponse { ready: self.server.is_ready() }))
    }

    async fn model_ready(
        &self,
        request: Request<ModelReadyRequest>,
    ) -> Result<Response<ModelReadyResponse>, Status> {
        let request = request.into_inner();
        let catalogue = self.server.model_catalogue.snapshot();
        match catalogue.resolve(&request.name, named(&request.version)) {
            Ok(_) => Ok(Response::new(ModelReadyResponse { ready: true })),
            Err(InferError::NotReady { .. } | InferError::UnknownVersion { .. }) => {
                Ok(Response::new(ModelReadyResponse { ready: false }))
            }
            Err(error) => Err(refuse(&error, RequestLabels::default())),
        }
    }

    async fn server_metadata(
        &self,
        _request: Request<ServerMetadataRequest>,
    ) -> Result<Response<ServerMetadataResponse>, Status> {
        Ok(Response::new(ServerMetadataResponse {
            name: NAME.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            extensions: EXTENSIONS.map(str::to_owned).to_vec(),
        }))
    }

    async fn model_metadata(
        &self,
        request: Request<ModelMetadataRequest>,
    ) -> Result<Response<ModelMetadataResponse>, Status> {
        let request = request.into_inner();
        let catalogue = self.server.model_catalogue.snapshot();
        let resolved = catalogue
            .resolve(&request.name, named(&request.version))
            .map_err(|error| refuse(&error, RequestLabels::default()))?;
        let endpoint = catalogue.endpoints.get(&request.name).map(AsRef::as_ref);
        Ok(Response::new(ModelMetadataResponse {
            name: resolved.endpoint,
            versions: describe::versions(endpoint),
            platform: describe::PLATFORM.to_owned(),
            inputs: tensors(describe::inputs(&resolved.version)),
            outputs: tensors(describe::outputs(&resolved.version)),
        }))
    }

    async fn model_infer(
        &self,
        request: Request<ModelInferRequest>,
    ) -> Result<Response<ModelInferResponse>, Status> {
        let begun = Instant::now();
        let (metadata, extensions, request) = request.into_parts();
        let room = extensions.get::<Arriving>().and_then(Arriving::take);
        let name = request.model_name.clone();
        let catalogue = self.server.model_catalogue.snapshot();
        let endpoint = catalogue.endpoints.contains_key(&name).then_some(name.as_str());
        let resolved = catalogue
            .resolve(&name, named(&request.model_version))
            .map_err(|error| refuse(&error, RequestLabels { endpoint, version: None }))?;
        let version = Some(resolved.version.number);
        let span = crate::trace::call(&metadata, "ModelInfer");
        let answer = self
            .infer(&metadata, (request, room), resolved, begun)
            .instrument(span.clone())
            .await
            .map_err(|error| refuse(&error, RequestLabels { endpoint, version }));
        let code = answer.as_ref().map_or_else(Status::code, |_| Code::Ok);
        spans::rpc_answered(&span, code as i32);
        answer
    }

    async fn repository_index(
        &self,
        request: Request<RepositoryIndexRequest>,
    ) -> Result<Response<RepositoryIndexResponse>, Status> {
        let only_ready = request.into_inner().ready;
        let models = describe::index(&self.server.model_catalogue.snapshot())
            .into_iter()
            .filter(|entry| entry.ready || !only_ready)
            .map(|entry| ModelIndex {
                state: entry.state().to_owned(),
                name: entry.name,
                version: entry.version,
                reason: entry.reason,
            })
            .collect();
        Ok(Response::new(RepositoryIndexResponse { models }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn a_callers_time_has_digits_and_a_unit() {
        let of = |text: &'static str| {
            let mut metadata = MetadataMap::new();
            metadata.insert("grpc-timeout", MetadataValue::from_static(text));
            requested_timeout(&metadata)
        };
        for (text, time) in [
            ("1H", Duration::from_secs(3600)),
            ("2M", Duration::from_secs(120)),
            ("99999999S", Duration::from_secs(99_999_999)),
            ("250m", Duration::from_millis(250)),
            ("7u", Duration::from_micros(7)),
            ("0n", Duration::ZERO),
        ] {
            assert_eq!(of(text).unwrap(), Some(time));
        }
        for wrong in ["", "5", "S", "-1S", "1.5S", "123456789S", "1s"] {
            assert!(matches!(of(wrong), Err(InferError::BadDeadline { .. })), "{wrong}");
        }
        assert_eq!(requested_timeout(&MetadataMap::new()).unwrap(), None);
    }
}
