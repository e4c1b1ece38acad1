//! Which places tables may be read from.
//!
//! [`Access`] is the operator's allow-list of schemes and roots. Opening (see [`crate::Source`]) checks against it after symbolic
//! links are resolved, and after each redirection of a web server.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::content::ContentLimits;
use crate::location::{self, POSTGRES, known, without_credentials};
use crate::{Error, Location, PostgresAddress};

/// Longest time of a database's statement, unless configured otherwise.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(3600);

/// The places that tables may be read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    schemes: Vec<String>,
    file_roots: Vec<PathBuf>,
    /// Buckets, web servers and databases, with what is in them.
    roots: Vec<Url>,
    limits: ContentLimits,
    database_timeout: Duration,
}

impl Access {
    /// Builds the list from schemes and roots: absolute directories, or URIs of buckets, web servers and databases, and of what is in
    /// them.
    ///
    /// Every place needs a root, whatever its kind: without one nothing is allowed.
    ///
    /// # Errors
    /// [`Error::BadLocation`] for a root that is not understood, [`Error::SchemeNotAllowed`] for an unknown scheme.
    pub fn new<S: AsRef<str>, R: AsRef<str>>(schemes: &[S], roots: &[R]) -> Result<Self, Error> {
        let mut access = Self {
            schemes: Vec::new(),
            file_roots: Vec::new(),
            roots: Vec::new(),
            limits: ContentLimits::default(),
            database_timeout: DATABASE_TIMEOUT,
        };
        for scheme in schemes {
            let scheme = scheme.as_ref().to_ascii_lowercase();
            known(&scheme)?;
            let is_postgres = PostgresAddress::SCHEMES.contains(&scheme.as_str());
            access.schemes.push(if is_postgres { POSTGRES.to_owned() } else { scheme });
        }
        for root in roots {
            let root = root.as_ref();
            let bad = |reason| Error::BadLocation { uri: without_credentials(root), reason };
            match root.split_once("://") {
                None | Some(("file", _)) => {
                    let path = PathBuf::from(root.strip_prefix("file://").unwrap_or(root));
                    if !path.is_absolute() {
                        return Err(bad("a root is an absolute directory or a URI"));
                    }
                    access.file_roots.push(path);
                }
                Some(_) => {
                    let root = match root.strip_prefix("postgresql://") {
                        Some(rest) => format!("{POSTGRES}://{rest}"),
                        None => root.to_owned(),
                    };
                    let url = Url::parse(&root).map_err(|_| bad("it is not a URI"))?;
                    let is_plain = url.query().is_none()
                        && url.username().is_empty()
                        && url.password().is_none();
                    let has_scheme = location::schemes().any(|scheme| scheme == url.scheme());
                    if !has_scheme || !is_plain || url.host().is_none() {
                        return Err(bad(
                            "a root is an absolute directory, or a URI of an object store, a web server or a database, without credentials",
                        ));
                    }
                    access.roots.push(url);
                }
            }
        }
        Ok(access)
    }

    /// The list with limits on what is unpacked and held of a file.
    #[must_use]
    pub fn limited(self, limits: ContentLimits) -> Self {
        Self { limits, ..self }
    }

    /// The list with another longest time of a database's statement.
    #[must_use]
    pub fn waiting(self, database_timeout: Duration) -> Self {
        Self { database_timeout, ..self }
    }

    /// Longest time of a database's statement.
    #[must_use]
    pub const fn database_timeout(&self) -> Duration {
        self.database_timeout
    }

    /// Limits on what is unpacked and held of a file.
    #[must_use]
    pub const fn limits(&self) -> ContentLimits {
        self.limits
    }

    /// Checks a location without touching it.
    ///
    /// # Errors
    /// [`Error::SchemeNotAllowed`], [`Error::OutsideRoots`], or [`Error::BadLocation`] for a relative path, which means
    /// nothing to a process that runs elsewhere.
    pub fn check(&self, location: &Location) -> Result<(), Error> {
        let scheme = location.scheme();
        // Artifacts are in the fleet's own store, whatever places are allowed beside it.
        let is_own = matches!(location, Location::Artifact { .. });
        if !is_own && !self.schemes.iter().any(|allowed| allowed == scheme) {
            return Err(Error::SchemeNotAllowed {
                scheme: scheme.to_owned(),
                allowed: self.schemes.join(", "),
            });
        }
        match location {
            Location::File(path) if !path.is_absolute() => Err(Error::BadLocation {
                uri: location.to_string(),
                reason: "the path is relative; give it from the root on",
            }),
            // Links are resolved when the file is opened, and the result is checked again.
            Location::File(path) => self.check_path(path),
            Location::Object(url) => self.check_url(url),
            Location::Web(url) => self.check_web(url),
            Location::Postgres(address) => {
                let is_open = |root: &&Url| {
                    root.scheme() == POSTGRES
                        && root.host_str().map(|host| host.trim_matches(['[', ']']))
                            == Some(address.host())
                        && root.port().unwrap_or(5432) == address.port()
                        && ["", address.database()].contains(&root.path().trim_matches('/'))
                };
                let inside = self.roots.iter().any(|root| is_open(&root));
                if inside { Ok(()) } else { Err(self.outside(location)) }
            }
            Location::Artifact { .. } => Ok(()),
        }
    }

