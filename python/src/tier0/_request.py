"""A request for a model, as `tier0.v1.request` takes it in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

__all__ = ["RequestOptions", "request"]

Strategy = Literal["blue-green", "canary", "shadow", "ab-test", "champion-challenger", "weighted", "ensemble"]


class RequestOptions(TypedDict, total=False):
    """What a request may say beside its data and its target; docs/workflow.md has each with its default."""

    #: Name of the model and of its endpoint.
    name: str
    #: The class counted as positive, of two classes.
    positive_class: str
    #: The metric that is optimised, such as `roc_auc`.
    metric: str
    problem_type: Literal["binary", "multiclass", "regression"]
    #: Seconds that the search may take; 60 by default.
    time_limit: float
    #: Most trials; runs of one seed, table and number give the same model.
    max_trials: int
    seed: int
    strategy: Strategy
    priority: Literal["low", "normal", "high"]
    #: Thresholds that the model has to reach on the test split, such as `{"roc_auc": 0.8}`.
    gates: Mapping[str, float]
    #: Whether the default threshold of the metric gates.
    strict: bool
    exclude_columns: Sequence[str]
    #: Columns that are used whatever they look like.
    require_columns: Sequence[str]
    #: Columns that may tell the target all but alone, because they are known before it.
    allow_leakage: Sequence[str]
    entity_column: str
    time_column: str
    split: Literal["random", "stratified", "entity", "time"]
    weight_column: str
    group_columns: Sequence[str]
    #: Inputs that the prediction may only rise or only fall with.
    monotone: Mapping[str, Literal["increasing", "decreasing"]]
    #: What a regression minimises, such as `absolute`.
    loss: str
    quantile: float
    #: What the decision threshold is chosen for, such as `{"metric": "cost", "falsePositiveCost": 1, "falseNegativeCost": 10}`.
    threshold: Mapping[str, Any]
    balance_classes: bool
    min_rows: int
    min_quality: float
    drop_duplicates: bool
    missing_markers: Sequence[str]
    #: Whether all work is done anew.
    no_cache: bool
    #: Serve the model that was judged, instead of its recipe fitted again on more rows.
    keep_judged: bool
    #: The last agent to run; all run without it.
    until: str
    labels: Mapping[str, str]
    #: Further members of the request by their names in the schema, as they are.
    members: Mapping[str, Any]


_NAMES: Mapping[str, str] = {
    "time_limit": "timeBudgetSeconds",
    "max_trials": "maxTrials",
    "positive_class": "positiveClass",
    "strict": "strictCriteria",
    "exclude_columns": "excludeColumns",
    "require_columns": "requireColumns",
    "allow_leakage": "allowLeakage",
    "entity_column": "entityColumn",
    "time_column": "timeColumn",
    "weight_column": "weightColumn",
    "group_columns": "groupColumns",
    "balance_classes": "balanceClasses",
    "min_rows": "minRows",
    "min_quality": "minQualityScore",
    "drop_duplicates": "dropDuplicates",
    "missing_markers": "missingMarkers",
    "no_cache": "noCache",
    "keep_judged": "keepJudgedModel",
}
_ENUMS: Mapping[str, tuple[str, str]] = {
    "problem_type": ("problemType", "PROBLEM_TYPE"),
    "strategy": ("strategy", "DEPLOYMENT_STRATEGY"),
    "priority": ("priority", "PRIORITY"),
    "split": ("splitMethod", "SPLIT_METHOD"),
}
_PLAIN = ("name", "metric", "seed", "loss", "quantile", "threshold", "until", "labels")


def request(options: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a request.

    Raises:
        TypeError: An option is not one of `RequestOptions`.
    """
    known = set(RequestOptions.__annotations__)
    if unknown := sorted(set(options) - known):
        raise TypeError(f"unknown option {', '.join(map(repr, unknown))}; expected one of {', '.join(sorted(known))}")
    members: dict[str, Any] = {}
    for option, value in options.items():
        if value is None:
            continue
        if option in _ENUMS:
            member, prefix = _ENUMS[option]
            members[member] = f"{prefix}_{str(value).upper().replace('-', '_')}"
        elif option == "gates":
            gates = dict(value).items()
            members["criteria"] = [{"metric": name, "threshold": least, "gate": True} for name, least in gates]
        elif option == "monotone":
            members["monotoneConstraints"] = [
                {"column": column, "direction": f"MONOTONE_DIRECTION_{direction.upper()}"}
                for column, direction in dict(value).items()
            ]
        elif option == "members":
            members.update(value)
        else:
            plain = option in _PLAIN or isinstance(value, (str, Mapping)) or not isinstance(value, Sequence)
            members[_NAMES.get(option, option)] = value if plain else list(value)
    if "quantile" in members:
        members.setdefault("loss", "quantile")
    return members
