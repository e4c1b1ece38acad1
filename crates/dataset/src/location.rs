//! Where tables are, and which places are allowed.
//!
//! A [`Location`] is only understood text. [`Access`] is the operator's allow-list of schemes and roots. Opening
//! (see [`crate::Source`]) is the only thing that touches a disk or a network, and checks against the list after
//! symbolic links are resolved.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::content::ContentLimits;
use crate::{Error, stores};

/// A file, or an object in an object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file of this machine.
    File(PathBuf),
    /// An object: `s3://`, `gs://` or `az://`.
    Object(Url),
    /// An artifact of the fleet's own store, such as rows that a monitor has gathered: `artifact:SHA256:BYTES`.
    Artifact {
        /// SHA-256 of its bytes, hexadecimal.
        sha256: String,
        /// Size of the object in bytes.
        bytes: u64,
    },
}

/// How the location of an artifact begins.
const ARTIFACT: &str = "artifact:";

/// Names under which clouds serve machine credentials.
const METADATA_HOSTS: [&str; 4] =
    ["metadata", "metadata.google.internal", "instance-data", "metadata.azure.internal"];

impl Location {
    /// Understands a path or a URI (`file://`, `s3://`, `gs://`, `az://`, `artifact:SHA256:BYTES`).
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
            Some(host) if is_internal(&host) => {
                return Err(bad("its host is link-local or serves machine metadata"));
            }
            Some(_) => {}
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

    /// The scheme: `file`, `s3`, `gs`, `az` or `artifact`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        match self {
            Self::File(_) => "file",
            Self::Object(url) => url.scheme(),
            Self::Artifact { .. } => "artifact",
        }
    }

    /// The last part of the path.
    #[must_use]
    pub fn file_name(&self) -> &str {
        match self {
            Self::File(path) => path.file_name().and_then(|name| name.to_str()).unwrap_or(""),
            Self::Object(url) => url.path().rsplit('/').next().unwrap_or(""),
            Self::Artifact { sha256, .. } => sha256,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Object(url) => write!(f, "{url}"),
            Self::Artifact { sha256, bytes } => write!(f, "{ARTIFACT}{sha256}:{bytes}"),
        }
    }
}

/// The places that tables may be read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    schemes: Vec<String>,
    file_roots: Vec<PathBuf>,
    object_roots: Vec<Url>,
    limits: ContentLimits,
}

impl Access {
    /// Builds the list from schemes (`file`, `s3`, `gs`, `az`) and roots (absolute directories, or URIs of buckets and prefixes).
    ///
    /// A scheme of an object store without any root of its own is allowed everywhere; files need a root.
    ///
    /// # Errors
    /// [`Error::BadLocation`] for a root that is not understood, [`Error::SchemeNotAllowed`] for an unknown scheme.
    pub fn new<S: AsRef<str>, R: AsRef<str>>(schemes: &[S], roots: &[R]) -> Result<Self, Error> {
        let mut access = Self {
            schemes: Vec::new(),
            file_roots: Vec::new(),
            object_roots: Vec::new(),
            limits: ContentLimits::default(),
        };
        for scheme in schemes {
            let scheme = scheme.as_ref().to_ascii_lowercase();
            known(&scheme)?;
            access.schemes.push(scheme);
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
                    let url = Url::parse(root).map_err(|_| bad("it is not a URI"))?;
                    let is_object = stores::schemes().any(|scheme| scheme == url.scheme());
                    if !is_object || url.host().is_none() {
                        return Err(bad(
                            "a root is an absolute directory or a URI of an object store",
                        ));
                    }
                    access.object_roots.push(url);
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
            Location::Artifact { .. } => Ok(()),
        }
    }

    /// Checks a path whose links are resolved.
    pub(crate) fn check_path(&self, path: &Path) -> Result<(), Error> {
        let inside = self.file_roots.iter().any(|root| {
            let resolved = root.canonicalize();
            path.starts_with(root) || resolved.is_ok_and(|root| path.starts_with(root))
        });
        if inside { Ok(()) } else { Err(self.outside(path.display().to_string())) }
    }

