//! Spans of requests: only where the caller sent a trace that is recorded, so that others cost nothing.

use axum::http::Request;
use bus::trace::TRACEPARENT;
use process::spans;
use process::telemetry::{continue_from, current_trace, recorded};
use tonic::metadata::MetadataMap;
use tracing::Span;

/// The gRPC service, as spans name it.
const SERVICE: &str = "inference.GRPCInferenceService";

/// The span of a REST request; none where its caller records no trace.
pub(crate) fn request<B>(request: &Request<B>) -> Span {
    let given = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok());
    let Some(parent) = recorded(given) else { return Span::none() };
    let path = request.uri().path();
    let span = spans::http_request(request.method().as_str(), &route(path), path);
    continue_from(&span, parent);
    span
}

/// The span of a call by gRPC; none where its caller records no trace.
pub(crate) fn call(metadata: &MetadataMap, method: &'static str) -> Span {
    let given = metadata.get(TRACEPARENT).and_then(|value| value.to_str().ok());
    let Some(parent) = recorded(given) else { return Span::none() };
    let span = spans::rpc_request(SERVICE, method);
    continue_from(&span, parent);
    span
}

/// The trace context that a prediction event carries on: the request's span, where there is one, else what the caller gave.
pub(crate) fn carried(given: String) -> String {
    current_trace().map_or(given, |current| current.to_string())
}

/// A path with placeholders for the names in it.
fn route(path: &str) -> String {
    let mut route = String::with_capacity(path.len());
    let mut kind = "";
    for part in path.split('/').skip(1) {
        route.push('/');
        let placeholder = match kind {
            "models" => Some("{model}"),
            "versions" => Some("{version}"),
            "endpoints" => Some("{endpoint}"),
            _ => None,
        };
        route.push_str(placeholder.unwrap_or(part));
        kind = placeholder.map_or(part, |_| "");
    }
    route
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_models_are_no_part_of_a_route() {
        for (path, expected) in [
            ("/v2/models/churn/infer", "/v2/models/{model}/infer"),
            ("/v2/models/a/versions/3/explain", "/v2/models/{model}/versions/{version}/explain"),
            ("/endpoints/churn/invocations", "/endpoints/{endpoint}/invocations"),
            ("/v2/models/models/infer", "/v2/models/{model}/infer"),
            ("/invocations", "/invocations"),
            ("/", "/"),
        ] {
            assert_eq!(route(path), expected);
        }
    }

    #[test]
    fn a_request_without_a_recorded_trace_has_no_span() {
        let of = |traceparent: Option<&str>| {
            let mut builder = Request::post("/v2/models/m/infer");
            if let Some(traceparent) = traceparent {
                builder = builder.header(TRACEPARENT, traceparent);
            }
            builder.body(()).map(|it| request(&it).is_none()).unwrap_or_default()
        };
        assert!(of(None) && of(Some("nonsense")));
        assert!(of(Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")), "not sampled");
    }
}
