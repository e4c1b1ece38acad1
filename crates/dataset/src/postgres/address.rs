//! Where a table of PostgreSQL is, without who asks for it.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::Error;

/// Port of a server where none is named.
const PORT: u16 = 5432;

/// Host, port and database, and a table unless a query is stated: `postgres://HOST[:PORT]/DATABASE[?table=[SCHEMA.]TABLE]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresAddress {
    uri: String,
    host: String,
    port: u16,
    database: String,
    table: Option<Vec<String>>,
}

impl PostgresAddress {
    /// The schemes of its URIs.
    pub(crate) const SCHEMES: [&'static str; 2] = ["postgres", "postgresql"];

    /// Understands a URI. A name with a point in it stands in double quotes.
    ///
    /// # Errors
    /// [`Error::BadLocation`] for another scheme, credentials, no host, no database, and parameters other than `table`.
    pub fn parse(uri: &str) -> Result<Self, Error> {
        let shown = crate::location::without_credentials(uri);
        let bad = |reason| Error::BadLocation { uri: shown.clone(), reason };
        let url = Url::parse(uri).map_err(|_| bad("it is not a URI"))?;
        if !Self::SCHEMES.contains(&url.scheme()) {
            return Err(bad("it is no URI of PostgreSQL"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad(
                "it holds a user or a password, which belong into PGUSER and PGPASSWORD, or into a password file (PGPASSFILE)",
            ));
        }
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| bad("it names no host"))?;
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8().ok()?.into_owned();
            (!text.is_empty() && !text.contains('\0')).then_some(text)
        };
        let path = url.path().trim_start_matches('/');
        let database = decoded(path)
            .filter(|_| !path.contains('/'))
            .ok_or_else(|| bad("it names no database: postgres://HOST/DATABASE?table=TABLE"))?;
        if url.fragment().is_some() {
            return Err(bad("it has a fragment"));
        }
        let mut table = None;
        for (name, value) in url.query_pairs() {
            if name != "table" || table.is_some() {
                return Err(bad(
                    "its one parameter is `table`; users, passwords and options belong into the process's environment",
                ));
            }
            let names = names(&value)
                .ok_or_else(|| bad("its table is not understood; write table=SCHEMA.TABLE"))?;
            table = Some(names);
        }
        Ok(Self {
            uri: uri.to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(PORT),
            database,
            table,
        })
    }

    /// The URI, as given.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Name or address of the server.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port of the server.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Name of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The table, quoted for SQL; none where a query is stated.
    #[must_use]
    pub fn table(&self) -> Option<String> {
        let names = self.table.as_ref()?;
        Some(names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join("."))
    }

    /// The last part of the table's name, else the database's.
    #[must_use]
    pub fn name(&self) -> &str {
        let table = self.table.as_ref().and_then(|names| names.last());
        table.unwrap_or(&self.database)
    }

    /// Whether the server speaks from this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        crate::location::is_loopback(&self.host)
    }
}

/// A name, quoted for SQL.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `schema.table` or `table`; names in double quotes may hold points.
fn names(text: &str) -> Option<Vec<String>> {
    let (mut names, mut rest) = (Vec::new(), text);
    loop {
        let (name, behind) = match rest.strip_prefix('"') {
            Some(inner) => {
                let end = inner.find('"')?;
                (inner.get(..end)?, inner.get(end + 1..)?)
            }
            None => rest.split_at(rest.find('.').unwrap_or(rest.len())),
        };
        if name.is_empty() || name.contains('\0') {
            return None;
        }
        names.push(name.to_owned());
        match behind.strip_prefix('.') {
            Some(next) if names.len() < 2 => rest = next,
            None if behind.is_empty() => return Some(names),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn uris_are_understood() {
        let at = PostgresAddress::parse("postgres://db.example/sales?table=public.orders").unwrap();
        assert_eq!((at.host(), at.port(), at.database()), ("db.example", 5432, "sales"));
        assert_eq!(at.table().as_deref(), Some("\"public\".\"orders\""));
        assert_eq!(at.name(), "orders");
        let at = PostgresAddress::parse("postgresql://[::1]:5433/a%20b").unwrap();
        assert_eq!((at.host(), at.port(), at.database()), ("::1", 5433, "a b"));
        assert!(at.table().is_none() && at.is_loopback());
        let at = PostgresAddress::parse("postgres://h/d?table=%22a.b%22.%22c%20d%22").unwrap();
        assert_eq!(at.table().as_deref(), Some("\"a.b\".\"c d\""));
        let at = PostgresAddress::parse("postgres://h/d?table=x%22;DROP").unwrap();
        assert_eq!(at.table().as_deref(), Some("\"x\"\";DROP\""));
    }

    #[test]
    fn what_belongs_elsewhere_is_refused_and_not_repeated() {
        for uri in [
            "postgres://me:hunter2@h/d?table=t",
            "postgres://me@h/d?table=t",
            "postgres://h/d?table=t&password=hunter2",
            "postgres://h/d?sslmode=disable",
            "postgres://h/d?table=t#x",
            "postgres://h?table=t",
            "postgres://h/?table=t",
            "postgres:///d?table=t",
            "postgres://h/d/e?table=t",
            "postgres://h/d?table=a.b.c",
            "postgres://h/d?table=",
            "mysql://h/d?table=t",
        ] {
            let error = PostgresAddress::parse(uri).unwrap_err();
            assert!(matches!(error, Error::BadLocation { .. }), "{uri}");
        }
        let error = PostgresAddress::parse("postgres://me:hunter2@h/d?table=t").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let error = PostgresAddress::parse("postgres://h/d?table=t&password=hunter2").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
