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
    /// What was changed in the registry and at endpoints, the latest first
    #[command(after_help = "Examples:\n  tier0 audit list --since 24h\n  \
                      tier0 audit list --since 2026-11-25T12:00:00Z --actor token/ci --json\n\n\
                      Runs have the actor who asked for them in `tier0 runs show`.\n\
                      Exit codes: 0 shown; 2 what was asked for is not understood; 3 no fleet reachable.")]
    List(AuditList),
}

/// Arguments of `audit list`.
#[derive(Debug, Clone, Args)]
pub struct AuditList {
    /// Changes at this time or later only: a time as in RFC 3339, or how long ago (7d, 24h, 30m)
    #[arg(long, value_name = "T")]
    pub since: Option<String>,
    /// Changes by this actor only, such as token/ci or tier0-cli/ana
    #[arg(long, value_name = "NAME")]
    pub actor: Option<String>,
    /// Changes before this place in the ledger, as the end of a page names it
    #[arg(long, value_name = "N")]
    pub before: Option<u64>,
    /// Most changes
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,
}
