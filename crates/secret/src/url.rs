//! URLs that may hold a password, a token or a key.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::REDACTED;

/// A URL, or several divided by commas, that may hold a password, a token or a key.
///
/// `Debug`, `Display` and `Serialize` show it as [`shown_url`] does; only [`SecretUrl::expose`] gives the whole.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// A URL as it was given; whether it is one is for its user to check.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The URL with all that it holds, to be handed to a client and to nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Shows scheme, host and port alone, for URLs whose path is a secret, as that of a webhook may be.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize_origin<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.origin())
    }

    /// Scheme, host and port, and `[redacted]` in place of a path.
    #[must_use]
    pub fn origin(&self) -> String {
        let shown = shown_url(&self.0);
        let (scheme, rest) = shown.split_once("://").unwrap_or(("", &shown));
        let host = match rest.split_once('/') {
            Some((host, path)) if !path.is_empty() => format!("{host}/{REDACTED}"),
            _ => rest.to_owned(),
        };
        if scheme.is_empty() { host } else { format!("{scheme}://{host}") }
    }
}

impl From<&str> for SecretUrl {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

impl From<String> for SecretUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl std::str::FromStr for SecretUrl {
    type Err = std::convert::Infallible;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(url))
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown_url(&self.0))
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", shown_url(&self.0))
    }
}

impl Serialize for SecretUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&shown_url(&self.0))
    }
}

/// A URL, or several divided by commas, as it may be shown: `[redacted]` stands for a user with a password, for a query and for a fragment.
///
/// Nothing is parsed: what is no URL is treated alike, since a URL with a fault in it holds its password all the same.
#[must_use]
pub fn shown_url(urls: &str) -> String {
    let one = |url: &str| {
        let (scheme, rest) = match url.split_once("://") {
            Some((scheme, rest)) => (format!("{scheme}://"), rest),
            None => (String::new(), url),
        };
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        let (place, query) = rest.split_at(end);
        // A password may hold a slash: whatever stands before the last `@` goes.
        let place = match place.rsplit_once('@') {
            Some((_, host)) => format!("{REDACTED}@{host}"),
            None => place.to_owned(),
        };
        // One may hold a question mark as well: what follows it is hidden, and so is what stands before the host.
        let place = if query.contains('@') { REDACTED.to_owned() } else { place };
        let query = query.chars().next().map(|mark| format!("{mark}{REDACTED}"));
        format!("{scheme}{place}{}", query.unwrap_or_default())
    };
    urls.split(',').map(|url| one(url.trim())).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn what_may_be_a_secret_is_hidden() {
        for (url, shown, origin) in [
            (
                "http://marquez:5000/api",
                "http://marquez:5000/api",
                "http://marquez:5000/[redacted]",
            ),
            ("http://marquez:5000/", "http://marquez:5000/", "http://marquez:5000/"),
            (
                "https://joe:hunter2@h/p",
                "https://[redacted]@h/p",
                "https://[redacted]@h/[redacted]",
            ),
            ("https://h/p?key=hunter2", "https://h/p?[redacted]", "https://h/[redacted]"),
            ("https://h/p#hunter2", "https://h/p#[redacted]", "https://h/[redacted]"),
            (
                "https://joe:hun/ter2@h/p",
                "https://[redacted]@h/p",
                "https://[redacted]@h/[redacted]",
            ),
            (
                "https://joe:hun?ter2@h/p",
                "https://[redacted]?[redacted]",
                "https://[redacted]?[redacted]",
            ),
            ("joe:hunter2@h", "[redacted]@h", "[redacted]@h"),
            (
                "nats://a:1, nats://hunter2@b:2",
                "nats://a:1,nats://[redacted]@b:2",
                "nats://a:1,nats:/[redacted]",
            ),
        ] {
            let secret = SecretUrl::from(url);
            assert_eq!(secret.to_string(), shown, "{url}");
            assert_eq!(serde_json::to_value(&secret).unwrap(), shown);
            assert_eq!(format!("{secret:?}"), format!("{shown:?}"));
            assert_eq!(secret.origin(), origin);
            assert_eq!(secret.expose(), url);
        }
        let read: SecretUrl = serde_json::from_str("\"https://joe:hunter2@h\"").unwrap();
        assert_eq!(read.expose(), "https://joe:hunter2@h");
    }
}
