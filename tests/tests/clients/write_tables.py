"""Writes the same rows with the writers that people use, and prints which columns each file has.

Usage: write_tables.py DIRECTORY
`plain.csv` has the rows in plain spellings. Of another file, a column that is not printed is one that its writer has no type for.
"""

import datetime as dt
import decimal
import json
import os
import sys
import uuid
import warnings

warnings.filterwarnings("ignore")

import duckdb
import fastparquet
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

ROWS = 40
directory = sys.argv[1]
told = {}


def path(name, columns):
    told[name] = columns
    return os.path.join(directory, name)


def every(count, values):
    """Values, of which every so many-th is missing."""
    return [None if row % count == count - 1 else values(row) for row in range(ROWS)]


berlin = dt.timezone(dt.timedelta(hours=2))
start = dt.datetime(2024, 5, 31, 8, 45, 30)
rows = {
    "whole": [row * 3 - 20 for row in range(ROWS)],
    "gaps": every(7, lambda row: row - 5),
    "big": [2**53 + 1 + row for row in range(ROWS)],
    "ratio": every(5, lambda row: row / 8 - 1.5),
    "flag": [row % 3 == 0 for row in range(ROWS)],
    "unsure": every(6, lambda row: row % 2 == 0),
    "price": [decimal.Decimal(row * 125 + 10).scaleb(-2) for row in range(ROWS)],
    "day": [dt.date(2023, 12, 20) + dt.timedelta(days=row) for row in range(ROWS)],
    "midnight": [dt.datetime(2024, 1, 1) + dt.timedelta(days=row) for row in range(ROWS)],
    "instant": every(9, lambda row: start + dt.timedelta(minutes=row, milliseconds=row * 10)),
    "zoned": [(start + dt.timedelta(hours=row)).replace(tzinfo=berlin) for row in range(ROWS)],
    "clock": every(8, lambda row: dt.time(row % 24, row, 30, row * 1000)),
    "took": every(10, lambda row: dt.timedelta(hours=row, seconds=row, milliseconds=500)),
    "identity": every(11, lambda row: uuid.UUID(int=(row + 1) * 0x1234567890ABCDEF1234567890ABCD)),
    "level": [["low", "middle", "high"][row % 3] for row in range(ROWS)],
    "note": every(4, lambda row: f'note, "{row}" ü'),
}
ALL = list(rows)


def spelled(value):
    if value is None:
        return ""
    if isinstance(value, dt.timedelta):
        seconds = value.total_seconds()
        return f"PT{int(seconds // 3600)}H{seconds % 3600:g}S"
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    if isinstance(value, dt.datetime) and value.tzinfo is None and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)


with open(path("plain.csv", ALL), "w") as file:
    file.write(",".join(ALL) + "\n")
    for row in range(ROWS):
        file.write(",".join(spelled(values[row]) for values in rows.values()) + "\n")

# pyarrow: every type by its own name.
types = {
    "whole": pa.int32(), "gaps": pa.int64(), "big": pa.int64(), "ratio": pa.float64(), "flag": pa.bool_(), "unsure": pa.bool_(),
    "price": pa.decimal128(10, 2), "day": pa.date32(), "midnight": pa.timestamp("ms"), "instant": pa.timestamp("us"),
    "zoned": pa.timestamp("us", "Europe/Berlin"), "clock": pa.time64("us"), "took": pa.duration("us"), "identity": pa.uuid(),
    "level": pa.dictionary(pa.int8(), pa.string()), "note": pa.string(),
}  # fmt: skip
bytes_of = lambda values: [value and value.bytes for value in values]
arrays = {name: pa.array(bytes_of(rows[name]) if name == "identity" else rows[name], types[name]) for name in ALL}
table = pa.table(arrays)
pa.parquet.write_table(table, path("pyarrow.parquet", ALL))
pa.parquet.write_table(table, path("pyarrow-zstd-v1.parquet", ALL), version="1.0", compression="zstd", data_page_version="2.0")
# Without Arrow's schema, durations are whole numbers: Parquet has no such type.
bare = path("pyarrow-no-schema.parquet", [name for name in ALL if name != "took"])
pa.parquet.write_table(table, bare, store_schema=False, use_dictionary=False, write_statistics=False)
pa.feather.write_feather(table, path("pyarrow.feather", ALL), compression="lz4")
with pa.OSFile(path("pyarrow.arrows", ALL), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table, max_chunksize=16)
others = {"note": pa.string_view(), "level": pa.large_string(), "price": pa.decimal256(50, 2), "clock": pa.time32("ms"), "gaps": pa.int8()}
small = pa.table({name: pa.array(rows[name], kind) for name, kind in others.items()})
pa.parquet.write_table(small, path("pyarrow-other-types.parquet", list(others)))
pa.csv.write_csv(table.drop(["took", "identity"]), path("pyarrow.csv", [name for name in ALL if name not in ("took", "identity")]))

