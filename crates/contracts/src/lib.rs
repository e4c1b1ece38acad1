//! What the agents say to one another: the messages, their subjects, and the rules that a message has to keep.
//!
//! ```text
//!   bytes ──encoding──▶ v1::… (as it travels) ──TryFrom──▶ ValidHandoff, stages::… (checked)
//! ```
//!
//! Invariants:
//! - Pure: no I/O, no clock, no async; times come in as arguments.
//! - A [`ValidHandoff`] cannot be made from a message that breaks the contract, and turns back into exactly the message that it was made from.
//! - Encoding is deterministic (maps are ordered), and its bytes are pinned by golden files.
//! - Every refusal names the field and what would be right, and never holds a value of a row.
//!
//! ```
//! use contracts::{Agent, RunId, encoding, handoff::FirstHandoff};
//!
//! let request = encoding::decode_request(None, br#"{"text": "churn for Kisqali HCPs"}"#)?;
//! let first = FirstHandoff {
//!     run_id: RunId::new("run-1")?,
//!     epoch: 0,
//!     plan: Agent::ALL.to_vec(),
//!     deadline: None,
//!     request,
//!     outputs: Vec::new(),
//!     at: std::time::SystemTime::UNIX_EPOCH,
//! }
//! .build()?;
//! assert_eq!(first.subject(), "tier0.v1.handoff.scope-definer.run-1.0");
//! assert_eq!(encoding::decode_handoff(None, &encoding::encode(first.as_message()))?, first);
//! # Ok::<(), contracts::ContractError>(())
//! ```

mod agent;
mod canonical_json;
mod dead_letter;
pub mod encoding;
mod error;
pub mod failures;
pub mod handoff;
mod lane;
pub mod learning;
pub mod limits;
pub mod messages;
pub mod names;
mod path;
mod run;
pub mod stages;
pub mod steps;
pub mod subjects;
pub mod time;
mod validate;
mod version;

pub use agent::{Agent, DataSet};
pub use dead_letter::DeadLetterKind;
pub use error::{ContractError, FieldError};
pub use handoff::ValidHandoff;
pub use lane::{Lane, ParsePriorityError};
pub use path::FieldPath;
pub use run::RunId;
pub use validate::Validate;
pub use validate::checks::{is_digest, is_name};
pub use version::{ALL_SHARES, MAX_PAYLOAD, SCHEMA_VERSION, check_schema_version};

/// Generated from `proto/tier0/v1`: the messages as they travel.
#[allow(
    missing_docs,
    clippy::all,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]
pub mod v1 {
    include!("generated/tier0.v1.rs");
    include!("generated/tier0.v1.serde.rs");
}
