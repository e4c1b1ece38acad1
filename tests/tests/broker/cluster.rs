//! Three servers, every stream on all of them: the leader of the handoffs is killed twice, one server is cut off, one stands still.
//!
//! `CLUSTER_RUNS=1000` is the long form.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bus::{Bus, SetupOptions};
use contracts::{Agent, names};
use rustix::process::Signal;
use serde_json::json;
use tier0_tests::{NatsCluster, Stages};

use crate::runs::{Tally, begin, connect, tally, until_ended};

/// Runs of the short form.
const RUNS: usize = 150;
/// How long a server is cut off or stands still.
const PARTITION_TIME: Duration = Duration::from_secs(6);
/// Runs that may be under way before more are begun.
const MAX_OPEN_RUNS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_loses_its_leader_loses_no_run() {
    let runs = std::env::var("CLUSTER_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    let patience = Duration::from_secs(120 + runs as u64);
    let mut cluster = NatsCluster::start().await;
    let bus = connect(&cluster.url()).await;
    let options = SetupOptions { replicas: 3, ack_wait_seconds: 10.0, ..SetupOptions::default() };
    bus.setup(&options).await.unwrap();
    let environment = [("TIER0__STAGE__MAX_IN_FLIGHT", "4")];
    let mut stages = Stages::on(&cluster.url(), &environment).await;
    for agent in Agent::ALL {
        stages.play(agent.as_str(), if agent <= Agent::DataPreparer { 2 } else { 1 });
    }
    stages.until_ready().await;

    let begun = Instant::now();
    let names: BTreeSet<String> = (0..runs).map(|number| format!("r{number:04}")).collect();
    let beginning = {
        let (bus, names) = (bus.clone(), names.clone());
        tokio::spawn(async move {
            for (number, run) in names.iter().enumerate() {
                if number % MAX_OPEN_RUNS == 0 {
                    until_ended(&bus, number.saturating_sub(MAX_OPEN_RUNS), patience).await;
                }
                begin(&bus, run, "").await;
            }
        })
    };
    for share in [0.1, 0.3] {
        until_ended(&bus, (runs as f64 * share) as usize, patience).await;
        let leader = leader(&bus, &cluster).await;
        cluster.kill(leader);
        tokio::time::sleep(PARTITION_TIME / 3).await;
        cluster.start_again(leader);
    }
    until_ended(&bus, runs / 2, patience).await;
    let alone = leader(&bus, &cluster).await;
    cluster.cut_off(alone, true);
    tokio::time::sleep(PARTITION_TIME).await;
    cluster.cut_off(alone, false);
    until_ended(&bus, runs * 7 / 10, patience).await;
    let still = leader(&bus, &cluster).await;
    cluster.signal(still, Signal::STOP);
    tokio::time::sleep(PARTITION_TIME).await;
    cluster.signal(still, Signal::CONT);
    beginning.await.unwrap();
    until_ended(&bus, runs, patience).await;

    let seconds = begun.elapsed().as_secs_f64();
    let found = tally(&bus, &names).await;
    let calls = stages.effects().len();
    let summary = json!({
        "runs": runs, "kills": 2, "cut_off": 1, "stopped": 1, "seconds": seconds,
        "lost": found.lost.len(), "duplicated": found.uneven.len(), "dead_letters": found.dead,
        "stages": runs * Agent::ALL.len(), "calls": calls,
    });
    eprintln!("{summary}");
    let calm = Tally { succeeded: runs, lost: Vec::new(), uneven: Vec::new(), dead: 0 };
    assert_eq!(found, calm, "{}", cluster.logs());
    all_servers_agree(&bus, patience).await;
}

/// The server that leads the stream of handoffs, as soon as there is one.
async fn leader(bus: &Bus, cluster: &NatsCluster) -> usize {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Ok(stream) = bus.jetstream().get_stream(names::STREAM).await
            && let Some(leader) =
                stream.cached_info().cluster.as_ref().and_then(|cluster| cluster.leader.clone())
        {
            return cluster.position(&leader);
        }
        assert!(Instant::now() < deadline, "no leader:\n{}", cluster.logs());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// A server that was away has all that the others have.
async fn all_servers_agree(bus: &Bus, patience: Duration) {
    let deadline = Instant::now() + patience;
    loop {
        let mut stream = bus.jetstream().get_stream(names::STREAM).await.unwrap();
        let info = stream.info().await.unwrap();
        let replicas = info.cluster.as_ref().map(|cluster| cluster.replicas.as_slice());
        let current = |replicas: &[async_nats::jetstream::stream::PeerInfo]| {
            replicas.len() == 2 && replicas.iter().all(|peer| peer.current && !peer.offline)
        };
        if replicas.is_some_and(current) {
            return;
        }
        assert!(Instant::now() < deadline, "{replicas:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
