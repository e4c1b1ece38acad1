//! How much work this server takes on: bounded by requests and by bytes; what is beyond is turned away at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Serving;
use crate::error::InferError;
use crate::pace::Pace;

/// Bytes that one permit stands for.
const BYTES_PER_PERMIT: usize = 4096;
/// Longest wait of large work for a thread.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The bounds.
#[derive(Debug)]
pub struct Load {
    requests: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    threads: Arc<Semaphore>,
}

/// The right to work on one request; given back when dropped.
#[derive(Debug)]
pub struct Admission {
    _request: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

impl Load {
    /// Bounds as configured.
    pub fn new(serving: &Serving) -> Self {
        let permits = |count: usize| Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)));
        Self {
            requests: permits(serving.max_in_flight),
            bytes: permits(serving.max_bytes_in_flight.div_ceil(BYTES_PER_PERMIT)),
            threads: permits(serving.threads()),
        }
    }

    /// Admits a request whose body has at most so many bytes, or turns it away.
    pub fn admit(&self, bytes: usize) -> Result<Admission, InferError> {
        let permits = u32::try_from(bytes.div_ceil(BYTES_PER_PERMIT)).unwrap_or(u32::MAX);
        let request =
            Arc::clone(&self.requests).try_acquire_owned().map_err(|_| InferError::Overloaded)?;
        let bytes = Arc::clone(&self.bytes)
            .try_acquire_many_owned(permits)
            .map_err(|_| InferError::Overloaded)?;
        Ok(Admission { _request: request, _bytes: bytes })
    }

    /// Does the work here where it is short, else on a thread for such work.
    pub async fn work<T, W>(&self, pace: &Pace, bytes: usize, work: W) -> Result<T, InferError>
    where
        T: Send + 'static,
        W: FnOnce() -> Result<T, InferError> + Send + 'static,
    {
        let timed = move || {
            let begun = Instant::now();
            let done = work();
            (done, begun.elapsed())
        };
        let (done, elapsed) = if pace.is_short(bytes) {
            timed()
        } else {
            let thread =
                tokio::time::timeout(LONGEST_WAIT, Arc::clone(&self.threads).acquire_owned())
                    .await
                    .map_err(|_| InferError::Overloaded)?
                    .map_err(|_| InferError::Overloaded)?;
            let task = tokio::task::spawn_blocking(move || {
                let done = timed();
                drop(thread);
                done
            });
            task.await.map_err(|_| InferError::internal("the work on the request was given up"))?
        };
        if done.is_ok() {
            pace.learn(bytes, elapsed);
        }
        done
    }
}
