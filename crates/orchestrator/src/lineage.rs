//! OpenLineage RunEvents, derived from the stream: what was made from what, for a server that keeps such a graph.
//!
//! ```text
//! stream TIER0 ──durable consumer──▶ Exporter ──Mapping::events──▶ Sink: file, HTTP or NATS ──▶ acknowledgement
//! ```
//!
//! Every message of a run's chain carries all that its run has put out so far, so that one message alone gives its events: no state
//! is kept, and a message that comes again gives the same events.
//!
//! Invariants:
//! - No handoff waits for it: it reads what has been stored.
//! - A message is acknowledged after its events were confirmed, so that none is lost; what was acknowledged is not read again.
//! - An event has the same identity however often it is made ([`RunEvent::identity`]).
//! - [`Mapping`] is pure.

mod config;
mod datasets;
mod event;
mod exporter;
mod facets;
mod mapping;
mod sink;

pub use config::{LineageConfig, SinkKind};
pub(crate) use datasets::without_secrets;
pub use event::{Dataset, EventType, Facets, Job, Run, RunEvent};
pub use exporter::run;
pub use mapping::{Link, Mapping};
pub use sink::{Error, Outcome, Sink};

#[cfg(test)]
mod tests;
