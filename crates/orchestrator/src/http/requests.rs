//! From a request to a query or a change of [`api`], and from its answer or its error to a response.

use api::runs::ShowRun;
use api::{Broker, Change, Condition, Error, Problem, Query, entity_tag};
use auth::{Caller, Right};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Digits of a document's digest in its entity tag: 128 bits.
const TAG_DIGITS: usize = 32;

/// What a handler answers.
pub(super) type Answer = Result<Response, ApiError>;

/// An error as a response: its status, and `{"error": {"code", "message"}}` with the members of a problem (RFC 9457).
#[derive(Debug)]
pub(super) struct ApiError(pub(super) Error);

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, Problem::MEDIA_TYPE)];
        (self.0.status, kind, Json(self.0.document())).into_response()
    }
}

/// A document with its entity tag; of a record at this revision, where it is of one.
pub(super) struct Tagged<'a, T> {
    /// Headers of the request.
    pub(super) asked: &'a HeaderMap,
    /// The document.
    pub(super) document: &'a T,
    /// Revision of the record that it is of.
    pub(super) revision: Option<u64>,
}

impl<T: Serialize> Tagged<'_, T> {
    /// The response: 304 without a body where the caller has the document (RFC 9110, section 13.1.2).
    pub(super) fn answer(self) -> Answer {
        let body = serde_json::to_vec(self.document).map_err(|error| {
            tracing::error!(%error, "an answer could not be written");
            let message = "the answer could not be written";
            Error::new(StatusCode::INTERNAL_SERVER_ERROR, "unwritable_answer", message)
        })?;
        let digest = hex::encode(Sha256::digest(&body));
        let tag = entity_tag(self.revision, digest.get(..TAG_DIGITS).unwrap_or(&digest));
        let known = knows(self.asked, &tag);
        let headers = [(header::ETAG, tag)];
        if known {
            return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
        }
        let kind = [(header::CONTENT_TYPE, "application/json")];
        Ok((headers, kind, body).into_response())
    }
}

/// Whether a request says that its caller has the document with this entity tag.
fn knows(asked: &HeaderMap, tag: &str) -> bool {
    let given = asked.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = given.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    tags.any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
    })
}

/// The query of a request.
pub(super) struct QueryOf<Q>(pub(super) Q);

impl<Q: Query, S: Send + Sync> FromRequestParts<S> for QueryOf<Q> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let parameters = parameters(parts, state).await?;
        Ok(Self(Q::parse(&parameters, parts.uri.query().unwrap_or_default())?))
    }
}

/// The change of a request, who asks for it, and in whose name it is made.
struct ChangeOf<C> {
    change: C,
    caller: Caller,
    by: String,
}

impl<C: Change, S: Send + Sync> FromRequest<S> for ChangeOf<C> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let parameters = parameters(&mut parts, state).await?;
        let condition = condition::<C>(&parts.headers)?;
        let caller = parts.extensions.get::<Caller>().cloned().unwrap_or_else(Caller::local);
        let body = Bytes::from_request(Request::from_parts(parts, body), state).await;
        let body = body.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Error::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is too large")
            }
            _ => Error::invalid("the body could not be read"),
        })?;
        let (mut change, by) = C::parse(&parameters, &body)?;
        // Who is known is not who it says that it is.
        let by = match caller.actor() {
            Some(actor) => {
                change.is_by(&actor);
                actor
            }
            None => by,
        };
        let change = match condition {
            Some(value) => change.under(&value)?,
            None => change,
        };
        Ok(Self { change, caller, by })
    }
}

/// The value of the header that a change is made on the condition of. A condition that it does not know is refused, because its
/// caller counts on it.
fn condition<C: Change>(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let own = C::CONDITION.map(Condition::header);
    for known in [Condition::Revision, Condition::Key].map(Condition::header) {
        if own != Some(known) && headers.contains_key(known) {
            return Err(Error::invalid(format!("this change does not take the header {known}")));
        }
    }
    let Some(own) = own else { return Ok(None) };
    let mut values = headers.get_all(own).iter();
    let (value, more) = (values.next(), values.next());
    let wrong = || Error::invalid(format!("{own}: expected one value of visible ASCII characters"));
    match (value, more) {
        (None, _) => Ok(None),
        (Some(value), None) => Ok(Some(value.to_str().map_err(|_| wrong())?.to_owned())),
        _ => Err(wrong()),
    }
}

/// The parameters of a request's path, by name.
async fn parameters<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
) -> Result<Vec<(String, String)>, Error> {
    let parameters = RawPathParams::from_request_parts(parts, state).await;
    let parameters = parameters.map_err(|error| Error::invalid(error.to_string()))?;
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Ok(parameters.iter().map(owned).collect())
}

/// What is made of a table of queries: routes, or their description.
pub(super) trait Queries: Sized {
    /// The same, with a query.
    #[must_use]
    fn query<Q: Query + 'static>(self) -> Self;
}

/// What is made of a table of queries and changes.
pub(super) trait Routes: Queries {
    /// The same, with a change, which is closed to pages of other origins.
    #[must_use]
    fn change<C: Change + 'static>(self) -> Self;
}

/// Queries and changes are answered as soon as they are asked.
impl Queries for Router<Broker> {
    fn query<Q: Query + 'static>(self) -> Self {
        self.route(Q::ROUTE, get(read::<Q>))
    }
}

