use std::process::Command;

use crate::agent::program;

#[test]
fn the_process_prints_and_checks_without_secrets() {
    let run = |arguments: &[&str]| {
        Command::new(program())
            .args(arguments)
            .env("TIER0__NATS__PASSWORD", "hunter2")
            .env("TIER0__NATS__USER", "joe")
            .env("TIER0_SCOPE_DEFINER__EFFECTS", "/tmp/effects")
            .output()
            .unwrap()
    };
    let printed = run(&["--print-config", "--nats-url", "nats://joe:hunter2@example.org:4222"]);
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.status.success(), "{text}");
    assert!(
        text.contains("effects = \"/tmp/effects\"") && text.contains("user = \"joe\""),
        "{text}"
    );
    assert!(
        text.contains("[redacted]") && text.contains("example.org") && !text.contains("hunter2"),
        "{text}"
    );
    assert!(text.parse::<toml::Table>().is_ok());

    assert!(run(&["--check-config"]).status.success());
    let wrong = run(&[
        "--check-config",
        "--set",
        "effects=",
        "--set",
        "log.level=loud=x=y",
        "--set",
        "x=1",
    ]);
    assert_eq!(wrong.status.code(), Some(2));
    let text = String::from_utf8(wrong.stderr).unwrap();
    for part in ["x: unknown key", "effects: is empty", "log.level"] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
}
