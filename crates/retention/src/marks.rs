//! Where artifacts are named.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use artifacts::Listed;
use bus::{Bus, Scan};
use contracts::v1::{DeadLetter, Handoff};
use contracts::{encoding, names};
use registry::Registry;
use serde::Serialize;

use crate::Error;
use crate::digests::digests;

/// Why an artifact stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It was put lately.
    PutLately,
    /// A model, an endpoint or a monitor names it, now or in a state that the bucket keeps, as one that may be rolled back to.
    Record,
    /// A run that is not over names it.
    UnfinishedRun,
    /// A run of the last time names it.
    RecentRun,
    /// A run of which a registered version came names it.
    RunOfVersion,
    /// A dead letter names it.
    DeadLetter,
    /// What monitoring keeps names it: outcomes, alerts, the index of predictions.
    Monitoring,
}

impl Reason {
    /// As people say it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::PutLately => "put lately",
            Self::Record => "named by a model, an endpoint or a monitor",
            Self::UnfinishedRun => "named by a run that is not over",
            Self::RecentRun => "named by a run of the last time",
            Self::RunOfVersion => "named by a run of which a registered version came",
            Self::DeadLetter => "named by a dead letter",
            Self::Monitoring => "named by what monitoring keeps",
        }
    }
}

type Marks = BTreeMap<String, Reason>;

/// Looks for the digests of candidates in everything that may name artifacts. Records of finished work do not count: work whose
/// artifacts are gone is done again.
pub(crate) async fn find(
    bus: &Bus,
    candidates: &BTreeMap<String, Listed>,
    now: SystemTime,
    within: Duration,
) -> Result<Marks, Error> {
    let mut marks = Marks::new();
    for bucket in [names::MODELS_BUCKET, names::DEPLOYMENTS_BUCKET, names::MONITORS_BUCKET] {
        mark_bucket(bus, bucket, Reason::Record, candidates, &mut marks).await?;
    }
    mark_bucket(bus, names::WINDOWS_BUCKET, Reason::Monitoring, candidates, &mut marks).await?;
    for (stream, reason) in [
        (names::DEAD_LETTERS_STREAM, Reason::DeadLetter),
        (names::FEEDBACK_STREAM, Reason::Monitoring),
        (names::ALERTS_STREAM, Reason::Monitoring),
    ] {
        mark_stream(bus, stream, ">", reason, candidates, &mut marks).await?;
    }
    let versions = runs_of_versions(bus).await?;
    mark_runs(bus, &versions, now, within, candidates, &mut marks).await?;
    Ok(marks)
}

fn mark(payload: &[u8], reason: Reason, candidates: &BTreeMap<String, Listed>, marks: &mut Marks) {
    for digest in digests(payload).filter(|digest| candidates.contains_key(*digest)) {
        marks.entry(digest.to_owned()).or_insert(reason);
    }
}

async fn mark_bucket(
    bus: &Bus,
    bucket: &str,
    reason: Reason,
    candidates: &BTreeMap<String, Listed>,
    marks: &mut Marks,
) -> Result<(), Error> {
    let filter = format!("$KV.{bucket}.>");
    mark_stream(bus, &names::bucket_stream(bucket), &filter, reason, candidates, marks).await
}

async fn mark_stream(
    bus: &Bus,
    stream: &str,
    filter: &str,
    reason: Reason,
    candidates: &BTreeMap<String, Listed>,
    marks: &mut Marks,
) -> Result<(), Error> {
    bus.scan(stream, filter, Scan::All, |message| {
        if stream == names::DEAD_LETTERS_STREAM {
            mark(&dead_letter(&message.payload), reason, candidates, marks);
        } else {
            mark(&message.payload, reason, candidates, marks);
        }
        Ok(())
    })
    .await
}

/// Runs of which registered versions came.
async fn runs_of_versions(bus: &Bus) -> Result<BTreeSet<String>, Error> {
    let registry = Registry::new(bus).await?;
    let mut runs = BTreeSet::new();
    for model in registry.models().await? {
        let versions = registry.versions(&model.model).await?;
        runs.extend(versions.into_iter().map(|version| version.run_id));
    }
    Ok(runs)
}

