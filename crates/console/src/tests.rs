#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::io::Read as _;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::routing::any;
use tower::ServiceExt as _;

use super::*;

async fn get(path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let router = router()
        .fallback(any(|| async { StatusCode::NOT_FOUND }))
        .layer(middleware::from_fn(lead_browsers));
    let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, to_bytes(body, 1 << 20).await.unwrap().to_vec())
}

#[tokio::test]
async fn every_file_is_sent_with_the_policy_and_compressed_where_that_is_taken() {
    for asset in ASSETS.iter() {
        let path = format!("{ROOT}{}", asset.path);
        let (status, headers, body) = get(&path, &[]).await;
        assert_eq!((status, body.as_slice()), (StatusCode::OK, asset.bytes), "{path}");
        assert!(
            headers["content-security-policy"].to_str().unwrap().contains("script-src 'self';")
        );
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        let (_, headers, packed) = get(&path, &[("accept-encoding", "br, gzip;q=0.8")]).await;
        assert_eq!(headers["content-encoding"], "gzip");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, asset.bytes, "{path}");
        let tag = headers["etag"].to_str().unwrap();
        let (status, _, body) = get(&path, &[("if-none-match", tag)]).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
    }
    let (_, headers, _) = get(ROOT, &[("accept-encoding", "gzip;q=0")]).await;
    assert!(!headers.contains_key("content-encoding"));
}

#[tokio::test]
async fn a_path_of_the_page_is_the_page_and_a_file_that_is_none_is_refused() {
    for path in ["/console/", "/console/runs/run-1", "/console/models/churn/versions/1"] {
        let (status, headers, body) = get(path, &[]).await;
        assert_eq!(
            (status, headers["content-type"].to_str().unwrap()),
            (StatusCode::OK, "text/html; charset=utf-8")
        );
        assert!(String::from_utf8(body).unwrap().contains("<title>"), "{path}");
    }
    assert_eq!(get("/console/none.js", &[]).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn browsers_alone_are_led_to_the_console() {
    let (status, headers, _) = get("/", &[("accept", "text/html,*/*;q=0.8")]).await;
    assert_eq!(
        (status, headers["location"].to_str().unwrap()),
        (StatusCode::TEMPORARY_REDIRECT, ROOT)
    );
    assert_eq!(get("/", &[("accept", "application/json")]).await.0, StatusCode::NOT_FOUND);
    assert_eq!(get("/console", &[]).await.1["location"], ROOT);
}

/// No script or style stands in the page, and no file names another host but in comments and namespaces.
#[test]
fn the_files_load_nothing_from_elsewhere() {
    let page = std::str::from_utf8(ASSETS[0].bytes).unwrap();
    assert!(!page.contains("style=") && !page.contains("<style") && !page.contains("javascript:"));
    assert!(page.split("<script").skip(1).all(|script| script.contains("src=")));
    for asset in ASSETS.iter().filter(|asset| !asset.path.starts_with("vendor/")) {
        let text = std::str::from_utf8(asset.bytes).unwrap();
        let hosts = text.split("://").zip(text.split("://").skip(1));
        let is_web = |before: &str| before.ends_with("http") || before.ends_with("https");
        // A scheme alone, as in a hint, names no host.
        let is_host = |after: &str| after.starts_with(|c: char| c.is_ascii_alphanumeric());
        let found: Vec<&str> = hosts
            .filter(|(before, after)| is_web(before) && is_host(after))
            .map(|(_, after)| after.lines().next().unwrap_or_default())
            .filter(|after| !after.starts_with("www.w3.org/"))
            .collect();
        assert!(found.is_empty(), "{}: {found:?}", asset.path);
    }
}
