//! An alert alone rolls the live version back.

use std::time::{Duration, Instant, SystemTime};

use contracts::{encoding, subjects, time, v1};
use tier0_tests::eventually;

use crate::endpoint::{Endpoint, NAME, World, none_failed, of_version};

fn alert(id: &str, version: u32, severity: v1::AlertSeverity) -> v1::Alert {
    v1::Alert {
        alert_id: id.to_owned(),
        endpoint: NAME.to_owned(),
        version,
        kind: v1::AlertKind::PerformanceDegradation.into(),
        severity: severity.into(),
        reason: "accuracy fell to 0.41".to_owned(),
        at: Some(time::timestamp(SystemTime::now())),
        raised_by: "a monitor".to_owned(),
        ..v1::Alert::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_alone_rolls_back() {
    let endpoint = Endpoint::with(2, &[]).await;
    let first = endpoint.show().await["live"]["digest"].clone();
    endpoint.deploy(1400, World::Reversed, &[]).await.succeeded();
    let load = endpoint.load().await;
    let subject = subjects::alert(NAME).unwrap();
    let raise = async |alert: v1::Alert| {
        endpoint
            .bus
            .publish(&subject, bus::Headers::new(), encoding::encode(&alert))
            .await
            .unwrap();
    };
    // Neither a warning nor an alert about a version that takes no part does anything.
    raise(alert("a-1", 2, v1::AlertSeverity::Warning)).await;
    raise(alert("a-2", 9, v1::AlertSeverity::Critical)).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(endpoint.show().await["live"]["version"], 2);

    let raised = Instant::now();
    raise(alert("a-3", 2, v1::AlertSeverity::Critical)).await;
    eventually("every server answers with version 1", || async {
        let servers = endpoint.registry.servers(NAME).await.unwrap();
        servers.iter().all(|server| server.live_version == 1).then_some(())
    })
    .await;
    let took = raised.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?} from the alert to the last server");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let answers = load.stop().await;
    none_failed(&answers);
    let late: Vec<_> =
        answers.iter().filter(|answer| answer.sent > raised + took).cloned().collect();
    assert_eq!(of_version(&late, 1), late.len());

    let shown = endpoint.show().await;
    assert_eq!(shown["live"]["digest"], first, "the restored bundle is the old one");
    assert_eq!(shown["updated_by"], "alert/a-3");
    assert!(shown["reason"].as_str().unwrap().contains("accuracy fell to 0.41"), "{shown:#}");
    eventually("the registry says so", || async {
        let stages = (endpoint.stage(1).await, endpoint.stage(2).await);
        (stages == (v1::ModelStage::Production, v1::ModelStage::Archived)).then_some(())
    })
    .await;
    // The same alert again is older than what was done about it.
    raise(v1::Alert {
        at: Some(time::timestamp(SystemTime::UNIX_EPOCH)),
        ..alert("a-3", 0, v1::AlertSeverity::Critical)
    })
    .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(endpoint.show().await["live"]["version"], 1);
}
