//! The fleet's health: what is ended, frozen or taken away is told as what it is, with what to do.

use async_nats::HeaderMap;
use bus::Bus;
use contracts::{Agent, RunId, subjects};
use rustix::process::Signal;
use serde_json::{Value, json};
use tier0_tests::{Broker, NatsServer, Stages, eventually, tier0};

/// A broker, an orchestrator, a model server and seven agents; no supervisor starts again what ends.
struct Scene {
    nats: NatsServer,
    bus: Bus,
    stages: Stages,
}

impl Scene {
    async fn set(environment: &[(&str, &str)]) -> Self {
        let Broker { nats, bus, .. } = Broker::start().await;
        let quick = [
            ("TIER0_ORCHESTRATOR__HEALTH__EVERY_SECONDS", "1"),
            ("TIER0_ORCHESTRATOR__HEALTH__CACHE_SECONDS", "0.2"),
            ("TIER0_ORCHESTRATOR__HEALTH__PROBE_SECONDS", "1"),
        ];
        let environment: Vec<_> = quick.iter().chain(environment).copied().collect();
        let mut stages = Stages::on(nats.url(), &environment).await;
        stages.run("orchestrator", 1);
        stages.run("model-server", 1);
        for agent in Agent::ALL {
            stages.play(agent.as_str(), 1);
        }
        stages.until_ready().await;
        Self { nats, bus, stages }
    }

    fn api(&self) -> String {
        let orchestrator = self.stages.of("orchestrator").next().unwrap();
        format!("http://{}", self.stages.address(orchestrator, "api").unwrap())
    }

    async fn health(&self) -> Value {
        let url = format!("{}/api/v1/health", self.api());
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }

    /// Waits until a part is said to be so; gives the part and the whole.
    async fn until(&self, kind: &str, name: &str, status: &str) -> (Value, Value) {
        eventually(&format!("{kind} {name} is {status}"), || async {
            let health = self.health().await;
            let part = part(&health, kind, name)?;
            (part["status"] == json!(status)).then_some((part, health))
        })
        .await
    }

    fn end(&self, process: &str) {
        self.stages.of(process).next().unwrap().signal(Signal::KILL);
    }

    /// `tier0 health --json`: exit code and document.
    async fn asked(&self, api: Option<&str>) -> (i32, Value) {
        let mut arguments = vec!["health", "--json", "--nats-url", self.nats.url()];
        arguments.extend(api.into_iter().flat_map(|api| ["--api-url", api]));
        let ended = tier0(arguments).await;
        (ended.code(), ended.json())
    }
}

fn part(health: &Value, kind: &str, name: &str) -> Option<Value> {
    let parts = health["components"].as_array()?;
    parts.iter().find(|part| part["kind"] == json!(kind) && part["name"] == json!(name)).cloned()
}

