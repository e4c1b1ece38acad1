"""How a run goes, shown while it is waited for: a line that is written over, or a line for each stage that ends."""

from __future__ import annotations

import sys
from typing import Any, Protocol, TextIO

from .documents import RunDocument

__all__ = ["LineProgress", "NotebookProgress", "PlainProgress", "Progress", "SilentProgress"]

#: Width of the bar, in characters.
_BAR = 24
_DONE = ("succeeded", "partial", "skipped")


class Progress(Protocol):
    """What shows a run."""

    def show(self, run: RunDocument) -> None:
        """Shows how the run stands now."""

    def close(self) -> None:
        """Nothing more is to come."""


def share(run: RunDocument) -> float:
    """Share of the stages that are done, 0 to 1; of the one under way, as much as it tells."""
    stages = run.get("stages") or []
    if run.get("status") == "succeeded":
        return 1.0
    if not stages:
        return 0.0
    parts = (1.0 if stage["status"] in _DONE else stage.get("progress") or 0.0 for stage in stages)
    return sum(parts) / len(stages)


def line(run: RunDocument) -> str:
    """A bar and what is being done, in one line."""
    stages = run.get("stages") or []
    filled = round(share(run) * _BAR)
    bar = "█" * filled + "░" * (_BAR - filled)
    under_way = [stage for stage in stages if stage["status"] in ("running", "retrying")]
    what: str = run.get("status", "queued")
    if under_way:
        stage = under_way[0]
        detail = stage.get("last_error") if stage["status"] == "retrying" else stage.get("detail")
        what = stage["agent"] + (f": {detail}" if detail else "")
    elif run.get("status") == "running":
        waiting = [stage["agent"] for stage in stages if stage["status"] == "queued"]
        what = f"{waiting[0]} begins" if waiting else "running"
    return f"{bar} {share(run):4.0%}  {what}"


class SilentProgress:
    """Shows nothing."""

    def show(self, run: RunDocument) -> None:
        """Shows nothing."""

    def close(self) -> None:
        """Does nothing."""


class PlainProgress:
    """A line for each stage that has ended, for files and logs."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._told: set[str] = set()

    def show(self, run: RunDocument) -> None:
        """Writes the stages that have ended since."""
        for stage in run.get("stages") or []:
            if stage["agent"] in self._told or stage["status"] not in ("succeeded", "partial", "failed", "cancelled"):
                continue
            self._told.add(stage["agent"])
            took = f" in {stage['seconds']:.2f} s" if stage.get("seconds") is not None else ""
            print(f"{stage['agent']}: {stage['status']}{took}", file=self._out, flush=True)

    def close(self) -> None:
        """Writes nothing more."""


class LineProgress:
    """One line of a terminal, written over."""

    def __init__(self, out: TextIO | None = None, width: int = 100) -> None:
        self._out = out or sys.stderr
        self._width = width
        self._shown = False

    def show(self, run: RunDocument) -> None:
        """Writes the line anew."""
        self._shown = True
        self._out.write("\r\x1b[2K" + line(run)[: self._width])
        self._out.flush()

    def close(self) -> None:
        """Leaves the line."""
        if self._shown:
            self._out.write("\n")
            self._out.flush()


class NotebookProgress:
    """One line below a notebook's cell, written over."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._handle: Any = None

    def show(self, run: RunDocument) -> None:
        """Writes the line anew."""
        shown = {"text/plain": line(run)}
        if self._handle is None:
            self._handle = self._display(shown, raw=True, display_id=True)
        else:
            self._handle.update(shown, raw=True)

    def close(self) -> None:
        """Leaves the line."""


def suited() -> Progress:
    """What suits the place: a notebook's cell, a terminal, or neither."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if ipython is not None and type(shell).__name__ == "ZMQInteractiveShell":
        return NotebookProgress(ipython.display.display)
    return LineProgress() if sys.stderr.isatty() else PlainProgress()
