//! Profiles of a fleet's processes: what is computed is in them, by the names of functions.

use rustix::process::Signal;
use tier0_tests::pipeline::small_table;
use tier0_tests::{Fleet, FleetOptions, eventually, write_table};

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ends_says_where_it_has_computed() {
    let directory = tempfile::tempdir().unwrap();
    let profiles = directory.path().join("profiles");
    let named: &'static str = profiles.display().to_string().leak();
    let arguments = vec!["--profile", named];
    let fleet = Fleet::up_with(FleetOptions { arguments, ..FleetOptions::default() }).await;
    let table = fleet.path("small.csv");
    write_table(&table, small_table(4000));
    let table = table.display().to_string();
    fleet
        .submit([
            "--data",
            &table,
            "--target",
            "left",
            "--time-budget",
            "4s",
            "--until",
            "model-trainer",
        ])
        .await
        .succeeded();
    fleet.signal("model-trainer", Signal::TERM);
    let file = profiles.join("model-trainer.folded");
    let folded = eventually("the profile is written", || async {
        std::fs::read_to_string(&file).ok().filter(|text| !text.is_empty())
    })
    .await;
    let samples: u64 =
        folded.lines().map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum();
    assert!(samples >= 50, "{samples} samples of seconds of work");
    let computing = folded.lines().filter(|line| line.contains("learners::"));
    assert!(computing.count() > 0, "no stack names what was computed:\n{folded}");
    let graph = std::fs::read_to_string(profiles.join("model-trainer.svg")).unwrap();
    assert!(graph.starts_with("<svg") && graph.ends_with("</svg>\n"), "{graph}");
    let told = graph.matches("<title>").count();
    assert!(told > 10 && graph.contains("<title>learners::"), "{told} frames:\n{graph}");
    assert!(graph.contains(&format!("{samples} samples; ")), "samples of the graph and its stacks");
    // The others go on, and write theirs when they end.
    assert_eq!(std::fs::read(profiles.join("orchestrator.folded")).unwrap(), b"");
}
