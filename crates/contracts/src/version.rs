//! The version of the schema, and the largest message.

use crate::ContractError;

/// Version of the schema that this build writes, `MAJOR.MINOR`.
pub const SCHEMA_VERSION: &str = "1.4";

/// Largest message that is accepted or sent, in bytes.
pub const MAX_PAYLOAD: usize = 1 << 20;

/// What the shares of an endpoint's routing add up to.
pub const ALL_SHARES: u32 = 10_000;

const MAJOR: u32 = 1;

/// Accepts every version of the same major; a later minor only adds fields, which are tolerated.
///
/// # Errors
/// [`ContractError::SchemaVersion`] for another major or for text that is no version.
pub fn check_schema_version(found: &str) -> Result<(), ContractError> {
    let refused = || ContractError::SchemaVersion { found: crate::error::excerpt(found) };
    let (major, minor) = found.split_once('.').ok_or_else(refused)?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(major) && digits(minor) && major.parse() == Ok(MAJOR) && minor.parse::<u32>().is_ok()
    {
        Ok(())
    } else {
        Err(refused())
    }
}
