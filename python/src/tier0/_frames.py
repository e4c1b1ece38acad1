"""Tables of pandas, polars and plain Python: to a file that a fleet reads, to tensors, and back.

The types of columns survive: a file is Parquet where something writes it, and else CSV with every digit. A tensor has what
the model's signature says of the column.
"""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import importlib
import math
import os
import re
import sys
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from .errors import DataError, MissingPackageError

Kind = Literal["pandas", "polars", "records"]

#: Whole numbers up to here are doubles without loss.
_EXACT = 2**53
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
#: What is written for a missing value, in texts where a number, a truth value or a time is expected.
_MISSING = frozenset(
    "|NA|N/A|n/a|#N/A|#N/A N/A|#NA|<NA>|NaN|nan|-NaN|-nan|null|NULL|None|1.#IND|-1.#IND|1.#QNAN|-1.#QNAN|?".split("|")
)


def package(name: str, why: str) -> Any:
    """A package that is not needed by everyone."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingPackageError(f"{why} needs {name}: pip install {name}") from error


def is_there(name: str) -> bool:
    """Whether a package can be imported."""
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def kind_of(data: Any) -> Kind:
    """What a table is.

    Raises:
        DataError: It is none that is understood.
    """
    for name in ("pandas", "polars"):
        module = sys.modules.get(name)
        if module is not None and isinstance(data, module.DataFrame):
            return "pandas" if name == "pandas" else "polars"
    polars = sys.modules.get("polars")
    if polars is not None and isinstance(data, polars.LazyFrame):
        raise DataError("a LazyFrame has no rows yet; give table.collect()")
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)) and all(isinstance(row, Mapping) for row in data):
        return "records"
    found = f"{type(data).__module__}.{type(data).__name__}"
    raise DataError(f"expected a DataFrame of pandas or polars, or a list of dicts; found {found}")


def names_of(data: Any) -> list[str]:
    """Names of the columns in their order.

    Raises:
        DataError: Two columns have one name, or names have several levels.
    """
    if kind_of(data) == "records":
        return list(dict.fromkeys(str(name) for row in data for name in row))
    if getattr(data.columns, "nlevels", 1) > 1:
        raise DataError("names of columns have several levels; join them, such as ['_'.join(name) for name in table.columns]")
    names = [str(name) for name in data.columns]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"two columns are named {name!r}", name)
    return names


def rows_of(data: Any) -> int:
    """Number of rows."""
    return len(data)


def values_of(data: Any, name: str) -> list[Any]:
    """A column as values of Python; None where one is missing."""
    kind = kind_of(data)
    if kind == "records":
        return [None if _is_nan(row.get(name)) else row.get(name) for row in data]
    if kind == "polars":
        return [None if _is_nan(value) else value for value in data[name].to_list()]
    series = data.iloc[:, [str(column) for column in data.columns].index(name)]
    missing = series.isna().tolist()
    values = series.astype(object).tolist()
    return [None if gone else value for value, gone in zip(values, missing, strict=True)]


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


# To a file.


def write(data: Any, directory: Path, stem: str) -> Path:
    """Writes a table where a fleet reads it: Parquet, or CSV where nothing writes Parquet. Its owner alone can read it.

    Raises:
        DataError: A column has values of several types, or the table has no rows.
    """
    kind, names = kind_of(data), names_of(data)
    if rows_of(data) == 0 or not names:
        raise DataError("the table has no rows or no columns")
    # A name that begins with a dot is no part of a directory that is read as one table.
    if kind == "polars":
        table = _polars_plain(data)
        return _made(directory / f"{stem}.parquet", table.write_parquet)
    if kind == "pandas" and is_there("pyarrow"):
        return _made(directory / f"{stem}.parquet", _arrow_writer(data, names))
    return _made(directory / f"{stem}.csv", lambda path: _write_csv(data, names, path))


def _made(path: Path, fill: Callable[[Path], Any]) -> Path:
    # Made first, so that no other user can read it at any time.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        fill(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _arrow_writer(data: Any, names: list[str]) -> Callable[[Path], Any]:
    arrow = importlib.import_module("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")
    pandas = sys.modules["pandas"]
    columns = []
    for position, name in enumerate(names):
        series = data.iloc[:, position]
        if pandas.api.types.is_timedelta64_dtype(series.dtype):
            series = series.dt.total_seconds()
        elif series.dtype == object or isinstance(series.dtype, pandas.PeriodDtype):
            series = series.map(_plain, na_action="ignore")
        try:
            columns.append(arrow.Array.from_pandas(series))
        except (arrow.ArrowException, OverflowError, TypeError, ValueError) as error:
            kinds = sorted({type(value).__name__ for value in values_of(data, name) if value is not None})
            raise DataError(
                f"column {name!r} has values of type {' and '.join(kinds)}, which make no column of a table; "
                f"make them one type, such as table[{name!r}].astype(str), or leave the column out",
                name,
            ) from error
    table = arrow.Table.from_arrays(columns, names=names)
    return lambda path: parquet.write_table(table, path)


def _plain(value: Any) -> Any:
    """A value as a column of objects may have it."""
    if isinstance(value, (uuid.UUID, Path)) or type(value).__name__ == "Period":
        return str(value)
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    return value


def _polars_plain(data: Any) -> Any:
    polars = sys.modules["polars"]
    seconds = [
        (polars.col(name).dt.total_nanoseconds() / 1e9).alias(name)
        for name, of in data.schema.items()
        if of == polars.Duration
    ]
    return data.with_columns(seconds) if seconds else data


def _write_csv(data: Any, names: list[str], path: Path) -> None:
    columns = [[_text(value, name) for value in values_of(data, name)] for name in names]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(zip(*columns, strict=True))


def _text(value: Any, column: str) -> str:
    """A value as a CSV has it, with all its digits."""
    value = _plain(_scalar(value))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return _instant(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (int, str)):
        return str(value)
    if isinstance(value, dt.time):
        return value.isoformat()
    raise DataError(f"column {column!r} has a value of type {type(value).__name__}, which a table does not have", column)


def plain(value: Any) -> Any:
    """A value that stands alone as one of Python; None where it is missing."""
    value = _plain(_scalar(value))
    return None if _is_nan(value) or type(value).__name__ in ("NAType", "NaTType") else value


def _scalar(value: Any) -> Any:
    """A scalar of numpy as one of Python."""
    item = getattr(value, "item", None)
    is_numpy = type(value).__module__ == "numpy" and callable(item)
    return item() if is_numpy and item is not None else value


def _instant(value: dt.datetime) -> str:
    """A time in RFC 3339, in UTC; one without a zone is taken to be in UTC, as a table's is."""
    if value.tzinfo is not None:
        value = value.astimezone(dt.timezone.utc).replace(tzinfo=None)
    return value.isoformat() + "Z"


