"""The programs of a fleet: those that this wheel carries, or those of the machine."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

#: Where a wheel that carries programs has them.
_BIN = Path(__file__).parent / "bin"


def tier0() -> str | None:
    """Path of the command line: of `TIER0_PROGRAM`, of this wheel, of the search path; None where there is none."""
    carried = _BIN / "tier0"
    return os.environ.get("TIER0_PROGRAM") or (str(carried) if carried.exists() else shutil.which("tier0"))


def main() -> None:
    """Becomes the command line that this wheel carries, which finds its broker beside it."""
    environment = dict(os.environ)
    broker = _BIN / "nats-server"
    if broker.exists():
        environment.setdefault("TIER0_NATS_SERVER", str(broker))
    program = str(_BIN / "tier0")
    os.execve(program, [program, *sys.argv[1:]], environment)