    /// Checks a place of a web server: what it is asked for, and where it leads to. Without TLS it has to be a root itself.
    pub(crate) fn check_web(&self, url: &Url) -> Result<(), Error> {
        let scheme = url.scheme();
        if !self.schemes.iter().any(|allowed| allowed == scheme) {
            return Err(Error::SchemeNotAllowed {
                scheme: scheme.to_owned(),
                allowed: self.schemes.join(", "),
            });
        }
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_internal = url.host().is_none_or(|host| location::is_internal(&host));
        let of_scheme = self.roots.iter().filter(|root| root.scheme() == scheme);
        let inside =
            is_plain && !is_internal && of_scheme.into_iter().any(|root| is_below(root, url));
        if inside { Ok(()) } else { Err(self.outside(&Location::Web(url.clone()))) }
    }

    /// Checks a path whose links are resolved.
    pub(crate) fn check_path(&self, path: &Path) -> Result<(), Error> {
        let inside = self.file_roots.iter().any(|root| {
            let resolved = root.canonicalize();
            path.starts_with(root) || resolved.is_ok_and(|root| path.starts_with(root))
        });
        if inside { Ok(()) } else { Err(self.outside(&Location::File(path.to_owned()))) }
    }

    /// Checks the path that links lead to, against the roots with their own links resolved.
    pub(crate) fn check_resolved(&self, path: &Path) -> Result<(), Error> {
        let inside = self
            .file_roots
            .iter()
            .filter_map(|root| root.canonicalize().ok())
            .any(|root| path.starts_with(root));
        if inside { Ok(()) } else { Err(self.outside(&Location::File(path.to_owned()))) }
    }

    fn check_url(&self, url: &Url) -> Result<(), Error> {
        let mut of_scheme = self.roots.iter().filter(|root| root.scheme() == url.scheme());
        let inside = of_scheme.any(|root| is_below(root, url));
        if inside { Ok(()) } else { Err(self.outside(&Location::Object(url.clone()))) }
    }

    fn outside(&self, location: &Location) -> Error {
        let files = self.file_roots.iter().map(|root| root.display().to_string());
        let others = self.roots.iter().map(ToString::to_string);
        let mut allowed = files.chain(others).collect::<Vec<_>>().join(", ");
        if allowed.is_empty() {
            "none".clone_into(&mut allowed);
        }
        Error::OutsideRoots {
            uri: location::without_credentials(&location.to_string()),
            allowed,
            root: location.root().unwrap_or_default(),
        }
    }
}

/// Whether a URL is on the server of another one, at its path or below.
fn is_below(root: &Url, url: &Url) -> bool {
    let prefix = root.path().trim_end_matches('/');
    root.host_str() == url.host_str()
        && root.port_or_known_default() == url.port_or_known_default()
        && url.path().strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
}

/// The allow-list as it is configured: nothing of this machine may be read unless a root says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessConfig {
    /// Schemes: `file`, `s3`, `gs`, `az`, `https`, `http`, `postgres`.
    pub allowed_schemes: Vec<String>,
    /// Directories, buckets, web servers and databases, and what is in them. Nothing is read from elsewhere.
    pub allowed_roots: Vec<String>,
    /// Most bytes that are unpacked of a compressed file.
    pub max_decoded_bytes: u64,
    /// Most bytes that are unpacked for one at rest, judged once 256 MiB are unpacked.
    pub max_decoded_ratio: u64,
    /// Most bytes of one line, record or object.
    pub max_line_bytes: usize,
    /// Most bytes of one page of Parquet or one batch of Arrow IPC, once it is unpacked.
    pub max_page_bytes: u64,
    /// Most bytes that are fetched from a web server for one table.
    pub max_download_bytes: u64,
    /// Most rows of a table.
    pub max_rows: u64,
    /// Most cells of a table: rows times columns.
    pub max_cells: u64,
    /// Longest time of a statement of a database, in seconds.
    pub database_timeout_seconds: u64,
}

impl Default for AccessConfig {
    fn default() -> Self {
        let limits = ContentLimits::default();
        Self {
            allowed_schemes: location::schemes().map(str::to_owned).collect(),
            allowed_roots: Vec::new(),
            max_decoded_bytes: limits.decoded_bytes,
            max_decoded_ratio: limits.decoded_ratio,
            max_line_bytes: limits.line_bytes,
            max_page_bytes: limits.page_bytes,
            max_download_bytes: limits.download_bytes,
            max_rows: limits.rows,
            max_cells: limits.cells,
            database_timeout_seconds: DATABASE_TIMEOUT.as_secs(),
        }
    }
}

