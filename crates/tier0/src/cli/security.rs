//! Arguments of `security`.

use clap::{Args, Subcommand};
use identities::Identity;

/// Arguments of `security`.
#[derive(Debug, Args)]
pub struct Security {
    /// Subcommand to run.
    #[command(subcommand)]
    pub command: SecurityCommand,
}

/// Subcommands of `tier0 security`.
#[derive(Debug, Subcommand)]
pub enum SecurityCommand {
    /// Make a key for every identity, and the file of permissions that nats-server includes
    #[command(
        after_help = "Examples:\n  tier0 security init --dir ./secrets\n  tier0 security init --dir ./secrets --json\n\n\
                      Makes DIR/security/keys/NAME.nk, readable for you alone, and DIR/security/authorization.conf.\n\
                      Exit codes: 0 made; 2 there are keys already."
    )]
    Init,
    /// Write the permissions anew from the keys that are there, as after an upgrade; identities that are new get a key
    #[command(after_help = "Example:\n  tier0 security render --dir ./secrets")]
    Render,
    /// Make a new key for one identity, or for all; a fleet that runs in the directory takes it over
    #[command(
        after_help = "Examples:\n  tier0 security rotate\n  tier0 security rotate client --dir ./secrets\n\n\
                      nats-server lets the old key in until it reads its configuration again (SIGHUP). An embedded fleet does all of it:\n\
                      its processes finish or give back their work, the broker reloads, and they start with the new key.\n\
                      Exit codes: 0 made and, where a fleet runs, taken over; 1 the fleet did not take it over; 2 no such identity, or no keys."
    )]
    Rotate {
        /// Name of the identity, such as model-trainer [default: all]
        name: Option<Identity>,
        /// Longest wait for a fleet that runs to take the keys over
        #[arg(long, value_name = "TIME", default_value = "60s", value_parser = super::seconds)]
        timeout: f64,
    },
}
