"""From a table to a served model and its predictions, in three lines."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from . import _frames, _metrics, drift
from ._request import RequestOptions
from .documents import ComparisonDocument, DriftDocument, EndpointDocument, FeedbackDocument, VersionDocument
from .endpoints import Answers, Endpoint, Explanations
from .errors import DataError, NotFittedError
from .fleet import Fleet, connect
from .plots import Plots
from .progress import Progress
from .runs import Run

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["TabularPredictor"]

_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")


class TabularPredictor:
    """Learns one column of a table from the others, on a fleet, and predicts it.

    Attributes:
        label: The column that is predicted; None of a predictor that was made by `load`, before it was asked.
        run: The run of the last fit; None before.
        name: Name of the model and of its endpoint; None before it is known.
    """

    def __init__(
        self,
        label: str,
        *,
        name: str | None = None,
        problem_type: Literal["binary", "multiclass", "regression"] | None = None,
        eval_metric: str | None = None,
        positive_class: str | None = None,
        fleet: Fleet | None = None,
    ) -> None:
        """Makes a predictor; nothing is asked of the fleet before `fit`.

        Args:
            label: The column to be predicted.
            name: Name of the model and its endpoint: letters, digits, `-` and `_`; after the label where it is None.
            problem_type: What kind of problem it is; concluded from the label's values where it is None.
            eval_metric: The metric that is optimised, such as `roc_auc`; what suits the problem where it is None.
            positive_class: The class counted as positive, of two classes.
            fleet: The fleet; the one that `connect()` finds where it is None.
        """
        self.label = label
        self.name = name
        self.run: Run | None = None
        self._options: dict[str, Any] = {
            "problem_type": problem_type,
            "metric": eval_metric,
            "positive_class": positive_class,
        }
        self._fleet = fleet
        self._to_label: Callable[[Any], Any] = _as_it_is
        self._trained_on: Any = None
        self._kind: _frames.Kind | None = None

    @classmethod
    def load(cls, name: str, *, fleet: Fleet | None = None) -> TabularPredictor:
        """A predictor of an endpoint that is there already.

        Raises:
            NotFoundError: There is no such endpoint; `suggestions` has those that there are.
        """
        fleet = fleet or connect()
        live = fleet.endpoint(name).show().get("live")
        label = fleet.evaluation(live["model"], live["version"])["target"] if live else ""
        predictor = cls(label, name=name, fleet=fleet)
        predictor.run = fleet.run(live["run_id"]) if live and live["run_id"] else None
        return predictor

    def __repr__(self) -> str:
        return f"<tier0.TabularPredictor {self.label!r}, endpoint {self.name or 'not fitted'}>"

    @property
    def fleet(self) -> Fleet:
        """The fleet that learns and serves."""
        if self._fleet is None:
            self._fleet = connect()
        return self._fleet

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint that answers.

        Raises:
            NotFittedError: There is none yet.
        """
        if self.run is not None:
            deployed = self.run.document.get("endpoint")
            if deployed is not None:
                self.name = deployed["name"]
        if self.name is None:
            raise NotFittedError("there is no endpoint yet: fit(…) first, or TabularPredictor.load(name)")
        return self.fleet.endpoint(self.name)

    def fit(
        self,
        train_data: Any,
        *,
        wait: bool = True,
        timeout: float | None = None,
        progress: bool | Progress = True,
        keep_data: bool = False,
        **options: Unpack[RequestOptions],
    ) -> TabularPredictor:
        """Asks the fleet for a model of the label, and waits until it answers.

        Args:
            train_data: A DataFrame of pandas or polars, a list of dicts, or a path or URI of a table.
            wait: Whether to wait; else `run.wait()` does it later.
            timeout: Longest wait, in seconds; None for as long as it takes.
            progress: True shows what suits the place, False nothing; or what is to show it.
            keep_data: Whether the file that a DataFrame was written to stays once the run has ended.
            options: What else the request says, such as `time_limit`, the seconds that the search may take (60);
                see `RequestOptions`.

        Returns:
            The predictor itself.

        Raises:
            DataError: The table does not have the label, or cannot be written.
            RefusedError: The request was not accepted, such as an option with a value that it does not take.
            RunFailedError: A stage decided that it cannot go on; with code, stage and suggestions.
        """
        chosen = {option: value for option, value in {**self._options, **options}.items() if value is not None}
        name = chosen.pop("name", None) or self.name
        is_place = isinstance(train_data, (str, os.PathLike))
        if not is_place:
            self._look_for_label(train_data)
            # The name of the file that is written says nothing.
            name = name or _NO_NAME.sub("-", self.label).strip("-")[:64] or "model"
        if name:
            chosen["name"] = name
        run = self.fleet.submit(data=train_data, target=self.label, keep_data=keep_data, **cast(Any, chosen))
        self.run, self.name, self._trained_on = run, name, train_data
        self._kind = None if is_place else _frames.kind_of(train_data)
        self._to_label = _as_it_is if is_place else _label_type(train_data, self.label)
        if wait:
            run.wait(timeout, progress)
        return self

    def _look_for_label(self, data: Any) -> None:
        names = _frames.names_of(data)
        if self.label not in names:
            close = difflib.get_close_matches(self.label, names, n=5) or names[:10]
            message = f"the table has no column {self.label!r}, which is to be predicted; it has {', '.join(close)}"
            raise DataError(message, self.label, close)

    # Predictions.

    def answers(self, data: Any, *, entity_ids: Sequence[Any] | None = None) -> Answers:
        """Predictions with probabilities, versions and the identities by which outcomes are told.

        Args:
            entity_ids: Whom the rows are about, one per row.
        """
        return self.endpoint.predict(data, entity_ids=entity_ids)

    def predict(self, data: Any) -> Any:
        """Predictions of the rows, as a Series of the kind of `data`, with its index: classes of the label's type, or numbers."""
        answers = self.answers(data)
        return _frames.column([self._to_label(value) for value in answers.prediction], self.label, data)

    def predict_proba(self, data: Any) -> Any:
        """Probability of each class, as a DataFrame of the kind of `data`, with its index; a column per class, 0 to 1.

        Raises:
            DataError: The label is a number, which has no classes.
        """
        answers = self.answers(data)
        if not answers.probabilities:
            raise DataError(f"{self.label!r} is a number, which has no classes; predict() gives it", self.label)
        return _frames.frame(answers.probabilities, data)

    def explain(self, data: Any) -> Any:
        """What each column contributes to the margin of each row, as a DataFrame: base, margin, `contribution_…`."""
        return self.explanations(data).frame(data)

    def explanations(self, data: Any) -> Explanations:
        """The same with classes and the name of the margin."""
        return self.endpoint.explain(data)

    # How good it is.

    def evaluate(self, data: Any = None) -> dict[str, float]:
        """Metrics: of the version's test split, or of a table that has the label.

        Args:
            data: A DataFrame with the label, of rows that the model has not seen; None for the test split.

        Returns:
            Of a table: `accuracy`, `log_loss`, and of two classes `roc_auc` and `brier_score`; or `rmse`, `mae`, `r2`.
        """
        if data is None:
            return dict(self.version().get("metrics", {}).get("test", {}))
        if self.label not in _frames.names_of(data):
            raise DataError(f"the table has no column {self.label!r} to compare with", self.label)
        known = _frames.values_of(data, self.label)
        answers = self.answers(data)
        rows = [row for row, value in enumerate(known) if value is not None]
        if not rows:
            raise DataError(f"column {self.label!r} has no value", self.label)
        predicted = [answers.prediction[row] for row in rows]
        if answers.probabilities:
            truth = [_class(known[row], answers.probabilities) for row in rows]
            probabilities = {name: [of[row] for row in rows] for name, of in answers.probabilities.items()}
            return _metrics.of_classes(truth, predicted, probabilities)
        return _metrics.of_numbers([float(known[row]) for row in rows], [float(value) for value in predicted])

    def version(self) -> VersionDocument:
        """The version that the last fit registered; of a loaded predictor, the one that is live."""
        model = self.run.document.get("model") if self.run is not None else None
        if model is not None and model["version"] is not None:
            return self.fleet.version(model["name"], model["version"])
        live = self.endpoint.show().get("live")
        if live is None:
            raise NotFittedError("there is no version yet")
        return self.fleet.version(live["model"], live["version"])

    def leaderboard(self) -> Any:
        """The trials of the search, the best first, as a DataFrame: rank, algorithm, score, seconds, weight in the ensemble."""
        version = self.version()
        board = self.fleet.leaderboard(version["model"], version["version"]).get("leaderboard") or {}
        entries = board.get("entries", [])
        names = list(entries[0]) if entries else []
        return _frames.frame({name: [entry[name] for entry in entries] for name in names}, kind=self._kind)

    @property
    def plots(self) -> Plots:
        """ROC, precision and recall, calibration, confusion and importance of the version."""
        version = self.version()
        return Plots(self.fleet.evaluation(version["model"], version["version"]))

    # In production.

    def feedback(
        self,
        outcomes: Sequence[Any],
        *,
        answers: Answers | None = None,
        entity_ids: Sequence[Any] | None = None,
        observed_at: str | None = None,
    ) -> FeedbackDocument:
        """Tells what became of predicted rows; see `Endpoint.feedback`."""
        return self.endpoint.feedback(outcomes, answers=answers, entity_ids=entity_ids, observed_at=observed_at)

    def drift(self, data: Any = None) -> ComparisonDocument | DriftDocument | None:
        """Whether rows are like those that the model learned from.

        Args:
            data: A DataFrame or a path, which is compared with the table of the last fit; None for the latest window
                of the endpoint's traffic, as the fleet measured it (None again before its first check).

        Raises:
            NotFittedError: The table of the fit is not known to this program.
        """
        if data is None:
            return self.endpoint.drift()
        if self._trained_on is None:
            raise NotFittedError("the table of the fit is not known here; tier0.compare(reference, data) takes both")
        return drift.compare(self._trained_on, data)

    def promote(self, reason: str = "", *, full: bool = False) -> EndpointDocument:
        """Lets a paused rollout go on; see `Endpoint.promote`."""
        return self.endpoint.promote(reason, full=full)

    def rollback(self, reason: str = "") -> EndpointDocument:
        """Takes the endpoint's last step back; see `Endpoint.rollback`."""
        return self.endpoint.rollback(reason)


def _as_it_is(value: Any) -> Any:
    return value


def _label_type(data: Any, label: str) -> Callable[[Any], Any]:
    """From a class as text to the label's type, where all its values have one."""
    if label not in _frames.names_of(data):
        return _as_it_is
    types = {type(_frames.plain(value)) for value in _frames.values_of(data, label) if value is not None}
    if types == {bool}:
        known = {"true": True, "false": False, "1": True, "0": False}
        return lambda value: known.get(str(value).lower(), value)
    for kind in (int, float):
        if types == {kind}:
            return lambda value: _number(value, kind)
    return _as_it_is


def _number(value: Any, kind: type) -> Any:
    # Numbers that are predicted stay what they are; classes are texts.
    try:
        return kind(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _class(value: Any, classes: Any) -> str:
    """The text of a class: as it is, or as the model spells it."""
    value = _frames.plain(value)
    spellings = [str(value), str(value).lower()]
    if isinstance(value, bool):
        spellings.append(str(int(value)))
    elif isinstance(value, float) and value.is_integer():
        spellings.append(str(int(value)))
    return next((text for text in spellings if text in classes), str(value))
