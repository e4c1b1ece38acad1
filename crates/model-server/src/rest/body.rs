//! Reading a body: within its bounds, in time, and of the right type.

use std::time::Instant;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::error::InferError;
use crate::load::Admission;
use crate::server::Server;

/// A body, with the right to work on it and the moment when it was complete.
pub(super) struct Received {
    /// Its bytes.
    pub(super) bytes: Bytes,
    /// When its last byte had come.
    pub(super) begun: Instant,
    /// Given back when the answer is written.
    pub(super) admission: Admission,
}

/// Receives a body.
pub(super) async fn receive(
    server: &Server,
    headers: &HeaderMap,
    body: Body,
) -> Result<Received, InferError> {
    let limit = server.serving.max_body_bytes;
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if announced.is_some_and(|announced| announced > limit) {
        return Err(InferError::TooLarge { limit });
    }
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(InferError::ContentType { expected: "a body without Content-Encoding" });
    }
    let admission = server.admit(announced.unwrap_or(limit))?;
    let collected = tokio::time::timeout(server.body_time(), Limited::new(body, limit).collect())
        .await
        .map_err(|_| InferError::TimedOut)?
        .map_err(|error| {
            if error.is::<LengthLimitError>() {
                InferError::TooLarge { limit }
            } else {
                InferError::Malformed { problem: "the body did not arrive completely".to_owned() }
            }
        })?;
    Ok(Received { bytes: collected.to_bytes(), begun: Instant::now(), admission })
}

/// The media type of a body, without its parameters, in small letters.
pub(super) fn media_type(headers: &HeaderMap) -> Result<Option<String>, InferError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(None);
    };
    let expected = "a Content-Type such as application/json";
    let text =
        value.to_str().map_err(|_| InferError::ContentType { expected })?.to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default().to_owned();
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    if charset
        .is_some_and(|charset| !matches!(charset.trim_matches('"'), "utf-8" | "utf8" | "us-ascii"))
    {
        return Err(InferError::ContentType { expected: "charset=utf-8" });
    }
    Ok(Some(media_type))
}
