//! Who asks a database, and how the connection is kept secret: by what PostgreSQL's own clients read.

use std::ffi::OsString;
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use secret::SecretFileError;

use super::{DatabaseProblem, PostgresAddress};

/// Largest password file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// What the environment says of users, passwords and TLS: `PGUSER`, `PGPASSWORD`, `PGPASSFILE` (`~/.pgpass`), `PGSSLMODE` and
/// `PGSSLROOTCERT`.
#[derive(Clone, Default)]
pub struct DatabaseCredentials {
    user: Option<String>,
    password: Option<String>,
    password_file: Option<PathBuf>,
    /// Whether the file was named, and has to be there.
    is_named: bool,
    ssl_mode: Option<String>,
    root_certificates: Option<PathBuf>,
}

/// A user and a password.
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: Option<String>,
}

/// Whether a connection is in TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tls {
    No,
    /// Where the server has it.
    Preferred,
    Yes,
}

impl fmt::Debug for DatabaseCredentials {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseCredentials").field("user", &self.user).finish_non_exhaustive()
    }
}

impl DatabaseCredentials {
    /// Those of this process's environment.
    #[must_use]
    pub fn from_environment() -> Self {
        Self::of(|name| std::env::var_os(name))
    }

    /// Those that the variables have.
    #[must_use]
    pub fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| filled(name).and_then(|value| value.into_string().ok());
        let named = filled("PGPASSFILE").map(PathBuf::from);
        let of_home = || filled("HOME").map(|home| Path::new(&home).join(".pgpass"));
        Self {
            user: text("PGUSER"),
            password: text("PGPASSWORD"),
            is_named: named.is_some(),
            password_file: named.or_else(of_home),
            ssl_mode: text("PGSSLMODE"),
            root_certificates: filled("PGSSLROOTCERT").map(PathBuf::from),
        }
    }

    /// File with the certificates that are trusted; the system's where none is named.
    pub(super) fn root_certificates(&self) -> Option<&Path> {
        self.root_certificates.as_deref()
    }

    /// Whether a connection is in TLS: as `PGSSLMODE` says, else always but on this machine. A certificate is always verified.
    pub(super) fn tls(&self, address: &PostgresAddress) -> Result<Tls, DatabaseProblem> {
        match self.ssl_mode.as_deref() {
            // Nothing leaves the machine, and a server's own certificate is seldom for `localhost`.
            None if address.is_loopback() => Ok(Tls::No),
            None | Some("require" | "verify-ca" | "verify-full") => Ok(Tls::Yes),
            Some("allow" | "prefer") => Ok(Tls::Preferred),
            Some("disable") => Ok(Tls::No),
            Some(_) => Err(DatabaseProblem::SslMode),
        }
    }

    /// The user and the password for a database: of the environment, else of the first line of the password file that is about it.
    pub(super) fn login(&self, address: &PostgresAddress) -> Result<Login, DatabaseProblem> {
        let known = |user: &str| Login { user: user.to_owned(), password: self.password.clone() };
        if let (Some(user), Some(_)) = (&self.user, &self.password) {
            return Ok(known(user));
        }
        let lines = self.password_lines()?;
        let port = address.port().to_string();
        for line in lines.lines().filter(|line| !line.starts_with('#')) {
            let Some([host, at, database, user, password]) = parts(line) else { continue };
            let is = |field: &str, value: &str| field == "*" || field == value;
            let fits = is(&host, address.host())
                && is(&at, &port)
                && is(&database, address.database())
                && self.user.as_deref().is_none_or(|known| is(&user, known));
            if fits && let Some(user) = self.user.clone().or((user != "*").then_some(user)) {
                let password = self.password.clone().unwrap_or(password);
                return Ok(Login { user, password: Some(password) });
            }
        }
        self.user.as_deref().map(known).ok_or(DatabaseProblem::NoUser)
    }

    fn password_lines(&self) -> Result<String, DatabaseProblem> {
        let Some(path) = &self.password_file else { return Ok(String::new()) };
        if !self.is_named && !path.exists() {
            return Ok(String::new());
        }
        let failed = |source| SecretFileError::Read { path: path.clone(), source };
        let mut lines = String::new();
        let file = secret::file::open_closed(path)?;
        file.take(MAX_BYTES + 1).read_to_string(&mut lines).map_err(failed)?;
        if lines.len() as u64 > MAX_BYTES {
            return Err(SecretFileError::TooLong { path: path.clone(), most: MAX_BYTES }.into());
        }
        Ok(lines)
    }
}

