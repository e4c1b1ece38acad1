//! Handoffs of wide tables: what the stages have put out is compressed where the message would be larger than what receivers accept.
//!
//! Names of columns stand in many outputs, and so they compress well. Only a message that is too large is packed, so that all
//! others can be read as they travel.

use std::io::Read as _;

use prost::Message as _;

use crate::{ContractError, FieldError, FieldPath, v1};

/// Most bytes that a packed part may have before compression.
const MAX_UNPACKED: usize = 64 << 20;
/// zstd's own default: the next levels are slower and hardly smaller.
const LEVEL: i32 = 3;

/// The handoff with its outputs and warnings packed.
///
/// # Errors
/// [`ContractError::TooLarge`] where they are larger than what is unpacked.
pub(crate) fn pack(message: &v1::Handoff) -> Result<v1::Handoff, ContractError> {
    let mut outer = message.clone();
    let part = v1::Handoff {
        outputs: std::mem::take(&mut outer.outputs),
        warnings: std::mem::take(&mut outer.warnings),
        ..v1::Handoff::default()
    };
    let bytes = part.encode_to_vec();
    if bytes.len() > MAX_UNPACKED {
        return Err(ContractError::TooLarge { bytes: bytes.len() });
    }
    outer.packed = zstd::bulk::compress(&bytes, LEVEL).map_err(|_| unreadable())?;
    Ok(outer)
}

/// The handoff with its outputs and warnings in their places; one that is not packed stays as it is.
///
/// # Errors
/// [`ContractError::Field`] where what is packed cannot be read, is larger than 64 MiB, or stands beside outputs.
pub(crate) fn unpack(mut message: v1::Handoff) -> Result<v1::Handoff, ContractError> {
    if message.packed.is_empty() {
        return Ok(message);
    }
    if !message.outputs.is_empty() || !message.warnings.is_empty() {
        return Err(FieldPath::ROOT.field("packed").refuse(FieldError::Inconsistent {
            expected: "nothing beside outputs or warnings: they stand in one place".to_owned(),
        }));
    }
    let packed = std::mem::take(&mut message.packed);
    let mut bytes = Vec::new();
    let read = zstd::stream::read::Decoder::new(&packed[..])
        .and_then(|decoder| decoder.take(MAX_UNPACKED as u64 + 1).read_to_end(&mut bytes));
    if read.is_err() || bytes.len() > MAX_UNPACKED {
        return Err(unreadable());
    }
    let part = v1::Handoff::decode(bytes.as_slice())
        .map_err(|source| ContractError::Protobuf { message: "Handoff", source })?;
    message.outputs = part.outputs;
    message.warnings = part.warnings;
    Ok(message)
}

fn unreadable() -> ContractError {
    FieldPath::ROOT.field("packed").refuse(FieldError::Inconsistent {
        expected: "a Handoff of at most 64 MiB, compressed with zstd".to_owned(),
    })
}
