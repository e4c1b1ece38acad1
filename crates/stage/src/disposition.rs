//! What becomes of an error.

use contracts::{ContractError, failures, v1};
use process::BlockingError;

/// What becomes of a message whose handling failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Disposition {
    /// It may succeed later: it is delivered again after a while, a bounded number of times.
    Retry,
    /// It can never be handled: it is put aside with the reason and its original bytes, and the run fails.
    Reject,
    /// A decision: the run ends as failed with this reason.
    Fail(v1::Failure),
}

/// Tells what becomes of an error; implemented by one exhaustive `match` per agent.
pub trait Classify {
    /// What becomes of it.
    fn disposition(&self) -> Disposition;
}

impl Classify for bus::Error {
    fn disposition(&self) -> Disposition {
        if self.is_transient() {
            Disposition::Retry
        } else {
            Disposition::Fail(failures::failure("bus_error", failures::with_causes(self)))
        }
    }
}

impl Classify for artifacts::Error {
    fn disposition(&self) -> Disposition {
        if self.is_transient() {
            Disposition::Retry
        } else {
            Disposition::Fail(failures::failure(self.code(), failures::with_causes(self)))
        }
    }
}

impl Classify for ContractError {
    /// What the message lacks cannot come later.
    fn disposition(&self) -> Disposition {
        Disposition::Reject
    }
}

impl Classify for BlockingError {
    fn disposition(&self) -> Disposition {
        match self {
            // A panic is most often of the data and repeats itself; the bound on deliveries ends that.
            Self::Panicked { .. } | Self::Ending => Disposition::Retry,
        }
    }
}
