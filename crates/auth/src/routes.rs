//! What each route of each listener needs: the one table.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::Right;

/// A listener, by what it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surface {
    /// Health and metrics, of every process.
    Process,
    /// The orchestrator's API and console.
    Api,
    /// The model server over REST.
    Rest,
    /// The model server over gRPC.
    Grpc,
}

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it tells nothing beyond whether the process is up, or is how one says who one is.
    Open,
    /// A right.
    Right(Right),
}

/// One route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The listener that has it.
    pub surface: Surface,
    /// Its method, `POST` for gRPC; `GET` stands for `HEAD` as well.
    pub method: &'static str,
    /// Its path, with parameters in braces.
    pub path: &'static str,
    /// What it needs.
    pub need: Need,
}

impl Surface {
    /// All listeners.
    pub const ALL: [Self; 4] = [Self::Process, Self::Api, Self::Rest, Self::Grpc];

    /// Its name in metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Process => "http",
            Self::Api => "api",
            Self::Rest => "rest",
            Self::Grpc => "grpc",
        }
    }
}

const fn row(surface: Surface, method: &'static str, path: &'static str, need: Need) -> Route {
    Route { surface, method, path, need }
}

/// Every route.
pub const ROUTES: &[Route] = &[
    row(Surface::Process, "GET", "/healthz", Need::Open),
    row(Surface::Process, "GET", "/readyz", Need::Open),
    row(Surface::Process, "GET", "/metrics", Need::Right(Right::ReadMetrics)),
    row(Surface::Api, "GET", "/api/v1/runs", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/runs/{run}", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/runs/{run}/timeline", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/runs/{run}/verdicts", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/runs/{run}/data", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/runs/{run}/leaderboard", Need::Right(Right::Read)),
    row(Surface::Api, "POST", "/api/v1/runs", Need::Right(Right::SubmitRuns)),
    row(Surface::Api, "POST", "/api/v1/uploads", Need::Right(Right::SubmitRuns)),
    row(Surface::Api, "POST", "/api/v1/runs/{run}/cancel", Need::Right(Right::ChangeOwnRuns)),
    row(Surface::Api, "POST", "/api/v1/runs/{run}/retry", Need::Right(Right::ChangeOwnRuns)),
    row(Surface::Api, "GET", "/api/v1/models", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/models/{model}", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/models/{model}/versions/{version}", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/versions", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/models/{model}/compare", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/models/{model}/history", Need::Right(Right::Read)),
    row(
        Surface::Api,
        "GET",
        "/api/v1/models/{model}/versions/{version}/leaderboard",
        Need::Right(Right::Read),
    ),
    row(
        Surface::Api,
        "GET",
        "/api/v1/models/{model}/versions/{version}/evaluation",
        Need::Right(Right::Read),
    ),
    row(Surface::Api, "POST", "/api/v1/models/{model}/tags", Need::Right(Right::DescribeModels)),
    row(
        Surface::Api,
        "POST",
        "/api/v1/models/{model}/description",
        Need::Right(Right::DescribeModels),
    ),
    row(
        Surface::Api,
        "POST",
        "/api/v1/models/{model}/versions/{version}/tags",
        Need::Right(Right::DescribeModels),
    ),
    row(
        Surface::Api,
        "POST",
        "/api/v1/models/{model}/versions/{version}/notes",
        Need::Right(Right::DescribeModels),
    ),
    row(
        Surface::Api,
        "POST",
        "/api/v1/models/{model}/versions/{version}/description",
        Need::Right(Right::DescribeModels),
    ),
    row(
        Surface::Api,
        "POST",
        "/api/v1/models/{model}/versions/{version}/stage",
        Need::Right(Right::ChangeModels),
    ),
    row(
        Surface::Api,
        "POST",
        "/api/v1/models/{model}/aliases/{alias}",
        Need::Right(Right::ChangeModels),
    ),
    row(Surface::Api, "GET", "/api/v1/endpoints", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/endpoints/{endpoint}", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/endpoints/{endpoint}/history", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/endpoints/{endpoint}/monitoring", Need::Right(Right::Read)),
    row(
        Surface::Api,
        "GET",
        "/api/v1/endpoints/{endpoint}/monitoring/history",
        Need::Right(Right::Read),
    ),
    row(Surface::Api, "GET", "/api/v1/endpoints/{endpoint}/retraining", Need::Right(Right::Read)),
    row(
        Surface::Api,
        "POST",
        "/api/v1/endpoints/{endpoint}/split",
        Need::Right(Right::ChangeEndpoints),
    ),
    row(
        Surface::Api,
        "POST",
        "/api/v1/endpoints/{endpoint}/promote",
        Need::Right(Right::ChangeEndpoints),
    ),
    row(
        Surface::Api,
        "POST",
        "/api/v1/endpoints/{endpoint}/rollback",
        Need::Right(Right::ChangeEndpoints),
    ),
    row(Surface::Api, "POST", "/api/v1/endpoints/{endpoint}/predict", Need::Right(Right::Predict)),
    row(
        Surface::Api,
        "POST",
        "/api/v1/endpoints/{endpoint}/feedback",
        Need::Right(Right::TellOutcomes),
    ),
    row(
        Surface::Api,
        "POST",
        "/api/v1/endpoints/{endpoint}/retraining/approve",
        Need::Right(Right::AnswerRetrainings),
    ),
    row(
        Surface::Api,
        "POST",
        "/api/v1/endpoints/{endpoint}/retraining/decline",
        Need::Right(Right::AnswerRetrainings),
    ),
    row(Surface::Api, "GET", "/api/v1/alerts", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/alerts/{alert}", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/retraining", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/audit", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/dead-letters", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/dead-letters/{id}", Need::Right(Right::Read)),
    row(
        Surface::Api,
        "POST",
        "/api/v1/alerts/{alert}/acknowledge",
        Need::Right(Right::AnswerAlerts),
    ),
    row(Surface::Api, "POST", "/api/v1/alerts/{alert}/resolve", Need::Right(Right::AnswerAlerts)),
    row(
        Surface::Api,
        "POST",
        "/api/v1/dead-letters/{id}/replay",
        Need::Right(Right::ReplayDeadLetters),
    ),
    row(Surface::Api, "GET", "/api/v1/events", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/health", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/me", Need::Right(Right::Read)),
    row(Surface::Api, "GET", "/api/v1/openapi.json", Need::Right(Right::Read)),
    row(Surface::Api, "POST", "/api/v1/session", Need::Open),
    row(Surface::Api, "DELETE", "/api/v1/session", Need::Open),
    row(Surface::Api, "GET", "/console", Need::Open),
    row(Surface::Api, "GET", "/console/", Need::Open),
    row(Surface::Api, "GET", "/console/{*path}", Need::Open),
    row(Surface::Rest, "GET", "/v2/health/live", Need::Open),
    row(Surface::Rest, "GET", "/v2/health/ready", Need::Open),
    row(Surface::Rest, "GET", "/ping", Need::Open),
    row(Surface::Rest, "GET", "/health", Need::Open),
    row(Surface::Rest, "GET", "/version", Need::Open),
    row(Surface::Rest, "GET", "/v2", Need::Right(Right::Read)),
    row(Surface::Rest, "GET", "/v2/", Need::Right(Right::Read)),
    row(Surface::Rest, "POST", "/v2/repository/index", Need::Right(Right::Read)),
    row(Surface::Rest, "GET", "/v2/models/{model}", Need::Right(Right::Read)),
    row(Surface::Rest, "GET", "/v2/models/{model}/ready", Need::Right(Right::Read)),
    row(Surface::Rest, "GET", "/v2/models/{model}/versions/{version}", Need::Right(Right::Read)),
    row(
        Surface::Rest,
        "GET",
        "/v2/models/{model}/versions/{version}/ready",
        Need::Right(Right::Read),
    ),
    row(Surface::Rest, "POST", "/v2/models/{model}/infer", Need::Right(Right::Predict)),
    row(
        Surface::Rest,
        "POST",
        "/v2/models/{model}/versions/{version}/infer",
        Need::Right(Right::Predict),
    ),
    row(Surface::Rest, "POST", "/v2/models/{model}/explain", Need::Right(Right::Predict)),
    row(
        Surface::Rest,
        "POST",
        "/v2/models/{model}/versions/{version}/explain",
        Need::Right(Right::Predict),
    ),
    row(Surface::Rest, "POST", "/invocations", Need::Right(Right::Predict)),
    row(Surface::Rest, "POST", "/endpoints/{endpoint}/invocations", Need::Right(Right::Predict)),
    row(Surface::Grpc, "POST", "/inference.GRPCInferenceService/ServerLive", Need::Open),
    row(Surface::Grpc, "POST", "/inference.GRPCInferenceService/ServerReady", Need::Open),
    row(
        Surface::Grpc,
        "POST",
        "/inference.GRPCInferenceService/ServerMetadata",
        Need::Right(Right::Read),
    ),
    row(
        Surface::Grpc,
        "POST",
        "/inference.GRPCInferenceService/ModelReady",
        Need::Right(Right::Read),
    ),
    row(
        Surface::Grpc,
        "POST",
        "/inference.GRPCInferenceService/ModelMetadata",
        Need::Right(Right::Read),
    ),
    row(
        Surface::Grpc,
        "POST",
        "/inference.GRPCInferenceService/RepositoryIndex",
        Need::Right(Right::Read),
    ),
    row(
        Surface::Grpc,
        "POST",
        "/inference.GRPCInferenceService/ModelInfer",
        Need::Right(Right::Predict),
    ),
];

static BY_NAME: LazyLock<HashMap<(Surface, &'static str, &'static str), Need>> =
    LazyLock::new(|| {
        ROUTES.iter().map(|route| ((route.surface, route.method, route.path), route.need)).collect()
    });

/// What a route needs: by its listener, its method and its path with parameters in braces. A route without a row needs
/// [`Right::Administer`].
#[must_use]
pub fn need(surface: Surface, method: &str, path: &str) -> Need {
    let method = if method == "HEAD" { "GET" } else { method };
    let rows: &HashMap<(Surface, &str, &str), Need> = &BY_NAME;
    rows.get(&(surface, method, path)).copied().unwrap_or(Need::Right(Right::Administer))
}

/// The methods that a path takes, with parameters in braces; none where it is no path of this listener.
#[must_use]
pub fn methods(surface: Surface, path: &str) -> Vec<&'static str> {
    let of_path = ROUTES.iter().filter(|route| route.surface == surface && route.path == path);
    of_path.map(|route| route.method).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_stands_there_once() {
        assert_eq!(BY_NAME.len(), ROUTES.len());
    }

    #[test]
    fn what_has_no_row_is_for_administrators() {
        let administer = Need::Right(Right::Administer);
        assert_eq!(need(Surface::Api, "GET", "/api/v1/runs"), Need::Right(Right::Read));
        assert_eq!(need(Surface::Api, "HEAD", "/api/v1/runs"), Need::Right(Right::Read));
        assert_eq!(need(Surface::Api, "DELETE", "/api/v1/runs"), administer);
        assert_eq!(need(Surface::Api, "GET", "/api/v1/none"), administer);
        assert_eq!(need(Surface::Rest, "GET", "/api/v1/runs"), administer, "another listener's");
    }
}
