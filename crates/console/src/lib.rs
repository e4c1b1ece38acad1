//! The console: the pages that a browser shows of a fleet.
//!
//! ```text
//! GET /             ─▶ a browser is led to /console/; other callers are answered as before
//! GET /console/…    ─▶ a file of the table, or the page itself, which reads its path
//! the page          ─▶ /api/v1/…, as any other caller
//! ```
//!
//! Invariants:
//! - Every file is part of the program; nothing is read from a disk and nothing is fetched from another host.
//! - The files are the same for everybody and hold nothing of the fleet: what they show, the API answers, which asks for the token.
//! - No script and no style stands in the page: the policy of every answer forbids them.

mod files;

use axum::Router;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use files::{ASSETS, Asset};

/// Where the console begins.
pub const ROOT: &str = "/console/";
/// What the pages may do: load their own files, ask their own origin, and be shown in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The routes of the console: [`ROOT`] and what is behind it, without a token.
pub fn router() -> Router {
    Router::new()
        .route("/console", get(|| async { Redirect::permanent(ROOT) }))
        .route(ROOT, get(|headers: HeaderMap| async move { page(&headers) }))
        .route("/console/{*path}", get(file))
        .layer(middleware::map_response(protected))
}

/// Leads a browser that asks for `/` to the console; every other request goes on.
pub async fn lead_browsers(request: Request, next: Next) -> Response {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let is_browser = accepts.is_some_and(|types| types.contains("text/html"));
    if request.uri().path() == "/" && is_browser {
        return Redirect::temporary(ROOT).into_response();
    }
    next.run(request).await
}

/// A file by its path below [`ROOT`]; the page itself where the path names none and has no ending.
async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.path == path) {
        Some(asset) => sent(asset, &headers),
        None if !path.rsplit('/').next().unwrap_or_default().contains('.') => page(&headers),
        None => (StatusCode::NOT_FOUND, "the console has no such file\n").into_response(),
    }
}

/// The page, which shows what its path names.
fn page(headers: &HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.path == "index.html") {
        Some(asset) => sent(asset, headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A file as it is sent: compressed where the caller takes that, and not at all where the caller has it.
fn sent(asset: &'static Asset, headers: &HeaderMap) -> Response {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_known = text(header::IF_NONE_MATCH)
        .is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == asset.tag));
    let common = [
        (header::ETAG, HeaderValue::from_static(asset.tag)),
        // A program of another version has other files: each is asked for again, and answered by its tag.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if is_known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type))];
    let takes_gzip = text(header::ACCEPT_ENCODING).is_some_and(|codings| {
        codings.split(',').any(|coding| {
            let (name, weight) = coding.split_once(";q=").unwrap_or((coding, "1"));
            name.trim() == "gzip" && weight.trim().parse::<f64>().is_ok_and(|weight| weight > 0.0)
        })
    });
    if takes_gzip {
        let coding = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
        return (common, content_type, coding, asset.gzip).into_response();
    }
    (common, content_type, asset.bytes).into_response()
}

/// What a browser is to hold to.
async fn protected(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
