//! Waiting for something to become true, within a bound.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long [`eventually`] waits before it gives up.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How often it asks.
const INTERVAL: Duration = Duration::from_millis(50);

/// Asks `check` until it answers `Some`, and returns that; fails the test when 30 s have passed.
///
/// # Panics
///
/// When `check` has not answered in time.
#[track_caller]
pub fn eventually<T, F>(what: &str, mut check: impl FnMut() -> F) -> impl Future<Output = T>
where
    F: Future<Output = Option<T>>,
{
    let caller = std::panic::Location::caller();
    async move {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            if let Some(value) = check().await {
                return value;
            }
            assert!(Instant::now() < deadline, "{caller}: after {TIMEOUT:?} still not: {what}");
            sleep(INTERVAL).await;
        }
    }
}
