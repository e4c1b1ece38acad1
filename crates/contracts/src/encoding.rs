//! Bytes to messages and back: protobuf within the fleet, canonical proto JSON as well from any client.

use std::borrow::Cow;

use bytes::Bytes;
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{
    ContractError, MAX_PAYLOAD, ValidHandoff, Validate, canonical_json, handoff, names, v1,
};

/// The two encodings of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// The canonical JSON encoding of Protobuf (ProtoJSON).
    Json,
    /// Protobuf in its binary form.
    Protobuf,
}

impl Encoding {
    /// The encoding that a content type names; without one, JSON where the first character that is not blank is `{`, which begins no protobuf message of ours.
    ///
    /// # Errors
    /// [`ContractError::ContentType`] for another content type.
    pub fn detect(content_type: Option<&str>, bytes: &[u8]) -> Result<Self, ContractError> {
        let Some(content_type) = content_type.map(str::trim).filter(|text| !text.is_empty()) else {
            let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
            return Ok(if first == Some(&b'{') { Self::Json } else { Self::Protobuf });
        };
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        match media_type.to_ascii_lowercase().as_str() {
            names::JSON | "text/json" => Ok(Self::Json),
            names::PROTOBUF
            | "application/protobuf"
            | "application/vnd.google.protobuf"
            | "application/octet-stream" => Ok(Self::Protobuf),
            _ => Err(ContractError::ContentType { found: crate::error::excerpt(media_type) }),
        }
    }

    /// Media type of the encoding: `application/json` or `application/x-protobuf`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => names::JSON,
            Self::Protobuf => names::PROTOBUF,
        }
    }
}

/// A request, decoded and checked.
///
/// # Errors
/// [`ContractError`] where it is too large, cannot be decoded, has an unknown JSON field or breaks a rule.
pub fn decode_request(
    content_type: Option<&str>,
    bytes: &[u8],
) -> Result<v1::ScopeRequest, ContractError> {
    const MESSAGE: &str = "ScopeRequest";
    if bytes.is_empty() {
        return Err(ContractError::Empty { message: MESSAGE });
    }
    let request: v1::ScopeRequest = match Encoding::detect(content_type, bytes)? {
        Encoding::Json => from_json(MESSAGE, bytes)?,
        Encoding::Protobuf => from_protobuf(MESSAGE, bytes)?,
    };
    request.validate()?;
    Ok(request)
}

/// A handoff, decoded and checked. A later minor version's fields are tolerated.
///
/// # Errors
/// [`ContractError`] where it is too large, cannot be decoded or breaks the contract.
pub fn decode_handoff(
    content_type: Option<&str>,
    bytes: &[u8],
) -> Result<ValidHandoff, ContractError> {
    const MESSAGE: &str = "Handoff";
    if bytes.is_empty() {
        return Err(ContractError::Empty { message: MESSAGE });
    }
    let message: v1::Handoff = match Encoding::detect(content_type, bytes)? {
        Encoding::Json => from_json(MESSAGE, bytes)?,
        Encoding::Protobuf => from_protobuf(MESSAGE, bytes)?,
    };
    message.try_into()
}

/// A message in protobuf.
#[must_use]
pub fn encode<M: Message>(message: &M) -> Bytes {
    message.encode_to_vec().into()
}

/// A message in protobuf that is not larger than what receivers accept.
///
/// # Errors
/// [`ContractError::TooLarge`].
pub fn encode_bounded<M: Message>(message: &M) -> Result<Bytes, ContractError> {
    let bytes = message.encoded_len();
    if bytes > MAX_PAYLOAD {
        return Err(ContractError::TooLarge { bytes });
    }
    Ok(encode(message))
}

