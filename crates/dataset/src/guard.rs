//! One guard around decoders of others.
//!
//! A decoder that panics says no more than one that gives an error: the bytes are not what their format allows. The guard makes it
//! [`Error::Undecodable`], which is permanent, so that nothing is tried again. A panic of what is called back with decoded rows
//! goes on as one.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::{Error, fault};

thread_local! {
    /// Guards that this thread is within.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Whether what runs is not the decoder but what it calls back.
    static CALLED_BACK: Cell<bool> = const { Cell::new(false) };
}

/// Calls a decoder of this name, such as `Parquet`.
///
/// # Errors
/// What `decode` gives, and [`Error::Undecodable`] where it panics.
pub fn guarded<T, E: From<Error>>(
    decoder: &'static str,
    decode: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let outside = CALLED_BACK.replace(false);
    DEPTH.set(DEPTH.get() + 1);
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        fault::pass(decoder);
        decode()
    }));
    DEPTH.set(DEPTH.get().saturating_sub(1));
    let was_called_back = CALLED_BACK.replace(outside);
    match decoded {
        Ok(decoded) => decoded,
        Err(panic) if was_called_back => resume_unwind(panic),
        Err(_) => Err(Error::Undecodable { decoder }.into()),
    }
}

/// Calls back, out of a decoder: a panic of `call` is no defect of the file.
pub(crate) fn called_back<T>(call: impl FnOnce() -> T) -> T {
    let before = CALLED_BACK.replace(true);
    let done = call();
    CALLED_BACK.set(before);
    done
}

/// Whether this thread is in a decoder, whose panic becomes an error: what tells panics need not tell this one.
#[must_use]
pub fn is_decoding() -> bool {
    DEPTH.get() > 0 && !CALLED_BACK.get()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    #[test]
    fn a_panic_of_a_decoder_is_a_malformed_file() {
        let error = guarded::<(), Error>("Parquet", || panic!("index out of bounds")).unwrap_err();
        assert!(matches!(error, Error::Undecodable { decoder: "Parquet" }));
        assert_eq!((error.code(), error.is_transient()), ("source_malformed", false));
        assert!(!error.to_string().contains("index"), "{error}");
        assert_eq!(guarded::<_, Error>("CSV", || Ok(1)).unwrap(), 1);
        assert!(!is_decoding());
    }

    #[test]
    fn a_panic_of_what_is_called_back_goes_on() {
        let panic = catch_unwind(|| {
            guarded::<(), Error>("CSV", || {
                assert!(is_decoding());
                called_back(|| {
                    assert!(!is_decoding());
                    // A decoder that is called on the way back is guarded for itself.
                    let inner = guarded::<(), Error>("gzip", || panic!("inner"));
                    assert!(matches!(inner, Err(Error::Undecodable { decoder: "gzip" })));
                    panic!("of the caller")
                })
            })
        });
        assert_eq!(panic.unwrap_err().downcast_ref::<&str>(), Some(&"of the caller"));
        assert!(!is_decoding());
        let after = guarded::<(), Error>("CSV", || panic!("x")).unwrap_err();
        assert!(matches!(after, Error::Undecodable { .. }));
    }
}
