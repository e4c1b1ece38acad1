"""Random tables, and random expectations on them."""

import json
import math

MAX_COLUMNS = 8


def column(draw, rows):
    """A column as texts of a CSV file."""
    kind = draw.choice(
        ["whole", "wholes", "number", "few", "texts", "keys", "truth", "date", "moment", "json", "document", "rising", "empty", "constant", "mixed"]
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
        "moment": lambda i: moment(draw),
        "document": lambda i: json.dumps(document(draw, 2)),
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


def moment(draw):
    """A text that may be a date or a time: its parts in some order, with what people write between them."""
    number = lambda low, high: f"{draw.randint(low, high):0{draw.choice([1, 2])}}"
    year = lambda: draw.choice([str(draw.randint(1950, 2060)), f"{draw.randint(0, 99):02}"])
    month = lambda: draw.choice([number(1, 13), draw.choice(["Jan", "feb", "MAR", "April", "sept", "December"])])
    sign = draw.choice(["-", "/", ".", " ", ", ", ""])
    day = sign.join(draw.sample([year(), month(), number(1, 32)], draw.randint(1, 3)))
    time = draw.choice([":", "h ", ""]).join([number(0, 25), f"{draw.randint(0, 61):02}", f"{draw.uniform(0, 61):05.2f}"][: draw.randint(1, 3)])
    zone = draw.choice(["", "", "Z", " UTC", "+01:00", " -0300 (BRST)", " GMT+3", " est", " am", "pm", "+1"])
    weekday = draw.choice(["", "", "", "Mon ", "thursday, ", "on Fri the "])
    return draw.choice([weekday + day, weekday + day, f"{day}T{time}{zone}", f"{weekday}{day} {time}{zone}", time + zone, f"{time}{zone} {day}"])


def document(draw, depth):
    """A value of JSON."""
    plain = [lambda: draw.randint(-3, 12), lambda: draw.choice([0.5, 1.0, 2.5]), lambda: draw.choice(["a", "bc", "K12", "é"]), lambda: draw.choice([True, False, None])]
    if depth == 0 or draw.random() < 0.3:
        return draw.choice(plain)()
    if draw.random() < 0.3:
        return [document(draw, depth - 1) for _ in range(draw.randint(0, 3))]
    return {name: document(draw, depth - 1) for name in draw.sample("abc", draw.randint(0, 3))}


def schema(draw, depth, refers=True):
    """A JSON Schema, of the draft that is meant where none is named; it refers to another one, which refers to none."""
    plain = [True, False, {"type": "integer"}] + ([{"$ref": "#/$defs/x"}] if refers else [])
    inner = lambda: schema(draw, depth - 1, refers) if depth else draw.choice(plain)
    types = ["integer", "number", "string", "boolean", "null", "array", "object"]
    keywords = {
        "type": lambda: draw.choice([draw.choice(types), draw.sample(types, 3), ["object", "array", "integer", "string"]]),
        "enum": lambda: [document(draw, 1) for _ in range(4)],
        "const": lambda: document(draw, 0),
        "minimum": lambda: draw.choice([0, 0.5, 2]),
        "exclusiveMaximum": lambda: draw.choice([2.5, 10]),
        "multipleOf": lambda: draw.choice([2, 0.5, 0.1]),
        "minLength": lambda: draw.randint(0, 2),
        "maxLength": lambda: draw.randint(1, 3),
        "pattern": lambda: draw.choice(["^[a-z]+$", r"\d$", "é"]),
        "properties": lambda: {name: inner() for name in draw.sample("abc", 2)},
        "patternProperties": lambda: {"^[ab]": inner()},
        "additionalProperties": lambda: inner(),
        "propertyNames": lambda: {"enum": draw.sample("abc", 2)},
        "required": lambda: draw.sample("abc", 1),
        "minProperties": lambda: draw.randint(0, 2),
        "maxProperties": lambda: draw.randint(1, 3),
        "dependentRequired": lambda: {"a": ["b"]},
        "dependentSchemas": lambda: {"b": inner()},
        "prefixItems": lambda: [inner()],
        "items": lambda: inner(),
        "contains": lambda: inner(),
        "minContains": lambda: draw.randint(0, 2),
        "maxItems": lambda: draw.randint(0, 3),
        "uniqueItems": lambda: True,
        "allOf": lambda: [inner()],
        "anyOf": lambda: [inner(), inner()],
        "oneOf": lambda: [inner(), inner()],
        "not": lambda: inner(),
        "if": lambda: inner(),
        "then": lambda: inner(),
        "else": lambda: inner(),
    }
    return {name: keywords[name]() for name in draw.sample(list(keywords), draw.randint(1, 4))}


def quoted(text):
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


def expectation(draw, table):
    """One expectation on the table, as JSON."""
    names = list(table)
    # What is asked of numbers is asked of texts as well, less often.
    numeric = [name for name in names if table[name][0] in ("whole", "wholes", "number", "few", "rising", "constant", "empty", "truth")]
    of_numbers = numeric if numeric and draw.random() < 0.6 else names
    name = draw.choice(of_numbers)
    # The same column twice is a pair of pairs to Great Expectations.
    other = draw.choice([other for other in (of_numbers if len(of_numbers) > 1 else names) if other != name])
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
        chosen = conditions(draw, table)
        map_kwargs |= chosen
        column_kwargs |= chosen
    values = [any_value() for _ in range(draw.randint(1, 6))] + draw.choice([[], ["zz"], [1], [12345]])
    regex = draw.choice([r"^K\d{5}$", "[a-c]", r"^-?\d+$", r"^\d+(\.\d+)?$", "X|Y", r"(\d)\1", r"\s", "^[^0-9]*$"])
    pair = {"column_A": name, "column_B": other}
    if draw.random() < 0.6:
        pair["ignore_row_if"] = draw.choice(["both_values_are_missing", "either_value_is_missing", "neither"])
    some = draw.sample(of_numbers, min(len(of_numbers), draw.randint(2, 3)))
    some = some if len(some) > 1 else names[:2]
    several = {"column_list": some}
    if draw.random() < 0.6:
        several["ignore_row_if"] = draw.choice(["all_values_are_missing", "any_value_is_missing", "never"])
    shares = sorted(draw.sample([0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9, 1], 3))
    figures = ["min", "max", "mean", "median", "stdev", "sum", "proportion_of_unique_values", "proportion_of_non_null_values"]
    # Of a column of a kind, where there is one.
    of_kind = lambda kind: map_kwargs | {"column": draw.choice([name for name in names if table[name][0] == kind] or [name])}
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
            lambda: ("column_values_to_match_json_schema", of_kind("document") | {"json_schema": schema(draw, 2) | {"$defs": {"x": schema(draw, 0, False)}}}),
            lambda: ("column_values_to_be_dateutil_parseable", of_kind("moment")),
            lambda: ("column_values_to_match_strftime_format", map_kwargs | {"strftime_format": "%Y-%m-%d"}),
            lambda: ("column_values_to_be_of_type", map_kwargs | {"type_": draw.choice(["int64", "float64", "str", "bool", "int", "object"])}),
            lambda: ("column_type_to_be", {"column": name, "type_": draw.choice(["int64", "int", "float64", "float", "str", "bool", "object"])}),
            lambda: ("column_values_to_be_in_type_list", map_kwargs | {"type_list": draw.choice([["int", "float"], ["str"], ["bool", "float64"]])}),
            lambda: ("column_value_z_scores_to_be_less_than", map_kwargs | {"threshold": draw.choice([1, 2, 3]), "double_sided": draw.random() < 0.5}),
            lambda: ("column_values_to_not_be_outliers", map_kwargs | {"method": draw.choice(["iqr", "std"]), "multiplier": draw.choice([1, 1.5, 3])}),
            lambda: (f"column_{draw.choice(figures)}_to_be_between", column_kwargs | bounds),
            lambda: (f"column_{draw.choice(figures)}_to_be_between", column_kwargs | bounds),
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
            lambda: ("column_kl_divergence_to_be_less_than", column_kwargs | divergence(draw, any_value)),
            lambda: ("column_kl_divergence_to_be_less_than", column_kwargs | divergence(draw, any_value)),
        ]
    )()


