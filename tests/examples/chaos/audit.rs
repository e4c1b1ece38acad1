//! What has to be true when all is over: every run ended, each effect happened once, and nothing is left lying about.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use async_nats::jetstream::stream::Stream;
use bus::Bus;
use contracts::v1::{self, ModelStage};
use contracts::{Agent, encoding, names, subjects};
use futures::TryStreamExt;
use registry::Registry;
use tokio::time::sleep;

use crate::drive::Run;
use crate::pipeline::{Kind, Outcome};
use crate::traffic::Traffic;

/// How long messages may be on their way after the last run has ended.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(90);
const POLL_INTERVAL: Duration = Duration::from_millis(300);

/// What was found, each with a word on standard error.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Runs that succeeded with the outputs of the calm ones.
    pub(crate) completed: usize,
    /// Runs that ended as failed, which says why.
    pub(crate) failed: usize,
    /// Runs that did not end, or whose effect is not there although they say so.
    pub(crate) lost: BTreeSet<String>,
    /// Runs of which something happened twice.
    pub(crate) duplicated: BTreeSet<String>,
    /// What belongs to no run that succeeded, or was left half done.
    pub(crate) orphans: Vec<String>,
    /// Runs with other outputs than the calm ones.
    pub(crate) different: BTreeSet<String>,
}

impl Findings {
    fn lost(&mut self, run: &str, why: &str) {
        eprintln!("lost: {run}: {why}");
        self.lost.insert(run.to_owned());
    }

    fn duplicated(&mut self, run: &str, what: &str) {
        eprintln!("duplicated: {run}: {what}");
        self.duplicated.insert(run.to_owned());
    }

    fn orphan(&mut self, what: String) {
        eprintln!("orphan: {what}");
        self.orphans.push(what);
    }
}

/// What is looked at.
pub(crate) struct Audit<'a> {
    pub(crate) bus: &'a Bus,
    pub(crate) registry: &'a Registry,
    pub(crate) kinds: &'a [Kind],
    /// What each kind has to come to.
    pub(crate) calm: &'a [Outcome],
    pub(crate) runs: &'a [Run],
    pub(crate) traffic: &'a Traffic,
}

