//! What protobuf's own JSON printer writes is read as the message that it was, and what is written here is read by protobuf.

use std::path::Path;

use contracts::{encoding, v1};
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tier0_tests::Python;

const SEED: &str = "1";
const MESSAGES: usize = 300;

/// Reads texts that were written here, and compares them with the bytes of the same messages.
const READER: &str = r#"
import json, sys
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

pool = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(open(sys.argv[1], "rb").read()).file:
    pool.Add(file)
count = compared = 0
for line in open(sys.argv[2]):
    given = json.loads(line)
    count += 1
    # Numbers that are not finite are read, refused by every rule, and written as nothing.
    if "null" in json.dumps(given["json"]):
        continue
    compared += 1
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName("tier0.v1." + given["type"]))
    read = json_format.ParseDict(given["json"], kind())
    assert read == kind.FromString(bytes.fromhex(given["bytes"])), given
assert compared > 50, compared
print(count)
"#;

fn descriptors() -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto");
    let files = std::fs::read_dir(root.join("tier0/v1")).unwrap();
    let files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    protox::compile(&files, [&root]).unwrap().encode_to_vec()
}

/// The message of these bytes is that of every text; gives it as it is written here.
fn read<M>(name: &'static str, bytes: &[u8], texts: &[Value]) -> Value
where
    M: Message + Default + DeserializeOwned + Serialize + PartialEq + std::fmt::Debug,
{
    let expected: M = encoding::from_protobuf(name, bytes).unwrap();
    for text in texts {
        let text = text.as_str().unwrap();
        let found: M = encoding::from_json(name, text.as_bytes())
            .unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        assert!(found == expected, "{name}: {found:?} is not {expected:?}\n{text}");
    }
    encoding::to_json(name, &expected).unwrap()
}

#[tokio::test]
async fn json_of_protobuf_is_read_and_ours_is_read_by_protobuf() {
    let Some(python) = Python::with(&["google.protobuf"]).await else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("descriptors"), descriptors()).unwrap();
    let arguments = [&path("descriptors"), SEED, &MESSAGES.to_string()];
    let printed = python.run(include_str!("print_messages.py"), &arguments).await.success();
    let (mut texts, mut written) = (0, String::new());
    for line in printed.stdout.lines() {
        let given: Value = serde_json::from_str(line).unwrap();
        let bytes = hex::decode(given["bytes"].as_str().unwrap()).unwrap();
        let spelled = given["texts"].as_array().unwrap();
        let json = match given["type"].as_str().unwrap() {
            "ScopeRequest" => read::<v1::ScopeRequest>("ScopeRequest", &bytes, spelled),
            "Feedback" => read::<v1::Feedback>("Feedback", &bytes, spelled),
            "Handoff" => read::<v1::Handoff>("Handoff", &bytes, spelled),
            "Alert" => read::<v1::Alert>("Alert", &bytes, spelled),
            "MonitorCounts" => read::<v1::MonitorCounts>("MonitorCounts", &bytes, spelled),
            other => panic!("{other}"),
        };
        texts += spelled.len();
        let line =
            serde_json::json!({"type": given["type"], "bytes": given["bytes"], "json": json});
        written += &format!("{line}\n");
    }
    std::fs::write(path("written"), written).unwrap();
    let read = python.run(READER, &[&path("descriptors"), &path("written")]).await.success();
    assert_eq!(read.stdout.trim(), MESSAGES.to_string());
    assert!(texts > 5 * MESSAGES, "{texts}");
}
