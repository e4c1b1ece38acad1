//! Whether the broker has room for what is to be stored, as this process has learnt by storing.
//!
//! A broker that is full refuses every publication until there is room again. The first refusal is logged in full, later ones are counted; while it
//! lasts the process says so at `/readyz`, by a metric, and to every listener on [`subjects::ALL_TROUBLE`].

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use contracts::subjects;
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::refusal::{PublishRefusal, refusal};
use crate::{Bus, Error};

/// A shortage that no publication has met for so long is over, or no process stores anything.
const SHORTAGE_EXPIRY: Duration = Duration::from_secs(60);
/// How often a shortage that lasts is told to others.
const TROUBLE_INTERVAL: Duration = Duration::from_secs(5);

/// How long work waits for room; only then it counts as failed. Nothing less than a person makes room.
pub const ROOM_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);
const RETRY_BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(15));

/// A broker without room.
#[derive(Debug, Clone, Copy)]
struct Shortage {
    since: Instant,
    met: Instant,
    told: Instant,
}

impl Shortage {
    fn lasts(&self, now: Instant) -> bool {
        now.duration_since(self.met) < SHORTAGE_EXPIRY
    }
}

/// What is known of the broker's room.
#[derive(Debug, Default)]
pub(crate) struct Room {
    shortage: Mutex<Option<Shortage>>,
    /// The write that the broker's disk has no room for, as its monitoring port says.
    disk: Mutex<Option<String>>,
}

impl Room {
    fn lasting(&self, now: Instant) -> Option<Duration> {
        let shortage = self.shortage.lock().unwrap_or_else(PoisonError::into_inner);
        let shortage = (*shortage).filter(|shortage| shortage.lasts(now))?;
        Some(now.duration_since(shortage.since))
    }

    /// Notes a refusal; gives whether it is the first of a shortage and whether it has to be told.
    fn refused(&self, now: Instant) -> (bool, bool) {
        let mut shortage = self.shortage.lock().unwrap_or_else(PoisonError::into_inner);
        match shortage.as_mut().filter(|shortage| shortage.lasts(now)) {
            None => {
                *shortage = Some(Shortage { since: now, met: now, told: now });
                (true, true)
            }
            Some(shortage) => {
                shortage.met = now;
                let tell = now.duration_since(shortage.told) >= TROUBLE_INTERVAL;
                if tell {
                    shortage.told = now;
                }
                (false, tell)
            }
        }
    }

    fn disk(&self) -> MutexGuard<'_, Option<String>> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stored(&self, now: Instant) -> Option<Duration> {
        let mut shortage = self.shortage.lock().unwrap_or_else(PoisonError::into_inner);
        shortage.take().map(|shortage| now.duration_since(shortage.since))
    }
}

impl Bus {
    /// Notes that the broker's disk has no room, as its monitoring port says.
    pub(crate) fn disk_is_full(&self, fault: String) {
        self.full("anything", fault.clone());
        *self.room().disk() = Some(fault);
    }

    /// Notes that the monitoring port says nothing of a disk without room.
    pub(crate) fn disk_has_room(&self) {
        if self.room().disk().take().is_some() {
            self.has_stored();
        }
    }

    /// The error of something that was not confirmed, where the broker's disk is known to have no room; none where it is not.
    pub(crate) fn lost_to_the_disk(&self, what: &str) -> Option<Error> {
        let fault = self.room().disk().clone()?;
        Some(self.full(what, fault))
    }

    /// For how long the broker has had no room for what this process wants stored; none while it has.
    pub fn storage_full(&self) -> Option<Duration> {
        self.room().lasting(Instant::now())
    }

    /// Repeats what the broker has no room for, until it has, at most for [`ROOM_TIMEOUT`].
    pub async fn until_room<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let (begun, mut failures) = (Instant::now(), 0);
        loop {
            match attempt().await {
                Err(Error::StorageFull { .. }) if begun.elapsed() < ROOM_TIMEOUT => {
                    failures += 1;
                    tokio::time::sleep(RETRY_BACKOFF.after(failures)).await;
                }
                ended => return ended,
            }
        }
    }

    /// Notes that the broker has stored something, for users of [`jetstream`](Self::jetstream).
    pub fn has_stored(&self) {
        // On a full disk some streams still take what fits.
        if self.room().disk().is_some() {
            return;
        }
        if let Some(lasted) = self.room().stored(Instant::now()) {
            tracing::info!(seconds = lasted.as_secs(), "the broker has room again");
        }
    }

    /// The error of something that was not stored for want of room, noted as such; none where it has another reason. For users of
    /// [`jetstream`](Self::jetstream).
    pub fn out_of_room(
        &self,
        what: &str,
        error: &(dyn std::error::Error + 'static),
    ) -> Option<Error> {
        match refusal(error) {
            Some(PublishRefusal::Full { description }) => Some(self.full(what, description)),
            Some(_) => None,
            // A store that is closed confirms nothing.
            None => self.lost_to_the_disk(what),
        }
    }

    pub(crate) fn full(&self, what: &str, description: String) -> Error {
        metrics::counter!("tier0_bus_storage_refusals_total").increment(1);
        let (first, tell) = self.room().refused(Instant::now());
        let error = Error::StorageFull { what: what.to_owned(), description };
        if first {
            tracing::error!(url = self.url(), "{error}");
        }
        if tell {
            self.announce_shortage(&error);
        }
        error
    }

    /// Tells those who listen now; nothing of it is stored.
    fn announce_shortage(&self, error: &Error) {
        let (bus, text) = (self.clone(), Bytes::from(error.to_string()));
        tokio::spawn(async move {
            let subject = subjects::trouble(bus.name());
            if let Err(error) = bus.client().publish(subject, text).await {
                tracing::debug!(%error, "the trouble could not be told");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_lasts_until_something_is_stored_or_nobody_stores() {
        let (room, begun) = (Room::default(), Instant::now());
        let after = |seconds| begun + Duration::from_secs(seconds);
        assert_eq!((room.lasting(begun), room.stored(begun)), (None, None));
        assert_eq!(room.refused(begun), (true, true));
        assert_eq!(room.refused(after(4)), (false, false));
        assert_eq!(room.refused(after(6)), (false, true));
        assert_eq!(room.lasting(after(6)), Some(Duration::from_secs(6)));
        assert_eq!(room.stored(after(7)), Some(Duration::from_secs(7)));
        assert_eq!(room.lasting(after(7)), None);

        assert_eq!(room.refused(after(10)), (true, true));
        assert_eq!(room.lasting(after(69)), Some(Duration::from_secs(59)));
        assert_eq!(room.lasting(after(70)), None);
        assert_eq!(room.refused(after(70)), (true, true), "another shortage");
    }
}
