//! New keys for a fleet that runs.
//!
//! ```text
//! new seeds, new permissions ─▶ SIGTERM to the processes of these identities: they finish or give back what they hold
//!   ─▶ SIGHUP to nats-server: it knows the new keys alone ─▶ the supervisor's starts succeed with them
//! ```

use std::time::Duration;

use bus::{Bus, BusConfig};
use identities::Identity;
use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use crate::Error;
use crate::directory::{Directory, FleetFile};
use crate::keys::Keys;
use crate::process::{lives, signal};
use crate::specs::NATS;

const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Makes new keys for these identities. Where the fleet runs, its broker takes them over and their processes are started again;
/// gives the names of those processes, or none where no fleet runs.
///
/// # Errors
/// Where there are no keys, or the fleet is not well again within `timeout`.
pub async fn rotate(
    directory: &Directory,
    identities: &[Identity],
    timeout: Duration,
) -> Result<Option<Vec<String>>, Error> {
    let keys = Keys::of(directory.root());
    keys.rotate(identities)?;
    let fleet = directory.read_fleet()?;
    let Some(fleet) = fleet.filter(|_| directory.is_locked().unwrap_or(false)) else {
        return Ok(None);
    };
    let deadline = Instant::now() + timeout;
    let affected: Vec<(&String, u32)> = fleet
        .pids
        .iter()
        .filter(|(name, _)| identities.iter().any(|identity| is_of(name, *identity)))
        .map(|(name, pid)| (name, *pid))
        .collect();
    for (_, pid) in &affected {
        signal(*pid, Signal::TERM);
    }
    // What they hold is given back with the key that the broker knows as yet.
    while affected.iter().any(|(_, pid)| lives(*pid)) && Instant::now() < deadline {
        sleep(POLL_INTERVAL).await;
    }
    reload(directory, &fleet, deadline).await?;
    for identity in identities {
        let config = BusConfig {
            nkey_file: Some(keys.seed_file(*identity)),
            ..BusConfig::new(&fleet.nats_url)
        };
        let_in(&config, *identity, deadline).await?;
    }
    let names: Vec<String> = affected.iter().map(|(name, _)| (*name).clone()).collect();
    started_again(directory, &fleet, &names, deadline, timeout).await?;
    Ok(Some(names))
}

/// Whether a process is of an identity: of its name, or a numbered one of several.
fn is_of(process: &str, identity: Identity) -> bool {
    process.strip_prefix(identity.as_str()).is_some_and(|rest| {
        rest.is_empty()
            || rest.strip_prefix('-').is_some_and(|number| number.parse::<u16>().is_ok())
    })
}

/// Has the broker read its configuration.
async fn reload(directory: &Directory, fleet: &FleetFile, deadline: Instant) -> Result<(), Error> {
    let mut pid = fleet.pids.get(NATS).copied();
    // A broker that is being started reads it anyway.
    while pid.is_none() && Instant::now() < deadline {
        sleep(POLL_INTERVAL).await;
        pid = directory.read_fleet()?.and_then(|fleet| fleet.pids.get(NATS).copied());
    }
    if let Some(pid) = pid {
        signal(pid, Signal::HUP);
    }
    Ok(())
}

/// Waits until the broker takes a new key.
async fn let_in(config: &BusConfig, identity: Identity, deadline: Instant) -> Result<(), Error> {
    loop {
        match Bus::connect(config, identity.as_str()).await {
            Ok(bus) => {
                bus.close(Duration::from_secs(1)).await;
                return Ok(());
            }
            Err(bus::Error::Refused { .. }) if Instant::now() < deadline => {
                sleep(POLL_INTERVAL).await;
            }
            Err(error) => return Err(Error::Setup(error)),
        }
    }
}

/// Waits until processes have been started again and are ready.
async fn started_again(
    directory: &Directory,
    before: &FleetFile,
    names: &[String],
    deadline: Instant,
    timeout: Duration,
) -> Result<(), Error> {
    let is_back = |fleet: &FleetFile, name: &String| {
        let pid = fleet.pids.get(name).copied().filter(|pid| before.pids.get(name) != Some(pid));
        pid.is_some_and(|pid| crate::specs::read_ready(&directory.ready(name), pid).is_some())
    };
    loop {
        let fleet = directory.read_fleet()?;
        let missing: Vec<String> = names
            .iter()
            .filter(|name| fleet.as_ref().is_none_or(|fleet| !is_back(fleet, name)))
            .cloned()
            .collect();
        let Some(first) = missing.first() else { return Ok(()) };
        if Instant::now() >= deadline {
            return Err(Error::NotReady {
                log: directory.log(first),
                tail: directory.log_tail(first, 20),
                missing,
                why: format!("with the new key within {} s", timeout.as_secs_f64()),
            });
        }
        sleep(POLL_INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use contracts::Agent;

    use super::*;

    #[test]
    fn replicas_are_of_their_identity() {
        let trainer = Identity::Agent(Agent::ModelTrainer);
        assert!(is_of("model-trainer", trainer) && is_of("model-trainer-2", trainer));
        assert!(!is_of("model-trainers", trainer) && !is_of("model-server", trainer));
        assert!(is_of("model-server-2", Identity::ModelServer));
    }
}
