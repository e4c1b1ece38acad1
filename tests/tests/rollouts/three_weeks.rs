//! Three weeks of an endpoint: the world changes and changes back, and what was learned of the week between does not stay.

use contracts::v1::{RetrainingState, RolloutPhase};
use tier0_tests::eventually;

use crate::endpoint::NAME;
use crate::s09_drift_retrains::{changed, retrained_with};
use crate::world::cases;

/// Losses of both versions decide alone: no alert on the metric of the labelled rows takes the promotion back first.
const NO_DEGRADATION: (&str, &str) =
    ("TIER0_OBSERVABILITY_CONNECTOR__MONITORING__PERFORMANCE__MIN_LABELLED", "4000");

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_that_loses_on_what_comes_next_is_taken_back() {
    let endpoint =
        retrained_with(&[("MIN_ROWS", "900"), ("TIME_BUDGET_SECONDS", "20")], &[NO_DEGRADATION])
            .await;
    // The second week is another world, of which a version is made that wins on its newest rows.
    endpoint.live_through(&changed(1200)).await;
    let promoted = endpoint.attempt(RetrainingState::Promoted).await;
    assert_eq!(promoted.time_column, "predicted_at");
    let version = endpoint.registry.version(NAME, 2).await.unwrap().unwrap();
    assert!(
        version.signature_inputs.iter().all(|input| input.name != "predicted_at"),
        "when a row was predicted is no input"
    );
    let shown = endpoint.show().await;
    assert_eq!((&shown["live"]["version"], &shown["previous"]["version"]), (&2.into(), &1.into()));
    assert_eq!(shown["routing"]["shadows"], serde_json::json!([1]), "it is watched: {shown:#}");

    // The third week is as the first was.
    endpoint.live_through(&cases(400, |_, _| {})).await;
    eventually("version 1 answers again", || async {
        (endpoint.show().await["live"]["version"] == 1).then_some(())
    })
    .await;
    let record = endpoint.registry.record(NAME).await.unwrap().unwrap().value;
    let rollout = record.rollout.unwrap();
    assert_eq!(rollout.phase(), RolloutPhase::Failed);
    let expected = "version 2 lost to version 1 on the rows that followed";
    assert!(rollout.message.contains(expected), "{}", rollout.message);
    assert_eq!(record.previous.unwrap().version, 2);

    // It stays so: nothing goes back and forth.
    let ids = endpoint.ask_all(&cases(100, |_, _| {})).await;
    endpoint.tell(&ids, &cases(100, |_, _| {})).await;
    endpoint.checks(3).await;
    assert_eq!(endpoint.show().await["live"]["version"], 1);
}
