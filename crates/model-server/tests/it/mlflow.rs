//! MLflow's forms.

use model_server::testing::{Endpoint, Serving};
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
    for missing in ["NA", "NaT", ""] {
        let csv = format!(
            "tenure,charges,contract,active,joined\n3,20.5,month,true,2024-05-01\n40, ,unseen,False,{missing}\n"
        );
        check(&running.post_text("/invocations", "text/csv", &csv).await);
    }
    // A table read by pandas has texts where a column of numbers had blanks.
    let texts =
        json!([["3", "20.5", "month", true, "2024-05-01"], [40, " ", "unseen", false, null]]);
    let split = json!({ "dataframe_split": { "columns": COLUMNS, "data": texts } });
    check(&running.post("/invocations", &split).await);
}

/// A Parquet file with the two rows, and a column that is no input.
fn parquet() -> Vec<u8> {
    use tabular::{Column, ColumnType, Field, Table, TextColumn, parse};
    let day = parse::date("2024-05-01").unwrap();
    let table = Table::new(
        vec![
            Field::new("customer_id", ColumnType::Text),
            Field::new("joined", ColumnType::Date),
            Field::new("active", ColumnType::Boolean),
            Field::new("contract", ColumnType::Text),
            Field::new("charges", ColumnType::Number),
            Field::new("tenure", ColumnType::Integer),
        ],
        vec![
            Column::Text(TextColumn::from_iter([Some("C1"), Some("C2")])),
            Column::Number(vec![day, f64::NAN]),
            Column::Number(vec![1.0, 0.0]),
            Column::Text(TextColumn::from_iter([Some("month"), Some("unseen")])),
            Column::Number(vec![20.5, f64::NAN]),
            Column::Number(vec![3.0, 40.0]),
        ],
    )
    .unwrap();
    dataset::write_parquet(&table).unwrap()
}

#[tokio::test]
async fn columns_that_are_no_inputs_are_ignored_and_counted_in_every_form() {
    let running = Running::churn().await;
    let mut columns = COLUMNS.to_vec();
    columns.push("id");
    let mut wide = rows();
    for row in wide.as_array_mut().unwrap() {
        row.as_array_mut().unwrap().push(json!("C1"));
    }
    let mut objects = records();
    for row in objects.as_array_mut().unwrap() {
        row["id"] = json!(7);
    }
    let json_forms = [
        json!({ "dataframe_split": { "columns": columns, "data": wide } }),
        json!({ "dataframe_records": objects }),
        json!({ "instances": objects }),
        json!({ "inputs": {
            "tenure": [3, 40], "charges": [20.5, null], "contract": ["month", "unseen"],
            "active": [true, false], "joined": ["2024-05-01", null], "id": [1, 2] } }),
    ];
    let csv = "id;tenure;charges; contract;active;joined\n1;3;20.5;month;true;2024-05-01\n2;40;;unseen;False;NA\n";
    let mut bodies: Vec<(&str, Vec<u8>)> =
        json_forms.iter().map(|form| ("application/json", form.to_string().into_bytes())).collect();
    bodies.push(("text/csv", csv.as_bytes().to_vec()));
    bodies.push(("application/vnd.apache.parquet", parquet()));
    for (content_type, body) in bodies {
        let request = running.http.post(format!("{}/invocations", running.url));
        let request = request.header("content-type", content_type).body(body);
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["x-ignored-columns"], "1", "{content_type}");
        let status = response.status().as_u16();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer.as_object().unwrap().len(), 1, "the answer is MLflow's: {answer}");
        check(&(status, answer));
    }
    let response = running.http.post(format!("{}/invocations", running.url));
    let broken = response.header("content-type", "application/vnd.apache.parquet").body("PAR1");
    let response = broken.send().await.unwrap();
    assert_eq!(response.status(), 400);
    let answer: Value = response.json().await.unwrap();
    assert!(answer["message"].as_str().unwrap().contains("not Parquet"), "{answer}");
}

#[tokio::test]
async fn scalars_are_one_row_and_truth_values_are_numbers() {
    let running = Running::churn().await;
    let one = |tenure: Value, active: Value| {
        json!({ "inputs": { "tenure": tenure, "charges": 20.5, "contract": "month",
            "active": active, "joined": "2024-05-01" } })
    };
    let probability = async |body: Value| {
        let (status, answer) = running.post("/invocations", &body).await;
        assert_eq!(status, 200, "{answer}");
        let predictions = answer["predictions"].as_array().unwrap();
        assert_eq!(predictions.len(), 1);
        predictions[0]["probability_Yes"].as_f64().unwrap()
    };
    let found = probability(one(json!(3), json!(true))).await;
    assert!((found - expected(2)[0]).abs() < 1e-12);
    assert_eq!(probability(one(json!([3]), json!(1))).await, found);
    let of_true = probability(one(json!(true), json!(true))).await;
    assert_eq!(of_true, probability(one(json!(1), json!(true))).await);

    let mut inputs = crate::support::tensors();
    inputs[1] =
        json!({ "name": "tenure", "datatype": "BOOL", "shape": [2], "data": [true, false] });
    let (status, by_bool) =
        running.post("/v2/models/churn/infer", &json!({ "inputs": inputs })).await;
    assert_eq!(status, 200, "{by_bool}");
    inputs[1] = json!({ "name": "tenure", "datatype": "INT64", "shape": [2], "data": [1, 0] });
    let (_, by_number) = running.post("/v2/models/churn/infer", &json!({ "inputs": inputs })).await;
    assert_eq!(by_bool["outputs"], by_number["outputs"]);
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
        (json!({ "dataframe_records": [{ "tenure": 1, "s": 2 }] }), "charges is missing"),
        (json!({ "instances": [[1, 2]] }), "row 0 has 2 values: expected 5"),
        (json!({ "inputs": { "tenure": 1, "charges": [1, 2] } }), "tenure has 1 rows"),
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
    // Those that answer count: one whose deployment failed is none.
    let failed = || Endpoint { failures: [(1, "gone".to_owned())].into(), ..Endpoint::default() };
    running.server.model_catalogue.put("other", failed());
    check(&running.post("/invocations", &json!({ "instances": rows() })).await);
    running.server.model_catalogue.put("churn", failed());
    let (status, answer) = running.post("/invocations", &json!({ "instances": rows() })).await;
    assert_eq!(status, 400);
    assert!(answer["message"].as_str().unwrap().contains("there are 2"), "{answer}");
    let (status, answer) = running.post("/endpoints/none/invocations", &json!({})).await;
    assert_eq!((status, &answer["error_code"]), (404, &json!("RESOURCE_DOES_NOT_EXIST")));
}
