//! Labelled feedback shows that the new version is bad: it goes back, without a person's help, within so many labelled requests.

use std::time::{Duration, Instant};

use contracts::v1::{AlertKind, AlertSeverity, ModelStage};
use tier0_tests::eventually;

use crate::endpoint::{Endpoint, NAME, World, none_failed};
use crate::world::{EAGER, NO_RETRAINING, cases};

/// Labelled requests within which a version that is wrong has to be gone.
const MAX_LABELLED_REQUESTS: usize = 150;

async fn watched(servers: u32) -> Endpoint {
    let mut environment = EAGER.to_vec();
    environment.push(NO_RETRAINING);
    Endpoint::with(servers, &environment).await
}

#[tokio::test(flavor = "multi_thread")]
async fn s34_feedback_rolls_a_degraded_version_back_within_150_requests() {
    let endpoint = watched(1).await;
    let known = cases(MAX_LABELLED_REQUESTS, |_, _| {});
    // The version that is right stays, however much is told.
    let ids = endpoint.ask_all(&known).await;
    endpoint.tell(&ids, &known).await;
    let performance = eventually("the outcomes are joined", || async {
        let shown = endpoint.registry.monitors().performance(NAME).await.unwrap()?;
        (shown.labelled == MAX_LABELLED_REQUESTS as u64).then_some(shown)
    })
    .await;
    assert!(performance.metrics["roc_auc"].value > 0.8, "{performance:?}");
    assert!(performance.metrics["roc_auc"].low <= performance.metrics["roc_auc"].value);
    assert!(!performance.segments.is_empty() && performance.unmatched == 0);
    // The same outcomes again change nothing: they are joined once.
    endpoint.tell(&ids, &known).await;
    endpoint.checks(3).await;
    let again = endpoint.registry.monitors().performance(NAME).await.unwrap().unwrap();
    assert_eq!(
        (again.labelled, again.joined),
        (MAX_LABELLED_REQUESTS as u64, MAX_LABELLED_REQUESTS as u64)
    );
    assert_eq!(endpoint.open_alerts().await, []);

    endpoint.deploy(1400, World::Reversed, &[]).await.succeeded();
    let ids = endpoint.ask_all(&known).await;
    endpoint.tell(&ids, &known).await;
    let alert = endpoint.alert(AlertKind::PerformanceDegradation).await.alert.unwrap();
    assert_eq!((alert.version, alert.severity()), (2, AlertSeverity::Critical), "{alert:?}");
    assert!(alert.value < 0.5, "it is worse than chance: {alert:?}");
    eventually("version 1 is live again", || async {
        (endpoint.show().await["live"]["version"] == 1).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s04_the_monitor_rolls_back_without_a_person() {
    let endpoint = watched(2).await;
    let digest = endpoint.show().await["live"]["digest"].clone();
    endpoint.deploy(1400, World::Reversed, &[]).await.succeeded();
    assert_ne!(endpoint.show().await["live"]["digest"], digest);
    let load = endpoint.load().await;
    let known = cases(200, |_, _| {});
    let ids = endpoint.ask_all(&known).await;
    endpoint.tell(&ids, &known).await;
    let told = Instant::now();
    eventually("every server answers with version 1", || async {
        let servers = endpoint.registry.servers(NAME).await.unwrap();
        servers.iter().all(|server| server.live_version == 1).then_some(())
    })
    .await;
    let took = told.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?} from the last outcome to the last server");
    none_failed(&load.stop().await);
    let shown = endpoint.show().await;
    assert_eq!(shown["live"]["digest"], digest, "the restored bundle is the old one");
    let by = shown["updated_by"].as_str().unwrap();
    assert!(by.starts_with(&format!("alert/{NAME}-performance_degradation-")), "{by}");
    // The audit says who, when and why.
    let history = endpoint.change(&["history", NAME]).await.to_string();
    assert!(history.contains(by) && history.contains("labelled rows is 0."), "{history}");
    eventually("the registry says so", || async {
        let stages = (endpoint.stage(1).await, endpoint.stage(2).await);
        (stages == (ModelStage::Production, ModelStage::Archived)).then_some(())
    })
    .await;
    // The alert is of a version that answers no more.
    eventually("the alert is over", || async {
        endpoint.open_alerts().await.is_empty().then_some(())
    })
    .await;
}
