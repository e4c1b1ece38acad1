//! Rollouts from their beginning to their end, without a clock and without servers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use contracts::v1::{ArtifactRef, DeployedVersion, RoutingMode, VersionTraffic};
use contracts::{ALL_SHARES, Validate as _};

use super::*;
use crate::{TrafficShare, begin, filled, is_active, resume, rollback, split};

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

fn record(strategy: DeploymentStrategy, plan: Option<&RolloutPlan>) -> DeploymentRecord {
    let mut record = DeploymentRecord {
        endpoint: "churn".to_owned(),
        live: Some(version(1)),
        updated_at: Some(time::timestamp(at(0))),
        updated_by: "someone".to_owned(),
        ..DeploymentRecord::default()
    };
    begin(&mut record, strategy, filled(plan, strategy), &version(2), at(0)).unwrap();
    record.validate().unwrap();
    record
}

fn shares(record: &DeploymentRecord) -> Vec<(u32, u32)> {
    let routing = record.routing.clone().unwrap_or_default();
    routing.shares.iter().map(|share| (share.version, share.weight)).collect()
}

fn phase(record: &DeploymentRecord) -> RolloutPhase {
    record.rollout.as_ref().unwrap().phase()
}

/// Traffic in which the candidate fails so many of its requests.
fn traffic(requests: u64, errors: u64) -> Evidence {
    let mut evidence = Evidence::default();
    for (number, errors) in [(1, 0), (2, errors)] {
        let counted = VersionTraffic {
            version: number,
            requests,
            errors,
            latency_counts: vec![requests - errors],
            prediction_counts: [(3, requests / 2), (12, requests / 2)].into(),
            ..VersionTraffic::default()
        };
        evidence.versions.entry(number).or_default().add(&counted);
    }
    evidence
}

fn next(record: &DeploymentRecord, evidence: &Evidence, seconds: u64) -> Option<DeploymentRecord> {
    match advance(record, evidence, None, at(seconds)) {
        Some(NextStep::Change(next)) => {
            next.validate().unwrap();
            Some(*next)
        }
        Some(NextStep::Replay) => panic!("nothing is to be replayed yet"),
        None => None,
    }
}

#[test]
fn a_good_canary_goes_up_to_everything() {
    let mut record = record(DeploymentStrategy::Canary, None);
    assert_eq!(shares(&record), [(2, 0), (1, ALL_SHARES)]);
    let mut seen = Vec::new();
    let mut window = 0;
    for _ in 0..4 {
        record = next(&record, &Evidence::default(), 1).unwrap();
        let routing = record.routing.as_ref().unwrap();
        assert!(routing.window > window, "it counts anew");
        window = routing.window;
        seen.push(shares(&record)[0].1 / 100);
        assert_eq!(next(&record, &traffic(99, 0), 2), None, "it waits for its requests");
        record = next(&record, &traffic(100, 0), 3).unwrap();
    }
    assert_eq!(seen, [5, 25, 50, 100]);
    record = next(&record, &Evidence::default(), 4).unwrap();
    assert_eq!(phase(&record), RolloutPhase::Succeeded);
    assert_eq!(
        (record.live.as_ref(), record.previous.as_ref()),
        (Some(&version(2)), Some(&version(1)))
    );
    assert!(record.routing.is_none() && record.members.is_empty());
    assert_eq!(record.rollout.as_ref().unwrap().verdicts.len(), 4);
    assert_eq!(next(&record, &traffic(100, 100), 5), None, "it is over");
}

#[test]
fn a_bad_canary_goes_back_at_once_and_at_its_gate() {
    let begun = next(&record(DeploymentStrategy::Canary, None), &Evidence::default(), 1).unwrap();
    for bad in [traffic(40, 4), traffic(100, 3)] {
        let ended = next(&begun, &bad, 2).unwrap();
        assert_eq!(phase(&ended), RolloutPhase::Failed);
        assert_eq!(ended.live, Some(version(1)));
        assert!(ended.routing.is_none() && ended.members.is_empty());
        let verdict = ended.rollout.as_ref().unwrap().verdicts.last().unwrap();
        assert_eq!(verdict.result(), AnalysisResult::Failed);
        assert!(
            verdict.evidence.contains_key("error_rate") && verdict.reason.contains("error_rate")
        );
    }
}

