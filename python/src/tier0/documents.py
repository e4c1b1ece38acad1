"""What the API answers, as it answers it: JSON objects with the names of the API's own documents.

Times are RFC 3339 in UTC. A part that is not known yet is None.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

__all__ = [
    "AlertDocument",
    "CalibrationBin",
    "ColumnComparison",
    "ColumnDriftDocument",
    "ComparisonDocument",
    "ConfusionDocument",
    "DataColumnDocument",
    "DataDocument",
    "DeployedDocument",
    "DriftDocument",
    "DriftReport",
    "EndpointDocument",
    "EntryDocument",
    "EvaluationDocument",
    "FeedbackDocument",
    "ImportanceDocument",
    "InputDocument",
    "LeaderboardDocument",
    "MetricDocument",
    "ModelDocument",
    "MonitoringDocument",
    "PointDocument",
    "RunDocument",
    "RunStatus",
    "StageDocument",
    "UploadDocument",
    "VerdictsDocument",
    "VersionDocument",
    "WarningDocument",
]

RunStatus = Literal["queued", "running", "succeeded", "failed", "cancelled", "refused"]
Verdict = Literal["none", "warning", "critical"]


class StageDocument(TypedDict, total=False):
    """One stage of a run."""

    agent: str
    status: str
    seconds: float | None
    attempts: int
    reused_from: str
    progress: float
    detail: str
    last_error: str


class WarningDocument(TypedDict):
    """What a stage, or the orchestrator, warns of."""

    code: str
    message: str
    agent: str


class TrainedModelDocument(TypedDict):
    """The model that a run trained; `version` once it is registered."""

    name: str
    version: int | None
    digest: str
    algorithm: str | None


class RunEndpointDocument(TypedDict):
    """The endpoint that a run deployed to."""

    name: str
    url: str


class RunDocument(TypedDict, total=False):
    """How a run stands, as `GET /api/v1/runs/ID` tells it."""

    run_id: str
    name: str
    status: RunStatus
    failed_stage: str | None
    reason: str | None
    code: str | None
    suggestions: list[str]
    model: TrainedModelDocument | None
    metrics: dict[str, dict[str, Any]]
    endpoint: RunEndpointDocument | None
    stages: list[StageDocument]
    warnings: list[WarningDocument]
    seconds: float | None
    created_at: str | None
    ended_at: str | None
    epoch: int
    priority: str
    text: str


class VerdictsDocument(TypedDict):
    """What the stages of a run decided so far."""

    run_id: str
    scope: dict[str, Any] | None
    quality_gate: dict[str, Any] | None
    features: dict[str, Any] | None
    criteria: list[dict[str, Any]]
    deployment: dict[str, Any] | None


class DataColumnDocument(TypedDict):
    """What a column of the training split looks like; of personal data counts alone."""

    name: str
    type: str
    count: int
    missing: int
    distinct: int
    distinct_estimated: bool
    spread: dict[str, Any] | None
    values: list[dict[str, Any]]


class DataDocument(TypedDict):
    """The columns of a run's training split; none before the data are prepared."""

    run_id: str
    rows: int
    columns: list[DataColumnDocument]
    omitted: int
    excluded_columns: dict[str, str]


class EntryDocument(TypedDict):
    """One trial of a search."""

    rank: int | None
    trial: int
    algorithm: str
    profile: str | None
    score: float | None
    score_std: float | None
    fold_scores: list[float]
    log_loss: float | None
    iterations: int
    fit_seconds: float | None
    predict_microseconds: float | None
    bytes: int | None
    weight: float
    pruned: bool
    parameters: dict[str, float]


class LeaderboardDocument(TypedDict, total=False):
    """How the model of a run was chosen, as far as it has come."""

    run_id: str
    leaderboard: dict[str, Any] | None
    selection: dict[str, Any] | None
    problem: str


class MetricDocument(TypedDict):
    """A metric with its 95 % interval."""

    value: float
    low: float
    high: float


class VersionDocument(TypedDict, total=False):
    """A version of a model."""

    model: str
    version: int
    stage: str
    aliases: list[str]
    algorithm: str
    digest: str
    uri: str
    bytes: int
    run_id: str
    parent_version: int | None
    created_at: str | None
    description: str
    tags: dict[str, str]
    metrics: dict[str, dict[str, float]]
    intervals: dict[str, MetricDocument]
    problem_type: str
    classes: list[str]
    inputs: list[dict[str, Any]]
    endpoints: list[dict[str, Any]]
    warnings: list[str]


