//! A fleet lets in who has a key of it, and goes on through the renewal of its keys.

use std::collections::BTreeMap;

use serde_json::Value;
use tier0_tests::{Fleet, FleetOptions, tier0, write_table};

use crate::replicas::small_table;

/// Arguments of a short run, which all who may ask for models ask for here.
fn request(table: &str, name: &str) -> Vec<String> {
    let arguments =
        ["submit", "--data", table, "--target", "left", "--positive", "yes", "--name", name];
    let more = ["--time-budget", "2s", "--no-cache"];
    arguments.into_iter().chain(more).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_key_is_refused_and_keys_are_renewed_while_runs_go_on() {
    let replicas = vec![("data-preparer", 2)];
    let fleet = Fleet::up_with(FleetOptions { replicas, ..FleetOptions::default() }).await;
    let table = fleet.path("small.csv");
    write_table(&table, small_table(600));
    let table = table.to_str().unwrap();

    let url = fleet.file().nats_url.clone();
    let stranger = tier0(["runs", "list", "--json", "--nats-url", &url]).await;
    let told = stranger.json();
    assert_eq!(stranger.code(), 2, "{told}");
    assert_eq!(told["error"]["code"], "not_let_in");
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains(&url) && message.contains("--nkey-file"), "{message}");

    // A client asks for a model and is told its result, and nothing else.
    let client = fleet.path("security/keys/client.nk");
    let as_client =
        ["--nats-url", &url, "--nkey-file", client.to_str().unwrap()].map(str::to_owned);
    let run = tier0(
        request(table, "asked")
            .into_iter()
            .chain(["--wait", "--json"].map(str::to_owned))
            .chain(as_client.clone()),
    )
    .await;
    assert_eq!(run.success().json()["status"], "succeeded");
    let listed =
        tier0(["runs", "list", "--json"].map(str::to_owned).into_iter().chain(as_client)).await;
    let told = listed.json();
    assert_ne!(listed.code(), 0, "{told}");
    assert!(
        told["error"]["message"].as_str().unwrap().contains("does not permit `client`"),
        "{told}"
    );

    let seed = |name: &str| {
        std::fs::read_to_string(fleet.path(&format!("security/keys/{name}.nk"))).unwrap()
    };
    let pids = || -> BTreeMap<String, u64> {
        let file: Value =
            serde_json::from_slice(&std::fs::read(fleet.path("fleet.json")).unwrap()).unwrap();
        serde_json::from_value(file["pids"].clone()).unwrap()
    };
    let (before, processes) = (seed("data-preparer"), pids());
    let renewed = fleet.tier0(["security", "rotate", "data-preparer", "--json"]).await.success();
    assert_eq!(
        renewed.json()["restarted"],
        serde_json::json!(["data-preparer-1", "data-preparer-2"])
    );
    assert_ne!(seed("data-preparer"), before);
    for (name, pid) in pids() {
        let is_renewed = processes.get(&name) != Some(&pid);
        assert_eq!(is_renewed, name.starts_with("data-preparer"), "{name}");
    }
    fleet.submit(request(table, "renewed").into_iter().skip(1)).await.succeeded();
    fleet.tier0(["security", "rotate"]).await.success();
    fleet.submit(request(table, "all-renewed").into_iter().skip(1)).await.succeeded();
    let again = fleet.tier0(["security", "init"]).await;
    assert_eq!(again.code(), 2, "what is there is not overwritten");
}
