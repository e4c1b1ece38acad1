//! MLflow's forms.

use model_server::testing::Serving;
use serde_json::{Value, json};
use tabular::ProblemType;

use crate::support::{Running, close, endpoint, expected};

const COLUMNS: [&str; 5] = ["tenure", "charges", "contract", "active", "joined"];

fn rows() -> Value {
    json!([[3, 20.5, "month", true, "2024-05-01"], [40, null, "unseen", false, null]])
}

fn records() -> Value {
    json!([
        { "tenure": 3, "charges": 20.5, "contract": "month", "active": true, "joined": "2024-05-01" },
        { "tenure": 40, "contract": "unseen", "active": false, "joined": null },
    ])
}

fn check(answer: &(u16, Value)) {
    let (status, answer) = answer;
    assert_eq!(*status, 200, "{answer}");
    let predictions = answer["predictions"].as_array().unwrap();
    let yes: Vec<&Value> = predictions.iter().map(|row| &row["probability_Yes"]).collect();
    close(&json!(yes), expected(2));
    assert!(predictions[0]["prediction"].is_string());
}

#[tokio::test]
async fn every_form_gives_the_same_predictions() {
    let running = Running::churn().await;
    let forms = [
        json!({ "dataframe_split": { "columns": COLUMNS, "data": rows() } }),
        json!({ "dataframe_split": { "index": [0, 1], "columns": COLUMNS, "data": rows() } }),
        json!({ "dataframe_records": records() }),
        json!({ "instances": records() }),
        json!({ "instances": rows() }),
        json!({ "inputs": {
            "tenure": [3, 40], "charges": [20.5, null], "contract": ["month", "unseen"],
            "active": [true, false], "joined": ["2024-05-01", null] } }),
    ];
    for form in &forms {
        check(&running.post("/invocations", form).await);
    }
    check(&running.post("/invocations?endpoint=churn", &forms[0]).await);
    check(&running.post("/endpoints/churn/invocations", &forms[0]).await);
    let csv = "tenure,charges,contract,active,joined\n3,20.5,month,true,2024-05-01\n40, ,unseen,False,NA\n";
    check(&running.post_text("/invocations", "text/csv", csv).await);
    // A table read by pandas has texts where a column of numbers had blanks.
    let texts =
        json!([["3", "20.5", "month", true, "2024-05-01"], [40, " ", "unseen", false, null]]);
    let split = json!({ "dataframe_split": { "columns": COLUMNS, "data": texts } });
    check(&running.post("/invocations", &split).await);
}

#[tokio::test]
async fn a_regression_gives_numbers() {
    let running = Running::with(Serving::default(), None).await;
    running.server.model_catalogue.put("price", endpoint(1, &[], ProblemType::Regression));
    let (status, answer) = running.post("/invocations", &json!({ "instances": rows() })).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer["predictions"].as_array().unwrap().iter().all(Value::is_number));
}

#[tokio::test]
async fn refusals_have_mlflows_form_and_no_values() {
    let running = Running::churn().await;
    let wrong_row = json!([[3, "s3cret", "month", true, null]]);
    let cases = [
        (json!({}), "exactly one of"),
        (json!({ "instances": rows(), "inputs": rows() }), "2 forms"),
        (
            json!({ "dataframe_split": { "columns": COLUMNS, "data": wrong_row } }),
            "charges has a value that does not fit in row 0",
        ),
        (
            json!({ "dataframe_split": { "columns": COLUMNS, "data": [[1, 2]] } }),
            "row 0 has 2 values: expected 5",
        ),
        (json!({ "dataframe_records": [{ "tenure": 1, "s": 2 }] }), "s is not an input"),
        (json!({ "dataframe_records": rows() }), "not an array of objects"),
        (json!({ "dataframe_records": [] }), "is missing"),
        (json!({ "instances": [[1], { "tenure": 1 }] }), "a row is"),
        (json!({ "instances": "s3cret" }), "another form"),
    ];
    for (body, told) in cases {
        let (status, answer) = running.post("/invocations", &body).await;
        let message = answer["message"].as_str().unwrap();
        assert_eq!(
            (status, answer["error_code"].as_str()),
            (400, Some("BAD_REQUEST")),
            "{message}"
        );
        assert!(message.contains(told), "`{message}` does not say `{told}`");
        assert!(!message.contains("s3cret"), "`{message}` holds a value");
    }
    let twice = r#"{"dataframe_records": [{"tenure": 1, "tenure": 2}]}"#;
    let (_, answer) = running.post_text("/invocations", "application/json", twice).await;
    assert!(answer["message"].as_str().unwrap().contains("names a column twice"), "{answer}");
    let (status, _) = running.post_text("/invocations", "application/xml", "<a/>").await;
    assert_eq!(status, 415);
    let ragged = "tenure,charges\n1\n";
    let (status, answer) = running.post_text("/invocations", "text/csv", ragged).await;
    assert_eq!(status, 400, "{answer}");
    running.server.model_catalogue.put("other", endpoint(1, &[], ProblemType::Binary));
    let (status, answer) = running.post("/invocations", &json!({ "instances": rows() })).await;
    assert_eq!(status, 400);
    assert!(answer["message"].as_str().unwrap().contains("there are 2"), "{answer}");
    let (status, answer) = running.post("/endpoints/none/invocations", &json!({})).await;
    assert_eq!((status, &answer["error_code"]), (404, &json!("RESOURCE_DOES_NOT_EXIST")));
}