impl Audit<'_> {
    /// Looks at everything. The fleet is calm.
    pub(crate) async fn findings(&self) -> Findings {
        let mut findings = Findings::default();
        self.settled(&mut findings).await;
        for run in self.runs {
            self.outputs(run, &mut findings);
            self.messages(run, &mut findings).await;
        }
        let endpoints: BTreeSet<&str> = self.kinds.iter().map(|kind| kind.endpoint).collect();
        for endpoint in &endpoints {
            let versions = self.registry.versions(endpoint).await.expect("the registry answers");
            self.versions(endpoint, &versions, &mut findings);
            self.deployment(endpoint, &versions, &mut findings).await;
        }
        self.strangers(&endpoints, &mut findings).await;
        self.dead_letters(&mut findings).await;
        findings
    }

    fn of_endpoint(&self, endpoint: &str) -> impl Iterator<Item = (&Run, &Outcome)> {
        let is_of = move |run: &&Run| self.kinds[run.kind].endpoint == endpoint;
        self.runs.iter().filter(is_of).filter_map(|run| Some((run, run.outcome.as_ref()?)))
    }

    fn outputs(&self, run: &Run, findings: &mut Findings) {
        let id = run.id.as_str();
        match &run.outcome {
            None => findings.lost(id, "it has not ended"),
            Some(outcome) if outcome.failure.is_some() => findings.failed += 1,
            Some(outcome) if outcome.digests != self.calm[run.kind].digests => {
                let calm: BTreeSet<_> = self.calm[run.kind].digests.iter().collect();
                let others: BTreeSet<&str> = outcome
                    .digests
                    .iter()
                    .filter(|found| !calm.contains(found))
                    .map(|(agent, _)| agent.as_str())
                    .collect();
                eprintln!("different: {id}: outputs of {others:?} are not those of the calm run");
                findings.different.insert(id.to_owned());
            }
            Some(_) => findings.completed += 1,
        }
    }

    /// One chain: a handoff to each stage, and one result.
    async fn messages(&self, run: &Run, findings: &mut Findings) {
        let id = run.id.as_str();
        let stream = self.stream(names::STREAM).await;
        let chains = stream.info_with_subjects(subjects::chains(&run.id)).await;
        let messages: Vec<(String, usize)> =
            chains.expect("the stream answers").try_collect().await.expect("its subjects");
        for (subject, count) in messages.iter().filter(|(_, count)| *count != 1) {
            findings.duplicated(id, &format!("{count} messages on {subject}"));
        }
        let has_succeeded = run.outcome.as_ref().is_some_and(|one| one.failure.is_none());
        let expected = Agent::ALL.len() + 1;
        if has_succeeded && messages.len() != expected {
            findings.lost(id, &format!("{} messages in its chain, not {expected}", messages.len()));
        }
    }

    /// One version for each run that succeeded, and none for any other.
    fn versions(&self, endpoint: &str, versions: &[v1::ModelVersion], findings: &mut Findings) {
        let mut by_run: BTreeMap<&str, Vec<&v1::ModelVersion>> = BTreeMap::new();
        for version in versions {
            by_run.entry(version.run_id.as_str()).or_default().push(version);
        }
        for (run, outcome) in self.of_endpoint(endpoint) {
            let mine = by_run.remove(run.id.as_str()).unwrap_or_default();
            let id = run.id.as_str();
            if mine.len() > 1 {
                findings.duplicated(id, &format!("{} versions of {endpoint}", mine.len()));
            }
            if outcome.failure.is_some() {
                for version in mine.iter().filter(|one| one.stage() != ModelStage::Archived) {
                    findings.orphan(format!(
                        "version {} of {endpoint}, of the failed run {id}, is {}",
                        version.version,
                        version.stage().as_str_name()
                    ));
                }
                continue;
            }
            let Some(version) = mine.first() else {
                findings.lost(id, "no version is registered");
                continue;
            };
            let digest = version.bundle.as_ref().map(|bundle| bundle.sha256.as_str());
            if version.version != outcome.version || digest != Some(outcome.bundle.as_str()) {
                findings.lost(
                    id,
                    &format!("version {} is not what it says it deployed", version.version),
                );
            }
            if !matches!(version.stage(), ModelStage::Production | ModelStage::Archived) {
                findings.orphan(format!(
                    "version {} of {endpoint}, of {id}, is still {}",
                    version.version,
                    version.stage().as_str_name()
                ));
            }
        }
        for (run, _) in by_run {
            findings.orphan(format!("a version of {endpoint} of the unknown run {run:?}"));
        }
    }

    /// One switch of traffic for each run that succeeded, and an endpoint on which record, registry and monitor agree.
    async fn deployment(
        &self,
        endpoint: &str,
        versions: &[v1::ModelVersion],
        findings: &mut Findings,
    ) {
        let mut switches = self.traffic.switches(endpoint);
        for (run, outcome) in self.of_endpoint(endpoint) {
            match (switches.remove(run.id.as_str()).unwrap_or(0), &outcome.failure) {
                (0, None) => findings.lost(run.id.as_str(), "its version never answered"),
                (0, Some(_)) | (1, None) => {}
                (1, Some(_)) => {
                    findings.orphan(format!("{}, which failed, was put before traffic", run.id))
                }
                (count, _) => {
                    findings.duplicated(run.id.as_str(), &format!("{count} switches of traffic"))
                }
            }
        }
        for (run, _) in switches {
            findings.orphan(format!(
                "{endpoint} answered with a version of {run:?}, which has not ended"
            ));
        }
        if self.traffic.gaps.iter().any(|gap| gap == endpoint) {
            findings
                .orphan(format!("a part of the history of {endpoint} was gone before it was seen"));
        }
        let Some(record) = self.registry.record(endpoint).await.expect("the registry answers")
        else {
            return;
        };
        if let Some(green) = &record.value.green {
            findings.orphan(format!(
                "{endpoint} still has green version {} of {}",
                green.version, green.run_id
            ));
        }
        let live = record.value.live.as_ref().map_or(0, |live| live.version);
        let production: Vec<u32> = versions
            .iter()
            .filter(|version| version.stage() == ModelStage::Production)
            .map(|version| version.version)
            .collect();
        if live != 0 && production != [live] {
            findings.orphan(format!(
                "version {live} of {endpoint} answers; in production are {production:?}"
            ));
        }
        let model = self.registry.model(endpoint).await.expect("the registry answers");
        let pointer = model.map_or(0, |model| model.production_version);
        if pointer != live {
            findings
                .orphan(format!("version {live} of {endpoint} answers; its model names {pointer}"));
        }
        let monitor = self.registry.monitors().get(endpoint).await.expect("the registry answers");
        let watched = monitor.map_or(0, |monitor| monitor.version);
        if watched != live {
            findings.orphan(format!(
                "version {live} of {endpoint} answers; version {watched} is watched"
            ));
        }
    }

    /// Endpoints and models that no run asked for.
    async fn strangers(&self, known: &BTreeSet<&str>, findings: &mut Findings) {
        let endpoints = self.registry.endpoints().await.expect("the registry answers");
        let models = self.registry.models().await.expect("the registry answers");
        let names = endpoints.into_iter().chain(models.into_iter().map(|model| model.model));
        for name in names.filter(|name| !known.contains(name.as_str())) {
            findings.orphan(format!("an endpoint or model {name} that nobody asked for"));
        }
    }

    /// A dead letter is explained by the failed run that it belongs to.
    async fn dead_letters(&self, findings: &mut Findings) {
        let failed: BTreeSet<&str> = self
            .runs
            .iter()
            .filter(|run| run.outcome.as_ref().is_some_and(|outcome| outcome.failure.is_some()))
            .map(|run| run.id.as_str())
            .collect();
        let stream = self.stream(names::DEAD_LETTERS_STREAM).await;
        let state = stream.cached_info().state.clone();
        for sequence in state.first_sequence..=state.last_sequence {
            if state.messages == 0 {
                break;
            }
            let message = stream.get_raw_message(sequence).await.expect("a dead letter is kept");
            let letter: v1::DeadLetter = encoding::from_protobuf("DeadLetter", &message.payload)
                .expect("a dead letter can be read");
            if !failed.contains(letter.run_id.as_str()) {
                let reason = letter.reason.unwrap_or_default();
                findings.orphan(format!(
                    "dead letter {} of {} ({}): {}: {}",
                    letter.id, letter.agent, letter.run_id, reason.code, reason.message
                ));
            }
        }
    }

    /// No message is on its way or unsettled, twice in a row, as one may be between its consumers.
    async fn settled(&self, findings: &mut Findings) {
        let deadline = Instant::now() + SETTLE_TIMEOUT;
        let mut calm = 0;
        loop {
            let busy = self.busy().await;
            calm = if busy.is_empty() { calm + 1 } else { 0 };
            if calm == 2 {
                return;
            }
            if Instant::now() > deadline {
                for consumer in busy {
                    findings.orphan(format!("unsettled messages of {consumer}"));
                }
                return;
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// The durable consumers with messages that are not settled.
    async fn busy(&self) -> Vec<String> {
        let mut busy = Vec::new();
        for name in [
            names::STREAM,
            names::REQUESTS_STREAM,
            names::PREDICTIONS_STREAM,
            names::ADVISORIES_STREAM,
        ] {
            let consumers = self.stream(name).await.consumers();
            let consumers: Vec<_> = consumers.try_collect().await.expect("the broker answers");
            // No lineage sink and no tracker is configured here, so that their messages have no consumer.
            let idle = [names::LINEAGE_CONSUMER, names::TRACKING_CONSUMER];
            let open = consumers.into_iter().filter(|info| {
                info.config.durable_name.is_some() && !idle.contains(&info.name.as_str())
            });
            busy.extend(
                open.filter(|info| info.num_ack_pending > 0 || info.num_pending > 0)
                    .map(|info| format!("{name}/{}", info.name)),
            );
        }
        busy
    }

    async fn stream(&self, name: &str) -> Stream {
        self.bus.jetstream().get_stream(name).await.expect("the broker answers")
    }
}
