//! Whether an agent takes the messages of each stage, judged from what the broker says of its consumers.
//!
//! An agent that is busy pulls nothing, as one that is dead does. But every living replica waits on its consumer of advisories,
//! busy or not: where no request waits there, no replica lives.
//!
//! Pure: the caller looks, and says when it looked.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use contracts::Agent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ledger::{RunView, StageStatus, WarningView};

/// Code of the warning.
pub const STAGE_UNATTENDED: &str = "stage_unattended";

/// What the broker says of an agent's consumers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConsumerStats {
    /// Handoffs that were not delivered yet.
    pub pending: u64,
    /// Handoffs that were delivered and are not settled.
    pub under_way: u64,
    /// Pulls that wait for handoffs.
    pub pulls: usize,
    /// Pulls that wait for advisories: one for each living replica.
    pub replicas: usize,
}

impl ConsumerStats {
    /// Whether there is work without an agent that does it.
    #[must_use]
    pub const fn is_unattended(self) -> bool {
        let busy = self.replicas > 0 && self.under_way > 0;
        self.pending + self.under_way > 0 && self.pulls == 0 && !busy
    }
}

/// A stage without a live agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnattendedStage {
    /// Name of the stage's agent.
    pub agent: String,
    /// For how many seconds at least.
    pub seconds: u64,
    /// Number of handoffs that wait, those included whose agent died.
    pub waiting: u64,
}

impl UnattendedStage {
    /// The warning `stage_unattended` about this stage.
    #[must_use]
    pub fn warning(&self) -> WarningView {
        WarningView {
            code: STAGE_UNATTENDED.to_owned(),
            message: format!(
                "no replica of {} takes its handoffs, for {} s now; {} waiting; start one, or see why it hangs",
                self.agent, self.seconds, self.waiting
            ),
            agent: self.agent.clone(),
        }
    }
}

/// What has been seen so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attention {
    /// Since when no live agent takes an agent's messages, and how many there were at the last check.
    since: BTreeMap<Agent, (SystemTime, u64)>,
}

impl Attention {
    /// Takes a look in.
    pub fn observe(&mut self, agent: Agent, look: ConsumerStats, at: SystemTime) {
        if look.is_unattended() {
            let since = self.since.get(&agent).map_or(at, |(since, _)| *since);
            self.since.insert(agent, (since, look.pending + look.under_way));
        } else {
            self.since.remove(&agent);
        }
    }

    /// Forgets an agent of which nothing can be said now.
    pub fn forget(&mut self, agent: Agent) {
        self.since.remove(&agent);
    }

    /// The agents without a live replica for at least `after`.
    #[must_use]
    pub fn unattended(&self, after: Duration, now: SystemTime) -> Vec<UnattendedStage> {
        self.since
            .iter()
            .filter_map(|(agent, (since, waiting))| {
                let lasted = now.duration_since(*since).unwrap_or_default();
                (lasted >= after).then(|| UnattendedStage {
                    agent: agent.to_string(),
                    seconds: lasted.as_secs(),
                    waiting: *waiting,
                })
            })
            .collect()
    }
}

/// Adds a warning to a run that waits for a stage without a live agent.
pub fn warn(view: &mut RunView, unattended: &[UnattendedStage]) {
    if view.status.is_final() {
        return;
    }
    let waits = |agent: &str| {
        let stage = view.stages.iter().find(|stage| !stage.status.is_final());
        stage.is_some_and(|stage| stage.agent == agent && stage.status != StageStatus::Pending)
    };
    let warnings: Vec<WarningView> = unattended
        .iter()
        .filter(|unattended| waits(&unattended.agent))
        .map(UnattendedStage::warning)
        .collect();
    view.warnings.extend(warnings);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use contracts::RunId;
    use contracts::v1::{Handoff, Plan};

    use super::*;
    use crate::ledger::{Ledger, Record};

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second)
    }

    #[test]
    fn only_work_that_nobody_does_is_unattended() {
        let look = |pending, under_way, pulls, replicas| ConsumerStats {
            pending,
            under_way,
            pulls,
            replicas,
        };
        for (look, expected) in [
            (look(0, 0, 0, 0), false),
            (look(0, 0, 1, 1), false),
            (look(3, 0, 0, 0), true),
            (look(3, 0, 1, 1), false),
            // A replica that works on one has no pull.
            (look(3, 1, 0, 1), false),
            // What a dead replica had in hand.
            (look(0, 1, 0, 0), true),
            // A replica that lives but does not pull.
            (look(1, 0, 0, 1), true),
        ] {
            assert_eq!(look.is_unattended(), expected, "{look:?}");
        }
    }

    #[test]
    fn a_moment_without_a_pull_is_not_told() {
        let (mut attention, after) = (Attention::default(), Duration::from_secs(10));
        let agent = Agent::ModelTrainer;
        let dead = ConsumerStats { pending: 2, ..ConsumerStats::default() };
        attention.observe(agent, dead, at(0));
        assert!(attention.unattended(after, at(9)).is_empty());
        attention.observe(agent, dead, at(10));
        let told = attention.unattended(after, at(10));
        assert_eq!(
            (told[0].agent.as_str(), told[0].seconds, told[0].waiting),
            ("model-trainer", 10, 2)
        );
        attention.observe(agent, ConsumerStats { pulls: 1, replicas: 1, ..dead }, at(11));
        attention.observe(agent, dead, at(12));
        assert!(attention.unattended(after, at(13)).is_empty(), "it begins anew");
        attention.forget(agent);
        assert!(attention.unattended(Duration::ZERO, at(99)).is_empty());
    }

    #[test]
    fn the_run_that_waits_there_is_warned() {
        let run = RunId::new("r1").unwrap();
        let mut ledger = Ledger::new(1);
        let handoff = Handoff {
            to_agent: "scope-definer".into(),
            plan: Some(Plan {
                agents: vec!["scope-definer".into(), "data-preparer".into()],
                deadline: None,
            }),
            ..Handoff::default()
        };
        ledger.apply(1, run.clone(), &Record::Handoff(Box::new(handoff)));
        let view = ledger.run(&run).unwrap();
        let unattended =
            |agent: Agent| UnattendedStage { agent: agent.to_string(), seconds: 60, waiting: 1 };
        let mut warned = view.clone();
        warn(&mut warned, &[unattended(Agent::ScopeDefiner), unattended(Agent::DataPreparer)]);
        assert_eq!(warned.warnings.len(), 1, "{:?}", warned.warnings);
        assert_eq!(warned.warnings[0].code, STAGE_UNATTENDED);
        let mut other = view;
        warn(&mut other, &[unattended(Agent::ModelTrainer)]);
        assert!(other.warnings.is_empty());
    }
}
