//! Who may do what on the broker.
//!
//! ```text
//! contracts: stages, subjects, names ─▶ permissions(Identity) ─▶ authorization: nats-server's configuration
//!                                                             └▶ matrix: the table in docs/security.md
//! ```
//!
//! Invariants:
//! - A permission that is not given is refused: nothing is allowed by default, and no subject is `>`.
//! - Subjects come from the contract, so that a stage that is added has its permissions by being in the table of the stages.
//! - Streams, buckets and durable consumers are made, changed, purged and deleted by [`Identity::SetUp`] alone.
//! - Each identity has an inbox of its own, and reads no other.

mod authorization;
mod grants;
mod identity;
mod matrix;
mod rights;

pub use authorization::{ACCOUNT, authorization};
pub use grants::permissions;
pub use identity::{Identity, UnknownIdentity};
pub use matrix::matrix;
pub use rights::Permissions;
