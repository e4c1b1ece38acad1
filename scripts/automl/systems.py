"""Fits one system on one data set and predicts rows without a target.

    systems.py SYSTEM --task FILE

The task is a JSON document: `train` (CSV), `features` (CSV of the test rows without the target), `target`, `problem`, `positive`,
`na_values`, `budget` (seconds), `seed`, `threads` (of all but tier0), `work` (an empty directory), and `tier0` (its program). What is
written into `work`: `predictions.csv` (a column `prediction` for numbers, `probability_CLASS` for classes) and `fitted.json` (seconds,
size of the model in bytes, versions). Each system is imported only where it is asked for, so that no other is measured with it.
"""

import argparse
import importlib.metadata
import json
import os
import pickle
import subprocess
import time
from pathlib import Path

# Categories that fewer training rows have are one category to a linear model.
FREQUENT = 10


def size(path: Path) -> int:
    """Bytes of a file, or of all files below a directory."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink())


def versions(*packages: str) -> dict[str, str]:
    return {package: importlib.metadata.version(package) for package in packages}


def read(task: dict):
    """Training features, target and test features, as pandas reads them."""
    import pandas as pd

    train = pd.read_csv(task["train"], na_values=task["na_values"], low_memory=False)
    test = pd.read_csv(task["features"], na_values=task["na_values"], low_memory=False)
    target = train.pop(task["target"])
    return train, (target if task["problem"] == "regression" else target.astype(str)), test[train.columns]


def save(task: dict, predicted, classes=None) -> None:
    """Probabilities of `classes` in their order, or numbers."""
    import pandas as pd

    if classes is None:
        table = pd.DataFrame({"prediction": predicted})
    else:
        table = pd.DataFrame(predicted, columns=[f"probability_{name}" for name in classes])
    table.to_csv(Path(task["work"]) / "predictions.csv", index=False)


def dump(task: dict, model) -> int:
    """Bytes of the pickled model."""
    path = Path(task["work"]) / "model.pickle"
    with path.open("wb") as file:
        pickle.dump(model, file, protocol=pickle.HIGHEST_PROTOCOL)
    return size(path)


def kinds(table) -> tuple[list[str], list[str]]:
    """Names of columns of numbers, and of all others."""
    import pandas as pd

    numbers = [name for name in table if pd.api.types.is_numeric_dtype(table[name]) and table[name].dtype != bool]
    return numbers, [name for name in table if name not in numbers]


def estimator(task: dict, model, x, y, test, started: float) -> dict:
    """Fits and predicts with what follows scikit-learn's interface; times and size."""
    model.fit(x, y)
    fitted = time.monotonic()
    if task["problem"] == "regression":
        save(task, model.predict(test))
    else:
        save(task, model.predict_proba(test), model.classes_)
    return {
        "fit_seconds": fitted - started,
        "predict_seconds": time.monotonic() - fitted,
        "model_bytes": dump(task, model),
    }


