"""The client of a tier0 fleet: from a DataFrame to a served model and its predictions.

    >>> import tier0
    >>> predictor = tier0.TabularPredictor(label="churned").fit(table, time_limit=30)  # doctest: +SKIP
    >>> predictor.predict(rows)  # doctest: +SKIP

`connect` finds a fleet, `TabularPredictor` learns and predicts on it, `Fleet`, `Run` and `Endpoint` are the rest of it.
The guide is docs/python.md.
"""

from __future__ import annotations

from ._request import RequestOptions
from .drift import compare
from .endpoints import Answers, Endpoint, Explanations
from .errors import (
    ApiError,
    ConflictError,
    DataError,
    FleetSilentError,
    ForbiddenError,
    MissingPackageError,
    NoFleetError,
    NotFittedError,
    NotFoundError,
    RefusedError,
    RunCancelledError,
    RunError,
    RunFailedError,
    RunTimeoutError,
    SecretFileError,
    ServingError,
    Tier0Error,
)
from .fleet import Fleet, connect
from .plots import Curve, Plots
from .predictor import TabularPredictor
from .runs import Run

__version__ = "0.1.0"

__all__ = [
    "Answers",
    "ApiError",
    "ConflictError",
    "Curve",
    "DataError",
    "Endpoint",
    "Explanations",
    "Fleet",
    "FleetSilentError",
    "ForbiddenError",
    "MissingPackageError",
    "NoFleetError",
    "NotFittedError",
    "NotFoundError",
    "Plots",
    "RefusedError",
    "RequestOptions",
    "Run",
    "RunCancelledError",
    "RunError",
    "RunFailedError",
    "RunTimeoutError",
    "SecretFileError",
    "ServingError",
    "TabularPredictor",
    "Tier0Error",
    "compare",
    "connect",
]
