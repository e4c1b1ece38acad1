//! A trainer without work of its own, which helps others.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bus::{Bus, Headers};
use bytes::Bytes;
use contracts::{ContractError, ValidHandoff, encoding, failures, messages, subjects};
use futures::StreamExt as _;
use learners::{Algorithm, Folds, Local};
use process::{BlockingError, CancellationToken, Resources, StartError};
use tokio::task::JoinSet;

use super::record;
use crate::stage::fetch_all;
use crate::train::{Order, folds};
use crate::{Config, Error};

/// Why a search is not helped.
#[derive(Debug, thiserror::Error)]
enum HelpError {
    /// The offer or a task is not what the contract says.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The leader or the broker does not answer.
    #[error(transparent)]
    Bus(#[from] bus::Error),
    /// The material cannot be made ready, or a fit fails.
    #[error(transparent)]
    Work(#[from] Error),
    /// A computation gave no result.
    #[error(transparent)]
    Blocking(#[from] BlockingError),
    /// An algorithm that this trainer does not have.
    #[error("there is no algorithm `{name}`")]
    Algorithm { name: String },
}

/// How long a leader may take to answer.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a helper waits where there is nothing to take.
const IDLE_DELAY: Duration = Duration::from_millis(20);
/// How often in a row there may be nothing to take until it looks for another search.
const PAUSES: u32 = 150;

/// Helps with the searches of other trainers until `shutdown`, as long as `busy` is 0.
pub(crate) async fn help(
    config: Config,
    busy: Arc<AtomicUsize>,
    resources: &Resources,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    if !config.training.share {
        shutdown.cancelled().await;
        return Ok(());
    }
    let subscribed = resources.bus.subscribe(subjects::SEARCH_OFFERS).await;
    let mut offers = subscribed
        .map_err(|error| StartError::new("the searches of others cannot be listened for", error))?;
    loop {
        let message = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            message = offers.next() => message,
        };
        let Some(message) = message else {
            // The connection is closed: the process is about to end.
            shutdown.cancelled().await;
            return Ok(());
        };
        if busy.load(Ordering::Relaxed) > 0 {
            continue;
        }
        let helped = Help { config, busy: Arc::clone(&busy), resources, shutdown: &shutdown };
        if let Err(error) = helped.with(message.payload).await {
            tracing::warn!(
                error = failures::with_causes(&error),
                "another trainer's search is not helped"
            );
        }
    }
}

struct Help<'a> {
    config: Config,
    busy: Arc<AtomicUsize>,
    resources: &'a Resources,
    shutdown: &'a CancellationToken,
}

impl Help<'_> {
    /// Makes fits of the search that is offered, until there are none.
    async fn with(&self, offer: Bytes) -> Result<(), HelpError> {
        let offer: messages::SearchOffer = encoding::from_protobuf("SearchOffer", &offer)?;
        let handoff = ValidHandoff::try_from(offer.handoff.unwrap_or_default())?;
        if super::digest(&handoff, &self.config)? != offer.digest {
            tracing::debug!("a search of a trainer of another version or configuration");
            return Ok(());
        }
        let bus = &self.resources.bus;
        // Whether there is anything left is quicker to ask than to make ready for.
        let first = match take(bus, &offer.search).await {
            Ok(Some(first)) => first,
            // What was offered is done by others, or over.
            Ok(None) | Err(HelpError::Bus(bus::Error::NoResponders { .. })) => return Ok(()),
            Err(error) => return Err(error),
        };
        let fetched = fetch_all(&self.resources.artifacts, &handoff).await?;
        let config = self.config.training;
        let scope = handoff.divided_scope()?;
        let selection = handoff.selection().ok().cloned();
        let made = self.resources.cpu.run(move || {
            let material = fetched.material(&scope)?;
            folds(
                &material,
                &Order {
                    scope: &scope,
                    selection: selection.as_ref(),
                    config: &config,
                    executor: &Local,
                    clock: &|| Duration::ZERO,
                    cancelled: &|| false,
                },
            )
        });
        let (folds, spread) = made.await??;
        let folds = Arc::new(folds);
        let mut first = Some(first);
        let mut workers = JoinSet::new();
        for _ in 0..spread.parallel {
            let worker = Worker {
                folds: Arc::clone(&folds),
                threads: spread.threads,
                bus: bus.clone(),
                search: offer.search.clone(),
                replica: self.resources.replica.to_string(),
                busy: Arc::clone(&self.busy),
                shutdown: self.shutdown.clone(),
            };
            workers.spawn(worker.work(first.take()));
        }
        let mut made = 0;
        while let Some(ended) = workers.join_next().await {
            made += ended.unwrap_or(0);
        }
        tracing::info!(run = %handoff.run_id(), fits = made, "helped with a search");
        Ok(())
    }
}

