//! Messages that could not be handled.

use contracts::{Agent, RunId, subjects, v1};
use prost::Message as _;

use crate::{Bus, Error, Headers, MESSAGE_ID};

/// Bytes of the original that a dead letter keeps; the rest of its message needs room as well.
const LARGEST_ORIGINAL: usize = 768 * 1024;

impl Bus {
    /// Stores a dead letter; one of the same id is stored once within the broker's deduplication window.
    pub async fn dead_letter(&self, letter: v1::DeadLetter) -> Result<u64, Error> {
        let mut letter = letter;
        if letter.payload.len() > LARGEST_ORIGINAL {
            letter.payload.truncate(LARGEST_ORIGINAL);
            letter.truncated = true;
        }
        let mut headers = Headers::new();
        headers.insert(MESSAGE_ID, format!("dead.{}.{}", letter.agent, letter.id).as_str());
        let agent: Agent = letter.agent.parse()?;
        let run =
            if letter.run_id.is_empty() { None } else { Some(RunId::new(letter.run_id.as_str())?) };
        let subject = subjects::dead_letter(agent, run.as_ref());
        self.publish(&subject, headers, letter.encode_to_vec().into()).await
    }
}
