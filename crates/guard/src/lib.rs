//! The guard around decoders of others: what it catches, and whether a thread is within one.
//!
//! A decoder that panics says no more than one that gives an error: the bytes are not what their format allows. The guard makes it
//! [`BrokeOff`]. A panic of what is called back with decoded rows goes on as one.
//!
//! Invariants:
//! - The message of a decoder's panic may repeat what it decodes: the panic hook asks [`is_decoding`] and leaves it out.
//! - Threads that work for a decoder are within its guard as the thread is that started them ([`Within`]).

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

thread_local! {
    /// Guards that this thread is within.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Whether what runs is not the decoder but what it calls back.
    static CALLED_BACK: Cell<bool> = const { Cell::new(false) };
}

/// A decoder panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the decoder broke off at what its format does not allow")]
pub struct BrokeOff;

/// Calls a decoder.
///
/// # Errors
/// [`BrokeOff`] where it panics.
pub fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, BrokeOff> {
    let outside = CALLED_BACK.replace(false);
    DEPTH.set(DEPTH.get() + 1);
    let decoded = catch_unwind(AssertUnwindSafe(decode));
    DEPTH.set(DEPTH.get().saturating_sub(1));
    let was_called_back = CALLED_BACK.replace(outside);
    match decoded {
        Ok(decoded) => Ok(decoded),
        Err(panic) if was_called_back => resume_unwind(panic),
        Err(_) => Err(BrokeOff),
    }
}

/// Calls back, out of a decoder: a panic of `call` is no defect of the file.
pub fn called_back<T>(call: impl FnOnce() -> T) -> T {
    let before = CALLED_BACK.replace(true);
    let done = call();
    CALLED_BACK.set(before);
    done
}

/// Whether this thread is in a decoder, whose panic becomes an error.
#[must_use]
pub fn is_decoding() -> bool {
    DEPTH.get() > 0 && !CALLED_BACK.get()
}

/// Whether a thread is in a decoder, to be taken to threads that work for it.
#[derive(Debug, Clone, Copy)]
pub struct Within(bool);

impl Within {
    /// As this thread is.
    #[must_use]
    pub fn here() -> Self {
        Self(is_decoding())
    }

    /// Does something as the thread did that this was taken from. A panic goes on, to be caught where the guard is.
    pub fn run<T>(self, work: impl FnOnce() -> T) -> T {
        if !self.0 {
            return work();
        }
        let before = (DEPTH.replace(1), CALLED_BACK.replace(false));
        let done = work();
        DEPTH.set(before.0);
        CALLED_BACK.set(before.1);
        done
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    #[test]
    fn a_panic_of_a_decoder_is_an_error() {
        assert_eq!(guarded(|| -> u8 { panic!("index out of bounds") }), Err(BrokeOff));
        assert_eq!(guarded(|| 1), Ok(1));
        assert!(!is_decoding());
    }

    #[test]
    fn a_panic_of_what_is_called_back_goes_on() {
        let panic = catch_unwind(|| {
            guarded(|| {
                assert!(is_decoding());
                called_back(|| {
                    assert!(!is_decoding());
                    // A decoder that is called on the way back is guarded for itself.
                    assert_eq!(guarded(|| -> u8 { panic!("inner") }), Err(BrokeOff));
                    panic!("of the caller")
                })
            })
        });
        assert_eq!(panic.unwrap_err().downcast_ref::<&str>(), Some(&"of the caller"));
        assert!(!is_decoding());
        assert_eq!(guarded(|| -> u8 { panic!("x") }), Err(BrokeOff));
    }

    #[test]
    fn threads_that_work_for_a_decoder_are_within_its_guard() {
        let seen = guarded(|| {
            let within = Within::here();
            let decoding = std::thread::spawn(move || within.run(is_decoding)).join();
            let back = called_back(|| {
                let within = Within::here();
                std::thread::spawn(move || within.run(is_decoding)).join()
            });
            (decoding.unwrap(), back.unwrap())
        });
        assert_eq!(seen, Ok((true, false)));
        assert!(!std::thread::spawn(is_decoding).join().unwrap());
    }
}
