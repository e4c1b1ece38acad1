//! `tier0 doctor`: what to do about a fleet, from what was measured on it.
//!
//! ```text
//! health report ──────────────────▶ what does not work
//! runs and their stages ──────────▶ where the time of runs goes, and what fails
//! searches ───────────────────────▶ whether they use their time
//! this machine (embedded fleets) ─▶ room, open files, memory; whether bundles are found in memory
//! tokens and certificates ────────▶ what has expired, or will soon, or is missing
//! --production ───────────────────▶ who is let in, what outlives a machine
//! ```

mod checks;
mod credentials;
mod machine;
mod pipeline;
mod production;
mod serving;

use terminal::{Console, table};

use crate::access::Access;
use crate::cli::{Doctor, Global};
use crate::error::FAILED;
use crate::{Error, health, tokens};

pub(crate) use checks::{Check, CheckStatus, DoctorDocument};

/// Runs `tier0 doctor`; gives the exit code.
pub(crate) async fn run(
    arguments: &Doctor,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let access = Access::find(global, console)?;
    let address = access.address();
    let health = health::look(address).await?;
    let mut checks = checks::of_health(&health);
    checks.extend(pipeline::checks(&access).await?);
    if let Some((directory, _)) = &address.embedded {
        checks.extend(machine::checks(directory.root()));
        checks.extend(serving::checks(directory, address).await?);
    }
    let tokens = tokens::file_of(global);
    checks.extend(credentials::checks(address, global, &tokens, arguments.production).await?);
    if arguments.production {
        checks.extend(production::checks(address, &access, &health).await?);
    }
    let document = DoctorDocument::new(checks);
    console.answer(&document, || shown(&document))?;
    Ok(if document.status == CheckStatus::Failed { FAILED } else { 0 })
}

fn shown(document: &DoctorDocument) -> String {
    let rows: Vec<Vec<String>> = document
        .checks
        .iter()
        .map(|check| {
            vec![
                check.status.as_str().to_owned(),
                check.area.to_owned(),
                check.name.clone(),
                check.found.clone(),
            ]
        })
        .collect();
    let mut text = table(&["status", "area", "check", "found"], &rows);
    let advised = document.checks.iter().filter_map(|check| Some((check, check.advice.as_ref()?)));
    for (check, advice) in advised {
        text.push_str(&format!("\n{}: {advice}", check.name));
    }
    let count = |status| document.checks.iter().filter(|check| check.status == status).count();
    text.push_str(&format!(
        "\n{} ok, {} advised, {} failed",
        count(CheckStatus::Ok),
        count(CheckStatus::Advised),
        count(CheckStatus::Failed)
    ));
    text
}
