//! Decoders that panic on purpose, for the tests of the guard around them.
//!
//! Only the build feature `fault-injection` has them: `TIER0_DECODER_FAULT` names the decoder, such as `Parquet`. The build that is
//! shipped has no faults.

#[cfg(feature = "fault-injection")]
mod injected;
#[cfg(not(feature = "fault-injection"))]
#[path = "fault/plain.rs"]
mod injected;

pub(crate) use injected::pass;
