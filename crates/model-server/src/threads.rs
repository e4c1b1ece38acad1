//! Threads that connections live on, each with an event loop of its own.
//!
//! A short request is read, answered and written by one thread, without waking another: on a machine with few cores,
//! the wake-ups between the threads of a shared loop cost more than the answer. What is long goes to other threads
//! (see [`crate::load`]), so that a connection waits for its neighbours no longer than for a short request.

use std::io;

use tokio::sync::mpsc;

/// Connections that wait to be taken by their thread.
const WAITING: usize = 1024;

type Begin = Box<dyn FnOnce() + Send>;

/// The threads. They end, with what is still open on them, when this is dropped.
#[derive(Debug)]
pub(crate) struct Threads {
    senders: Vec<mpsc::Sender<Begin>>,
    next: usize,
}

impl Threads {
    /// Starts `count` threads, at least one.
    pub(crate) fn start(count: usize) -> io::Result<Self> {
        let senders = (0..count.max(1))
            .map(|number| -> io::Result<_> {
                let (sender, mut receiver) = mpsc::channel::<Begin>(WAITING);
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                std::thread::Builder::new().name(format!("rest-{number}")).spawn(move || {
                    runtime.block_on(async move {
                        while let Some(begin) = receiver.recv().await {
                            begin();
                        }
                    });
                })?;
                Ok(sender)
            })
            .collect::<io::Result<_>>()?;
        Ok(Self { senders, next: 0 })
    }

    /// Has the next thread call `begin`, within its event loop; false where it is too far behind.
    pub(crate) fn begin(&mut self, begin: impl FnOnce() + Send + 'static) -> bool {
        self.next = (self.next + 1) % self.senders.len().max(1);
        self.senders.get(self.next).is_some_and(|sender| sender.try_send(Box::new(begin)).is_ok())
    }
}
