//! The keys of a fleet's identities, and the configuration by which nats-server knows them.
//!
//! ```text
//! D/security/keys/NAME.nk         seed of an identity's nkey, for its processes alone
//! D/security/authorization.conf   what nats-server includes: public keys and permissions
//! ```
//!
//! Invariants:
//! - A seed is in its file and nowhere else; its owner alone can read the file.
//! - What is there is never overwritten but by a rotation that names it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use identities::{Identity, authorization};
use nkeys::{KeyPair, KeyPairType};

/// The directory of keys and permissions, within that of the fleet.
const DIRECTORY: &str = "security";
/// The directory of the seeds.
const SEEDS: &str = "security/keys";
/// The file that nats-server includes.
pub(crate) const AUTHORIZATION: &str = "security/authorization.conf";
/// Ending of the files of seeds.
const ENDING: &str = "nk";

/// The keys of a fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    root: PathBuf,
}

/// Why keys could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// There are keys already.
    #[error(
        "{} has keys already; `tier0 security rotate` makes new ones, and `tier0 security render` writes the permissions anew",
        .directory.display()
    )]
    Exist {
        /// Directory of the keys.
        directory: PathBuf,
    },
    /// There are no keys.
    #[error("{} has no keys; `tier0 security init` makes them", .directory.display())]
    Missing {
        /// Directory of the keys.
        directory: PathBuf,
    },
    /// A key that others can read.
    #[error(
        "{} can be read by others (its permissions are {mode:04o}): users who could read it may have the key; close it (chmod 600), and make a new one with `tier0 security rotate`",
        .path.display()
    )]
    OpenToOthers {
        /// Path of the file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A file that holds no seed.
    #[error("{} holds no seed of a user's nkey; remove it, and `tier0 security render` makes a new one", .path.display())]
    NoSeed {
        /// Path of the file.
        path: PathBuf,
        /// What the library says.
        #[source]
        source: Option<nkeys::error::Error>,
    },
    /// A file could not be read or written.
    #[error("cannot {what} {}", .path.display())]
    File {
        /// Operation that failed, as it stands behind `cannot` in the message, such as `write`.
        what: &'static str,
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: io::Error,
    },
}

impl Keys {
    /// The keys of the fleet whose directory is `root`.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The directory of keys and permissions.
    #[must_use]
    pub fn directory(&self) -> PathBuf {
        self.root.join(DIRECTORY)
    }

    /// The file with an identity's seed.
    #[must_use]
    pub fn seed_file(&self, identity: Identity) -> PathBuf {
        self.seeds().join(format!("{identity}.{ENDING}"))
    }

    /// The file that nats-server includes.
    #[must_use]
    pub fn authorization_file(&self) -> PathBuf {
        self.root.join(AUTHORIZATION)
    }

    /// The identity whose seed a file holds, by the file's name.
    #[must_use]
    pub fn identity_of(seed_file: &Path) -> Option<Identity> {
        seed_file.file_stem()?.to_str()?.parse().ok()
    }

    /// Makes a key for every identity, and the permissions.
    ///
    /// # Errors
    /// [`KeysError::Exist`] where any is there, and where a file cannot be written.
    pub fn init(&self) -> Result<(), KeysError> {
        if self.has_any()? {
            return Err(KeysError::Exist { directory: self.seeds() });
        }
        self.complete().map(drop)
    }

    /// As [`complete`](Self::complete), where there are keys: who asks for permissions of no key is in the wrong directory.
    ///
    /// # Errors
    /// [`KeysError::Missing`] where there are none, and as `complete`.
    pub fn render_anew(&self) -> Result<Vec<Identity>, KeysError> {
        if self.has_any()? { self.complete() } else { Err(self.missing()) }
    }

    /// Makes the keys that are missing, and writes the permissions as this version has them; gives the identities that got a key.
    ///
    /// # Errors
    /// Where a file cannot be read or written.
    pub fn complete(&self) -> Result<Vec<Identity>, KeysError> {
        self.create()?;
        let mut missing = Vec::new();
        for identity in Identity::all() {
            if !is_there(&self.seed_file(identity))? {
                missing.push(identity);
            }
        }
        for identity in &missing {
            self.make(*identity)?;
        }
        self.render()?;
        Ok(missing)
    }

    /// Makes new keys in the place of old ones, and writes the permissions. Until nats-server has read them, it knows the old ones.
    ///
    /// # Errors
    /// [`KeysError::Missing`] where there are none, and where a file cannot be read or written.
    pub fn rotate(&self, identities: &[Identity]) -> Result<(), KeysError> {
        if !is_there(&self.authorization_file())? {
            return Err(self.missing());
        }
        for identity in identities {
            self.make(*identity)?;
        }
        self.render()
    }

