//! Where tables are: text that is understood, and nothing that was touched.

use std::fmt;
use std::path::{Component, PathBuf};

use url::{Host, Url};

use crate::{Error, PostgresAddress, stores};

/// A file, an object in an object store, a document of the web, or a table of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file of this machine.
    File(PathBuf),
    /// An object: `s3://`, `gs://` or `az://`.
    Object(Url),
    /// A document of a web server: `https://`, or `http://` where a root says so.
    Web(Url),
    /// A table of PostgreSQL, or a database that a query is stated for.
    Postgres(PostgresAddress),
    /// An artifact of the fleet's own store, such as rows that a monitor has gathered: `artifact:SHA256:BYTES`.
    Artifact {
        /// SHA-256 of its bytes, hexadecimal.
        sha256: String,
        /// Size of the object in bytes.
        bytes: u64,
    },
}

/// What makes a name a pattern.
const WILDCARDS: [char; 3] = ['*', '?', '['];
/// How the location of an artifact begins.
const ARTIFACT: &str = "artifact:";
/// The scheme of PostgreSQL.
pub(crate) const POSTGRES: &str = "postgres";
/// The schemes of web servers.
pub(crate) const WEB: [&str; 2] = ["https", "http"];
const INTERNAL: &str = "its host is link-local or serves machine metadata";

impl Location {
    /// Understands a path or a URI (`file://`, `s3://`, `gs://`, `az://`, `https://`, `postgres://`, `artifact:SHA256:BYTES`).
    ///
    /// # Errors
    /// [`Error::BadLocation`] for what is empty, goes upwards (`..`), carries credentials, a query or a fragment, or
    /// names a link-local or metadata host; [`Error::SchemeNotAllowed`] for another scheme.
    pub fn parse(uri: &str) -> Result<Self, Error> {
        let uri = uri.trim();
        let bad = |reason| Error::BadLocation { uri: without_credentials(uri), reason };
        if uri.is_empty() {
            return Err(bad("it is empty"));
        }
        if uri.contains('\0') {
            return Err(bad("it holds a zero byte"));
        }
        if let Some(named) = uri.strip_prefix(ARTIFACT) {
            return Self::artifact(named)
                .ok_or_else(|| bad("an artifact has the form artifact:SHA256:BYTES"));
        }
        let Some((scheme, _)) = uri.split_once("://") else {
            return Self::file(PathBuf::from(uri), bad);
        };
        let scheme = scheme.to_ascii_lowercase();
        let decoded_parts =
            uri.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/").replace('\\', "/");
        if decoded_parts.split('/').any(|part| part == "..") {
            return Err(bad("it goes upwards (`..`)"));
        }
        known(&scheme)?;
        if PostgresAddress::SCHEMES.contains(&scheme.as_str()) {
            let address = PostgresAddress::parse(uri)?;
            return match Host::parse(address.host()) {
                Ok(host) if is_internal(&host) => Err(bad(INTERNAL)),
                _ => Ok(Self::Postgres(address)),
            };
        }
        let url = Url::parse(uri).map_err(|_| bad("it is not a URI"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("it holds credentials, which belong into the process's environment"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("it has a query or a fragment"));
        }
        if scheme == "file" {
            let path =
                url.to_file_path().map_err(|()| bad("a file URI has the form file:///path"))?;
            return Self::file(path, bad);
        }
        match url.host() {
            None => return Err(bad("it names no bucket")),
            Some(host) if is_internal(&host) => return Err(bad(INTERNAL)),
            Some(_) => {}
        }
        if WEB.contains(&scheme.as_str()) {
            return if url.path().ends_with('/') {
                Err(bad("it names no document of the web server; one document is one table"))
            } else {
                Ok(Self::Web(url))
            };
        }
        if url.path().trim_matches('/').is_empty() {
            return Err(bad("it names a bucket and no object in it"));
        }
        Ok(Self::Object(url))
    }

    fn artifact(named: &str) -> Option<Self> {
        let (sha256, bytes) = named.split_once(':')?;
        let is_digest = sha256.len() == 64
            && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let bytes = bytes.parse().ok()?;
        is_digest.then(|| Self::Artifact { sha256: sha256.to_owned(), bytes })
    }

    fn file(path: PathBuf, bad: impl Fn(&'static str) -> Error) -> Result<Self, Error> {
        if path.components().any(|part| part == Component::ParentDir) && path.is_absolute() {
            return Err(bad("it goes upwards (`..`)"));
        }
        Ok(Self::File(path))
    }

    /// The scheme: `file`, `s3`, `gs`, `az`, `https`, `http`, `postgres` or `artifact`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        match self {
            Self::File(_) => "file",
            Self::Object(url) | Self::Web(url) => url.scheme(),
            Self::Postgres(_) => POSTGRES,
            Self::Artifact { .. } => "artifact",
        }
    }

