"""Reads files that tier0 wrote with the readers that people use, and compares what they find.

Usage: read_tables.py DIRECTORY; every file of the same stem holds the same rows.
"""

import json
import pathlib
import sys
import warnings

warnings.filterwarnings("ignore")

import duckdb
import fastparquet
import pandas as pd
import polars as pl
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

READERS = {
    ".csv": {
        "pandas": pd.read_csv,
        "polars": lambda path: frame(pl.read_csv(path, infer_schema_length=None)),
        # Its own candidates have truth values, which it takes Yes and No for.
        "duckdb": lambda path: duckdb.sql(
            f"FROM read_csv('{path}', sample_size = -1, auto_type_candidates = ['BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'VARCHAR'])"
        ).df(),
        "pyarrow": lambda path: pyarrow.csv.read_csv(path).to_pandas(),
    },
    ".jsonl": {
        "pandas": lambda path: pd.read_json(path, lines=True, convert_dates=False, dtype=None, precise_float=True),
        "polars": lambda path: frame(pl.read_ndjson(path, infer_schema_length=None)),
        "duckdb": lambda path: duckdb.sql(f"FROM read_json('{path}', sample_size = -1)").df(),
        "pyarrow": lambda path: pyarrow.json.read_json(path).to_pandas(),
    },
    ".parquet": {
        "pandas": pd.read_parquet,
        "polars": lambda path: frame(pl.read_parquet(path)),
        "duckdb": lambda path: duckdb.sql(f"FROM '{path}'").df(),
        "fastparquet": lambda path: fastparquet.ParquetFile(path).to_pandas(),
        "pyarrow": lambda path: pyarrow.parquet.read_table(path).to_pandas(),
    },
}


def frame(table):
    return pd.DataFrame(table.to_dict(as_series=False))


def plain(value):
    """A value without what readers differ in: how they call a missing one, and the types of numbers and moments."""
    if value is None or value is pd.NaT or value is pd.NA or value != value or value == "":
        return None
    if isinstance(value, str):
        # A number in CSV, whatever it is where files have types.
        if value.isdigit():
            return float(value)
        try:
            return plain(pd.Timestamp(value)) if value[:2] in ("19", "20") and value[4:5] == "-" else value
        except ValueError:
            return value
    if hasattr(value, "isoformat"):
        moment = pd.Timestamp(value)
        return (moment.tz_convert("UTC").tz_localize(None) if moment.tz else moment).isoformat()
    return float(value)


told, rows = {}, {}
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    for name, read in READERS.get(path.suffix, {}).items():
        table = read(str(path))
        found = [list(table.columns), [[plain(value) for value in row] for row in table.astype(object).to_numpy()]]
        known = rows.setdefault(path.stem, found)
        assert found[0] == known[0], (path.name, name, found[0], known[0])
        for place, (one, other) in enumerate(zip(found[1], known[1], strict=True)):
            assert one == other, (path.name, name, place, [pair for pair in zip(found[0], one, other) if pair[1] != pair[2]])
        told[f"{path.name} by {name}"] = len(found[1])
json.dump(told, sys.stdout)