def divergence(draw, any_value):
    """A partition of numbers into bins, or of values, and what is held out."""
    count = draw.randint(1, 4)
    parts = [draw.choice([0, 1, 2, 5]) for _ in range(count)]
    parts[0] += 1
    asked = {"threshold": draw.choice([0.05, 0.5, 2])} if draw.random() < 0.9 else {}
    if draw.random() < 0.5:
        values = list({str(value): value for value in [any_value() for _ in range(count)]}.values())
        parts = parts[: len(values)]
        asked["partition_object"] = {"values": values, "weights": [part / sum(parts) for part in parts]}
    else:
        edges = sorted(draw.sample([-10, -2, 0, 0.5, 1, 3, 10, 20, 60], count + 1))
        tails = [0.125, 0.125] if draw.random() < 0.3 else None
        rest = 0.75 if tails else 1
        asked["partition_object"] = {"bins": edges, "weights": [rest * part / sum(parts) for part in parts]}
        if tails:
            asked["partition_object"]["tail_weights"] = tails
        if draw.random() < 0.3:
            asked["internal_weight_holdout"] = 0.1
    if draw.random() < 0.5:
        asked["tail_weight_holdout"] = draw.choice([0.05, 0.2])
    return asked


def conditions(draw, table):
    """The arguments that choose rows: a text for pandas, or the objects of Great Expectations 1.x."""
    name = draw.choice([name for name in table if table[name][0] in ("whole", "texts", "constant", "few")] or list(table))
    present = [value for value in table[name][1] if value] or ["x"]
    is_number = all(is_float(value) for value in present)
    word = draw.choice(present).replace('"', "").replace("'", "")
    if draw.random() < 0.4:
        return {"row_condition": draw.choice([condition, either])(draw, name, typed(word, is_number), is_number)}
    operator = draw.choice([">", "<=", "==", "!="])
    if is_number:
        text = draw.choice([f"{name} {operator} {word}", f"{name} {operator} {word} or {name}.isnull()", f"not ({name} {operator} {word})"])
    else:
        text = draw.choice([f'{name} == "{word}"', f'{name} != "{word}"', f'{name} in ["{word}", "q"]', f"{name}.notnull()"])
    return {"row_condition": text, "condition_parser": "pandas"}


