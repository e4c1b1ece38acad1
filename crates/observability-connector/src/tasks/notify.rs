//! Alerts as they are raised: those about the data of runs are recorded, and all are posted to webhooks, as signed CloudEvents.
//!
//! A body is a CloudEvent 1.0 in JSON. It is signed as Standard Webhooks says: the headers `webhook-id`, `webhook-timestamp` and
//! `webhook-signature: v1,BASE64`, the last one the HMAC-SHA-256 of `ID.TIMESTAMP.BODY` under the secret. A receiver that
//! responds with 2xx has it; everything else is tried again, each time later.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bus::{Delivery, Settlement, consume};
use contracts::messages::{Alert, AlertKind, AlertRecord, AlertSeverity};
use contracts::{Validate as _, encoding, names};
use futures::future::join_all;
use monitoring::alerts::{alert_kind_name, alert_severity_name, record};
use outgoing::Metadata;
use process::{CancellationToken, Resources, StartError};
use registry::{Monitors, Registry};
use ring::hmac;
use secret::MAX_SECRET_BYTES;
use serde_json::{Value, json};

use crate::config::Webhook;
use crate::telemetry;

/// Reads Base64 that ends with its padding or without.
const SECRETS: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Alerts that are posted at once.
const MAX_IN_FLIGHT: usize = 8;
/// Longest wait for a response.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
/// The first wait between attempts; each next one is twice as long, at most [`MAX_RETRY_DELAY`].
const RETRY_DELAY: Duration = Duration::from_secs(1);
const MAX_RETRY_DELAY: Duration = Duration::from_secs(300);

struct Target {
    webhook: Webhook,
    secret: Option<Vec<u8>>,
}

/// Records alerts about runs, and posts alerts to the webhooks, as they are raised, until `shutdown` is cancelled.
pub(crate) async fn run(
    webhooks: &[Webhook],
    resources: &Resources,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    let targets = webhooks
        .iter()
        .map(|webhook| {
            let secret = webhook.secret().transpose()?;
            Ok(Target { webhook: webhook.clone(), secret })
        })
        .collect::<Result<Vec<Target>, StartError>>()?;
    let http = outgoing::client(RESPONSE_TIMEOUT, Metadata::Refused)
        .build()
        .map_err(|error| StartError::new("the client of webhooks cannot be made", error))?;
    let bus = &resources.bus;
    let registry = Registry::new(bus)
        .await
        .map_err(|error| StartError::new("the registry cannot be opened", error))?;
    let opened =
        bus.consumer_when_there(names::ALERTS_STREAM, names::WEBHOOKS_CONSUMER, MAX_IN_FLIGHT);
    let Some(mut deliveries) = shutdown.run_until_cancelled(opened).await else { return Ok(()) };
    let notifier = Arc::new(Notifier { http, targets, monitors: registry.monitors().clone() });
    let handle = |delivery: Delivery| {
        let notifier = Arc::clone(&notifier);
        async move {
            // Receivers know an alert that is posted again by its id.
            let settlement = notifier.handle(&delivery).await;
            delivery.settle(settlement).await;
        }
    };
    consume(&mut deliveries, shutdown.cancelled(), handle).await;
    Ok(())
}

struct Notifier {
    http: reqwest::Client,
    targets: Vec<Target>,
    monitors: Monitors,
}

impl Notifier {
    /// Keeps a record of an alert about a run, which no check of an endpoint knows, and posts an alert to who wants it; what is no
    /// alert is passed over.
    async fn handle(&self, delivery: &Delivery) -> Settlement {
        let alert = encoding::from_protobuf::<Alert>("Alert", &delivery.payload)
            .ok()
            .filter(|alert| alert.validate().is_ok());
        let Some(alert) = alert else { return Settlement::Ack };
        if alert.kind() == AlertKind::DataValidation
            && let Err(error) = self.record(&alert).await
        {
            tracing::warn!(%error, alert = alert.alert_id, "an alert is not recorded; it comes again");
            return Settlement::Retry(RETRY_DELAY);
        }
        let posts = self
            .targets
            .iter()
            .filter(|target| wants(&target.webhook, &alert))
            .map(|target| post(&self.http, target, &alert, delivery));
        let waits = join_all(posts).await.into_iter().flatten().max();
        waits.map_or(Settlement::Ack, Settlement::Retry)
    }

    async fn record(&self, alert: &Alert) -> Result<(), registry::Error> {
        let raised = |before: Option<&AlertRecord>| record::raised(before, alert);
        let monitors = &self.monitors;
        let new =
            monitors.change_alert(&alert.endpoint, alert.kind(), &alert.subject, raised).await?;
        if new.is_some() {
            telemetry::raised(alert);
        }
        Ok(())
    }
}

impl Webhook {
    /// The key that bodies are signed with, where they are; read from its file.
    pub(crate) fn secret(&self) -> Option<Result<Vec<u8>, StartError>> {
        self.secret_file.as_deref().map(secret)
    }
}

fn secret(path: &Path) -> Result<Vec<u8>, StartError> {
    let failed = |source| StartError::File { path: path.to_owned(), source };
    let text = secret::file::read(path, MAX_SECRET_BYTES)?;
    secret_key(text.expose()).map_err(|problem| failed(std::io::Error::other(problem)))
}

