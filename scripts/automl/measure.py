"""Runs a command and measures what it and every process that it starts take.

    measure.py --out FILE --timeout SECONDS -- COMMAND...

Writes {"exit_code", "wall_seconds", "cpu_seconds", "peak_memory_mib", "timed_out"} to FILE. CPU is user and system time of the
command and all its descendants, as the kernel counts them when they are waited for; a descendant that is left behind by its parent
comes to this process, so that it is counted too. Memory is the largest sum of proportional set sizes that was seen, four times a
second, and at least the largest resident set of any one of them.
"""

import argparse
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

PERIOD = 0.25
PR_SET_CHILD_SUBREAPER = 36
# How long processes that are left behind may take to end by themselves.
GRACE = 20.0


def parents() -> dict[int, int]:
    """The parent of each process."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # The name in parentheses may hold anything.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(entry.name)] = int(fields[1])
    return found


def descendants(root: int) -> list[int]:
    """The processes below `root`, without itself."""
    children: dict[int, list[int]] = {}
    for process, parent in parents().items():
        children.setdefault(parent, []).append(process)
    found, waiting = [], [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found.extend(below)
        waiting.extend(below)
    return found


def memory_kib(processes: list[int]) -> int:
    """Sum of proportional set sizes: a page that several share counts once."""
    total = 0
    for process in processes:
        try:
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except (OSError, ProcessLookupError):
            continue
    return total


def reap() -> dict[int, int]:
    """Waits for all that have ended, without blocking; exit codes by process."""
    ended = {}
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if process == 0:
            return ended
        ended[process] = os.waitstatus_to_exitcode(status)


def end(root: int) -> None:
    """Ends what is left below `root`: asked first, then made to."""
    for how, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
        for process in descendants(root):
            try:
                os.kill(process, how)
            except ProcessLookupError:
                continue
        until = time.monotonic() + patience
        while descendants(root) and time.monotonic() < until:
            reap()
            time.sleep(0.05)
        reap()


def measure(command: list[str], timeout: float) -> dict:
    """Runs `command` to its end, or ends it after `timeout` seconds."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "this process cannot take in orphans")
    # An interruption reaches this process alone, and it ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    child = subprocess.Popen(command, start_new_session=True)
    peak, exit_code, timed_out = 0, None, False
    try:
        while exit_code is None:
            exit_code = reap().get(child.pid)
            peak = max(peak, memory_kib(descendants(os.getpid())))
            if exit_code is None:
                if timed_out := time.monotonic() - started > timeout:
                    break
                time.sleep(PERIOD)
        wall = time.monotonic() - started
    finally:
        end(os.getpid())
    # Python's own bookkeeping of a process that was waited for here.
    child.returncode = -1 if exit_code is None else exit_code
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "exit_code": exit_code,
        "timed_out": timed_out,
        "wall_seconds": round(wall, 3),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 3),
        "peak_memory_mib": round(max(peak, usage.ru_maxrss) / 1024, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--timeout", type=float, required=True)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    measured = measure(arguments.command, arguments.timeout)
    arguments.out.write_text(json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
