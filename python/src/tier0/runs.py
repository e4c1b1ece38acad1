"""A run: the work that follows from one accepted request, from the intake to its result."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from . import progress as shown
from ._http import segment
from .documents import DataDocument, LeaderboardDocument, RunDocument, StageDocument, VerdictsDocument, WarningDocument
from .errors import (
    ApiError,
    FleetSilentError,
    NotFoundError,
    RunCancelledError,
    RunFailedError,
    RunTimeoutError,
)

if TYPE_CHECKING:
    from .fleet import Fleet

__all__ = ["Run"]

_FINAL = ("succeeded", "failed", "cancelled", "refused")
#: A stream of events says at least every 10 s that it lives; after three times that it is gone.
_SILENCE = 30.0
#: How long a fleet may be away while a run is followed, in seconds.
_AWAY = 60.0
#: How long the API may not know a run that was just accepted, in seconds.
_NEW = 10.0


class Run:
    """One run of a fleet.

    Attributes:
        id: Identifier of the run.
    """

    def __init__(self, fleet: Fleet, run_id: str, cleanup: Callable[[], None] | None = None) -> None:
        self.id = run_id
        self._fleet = fleet
        self._path = f"/api/v1/runs/{segment(run_id)}"
        self._document: RunDocument | None = None
        self._cleanup = cleanup
        self._known_by = time.monotonic() + _NEW

    def __repr__(self) -> str:
        status = (self._document or {}).get("status", "not asked yet")
        return f"<tier0.Run {self.id}: {status}>"

    def refresh(self) -> RunDocument:
        """Asks how the run stands, and remembers it.

        Raises:
            NotFoundError: The fleet does not know it (any more).
        """
        while True:
            try:
                return self._take(cast(RunDocument, self._fleet.api.get(self._path)))
            except NotFoundError:
                # The API reads the stream with a delay.
                if self._document is not None or time.monotonic() > self._known_by:
                    raise
                time.sleep(0.1)

    def _take(self, document: RunDocument) -> RunDocument:
        self._document = document
        if document["status"] in _FINAL and self._cleanup is not None:
            cleanup, self._cleanup = self._cleanup, None
            cleanup()
        return document

    @property
    def document(self) -> RunDocument:
        """The run as it stood when it was asked last; asked now where it never was."""
        return self._document or self.refresh()

    @property
    def status(self) -> str:
        """`queued`, `running`, `succeeded`, `failed` or `cancelled`, as of now."""
        is_final = self._document is not None and self._document["status"] in _FINAL
        return (self.document if is_final else self.refresh())["status"]

    @property
    def stages(self) -> list[StageDocument]:
        """The stages in their order: status, seconds, attempts, and progress while one is under way."""
        return self.document["stages"]

    @property
    def warnings(self) -> list[WarningDocument]:
        """What a person should know of the result."""
        return self.document["warnings"]

    @property
    def metrics(self) -> dict[str, float]:
        """Metrics of the test split by their names; empty before the training is done."""
        return dict(self.document["metrics"].get("test") or {})

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % intervals of the metrics of the test split."""
        intervals = self.document["metrics"].get("test_interval_95") or {}
        return {name: (low, high) for name, (low, high) in intervals.items()}

    def verdicts(self) -> VerdictsDocument:
        """What the stages decided so far: scope, quality gate, features, criteria, the check before traffic."""
        return cast(VerdictsDocument, self._fleet.api.get(f"{self._path}/verdicts"))

    def data(self) -> DataDocument:
        """The columns that the run learned from: types, missing values, how they are spread."""
        return cast(DataDocument, self._fleet.api.get(f"{self._path}/data"))

    def leaderboard(self) -> LeaderboardDocument:
        """How the model was chosen, as far as it has come."""
        return cast(LeaderboardDocument, self._fleet.api.get(f"{self._path}/leaderboard"))

    def timeline(self) -> dict[str, Any]:
        """What happened to the run, message by message, with the times of each stage."""
        return cast("dict[str, Any]", self._fleet.api.get(f"{self._path}/timeline"))

    def events(self, timeout: float | None = None) -> Iterator[RunDocument]:
        """The run as it stands now, then each time that it has changed, until it has ended.

        Args:
            timeout: Longest time to follow it, in seconds, to within ten; None for as long as it takes.

        Raises:
            RunTimeoutError: The time is over; the run goes on.
            FleetSilentError: The fleet did not come back within a minute.
        """
        until = None if timeout is None else time.monotonic() + timeout
        place: str | None = None
        silent_since: float | None = None
        while True:
            try:
                for place, document in self._stream(place, until):
                    silent_since = None
                    if document is not None:
                        yield self._take(document)
                        if document["status"] in _FINAL:
                            return
            except FleetSilentError:
                silent_since = silent_since or time.monotonic()
                if time.monotonic() - silent_since > _AWAY:
                    raise
            except ApiError as error:
                if error.code != "too_many_streams":
                    raise
            self._in_time(until, timeout)
            time.sleep(0.5)

    def _stream(self, place: str | None, until: float | None) -> Iterator[tuple[str | None, RunDocument | None]]:
        """The events of one connection: the place in the stream, and the run where it is told of."""
        headers = {"Accept": "text/event-stream"}
        if place is not None:
            headers["Last-Event-ID"] = place
        # Short waits where the end of the time is near: a heartbeat is no sign of the run.
        wait = _SILENCE if until is None else min(_SILENCE, max(until - time.monotonic(), 0.05))
        kind, data = "", ""
        for text in self._fleet.api.lines("/api/v1/events", headers, wait):
            if until is not None and time.monotonic() > until:
                return
            field, _, value = text.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                kind = value
            elif field == "data":
                data = value
            elif field == "id":
                place = value
            elif not text and kind:
                if kind in ("opened", "resumed", "overflowed"):
                    # What came before the stream is asked for.
                    yield place, self.refresh()
                elif kind == "run" and (document := json.loads(data)).get("run_id") == self.id:
                    yield place, document
                kind, data = "", ""

    def _in_time(self, until: float | None, timeout: float | None) -> None:
        if until is not None and time.monotonic() >= until:
            raise RunTimeoutError(
                f"run {self.id} has not ended within {timeout:g} s; it goes on: wait() follows it further, cancel() ends it",
                self.id,
                "wait_timeout",
            )

    def wait(self, timeout: float | None = None, progress: bool | shown.Progress = True) -> Run:
        """Follows the run to its end.

        Args:
            timeout: Longest wait, in seconds, to within ten; None for as long as it takes.
            progress: True shows what suits the place (a line in a notebook or a terminal, else a line for each
                stage), False nothing; or what is to show it.

        Returns:
            The run itself, which has succeeded.

        Raises:
            RunFailedError: A stage decided that it cannot go on; with code, stage and suggestions.
            RunCancelledError: It was cancelled.
            RunTimeoutError: The time is over; the run goes on.
        """
        if isinstance(progress, bool):
            show: shown.Progress = shown.suited() if progress else shown.SilentProgress()
        else:
            show = progress
        try:
            for document in self.events(timeout):
                show.show(document)
        finally:
            show.close()
        return self.succeeded()

    def succeeded(self) -> Run:
        """The run itself where it has succeeded; else what `wait` raises."""
        run = self.document
        if run["status"] == "succeeded":
            return self
        stage, reason = run.get("failed_stage") or "", run.get("reason") or "no reason was given"
        suggestions = run.get("suggestions") or []
        code = run.get("code") or run["status"]
        if run["status"] == "cancelled":
            raise RunCancelledError(f"run {self.id} was cancelled: {reason}", self.id, code, stage)
        if run["status"] == "failed":
            unsaid = [suggestion for suggestion in suggestions if suggestion not in reason]
            hint = f"; {'; '.join(unsaid)}" if unsaid else ""
            message = f"run {self.id} failed at {stage}: {reason}{hint}"
            raise RunFailedError(message, self.id, code, stage, suggestions)
        raise RunTimeoutError(f"run {self.id} is {run['status']}; wait() follows it", self.id, run["status"])

    def cancel(self, reason: str = "") -> None:
        """Ends the run: its work stops within two seconds, and its status becomes `cancelled`."""
        self._fleet.change(f"{self._path}/cancel", {"reason": reason})

    def retry(self, from_stage: str | None = None) -> Run:
        """Drives a run anew that has failed or was cancelled, from the stage where it ended or an earlier one."""
        retried = self._fleet.change(f"{self._path}/retry", {"from": from_stage} if from_stage else {})
        until = time.monotonic() + _NEW
        # The API reads the stream with a delay: until then the run stands as it ended.
        while self.refresh()["epoch"] < retried["epoch"] and time.monotonic() < until:
            time.sleep(0.1)
        return self
