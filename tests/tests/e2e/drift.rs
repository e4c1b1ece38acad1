//! `tier0 drift` as a process: what it prints, and how it exits.

use serde_json::Value;
use tier0_tests::tier0;

async fn drift(arguments: &[&str]) -> tier0_tests::Finished {
    tier0(["drift"].iter().chain(arguments)).await
}

#[tokio::test]
async fn the_exit_code_says_whether_there_is_drift() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let sample = |seed: &str, name: &str| {
        let arguments = ["sample", "churn", "--rows", "3000", "--seed", seed, "--out", &path(name)]
            .map(str::to_owned);
        async move { tier0(arguments).await.success() }
    };
    sample("1", "reference.csv").await;
    sample("2", "same.csv").await;
    let (reference, same) = (path("reference.csv"), path("same.csv"));

    // Another sample of the same process: nothing but the names of its people differs, and those are new in any sample.
    let none = drift(&["--reference", &reference, "--current", &same, "--json"]).await;
    let document: Value = none.json();
    assert_eq!((none.code(), &document["verdict"]), (0, &"none".into()), "{document:#}");

    // The same rows with one column multiplied.
    let text = std::fs::read_to_string(&same).unwrap();
    let mut lines = text.lines();
    let head = lines.next().unwrap();
    let name = "years_in_practice";
    let place = head.split(',').position(|column| column == name).unwrap();
    let moved: String = std::iter::once(head.to_owned())
        .chain(lines.map(|line| {
            let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
            if let Ok(years) = fields[place].parse::<u32>() {
                fields[place] = (years + 12).to_string();
            }
            fields.join(",")
        }))
        .map(|line| line + "\n")
        .collect();
    std::fs::write(path("moved.csv"), moved).unwrap();
    let out = path("drift.json");
    let found =
        drift(&["--reference", &reference, "--current", &path("moved.csv"), "--out", &out]).await;
    assert_eq!(found.code(), 1);
    assert!(found.stdout.contains(&format!("{name}: ")), "{}", found.stdout);
    let written: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!(written["drifted"], serde_json::json!([name]));

    let missing =
        drift(&["--reference", &reference, "--current", &path("none.csv"), "--json"]).await;
    assert_eq!(missing.code(), 2);
    assert_eq!(missing.json()["error"]["code"], "drift");
    let unknown =
        drift(&["--reference", &reference, "--current", &same, "--columns", "agee"]).await;
    assert_eq!(unknown.code(), 2);
}
