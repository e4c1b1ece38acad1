//! Holds what the pages say of the stages equal to the table of the stages in `contracts`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::path::Path;

use contracts::{Agent, DataSet};

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of the agents in a text, each where it stands first.
fn in_order(text: &str) -> Vec<Agent> {
    let mut places: Vec<(usize, Agent)> = Agent::ALL
        .into_iter()
        .filter_map(|agent| Some((text.find(agent.as_str())?, agent)))
        .collect();
    places.sort_unstable();
    places.into_iter().map(|(_, agent)| agent).collect()
}

/// The part of a page from one text to another.
#[track_caller]
fn part<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let start = page.find(from).unwrap_or_else(|| panic!("no {from:?}"));
    let rest = &page[start..];
    &rest[..rest.find(to).unwrap_or_else(|| panic!("no {to:?} after {from:?}"))]
}

#[test]
fn the_pictures_show_every_stage_in_order() {
    let (readme, architecture) = (page("README.md"), page("docs/architecture.md"));
    let picture = part(&readme, "flowchart LR", "```\n");
    assert_eq!(in_order(picture), Agent::ALL, "the picture of README.md");
    let picture = part(&architecture, "```text", "```\n");
    assert_eq!(in_order(picture), Agent::ALL, "the picture of docs/architecture.md");
    let list = part(&architecture, "The agents are", ".\n");
    assert_eq!(in_order(list), Agent::ALL, "the list of agents in docs/architecture.md");
}

#[test]
fn the_workflow_tells_of_every_stage_in_order() {
    let workflow = page("docs/workflow.md");
    let stages: Vec<&str> = workflow
        .lines()
        .filter_map(|line| line.strip_prefix("**")?.split_once("**"))
        .map(|(name, _)| name)
        .filter(|name| name.parse::<Agent>().is_ok())
        .collect();
    let expected = Agent::ALL.map(Agent::as_str);
    assert_eq!(stages, expected, "paragraphs of docs/workflow.md that begin with a name in bold");
}

#[test]
fn operations_lists_every_process() {
    let operations = page("docs/operations.md");
    let table = part(&operations, "## Processes", "\n\nReplicas");
    assert_eq!(in_order(table), Agent::ALL, "the table of processes in docs/operations.md");
}

#[test]
fn the_console_tells_every_stage_in_order() {
    let stages = page("crates/console/static/stages.js");
    let named = |line: &str| Some(line.strip_prefix("  \"")?.strip_suffix("\": {")?.to_owned());
    let told: Vec<String> = stages.lines().filter_map(named).collect();
    assert_eq!(told, Agent::ALL.map(Agent::as_str), "crates/console/static/stages.js");
}

/// The table of data sets: which stages write each, and which read it.
#[test]
fn lineage_says_what_each_stage_reads_and_writes() {
    const SPLITS: &[DataSet] =
        &[DataSet::Train, DataSet::Validation, DataSet::Test, DataSet::HoldOut];
    let lineage = page("docs/lineage.md");
    let table = part(&lineage, "| dataset | written by | read by |", "\n\n");
    let rows: Vec<&str> = table.lines().skip(2).collect();
    let expected: [(&str, &[DataSet]); 5] = [
        ("the source", &[DataSet::Source]),
        ("`MODEL/prepared/train`", SPLITS),
        ("`MODEL/feature_plan`", &[DataSet::FeaturePlan]),
        ("`MODEL/model`", &[DataSet::Model]),
        ("`ENDPOINT/endpoint`", &[DataSet::Endpoint]),
    ];
    assert_eq!(rows.len(), expected.len());
    for (row, (name, data)) in rows.into_iter().zip(expected) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert!(cells[0].starts_with(name), "{row}");
        let by = |of: fn(Agent) -> &'static [DataSet]| {
            let agents = Agent::ALL
                .into_iter()
                .filter(|agent| of(*agent).iter().any(|one| data.contains(one)));
            agents.map(Agent::as_str).collect::<Vec<_>>().join(", ")
        };
        let expected = (by(Agent::writes), by(Agent::reads));
        assert_eq!((cells[1], cells[2]), (&*expected.0, &*expected.1), "docs/lineage.md: {name}");
    }
}