impl AccessConfig {
    /// The allow-list.
    ///
    /// # Errors
    /// When a scheme or a root is not understood.
    pub fn access(&self) -> Result<Access, Error> {
        for (name, limit) in [
            ("data.max_decoded_bytes", self.max_decoded_bytes),
            ("data.max_decoded_ratio", self.max_decoded_ratio),
            ("data.max_line_bytes", self.max_line_bytes as u64),
            ("data.max_page_bytes", self.max_page_bytes),
            ("data.max_download_bytes", self.max_download_bytes),
            ("data.max_rows", self.max_rows),
            ("data.max_cells", self.max_cells),
            ("data.database_timeout_seconds", self.database_timeout_seconds),
        ] {
            if limit == 0 {
                return Err(Error::BadLimit { name });
            }
        }
        let limits = ContentLimits {
            decoded_bytes: self.max_decoded_bytes,
            decoded_ratio: self.max_decoded_ratio,
            line_bytes: self.max_line_bytes,
            page_bytes: self.max_page_bytes,
            download_bytes: self.max_download_bytes,
            rows: self.max_rows,
            cells: self.max_cells,
        };
        let access = Access::new(&self.allowed_schemes, &self.allowed_roots)?.limited(limits);
        Ok(access.waiting(Duration::from_secs(self.database_timeout_seconds)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn the_allow_list_holds() {
        let access = Access::new(&["file", "s3"], &["/data", "s3://bucket/in"]).unwrap();
        let check = |uri: &str| access.check(&Location::parse(uri).unwrap());
        check("/data/a.csv").unwrap();
        check("s3://bucket/in/a.csv").unwrap();
        assert!(matches!(check("/database/a.csv"), Err(Error::OutsideRoots { .. })));
        assert!(matches!(check("/etc/passwd"), Err(Error::OutsideRoots { .. })));
        assert!(matches!(check("s3://bucket/inside/a.csv"), Err(Error::OutsideRoots { .. })));
        assert!(matches!(check("s3://other/in/a.csv"), Err(Error::OutsideRoots { .. })));
        assert!(matches!(check("gs://bucket/in/a.csv"), Err(Error::SchemeNotAllowed { .. })));
        assert!(matches!(check("a.csv"), Err(Error::BadLocation { .. })));
        let error = check("/etc/tables/a.csv").unwrap_err().to_string();
        for named in ["/data", "--data-root", "data.allowed_roots", "`/etc/tables`"] {
            assert!(error.contains(named), "{error}");
        }
        assert!(Access::new(&["ftp"], &["/"]).is_err());
        assert!(Access::new(&["file"], &["data"]).is_err());
    }

    #[test]
    fn every_place_needs_a_root() {
        let schemes = ["file", "s3", "gs", "az", "https", "http", "postgresql"];
        let check = |roots: &[&str], uri: &str| {
            Access::new(&schemes, roots).unwrap().check(&Location::parse(uri).unwrap())
        };
        for (uri, root) in [
            ("/data/x.csv", "/data"),
            ("s3://bucket/in/x.csv", "s3://bucket"),
            ("gs://bucket/in/x.csv", "gs://bucket/in"),
            ("az://container/in/x.csv", "az://container/"),
            ("https://example.org/data/x.csv", "https://example.org/data"),
            ("https://example.org:8443/x.csv", "https://example.org:8443"),
            ("http://127.0.0.1:8000/x.csv", "http://127.0.0.1:8000/"),
            ("postgres://db/sales?table=t", "postgres://db"),
            ("postgresql://db/sales?table=t", "postgres://db:5432/sales"),
            ("postgres://[::1]/sales?table=t", "postgresql://[::1]/sales"),
        ] {
            check(&[root], uri).unwrap();
            let Err(Error::OutsideRoots { root, .. }) = check(&[], uri) else { panic!("{uri}") };
            // What the refusal proposes is what allows it.
            check(&[&root], uri).unwrap();
        }
        for (uri, root) in [
            ("s3://bucket/in/x.csv", "gs://bucket/in"),
            ("s3://bucket/in/x.csv", "s3://bucket/other"),
            ("s3://bucket2/in/x.csv", "s3://bucket"),
            ("http://example.org/data/x.csv", "https://example.org/data"),
            ("https://example.org:444/x.csv", "https://example.org"),
            ("https://example.org.evil/x.csv", "https://example.org"),
            ("https://example.org/database/x.csv", "https://example.org/data"),
            ("postgres://db:5433/sales?table=t", "postgres://db"),
            ("postgres://db/sales2?table=t", "postgres://db/sales"),
        ] {
            assert!(matches!(check(&[root], uri), Err(Error::OutsideRoots { .. })), "{uri}");
        }
        assert!(Access::new(&schemes, &["https://a:b@example.org"]).is_err());
    }
}
