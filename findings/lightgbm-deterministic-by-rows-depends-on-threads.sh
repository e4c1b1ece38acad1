#!/usr/bin/env bash
# LightGBM: deterministic=true with force_row_wise=true gives another model with another number of threads.
#
# Versions: lightgbm 4.7.0, numpy 2.4.6, scipy 1.17.1.
# Guess: the documentation of `deterministic` speaks of stable results for the same data and parameters, different num_threads included,
# and asks for force_row_wise or force_col_wise besides; so either of them would do.
# Seen: on 200,000 rows with targets of different sizes, one, two and three threads give three models by rows, and one by columns. With
# one thread both are the same model. Small tables and classes hide it: sums of float gradients are exact in doubles there.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: lightgbm==4.7.0 numpy==2.4.6 scipy==1.17.1
"$work/venv/bin/python" - <<'PYTHON'
import lightgbm as lgb
import numpy as np

rng = np.random.default_rng(1)
features = rng.normal(size=(200_000, 30))
target = 100 * np.exp(1.5 * (features[:, 0] + features[:, 1] * features[:, 2] + rng.normal(size=200_000)))


def trees(wise, threads):
    """The text of the trees of a model, without its parameters, which name the threads."""
    parameters = dict(
        objective="regression", num_leaves=31, learning_rate=0.1, verbose=-1, seed=1, deterministic=True, num_threads=threads, **{wise: True}
    )
    text = lgb.train(parameters, lgb.Dataset(features, target), 100).model_to_string()
    return text.split("\nparameters:")[0]


by_rows = [trees("force_row_wise", threads) for threads in (1, 2, 3)]
by_columns = [trees("force_col_wise", threads) for threads in (1, 2, 3)]
print(f"models of 1, 2 and 3 threads: {len(set(by_rows))} by rows, {len(set(by_columns))} by columns")
assert len(set(by_rows)) == 3
assert len(set(by_columns)) == 1
assert by_rows[0] == by_columns[0]
PYTHON
