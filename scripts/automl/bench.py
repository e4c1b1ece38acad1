"""tier0 beside FLAML, AutoGluon, LightGBM and a linear model: the same rows, the same split, one after another.

Each system runs in a process of its own, on a copy of train.csv and on the test rows without their target; what it predicts is judged
here. Quality, seconds, CPU seconds, memory and the size of the model are printed by data set, then ranks and deficits over all.
"""

import argparse
import csv
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pandas as pd
from score import METRICS, OF_PROBLEM, score, summary
from systems import SYSTEMS

HERE = Path(__file__).resolve().parent
# Systems that search until their time is over; the others take what they take.
BUDGETED = ("tier0", "flaml", "autogluon")
# A run is ended after so many times its budget and so many seconds beside: it is no benchmark of patience.
PATIENCE = (6, 600)
COLUMNS = ("roc_auc", "log_loss", "rmse", "fit_seconds", "wall_seconds", "cpu_seconds", "peak_memory_mib", "model_mib")


@dataclass(frozen=True)
class Entrant:
    """A system with its budget in seconds, if it takes one."""

    system: str
    budget: float | None

    @property
    def label(self) -> str:
        return self.system if self.budget is None else f"{self.system}-{self.budget:g}s"


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def without(source: Path, into: Path, columns: set[str]) -> None:
    """The table without some columns, every other cell as it is written there."""
    with source.open(newline="") as read, into.open("w", newline="") as write:
        rows = csv.reader(read)
        header = next(rows)
        kept = [index for index, name in enumerate(header) if name not in columns]
        # Lines end as pandas and most writers end them.
        out = csv.writer(write, lineterminator="\n")
        out.writerow([header[index] for index in kept])
        out.writerows([row[index] for index in kept] for row in rows)


