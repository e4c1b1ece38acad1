//! The book as it is built: every document is a page, every link of every page leads somewhere, and nothing is loaded from elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tier0_tests::run;
use tokio::process::Command;

use super::{files, root};

/// The values of an attribute in a page, as they are written.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let before = format!(" {name}=\"");
    html.split(&before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// A page, with what links lead to and where they stand.
struct Site {
    directory: PathBuf,
    /// Names of headings and other places of each page.
    places: BTreeMap<PathBuf, BTreeSet<String>>,
}

impl Site {
    fn read(directory: &Path) -> (Self, BTreeMap<PathBuf, String>) {
        let directory = directory.canonicalize().unwrap();
        let pages: BTreeMap<PathBuf, String> = files(&directory, ".html")
            .into_iter()
            .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
            .collect();
        let places = pages
            .iter()
            .map(|(path, html)| {
                let named = attributes(html, "id").into_iter().map(str::to_owned);
                (path.clone(), named.collect())
            })
            .collect();
        (Self { directory, places }, pages)
    }

    /// What is wrong with a link of a page; nothing where it leads somewhere in the book, or to an address.
    fn problem(&self, page: &Path, link: &str) -> Option<String> {
        if ["https://", "http://", "mailto:", "data:"].iter().any(|of| link.starts_with(of)) {
            return None;
        }
        let (path, place) = link.split_once('#').unwrap_or((link, ""));
        let target = if path.is_empty() { page.to_owned() } else { page.parent()?.join(path) };
        let Ok(target) = target.canonicalize() else {
            return Some(format!("no file `{path}`"));
        };
        if !target.starts_with(&self.directory) {
            return Some(format!("`{path}` is outside the book"));
        }
        if place.is_empty() {
            return None;
        }
        let known = self.places.get(&target).is_some_and(|known| known.contains(place));
        (!known).then(|| format!("`{path}` has no place `#{place}`"))
    }
}

#[tokio::test]
async fn every_page_is_there_and_every_link_of_it_leads_somewhere() {
    let root = root();
    let script = root.join("scripts/book");
    let tool = run(Command::new(&script).arg("--path")).await.success().stdout;
    if !Path::new(tool.trim()).exists() {
        eprintln!("skipped: no mdbook (scripts/book --tool installs it)");
        return;
    }
    let into = tempfile::tempdir().unwrap();
    let told = run(Command::new(&script).arg(into.path())).await.success().stderr;
    for bad in ["WARN", "ERROR"] {
        assert!(!told.contains(bad), "{told}");
    }
    let (site, pages) = Site::read(into.path());
    assert!(pages.contains_key(&site.directory.join("index.html")), "the page that is opened");
    let mut expected: Vec<PathBuf> = files(&root.join("docs"), ".md");
    expected.retain(|path| !path.ends_with("SUMMARY.md"));
    expected.extend([root.join("README.md"), root.join("CHANGELOG.md")]);
    for document in &expected {
        let place = document.strip_prefix(&root).unwrap();
        let page = place.with_extension("html");
        let html = pages.get(&site.directory.join(&page));
        let html = html.unwrap_or_else(|| panic!("no page {} of the book", page.display()));
        let main = html.split_once("<main>").unwrap().1.split_once("</main>").unwrap().0;
        let text = fs::read_to_string(document).unwrap();
        let heading = text.lines().next().unwrap().trim_start_matches(['#', ' ']);
        let heading = heading.replace('`', "");
        assert!(main.contains("<h1") && main.len() > text.len() / 2, "{}", page.display());
        let words = heading.split([' ', '&', '\'', '"']).next().unwrap();
        assert!(main.contains(words), "{}: no heading {heading}", page.display());
    }
    let (mut links, mut wrong) = (0, Vec::new());
    for (path, html) in &pages {
        let place = path.strip_prefix(&site.directory).unwrap().display();
        for link in attributes(html, "href").into_iter().chain(attributes(html, "src")) {
            links += 1;
            wrong.extend(site.problem(path, link).map(|why| format!("{place}: {link}: {why}")));
        }
        let loaded = attributes(html, "src").into_iter().find(|of| of.contains("://"));
        assert!(loaded.is_none(), "{place} loads {loaded:?}");
    }
    assert!(links > 2_000, "{links} links");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("docs")).unwrap();
    let page = directory.path().join("docs/a.html");
    fs::write(&page, "<h1 id=\"top\"><a href=\"#top\">A</a></h1>").unwrap();
    fs::write(directory.path().join("b.txt"), "").unwrap();
    let (site, pages) = Site::read(directory.path());
    let page = pages.keys().next().unwrap();
    for (link, right) in [
        ("#top", true),
        ("a.html#top", true),
        ("../b.txt", true),
        ("https://nats.io/#none", true),
        ("#none", false),
        ("b.txt", false),
        ("../b.txt#top", false),
        ("../../", false),
    ] {
        assert_eq!(site.problem(page, link).is_none(), right, "{link}");
    }
}
