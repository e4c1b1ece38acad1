//! Requests and handoffs from bytes.

use contracts::encoding::{self, Encoding};
use contracts::{ContractError, MAX_PAYLOAD, failures};

use crate::samples;

fn refused(content_type: Option<&str>, bytes: &[u8]) -> ContractError {
    encoding::decode_request(content_type, bytes).unwrap_err()
}

#[test]
fn a_request_is_read_in_both_encodings() {
    let request = samples::request();
    let protobuf = encoding::encode(&request);
    let json = encoding::to_json("ScopeRequest", &request).unwrap().to_string();
    for content_type in [None, Some("application/x-protobuf"), Some("application/protobuf")] {
        assert_eq!(encoding::decode_request(content_type, &protobuf).unwrap(), request);
    }
    let spaced = format!(" \n\t{json}");
    for content_type in [None, Some("application/json"), Some("Application/JSON; charset=utf-8")] {
        assert_eq!(encoding::decode_request(content_type, json.as_bytes()).unwrap(), request);
        assert_eq!(encoding::decode_request(content_type, spaced.as_bytes()).unwrap(), request);
    }
}

#[test]
fn json_is_the_canonical_one() {
    let request = encoding::decode_request(
        None,
        br#"{"dataUri": "a.csv", "target": "y", "problemType": "PROBLEM_TYPE_BINARY",
             "seed": "18446744073709551615", "minRows": 7, "time_budget_seconds": 30,
             "criteria": [{"metric": "roc_auc", "threshold": 0.8}]}"#,
    )
    .unwrap();
    assert_eq!(request.data_uri, "a.csv");
    assert_eq!(request.seed, u64::MAX, "64 bits travel as text");
    assert_eq!(request.min_rows, 7, "and are read as numbers too");
    assert!((request.time_budget_seconds - 30.0).abs() < f64::EPSILON, "both spellings");
    assert_eq!(request.criteria.len(), 1);
}

#[test]
fn null_is_the_default() {
    let request = encoding::decode_request(
        None,
        br#"{"text": "churn", "target": null, "seed": null, "criteria": null, "constraints": null,
             "problemType": null, "labels": null}"#,
    )
    .unwrap();
    assert_eq!(request.text, "churn");
    assert_eq!(request.seed, 0);
}

