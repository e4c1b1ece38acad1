//! Changes of a deployment record. Each leaves a record that keeps the contract, and says why it was made.

use std::time::SystemTime;

use contracts::v1::{
    DeployedVersion, DeploymentRecord, DeploymentStrategy, EnsembleMethod, Rollout, RolloutPhase,
    RolloutPlan, Routing, RoutingMode, Share, Verdict,
};
use contracts::{ALL_SHARES, time};

use crate::watch::{is_watched, unwatch};

/// Most judgements that a record keeps.
const MAX_KEPT_VERDICTS: usize = 50;

/// Why a change is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusedError {
    /// No version answers yet.
    #[error("no version answers at the endpoint yet: deploy one with a run first")]
    NothingLive,
    /// There is nothing to go back to.
    #[error(
        "there is no version to go back to: none answered before this one, and no rollout or split is in progress"
    )]
    NothingBefore,
    /// There is nothing to promote.
    #[error(
        "no version waits to be promoted: no rollout is in progress and no version is mirrored"
    )]
    NothingWaits,
    /// A rollout is in progress.
    #[error("run {run} is bringing version {version} to traffic: promote it or roll it back first")]
    Busy {
        /// Identifier of the run that deploys the candidate.
        run: String,
        /// Number of the candidate's version, from 1.
        version: u32,
    },
    /// Shares that are none.
    #[error("the shares add up to {found}: expected 100 per cent in all")]
    Shares {
        /// What they add up to, in per cent.
        found: String,
    },
    /// The same version twice.
    #[error("version {version} is named more than once")]
    Twice {
        /// Number of the version, from 1.
        version: u32,
    },
}

/// A version with its part of a split.
#[derive(Debug, Clone, PartialEq)]
pub struct TrafficShare {
    /// Version that takes the share.
    pub version: DeployedVersion,
    /// Requests out of 10,000.
    pub weight: u32,
}

/// Whether two entries are the same version of the same run.
#[must_use]
pub fn same_version(found: &DeployedVersion, mine: &DeployedVersion) -> bool {
    let digest = |of: &DeployedVersion| of.bundle.as_ref().map(|bundle| bundle.sha256.clone());
    found.version == mine.version
        && found.run_id == mine.run_id
        && found.model == mine.model
        && digest(found) == digest(mine)
}

/// Whether a rollout is in progress.
#[must_use]
pub fn is_active(record: &DeploymentRecord) -> bool {
    record.rollout.as_ref().is_some_and(|rollout| {
        matches!(rollout.phase(), RolloutPhase::Progressing | RolloutPhase::Paused)
    })
}

/// A window of counting that is another one than all before.
pub(crate) fn window(now: SystemTime, record: &DeploymentRecord) -> u64 {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let before = record.routing.as_ref().map_or(0, |routing| routing.window);
    millis.max(before.saturating_add(1))
}

/// Begins to bring a version to traffic beside the one that answers. It has been loaded and checked; what is a rollout's own matter follows in steps.
///
/// # Errors
/// Where no version answers, or another rollout is in progress.
pub fn begin(
    record: &mut DeploymentRecord,
    strategy: DeploymentStrategy,
    plan: RolloutPlan,
    candidate: &DeployedVersion,
    now: SystemTime,
) -> Result<(), ChangeRefusedError> {
    let Some(live) = record.live.clone() else { return Err(ChangeRefusedError::NothingLive) };
    if let Some(rollout) = record.rollout.as_ref().filter(|_| is_active(record)) {
        let other = rollout.candidate.clone().unwrap_or_default();
        if same_version(&other, candidate) {
            return Ok(());
        }
        return Err(ChangeRefusedError::Busy { run: other.run_id, version: other.version });
    }
    let window = window(now, record);
    if is_watched(record) {
        unwatch(record);
    }
    let stands = matches!(strategy, DeploymentStrategy::Weighted | DeploymentStrategy::Ensemble);
    // What stands for good keeps who took part before; a rollout is between two versions.
    let earlier = record.routing.take().filter(|_| stands).unwrap_or_default();
    if !stands {
        record.members.clear();
    }
    record.members.retain(|member| member.version != candidate.version);
    record.members.push(candidate.clone());
    let mut routing = routing(strategy, &plan, candidate, &earlier.shares, live.version);
    routing.window = window;
    record.routing = Some(routing);
    let message = beginning(strategy, candidate.version, plan.weight);
    let phase = if stands { RolloutPhase::Succeeded } else { RolloutPhase::Progressing };
    record.rollout = Some(Rollout {
        strategy: strategy.into(),
        candidate: Some(candidate.clone()),
        plan: Some(plan),
        phase: phase.into(),
        started_at: Some(time::timestamp(now)),
        step_started_at: Some(time::timestamp(now)),
        message: message.clone(),
        ..Rollout::default()
    });
    record.reason = message;
    Ok(())
}

