//! The bytes of every message, as they were: a change that breaks what is stored or on its way is seen here.
//!
//! After a change that is meant: `TIER0_REGENERATE=1 cargo test -p contracts --test it golden`.

use std::collections::BTreeSet;
use std::path::Path;

use contracts::encoding;
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::samples::every_message;
use crate::schema::SCHEMA;

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for line in bytes.chunks(32) {
        text.push_str(&hex::encode(line));
        text.push('\n');
    }
    text
}

fn compare(file: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
    if std::env::var_os("TIER0_REGENERATE").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let then = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        then == now,
        "the encoding of {file} has changed; was\n{then}\nis\n{now}\nIf it is meant: \
         TIER0_REGENERATE=1 cargo test -p contracts --test it golden"
    );
}

fn check<M>(name: &'static str, message: &M)
where
    M: Message + Default + PartialEq + Serialize + DeserializeOwned,
{
    let bytes = message.encode_to_vec();
    let json = serde_json::to_string_pretty(&encoding::to_json(name, message).unwrap()).unwrap();
    compare(&format!("{name}.hex"), &hex(&bytes));
    compare(&format!("{name}.json"), &format!("{json}\n"));
    assert!(M::decode(bytes.as_slice()).unwrap() == *message, "{name} from its bytes");
    let back: M = encoding::from_json(name, json.as_bytes()).unwrap();
    assert!(back == *message, "{name} from its JSON");
}

#[test]
fn the_encoding_of_every_message_is_as_it_was() {
    macro_rules! compare_all {
        ($name:ident, $sample:expr) => {
            check::<contracts::v1::$name>(stringify!($name), &$sample)
        };
    }
    every_message!(compare_all);
}

#[test]
fn every_message_of_the_schema_has_golden_bytes() {
    let mut sampled = BTreeSet::new();
    macro_rules! collect {
        ($name:ident, $sample:expr) => {
            sampled.insert(stringify!($name).to_owned())
        };
    }
    every_message!(collect);
    let schema: BTreeSet<String> =
        SCHEMA.messages.iter().map(|message| message.name().to_owned()).collect();
    let unsampled: Vec<_> = schema.difference(&sampled).collect();
    assert!(unsampled.is_empty(), "no sample in every_message! of {unsampled:?}");
    assert_eq!(sampled.len(), schema.len(), "samples of messages that the schema does not have");
}

#[test]
fn the_samples_set_every_field() {
    macro_rules! fields {
        ($name:ident, $sample:expr) => {{
            let json = encoding::to_json(stringify!($name), &$sample).unwrap();
            let message = SCHEMA.messages.iter().find(|m| m.name() == stringify!($name)).unwrap();
            for field in message.field.iter().filter(|field| field.oneof_index.is_none()) {
                assert!(
                    json.get(field.json_name()).is_some(),
                    "the sample of {} leaves {} at its default",
                    stringify!($name),
                    field.name()
                );
            }
        }};
    }
    every_message!(fields);
}
