//! What has to hold where others depend on a fleet.

use api::health::HealthDocument;
use api::monitoring::alerts::ListAlerts;
use bus::{Bus, BusConfig};
use client::{Client, TlsTrouble};
use contracts::{DeadLetterKind, names};
use serde::Deserialize;

use super::{Check, CheckStatus};
use crate::Error;
use crate::access::Access;
use crate::connect::Address;
use crate::dead_letters;

const AREA: &str = "production";
/// Replicas of a stream that outlive the loss of one broker.
const GOOD_REPLICAS: usize = 3;
/// Model servers that outlive the loss of one.
const GOOD_SERVERS: usize = 2;
/// Seconds to wait for a broker that should refuse.
const CONNECT_SECONDS: f64 = 5.0;

pub(super) async fn checks(
    address: &Address,
    access: &Access<'_>,
    health: &HealthDocument,
) -> Result<Vec<Check>, Error> {
    let mut checks = vec![keys(address).await, encrypted(address)];
    if let Some(url) = &address.api_url {
        checks.push(token("API", address, url, "/api/v1/runs", "api.token_file").await?);
        checks.push(spoken("TLS to the API", url, "api.tls"));
    }
    if let Some(url) = &address.serving_url {
        checks.push(token("model server", address, url, "/v2", "serving.token_file").await?);
        checks.push(spoken("TLS to the model server", url, "serving.tls"));
    }
    checks.extend(own_token(address).await?);
    checks.push(replicas(access).await?);
    checks.push(servers(health));
    checks.push(put_aside(access).await?);
    checks.push(alerts(access).await?);
    Ok(checks)
}

/// Whether the broker refuses who has no key.
async fn keys(address: &Address) -> Check {
    let stranger = BusConfig {
        tls: address.bus.tls.clone(),
        connect_timeout_seconds: CONNECT_SECONDS,
        ..BusConfig::new(&address.bus.url)
    };
    let name = "who is let in at the broker";
    match Bus::connect(&stranger, "doctor").await {
        Err(bus::Error::Refused { .. }) => Check::ok(AREA, name, "who has no key is refused"),
        Err(error) => {
            let found = contracts::failures::with_causes(&error);
            Check::ok(AREA, name, found)
                .but(CheckStatus::Advised, "it could not be told: try again")
        }
        Ok(bus) => {
            bus.close(std::time::Duration::from_secs(1)).await;
            Check::ok(AREA, name, "anyone").but(
                CheckStatus::Failed,
                "make keys with `tier0 security init` and have nats-server include them (docs/security.md)",
            )
        }
    }
}

/// Whether what goes to the broker can be read on the way.
fn encrypted(address: &Address) -> Check {
    let urls: Vec<&str> = address.bus.url.split(',').map(str::trim).collect();
    let is_open = |url: &&str| !address.bus.tls.required && !url.starts_with("tls://");
    let is_far = |url: &&str| !is_loopback(url);
    let name = "TLS to the broker";
    if urls.iter().any(|url| is_open(url) && is_far(url)) {
        let advice =
            "set nats.tls.required and nats.tls.ca_file, and give --nats-ca (docs/security.md)";
        return Check::ok(AREA, name, "connections are not required to be encrypted")
            .but(CheckStatus::Failed, advice);
    }
    let found = if urls.iter().any(is_open) { "none, on this machine alone" } else { "required" };
    Check::ok(AREA, name, found)
}

/// Whether what goes to a server can be read on the way.
fn spoken(name: &'static str, url: &str, setting: &str) -> Check {
    if url.starts_with("https://") {
        return Check::ok(AREA, name, "spoken");
    }
    if is_loopback(url) {
        return Check::ok(AREA, name, "none, on this machine alone");
    }
    let advice = format!(
        "give it a certificate ({setting}.cert_file, {setting}.key_file) and ask by https:// (docs/security.md)"
    );
    Check::ok(AREA, name, "none: tokens and rows can be read on the way")
        .but(CheckStatus::Failed, advice)
}

