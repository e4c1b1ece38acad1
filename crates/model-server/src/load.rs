//! How much work this server takes on: bounded by requests and by bytes; what is beyond is turned away at once.
//!
//! Invariants:
//! - A body that is still coming takes room for the bytes that have come, and no place among the requests that are worked on.
//! - A body has its whole room before it is worked on.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Serving;
use crate::error::InferError;
use crate::latency::LatencyModel;

/// Bytes that one permit stands for.
const BYTES_PER_PERMIT: usize = 4096;

/// Semaphores that bound requests, bytes of bodies and threads for long work.
#[derive(Debug)]
pub(crate) struct Load {
    requests: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    threads: Arc<Semaphore>,
}

/// The right to work on one request; given back when dropped.
#[derive(Debug)]
pub struct Admission {
    _request: OwnedSemaphorePermit,
    _room: BodyRoom,
}

/// Room for the bytes of a body that is still coming; given back when dropped.
#[derive(Debug)]
pub(crate) struct BodyRoom {
    all: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

impl BodyRoom {
    /// Takes room for as many bytes in all, or turns the request away.
    pub(crate) fn cover(&mut self, bytes: usize) -> Result<(), InferError> {
        self.grow(bytes.saturating_sub(self.bytes))
    }

    /// Takes room for more bytes, or turns the request away.
    pub(crate) fn grow(&mut self, more: usize) -> Result<(), InferError> {
        self.bytes = self.bytes.saturating_add(more);
        let held = self.taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = self.bytes.div_ceil(BYTES_PER_PERMIT).saturating_sub(held);
        if missing == 0 {
            return Ok(());
        }
        let permits = u32::try_from(missing).unwrap_or(u32::MAX);
        let more = Arc::clone(&self.all)
            .try_acquire_many_owned(permits)
            .map_err(|_| InferError::Overloaded)?;
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            None => self.taken = Some(more),
        }
        Ok(())
    }
}

impl Load {
    /// Room for a body, of which nothing has come yet.
    pub(crate) fn body_room(&self) -> BodyRoom {
        BodyRoom { all: Arc::clone(&self.bytes), taken: None, bytes: 0 }
    }

    /// The bounds that the configuration sets.
    pub(crate) fn new(serving: &Serving) -> Self {
        let permits = |count: usize| Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)));
        Self {
            requests: permits(serving.max_in_flight),
            bytes: permits(serving.max_bytes_in_flight.div_ceil(BYTES_PER_PERMIT)),
            threads: permits(serving.threads()),
        }
    }

    /// Admits a request whose body is there, or turns it away.
    pub(crate) fn admit(&self, room: BodyRoom) -> Result<Admission, InferError> {
        let request =
            Arc::clone(&self.requests).try_acquire_owned().map_err(|_| InferError::Overloaded)?;
        Ok(Admission { _request: request, _room: room })
    }

    /// Does the work here where it is short, else on a thread for such work; given up at `until`.
    ///
    /// Work that has begun when its time is over ends by itself, and holds its admission until then.
    pub(crate) async fn work<T, W>(
        &self,
        latency_model: &LatencyModel,
        bytes: usize,
        until: Instant,
        work: W,
    ) -> Result<T, InferError>
    where
        T: Send + 'static,
        W: FnOnce() -> Result<T, InferError> + Send + 'static,
    {
        let timed = move || {
            let begun = Instant::now();
            let done = work();
            (done, begun.elapsed())
        };
        let (done, elapsed) = if latency_model.is_short(bytes) {
            if Instant::now() >= until {
                return Err(InferError::DeadlineExceeded);
            }
            timed()
        } else {
            self.apart(until, timed).await?
        };
        if done.is_ok() {
            latency_model.record_duration(bytes, elapsed);
        }
        done
    }

    /// Does the work on a thread for long work; given up at `until`.
    pub(crate) async fn apart<T, W>(&self, until: Instant, work: W) -> Result<T, InferError>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let over = |_| InferError::DeadlineExceeded;
        let threads = Arc::clone(&self.threads).acquire_owned();
        let thread = tokio::time::timeout_at(until.into(), threads)
            .await
            .map_err(over)?
            .map_err(|_| InferError::Draining)?;
        let task = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(thread);
            done
        });
        tokio::time::timeout_at(until.into(), task)
            .await
            .map_err(over)?
            .map_err(|_| InferError::internal("the work on the request was given up"))
    }
}
