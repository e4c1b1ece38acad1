//! Decisions on the deployment record and on what servers report. Pure.

use contracts::messages::{DeployedVersion, DeploymentRecord, ServerReport};

use crate::error::DeployError;

/// Why a change of the record is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConflictError {
    /// Another run's version is being checked.
    #[error("run {run} is deploying to the endpoint")]
    Busy {
        /// Id of the run whose version is being checked.
        run: String,
    },
    /// This run's version is no longer green.
    #[error("the version is no longer the one being checked")]
    Lost,
    /// The record is not the one that was decided on.
    #[error("the record was changed meanwhile")]
    Moved,
}

/// Where this run's version stands in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionState {
    /// The record does not name the version.
    Absent,
    /// The version is loaded and checked beside the live one.
    Green,
    /// The version answers requests.
    Live,
    /// It answered, and another took its place.
    Replaced,
}

fn is_same(found: Option<&DeployedVersion>, mine: &DeployedVersion) -> bool {
    found.is_some_and(|found| rollout::same_version(found, mine))
}

/// Where this run's version stands.
pub fn standing(record: &DeploymentRecord, mine: &DeployedVersion) -> VersionState {
    if is_same(record.live.as_ref(), mine) {
        VersionState::Live
    } else if is_same(record.green.as_ref(), mine) {
        VersionState::Green
    } else if is_same(record.previous.as_ref(), mine) {
        VersionState::Replaced
    } else {
        VersionState::Absent
    }
}

/// Puts this run's version up to be checked. Another run's is left alone unless it was abandoned.
pub fn propose(
    record: &mut DeploymentRecord,
    mine: &DeployedVersion,
    is_abandoned: bool,
) -> Result<(), ConflictError> {
    match (standing(record, mine), &record.green) {
        (VersionState::Live | VersionState::Green, _) => Ok(()),
        // A rollout in progress is another run's as well.
        (_, _) if rollout::is_active(record) => {
            let candidate = record.rollout.as_ref().and_then(|rollout| rollout.candidate.clone());
            Err(ConflictError::Busy { run: candidate.unwrap_or_default().run_id })
        }
        // It had its turn: a repetition must not take the place of what came after it.
        (VersionState::Replaced, _) => Err(ConflictError::Lost),
        (_, Some(other)) if !is_abandoned => Err(ConflictError::Busy { run: other.run_id.clone() }),
        _ => {
            record.green = Some(mine.clone());
            record.reason = format!("version {} is to be checked off-traffic", mine.version);
            Ok(())
        }
    }
}

/// Makes this run's version answer, and keeps the one that answered.
pub fn switch(record: &mut DeploymentRecord, mine: &DeployedVersion) -> Result<(), ConflictError> {
    match standing(record, mine) {
        VersionState::Live => Ok(()),
        VersionState::Green => {
            if let Some(blue) = record.live.take() {
                record.previous = Some(blue);
            }
            record.live = record.green.take();
            // What was divided among versions was divided with the one that answered before.
            record.members.clear();
            record.routing = None;
            record.rollout = None;
            record.reason = format!("version {} was checked off-traffic", mine.version);
            Ok(())
        }
        VersionState::Absent | VersionState::Replaced => Err(ConflictError::Lost),
    }
}

/// Takes this run's version back, if it is still being checked.
pub fn withdraw(record: &mut DeploymentRecord, mine: &DeployedVersion) {
    if standing(record, mine) == VersionState::Green {
        record.green = None;
        record.reason = format!("version {} was taken back", mine.version);
    }
}

/// How far the servers are.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadProgress {
    /// These have not got there yet.
    Waiting(Vec<String>),
    /// All have; their reports.
    Ready(Vec<ServerReport>),
}

/// Whether every server that is alive has loaded the version. `alive` are the names of those present.
pub fn loading(
    alive: &[String],
    reports: &[ServerReport],
    version: u32,
    revision: u64,
) -> Result<LoadProgress, DeployError> {
    for report in reports {
        let failure = report.failures.iter().find(|failure| failure.version == version);
        if let Some(failure) = failure
            && report.record_revision >= revision
        {
            return Err(DeployError::GreenLoadFailed {
                server: report.server.clone(),
                version,
                reason: failure.reason.clone(),
            });
        }
    }
    Ok(all(alive, reports, |report| {
        report.record_revision >= revision && report.ready_versions.contains(&version)
    }))
}

/// The revision that put this run's version before traffic and the version that answered before it, as far as the history goes back.
pub fn went_live(
    history: &[(u64, &DeploymentRecord)],
    mine: &DeployedVersion,
) -> Option<(u64, u32)> {
    let (revision, record) =
        history.iter().find(|(_, record)| standing(record, mine) == VersionState::Live)?;
    Some((*revision, record.previous.as_ref().map_or(0, |previous| previous.version)))
}

/// Whether every server that is alive answers with the version.
pub fn switched(alive: &[String], reports: &[ServerReport], version: u32) -> LoadProgress {
    all(alive, reports, |report| report.live_version == version)
}

