//! The rules of every message, one implementation of [`Validate`] each; those of a stage's output may stand beside its
//! checked form in [`crate::stages`].

pub(crate) mod checks;
mod control;
pub(crate) mod data;
pub(crate) mod deployment;
pub(crate) mod learning;
mod monitoring;
mod registry;
pub(crate) mod request;
mod rollout;
pub(crate) mod rules;
mod selection;
pub(crate) mod training;

use crate::{ContractError, FieldPath};

/// A message with rules beyond its types.
pub trait Validate {
    /// Checks the message, which stands at `at` in a larger one.
    ///
    /// # Errors
    /// [`ContractError::Field`] for the first field that breaks its rule, by its path from the root.
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError>;

    /// Checks the message.
    ///
    /// # Errors
    /// As [`Validate::validate_at`].
    fn validate(&self) -> Result<(), ContractError> {
        self.validate_at(&FieldPath::ROOT)
    }
}
