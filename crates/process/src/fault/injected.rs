//! Crashes as the environment asks for them.

use std::fmt;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::OnceLock;

use super::{Moment, Point};

const FAULTS: &str = "TIER0_FAULT";
const DIRECTORY: &str = "TIER0_FAULT_DIR";

/// What this process was told; unset where it was told nothing.
static PLAN: OnceLock<Plan> = OnceLock::new();

#[derive(Debug)]
struct Plan {
    faults: Vec<Fault>,
    directory: PathBuf,
}

/// A crash that is to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    moment: Moment,
    point: Point,
    /// The agent, or `intake`.
    place: String,
    /// Id of the run that the fault is limited to; none for every run.
    run: Option<String>,
}

/// A text that names no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{FAULTS}: {text:?} names no fault; expected before|after:write_artifact|record_outcome|publish|ack@AGENT[/RUN]"
)]
struct NoFault {
    text: String,
}

impl FromStr for Fault {
    type Err = NoFault;

    fn from_str(text: &str) -> Result<Self, NoFault> {
        let parse = || {
            let (moment, rest) = text.trim().split_once(':')?;
            let (point, place) = rest.split_once('@')?;
            let moment = match moment {
                "before" => Moment::Before,
                "after" => Moment::After,
                _ => return None,
            };
            let point = match point {
                "write_artifact" => Point::WriteArtifact,
                "record_outcome" => Point::RecordOutcome,
                "publish" => Point::Publish,
                "ack" => Point::Ack,
                _ => return None,
            };
            let (place, run) = match place.split_once('/') {
                Some((place, run)) => (place, Some(run.to_owned())),
                None => (place, None),
            };
            let names = [Some(place), run.as_deref()];
            if !names.into_iter().flatten().all(contracts::is_name) {
                return None;
            }
            Some(Self { moment, point, place: place.to_owned(), run })
        };
        parse().ok_or_else(|| NoFault { text: text.to_owned() })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = match self.moment {
            Moment::Before => "before",
            Moment::After => "after",
        };
        let point = match self.point {
            Point::WriteArtifact => "write_artifact",
            Point::RecordOutcome => "record_outcome",
            Point::Publish => "publish",
            Point::Ack => "ack",
        };
        write!(f, "{moment}:{point}@{}", self.place)?;
        match &self.run {
            Some(run) => write!(f, "/{run}"),
            None => Ok(()),
        }
    }
}

impl Fault {
    /// The name of the file that says that it has happened.
    fn marker(&self) -> String {
        self.to_string().replace([':', '@', '/'], ".")
    }

    /// Whether this process is the one that has it: only one can make the file.
    fn claim(&self, directory: &Path) -> bool {
        match File::create_new(directory.join(self.marker())) {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            Err(error) => {
                tracing::error!(fault = %self, %error, "a fault that cannot be noted does not happen");
                false
            }
        }
    }
}

/// Reads what the environment says; everything that is wrong with it.
pub(crate) fn prepare() -> Result<(), Vec<String>> {
    let Ok(text) = std::env::var(FAULTS) else { return Ok(()) };
    let (faults, problems): (Vec<_>, Vec<_>) =
        text.split(',').map(Fault::from_str).partition(Result::is_ok);
    let mut problems: Vec<String> =
        problems.into_iter().filter_map(Result::err).map(|problem| problem.to_string()).collect();
    let directory = std::env::var_os(DIRECTORY).map(PathBuf::from).unwrap_or_default();
    if !directory.is_dir() {
        problems.push(format!("{DIRECTORY}: names no directory; {FAULTS} needs one"));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let faults: Vec<Fault> = faults.into_iter().filter_map(Result::ok).collect();
    // It is told once per process.
    let _ = PLAN.set(Plan { faults, directory });
    Ok(())
}

/// Says that this build can crash.
pub(crate) fn announce() {
    tracing::warn!("built with fault-injection, for tests: {FAULTS} can end this process");
}

/// Passes a point of a settlement, or ends the process there.
pub fn pass(moment: Moment, point: Point, place: &str, run: &str) {
    let Some(plan) = PLAN.get() else { return };
    let due = |fault: &&Fault| {
        fault.moment == moment
            && fault.point == point
            && fault.place == place
            && fault.run.as_deref().is_none_or(|only| only == run)
    };
    let Some(fault) = plan.faults.iter().filter(due).find(|fault| fault.claim(&plan.directory))
    else {
        return;
    };
    tracing::warn!(%fault, "ended on purpose");
    end();
}

/// Ends the process as a power failure would: nothing is dropped, flushed or said.
fn end() -> ! {
    loop {
        if let Err(error) =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
        {
            tracing::error!(%error, "the process cannot end itself so");
            std::process::abort();
        }
        std::thread::park();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        for text in ["before:write_artifact@model-trainer", "after:ack@intake/run-1"] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        for wrong in ["", "after", "after:ack", "during:ack@a", "after:pull@a", "after:ack@a/../b"]
        {
            assert!(wrong.parse::<Fault>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_fault_happens_once() {
        let directory = tempfile::tempdir().unwrap();
        let fault: Fault = "after:publish@intake/run-1".parse().unwrap();
        assert_eq!(fault.marker(), "after.publish.intake.run-1");
        assert!(fault.claim(directory.path()));
        assert!(!fault.claim(directory.path()));
        assert!(!fault.claim(Path::new("/nowhere")));
    }
}