impl Routes for Router<Broker> {
    fn change<C: Change + 'static>(self) -> Self {
        self.route(C::ROUTE, post(make::<C>).layer(middleware::from_fn(own_pages)))
    }
}

async fn read<Q: Query>(
    State(broker): State<Broker>,
    asked: HeaderMap,
    QueryOf(query): QueryOf<Q>,
) -> Answer {
    let document = query.read(&broker).await?;
    Tagged { asked: &asked, revision: Q::revision(&document), document: &document }.answer()
}

async fn make<C: Change>(
    State(broker): State<Broker>,
    ChangeOf { change, caller, by }: ChangeOf<C>,
) -> Answer {
    if let Some(run) = change.run()
        && !caller.role.has(Right::ChangeAnyRun)
    {
        is_own(&broker, run, &by, &caller).await?;
    }
    let document = change.make(&broker, &by).await?;
    // What a change has become is told in any case.
    let asked = &HeaderMap::new();
    Tagged { asked, revision: C::revision(&document), document: &document }.answer()
}

/// Refuses a change of a run that another caller began.
async fn is_own(broker: &Broker, run: &str, by: &str, caller: &Caller) -> Result<(), Error> {
    let begun = ShowRun { run: run.to_owned() }.read(broker).await?;
    if begun.requested_by == by {
        return Ok(());
    }
    let refused = caller.needs(Right::ChangeAnyRun).err().map_or_else(String::new, |denied| {
        format!("run {run} was begun by another caller; {denied}")
    });
    Err(Error::new(StatusCode::FORBIDDEN, "forbidden", refused))
}

/// A page of another origin, which a browser lets send a plain POST, is refused.
pub(super) async fn own_pages(request: Request, next: Next) -> Response {
    if is_foreign(request.headers()) {
        let message = "a page of another origin may not change anything here";
        return ApiError(Error::new(StatusCode::FORBIDDEN, "foreign_origin", message))
            .into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    headers.contains_key(header::ORIGIN)
        && text(header::ORIGIN)
            .and_then(|origin| origin.split_once("://"))
            .is_none_or(|(_, authority)| authority != host)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use api::endpoints::PromoteEndpoint;
    use api::runs::{CancelRun, RetryRun};

    use super::*;

    #[test]
    fn bodies_may_be_left_out_but_not_misspelt() {
        let run = [("run".to_owned(), "r1".to_owned())];
        let (change, _) = RetryRun::parse(&run, b"").unwrap();
        assert_eq!(change, RetryRun { run: "r1".to_owned(), from: None });
        let (change, _) = RetryRun::parse(&run, br#"{"from": "model-trainer"}"#).unwrap();
        assert_eq!(change.from.as_deref(), Some("model-trainer"));
        assert!(RetryRun::parse(&run, br#"{"form": "model-trainer"}"#).is_err());
        assert!(RetryRun::parse(&run, b" \n").is_err(), "spaces are no document");
        assert!(CancelRun::parse(&run, b"reason=x").is_err());
    }

    #[test]
    fn a_document_that_the_caller_has_is_not_sent_again() {
        let answer = |given: &[&str]| {
            let mut asked = HeaderMap::new();
            for value in given {
                asked.append(header::IF_NONE_MATCH, value.parse().unwrap());
            }
            Tagged { asked: &asked, document: &"x", revision: Some(7) }.answer().unwrap()
        };
        let first = answer(&[]);
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        assert!(first.status().is_success() && tag.starts_with("\"7-"), "{tag}");
        for having in [tag.as_str(), "*", &format!("\"a\", W/{tag}")] {
            let second = answer(&[having]);
            assert_eq!(second.status(), StatusCode::NOT_MODIFIED, "{having}");
            assert_eq!(second.headers()[header::ETAG], tag);
        }
        assert!(answer(&["\"7\"", "7"]).status().is_success());
    }

    #[test]
    fn a_condition_that_a_change_does_not_know_is_refused() {
        let headers = |name: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append(name, "\"42-ab\"".parse().unwrap());
            headers
        };
        let twice = {
            let mut headers = headers("if-match");
            headers.append("if-match", "\"43-ab\"".parse().unwrap());
            headers
        };
        assert!(condition::<CancelRun>(&headers("if-match")).is_err());
        assert!(condition::<CancelRun>(&headers("idempotency-key")).is_err());
        assert_eq!(condition::<CancelRun>(&HeaderMap::new()), Ok(None));
        assert!(condition::<PromoteEndpoint>(&headers("if-match")).unwrap().is_some());
        assert!(condition::<PromoteEndpoint>(&twice).is_err());
        let change = PromoteEndpoint::default().under("\"42-ab\"").unwrap();
        assert_eq!(change.expected_revision, Some(42));
    }

    #[test]
    fn pages_of_other_origins_are_foreign() {
        let headers = |origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "127.0.0.1:8080".parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            headers
        };
        assert!(!is_foreign(&headers(None)));
        assert!(!is_foreign(&headers(Some("http://127.0.0.1:8080"))));
        assert!(is_foreign(&headers(Some("http://example.org"))));
        assert!(is_foreign(&headers(Some("null"))));
    }
}
