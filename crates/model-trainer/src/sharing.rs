//! Searches that several trainers work on, and that outlive the one which leads them.
//!
//! ```text
//!   leader: search ──batch──▶ Board ◀──take, give── helpers: trainers without work of their own
//!                               │ every fit
//!                               ▼
//!                        TIER0_SEARCHES ──recalled by the next delivery of the handoff──▶ leader
//! ```
//!
//! A fit follows from its trial, its fold and the search, wherever it is made: so the model does not depend on who helped,
//! on who died, or on what was recalled. The time that recalled fits once took counts as used.

mod board;
mod helper;
mod leader;
mod record;

pub(crate) use helper::help;
pub(crate) use leader::Leader;

use contracts::{Agent, ContractError, ValidHandoff};

use crate::config::Config;

/// What the fits of the search that a handoff asks for depend on: two with the same digest have the same fits.
pub(crate) fn digest(input: &ValidHandoff, config: &Config) -> Result<String, ContractError> {
    let dependencies = crate::stage::dependencies(input)?;
    // Processors decide how many fits are made at a time, and nothing about them.
    let training = crate::TrainingConfig { cores: 0, share: true, ..config.training };
    let configuration = format!("{training:?}");
    Ok(dependencies.digest(
        Agent::ModelTrainer,
        env!("CARGO_PKG_VERSION"),
        configuration.as_bytes(),
    ))
}
