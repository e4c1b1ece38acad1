"""The client on a live fleet: what is learned, predicted, told, refused and cancelled. Argument: the fleet's directory."""

import datetime as dt
import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pandas as pd
import polars as pl

import tier0
from tier0.progress import LineProgress, PlainProgress

directory = Path(sys.argv[1])
program = os.environ["TIER0_PROGRAM"]
work = Path(tempfile.mkdtemp(prefix="tier0-python-"))
fleet = tier0.connect(directory)


def command(*arguments: str) -> str:
    done = subprocess.run([program, *arguments, "--dir", str(directory)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


def sample(rows: int, seed: int, name: str, *more: str) -> Path:
    path = work / name
    command("sample", "churn", "--rows", str(rows), "--seed", str(seed), "--out", str(path), *more)
    return path


def read(path: Path) -> pd.DataFrame:
    """A table whose numbers have the very bits that are written, which pandas gives since its version 3."""
    return pd.read_csv(path)


def raises(kind: type[tier0.Tier0Error], what):
    try:
        what()
    except kind as error:
        return error
    raise AssertionError(f"nothing raised {kind.__name__}")


def written() -> list[str]:
    return sorted(path.name for path in (directory / "data" / "python").glob("*"))


train, new = read(sample(4000, 42, "train.csv")), sample(700, 7, "new.csv")


def a_table_becomes_a_model() -> tier0.TabularPredictor:
    out = io.StringIO()
    predictor = tier0.TabularPredictor(label="churned", name="churn", positive_class="Yes", fleet=fleet)
    assert raises(tier0.NotFittedError, lambda: tier0.TabularPredictor("y", fleet=fleet).predict(train)).code == "not_fitted"
    predictor.fit(train, time_limit=5, seed=1, entity_column="hcp_id", progress=PlainProgress(out))
    assert predictor.run is not None and predictor.run.status == "succeeded"
    assert out.getvalue().count("succeeded") + out.getvalue().count("partial") == 7, out.getvalue()
    assert written() == [], "the file of the table is removed"
    assert predictor.run.metrics["roc_auc"] > 0.75
    low, high = predictor.run.intervals["roc_auc"]
    assert low < predictor.run.metrics["roc_auc"] < high
    assert predictor.evaluate() == predictor.run.metrics
    assert [stage["agent"] for stage in predictor.run.stages][0] == "scope-definer"
    data = predictor.run.data()
    assert {column["name"] for column in data["columns"]} >= {"churned"} and data["rows"] > 0, data
    verdicts = predictor.run.verdicts()
    assert verdicts["scope"]["target"] == "churned" and verdicts["quality_gate"]["rows_read"] == len(train)
    assert {"code", "message", "agent"} <= set(predictor.run.warnings[0]) if predictor.run.warnings else True
    assert predictor.run.timeline()["run_id"] == predictor.run.id
    board = predictor.leaderboard()
    assert isinstance(board, pd.DataFrame) and board["rank"][0] == 1 and len(board) > 1
    assert fleet.runs(search="churn")[0]["run_id"] == predictor.run.id
    return predictor


def predictions_are_those_of_the_command_line(predictor: tier0.TabularPredictor) -> None:
    table = read(new)
    table.index = range(1000, 1000 + len(table))
    told = pd.read_csv(io.StringIO(command("predict", "churn", "--data", str(new), "--explain")))
    predicted = predictor.predict(table)
    assert predicted.name == "churned" and list(predicted.index) == list(table.index)
    assert list(predicted) == list(told["prediction"])
    probabilities = predictor.predict_proba(table)
    for name in ("No", "Yes"):
        ours, theirs = probabilities[name].to_numpy(), told[f"probability_{name}"].to_numpy()
        assert ours.tobytes() == theirs.tobytes(), f"{name}: not the same bits"
    why = predictor.explain(table)
    names = [name for name in told.columns if name in ("base", "margin") or name.startswith("contribution_")]
    assert list(why.columns) == names
    assert why.to_numpy().tobytes() == told[names].to_numpy().tobytes(), "explanations are not the same bits"
    assert predictor.explanations(table.head(2)).margin_of == "log-odds of Yes"
    # The same rows by polars and as plain Python are the same.
    of_polars = predictor.predict_proba(pl.read_csv(new, infer_schema_length=None))
    assert isinstance(of_polars, pl.DataFrame) and of_polars["Yes"].to_list() == probabilities["Yes"].to_list()
    records = table.replace({np.nan: None}).to_dict("records")
    assert predictor.predict(records) == list(predicted)
    metrics = predictor.evaluate(table)
    pairs = [(p, y) for p, y in zip(probabilities["Yes"], table["churned"] == "Yes")]
    positive = np.array([p for p, y in pairs if y])
    negative = np.array([p for p, y in pairs if not y])
    wins = (positive[:, None] > negative[None, :]).mean() + 0.5 * (positive[:, None] == negative[None, :]).mean()
    assert abs(metrics["roc_auc"] - wins) < 1e-12 and metrics["accuracy"] == (predicted == table["churned"]).mean()
    again = tier0.TabularPredictor.load("churn", fleet=fleet)
    assert again.label == "churned" and list(again.predict(table)) == list(predicted)


def what_does_not_fit_is_named(predictor: tier0.TabularPredictor) -> None:
    table = read(new)
    error = raises(tier0.DataError, lambda: predictor.predict(table.drop(columns=["region"])))
    assert error.column == "region" and "churn" in str(error)
    wrong = table.assign(calls_3m="many")
    error = raises(tier0.DataError, lambda: predictor.predict(wrong))
    assert error.column == "calls_3m" and "many" not in str(error), error
    assert raises(tier0.DataError, lambda: predictor.predict("new.csv"))
    error = raises(tier0.NotFoundError, lambda: fleet.endpoint("chrun").predict(table))
    assert error.suggestions == ["churn"], error
    error = raises(tier0.DataError, lambda: predictor.fit(pd.DataFrame({"a": [1, "x"], "churned": ["Yes", "No"]})))
    assert error.column == "a" and written() == []


def curves_are_figures_and_pictures(predictor: tier0.TabularPredictor) -> None:
    plots = predictor.plots
    roc = plots.roc()
    assert (roc.x[0], roc.y[0]) == (0.0, 0.0) and (roc.x[-1], roc.y[-1]) == (1.0, 1.0)
    for curve in (roc, plots.precision_recall(), plots.calibration()):
        assert len(curve.x) == len(curve.y) > 2
        assert curve._repr_png_()[:8] == b"\x89PNG\r\n\x1a\n"
        assert curve.plot().get_title() == curve.title
    assert sum(plots.importance().values()) > 0.99 and sum(plots.confusion().values()) > 100


def outcomes_and_drift_are_told(predictor: tier0.TabularPredictor) -> None:
    table = read(sample(8000, 9, "drifted.csv", "--drift", "covariate"))
    answers = predictor.answers(table)
    assert len(answers) == 8000 and set(answers.versions) == {"1"} and answers.rows[:2] == [0, 1]
    told = predictor.feedback(table["churned"], answers=answers)
    assert told["published"] == len(set(answers.request_ids)) and told["duplicates"] == 0
    assert predictor.feedback(table["churned"], answers=answers)["duplicates"] == told["published"]
    predictor.answers(table.head(3), entity_ids=[2**60 + 1, 2, 3])
    assert predictor.feedback(["Yes", None, "No"], entity_ids=[2**60 + 1, 2, 3])["published"] == 2
    assert raises(tier0.DataError, lambda: predictor.feedback(["Yes"], answers=answers))
    drift = None
    until = time.monotonic() + 60
    while time.monotonic() < until:
        state = predictor.endpoint.monitoring()
        drift, performance = state["drift"], state["performance"]
        if drift is not None and performance is not None and performance["labelled"] >= 1500 and drift["report"]["verdict"] != "none":
            break
        time.sleep(0.5)
    moved = {one["name"]: one["effect"] for one in drift["report"]["columns"] if one["verdict"] != "none"}
    assert "months_prescribing" in moved and performance["labelled"] >= 1500, (moved, performance["labelled"])
    assert predictor.drift()["endpoint"] == "churn" and predictor.endpoint.drift_history()
    report = predictor.drift(table.drop(columns=["churned"]))
    assert report["verdict"] == "critical" and "months_prescribing" in report["drifted"], report["drifted"]
    same = tier0.compare(train.head(2000), train.tail(2000), columns=["region", "calls_3m"])
    assert same["verdict"] == "none" and len(same["columns"]) == 2
    alerts = fleet.alerts(endpoint="churn")
    if alerts:
        seen = fleet.acknowledge(alerts[0]["alert_id"], "a test")
        assert seen["state"] == "acknowledged" and seen["note"] == "a test"


def versions_go_and_come_back(predictor: tier0.TabularPredictor) -> None:
    predictor.fit(train, time_limit=3, seed=2, entity_column="hcp_id", no_cache=True, progress=LineProgress(out := io.StringIO()))
    assert "model-trainer" in out.getvalue() and "100%" in out.getvalue(), out.getvalue()
    assert predictor.version()["version"] == 2
    assert predictor.endpoint.show()["live"]["version"] == 2
    assert predictor.rollback("a test")["live"]["version"] == 1
    assert fleet.version("churn", "champion")["version"] == 1
    error = raises(tier0.ConflictError, lambda: fleet.set_stage("churn", 2, "staging"))
    assert error.code == "illegal_transition", error
    assert [model["name"] for model in fleet.models()] == ["churn"]
    assert len(fleet.model("churn")["versions"]) == 2 and len(fleet.search("model = churn")) == 2
    assert raises(tier0.NotFoundError, lambda: fleet.version("churn", 7)).code == "version_not_found"
    assert fleet.health()["status"] in ("healthy", "degraded")


def refusals_say_what_would_be_accepted() -> None:
    predictor = tier0.TabularPredictor(label="chruned", fleet=fleet)
    error = raises(tier0.DataError, lambda: predictor.fit(train, time_limit=3))
    assert (error.column, error.suggestions) == ("chruned", ["churned"]), error
    # Of a table that the fleet reads, the fleet says it.
    error = raises(tier0.RunFailedError, lambda: predictor.fit(work / "train.csv", time_limit=3, progress=False))
    assert (error.code, error.stage, error.suggestions) == ("target_missing", "scope-definer", ["churned"]), error
    error = raises(tier0.RefusedError, lambda: fleet.submit(data=train, target="churned", time_limit=-1.0))
    assert error.status == 422 and "ime" in error.subject, (error.code, error.subject)
    assert written() == [], "nothing is left of a refused table"
    error = raises(tier0.RunFailedError, lambda: fleet.submit(data=work / "nothing.csv", target="y").wait(progress=False))
    assert error.code == "source_not_found", error
    error = raises(tier0.RunFailedError, lambda: fleet.submit("Train churn prediction model for Kisqualy HCPs").wait(progress=False))
    assert error.code in ("ambiguous_request", "unknown_data_set") and error.suggestions, (error.code, error)
    error = raises(tier0.RefusedError, lambda: fleet.submit(data=train, target="churned", members={"metrik": "roc_auc"}))
    assert error.subject == "metrik" and "metric" in error.suggestions, (error, error.subject, error.suggestions)
    try:
        fleet.submit(data=train, target="churned", metrik="roc_auc")  # type: ignore[call-arg]
    except TypeError as error:
        assert "metrik" in str(error)
    else:
        raise AssertionError("an unknown option was taken")
    leaky = train.assign(copy=train["churned"])
    error = raises(tier0.RunFailedError, lambda: tier0.TabularPredictor("churned", fleet=fleet).fit(leaky, progress=False))
    assert (error.code, error.stage) == ("quality_gate_failed", "data-preparer") and "copy" in str(error), error
    assert written() == []


def a_run_is_left_cancelled_and_driven_anew() -> None:
    predictor = tier0.TabularPredictor(label="churned", name="slow", fleet=fleet)
    predictor.fit(str(work / "train.csv"), time_limit=120, wait=False, entity_column="hcp_id", no_cache=True)
    run = predictor.run
    assert run is not None
    error = raises(tier0.RunTimeoutError, lambda: run.wait(timeout=1.0, progress=False))
    assert error.run_id == run.id
    seen = []
    for document in run.events(timeout=60):
        seen.append(document["status"])
        if any(stage["agent"] == "model-trainer" and stage["status"] == "running" for stage in document["stages"]):
            run.cancel("the wrong table")
    assert seen[-1] == "cancelled", seen
    error = raises(tier0.RunCancelledError, lambda: run.wait(progress=False))
    assert error.stage == "model-trainer" and "the wrong table" in str(error), error
    succeeded = fleet.run(fleet.runs(status="succeeded")[0]["run_id"])
    assert raises(tier0.ConflictError, succeeded.cancel).code == "run_ended"
    assert run.retry().status in ("queued", "running")
    run.cancel()
    raises(tier0.RunCancelledError, lambda: run.wait(timeout=60, progress=False))
    assert raises(tier0.NotFoundError, lambda: fleet.run("no-such-run")).code == "run_not_found"


def types_survive() -> None:
    rows = 1500
    rng = np.random.default_rng(5)
    # Ids of 64 bits of which neighbours are the same double.
    account = (2**60 + rng.integers(0, 40, rows)).astype("int64")
    age = pd.array(rng.integers(18, 90, rows), dtype="Int64")
    age[rng.random(rows) < 0.1] = pd.NA
    since = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1500, rows), unit="D")
    plan = pd.Categorical(rng.choice(["basic", "plus", "pro"], rows))
    active = pd.array(rng.random(rows) < 0.5, dtype="boolean")
    active[rng.random(rows) < 0.05] = pd.NA
    income = np.where(rng.random(rows) < 0.1, np.nan, rng.lognormal(10, 1, rows))
    odd = account % 2 == 1
    age_known = age.to_numpy(dtype="float64", na_value=50.0)
    logit = 2.0 * odd - 1.0 + 0.05 * (age_known - 50) + 0.8 * (plan == "pro")
    label = rng.random(rows) < 1 / (1 + np.exp(-logit))
    table = pd.DataFrame(
        {"account": account, "age": age, "since": since, "plan": plan, "active": active, "income": income, "left": label}
    )
    predictor = tier0.TabularPredictor("left", fleet=fleet)
    predictor.fit(table, time_limit=3, progress=False, require_columns=["account"])
    types = {one["name"]: one["type"] for one in predictor.version()["inputs"]}
    assert types == {
        "account": "text", "age": "integer", "since": types["since"], "plan": "text", "active": "boolean", "income": "number",
    }, types
    assert types["since"] in ("date", "timestamp")
    predicted = predictor.predict(table)
    assert set(map(type, predicted)) <= {bool, np.bool_} and predictor.name == "left"
    # What a CSV says of the same rows is predicted alike, digits and gaps included.
    path = work / "typed.csv"
    table.to_csv(path, index=False, date_format="%Y-%m-%d")
    told = pd.read_csv(io.StringIO(command("predict", "left", "--data", str(path))))
    name = [name for name in told.columns if name.lower() == "probability_true"][0].removeprefix("probability_")
    assert predictor.predict_proba(table)[name].to_numpy().tobytes() == told[f"probability_{name}"].to_numpy().tobytes()
    # Ids that are the same double are two: the answers differ as those of odd and even ones do.
    pair = table.head(1).loc[[0, 0]].reset_index(drop=True)
    pair["account"] = [2**60 + 2, 2**60 + 3]
    even, uneven = predictor.predict_proba(pair)[name]
    assert even != uneven, "64-bit ids lost their digits"
    lost = pair.astype({"account": "float64"})
    assert raises(tier0.DataError, lambda: predictor.predict(lost)).column == "account"
    # The same table by polars gives the same types.
    of_polars = pl.from_pandas(table)
    again = tier0.TabularPredictor("left", name="left-polars", fleet=fleet)
    again.fit(of_polars, time_limit=3, progress=False, require_columns=["account"])
    assert {one["name"]: one["type"] for one in again.version()["inputs"]} == types
    assert isinstance(again.predict(of_polars), pl.Series) and isinstance(again.leaderboard(), pl.DataFrame)


