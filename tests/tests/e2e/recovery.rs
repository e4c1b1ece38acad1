//! Runs that are cancelled, driven anew, overdue or waited for in vain, and messages that are given to their agents again.

use std::time::{Duration, Instant, SystemTime};

use async_nats::jetstream::consumer::PullConsumer;
use bus::{Bus, Headers};
use contracts::handoff::FirstHandoff;
use contracts::{Agent, RunId, ValidHandoff, encoding, names, subjects, v1};
use serde_json::{Value, json};
use tier0_tests::{Broker, Finished, Fleet, NatsServer, eventually, tier0};

use crate::orchestrator::Orchestrator;
use crate::records::Records;

/// A broker and an orchestrator that looks often; no agent.
struct Scene {
    nats: NatsServer,
    bus: Bus,
    api: String,
    _orchestrator: Orchestrator,
}

impl Scene {
    async fn start() -> Self {
        let Broker { nats, bus, .. } = Broker::start().await;
        let environment = [
            ("TIER0_ORCHESTRATOR__WATCH__EVERY_SECONDS", "0.2"),
            ("TIER0_ORCHESTRATOR__WATCH__DEADLINE_GRACE_SECONDS", "0.3"),
            ("TIER0_ORCHESTRATOR__WATCH__UNATTENDED_SECONDS", "1"),
        ];
        let orchestrator = Orchestrator::start(nats.url(), &environment).await;
        let api = format!("{}/api/v1", orchestrator.url());
        Self { nats, bus, api, _orchestrator: orchestrator }
    }

    /// Hands a run to its first stage, as the intake does.
    async fn begin(&self, run: &str, deadline: Duration) -> ValidHandoff {
        let at = SystemTime::now();
        let handoff = FirstHandoff {
            run_id: RunId::new(run).unwrap(),
            epoch: 0,
            plan: Agent::ALL.to_vec(),
            deadline: Some(at + deadline),
            request: v1::ScopeRequest {
                data_uri: "/data/train.csv".to_owned(),
                target: "left".to_owned(),
                ..v1::ScopeRequest::default()
            },
            outputs: Vec::new(),
            at,
        }
        .build()
        .unwrap();
        self.publish(&handoff).await;
        handoff
    }

    async fn publish(&self, handoff: &ValidHandoff) {
        let bytes = encoding::encode(handoff.as_message());
        self.bus.publish_once(&handoff.subject(), Headers::new(), bytes).await.unwrap();
    }

    async fn last(&self, subject: &str) -> Option<ValidHandoff> {
        let (_, _, payload) = self.bus.last(subject).await.unwrap()?;
        Some(encoding::decode_handoff(None, &payload).unwrap())
    }

    async fn tier0(&self, arguments: &[&str]) -> Finished {
        let all = arguments.iter().copied().chain(["--json", "--nats-url", self.nats.url()]);
        tier0(all).await
    }

    async fn get(&self, path: &str) -> Value {
        reqwest::get(format!("{}/{path}", self.api)).await.unwrap().json().await.unwrap()
    }