fn advice(part: &Value) -> &str {
    part["advice"].as_str().unwrap_or_else(|| panic!("no advice: {part}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let artifacts = directory.path().join("artifacts");
    let store = format!("file://{}", artifacts.display());
    let mut scene = Scene::set(&[("TIER0__ARTIFACTS__URI", &store)]).await;

    everything_is_healthy(&scene).await;
    // One may be going on at any moment.
    eventually("probes leave nothing behind", || async {
        (std::fs::read_dir(&artifacts).unwrap().count() == 0).then_some(())
    })
    .await;
    a_store_that_is_away(&scene, &artifacts).await;
    a_model_server_that_died(&mut scene).await;
    an_agent_that_died(&scene).await;
    a_broker_that_is_away(&mut scene).await;
    an_orchestrator_that_died(&scene).await;
}

async fn everything_is_healthy(scene: &Scene) {
    let health = eventually("all is healthy", || async {
        let health = scene.health().await;
        (health["status"] == json!("healthy")).then_some(health)
    })
    .await;
    let parts = health["components"].as_array().unwrap();
    let count = |kind: &str| parts.iter().filter(|part| part["kind"] == json!(kind)).count();
    for (kind, expected) in [
        ("broker", 1),
        ("stream", 7),
        ("queue", 3),
        ("agent", 7),
        ("store", 1),
        ("registry", 1),
        ("cache", 1),
        ("service", 1),
        // All of them, and the one.
        ("model_server", 2),
        ("tracker", 0),
    ] {
        assert_eq!(count(kind), expected, "{kind}: {health:#}");
    }
    for part in parts {
        assert_eq!(part["status"], json!("healthy"), "{part}");
        assert!(part["since"].as_str().unwrap().ends_with('Z'), "{part}");
        let alone = part["kind"] != json!("service") && part["name"] != json!("all");
        assert_eq!(part["response_ms"].as_f64().is_some(), alone, "{part}");
    }
    let agent = part(&health, "agent", "model-trainer").unwrap();
    assert_eq!(agent["detail"], json!("1 replica, 0 waiting, 0 under way"));
    assert_eq!(scene.asked(Some(&scene.api())).await.0, 0);
    let nowhere = tempfile::tempdir().unwrap();
    let dir = nowhere.path().to_str().unwrap();
    assert_eq!(tier0(["health", "--dir", dir]).await.code(), 3, "no fleet");
}

async fn a_store_that_is_away(scene: &Scene, artifacts: &std::path::Path) {
    let away = artifacts.with_extension("away");
    std::fs::rename(artifacts, &away).unwrap();
    std::fs::write(artifacts, "no directory").unwrap();
    let (store, health) = scene.until("store", "artifacts", "unhealthy").await;
    assert_eq!(health["status"], json!("unhealthy"));
    assert!(advice(&store).contains("may be written to"), "{store}");
    std::fs::remove_file(artifacts).unwrap();
    std::fs::rename(&away, artifacts).unwrap();
    scene.until("store", "artifacts", "healthy").await;
}

async fn a_model_server_that_died(scene: &mut Scene) {
    let before = part(&scene.health().await, "model_server", "all").unwrap();
    scene.end("model-server");
    let (servers, health) = scene.until("model_server", "all", "unhealthy").await;
    assert_eq!(health["status"], json!("unhealthy"));
    assert!(advice(&servers).contains("start a model server"), "{servers}");
    assert!(servers["since"].as_str() > before["since"].as_str(), "{before} {servers}");
    let name = scene.stages.of("model-server").next().map(|it| scene.stages.name(it)).unwrap();
    let one = part(&health, "model_server", &name).unwrap();
    assert_eq!((&one["status"], &one["required"]), (&json!("unhealthy"), &json!(false)), "{one}");
    let (code, said) = scene.asked(Some(&scene.api())).await;
    assert_eq!((code, &said["status"]), (1, &json!("unhealthy")));

    scene.stages.run("model-server", 1);
    let (servers, _) = scene.until("model_server", "all", "degraded").await;
    assert_eq!(servers["detail"], json!("1 of 2 answer"));
}

async fn an_agent_that_died(scene: &Scene) {
    scene.end("model-trainer");
    let (agent, _) = scene.until("agent", "model-trainer", "degraded").await;
    assert_eq!(agent["detail"], json!("0 replicas, 0 waiting, 0 under way"));
    assert!(advice(&agent).contains("start a replica of model-trainer"), "{agent}");
    let run = RunId::new("r1").unwrap();
    let subject = subjects::handoff(Agent::ModelTrainer, &run, 0);
    scene.bus.publish(&subject, HeaderMap::new(), "not a handoff".into()).await.unwrap();
    let (agent, health) = scene.until("agent", "model-trainer", "unhealthy").await;
    assert_eq!(health["status"], json!("unhealthy"));
    assert!(advice(&agent).contains("its work waits, and is not lost"), "{agent}");
}

async fn a_broker_that_is_away(scene: &mut Scene) {
    scene.nats.kill();
    let (broker, health) = scene.until("broker", "nats-server", "unhealthy").await;
    assert_eq!(health["status"], json!("unhealthy"));
    assert!(advice(&broker).contains("start the broker again"), "{broker}");
    for (kind, name) in [("stream", "TIER0"), ("agent", "data-preparer"), ("model_server", "all")] {
        let behind = part(&health, kind, name).unwrap();
        assert_eq!(behind["status"], json!("unknown"), "{behind}");
        assert!(advice(&behind).contains("see the broker"), "{behind}");
    }
    let store = part(&health, "store", "artifacts").unwrap();
    assert_eq!(store["status"], json!("healthy"), "a directory needs no broker: {store}");
    scene.nats.start_again();
    scene.until("broker", "nats-server", "healthy").await;
    scene.until("stream", "TIER0", "healthy").await;
    // Replicas ask for messages again in their own time.
    scene.until("agent", "data-preparer", "healthy").await;
}

/// The command line looks by itself.
async fn an_orchestrator_that_died(scene: &Scene) {
    let api = scene.api();
    scene.end("orchestrator");
    let (code, said) = scene.asked(Some(&api)).await;
    assert_eq!(code, 1, "{said:#}");
    let orchestrator = part(&said, "service", "orchestrator").unwrap();
    assert_eq!(orchestrator["status"], json!("degraded"));
    assert!(advice(&orchestrator).contains("runs go on without it"), "{orchestrator}");
    assert_eq!(part(&said, "broker", "nats-server").unwrap()["status"], json!("healthy"));
    assert_eq!(part(&said, "agent", "model-trainer").unwrap()["status"], json!("unhealthy"));
    assert_eq!(part(&said, "agent", "data-preparer").unwrap()["status"], json!("healthy"));
}

/// Who asks often is told what was found just now.
#[tokio::test(flavor = "multi_thread")]
async fn asking_often_probes_once() {
    let scene = Scene::set(&[("TIER0_ORCHESTRATOR__HEALTH__CACHE_SECONDS", "20")]).await;
    let asked = futures::future::join_all((0..20).map(|_| scene.health())).await;
    let times: std::collections::BTreeSet<&str> =
        asked.iter().map(|health| health["checked_at"].as_str().unwrap()).collect();
    assert_eq!(times.len(), 1, "{times:?}");
}
