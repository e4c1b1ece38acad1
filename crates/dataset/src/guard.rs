//! One guard around decoders of others: a panic of one is [`Error::Undecodable`], which is permanent, so that nothing is tried
//! again.

use crate::{Error, fault};

/// Calls a decoder of this name, such as `Parquet`.
///
/// # Errors
/// What `decode` gives, and [`Error::Undecodable`] where it panics.
pub fn guarded<T, E: From<Error>>(
    decoder: &'static str,
    decode: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let decoded = guard::guarded(|| {
        fault::pass(decoder);
        decode()
    });
    decoded.unwrap_or_else(|guard::BrokeOff| Err(Error::Undecodable { decoder }.into()))
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
    }
}
