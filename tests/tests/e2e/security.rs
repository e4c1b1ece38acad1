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
    let nobody = fleet.tier0(["security", "rotate", "nobody", "--json"]).await;
    assert_eq!((nobody.code(), &nobody.json()["error"]["code"]), (2, &"usage".into()));
    let nothing = tempfile::tempdir().unwrap();
    let dir = nothing.path().to_str().unwrap();
    let rendered = tier0(["security", "render", "--json", "--dir", dir]).await;
    let told = rendered.json();
    assert_eq!((rendered.code(), &told["error"]["code"]), (2, &"keys".into()), "{told}");
    assert!(told["error"]["message"].as_str().unwrap().contains("security init"), "{told}");
    assert_eq!(std::fs::read_dir(dir).unwrap().count(), 0, "nothing is made");
}

/// Tables are read from where the fleet was started, and from what it was told; a decoder that breaks off ends the run at once.
#[tokio::test(flavor = "multi_thread")]
async fn tables_elsewhere_are_refused_with_what_would_allow_them() {
    let environment = vec![("TIER0_DECODER_FAULT".to_owned(), "JSON Lines".to_owned())];
    let options = FleetOptions { environment, ..FleetOptions::default() };
    let fleet = Fleet::up_with(options).await;
    // Neither temporary nor where the tests run.
    let elsewhere = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let table = elsewhere.path().join("small.csv");
    write_table(&table, small_table(600));
    let refused =
        fleet.submit(request(table.to_str().unwrap(), "elsewhere").into_iter().skip(1)).await;
    assert_eq!((refused.code, refused.text("code")), (2, "source_not_allowed"), "{}", refused.run);
    let directory = elsewhere.path().canonicalize().unwrap().display().to_string();
    let reason = refused.text("reason");
    assert!(reason.contains("--data-root") && reason.contains(&directory), "{reason}");
    let remote = ["--data", "s3://bucket/t.csv", "--target", "y"];
    let refused = fleet.submit(remote).await;
    assert_eq!((refused.code, refused.text("code")), (2, "source_not_allowed"), "{}", refused.run);
    assert!(refused.text("reason").contains("to `s3://bucket"), "{}", refused.run);
    // What the command line reads by itself is its user's.
    fleet.tier0(["profile", "--data", table.to_str().unwrap()]).await.success();

    if cfg!(feature = "fault-injection") {
        let lines = fleet.path("t.jsonl");
        let rows: String = (0..600)
            .map(|row| {
                format!(
                    "{{\"x\": {row}, \"left\": \"{}\"}}\n",
                    if row % 3 == 0 { "yes" } else { "no" }
                )
            })
            .collect();
        std::fs::write(&lines, rows).unwrap();
        let begun = std::time::Instant::now();
        let broken =
            fleet.submit(request(lines.to_str().unwrap(), "broken").into_iter().skip(1)).await;
        assert_ne!(broken.code, 0, "{}", broken.run);
        assert_eq!(broken.text("code"), "source_malformed", "{}", broken.run);
        assert!(begun.elapsed().as_secs() < 20, "it is not tried again");
        let profiled = tokio::process::Command::new(tier0_tests::program("tier0"))
            .args(["profile", "--json", "--data"])
            .arg(&lines)
            .env("TIER0_DECODER_FAULT", "JSON Lines")
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&profiled.stderr);
        assert_eq!(profiled.status.code(), Some(2), "{said}");
        assert!(!said.contains("panicked") && said.contains("JSON Lines"), "{said}");
    }
}
