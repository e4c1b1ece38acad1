"""An endpoint: a name under which model servers answer predictions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from . import _frames
from ._http import segment
from .documents import (
    DriftDocument,
    EndpointDocument,
    FeedbackDocument,
    MonitoringDocument,
)
from .errors import ConflictError, DataError, NotFoundError, ServingError

if TYPE_CHECKING:
    from ._http import Server
    from .fleet import Fleet

__all__ = ["Answers", "Endpoint", "Explanations"]

#: Rows of a request, and values, both bounded by the server (65,536 rows, 16 MiB).
_ROWS, _CELLS = 4096, 200_000
#: Rows of a request that are explained, as the model server has it by default.
_EXPLAINED_ROWS = 1000
#: Most elements and outcomes of a request that tells outcomes, which has 8 MiB at most.
_ELEMENTS, _OUTCOMES = 10_000, 100_000


@dataclass
class Answers:
    """Predictions of rows, in their order.

    Attributes:
        endpoint: Name of the endpoint.
        prediction: The class as text, or the number.
        probabilities: Probability of each class by its name, 0 to 1, one per row; empty for numbers.
        versions: The version that answered each row; several, with commas between them, where an ensemble did.
        request_ids: Identity of the request of each row, by which its outcome can be told.
        rows: Place of each row in its request, from 0.
    """

    endpoint: str
    prediction: list[Any] = field(default_factory=list)
    probabilities: dict[str, list[float]] = field(default_factory=dict)
    versions: list[str] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.prediction)

    def frame(self, like: Any = None) -> Any:
        """All of it as a DataFrame, as `tier0 predict --ids` writes it; of the kind and with the index of `like`."""
        probabilities = {f"probability_{name}": values for name, values in self.probabilities.items()}
        ids: dict[str, list[Any]] = {"model_version": self.versions, "request_id": self.request_ids, "row": self.rows}
        return _frames.frame({"prediction": self.prediction, **probabilities, **ids}, like)


@dataclass
class Explanations:
    """What each column contributes to the margin of each row.

    Attributes:
        names: The columns that the model uses.
        classes: The classes whose margins they are; one entry that is empty where there is a single margin.
        base: The margin without any column, one per class.
        margin: Base and contributions together: rows, then classes.
        contributions: Rows, then classes, then columns.
        margin_of: What the margin is of, such as `log-odds of Yes`.
    """

    names: list[str]
    classes: list[str]
    base: list[float]
    margin: list[list[float]] = field(default_factory=list)
    contributions: list[list[list[float]]] = field(default_factory=list)
    margin_of: str = ""

    def frame(self, like: Any = None) -> Any:
        """Base, margin and contributions as a DataFrame, as `tier0 predict --explain` writes them."""
        columns: dict[str, list[float]] = {}
        for place, name in enumerate(self.classes):
            of = f"_{name}" if len(self.classes) > 1 else ""
            columns[f"base{of}"] = [self.base[place]] * len(self.margin)
            columns[f"margin{of}"] = [margins[place] for margins in self.margin]
            for at, column in enumerate(self.names):
                columns[f"contribution{of}_{column}"] = [row[place][at] for row in self.contributions]
        return _frames.frame(columns, like)


class Endpoint:
    """An endpoint of a fleet.

    Attributes:
        name: Its name.
    """

    def __init__(self, fleet: Fleet, name: str) -> None:
        self.name = name
        self._fleet = fleet
        self._path = f"/api/v1/endpoints/{segment(name)}"
        self._serving = f"/v2/models/{segment(name)}"

    def __repr__(self) -> str:
        return f"<tier0.Endpoint {self.name}>"

    # Predictions.

    def _server(self) -> Server:
        if self._fleet.serving_url:
            return self._fleet.model_server()
        live = [server for server in self.show().get("servers", []) if server["live_version"] > 0]
        if not live:
            raise ConflictError(409, "nothing_answers", f"endpoint `{self.name}` is held by no model server that reports")
        return self._fleet.model_server(live[0]["url"])

    def metadata(self) -> dict[str, Any]:
        """Inputs and outputs of the live version, as the Open Inference Protocol has them.

        Raises:
            NotFoundError: No version answers there.
        """
        try:
            return cast("dict[str, Any]", self._server().get(self._serving))
        except ServingError as error:
            if error.status != 404:
                raise
            known = [one["name"] for one in self._fleet.endpoints()]
            raise NotFoundError(404, "endpoint_not_found", f"no endpoint `{self.name}`", "endpoint", known) from error

    def _requests(
        self, data: Any, metadata: Mapping[str, Any], entity_ids: Sequence[Any] | None, most: int
    ) -> Iterable[tuple[int, dict[str, Any]]]:
        """The rows as requests, each with its number of rows."""
        inputs, names = metadata["inputs"], set(_frames.names_of(data))
        missing = [one["name"] for one in inputs if one["name"] not in names]
        if missing:
            raise DataError(
                f"the table has no column {', '.join(missing)}, which the model of endpoint `{self.name}` needs", missing[0]
            )
        signature = {one["name"]: one for one in (metadata.get("parameters") or {}).get("signature", [])}
        columns = [
            (one["name"], one["datatype"], signature.get(one["name"], {}), _frames.values_of(data, one["name"]))
            for one in inputs
        ]
        rows = _frames.rows_of(data)
        if entity_ids is not None and len(entity_ids) != rows:
            raise DataError(f"entity_ids has {len(entity_ids)} values; expected one for each of the {rows} rows")
        step = max(1, min(most, _CELLS // max(1, len(columns))))
        for start in range(0, rows, step):
            end = min(start + step, rows)
            body: dict[str, Any] = {
                "inputs": [
                    _frames.tensor(name, datatype, of, values[start:end], start) for name, datatype, of, values in columns
                ]
            }
            if entity_ids is not None:
                body["parameters"] = {"entity_ids": [str(one) for one in entity_ids[start:end]]}
            yield end - start, body

    def predict(self, data: Any, *, entity_ids: Sequence[Any] | None = None) -> Answers:
        """Predictions of the rows of a DataFrame, or of a list of dicts, in their order.

        Columns that the model does not take are left out. Each request's answer is recorded once by the fleet.

        Args:
            entity_ids: Whom the rows are about, one per row, by which outcomes can be told later.

        Raises:
            DataError: A column is missing, or a value is not what the model takes.
            ServingError: The model server refused the request.
        """
        answers = Answers(self.name)
        server = self._server()
        for rows, body in self._requests(data, self.metadata(), entity_ids, _ROWS):
            answer = server.post(f"{self._serving}/infer", body)
            outputs = {output["name"]: output["data"] for output in answer["outputs"]}
            answers.prediction.extend(outputs["prediction"])
            for name, values in outputs.items():
                if name.startswith("probability_"):
                    answers.probabilities.setdefault(name.removeprefix("probability_"), []).extend(values)
            answers.versions.extend([answer["model_version"]] * rows)
            answers.request_ids.extend([answer["id"]] * rows)
            answers.rows.extend(range(rows))
        return answers

    def explain(self, data: Any, *, version: int | str | None = None) -> Explanations:
        """What each column contributes to the margin of each row, by the live version or a named one."""
        server, metadata = self._server(), self.metadata()
        of_version = f"/versions/{segment(str(version))}" if version is not None else ""
        outputs = [one["name"] for one in metadata["outputs"]]
        classes = [name.removeprefix("probability_") for name in outputs if name.startswith("probability_")]
        whole: Explanations | None = None
        for rows, body in self._requests(data, metadata, None, _EXPLAINED_ROWS):
            answer = server.post(f"{self._serving}{of_version}/explain", body)
            found = {output["name"]: output["data"] for output in answer["outputs"]}
            margins, width = len(found["base"]), len(found["names"])
            if whole is None:
                whole = Explanations(found["names"], classes if margins > 1 else [""], found["base"])
                whole.margin_of = str((answer.get("parameters") or {}).get("margin_of", ""))
            for row in range(rows):
                at = range(row * margins, (row + 1) * margins)
                whole.margin.append([found["margin"][place] for place in at])
                flat = found["contributions"]
                whole.contributions.append([flat[place * width : (place + 1) * width] for place in at])
        return whole or Explanations([], [], [])

    # Outcomes and monitoring.

    def feedback(
        self,
        outcomes: Sequence[Any],
        *,
        answers: Answers | None = None,
        entity_ids: Sequence[Any] | None = None,
        observed_at: str | None = None,
    ) -> FeedbackDocument:
        """Tells what became of rows that were predicted.

        Args:
            outcomes: The true class or number of each row; None where it is not known.
            answers: The predictions whose rows they are, in their order.
            entity_ids: In place of `answers`: whom the outcomes are about, one each; the newest prediction counts.
            observed_at: A day, or a time such as `2026-11-25T12:00:00Z`; now where it is not given.

        Raises:
            DataError: There are not as many outcomes as rows, or neither `answers` nor `entity_ids` is given.
        """
        known = [_frames.plain(value) for value in outcomes]
        at = {"observed_at": observed_at} if observed_at else {}
        if (answers is None) == (entity_ids is None):
            raise DataError("give either answers, the predictions whose outcomes they are, or entity_ids")
        said = len(answers) if answers is not None else len(entity_ids or [])
        if said != len(known):
            raise DataError(f"there are {len(known)} outcomes for {said} rows; expected one for each, None where it is not known")
        elements: list[dict[str, Any]] = []
        if answers is not None:
            by_request: dict[str, list[Any]] = {}
            for request, value in zip(answers.request_ids, known, strict=True):
                by_request.setdefault(request, []).append(value)
            for request, values in by_request.items():
                if any(value is not None for value in values):
                    elements.append({"request_id": request, "outcomes": values, **at})
        else:
            for entity, value in zip(entity_ids or [], known, strict=True):
                if value is not None:
                    elements.append({"entity_id": str(entity), "outcome": value, **at})
        told = FeedbackDocument(feedback_ids=[], published=0, duplicates=0)
        for body in _bodies(elements):
            part = self._fleet.api.post(f"{self._path}/feedback", {"feedback": body})
            told["feedback_ids"] += part["feedback_ids"]
            told["published"] += part["published"]
            told["duplicates"] += part["duplicates"]
        return told

    def monitoring(self) -> MonitoringDocument:
        """All that is known of its traffic: counts, drift, performance with intervals, open alerts."""
        return cast(MonitoringDocument, self._fleet.api.get(f"{self._path}/monitoring"))

    def drift(self) -> DriftDocument | None:
        """How the latest window of its traffic differs from the rows that the version was trained on; None before a check."""
        return self.monitoring()["drift"]

    def drift_history(self) -> list[dict[str, Any]]:
        """Drift by column at the latest checks, the oldest first, 16 at most."""
        return cast("list[dict[str, Any]]", self._fleet.api.get(f"{self._path}/monitoring/history")["drift"])

    # The versions that answer.

    def show(self) -> EndpointDocument:
        """What answers, how requests are divided, the rollout, the servers."""
        return cast(EndpointDocument, self._fleet.api.get(self._path))

    def promote(self, reason: str = "", *, full: bool = False) -> EndpointDocument:
        """Lets a paused rollout go on by a step (`full`: to its end); else gives all traffic to the version on trial."""
        return cast(EndpointDocument, self._fleet.change(f"{self._path}/promote", {"full": full, "reason": reason}))

    def rollback(self, reason: str = "") -> EndpointDocument:
        """Takes the last step back: the end of a rollout or a split, or the version before."""
        return cast(EndpointDocument, self._fleet.change(f"{self._path}/rollback", {"reason": reason}))


def _bodies(elements: Sequence[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Elements in parts that a request may have."""
    part: list[dict[str, Any]] = []
    outcomes = 0
    for element in elements:
        size = len(element.get("outcomes", [None]))
        if part and (len(part) == _ELEMENTS or outcomes + size > _OUTCOMES):
            yield part
            part, outcomes = [], 0
        part.append(element)
        outcomes += size
    if part:
        yield part