    async fn post(&self, path: &str, body: &str) -> (u16, Value) {
        let url = format!("{}/{path}", self.api);
        let answer = reqwest::Client::new().post(url).body(body.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

fn id(run: &str) -> RunId {
    RunId::new(run).unwrap()
}

/// What a refused command says: its exit code and the stable code.
fn refused(finished: &Finished) -> (i32, String) {
    (finished.code(), finished.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_have_one_end_and_are_driven_anew_from_it() {
    let broker = Scene::start().await;
    broker.begin("r1", Duration::from_secs(600)).await;

    let cancelled = broker.tier0(&["runs", "cancel", "r1", "--reason", "the wrong table"]).await;
    let document = cancelled.success().json();
    assert_eq!(document["status"], json!("cancelled"));
    assert_eq!((&document["epoch"], &document["already"]), (&json!(0), &json!(false)));
    let result = broker.last(&subjects::result(&id("r1"), 0)).await.unwrap();
    let failure = result.failure().unwrap();
    assert_eq!((failure.code.as_str(), failure.agent.as_str()), ("cancelled", "scope-definer"));
    assert!(failure.message.contains("the wrong table"), "{}", failure.message);
    let shown = eventually("the orchestrator knows", || async {
        Some(broker.get("runs/r1").await).filter(|run| run["status"] == json!("cancelled"))
    });
    assert_eq!(shown.await["stages"][0]["status"], json!("cancelled"));

    // Once more changes nothing; and what a stage publishes too late is refused by the broker.
    let again = broker.tier0(&["runs", "cancel", "r1"]).await.success().json();
    assert_eq!(again["already"], json!(true));
    let late = encoding::encode(result.as_message());
    let taken = broker.bus.publish_once(&result.subject(), Headers::new(), late).await;
    assert!(matches!(taken, Err(bus::Error::SubjectTaken { .. })), "{taken:?}");

    let retried = broker.tier0(&["runs", "retry", "r1"]).await.success().json();
    assert_eq!((&retried["epoch"], &retried["from"]), (&json!(1), &json!("scope-definer")));
    let handoff = subjects::handoff(Agent::ScopeDefiner, &id("r1"), 1);
    let handed = broker.last(&handoff).await.unwrap();
    assert!(handed.deadline().unwrap() > SystemTime::now() + Duration::from_secs(500));
    let run = broker.tier0(&["runs", "show", "r1"]).await.success().json();
    assert_eq!((&run["status"], &run["epoch"]), (&json!("queued"), &json!(1)));

    let not_ended = broker.tier0(&["runs", "retry", "r1"]).await;
    assert_eq!(refused(&not_ended), (2, "run_not_ended".to_owned()));
    let failed = handed.failed(
        contracts::failures::failure("data_missing", "no such file"),
        1,
        SystemTime::now(),
    );
    broker.publish(&failed.unwrap()).await;
    let ended = broker.tier0(&["runs", "cancel", "r1"]).await;
    assert_eq!(refused(&ended), (2, "run_ended".to_owned()));
    assert!(ended.json()["error"]["message"].as_str().unwrap().contains("failed"));
    let later = broker.tier0(&["runs", "retry", "r1", "--from", "model-trainer"]).await;
    assert_eq!(refused(&later), (2, "stage_not_reached".to_owned()));
    let unknown = broker.tier0(&["runs", "cancel", "nobody"]).await;
    assert_eq!(refused(&unknown), (2, "run_not_found".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_cancels_and_retries() {
    let broker = Scene::start().await;
    broker.begin("r1", Duration::from_secs(600)).await;
    let (status, body) = broker.post("runs/r1/cancel", r#"{"reason": "no longer needed"}"#).await;
    assert_eq!((status, &body["status"]), (200, &json!("cancelled")), "{body}");
    let (status, body) = broker.post("runs/r1/cancel", "").await;
    assert_eq!((status, &body["already"]), (200, &json!(true)));
    let (status, body) = broker.post("runs/r1/retry", r#"{"form": "x"}"#).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("invalid_request")));
    let (status, body) = broker.post("runs/r1/retry", "").await;
    assert_eq!((status, &body["epoch"]), (200, &json!(1)), "{body}");
    let (status, body) = broker.post("runs/r1/retry", "").await;
    assert_eq!((status, &body["error"]["code"]), (409, &json!("run_not_ended")));
    let (status, body) = broker.post("runs/nobody/cancel", "").await;
    assert_eq!((status, &body["error"]["code"]), (404, &json!("run_not_found")));
    let url = format!("{}/runs/r1/cancel", broker.api);
    let foreign = reqwest::Client::new().post(url).header("Origin", "http://example.org");
    assert_eq!(foreign.send().await.unwrap().status().as_u16(), 403);
}

/// However many ask at once, an epoch begins with one handoff, and a run has one end.
#[tokio::test(flavor = "multi_thread")]
async fn those_who_ask_at_once_get_the_same() {
    let broker = Scene::start().await;
    broker.begin("r1", Duration::from_secs(600)).await;
    let cancel = || broker.post("runs/r1/cancel", "");
    for (status, body) in <[_; 4]>::from(tokio::join!(cancel(), cancel(), cancel(), cancel())) {
        assert_eq!((status, &body["epoch"]), (200, &json!(0)), "{body}");
    }
    let retry = || broker.post("runs/r1/retry", "");
    let begun = <[_; 4]>::from(tokio::join!(retry(), retry(), retry(), retry()));
    for (status, body) in &begun {
        assert!(*status == 200 || body["error"]["code"] == json!("run_not_ended"), "{body}");
    }
    assert!(begun.iter().any(|(status, _)| *status == 200));
    let stream = broker.bus.jetstream().get_stream(names::STREAM).await.unwrap();
    let state = stream.cached_info().state.clone();
    assert_eq!(state.messages, 3, "two handoffs and one result");
}

#[tokio::test(flavor = "multi_thread")]
async fn overdue_runs_are_ended_and_unattended_stages_are_told() {
    let broker = Scene::start().await;
    broker.begin("overdue", Duration::from_millis(1200)).await;
    broker.begin("waiting", Duration::from_secs(600)).await;
    let waiting = eventually("the stage is told to be unattended", || async {
        let run = broker.get("runs/waiting").await;
        (run["warnings"][0]["code"] == json!("stage_unattended")).then_some(run)
    })
    .await;
    assert_eq!(waiting["warnings"][0]["agent"], json!("scope-definer"));
    assert_eq!(waiting["status"], json!("queued"));
    // The orchestrator was begun a moment ago, and so may the agents have been.
    let starting = broker.get("health").await;
    assert_eq!(starting["status"], json!("degraded"), "{starting}");
    let health = eventually("no agent is starting any more", || async {
        let health = broker.get("health").await;
        (health["status"] == json!("unhealthy")).then_some(health)
    })
    .await;
    assert_eq!(health["warnings"].as_array().unwrap().len(), 1, "{health}");

    let overdue = eventually("the run is ended", || async {
        broker.last(&subjects::result(&id("overdue"), 0)).await
    })
    .await;
    assert_eq!(overdue.failure().unwrap().code, "deadline_exceeded");
    assert_eq!(overdue.as_message().metadata.get("ended_by").unwrap(), "orchestrator");
    assert!(broker.last(&subjects::result(&id("waiting"), 0)).await.is_none());

    // An agent takes the messages: the warning goes.
    let _deliveries = {
        let mut deliveries = broker.bus.consumer(names::STREAM, "scope-definer", 10).await.unwrap();
        tokio::spawn(async move {
            loop {
                deliveries.next().await.ack().await.unwrap();
            }
        })
    };
    eventually("the warning goes", || async {
        broker.get("health").await["warnings"].as_array()?.is_empty().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn handoffs_that_were_put_aside_are_replayed() {
    let broker = Scene::start().await;
    let handoff = broker.begin("r1", Duration::from_secs(600)).await;
    let letter = v1::DeadLetter {
        id: "TIER0.1".to_owned(),
        agent: "scope-definer".to_owned(),
        subject: handoff.subject(),
        payload: encoding::encode(handoff.as_message()).to_vec(),
        reason: Some(contracts::failures::failure("attempts_exhausted", "the table was locked")),
        deliveries: 5,
        run_id: "r1".to_owned(),
        ..v1::DeadLetter::default()
    };
    broker.bus.dead_letter(letter.clone()).await.unwrap();
    for (name, payload, truncated) in
        [("TIER0.8", letter.payload.clone(), true), ("TIER0.9", b"\xff\xfe".to_vec(), false)]
    {
        let other = v1::DeadLetter { id: name.to_owned(), payload, truncated, ..letter.clone() };
        broker.bus.dead_letter(other).await.unwrap();
    }

    let shown = broker.tier0(&["dead-letters", "show", "TIER0.1"]).await.success().json();
    assert_eq!(shown["reason"]["message"], json!("the table was locked"));
    assert_eq!(shown["deliveries"], json!(5));
    assert_eq!(shown["message"]["request"]["target"], json!("left"));
    assert_eq!(shown["problem"], json!(null));
    let garbage = broker.tier0(&["dead-letters", "show", "TIER0.9"]).await.success().json();
    assert!(garbage["message"].is_null() && garbage["problem"].is_string(), "{garbage}");

    let replay = async |id: &'static str| broker.tier0(&["dead-letters", "replay", id]).await;
    assert_eq!(refused(&replay("TIER0.8").await), (2, "truncated".to_owned()));
    assert_eq!(refused(&replay("TIER0.9").await), (2, "unreadable".to_owned()));
    assert_eq!(refused(&replay("TIER0.77").await), (2, "not_found".to_owned()));
    assert_eq!(refused(&replay("TIER0.1").await), (2, "run_not_ended".to_owned()));
    let failure = contracts::failures::failure("attempts_exhausted", "the table was locked");
    broker.publish(&handoff.failed(failure, 5, SystemTime::now()).unwrap()).await;

    let all = broker.tier0(&["dead-letters", "replay", "--all"]).await;
    assert_eq!(all.code(), 1, "two of them cannot be replayed");
    let all = all.json();
    assert_eq!(all["replayed"][0]["epoch"], json!(1), "{all}");
    assert_eq!(all["refused"].as_array().unwrap().len(), 2, "{all}");
    let again = broker.last(&subjects::handoff(Agent::ScopeDefiner, &id("r1"), 1)).await.unwrap();
    assert_eq!(again.request(), handoff.request());
    let left = broker.tier0(&["dead-letters", "list"]).await.success().json();
    assert_eq!(left["dead_letters"].as_array().unwrap().len(), 2, "what was taken up is gone");
}

/// The trainer itself: told to stop, it stops; told to go on, it begins where it was.
#[tokio::test(flavor = "multi_thread")]
async fn training_is_cancelled_and_taken_up_again() {
    let fleet = Fleet::up().await;
    let records = Records::open(&fleet).await;
    let table = fleet.path("data/hcp_churn.csv");
    let data = table.to_str().unwrap();
    let submitted = fleet
        .tier0(["submit", "--data", data, "--target", "churned", "--time-budget", "12s", "--json"])
        .await
        .success()
        .json();
    let run = submitted["run_id"].as_str().unwrap().to_owned();
    eventually("the model is being trained", || async {
        let shown = fleet.tier0(["runs", "show", &run, "--json"]).await.success().json();
        (shown["stages"][4]["status"] == json!("running")).then_some(())
    })
    .await;

    fleet.tier0(["runs", "cancel", &run]).await.success();
    let cancelled = Instant::now();
    eventually("the trainer lets go", || async {
        let consumer: PullConsumer = records
            .bus
            .jetstream()
            .get_consumer_from_stream("model-trainer", names::STREAM)
            .await
            .unwrap();
        let info = consumer.cached_info();
        (info.num_ack_pending == 0 && info.num_waiting > 0).then_some(())
    })
    .await;
    let took = cancelled.elapsed();
    assert!(took < Duration::from_millis(2500), "{took:?}");
    let shown = fleet.tier0(["runs", "show", &run, "--json"]).await.success().json();
    assert_eq!(shown["status"], json!("cancelled"), "{shown:#}");
    assert_eq!(shown["stages"][4]["status"], json!("cancelled"));

    let retried = fleet.tier0(["runs", "retry", &run, "--wait", "--json"]).await;
    let run_id = id(&run);
    let view = retried.success().json();
    assert_eq!((&view["status"], &view["epoch"]), (&json!("succeeded"), &json!(1)), "{view:#}");
    assert!(view["stages"].as_array().unwrap().iter().all(|s| s["status"] == json!("succeeded")));
    for agent in Agent::ALL {
        let anew = records.count(&subjects::handoff(agent, &run_id, 1)).await;
        assert_eq!(anew, usize::from(agent >= Agent::ModelTrainer), "{agent}");
    }
    a_request_is_replayed(&fleet, &records, data).await;
}

async fn a_request_is_replayed(fleet: &Fleet, records: &Records, data: &str) {
    let request =
        |target: &str| json!({"dataUri": data, "target": target, "until": "scope-definer"});
    let letter = |id: &str, request: &Value| v1::DeadLetter {
        id: id.to_owned(),
        agent: "scope-definer".to_owned(),
        subject: subjects::REQUEST.to_owned(),
        payload: request.to_string().into_bytes(),
        ..v1::DeadLetter::default()
    };
    records.bus.dead_letter(letter("TIER0_REQUESTS.98", &request("churned"))).await.unwrap();
    records.bus.dead_letter(letter("TIER0_REQUESTS.99", &json!({"colour": "blue"}))).await.unwrap();
    let replay =
        async |id: &'static str| fleet.tier0(["dead-letters", "replay", id, "--json"]).await;
    let taken_up = replay("TIER0_REQUESTS.98").await.success().json();
    let run = taken_up["replayed"][0]["run_id"].as_str().unwrap().to_owned();
    let watched = fleet.tier0(["runs", "watch", &run, "--json"]).await.success().json();
    assert_eq!(watched["status"], json!("succeeded"));
    let again = replay("TIER0_REQUESTS.99").await;
    assert_eq!(refused(&again), (2, "refused_again".to_owned()));
    assert!(again.json()["error"]["message"].as_str().unwrap().contains("colour"));
}
