//! Values of personal columns are shown nowhere: not in what a run tells, logs and stores beside its tables and its model, though
//! the columns are kept, grouped by and judged by a suite.

use std::collections::BTreeMap;

use contracts::v1::stage_output::Output;
use contracts::{RunId, v1};
use serde_json::json;
use tier0_tests::{Fleet, write_table};

use crate::records::Records;

const ROWS: usize = 1_200;
/// A part of every value that is planted.
const PLANTED: &str = "pl4nted";

/// One of 30 addresses.
fn mail(row: usize) -> String {
    format!("{PLANTED}{}@example.org", row * 7 % 30)
}

/// Ages, whom a row is about by address and by name, and a target that depends on both.
fn table() -> Vec<String> {
    let mut lines = vec!["age,reach,last_name,region,left".to_owned()];
    for row in 0..ROWS {
        let age = 20 + row * 37 % 50;
        let left = (age + row * 7 % 30 + row * 13 % 40) > 75;
        let region = ["north", "south"][row % 2];
        lines.push(format!(
            "{age}.{:03},{},{PLANTED}-name-{},{region},{}",
            row % 1000,
            mail(row),
            row % 12,
            if left { "yes" } else { "no" }
        ));
    }
    lines
}

/// Where planted values were found.
#[derive(Default)]
struct Seen(BTreeMap<String, String>);

impl Seen {
    fn look(&mut self, place: &str, text: &str) {
        if let Some(at) = text.find(PLANTED) {
            let around: String = text.chars().skip(at.saturating_sub(200)).take(400).collect();
            self.0.insert(place.to_owned(), around);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_personal_columns_are_shown_nowhere() {
    let fleet = Fleet::up().await;
    let records = Records::open(&fleet).await;
    let data = fleet.path("people.csv");
    write_table(&data, table());
    let suite = fleet.path("suite.json");
    let expectations = json!({
        "name": "people",
        "expectations": [
            {"type": "expect_column_values_to_be_in_set", "severity": "warning",
             "kwargs": {"column": "reach", "value_set": ["nobody@example.org"]}},
            {"type": "expect_column_values_to_match_regex", "severity": "warning",
             "kwargs": {"column": "last_name", "regex": "^x"}},
            {"type": "expect_column_most_common_value_to_be_in_set", "severity": "warning",
             "kwargs": {"column": "reach", "value_set": ["nobody"]}},
        ],
        "meta": {},
    });
    std::fs::write(&suite, expectations.to_string()).unwrap();
    let data = data.to_str().unwrap();
    let arguments = [
        ["--data", data],
        ["--target", "left"],
        ["--positive", "yes"],
        ["--time-budget", "3s"],
        ["--name", "people"],
        ["--suite", suite.to_str().unwrap()],
        ["--group", "reach"],
        ["--group", "last_name"],
        ["--keep-column", "reach"],
        ["--keep-column", "last_name"],
        ["--min-quality", "0.1"],
    ];
    let run = fleet.submit(arguments.concat()).await.succeeded();
    let mut seen = Seen::default();
    seen.look("the run's document", &run.to_string());
    let id = run["run_id"].as_str().unwrap();

    // Groups are told, and not by their values.
    let result = records.result(&RunId::new(id).unwrap()).await.unwrap();
    let model = result.trained_model().unwrap().clone();
    let groups: Vec<&str> = model
        .segments
        .iter()
        .filter(|of| ["reach", "last_name"].contains(&of.column.as_str()))
        .map(|of| of.value.as_str())
        .collect();
    assert!(groups.len() >= 10 && groups.contains(&"group 1"), "{groups:?}");
    assert!(groups.iter().all(|of| of.starts_with("group ")), "{groups:?}");
    let told = result.warnings().iter().filter(|of| of.code == "personal_groups").count();
    assert_eq!(told, 2, "{:#?}", result.warnings());
    let handoff = serde_json::to_string(result.as_message()).unwrap();
    seen.look("the run's handoff", &handoff);

    // Every document of the run; the tables and the model are what it is made of.
    let mut documents: Vec<(&str, v1::ArtifactRef)> = Vec::new();
    for output in result.outputs() {
        match output.output.clone().unwrap() {
            Output::PreparedData(of) => {
                documents.extend(of.profile.map(|of| ("profile", of)));
                documents.extend(of.quality_report.map(|of| ("quality report", of)));
                documents.extend(of.validation_result.map(|of| ("validation result", of)));
                documents.extend(of.cleaning_plan.map(|of| ("cleaning plan", of)));
            }
            Output::TrainedModel(of) => {
                documents.extend(of.search_report.map(|of| ("search report", of)));
            }
            _ => {}
        }
    }
    assert_eq!(documents.len(), 5, "{documents:?}");
    for (what, reference) in documents {
        let bytes = records.artifacts.get(&reference).await.unwrap();
        seen.look(what, &String::from_utf8_lossy(&bytes));
    }

    // What commands and the API say, and what processes log.
    for arguments in [
        vec!["runs", "show", id, "--json"],
        vec!["runs", "show", id],
        vec!["models", "show", "people", "--json"],
        vec!["alerts", "list", "--json"],
        vec!["endpoints", "monitoring", "people", "--json"],
    ] {
        let told = fleet.tier0(arguments.clone()).await;
        seen.look(&arguments.join(" "), &format!("{}{}", told.stdout, told.stderr));
    }
    for path in [
        "runs",
        &format!("runs/{id}"),
        &format!("runs/{id}/data"),
        "models/people/versions/1/evaluation",
        "alerts",
        "models",
        "endpoints",
    ] {
        let url = format!("{}/api/v1/{path}", fleet.file().api_url);
        let told = reqwest::get(url).await.unwrap().text().await.unwrap();
        seen.look(path, &told);
    }
    let page = fleet.path("run.html");
    fleet.tier0(["report", id, "--out", page.to_str().unwrap()]).await.success();
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("Contributions of reach") && page.contains(">value 1<"), "{page}");
    seen.look("the run's page", &page);
    let report = fleet.path("profile.html");
    let report = report.to_str().unwrap();
    fleet.tier0(["profile", "--data", data, "--out", report]).await.success();
    seen.look("the profile's page", &std::fs::read_to_string(report).unwrap());
    let validated = ["validate", "--data", data, "--suite", suite.to_str().unwrap(), "--json"];
    seen.look("validate", &fleet.tier0(validated).await.stdout);
    // An error about such a column names it, and no value.
    let refused =
        ["submit", "--data", data, "--target", "last_name", "--problem", "regression", "--wait"];
    let refused = fleet.tier0(refused).await;
    seen.look("a refusal", &format!("{}{}", refused.stdout, refused.stderr));
    for process in fleet.processes() {
        seen.look(&format!("log of {process}"), &fleet.log(process));
    }
    assert!(seen.0.is_empty(), "{:#?}", seen.0);
}
