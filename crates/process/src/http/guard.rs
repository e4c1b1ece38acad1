//! Who may ask a listener for what: the credentials of a request, the right of its route, and how much its caller may ask.
//!
//! Invariants:
//! - A route without a row in the table of routes is for administrators, and a path that is no route for who is known; a method
//!   that a known path does not take is told as such, whatever the router has there.
//! - What a cookie authenticates changes nothing for a page of another origin.
//! - A refusal is told before the body is read, and names the right and the role that has it.

use std::sync::Arc;

use auth::{Allowance, Authority, Caller, Credentials, Denied, Need, PeerAddress, Right, Surface};
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use tls::PeerIdentity;

use super::BearerToken;

/// The cookie by which the console's session is known to the API.
pub const SESSION_COOKIE: &str = "tier0_session";
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Guards a listener; cheap to clone.
#[derive(Debug, Clone)]
pub struct Guard {
    surface: Surface,
    token: Option<BearerToken>,
    authority: Arc<Authority>,
}

/// A request that was let in.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// Who asks.
    pub caller: Caller,
    /// What is left of what it may ask, where that is limited.
    pub allowance: Option<Allowance>,
}

/// Why a request was not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Its caller is not known, may not, or asks too much.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A page of another origin asks, with the cookie that the browser keeps for this one.
    #[error("a page of another origin may not change anything here")]
    ForeignOrigin,
    /// The path takes other methods.
    #[error("this path takes {0} alone")]
    Method(String),
}

/// What makes the body of a refusal, in the protocol's own form.
type RefusalBody = fn(&Refused) -> Response;

impl Guard {
    /// A guard of this listener: for callers that give the one token, and for those that the authority knows.
    #[must_use]
    pub fn new(surface: Surface, token: Option<BearerToken>, authority: Arc<Authority>) -> Self {
        Self { surface, token, authority }
    }

    /// A guard that knows no caller but the one with the token.
    #[must_use]
    pub fn of_token(surface: Surface, token: Option<BearerToken>) -> Self {
        Self::new(surface, token, Arc::new(Authority::none()))
    }

    /// Whether everybody is let in, as on loopback without any token.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.token.is_none() && !self.authority.is_on()
    }

    /// Lets a request in that may do what it needs.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn admit(
        &self,
        right: Right,
        method: &Method,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<Admitted, Refused> {
        let caller = self.caller(headers, extensions).await?;
        let address = extensions.get::<PeerAddress>().map(|peer| peer.0);
        let allowance = self.authority.charge(&caller, address)?;
        let changes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if caller.by_cookie && changes && !is_of_same_origin(headers) {
            return Err(Refused::ForeignOrigin);
        }
        caller.needs(right)?;
        Ok(Admitted { caller, allowance })
    }

    /// Who asks.
    ///
    /// # Errors
    /// [`Denied`], where it shows nothing, or what is not taken.
    pub async fn caller(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<Caller, Denied> {
        if self.is_open() {
            return Ok(Caller::local());
        }
        let given = headers.get(header::AUTHORIZATION).map(|value| value.to_str());
        let (bearer, by_cookie) = match given {
            Some(given) => (Some(given.ok().and_then(bearer).unwrap_or_default()), false),
            None if self.surface == Surface::Api => (session(headers), true),
            None => (None, false),
        };
        if let (Some(token), Some(bearer)) = (&self.token, bearer)
            && token.is(bearer)
        {
            return Ok(Caller { by_cookie, ..Caller::shared_token() });
        }
        let address = extensions.get::<PeerAddress>().map(|peer| peer.0);
        let certificate = extensions.get::<PeerIdentity>().map(PeerIdentity::subject);
        self.authority.identify(Credentials { bearer, by_cookie, certificate, address }).await
    }

    /// Lets requests through that may do what their route needs, with a [`Caller`] in their extensions; a refusal has the body of
    /// `refusal`, which is the protocol's own.
    pub fn protect<S: Clone + Send + Sync + 'static>(
        self,
        router: Router<S>,
        refusal: RefusalBody,
    ) -> Router<S> {
        router.layer(middleware::from_fn_with_state((self, refusal), protect))
    }
}

