//! `tier0 security token`: the file of tokens that the HTTP and gRPC listeners read.

use std::path::PathBuf;

use auth::{Role, TokenFile, TokenRecord};
use fleet::Keys;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use terminal::{Console, table};

use crate::Error;
use crate::cli::{Global, Lifetime, Token, TokenCommand};
use crate::connect::directory;

/// Name of the file in a fleet's directory of keys.
const FILE: &str = "tokens";

/// A token without what it is.
#[derive(Debug, Serialize)]
struct TokenView {
    name: String,
    role: Role,
    /// `valid`, `expired` or `revoked`.
    state: &'static str,
    created: String,
    /// None: it never expires.
    expires: Option<String>,
    revoked: Option<String>,
}

impl TokenView {
    fn of(record: &TokenRecord, now: Timestamp) -> Self {
        let state = match record {
            record if record.revoked.is_some() => "revoked",
            record if record.is_valid(now) => "valid",
            _ => "expired",
        };
        Self {
            name: record.name.clone(),
            role: record.role,
            state,
            created: record.created.to_string(),
            expires: record.expires.map(|at| at.to_string()),
            revoked: record.revoked.map(|at| at.to_string()),
        }
    }
}

/// A token that was made.
#[derive(Serialize)]
struct Created {
    /// The token itself, told here and never again.
    token: String,
    #[serde(flatten)]
    view: TokenView,
    /// The file that processes read.
    file: PathBuf,
}

#[derive(Serialize)]
struct Listed {
    tokens: Vec<TokenView>,
    file: PathBuf,
}

/// The file of tokens of the directory that is meant.
pub(crate) fn file_of(global: &Global) -> TokenFile {
    TokenFile::new(Keys::of(&directory(global)).directory().join(FILE))
}

/// Runs `tier0 security token`; gives the exit code.
pub(crate) fn run(arguments: &Token, global: &Global, console: &Console) -> Result<u8, Error> {
    let file = arguments.file.clone().map_or_else(|| file_of(global), TokenFile::new);
    let path = file.path().to_owned();
    let now = whole(Timestamp::now());
    match &arguments.command {
        TokenCommand::Create { name, role, expires: Lifetime(lifetime) } => {
            let expires = lifetime.map(|seconds| now + SignedDuration::from_secs(seconds.into()));
            let new = file.create(name, *role, now, expires)?;
            let view = TokenView::of(&new.record, now);
            let created = Created { token: new.text, view, file: path };
            console.answer(&created, || {
                format!(
                    "{}\nThe token of {name} ({role}), {}. It is shown once; {} keeps its digest, and processes whose http.tokens_file that is take it.",
                    created.token,
                    expires.map_or_else(|| "which never expires".to_owned(), |at| format!("valid until {at}")),
                    created.file.display()
                )
            })?;
        }
        TokenCommand::List => {
            let tokens = file.read()?.iter().map(|record| TokenView::of(record, now)).collect();
            let listed = Listed { tokens, file: path };
            console.answer(&listed, || shown(&listed))?;
        }
        TokenCommand::Revoke { name } => {
            let revoked = TokenView::of(&file.revoke(name, now)?, now);
            console.answer(&revoked, || {
                format!("the token of {name} is revoked; processes refuse it within two seconds")
            })?;
        }
    }
    Ok(0)
}

fn shown(listed: &Listed) -> String {
    if listed.tokens.is_empty() {
        return format!(
            "no tokens in {}; make one with `tier0 security token create`",
            listed.file.display()
        );
    }
    let rows: Vec<Vec<String>> = listed
        .tokens
        .iter()
        .map(|token| {
            vec![
                token.name.clone(),
                token.role.to_string(),
                token.state.to_owned(),
                token.created.clone(),
                token.expires.clone().unwrap_or_else(|| "never".to_owned()),
            ]
        })
        .collect();
    table(&["name", "role", "state", "created", "expires"], &rows)
}

/// The time to the second.
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
