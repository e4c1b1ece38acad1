//! Queries and changes: each is one struct, which the command line sends, the orchestrator reads, and the broker answers.
//!
//! ```text
//! ListModels { prefix, after, limit } ─┬─ url ─▶ GET /api/v1/models?prefix=…  ─ parse ─▶ ListModels ─ read ─▶ ModelsDocument
//!                                      └─ read, with the caller's own connections ───────────────────────▶ ModelsDocument
//! ```
//!
//! Fields that a route names are segments of its path. The others are the query string of a query, and the body of a change.

use std::fmt;

use artifacts::ArtifactStore;
use bus::Bus;
use bytes::Bytes;
use contracts::v1::ArtifactRef;
use registry::Registry;
use schemars::JsonSchema;
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::{DEFAULT_LIMIT, Error, MAX_LIMIT, ModelServers};

/// The actor of a change whose caller showed nothing, behind which stands the name that it gives: a user of this machine, where the
/// API asks for nothing.
const UNAUTHENTICATED: &str = "unauthenticated";
/// Longest name of an actor, in bytes.
const MAX_ACTOR_BYTES: usize = 64;
/// The member of a change's body that names the actor.
const BY: &str = "by";

/// The connections by which queries are read and changes made. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Broker {
    /// Connection to the broker.
    pub bus: Bus,
    /// The registry in it.
    pub registry: Registry,
    /// The artifact store; where there is none, artifacts are read from the address that they name.
    pub artifacts: Option<ArtifactStore>,
    /// The client of the model servers, which report where they are.
    pub model_servers: ModelServers,
}

/// The bytes of an artifact: of the store that is given, else of the address that the artifact names.
pub(crate) async fn fetch(
    bus: &Bus,
    store: Option<&ArtifactStore>,
    artifact: &ArtifactRef,
) -> Result<Bytes, artifacts::Error> {
    match store {
        Some(store) => store.get(artifact).await,
        None => {
            // The store's address is the artifact's without its digest.
            let root = artifact.uri.strip_suffix(&artifact.sha256).unwrap_or(&artifact.uri);
            ArtifactStore::open(root, bus).await?.get(artifact).await
        }
    }
}

/// A question, and where the API answers it.
pub trait Query: Serialize + DeserializeOwned + JsonSchema + Send + Sync {
    /// The path of GET, with fields in braces, such as `/api/v1/models/{model}`.
    const ROUTE: &'static str;
    /// The fields of the query string, for the message that refuses others.
    const EXPECTED: &'static str = "no query string";
    /// Whether the broker may know what the API does not know: the API forgets runs that ended long ago, and reads the stream with
    /// a delay.
    const OUTLIVES_THE_API: bool = false;
    /// The document that answers it.
    type Answer: Serialize + DeserializeOwned + JsonSchema + Send;

    /// The revision of the record that the answer is of, which changes of it may be made on the condition of; none of most.
    fn revision(_: &Self::Answer) -> Option<u64> {
        None
    }

    /// Reads the answer from the broker, its registry and the artifact store.
    fn read(&self, broker: &Broker) -> impl Future<Output = Result<Self::Answer, Error>> + Send;

    /// The path and the query string of GET; none where a field cannot be a segment of a path.
    fn url(&self) -> Option<String> {
        let text = serde_urlencoded::to_string(self).ok()?;
        let mut fields: Vec<(String, String)> = serde_urlencoded::from_str(&text).ok()?;
        let path = path(Self::ROUTE, |name| {
            let place = fields.iter().position(|(field, _)| field == name)?;
            Some(fields.remove(place).1)
        })?;
        let rest = serde_urlencoded::to_string(fields).ok()?;
        Some(if rest.is_empty() { path } else { format!("{path}?{rest}") })
    }

