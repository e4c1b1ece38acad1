//! Triton's own clients, where Python has them.

use tier0_tests::{Certificates, Python};

use crate::support::{Running, expected};
use crate::tls::{serving, settings};

const SCRIPT: &str = r#"
import sys
import numpy as np
import tritonclient.grpc as grpc
import tritonclient.http as http

rest, rpc, first, second, authority = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
by_http = {"ssl": True, "ssl_options": {"ca_certs": authority}} if authority else {}
by_grpc = {"ssl": True, "root_certificates": authority} if authority else {}
columns = [
    ("tenure", "INT64", np.array([3, 40], dtype=np.int64)),
    ("charges", "FP64", np.array([20.5, np.nan])),
    ("contract", "BYTES", np.array(["month", "unseen"], dtype=object)),
    ("active", "BOOL", np.array([True, False])),
    ("joined", "BYTES", np.array(["2024-05-01", ""], dtype=object)),
]
for module, address, tls in ((http, rest, by_http), (grpc, rpc, by_grpc)):
    client = module.InferenceServerClient(address, **tls)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("churn")
    assert client.get_server_metadata() and client.get_model_metadata("churn")
    inputs = []
    for name, datatype, values in columns:
        tensor = module.InferInput(name, list(values.shape), datatype)
        tensor.set_data_from_numpy(values)
        inputs.append(tensor)
    if module is http:
        ways = [{"request_compression_algorithm": way} for way in ("gzip", "deflate")]
        ways += [{"response_compression_algorithm": way} for way in ("gzip", "deflate")]
    else:
        ways = [{"compression_algorithm": way} for way in ("gzip", "deflate")]
    answers = [
        *(client.infer("churn", inputs, **way) for way in ways),
        client.infer("churn", inputs),
        client.infer("churn", inputs, outputs=[
            module.InferRequestedOutput("prediction"), module.InferRequestedOutput("probability_Yes")]),
    ]
    for answer in answers:
        found = answer.as_numpy("probability_Yes")
        assert np.allclose(found, [first, second], rtol=0, atol=1e-12), found
        assert answer.as_numpy("prediction").shape == (2,)
    # What pandas writes where nothing is, among texts and moments.
    for missing in ("<NA>", "NaT", "nan", "None"):
        given = np.array(["2024-05-01", missing], dtype=object)
        inputs[4].set_data_from_numpy(given)
        found = client.infer("churn", inputs).as_numpy("probability_Yes")
        assert np.allclose(found, [first, second], rtol=0, atol=1e-12), (missing, found)
    try:
        client.infer("churn", inputs[1:])
    except Exception as error:
        assert "tenure is missing" in str(error), error
    else:
        raise AssertionError("a missing column was accepted")
print("fine")
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn triton_clients_are_served() {
    let modules = ["numpy", "tritonclient.http", "tritonclient.grpc"];
    let Some(python) = Python::with(&modules).await else { return };
    are_served(&python, Running::churn().await, "").await;
    let certificates = Certificates::new();
    let running = serving(settings(&certificates)).await;
    are_served(&python, running, certificates.cert("ca").to_str().unwrap()).await;
}

/// By TLS where an authority is named.
async fn are_served(python: &Python, running: Running, authority: &str) {
    let [first, second] = expected(2).map(|value| format!("{value:.17}"));
    let address = |url: &str| url.rsplit_once("//").unwrap().1.to_owned();
    let (rest, grpc) = (address(&running.url), address(&running.grpc));
    let finished = python.run(SCRIPT, &[&rest, &grpc, &first, &second, authority]).await.success();
    assert!(finished.stdout.contains("fine"));
}
