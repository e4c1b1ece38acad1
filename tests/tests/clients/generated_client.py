"""Generates a client from the API's own document, and uses it as it comes: API address, where the client goes, a table."""

import os
import subprocess
import sys
import time
from pathlib import Path

api, where, table = sys.argv[1:]
generator = Path(sys.executable).with_name("openapi-python-client")
subprocess.run(
    [generator, "generate", "--url", f"{api}/api/v1/openapi.json", "--meta", "none", "--fail-on-warning", "--output-path", f"{where}/tier0_api"],
    check=True,
    env={**os.environ, "PATH": f"{generator.parent}:{os.environ['PATH']}"},
)
sys.path.insert(0, where)

from tier0_api import Client
from tier0_api.api.endpoints import predict_endpoint, show_endpoint
from tier0_api.api.models import list_models, show_version
from tier0_api.api.runs import list_runs, run_leaderboard, show_run, show_timeline, submit_run
from tier0_api.models import (
    ErrorDocument,
    PredictEndpointBody,
    PredictEndpointBodyRowsItem,
    RunStatus,
    SubmitRunBody,
)

client = Client(base_url=api)
body = SubmitRunBody(data_uri=table, target="churn", name="churn", time_budget_seconds=5.0, seed=7)
submitted = submit_run.sync(client=client, body=body, idempotency_key="generated-1")
assert not isinstance(submitted, ErrorDocument), submitted
again = submit_run.sync(client=client, body=body, idempotency_key="generated-1")
assert again.run_id == submitted.run_id
refused = submit_run.sync(client=client, body=SubmitRunBody(data_uri=table), idempotency_key="generated-1")
assert isinstance(refused, ErrorDocument) and refused.error.code == "idempotency_key_reused", refused

deadline = time.monotonic() + 180
while True:
    run = show_run.sync(submitted.run_id, client=client)
    if not isinstance(run, ErrorDocument) and run.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
        break
    assert time.monotonic() < deadline, run
    time.sleep(0.5)
assert run.status == RunStatus.SUCCEEDED, run
assert [stage.agent for stage in run.stages][0] == "scope-definer"

page = list_runs.sync(client=client, limit=1)
assert [one.run_id for one in page.runs] == [submitted.run_id]
assert show_timeline.sync(submitted.run_id, client=client).timeline
assert run_leaderboard.sync(submitted.run_id, client=client).leaderboard.entries
assert [model.name for model in list_models.sync(client=client).models] == ["churn"]
version = show_version.sync("churn", "champion", client=client)
assert version.metrics.additional_properties["test"].additional_properties["roc_auc"] > 0.7
missing = show_version.sync("churn", "99", client=client)
assert isinstance(missing, ErrorDocument) and missing.status == 404

deadline = time.monotonic() + 60
while not any(server.live_version for server in show_endpoint.sync("churn", client=client).servers):
    assert time.monotonic() < deadline
    time.sleep(0.5)
row = PredictEndpointBodyRowsItem.from_dict({"age": 33, "visits": 1, "plan": "gold"})
answer = predict_endpoint.sync("churn", client=client, body=PredictEndpointBody(rows=[row]))
assert answer.predictions[0].prediction in ("Yes", "No"), answer
