//! Faults that the environment names.

/// Panics where the decoder is the one that is named.
#[allow(clippy::panic, reason = "to panic is what it is for")]
pub(crate) fn pass(decoder: &'static str) {
    if std::env::var_os("TIER0_DECODER_FAULT").is_some_and(|named| named == decoder) {
        std::panic::panic_any("planted");
    }
}
