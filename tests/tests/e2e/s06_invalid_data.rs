//! Scenario 6: data that must not be trained on.

use contracts::{Agent, RunId, subjects};
use tier0_tests::{Fleet, Submitted, write_table};

use crate::records::Records;
use crate::replicas::small_table;

/// A table that is refused.
struct Fault {
    name: &'static str,
    lines: Vec<String>,
    target: &'static str,
    /// The agent that refuses it.
    stage: Agent,
    /// What the reason has to name.
    names: &'static [&'static str],
}

#[tokio::test(flavor = "multi_thread")]
async fn s06_invalid_data() {
    let fleet = Fleet::up().await;
    let records = Records::open(&fleet).await;
    for fault in faults() {
        let path = fleet.path(&format!("{}.csv", fault.name));
        write_table(&path, &fault.lines);
        let submitted = submit(&fleet, path.to_str().unwrap(), fault.target).await;
        refused(&records, &fault, &submitted).await;
    }
    bytes_that_are_no_text(&fleet, &records).await;
    texts_that_are_not_understood(&fleet, &records).await;
    let absent = Fault {
        name: "absent",
        lines: Vec::new(),
        target: "left",
        stage: Agent::ScopeDefiner,
        names: &["absent.csv"],
    };
    let submitted = submit(&fleet, fleet.path("absent.csv").to_str().unwrap(), "left").await;
    refused(&records, &absent, &submitted).await;
    let models = records.registry.models().await.unwrap();
    assert!(models.is_empty(), "nothing was registered: {models:?}");
}

/// A table in UTF-8 with a line in another encoding: the line and the field are named.
async fn bytes_that_are_no_text(fleet: &Fleet, records: &Records) {
    let path = fleet.path("two_encodings.csv");
    let mut bytes = small_table(800).join("\n").into_bytes();
    bytes.extend("\n30,2,Zürich,yes".as_bytes());
    bytes.extend(b"\n30,2,M\xfcnchen,yes\n");
    std::fs::write(&path, bytes).unwrap();
    let fault = Fault {
        name: "two_encodings",
        lines: Vec::new(),
        target: "left",
        stage: Agent::DataPreparer,
        names: &["line 803", "field 3", "UTF-8"],
    };
    let submitted = submit(fleet, path.to_str().unwrap(), "left").await;
    refused(records, &fault, &submitted).await;
}

/// A text that names no data set, and one with a word that means nothing here: the entries are suggested.
async fn texts_that_are_not_understood(fleet: &Fleet, records: &Records) {
    for (name, text, names) in [
        ("unknown", "Forecast the rain for all cows", &["rain", "hcp-churn"][..]),
        ("ambiguous", "Train churn prediction model for Foobar HCPs", &["foobar", "brand"][..]),
    ] {
        let submitted = fleet.submit([text, "--time-budget", "2s"]).await;
        let fault =
            Fault { name, lines: Vec::new(), target: "", stage: Agent::ScopeDefiner, names };
        refused(records, &fault, &submitted).await;
        assert_eq!(submitted.run["suggestions"], serde_json::json!(["hcp-churn"]), "{name}");
    }
}

async fn submit(fleet: &Fleet, data: &str, target: &str) -> Submitted {
    fleet.submit(["--data", data, "--target", target, "--time-budget", "2s"]).await
}

/// The run failed where it should, the reason names what is wrong, and no later stage was handed anything.
async fn refused(records: &Records, fault: &Fault, submitted: &Submitted) {
    let reason = submitted.failed_at(fault.stage.as_str());
    for word in fault.names {
        assert!(reason.contains(word), "{}: {reason:?} should name {word:?}", fault.name);
    }
    let run = RunId::new(submitted.text("run_id")).unwrap();
    for later in Agent::ALL.into_iter().filter(|agent| *agent > fault.stage) {
        let subject = subjects::handoff(later, &run, 0);
        assert_eq!(
            records.count(&subject).await,
            0,
            "{}: {later} was handed something",
            fault.name
        );
    }
    assert_eq!(records.count(&subjects::result(&run, 0)).await, 1, "{}", fault.name);
}

/// A good table with one change.
fn changed(change: impl Fn(usize, &str) -> String) -> Vec<String> {
    small_table(800).iter().enumerate().map(|(number, line)| change(number, line)).collect()
}

/// A good table with one more column.
fn with_column(name: &str, value: impl Fn(usize, &str) -> String) -> Vec<String> {
    changed(|number, line| match number {
        0 => format!("{name},{line}"),
        _ => format!("{},{line}", value(number, line)),
    })
}

fn label(line: &str) -> &str {
    line.rsplit(',').next().unwrap_or_default()
}

fn relabelled(label: impl Fn(usize) -> &'static str) -> Vec<String> {
    changed(|number, line| match number {
        0 => line.to_owned(),
        _ => format!("{},{}", line.rsplit_once(',').unwrap().0, label(number)),
    })
}

fn faults() -> Vec<Fault> {
    use Agent::{DataPreparer, ScopeDefiner};
    let fault = |name, lines, stage, names| Fault { name, lines, target: "left", stage, names };
    let wide = (0..5_000).map(|column| format!("c{column}")).collect::<Vec<_>>().join(",");
    let ragged = |n: usize, line: &str| if n == 17 { format!("{line},1") } else { line.to_owned() };
    vec![
        fault("empty", vec![], ScopeDefiner, &["no content"]),
        fault("header_only", small_table(0), ScopeDefiner, &["4 columns", "no row"]),
        fault("ragged", changed(ragged), DataPreparer, &["line 18", "5 fields", "has 4"]),
        fault(
            "duplicate_column",
            with_column("age", |_, _| "1".to_owned()),
            DataPreparer,
            &["`age`", "1 and 2"],
        ),
        fault(
            "wide",
            changed(|n, line| {
                if n == 0 {
                    format!("{wide},{line}")
                } else {
                    format!("{}{line}", "1,".repeat(5_000))
                }
            }),
            DataPreparer,
            &["5004", "2000"],
        ),
        fault("constant_target", relabelled(|_| "yes"), ScopeDefiner, &["`left`", "800 rows"]),
        fault("null_target", relabelled(|_| ""), ScopeDefiner, &["`left`", "800 rows"]),
        fault(
            "rare_class",
            relabelled(|n| if n == 3 { "yes" } else { "no" }),
            DataPreparer,
            &["`yes`", "1 rows", "20"],
        ),
        fault("one_row", small_table(1), ScopeDefiner, &["`left`"]),
        fault("few_rows", small_table(100), DataPreparer, &["100 rows", "500"]),
        Fault { target: "gone", ..fault("no_target", small_table(800), ScopeDefiner, &["`gone`"]) },
        fault(
            "leak",
            with_column("copy", |_, line| label(line).to_owned()),
            DataPreparer,
            &["`copy`", "`left`"],
        ),
    ]
}
