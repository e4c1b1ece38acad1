//! What a fleet has written down, read with the crates that define it.

use artifacts::ArtifactStore;
use bus::Bus;
use contracts::{Agent, RunId, ValidHandoff, encoding, names, subjects, v1};
use registry::Registry;
use tier0_tests::Fleet;

/// The records of a fleet.
pub(crate) struct Records {
    pub(crate) bus: Bus,
    pub(crate) artifacts: ArtifactStore,
    pub(crate) registry: Registry,
}

impl Records {
    pub(crate) async fn open(fleet: &Fleet) -> Self {
        let bus = Bus::connect(&fleet.broker(), "test").await.unwrap();
        let artifacts = ArtifactStore::open(&ArtifactStore::default_uri(), &bus).await.unwrap();
        let registry = Registry::new(&bus).await.unwrap();
        Self { bus, artifacts, registry }
    }

    /// The message that was handed to an agent, if one was.
    pub(crate) async fn handed_to(&self, agent: Agent, run: &RunId) -> Option<ValidHandoff> {
        self.last(&subjects::handoff(agent, run, 0)).await
    }

    /// The end of a run.
    pub(crate) async fn result(&self, run: &RunId) -> Option<ValidHandoff> {
        self.last(&subjects::result(run, 0)).await
    }

    /// How many messages the handoff stream holds on a subject.
    pub(crate) async fn count(&self, subject: &str) -> usize {
        let stream = self.bus.jetstream().get_stream(names::STREAM).await.unwrap();
        let info = futures::TryStreamExt::try_collect::<Vec<_>>(
            stream.info_with_subjects(subject).await.unwrap(),
        );
        info.await.unwrap().into_iter().map(|(_, count)| count).sum()
    }

    async fn last(&self, subject: &str) -> Option<ValidHandoff> {
        let (_, _, payload) = self.bus.last(subject).await.unwrap()?;
        Some(encoding::decode_handoff(None, &payload).expect("a handoff in the stream is valid"))
    }

    /// The dead letters, oldest first.
    pub(crate) async fn dead_letters(&self) -> Vec<v1::DeadLetter> {
        let stream = self.bus.jetstream().get_stream(names::DEAD_LETTERS_STREAM).await.unwrap();
        let state = stream.cached_info().state.clone();
        let mut letters = Vec::new();
        if state.messages == 0 {
            return letters;
        }
        for sequence in state.first_sequence..=state.last_sequence {
            let message = stream.get_raw_message(sequence).await.unwrap();
            letters.push(encoding::from_protobuf("DeadLetter", &message.payload).unwrap());
        }
        letters
    }
}

/// The outputs of a finished run, each taken apart.
pub(crate) struct Outputs {
    pub(crate) data: v1::PreparedData,
    pub(crate) trained: v1::TrainedModel,
    pub(crate) deployment: v1::Deployment,
    pub(crate) monitoring: v1::Monitoring,
}

impl Outputs {
    pub(crate) fn from_result(result: &ValidHandoff) -> Self {
        Self {
            data: result.prepared_data().unwrap().to_message(),
            trained: result.trained_model().unwrap().to_message(),
            deployment: result.deployment().unwrap().to_message(),
            monitoring: result.monitoring().unwrap().to_message(),
        }
    }
}

/// The agent that an output is of.
pub(crate) fn kind(output: &v1::StageOutput) -> &'static str {
    output.producer().expect("an output has its content").as_str()
}