    /// The narrowest root that allows the table and what lies beside it: its directory, the part of an object store or a web server
    /// that holds it, or the database. A pattern's is the one above its first wildcard. Nothing for an artifact, which needs none.
    #[must_use]
    pub fn root(&self) -> Option<String> {
        match self {
            Self::File(path) => {
                let mut parent = path.parent().unwrap_or(path);
                while parent.to_string_lossy().contains(WILDCARDS) {
                    parent = parent.parent()?;
                }
                Some(parent.display().to_string())
            }
            Self::Object(url) | Self::Web(url) => {
                let fixed = url.path().split(WILDCARDS).next().unwrap_or_default();
                let directory = fixed.trim_end_matches('/').rsplit_once('/');
                let mut root = url.clone();
                root.set_query(None);
                root.set_path(directory.map_or("/", |(directory, _)| directory));
                Some(without_credentials(root.as_str()))
            }
            Self::Postgres(address) => {
                let host = address.host();
                let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
                Some(format!("{POSTGRES}://{host}:{}/{}", address.port(), address.database()))
            }
            Self::Artifact { .. } => None,
        }
    }

    /// The last part of the path.
    #[must_use]
    pub fn file_name(&self) -> &str {
        match self {
            Self::File(path) => path.file_name().and_then(|name| name.to_str()).unwrap_or(""),
            Self::Object(url) | Self::Web(url) => url.path().rsplit('/').next().unwrap_or(""),
            Self::Postgres(address) => address.name(),
            Self::Artifact { sha256, .. } => sha256,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Object(url) | Self::Web(url) => write!(f, "{url}"),
            Self::Postgres(address) => f.write_str(address.uri()),
            Self::Artifact { sha256, bytes } => write!(f, "{ARTIFACT}{sha256}:{bytes}"),
        }
    }
}

/// All schemes that may be allowed.
pub(crate) fn schemes() -> impl Iterator<Item = &'static str> {
    std::iter::once("file").chain(stores::schemes()).chain(WEB).chain([POSTGRES])
}

/// Refuses a scheme that nothing reads.
pub(crate) fn known(scheme: &str) -> Result<(), Error> {
    if schemes().any(|known| known == scheme) || PostgresAddress::SCHEMES.contains(&scheme) {
        return Ok(());
    }
    let allowed = schemes().collect::<Vec<_>>().join(", ");
    Err(Error::SchemeNotAllowed { scheme: scheme.to_owned(), allowed })
}

/// Whether a host is this machine, seen from itself.
pub(crate) fn is_loopback(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

/// Whether a host is link-local or serves machine metadata.
pub(crate) fn is_internal<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Ipv4(address) => {
            address.is_unspecified() || outgoing::serves_credentials(&address.to_string())
        }
        Host::Ipv6(address) => outgoing::serves_credentials(&address.to_string()),
        // Schemes of object stores are not "special" to the URL standard: an address stays a name there.
        Host::Domain(name) => outgoing::serves_credentials(name.as_ref()),
    }
}

/// The text without what stands before an `@` in its authority and without its query, so that no message shows a password.
pub(crate) fn without_credentials(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else { return uri.to_owned() };
    let rest = rest.split_once('?').map_or(rest, |(path, _)| path);
    let authority_end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{host}{path}"),
        None => format!("{scheme}://{rest}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn paths_and_uris_are_understood() {
        assert_eq!(Location::parse("/data/a.csv").unwrap(), Location::File("/data/a.csv".into()));
        assert_eq!(
            Location::parse("file:///data/a%20b.csv").unwrap(),
            Location::File("/data/a b.csv".into())
        );
        assert_eq!(
            Location::parse("s3://bucket/a/b.parquet").unwrap().to_string(),
            "s3://bucket/a/b.parquet"
        );
        assert_eq!(Location::parse("gs://bucket/b.parquet").unwrap().file_name(), "b.parquet");
        assert_eq!(Location::parse("../a.csv").unwrap().scheme(), "file");
    }

    #[test]
    fn what_leads_elsewhere_is_refused() {
        for uri in [
            "",
            "/data/../etc/passwd",
            "file:///data/../etc/passwd",
            "file:///data/%2e%2e/etc/passwd",
            "file:///data/..%2fetc/passwd",
            "file://host/share/x.csv",
            "s3://key:secret@bucket/x",
            "s3://bucket/../x",
            "s3://bucket/x?versionId=1",
            "s3://bucket",
            "s3://169.254.169.254/latest/meta-data",
            "gs://metadata.google.internal/computeMetadata",
            "https://169.254.169.254/latest",
            "https://me:hunter2@example.org/x.csv",
            "https://example.org/x.csv?token=hunter2",
            "https://example.org/",
            "postgres://169.254.169.254/d?table=t",
            "postgres://me:hunter2@h/d?table=t",
        ] {
            assert!(matches!(Location::parse(uri), Err(Error::BadLocation { .. })), "{uri}");
        }
        for uri in ["ftp://example.org/x", "mysql://h/d?table=t"] {
            assert!(matches!(Location::parse(uri), Err(Error::SchemeNotAllowed { .. })), "{uri}");
        }
    }

    #[test]
    fn no_message_shows_a_password() {
        for uri in
            ["s3://key:hunter2@bucket/x", "https://h/x?t=hunter2", "postgres://a:hunter2@h/d"]
        {
            let error = Location::parse(uri).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
