//! Keys: who is let in, whose key is refused, and what a rotation changes.

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use bus::{Bus, BusConfig, Error, Headers};
use contracts::Agent;
use identities::Identity;
use tier0_tests::eventually;

use crate::session::Session;
use crate::{Secured, options};

#[tokio::test]
async fn who_has_no_key_is_refused_at_once() {
    let secured = Secured::start().await;
    let begun = Instant::now();
    let error = Bus::connect(&BusConfig::new(secured.server.url()), "test").await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("refused") && text.contains("--nkey-file"), "{text}");
    // A key that the broker does not know.
    let other = tempfile::tempdir().unwrap();
    let keys = fleet::Keys::of(other.path());
    keys.init().unwrap();
    let stranger = BusConfig {
        nkey_file: Some(keys.seed_file(Identity::Operator)),
        ..BusConfig::new(secured.server.url())
    };
    assert!(matches!(Bus::connect(&stranger, "operator").await, Err(Error::Refused { .. })));
    assert!(begun.elapsed() < Duration::from_secs(5), "it is no time-out");
}

#[tokio::test]
async fn a_key_that_others_can_read_is_refused_with_what_to_do() {
    let secured = Secured::start().await;
    let config = secured.config(Identity::Client);
    let path = config.nkey_file.clone().unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = Bus::connect(&config, "client").await.unwrap_err().to_string();
    assert!(error.contains("mode 0640") && error.contains("chmod 600"), "{error}");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(Bus::connect(&config, "client").await.is_ok());
    std::fs::write(&path, "no seed").unwrap();
    let error = Bus::connect(&config, "client").await.unwrap_err().to_string();
    assert!(error.contains("holds no seed") && !error.contains("no seed\""), "{error}");
}

#[tokio::test]
async fn what_is_not_permitted_is_an_error_at_once() {
    let secured = Secured::start().await;
    let trainer = secured.connect(Identity::Agent(Agent::ModelTrainer)).await;
    let begun = Instant::now();
    let foreign = "tier0.v1.handoff.observability-connector.run-1.0";
    let error = trainer.publish(foreign, Headers::new(), "{}".into()).await.unwrap_err();
    assert!(
        matches!(&error, Error::NotPermitted { subject, .. } if subject == foreign),
        "{error:?}"
    );
    assert!(!error.is_transient());
    let text = error.to_string();
    assert!(text.contains("`model-trainer`") && text.contains(foreign), "{text}");
    let request = "$JS.API.STREAM.PURGE.TIER0";
    let limit = Duration::from_secs(30);
    let error = trainer.request(request, Headers::new(), "".into(), limit).await.unwrap_err();
    assert!(matches!(error, Error::NotPermitted { .. }), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(2), "it is no time-out");
    // The connection goes on, and what is permitted is done.
    let own = "tier0.v1.handoff.model-deployer.run-1.0";
    assert!(trainer.publish(own, Headers::new(), "{}".into()).await.is_ok());
}

#[tokio::test]
async fn an_old_key_is_valid_until_the_broker_reloads() {
    let mut secured = Secured::start().await;
    let seed = secured.keys.seed_file(Identity::Client);
    let old = tempfile::tempdir().unwrap();
    let old = old.path().join("client.nk");
    std::fs::copy(&seed, &old).unwrap();
    secured.keys.rotate(&[Identity::Client]).unwrap();
    let opens = |url: &str, seed| Session::open(url, Some(seed)).map(drop);
    assert!(opens(secured.server.url(), &old).is_ok());
    assert!(opens(secured.server.url(), &seed).is_err_and(|error| error.contains("Authorization")));
    let operator = secured.connect(Identity::Operator).await;
    let renewed = options(&secured.keys, "");
    secured.server.reload(renewed);
    let url = secured.server.url();
    eventually("the broker knows the new key", || async { opens(url, &seed).ok() }).await;
    assert!(opens(url, &old).is_err());
    assert!(operator.is_connected(), "who has kept the key keeps the connection");
    operator.ping(Duration::from_secs(5)).await.unwrap();
}

#[tokio::test]
async fn a_process_comes_back_with_the_key_that_was_made_for_it() {
    let mut secured = Secured::start().await;
    let operator = secured.connect(Identity::Operator).await;
    secured.keys.rotate(&[Identity::Operator]).unwrap();
    let renewed = options(&secured.keys, "");
    secured.server.reload(renewed);
    eventually("the broker lets the old connection go", || async {
        (!operator.is_connected()).then_some(())
    })
    .await;
    eventually("the process is back", || async { operator.is_connected().then_some(()) }).await;
    operator.ping(Duration::from_secs(5)).await.unwrap();
}

#[tokio::test]
async fn a_key_under_the_name_of_another_identity_is_told_at_once() {
    let secured = Secured::start().await;
    let begun = Instant::now();
    let bus = Bus::connect(&secured.config(Identity::Client), "operator").await.unwrap();
    let subject = "$JS.API.DIRECT.GET.TIER0.tier0.v1.result.end.run-1.0";
    let limit = Duration::from_secs(30);
    let error = bus.request(subject, Headers::new(), "".into(), limit).await.unwrap_err();
    assert!(matches!(&error, Error::OtherIdentity { name } if name == "operator"), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "it is no time-out");
}
