//! A promotion that is watched on the rows that follow: the version before gets copies, and where the new one loses to it the
//! promotion is taken back.
//!
//! ```text
//!   contest won ─▶ watch ─▶ outcomes of both ─┬▶ worse, significantly: the version before answers again
//!                                             └▶ better, or no difference for long: the watch ends
//! ```
//!
//! A contest is decided on rows that were there; what the model is for comes after.

use std::time::{Duration, SystemTime};

use contracts::time;
use contracts::v1::{
    AnalysisResult, DeployedVersion, DeploymentRecord, DeploymentStrategy, Rollout, RolloutPhase,
    RolloutPlan, Routing, RoutingMode, Verdict,
};
use statistics::losses::always_valid_p;

use crate::change::{finish, note, same_version, window};
use crate::evidence::Evidence;

/// Labelled rows of each version after which the watch ends, where there is no difference by then.
const MAX_WATCHED_ROWS: u64 = 5000;

/// Begins to watch the version that has just taken the place of another; nothing where there was no other.
pub fn watch(record: &mut DeploymentRecord, plan: RolloutPlan, now: SystemTime) {
    let (Some(live), Some(before)) = (record.live.clone(), record.previous.clone()) else { return };
    let message = format!(
        "version {} is watched beside version {} on the rows that follow",
        live.version, before.version
    );
    record.routing = Some(Routing {
        shadows: vec![before.version],
        window: window(now, record),
        ..Routing::default()
    });
    record.members = vec![before];
    record.rollout = Some(Rollout {
        strategy: DeploymentStrategy::ChampionChallenger.into(),
        candidate: Some(live),
        plan: Some(plan),
        phase: RolloutPhase::Succeeded.into(),
        started_at: Some(time::timestamp(now)),
        step_started_at: Some(time::timestamp(now)),
        message,
        ..Rollout::default()
    });
}

/// Whether the version that answers is watched beside the one before.
#[must_use]
pub fn is_watched(record: &DeploymentRecord) -> bool {
    parts(record).is_some()
}

fn parts(record: &DeploymentRecord) -> Option<(&DeployedVersion, &DeployedVersion, &Rollout)> {
    let (live, before) = (record.live.as_ref()?, record.previous.as_ref()?);
    let (rollout, routing) = (record.rollout.as_ref()?, record.routing.as_ref()?);
    let is_of_both = rollout.candidate.as_ref().is_some_and(|it| same_version(it, live))
        && routing.mode() == RoutingMode::Unspecified
        && routing.shadows == [before.version];
    let is_watch = rollout.strategy() == DeploymentStrategy::ChampionChallenger
        && rollout.phase() == RolloutPhase::Succeeded;
    (is_of_both && is_watch).then_some((live, before, rollout))
}

/// Ends the watch; the version that answers goes on.
pub(crate) fn unwatch(record: &mut DeploymentRecord) {
    record.routing = None;
    record.members.clear();
}

/// The record of a watched promotion as it should be by what was counted; none where it stays as it is.
#[must_use]
pub fn judge_watch(
    record: &DeploymentRecord,
    evidence: &Evidence,
    now: SystemTime,
) -> Option<DeploymentRecord> {
    let (live, before, rollout) = parts(record)?;
    let plan = rollout.plan.clone().unwrap_or_default();
    let (mine, base) = (evidence.version(live.version), evidence.version(before.version));
    let both = mine.losses().zip(base.losses());
    let known = (rollout.p_value > 0.0).then_some(rollout.p_value);
    let p = both.and_then(|(mine, base)| always_valid_p(mine, base, known));
    if let Some(((mine, base), p)) = both.zip(p)
        && p <= plan.significance
    {
        let found = format!(
            "mean loss {:.4} against {:.4} of version {}, p = {p:.2e}",
            mine.mean, base.mean, before.version
        );
        let is_worse = mine.mean > base.mean;
        let (result, reason) = if is_worse {
            let reason = format!(
                "version {} lost to version {} on the rows that followed: {found}",
                live.version, before.version
            );
            (AnalysisResult::Failed, reason)
        } else {
            let reason =
                format!("version {} holds on the rows that followed: {found}", live.version);
            (AnalysisResult::Successful, reason)
        };
        let mut next = ended(record, evidence, result, &reason, now);
        if is_worse {
            let taken_back = next.previous.take();
            next.previous = std::mem::replace(&mut next.live, taken_back);
            finish(&mut next, RolloutPhase::Failed, &reason);
        }
        return Some(next);
    }
    let since = rollout.started_at.as_ref().and_then(time::system_time);
    let elapsed = since.and_then(|since| now.duration_since(since).ok()).unwrap_or_default();
    let longest = Duration::try_from_secs_f64(plan.max_seconds).unwrap_or(Duration::MAX);
    let rows = mine.labelled.min(base.labelled);
    if elapsed >= longest || rows >= MAX_WATCHED_ROWS {
        let reason = format!(
            "version {} stays: no significant difference to version {} on {rows} rows that followed",
            live.version, before.version
        );
        return Some(ended(record, evidence, AnalysisResult::Inconclusive, &reason, now));
    }
    // A record is not written for every third digit.
    let p = p.filter(|p| known.is_none_or(|known| *p < known * 0.9))?;
    let mut next = record.clone();
    next.rollout.as_mut()?.p_value = p;
    Some(next)
}