def condition(draw, name, value, is_number):
    column = {"name": name}
    if draw.random() < 0.3:
        return {"type": "nullity", "column": column, "is_null": draw.random() < 0.5}
    operators = ["==", "!=", ">", "<=", "IN", "NOT_IN"] if is_number else ["==", "!=", "IN", "NOT_IN"]
    operator = draw.choice(operators)
    parameter = [value, "q" if not is_number else 0] if operator.endswith("IN") else value
    return {"type": "comparison", "column": column, "operator": operator, "parameter": parameter}


def either(draw, name, value, is_number):
    parts = [condition(draw, name, value, is_number) for _ in range(2)]
    return {"type": draw.choice(["and", "or"]), "conditions": parts}


def is_float(text):
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def typed(text, is_number):
    if not is_number:
        return text
    return int(text) if "." not in text else float(text)


def like(draw, table):
    """A pattern of SQL's LIKE on texts, or a query for rows that are not expected."""
    name = draw.choice([name for name in table if table[name][0] in ("texts", "keys", "date", "json")] or ["row"])
    word = draw.choice([value for value in table[name][1] if value] or ["x"])
    patterns = [word, f"{word[:1]}%", f"%{word[-1:]}", f"_{word[1:]}", "%1%", "K_____", "%-%-%", "%", "_"]
    kwargs = {"column": name} | draw.choice([{}, {"mostly": 0.5}])
    one, several = draw.choice(patterns), draw.sample(patterns, 2)
    limit = draw.randint(0, 30)
    where = draw.choice([f"row > {limit}", f"row <= {limit} AND {name} IS NOT NULL", f"{name} = '{word}'" if name != "row" and not set("'{}") & set(word) else f"{name} IS NULL"])
    return draw.choice(
        [
            ("unexpected_rows_expectation", {"unexpected_rows_query": f"SELECT * FROM {{batch}} WHERE {where}"}),
            ("table_row_count_to_equal_other_table", {"other_table_name": "other"}),
            ("column_values_to_match_like_pattern", kwargs | {"like_pattern": one}),
            ("column_values_to_not_match_like_pattern", kwargs | {"like_pattern": one}),
            ("column_values_to_match_like_pattern_list", kwargs | {"like_pattern_list": several, "match_on": draw.choice(["any", "all"])}),
            ("column_values_to_not_match_like_pattern_list", kwargs | {"like_pattern_list": several}),
        ]
    )
