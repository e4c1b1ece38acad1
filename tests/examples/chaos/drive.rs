//! Asking for runs, a few at a time, and following each to its end, whatever happens to the fleet meanwhile.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bus::Bus;
use contracts::{Agent, RunId, encoding, names, subjects};
use tokio::time::{sleep, timeout};

use crate::pipeline::{Kind, Outcome, RequestOptions, RequestPublisher};
use crate::traffic::Traffic;

/// Runs that are on their way at a time.
const MAX_CONCURRENT_RUNS: usize = 8;
/// How often everything is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// How long one question to the broker may take, which may be killed or paused.
const BROKER_TIMEOUT: Duration = Duration::from_secs(3);
/// After how long a request that was not taken in is published again.
const REQUEST_RETRY_DELAY: Duration = Duration::from_secs(6);
/// How long no run at all may end before those that are on their way are given up.
const TIMEOUT: Duration = Duration::from_secs(240);

/// A run to be asked for.
pub(crate) struct PlannedRun {
    /// Identifier of the run.
    pub(crate) id: RunId,
    /// What is asked for, as an index into the kinds.
    pub(crate) kind: usize,
    /// How it is asked for.
    pub(crate) manner: RequestOptions,
}

/// A run that was asked for.
pub(crate) struct Run {
    /// Identifier of the run.
    pub(crate) id: RunId,
    /// What was asked for, as an index into the kinds.
    pub(crate) kind: usize,
    /// How it was asked for.
    pub(crate) manner: RequestOptions,
    /// How often its request was published.
    pub(crate) asked: usize,
    /// What came of it; None where it did not end.
    pub(crate) outcome: Option<Outcome>,
    last_asked: Instant,
    is_taken_in: bool,
}

/// What the runs are driven with.
pub(crate) struct RunDriver<'a> {
    /// Connection to the broker.
    pub(crate) bus: &'a Bus,
    /// Publisher of the requests.
    pub(crate) asker: &'a RequestPublisher,
    /// What is asked for.
    pub(crate) kinds: &'a [Kind],
    /// The last stage.
    pub(crate) until: Agent,
}

impl RunDriver<'_> {
    /// Asks for these runs, and returns when all have ended or nothing moves any more.
    pub(crate) async fn runs(
        &self,
        wanted: impl IntoIterator<Item = PlannedRun>,
        mut traffic: Option<&mut Traffic>,
    ) -> Vec<Run> {
        let mut wanted = wanted.into_iter();
        let mut under_way: Vec<Run> = Vec::new();
        let mut ended: Vec<Run> = Vec::new();
        let mut last_end = Instant::now();
        loop {
            while under_way.len() < MAX_CONCURRENT_RUNS
                && let Some(PlannedRun { id, kind, manner }) = wanted.next()
            {
                let mut run = Run {
                    id,
                    kind,
                    manner,
                    asked: 0,
                    outcome: None,
                    last_asked: Instant::now(),
                    is_taken_in: false,
                };
                self.ask(&mut run).await;
                under_way.push(run);
            }
            if under_way.is_empty() {
                return ended;
            }
            for run in &mut under_way {
                run.outcome = self.outcome(&run.id).await;
                if run.outcome.is_none() && run.last_asked.elapsed() > REQUEST_RETRY_DELAY {
                    self.ask_again(run).await;
                }
            }
            let before = ended.len();
            ended.extend(under_way.extract_if(.., |run| run.outcome.is_some()));
            for run in ended.iter().skip(before) {
                last_end = Instant::now();
                if let Some(failure) = run.outcome.as_ref().and_then(|one| one.failure.as_ref()) {
                    eprintln!("        {} failed: {failure}", run.id);
                }
            }
            if ended.len() / 10 > before / 10 {
                eprintln!("        {} runs have ended", ended.len());
            }
            if let Some(traffic) = traffic.as_deref_mut() {
                traffic.look(self.bus).await;
            }
            if last_end.elapsed() > TIMEOUT {
                eprintln!("no run has ended for {TIMEOUT:?}: {} are given up", under_way.len());
                ended.extend(under_way);
                return ended;
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    async fn ask(&self, run: &mut Run) {
        let Some(kind) = self.kinds.get(run.kind) else { return };
        self.asker.ask(kind, run.manner, &run.id, self.until).await;
        run.asked += 1;
        run.last_asked = Instant::now();
    }

    /// Publishes a request again where it was lost with the broker, as its sender has to: only an answer, or the run itself, says that it was taken in.
    async fn ask_again(&self, run: &mut Run) {
        if !run.is_taken_in {
            let chain = subjects::chain(&run.id, 0);
            match question(self.bus.last_sequence(names::STREAM, &chain)).await {
                Some(Some(_)) => run.is_taken_in = true,
                Some(None) => self.ask(run).await,
                None => {}
            }
        }
        run.last_asked = Instant::now();
    }

    async fn outcome(&self, run: &RunId) -> Option<Outcome> {
        let (_, _, payload) = question(self.bus.last(&subjects::result(run, 0))).await??;
        let result = encoding::decode_handoff(Some(names::PROTOBUF), &payload);
        Some(Outcome::from_result(&result.expect("a result in the stream is valid")))
    }
}

/// The answer, where there is one in time: a broker that was struck answers the next time.
pub(crate) async fn question<T, E>(asked: impl Future<Output = Result<T, E>>) -> Option<T> {
    timeout(BROKER_TIMEOUT, asked).await.ok()?.ok()
}

/// How often each thing was seen.
pub(crate) fn counts<T: Ord>(things: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for thing in things {
        *counts.entry(thing).or_default() += 1;
    }
    counts
}
