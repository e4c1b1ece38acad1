//! The signals that ask a process to end.

use tokio::signal::unix::{SignalKind, signal};

/// Resolves at the first SIGINT or SIGTERM.
pub(crate) async fn ended() {
    let both = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    match both {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        (interrupt, terminate) => {
            let error = interrupt.err().or(terminate.err());
            tracing::error!(?error, "signals cannot be heard; only SIGKILL ends this process");
            std::future::pending::<()>().await;
        }
    }
}