/// How requests are divided when a rollout of the candidate begins beside the live version and, where it stands for good, those that had shares earlier.
fn routing(
    strategy: DeploymentStrategy,
    plan: &RolloutPlan,
    candidate: &DeployedVersion,
    earlier: &[Share],
    live: u32,
) -> Routing {
    let share = plan.weight.saturating_mul(ALL_SHARES / 100);
    let joined = |share, others: &[Share]| joined(candidate.version, share, others, live);
    let mut routing = Routing::default();
    match strategy {
        DeploymentStrategy::Shadow => routing.shadows = vec![candidate.version],
        DeploymentStrategy::AbTest => {
            routing.set_mode(RoutingMode::Sticky);
            routing.shares = joined(share, &[]);
            routing.salt.clone_from(&candidate.run_id);
        }
        DeploymentStrategy::Ensemble => {
            routing.set_mode(RoutingMode::Ensemble);
            let method = plan.ensemble();
            routing.set_ensemble(if method == EnsembleMethod::Unspecified {
                EnsembleMethod::Mean
            } else {
                method
            });
            routing.shares = joined(share, earlier);
            for share in &mut routing.shares {
                share.coefficient = f64::from(share.weight) / f64::from(ALL_SHARES);
            }
        }
        DeploymentStrategy::Weighted => {
            routing.set_mode(RoutingMode::Split);
            routing.shares = joined(share, earlier);
        }
        _ => {
            routing.set_mode(RoutingMode::Split);
            routing.shares = joined(0, &[]);
        }
    }
    routing
}

/// What a rollout says of itself when it begins; `weight` is in per cent.
fn beginning(strategy: DeploymentStrategy, version: u32, weight: u32) -> String {
    match strategy {
        DeploymentStrategy::Weighted => {
            format!("version {version} answers {weight} per cent for good")
        }
        DeploymentStrategy::Ensemble => {
            format!("version {version} is a member with weight {weight} per cent")
        }
        DeploymentStrategy::Shadow => format!("version {version} gets copies"),
        DeploymentStrategy::AbTest => {
            format!("version {version} answers {weight} per cent of the keys")
        }
        _ => format!("version {version} is about to get its first requests"),
    }
}

/// The shares with another version's: the others', or the live one's alone, make room by their parts. The new one comes first.
fn joined(version: u32, share: u32, others: &[Share], live: u32) -> Vec<Share> {
    let others: Vec<(u32, u32)> = if others.is_empty() {
        vec![(live, ALL_SHARES)]
    } else {
        others
            .iter()
            .filter(|other| other.version != version)
            .map(|other| (other.version, other.weight))
            .collect()
    };
    let total: u64 = others.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let rest = ALL_SHARES.saturating_sub(share);
    let mut left = rest;
    let mut shares = vec![Share { version, weight: share, coefficient: 0.0 }];
    for (place, (other, weight)) in others.iter().enumerate() {
        let part = if place + 1 == others.len() {
            left
        } else {
            let part = u64::from(rest) * u64::from(*weight) / total.max(1);
            u32::try_from(part).unwrap_or_default().min(left)
        };
        left -= part;
        shares.push(Share { version: *other, weight: part, coefficient: 0.0 });
    }
    shares
}

/// Gives a canary a share of the requests, in per cent, and begins to count anew.
pub(crate) fn set_weight(
    record: &mut DeploymentRecord,
    candidate: u32,
    percent: u32,
    now: SystemTime,
) {
    let window = window(now, record);
    let live = record.live.as_ref().map_or(0, |live| live.version);
    let share = percent.saturating_mul(ALL_SHARES / 100).min(ALL_SHARES);
    record.routing = Some(Routing {
        mode: RoutingMode::Split.into(),
        shares: joined(candidate, share, &[], live),
        window,
        ..Routing::default()
    });
}

/// Makes the rollout's version, or the one that is mirrored, the one that answers; what answered is kept to go back to.
///
/// # Errors
/// Where none waits.
pub fn promote(
    record: &mut DeploymentRecord,
    reason: &str,
) -> Result<DeployedVersion, ChangeRefusedError> {
    let candidate = record
        .rollout
        .as_ref()
        .and_then(|rollout| rollout.candidate.clone())
        .filter(|candidate| record.members.iter().any(|member| same_version(member, candidate)))
        .ok_or(ChangeRefusedError::NothingWaits)?;
    if let Some(before) = record.live.replace(candidate.clone()) {
        record.previous = Some(before);
    }
    record.members.clear();
    record.routing = None;
    finish(record, RolloutPhase::Succeeded, reason);
    Ok(candidate)
}

