//! `docs/configuration.md` lists every setting of every process: names, types and words are those of the sources, defaults are what
//! `--print-config` prints, and ranges are what `--check-config` says of values that are out of them.
//!
//! `UPDATE_DOCS=1` writes it anew.

mod sources;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use contracts::Agent;
use tier0_tests::program;
use toml::{Table, Value};

use super::root;
use sources::{Field, Sources};

/// The processes: the agents in the order of the pipeline, then the services.
fn processes() -> impl Iterator<Item = &'static str> {
    Agent::ALL.map(Agent::as_str).into_iter().chain(["model-server", "orchestrator"])
}

const ABOUT: &str = "\
# Configuration

Every setting of every process, with its default and the values that are accepted.
This page is made from the code: names, types and words are those of the structs, defaults are what `PROCESS --print-config` prints, and
ranges are what `PROCESS --check-config` answers to values that are out of them; a test holds it equal.

A setting is given in a file (`--config FILE`, TOML, JSON or YAML), in the environment, or by `--set KEY=VALUE`; a later one wins:

```text
defaults < --config files < TIER0__KEY (every process) < TIER0_PROCESS__KEY (one process) < --set KEY=VALUE
```

In the environment a key has capitals, and two underscores for each dot: `stage.max_in_flight` is `TIER0__STAGE__MAX_IN_FLIGHT`, or
`TIER0_MODEL_TRAINER__STAGE__MAX_IN_FLIGHT` for the model-trainer alone.
A table is one variable, in JSON: `TIER0__HTTP__CERTIFICATE_ROLES='{\"CN=ci,O=example\": \"viewer\"}'`; so is a list of tables.
`--print-config` shows the whole as it would be used, with secrets redacted; `--check-config` opens every file that is named, says
everything that is wrong at once, and ends with exit code 2.
What a fleet of `tier0 up` is given besides is in its [options](operations.md).
";

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Setting {
    key: String,
    kind: String,
    default: String,
    range: String,
    about: String,
}

#[test]
fn every_setting_is_listed_as_the_code_has_it() {
    let sources = Sources::read(&root().join("crates"));
    let mut page = ABOUT.to_owned();
    let common = settings_of("scope-definer", ("process", "CommonConfig"), &sources);
    section(&mut page, "Every process", "TIER0__", &common);
    for process in processes() {
        let own = own_settings_of(process, &sources);
        let heading = format!("{process}\n\n{}", about(process));
        let variable = format!("TIER0_{}__", process.to_uppercase().replace('-', "_"));
        section(&mut page, &heading, &variable, &own);
        agrees(process, &common, &own);
    }
    let path = root().join("docs/configuration.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/configuration.md differs from the code: run UPDATE_DOCS=1 cargo test -p tier0-tests --test documents"
    );
}

