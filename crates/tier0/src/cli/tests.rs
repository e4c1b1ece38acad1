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
    for (command, with_examples) in
        [("runs", 5), ("dead-letters", 3), ("models", 12), ("alerts", 5), ("retraining", 4)]
    {
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
fn commands_on_models_are_read() {
    for line in [
        "models search --order -metrics.roc_auc --after churn:3",
        "models compare churn 1 champion --data f.csv --target y",
        "models promote churn best --to shadow --reason why",
        "models alias churn best 3 --expect 0",
        "models alias churn best --remove",
        "models tag churn a=b c=d --remove e --version latest",
        "models history churn --at 2026-11-25T12:00:00Z",
        "endpoints history churn --before 12 --limit 5",
    ] {
        assert!(parse(&format!("tier0 {line}")).is_ok(), "{line}");
    }
    for line in [
        "models search --order colour",
        "models search --after churn",
        "models compare churn 1",
        "models compare churn 1 2 --data f.csv",
        "models promote churn 1 --to archived",
        "models promote churn 1 --to none",
        "models alias churn best",
        "models alias churn best 3 --remove",
        "models tag churn",
        "models tag churn a",
        "models history churn --at yesterday",
        "models history churn --at 2026-11-25T12:00:00Z --limit 3",
        "models list --limit 0",
    ] {
        assert!(parse(&format!("tier0 {line}")).is_err(), "{line}");
    }
}

#[test]
fn commands_on_monitoring_are_read() {
    for line in [
        "alerts list --state all --kind feature_drift --severity critical --endpoint churn",
        "alerts acknowledge a-1 --note known",
        "alerts watch --count 2 --timeout 10m",
        "retraining decline churn r-1 --note no",
        "feedback churn --data f.csv --entity-column who --observed-at-column seen",
        "feedback churn --data f.csv --request-id-column id --row-column row",
        "predict churn --data f.csv --ids --entity-column who",
        "sample churn --drift both:0.5 --drift missing",
        "endpoints monitoring churn",
    ] {
        assert!(parse(&format!("tier0 {line}")).is_ok(), "{line}");
    }
    for line in [
        "alerts list --state over",
        "alerts list --kind rust",
        "alerts ack",
        "alerts watch --count 0",
        "retraining approve",
        "feedback churn",
        "feedback churn --data f.csv --entity-column who --request-id-column id",
        "feedback churn --data f.csv --entity-column who --row-column row",
        "sample churn --drift both:2",
        "sample churn --drift colour",
    ] {
        assert!(parse(&format!("tier0 {line}")).is_err(), "{line}");
    }
}

#[test]
fn times_have_units() {
    assert_eq!(seconds("30s"), Ok(30.0));
    assert_eq!(seconds("1.5m"), Ok(90.0));
    assert_eq!(seconds("2h"), Ok(7200.0));
    assert_eq!(seconds("250ms"), Ok(0.25));
    assert_eq!(seconds("45"), Ok(45.0));
    for wrong in ["", "s", "-1s", "0s", "1d", "nan", "inf", "900h"] {
        assert_eq!(seconds(wrong), Err(ParseDurationError), "{wrong}");
    }
}

#[test]
fn replicas_are_checked() {
    assert_eq!(replicas("model-trainer=2"), Ok((Agent::ModelTrainer, 2)));
    assert_eq!(replicas("model-trainer"), Err(ParseReplicasError::Form));
    assert_eq!(replicas("trainer=2"), Err(ParseReplicasError::Agent));
    assert_eq!(replicas("model-trainer=0"), Err(ParseReplicasError::Count));
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
fn every_option_of_a_request_says_what_it_is() {
    for name in ["submit", "run"] {
        let mut command = Cli::command();
        let help = command.find_subcommand_mut(name).unwrap().render_help().to_string();
        // Lines are wrapped where they are long.
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for option in [
            "--trials <N>",
            "--keep-judged",
            "--sample-weight <COLUMN>",
            "--monotone <COLUMN=DIRECTION>",
            "--loss <LOSS>",
            "--quantile <Q>",
            "--threshold <OBJECTIVE>",
            "--group <COLUMN>",
            "--balance-classes",
            "--min-rows <N>",
            "--max-latency-ms <MS>",
            "--max-model-bytes <BYTES>",
            "--max-memory-bytes <BYTES>",
            "--interpretable",
            "--exclude-column <COLUMN>",
            "--keep-column <COLUMN>",
            "--allow-leakage <COLUMN>",
            "--drop-duplicates",
            "--min-quality <SCORE>",
            "--gate <METRIC=VALUE>",
            "--strict",
        ] {
            assert!(help.contains(option), "{name} {option}");
        }
        for words in ["squared, absolute, huber, quantile, poisson, tweedie", "precision-at-k:ROWS"]
        {
            assert!(help.contains(words), "{name}: {words}");
        }
        assert!(help.contains("Examples:"), "{name}");
    }
    let mut command = Cli::command();
    let show = command.find_subcommand_mut("runs").unwrap().find_subcommand_mut("show").unwrap();
    assert!(show.render_help().to_string().contains("--trials"));
}

#[test]
fn options_of_learning_are_checked() {
    for line in [
        "submit --data t --target y --trials 0",
        "submit --data t --target y --loss hinge",
        "submit --data t --target y --quantile 1",
        "submit --data t --target y --threshold f2",
        "submit --data t --target y --monotone age",
        "submit --data t --target y --max-latency-ms 0",
        "submit --data t --target y --min-rows 0",
        "submit --request-file f --trials 3",
        "submit --request-file f --balance-classes",
        "run --request-file f --group region",
        "submit --data t --target y --gate roc_auc",
        "submit --data t --target y --min-quality 2",
        "submit --data t --target y --gate f1=0.5 --strict",
        "submit --request-file f --keep-column c",
    ] {
        assert!(parse(&format!("tier0 {line}")).is_err(), "{line}");
    }
    assert!(parse("tier0 submit --request-file f --wait").is_ok());
    assert!(parse("tier0 runs show r1 --trials").is_ok());
    assert!(parse("tier0 models show churn 3 --trials --json").is_ok());
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

#[test]
fn arguments_of_the_benchmarks_are_theirs() {
    let cli = parse("tier0 bench handoff --json --help").unwrap();
    let Command::Bench { arguments } = cli.command else { panic!("another command") };
    assert_eq!(arguments, ["handoff", "--json", "--help"]);
    assert!(!cli.global.json);
}
