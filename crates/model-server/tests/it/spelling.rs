//! Values as training spelled them: forms of texts, markers of missing values, days at midnight, long identifiers.

use std::collections::BTreeMap;

use model_server::testing::{Endpoint, Serving};
use serde_json::{Value, json};
use tabular::cleaning::ColumnCleaning;
use tabular::parse::MissingMarkers;
use tabular::{DecimalSign, NumberForm, ProblemType, TextForm};

use crate::support::{Running, bundle_of, loaded, plain_inputs};

const INFER: &str = "/v2/models/churn/infer";
const INVOCATIONS: &str = "/endpoints/churn/invocations";

/// Training read amounts as `$1,234.50`, and took -999 and `unknown` for missing.
fn inputs() -> Vec<ColumnCleaning> {
    let markers = MissingMarkers::with(&["-999", "unknown"]);
    let dollars = NumberForm { unit: "$".to_owned(), decimal: DecimalSign::Point };
    let read = |column: ColumnCleaning| ColumnCleaning {
        missing_markers: markers.as_slice().to_vec(),
        form: if column.name == "charges" {
            TextForm::Number(dollars.clone())
        } else {
            TextForm::Plain
        },
        ..column
    };
    plain_inputs().into_iter().map(read).collect()
}

async fn running() -> Running {
    let running = Running::with(Serving::default(), None).await;
    let version = loaded("churn", 1, &bundle_of(ProblemType::Binary, 1.0, inputs()));
    let versions = BTreeMap::from([(1, version.clone())]);
    running
        .server
        .model_catalogue
        .put("churn", Endpoint { live: Some(version), versions, ..Endpoint::default() });
    running
}

fn record(charges: Value, contract: Value, joined: Value) -> Value {
    json!({"dataframe_records": [
        {"tenure": 3, "charges": charges, "contract": contract, "active": true, "joined": joined}
    ]})
}

/// The probability of `Yes`, by /invocations.
async fn told(running: &Running, body: &Value) -> f64 {
    let (status, answer) = running.post(INVOCATIONS, body).await;
    assert_eq!(status, 200, "{answer}");
    answer["predictions"][0]["probability_Yes"].as_f64().unwrap()
}

#[tokio::test]
async fn an_amount_is_the_number_that_training_read() {
    let running = running().await;
    let of = |charges: Value| record(charges, json!("month"), json!("2024-05-01"));
    let plain = told(&running, &of(json!(1234.5))).await;
    for charges in ["$1,234.50", "1234.5", "$ 1234.50"] {
        assert_eq!(told(&running, &of(json!(charges))).await, plain, "{charges}");
    }
    let (status, answer) = running.post(INVOCATIONS, &of(json!("€1"))).await;
    assert_eq!(status, 400);
    assert!(answer["message"].as_str().unwrap().contains("charges"), "{answer}");
    // By V2 as texts, under BYTES.
    let tensor = |name: &str, datatype: &str, data: Value| json!({ "name": name, "datatype": datatype, "shape": [1], "data": [data] });
    let body = |charges: Value, datatype: &str, contract: (&str, Value)| {
        json!({ "inputs": [
            tensor("tenure", "INT64", json!(3)),
            tensor("charges", datatype, charges),
            tensor("contract", contract.0, contract.1),
            tensor("active", "BOOL", json!(true)),
            tensor("joined", "BYTES", json!("2024-05-01T00:00:00.000")),
        ]})
    };
    for (charges, datatype) in [(json!("$1,234.50"), "BYTES"), (json!(1234.5), "FP64")] {
        let request = body(charges, datatype, ("BYTES", json!("month")));
        let (status, answer) = running.post(INFER, &request).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["outputs"][2]["data"][0].as_f64(), Some(plain), "{answer}");
    }
    // A text column takes whole numbers with all their digits, such as identifiers of 64 bits.
    for (datatype, id) in [("INT64", json!(-7)), ("UINT64", json!(u64::MAX))] {
        let request = body(json!(1.0), "FP64", (datatype, id));
        let (status, answer) = running.post(INFER, &request).await;
        assert_eq!(
            (status, &answer["parameters"]["unseen.contract"]),
            (200, &json!(1)),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn what_was_missing_in_training_is_missing_in_serving() {
    let running = running().await;
    let none = told(&running, &record(Value::Null, Value::Null, Value::Null)).await;
    for marker in [json!(-999), json!(-999.0), json!("-999"), json!("unknown"), json!("NA")] {
        let body = record(marker.clone(), json!("unknown"), json!("0000-00-00"));
        assert_eq!(told(&running, &body).await, none, "{marker}");
    }
    let csv = "tenure,charges,contract,active,joined\n3,-999,unknown,true,9999-12-31\n";
    let (status, answer) = running.post_text(INVOCATIONS, "text/csv", csv).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["predictions"][0]["probability_Yes"].as_f64(), Some(none));
}

#[tokio::test]
async fn midnight_is_the_day() {
    let running = running().await;
    let of = |joined: &str| record(json!(1.0), json!("month"), json!(joined));
    for joined in ["2024-05-01", "2024-05-01T00:00:00.000", "2024-05-01 00:00:00+02:00"] {
        told(&running, &of(joined)).await;
    }
    let (status, answer) = running.post(INVOCATIONS, &of("2024-05-01T10:00:00")).await;
    assert_eq!(status, 400);
    assert!(answer["message"].as_str().unwrap().contains("joined"), "{answer}");
}

#[tokio::test]
async fn the_metadata_tells_how_inputs_are_read() {
    let running = running().await;
    let (_, model) = running.get("/v2/models/churn").await;
    let signature = model["parameters"]["signature"].as_array().unwrap();
    let of = |name: &str| signature.iter().find(|input| input["name"] == name).unwrap();
    assert_eq!(of("charges")["form"]["number"]["unit"], "$");
    assert_eq!(of("joined")["column_type"], "date");
    assert!(of("joined")["missing_markers"].as_array().unwrap().contains(&json!("unknown")));
    let plain = Running::churn().await;
    let (_, model) = plain.get("/v2/models/churn").await;
    assert_eq!(
        model["parameters"]["signature"][0],
        json!({ "name": "tenure", "column_type": "integer" })
    );
}
