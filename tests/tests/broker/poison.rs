//! Runs that fail again and again, kill the process that takes them or hang: the others' runs do not wait for them.

use std::time::Duration;

use bus::SetupOptions;
use contracts::{Agent, v1};
use tier0_tests::{NatsServer, Stages, eventually};

use crate::runs::{begin, connect, result, until_result};

/// Ordinary runs beside the poison.
const RUNS: usize = 20;
const TIMEOUT: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn poison_does_not_starve_other_runs() {
    let nats = NatsServer::start();
    let bus = connect(nats.url()).await;
    let options = SetupOptions { ack_wait_seconds: 2.0, max_deliver: 4, ..SetupOptions::default() };
    bus.setup(&options).await.unwrap();
    let environment = [
        ("TIER0__STAGE__RETRY_FIRST_SECONDS", "2"),
        ("TIER0__STAGE__MAX_SECONDS", "15"),
        ("TIER0__STAGE__MAX_IN_FLIGHT", "2"),
    ];
    let mut stages = Stages::on(nats.url(), &environment).await;
    for agent in Agent::ALL {
        stages.play(agent.as_str(), if agent == Agent::ModelTrainer { 2 } else { 1 });
    }
    stages.until_ready().await;
    // One always fails, one hangs, one kills its process.
    let poison = [
        ("fails", "model-trainer/retry:99", "attempts_exhausted", 4..=4),
        // What kills its process kills its neighbours there.
        ("hangs", "model-trainer/sleep:600000", "stage_timed_out", 1..=4),
        ("kills", "model-trainer/die:99", "attempts_exhausted", 4..=4),
    ];
    // The one that kills comes last: it may take with it the trainer that another one would have gone to.
    for (run, script, ..) in &poison {
        begin(&bus, run, script).await;
        eventually(&format!("a trainer has taken {run}"), || async {
            let taken = format!("model-trainer {run} attempt 1");
            stages.effects().contains(&taken).then_some(())
        })
        .await;
    }
    for number in 0..RUNS {
        begin(&bus, &format!("r{number}"), "").await;
    }
    // What dies is started again, as a supervisor does it.
    for number in 0..RUNS {
        let run = format!("r{number}");
        let result = stages.reviving(until_result(&bus, &run, TIMEOUT)).await;
        assert_eq!(result.status(), v1::HandoffStatus::Success, "{:?}", result.failure());
    }
    let still: Vec<&str> = {
        let mut still = Vec::new();
        for (run, ..) in &poison {
            if result(&bus, run).await.is_none() {
                still.push(*run);
            }
        }
        still
    };
    assert!(!still.is_empty(), "the ordinary runs ended while poison was under way");
    for (run, _, code, attempts) in &poison {
        let result = stages.reviving(until_result(&bus, run, TIMEOUT)).await;
        let failure = result.failure().expect("poison fails");
        assert_eq!((failure.code.as_str(), failure.agent.as_str()), (*code, "model-trainer"));
        let taken = format!("model-trainer {run} attempt ");
        let calls = stages.effects().iter().filter(|line| line.starts_with(&taken)).count();
        assert!(attempts.contains(&calls), "{run}: {calls}");
    }
    eprintln!("{RUNS} ordinary runs ended while {still:?} were under way");
}