fn ended(
    record: &DeploymentRecord,
    evidence: &Evidence,
    result: AnalysisResult,
    reason: &str,
    now: SystemTime,
) -> DeploymentRecord {
    let mut next = record.clone();
    let number = |of: &Option<DeployedVersion>| of.as_ref().map_or(0, |version| version.version);
    let (live, before) = (number(&record.live), number(&record.previous));
    if let Some(rollout) = &mut next.rollout {
        let verdict = Verdict {
            at: Some(time::timestamp(now)),
            step: rollout.step,
            result: result.into(),
            reason: reason.to_owned(),
            evidence: evidence.measured(live, before),
            version: live,
        };
        note(rollout, verdict);
    }
    unwatch(&mut next);
    finish(&mut next, RolloutPhase::Succeeded, reason);
    next
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use contracts::Validate as _;
    use contracts::v1::{ArtifactRef, VersionTraffic};

    use super::*;
    use crate::{begin, filled, rollback};

    fn version(number: u32) -> DeployedVersion {
        let sha256 = format!("{number:064x}");
        DeployedVersion {
            model: "churn".to_owned(),
            version: number,
            bundle: Some(ArtifactRef {
                uri: format!("nats://TIER0_ARTIFACTS/{sha256}"),
                sha256,
                bytes: 10,
                media_type: "application/vnd.tier0.bundle+tar".to_owned(),
                ..ArtifactRef::default()
            }),
            run_id: format!("run-{number}"),
        }
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
    }

    fn promoted() -> DeploymentRecord {
        let mut record = DeploymentRecord {
            endpoint: "churn".to_owned(),
            live: Some(version(2)),
            previous: Some(version(1)),
            updated_at: Some(time::timestamp(at(0))),
            updated_by: "someone".to_owned(),
            ..DeploymentRecord::default()
        };
        watch(&mut record, filled(None, DeploymentStrategy::ChampionChallenger), at(0));
        record.validate().unwrap();
        assert!(is_watched(&record) && !crate::is_active(&record));
        record
    }

    /// So many labelled rows of each version with these mean losses, each loss 0 or twice that.
    fn evidence(rows: u64, mine: f64, base: f64) -> Evidence {
        let mut evidence = Evidence::default();
        for (number, mean) in [(2, mine), (1, base)] {
            let rows = rows as f64;
            let counted = VersionTraffic {
                version: number,
                requests: rows as u64,
                labelled: rows as u64,
                loss_sum: mean * rows,
                loss_square_sum: 2.0 * mean * mean * rows,
                ..VersionTraffic::default()
            };
            evidence.versions.entry(number).or_default().add(&counted);
        }
        evidence
    }

    fn number(of: &Option<DeployedVersion>) -> u32 {
        of.as_ref().map_or(0, |version| version.version)
    }

    #[test]
    fn a_promotion_that_loses_on_what_follows_is_taken_back() {
        let record = promoted();
        assert_eq!(judge_watch(&record, &Evidence::default(), at(5)), None);
        let next = judge_watch(&record, &evidence(2000, 0.30, 0.15), at(60)).unwrap();
        next.validate().unwrap();
        assert_eq!((number(&next.live), number(&next.previous)), (1, 2));
        let rollout = next.rollout.as_ref().unwrap();
        assert_eq!(rollout.phase(), RolloutPhase::Failed);
        assert!(rollout.message.contains("version 2 lost to version 1"), "{}", rollout.message);
        assert_eq!(rollout.verdicts.last().unwrap().result(), AnalysisResult::Failed);
        assert!(!is_watched(&next) && next.routing.is_none() && next.members.is_empty());
    }

    #[test]
    fn one_that_wins_or_is_as_good_stays_and_is_watched_no_more() {
        let record = promoted();
        let won = judge_watch(&record, &evidence(2000, 0.15, 0.30), at(60)).unwrap();
        assert_eq!((number(&won.live), number(&won.previous)), (2, 1));
        assert!(!is_watched(&won));
        let alike = judge_watch(&record, &evidence(MAX_WATCHED_ROWS, 0.2, 0.2), at(60)).unwrap();
        assert_eq!(number(&alike.live), 2);
        let over = judge_watch(&record, &evidence(50, 0.2, 0.2), at(15 * 86_400)).unwrap();
        over.validate().unwrap();
        assert_eq!(number(&over.live), 2);
        assert!(over.reason.contains("version 2 stays"), "{}", over.reason);
    }

    #[test]
    fn a_rollback_goes_to_the_version_before_at_once_and_a_rollout_ends_the_watch() {
        let mut record = promoted();
        rollback(&mut record, "a person").unwrap();
        record.validate().unwrap();
        assert_eq!((number(&record.live), number(&record.previous)), (1, 2));
        assert!(record.routing.is_none() && record.members.is_empty());

        for strategy in [DeploymentStrategy::Canary, DeploymentStrategy::Weighted] {
            let mut record = promoted();
            begin(&mut record, strategy, filled(None, strategy), &version(3), at(9)).unwrap();
            record.validate().unwrap();
            assert!(!is_watched(&record));
            assert_eq!(record.members, [version(3)]);
        }
    }
}