#[test]
fn limits_pauses_and_inconclusive_measurements_are_argos() {
    let step = |step| contracts::v1::RolloutStep { step: Some(step) };
    let plan = RolloutPlan {
        steps: vec![
            step(rollout_step::Step::SetWeight(10)),
            step(rollout_step::Step::Pause(contracts::v1::Pause { seconds: 30.0 })),
            step(rollout_step::Step::Analysis(Analysis {
                success_condition: "error_rate <= 0.01".to_owned(),
                failure_condition: "error_rate > 0.02".to_owned(),
                failure_limit: 1,
                inconclusive_limit: 1,
                interval_seconds: 10.0,
                count: 2,
            })),
            step(rollout_step::Step::Pause(contracts::v1::Pause { seconds: 0.0 })),
        ],
        ..RolloutPlan::default()
    };
    let mut record = record(DeploymentStrategy::Canary, Some(&plan));
    record = next(&record, &Evidence::default(), 0).unwrap();
    assert_eq!(next(&record, &traffic(500, 0), 29), None, "the pause");
    record = next(&record, &traffic(500, 0), 30).unwrap();
    // One failure and one inconclusive measurement are tolerated.
    record = next(&record, &traffic(1000, 30), 31).unwrap();
    assert_eq!(next(&record, &traffic(1000, 0), 32), None, "the interval");
    record = next(&record, &traffic(1000, 15), 41).unwrap();
    record = next(&record, &traffic(1000, 5), 51).unwrap();
    assert_eq!(phase(&record), RolloutPhase::Progressing);
    let failed = next(&record, &traffic(1000, 30), 61).unwrap();
    assert_eq!(phase(&failed), RolloutPhase::Failed);
    let paused = next(&record, &traffic(1000, 15), 61).unwrap();
    assert_eq!(phase(&paused), RolloutPhase::Paused);
    assert_eq!(shares(&paused)[0], (2, 1_000), "it keeps its share");
    assert_eq!(next(&paused, &traffic(1000, 0), 70), None, "only a person goes on");
    record = next(&record, &traffic(1000, 5), 61).unwrap();
    record = next(&record, &traffic(1000, 5), 71).unwrap();
    assert_eq!(phase(&record), RolloutPhase::Paused, "a pause without a time");
    resume(&mut record, "looks good", at(80)).unwrap();
    record = next(&record, &traffic(1000, 5), 81).unwrap();
    assert_eq!((phase(&record), record.live), (RolloutPhase::Succeeded, Some(version(2))));
}

#[test]
fn silence_is_no_promotion() {
    let mut record = record(DeploymentStrategy::Canary, None);
    record = next(&record, &Evidence::default(), 0).unwrap();
    assert_eq!(next(&record, &traffic(7, 0), 449), None);
    assert_eq!(advance(&record, &traffic(7, 0), None, at(450)), Some(NextStep::Replay));
    let little = traffic(50, 0);
    assert_eq!(advance(&record, &traffic(7, 0), Some(&little), at(450)), None);
    let replayed = Evidence { replayed: 200, ..traffic(200, 0) };
    let Some(NextStep::Change(gone_on)) =
        advance(&record, &traffic(7, 0), Some(&replayed), at(450))
    else {
        panic!("a replay is evidence");
    };
    assert_eq!(gone_on.rollout.as_ref().unwrap().verdicts[0].evidence["replayed"], 200.0);
    let Some(NextStep::Change(ended)) = advance(&record, &traffic(7, 0), Some(&little), at(3600))
    else {
        panic!("its time is over");
    };
    assert_eq!((phase(&ended), ended.live.clone()), (RolloutPhase::Failed, Some(version(1))));
}

