#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use clap::CommandFactory;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_has_an_example() {
    for command in Cli::command().get_subcommands() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("Example"), "{}", command.get_name());
    }
}

#[test]
fn commands_on_runs_and_dead_letters_have_examples() {
    let cli = Cli::command();
    for (command, with_examples) in [("runs", 5), ("dead-letters", 3)] {
        let command = cli.find_subcommand(command).unwrap();
        let examples = command.get_subcommands().filter(|command| {
            command.get_after_help().is_some_and(|help| help.to_string().contains("Example"))
        });
        assert_eq!(examples.count(), with_examples, "{}", command.get_name());
    }
}

#[test]
fn a_letter_or_all_of_them_are_replayed() {
    assert!(parse("tier0 dead-letters replay").is_err());
    assert!(parse("tier0 dead-letters replay TIER0.1 --all").is_err());
    assert!(parse("tier0 dead-letters replay --all").is_ok());
    assert!(parse("tier0 runs retry r1 --from nobody").is_err());
    assert!(parse("tier0 runs retry r1 --from model-trainer --wait").is_ok());
}

#[test]
fn times_have_units() {
    assert_eq!(seconds("30s"), Ok(30.0));
    assert_eq!(seconds("1.5m"), Ok(90.0));
    assert_eq!(seconds("2h"), Ok(7200.0));
    assert_eq!(seconds("250ms"), Ok(0.25));
    assert_eq!(seconds("45"), Ok(45.0));
    for wrong in ["", "s", "-1s", "0s", "1d", "nan", "inf", "900h"] {
        assert_eq!(seconds(wrong), Err(DurationProblem), "{wrong}");
    }
}

#[test]
fn replicas_are_checked() {
    assert_eq!(replicas("model-trainer=2"), Ok((Agent::ModelTrainer, 2)));
    assert_eq!(replicas("model-trainer"), Err(ReplicasProblem::Form));
    assert_eq!(replicas("trainer=2"), Err(ReplicasProblem::Agent));
    assert_eq!(replicas("model-trainer=0"), Err(ReplicasProblem::Count));
}

#[test]
fn a_structured_request_is_read() {
    let cli = parse("tier0 submit --data t.csv --target Churn --positive Yes --time-budget 30s --dir D --wait --json").unwrap();
    let Command::Submit(submit) = cli.command else { panic!("another command") };
    assert_eq!(submit.request.data.as_deref(), Some("t.csv"));
    assert_eq!(submit.request.time_budget, Some(30.0));
    assert!(submit.wait && cli.global.json);
    assert_eq!(cli.global.dir, Some(PathBuf::from("D")));
}

#[test]
fn contradictions_are_refused() {
    assert!(parse("tier0 submit text --data t.csv --target y").is_err());
    assert!(parse("tier0 submit --data t.csv").is_err());
    assert!(parse("tier0 submit --request-file f --target y").is_err());
    assert!(parse("tier0 up --detach --supervised").is_err());
    assert!(parse("tier0 submit --data t --target y --until nobody").is_err());
    assert!(parse("tier0 runs list --status lost").is_err());
}

#[test]
fn global_options_may_follow_the_command() {
    let cli = parse("tier0 runs list --limit 3 --json --nats-url nats://h:4222").unwrap();
    assert_eq!(cli.global.nats_url.as_deref(), Some("nats://h:4222"));
}