fn is_loopback(url: &str) -> bool {
    let host = url.rsplit_once("://").map_or(url, |(_, rest)| rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split([':', '/']).next().unwrap_or_default(),
    };
    host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// Whether a server answers who shows no token.
async fn token(
    server: &'static str,
    address: &Address,
    url: &str,
    path: &str,
    setting: &str,
) -> Result<Check, Error> {
    let name = format!("who is let in at the {server}");
    let client = Client::with_tls(server, url, None, &address.tls.anonymous())?;
    let asked = client.get::<serde_json::Value>(path).await;
    Ok(match asked {
        Err(client::Error::Status { status: 401 | 403, .. }) => {
            Check::ok(AREA, name, "who shows no token is refused")
        }
        Err(client::Error::Tls { trouble: TlsTrouble::CertificateNeeded, .. }) => {
            Check::ok(AREA, name, "who shows no certificate is refused")
        }
        Err(error @ client::Error::Tls { .. }) => Check::ok(AREA, name, error.to_string()).but(
            CheckStatus::Failed,
            "give --ca-file (docs/security.md)",
        ),
        Err(client::Error::Http { .. }) => Check::ok(AREA, name, "it does not answer")
            .but(CheckStatus::Failed, "see `tier0 health`"),
        _ => Check::ok(AREA, name, "anyone who reaches it").but(
            CheckStatus::Failed,
            format!(
                "make tokens with `tier0 security token create` and name their file (http.tokens_file), or give it one by {setting} (docs/security.md)"
            ),
        ),
    })
}

/// What the API says of who asks.
#[derive(Deserialize)]
struct Me {
    actor: String,
    means: String,
}

/// Whether the token of this command names its holder; nothing where the API asks for none, or does not say.
async fn own_token(address: &Address) -> Result<Option<Check>, Error> {
    let Some(url) = &address.api_url else { return Ok(None) };
    let client = Client::with_tls("API", url, address.api_token_file.as_deref(), &address.tls)?;
    let Ok(me) = client.get::<Me>("/api/v1/me").await else { return Ok(None) };
    let check = Check::ok(AREA, "whose token it is", me.actor);
    Ok(match me.means.as_str() {
        "none" => None,
        "shared_token" => Some(check.but(
            CheckStatus::Failed,
            "everybody shares one token that may do everything: make one for each caller with `tier0 security token create`, name their file (http.tokens_file), and take token_file away",
        )),
        _ => Some(check),
    })
}

/// Whether what the streams keep outlives a broker.
async fn replicas(access: &Access<'_>) -> Result<Check, Error> {
    let state = access.bus().await?.stream_state(names::STREAM).await?;
    let found = format!("{} of the stream of runs", state.replicas);
    let advice = "run three brokers and `tier0 setup --stream-replicas 3`; until then, back the broker's store up";
    let is_good = state.replicas >= GOOD_REPLICAS;
    Ok(Check::ok(AREA, "replicas of streams", found).unless(is_good, CheckStatus::Advised, advice))
}

fn servers(health: &HealthDocument) -> Check {
    let each = health.components.iter().filter(|of| of.kind == "model_server" && of.name != "all");
    let count = each.count();
    let advice =
        "start another (`tier0 up --model-servers 2`): one that restarts answers no request";
    Check::ok(AREA, "model servers", count.to_string()).unless(
        count >= GOOD_SERVERS,
        CheckStatus::Advised,
        advice,
    )
}

async fn put_aside(access: &Access<'_>) -> Result<Check, Error> {
    // Requests that were refused for what they say are of their requesters.
    let kind = Some(DeadLetterKind::FailedMessage.to_string());
    let found = dead_letters::all(access, kind).await?.dead_letters.len();
    let advice = "see `tier0 dead-letters list --kind failed_message`, put right what was wrong, and replay them";
    let check = Check::ok(AREA, "dead letters", format!("{found} that the fleet could not handle"));
    Ok(check.unless(found == 0, CheckStatus::Advised, advice))
}

async fn alerts(access: &Access<'_>) -> Result<Check, Error> {
    let query = ListAlerts { severity: Some("critical".to_owned()), ..ListAlerts::default() };
    let open = access.ask(&query).await?.alerts.len();
    let advice = "see `tier0 alerts list --severity critical`";
    let check = Check::ok(AREA, "critical alerts", format!("{open} open"));
    Ok(check.unless(open == 0, CheckStatus::Failed, advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_told_from_others() {
        for url in
            ["nats://127.0.0.1:4222", "localhost", "tls://u:p@[::1]:4222", "nats://127.1.2.3"]
        {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["nats://broker:4222", "nats://10.0.0.1", "nats://127.0.0.1.example:1"] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
