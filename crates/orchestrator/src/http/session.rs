//! Who asks, and the sessions of browsers: a cookie that holds the token and that no script can read.
//!
//! ```text
//! POST   /api/v1/session {"token"} ─▶ Set-Cookie: HttpOnly, SameSite=Strict     DELETE /api/v1/session ─▶ the cookie is forgotten
//! GET    /api/v1/me                ─▶ actor, role, rights
//! ```

use api::Error;
use auth::{Caller, Right, Role};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router, middleware};
use process::http::{Guard, Refused, SESSION_COOKIE};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::requests::{Answer, ApiError, Tagged, own_pages};

/// The path of sessions.
pub(super) const SESSION: &str = "/api/v1/session";
/// The path by which a caller sees what it may.
pub(super) const ME: &str = "/api/v1/me";

/// A token that a browser is to keep.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    /// A token, or a JWT, as `Authorization: Bearer` would carry it.
    token: String,
}

/// Who asks, and what it may.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Me {
    /// What is recorded of its changes.
    actor: String,
    /// Whether it showed who it is.
    authenticated: bool,
    /// By what it did: `none`, `shared_token`, `token`, `oidc` or `certificate`.
    means: &'static str,
    /// Its role.
    role: Role,
    /// What it may.
    rights: Vec<Right>,
    /// For each right that it lacks, the least role that has it.
    missing: Vec<MissingRight>,
}

/// A right that a caller lacks.
#[derive(Debug, Serialize, JsonSchema)]
struct MissingRight {
    /// The right.
    right: Right,
    /// The least role that has it.
    role: Role,
}

/// The routes of sessions and of who asks.
pub(super) fn routes(guard: Guard) -> Router {
    Router::new()
        .route(SESSION, post(open).delete(close).layer(middleware::from_fn(own_pages)))
        .route(ME, get(me))
        .with_state(guard)
}

async fn me(asked: HeaderMap, caller: Option<Extension<Caller>>) -> Answer {
    let me = Me::of(&caller.map_or_else(Caller::local, |Extension(caller)| caller));
    Tagged { asked: &asked, document: &me, revision: None }.answer()
}

impl Me {
    fn of(caller: &Caller) -> Self {
        let missing = Right::ALL.into_iter().filter(|right| !caller.role.has(*right));
        Self {
            actor: caller.actor().unwrap_or_else(|| caller.name.to_string()),
            authenticated: caller.is_authenticated(),
            means: caller.means.as_str(),
            role: caller.role,
            rights: caller.role.rights(),
            missing: missing
                .map(|right| MissingRight { right, role: right.least_role() })
                .collect(),
        }
    }
}

async fn open(State(guard): State<Guard>, mut request: axum::extract::Request) -> Response {
    let is_encrypted = is_encrypted(request.headers());
    let extensions = std::mem::take(request.extensions_mut());
    let body = axum::body::to_bytes(request.into_body(), MAX_LOGIN_BYTES).await;
    let login = body.ok().and_then(|body| serde_json::from_slice::<Login>(&body).ok());
    let Some(Login { token }) = login else {
        return ApiError(Error::invalid("expected {\"token\": TOKEN}")).into_response();
    };
    let token = token.trim();
    let shown = HeaderValue::try_from(format!("Bearer {token}"));
    // A cookie holds no blank, comma, semicolon or quote (RFC 6265, 4.1.1); no token that is made here does.
    let is_plain = token.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte));
    let Some(shown) = shown.ok().filter(|_| is_plain) else {
        return ApiError(Error::invalid("token: has characters that a cookie cannot hold"))
            .into_response();
    };
    let headers = HeaderMap::from_iter([(header::AUTHORIZATION, shown)]);
    match guard.caller(&headers, &extensions).await {
        Ok(caller) => with_cookie(Json(Me::of(&caller)).into_response(), token, is_encrypted),
        Err(denied) => {
            let refused = Refused::from(denied);
            let error = Error::new(refused.status(), refused.code(), refused.to_string());
            refused.answer(ApiError(error).into_response())
        }
    }
}

/// Longest body of a login, in bytes.
const MAX_LOGIN_BYTES: usize = 32 * 1024;

async fn close(headers: HeaderMap) -> Response {
    let mut response =
        with_cookie(StatusCode::NO_CONTENT.into_response(), "", is_encrypted(&headers));
    if let Some(cookie) = response.headers_mut().get_mut(header::SET_COOKIE)
        && let Ok(ended) = HeaderValue::try_from([cookie.as_bytes(), b"; Max-Age=0"].concat())
    {
        *cookie = ended;
    }
    response
}

/// Whether the browser reached the console by https, here or at a proxy in front.
fn is_encrypted(headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    origin.is_some_and(|origin| origin.starts_with("https://"))
}

fn with_cookie(mut response: Response, token: &str, is_encrypted: bool) -> Response {
    let secure = if is_encrypted { "; Secure" } else { "" };
    let cookie = format!("{SESSION_COOKIE}={token}; Path=/api/; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