# To tensors.


def tensor(name: str, datatype: str, signature: Mapping[str, Any], values: Sequence[Any], first: int) -> dict[str, Any]:
    """A column of rows as a tensor of the Open Inference Protocol.

    Args:
        datatype: Datatype that the model's metadata name.
        signature: What its signature says of the input: `column_type`, and `form` where texts spell the values.
        first: Number of the first row in the table, for messages.

    Raises:
        DataError: A value is not what the model takes; it names column and row, never the value.
    """
    read = _READERS.get(str(signature.get("column_type", "")), _READERS_BY_DATATYPE.get(datatype, _number))
    markers = frozenset(_markers(signature)) or _MISSING
    has_form = "form" in signature
    data: list[Any] = []
    for row, value in enumerate(values):
        value = _plain(_scalar(value))
        if isinstance(value, str) and (has_form or read is not _word):
            stripped = value.strip()
            value = None if stripped in markers else stripped
        try:
            if value is None or (has_form and isinstance(value, str)):
                data.append(value)
            else:
                data.append(read(value))
        except _Misfit as misfit:
            raise DataError(f"column {name!r}, row {first + row}: expected {misfit.expected}", name) from None
    if has_form and any(isinstance(value, str) for value in data):
        datatype = "BYTES"
        data = [value if value is None or isinstance(value, str) else _text(value, name) for value in data]
    return {"name": name, "datatype": datatype, "shape": [len(data)], "data": data}


def _markers(signature: Mapping[str, Any]) -> Iterable[str]:
    said = signature.get("missing_markers")
    return [str(text) for text in said] if isinstance(said, list) else []


class _Misfit(Exception):
    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def _number(value: Any) -> float | int | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise _Misfit("a number")
        value = float(value)
    if isinstance(value, (float, decimal.Decimal)):
        number = float(value)
        # As in a table that is learned from: a number that is not finite is missing.
        return number if math.isfinite(number) else None
    raise _Misfit("a number")


def _truth(value: Any) -> bool:
    if isinstance(value, str):
        known = {"true": True, "false": False}
        if value.lower() in known:
            return known[value.lower()]
    elif isinstance(value, (bool, int, float)) and value in (0, 1):
        return bool(value)
    raise _Misfit("true or false")


def _word(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not value.is_integer():
            return repr(value)
        if abs(value) >= _EXACT:
            raise _Misfit("a whole number with all its digits, as an integer column or as text; a float has lost some")
        return str(int(value))
    if isinstance(value, (dt.date, dt.time, decimal.Decimal)):
        return _text(value, "")
    raise _Misfit("a text")


def _time(value: Any) -> str:
    if isinstance(value, dt.datetime):
        is_day = value.tzinfo is None and value.time() == dt.time() and getattr(value, "nanosecond", 0) == 0
        return value.date().isoformat() if is_day else _instant(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    raise _Misfit("a date or a time")


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "integer": _number,
    "number": _number,
    "boolean": _truth,
    "text": _word,
    "date": _time,
    "timestamp": _time,
}
_READERS_BY_DATATYPE: Mapping[str, Callable[[Any], Any]] = {"BYTES": _word, "BOOL": _truth}


# And back.


def frame(columns: Mapping[str, Sequence[Any]], like: Any = None, kind: Kind | None = None) -> Any:
    """Columns as a table of the kind of `like`, with its index; of pandas, or of polars, where nothing says more.

    Where neither is installed it is a list of dicts.
    """
    kind = kind or (kind_of(like) if like is not None else default_kind())
    if kind == "pandas":
        pandas = package("pandas", "a DataFrame")
        return pandas.DataFrame(dict(columns), index=None if like is None else like.index)
    if kind == "polars":
        return package("polars", "a DataFrame").DataFrame(dict(columns), strict=False)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def default_kind() -> Kind:
    """What tables are where no table says it: of a package that is imported, else of one that is installed."""
    names: tuple[Literal["pandas", "polars"], ...] = ("pandas", "polars")
    for name in names:
        if name in sys.modules:
            return name
    return next((name for name in names if is_there(name)), "records")


def column(values: Sequence[Any], name: str, like: Any) -> Any:
    """Values as a column of the kind of `like`, with its index; a list where that is none of pandas or polars."""
    kind = kind_of(like)
    if kind == "pandas":
        return package("pandas", "a Series").Series(list(values), index=like.index, name=name)
    if kind == "polars":
        return package("polars", "a Series").Series(name, list(values))
    return list(values)
