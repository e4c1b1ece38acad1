//! Where the time of runs goes, and what fails.

mod search;

use std::collections::BTreeMap;

use api::runs::{ListRuns, ShowTimeline, TimelineDocument};
use runs::ledger::{RunStatus, RunView};
use runs::timeline::{Times, TransitionKind};

use super::{Check, CheckStatus};
use crate::Error;
use crate::access::Access;

const AREA: &str = "pipeline";
/// Runs that are looked at, the latest.
const RUNS: usize = 50;
/// Of these, how many that succeeded are looked at stage by stage.
const TIMELINES: usize = 10;
/// Share of failed runs from which on something is wrong with more than a request.
const MANY_FAILED: f64 = 0.2;
/// Share of the time from which on it is worth to do something about it.
const MUCH: f64 = 0.25;
/// Seconds of a run, or of a stage's waiting, below which there is no advice.
const QUICK: f64 = 2.0;

pub(super) async fn checks(access: &Access<'_>) -> Result<Vec<Check>, Error> {
    let query = ListRuns { limit: Some(RUNS), ..ListRuns::default() };
    let runs = access.ask(&query).await?.runs;
    let mut checks = vec![failures(&runs)];
    let succeeded = runs.iter().filter(|run| run.status == RunStatus::Succeeded);
    let ids: Vec<String> = succeeded.filter_map(|run| run.run_id.clone()).take(TIMELINES).collect();
    let mut timelines = Vec::new();
    for id in &ids {
        match access.ask(&ShowTimeline { run: id.clone() }).await {
            Ok(timeline) => timelines.push(timeline),
            // The API knows more runs than the stream keeps.
            Err(Error::Missing(_)) => {}
            Err(error) => return Err(error),
        }
    }
    checks.extend(times(&timelines));
    checks.extend(waits(&timelines));
    checks.extend(reuse(&timelines));
    checks.extend(search::checks(access, &ids).await?);
    Ok(checks)
}

fn failures(runs: &[RunView]) -> Check {
    let count = |status| runs.iter().filter(|run| run.status == status).count();
    let (failed, succeeded) = (count(RunStatus::Failed), count(RunStatus::Succeeded));
    let ended = failed + succeeded;
    let found = format!("{failed} failed of the last {ended} that ended");
    let check = Check::ok(AREA, "failed runs", found);
    let mut by_stage: BTreeMap<&str, usize> = BTreeMap::new();
    for run in runs.iter().filter(|run| run.status == RunStatus::Failed) {
        *by_stage.entry(run.failed_stage.as_deref().unwrap_or("an unknown stage")).or_default() +=
            1;
    }
    let worst = by_stage.into_iter().max_by_key(|(_, count)| *count);
    match worst {
        Some((stage, count)) if failed as f64 > MANY_FAILED * ended as f64 => check.but(
            CheckStatus::Advised,
            format!("{count} failed at {stage}; see `tier0 runs list --status failed`"),
        ),
        _ => check,
    }
}

