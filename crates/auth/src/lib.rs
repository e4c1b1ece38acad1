//! Who may do what over HTTP and gRPC.
//!
//! ```text
//! request ─▶ credentials ─▶ Authority: token file │ OpenID Connect │ client certificate ─▶ Caller (name, role)
//!                                                                                             │
//! route ─▶ table of routes ─▶ Need: open, or a Right ─────────────────────────────────────────┴─▶ admitted, or Denied
//! ```
//!
//! Invariants:
//! - One table says what each route needs, and a route that has no row needs `administer`, which `admin` alone has.
//! - A token is stored as its digest alone, and neither tokens nor claims stand in logs, errors or `Debug`.
//! - Files of tokens and keys are read again when they change; keys of an issuer stay usable while it is away.
//! - What is kept of callers is bounded: buckets, checked JWTs, tokens.

mod authority;
mod buckets;
mod caller;
mod jwks;
mod matrix;
mod oidc;
mod role;
mod routes;
mod settings;
mod token;
mod token_file;

pub use authority::{Authority, Credentials, Denied, StartError};
pub use buckets::Allowance;
pub use caller::{Caller, Means, PeerAddress};
pub use jwks::KeysError;
pub use matrix::matrix;
pub use role::{ParseRoleError, Right, Role};
pub use routes::{Need, ROUTES, Route, Surface, need};
pub use settings::{Oidc, RateLimit};
pub use token::{MAX_NAME_BYTES, NewToken, TokenRecord};
pub use token_file::{MAX_TOKENS, TokenFile, TokenFileError};
