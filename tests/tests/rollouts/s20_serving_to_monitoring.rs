//! Every answered request is recorded exactly once, with no help from the caller.

use rustix::process::Signal;
use serde_json::json;
use tier0_tests::load::request_of;

use crate::endpoint::{Endpoint, NAME};
use crate::world::cases;

#[tokio::test(flavor = "multi_thread")]
async fn s20_every_request_is_recorded_once() {
    let endpoint = Endpoint::with(2, &[]).await;
    let rows = cases(300, |_, _| {});
    endpoint.ask_all(&rows).await;
    // The monitor dies with what it has not acknowledged, and is started again by its supervisor or by the test's end.
    endpoint.fleet.signal("observability-connector", Signal::KILL);
    endpoint.ask_all(&rows).await;
    // Refused requests are not answered; explanations and other versions' checks predict nothing for a caller.
    let urls = endpoint.urls().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let wrong = json!({ "inputs": [] });
    let refused = http.post(format!("{}/infer", urls[0])).json(&wrong).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    let row = request_of(&rows[0].0);
    let explained = http.post(format!("{}/explain", urls[0])).json(&row).send().await.unwrap();
    assert_eq!(explained.status(), 200);
    let check = format!("{}/versions/1/infer", urls[0]);
    assert_eq!(http.post(check).json(&row).send().await.unwrap().status(), 200);
    // One answer of many rows is one request.
    let many = 9_000_u32;
    let column = |name: &str, data: serde_json::Value, kind: &str| json!({ "name": name, "datatype": kind, "shape": [many], "data": data });
    let ages: Vec<f64> = (0..many).map(|row| f64::from(20 + row % 50)).collect();
    let batch = json!({ "inputs": [
        column("age", json!(ages), "FP64"),
        column("visits", json!(vec![3.0; many as usize]), "FP64"),
        column("region", json!(vec!["north"; many as usize]), "BYTES"),
    ] });
    let answered = http.post(format!("{}/infer", urls[1])).json(&batch).send().await.unwrap();
    assert_eq!(answered.status(), 200);

    // What the dead monitor had taken comes again when its time to acknowledge is over, half a minute.
    tokio::time::sleep(std::time::Duration::from_secs(25)).await;
    let counts = endpoint.counted(601).await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let later = endpoint.counted(601).await;
    assert_eq!(counts.answers, 601);
    assert_eq!((later.answers, later.rows), (601, 600 + u64::from(many)));
    assert_eq!(later.rows_by_version, [(1, 600 + u64::from(many))].into());
    assert!(later.events < 400, "answers are gathered: {} messages", later.events);
    assert_eq!(later.endpoint, NAME);
}
