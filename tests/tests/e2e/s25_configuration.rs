//! Scenario 25: one source of configuration, its precedence, and all problems at once.

use std::process::{Command, Output, Stdio};

use contracts::Agent;
use tier0_tests::program;

/// A value of each layer, from the weakest to the strongest.
const LAYERS: [&str; 4] =
    ["nats://default-of-nobody:1", "nats://file:1", "nats://environment:1", "nats://flag:1"];

fn run(name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(program(name))
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The configuration that a program prints, as TOML or JSON text.
fn printed(name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let mut all = vec!["--print-config"];
    all.extend(arguments);
    let output = run(name, &all, environment);
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn s25_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tier0.toml");
    std::fs::write(&file, format!("[nats]\nurl = \"{}\"\n", LAYERS[1])).unwrap();
    let file = file.to_str().unwrap();

    for agent in Agent::ALL.map(Agent::as_str).into_iter().chain(["model-server", "orchestrator"]) {
        precedence(agent, file);
    }
    every_problem_at_once(directory.path());
    secrets_are_not_printed();
}

/// Defaults < file < environment of all < environment of one < flags.
fn precedence(agent: &str, file: &str) {
    let own = format!("TIER0_{}__NATS__URL", agent.to_uppercase().replace('-', "_"));
    let all = ("TIER0__NATS__URL", LAYERS[2]);
    let config = ["--config", file];
    let holds = |text: &str, value: &str| {
        assert!(text.contains(value), "{agent} should have {value}:\n{text}")
    };

    holds(&printed(agent, &[], &[]), "127.0.0.1:4222");
    holds(&printed(agent, &config, &[]), LAYERS[1]);
    holds(&printed(agent, &config, &[all]), LAYERS[2]);
    holds(&printed(agent, &config, &[all, (&own, "nats://own:1")]), "nats://own:1");
    let flags = ["--config", file, "--nats-url", LAYERS[3]];
    holds(&printed(agent, &flags, &[all, (&own, "nats://own:1")]), LAYERS[3]);
    let flags = ["--config", file, "--set", "nats.url=nats://set:1"];
    holds(&printed(agent, &flags, &[all]), "nats://set:1");
}

/// Three problems of three layers: one answer that names all three, and the program does not start.
fn every_problem_at_once(directory: &std::path::Path) {
    let file = directory.join("wrong.toml");
    std::fs::write(&file, "[nats]\nurl = \"not a url\"\n[stage]\ncolour = \"blue\"\n").unwrap();
    let arguments =
        ["--config", file.to_str().unwrap(), "--check-config", "--set", "log.format=sideways"];
    let output = run("model-trainer", &arguments, &[("TIER0__STAGE__MAX_IN_FLIGHT", "5000")]);
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    for problem in ["nats.url", "colour", "log.format", "max_in_flight"] {
        assert!(text.contains(problem), "should name {problem}:\n{text}");
    }
}

fn secrets_are_not_printed() {
    let environment = [("TIER0__NATS__USER", "ada"), ("TIER0__NATS__PASSWORD", "hunter-two")];
    let text = printed("model-trainer", &[], &environment);
    assert!(text.contains("ada") && !text.contains("hunter-two"), "{text}");
}
