//! Holds what `docs/deployment.md` says about the fleet in containers and on Kubernetes, without either: every program has an image,
//! a service and a deployment, none may do more than it has to, and each program accepts the configuration that it is given.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says what it skipped"
)]

mod broker;
mod compose;
mod images;
mod kubernetes;
mod lists;
mod manifests;
mod planted;
mod rules;

use std::path::{Path, PathBuf};
use std::process::Command;

use contracts::Agent;
use tier0_tests::program;

/// Programs that listen and are asked for their health, each a service and a deployment under its own name.
fn processes() -> impl Iterator<Item = &'static str> {
    Agent::ALL.map(Agent::as_str).into_iter().chain(["orchestrator", "model-server"])
}

/// A file of the repository.
fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn deploy(name: &str) -> PathBuf {
    repository("deploy").join(name)
}

/// Makes the keys and permissions of all identities below a directory, and certificates of a broker by these names.
fn make_secrets(directory: &Path, names: &[&str]) {
    let mut init = Command::new(program("tier0"));
    succeed(init.args(["security", "init", "--dir"]).arg(directory));
    succeed(Command::new(repository("scripts/certificates")).arg(directory).args(names));
}

/// What a command writes, when it succeeds.
#[track_caller]
fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}
