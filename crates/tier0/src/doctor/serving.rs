//! Whether the model servers of an embedded fleet find the bundles that they need.

use client::Client;
use fleet::Directory;
use serde::Deserialize;

use super::{Check, CheckStatus};
use crate::Error;
use crate::connect::Address;

const AREA: &str = "serving";
/// Share of bundles that have to be there already.
const GOOD_RATE: f64 = 0.8;
/// Bundles that were wanted below which a rate says nothing.
const FEW: f64 = 20.0;

/// Where a process shows its metrics, as Prometheus reads it.
#[derive(Debug, Deserialize)]
struct Target {
    targets: Vec<String>,
    labels: Labels,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Labels {
    service: String,
    #[serde(rename = "__scheme__")]
    scheme: Option<String>,
}

/// A check where enough bundles were wanted; none where the servers' metrics cannot be read, which their health says.
pub(super) async fn checks(
    directory: &Directory,
    address: &Address,
) -> Result<Option<Check>, Error> {
    let text = std::fs::read_to_string(directory.prometheus_targets()).unwrap_or_default();
    let targets: Vec<Target> = serde_json::from_str(&text).unwrap_or_default();
    let servers = targets.iter().filter(|target| target.labels.service.starts_with("model-server"));
    let mut cache = Cache::default();
    for (scheme, server) in servers.flat_map(|target| {
        let scheme = target.labels.scheme.as_deref().unwrap_or("http");
        target.targets.iter().map(move |server| (scheme, server))
    }) {
        let url = format!("{scheme}://{server}");
        let token = address.api_token_file.as_deref();
        let client = Client::with_tls("metrics of the model server", &url, token, &address.tls)?;
        if let Ok(shown) = client.text("/metrics").await {
            cache.add(&shown);
        }
    }
    Ok(cache.check())
}

/// How often bundles were there, were not, and had to go for want of room.
#[derive(Debug, Default, PartialEq)]
struct Cache {
    hits: f64,
    misses: f64,
    evicted: f64,
}

impl Cache {
    /// Adds what a server shows in Prometheus' text format.
    fn add(&mut self, shown: &str) {
        for line in shown.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, value)) = line.rsplit_once(' ') else { continue };
            let Ok(value) = value.parse::<f64>() else { continue };
            match name {
                "tier0_bundle_cache_hits_total" => self.hits += value,
                "tier0_bundle_cache_misses_total" => self.misses += value,
                r#"tier0_bundle_cache_evictions_total{reason="bytes"}"# => self.evicted += value,
                _ => {}
            }
        }
    }

    fn check(&self) -> Option<Check> {
        let wanted = self.hits + self.misses;
        (wanted >= FEW).then(|| {
            let rate = self.hits / wanted;
            let found = format!("{:.0} % of {wanted} bundles were loaded already", rate * 100.0);
            let check = Check::ok(AREA, "bundles in memory", found);
            if rate >= GOOD_RATE {
                return check;
            }
            let advice = if self.evicted > 0.0 {
                "bundles go for want of room: a greater serving.cache_bytes keeps more of them"
            } else {
                "bundles go before they are wanted again: a greater serving.cache_seconds keeps them longer"
            };
            check.but(CheckStatus::Advised, advice)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn the_setting_depends_on_why_bundles_went() {
        let shown = |hits: u32, bytes: u32| {
            format!(
                "# TYPE tier0_bundle_cache_hits_total counter\ntier0_bundle_cache_hits_total {hits}\ntier0_bundle_cache_misses_total 50\n\
                 tier0_bundle_cache_evictions_total{{reason=\"bytes\"}} {bytes}\ntier0_bundle_cache_evictions_total{{reason=\"age\"}} 7\n"
            )
        };
        let check = |hits, bytes| {
            let mut cache = Cache::default();
            cache.add(&shown(hits, bytes));
            cache.check()
        };
        assert!(check(50, 3).unwrap().advice.unwrap().contains("cache_bytes"));
        assert!(check(50, 0).unwrap().advice.unwrap().contains("cache_seconds"));
        assert_eq!(check(1000, 3).unwrap().status, CheckStatus::Ok);
        assert!(Cache { hits: 1.0, misses: 3.0, evicted: 0.0 }.check().is_none());
    }
}
