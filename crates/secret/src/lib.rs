//! Texts of a configuration that must not be shown.
//!
//! Invariants:
//! - `Debug`, `Display` and `Serialize` of these types hold no secret, so that logs, errors and a printed configuration hold none.
//! - A file that others can read is no secret, and is refused ([`file`]).
//! - Only `expose` gives the text, to what authenticates with it.

pub mod file;
mod url;

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

pub use file::{MAX_SECRET_BYTES, SecretFileError};
pub use url::{SecretUrl, shown_url};

/// What is shown in a secret's stead.
const REDACTED: &str = "[redacted]";

/// A secret: readable from configuration, shown nowhere.
///
/// `Debug` and `Serialize` give `[redacted]`; only [`Secret::expose`] gives the text.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A secret that holds this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, to be handed to what authenticates with it and to nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}