/// The key that a secret of Standard Webhooks stands for: Base64 of 24 to 64 bytes, behind `whsec_` or alone, with its padding or
/// without. Its reference libraries read these forms so, and would refuse what is signed with the text itself.
fn secret_key(text: &str) -> Result<Vec<u8>, String> {
    let text = text.trim();
    let expected = "expected Base64 of 24 to 64 random bytes, with or without `whsec_` before it, \
                    such as `openssl rand -base64 32` gives";
    let key = SECRETS
        .decode(text.strip_prefix("whsec_").unwrap_or(text))
        .map_err(|_| format!("the secret is not Base64: {expected}"))?;
    if key.is_empty() { Err(format!("the secret is empty: {expected}")) } else { Ok(key) }
}

fn wants(webhook: &Webhook, alert: &Alert) -> bool {
    let kind = alert_kind_name(alert.kind());
    alert.severity() >= AlertSeverity::from(webhook.min_severity)
        && (webhook.kinds.is_empty() || webhook.kinds.contains(&kind))
}

/// Posts once; gives the wait until the next attempt where there is to be one.
async fn post(
    http: &reqwest::Client,
    target: &Target,
    alert: &Alert,
    delivery: &Delivery,
) -> Option<Duration> {
    let id = id(alert);
    let body = match serde_json::to_vec(&event(alert)) {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "an alert cannot be written as JSON");
            return None;
        }
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let timestamp = now.as_secs().to_string();
    let mut request = http
        .post(target.webhook.url.expose())
        .header("content-type", "application/cloudevents+json")
        .header("webhook-id", &id)
        .header("webhook-timestamp", &timestamp);
    if let Some(secret) = &target.secret {
        request = request.header("webhook-signature", signature(secret, &id, &timestamp, &body));
    }
    let problem = match request.body(body).send().await {
        Ok(answer) if answer.status().is_success() => {
            telemetry::webhook("delivered");
            return None;
        }
        Ok(answer) => format!("it answered {}", answer.status()),
        // The address may hold a token.
        Err(error) => error.without_url().to_string(),
    };
    if delivery.attempt >= target.webhook.attempts {
        telemetry::webhook("given_up");
        tracing::error!(alert = alert.alert_id, problem, "a webhook was given up");
        return None;
    }
    telemetry::webhook("failed");
    let doubled = u32::try_from(delivery.attempt.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    let wait = RETRY_DELAY.saturating_mul(1 << doubled).min(MAX_RETRY_DELAY);
    tracing::warn!(alert = alert.alert_id, problem, wait_s = wait.as_secs(), "a webhook failed");
    Some(wait)
}

/// The same for every delivery of an alert at a severity.
fn id(alert: &Alert) -> String {
    format!("{}.{}", alert.alert_id, alert_severity_name(alert.severity()))
}

/// The CloudEvent of an alert. What an event may have, it has only where there is a value: an empty subject is none.
fn event(alert: &Alert) -> Value {
    let mut event = json!({
        "specversion": "1.0",
        "id": id(alert),
        "source": format!("/tier0/endpoints/{}", alert.endpoint),
        "type": format!("io.tier0.alert.{}", alert_kind_name(alert.kind())),
        "datacontenttype": "application/json",
        "data": {
            "alert_id": alert.alert_id,
            "endpoint": alert.endpoint,
            "version": alert.version,
            "kind": alert_kind_name(alert.kind()),
            "severity": alert_severity_name(alert.severity()),
            "reason": alert.reason,
            "subject": alert.subject,
            "value": alert.value,
            "threshold": alert.threshold,
            "raised_by": alert.raised_by,
        },
    });
    let data = event.get_mut("data").and_then(Value::as_object_mut);
    if let Some(data) = data.filter(|_| !alert.run_id.is_empty()) {
        let findings = alert.findings.iter().map(|of| {
            json!({
                "code": of.code,
                "blocking": of.blocking,
                "column": of.column,
                "rows": of.rows,
                "message": of.message,
            })
        });
        data.insert("run_id".to_owned(), json!(alert.run_id));
        data.insert("findings".to_owned(), findings.collect());
    }
    if let Some(members) = event.as_object_mut() {
        if !alert.run_id.is_empty() {
            members.insert("source".to_owned(), json!(format!("/tier0/runs/{}", alert.run_id)));
        }
        members.extend(alert.at.map(|at| ("time".to_owned(), json!(at))));
        let subject = Some(&alert.subject).filter(|subject| !subject.is_empty());
        members.extend(subject.map(|subject| ("subject".to_owned(), json!(subject))));
    }
    event
}

/// The value of the header `webhook-signature`.
fn signature(secret: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    let mut signing = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        signing.update(part);
    }
    format!("v1,{}", STANDARD.encode(signing.sign()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_base64_with_and_without_its_prefix() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        for text in [
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            " whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
        ] {
            assert_eq!(secret_key(text).unwrap(), key, "{text:?}");
        }
        for text in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAA==", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAA"] {
            assert_eq!(secret_key(text).unwrap().len(), 25, "{text:?}");
        }
        for (text, told) in [
            ("", "empty"),
            ("whsec_", "empty"),
            ("correct horse battery staple", "not Base64"),
            ("whsec_*", "not Base64"),
        ] {
            let problem = secret_key(text).unwrap_err();
            assert!(problem.contains(told) && problem.contains("openssl"), "{problem}");
            assert!(!problem.contains("horse"), "{problem}");
        }
    }

    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        // The example of the specification's reference libraries.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let found = signature(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(found, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
