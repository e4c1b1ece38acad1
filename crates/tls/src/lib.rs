//! TLS from PEM files: of listeners, whose files may change, and of clients.
//!
//! ```text
//! settings ─▶ files ─▶ checked ─▶ rustls, TLS 1.2 or newer
//!               ▲                    │
//!               └─ looked at again ──┘ (listeners)
//! ```
//!
//! Invariants:
//! - What cannot be used is refused with its path, what is wrong and what would be right; no part of a key is ever shown.
//! - A key that any user of the machine may read is refused.
//! - A listener goes on with what it has where its new files cannot be used.
//! - A caller that is not given an identity by an authority of the settings has none.

mod client;
mod error;
mod files;
mod peer;
mod server;
mod settings;
mod validity;

pub use client::{ClientFiles, Config, Stream, connect, pinned, trusting};
pub use error::Error;
pub use peer::PeerIdentity;
pub use server::ServerTls;
pub use settings::{ClientCertificates, ClientTls, ListenerTls};
pub use validity::{Expiry, Validity};

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

/// TLS versions of listeners and clients.
const VERSIONS: &[&rustls::SupportedProtocolVersion] =
    &[&rustls::version::TLS13, &rustls::version::TLS12];

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
