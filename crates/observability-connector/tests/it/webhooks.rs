//! An alert is posted to a webhook until its receiver takes it, each time signed.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bus::{Headers, MESSAGE_ID};
use contracts::v1::{Alert, AlertKind, AlertSeverity};
use contracts::{subjects, time};
use prost::Message as _;
use ring::hmac;
use serde_json::{Value, json};
use tier0_tests::{Broker, HookReceiver, Python, ReceivedHook, write_secret};

use crate::start_with;

fn alert(id: &str, kind: AlertKind, severity: AlertSeverity) -> Alert {
    Alert {
        alert_id: id.to_owned(),
        endpoint: "churn".to_owned(),
        version: 2,
        kind: kind.into(),
        severity: severity.into(),
        reason: "column `tenure` has drifted".to_owned(),
        at: Some(time::timestamp(SystemTime::now())),
        raised_by: "a test".to_owned(),
        subject: "tenure".to_owned(),
        value: 0.4,
        threshold: 0.25,
        ..Alert::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_is_posted_signed_until_it_is_taken() {
    let Broker { nats, bus, .. } = Broker::start().await;
    let listener = HookReceiver::start().await;
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("secret");
    let key = b"0123456789abcdef01234567";
    write_secret(&secret, format!("whsec_{}\n", STANDARD.encode(key)));
    let settings = directory.path().join("tier0.yaml");
    let text = format!(
        "monitoring:\n  webhooks:\n    - url: {}\n      secret_file: {}\n      min_severity: warning\n      kinds: [feature_drift]\n",
        listener.url(),
        secret.display(),
    );
    std::fs::write(&settings, text).unwrap();
    let _program = start_with(&nats, "one", &["--config", settings.to_str().unwrap()]);

    let subject = subjects::alert("churn").unwrap();
    let unwanted = [
        alert("info", AlertKind::FeatureDrift, AlertSeverity::Info),
        alert("other", AlertKind::HighLatency, AlertSeverity::Critical),
    ];
    let wanted = alert("wanted", AlertKind::FeatureDrift, AlertSeverity::Critical);
    for alert in unwanted.iter().chain([&wanted]) {
        let mut headers = Headers::new();
        headers.insert(MESSAGE_ID, alert.alert_id.as_str());
        bus.publish(&subject, headers, alert.encode_to_vec().into()).await.unwrap();
    }
    let refused = listener.take("503 Service Unavailable").await;
    let taken = listener.take("204 No Content").await;
    assert_eq!(refused.body, taken.body);
    assert_eq!(refused.headers["webhook-id"], taken.headers["webhook-id"]);
    for received in [refused, taken] {
        let headers = &received.headers;
        assert_eq!(headers["content-type"], "application/cloudevents+json");
        let mut signed = format!("{}.{}.", headers["webhook-id"], headers["webhook-timestamp"]);
        signed.push_str(&received.body);
        let signature = headers["webhook-signature"].strip_prefix("v1,").unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        hmac::verify(&key, signed.as_bytes(), &STANDARD.decode(signature).unwrap()).unwrap();
        let event: Value = received.json();
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["id"], "wanted.critical");
        assert_eq!(event["source"], "/tier0/endpoints/churn");
        assert_eq!(event["type"], "io.tier0.alert.feature_drift");
        assert_eq!(event["data"]["severity"], "critical");
        assert_eq!(event["data"]["threshold"], 0.25);
        assert!(event["time"].as_str().unwrap().contains('T'), "{event}");
    }
}

/// Reads deliveries as a receiver does that was written with the libraries of CloudEvents and Standard Webhooks.
const RECEIVER: &str = r#"
import json, sys
from cloudevents.core.bindings import http
from cloudevents.v1.http import from_http
from standardwebhooks import Webhook, WebhookVerificationError

deliveries = json.load(open(sys.argv[1]))
for delivery in deliveries:
    headers, body = delivery["headers"], delivery["body"].encode()
    event = http.from_structured_event(http.HTTPMessage(headers=headers, body=body))
    assert event.get_type().startswith("io.tier0.alert."), event.get_type()
    assert event.get_subject() is None or event.get_subject() == event.get_data()["subject"]
    assert event.get_time().tzinfo is not None
    # As the first generation of the library reads it.
    older = from_http(headers, body)
    assert older["id"] == event.get_id() and older.data == event.get_data()
    # What it writes of what it read is the same event.
    again = json.loads(http.to_structured_event(event).body)
    given = json.loads(body)
    assert again.keys() == given.keys() and again["data"] == given["data"], (again, given)
    for secret in delivery["secrets"]:
        assert Webhook(secret).verify(body, headers) == given
        try:
            Webhook(secret).verify(body.replace(b"churn", b"other"), headers)
        except WebhookVerificationError:
            continue
        raise AssertionError("another body was accepted")
print(len(deliveries))
"#;

/// Every kind and severity, about a column and about none, under a secret in each form that users have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_libraries_accept_every_event_and_signature() {
    let modules = ["cloudevents.core", "standardwebhooks"];
    let Some(python) = Python::with(&modules).await else { return };
    let Broker { nats, bus, .. } = Broker::start().await;
    let directory = tempfile::tempdir().unwrap();
    // Of 25 bytes, so that there is padding to leave out.
    let text = STANDARD.encode(b"0123456789abcdef012345678");
    let bare = text.trim_end_matches('=');
    let forms = [format!("whsec_{text}"), text.clone(), format!("whsec_{bare}"), bare.to_owned()];
    let mut settings = "monitoring:\n  webhooks:\n".to_owned();
    let mut listeners = Vec::new();
    for (place, form) in forms.iter().enumerate() {
        let listener = HookReceiver::start().await;
        let secret = directory.path().join(format!("secret-{place}"));
        write_secret(&secret, form);
        settings += &format!(
            "    - url: {}\n      secret_file: {}\n      min_severity: info\n",
            listener.url(),
            secret.display()
        );
        listeners.push(listener);
    }
    let file = directory.path().join("tier0.yaml");
    std::fs::write(&file, settings).unwrap();
    let _program = start_with(&nats, "one", &["--config", file.to_str().unwrap()]);

    let kinds = (1..).map_while(|kind| AlertKind::try_from(kind).ok());
    let severities = [AlertSeverity::Info, AlertSeverity::Warning, AlertSeverity::Critical];
    let mut alerts = 0;
    for (number, kind) in kinds.enumerate() {
        for severity in severities {
            let mut alert = alert(&format!("a{alerts}"), kind, severity);
            // Of a whole endpoint, where a rate or a latency is meant.
            if number % 2 == 1 {
                alert.subject.clear();
                alert.value = 1e300;
            }
            let mut headers = Headers::new();
            headers.insert(MESSAGE_ID, alert.alert_id.as_str());
            let subject = subjects::alert("churn").unwrap();
            bus.publish(&subject, headers, alert.encode_to_vec().into()).await.unwrap();
            alerts += 1;
        }
    }
    let mut deliveries = Vec::new();
    for listener in &listeners {
        for _ in 0..alerts {
            let ReceivedHook { headers, body } = listener.take("204 No Content").await;
            deliveries.push(json!({"headers": headers, "body": body, "secrets": forms}));
        }
    }
    let path = directory.path().join("deliveries.json");
    std::fs::write(&path, Value::from(deliveries).to_string()).unwrap();
    let read = python.run(RECEIVER, &[path.to_str().unwrap()]).await.success();
    assert_eq!(read.stdout.trim(), (alerts * forms.len()).to_string());
    assert!(alerts >= 18, "{alerts}");
}
