//! Profiles of files.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::fmt::Write as _;
use std::sync::Arc;

use dataset::{FileTable, Source, Stated, TableSource};
use profiler::{Measure, TableReport, html, profile};
use tables::LoadOptions;

fn of(content: &str) -> TableReport {
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), content).unwrap();
    let source = Source::open_local(file.path()).unwrap();
    let source: Arc<dyn TableSource> = Arc::new(FileTable::new(source, Stated::default()));
    profile(&source, &LoadOptions::default()).unwrap()
}

fn sample() -> String {
    let mut text = String::from("n,twice,kind,like,day,contact\n");
    for row in 0..300 {
        let kind = ["a", "b<i>", "c"][row % 3];
        let n = if row % 10 == 0 { String::new() } else { (row % 50).to_string() };
        let twice = if row % 10 == 0 { String::new() } else { (2 * (row % 50)).to_string() };
        writeln!(text, "{n},{twice},{kind},{kind},2024-01-{:02},p{row}@mail.example", row % 28 + 1)
            .unwrap();
    }
    text
}

#[test]
fn figures_are_those_of_all_rows() {
    let mut text = sample();
    let last = text.lines().last().unwrap().to_owned();
    writeln!(text, "{last}").unwrap();
    let report = of(&text);
    assert_eq!((report.rows, report.repeated_rows), (301, 1));
    let column = |name: &str| report.columns.iter().find(|of| of.name == name).unwrap();
    let n = column("n");
    assert_eq!((n.count, n.missing), (271, 30));
    let moments = n.numbers.as_ref().unwrap();
    assert!(moments.min == 1.0 && moments.max == 49.0 && moments.kurtosis < -1.0);
    assert_eq!(n.histogram.as_ref().unwrap().bins.iter().map(|bin| bin.count).sum::<u64>(), 271);
    assert_eq!(column("day").range.as_ref().unwrap().0, "2024-01-01");
    assert_eq!(column("kind").lengths.unwrap().max, 4);
    assert_eq!(report.missing_patterns[0].rows, 271);
    assert_eq!(report.missing_patterns[1].missing, ["n", "twice"]);
    let pair = |measure| {
        report.associations.pairs.iter().find(|pair| pair.measure == measure).unwrap().value
    };
    assert!((pair(Measure::Pearson) - 1.0).abs() < 1e-9);
    assert!((pair(Measure::Spearman) - 1.0).abs() < 1e-9);
    assert!(pair(Measure::CramersV) > 0.99);
}

#[test]
fn personal_values_are_in_no_report() {
    let report = of(&sample());
    let contact = report.columns.iter().find(|of| of.name == "contact").unwrap();
    assert!(contact.personal.is_some() && contact.distinct == 300 && contact.top_values.is_empty());
    let (json, html) = (serde_json::to_string(&report).unwrap(), html::page(&report));
    assert!(!json.contains("mail.example") && !html.contains("mail.example"));
}

#[test]
fn the_page_is_whole_and_loads_nothing() {
    let html = html::page(&of(&sample()));
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
    assert!(!html.contains("<script") && !html.contains("<link") && !html.contains("url("));
    assert!(html.contains("prefers-color-scheme:dark") && html.contains("role=\"img\""));
    assert!(html.contains("b&lt;i&gt;") && !html.contains("b<i>"));
    assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count());
}