/// The five fields of a line, which colons divide; a backslash takes the meaning from what stands behind it.
fn parts(line: &str) -> Option<[String; 5]> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let of = match character {
            ':' if fields.len() < 5 => {
                fields.push(String::new());
                continue;
            }
            '\\' => characters.next()?,
            other => other,
        };
        fields.last_mut()?.push(of);
    }
    fields.try_into().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn address(uri: &str) -> PostgresAddress {
        PostgresAddress::parse(uri).unwrap()
    }

    fn of(variables: &[(&str, &str)]) -> DatabaseCredentials {
        DatabaseCredentials::of(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn a_password_file_is_read_as_others_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tempfile::NamedTempFile::new().unwrap();
        let lines = "# a note\nother:5432:*:she:no\ndb:5433:sales:he:a\\:b\\\\c\n*:*:*:any:last\n";
        std::fs::write(file.path(), lines).unwrap();
        let path = file.path().to_str().unwrap();
        let login = |more: &[(&str, &str)], uri: &str| {
            let variables: Vec<_> = [("PGPASSFILE", path)].iter().chain(more).copied().collect();
            let login = of(&variables).login(&address(uri))?;
            Ok::<_, DatabaseProblem>((login.user, login.password.unwrap_or_default()))
        };
        let pair = |user: &str, password: &str| (user.to_owned(), password.to_owned());
        let set = |mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode));
        for open in [0o644, 0o640, 0o620, 0o604] {
            set(open).unwrap();
            let refused = login(&[], "postgres://db:5433/sales").unwrap_err();
            let said = refused.to_string();
            assert!(said.contains(&format!("mode {open:04o}")) && said.contains("chmod 600"));
            assert!(said.contains(path) && !said.contains("last"), "{said}");
        }
        set(0o600).unwrap();
        assert_eq!(login(&[], "postgres://db:5433/sales").unwrap(), pair("he", "a:b\\c"));
        assert_eq!(login(&[], "postgres://db/sales").unwrap(), pair("any", "last"));
        let she = [("PGUSER", "she")];
        assert_eq!(login(&she, "postgres://other/x").unwrap(), pair("she", "no"));
        assert_eq!(login(&she, "postgres://db/x").unwrap(), pair("she", ""));
        let both = [("PGUSER", "me"), ("PGPASSWORD", "it")];
        assert_eq!(login(&both, "postgres://db/x").unwrap(), pair("me", "it"));
    }

    #[test]
    fn without_a_user_nobody_is_asked() {
        let at = address("postgres://db/x");
        assert!(matches!(of(&[]).login(&at), Err(DatabaseProblem::NoUser)));
        let absent = of(&[("PGPASSFILE", "/no/such/file")]);
        assert!(matches!(absent.login(&at), Err(DatabaseProblem::PasswordFile(_))));
    }

    #[test]
    fn beyond_this_machine_a_connection_is_in_tls() {
        let tls = |uri: &str, mode: &str| of(&[("PGSSLMODE", mode)]).tls(&address(uri)).ok();
        assert_eq!(tls("postgres://db/x", ""), Some(Tls::Yes));
        assert_eq!(tls("postgres://127.0.0.1/x", ""), Some(Tls::No));
        assert_eq!(tls("postgres://127.0.0.1/x", "prefer"), Some(Tls::Preferred));
        assert_eq!(tls("postgres://db/x", "disable"), Some(Tls::No));
        assert_eq!(tls("postgres://db/x", "verify-full"), Some(Tls::Yes));
        assert_eq!(tls("postgres://db/x", "always"), None);
    }

    #[test]
    fn nothing_shows_a_password() {
        let credentials = of(&[("PGUSER", "me"), ("PGPASSWORD", "hunter2")]);
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