/// `--check-config` opens each file that a setting names, and tells all that are not there.
#[test]
fn every_file_that_is_named_is_opened() {
    let sources = Sources::read(&root().join("crates"));
    let common = settings_of("scope-definer", ("process", "CommonConfig"), &sources);
    // Keys of an issuer are read where there is one.
    let issuer = ["issuer=https://issuer.example", "audience=tier0", r#"roles={"a": "viewer"}"#];
    for process in processes() {
        let own = own_settings_of(process, &sources);
        // The file of the profile is written.
        let is_read = |setting: &&Setting| setting.kind == "path" && setting.key != "profile_file";
        let paths = common.iter().chain(&own).filter(is_read);
        let keys: Vec<&str> = paths.map(|setting| setting.key.as_str()).collect();
        assert!(keys.len() > 10, "{process}: {keys:?}");
        let mut command = Command::new(program(process));
        command.arg("--check-config");
        command.args(issuer.iter().flat_map(|set| ["--set".into(), format!("http.oidc.{set}")]));
        command.args(keys.iter().flat_map(|key| ["--set".into(), format!("{key}=/nowhere/{key}")]));
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{process}: {said}");
        for key in keys {
            let is_told = |line: &str| {
                line.trim().starts_with(&format!("{key}: ")) && line.contains("/nowhere")
            };
            assert!(said.lines().any(is_told), "{process}: {key} is not told in\n{said}");
        }
    }
}

/// What a process does: the first paragraph of its crate's own documentation.
fn about(process: &str) -> String {
    let path = root().join("crates").join(process).join("src/lib.rs");
    let text = fs::read_to_string(&path).unwrap();
    let lines = text.lines().map_while(|line| line.strip_prefix("//! "));
    let about = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    assert!(about.ends_with('.'), "{}: no sentence says what the process does", path.display());
    about
}

/// What a process prints as its configuration without any setting.
fn printed(process: &str) -> Table {
    let output = Command::new(program(process)).arg("--print-config").output().unwrap();
    assert!(output.status.success(), "{process}");
    String::from_utf8(output.stdout).unwrap().parse().unwrap()
}

/// Every setting that a process prints is listed, and its words are not empty.
fn agrees(process: &str, common: &[Setting], own: &[Setting]) {
    let listed: Vec<&str> = common.iter().chain(own).map(|it| it.key.as_str()).collect();
    for key in leaves(&printed(process), "") {
        let is_below = |listed: &&str| key == **listed || key.starts_with(&format!("{listed}."));
        assert!(listed.iter().any(is_below), "{process}: {key} is not listed");
    }
    for setting in common.iter().chain(own) {
        assert!(!setting.about.is_empty(), "{process}: {} has no comment", setting.key);
    }
}

fn leaves(table: &Table, before: &str) -> Vec<String> {
    let of = |(name, value): (&String, &Value)| {
        let key = format!("{before}{name}");
        match value {
            Value::Table(inner) => leaves(inner, &format!("{key}.")),
            _ => vec![key],
        }
    };
    table.iter().flat_map(of).collect()
}

/// The settings of a process's own; none where an agent has nothing to configure and so no struct.
fn own_settings_of(process: &str, sources: &Sources) -> Vec<Setting> {
    match sources.has(process, "Config") {
        true => settings_of(process, (process, "Config"), sources),
        false => Vec::new(),
    }
}

fn settings_of(process: &str, (name, of): (&str, &str), sources: &Sources) -> Vec<Setting> {
    let defaults = printed(process);
    let mut settings = Vec::new();
    collect(sources, (name, of), &defaults, "", &mut settings);
    let ranges = ranges(process, &settings);
    for setting in &mut settings {
        setting.range = ranges.get(&setting.key).cloned().unwrap_or_default();
    }
    settings
}

/// The settings of a struct and of those within it.
fn collect(
    sources: &Sources,
    (name, of): (&str, &str),
    defaults: &Table,
    before: &str,
    settings: &mut Vec<Setting>,
) {
    // What a process prints as a whole has the keys of two structs.
    let any = Table::new();
    let keys = if before.is_empty() { &any } else { defaults };
    let found = sources.structure(name, of, keys);
    let (owner, fields) = found.unwrap_or_else(|| panic!("{name}: no struct {of} at `{before}`"));
    for Field { name: field, about, kind } in fields {
        let key = format!("{before}{field}");
        let inner = kind.strip_prefix("Option<").and_then(|it| it.strip_suffix('>'));
        let kind = inner.unwrap_or(kind);
        let default = defaults.get(field);
        let nothing = Table::new();
        let table = default.and_then(Value::as_table).unwrap_or(&nothing);
        let is_structure = sources.structure(owner, kind, table).is_some();
        if is_structure {
            collect(sources, (owner, kind), table, &format!("{key}."), settings);
            continue;
        }
        settings.push(Setting {
            key,
            kind: sources.in_words(owner, kind),
            default: default.map_or_else(|| "none".to_owned(), |of| format!("`{of}`")),
            range: String::new(),
            about: about.clone(),
        });
    }
}

/// What a process accepts of each setting that is a number: what it says of values far out of range.
fn ranges(process: &str, settings: &[Setting]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let extremes =
        [("999999999999999", "1e15"), ("4294967295", "-1"), ("65535", "-1"), ("0", "-1")];
    for (whole, real) in extremes {
        let mut command = Command::new(program(process));
        command.arg("--check-config");
        for setting in settings.iter().filter(|it| !found.contains_key(&it.key)) {
            let value = match setting.kind.as_str() {
                "whole number" => whole,
                "number" => real,
                _ => continue,
            };
            command.arg("--set").arg(format!("{}={value}", setting.key));
        }
        let said = String::from_utf8(command.output().unwrap().stderr).unwrap();
        for line in said.lines() {
            let Some((key, problem)) = line.trim().split_once(": ") else { continue };
            let Some((_, right)) = problem.split_once("; ") else { continue };
            let expected = right.strip_prefix("expected ").unwrap_or(right);
            let expected = expected.trim_end_matches(" would be right");
            let expected = expected.split(" (").next().unwrap_or(expected);
            found.entry(key.to_owned()).or_insert_with(|| expected.to_owned());
        }
    }
    found
}

fn section(page: &mut String, heading: &str, variable: &str, settings: &[Setting]) {
    let (heading, about) = heading.split_once('\n').unwrap_or((heading, ""));
    write!(page, "\n## {heading}\n{about}").unwrap();
    if settings.is_empty() {
        page.push_str("\n\nIt has no setting of its own.\n");
        return;
    }
    write!(page, "\n\nIn the environment: `{variable}KEY`.\n\n").unwrap();
    page.push_str("| setting | variable | type | default | accepted | what it is |\n");
    page.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for Setting { key, kind, default, range, about } in settings {
        let name = format!("{variable}{}", key.to_uppercase().replace('.', "__"));
        let about = about.replace('|', "\\|");
        writeln!(page, "| `{key}` | `{name}` | {kind} | {default} | {range} | {about} |").unwrap();
    }
}
