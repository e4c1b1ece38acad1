//! Every command in the documents is one that the command line takes: blocks as they stand, words in the text by their names.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, Parser as _};
use tier0::cli::Cli;

/// Languages of blocks that hold commands as a shell takes them.
const SHELLS: [&str; 4] = ["sh", "bash", "shell", "console"];
/// Blocks of a file that are no shell's, with commands alone.
const PLAIN: [&str; 1] = ["expectations.md"];

/// The front page and the documents.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    found.push(root.join("README.md"));
    found.sort();
    found
}

/// A text of a document, with the line that it begins at, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    line: usize,
    text: String,
}

/// Lines of blocks of a shell, joined where one goes on in the next; and what stands in backticks in the text.
fn pieces(document: &str, is_plain: bool) -> (Vec<Piece>, Vec<Piece>) {
    let (mut commands, mut words) = (Vec::new(), Vec::new());
    let mut block: Option<bool> = None;
    let mut heredoc: Option<String> = None;
    let mut open: Option<Piece> = None;
    for (at, line) in document.lines().enumerate() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            block = match block {
                Some(_) => None,
                None => Some(SHELLS.contains(&language) || is_plain && language == "text"),
            };
            continue;
        }
        match block {
            None => {
                let quoted = line.split('`').skip(1).step_by(2);
                words.extend(quoted.map(|text| Piece { line: at + 1, text: text.to_owned() }));
            }
            Some(false) => {}
            Some(true) => {
                if let Some(end) = &heredoc {
                    if line.trim() == end {
                        heredoc = None;
                    }
                    continue;
                }
                heredoc = line.split_once("<<").map(|(_, end)| {
                    end.split_whitespace().next().unwrap_or_default().replace(['\'', '"'], "")
                });
                let mut piece = open.take().unwrap_or(Piece { line: at + 1, text: String::new() });
                if let Some(start) = line.strip_suffix('\\') {
                    piece.text += start;
                    open = Some(piece);
                } else {
                    piece.text += line;
                    commands.push(piece);
                }
            }
        }
    }
    (commands, words)
}

/// The words of a line of a shell, up to a comment, a pipe, a redirection or another command.
fn words(line: &str) -> Vec<String> {
    let (mut found, mut word, mut quote) = (Vec::new(), None::<String>, None::<char>);
    for c in line.chars() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, '|' | '>' | '<' | ';' | '&') => break,
            (None, c) if c.is_whitespace() => found.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    found.extend(word);
    found
}

/// The arguments of the command in a line, where it is one of ours; variables before it are passed over.
fn command(line: &str) -> Option<Vec<String>> {
    let line = line.trim_start().strip_prefix("$ ").unwrap_or(line);
    let mut words = words(line).into_iter().peekable();
    let is_assignment = |word: &String| {
        word.split_once('=').is_some_and(|(name, _)| {
            name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
    };
    while words.next_if(is_assignment).is_some() {}
    let first = words.next()?;
    (first == "tier0" || first.ends_with("/tier0")).then(|| {
        let rest = words.filter(|word| word != "…");
        ["tier0".to_owned()].into_iter().chain(rest).collect()
    })
}

#[test]
fn every_command_of_the_documents_is_taken() {
    let (mut wrong, mut taken) = (Vec::new(), 0);
    for path in documents() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let (commands, _) = pieces(&text, PLAIN.contains(&name.as_str()));
        for piece in commands {
            let Some(arguments) = command(&piece.text) else { continue };
            taken += 1;
            if let Err(error) = Cli::try_parse_from(&arguments)
                && error.exit_code() != 0
            {
                let why = error.to_string();
                let why = why.lines().next().unwrap_or_default();
                wrong.push(format!("{name}:{}: {}: {why}", piece.line, piece.text.trim()));
            }
        }
    }
    assert!(taken > 100, "{taken} commands");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_command_that_the_text_names_is_there() {
    let (mut wrong, mut named) = (Vec::new(), 0);
    for path in documents() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let (_, quoted) = pieces(&fs::read_to_string(&path).unwrap(), false);
        for piece in quoted {
            let Some(arguments) = command(&piece.text) else { continue };
            named += 1;
            let mut place = Cli::command();
            for word in &arguments[1..] {
                let is_option = word.starts_with('-') || word.starts_with('[');
                if is_option || !place.has_subcommands() {
                    break;
                }
                let Some(found) = place.find_subcommand(word).cloned() else {
                    wrong.push(format!(
                        "{name}:{}: `{}`: no command `{word}`",
                        piece.line, piece.text
                    ));
                    break;
                };
                place = found;
            }
        }
    }
    assert!(named > 100, "{named} commands");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn commands_are_read_as_a_shell_reads_them() {
    let document = "`tier0 up`\n```sh\nA=1 tier0 submit \"a b\" \\\n  --wait   # why\ncat <<END\ntier0 no\nEND\n$ tier0 health | jq\n```\n";
    let (commands, words) = pieces(document, false);
    let read: Vec<Vec<String>> = commands.iter().filter_map(|piece| command(&piece.text)).collect();
    assert_eq!(read, [vec!["tier0", "submit", "a b", "--wait"], vec!["tier0", "health"]]);
    assert_eq!(words, [Piece { line: 1, text: "tier0 up".to_owned() }]);
    assert!(Cli::try_parse_from(["tier0", "submit", "--dat", "x.csv"]).is_err());
}