/// Ends the rollout and gives all requests to the version that answered before it.
pub fn abort(record: &mut DeploymentRecord, phase: RolloutPhase, reason: &str) {
    record.routing = None;
    record.members.clear();
    finish(record, phase, reason);
}

/// Says how the rollout ended.
pub fn finish(record: &mut DeploymentRecord, phase: RolloutPhase, reason: &str) {
    if let Some(rollout) = &mut record.rollout {
        rollout.set_phase(phase);
        reason.clone_into(&mut rollout.message);
    }
    reason.clone_into(&mut record.reason);
}

/// Lets a paused rollout go on with its next step.
///
/// # Errors
/// Where none is paused.
pub fn resume(
    record: &mut DeploymentRecord,
    reason: &str,
    now: SystemTime,
) -> Result<(), ChangeRefusedError> {
    match &mut record.rollout {
        Some(rollout) if rollout.phase() == RolloutPhase::Paused => {
            rollout.set_phase(RolloutPhase::Progressing);
            next_step(rollout, now);
            reason.clone_into(&mut rollout.message);
            reason.clone_into(&mut record.reason);
            Ok(())
        }
        _ => Err(ChangeRefusedError::NothingWaits),
    }
}

pub(crate) fn next_step(rollout: &mut Rollout, now: SystemTime) {
    rollout.step += 1;
    rollout.step_started_at = Some(time::timestamp(now));
    rollout.measured_at = None;
    (rollout.successes, rollout.failures, rollout.inconclusive) = (0, 0, 0);
}

pub(crate) fn note(rollout: &mut Rollout, verdict: Verdict) {
    rollout.verdicts.push(verdict);
    let extra = rollout.verdicts.len().saturating_sub(MAX_KEPT_VERDICTS);
    rollout.verdicts.drain(..extra);
}

/// Takes the last step back: a rollout in progress is ended, a split or mirror is taken away, else the version that answered before answers again and this one is kept.
///
/// # Errors
/// Where there is nothing to go back to.
pub fn rollback(record: &mut DeploymentRecord, reason: &str) -> Result<(), ChangeRefusedError> {
    if is_watched(record) {
        unwatch(record);
    } else if is_active(record) || record.routing.is_some() {
        abort(record, RolloutPhase::Aborted, reason);
        return Ok(());
    }
    let before = record.previous.take().ok_or(ChangeRefusedError::NothingBefore)?;
    record.previous = record.live.replace(before);
    finish(record, RolloutPhase::Aborted, reason);
    Ok(())
}

/// Divides the requests among versions for good.
///
/// # Errors
/// Where the shares are none, or a rollout is in progress.
pub fn split(
    record: &mut DeploymentRecord,
    portions: &[TrafficShare],
    is_sticky: bool,
    reason: &str,
    now: SystemTime,
) -> Result<(), ChangeRefusedError> {
    if let Some(rollout) = record.rollout.as_ref().filter(|_| is_active(record)) {
        let other = rollout.candidate.clone().unwrap_or_default();
        return Err(ChangeRefusedError::Busy { run: other.run_id, version: other.version });
    }
    let Some(live) = record.live.clone() else { return Err(ChangeRefusedError::NothingLive) };
    let sum: u64 = portions.iter().map(|portion| u64::from(portion.weight)).sum();
    if sum != u64::from(ALL_SHARES) {
        return Err(ChangeRefusedError::Shares {
            found: format!("{} per cent", sum as f64 / 100.0),
        });
    }
    let mut seen = std::collections::BTreeSet::new();
    for portion in portions {
        if !seen.insert(portion.version.version) {
            return Err(ChangeRefusedError::Twice { version: portion.version.version });
        }
    }
    let window = window(now, record);
    record.members = portions
        .iter()
        .map(|portion| portion.version.clone())
        .filter(|version| version.version != live.version)
        .collect();
    let mode = if is_sticky { RoutingMode::Sticky } else { RoutingMode::Split };
    let is_whole = portions.len() == 1 && record.members.is_empty();
    record.routing = (!is_whole).then(|| Routing {
        mode: mode.into(),
        shares: portions
            .iter()
            .map(|portion| Share {
                version: portion.version.version,
                weight: portion.weight,
                coefficient: 0.0,
            })
            .collect(),
        salt: record.endpoint.clone(),
        window,
        ..Routing::default()
    });
    finish(record, RolloutPhase::Succeeded, reason);
    Ok(())
}
