//! Arguments of `audit`.

use clap::{Args, Subcommand};

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub struct Audit {
    /// Subcommand to run.
    #[command(subcommand)]
    pub command: AuditCommand,
}

/// Subcommands of `tier0 audit`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Follow the digests of every record's changes, and name the first entry that is not as it was written
    #[command(after_help = "Examples:\n  tier0 audit verify\n  tier0 audit verify --json\n\n\
                      Keep the digest that it prints elsewhere: it stays the same as long as no change is added, and tells a ledger that\n\
                      was written anew as a whole.\n\
                      Exit codes: 0 whole; 1 an entry was changed, removed or put in; 3 no fleet reachable.")]
    Verify,
}
