#!/usr/bin/env bash
# LightGBM, objective poisson: no setting of the penalties makes a model with a categorical feature free of the target's unit.
#
# Versions: lightgbm 4.7.0, numpy 2.4.6, scipy 1.17.1.
# Guess: derivatives of the Poisson deviance are proportional to the target, so a target in another unit gives the same trees where
# lambda_l2, min_sum_hessian_in_leaf, cat_l2 and cat_smooth are multiplied by the same factor.
# Seen: with numbers alone predictions agree to 1e-12. With a categorical feature they differ by more than a tenth, whether cat_smooth
# is multiplied or not: it is added to sums of second derivatives, which have the unit, and compared with counts of rows, which have none.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: lightgbm==4.7.0 numpy==2.4.6 scipy==1.17.1
"$work/venv/bin/python" - <<'PYTHON'
import lightgbm as lgb
import numpy as np

rng = np.random.default_rng(0)
rows = 2_000
level = rng.integers(0, 40, rows)
number = rng.uniform(-2, 2, rows)
target = np.exp(number + rng.normal(0, 1, 40)[level]) * rng.gamma(4, 0.25, rows)
target /= target.mean()
features = np.column_stack([level, number])


def predictions(factor, categorical, cat_l2=1.0, cat_smooth=1.0):
    parameters = dict(
        objective="poisson", learning_rate=0.1, num_leaves=8, max_cat_to_onehot=1, verbose=-1, num_threads=1, deterministic=True, force_row_wise=True,
        lambda_l2=factor, min_sum_hessian_in_leaf=1e-3 * factor, cat_l2=10 * cat_l2, cat_smooth=10 * cat_smooth,
    )
    data = lgb.Dataset(features, target * factor, categorical_feature=[0] if categorical else [])
    return lgb.train(parameters, data, 50).predict(features) / factor


def difference(factor, categorical, **penalties):
    return np.abs(predictions(factor, categorical, **penalties) / predictions(1.0, categorical) - 1).max()


for factor in [1024.0, 1 / 1024]:
    numeric = difference(factor, False)
    both = difference(factor, True, cat_l2=factor, cat_smooth=factor)
    one = difference(factor, True, cat_l2=factor)
    print(f"target times {factor}: numbers {numeric:.1e}, categories with cat_l2 and cat_smooth {both:.2f}, with cat_l2 alone {one:.2f}")
    assert numeric < 1e-12, numeric
    assert min(both, one) > 0.1, (both, one)
PYTHON
