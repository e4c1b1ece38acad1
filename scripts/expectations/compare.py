"""Random suites on random tables, by tier0 and by Great Expectations."""

import json
import math
import os
import random
import subprocess
import sys
import tempfile

from real import batch_of, validate

FORMATS = ["BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE"]
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


def column(draw, rows):
    """A column as texts of a CSV file."""
    kind = draw.choice(
        ["whole", "wholes", "number", "few", "texts", "keys", "truth", "date", "json", "rising", "empty", "constant", "mixed"]
    )
    word = lambda: "".join(draw.choice("abcXYZ 019-é") for _ in range(draw.randint(1, 8))).strip() or "q"
    levels = [word() for _ in range(draw.randint(1, 5))]
    make = {
        "whole": lambda i: str(draw.randint(-5, 40)),
        "wholes": lambda i: str(draw.randint(-(10**12), 10**12)),
        "number": lambda i: f"{draw.gauss(10, 25):.{draw.randint(0, 6)}f}",
        "few": lambda i: str(draw.choice([0.5, 1, 2, 2.5, 100])),
        "texts": lambda i: draw.choice(levels),
        "keys": lambda i: f"K{i:05}" if draw.random() < 0.97 else "K00001",
        "truth": lambda i: draw.choice(["True", "False"]),
        "date": lambda i: f"20{draw.randint(10, 29)}-{draw.randint(1, 12):02}-{draw.randint(1, 31):02}",
        "json": lambda i: draw.choice(['{"a": 1}', "[1, 2", "5", "null ", '"x"', "{}"]),
        "rising": lambda i: str(i // 3),
        "empty": lambda i: "",
        "constant": lambda i: "7",
        "mixed": lambda i: draw.choice(["1", "x", "2.5", "True"]),
    }[kind]
    values = [make(i) for i in range(rows)]
    if draw.random() < 0.45:
        share = draw.choice([0.02, 0.3])
        values = ["" if draw.random() < share else value for value in values]
    return kind, values


def quoted(text):
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


def expectation(draw, table):
    """One expectation on the table, as JSON."""
    names = list(table)
    name = draw.choice(names)
    other = draw.choice(names)
    present = [value for value in table[name][1] if value] or ["x"]
    is_number = all(is_float(value) for value in present)
    any_value = lambda: typed(draw.choice(present), is_number)
    low, high = sorted([draw.randint(-10, 30), draw.randint(-10, 60)])
    bounds = {"min_value": low, "max_value": high}
    if draw.random() < 0.3:
        bounds.pop(draw.choice(["min_value", "max_value"]))
    if draw.random() < 0.2:
        bounds[draw.choice(["strict_min", "strict_max"])] = True
    map_kwargs = {"column": name}
    if draw.random() < 0.4:
        map_kwargs["mostly"] = draw.choice([0.5, 0.9, 0.99, 0.0])
    column_kwargs = {"column": name}
    if draw.random() < 0.2:
        condition = {"row_condition": row_condition(draw, table), "condition_parser": "pandas"}
        map_kwargs |= condition
        column_kwargs |= condition
    values = [any_value() for _ in range(draw.randint(1, 6))] + draw.choice([[], ["zz"], [1], [12345]])
    regex = draw.choice([r"^K\d{5}$", "[a-c]", r"^-?\d+$", r"^\d+(\.\d+)?$", "X|Y", r"(\d)\1", r"\s", "^[^0-9]*$"])
    pair = {"column_A": name, "column_B": other}
    if draw.random() < 0.6:
        pair["ignore_row_if"] = draw.choice(["both_values_are_missing", "either_value_is_missing", "neither"])
    some = draw.sample(names, min(len(names), draw.randint(2, 3)))
    several = {"column_list": some}
    if draw.random() < 0.6:
        several["ignore_row_if"] = draw.choice(["all_values_are_missing", "any_value_is_missing", "never"])
    shares = sorted(draw.sample([0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9, 1], 3))
    figures = ["min", "max", "mean", "median", "stdev", "sum", "proportion_of_unique_values", "proportion_of_non_null_values"]
    return draw.choice(
        [
            lambda: ("column_values_to_not_be_null", map_kwargs),
            lambda: ("column_values_to_be_null", map_kwargs),
            lambda: ("column_values_to_be_unique", map_kwargs),
            lambda: ("column_values_to_be_between", map_kwargs | bounds),
            lambda: ("column_values_to_be_in_set", map_kwargs | {"value_set": values}),
            lambda: ("column_values_to_not_be_in_set", map_kwargs | {"value_set": values}),
            lambda: ("column_values_to_match_regex", map_kwargs | {"regex": regex}),
            lambda: ("column_values_to_not_match_regex", map_kwargs | {"regex": regex}),
            lambda: ("column_values_to_match_regex_list", map_kwargs | {"regex_list": [regex, "b"], "match_on": draw.choice(["any", "all"])}),
            lambda: ("column_values_to_not_match_regex_list", map_kwargs | {"regex_list": [regex, "b"]}),
            lambda: ("column_value_lengths_to_be_between", map_kwargs | {"min_value": draw.randint(0, 4), "max_value": draw.randint(3, 9)}),
            lambda: ("column_value_lengths_to_equal", map_kwargs | {"value": draw.randint(1, 8)}),
            lambda: ("column_values_to_be_increasing", map_kwargs | draw.choice([{}, {"strictly": True}])),
            lambda: ("column_values_to_be_decreasing", map_kwargs | draw.choice([{}, {"strictly": True}])),
            lambda: ("column_values_to_be_json_parseable", map_kwargs),
            lambda: ("column_values_to_match_strftime_format", map_kwargs | {"strftime_format": "%Y-%m-%d"}),
            lambda: ("column_values_to_be_of_type", map_kwargs | {"type_": draw.choice(["int64", "float64", "str", "bool", "int", "object"])}),
            lambda: ("column_values_to_be_in_type_list", map_kwargs | {"type_list": draw.choice([["int", "float"], ["str"], ["bool", "float64"]])}),
            lambda: ("column_value_z_scores_to_be_less_than", map_kwargs | {"threshold": draw.choice([1, 2, 3]), "double_sided": draw.random() < 0.5}),
            lambda: ("column_values_to_not_be_outliers", map_kwargs | {"method": draw.choice(["iqr", "std"]), "multiplier": draw.choice([1, 1.5, 3])}),
            lambda: (f"column_{draw.choice(figures)}_to_be_between", column_kwargs | bounds),
            lambda: (f"column_{draw.choice(figures)}_to_be_between", column_kwargs | bounds),
            lambda: ("column_unique_value_count_to_be_between", column_kwargs | {"min_value": 1, "max_value": draw.randint(1, 60)}),
            lambda: ("column_most_common_value_to_be_in_set", column_kwargs | {"value_set": values, "ties_okay": draw.random() < 0.5}),
            lambda: ("column_distinct_values_to_be_in_set", column_kwargs | {"value_set": values}),
            lambda: ("column_distinct_values_to_equal_set", column_kwargs | {"value_set": values}),
            lambda: ("column_distinct_values_to_contain_set", column_kwargs | {"value_set": values}),
            lambda: (
                "column_quantile_values_to_be_between",
                column_kwargs
                | {"quantile_ranges": {"quantiles": shares, "value_ranges": [[low, high], [None, high], [low, None]]}}
                | draw.choice([{}, {"allow_relative_error": draw.choice(["linear", "lower", "higher", "midpoint"])}]),
            ),
            lambda: ("column_pair_values_a_to_be_greater_than_b", pair | draw.choice([{}, {"or_equal": True}])),
            lambda: ("column_pair_values_to_be_equal", pair),
            lambda: ("column_pair_values_to_be_in_set", pair | {"value_pairs_set": [[any_value(), 7], [any_value(), "x"]]}),
            lambda: ("compound_columns_to_be_unique", several),
            lambda: ("multicolumn_sum_to_equal", several | {"sum_total": draw.randint(0, 30)}),
            lambda: ("multicolumn_values_to_be_equal", several),
            lambda: ("select_column_values_to_be_unique_within_record", several),
            lambda: ("table_row_count_to_equal", {"value": len(table[name][1])}),
            lambda: ("table_row_count_to_be_between", {"min_value": 10, "max_value": draw.randint(20, 300)}),
            lambda: ("table_column_count_to_equal", {"value": draw.randint(4, 8)}),
            lambda: ("table_column_count_to_be_between", {"min_value": 1, "max_value": 6}),
            lambda: ("table_columns_to_match_ordered_list", {"column_list": draw.choice([names, names[:-1], names[::-1]])}),
            lambda: ("table_columns_to_match_set", {"column_set": draw.choice([names, names[1:], names + ["zz"]])} | draw.choice([{}, {"exact_match": False}])),
            lambda: ("column_to_exist", {"column": draw.choice([name, "zz"])} | draw.choice([{}, {"column_index": draw.randint(0, 9)}])),
            lambda: ("column_mean_to_be_between", {"column": "zz", "min_value": 1}),
        ]
    )()


def row_condition(draw, table):
    name = draw.choice([name for name in table if table[name][0] in ("whole", "texts", "constant", "few")] or list(table))
    present = [value for value in table[name][1] if value] or ["x"]
    if all(is_float(value) for value in present):
        return f"{name} {draw.choice(['>', '<=', '==', '!='])} {draw.choice(present)}"
    word = draw.choice(present).replace('"', "").replace("'", "")
    return draw.choice([f'{name} == "{word}"', f'{name} != "{word}"', f'{name} in ["{word}", "q"]', f"{name}.notnull()"])


def is_float(text):
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def typed(text, is_number):
    if not is_number:
        return text
    return int(text) if "." not in text else float(text)


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


def main():
    suites, seed = int(sys.argv[1]), int(sys.argv[2])
    compared = equals = raised = 0
    different = {}
    with tempfile.TemporaryDirectory() as work:
        for number in range(suites):
            draw = random.Random(seed * 1_000_003 + number)
            rows = draw.choice([1, 3, 30, 150, 300])
            table = {f"c{place}": column(draw, rows) for place in range(draw.randint(4, 8))}
            # Names of kinds make no difference to anybody; a column that is empty in every row would be a blank line.
            table["row"] = ("rising", [str(row) for row in range(rows)])
            data, suite_path, out = (os.path.join(work, name) for name in ("data.csv", "suite.json", "out.json"))
            with open(data, "w") as file:
                file.write(",".join(table) + "\n")
                for row in range(rows):
                    file.write(",".join(quoted(values[row]) for _, values in table.values()) + "\n")
            expectations = []
            while len(expectations) < 15:
                name, kwargs = expectation(draw, table)
                expectations.append({"type": f"expect_{name}", "kwargs": kwargs, "meta": {}, "severity": draw.choice(["critical", "warning", "info"])})
            suite = {"name": f"suite {number}", "expectations": expectations, "meta": {"great_expectations_version": "1.24.1"}}
            with open(suite_path, "w") as file:
                json.dump(suite, file)
            result_format = FORMATS[number % 4]
            if draw.random() < 0.4:
                result_format = {"result_format": result_format, **draw.choice(ENTRIES)}
            written = json.dumps(result_format) if isinstance(result_format, dict) else result_format
            given = validate(batch_of(data), suite, result_format)
            # NumPy's scalars, of which Great Expectations leaves some, as the values that they are.
            real = json.loads(json.dumps(given, default=lambda value: value.item()))
            ended = subprocess.run(
                [os.environ["TIER0"], "validate", "--data", data, "--suite", suite_path, "--result-format", written, "--json", "--show-personal"],
                capture_output=True,
                text=True,
            )
            if ended.returncode not in (0, 1):
                sys.exit(f"suite {number}: {ended.stderr}")
            own = json.loads(ended.stdout)
            # The order of exceptions among themselves is that of a graph of metrics.
            key = lambda result: (not result["raised"], json.dumps([result["type"], result["kwargs"]], sort_keys=True) if result["raised"] else "")
            theirs, ours = (sorted(map(comparable, document["results"]), key=key) for document in (real, own))
            compared += 1
            same = equal(real["statistics"], own["statistics"]) and real["success"] == own["success"] and len(theirs) == len(ours)
            equals += same
            for one, other in zip(theirs, ours):
                compared += 1
                raised += one["raised"]
                if equal(one, other):
                    equals += 1
                    continue
                different.setdefault(one["type"], []).append((number, result_format, one, other))
    for name, found in sorted(different.items()):
        number, result_format, one, other = found[0]
        print(f"{name}: {len(found)} different, first in suite {number} ({result_format})", file=sys.stderr)
        print(f"  Great Expectations: {json.dumps(one)[:1500]}\n  tier0:              {json.dumps(other)[:1500]}", file=sys.stderr)
    print(json.dumps({"suites": suites, "seed": seed, "compared": compared, "equal": equals, "not_evaluated_by_both": raised}))
    sys.exit(0 if compared == equals else 1)


main()
