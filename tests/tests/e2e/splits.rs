//! Rows that are alike: a random split is warned of, and the split that the warning names is one by whole entities, folds included.

use serde_json::Value;
use tier0_tests::{Fleet, write_table};

/// Five visits of each patient, whose age tells most of what happens.
fn visits() -> Vec<String> {
    let noise = |row: u64| {
        let mixed = (row + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40
    };
    let rows = (0..400_u64).flat_map(|patient| (0..5).map(move |visit| (patient, visit)));
    let line = |(patient, visit): (u64, u64)| {
        let age = 20 + noise(patient) % 60;
        let dose = noise(1_000 + 5 * patient + visit) % 100;
        let chance = if age > 55 { 85 } else { 10 };
        let ill = noise(9_000 + 5 * patient + visit) % 100 < chance;
        format!("P{patient},{age},{dose},{}", if ill { "yes" } else { "no" })
    };
    std::iter::once("patient id,age,dose,relapse".to_owned()).chain(rows.map(line)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_split_that_a_warning_names_is_one_by_whole_entities() {
    let fleet = Fleet::up().await;
    let path = fleet.path("visits.csv");
    write_table(&path, visits());
    let data = ["--data", path.to_str().unwrap(), "--target", "relapse", "--positive", "yes"];
    let submit = async |name: &str, more: &[&str]| -> Value {
        let own = ["--name", name, "--trials", "3", "--time-budget", "3s"];
        let submitted = fleet.submit([&data[..], &own, more].concat()).await;
        assert_eq!(submitted.code, 0, "{}", submitted.run);
        submitted.run
    };
    let warned = |run: &Value, code: &str| {
        let warnings = run["warnings"].as_array().unwrap();
        warnings.iter().any(|warning| warning["code"] == code)
    };
    let random = submit("random", &[]).await;
    assert!(warned(&random, "group_structure"), "{random}");
    for (name, more) in [
        ("asked", &["--split", "entity", "--entity-column", "patient id"][..]),
        ("found", &["--entity-column", "patient id"]),
    ] {
        let run = submit(name, more).await;
        assert_eq!(run["status"], "succeeded", "{run}");
        assert!(!warned(&run, "group_structure"), "{run}");
    }
}
