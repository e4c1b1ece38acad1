//! Round trips of arbitrary messages, generated from the schema itself.

use contracts::{Agent, RunId, ValidHandoff, encoding};
use proptest::prelude::*;
use prost::Message;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::samples;
use crate::samples::every_message;
use crate::schema::SCHEMA;

type Field = Option<(String, Value)>;

/// Arbitrary canonical JSON of a message.
fn message(descriptor: &DescriptorProto) -> BoxedStrategy<Value> {
    let alone = descriptor.field.iter().filter(|field| field.oneof_index.is_none());
    let mut fields: Vec<BoxedStrategy<Field>> = alone
        .map(|field| {
            let name = field.json_name().to_owned();
            let value = value(descriptor, field);
            prop::option::of(value).prop_map(move |v| v.map(|v| (name.clone(), v))).boxed()
        })
        .collect();
    let choices: Vec<BoxedStrategy<Field>> = descriptor
        .field
        .iter()
        .filter(|field| field.oneof_index.is_some())
        .map(|field| {
            let name = field.json_name().to_owned();
            value(descriptor, field).prop_map(move |v| Some((name.clone(), v))).boxed()
        })
        .collect();
    if !choices.is_empty() {
        fields.push(prop::strategy::Union::new(choices).boxed());
    }
    fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect())).boxed()
}

fn value(owner: &DescriptorProto, field: &FieldDescriptorProto) -> BoxedStrategy<Value> {
    let entry = owner
        .nested_type
        .iter()
        .find(|nested| field.type_name().ends_with(&format!("{}.{}", owner.name(), nested.name())));
    if let Some(entry) = entry {
        let values = scalar(&entry.field[1]);
        let keys = match entry.field[0].r#type() {
            Type::String => "\\PC{0,6}".boxed(),
            _ => any::<u32>().prop_map(|number| number.to_string()).boxed(),
        };
        return prop::collection::btree_map(keys, values, 0..3)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
            .boxed();
    }
    let one = scalar(field);
    if field.label() == Label::Repeated {
        prop::collection::vec(one, 0..3).prop_map(Value::Array).boxed()
    } else {
        one
    }
}

fn scalar(field: &FieldDescriptorProto) -> BoxedStrategy<Value> {
    let name = field.type_name().rsplit('.').next().unwrap_or_default().to_owned();
    match field.r#type() {
        Type::String => "\\PC{0,12}".prop_map(Value::from).boxed(),
        Type::Double => prop::num::f64::NORMAL.prop_map(|number| json!(number)).boxed(),
        Type::Uint64 => any::<u64>().prop_map(|number| json!(number.to_string())).boxed(),
        Type::Uint32 => any::<u32>().prop_map(|number| json!(number)).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Bytes => {
            prop::sample::select(vec!["", "AA==", "AAH+/w=="]).prop_map(Value::from).boxed()
        }
        Type::Enum => {
            let names = SCHEMA.enumerations.iter().find(|known| known.name() == name).unwrap();
            let names: Vec<String> =
                names.value.iter().map(|value| value.name().to_owned()).collect();
            prop::sample::select(names).prop_map(Value::from).boxed()
        }
        Type::Message if field.type_name() == ".google.protobuf.Timestamp" => {
            (0..4_000_000_000_u64, 0..1000_u64)
                .prop_map(|(seconds, ms)| {
                    let at = std::time::SystemTime::UNIX_EPOCH
                        + std::time::Duration::from_millis(seconds * 1000 + ms);
                    serde_json::to_value(contracts::time::timestamp(at)).unwrap()
                })
                .boxed()
        }
        Type::Message if field.type_name() == ".google.protobuf.Duration" => {
            (0..100_000_u64, 0..1000_u64)
                .prop_map(|(seconds, ms)| json!(format!("{seconds}.{ms:03}s")))
                .boxed()
        }
        Type::Message => {
            message(SCHEMA.messages.iter().find(|known| known.name() == name).unwrap())
        }
        other => panic!("the generator does not know {other:?}"),
    }
}

fn round_trip<M>(name: &'static str, json: &Value) -> Result<(), TestCaseError>
where
    M: Message + Default + PartialEq + Serialize + DeserializeOwned,
{
    let from_json: M = encoding::from_json(name, json.to_string().as_bytes()).unwrap();
    let bytes = encoding::encode(&from_json);
    let from_bytes: M = encoding::from_protobuf(name, &bytes).unwrap();
    prop_assert!(from_bytes == from_json, "protobuf of {name}");
    prop_assert_eq!(encoding::encode(&from_bytes), bytes, "the same bytes again");
    let again = encoding::to_json(name, &from_bytes).unwrap();
    let from_again: M = encoding::from_json(name, again.to_string().as_bytes()).unwrap();
    prop_assert!(from_again == from_json, "JSON of {name}");
    Ok(())
}

#[test]
fn json_and_protobuf_say_the_same_of_every_message() {
    macro_rules! try_all {
        ($name:ident, $sample:expr) => {{
            let _ = $sample;
            let descriptor =
                SCHEMA.messages.iter().find(|m| m.name() == stringify!($name)).unwrap();
            let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
                cases: 24,
                failure_persistence: None,
                ..ProptestConfig::default()
            });
            runner
                .run(&message(descriptor), |json| {
                    round_trip::<contracts::v1::$name>(stringify!($name), &json)
                })
                .unwrap();
        }};
    }
    every_message!(try_all);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn a_handoff_survives_the_domain(
        run in "[A-Za-z0-9_-]{0,63}[A-Za-z0-9_]",
        epoch: u32,
        stages in 0..=7_usize,
        attempt in 1..100_u32,
        seed: u64,
        text in "\\PC{1,40}",
        threshold in prop::num::f64::NORMAL,
    ) {
        let mut request = samples::request();
        request.seed = seed;
        request.text = text;
        request.criteria[0].threshold = threshold;
        let first = contracts::handoff::FirstHandoff {
            run_id: RunId::new(run).unwrap(),
            epoch,
            plan: Agent::ALL.to_vec(),
            deadline: None,
            request,
            outputs: Vec::new(),
            at: samples::at(1),
        };
        let handoff = Agent::ALL.into_iter().take(stages).fold(
            first.build().unwrap(),
            |handoff, agent| {
                let mut finished = samples::finished(agent);
                finished.attempt = attempt;
                handoff.next(finished).unwrap()
            },
        );
        let bytes = encoding::encode(handoff.as_message());
        let back = encoding::decode_handoff(None, &bytes).unwrap();
        prop_assert_eq!(&back, &handoff);
        prop_assert_eq!(encoding::encode(&contracts::v1::Handoff::from(back)), bytes);
        let json = encoding::to_json("Handoff", handoff.as_message()).unwrap().to_string();
        prop_assert_eq!(encoding::decode_handoff(None, json.as_bytes()).unwrap(), handoff);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = encoding::decode_request(None, &bytes);
        let _ = encoding::decode_handoff(None, &bytes);
        let _ = encoding::decode_request(Some("application/json"), &bytes);
    }

    #[test]
    fn a_damaged_handoff_is_refused_or_valid(position: prop::sample::Index, byte: u8) {
        let mut bytes = encoding::encode(samples::result().as_message()).to_vec();
        let at = position.index(bytes.len());
        bytes[at] = byte;
        if let Ok(handoff) = encoding::decode_handoff(None, &bytes) {
            let message = handoff.into_message();
            prop_assert!(ValidHandoff::try_from(message).is_ok());
        }
    }
}
