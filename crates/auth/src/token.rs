//! One token: made once, and known by its digest afterwards.

use std::fmt;

use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::{Role, TokenFileError};

/// Longest name of a token, in bytes.
pub const MAX_NAME_BYTES: usize = 64;
/// What a token begins with, so that searches for secrets find it.
const PREFIX: &str = "tier0_";
/// Random bytes of a token.
const SECRET_BYTES: usize = 32;
/// Bytes of a digest.
pub(crate) const DIGEST_BYTES: usize = 32;

/// What is kept of a token; its text is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRecord {
    /// Whose it is: what is recorded of changes that it makes.
    pub name: String,
    /// What it is let do.
    pub role: Role,
    /// SHA-256 of its text, in hexadecimal digits.
    pub sha256: String,
    /// When it was made.
    #[serde(with = "instant")]
    pub created: Timestamp,
    /// When it is valid no more; none: never.
    #[serde(default, with = "instant::maybe", skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// When it was revoked; none while it is valid.
    #[serde(default, with = "instant::maybe", skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
}

/// A token that was made just now, with its text, which is told once.
pub struct NewToken {
    /// The text, to be given to its holder and kept nowhere.
    pub text: String,
    /// What is kept of it.
    pub record: TokenRecord,
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewToken").field("record", &self.record).finish_non_exhaustive()
    }
}

impl NewToken {
    /// A token of 256 random bits.
    ///
    /// # Errors
    /// Where the name is none, or the system gives no random bytes.
    pub fn make(
        name: &str,
        role: Role,
        created: Timestamp,
        expires: Option<Timestamp>,
    ) -> Result<Self, TokenFileError> {
        if !is_name(name) {
            return Err(TokenFileError::Name { name: name.to_owned() });
        }
        let mut secret = [0; SECRET_BYTES];
        SystemRandom::new().fill(&mut secret).map_err(|_| TokenFileError::NoRandomness)?;
        let text = format!("{PREFIX}{}", hex::encode(secret));
        let sha256 = hex::encode(digest_of(&text));
        let record =
            TokenRecord { name: name.to_owned(), role, sha256, created, expires, revoked: None };
        Ok(Self { text, record })
    }
}

impl TokenRecord {
    /// Whether it lets its holder in at this time.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }

    pub(crate) fn digest(&self) -> Option<[u8; DIGEST_BYTES]> {
        let mut digest = [0; DIGEST_BYTES];
        hex::decode_to_slice(&self.sha256, &mut digest).ok()?;
        Some(digest)
    }
}

/// SHA-256 of a token's text.
pub(crate) fn digest_of(text: &str) -> [u8; DIGEST_BYTES] {
    let mut bytes = [0; DIGEST_BYTES];
    for (to, from) in bytes.iter_mut().zip(digest(&SHA256, text.as_bytes()).as_ref()) {
        *to = *from;
    }
    bytes
}

/// Whether a text may be the name of a token: 1 to 64 letters, digits, `-`, `_`, `.` and `@`.
pub(crate) fn is_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.chars().all(is_allowed)
}

/// Moments as texts in RFC 3339.
mod instant {
    use jiff::Timestamp;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| D::Error::custom("expected a time such as 2026-11-25T12:00:00Z"))
    }

    /// The same, where there may be none.
    pub(super) mod maybe {
        use jiff::Timestamp;
        use serde::{Deserializer, Serializer};

        #[allow(clippy::ref_option, reason = "as serde calls it")]
        pub(in super::super) fn serialize<S: Serializer>(
            at: &Option<Timestamp>,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => to.collect_str(at),
                None => to.serialize_none(),
            }
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Option<Timestamp>, D::Error> {
            super::deserialize(from).map(Some)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_token_is_random_and_known_by_its_digest() {
        let make = || NewToken::make("ci", Role::Viewer, Timestamp::UNIX_EPOCH, None).unwrap();
        let (one, other) = (make(), make());
        assert_ne!(one.text, other.text);
        assert_eq!(one.text.len(), PREFIX.len() + 64);
        assert_eq!(one.record.digest(), Some(digest_of(&one.text)));
        assert!(!format!("{one:?}").contains(&one.text));
        assert!(!serde_json::to_string(&one.record).unwrap().contains(&one.text));
    }

    #[test]
    fn names_are_short_and_plain() {
        assert!(is_name("ci") && is_name("ana@example.org") && is_name(&"x".repeat(64)));
        for wrong in ["", "a b", "a/b", "a\n", "ä", &"x".repeat(65)] {
            assert!(!is_name(wrong), "{wrong}");
            assert!(NewToken::make(wrong, Role::Admin, Timestamp::UNIX_EPOCH, None).is_err());
        }
    }

    #[test]
    fn a_token_is_valid_until_it_expires_or_is_revoked() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let token = NewToken::make("ci", Role::Viewer, at(0), Some(at(10))).unwrap().record;
        assert!(token.is_valid(at(9)) && !token.is_valid(at(10)));
        let revoked = TokenRecord { revoked: Some(at(1)), ..token };
        assert!(!revoked.is_valid(at(2)));
    }
}
