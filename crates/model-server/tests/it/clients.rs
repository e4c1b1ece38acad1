//! Clients of V2 besides Triton's: KServe's, MLServer's codecs, and plain HTTP with a body in chunks.

use tier0_tests::Python;

use crate::support::{Running, expected};

/// What the scripts share: the rows as pandas holds them, with types that have missing values, and what is expected of them.
const ROWS: &str = r#"
import datetime, json, sys, urllib.request
import numpy as np
import pandas as pd

rest, rpc, first, second = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
frame = pd.DataFrame({
    "tenure": pd.array([3, 40], dtype="Int64"),
    "charges": pd.array([20.5, None], dtype="Float64"),
    "contract": pd.array(["month", "unseen"], dtype="string"),
    "active": pd.array([True, False], dtype="boolean"),
    "joined": pd.to_datetime(["2024-05-01", None]),
})


def same(found, expected=(first, second)):
    assert np.allclose(np.asarray(found, dtype=float).ravel(), expected, rtol=0, atol=1e-12), (found, expected)


def post(body, headers={"content-type": "application/json"}, path="/v2/models/churn/infer"):
    request = urllib.request.Request(rest + path, body, headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def probabilities(answer):
    return next(output["data"] for output in answer["outputs"] if output["name"] == "probability_Yes")
"#;

const KSERVE: &str = r#"
import asyncio
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig


def requested(frame, binary):
    columns = {
        "tenure": ("INT64", frame["tenure"].to_numpy(np.int64)),
        "charges": ("FP64", frame["charges"].to_numpy(np.float64, na_value=np.nan)),
        # What is missing among texts and moments, the client writes as pandas shows it: <NA>, NaT.
        "contract": ("BYTES", frame["contract"].to_numpy()),
        "active": ("BOOL", frame["active"].to_numpy(bool)),
        "joined": ("BYTES", frame["joined"].astype(object).to_numpy()),
    }
    inputs = []
    for name, (datatype, values) in columns.items():
        tensor = InferInput(name, list(values.shape), datatype)
        tensor.set_data_from_numpy(values, binary_data=binary)
        inputs.append(tensor)
    return InferRequest("churn", inputs, request_id="r1")


async def main():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    assert await client.is_server_live(rest) and await client.is_server_ready(rest)
    assert await client.is_model_ready(rest, "churn")
    assert not await is_there(client.is_model_ready(rest, "nobody"))
    calls = InferenceGRPCClient(rpc)
    assert await calls.is_server_live() and await calls.is_server_ready() and await calls.is_model_ready("churn")
    unknown = frame.assign(contract=pd.array(["month", None], dtype="string"))
    blank = post(json.dumps({"inputs": [
        {"name": "tenure", "shape": [2], "datatype": "INT64", "data": [3, 40]},
        {"name": "charges", "shape": [2], "datatype": "FP64", "data": [20.5, None]},
        {"name": "contract", "shape": [2], "datatype": "BYTES", "data": ["month", None]},
        {"name": "active", "shape": [2], "datatype": "BOOL", "data": [True, False]},
        {"name": "joined", "shape": [2], "datatype": "BYTES", "data": ["2024-05-01", None]},
    ]}).encode())
    for binary in (False, True):
        answer = await client.infer(rest, requested(frame, binary), model_name="churn")
        assert answer.id == "r1" and answer.model_name == "churn"
        same(answer.get_output_by_name("probability_Yes").as_numpy())
        answer = await client.infer(rest, requested(unknown, binary), model_name="churn")
        same(answer.get_output_by_name("probability_Yes").as_numpy(), probabilities(blank))
    answer = await calls.infer(requested(frame, True))
    same(answer.get_output_by_name("probability_Yes").as_numpy())
    answer = await calls.infer(requested(unknown, True))
    same(answer.get_output_by_name("probability_Yes").as_numpy(), probabilities(blank))
    await client.close()
    await calls.close()


async def is_there(call):
    try:
        return await call
    except Exception as error:
        assert "nobody" in str(error), error
        return False


asyncio.run(main())
print("fine")
"#;

const MLSERVER: &str = r#"
from mlserver.codecs import DatetimeCodec, NumpyCodec, PandasCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse

# Its codec of tables does not take nullable and categorical types, nor None among texts.
plain = pd.DataFrame({
    "tenure": frame["tenure"].astype("int64"),
    "charges": frame["charges"].to_numpy(float, na_value=np.nan),
    "contract": frame["contract"].astype(str),
    "active": frame["active"].astype(bool),
    "joined": frame["joined"].astype(str),
})
moments = [datetime.datetime(2024, 5, 1), datetime.datetime(2024, 5, 2)]
for use_bytes in (True, False):
    whole = PandasCodec.encode_request(plain, use_bytes=use_bytes)
    single = InferenceRequest(inputs=[
        NumpyCodec.encode_input("tenure", plain["tenure"].to_numpy()),
        NumpyCodec.encode_input("charges", plain["charges"].to_numpy()),
        StringCodec.encode_input("contract", list(plain["contract"]), use_bytes=use_bytes),
        NumpyCodec.encode_input("active", plain["active"].to_numpy()),
        DatetimeCodec.encode_input("joined", moments, use_bytes=use_bytes),
    ])
    for request in (whole, single):
        answer = InferenceResponse(**post(request.model_dump_json(exclude_none=True).encode()))
        outputs = {output.name: output for output in answer.outputs}
        same(NumpyCodec.decode_output(outputs["probability_Yes"]))
        assert set(StringCodec.decode_output(outputs["prediction"])) <= {"No", "Yes"}
        table = PandasCodec.decode_response(answer)
        assert len(table) == 2, table
        same(table["probability_Yes"])
print("fine")
"#;

const CHUNKED: &str = r#"
import http.client

body = json.dumps({"inputs": [
    {"name": "tenure", "shape": [2], "datatype": "INT64", "data": [3, 40]},
    {"name": "charges", "shape": [2], "datatype": "FP64", "data": [20.5, None]},
    {"name": "contract", "shape": [2], "datatype": "BYTES", "data": ["month", "unseen"]},
    {"name": "active", "shape": [2], "datatype": "BOOL", "data": [True, False]},
    {"name": "joined", "shape": [2], "datatype": "BYTES", "data": ["2024-05-01", "<NA>"]},
]}).encode()
csv = frame.to_csv(index=False).encode()
for path, kind, body in [("/v2/models/churn/infer", "application/json", body), ("/invocations", "text/csv", csv)]:
    for size in (1, 7, len(body)):
        connection = http.client.HTTPConnection(rest.removeprefix("http://"))
        chunks = (body[start : start + size] for start in range(0, len(body), size))
        connection.request("POST", path, chunks, {"content-type": kind, "transfer-encoding": "chunked"}, encode_chunked=True)
        answer = json.load(connection.getresponse())
        same(probabilities(answer) if "outputs" in answer else [row["probability_Yes"] for row in answer["predictions"]])
# Whole numbers of 64 bits, whatever a double holds of them: as texts they keep all digits, as numbers they are the nearest ones.
large = [2**53 + 1, 2**63 - 1]
columns = {"tenure": large, "charges": [1, 1], "contract": large, "active": [True, True], "joined": ["2024-05-01"] * 2}
kinds = {"tenure": "INT64", "charges": "FP64", "contract": "INT64", "active": "BOOL", "joined": "BYTES"}
inputs = [{"name": name, "shape": [2], "datatype": kinds[name], "data": values} for name, values in columns.items()]
assert all(value >= 0 for value in probabilities(post(json.dumps({"inputs": inputs}).encode())))
print("fine")
"#;

async fn is_served(environment: &str, modules: &[&str], script: &str) {
    let Some(python) = Python::of(environment, modules).await else { return };
    let running = Running::churn().await;
    let [first, second] = expected(2).map(|value| format!("{value:.17}"));
    let grpc = running.grpc.trim_start_matches("http://");
    let script = format!("{ROWS}\n{script}");
    let finished = python.run(&script, &[&running.url, grpc, &first, &second]).await.success();
    assert!(finished.stdout.contains("fine"), "{}", finished.stdout);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_of_kserve_are_served() {
    is_served("kserve", &["kserve", "pandas"], KSERVE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codecs_of_mlserver_are_understood() {
    is_served("mlflow", &["mlserver.codecs", "pandas"], MLSERVER).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_in_chunks_and_large_whole_numbers_are_taken() {
    is_served("tables", &["pandas"], CHUNKED).await;
}
