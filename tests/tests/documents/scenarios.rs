//! `docs/scenarios.md` lists the tests of each acceptance scenario, as their names tell them.
//!
//! A test is of scenario N where its function begins with `sNN_`, or its file does and the function names no other.
//! `TIER0_REGENERATE=1` writes the table anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::{files, root};

/// What each scenario is, and what its tests assert.
const SCENARIOS: [(&str, &str); 36] = [
    (
        "raw data to production",
        "one run id at every stage; served predictions equal the offline model's; registry, deployment, lineage and monitoring agree on the digest",
    ),
    (
        "model update",
        "both versions are served during the change; held-out metrics decide; the loser is archived; no request fails",
    ),
    (
        "A/B test 70/30",
        "the split is inside the binomial bound; a key keeps its version; a winner only where the difference is significant",
    ),
    (
        "rollback",
        "found and done without a person, in bounded time; the old digest is back; the audit log says so",
    ),
    (
        "monitoring and alerts",
        "exactly the expected alerts; only what drifted alerts; acknowledging persists over a restart",
    ),
    (
        "invalid data",
        "findings name columns and rows; training never starts; the run fails at the data-preparer",
    ),
    (
        "training failure",
        "a typed error, the configured attempts, no orphan, and the next run succeeds",
    ),
    ("deployment failure", "the new version fails its check and the old one answers every request"),
    (
        "drift then retraining",
        "the retrained model is better on the drifted hold-out, and only then promoted",
    ),
    (
        "circuit breaker",
        "closed, open, half-open, closed; the fallback answers; a minimum volume opens it",
    ),
    ("batch prediction", "batches equal single rows; rows per second are measured"),
    ("concurrent pipelines", "runs at once give the same models as one after the other"),
    ("large data", "a million rows under the memory ceiling; every planted defect is found"),
    (
        "registry at scale",
        "ten thousand versions by concurrent writers, none lost; look-ups measured",
    ),
    ("monitoring overhead", "what prediction events cost the latency is measured and bounded"),
    (
        "validation to training",
        "data that failed the gate are not trained on, even by a handoff published by hand; cleaning sees the training split alone",
    ),
    (
        "profile to features",
        "the profile drives the features; a planted interaction is found and helps",
    ),
    (
        "training to registry",
        "only legal steps between stages; the loaded bundle is the registered one",
    ),
    (
        "tracker to registry",
        "MLflow has what the registry has; lineage leads from the deployment to the data",
    ),
    ("serving to monitoring", "every request is recorded exactly once, without the caller's help"),
    ("monitoring to redeployment", "an alert alone causes the rollback"),
    (
        "error handling",
        "every kind of fault has its typed error, and is repeated, put aside, or ends the run",
    ),
    ("metrics", "after known traffic the counters are exact"),
    ("tracing", "one trace spans publication, every agent, serving and monitoring"),
    ("configuration", "defaults, file, environment, flags, in this order; all problems at once"),
    (
        "persistence",
        "everything is killed and started again: registry, streams, runs and deployments are as they were",
    ),
    (
        "recovery",
        "a crash before and after every settle point of every stage: no run lost, no effect twice",
    ),
    (
        "deployment to validation",
        "a monitored batch is validated again and quarantined before it is trained on",
    ),
    (
        "blue-green",
        "green is checked off-traffic; the switch is atomic under load; blue stays for the way back",
    ),
    ("canary 5, 25, 50, 100", "each step waits for its gate; a bad canary goes back to nothing"),
    (
        "shadow",
        "callers get identical answers; differences are recorded; a failing shadow is invisible",
    ),
    (
        "champion and challenger",
        "the same hold-out, a significance test, exactly one champion at the end",
    ),
    (
        "automated retraining",
        "trigger, cool-down, the whole gated run, promotion only where it is better",
    ),
    (
        "degradation and rollback",
        "labelled feedback crosses the threshold; rolled back within N requests",
    ),
    (
        "ensemble",
        "combined in the server, weighted; a failing member degrades the answer and does not fail it",
    ),
    ("load balancing", "shares inside the bound; an unhealthy version or replica is drained"),
];

/// The heading of the table, which ends with the file.
const HEADING: &str = "| # | scenario | what is asserted | tests |\n| --- | --- | --- | --- |\n";

/// The number of `s07_…`.
fn number(name: &str) -> Option<usize> {
    let (digits, rest) = name.strip_prefix('s')?.split_at_checked(2)?;
    rest.starts_with('_').then(|| digits.parse().ok()).flatten()
}

/// The functions of a source that the test harness runs.
fn tests(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
            found.extend(rest.split('(').next());
            is_test = false;
        }
    }
    found
}

/// The tests of each scenario: `FILE::FUNCTION`.
fn tests_by_scenario(root: &Path) -> BTreeMap<usize, BTreeSet<String>> {
    let mut found: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    let sources = ["tests/tests", "crates"].map(|part| files(&root.join(part), ".rs"));
    for file in sources.concat() {
        let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let source = fs::read_to_string(&file).unwrap();
        for test in tests(&source) {
            if let Some(scenario) = number(test).or_else(|| number(name)) {
                let place = file.strip_prefix(root).unwrap().display();
                found.entry(scenario).or_default().insert(format!("{place}::{test}"));
            }
        }
    }
    found
}

fn table(root: &Path) -> String {
    let tests = tests_by_scenario(root);
    let row = |(at, (scenario, asserted)): (usize, &(&str, &str))| {
        let number = at + 1;
        let of = tests.get(&number).unwrap_or_else(|| panic!("scenario {number} has no test"));
        let links = of.iter().map(|test| {
            let (file, function) = test.split_once("::").unwrap();
            format!("[`{function}`](../{file})")
        });
        let links = links.collect::<Vec<_>>().join(", ");
        format!("| {number} | {scenario} | {asserted} | {links} |\n")
    };
    SCENARIOS.iter().enumerate().map(row).collect()
}

#[test]
fn the_document_names_the_tests_of_every_scenario() {
    let root = root();
    let path = root.join("docs/scenarios.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, found) = text.split_once(HEADING).unwrap();
    let expected = table(&root);
    if std::env::var_os("TIER0_REGENERATE").is_some() {
        fs::write(&path, format!("{before}{HEADING}{expected}")).unwrap();
        return;
    }
    assert_eq!(found, expected, "TIER0_REGENERATE=1 writes it anew");
    let numbers: Vec<usize> = tests_by_scenario(&root).into_keys().collect();
    assert_eq!(
        numbers,
        (1..=SCENARIOS.len()).collect::<Vec<_>>(),
        "a test of a scenario that there is not"
    );
}

#[test]
fn names_tell_the_scenario() {
    assert_eq!(
        (number("s07_training_failure"), number("s7_x"), number("silence")),
        (Some(7), None, None)
    );
    let source = "#[test]\nfn one() {}\nfn helper() {}\n#[tokio::test(flavor = \"multi_thread\")]\nasync fn two() {}\n";
    assert_eq!(tests(source), ["one", "two"]);
}
