//! Relative links of every Markdown file: the file is there, and so is the heading.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{files, root};

/// A link as it is written, and the line that it stands in, from 1.
#[derive(Debug, PartialEq, Eq)]
struct Link {
    line: usize,
    target: String,
}

/// The lines that are no code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fence: Option<&str> = None;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let start = line.trim_start();
        match fence {
            Some(end) => {
                if start.starts_with(end) {
                    fence = None;
                }
                None
            }
            None => {
                fence = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
                fence.is_none().then_some((at + 1, line))
            }
        }
    })
}

/// A line without what stands in backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// The links of a text: `[words](target)`.
fn links(text: &str) -> Vec<Link> {
    let of_line = |(line, text): (usize, &str)| {
        let plain = without_code(text);
        let parts: Vec<String> = plain.split("](").skip(1).map(str::to_owned).collect();
        parts.into_iter().filter_map(move |part| {
            let target = part.split([')', ' ']).next()?;
            Some(Link { line, target: target.trim_matches(['<', '>']).to_owned() })
        })
    };
    prose(text).flat_map(of_line).collect()
}

/// What a heading is called in links, as GitHub does it.
fn slug(heading: &str) -> String {
    let linked = heading.split("](").enumerate().map(|(at, part)| match at {
        0 => part,
        _ => part.split_once(')').map_or("", |(_, rest)| rest),
    });
    let words: String = linked.collect::<String>().trim().to_lowercase();
    words
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

/// Every name that a link into a text may have behind its `#`.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (_, line) in prose(text) {
        let named = line.split(" id=\"").skip(1).filter_map(|part| part.split('"').next());
        found.extend(named.map(str::to_owned));
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if let Some(heading) = line[level..].strip_prefix(' ').filter(|_| (1..=6).contains(&level))
        {
            let name = slug(heading);
            let times = seen.entry(name.clone()).or_default();
            found.insert(if *times == 0 { name } else { format!("{name}-{times}") });
            *times += 1;
        }
    }
    found
}

/// What is wrong with a link of a file; nothing where it leads somewhere.
fn problem(file: &Path, link: &Link) -> Option<String> {
    if link.target.contains("://") || link.target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.target.split_once('#').unwrap_or((&link.target, ""));
    let place = if path.is_empty() {
        file.to_owned()
    } else {
        file.parent().map(|directory| directory.join(path)).unwrap_or_default()
    };
    if !place.exists() {
        return Some(format!("no file `{path}`"));
    }
    if anchor.is_empty() {
        return None;
    }
    let known = anchors(&fs::read_to_string(&place).unwrap_or_default());
    (!known.contains(anchor)).then(|| format!("`{}` has no heading `#{anchor}`", place.display()))
}

#[test]
fn every_link_leads_somewhere() {
    let root = root();
    let documents: Vec<PathBuf> = files(&root, ".md");
    assert!(documents.len() > 60, "{} documents", documents.len());
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in &documents {
        let text = fs::read_to_string(file).unwrap();
        for link in links(&text) {
            count += 1;
            let place = file.strip_prefix(&root).unwrap().display();
            let said = problem(file, &link).map(|why| format!("{place}:{}: {why}", link.line));
            wrong.extend(said);
        }
    }
    assert!(count > 300, "{count} links");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_document_is_named_by_the_front_page() {
    let root = root();
    let front = fs::read_to_string(root.join("README.md")).unwrap();
    let named: Vec<String> = links(&front).into_iter().map(|link| link.target).collect();
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    for document in docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
        // The table of contents of the book, which is these.
        if document.ends_with("SUMMARY.md") {
            continue;
        }
        let name = format!("docs/{}", document.file_name().unwrap().to_str().unwrap());
        let listed = front.matches(&format!("- [{name}]")).count();
        assert!(listed <= 1, "README.md lists {name} {listed} times");
        assert!(named.contains(&name), "README.md does not name {name}");
    }
}

#[test]
fn links_and_headings_are_read_as_they_are_meant() {
    let text = "# The parts, each\n\n```sh\n[no](link)\n```\nsee `[a](b)` and [one](x.md#y), [two](#z)\n\n\
                <a id=\"old\"></a>\n\n## V2 & `infer`: [why](w)\n\n## V2 & `infer`: [why](w)\n";
    let found: Vec<(usize, String)> =
        links(text).into_iter().map(|link| (link.line, link.target)).collect();
    let expected = [(6, "x.md#y"), (6, "#z"), (10, "w"), (12, "w")];
    assert_eq!(found, expected.map(|(line, target)| (line, target.to_owned())));
    let names = ["old", "the-parts-each", "v2--infer-why", "v2--infer-why-1"];
    assert_eq!(anchors(text).into_iter().collect::<Vec<_>>(), names);
    let gone = Link { line: 1, target: "nothing.md".to_owned() };
    assert!(problem(&root().join("README.md"), &gone).is_some());
}

#[test]
fn the_book_has_every_document_once() {
    let docs = root().join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let mut listed: Vec<PathBuf> =
        links(&summary).into_iter().map(|link| docs.join(link.target)).collect();
    listed.sort();
    let mut there = files(&docs, ".md");
    there.retain(|path| !path.ends_with("SUMMARY.md"));
    there.retain(|path| {
        path.parent().is_some_and(|parent| parent == docs || parent.ends_with("adr"))
    });
    assert_eq!(listed, there);
}