def linear(task: dict) -> dict:
    """Logistic or linear regression on standardised numbers and one-hot categories; gaps get the median and a flag."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    started = time.monotonic()
    x, y, test = read(task)
    numbers, texts = kinds(x)
    # A column that is empty in training has no median.
    numbers = [name for name in numbers if x[name].notna().any()]
    x, test = (
        table.astype({**{name: float for name in numbers}, **{name: object for name in texts}}) for table in (x, test)
    )
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=FREQUENT, sparse_output=False)
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numbers),
            ("texts", make_pipeline(SimpleImputer(strategy="constant", fill_value="missing"), encoder), texts),
        ]
    )
    model = LinearRegression() if task["problem"] == "regression" else LogisticRegression(max_iter=1000, random_state=task["seed"])
    return estimator(task, make_pipeline(columns, model), x, y, test, started) | {"versions": versions("scikit-learn")}


def lightgbm(task: dict) -> dict:
    """LightGBM as it is without any setting, with texts as pandas categories."""
    import pandas as pd
    from lightgbm import LGBMClassifier, LGBMRegressor

    started = time.monotonic()
    x, y, test = read(task)
    for name in kinds(x)[1]:
        kind = pd.CategoricalDtype(sorted(x[name].dropna().astype(str).unique()))
        x[name], test[name] = (table[name].where(table[name].isna(), table[name].astype(str)).astype(kind) for table in (x, test))
    make = LGBMRegressor if task["problem"] == "regression" else LGBMClassifier
    model = make(n_jobs=task["threads"], random_state=task["seed"], verbose=-1)
    return estimator(task, model, x, y, test, started) | {"versions": versions("lightgbm")}


def flaml(task: dict) -> dict:
    """FLAML with its default list of learners."""
    from flaml import AutoML

    started = time.monotonic()
    x, y, test = read(task)
    model = AutoML()
    model.fit(
        X_train=x,
        y_train=y,
        task="regression" if task["problem"] == "regression" else "classification",
        metric={"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[task["problem"]],
        time_budget=task["budget"],
        n_jobs=task["threads"],
        seed=task["seed"],
        verbose=0,
    )
    fitted = time.monotonic()
    if task["problem"] == "regression":
        save(task, model.predict(test))
    else:
        save(task, model.predict_proba(test), model.classes_)
    return {
        "fit_seconds": fitted - started,
        "predict_seconds": time.monotonic() - fitted,
        "model_bytes": dump(task, model),
        "chosen": model.best_estimator,
        "learners": list(model.estimator_list),
        "versions": versions("flaml", "lightgbm", "xgboost-cpu", "scikit-learn"),
    }


def autogluon(task: dict) -> dict:
    """AutoGluon with its default preset."""
    from autogluon.tabular import TabularPredictor

    started = time.monotonic()
    x, y, test = read(task)
    path = Path(task["work"]) / "model"
    predictor = TabularPredictor(
        label=task["target"],
        problem_type=task["problem"],
        eval_metric={"binary": "roc_auc", "multiclass": "log_loss", "regression": "root_mean_squared_error"}[task["problem"]],
        path=str(path),
        verbosity=0,
    )
    predictor.fit(x.assign(**{task["target"]: y}), time_limit=task["budget"], num_cpus=task["threads"])
    fitted = time.monotonic()
    if task["problem"] == "regression":
        save(task, predictor.predict(test).to_numpy())
    else:
        probabilities = predictor.predict_proba(test)
        save(task, probabilities.to_numpy(), list(probabilities.columns))
    return {
        "fit_seconds": fitted - started,
        "predict_seconds": time.monotonic() - fitted,
        "model_bytes": size(path),
        "chosen": predictor.model_best,
        "learners": predictor.model_names(),
        "versions": versions("autogluon.tabular", "lightgbm", "xgboost-cpu", "catboost", "scikit-learn"),
    }


def tier0(task: dict) -> dict:
    """A fleet of its own, a run, and predictions through the endpoint: what a person would do at the command line."""
    work = Path(task["work"])
    fleet, store = work / "fleet", work / "artifacts"
    store.mkdir()
    environment = os.environ | {
        # Bundles lie in a directory, where their size can be seen.
        "TIER0__ARTIFACTS__URI": store.as_uri(),
        # No model is refused for a table that does not say enough: no other system has such a gate.
        "TIER0_SCOPE_DEFINER__DEFAULTS__ROC_AUC": "0",
        "TIER0_SCOPE_DEFINER__DEFAULTS__MIN_LIFT": "0",
        "TIER0_SCOPE_DEFINER__DEFAULTS__GATE_ON_BASELINE": "false",
    }
    # Nothing of an environment around this one may lead to another fleet.
    for name in ("TIER0_DIR", "TIER0_NATS_URL", "TIER0_API_URL", "TIER0_SERVING_URL"):
        environment.pop(name, None)

    def call(*arguments: str, check: bool = True) -> str:
        command = [task["tier0"], *arguments, "--dir", str(fleet)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"tier0 {arguments[0]} ended with {done.returncode}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout

    # One run at a time, and this is done before the clock starts, as other systems are imported before it.
    call("up", "--detach", "--data-root", str(Path(task["train"]).parent))
    try:
        metric = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[task["problem"]]
        request = ["--data", task["train"], "--target", task["target"], "--metric", metric, "--name", "bench"]
        if task["positive"] is not None:
            request += ["--positive", task["positive"]]
        started = time.monotonic()
        answer = call("run", *request, "--time-budget", f"{task['budget']}s", "--seed", str(task["seed"]), "--json")
        fitted = time.monotonic()
        run = json.loads(answer)
        call("predict", run["endpoint"]["name"], "--data", task["features"], "--out", str(work / "predictions.csv"))
        predicted = time.monotonic()
    finally:
        call("down", check=False)
    digest = run["model"]["digest"]
    bundles = [path for path in store.rglob("*") if path.is_file() and digest in path.name]
    if len(bundles) != 1:
        raise RuntimeError(f"{len(bundles)} files of the store are named {digest}; expected one")
    return {
        "fit_seconds": fitted - started,
        "predict_seconds": predicted - fitted,
        "model_bytes": size(bundles[0]),
        "chosen": run["model"].get("algorithm"),
        "stages": {stage["agent"]: stage["seconds"] for stage in run["stages"]},
        "warnings": [warning["message"] for warning in run["warnings"]],
        "own_estimate": run["metrics"].get("test"),
        "versions": {"tier0": call("--version").strip()},
    }


SYSTEMS = {"tier0": tier0, "flaml": flaml, "autogluon": autogluon, "lightgbm": lightgbm, "linear": linear}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("--task", type=Path, required=True)
    arguments = parser.parse_args()
    task = json.loads(arguments.task.read_text())
    fitted = SYSTEMS[arguments.system](task)
    for name in ("fit_seconds", "predict_seconds"):
        fitted[name] = round(fitted[name], 3)
    (Path(task["work"]) / "fitted.json").write_text(json.dumps(fitted, indent=1) + "\n")


if __name__ == "__main__":
    main()
