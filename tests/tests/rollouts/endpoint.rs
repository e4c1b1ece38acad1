//! An endpoint of a fleet: runs that deploy to it, callers, and what is known of it.

use std::path::PathBuf;

use bus::Bus;
use registry::Registry;
use serde_json::Value;
use tier0_tests::load::{Load, LoadAnswer};
use tier0_tests::pipeline::{FAST, small_table};
use tier0_tests::{Fleet, FleetOptions, Submitted, write_table};

/// Name of the model and of its endpoint.
pub(crate) const NAME: &str = "leaving";

/// A fleet with an endpoint.
pub(crate) struct Endpoint {
    pub(crate) fleet: Fleet,
    pub(crate) registry: Registry,
    pub(crate) bus: Bus,
    faults: PathBuf,
    _faults: tempfile::TempDir,
}

/// What a table is like that a version is trained on.
#[derive(Clone, Copy)]
pub(crate) enum World {
    /// As [`small_table`] has it.
    Usual,
    /// Those who stayed leave, and the other way round.
    Reversed,
}

impl Endpoint {
    /// A fleet with one or two model servers, and version 1 live.
    pub(crate) async fn with(servers: u32, environment: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let faults = directory.path().join("faults");
        std::fs::write(&faults, "").unwrap();
        let fixed = [("TIER0_SCORE_FAULTS", faults.to_str().unwrap())];
        let environment = FAST
            .iter()
            .chain(&fixed)
            .chain(environment)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let arguments = if servers > 1 { vec!["--model-servers", "2"] } else { Vec::new() };
        let options = FleetOptions { environment, arguments, ..FleetOptions::default() };
        let fleet = Fleet::up_with(options).await;
        let config = fleet.broker();
        let bus = Bus::connect(&config, "test").await.unwrap();
        let registry = Registry::new(&bus).await.unwrap();
        let endpoint = Self { fleet, registry, bus, faults, _faults: directory };
        endpoint.deploy(1200, World::Usual, &[]).await.succeeded();
        endpoint
    }

    /// Trains a version on so many rows and brings it to traffic.
    pub(crate) async fn deploy(&self, rows: u32, world: World, options: &[&str]) -> Submitted {
        let table = self.fleet.path(&format!("{rows}.csv"));
        let lines: Vec<String> = small_table(rows)
            .into_iter()
            .map(|line| match world {
                World::Usual => line,
                World::Reversed => match line.rsplit_once(',') {
                    Some((row, "yes")) => format!("{row},no"),
                    Some((row, "no")) => format!("{row},yes"),
                    _ => line,
                },
            })
            .collect();
        write_table(&table, lines);
        let mut arguments = vec![
            "--data",
            table.to_str().unwrap(),
            "--target",
            "left",
            "--positive",
            "yes",
            "--time-budget",
            "60s",
            "--seed",
            "7",
            "--name",
            NAME,
        ];
        arguments.extend(options);
        self.fleet.submit(arguments).await
    }

    /// Makes versions fail: lines such as `leaving.2 fail`.
    #[cfg(feature = "fault-injection")]
    pub(crate) fn fail(&self, faults: &str) {
        std::fs::write(&self.faults, faults).unwrap();
    }

    #[cfg(not(feature = "fault-injection"))]
    pub(crate) fn faults(&self) -> &std::path::Path {
        &self.faults
    }

    /// Rows of callers, which no version was trained on, with their outcomes.
    pub(crate) fn rows() -> (Vec<String>, Vec<String>) {
        small_table(6000)
            .into_iter()
            .skip(3001)
            .filter_map(|line| {
                line.rsplit_once(',').map(|(row, outcome)| (row.to_owned(), outcome.to_owned()))
            })
            .unzip()
    }

    /// Where the endpoint answers, one URL for each server.
    pub(crate) async fn urls(&self) -> Vec<String> {
        let servers = self.registry.servers(NAME).await.unwrap();
        servers.iter().map(|server| format!("{}/v2/models/{NAME}", server.url)).collect()
    }

    /// Callers on all servers.
    pub(crate) async fn load(&self) -> Load {
        Load::start(self.urls().await, Self::rows().0, 4)
    }

    /// What `tier0 endpoints show` says.
    pub(crate) async fn show(&self) -> Value {
        self.fleet.tier0(["endpoints", "show", NAME, "--json"]).await.success().json()
    }

    /// What a `tier0 endpoints` command says.
    pub(crate) async fn change(&self, arguments: &[&str]) -> Value {
        let all = ["endpoints"].iter().chain(arguments).chain(&["--json"]).copied();
        self.fleet.tier0(all).await.success().json()
    }

    /// The stage of a version in the registry, as its number.
    pub(crate) async fn stage(&self, version: u32) -> contracts::v1::ModelStage {
        self.registry.version(NAME, version).await.unwrap().unwrap().stage()
    }
}

/// None of the requests failed, and there were some.
#[track_caller]
pub(crate) fn none_failed(answers: &[LoadAnswer]) {
    let failed: Vec<&LoadAnswer> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert!(
        failed.is_empty(),
        "{} of {} failed: {:?}",
        failed.len(),
        answers.len(),
        failed.first()
    );
    assert!(answers.len() > 100, "only {} requests", answers.len());
}

/// How many of the answers are of a version.
pub(crate) fn of_version(answers: &[LoadAnswer], version: u32) -> usize {
    answers.iter().filter(|answer| answer.version == version).count()
}

/// Asserts that a count of so many is what a share would give, within the 99.9 % bound of the binomial distribution (normal approximation, 3.29 standard deviations).
#[track_caller]
pub(crate) fn within_bound(found: usize, of: usize, share: f64) {
    let (found, of) = (found as f64, of as f64);
    let bound = 3.29 * (of * share * (1.0 - share)).sqrt();
    assert!((found - of * share).abs() <= bound, "{found} of {of} is not {share} (± {bound:.0})");
}
