"""Random suites on random tables, by tier0 and by Great Expectations, and suggested suites in both.

Usage: compare.py SUITES SEED; the environment's TIER0 is the program.
Prints one object: how many results were compared, and how many were equal. What differs is told on standard error, with exit code 1.
"""

import collections
import concurrent.futures
import json
import os
import random
import subprocess
import sys
import tempfile

from generate import MAX_COLUMNS, column, expectation, like, quoted
from real import batch_of, sql_batch_of, validate

# The table that rows are counted beside, on SQLite as `other`: of 30 rows, as a sixth of the tables.
OTHER_ROWS = 30
OTHER = os.path.join(tempfile.gettempdir(), f"other-{os.getpid()}.csv")
FORMATS = ["BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE"]
ROWS = [1, 2, 3, 30, 150, 300]
EXPECTATIONS = 12
# Entries of an object in the place of a format.
ENTRIES = [
    {"unexpected_index_column_names": ["row"]},
    {"unexpected_index_column_names": ["c0", "row"], "partial_unexpected_count": 3},
    {"partial_unexpected_count": 0},
    {"partial_unexpected_count": 50, "include_unexpected_rows": True},
    {"return_unexpected_index_query": False},
    {"exclude_unexpected_values": True},
]
# Relative; sums of more than a block of numbers agree to the last bit or two.
TOLERANCE = 1e-12
# Lists that Great Expectations makes of sets, in whatever order.
UNORDERED = {"partial_missing_list"}
# Every so many-th table has its suggested suite tried, and its texts matched with SQL's LIKE.
SUGGESTED = 5


def equal(real, own, key=None):
    if isinstance(real, dict) and isinstance(own, dict):
        return real.keys() == own.keys() and all(equal(real[key], own[key], key) for key in real)
    if isinstance(real, list) and isinstance(own, list):
        if key in UNORDERED:
            real, own = (sorted(values, key=lambda value: (str(type(value)), str(value))) for values in (real, own))
        return len(real) == len(own) and all(equal(a, b) for a, b in zip(real, own))
    if isinstance(real, float) or isinstance(own, float):
        if not isinstance(real, (int, float)) or not isinstance(own, (int, float)) or isinstance(real, bool) != isinstance(own, bool):
            return False
        return real == own or abs(real - own) <= TOLERANCE * max(abs(real), abs(own))
    return type(real) is type(own) and real == own


def comparable(result):
    """A result without what differs by nature: identifiers, and how an exception is told."""
    config = result["expectation_config"]
    kwargs = {key: value for key, value in config["kwargs"].items() if key != "batch_id"}
    info = result["exception_info"]
    return {
        "success": result["success"],
        "type": config["type"],
        "kwargs": kwargs,
        "severity": config.get("severity"),
        "meta": config.get("meta"),
        "result": result["result"],
        "raised": info.get("raised_exception", True),
    }


def counted(result):
    """What a result of SQL has in common with one of pandas: the verdict, and how many rows it is about."""
    found = result["result"]
    return comparable(result) | {"result": {key: found.get(key) for key in ("element_count", "missing_count", "unexpected_count", "observed_value")}}


class Trial:
    """A table and suites for it, in files of a directory."""

    def __init__(self, work, seed, number):
        self.number = number
        draw = random.Random(seed * 1_000_003 + number)
        rows = draw.choice(ROWS)
        self.table = {f"c{place}": column(draw, rows) for place in range(draw.randint(4, MAX_COLUMNS))}
        # Names of kinds make no difference to anybody; a column that is empty in every row would be a blank line.
        self.table["row"] = ("rising", [str(row) for row in range(rows)])
        self.data = os.path.join(work, f"{number}.csv")
        with open(self.data, "w") as file:
            file.write(",".join(self.table) + "\n")
            for row in range(rows):
                file.write(",".join(quoted(values[row]) for _, values in self.table.values()) + "\n")
        self.format = FORMATS[number % 4]
        # As an object with other entries, or as a word.
        self.result_format = self.format if draw.random() < 0.6 else {"result_format": self.format, **draw.choice(ENTRIES)}
        self.suites = {"random": self.suite(draw, expectation, EXPECTATIONS)}
        if number % SUGGESTED == 0:
            self.suites["like"] = self.suite(draw, like, 4)

    def suite(self, draw, make, count):
        expectations = []
        while len(expectations) < count:
            name, kwargs = make(draw, self.table)
            severity = draw.choice(["critical", "warning", "info"])
            name = name if name.startswith("unexpected") else f"expect_{name}"
            expectations.append({"type": name, "kwargs": kwargs, "meta": {}, "severity": severity})
        return {"name": f"suite {self.number}", "expectations": expectations, "meta": {"great_expectations_version": "1.24.1"}}

    def wanted(self, name):
        """The result format of a suite; databases have no rows to name."""
        return self.format if name == "like" else self.result_format

    def own(self):
        """What tier0 says, by suite; the suggested one besides."""
        if self.number % SUGGESTED == 0:
            self.suites["suggested"] = tier0("--suggest", "--data", self.data, "--out", f"{self.data}.suggested.json")
        results = {}
        for name, suite in self.suites.items():
            path = f"{self.data}.{name}.json"
            with open(path, "w") as file:
                json.dump(suite, file)
            wanted = self.wanted(name)
            written = json.dumps(wanted) if isinstance(wanted, dict) else wanted
            other = ["--other", f"other={OTHER}"] if name == "like" else []
            results[name] = tier0("--data", self.data, "--suite", path, "--result-format", written, "--show-personal", *other)
        return results