def numbers_and_records_are_learned() -> None:
    rng = np.random.default_rng(3)
    rows = [{"x": float(x), "day": dt.date(2024, 1, 1) + dt.timedelta(int(d))} for x, d in zip(rng.normal(size=600), rng.integers(0, 300, 600))]
    for row in rows:
        row["price"] = 3.0 * row["x"] + rng.normal()
    predictor = tier0.TabularPredictor("price", fleet=fleet, eval_metric="rmse").fit(rows, time_limit=3, progress=False)
    metrics = predictor.evaluate(rows)
    assert 0.5 < metrics["rmse"] < 1.3 and metrics["r2"] > 0.8, metrics
    assert raises(tier0.DataError, lambda: predictor.predict_proba(rows)).column == "price"
    assert isinstance(predictor.predict(rows[:3]), list)


def a_notebook_shows_one_line_that_is_written_over() -> None:
    cells = [
        "import tier0\n"
        f"fleet = tier0.connect({str(directory)!r})\n"
        f"run = fleet.submit(data={str(work / 'train.csv')!r}, target='churned', name='notebook', time_limit=3, entity_column='hcp_id', no_cache=True)\n"
        "run.wait()",
        "tier0.TabularPredictor.load('notebook', fleet=fleet).plots.roc()",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = [one for one in notebook.cells[0].outputs if one.output_type == "display_data"]
    assert len(shown) == 1 and "100%" in shown[0]["data"]["text/plain"], notebook.cells[0].outputs
    assert "image/png" in notebook.cells[1].outputs[0]["data"]


def a_fleet_that_is_not_there_says_what_to_do() -> None:
    error = raises(tier0.NoFleetError, lambda: tier0.connect(work))
    assert "tier0 up --detach" in str(error) and error.code == "no_fleet"
    gone = tier0.connect(api_url="http://127.0.0.1:9")
    error = raises(tier0.FleetSilentError, gone.runs)
    assert "tier0 up" in str(error) and error.code == "fleet_silent"
    assert raises(tier0.NoFleetError, lambda: gone.model_server())
    assert raises(tier0.FleetSilentError, lambda: gone.submit(data=train, target="churned"))
    # By its addresses alone, where the endpoints say which server holds them.
    by_url = tier0.connect(api_url=fleet.api_url, data_dir=work / "shared")
    assert by_url.serving_url is None and len(by_url.endpoint("churn").predict(read(new).head(5))) == 5
    # Without a directory that both see, a DataFrame is sent.
    sent = tier0.connect(api_url=fleet.api_url)
    run = sent.submit(data=train, target="churned", until="data-preparer")
    assert run.wait().status == "succeeded", run


predictor = a_table_becomes_a_model()
for step in (
    predictions_are_those_of_the_command_line,
    what_does_not_fit_is_named,
    curves_are_figures_and_pictures,
    outcomes_and_drift_are_told,
    versions_go_and_come_back,
):
    began = time.monotonic()
    step(predictor)
    print(f"{step.__name__}: {time.monotonic() - began:.1f} s")
for alone in (
    refusals_say_what_would_be_accepted,
    a_run_is_left_cancelled_and_driven_anew,
    types_survive,
    numbers_and_records_are_learned,
    a_notebook_shows_one_line_that_is_written_over,
    a_fleet_that_is_not_there_says_what_to_do,
):
    began = time.monotonic()
    alone()
    print(f"{alone.__name__}: {time.monotonic() - began:.1f} s")
