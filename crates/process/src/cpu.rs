//! CPU-bound work off the async threads.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Threads for CPU-bound work, a bounded number at a time.
#[derive(Debug, Clone)]
pub struct Cpu {
    permits: Arc<Semaphore>,
}

/// CPU-bound work that gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockingError {
    /// The blocking work panicked.
    #[error("the computation panicked: {message}")]
    Panicked {
        /// What the panic said.
        message: String,
    },
    /// The process is ending.
    #[error("the process is ending")]
    Ending,
}

impl Cpu {
    /// At most `tasks` at a time.
    pub fn new(tasks: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(tasks.clamp(1, Semaphore::MAX_PERMITS))) }
    }

    /// Waits for a free place and runs `work` there. Dropping the future does not end work that has begun.
    pub async fn run<T, F>(&self, work: F) -> Result<T, BlockingError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let permit =
            Arc::clone(&self.permits).acquire_owned().await.map_err(|_| BlockingError::Ending)?;
        let span = tracing::Span::current();
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            span.in_scope(work)
        });
        task.await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => {
                BlockingError::Panicked { message: panic_message(panic.as_ref()).to_owned() }
            }
            Err(_) => BlockingError::Ending,
        })
    }
}

/// The text that a panic was given; `without a message` where it was given none.
pub fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
