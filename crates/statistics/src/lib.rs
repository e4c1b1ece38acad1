//! Statistics of tables: profiles, associations, quality and drift; and tests of models' losses.
//!
//! Invariants: no I/O, no clock, no randomness; the same table gives the same profile, bit for bit. A profile names
//! columns and frequent values, never rows.

pub mod drift;
pub mod losses;
pub mod profile;
pub mod quality;
pub mod reference;
pub mod report;

pub use profile::{ColumnProfile, HistogramBin, NumericProfile, Profile, profile};
pub use report::{Finding, QualityGateError, QualityReport, Subject};