# Spark: a directory of snappy parts, with its marker, sums and 96-bit timestamps.
spark = path("spark.parquet", [name for name in ALL if name not in ("clock", "took", "identity")])
os.makedirs(spark)
for part in range(3):
    slice_of = table.drop(["clock", "took", "identity"]).slice(part * 15, 15)
    name = f"part-{part:05}-5c2a0f3e-0b3c-4c84-9d0e-8f1f0a0f6a11-c000.snappy.parquet"
    pa.parquet.write_table(slice_of, f"{spark}/{name}", compression="snappy", use_deprecated_int96_timestamps=True, store_schema=False)
    open(f"{spark}/.{name}.crc", "wb").write(b"crc\0\0\0\2\0")
open(f"{spark}/_SUCCESS", "w").close()
open(f"{spark}/._SUCCESS.crc", "wb").write(b"crc\0\0\0\2\0")

# pandas: its own types, nullable ones, and those of Arrow.
frame = pd.DataFrame(rows).astype({"level": "category", "gaps": "float64", "ratio": "float64"})
frame["identity"] = [value and str(value) for value in rows["identity"]]
nullable = frame.astype({"whole": "Int32", "gaps": "Int64", "big": "UInt64", "ratio": "Float64", "flag": "boolean", "unsure": "boolean", "note": "string"})
of_arrow = pd.DataFrame({name: pd.array(rows[name], dtype=pd.ArrowDtype(kind)) for name, kind in types.items() if name not in ("identity", "level")})
# Whole numbers with gaps are floating-point ones there.
floats = [name for name in ALL if name != "gaps"]
frame.to_parquet(path("pandas.parquet", floats))
nullable.to_parquet(path("pandas-nullable.parquet", ALL))
of_arrow.to_parquet(path("pandas-arrow.parquet", list(of_arrow)))
frame.to_feather(path("pandas.feather", floats))
nullable.to_csv(path("pandas.csv", ALL), index=False)
lines = [name for name in ALL if name not in ("took", "clock", "midnight", "day", "price")]
nullable[lines].to_json(path("pandas.jsonl", lines), orient="records", lines=True, date_format="iso", date_unit="us")
nullable[lines].to_json(path("pandas-array.json", lines), orient="records", date_format="iso", date_unit="us")

# Polars: no UUID; enumerations and categories.
polars = pl.DataFrame({name: [str(value) if value else None for value in values] if name == "identity" else values for name, values in rows.items()})
polars = polars.with_columns(pl.col("level").cast(pl.Enum(["low", "middle", "high"])), pl.col("note").cast(pl.Categorical), pl.col("whole").cast(pl.Int16))
polars.write_parquet(path("polars.parquet", ALL))
polars.write_parquet(path("polars-gzip.parquet", ALL), compression="gzip", use_pyarrow=False, statistics=False)
# Its files of Arrow IPC have no stream behind their first bytes, as others' have; docs/compatibility.md has that.
polars.write_ipc_stream(path("polars.arrows", ALL), compression="zstd")
without = [name for name in ALL if name != "took"]
polars.select(without).write_csv(path("polars.csv", without))  # It has no text of durations there.
polars.write_ndjson(path("polars.ndjson", ALL))

# DuckDB: UUIDs as Parquet knows them, and intervals, which have months.
connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
connection.register("arrow_rows", table)
connection.execute(
    "CREATE TABLE t AS SELECT * REPLACE (level::ENUM ('low', 'middle', 'high') AS level, identity::UUID AS identity, took::INTERVAL AS took) FROM arrow_rows"
)
whole = [name for name in ALL if name != "took"]
connection.execute(f"COPY t TO '{path('duckdb.parquet', whole)}' (FORMAT parquet)")
connection.execute(f"COPY t TO '{path('duckdb-v2.parquet', whole)}' (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd)")
# 30:00:30.5, as it spells a duration of more than a day in a text, is no time and no duration.
connection.execute(f"COPY t TO '{path('duckdb.csv', whole)}' (FORMAT csv, HEADER)")
connection.execute(f"COPY (SELECT * EXCLUDE took FROM t) TO '{path('duckdb.ndjson', whole)}' (FORMAT json)")

# fastparquet: its durations are Parquet's times of day, and it has no dates, times or UUIDs of their own.
fast = frame.drop(columns=["day", "clock", "took", "price"]).assign(gaps=nullable["gaps"], unsure=nullable["unsure"])
fastparquet.write(path("fastparquet.parquet", list(fast)), fast, compression="GZIP")
# Of the microseconds that pandas 3 has, it writes other instants as 96 bits.
instants = frame[["instant", "midnight"]].astype("datetime64[ns]")
fastparquet.write(path("fastparquet-int96.parquet", list(instants)), instants, times="int96")
fastparquet.write(path("fastparquet-parts.parquet", ["whole", "level"]), frame[["whole", "level"]], file_scheme="hive", row_group_offsets=[0, 20])

json.dump(told, sys.stdout)
