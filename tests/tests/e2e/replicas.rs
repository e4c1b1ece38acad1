//! More than one replica of an agent.

use std::collections::BTreeSet;

use contracts::{Agent, RunId};
use tier0_tests::{Fleet, FleetOptions, write_table};

use crate::records::Records;

pub(crate) use tier0_tests::pipeline::small_table;

/// Several runs at once on two replicas of the middle agents: each run ends once, each stage is done once.
#[tokio::test(flavor = "multi_thread")]
async fn replicas_share_the_work_and_repeat_none() {
    let options = FleetOptions {
        replicas: vec![("data-preparer", 2), ("feature-analyzer", 2), ("model-trainer", 2)],
        ..FleetOptions::default()
    };
    let fleet = Fleet::up_with(options).await;
    let table = fleet.path("small.csv");
    write_table(&table, small_table(800));

    let submit = |number: u32| {
        let name = format!("replica-{number}");
        let data = table.to_str().unwrap().to_owned();
        let fleet = &fleet;
        async move {
            fleet
                .submit([
                    "--data",
                    &data,
                    "--target",
                    "left",
                    "--time-budget",
                    "2s",
                    "--no-cache",
                    "--name",
                    &name,
                ])
                .await
                .succeeded()
        }
    };
    let (first, second, third, fourth) = tokio::join!(submit(1), submit(2), submit(3), submit(4));

    let records = Records::open(&fleet).await;
    let mut preparers = BTreeSet::new();
    for run in [first, second, third, fourth] {
        let run = RunId::new(run["run_id"].as_str().unwrap()).unwrap();
        let result = records.result(&run).await.unwrap();
        preparers.extend(
            result
                .outputs()
                .iter()
                .filter(|o| o.agent == "data-preparer")
                .map(|o| o.replica.clone()),
        );
        for agent in Agent::ALL {
            assert_eq!(
                records.count(&contracts::subjects::handoff(agent, &run, 0)).await,
                1,
                "{agent} {run}"
            );
        }
        assert_eq!(records.count(&contracts::subjects::result(&run, 0)).await, 1, "{run}");
    }
    assert_eq!(preparers.len(), 2, "both replicas worked: {preparers:?}");
    assert!(records.dead_letters().await.is_empty());
}
