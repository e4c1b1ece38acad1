//! Arguments of `security`.

use std::path::PathBuf;

use auth::Role;
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
    /// Tokens for the API, the model server and metrics: make, list, revoke
    Token(Token),
}

/// Arguments of `security token`.
#[derive(Debug, Args)]
pub struct Token {
    /// File of tokens, which processes read (http.tokens_file) [default: DIR/security/tokens]
    #[arg(long, global = true, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Subcommand to run.
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// Subcommands of `tier0 security token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it, once: the file keeps its digest alone
    #[command(
        after_help = "Examples:\n  tier0 security token create --name ci --role data_scientist --expires 90d\n  \
                      tier0 security token create --name ops --role admin --file /etc/tier0/tokens --json\n\n\
                      Processes that read the file (TIER0__HTTP__TOKENS_FILE) take the token within two seconds.\n\
                      Exit codes: 0 made; 2 the name is taken or none, or the file cannot be used."
    )]
    Create {
        /// Whose it is: what is recorded of changes that it makes
        #[arg(long, value_name = "NAME")]
        name: String,
        /// viewer, data_scientist, ml_engineer or admin
        #[arg(long, value_name = "ROLE")]
        role: Role,
        /// When it expires, such as 90d or 12h, or `never`
        #[arg(long, value_name = "TIME", default_value = "90d", value_parser = lifetime)]
        expires: Lifetime,
    },
    /// List the tokens, without what they are
    #[command(after_help = "Example:\n  tier0 security token list --json")]
    List,
    /// Revoke the valid token of a name
    #[command(after_help = "Example:\n  tier0 security token revoke ci\n\n\
                      Processes that read the file refuse it within two seconds.\n\
                      Exit codes: 0 revoked; 2 there is no valid token of this name.")]
    Revoke {
        /// Name of the token
        name: String,
    },
}

/// How long a token is valid: seconds, or for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime(pub Option<u32>);

/// What is no lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 90d, 12h or 30m, at most 3650d, or `never`")]
pub(crate) struct ParseLifetimeError;

/// Reads `90d`, `12h`, `30m`, `60s` or `never`.
pub(crate) fn lifetime(text: &str) -> Result<Lifetime, ParseLifetimeError> {
    const LONGEST: u32 = 3650 * 86_400;
    if text == "never" {
        return Ok(Lifetime(None));
    }
    let (number, unit) =
        text.split_at_checked(text.len().saturating_sub(1)).ok_or(ParseLifetimeError)?;
    let scale = match unit {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        "s" => 1,
        _ => return Err(ParseLifetimeError),
    };
    let number: u32 = number.parse().map_err(|_| ParseLifetimeError)?;
    let seconds = number.checked_mul(scale).filter(|seconds| (1..=LONGEST).contains(seconds));
    seconds.map(|seconds| Lifetime(Some(seconds))).ok_or(ParseLifetimeError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_time_or_for_ever() {
        for (text, seconds) in
            [("90d", Some(7_776_000)), ("12h", Some(43_200)), ("5m", Some(300)), ("never", None)]
        {
            assert_eq!(lifetime(text), Ok(Lifetime(seconds)), "{text}");
        }
        for wrong in ["", "d", "90", "0d", "-1d", "4000d", "99999999999d", "1 d", "1ä"] {
            assert!(lifetime(wrong).is_err(), "{wrong}");
        }
    }
}
