"""Whether two tables are alike, by the program `tier0`, which computes every statistic of drift."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from . import _frames, _programs
from .documents import ComparisonDocument
from .errors import DataError, MissingPackageError

__all__ = ["compare"]


def compare(reference: Any, current: Any, *, columns: Sequence[str] | None = None) -> ComparisonDocument:
    """Compares two tables column by column, as `tier0 drift` does; docs/monitoring.md has the statistics and the limits.

    Args:
        reference: A DataFrame or a path: what the rows are compared with.
        current: A DataFrame or a path: the rows.
        columns: The columns that are compared; all that both have where it is None.

    Returns:
        A verdict for each column, and for the table: `none`, `warning` or `critical`.

    Raises:
        MissingPackageError: The program `tier0` is neither on the search path nor named by `TIER0_PROGRAM`.
        DataError: A table, or a column, cannot be used.
    """
    program = _programs.tier0()
    if program is None:
        raise MissingPackageError(
            "comparing tables needs the program tier0, which is not on the search path; "
            "build it with `make build`, or name it in TIER0_PROGRAM"
        )
    with tempfile.TemporaryDirectory(prefix="tier0-") as temporary:
        files = [_file(table, Path(temporary), stem) for table, stem in ((reference, "reference"), (current, "current"))]
        command = [program, "drift", "--reference", files[0], "--current", files[1], "--json"]
        if columns:
            command += ["--columns", ",".join(columns)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or not done.stdout.strip():
        raise DataError(done.stderr.strip() or f"tier0 drift ended with {done.returncode}")
    return cast(ComparisonDocument, json.loads(done.stdout))


def _file(table: Any, directory: Path, stem: str) -> str:
    if isinstance(table, (str, os.PathLike)):
        return os.path.abspath(table)
    return str(_frames.write(table, directory, stem))
