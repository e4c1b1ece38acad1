//! The command line that all agents and services share.

use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{Layers, VERSION};

/// What can be said on the command line.
#[derive(Debug, Parser)]
#[command(version = VERSION, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// File of configuration: TOML, JSON or YAML by its ending; may be repeated, a later one wins
    #[arg(long, value_name = "FILE", global = true)]
    config: Vec<PathBuf>,
    /// One setting, over files and environment; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value, global = true)]
    set: Vec<(String, String)>,
    /// Where the broker is; short for --set nats.url=URL
    #[arg(long, value_name = "URL", global = true)]
    nats_url: Option<String>,
    /// Write where this process has computed when it ends, as stacks and beside them as a flame graph (.svg); short for --set profile_file=FILE
    #[arg(long, value_name = "FILE", global = true)]
    profile: Option<String>,
    /// Print the configuration as it would be used, secrets redacted, and exit
    #[arg(long)]
    pub(crate) print_config: bool,
    /// Check the configuration and the files that it names, and exit: 0 where they are right, 2 where they are not
    #[arg(long)]
    pub(crate) check_config: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask the running process whether it is ready: exit 0 if so, else 1
    Health,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.to_owned()))
        }
        _ => Err("expected KEY=VALUE, such as stage.max_in_flight=2".to_owned()),
    }
}

impl Arguments {
    /// Reads the command line; a wrong one, `--help` and `--version` come back as clap's own message.
    pub(crate) fn read(name: &'static str, about: &str) -> Result<Self, clap::Error> {
        let variables = name.to_uppercase().replace('-', "_");
        let examples = format!(
            "Examples:\n  {name} --nats-url nats://127.0.0.1:4222\n  {name} --config tier0.toml --set stage.max_in_flight=2\n  \
             TIER0_{variables}__LOG__LEVEL=debug {name} --print-config\n\n\
             Settings: defaults < --config files < TIER0__KEY < TIER0_{variables}__KEY < --set.\n\
             Exit codes: 0 done; 1 failed; 2 wrong usage or configuration; 3 the broker cannot be reached."
        );
        let matches = Self::command()
            .name(name)
            .about(about.to_owned())
            .after_help(examples)
            .try_get_matches()?;
        Self::from_arg_matches(&matches)
    }

    /// The layers of configuration.
    pub(crate) fn layers(&self, name: &str) -> Layers {
        let mut flags = self.set.clone();
        if let Some(url) = &self.nats_url {
            flags.push(("nats.url".to_owned(), url.clone()));
        }
        if let Some(file) = &self.profile {
            flags.push(("profile_file".to_owned(), file.clone()));
        }
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("TIER0_"))
            .collect();
        // Where it starts, each part opens its own, and some may be put right later.
        let opens_files = self.check_config;
        let (process, files) = (name.to_owned(), self.config.clone());
        Layers { process, files, environment, flags, opens_files }
    }
}
