//! Who may use LightGBM with how many threads.
//!
//! The library writes the number of threads of the latest call into a process-wide variable and, elsewhere, sizes
//! per-thread buffers by it. A booster made for one thread and run with two would write outside of them.
//! A [`Lease`] therefore lasts as long as any handle does, and all leases at one time have the same number.

use std::cell::Cell;
use std::num::NonZeroU16;
use std::sync::{Condvar, Mutex, PoisonError};

use crate::Error;

struct Holders {
    threads: u16,
    count: usize,
}

static HOLDERS: Mutex<Holders> = Mutex::new(Holders { threads: 0, count: 0 });
static RELEASED: Condvar = Condvar::new();

thread_local! {
    /// Whether this thread holds a lease: a second one could wait for the first for ever.
    static HELD: Cell<bool> = const { Cell::new(false) };
}

/// Leave to use the library with a number of threads, until dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    /// A lease belongs to the thread that took it.
    _not_send: std::marker::PhantomData<*const ()>,
}

impl Lease {
    pub(crate) fn take(threads: NonZeroU16) -> Result<Self, Error> {
        if HELD.replace(true) {
            return Err(Error::Reentered);
        }
        let holders = HOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
        let mut holders = RELEASED
            .wait_while(holders, |holders| holders.count > 0 && holders.threads != threads.get())
            .unwrap_or_else(PoisonError::into_inner);
        holders.threads = threads.get();
        holders.count += 1;
        Ok(Self { _not_send: std::marker::PhantomData })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        HOLDERS.lock().unwrap_or_else(PoisonError::into_inner).count -= 1;
        HELD.set(false);
        RELEASED.notify_all();
    }
}
