//! Commands of the documents that are none of `tier0`'s own: the scripts, the targets and the files that they name are there.
//!
//! Those of `tier0` are parsed by the test `documented` of that crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{files, root};

/// The lines of blocks of a shell, with their numbers, without comments.
fn commands(text: &str) -> Vec<(usize, String)> {
    let mut of_shell = None;
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            of_shell = match of_shell {
                Some(_) => None,
                None => Some(language == "sh"),
            };
        } else if of_shell == Some(true) {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if !line.is_empty() && !line.starts_with('#') {
                found.push((at + 1, line.to_owned()));
            }
        }
    }
    found
}

/// What is wrong with a command: a script, one of its commands, a target or a file that is not there.
fn wrong(line: &str, root: &Path, targets: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    for command in line.split(['|', ';', '&']).map(str::trim) {
        let words: Vec<&str> =
            command.split_whitespace().skip_while(|word| word.contains('=')).collect();
        match words.as_slice() {
            [script, rest @ ..] if script.starts_with("scripts/") => {
                let Ok(text) = fs::read_to_string(root.join(script)) else {
                    found.push(format!("no {script}"));
                    continue;
                };
                // What its head says that it can do, where it has commands.
                let head: String =
                    text.lines().take_while(|line| !line.starts_with("set ")).collect();
                let has_commands = head.matches(&format!("{script} ")).count() > 0;
                let is_name = |word: &&&str| word.chars().all(char::is_alphabetic);
                if has_commands
                    && let Some(name) = rest.first().filter(is_name)
                    && !head.contains(&format!("{script} {name}"))
                {
                    found.push(format!("{script} has no {name}"));
                }
            }
            ["make", rest @ ..] => {
                for target in
                    rest.iter().filter(|word| !word.contains('=') && !word.starts_with('-'))
                {
                    if !targets.contains(*target) {
                        found.push(format!("no make {target}"));
                    }
                }
            }
            ["kubectl" | "helm", rest @ ..] => {
                let named = rest.windows(2).filter(|pair| ["-k", "--values"].contains(&pair[0]));
                for file in named.map(|pair| pair[1]).filter(|file| !root.join(file).exists()) {
                    found.push(format!("no {file}"));
                }
            }
            _ => {}
        }
    }
    found
}

fn targets(root: &Path) -> BTreeSet<String> {
    let makefile = fs::read_to_string(root.join("Makefile")).unwrap();
    let named = makefile.lines().filter(|line| !line.starts_with(['\t', '#', '.']));
    named.filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
}

#[test]
fn commands_name_what_is_there() {
    let root = root();
    let targets = targets(&root);
    let mut all = 0;
    for path in files(&root, ".md") {
        for (line, command) in commands(&fs::read_to_string(&path).unwrap()) {
            let found = wrong(&command, &root, &targets);
            assert!(found.is_empty(), "{}:{line}: {command}: {}", path.display(), found.join(", "));
            all += 1;
        }
    }
    assert!(all > 50, "{all} commands were read");
}

#[test]
fn what_is_not_there_is_found() {
    let root = root();
    let targets = targets(&root);
    for (command, expected) in [
        ("scripts/flet up", "no scripts/flet"),
        ("TIER0_DATA=/t scripts/fleet start", "scripts/fleet has no start"),
        ("make tests", "no make tests"),
        ("kubectl apply -k deploy/kubernetes/overlays/prod", "no deploy/kubernetes/overlays/prod"),
        ("helm upgrade nats nats/nats --values values.yaml", "no values.yaml"),
    ] {
        assert_eq!(wrong(command, &root, &targets), [expected]);
    }
    let text = "```sh\nmake fleet  # all of it\n```\n```text\nmake nothing\n```\n";
    assert_eq!(commands(text), [(2, "make fleet".to_owned())]);
}
