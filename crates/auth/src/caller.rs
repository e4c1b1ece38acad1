//! Who asks.

use std::net::IpAddr;
use std::sync::Arc;

use crate::Role;

/// Longest actor, in bytes.
const MAX_ACTOR_BYTES: usize = 128;

/// By what a caller showed who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// By nothing: the listener asks for nothing, and is on loopback.
    Nothing,
    /// By the one token that a listener's `token_file` holds.
    SharedToken,
    /// By a token of the file of tokens.
    Token,
    /// By a JWT of the OpenID Connect issuer.
    Oidc,
    /// By a client certificate.
    Certificate,
}

/// Who asks, and what it is let do. Stands in the extensions of a request that was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Name of the token, subject or e-mail address of the JWT, or subject of the certificate.
    pub name: Arc<str>,
    /// What it is let do.
    pub role: Role,
    /// By what it showed that.
    pub means: Means,
    /// Whether a cookie carried it: then a browser sends it by itself, and a page of another origin may have asked for that.
    pub by_cookie: bool,
}

/// The address that a connection comes from; the accept loop puts it into the extensions of their requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub IpAddr);

impl Means {
    /// Its name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::SharedToken => "shared_token",
            Self::Token => "token",
            Self::Oidc => "oidc",
            Self::Certificate => "certificate",
        }
    }
}

impl Caller {
    /// A caller of a listener that asks for nothing.
    #[must_use]
    pub fn local() -> Self {
        Self {
            name: "unauthenticated".into(),
            role: Role::Admin,
            means: Means::Nothing,
            by_cookie: false,
        }
    }

    /// Who gave the one token of a listener.
    #[must_use]
    pub fn shared_token() -> Self {
        Self {
            name: "token".into(),
            role: Role::Admin,
            means: Means::SharedToken,
            by_cookie: false,
        }
    }

    /// Whether it showed who it is.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.means != Means::Nothing
    }

    /// What is recorded of its changes: `token/NAME`, `oidc/SUBJECT`, `certificate/SUBJECT`, or `token` for the one token of a
    /// listener; at most 128 bytes. None for who did not show who it is.
    #[must_use]
    pub fn actor(&self) -> Option<String> {
        match self.means {
            Means::Nothing => None,
            Means::SharedToken => Some("token".to_owned()),
            means => {
                let mut actor = format!("{}/{}", means.as_str(), self.name);
                actor.truncate(actor.floor_char_boundary(MAX_ACTOR_BYTES));
                Some(actor)
            }
        }
    }
}