#[test]
fn an_unknown_field_is_named_with_the_known_ones() {
    let error = refused(None, br#"{"text": "churn", "tarqet": "y"}"#);
    let ContractError::UnknownField { message, field, known } = &error else { panic!("{error:?}") };
    assert_eq!((*message, field.as_str()), ("ScopeRequest", "tarqet"));
    assert!(known.contains(&"target".to_owned()) && known.contains(&"data_uri".to_owned()));
    assert!(!known.contains(&"dataUri".to_owned()), "one spelling is enough");
    let failure = failures::of_contract(&error);
    assert_eq!((failure.code.as_str(), failure.subject.as_str()), ("unknown_field", "tarqet"));
    assert_eq!(failure.suggestions, ["target"]);

    let nested = refused(None, br#"{"text": "churn", "criteria": [{"metrik": "roc_auc"}]}"#);
    assert!(matches!(nested, ContractError::UnknownField { field, .. } if field == "metrik"));
}

#[test]
fn unknown_protobuf_fields_are_tolerated() {
    let request = samples::request();
    let mut bytes = encoding::encode(&request).to_vec();
    // Field 1000, a varint of 1: what a later minor version might add.
    bytes.extend([0xc0, 0x3e, 0x01]);
    assert_eq!(encoding::decode_request(None, &bytes).unwrap(), request);
}

#[test]
fn what_is_no_message_is_refused() {
    assert!(matches!(refused(None, b""), ContractError::Empty { .. }));
    assert!(matches!(refused(None, b"train churn"), ContractError::Protobuf { .. }));
    assert!(matches!(refused(None, b"{\"text\": "), ContractError::Json { .. }));
    assert!(matches!(refused(Some("application/json"), b"\xff\xfe"), ContractError::Json { .. }));
    assert!(matches!(refused(Some("text/csv"), b"a,b"), ContractError::ContentType { .. }));
    assert!(matches!(
        refused(None, br#"{"problemType": "PROBLEM_TYPE_RANKING"}"#),
        ContractError::JsonField { field, .. } if field == "problemType"
    ));
    assert!(matches!(refused(None, br#"{"text": "a", "text": "b"}"#), ContractError::Json { .. }));
    let large = vec![b' '; MAX_PAYLOAD + 1];
    for content_type in [None, Some("application/json")] {
        assert!(matches!(refused(content_type, &large), ContractError::TooLarge { .. }));
    }
}

#[test]
fn the_encoding_is_told_by_type_or_first_character() {
    assert_eq!(Encoding::detect(None, b" {").unwrap(), Encoding::Json);
    assert_eq!(Encoding::detect(None, b"\x0a\x03").unwrap(), Encoding::Protobuf);
    assert_eq!(Encoding::detect(Some(""), b"{").unwrap(), Encoding::Json);
    assert_eq!(Encoding::Json.content_type(), "application/json");
}

#[test]
fn a_message_that_is_too_large_is_not_sent() {
    let mut request = samples::request();
    request.text = "x".repeat(MAX_PAYLOAD);
    assert!(matches!(encoding::encode_bounded(&request), Err(ContractError::TooLarge { .. })));
}

/// A handoff with a column for each name, as a very wide table gives it.
fn wide(columns: usize) -> contracts::v1::Handoff {
    use contracts::v1::stage_output::Output;
    let mut message = samples::result().into_message();
    for output in &mut message.outputs {
        if let Some(Output::FeatureSet(set)) = &mut output.output {
            let named = |column: usize| contracts::v1::FeatureSummary {
                name: format!("{column} {}", "how satisfied are you with the answer ".repeat(5)),
                transform: "identity".to_owned(),
                ..contracts::v1::FeatureSummary::default()
            };
            set.features = (0..columns).map(named).collect();
        }
    }
    message
}

#[test]
fn a_handoff_that_would_be_too_large_is_packed() {
    let small = wide(10);
    assert_eq!(encoding::encode_handoff(&small).unwrap(), encoding::encode(&small));
    let large = wide(8000);
    assert!(matches!(encoding::encode_bounded(&large), Err(ContractError::TooLarge { .. })));
    let bytes = encoding::encode_handoff(&large).unwrap();
    assert!(bytes.len() < MAX_PAYLOAD);
    let travelling: contracts::v1::Handoff = encoding::from_protobuf("Handoff", &bytes).unwrap();
    assert!(travelling.outputs.is_empty() && !travelling.packed.is_empty());
    assert_eq!(encoding::unpacked(travelling.clone()).unwrap(), large);
    assert_eq!(encoding::decode_handoff(None, &bytes).unwrap().into_message(), large);
    let json = encoding::to_json("Handoff", &travelling).unwrap().to_string();
    assert_eq!(encoding::decode_handoff(None, json.as_bytes()).unwrap().into_message(), large);
}

#[test]
fn what_is_packed_wrongly_is_refused() {
    let refused = |message: contracts::v1::Handoff| match encoding::unpacked(message) {
        Err(ContractError::Field { path, .. }) => path,
        other => format!("{other:?}"),
    };
    let packed = |bytes: &[u8]| contracts::v1::Handoff {
        packed: bytes.to_vec(),
        ..contracts::v1::Handoff::default()
    };
    assert_eq!(refused(packed(b"no compressed message")), "packed");
    let beside = contracts::v1::Handoff { packed: vec![1], ..wide(10) };
    assert_eq!(refused(beside), "packed");
    let bomb = zstd::bulk::compress(&vec![0_u8; 80 << 20], 3).unwrap();
    assert!(bomb.len() < 100_000);
    assert_eq!(refused(packed(&bomb)), "packed");
}
