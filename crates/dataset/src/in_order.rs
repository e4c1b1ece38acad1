//! Work on parts of a table by several threads, whose results come in the order of the parts.
//!
//! ```text
//! produce ─ part 0, 1, 2 … ─▶ workers ─▶ results, put in order ─▶ take (the calling thread)
//!    ▲                                                              │
//!    └────────────── at most so many parts are on their way ◀──────┘
//! ```
//!
//! The results are those of one thread, whatever the number of threads.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use guard::Within;

/// Most threads that work on one table.
const MAX_THREADS: usize = 8;

/// The threads that work on one table: one for each processor, at most 8.
#[must_use]
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MAX_THREADS)
}

/// Tells a producer to end: its parts are not taken any more, because an earlier one failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended;

/// Gives parts to workers and takes their results in the order of the parts.
///
/// `produce` is called once, on a thread of its own, and hands over parts until it has none or is told [`Ended`]. `work` runs on
/// `threads` threads. At most `2 * threads + 1` parts are held at any time.
///
/// # Errors
/// The first error in the order of the parts: of `work`, of `take`, or at last of `produce`.
pub fn in_order<P, T, E>(
    threads: usize,
    produce: impl FnOnce(&mut dyn FnMut(P) -> Result<(), Ended>) -> Result<(), E> + Send,
    work: impl Fn(P) -> Result<T, E> + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E>
where
    P: Send,
    T: Send,
    E: Send,
{
    let threads = threads.max(1);
    let under_way = 2 * threads + 1;
    let (permit, permits) = sync_channel::<()>(under_way);
    let (part, parts) = sync_channel::<(usize, P)>(under_way);
    let (result, results) = sync_channel::<(usize, Worked<T, E>)>(under_way);
    let parts = Mutex::new(parts);
    let within = Within::here();
    std::thread::scope(|scope| {
        let producer = scope.spawn(move || {
            let mut number = 0;
            let mut hand_over = |next| {
                permit.send(()).map_err(|_| Ended)?;
                part.send((number, next)).map_err(|_| Ended)?;
                number += 1;
                Ok(())
            };
            within.run(|| produce(&mut hand_over))
        });
        for _ in 0..threads {
            let (parts, work, result) = (&parts, &work, result.clone());
            scope.spawn(move || within.run(|| work_on(parts, work, &result)));
        }
        drop(result);
        let taken = take_in_order(results, permits, &mut take);
        // Where that failed, the producer is told at its next part, and the workers end with it.
        let produced = match producer.join() {
            Ok(produced) => produced,
            Err(panic) => resume_unwind(panic),
        };
        taken.and(produced)
    })
}

/// The same of parts that are there already, such as the blocks of a table.
///
/// # Errors
/// The first error in the order of the parts: of `work` or of `take`.
pub fn each_in_order<P, T, E>(
    threads: usize,
    mut parts: impl Iterator<Item = P> + Send,
    work: impl Fn(P) -> Result<T, E> + Sync,
    take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E>
where
    P: Send,
    T: Send,
    E: Send,
{
    let produce = move |part: &mut dyn FnMut(P) -> Result<(), Ended>| {
        // A receiver that is gone has an error of its own, which is the one that is told.
        let _ = parts.try_for_each(part);
        Ok(())
    };
    in_order(threads, produce, work, take)
}

/// The result of a part, or the panic of its worker, which goes on in the thread that takes.
type Worked<T, E> = std::thread::Result<Result<T, E>>;

/// Works on parts until there are none, or until the results are not taken any more.
fn work_on<P, T, E>(
    parts: &Mutex<Receiver<(usize, P)>>,
    work: &(impl Fn(P) -> Result<T, E> + Sync),
    result: &SyncSender<(usize, Worked<T, E>)>,
) {
    loop {
        let next = parts.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, part)) = next else { return };
        let worked = catch_unwind(AssertUnwindSafe(|| work(part)));
        if result.send((number, worked)).is_err() {
            return;
        }
    }
}

/// Takes results in the order of their parts; each that is taken makes room for another part.
fn take_in_order<T, E>(
    results: Receiver<(usize, Worked<T, E>)>,
    permits: Receiver<()>,
    take: &mut impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let mut waiting: BTreeMap<usize, Worked<T, E>> = BTreeMap::new();
    let mut next = 0;
    for (number, result) in &results {
        waiting.insert(number, result);
        while let Some(result) = waiting.remove(&next) {
            match result {
                Ok(result) => take(result?)?,
                Err(panic) => resume_unwind(panic),
            }
            next += 1;
            // The permit of this part was given before the part was.
            let _ = permits.try_recv();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn squares(threads: usize, count: u64) -> Vec<u64> {
        let mut taken = Vec::new();
        in_order(
            threads,
            |part| {
                for number in 0..count {
                    part(number).map_err(|_| "ended")?;
                }
                Ok(())
            },
            |number| {
                // Later parts are quicker than earlier ones.
                let turns = (count - number) % 7 * 1000;
                std::hint::black_box((0..turns).fold(0_u64, u64::wrapping_add));
                Ok::<u64, &str>(number * number)
            },
            |square| {
                taken.push(square);
                Ok(())
            },
        )
        .unwrap();
        taken
    }

    #[test]
    fn results_come_in_order_whatever_the_number_of_threads() {
        let expected: Vec<u64> = (0..500).map(|number| number * number).collect();
        for threads in [1, 2, 8] {
            assert_eq!(squares(threads, 500), expected);
        }
        assert_eq!(squares(2, 0), Vec::<u64>::new());
    }

    /// What comes of 10,000 parts of which one fails, and how many results were taken before.
    fn failing(work_fails: u64, take_fails: u64, produce_fails: u64) -> (Result<(), u64>, u64) {
        let mut taken = 0;
        let ended = in_order(
            2,
            |part| {
                for number in 0..10_000 {
                    if number == produce_fails || part(number).is_err() {
                        return Err(1_000_000 + number);
                    }
                }
                Ok(())
            },
            |number| if number == work_fails { Err(number) } else { Ok(number) },
            |number| {
                if number == take_fails {
                    return Err(2_000_000 + number);
                }
                taken += 1;
                Ok(())
            },
        );
        (ended, taken)
    }

    #[test]
    fn the_first_error_ends_it_and_nothing_waits_for_ever() {
        let never = u64::MAX;
        assert_eq!(failing(700, never, never), (Err(700), 700));
        assert_eq!(failing(never, 700, never), (Err(2_000_700), 700));
        assert_eq!(failing(never, never, 700), (Err(1_000_700), 700));
        assert_eq!(failing(never, never, never), (Ok(()), 10_000));
    }
}