async fn protect(
    State((guard, refusal)): State<(Guard, RefusalBody)>,
    mut request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let need = match route {
        Some(route) => auth::need(guard.surface, request.method().as_str(), route.as_str()),
        None => Need::Right(Right::Read),
    };
    let Need::Right(right) = need else { return next.run(request).await };
    let (method, headers, extensions) = (request.method(), request.headers(), request.extensions());
    match guard.admit(right, method, headers, extensions).await {
        Ok(Admitted { caller, allowance }) => {
            request.extensions_mut().insert(caller);
            let mut response = next.run(request).await;
            show_allowance(response.headers_mut(), allowance);
            response
        }
        Err(refused) => {
            let refused = refused.of_method(guard.surface, request.method(), route);
            refused.answer(refusal(&refused))
        }
    }
}

impl Refused {
    /// The same, or that the path takes other methods, where that is why the right is lacking.
    fn of_method(self, surface: Surface, method: &Method, route: Option<&MatchedPath>) -> Self {
        let is_unlisted =
            matches!(self, Self::Denied(Denied::Forbidden { right: Right::Administer, .. }));
        let taken =
            route.filter(|_| is_unlisted).map(|route| auth::methods(surface, route.as_str()));
        match taken.unwrap_or_default() {
            taken if taken.is_empty() || taken.contains(&method.as_str()) => self,
            taken => Self::Method(taken.join(", ")),
        }
    }

    /// The status of its answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Denied(Denied::Missing | Denied::Refused(_)) => StatusCode::UNAUTHORIZED,
            Self::Denied(Denied::Limited(_)) => StatusCode::TOO_MANY_REQUESTS,
            Self::Denied(Denied::Forbidden { .. }) | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    /// Its code in answers.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Denied(Denied::Missing | Denied::Refused(_)) => "unauthorized",
            Self::Denied(Denied::Limited(_)) => "too_many_requests",
            Self::Denied(Denied::Forbidden { .. }) => "forbidden",
            Self::ForeignOrigin => "foreign_origin",
            Self::Method(_) => "method_not_allowed",
        }
    }

    /// The same response with the status and the headers of this refusal: the challenge of 401 and 403 (RFC 6750, 3), and when to
    /// ask again.
    #[must_use]
    pub fn answer(&self, mut response: Response) -> Response {
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        let challenge = match self {
            Self::Denied(Denied::Missing) => "Bearer",
            Self::Denied(Denied::Refused(_)) => "Bearer error=\"invalid_token\"",
            Self::Denied(Denied::Forbidden { .. }) => "Bearer error=\"insufficient_scope\"",
            Self::Denied(Denied::Limited(allowance)) => {
                let seconds = allowance.reset_seconds.max(1);
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                show_allowance(headers, Some(*allowance));
                return response;
            }
            Self::Method(taken) => {
                headers
                    .extend(HeaderValue::try_from(taken).ok().map(|taken| (header::ALLOW, taken)));
                return response;
            }
            Self::ForeignOrigin => return response,
        };
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        response
    }
}

/// Puts what is left of what a caller may ask on an answer.
pub fn show_allowance(headers: &mut HeaderMap, allowance: Option<Allowance>) {
    for (name, value) in allowance.iter().flat_map(Allowance::headers) {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// The token of an `Authorization` header, or of gRPC metadata of that name; the scheme in any letter case (RFC 9110, 11.1).
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The token of the session's cookie.
fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';'));
    pairs.find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == SESSION_COOKIE && !value.is_empty()).then_some(value)
    })
}

/// Whether a browser says that a page of this origin asks.
fn is_of_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text(SEC_FETCH_SITE) {
        Some(site) => site == "same-origin",
        None => {
            let origin = text("origin").and_then(|origin| origin.split_once("://"));
            origin.is_some_and(|(_, authority)| text("host") == Some(authority))
        }
    }
}

#[cfg(test)]
mod tests;