/// A handoff in protobuf that is not larger than what receivers accept; where it would be, as with tables of very many columns,
/// its outputs and warnings are compressed in it.
///
/// # Errors
/// [`ContractError::TooLarge`] where it is too large all the same.
pub fn encode_handoff(handoff: &v1::Handoff) -> Result<Bytes, ContractError> {
    encode_bounded(&*packed_where_large(handoff)?)
}

/// The handoff as [`encode_handoff`] sends it.
///
/// # Errors
/// [`ContractError::TooLarge`] where not even its outputs and warnings would be read.
pub fn packed_where_large(handoff: &v1::Handoff) -> Result<Cow<'_, v1::Handoff>, ContractError> {
    if handoff.encoded_len() <= MAX_PAYLOAD {
        return Ok(Cow::Borrowed(handoff));
    }
    handoff::pack(handoff).map(Cow::Owned)
}

/// A handoff as it was before [`encode_handoff`]; its rules are not checked.
///
/// # Errors
/// [`ContractError`] where what is compressed in it cannot be read.
pub fn unpacked(handoff: v1::Handoff) -> Result<v1::Handoff, ContractError> {
    handoff::unpack(handoff)
}

/// A message from protobuf, named `message` in errors; its rules are not checked.
///
/// # Errors
/// [`ContractError::TooLarge`], [`ContractError::Protobuf`].
pub fn from_protobuf<M: Message + Default>(
    message: &'static str,
    bytes: &[u8],
) -> Result<M, ContractError> {
    bounded(bytes)?;
    M::decode(bytes).map_err(|source| ContractError::Protobuf { message, source })
}

/// A message in canonical proto JSON.
///
/// # Errors
/// [`ContractError::Json`] where a time is outside the years 1 to 9999 or an enumeration's number is unknown.
pub fn to_json<M: Serialize>(
    message: &'static str,
    value: &M,
) -> Result<serde_json::Value, ContractError> {
    serde_json::to_value(value).map_err(|source| ContractError::Json { message, source })
}

/// A message from canonical proto JSON, named `message` in errors; its rules are not checked.
///
/// # Errors
/// [`ContractError::TooLarge`], [`ContractError::UnknownField`], [`ContractError::JsonField`], [`ContractError::Json`].
pub fn from_json<M: DeserializeOwned>(
    message: &'static str,
    bytes: &[u8],
) -> Result<M, ContractError> {
    bounded(bytes)?;
    serde_json::from_slice(bytes).or_else(|source| {
        canonical_json::read(bytes).map_err(|refusal| refused(message, source, refusal))
    })
}

/// Why a text is no message: an unknown field before all, as other refusals may follow from it.
fn refused(
    message: &'static str,
    first: serde_json::Error,
    refusal: canonical_json::Refusal,
) -> ContractError {
    if let Some(unknown) = unknown_field(message, &first) {
        return unknown;
    }
    let Some((field, source)) = refusal else {
        return ContractError::Json { message, source: first };
    };
    if let Some(unknown) = unknown_field(message, &source) {
        return unknown;
    }
    if field.is_empty() {
        return ContractError::Json { message, source: first };
    }
    let problem = canonical_json::in_plain_words(&source);
    ContractError::JsonField { message, field, problem }
}

fn bounded(bytes: &[u8]) -> Result<(), ContractError> {
    if bytes.len() > MAX_PAYLOAD {
        return Err(ContractError::TooLarge { bytes: bytes.len() });
    }
    Ok(())
}

/// serde's refusal of an unknown field, by its one wording, as a typed one. Names stand in it between backticks, first the unknown one, then the known ones in both spellings.
fn unknown_field(message: &'static str, error: &serde_json::Error) -> Option<ContractError> {
    let text = error.to_string();
    let rest = text.strip_prefix("unknown field `")?;
    let (field, rest) = rest.split_once('`')?;
    let known = rest
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| !name.contains(|c: char| c.is_ascii_uppercase()))
        .map(str::to_owned)
        .collect();
    Some(ContractError::UnknownField { message, field: crate::error::excerpt(field), known })
}
