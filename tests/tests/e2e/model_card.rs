//! How a model was chosen, and its card: of a run that asks for much, as people, programs and the Hugging Face Hub's own library read it.

use scoring::{Limits, bundle};
use serde_json::{Value, json};
use tier0_tests::pipeline::small_table;
use tier0_tests::{Fleet, Python, write_table};

use crate::reports;

const MODEL: &str = "leavers";

#[tokio::test(flavor = "multi_thread")]
async fn a_model_says_how_it_was_chosen_and_what_it_is() {
    let fleet = Fleet::up().await;
    let table = fleet.path("small.csv");
    write_table(&table, small_table(400));
    let data = table.to_str().unwrap();
    let asked = ["--data", data, "--target", "left", "--positive", "yes", "--name", MODEL];
    let learned = [
        "--trials",
        "4",
        "--seed",
        "7",
        "--min-rows",
        "100",
        "--group",
        "region",
        "--threshold",
        "f-beta:2",
        "--monotone",
        "visits=decreasing",
        "--time-budget",
        "60s",
    ];
    let run = fleet.submit(asked.into_iter().chain(learned)).await.succeeded();
    let warnings = run["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|warning| warning["code"] == "few_rows"), "{warnings:?}");

    let id = run["run_id"].as_str().unwrap();
    let shown = fleet.tier0(["runs", "show", id, "--json"]).await.success().json();
    chosen(&shown);
    let of_model = fleet.tier0(["models", "show", MODEL, "--json"]).await.success().json();
    assert_eq!(of_model["leaderboard"], shown["leaderboard"]);
    assert_eq!(of_model["leaderboard_version"], json!(1));
    let of_version = fleet.tier0(["models", "show", MODEL, "1", "--json"]).await.success().json();
    assert_eq!(of_version["leaderboard"], shown["leaderboard"]);
    let url = format!("{}/api/v1/models/{MODEL}/versions/1/leaderboard", fleet.file().api_url);
    let of_api: Value = reqwest::get(&url).await.unwrap().json().await.unwrap();
    assert_eq!(of_api["leaderboard"], shown["leaderboard"]);
    let text = fleet.tier0(["runs", "show", id, "--trials"]).await.success().stdout;
    for words in ["selection by roc_auc", "search by roc_auc", "rank  trial", "trial 0  "] {
        assert!(text.contains(words), "{words}\n{text}");
    }

    let out = fleet.path("exported.bundle");
    let export = ["models", "export", MODEL, "1", "--out", out.to_str().unwrap(), "--json"];
    fleet.tier0(export).await.success();
    let bundle = bundle::read(&std::fs::read(out).unwrap(), &Limits::default()).unwrap();
    hugging_face_reads(&fleet, &run, &bundle.model_card).await;
    reports::a_run_is_one_page(&fleet, id).await;
    reports::a_fleet_is_looked_through(&fleet).await;
}

/// The trials of the search, the best first, and what came of them.
fn chosen(shown: &Value) {
    let board = &shown["leaderboard"];
    let entries = board["entries"].as_array().unwrap_or_else(|| panic!("{shown:#}"));
    assert!((1..=4).contains(&entries.len()), "{board}");
    let ranked: Vec<&Value> = entries.iter().filter(|entry| !entry["rank"].is_null()).collect();
    assert_eq!(ranked[0]["rank"], json!(1));
    let scores: Vec<f64> = ranked.iter().map(|entry| entry["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    assert_eq!((&board["metric"], &board["greater_is_better"]), (&json!("roc_auc"), &json!(true)));
    assert!(shown["selection"]["candidates"].as_array().unwrap().len() > 1, "{shown:#}");
}

async fn hugging_face_reads(fleet: &Fleet, run: &Value, card: &str) {
    let Some(python) = Python::with(&["huggingface_hub"]).await else { return };
    let path = fleet.path("card.md");
    std::fs::write(&path, card).unwrap();
    // Nothing is asked of the Hub.
    let offline = [("HF_HUB_OFFLINE", "1")];
    let script = include_str!("read_card.py");
    let read = python.run_in(script, &[path.to_str().unwrap()], &offline).await.success().json();
    assert_eq!(
        (&read["name"], &read["library"], &read["pipeline"]),
        (&json!(MODEL), &json!("tier0"), &json!("tabular-classification"))
    );
    assert_eq!(read["results"], run["metrics"]["test"], "every metric of the test split");
    let names: Vec<&String> = run["metrics"]["test"].as_object().unwrap().keys().collect();
    assert_eq!(read["metrics"], json!(names));
    assert_eq!(read["tasks"], json!(["tabular-classification"]));
    let text = read["text"].as_str().unwrap();
    for words in [
        "## Intended use",
        "## Limits",
        "recall counting 2 times as much as precision",
        "The prediction only falls with `visits`.",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}
