//! Tables that are sent to the API, and runs on them.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::{Body, Response, StatusCode};
use serde_json::{Value, json};
use tier0_tests::{Fleet, FleetOptions};

/// Rows of the table.
const ROWS: u32 = 3000;

fn table() -> String {
    let mut text = "member,email,age,visits,plan,churn\n".to_owned();
    for row in 0..ROWS {
        let (age, visits) = (20 + row * 7 % 50, row * 13 % 11);
        let plan = if row % 3 == 0 { "gold" } else { "basic" };
        let leaves = (visits < 4) != (row % 17 == 0);
        let churn = if leaves { "Yes" } else { "No" };
        text += &format!("m{row},m{row}@example.org,{age},{visits},{plan},{churn}\n");
    }
    text
}

async fn send(fleet: &Fleet, query: &str, body: impl Into<Body>) -> Response {
    let url = format!("{}/api/v1/uploads{query}", fleet.file().api_url);
    reqwest::Client::new().post(url).body(body).send().await.unwrap()
}

async fn refused(answer: Response) -> (StatusCode, Value) {
    (answer.status(), answer.json::<Value>().await.unwrap()["error"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_sent_is_learned_from() {
    let limit = "TIER0_ORCHESTRATOR__API__MAX_UPLOAD_BYTES".to_owned();
    let environment = vec![(limit, "1000000".to_owned())];
    let fleet = Fleet::up_with(FleetOptions { environment, ..FleetOptions::default() }).await;
    let text = table();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();

    let answer = send(&fleet, "", packed).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let sent: Value = answer.json().await.unwrap();
    assert_eq!((&sent["rows"], &sent["data_format"]), (&json!(ROWS), &json!("DATA_FORMAT_CSV")));
    assert_eq!(sent["targets"][0]["column"], "churn");
    assert!(!sent.to_string().contains("example.org"), "{sent}");

    let body = json!({"dataUri": sent["uri"], "dataFormat": sent["data_format"], "target": "churn",
        "timeBudgetSeconds": 2, "until": "model-trainer"});
    let runs = format!("{}/api/v1/runs", fleet.file().api_url);
    let begun = reqwest::Client::new().post(runs).json(&body).send().await.unwrap();
    assert_eq!(begun.status(), StatusCode::OK, "{}", begun.text().await.unwrap());
    let begun: Value = begun.json().await.unwrap();
    let run = begun["run_id"].as_str().unwrap();
    let watched = fleet.tier0(["runs", "watch", run, "--json"]).await.success().json();
    assert_eq!(watched["status"], "succeeded", "{watched:#}");

    // What is no table, or too much, is refused in the words of a run, and nothing of it is begun.
    let (status, error) = refused(send(&fleet, "?name=t.csv", "a,b\n1,2\n1,2,3\n").await).await;
    assert_eq!((status.as_u16(), &error["code"]), (422, &json!("source_ragged_row")));
    assert_eq!(error["refused"]["subject"], "data_uri");
    let large = text.repeat(40);
    let (status, error) = refused(send(&fleet, "", large).await).await;
    assert_eq!((status.as_u16(), &error["code"]), (413, &json!("source_too_large")));
    let parts = futures::stream::iter((0..40).map(move |_| Ok::<_, std::io::Error>(text.clone())));
    let (status, _) = refused(send(&fleet, "", Body::wrap_stream(parts)).await).await;
    assert_eq!(status.as_u16(), 413, "without a length");
    let (status, error) = refused(send(&fleet, "?format=xlsx", "a").await).await;
    assert_eq!((status.as_u16(), &error["code"]), (400, &json!("invalid_request")));
    let url = format!("{}/api/v1/uploads", fleet.file().api_url);
    let foreign = reqwest::Client::new().post(url).header("origin", "https://page.example");
    let (status, _) = refused(foreign.body("a,b\n1,2\n").send().await.unwrap()).await;
    assert_eq!(status.as_u16(), 403);
}