/// A part of a stage's time: its name, and how it is read.
type Part = (&'static str, fn(&Times) -> f64);

/// The parts of a stage's time.
const PARTS: [Part; 4] = [
    ("waiting", |times| times.waiting),
    ("reading", |times| times.reading),
    ("computing", |times| times.computing),
    ("writing", |times| times.writing),
];

/// Seconds of each part of each stage, all runs together.
fn spent(timelines: &[TimelineDocument]) -> BTreeMap<&str, [f64; PARTS.len()]> {
    let mut of: BTreeMap<&str, [f64; PARTS.len()]> = BTreeMap::new();
    let settled = timelines.iter().flat_map(|of| &of.timeline);
    for transition in settled.filter(|of| of.kind == TransitionKind::Settled) {
        let Some(times) = &transition.times else { continue };
        let spent = of.entry(transition.agent.as_str()).or_default();
        spent.iter_mut().zip(PARTS).for_each(|(spent, (_, part))| *spent += part(times));
    }
    of
}

fn times(timelines: &[TimelineDocument]) -> Option<Check> {
    let spent = spent(timelines);
    let total: f64 = spent.values().flatten().sum();
    let parts = spent.iter().flat_map(|(agent, parts)| {
        parts.iter().zip(PARTS).map(move |(seconds, (part, _))| (*agent, part, *seconds))
    });
    let (agent, part, most) = parts.max_by(|a, b| a.2.total_cmp(&b.2))?;
    let share = most / total;
    let per_run = total / timelines.len() as f64;
    let found = format!(
        "{per_run:.1} s a run on average of {}; most of it {agent} {part}, {:.0} %",
        timelines.len(),
        share * 100.0
    );
    let check = Check::ok(AREA, "time of runs", found);
    if per_run < QUICK || share < MUCH {
        return Some(check);
    }
    Some(match part {
        "reading" => check.but(
            CheckStatus::Advised,
            "bring the tables nearer: Parquet instead of CSV, or a store in the same network",
        ),
        "writing" => check.but(
            CheckStatus::Advised,
            "the artifact store is slow: see `tier0 health`, and a quicker disk or store",
        ),
        // Work is what a run is for, the time budget of a request bounds the search, and waiting has a check for each stage.
        _ => check,
    })
}

/// A check for each stage for which runs wait long, beside the work that it does.
fn waits(timelines: &[TimelineDocument]) -> Vec<Check> {
    let runs = timelines.len().max(1) as f64;
    let long = spent(timelines).into_iter().filter_map(|(agent, parts)| {
        let [waiting, ..] = parts;
        let share = waiting / parts.iter().sum::<f64>();
        (waiting / runs >= QUICK && share >= MUCH).then(|| {
            let found = format!(
                "{:.1} s a run on average, {:.0} % of the stage's time",
                waiting / runs,
                share * 100.0
            );
            let advice = format!(
                "give it more replicas, where there are cores for them: `tier0 up --replicas {agent}=2`, `scripts/fleet compose up --scale {agent}=2`, \
                 `kubectl scale deployment/{agent} --replicas 2`"
            );
            Check::ok(AREA, format!("waiting for {agent}"), found).but(CheckStatus::Advised, advice)
        })
    });
    long.collect()
}

/// How much work of earlier runs stood for that of these; none where no stage was done.
fn reuse(timelines: &[TimelineDocument]) -> Option<Check> {
    let count = |kind| {
        let transitions = timelines.iter().flat_map(|of| &of.timeline);
        transitions.filter(|of| of.kind == kind).count()
    };
    let (reused, anew) = (count(TransitionKind::Reused), count(TransitionKind::Settled));
    let stages = reused + anew;
    (stages > 0).then(|| {
        let share = 100.0 * reused as f64 / stages as f64;
        let found = format!("{reused} of {stages} stages took over earlier work, {share:.0} %");
        Check::ok(AREA, "reused work", found)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use serde_json::json;

    use super::*;

    fn timeline(agent: &str, waiting: f64, computing: f64) -> TimelineDocument {
        serde_json::from_value(json!({"run_id": "r", "omitted": 0, "timeline": [
            {"at": "2026-11-25T12:00:10Z", "stream": "TIER0", "sequence": 9, "epoch": 0, "kind": "settled",
             "agent": agent, "times": {"waiting": waiting, "reading": 0.0, "computing": computing, "writing": 0.0}},
        ]}))
        .unwrap()
    }

    #[test]
    fn the_greatest_part_of_the_time_decides_what_is_advised() {
        let waited = times(&[timeline("model-trainer", 30.0, 10.0)]).unwrap();
        assert!(waited.found.contains("40.0 s a run") && waited.found.contains("waiting, 75 %"));
        let worked = times(&[timeline("model-trainer", 1.0, 30.0)]).unwrap();
        assert_eq!(worked.status, CheckStatus::Ok);
        let quick = times(&[timeline("model-trainer", 1.0, 0.5)]).unwrap();
        assert_eq!(quick.status, CheckStatus::Ok, "a quick run needs no advice");
        assert!(times(&[]).is_none());
    }

    #[test]
    fn each_stage_that_is_waited_for_long_is_told_with_what_gives_it_more() {
        let slow = [timeline("model-trainer", 30.0, 10.0), timeline("data-preparer", 6.0, 1.0)];
        let found = waits(&slow);
        let names: Vec<&str> = found.iter().map(|check| check.name.as_str()).collect();
        assert_eq!(names, ["waiting for data-preparer", "waiting for model-trainer"]);
        assert_eq!(found[1].status, CheckStatus::Advised);
        assert!(found[1].found.starts_with("15.0 s a run on average, 75 %"), "{}", found[1].found);
        let advice = found[1].advice.clone().unwrap();
        assert!(advice.contains("--replicas model-trainer=2") && advice.contains("kubectl"));
        // Little waiting, and waiting that is little beside the work.
        assert!(waits(&[timeline("model-trainer", 1.0, 0.1)]).is_empty());
        assert!(waits(&[timeline("model-trainer", 5.0, 60.0)]).is_empty());
        assert!(waits(&[]).is_empty());
    }

    #[test]
    fn reused_work_is_counted() {
        let anew = timeline("model-trainer", 1.0, 1.0);
        let mut reused = timeline("data-preparer", 1.0, 1.0);
        reused.timeline[0].kind = TransitionKind::Reused;
        let check = reuse(&[anew, reused]).unwrap();
        assert_eq!(check.found, "1 of 2 stages took over earlier work, 50 %");
        assert!(reuse(&[]).is_none());
    }

    #[test]
    fn many_failures_name_the_stage() {
        let run = |status: &str, stage: Option<&str>| -> RunView {
            serde_json::from_value(json!({
                "run_id": "r", "name": "", "status": status, "failed_stage": stage, "reason": null, "model": null,
                "metrics": {}, "endpoint": null, "stages": [], "warnings": [], "seconds": null, "created_at": null,
                "ended_at": null,
            }))
            .unwrap()
        };
        let well = [run("succeeded", None), run("running", None)];
        assert_eq!(failures(&well).status, CheckStatus::Ok);
        let ill = [run("succeeded", None), run("failed", Some("data-preparer"))];
        let check = failures(&ill);
        assert_eq!(check.status, CheckStatus::Advised);
        assert!(check.advice.unwrap().starts_with("1 failed at data-preparer"));
    }
}