fn all(
    alive: &[String],
    reports: &[ServerReport],
    there: impl Fn(&ServerReport) -> bool,
) -> LoadProgress {
    let has =
        |server: &&String| !reports.iter().any(|report| report.server == **server && there(report));
    let waiting: Vec<String> = alive.iter().filter(has).cloned().collect();
    if waiting.is_empty() && !alive.is_empty() {
        let ready = reports.iter().filter(|report| alive.contains(&report.server) && there(report));
        return LoadProgress::Ready(ready.cloned().collect());
    }
    LoadProgress::Waiting(waiting)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use contracts::messages::{ArtifactRef, LoadFailure};

    use super::*;

    fn version(number: u32, run: &str) -> DeployedVersion {
        DeployedVersion {
            model: "churn".to_owned(),
            version: number,
            bundle: Some(ArtifactRef {
                sha256: format!("{number:064x}"),
                ..ArtifactRef::default()
            }),
            run_id: run.to_owned(),
        }
    }

    fn report(server: &str, ready: &[u32], live: u32, revision: u64) -> ServerReport {
        ServerReport {
            server: server.to_owned(),
            ready_versions: ready.to_vec(),
            live_version: live,
            record_revision: revision,
            ..ServerReport::default()
        }
    }

    #[test]
    fn green_becomes_live_and_blue_is_kept() {
        let (one, two) = (version(1, "a"), version(2, "b"));
        let mut record =
            DeploymentRecord { live: Some(one.clone()), ..DeploymentRecord::default() };
        assert_eq!(propose(&mut record, &two, false), Ok(()));
        assert_eq!(standing(&record, &two), VersionState::Green);
        assert_eq!(standing(&record, &one), VersionState::Live);
        assert_eq!(switch(&mut record, &two), Ok(()));
        assert_eq!((record.live.as_ref(), record.previous.as_ref()), (Some(&two), Some(&one)));
        assert_eq!(record.green, None);
        let after = record.clone();
        assert_eq!(propose(&mut record, &two, false), Ok(()));
        assert_eq!(switch(&mut record, &two), Ok(()));
        assert_eq!(record, after, "a repetition changes nothing");
        assert_eq!(standing(&record, &one), VersionState::Replaced);
        assert_eq!(propose(&mut record, &one, true), Err(ConflictError::Lost));
    }

    #[test]
    fn the_first_version_has_no_blue() {
        let one = version(1, "a");
        let mut record = DeploymentRecord::default();
        assert_eq!(propose(&mut record, &one, false), Ok(()));
        assert_eq!(switch(&mut record, &one), Ok(()));
        assert_eq!((record.live, record.previous), (Some(one), None));
    }

    #[test]
    fn another_run_is_left_alone_until_abandoned() {
        let (one, two) = (version(1, "a"), version(2, "b"));
        let mut record =
            DeploymentRecord { green: Some(one.clone()), ..DeploymentRecord::default() };
        assert_eq!(
            propose(&mut record, &two, false),
            Err(ConflictError::Busy { run: "a".to_owned() })
        );
        withdraw(&mut record, &two);
        assert_eq!(record.green, Some(one.clone()));
        assert_eq!(switch(&mut record, &two), Err(ConflictError::Lost));
        assert_eq!(propose(&mut record, &two, true), Ok(()));
        assert_eq!(switch(&mut record, &one), Err(ConflictError::Lost));
        withdraw(&mut record, &two);
        assert_eq!(record.green, None);
    }

    #[test]
    fn the_history_says_when_a_version_went_live() {
        let (one, two, three) = (version(1, "a"), version(2, "b"), version(3, "c"));
        let mut record = DeploymentRecord::default();
        let mut records = Vec::new();
        for mine in [&one, &two, &three] {
            propose(&mut record, mine, false).unwrap();
            records.push(record.clone());
            switch(&mut record, mine).unwrap();
            records.push(record.clone());
        }
        let history: Vec<(u64, &DeploymentRecord)> = (10..).zip(&records).collect();
        assert_eq!(went_live(&history, &one), Some((11, 0)));
        assert_eq!(went_live(&history, &two), Some((13, 1)));
        assert_eq!(went_live(&history, &three), Some((15, 2)));
        assert_eq!(went_live(&history[..1], &one), None);
        assert_eq!(went_live(&history, &version(4, "d")), None);
    }

    #[test]
    fn every_living_server_is_waited_for() {
        let alive = ["a".to_owned(), "b".to_owned()];
        let reports =
            [report("a", &[1, 2], 1, 7), report("b", &[1], 1, 7), report("dead", &[], 0, 1)];
        assert_eq!(
            loading(&alive, &reports, 2, 7),
            Ok(LoadProgress::Waiting(vec!["b".to_owned()]))
        );
        let reports = [report("a", &[1, 2], 1, 7), report("b", &[1, 2], 1, 6)];
        assert_eq!(
            loading(&alive, &reports, 2, 7),
            Ok(LoadProgress::Waiting(vec!["b".to_owned()]))
        );
        let reports = [report("a", &[1, 2], 1, 7), report("b", &[1, 2], 1, 8)];
        assert_eq!(loading(&alive, &reports, 2, 7), Ok(LoadProgress::Ready(reports.to_vec())));
        assert_eq!(loading(&[], &reports, 2, 7), Ok(LoadProgress::Waiting(Vec::new())));
        assert_eq!(switched(&alive, &reports, 2), LoadProgress::Waiting(alive.to_vec()));
    }

    #[test]
    fn one_failure_refuses_the_version() {
        let mut failed = report("a", &[1], 1, 7);
        failed.failures = vec![LoadFailure { version: 2, reason: "a tree has a cycle".to_owned() }];
        let refusal = loading(&["a".to_owned()], std::slice::from_ref(&failed), 2, 7).unwrap_err();
        assert_eq!(refusal.code(), "green_load_failed");
        // Of an earlier record: the server has not looked again.
        failed.record_revision = 6;
        assert!(loading(&["a".to_owned()], &[failed], 2, 7).is_ok());
    }
}
