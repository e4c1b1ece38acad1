//! Exactly the alerts that there should be, and what a person acknowledged stays so over a restart.

use contracts::v1::{AlertKind, AlertSeverity, AlertState};
use registry::Registry;
use tier0_tests::eventually;

use crate::endpoint::{Endpoint, NAME};
use crate::world::{EAGER, NO_RETRAINING, cases};

#[tokio::test(flavor = "multi_thread")]
async fn s05_only_what_drifted_alerts_and_acknowledging_persists() {
    let mut environment = EAGER.to_vec();
    environment.push(NO_RETRAINING);
    let mut endpoint = Endpoint::with(1, &environment).await;
    // As in training: nothing is wrong.
    let usual = cases(600, |_, _| {});
    endpoint.ask_all(&usual).await;
    endpoint.counted(600).await;
    endpoint.checks(3).await;
    assert_eq!(endpoint.open_alerts().await, []);

    // Everybody is older; nothing else has changed, and the age says little of the outcome.
    let older = cases(1200, |[age, _], _| *age += 40.0);
    endpoint.ask_all(&older).await;
    endpoint.counted(1800).await;
    let drift = endpoint.alert(AlertKind::FeatureDrift).await;
    endpoint.checks(2).await;
    let expected = [("feature_drift".to_owned(), "age".to_owned())];
    assert_eq!(endpoint.open_alerts().await, expected);
    let alert = drift.alert.as_ref().unwrap();
    assert_eq!((alert.version, alert.raised_by.as_str()), (1, "observability-connector"));
    assert_eq!(alert.severity(), AlertSeverity::Critical);
    assert!(alert.reason.contains("age") && alert.value > alert.threshold, "{alert:?}");
    // It was sent once, however often it was found.
    let found = endpoint.alert(AlertKind::FeatureDrift).await;
    assert!(found.occurrences > 1, "{found:?}");
    let sent = endpoint.bus.jetstream().get_stream(contracts::names::ALERTS_STREAM).await.unwrap();
    assert_eq!(sent.cached_info().state.messages, 1);

    let note = "the campaign is for the elderly";
    endpoint
        .registry
        .monitors()
        .acknowledge_alert(&alert.alert_id, "someone", note, std::time::SystemTime::now())
        .await
        .unwrap();
    endpoint.fleet.kill_everything().await;
    endpoint.fleet.up_again().await;
    let config = endpoint.fleet.broker();
    endpoint.bus = bus::Bus::connect(&config, "test").await.unwrap();
    endpoint.registry = Registry::new(&endpoint.bus).await.unwrap();
    endpoint.checks(2).await;
    let known = endpoint.alert(AlertKind::FeatureDrift).await;
    assert_eq!(known.state(), AlertState::Acknowledged);
    assert_eq!((known.acknowledged_by.as_str(), known.note.as_str()), ("someone", note));
    assert!(known.occurrences >= found.occurrences);

    // A person says that it is over; while it is found, it is the same alert, and is not sent again.
    endpoint
        .registry
        .monitors()
        .resolve_alert(&alert.alert_id, "someone", "", std::time::SystemTime::now())
        .await
        .unwrap();
    eventually("it is found again", || async {
        let again = endpoint.alert(AlertKind::FeatureDrift).await;
        (again.state() == AlertState::Active).then_some(again)
    })
    .await;
    let sent = endpoint.bus.jetstream().get_stream(contracts::names::ALERTS_STREAM).await.unwrap();
    assert_eq!(sent.cached_info().state.messages, 1);
    assert_eq!(endpoint.registry.monitors().get(NAME).await.unwrap().unwrap().version, 1);
}
