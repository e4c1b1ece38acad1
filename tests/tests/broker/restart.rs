//! The broker is killed and started again while runs are under way.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bus::SetupOptions;
use contracts::Agent;
use tier0_tests::{NatsServer, Stages};

use crate::runs::{Tally, begin, connect, tally, until_ended};

const RUNS: usize = 90;
/// How many runs have ended when the broker is killed.
const KILLS: [usize; 3] = [10, 30, 60];
const TIMEOUT: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn runs_go_on_over_restarts_of_the_broker() {
    let mut nats = NatsServer::start();
    let bus = connect(nats.url()).await;
    let options = SetupOptions { ack_wait_seconds: 5.0, ..SetupOptions::default() };
    bus.setup(&options).await.unwrap();
    let mut stages = Stages::on(nats.url(), &[("TIER0__STAGE__MAX_IN_FLIGHT", "2")]).await;
    for agent in Agent::ALL {
        stages.play(agent.as_str(), 1);
    }
    stages.until_ready().await;

    let begun = Instant::now();
    let runs: BTreeSet<String> = (0..RUNS).map(|number| format!("r{number}")).collect();
    let beginning = {
        let (bus, runs) = (bus.clone(), runs.clone());
        tokio::spawn(async move {
            for run in &runs {
                begin(&bus, run, "sleep:5").await;
            }
        })
    };
    for ended in KILLS {
        until_ended(&bus, ended, TIMEOUT).await;
        nats.kill();
        tokio::time::sleep(Duration::from_millis(500)).await;
        nats.start_again();
    }
    beginning.await.unwrap();
    until_ended(&bus, RUNS, TIMEOUT).await;
    let found = tally(&bus, &runs).await;
    let calm = Tally { succeeded: RUNS, lost: Vec::new(), uneven: Vec::new(), dead: 0 };
    assert_eq!(found, calm);
    for process in stages.all() {
        let series = "tier0_bus_events_total{event=\"connected\"}";
        let connected = stages.metric(process, series).await;
        // One that waits between two attempts to reconnect may miss a broker that lives for less.
        assert!(connected >= 2.0, "{}: {connected}", process.agent);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let calls = stages.effects().len();
    eprintln!(
        "{RUNS} runs, {} kills, {seconds:.1} s, 0 lost, 0 doubled; {calls} calls for {} stages",
        KILLS.len(),
        RUNS * Agent::ALL.len()
    );
}
