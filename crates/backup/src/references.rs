//! Which artifacts records name.

use std::collections::BTreeMap;

use bus::Bus;
use registry::Registry;
use serde::Serialize;
use serde_json::Value;

use crate::{Error, LedgerState, Reference};

/// What the records of a fleet say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Records {
    /// Artifacts that they name, in the order of their digests.
    pub(crate) references: Vec<Reference>,
    /// The ledger of their changes.
    pub(crate) ledger: LedgerState,
}

/// Reads models, versions, endpoints, monitors and the ledger.
pub(crate) async fn read(bus: &Bus) -> Result<Records, Error> {
    let registry = Registry::new(bus).await?;
    let mut found = BTreeMap::new();
    for model in registry.models().await? {
        for version in registry.versions(&model.model).await? {
            let record = format!("model {} version {}", version.model, version.version);
            collect(&version, &record, &mut found)?;
        }
    }
    for endpoint in registry.endpoints().await? {
        if let Some(record) = registry.record(&endpoint).await? {
            collect(&record.value, &format!("endpoint {endpoint}"), &mut found)?;
        }
    }
    for monitor in registry.monitors().all().await? {
        collect(&monitor, &format!("monitor of {}", monitor.endpoint), &mut found)?;
    }
    let ledger = registry.check_ledger().await?;
    let ledger = LedgerState {
        entries: ledger.entries,
        digest: ledger.digest,
        whole: ledger.broken.is_none(),
    };
    Ok(Records { references: found.into_values().collect(), ledger })
}

fn collect(
    record: &impl Serialize,
    name: &str,
    found: &mut BTreeMap<String, Reference>,
) -> Result<(), Error> {
    walk(&serde_json::to_value(record)?, name, found);
    Ok(())
}

/// Every member that refers to an artifact, wherever it stands: a record that gets another one needs no line here.
fn walk(value: &Value, record: &str, found: &mut BTreeMap<String, Reference>) {
    match value {
        Value::Object(members) => {
            let text = |name: &str| members.get(name).and_then(Value::as_str);
            if let (Some(uri), Some(sha256)) = (text("uri"), text("sha256"))
                && contracts::is_digest(sha256)
            {
                // 64-bit numbers are texts in the JSON of protobuf.
                let bytes = members.get("bytes").map_or(Some(0), |bytes| match bytes {
                    Value::String(text) => text.parse().ok(),
                    number => number.as_u64(),
                });
                found.entry(sha256.to_owned()).or_insert_with(|| Reference {
                    sha256: sha256.to_owned(),
                    bytes: bytes.unwrap_or(0),
                    uri: uri.to_owned(),
                    record: record.to_owned(),
                });
            }
            for member in members.values() {
                walk(member, record, found);
            }
        }
        Value::Array(members) => {
            for member in members {
                walk(member, record, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use contracts::v1::{ArtifactRef, ModelVersion};

    use super::*;

    #[test]
    fn references_are_found_wherever_they_stand() {
        let sha256 = "a".repeat(64);
        let bundle = ArtifactRef {
            uri: format!("nats://TIER0_ARTIFACTS/{sha256}"),
            sha256: sha256.clone(),
            bytes: 7,
            ..ArtifactRef::default()
        };
        let version = ModelVersion { bundle: Some(bundle), ..ModelVersion::default() };
        let mut found = BTreeMap::new();
        let collected = collect(&version, "model m version 1", &mut found);
        assert!(collected.is_ok());
        let found: Vec<_> = found.into_values().collect();
        assert_eq!(found.len(), 1);
        assert!(found.iter().all(|one| one.sha256 == sha256 && one.bytes == 7));
    }
}
