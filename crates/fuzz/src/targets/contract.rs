//! Messages of the broker: what a client or another agent can publish.

use bus::trace::TraceParent;
use contracts::stages::ScopeRequest;
use contracts::{Validate as _, encoding, v1};
use scope_definer::catalogue::Catalogue;
use scope_definer::text;

/// A catalogue with two tables and a population column, for texts that name them.
const CATALOGUE: &str = r#"
[[dataset]]
name = "churn"
aliases = ["customer churn", "HCP attrition"]
uri = "file:///data/churn.parquet"
target = "churned"

[[dataset]]
name = "revenue"
uri = "s3://tables/revenue.csv"
target = "amount"
"#;

/// A handoff. What is accepted is accepted again, and is the same.
pub(super) fn handoff(input: &[u8]) {
    let Ok(handoff) = encoding::decode_handoff(None, input) else { return };
    let bytes = encoding::encode(handoff.as_message());
    let again = encoding::decode_handoff(None, &bytes);
    // Its own encoding may be larger than what was sent.
    if bytes.len() <= contracts::MAX_PAYLOAD {
        assert!(again.is_ok_and(|again| same(&again, &handoff)), "a handoff is not what it was");
    }
    let _ = (handoff.subject(), handoff.chain(), handoff.lane(), handoff.deadline());
}

/// Equal, or not comparable because a number is NaN.
fn same(a: &contracts::ValidHandoff, b: &contracts::ValidHandoff) -> bool {
    a == b || encoding::encode(a.as_message()) == encoding::encode(b.as_message())
}

/// A request for a model, its text included.
pub(super) fn request(input: &[u8]) {
    let Ok(message) = encoding::decode_request(None, input) else { return };
    let words = message.text.clone();
    if let Ok(request) = ScopeRequest::try_from(message) {
        let again = request.to_message();
        assert!(ScopeRequest::try_from(again).is_ok(), "a request is refused the second time");
    }
    let catalogue = Catalogue::parse(CATALOGUE, std::path::Path::new("catalogue.toml"));
    if let Ok(catalogue) = &catalogue {
        let _ = text::understand(&words, catalogue).map(|parsed| parsed.unexplained.len());
    }
}

/// Outcomes and prediction events, in both encodings, and alerts' CloudEvents as what receivers send back is none of ours.
pub(super) fn feedback(input: &[u8]) {
    let is_json = input.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    if is_json {
        let feedback = encoding::from_json::<v1::Feedback>("Feedback", input);
        let _ = feedback.map(|it| it.validate().is_ok());
        let event = encoding::from_json::<v1::PredictionEvent>("PredictionEvent", input);
        let _ = event.map(|it| it.validate().is_ok());
    } else {
        let feedback = encoding::from_protobuf::<v1::Feedback>("Feedback", input);
        let _ = feedback.map(|it| it.validate().is_ok());
        let event = encoding::from_protobuf::<v1::PredictionEvent>("PredictionEvent", input);
        let _ = event.map(|it| it.validate().is_ok());
    }
}

/// The W3C trace context of a header.
pub(super) fn trace(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let carried = model_server::testing::traceparent(text);
    let Ok(parent) = text.parse::<TraceParent>() else {
        assert!(carried.is_none(), "what is no trace context is carried on");
        return;
    };
    let again = parent.to_string().parse::<TraceParent>();
    assert!(again == Ok(parent), "a trace context is not what it was");
    let carried = carried.map(|text| text.parse::<TraceParent>());
    assert!(
        carried.is_none_or(|carried| carried.is_ok()),
        "what is carried on is no trace context"
    );
}