class ModelDocument(TypedDict, total=False):
    """A registered model; `versions` where one model alone was asked for."""

    name: str
    latest_version: int
    production_version: int | None
    description: str
    tags: dict[str, str]
    aliases: dict[str, int]
    created_at: str | None
    versions: list[VersionDocument]


class PointDocument(TypedDict):
    """A point of a curve."""

    x: float
    y: float


class CalibrationBin(TypedDict):
    """Rows of like probability: what was predicted, and how often it came true."""

    predicted: float
    observed: float
    rows: int


class ConfusionDocument(TypedDict):
    """Test rows by what they are and what they were called."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int


class ImportanceDocument(TypedDict):
    """A feature with its share of the gain, 0 to 1."""

    feature: str
    share: float


class InputDocument(TypedDict):
    """An input of a model with a typical value."""

    name: str
    type: str
    nullable: bool
    example: Any
    levels: list[str]
    min: float | None
    max: float | None


class UploadDocument(TypedDict):
    """A table that was sent to the API, and what it looks like."""

    uri: str
    data_format: str
    rows: int
    columns: list[dict[str, Any]]
    targets: list[dict[str, str]]


class EvaluationDocument(TypedDict):
    """How a version was evaluated on its test split."""

    model: str
    version: int
    target: str
    positive_class: str | None
    threshold: float | None
    baseline: dict[str, float]
    calibration_curve: list[CalibrationBin]
    roc_curve: list[PointDocument]
    precision_recall_curve: list[PointDocument]
    confusion: ConfusionDocument | None
    importance: list[ImportanceDocument]
    inputs: list[InputDocument]
    card: str


class DeployedDocument(TypedDict):
    """A version at an endpoint."""

    model: str
    version: int
    run_id: str
    digest: str | None


class EndpointDocument(TypedDict, total=False):
    """An endpoint: what answers, how requests are divided, and the rollout."""

    name: str
    live: DeployedDocument | None
    green: DeployedDocument | None
    previous: DeployedDocument | None
    members: list[DeployedDocument]
    routing: dict[str, Any]
    rollout: dict[str, Any] | None
    reason: str
    updated_by: str
    updated_at: str | None
    revision: int
    servers: list[dict[str, Any]]


class ColumnDriftDocument(TypedDict):
    """Drift of one column."""

    name: str
    kind: str
    values_reference: int
    values_current: int
    statistics: dict[str, Any]
    tests: list[dict[str, Any]]
    statistic: str | None
    effect: float
    p_value: float
    adjusted_p_value: float
    verdict: Verdict
    reasons: list[str]


class DriftReport(TypedDict, total=False):
    """How rows differ from a reference, column by column."""

    rows_reference: int
    rows_current: int
    columns: list[ColumnDriftDocument]
    share_drifted: float
    verdict: Verdict
    significance: float
    exact: bool
    only_reference: list[str]
    only_current: list[str]
    other_kinds: list[str]


class ColumnComparison(TypedDict):
    """A column of two tables that were compared; statistics also as SciPy and Evidently define them."""

    kind: str
    verdict: Verdict
    statistic: str | None
    effect: float
    p_value: float
    adjusted_p_value: float
    reasons: list[str]
    statistics: dict[str, Any]
    tests: list[dict[str, Any]]
    evidently: dict[str, float]
    scipy: dict[str, Any]


class ComparisonDocument(TypedDict):
    """How two tables differ, column by column."""

    verdict: Verdict
    drifted: list[str]
    share_drifted: float
    significance: float
    rows: dict[str, int]
    columns: dict[str, ColumnComparison]
    changed: dict[str, dict[str, str]]
    only_reference: list[str]
    only_current: list[str]


class DriftDocument(TypedDict):
    """How a window of an endpoint's traffic differs from the version's reference."""

    endpoint: str
    version: int
    at: str
    rows: int
    report: DriftReport
    predictions: DriftReport


class AlertDocument(TypedDict, total=False):
    """What is wrong with an endpoint."""

    alert_id: str
    endpoint: str
    version: int
    kind: str
    severity: str
    subject: str
    reason: str
    value: float
    threshold: float
    state: str
    occurrences: int
    opened_at: str | None
    last_at: str | None
    note: str


class MonitoringDocument(TypedDict):
    """All that is known of an endpoint's traffic."""

    endpoint: str
    monitor: dict[str, Any] | None
    counts: dict[str, Any] | None
    drift: DriftDocument | None
    performance: dict[str, Any] | None
    alerts: list[AlertDocument]


class FeedbackDocument(TypedDict):
    """What became of outcomes that were told."""

    feedback_ids: list[str]
    published: int
    duplicates: int
