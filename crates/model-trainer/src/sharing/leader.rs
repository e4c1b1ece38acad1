//! The trainer that leads a search.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bus::{Bus, Headers, Scan};
use bytes::Bytes;
use contracts::subjects::{self, FitPart};
use contracts::{ValidHandoff, encoding, failures, messages, names};
use futures::StreamExt as _;
use learners::{Error, Executor, FitJob, FoldFit, LocalFit, Workers};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::board::{FitBoard, NextFit};
use super::record::{self, PartialResults};

/// How often a search that has open fits is told to the other trainers.
const OFFER: Duration = Duration::from_millis(300);
/// Fits that wait to be kept; more are not kept.
const QUEUE: usize = 64;

/// Leads a search: it makes fits itself, gives others to helpers, keeps what was made,
/// and recalls what an earlier delivery of the same handoff kept.
pub(crate) struct Leader {
    board: Arc<FitBoard>,
    recalled: Mutex<HashMap<(u32, u32), Bytes>>,
    keep: mpsc::Sender<(messages::FitTask, Bytes)>,
    /// Microseconds that recalled fits once took.
    credit: AtomicU64,
    counts: Arc<Counts>,
    tasks: Vec<JoinHandle<()>>,
}

/// Who made how many fits.
#[derive(Debug, Default)]
struct Counts {
    here: AtomicUsize,
    helpers: AtomicUsize,
    recalled: AtomicUsize,
}

impl Leader {
    /// Begins to lead. A broker that cannot be asked costs the help and what was kept, not the search.
    pub(crate) async fn begin(
        bus: &Bus,
        input: &ValidHandoff,
        digest: String,
        search: String,
    ) -> Self {
        let board = Arc::new(FitBoard::default());
        let counts = Arc::new(Counts::default());
        let recalled = match recall(bus, &digest).await {
            Ok(recalled) => recalled,
            Err(error) => {
                tracing::warn!(
                    error = failures::with_causes(&error),
                    "what was kept of the search cannot be read; it begins anew"
                );
                HashMap::new()
            }
        };
        let (keep, kept) = mpsc::channel(QUEUE);
        let mut tasks = vec![tokio::spawn(keep_fits(bus.clone(), digest.clone(), kept))];
        let offer = messages::SearchOffer {
            search: search.clone(),
            digest,
            // One that is too large even so is not shared, which the encoding below finds.
            handoff: encoding::packed_where_large(input.as_message()).ok().map(Cow::into_owned),
        };
        let subscriptions = (
            bus.subscribe(&subjects::take_fit(&search)).await,
            bus.subscribe(&subjects::given_fits(&search)).await,
        );
        match (subscriptions, encoding::encode_bounded(&offer)) {
            ((Ok(takers), Ok(givers)), Ok(offer)) => {
                tasks.push(tokio::spawn(publish_offer(bus.clone(), offer, Arc::clone(&board))));
                tasks.push(tokio::spawn(give_out(bus.clone(), takers, Arc::clone(&board))));
                let receive = receive(
                    bus.clone(),
                    givers,
                    Arc::clone(&board),
                    keep.clone(),
                    Arc::clone(&counts),
                );
                tasks.push(tokio::spawn(receive));
            }
            ((Err(error), _) | (_, Err(error)), _) => {
                tracing::warn!(error = failures::with_causes(&error), "the search is not shared");
            }
            (_, Err(error)) => {
                tracing::warn!(error = failures::with_causes(&error), "the search is not shared");
            }
        }
        Self {
            board,
            recalled: Mutex::new(recalled),
            keep,
            credit: AtomicU64::new(0),
            counts,
            tasks,
        }
    }

    /// The time that recalled fits once took, spread over this process's processors.
    pub(crate) fn credit(&self) -> Duration {
        Duration::from_micros(self.credit.load(Ordering::Relaxed))
    }

    /// What is worth a note in the run's history; nothing where this process made every fit.
    pub(crate) fn note(&self) -> Option<String> {
        let count = |of: &AtomicUsize| of.load(Ordering::Relaxed);
        let counts = &self.counts;
        let (here, helpers, recalled) =
            (count(&counts.here), count(&counts.helpers), count(&counts.recalled));
        (helpers + recalled > 0).then(|| {
            format!(
                "of {} fits, {here} were made by this trainer, {helpers} by others, {recalled} before it began",
                here + helpers + recalled
            )
        })
    }

    fn recalled(&self, task: &messages::FitTask, parallel: usize) -> Option<FoldFit> {
        let bytes = {
            let mut recalled = self.recalled.lock().unwrap_or_else(PoisonError::into_inner);
            recalled.remove(&(task.trial, task.fold))?
        };
        match record::fit(task, &bytes) {
            Ok(fit) => {
                let seconds = (fit.seconds + fit.predict_seconds) / parallel as f64;
                self.credit.fetch_add((seconds * 1e6) as u64, Ordering::Relaxed);
                Some(fit)
            }
            Err(error) => {
                tracing::warn!(
                    error = failures::with_causes(&error),
                    "a fit that was kept is not used"
                );
                None
            }
        }
    }

