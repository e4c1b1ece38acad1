//! Recorded histories: the messages of runs as an earlier build wrote them, in files beside the tests.
//!
//! ```text
//! tests/histories/CASE/messages.jsonl   one message of the handoff stream per line
//! tests/histories/CASE/view.json        what the ledger makes of them
//! tests/histories/artifacts/SHA256      what the messages of the case `whole` refer to
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// A message of the handoff stream, as it was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its sequence in the stream that it was recorded from.
    pub sequence: u64,
    /// NATS subject of the message.
    pub subject: String,
    /// NATS headers of the message.
    pub headers: BTreeMap<String, Vec<String>>,
    /// Body of the message, as it was published.
    #[serde(with = "base64_text")]
    pub payload: Vec<u8>,
}

mod base64_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    use base64::Engine as _;

    use super::STANDARD;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text).map_err(de::Error::custom)
    }
}

/// Recorded histories of the repository.
#[derive(Debug, Clone)]
pub struct Histories {
    root: PathBuf,
}

impl Histories {
    /// The one of this repository.
    pub fn committed() -> Self {
        Self { root: Path::new(env!("CARGO_MANIFEST_DIR")).join("histories") }
    }

    /// The names of the cases, sorted.
    ///
    /// # Panics
    ///
    /// When there is no corpus.
    pub fn cases(&self) -> Vec<String> {
        let mut cases: Vec<String> = std::fs::read_dir(&self.root)
            .expect("there are recorded histories")
            .map(|entry| entry.expect("an entry"))
            .filter(|entry| entry.path().join("messages.jsonl").is_file())
            .map(|entry| entry.file_name().into_string().expect("a plain name"))
            .collect();
        cases.sort_unstable();
        cases
    }

    /// The messages of a case, in their order.
    ///
    /// # Panics
    ///
    /// When they cannot be read.
    pub fn messages(&self, case: &str) -> Vec<Recorded> {
        let path = self.root.join(case).join("messages.jsonl");
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let read = |line| serde_json::from_str(line).expect("a recorded message");
        text.lines().map(read).collect()
    }

    /// Writes a case in the place of what there is.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn write_messages(&self, case: &str, messages: &[Recorded]) {
        let directory = self.root.join(case);
        std::fs::create_dir_all(&directory).expect("the directory of a case");
        let line = |message| serde_json::to_string(message).expect("a message as JSON") + "\n";
        let text: String = messages.iter().map(line).collect();
        std::fs::write(directory.join("messages.jsonl"), text).expect("the messages are written");
    }

    /// The file with what the ledger makes of a case.
    pub fn view(&self, case: &str) -> PathBuf {
        self.root.join(case).join("view.json")
    }

    /// The directory of artifacts by digest.
    pub fn artifacts(&self) -> PathBuf {
        self.root.join("artifacts")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_read_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        let histories = Histories { root: directory.path().to_owned() };
        let messages = vec![Recorded {
            sequence: 7,
            subject: "tier0.v1.result.a.0".to_owned(),
            headers: [("Nats-Msg-Id".to_owned(), vec!["a.0.end".to_owned()])].into(),
            payload: vec![0, 255, 10, 13],
        }];
        histories.write_messages("one", &messages);
        assert_eq!(histories.cases(), ["one"]);
        assert_eq!(histories.messages("one"), messages);
    }
}