def attend(command: list[str], directory: Path, log: IO[str]) -> None:
    """Runs a command in a session of its own. Where this process is interrupted, the command is told to end what it started."""
    process = subprocess.Popen(
        command, cwd=directory, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if code != 0:
        raise RuntimeError(f"{command[1]} ended with {code}: {Path(log.name).read_text()[-3000:]}")


def run(entrant: Entrant, folder: Path, meta: dict, arguments: argparse.Namespace, keep: Path | None) -> dict:
    """Runs a system on a data set; what it took and how good it is, or why it failed. Predictions are kept in `keep`."""
    work = Path(tempfile.mkdtemp(prefix=f"tier0-automl.{entrant.label}.{meta['name']}."))
    try:
        train, features = work / "train.csv", work / "features.csv"
        # Keys are no features for any system.
        identifiers = set(meta["id_columns"])
        if identifiers:
            without(folder / "train.csv", train, identifiers)
        else:
            shutil.copyfile(folder / "train.csv", train)
        without(folder / "test.csv", features, identifiers | {meta["target"]})
        output = work / "output"
        output.mkdir()
        task = {
            "train": str(train),
            "features": str(features),
            "work": str(output),
            "budget": entrant.budget,
            "seed": arguments.seed,
            "threads": arguments.threads,
            "tier0": str(arguments.tier0),
            **{key: meta[key] for key in ("target", "problem", "positive", "na_values")},
        }
        (work / "task.json").write_text(json.dumps(task))
        timeout = PATIENCE[0] * (entrant.budget or 0) + PATIENCE[1]
        command = [sys.executable, str(HERE / "systems.py"), entrant.system, "--task", str(work / "task.json")]
        log = work / "log"
        measuring = [sys.executable, str(HERE / "measure.py"), "--out", str(work / "measured.json"), "--timeout", f"{timeout:g}"]
        with log.open("w") as file:
            attend([*measuring, "--", *command], output, file)
        result = json.loads((work / "measured.json").read_text())
        if result["timed_out"] or result["exit_code"] != 0:
            why = f"ended after {timeout:g} s" if result["timed_out"] else f"ended with {result['exit_code']}"
            return result | {"error": f"{why}: {log.read_text()[-3000:]}"}
        result |= json.loads((output / "fitted.json").read_text())
        result["model_mib"] = round(result["model_bytes"] / 2**20, 3)
        truth = pd.read_csv(folder / "test.csv", usecols=[meta["target"]], keep_default_na=False, dtype=str)[meta["target"]]
        try:
            result["metrics"] = score(meta, truth, output / "predictions.csv")
        except (ValueError, KeyError) as error:
            return result | {"error": f"its predictions cannot be judged: {error}"}
        if keep is not None:
            shutil.copyfile(output / "predictions.csv", keep)
        return result
    finally:
        shutil.rmtree(work, ignore_errors=True)


def cached(entrant: Entrant, folder: Path, meta: dict, arguments: argparse.Namespace) -> dict:
    """What was found earlier for the same rows, budget, threads and seed, or what is found now. A failure is not remembered."""
    rows = {name: digest(folder / f"{name}.csv") for name in ("train", "test")}
    known = None
    if arguments.cache is not None:
        known = arguments.cache / f"{meta['name']}.{entrant.label}.seed-{arguments.seed}.json"
        if known.exists() and entrant.system not in arguments.again:
            result = json.loads(known.read_text())
            if result["rows"] == rows and result["threads"] == arguments.threads:
                return result
    say(f"{meta['name']}: {entrant.label}")
    keep = None if known is None else known.with_suffix(".predictions.csv")
    result = run(entrant, folder, meta, arguments, keep) | {
        "set": meta["name"],
        "system": entrant.system,
        "label": entrant.label,
        "budget": entrant.budget,
        "seed": arguments.seed,
        "threads": arguments.threads,
        "rows": rows,
    }
    if "error" in result:
        say(f"{meta['name']}: {entrant.label} failed: {result['error']}")
    elif known is not None:
        # A file that is there is whole.
        part = known.with_suffix(".part")
        part.write_text(json.dumps(result, indent=1) + "\n")
        part.replace(known)
    return result


def shown(value: float | None, metric: str) -> str:
    if value is None:
        return ""
    if metric in ("roc_auc", "log_loss"):
        return f"{value:.4f}"
    if metric == "rmse":
        return f"{value:.5g}"
    return f"{value:.2f}" if metric == "model_mib" else f"{value:.1f}"


def table(header: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown, its columns aligned; the first column is text."""
    widths = [max(len(row[index]) for row in [header, *rows]) for index in range(len(header))]

    def line(row: list[str]) -> str:
        cells = (cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths)))
        return f"| {' | '.join(cells)} |"

    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([line(header), rule, *map(line, rows)])


def report(metas: list[dict], entrants: list[Entrant], results: dict[str, dict[str, dict]], found: dict) -> str:
    parts = []
    for meta in metas:
        counts = f"{meta['train_rows']} rows to train on, {meta['test_rows']} to test on, {meta['columns']} columns"
        parts.append(f"\n### {meta['name']}: {meta['problem']}, {counts}\n")
        columns = [name for name in COLUMNS if name not in METRICS or name in OF_PROBLEM[meta["problem"]]]
        rows = []
        for entrant in entrants:
            result = results[meta["name"]][entrant.label]
            if "error" in result:
                rows.append([entrant.label, "failed", *[""] * (len(columns) - 1)])
            else:
                values = result | result["metrics"]
                rows.append([entrant.label, *(shown(values.get(name), name) for name in columns)])
        parts.append(table(["system", *columns], rows))
    for metric, systems in found.items():
        unit = "a share of the best" if metric == "rmse" else "a difference to the best"
        count = max(row["sets"] for row in systems.values())
        parts.append(f"\n## {metric} over {count} data sets (deficit: {unit})\n")
        rows = [
            [
                name,
                f"{row['mean_rank']:.2f}",
                str(row["best"]),
                *("" if row[key] is None else f"{row[key]:.4f}" for key in ("mean_deficit", "largest_deficit")),
                str(row["failures"]),
            ]
            for name, row in sorted(systems.items(), key=lambda item: item[1]["mean_rank"])
        ]
        parts.append(table(["system", "mean rank", "best", "mean deficit", "largest deficit", "failures"], rows))
    parts.append("\n## What it took, mean over the data sets\n")
    costs = [name for name in COLUMNS if name not in METRICS]
    rows = []
    for entrant in entrants:
        done = [result for of in results.values() if "error" not in (result := of[entrant.label])]
        rows.append([entrant.label, *(shown(sum(r[name] for r in done) / len(done), name) if done else "" for name in costs)])
    parts.append(table(["system", *costs], rows))
    return "\n".join(parts) + "\n"


def names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench-automl", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="directory of data sets, each NAME/{train.csv,test.csv,meta.json}")
    parser.add_argument("--sets", type=names, help="names of data sets, with commas between [default: all]")
    parser.add_argument("--systems", type=names, default=list(SYSTEMS), help=f"some of {','.join(SYSTEMS)} [default: all]")
    parser.add_argument("--budget", type=float, default=30.0, help="seconds of search of tier0 and FLAML [default: 30]")
    parser.add_argument(
        "--autogluon-budget",
        type=float,
        action="append",
        help="seconds of AutoGluon; may be given more than once [default: 30 and 60]",
    )
    parser.add_argument("--threads", type=int, default=2, help="threads of all systems but tier0, which takes its own [default: 2]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, help="directory where results are kept, so that a run can go on")
    parser.add_argument("--again", type=names, default=[], help="systems whose kept results are not taken")
    parser.add_argument("--json", type=Path, help="file that everything is written to")
    parser.add_argument("--tier0", type=Path, help="the program")
    arguments = parser.parse_args()
    for name in (*arguments.systems, *arguments.again):
        if name not in SYSTEMS:
            parser.error(f"unknown system {name!r}; expected some of {', '.join(SYSTEMS)}")
    there = sorted(path.parent.name for path in arguments.data.glob("*/meta.json"))
    arguments.sets = arguments.sets or there
    if absent := [name for name in arguments.sets if name not in there]:
        parser.error(f"no data sets {', '.join(absent)} in {arguments.data}; there are {', '.join(there) or 'none'}")
    if not arguments.sets:
        parser.error(f"no data sets in {arguments.data}")
    if "tier0" in arguments.systems and (arguments.tier0 is None or not os.access(arguments.tier0, os.X_OK)):
        parser.error(f"--tier0: no program at {arguments.tier0}")
    if arguments.tier0 is not None:
        arguments.tier0 = arguments.tier0.absolute()
    return arguments


def main() -> int:
    arguments = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    budgets = {
        "tier0": [arguments.budget],
        "flaml": [arguments.budget],
        "autogluon": sorted(set(arguments.autogluon_budget or [30.0, 60.0])),
    }
    entrants = [Entrant(system, budget) for system in arguments.systems for budget in budgets.get(system, [None])]
    metas = [json.loads((arguments.data / name / "meta.json").read_text()) for name in arguments.sets]
    if arguments.cache is not None:
        arguments.cache.mkdir(parents=True, exist_ok=True)
    results: dict[str, dict[str, dict]] = {}
    for index, meta in enumerate(metas, 1):
        say(f"data set {index} of {len(metas)}: {meta['name']}")
        results[meta["name"]] = {
            entrant.label: cached(entrant, arguments.data / meta["name"], meta, arguments) for entrant in entrants
        }
    scores = {
        name: {label: None if "error" in result else result["metrics"] for label, result in of.items()} for name, of in results.items()
    }
    found = summary(scores)
    print(report(metas, entrants, results, found), end="")
    if arguments.json is not None:
        document = {
            "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
            "seed": arguments.seed,
            "threads": arguments.threads,
            "budgets": {entrant.label: entrant.budget for entrant in entrants},
            "sets": metas,
            "results": [result for of in results.values() for result in of.values()],
            "summary": found,
        }
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")
    return 1 if any("error" in result for of in results.values() for result in of.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
