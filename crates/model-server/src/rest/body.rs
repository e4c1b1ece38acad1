//! Reading a body: within its bounds, in time, and of the right type.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::error::InferError;
use crate::load::Admission;
use crate::server::Server;

/// A body, with the right to work on it and the moment when it was complete.
pub(super) struct ReceivedBody {
    /// The whole body, undecoded.
    pub(super) bytes: Bytes,
    /// When its last byte had come.
    pub(super) begun: Instant,
    /// Given back when the work on it ends.
    pub(super) admission: Admission,
    /// When it has to be answered.
    pub(super) until: Instant,
}

/// Header with the longest time that a caller waits, in seconds.
pub(super) const TIMEOUT: HeaderName = HeaderName::from_static("x-request-timeout");

/// The longest time that the caller waits, where it says so.
fn requested_timeout(headers: &HeaderMap) -> Result<Option<Duration>, InferError> {
    let Some(value) = headers.get(TIMEOUT) else {
        return Ok(None);
    };
    let seconds = value.to_str().ok().and_then(|text| text.trim().parse::<f64>().ok());
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.map(Some).ok_or(InferError::BadDeadline {
        header: "X-Request-Timeout",
        expected: "seconds such as 0.25",
    })
}

/// Receives a body.
pub(super) async fn receive(
    server: &Server,
    headers: &HeaderMap,
    body: Body,
) -> Result<ReceivedBody, InferError> {
    let until = server.deadline_for(requested_timeout(headers)?);
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
    let whole = Instant::now() + server.body_time();
    let late = if until < whole { InferError::DeadlineExceeded } else { InferError::TimedOut };
    let body = Limited::new(body, limit).collect();
    let collected = tokio::time::timeout_at(until.min(whole).into(), body)
        .await
        .map_err(|_| late)?
        .map_err(|error| {
            if error.is::<LengthLimitError>() {
                InferError::TooLarge { limit }
            } else {
                InferError::Malformed { problem: "the body did not arrive completely".to_owned() }
            }
        })?;
    Ok(ReceivedBody { bytes: collected.to_bytes(), begun: Instant::now(), admission, until })
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
