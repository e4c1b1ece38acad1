//! `tier0 audit`: the ledger of changes, and whether it is as it was written.

use std::time::Duration;

use api::audit::ListAudit;
use jiff::{SignedDuration, Timestamp};
use registry::{LedgerCheck, Registry};
use terminal::Console;

use crate::Error;
use crate::access::Access;
use crate::cli::{AuditCommand, AuditList, Global, Lifetime, lifetime};
use crate::connect::Address;
use crate::error::FAILED;
use crate::models::history;

/// Runs `tier0 audit`; gives the exit code.
pub(crate) async fn run(
    command: &AuditCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    match command {
        AuditCommand::Verify => verify(global, console).await,
        AuditCommand::List(arguments) => list(arguments, global, console).await,
    }
}

async fn list(arguments: &AuditList, global: &Global, console: &Console) -> Result<u8, Error> {
    let AuditList { since, actor, before, limit } = arguments.clone();
    let since = since.map(|text| instant(&text, Timestamp::now()));
    let query = ListAudit { since, actor, before, limit: Some(limit.into()) };
    let document = Access::find(global, console)?.ask(&query).await?;
    console.answer(&document, || history::changes(&document))?;
    Ok(0)
}

/// The time that a text says: as it stands, or how long before `now`.
fn instant(text: &str, now: Timestamp) -> String {
    match lifetime(text) {
        Ok(Lifetime(Some(seconds))) => {
            (now - SignedDuration::from_secs(seconds.into())).to_string()
        }
        _ => text.to_owned(),
    }
}

async fn verify(global: &Global, console: &Console) -> Result<u8, Error> {
    let bus = Address::find(global)?.connect().await?;
    let found = Registry::new(&bus).await?.check_ledger().await?;
    bus.close(Duration::from_secs(1)).await;
    console.answer(&found, || text(&found))?;
    Ok(if found.broken.is_none() { 0 } else { FAILED })
}

fn text(found: &LedgerCheck) -> String {
    let LedgerCheck { entries, without_digest, records, digest, broken } = found;
    let old = match without_digest {
        0 => String::new(),
        _ => format!(", {without_digest} of which an earlier build has written without a digest"),
    };
    let verdict = match broken {
        None => "the ledger is whole".to_owned(),
        Some(entry) => format!(
            "the ledger is broken, first at {} (message {}): {}",
            entry.subject, entry.sequence, entry.problem
        ),
    };
    format!("{verdict}\n{entries} entries of {records} records{old}\ndigest {digest}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_time_is_said_as_it_stands_or_by_how_long_ago() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("24h", "2026-11-24T12:00:00Z"),
            ("7d", "2026-11-18T12:00:00Z"),
            ("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z"),
            ("yesterday", "yesterday"),
        ] {
            assert_eq!(instant(text, now), expected);
        }
    }
}
