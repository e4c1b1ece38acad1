"""Makes two tables and what Evidently and SciPy answer for them.

    python make.py DIRECTORY REFERENCE_ROWS CURRENT_ROWS SEED

`edges` was made with 400 300 1, `equal` with 500 500 2; `scripts/python-venv drift` makes a Python that has what is needed.
The columns are those where definitions part: ties, constants, few values, missing ones, categories of one side.
"""

import json
import math
import sys
import warnings

import evidently
import numpy as np
import pandas as pd
import scipy
from evidently.legacy.calculations.stattests import (
    chi_stat_test,
    jensenshannon_stat_test,
    kl_div_stat_test,
    ks_stat_test,
    psi_stat_test,
    wasserstein_stat_test,
)
from evidently.legacy.core import ColumnType
from scipy import stats
from scipy.spatial.distance import jensenshannon

warnings.simplefilter("ignore")
directory = sys.argv[1]
m, n, seed = (int(argument) for argument in sys.argv[2:])
random = np.random.default_rng(seed)
reference, current, kinds = {}, {}, {}


def numeric(name, of_reference, of_current, missing=(0, 0)):
    sides = [np.array(side, dtype=float) for side in (of_reference, of_current)]
    for side, share in zip(sides, missing):
        if share:
            side[random.choice(len(side), int(share * len(side)), replace=False)] = np.nan
    reference[name], current[name] = sides
    kinds[name] = "numeric"


def categorical(name, of_reference, of_current):
    reference[name], current[name], kinds[name] = of_reference, of_current, "categorical"


def rounded(values):
    return np.round(values, 3)


def levels(count, rows, shares=None):
    return random.choice([f"v{level}" for level in range(count)], rows, p=shares)


numeric("ties", rounded(random.normal(0, 1, m)) // 0.5 * 0.5, rounded(random.normal(0.1, 1, n)) // 0.5 * 0.5)
numeric("integers", random.integers(0, 60, m), random.integers(5, 66, n))
numeric("two_values", random.integers(0, 2, m), (random.random(n) < 0.7).astype(int))
numeric("constant", np.full(m, 3.0), np.full(n, 3.0))
numeric("constant_moved", np.full(m, 3.0), np.full(n, 3.5))
numeric("holes", rounded(random.normal(5, 2, m)), rounded(random.normal(5, 2, n)), (0.3, 0.05))
numeric(
    "zero_inflated",
    rounded(np.where(random.random(m) < 0.4, 0, random.lognormal(0, 1, m))),
    rounded(np.where(random.random(n) < 0.5, 0, random.lognormal(0, 1.2, n))),
)
numeric("heavy", rounded(random.standard_t(1.5, m) * 100), rounded(random.standard_t(1.5, n) * 100))
numeric("apart", rounded(random.random(m)), rounded(random.random(n) + 5))
numeric(
    "tiny_spread",
    1e6 + np.round(random.normal(0, 1e-4, m), 6),
    1e6 + np.round(random.normal(0, 1e-4, n), 6),
)
numeric("twenty", random.integers(0, 20, m), random.integers(0, 21, n))
numeric("twenty_one", random.integers(0, 21, m), random.integers(0, 20, n))
categorical("one_level", np.full(m, "x"), np.full(n, "x"))
categorical("new_level", levels(3, m), levels(4, n))
categorical("gone_level", levels(4, m), levels(3, n))
rising = np.arange(1, 61) / np.arange(1, 61).sum()
categorical("many_levels", levels(60, m, rising), levels(60, n, rising[::-1]))
holes = levels(3, n).astype(object)
holes[random.choice(n, n // 4, replace=False)] = None
categorical("cat_holes", levels(3, m), holes)

pd.DataFrame(reference).to_csv(f"{directory}/reference.csv", index=False)
pd.DataFrame(current).to_csv(f"{directory}/current.csv", index=False)
# What others read is what is written.
reference, current = (pd.read_csv(f"{directory}/{side}.csv") for side in ("reference", "current"))


def number(value):
    return float(value) if math.isfinite(value) else None


def of_deciles(r, c):
    edges = np.unique(np.quantile(r, np.linspace(0, 1, 11)[1:-1]))

    def shares(side):
        bins = np.searchsorted(edges, side, side="right")
        return np.bincount(bins, minlength=len(edges) + 1) / len(side)

    p, q = shares(r), shares(c)
    at_least = [np.maximum(side, 1e-4) for side in (p, q)]
    return {
        "inner_edges": edges.tolist(),
        "psi": number(((at_least[0] - at_least[1]) * np.log(at_least[0] / at_least[1])).sum()),
        "jensenshannon": number(jensenshannon(p, q)),
    }


def test(answer):
    return {"statistic": number(answer.statistic), "pvalue": number(answer.pvalue)}


def expected(name, kind):
    r, c = reference[name].dropna(), current[name].dropna()
    of = ColumnType.Numerical if kind == "numeric" else ColumnType.Categorical
    tests = {"psi": psi_stat_test, "jensenshannon": jensenshannon_stat_test, "kl_div": kl_div_stat_test}
    if kind == "numeric":
        tests |= {"ks": ks_stat_test, "wasserstein": wasserstein_stat_test}
        column = {
            "scipy": {
                "ks_2samp": test(stats.ks_2samp(r, c)),
                "ks_2samp_asymp": test(stats.ks_2samp(r, c, method="asymp")),
                "wasserstein_distance": number(stats.wasserstein_distance(r, c)),
            },
            "std_reference": number(np.std(r)),
            "psi_quantile10": of_deciles(r, c),
        }
    else:
        tests |= {"chisquare": chi_stat_test}
        keys = sorted(set(r) | set(c))
        rows = [[int((side == key).sum()) for key in keys] for side in (r, c)]
        contingency = stats.chi2_contingency(rows, correction=False)
        p, q = np.array(rows[0]) / len(r), np.array(rows[1]) / len(c)
        column = {
            "scipy": {
                "chisquare_vs_reference": test(stats.chisquare(rows[1], p * len(c))),
                "chi2_contingency": test(contingency) | {"dof": int(contingency.dof)},
                "jensenshannon": number(jensenshannon(*rows)),
            },
            "counts": {"keys": keys, "reference": rows[0], "current": rows[1]},
            "psi_plain": number(((p - q) * np.log(p / q)).sum()),
        }
    answers = {key: number(of_test.func(r, c, of, 0.1)[0]) for key, of_test in tests.items()}
    return {"kind": kind} | column | {"evidently": answers}


document = {
    "versions": {
        "python": sys.version.split()[0],
        "evidently": evidently.__version__,
        "scipy": scipy.__version__,
        "numpy": np.__version__,
        "pandas": pd.__version__,
    },
    "rows": {"reference": m, "current": n},
    "columns": {name: expected(name, kind) for name, kind in kinds.items()},
}
with open(f"{directory}/expected.json", "w") as file:
    json.dump(document, file, indent=1)
    file.write("\n")
