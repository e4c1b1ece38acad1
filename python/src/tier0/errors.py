"""What can go wrong, each with what would be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "ApiError",
    "ConflictError",
    "DataError",
    "FleetSilentError",
    "MissingPackageError",
    "NoFleetError",
    "NotFittedError",
    "NotFoundError",
    "RefusedError",
    "RunCancelledError",
    "RunError",
    "RunFailedError",
    "RunTimeoutError",
    "SecretFileError",
    "ServingError",
    "Tier0Error",
]


class Tier0Error(Exception):
    """Every error of this package.

    Attributes:
        code: Stable identifier in snake_case, for programs.
    """

    code = "error"


class NoFleetError(Tier0Error):
    """No fleet runs where one was looked for."""

    code = "no_fleet"


class SecretFileError(Tier0Error):
    """A file with a token or a key cannot be read, or can be read or changed by others."""

    code = "secret_file"


class FleetSilentError(Tier0Error):
    """A server of the fleet does not answer, or the connection to it broke."""

    code = "fleet_silent"


class MissingPackageError(Tier0Error, ImportError):
    """A package is needed that is not installed; the message names it."""

    code = "missing_package"


class NotFittedError(Tier0Error):
    """The predictor has no endpoint yet."""

    code = "not_fitted"


class DataError(Tier0Error, ValueError):
    """A table cannot be sent as it is.

    Attributes:
        column: Name of the column concerned; empty where it is the table as a whole.
        suggestions: What would be accepted instead, the closest first.
    """

    code = "data"

    def __init__(self, message: str, column: str = "", suggestions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.column = column
        self.suggestions = list(suggestions)


class ApiError(Tier0Error):
    """The orchestrator refused a question or a change, in its own words.

    Attributes:
        status: Status of the HTTP answer, from 400 on.
        code: The API's stable identifier, such as `version_not_found`.
        message: The error and its causes as one sentence.
        subject: The field, column or file that was refused; empty where it is the request as a whole.
        suggestions: What would be accepted instead, the closest first.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        subject: str = "",
        suggestions: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.subject = subject
        self.suggestions = list(suggestions)

    def __str__(self) -> str:
        of = f" ({self.subject})" if self.subject else ""
        instead = f"; expected for example {', '.join(self.suggestions)}" if self.suggestions else ""
        return f"{self.code}{of}: {self.message}{instead}"


class RefusedError(ApiError):
    """A request for a model was not accepted: `subject` names its field, `suggestions` say what would be (422)."""


class ForbiddenError(ApiError):
    """The token is not taken (401), or its role lacks a right, which the message names with the role that has it (403)."""


class NotFoundError(ApiError):
    """A run, model, version, endpoint or alert that is not there; `suggestions` are those that are (404)."""


class ConflictError(ApiError):
    """Something is not in the state for a change, such as a run that has ended (409)."""


class ServingError(Tier0Error):
    """The model server refused or failed a request.

    Attributes:
        status: Status of the HTTP answer, from 400 on.
        message: The server's own words, which name column and row without the value.
    """

    code = "serving"

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class RunError(Tier0Error):
    """A run did not end with a model.

    Attributes:
        run_id: Identifier of the run.
        code: Why, as a stable identifier, such as `quality_gate_failed`.
        stage: The agent at which it ended; empty where it has not ended.
        suggestions: What would be accepted instead.
    """

    def __init__(
        self, message: str, run_id: str, code: str, stage: str = "", suggestions: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.run_id = run_id
        self.code = code
        self.stage = stage
        self.suggestions = list(suggestions)


class RunFailedError(RunError):
    """A stage decided that the run cannot go on."""


class RunCancelledError(RunError):
    """A person or a program cancelled the run."""


class RunTimeoutError(RunError):
    """The run goes on, but not to its end within the time that was given for waiting."""


_BY_STATUS: Mapping[int, type[ApiError]] = {
    401: ForbiddenError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    422: RefusedError,
}


def of_api(status: int, document: Any) -> ApiError:
    """The error of an answer of the API: `{"error": {"code", "message", "missing", "refused"}}`."""
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict):
        return ApiError(status, "unreadable_answer", f"the API answered with status {status} and no reason")
    refused, missing = error.get("refused") or {}, error.get("missing") or {}
    return _BY_STATUS.get(status, ApiError)(
        status,
        str(error.get("code", "")),
        str(error.get("message", "")),
        str(refused.get("subject") or missing.get("kind") or ""),
        refused.get("suggestions") or missing.get("known") or [],
    )


def of_serving(status: int, document: Any) -> ServingError:
    """The error of an answer of the model server: `{"error": "…"}`."""
    message = document.get("error") if isinstance(document, dict) else None
    return ServingError(status, str(message or f"the model server answered with status {status} and no reason"))
