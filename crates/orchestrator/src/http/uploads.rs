//! `POST /api/v1/uploads`: a table in a body, which is looked at and stored, so that a request can name it.
//!
//! What is taken, and how much of it, is the crate `upload`'s to say.

use std::time::Duration;

use api::{Error, RefusedField};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::post;
use axum::{Json, Router, middleware};
use contracts::failures;
use futures::StreamExt as _;
use schema::Format;
use serde::Deserialize;
use upload::Uploads;

use super::requests::{Answer, ApiError, own_pages};
use crate::telemetry;

/// The path that takes tables.
pub(super) const ROUTE: &str = "/api/v1/uploads";
/// What of a request a refused file is about.
const SUBJECT: &str = "data_uri";
/// Longest time for which the rest of a body that is refused is read, so that its sender comes to read the answer.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// What is stated of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatedFile {
    /// Its format, where the content does not tell it.
    format: Option<String>,
    /// Its name, whose ending tells the format where neither does.
    name: Option<String>,
}

/// The route that takes tables.
pub fn uploads(uploads: Uploads) -> Router {
    Router::new().route(ROUTE, post(take).layer(middleware::from_fn(own_pages))).with_state(uploads)
}

async fn take(
    State(uploads): State<Uploads>,
    stated: Result<Query<StatedFile>, QueryRejection>,
    request: Request,
) -> Answer {
    let Query(stated) = stated
        .map_err(|_| Error::invalid("expected format and name of the file, both optional"))?;
    let format = stated.format.as_deref().map(named).transpose()?;
    let format = format.or_else(|| stated.name.as_deref().and_then(of_ending));
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let waits = request.headers().contains_key(header::EXPECT);
    // What is refused may have been read to its end, and is asked for the rest.
    let mut body = request.into_body().into_data_stream().fuse();
    let limit = uploads.max_bytes();
    let taken = if length.is_some_and(|length| length > limit) {
        Err(upload::Error::TooLarge { limit })
    } else {
        uploads.take(&mut body, format).await
    };
    telemetry::table_sent(taken.as_ref().map(|_| ()));
    match taken {
        Ok(table) => Ok((StatusCode::CREATED, Json(table)).into_response()),
        Err(error) => {
            // A sender that asked whether to send has sent nothing yet.
            if !waits {
                let rest = async { while let Some(Ok(_)) = body.next().await {} };
                let _is_over = tokio::time::timeout(DRAIN_TIMEOUT, rest).await;
            }
            Err(ApiError(refused(&error)))
        }
    }
}

/// The format of this name.
fn named(name: &str) -> Result<Format, Error> {
    Format::by_name(name).ok_or_else(|| {
        let names = Format::ALL.map(Format::name).join(", ");
        Error::invalid(format!("format: expected one of {names}"))
    })
}

/// The format that the ending of a file's name tells, in front of that of a compression.
fn of_ending(name: &str) -> Option<Format> {
    let name = name.to_ascii_lowercase();
    let plain = [".gz", ".zst"].iter().find_map(|ending| name.strip_suffix(ending));
    Format::of_name(plain.unwrap_or(&name))
}

/// The answer to a table that was not taken.
fn refused(error: &upload::Error) -> Error {
    let status = match error {
        upload::Error::Busy => StatusCode::SERVICE_UNAVAILABLE,
        upload::Error::Body(_) => StatusCode::BAD_REQUEST,
        upload::Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        error if error.is_about_the_file() => StatusCode::UNPROCESSABLE_ENTITY,
        error => {
            tracing::warn!(error = failures::with_causes(error), "a table could not be taken");
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    let refused = error
        .is_about_the_file()
        .then(|| Box::new(RefusedField { subject: SUBJECT.to_owned(), suggestions: Vec::new() }));
    Error { refused, ..Error::new(status, error.code(), failures::with_causes(error)) }
}