def tier0(*arguments):
    ended = subprocess.run([os.environ["TIER0"], "validate", *arguments, "--json"], capture_output=True, text=True)
    if ended.returncode not in (0, 1):
        sys.exit(f"{arguments}: {ended.stderr}")
    return json.loads(ended.stdout)


def once(document, suite):
    """The document without the results that Great Expectations repeats: of an expectation that is there twice and fails, one more."""
    key = lambda config: json.dumps([config["type"], {name: value for name, value in config["kwargs"].items() if name != "batch_id"}, config["severity"]], sort_keys=True)
    results, surplus = [], len(document["results"]) - len(suite["expectations"])
    seen = collections.Counter()
    for result in document["results"]:
        named = key(result["expectation_config"])
        seen[named] += 1
        if surplus > 0 and seen[named] > 1 and result["exception_info"].get("raised_exception", True):
            surplus -= 1
        else:
            results.append(result)
    met = sum(result["success"] for result in results)
    statistics = {
        "evaluated_expectations": len(results),
        "successful_expectations": met,
        "unsuccessful_expectations": len(results) - met,
        "success_percent": met / len(results) * 100,
    }
    # Where nothing was repeated, the figures are those of Great Expectations.
    return document if len(results) == len(document["results"]) else document | {"results": results, "statistics": statistics}


def paired(theirs, ours):
    """Results of the same expectation beside each other, and whether those that were evaluated stand in the same order.

    The order of exceptions among themselves is that of a graph of metrics.
    """
    key = lambda result: json.dumps([result["type"], result["kwargs"], result["severity"]], sort_keys=True)
    waiting = collections.defaultdict(list)
    for result in ours:
        waiting[key(result)].append(result)
    pairs = [(result["type"], result, waiting[key(result)].pop(0) if waiting[key(result)] else None) for result in theirs]
    pairs += [(result["type"], None, result) for left in waiting.values() for result in left]
    order = lambda results: [key(result) for result in results if not result["raised"]]
    return pairs + ([] if order(theirs) == order(ours) else [("the order of results", order(theirs), order(ours))])


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    told = {"suites": 0, "seed": seed, "compared": 0, "equal": 0, "raised_by_both": 0, "suggested": 0, "like": 0, "kinds": 0}
    kinds, different = set(), {}
    with open(OTHER, "w") as file:
        file.write("x\n" + "1\n" * OTHER_ROWS)
    with tempfile.TemporaryDirectory() as work, concurrent.futures.ThreadPoolExecutor(1) as beside:
        trials = [Trial(work, seed, number) for number in range(count)]
        for trial, own in zip(trials, beside.map(Trial.own, trials)):
            batch = batch_of(trial.data)
            for name, suite in trial.suites.items():
                take = counted if name == "like" else comparable
                given = validate(sql_batch_of(trial.data, OTHER) if name == "like" else batch, suite, trial.wanted(name))
                # NumPy's scalars, of which Great Expectations leaves some, as the values that they are.
                real = once(json.loads(json.dumps(given, default=lambda value: value.item())), suite)
                theirs, ours = ([take(result) for result in document["results"]] for document in (real, own[name]))
                told["suites"] += name == "random"
                told["suggested"] += name == "suggested"
                told["like"] += len(ours) if name == "like" else 0
                pairs = paired(theirs, ours)
                whole = [{"success": document["success"], "statistics": document["statistics"]} for document in (real, own[name])]
                pairs.append(("the suite", *whole))
                for kind, one, other in pairs:
                    kinds.add(kind)
                    told["compared"] += 1
                    told["raised_by_both"] += isinstance(one, dict) and one.get("raised", False)
                    if equal(one, other):
                        told["equal"] += 1
                    else:
                        different.setdefault(kind, []).append((trial, name, one, other))
    told["kinds"] = len(kinds) - 1
    for kind, found in sorted(different.items()):
        trial, name, one, other = found[0]
        print(f"{kind}: {len(found)} different, first in suite {trial.number} ({name}, {trial.wanted(name)})", file=sys.stderr)
        print(f"  Great Expectations: {json.dumps(one)[:1500]}\n  tier0:              {json.dumps(other)[:1500]}", file=sys.stderr)
    os.remove(OTHER)
    print(json.dumps(told))
    sys.exit(0 if not different else 1)


main()