    fn work(&self, pieces: &[FitJob<'_>], here: LocalFit<'_>, over: &(dyn Fn() -> bool + Sync)) {
        loop {
            let place = match self.board.next_here(over()) {
                NextFit::Fit(place) => place,
                NextFit::Wait => {
                    self.board.wait();
                    continue;
                }
                NextFit::Over => return,
            };
            let Some(piece) = pieces.get(place) else { return };
            let task = record::task(piece);
            let result = here(piece);
            if let Ok(fit) = &result
                && !fit.cut
            {
                self.counts.here.fetch_add(1, Ordering::Relaxed);
                // A broker that is slow costs what is kept, never time.
                let _ = self.keep.try_send((task.clone(), record::record(task.clone(), fit)));
            }
            self.board.done(&task, result);
        }
    }
}

impl Executor for Leader {
    fn run(
        &self,
        workers: Workers,
        pieces: &[FitJob<'_>],
        here: LocalFit<'_>,
        over: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Result<FoldFit, Error>> {
        let parallel = workers.parallel.clamp(1, pieces.len().max(1));
        let tasks: Vec<messages::FitTask> = pieces.iter().map(record::task).collect();
        // What is recalled is not open to helpers.
        let recalled: Vec<Option<FoldFit>> =
            tasks.iter().map(|task| self.recalled(task, parallel)).collect();
        self.counts.recalled.fetch_add(recalled.iter().flatten().count(), Ordering::Relaxed);
        self.board.open(tasks.into_iter().zip(recalled));
        std::thread::scope(|scope| {
            for _ in 1..parallel {
                scope.spawn(|| self.work(pieces, here, over));
            }
            self.work(pieces, here, over);
        });
        self.board.close()
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// What was kept of a search, by trial and fold.
async fn recall(bus: &Bus, digest: &str) -> Result<HashMap<(u32, u32), Bytes>, bus::Error> {
    let mut unfinished = PartialResults::default();
    let mut fits = HashMap::new();
    let filter = subjects::kept_fits(digest);
    bus.scan(names::SEARCHES_STREAM, &filter, Scan::Last, |stored| -> Result<(), bus::Error> {
        if let Some(part) = FitPart::of_subject(&stored.subject)
            && let Some((trial, fold, bytes)) = unfinished.add("", part, stored.payload)
        {
            fits.insert((trial, fold), bytes);
        }
        Ok(())
    })
    .await?;
    Ok(fits)
}

/// Keeps fits as they come.
async fn keep_fits(bus: Bus, digest: String, mut fits: mpsc::Receiver<(messages::FitTask, Bytes)>) {
    while let Some((task, record)) = fits.recv().await {
        for (part, bytes) in record::parts(&task, record) {
            let subject = subjects::kept_fit(&digest, &part);
            if let Err(error) = bus.publish_core(&subject, Headers::new(), bytes).await {
                tracing::debug!(error = failures::with_causes(&error), "a fit is not kept");
            }
        }
    }
}

/// Tells of the search as long as it has open fits.
async fn publish_offer(bus: Bus, offer: Bytes, board: Arc<FitBoard>) {
    let mut ticks = tokio::time::interval(OFFER);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if board.has_open() {
            let told =
                bus.publish_core(subjects::SEARCH_OFFERS, Headers::new(), offer.clone()).await;
            if let Err(error) = told {
                tracing::debug!(error = failures::with_causes(&error), "the search is not told of");
            }
        }
    }
}

/// Answers helpers that ask for a fit: with a task, or with nothing where there is none now.
async fn give_out(bus: Bus, mut takers: bus::Subscriber, board: Arc<FitBoard>) {
    while let Some(message) = takers.next().await {
        let Some(reply) = message.reply else { continue };
        let task = board.take().map_or_else(Bytes::new, |task| encoding::encode(&task));
        let _ = bus.publish_core(&reply, Headers::new(), task).await;
    }
}

/// Takes what helpers give, part by part.
async fn receive(
    bus: Bus,
    mut givers: bus::Subscriber,
    board: Arc<FitBoard>,
    keep: mpsc::Sender<(messages::FitTask, Bytes)>,
    counts: Arc<Counts>,
) {
    let mut unfinished = PartialResults::default();
    while let Some(message) = givers.next().await {
        if let Some(reply) = message.reply {
            let _ = bus.publish_core(&reply, Headers::new(), Bytes::new()).await;
        }
        let subject = message.subject.as_str();
        let Some(part) = FitPart::of_subject(subject) else { continue };
        // What stands before the part's numbers names the giver.
        let giver = subject.rsplitn(5, '.').last().unwrap_or_default();
        let Some((trial, fold, bytes)) = unfinished.add(giver, part, message.payload) else {
            continue;
        };
        let Some(task) = board.taken(trial, fold) else { continue };
        // Trees take a while to be read.
        let read = {
            let (task, bytes) = (task.clone(), bytes.clone());
            tokio::task::spawn_blocking(move || record::fit(&task, &bytes)).await
        };
        match read {
            Ok(Ok(fit)) => {
                if board.done(&task, Ok(fit)) {
                    counts.helpers.fetch_add(1, Ordering::Relaxed);
                    let _ = keep.try_send((task, bytes));
                }
            }
            Ok(Err(error)) => {
                board.reopen(&task);
                tracing::warn!(
                    error = failures::with_causes(&error),
                    giver,
                    "a helper's fit is not used"
                );
            }
            Err(error) => {
                board.reopen(&task);
                tracing::warn!(%error, "a helper's fit could not be read");
            }
        }
    }
}
