//! What the tests and the benchmark of this crate hold of the server; the program does not use it.

pub use crate::cache::{Cache, SweepReport};
pub use crate::catalogue::Endpoint;
pub use crate::config::Serving;
pub use crate::events::EventQueue;
pub use crate::loaded::{LoadedBundle, LoadedVersion};
pub use crate::protocol::grpc::inference;
pub use crate::rest::{answer, router};
pub use crate::routing::Router;
pub use crate::server::{Clock, Server};
pub use crate::service::{serve_grpc, serve_rest};
