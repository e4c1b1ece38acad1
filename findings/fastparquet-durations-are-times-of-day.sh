#!/usr/bin/env bash
# A duration that fastparquet writes is a time of day to every other reader, and one of a day or more is another thing to each.
#
# Versions: fastparquet 2026.9.0, pandas 3.1.1, pyarrow 26.0.1, polars 2.1.0, duckdb 2.0.1, numpy 2.4.6.
# Guess: timedelta64 is written as whole numbers of a unit, as pyarrow writes it, with a word in pandas' metadata that they are durations.
# Seen: the column is Parquet's TIME of microseconds, without a bound. fastparquet reads back what it wrote. Of 1, 30 and -1 hours, pyarrow
# tells 01:00, 06:00 and 23:00 without a word, Polars 01:00 and two missing values, and DuckDB refuses the file.
# So durations of a day and more are shortened by whole days, or lost, by whoever reads the file with something else.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    fastparquet==2026.9.0 pandas==3.1.1 pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1 numpy==2.4.6
"$work/venv/bin/python" - "$work/durations.parquet" <<'PYTHON'
import datetime
import sys

import duckdb
import fastparquet
import pandas as pd
import polars as pl
import pyarrow.parquet

path = sys.argv[1]
fastparquet.write(path, pd.DataFrame({"took": pd.to_timedelta([1, 30, -1], unit="h")}))
own = fastparquet.ParquetFile(path).to_pandas()["took"].tolist()
table = pyarrow.parquet.read_table(path)
polars = pl.read_parquet(path)["took"].to_list()
try:
    refused = duckdb.sql(f"FROM '{path}'").fetchall()
except duckdb.Error as error:
    refused = str(error)
print("fastparquet:", own)
print("pyarrow:    ", table.schema.field("took").type, table.column("took").to_pylist())
print("polars:     ", polars)
print("duckdb:     ", refused)
assert own == [pd.Timedelta(hours=hours) for hours in (1, 30, -1)], own
assert str(table.schema.field("took").type) == "time64[us]", table.schema
assert table.column("took").to_pylist() == [datetime.time(1), datetime.time(6), datetime.time(23)]
assert polars == [datetime.time(1), None, None], polars
assert "TIME" in refused, refused
PYTHON