    /// Checks the path that links lead to, against the roots with their own links resolved.
    pub(crate) fn check_resolved(&self, path: &Path) -> Result<(), Error> {
        let inside = self
            .file_roots
            .iter()
            .filter_map(|root| root.canonicalize().ok())
            .any(|root| path.starts_with(root));
        if inside { Ok(()) } else { Err(self.outside(path.display().to_string())) }
    }

    fn check_url(&self, url: &Url) -> Result<(), Error> {
        let mut of_scheme =
            self.object_roots.iter().filter(|root| root.scheme() == url.scheme()).peekable();
        if of_scheme.peek().is_none() {
            return Ok(());
        }
        let inside = of_scheme.any(|root| {
            let prefix = root.path().trim_end_matches('/');
            root.host_str() == url.host_str()
                && url.path().strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
        });
        if inside { Ok(()) } else { Err(self.outside(url.to_string())) }
    }

    fn outside(&self, uri: String) -> Error {
        let files = self.file_roots.iter().map(|root| root.display().to_string());
        let objects = self.object_roots.iter().map(ToString::to_string);
        Error::OutsideRoots { uri, allowed: files.chain(objects).collect::<Vec<_>>().join(", ") }
    }
}

/// All schemes that may be allowed.
fn schemes() -> impl Iterator<Item = &'static str> {
    std::iter::once("file").chain(stores::schemes())
}

fn known(scheme: &str) -> Result<(), Error> {
    if schemes().any(|known| known == scheme) {
        return Ok(());
    }
    let allowed = schemes().collect::<Vec<_>>().join(", ");
    Err(Error::SchemeNotAllowed { scheme: scheme.to_owned(), allowed })
}

fn is_internal(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_link_local() || address.is_unspecified(),
        Host::Ipv6(address) => {
            (address.segments()[0] & 0xffc0) == 0xfe80
                || address.to_ipv4_mapped().is_some_and(|v4| v4.is_link_local())
        }
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            // Schemes of object stores are not "special" to the URL standard: an address stays a name there.
            METADATA_HOSTS.contains(&name.as_str())
                || name.starts_with("169.254.")
                || name.starts_with("[fe80:")
        }
    }
}

/// The text without what stands before an `@` in its authority, so that no message shows a password.
fn without_credentials(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else { return uri.to_owned() };
    let authority_end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{host}{path}"),
        None => uri.to_owned(),
    }
}

/// The allow-list as it is configured: nothing of this machine may be read unless a root says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessConfig {
    /// Schemes: `file`, `s3`, `gs`, `az`.
    pub allowed_schemes: Vec<String>,
    /// Directories, buckets and prefixes. Files need one; none are allowed without it.
    pub allowed_roots: Vec<String>,
    /// Most bytes that are unpacked of a compressed file.
    pub max_decoded_bytes: u64,
    /// Most bytes that are unpacked for one at rest, judged once 256 MiB are unpacked.
    pub max_decoded_ratio: u64,
    /// Most bytes of one line, record or object.
    pub max_line_bytes: usize,
}

impl Default for AccessConfig {
    fn default() -> Self {
        let limits = ContentLimits::default();
        Self {
            allowed_schemes: schemes().map(str::to_owned).collect(),
            allowed_roots: Vec::new(),
            max_decoded_bytes: limits.decoded_bytes,
            max_decoded_ratio: limits.decoded_ratio,
            max_line_bytes: limits.line_bytes,
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
        ] {
            if limit == 0 {
                return Err(Error::BadLimit { name });
            }
        }
        let limits = ContentLimits {
            decoded_bytes: self.max_decoded_bytes,
            decoded_ratio: self.max_decoded_ratio,
            line_bytes: self.max_line_bytes,
        };
        Ok(Access::new(&self.allowed_schemes, &self.allowed_roots)?.limited(limits))
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
        ] {
            assert!(matches!(Location::parse(uri), Err(Error::BadLocation { .. })), "{uri}");
        }
        for uri in
            ["http://example.org/x.csv", "ftp://example.org/x", "https://169.254.169.254/latest"]
        {
            assert!(matches!(Location::parse(uri), Err(Error::SchemeNotAllowed { .. })), "{uri}");
        }
    }

    #[test]
    fn no_message_shows_a_password() {
        let error = Location::parse("s3://key:hunter2@bucket/x").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

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
        assert!(Access::new(&["http"], &["/"]).is_err());
        assert!(Access::new(&["file"], &["data"]).is_err());
    }
}