    /// The query of a request: by the parameters of its path, and its query string as it came.
    ///
    /// # Errors
    /// `invalid_request`, where a field has another type or is not one of the query's.
    fn parse(parameters: &[(String, String)], query: &str) -> Result<Self, Error> {
        let wrong = |_| Error::invalid(format!("expected {}", Self::EXPECTED));
        let path = serde_urlencoded::to_string(parameters).unwrap_or_default();
        serde_urlencoded::from_str(format!("{path}&{query}").trim_matches('&')).map_err(wrong)
    }
}

/// What a change is made on the condition of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The record is at the revision that the caller has seen: the entity tag of its document.
    Revision,
    /// No other change was made under the caller's key.
    Key,
}

impl Condition {
    /// The header that states it.
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::Revision => "if-match",
            Self::Key => "idempotency-key",
        }
    }
}

/// What separates revision and digest in the entity tag of a record's document.
const TAG_SEPARATOR: char = '-';

/// The entity tag (RFC 9110, section 8.8.3) of a document with this digest, of a record at this revision where it is of one.
#[must_use]
pub fn entity_tag(revision: Option<u64>, digest: &str) -> String {
    match revision {
        Some(revision) => format!("\"{revision}{TAG_SEPARATOR}{digest}\""),
        None => format!("\"{digest}\""),
    }
}

/// The revision in the entity tag of a record's document. What else the document tells, such as the reports of servers, is no
/// condition of a change.
///
/// # Errors
/// `invalid_request`, where it is not the tag of such a document.
pub(crate) fn revision_of(tag: &str) -> Result<u64, Error> {
    let inner = tag.trim().strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    let revision = inner.and_then(|tag| tag.split_once(TAG_SEPARATOR)?.0.parse().ok());
    let expected =
        "If-Match: expected the ETag of the endpoint's document, such as \"42-0123456789abcdef\"";
    revision.ok_or_else(|| Error::invalid(expected))
}

/// A change, and where the API makes it.
pub trait Change: Serialize + DeserializeOwned + JsonSchema + Send + Sync {
    /// The path of POST, with fields in braces.
    const ROUTE: &'static str;
    /// The header that it takes; none of most.
    const CONDITION: Option<Condition> = None;
    /// The document that says what it has become.
    type Answer: Serialize + DeserializeOwned + JsonSchema + Send;

    /// The same change on the condition that the value of its header states.
    ///
    /// # Errors
    /// `invalid_request`, where the change takes no header, or the value states nothing.
    fn under(self, _value: &str) -> Result<Self, Error> {
        Err(Error::invalid("this change takes no condition"))
    }

    /// The revision of the record that the answer is of; none of most.
    fn revision(_: &Self::Answer) -> Option<u64> {
        None
    }

    /// Makes the change in the name of `by`.
    fn make(
        &self,
        broker: &Broker,
        by: &str,
    ) -> impl Future<Output = Result<Self::Answer, Error>> + Send;

    /// Whose change it is, by what the caller showed; for those that say so themselves.
    fn is_by(&mut self, _actor: &str) {}

    /// The run that it changes, which its caller may have to have begun; none for what is about no run.
    fn run(&self) -> Option<&str> {
        None
    }

    /// The path and the body of POST in the name of `by`; none where a field cannot be a segment of a path.
    fn request(&self, by: &str) -> Option<(String, Value)> {
        let Ok(Value::Object(mut body)) = serde_json::to_value(self) else { return None };
        let path = path(Self::ROUTE, |name| match body.remove(name)? {
            Value::String(text) => Some(text),
            _ => None,
        })?;
        body.insert(BY.to_owned(), by.into());
        Some((path, Value::Object(body)))
    }

