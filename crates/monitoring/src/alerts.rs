//! What is wrong with an endpoint: findings of a check, and the record of each alert.

mod names;
pub mod record;
pub mod rules;

pub use names::{KINDS, alert_kind_name, alert_severity_name};
pub use record::{RAISED_BY, RecordRules};
pub use rules::Finding;