/// Asks for a fit; nothing where there is none now.
async fn take(bus: &Bus, search: &str) -> Result<Option<messages::FitTask>, HelpError> {
    let subject = subjects::take_fit(search);
    let answer = bus.request(&subject, Headers::new(), Bytes::new(), ANSWER).await?;
    if answer.payload.is_empty() {
        return Ok(None);
    }
    Ok(Some(encoding::from_protobuf("FitTask", &answer.payload)?))
}

/// Makes one fit after the other.
struct Worker {
    folds: Arc<Folds>,
    threads: NonZeroU16,
    bus: Bus,
    search: String,
    replica: String,
    busy: Arc<AtomicUsize>,
    shutdown: CancellationToken,
}

impl Worker {
    /// Works until there is nothing to take, the leader is silent, or this process has work of its own; gives how many fits it made.
    async fn work(self, mut next: Option<messages::FitTask>) -> usize {
        let (mut made, mut pauses) = (0, 0);
        while !is_wanted_elsewhere(&self.busy, &self.shutdown) && pauses < PAUSES {
            let task = match next.take() {
                Some(task) => task,
                None => match take(&self.bus, &self.search).await {
                    Ok(Some(task)) => task,
                    Ok(None) => {
                        pauses += 1;
                        tokio::time::sleep(IDLE_DELAY).await;
                        continue;
                    }
                    // The search is over, or its leader.
                    Err(_) => break,
                },
            };
            pauses = 0;
            match self.make(task).await {
                Ok(true) => made += 1,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(
                        error = failures::with_causes(&error),
                        "a fit for another trainer failed"
                    );
                    break;
                }
            }
        }
        made
    }

    /// Makes a fit and gives it; false where it was cut short and is not given.
    async fn make(&self, task: messages::FitTask) -> Result<bool, HelpError> {
        let algorithm = Algorithm::by_name(&task.algorithm)
            .ok_or_else(|| HelpError::Algorithm { name: task.algorithm.clone() })?;
        let (folds, busy, shutdown) =
            (Arc::clone(&self.folds), Arc::clone(&self.busy), self.shutdown.clone());
        let (asked, threads) = (task.clone(), self.threads);
        let fitted = tokio::task::spawn_blocking(move || {
            let begun = Instant::now();
            let fold = usize::try_from(asked.fold).unwrap_or(usize::MAX);
            folds.fit(algorithm, &asked.parameters, fold, threads, &|| begun.elapsed(), &|| {
                is_wanted_elsewhere(&busy, &shutdown)
            })
        });
        let fit = fitted.await.map_err(|_| BlockingError::Ending)?.map_err(Error::from)?;
        if fit.cut {
            return Ok(false);
        }
        let record = record::record(task.clone(), &fit);
        for (part, bytes) in record::parts(&task, record) {
            let subject = subjects::give_fit(&self.search, &self.replica, &part);
            self.bus.request(&subject, Headers::new(), bytes, ANSWER).await?;
        }
        Ok(true)
    }
}

fn is_wanted_elsewhere(busy: &AtomicUsize, shutdown: &CancellationToken) -> bool {
    busy.load(Ordering::Relaxed) > 0 || shutdown.is_cancelled()
}
