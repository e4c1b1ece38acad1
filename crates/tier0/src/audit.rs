//! `tier0 audit`: whether the ledger of changes is as it was written.

use std::time::Duration;

use registry::{LedgerCheck, Registry};
use terminal::Console;

use crate::Error;
use crate::cli::{AuditCommand, Global};
use crate::connect::Address;
use crate::error::FAILED;

/// Runs `tier0 audit`; gives the exit code.
pub(crate) async fn run(
    command: &AuditCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let AuditCommand::Verify = command;
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
