//! A broker whose storage is used up: it is told everywhere, nothing is lost, and what waits goes on when there is room.

use std::time::Duration;

use async_nats::jetstream;
use bus::{Bus, Error, Headers, SetupOptions};
use contracts::{Agent, v1};
use serde_json::Value;
use tier0_tests::{NatsOptions, NatsServer, Stages, eventually};

use crate::runs::{Tally, begin, connect, result, tally, until_result};

const TIMEOUT: Duration = Duration::from_secs(60);

fn room(megabytes: u32) -> NatsOptions {
    let jetstream = format!("max_file_store: {megabytes}MB");
    NatsOptions { jetstream, ..NatsOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_broker_is_told_and_loses_nothing() {
    let mut nats = NatsServer::start_with(room(12));
    let bus = connect(nats.url()).await;
    // A stream's limit counts as used.
    let options = SetupOptions {
        prediction_bytes: 1 << 20,
        step_bytes: 1 << 20,
        lineage_bytes: 1 << 20,
        alert_bytes: 1 << 20,
        search_bytes: 1 << 20,
        ..SetupOptions::default()
    };
    bus.setup(&options).await.unwrap();
    let mut stages = Stages::on(nats.url(), &[("TIER0__STAGE__MAX_IN_FLIGHT", "2")]).await;
    for agent in Agent::ALL {
        stages.play(agent.as_str(), 1);
    }
    stages.run("orchestrator", 1);
    stages.until_ready().await;
    begin(&bus, "before", "").await;
    until_result(&bus, "before", TIMEOUT).await;

    // Two runs are under way while it fills: one has to hand on then, the other to store an artifact.
    begin(&bus, "hands-on", "data-preparer/sleep:4000").await;
    begin(&bus, "stores", "feature-analyzer/store:4000").await;
    eventually("both are being worked on", || async {
        let effects = stages.effects();
        let works = |run: &str, agent: &str| effects.contains(&format!("{agent} {run} attempt 1"));
        (works("hands-on", "data-preparer") && works("stores", "feature-analyzer")).then_some(())
    })
    .await;
    fill(&bus).await;

    let refused = bus.publish("tier0.v1.event.data-preparer.x", Headers::new(), "x".into()).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, Error::StorageFull { .. }) && refused.is_transient(), "{refused:?}");
    let text = refused.to_string();
    assert!(text.contains("storage is full") && text.contains("max_file_store"), "{text}");

    for agent in ["data-preparer", "feature-analyzer"] {
        let process = stages.of(agent).next().unwrap();
        eventually(&format!("{agent} says that the broker is full"), || async {
            let (status, said) = stages.ask(process, "readyz").await;
            (status == 503 && said.contains("storage is full")).then_some(())
        })
        .await;
        assert_eq!(stages.metric(process, "tier0_bus_storage_full").await, 1.0, "{agent}");
        assert!(stages.metric(process, "tier0_bus_storage_refusals_total").await >= 1.0);
        assert!(stages.log(process).contains("max_file_store"), "{}", stages.log(process));
    }
    let warnings = eventually("the orchestrator warns", || async { warned(&stages).await }).await;
    assert!(warnings.contains("data-preparer") && warnings.contains("feature-analyzer"));

    // It lasts: several attempts fail, and none of them counts as a delivery.
    tokio::time::sleep(Duration::from_secs(6)).await;
    for run in ["hands-on", "stores"] {
        assert!(result(&bus, run).await.is_none(), "{run} cannot have ended");
    }
    nats.reload(room(200));
    for run in ["hands-on", "stores"] {
        let result = until_result(&bus, run, TIMEOUT).await;
        assert_eq!(result.status(), v1::HandoffStatus::Success, "{:?}", result.failure());
        assert!(result.outputs().iter().all(|output| output.attempt == 1), "{run}");
    }
    let runs = ["before", "hands-on", "stores"].map(str::to_owned).into();
    let calm = Tally { succeeded: 3, lost: Vec::new(), uneven: Vec::new(), dead: 0 };
    assert_eq!(tally(&bus, &runs).await, calm);
    for process in stages.all() {
        eventually(&format!("{} is ready again", process.agent), || async {
            (stages.ask(process, "readyz").await == (200, "ready\n".to_owned())).then_some(())
        })
        .await;
        assert_eq!(stages.metric(process, "tier0_bus_storage_full").await, 0.0);
    }
}

/// Stores until nothing more is taken.
async fn fill(bus: &Bus) {
    let stream = jetstream::stream::Config {
        name: "FILLER".to_owned(),
        subjects: vec!["filler".to_owned()],
        ..jetstream::stream::Config::default()
    };
    bus.jetstream().create_stream(stream).await.unwrap();
    for _ in 0..1000 {
        match bus.publish("filler", Headers::new(), vec![0; 20_000].into()).await {
            Ok(_) => {}
            Err(Error::StorageFull { .. }) => return,
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("it never fills");
}

/// The orchestrator's warning, where there is one.
async fn warned(stages: &Stages) -> Option<String> {
    let orchestrator = stages.of("orchestrator").next().unwrap();
    let api = stages.address(orchestrator, "api")?;
    let health: Value =
        reqwest::get(format!("http://{api}/api/v1/health")).await.ok()?.json().await.ok()?;
    let warning =
        health["warnings"].as_array()?.iter().find(|w| w["code"] == "broker_storage_full")?;
    let message = warning["message"].as_str()?.to_owned();
    (health["status"] != "healthy" && message.contains("feature-analyzer")).then_some(message)
}
