//! Names and places that lead elsewhere, or that break what shows them.

use contracts::{RunId, is_digest, is_name};
use dataset::{Access, Location};

const UPWARDS: [&str; 8] = [
    "..",
    "../../x",
    "..\\..\\x",
    "%2e%2e/x",
    "%252e%252e%252fx",
    "a/../../x",
    "/etc/passwd",
    "a;/../x",
];

/// Names of runs, models, versions' artifacts and files: none of them is a path.
#[test]
fn path_traversal_in_names() {
    for name in UPWARDS {
        assert!(RunId::new(name).is_err(), "{name}");
        assert!(!is_name(name) && !is_digest(name), "{name}");
    }
}

/// Locations of tables, spelled in every way: what is accepted lies below a root.
#[test]
fn path_traversal_in_uris() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path().canonicalize().unwrap();
    let roots = [root.to_str().unwrap(), "s3://bucket/in", "https://example.org/data"];
    let access = Access::new(&["file", "s3", "https"], &roots).unwrap();
    let allowed = |uri: &str| Location::parse(uri).and_then(|place| access.check(&place));
    let inside = root.join("t.csv");
    allowed(inside.to_str().unwrap()).unwrap();
    for begin in [root.to_str().unwrap(), "s3://bucket/in", "https://example.org/data"] {
        for name in ["../x.csv", "a/../../x.csv", "%2e%2e/x.csv", "..%2fx.csv", "..\\x.csv"] {
            let uri = format!("{begin}/{name}");
            // In a plain path these are characters of a name and no steps.
            let is_plain = begin.starts_with('/') && (name.contains('%') || name.contains('\\'));
            assert_eq!(allowed(&uri).is_ok(), is_plain, "{uri}");
        }
    }
    for uri in ["file:///etc/passwd", "file://localhost/etc/passwd", "s3://other/in/x.csv"] {
        assert!(allowed(uri).is_err(), "{uri}");
    }
}

/// A link below a root that leads out of it is not followed.
#[tokio::test]
async fn links_that_lead_out_of_a_root() {
    let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let secret = outside.path().join("t.csv");
    std::fs::write(&secret, "a,b\n1,2\n").unwrap();
    let link = inside.path().join("link.csv");
    std::os::unix::fs::symlink(&secret, &link).unwrap();
    let access = Access::new(&["file"], &[inside.path().to_str().unwrap()]).unwrap();
    let location = Location::parse(link.to_str().unwrap()).unwrap();
    let refused = dataset::Source::open(&location, &access).await.unwrap_err();
    assert_eq!(refused.code(), "source_not_allowed");
}

/// A name cannot begin a line of a log: line ends are in no name, and a refusal does not repeat them as such.
#[test]
fn log_injection() {
    for name in
        ["run\nERROR all is lost", "run\r\n{\"level\":\"ERROR\"}", "a\u{2028}b", "a\u{1b}[2J"]
    {
        let refused = RunId::new(name).unwrap_err().to_string();
        assert!(!refused.chars().any(char::is_control), "{refused:?}");
        assert!(!is_name(name));
        let refused = contracts::encoding::decode_request(
            Some("application/json"),
            serde_json::json!({"requestId": name, "text": "x"}).to_string().as_bytes(),
        );
        let refused = refused.unwrap_err().to_string();
        assert!(!refused.chars().any(char::is_control), "{refused:?}");
    }
}

/// Names that a page shows are text: reports escape them, and the console makes no markup of what it is told.
#[test]
fn scripts_in_names_that_pages_show() {
    let name = "<script>alert(1)</script><img src=x onerror=\"x\">";
    let mut page = page::Page::new(name, name, &[("a", name)]);
    page.heading("a", name);
    page.text(name);
    page.table(name, &[name], &[vec![name.to_owned()]]);
    page.figures(name, &[(name, name.to_owned())]);
    let html = page.finished();
    assert!(!html.contains("<script>alert") && !html.contains("<img"), "{html}");
    assert!(html.contains("&lt;script&gt;"));
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/console/static");
    let pages = own.join("pages");
    for directory in [own, pages] {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "js") {
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("]
            {
                assert!(!source.contains(word), "{}: {word}", path.display());
            }
        }
    }
}
