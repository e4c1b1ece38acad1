//! The identity of a run.

use std::fmt;
use std::str::FromStr;

use crate::ContractError;
use crate::validate::checks::is_name;

/// Identity of a run: 1 to 64 letters, digits, `-` and `_`, so that it is one token of a subject; not `-` alone, which stands for no run there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

impl RunId {
    /// Checks `text` as a run id.
    ///
    /// # Errors
    /// [`ContractError::RunId`] where it is empty, too long, has another character or is `-`.
    pub fn new(text: impl Into<String>) -> Result<Self, ContractError> {
        let text = text.into();
        if is_name(&text) && text != crate::subjects::NO_RUN {
            Ok(Self(text))
        } else {
            Err(ContractError::RunId { found: crate::error::excerpt(&text) })
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for RunId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for RunId {
    type Err = ContractError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for RunId {
    type Error = ContractError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<RunId> for String {
    fn from(run: RunId) -> Self {
        run.0
    }
}
