//! What every process of tier0 does with NATS, written once.
//!
//! ```text
//! Bus::connect ─▶ setup        streams, consumers, buckets (idempotent, a job's work)
//!             ├─▶ consumer     Deliveries ─▶ Delivery: heartbeat, settle once, nak on drop
//!             │                └─▶ consume: handlers side by side ─▶ Settlement;  Batches: many at once
//!             ├─▶ publish_next conditional on the end of a chain: one successor for each handoff
//!             ├─▶ publish_once conditional on the subject's being empty
//!             ├─▶ kv           compare-and-swap and watching
//!             ├─▶ OrderedFeed  what a stream keeps, in order, without a consumer that stays
//!             └─▶ request, subscribe, publish, publish_core, dead_letter
//! ```
//!
//! Invariants:
//! - A delivery is settled at most once; one that is dropped unsettled is given back with a delay.
//! - A publication that timed out is *unknown*, so it is repeated with the same id, never with another.
//! - A broker without room is told from one that refuses: what it did not store is stored when there is room.
//! - Messages of durable consumers are taken, handled and settled by one loop.
//! - Nothing waits without a bound, and nothing is queued without a bound.
//! - What the broker does not permit is an error at once, with its subject; it is logged and counted.
//! - Secrets appear neither in `Debug` nor in serialised configuration nor in logs.

pub mod backoff;
mod batches;
mod config;
mod connect;
mod credentials;
mod dead_letter;
mod delivery;
mod disk;
mod durability;
mod error;
mod feed;
mod kv;
mod publish;
mod pull;
mod read;
mod refusal;
mod request;
mod room;
mod scan;
mod settlement;
mod setup;
mod state;
pub mod trace;
mod violation;

pub use async_nats::{HeaderMap as Headers, Message, Subscriber};
pub use batches::{Batches, settle_all};
pub use config::{BusConfig, TlsConfig};
pub use connect::{Bus, MINIMUM_SERVER};
pub use dead_letter::{DeadLetter, original_headers};
pub use delivery::Delivery;
pub use disk::disk_fault;
pub use error::Error;
pub use feed::{FeedError, OrderedFeed, StoredMessage};
pub use kv::{Change, Entry, KeyValue, Watch};
pub use publish::{Link, PublishedOnce};
pub use pull::Deliveries;
pub use room::ROOM_TIMEOUT;
pub use scan::Scan;
pub use secret::{Secret, SecretUrl};
pub use settlement::{DeliverySource, Handling, Settlement, consume};
pub use setup::{SetupOptions, SetupReport};
pub use state::{ConsumerState, StreamState};

/// Header of a stored message that the broker gives as an answer: it names the stream. What a stage publishes does not have it.
pub const FORWARDED_FROM: &str = "Nats-Stream";
/// Header that carries the identity of a message for deduplication.
pub const MESSAGE_ID: &str = "Nats-Msg-Id";