    /// The change of a request, by the parameters of its path and its body, which may be empty; and in whose name it is made:
    /// `unauthenticated`, or `unauthenticated/NAME` where the body has the name as `by`; who showed who it is goes before that.
    ///
    /// # Errors
    /// `invalid_request`, where the body is not an object with the change's fields.
    fn parse(parameters: &[(String, String)], body: &[u8]) -> Result<(Self, String), Error> {
        let wrong = |error: &dyn std::fmt::Display| {
            Error::invalid(format!("the body is not valid: {}", without_values(&error.to_string())))
        };
        let Members(mut members) = match body {
            [] => Members::default(),
            body => serde_json::from_slice(body).map_err(|error| wrong(&error))?,
        };
        let by = match members.remove(BY) {
            None | Some(Value::Null) => UNAUTHENTICATED.to_owned(),
            Some(Value::String(name)) => actor(&name)?,
            Some(_) => return Err(wrong(&"by: expected a text")),
        };
        for (name, value) in parameters {
            if members.insert(name.clone(), value.as_str().into()).is_some() {
                return Err(wrong(&format!("unknown field `{name}`, which the path names")));
            }
        }
        let change =
            serde_json::from_value(Value::Object(members)).map_err(|error| wrong(&error))?;
        Ok((change, by))
    }
}

/// The members of a JSON object, each of which stands there once.
#[derive(Default)]
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Members, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = entries.next_entry::<String, Value>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            members.insert(name, value);
        }
        Ok(Members(members))
    }
}

/// The actor that a change is recorded with.
fn actor(name: &str) -> Result<String, Error> {
    if name.len() > MAX_ACTOR_BYTES || name.contains(char::is_control) {
        return Err(Error::invalid(format!(
            "by: expected at most {MAX_ACTOR_BYTES} bytes without control characters"
        )));
    }
    match name.trim() {
        "" => Ok(UNAUTHENTICATED.to_owned()),
        name => Ok(format!("{UNAUTHENTICATED}/{name}")),
    }
}

/// A route with its fields in their places; none where a field is missing, or its text would make another path.
fn path(route: &str, mut field: impl FnMut(&str) -> Option<String>) -> Option<String> {
    let segments = route.split('/').map(|segment| {
        let Some(name) = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) else {
            return Some(segment.to_owned());
        };
        let text = field(name)?;
        (!matches!(text.as_str(), "" | "." | "..")).then(|| escaped(&text))
    });
    Some(segments.collect::<Option<Vec<_>>>()?.join("/"))
}

/// A text as one segment of a path: all but unreserved characters are percent-encoded (RFC 3986).
fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// The most entries of an answer: 1 to [`MAX_LIMIT`], or [`DEFAULT_LIMIT`] where none is given.
///
/// # Errors
/// `invalid_request`, where it is out of range.
pub fn limit(limit: Option<usize>) -> Result<usize, Error> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if (1..=MAX_LIMIT).contains(&limit) {
        return Ok(limit);
    }
    Err(Error::invalid("limit is out of range; expected 1 to 1000"))
}

/// The name behind which a page begins, where one is given.
///
/// # Errors
/// `invalid_request`, where no name is written so.
pub(crate) fn after_name(after: Option<&str>) -> Result<Option<&str>, Error> {
    match after {
        Some(name) if !contracts::is_name(name) => {
            Err(Error::invalid("after: expected a name of 1 to 64 letters, digits, `-` and `_`"))
        }
        after => Ok(after),
    }
}

/// Where a page begins among entries: behind the one with this identity, or at the first.
///
/// # Errors
/// `invalid_request`, where there is none with this identity.
pub(crate) fn place_after<T>(
    entries: &[T],
    after: Option<&str>,
    identity: impl Fn(&T) -> &str,
) -> Result<usize, Error> {
    let Some(after) = after else { return Ok(0) };
    let place = entries.iter().position(|entry| identity(entry) == after);
    let unknown = || {
        Error::invalid("after: there is no such entry; expected the `next` of the page before it")
    };
    place.map(|place| place + 1).ok_or_else(unknown)
}

