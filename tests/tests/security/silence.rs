//! A broker that is silent for a while: readers make their consumers anew, as their identities may.

use std::time::Duration;

use contracts::names;
use futures::StreamExt as _;
use identities::Identity;
use rustix::process::Signal;

use crate::Secured;

/// Longer than a reader waits for a sign of life: twice the broker's heartbeat of 5 s.
const SILENCE: Duration = Duration::from_secs(12);
const LIMIT: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_goes_on_after_the_broker_was_silent() {
    let secured = Secured::start().await;
    let watcher = secured.connect(Identity::ModelServer).await;
    let bucket = watcher.jetstream().get_key_value(names::DEPLOYMENTS_BUCKET).await.unwrap();
    let mut changes = bucket.watch_all().await.unwrap();

    secured.server.signal(Signal::STOP);
    // The reader works in its own task only while it is polled.
    let next = tokio::spawn(async move {
        // It tells that it heard nothing, and goes on.
        loop {
            if let Ok(change) = changes.next().await.expect("it has no end") {
                break change;
            }
        }
    });
    tokio::time::sleep(SILENCE).await;
    secured.server.signal(Signal::CONT);

    let operator = secured.connect(Identity::Operator).await;
    let written = operator.jetstream().get_key_value(names::DEPLOYMENTS_BUCKET).await.unwrap();
    written.put("a.1", "x".into()).await.unwrap();
    let change = tokio::time::timeout(LIMIT, next).await.expect("the watch goes on").unwrap();
    assert_eq!(change.key, "a.1");
}
