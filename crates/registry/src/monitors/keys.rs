//! The keys of TIER0_MONITORS. No endpoint is named `-`, and a token has no dot.

use contracts::names::{distinct_token, token};
use contracts::v1::AlertKind;
use monitoring::alerts::alert_kind_name;

/// The counts of all endpoints, with the events that are in them.
pub(super) const TRAFFIC: &str = "-.ledger";
/// A value of no meaning, to see whether the bucket can be written.
pub(super) const PROBE: &str = "-.probe";
/// The monitors of all endpoints.
pub(super) const ALL_MONITORS: &str = "*";
/// The retrainings of all endpoints.
pub(super) const ALL_RETRAININGS: &str = "*.retraining";

/// What the endpoint's version is watched against.
pub(super) fn version(endpoint: &str, version: u32) -> String {
    format!("{}.v.{version}", token(endpoint))
}

/// The counts of an endpoint.
pub(super) fn counts(endpoint: &str) -> String {
    format!("{}.counts", token(endpoint))
}

/// The last drift report of an endpoint.
pub(super) fn drift(endpoint: &str) -> String {
    format!("{}.drift", token(endpoint))
}

/// How an endpoint's version predicts.
pub(super) fn performance(endpoint: &str) -> String {
    format!("{}.performance", token(endpoint))
}

/// How an endpoint is retrained.
pub(super) fn retraining(endpoint: &str) -> String {
    format!("{}.retraining", token(endpoint))
}

/// The record of an alert.
pub(super) fn alert(endpoint: &str, kind: AlertKind, subject: &str) -> String {
    let subject = distinct_token(subject);
    format!("{}.alert.{}.{subject}", token(endpoint), alert_kind_name(kind))
}

/// The records of the alerts of an endpoint, or of all.
pub(super) fn alerts(endpoint: Option<&str>) -> String {
    format!("{}.alert.*.*", endpoint.map_or_else(|| "*".to_owned(), token))
}