/// What a decoder says of a document, without the value that it met: `invalid type: string "x", expected a number` is
/// `expected a number`.
#[must_use]
pub fn without_values(said: &str) -> &str {
    let is_about_a_value = ["invalid type: ", "invalid value: ", "invalid length "]
        .iter()
        .any(|begin| said.starts_with(begin));
    match said.rfind(", expected ").filter(|_| is_about_a_value) {
        Some(at) => said.get(at + 2..).unwrap_or_default(),
        None => said,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use serde_json::json;

    use super::*;
    use crate::history::ModelHistory;
    use crate::models::{DescribeModel, ListModels, SetAlias, SetStage};
    use crate::monitoring::ResolveAlert;

    #[test]
    fn the_tag_of_a_document_has_the_revision_of_its_record() {
        assert_eq!(revision_of(&entity_tag(Some(42), "ab")), Ok(42));
        for wrong in ["*", "42-ab", "\"ab\"", "\"x-ab\"", "W/\"42-ab\"", ""] {
            assert!(revision_of(wrong).is_err(), "{wrong}");
        }
    }

    fn parameter(name: &str, value: &str) -> [(String, String); 1] {
        [(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn a_body_says_each_member_once() {
        let refused =
            |body: &[u8]| ResolveAlert::parse(&parameter("alert", "a"), body).unwrap_err();
        for body in [br#"{"reason":"a","reason":"b"}"#.as_slice(), br#"{"by":"a","by":"b"}"#] {
            let error = refused(body);
            assert!(error.message.starts_with("the body is not valid:"), "{error}");
            assert!(error.message.contains("duplicate field"), "{error}");
        }
        assert!(refused(b"[]").message.contains("expected an object"));
        let error = refused(br#"{"note": ["hunter2"]}"#);
        assert!(error.message.contains("expected a string"), "{error}");
        for wrong in [r#"{"note": 4711}"#, r#"["4711, expected nothing"]"#, "\"4711\""] {
            let error = refused(wrong.as_bytes());
            assert!(!error.message.contains("4711"), "{error}");
        }
    }

    #[test]
    fn nothing_is_removed_by_what_a_body_leaves_out() {
        let model = parameter("model", "churn");
        let alias = [("model", "churn"), ("alias", "champion")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        for body in ["", "{}", r#"{"by":"ana"}"#] {
            let error = DescribeModel::parse(&model, body.as_bytes()).unwrap_err();
            assert!(error.message.contains("missing field `text`"), "{error}");
            let error = SetAlias::parse(&alias, body.as_bytes()).unwrap_err();
            assert!(error.message.contains("missing field `version`"), "{error}");
        }
        let (removed, _) = SetAlias::parse(&alias, br#"{"version":null}"#).unwrap();
        assert_eq!((removed.version, removed.expected), (None, None));
        let (emptied, _) = DescribeModel::parse(&model, br#"{"text":""}"#).unwrap();
        assert_eq!(emptied.text, "");
    }

    #[test]
    fn a_body_of_spaces_is_no_document() {
        let alert = parameter("alert", "a");
        assert!(ResolveAlert::parse(&alert, b"").is_ok());
        for body in [b"\r".as_slice(), b" ", b"\n\t"] {
            let error = ResolveAlert::parse(&alert, body).unwrap_err();
            assert!(error.message.starts_with("the body is not valid:"), "{error}");
        }
    }

    #[test]
    fn a_time_is_read_with_its_sign_escaped_or_not_and_with_a_space_for_the_t() {
        let time = |text| crate::history::time("at", text).unwrap();
        let noon = time("2026-11-25T12:00:00Z");
        for text in
            ["2026-11-25 12:00:00Z", "2026-11-25T13:00:00+01:00", "2026-11-25T13:00:00 01:00"]
        {
            assert_eq!(time(text), noon, "{text}");
        }
    }

    #[test]
    fn a_query_is_read_as_it_was_written() {
        let query = ListModels { prefix: "a b&c".into(), after: None, limit: Some(5) };
        assert_eq!(query.url().unwrap(), "/api/v1/models?prefix=a+b%26c&limit=5");
        assert_eq!(ListModels::parse(&[], "prefix=a+b%26c&limit=5").unwrap(), query);
        assert_eq!(ListModels::parse(&[], "").unwrap(), ListModels::default());
        let history = ModelHistory {
            model: "ä/b".into(),
            at: Some("2026-11-25T12:00:00+01:00".into()),
            ..ModelHistory::default()
        };
        let url = history.url().unwrap();
        let (path, rest) = url.split_once('?').unwrap();
        assert_eq!(path, "/api/v1/models/%C3%A4%2Fb/history");
        assert_eq!(ModelHistory::parse(&parameter("model", "ä/b"), rest).unwrap(), history);
    }

    #[test]
    fn a_query_string_of_other_fields_is_refused_with_those_that_are_expected() {
        for wrong in ["limit=x", "page=2", "prefix=a&prefix=b"] {
            let error = ListModels::parse(&[], wrong).unwrap_err();
            assert_eq!((error.status.as_u16(), error.code.as_str()), (400, "invalid_request"));
            assert!(error.message.contains("limit (1 to 1000)"), "{error}");
        }
        let twice = ModelHistory::parse(&parameter("model", "a"), "model=b");
        assert!(twice.is_err(), "the path has the model");
    }

    #[test]
    fn a_page_begins_behind_what_there_is() {
        let entries = ["b", "a"].map(str::to_owned);
        let place = |after| place_after(&entries, after, String::as_str);
        assert_eq!((place(None), place(Some("b")), place(Some("a"))), (Ok(0), Ok(1), Ok(2)));
        for wrong in ["", "c", "\u{0}", "a\nb", "'; --"] {
            let error = place(Some(wrong)).unwrap_err();
            assert_eq!((error.status.as_u16(), error.code.as_str()), (400, "invalid_request"));
            assert!(error.message.starts_with("after: "), "{error}");
        }
        assert_eq!(after_name(Some("churn_2-x")), Ok(Some("churn_2-x")));
        for wrong in ["", "a b", "\u{fffd}", "../x", &"x".repeat(65)] {
            assert!(after_name(Some(wrong)).unwrap_err().message.starts_with("after: "), "{wrong}");
        }
    }

    #[test]
    fn a_text_that_would_make_another_path_is_not_asked_of_the_api() {
        for model in ["", ".", ".."] {
            let history = ModelHistory { model: model.into(), ..ModelHistory::default() };
            assert_eq!(history.url(), None, "{model}");
        }
    }

    #[test]
    fn a_change_is_read_as_it_was_written() {
        let change = SetStage {
            model: "churn".into(),
            version: "champion".into(),
            stage: "staging".into(),
            reason: "why".into(),
            registry_only: true,
        };
        let (path, body) = change.request("tier0-cli/ana").unwrap();
        assert_eq!(path, "/api/v1/models/churn/versions/champion/stage");
        let expected = json!({"stage": "staging", "reason": "why", "registry_only": true,
                              "by": "tier0-cli/ana"});
        assert_eq!(body, expected);
        let parameters = [parameter("model", "churn"), parameter("version", "champion")].concat();
        let read = SetStage::parse(&parameters, body.to_string().as_bytes()).unwrap();
        assert_eq!(read, (change, "unauthenticated/tier0-cli/ana".to_owned()));
        for wrong in ["[]", "stage=x", r#"{"stages": "x"}"#, r#"{"model": "x"}"#, r#"{"by": 1}"#] {
            let error = SetStage::parse(&parameters, wrong.as_bytes()).unwrap_err();
            assert!(error.message.starts_with("the body is not valid: "), "{error}");
        }
    }

    #[test]
    fn who_answers_is_recorded_behind_where_it_came_from() {
        let by = |text: Option<&str>| {
            let body = text.map_or_else(String::new, |by| json!({"by": by}).to_string());
            let read = ResolveAlert::parse(&parameter("alert", "a"), body.as_bytes()).ok();
            read.map(|(_, by)| by)
        };
        assert_eq!(by(None).as_deref(), Some("unauthenticated"));
        assert_eq!(by(Some(" ")).as_deref(), Some("unauthenticated"));
        assert_eq!(by(Some("ana")).as_deref(), Some("unauthenticated/ana"));
        assert_eq!(by(Some("a\nb")), None);
        assert_eq!(by(Some(&"x".repeat(65))), None);
    }
}