    fn has_any(&self) -> Result<bool, KeysError> {
        for identity in Identity::all() {
            if is_there(&self.seed_file(identity))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn missing(&self) -> KeysError {
        KeysError::Missing { directory: self.seeds() }
    }

    fn seeds(&self) -> PathBuf {
        self.root.join(SEEDS)
    }

    fn create(&self) -> Result<(), KeysError> {
        for path in [self.directory(), self.seeds()] {
            fs::create_dir_all(&path).map_err(failed("create", &path))?;
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                fs::set_permissions(&path, fs::Permissions::from_mode(0o700))
                    .map_err(failed("close to others", &path))?;
            }
        }
        Ok(())
    }

    fn make(&self, identity: Identity) -> Result<(), KeysError> {
        let path = self.seed_file(identity);
        let seed = KeyPair::new_user()
            .seed()
            .map_err(|source| KeysError::NoSeed { path: path.clone(), source: Some(source) })?;
        write_closed(&path, format!("{seed}\n").as_bytes()).map_err(failed("write", &path))
    }

    fn render(&self) -> Result<(), KeysError> {
        let keys = Identity::all().into_iter().map(|identity| {
            let path = self.seed_file(identity);
            check_closed(&path)?;
            let text = fs::read_to_string(&path).map_err(failed("read", &path))?;
            match KeyPair::from_seed(text.trim()) {
                Ok(key) if key.key_pair_type() == KeyPairType::User => {
                    Ok((identity, key.public_key()))
                }
                Ok(_) => Err(KeysError::NoSeed { path, source: None }),
                Err(source) => Err(KeysError::NoSeed { path, source: Some(source) }),
            }
        });
        let keys: Vec<_> = keys.collect::<Result<_, KeysError>>()?;
        let path = self.authorization_file();
        write_closed(&path, authorization(&keys).as_bytes()).map_err(failed("write", &path))
    }
}

/// Whether there is such a file; where that cannot be seen, as for want of permission, that is the error.
fn is_there(path: &Path) -> Result<bool, KeysError> {
    path.try_exists().map_err(failed("read", path))
}

/// Refuses a key that others than its owner can read or change, as the processes do.
fn check_closed(path: &Path) -> Result<(), KeysError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_err(failed("read", path))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeysError::OpenToOthers { path: path.to_owned(), mode });
        }
    }
    Ok(())
}

/// Writes a file that its owner alone can read, whatever the umask.
fn write_closed(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    // Temporary files are made so.
    let mut temporary = tempfile::NamedTempFile::new_in(parent)?;
    io::Write::write_all(&mut temporary, bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map(drop).map_err(|error| error.error)
}

fn failed<'a>(what: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> KeysError + use<'a> {
    move |source| KeysError::File { what, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[cfg(unix)]
    #[test]
    fn keys_are_made_once_and_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let temporary = tempfile::tempdir().unwrap();
        let keys = Keys::of(temporary.path());
        assert!(matches!(keys.rotate(&[Identity::Client]), Err(KeysError::Missing { .. })));
        keys.init().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&keys.directory()), 0o700);
        for identity in Identity::all() {
            assert_eq!(mode(&keys.seed_file(identity)), 0o600, "{identity}");
            assert_eq!(Keys::identity_of(&keys.seed_file(identity)), Some(identity));
        }
        let error = keys.init().unwrap_err().to_string();
        assert!(error.contains("has keys already") && error.contains("security rotate"), "{error}");
    }

    #[test]
    fn permissions_are_written_where_there_are_keys() {
        let temporary = tempfile::tempdir().unwrap();
        let keys = Keys::of(temporary.path());
        let error = keys.render_anew().unwrap_err();
        assert!(matches!(error, KeysError::Missing { .. }));
        assert!(error.to_string().contains("tier0 security init"), "{error}");
        assert!(!keys.directory().exists(), "nothing is made");
        keys.init().unwrap();
        fs::remove_file(keys.authorization_file()).unwrap();
        assert!(keys.render_anew().unwrap().is_empty());
        assert!(keys.authorization_file().exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let temporary = tempfile::tempdir().unwrap();
        let keys = Keys::of(temporary.path());
        keys.init().unwrap();
        let path = keys.seed_file(Identity::Client);
        for (mode, is_closed) in [(0o644, false), (0o640, false), (0o620, false), (0o600, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let rendered = keys.render_anew();
            assert_eq!(rendered.is_ok(), is_closed, "{mode:o}");
            if let Err(error) = rendered {
                let said = error.to_string();
                assert!(said.contains("chmod 600") && said.contains("client.nk"), "{said}");
            }
        }
    }

    #[test]
    fn what_cannot_be_looked_at_is_not_said_to_be_missing() {
        let temporary = tempfile::tempdir().unwrap();
        // No directory: the file in it cannot be looked at, as without permission.
        fs::write(temporary.path().join("security"), "").unwrap();
        let keys = Keys::of(temporary.path());
        for error in [
            keys.rotate(&[Identity::Client]).unwrap_err(),
            keys.render_anew().unwrap_err(),
            keys.init().unwrap_err(),
        ] {
            assert!(matches!(error, KeysError::File { what: "read", .. }), "{error:?}");
        }
    }

    #[test]
    fn a_rotation_changes_the_key_that_it_names() {
        let temporary = tempfile::tempdir().unwrap();
        let keys = Keys::of(temporary.path());
        keys.init().unwrap();
        let read = |identity| fs::read_to_string(keys.seed_file(identity)).unwrap();
        let permissions = || fs::read_to_string(keys.authorization_file()).unwrap();
        let (client, operator, before) =
            (read(Identity::Client), read(Identity::Operator), permissions());
        keys.rotate(&[Identity::Client]).unwrap();
        assert_ne!(read(Identity::Client), client);
        assert_eq!(read(Identity::Operator), operator);
        let public = |seed: &str| KeyPair::from_seed(seed.trim()).unwrap().public_key();
        assert!(before.contains(&public(&client)));
        assert!(!permissions().contains(&public(&client)));
        assert!(permissions().contains(&public(&read(Identity::Client))));
        assert!(!permissions().contains(operator.trim()), "a seed is in its file alone");
    }

    #[test]
    fn what_is_missing_is_made_and_what_is_there_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let keys = Keys::of(temporary.path());
        assert_eq!(keys.complete().unwrap(), Identity::all());
        fs::remove_file(keys.seed_file(Identity::Client)).unwrap();
        assert_eq!(keys.complete().unwrap(), [Identity::Client]);
        fs::write(keys.seed_file(Identity::Client), "x").unwrap();
        assert!(matches!(keys.complete(), Err(KeysError::NoSeed { .. })));
    }
}
