//! `tier0 security`: keys and permissions of the identities, and tokens of callers.

use std::path::PathBuf;
use std::time::Duration;

use fleet::{Directory, Keys};
use identities::Identity;
use serde::Serialize;
use terminal::Console;

use crate::Error;
use crate::cli::{Global, SecurityCommand};
use crate::connect::directory;

/// What a command made.
#[derive(Serialize)]
struct Answer {
    /// Identities that have a new key.
    identities: Vec<&'static str>,
    /// Directory of the keys and permissions.
    dir: PathBuf,
    /// File that nats-server includes.
    authorization_file: PathBuf,
    /// Processes that were started again with a new key; none where no fleet runs in the directory.
    restarted: Option<Vec<String>>,
}

impl Answer {
    fn new(keys: &Keys, identities: &[Identity], restarted: Option<Vec<String>>) -> Self {
        Self {
            identities: identities.iter().map(|identity| identity.as_str()).collect(),
            dir: keys.directory(),
            authorization_file: keys.authorization_file(),
            restarted,
        }
    }

    fn text(&self, next: &str) -> String {
        let names = match self.identities.as_slice() {
            [] => "no new key".to_owned(),
            names => format!("new keys of {}", names.join(", ")),
        };
        format!("{names}; permissions in {}\n{next}", self.authorization_file.display())
    }
}

/// Runs `tier0 security`; gives the exit code.
pub(crate) async fn run(
    command: &SecurityCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let directory = Directory::new(&directory(global))?;
    let keys = Keys::of(directory.root());
    let include = format!("include \"{}\"", keys.authorization_file().display());
    let (answer, next) = match command {
        SecurityCommand::Init => {
            keys.init()?;
            let next = format!(
                "Next: have nats-server include the permissions (`{include}`, with the path from its configuration), and give each \
                 process the key of its name, by TIER0__NATS__NKEY_FILE or as a secret. `tier0 up --dir {}` does all of it.",
                directory.root().display()
            );
            (Answer::new(&keys, &Identity::all(), None), next)
        }
        SecurityCommand::Render => {
            let made = keys.render_anew()?;
            let next = "Next: send SIGHUP to nats-server, which then reads them.".to_owned();
            (Answer::new(&keys, &made, None), next)
        }
        SecurityCommand::Token(arguments) => {
            return crate::tokens::run(arguments, global, console);
        }
        SecurityCommand::Rotate { name, timeout } => {
            let identities = name.map_or_else(Identity::all, |name| vec![name]);
            let limit = Duration::from_secs_f64(*timeout);
            let restarted = fleet::rotate(&directory, &identities, limit).await?;
            let next = match &restarted {
                Some(names) if names.is_empty() => {
                    "The broker has taken them over; no process of the fleet has these identities.".to_owned()
                }
                Some(names) => format!(
                    "The broker has taken them over, and started again with them were {}.",
                    names.join(", ")
                ),
                None => "The old keys are valid until nats-server reads its configuration again. Next: stop the processes of these \
                         identities, give them their new keys, send SIGHUP to nats-server, and start them."
                    .to_owned(),
            };
            (Answer::new(&keys, &identities, restarted), next)
        }
    };
    console.answer(&answer, || answer.text(&next))?;
    Ok(0)
}