#[test]
fn a_shadow_is_judged_and_stays_one() {
    let mut record = record(DeploymentStrategy::Shadow, None);
    assert_eq!(record.routing.as_ref().unwrap().shadows, [2]);
    assert_eq!(record.routing.as_ref().unwrap().mode(), RoutingMode::Unspecified);
    let failed = next(&record, &traffic(100, 40), 1).unwrap();
    assert_eq!((phase(&failed), failed.live.clone()), (RolloutPhase::Failed, Some(version(1))));
    record = next(&record, &traffic(100, 0), 1).unwrap();
    assert_eq!((phase(&record), record.live.clone()), (RolloutPhase::Succeeded, Some(version(1))));
    assert_eq!(record.routing.as_ref().unwrap().shadows, [2]);
    promote(&mut record, "by hand").unwrap();
    record.validate().unwrap();
    assert_eq!(record.live, Some(version(2)));
}

#[test]
fn an_ab_test_declares_only_what_is_significant() {
    let plan = RolloutPlan { weight: 30, ..RolloutPlan::default() };
    let record = record(DeploymentStrategy::AbTest, Some(&plan));
    assert_eq!(shares(&record), [(2, 3_000), (1, 7_000)]);
    let labelled = |mine: f64, base: f64, rows: u64| {
        let mut evidence = traffic(rows, 0);
        for (number, mean) in [(1, base), (2, mine)] {
            let counted = VersionTraffic {
                version: number,
                labelled: rows,
                loss_sum: mean * rows as f64,
                loss_square_sum: (mean * mean + 0.04) * rows as f64,
                ..VersionTraffic::default()
            };
            evidence.versions.entry(number).or_default().add(&counted);
        }
        evidence
    };
    assert_eq!(next(&record, &labelled(0.1, 0.3, 20), 1), None, "too few");
    let open = next(&record, &labelled(0.200, 0.201, 500), 1).unwrap();
    assert!(is_active(&open) && open.live == Some(version(1)));
    let won = next(&record, &labelled(0.15, 0.25, 500), 1).unwrap();
    assert_eq!((phase(&won), won.live.clone()), (RolloutPhase::Succeeded, Some(version(2))));
    let lost = next(&record, &labelled(0.25, 0.15, 500), 1).unwrap();
    assert_eq!((phase(&lost), lost.live.clone()), (RolloutPhase::Failed, Some(version(1))));
}

#[test]
fn one_step_back_is_taken_at_a_time() {
    let mut record = record(DeploymentStrategy::Canary, None);
    record = next(&record, &Evidence::default(), 1).unwrap();
    rollback(&mut record, "by hand").unwrap();
    assert_eq!((phase(&record), record.live.clone()), (RolloutPhase::Aborted, Some(version(1))));
    assert!(rollback(&mut record.clone(), "again").is_err());
    record.previous = Some(version(7));
    rollback(&mut record, "an alert").unwrap();
    assert_eq!(
        (record.live.clone(), record.previous.clone()),
        (Some(version(7)), Some(version(1)))
    );
    assert_eq!(record.reason, "an alert");
    record.validate().unwrap();
}

#[test]
fn a_split_stands_and_others_join_it() {
    let mut record = record(DeploymentStrategy::Canary, None);
    let portions: Vec<TrafficShare> = [(1, 5_000), (2, 3_000), (3, 2_000)]
        .map(|(number, weight)| TrafficShare { version: version(number), weight })
        .into();
    assert!(split(&mut record, &portions, false, "balance", at(1)).is_err(), "a canary is on");
    rollback(&mut record, "by hand").unwrap();
    split(&mut record, &portions, false, "balance", at(1)).unwrap();
    record.validate().unwrap();
    assert_eq!(shares(&record), [(1, 5_000), (2, 3_000), (3, 2_000)]);
    assert!(split(&mut record.clone(), &portions[..2], false, "x", at(2)).is_err());
    let plan = filled(
        Some(&RolloutPlan { weight: 10, ..RolloutPlan::default() }),
        DeploymentStrategy::Weighted,
    );
    begin(&mut record, DeploymentStrategy::Weighted, plan, &version(4), at(3)).unwrap();
    record.validate().unwrap();
    assert_eq!(shares(&record), [(4, 1_000), (1, 4_500), (2, 2_700), (3, 1_800)]);
    rollback(&mut record, "enough").unwrap();
    assert_eq!((record.live.clone(), record.routing.clone()), (Some(version(1)), None));
}
