//! The gRPC listener: `inference.GRPCInferenceService`.

use std::sync::Arc;
use std::time::Instant;

use prost::Message as _;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Request, Response, Status};

use crate::describe::{self, Tensor};
use crate::error::InferError;
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
use crate::rest::ROUTING_KEY;
use crate::server::{About, EXTENSIONS, NAME, Question, Server, Told, is_token};

/// The service over a server's state.
#[derive(Debug)]
pub struct Service {
    server: Arc<Server>,
}

/// The service, bounded as configured.
pub fn service(server: Arc<Server>) -> GrpcInferenceServiceServer<Service> {
    let limit = server.serving.max_body_bytes;
    GrpcInferenceServiceServer::new(Service { server })
        .max_decoding_message_size(limit)
        .max_encoding_message_size(usize::MAX)
}

/// Turns an error into a status, counted.
fn refuse(error: &InferError, endpoint: Option<&str>) -> Status {
    crate::telemetry::refused(endpoint, error.kind());
    if let InferError::Score(source) = error {
        tracing::error!(endpoint, error = %source, "rows could not be scored");
    }
    let mut status = Status::new(error.code(), error.to_string());
    if matches!(error, InferError::Overloaded | InferError::NotReady { .. }) {
        status.metadata_mut().insert("retry-after", MetadataValue::from_static("1"));
    }
    status
}

/// A version that a request names; empty means none.
fn named(version: &str) -> Option<&str> {
    (!version.is_empty()).then_some(version)
}

fn text<'a>(metadata: &'a MetadataMap, name: &str) -> Option<&'a str> {
    metadata.get(name)?.to_str().ok()
}

impl Service {
    #[allow(clippy::result_large_err, reason = "a status is what gRPC's methods give")]
    fn authorize(&self, metadata: &MetadataMap) -> Result<(), Status> {
        let Some(expected) = &self.server.token else {
            return Ok(());
        };
        let given = text(metadata, "authorization").and_then(|value| value.strip_prefix("Bearer "));
        if given.is_some_and(|given| is_token(given.trim(), expected)) {
            return Ok(());
        }
        Err(Status::unauthenticated("the bearer token is missing or wrong"))
    }

    async fn infer(
        &self,
        metadata: &MetadataMap,
        request: ModelInferRequest,
        begun: Instant,
    ) -> Result<(ModelInferResponse, Told), InferError> {
        let bytes = request.encoded_len();
        let _admission = self.server.admit(bytes)?;
        let key = text(metadata, ROUTING_KEY).filter(|key| !key.is_empty());
        let resolved =
            self.server.route(&request.model_name, named(&request.model_version), key)?;
        let id = Some(request.id.clone()).filter(|id| !id.is_empty());
        let about = About {
            resolved,
            bytes,
            begun,
            id: text(metadata, "x-request-id").map(str::to_owned),
            traceparent: text(metadata, "traceparent").and_then(crate::events::traceparent),
        };
        self.server
            .infer(
                about,
                move |_| {
                    let (input, wanted) = read(request)?;
                    Ok(Question { input, id, wanted })
                },
                write,
            )
            .await
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
        self.authorize(request.metadata())?;
        let request = request.into_inner();
        let catalogue = self.server.shelf.snapshot();
        match catalogue.resolve(&request.name, named(&request.version)) {
            Ok(_) => Ok(Response::new(ModelReadyResponse { ready: true })),
            Err(InferError::NotReady { .. } | InferError::UnknownVersion { .. }) => {
                Ok(Response::new(ModelReadyResponse { ready: false }))
            }
            Err(error) => Err(refuse(&error, None)),
        }
    }

    async fn server_metadata(
        &self,
        request: Request<ServerMetadataRequest>,
    ) -> Result<Response<ServerMetadataResponse>, Status> {
        self.authorize(request.metadata())?;
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
        self.authorize(request.metadata())?;
        let request = request.into_inner();
        let catalogue = self.server.shelf.snapshot();
        let resolved = catalogue
            .resolve(&request.name, named(&request.version))
            .map_err(|error| refuse(&error, None))?;
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
        self.authorize(request.metadata())?;
        let (metadata, _, request) = request.into_parts();
        let endpoint = request.model_name.clone();
        match self.infer(&metadata, request, begun).await {
            Ok((response, told)) => {
                let mut response = Response::new(response);
                for (name, value) in told.headers() {
                    if let Ok(value) = value.parse() {
                        response.metadata_mut().insert(name, value);
                    }
                }
                Ok(response)
            }
            Err(error) => {
                let known = self.server.shelf.snapshot().endpoints.contains_key(&endpoint);
                Err(refuse(&error, known.then_some(&endpoint)))
            }
        }
    }

    async fn repository_index(
        &self,
        request: Request<RepositoryIndexRequest>,
    ) -> Result<Response<RepositoryIndexResponse>, Status> {
        self.authorize(request.metadata())?;
        let only_ready = request.into_inner().ready;
        let models = describe::index(&self.server.shelf.snapshot())
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
