//! Lists of `deploy` in which each process has a row that differs from the others in its name alone: they follow from the table of
//! the stages.
//!
//! `TIER0_REGENERATE=1` writes them anew.

use std::ops::Range;

use contracts::Agent;

use crate::{deploy, processes};

/// The place of a name in a row.
const NAME: &str = "NAME";
const REGENERATE: &str =
    "TIER0_REGENERATE=1 cargo test -p tier0-tests --test deployment lists writes them";

/// A list with a row for each process, and how its rows begin.
const OF_PROCESSES: [(&str, &str); 7] = [
    ("compose/compose.yaml", "  NAME.nk: {"),
    ("prometheus/prometheus.yml", "          - NAME"),
    ("kubernetes/base/kustomization.yaml", "  - processes/NAME.yaml"),
    ("kubernetes/base/kustomization.yaml", "  - {name: NAME, envs: "),
    ("kubernetes/overlays/local/kustomization.yaml", "  - {name: tier0/NAME, "),
    ("kubernetes/overlays/staging/kustomization.yaml", "  - {name: tier0/NAME, "),
    ("kubernetes/overlays/production/kustomization.yaml", "  - {name: tier0/NAME, "),
];
/// A list with a row for each agent.
const OF_AGENTS: (&str, &str) =
    ("kubernetes/components/autoscaling/kustomization.yaml", "  - NAME.yaml");

/// The text with a row for each name, in their order, made like the first of those that are there.
///
/// # Errors
/// What is not as it has to be for that, as a sentence.
fn with_rows(text: &str, begins: &str, names: &[&str]) -> Result<String, String> {
    let lines: Vec<&str> = text.lines().collect();
    let row_of = |line: &str| {
        let of = |name: &&&str| line.starts_with(&begins.replace(NAME, name));
        // One name may begin with another.
        names.iter().filter(of).max_by_key(|name| name.len()).copied()
    };
    let rows: Vec<(usize, &str)> =
        lines.iter().enumerate().filter_map(|(at, line)| Some((at, row_of(line)?))).collect();
    let (Some((first, name)), Some((last, _))) = (rows.first(), rows.last()) else {
        return Err(format!("no row begins with `{begins}`"));
    };
    let block: Range<usize> = *first..last + 1;
    if block.len() != rows.len() {
        return Err(format!("rows that begin with `{begins}` do not follow one another"));
    }
    let shape = lines[*first].replace(name, NAME);
    let made: Vec<String> = names.iter().map(|name| shape.replace(NAME, name)).collect();
    let kept = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let all = [kept(&lines[..block.start]), made, kept(&lines[block.end..])].concat();
    Ok(all.join("\n") + "\n")
}

#[test]
fn every_list_has_a_row_for_each_process() {
    let all: Vec<&str> = processes().collect();
    let agents = Agent::ALL.map(Agent::as_str);
    let lists = OF_PROCESSES.iter().map(|list| (list, all.as_slice()));
    for ((file, begins), names) in lists.chain([(&OF_AGENTS, agents.as_slice())]) {
        let path = deploy(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let expected =
            with_rows(&text, begins, names).unwrap_or_else(|why| panic!("{file}: {why}"));
        if std::env::var_os("TIER0_REGENERATE").is_some() {
            std::fs::write(&path, expected).unwrap();
            continue;
        }
        assert!(
            text == expected,
            "deploy/{file}: the rows that begin with `{begins}` are not those of {names:?}; {REGENERATE}"
        );
    }
}

/// What differs in more than the name is a file for each.
#[test]
fn every_process_has_its_own_files() {
    let process =
        |name: &str| [format!("base/processes/{name}.yaml"), format!("base/config/{name}.env")];
    let of_agent = |agent: Agent| format!("components/autoscaling/{agent}.yaml");
    let expected = processes().flat_map(process).chain(Agent::ALL.map(of_agent));
    let missing: Vec<String> =
        expected.filter(|file| !deploy("kubernetes").join(file).exists()).collect();
    assert!(
        missing.is_empty(),
        "deploy/kubernetes has no {}: copy those of another process, and say what this one needs",
        missing.join(", ")
    );
}

#[test]
fn a_row_is_made_like_the_others() {
    let (begins, names) = ("  - {image: NAME,", ["first-one", "second-one", "third-one"]);
    let text = "list:\n  - {image: first-one, tag: 1} # first-one\n  - {image: third-one, tag: 1} # third-one\nrest: 0\n";
    let made = with_rows(text, begins, &names).unwrap();
    let second = "  - {image: second-one, tag: 1} # second-one\n";
    let third = text.find("  - {image: third").unwrap();
    assert_eq!(made, format!("{}{second}{}", &text[..third], &text[third..]));
    assert_eq!(with_rows(&made, begins, &names).unwrap(), made);
    assert!(with_rows(text, "- NAME", &names).unwrap_err().contains("no row"));
    let apart = "  - first-one\nrest:\n  - third-one\n";
    assert!(with_rows(apart, "  - NAME", &names).unwrap_err().contains("follow"));
}
