#!/usr/bin/env bash
# read_csv of DuckDB 2 takes a column of country codes that are all NO for the truth value false.
#
# Versions: duckdb 2.0.1.
# Guess: what is concluded to be a truth value is `true` and `false`, as in DuckDB's SQL; `NO` and `Yes` stay texts, as `y`, `n`, `on`, `off` do.
# Seen: `yes` and `no`, in any case, are truth values where a column has nothing else, and `y`, `n`, `on` and `off` are texts. A column of
# NO, SE and DE is text; the rows of Norway alone are `false`, so that one part of a data set has another type and other values than the whole.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: duckdb==2.0.1
"$work/venv/bin/python" - "$work" <<'PYTHON'
import pathlib
import sys

import duckdb

path = pathlib.Path(sys.argv[1]) / "countries.csv"


def read(*values):
    path.write_text("row,value\n" + "".join(f"{row},{value}\n" for row, value in enumerate(values)))
    relation = duckdb.sql(f"SELECT value FROM read_csv('{path}') ORDER BY row")
    return str(relation.types[0]), [value for (value,) in relation.fetchall()]


found = {values: read(*values) for values in [("NO", "SE", "DE"), ("NO", "NO"), ("Yes", "no"), ("y", "n"), ("on", "off")]}
for values, what in found.items():
    print(values, what)
assert found == {
    ("NO", "SE", "DE"): ("VARCHAR", ["NO", "SE", "DE"]),
    ("NO", "NO"): ("BOOLEAN", [False, False]),
    ("Yes", "no"): ("BOOLEAN", [True, False]),
    ("y", "n"): ("VARCHAR", ["y", "n"]),
    ("on", "off"): ("VARCHAR", ["on", "off"]),
}, found
PYTHON