/// What of a handoff or a result may name artifacts: its bytes, and what is compressed in them.
fn handoff(payload: &[u8]) -> Vec<u8> {
    let unpacked = encoding::from_protobuf::<Handoff>("Handoff", payload)
        .and_then(encoding::unpacked)
        .map(|handoff| encoding::encode(&handoff).to_vec());
    let mut bytes = payload.to_vec();
    // What is no handoff has nothing compressed in it that anyone could read.
    bytes.extend(unpacked.unwrap_or_default());
    bytes
}

/// The same of a dead letter, which has the bytes of what was put aside in it.
fn dead_letter(payload: &[u8]) -> Vec<u8> {
    let letter = encoding::from_protobuf::<DeadLetter>("DeadLetter", payload);
    let mut bytes = payload.to_vec();
    bytes.extend(letter.map(|letter| handoff(&letter.payload)).unwrap_or_default());
    bytes
}

/// What is known of a run when its messages have gone by.
#[derive(Default)]
struct Run {
    /// Candidates that it names.
    named: BTreeSet<String>,
    /// Its newest epoch, and whether that is over.
    epoch: u32,
    is_over: bool,
    is_recent: bool,
}

async fn mark_runs(
    bus: &Bus,
    of_versions: &BTreeSet<String>,
    now: SystemTime,
    within: Duration,
    candidates: &BTreeMap<String, Listed>,
    marks: &mut Marks,
) -> Result<(), Error> {
    let mut runs: BTreeMap<String, Run> = BTreeMap::new();
    bus.scan(names::STREAM, ">", Scan::All, |message| {
        let Some((run, epoch, is_end)) = place(&message.subject) else {
            // What is no link of a chain keeps what it names.
            mark(&message.payload, Reason::UnfinishedRun, candidates, marks);
            return Ok::<_, Error>(());
        };
        let run = runs.entry(run.to_owned()).or_default();
        if epoch >= run.epoch {
            (run.epoch, run.is_over) = (epoch, is_end);
        }
        let age = now.duration_since(message.stored_at).unwrap_or_default();
        run.is_recent |= age <= within;
        let bytes = handoff(&message.payload);
        let named = digests(&bytes).filter(|digest| candidates.contains_key(*digest));
        run.named.extend(named.map(str::to_owned));
        Ok(())
    })
    .await?;
    for (id, run) in runs {
        let reason = match run {
            Run { is_over: false, .. } => Reason::UnfinishedRun,
            Run { is_recent: true, .. } => Reason::RecentRun,
            _ if of_versions.contains(&id) => Reason::RunOfVersion,
            _ => continue,
        };
        for digest in run.named {
            marks.entry(digest).or_insert(reason);
        }
    }
    Ok(())
}

/// Run, epoch and whether it is the end, of the subject of a link of a chain: `tier0.v1.KIND.TO.RUN.EPOCH`.
fn place(subject: &str) -> Option<(&str, u32, bool)> {
    let mut tokens = subject.split('.').skip(2);
    let kind = tokens.next()?;
    let (_to, run, epoch) = (tokens.next()?, tokens.next()?, tokens.next()?);
    if tokens.next().is_some() {
        return None;
    }
    let is_link = kind == "result" || kind.starts_with("handoff");
    is_link.then_some((run, epoch.parse().ok()?, kind == "result"))
}

#[cfg(test)]
mod tests {
    use contracts::{Agent, RunId, subjects};

    use super::*;

    #[test]
    fn links_are_read_by_their_subjects() -> Result<(), Box<dyn std::error::Error>> {
        let run = RunId::new("churn-1")?;
        let handoff = subjects::handoff(Agent::ModelTrainer, &run, 2);
        assert_eq!(place(&handoff), Some(("churn-1", 2, false)));
        assert_eq!(place(&subjects::result(&run, 0)), Some(("churn-1", 0, true)));
        for other in ["tier0.v1.event.model-trainer.churn-1", "tier0.v1.request", "x", ""] {
            assert_eq!(place(other), None, "{other}");
        }
        Ok(())
    }
}
