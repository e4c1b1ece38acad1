//! Scenario 17: what the profile finds drives the features that are made; an interaction that was planted is found, and the
//! model is better for it.

use tier0_tests::{Fleet, FleetOptions, write_table};

const ROWS: u32 = 1_500;

/// A spread number in [-1, 1] that follows from the row.
fn spread(row: u32, salt: u32) -> f64 {
    let mixed = row.wrapping_mul(2_654_435_761).wrapping_add(salt.wrapping_mul(0x9e37_79b9));
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca6b);
    f64::from((mixed ^ (mixed >> 13)) >> 8) / f64::from(1_u32 << 23) - 1.0
}

/// Two numbers of which only the product tells the class, a third with gaps where the class is more frequent, and a constant.
fn planted() -> Vec<String> {
    let mut lines = vec!["left_hand,right_hand,income,branch,bought".to_owned()];
    for row in 0..ROWS {
        let (one, other) = (spread(row, 1), spread(row, 2));
        let bought = one * other + 0.05 * spread(row, 3) > 0.0;
        let silent = spread(row, 4) > if bought { 0.2 } else { 0.8 };
        let income =
            if silent { String::new() } else { format!("{:.0}", 3_000.0 + 900.0 * spread(row, 5)) };
        let bought = if bought { "yes" } else { "no" };
        lines.push(format!("{one:.4},{other:.4},{income},main,{bought}"));
    }
    lines
}

/// The ROC AUC on the test split, and the features of the model.
async fn trained(constructed: &str) -> (f64, Vec<String>) {
    let environment = [
        ("TIER0_FEATURE_ANALYZER__FEATURES__MAX_CONSTRUCTED", constructed),
        // Trees find a product by themselves, given rows and time; a line never does.
        ("TIER0_SCOPE_DEFINER__DEFAULTS__ROC_AUC", "0"),
        ("TIER0_SCOPE_DEFINER__DEFAULTS__MIN_LIFT", "0"),
        ("TIER0_SCOPE_DEFINER__DEFAULTS__GATE_ON_BASELINE", "false"),
    ];
    let options = FleetOptions {
        environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        ..FleetOptions::default()
    };
    let fleet = Fleet::up_with(options).await;
    let table = fleet.path("planted.csv");
    write_table(&table, planted());
    let arguments = [
        ["--data", table.to_str().unwrap()],
        ["--target", "bought"],
        ["--time-budget", "3s"],
        ["--name", "planted"],
    ];
    let mut arguments = arguments.concat();
    arguments.push("--interpretable");
    let run = fleet.submit(arguments).await.succeeded();
    let records = crate::records::Records::open(&fleet).await;
    let id = contracts::RunId::new(run["run_id"].as_str().unwrap()).unwrap();
    let result = records.result(&id).await.unwrap();
    let model = result.trained_model().unwrap();
    (model.test_metrics["roc_auc"].value, model.feature_importance.keys().cloned().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn s17_profile_to_features() {
    let (better, features) = trained("3").await;
    let (plainly, plain) = trained("0").await;
    let named = |features: &[String], parts: &[&str]| {
        features.iter().any(|name| parts.iter().all(|part| name.contains(part)))
    };
    assert!(named(&features, &["left_hand", "right_hand"]), "the planted product: {features:?}");
    assert!(!named(&plain, &["left_hand", "right_hand"]), "{plain:?}");
    for features in [&features, &plain] {
        assert!(named(features, &["income", "missing"]), "its gaps tell something: {features:?}");
        assert!(!named(features, &["branch"]), "a constant tells nothing: {features:?}");
    }
    assert!(
        better > 0.95 && better > plainly + 0.1,
        "{better} with the product, {plainly} without"
    );
}
