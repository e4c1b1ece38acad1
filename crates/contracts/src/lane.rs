//! Lanes: the queues of an agent, one for each priority.

use std::fmt;
use std::str::FromStr;

use crate::v1::Priority;

/// The queue in which the handoffs of a run wait; the same one all along the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Worked on when nothing else waits, and now and then.
    Low,
    /// Worked on in the order of arrival.
    #[default]
    Normal,
    /// Worked on beside and before the others.
    High,
}

/// A text that names no priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected low, normal or high")]
pub struct ParsePriorityError;

impl Lane {
    /// All lanes, the lowest priority first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Normal, Self::High];

    /// The name of the priority, as people write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }

    /// The token of its handoffs' subjects.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Low => "handoff-low",
            Self::Normal => "handoff",
            Self::High => "handoff-high",
        }
    }

    /// The priority as it travels.
    #[must_use]
    pub const fn priority(self) -> Priority {
        match self {
            Self::Low => Priority::Low,
            Self::Normal => Priority::Normal,
            Self::High => Priority::High,
        }
    }
}

impl From<Priority> for Lane {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::Low => Self::Low,
            Priority::Unspecified | Priority::Normal => Self::Normal,
            Priority::High => Self::High,
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Lane {
    type Err = ParsePriorityError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|lane| lane.as_str() == name).ok_or(ParsePriorityError)
    }
}
