//! The handoff contract.

/// Generated from `proto/tier0/v1`: the messages as they travel.
#[allow(missing_docs, clippy::all, reason = "generated code")]
pub mod v1 {
    include!("generated/tier0.v1.rs");
    include!("generated/tier0.v1.serde.rs");
}
