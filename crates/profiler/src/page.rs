//! The report as one page of HTML: no script, nothing that is loaded, light or dark as the reader's system is.

use std::fmt::Write as _;

use crate::associations::Measure;
use crate::column::ColumnReport;
use crate::{TableReport, svg};

/// Pairs that are listed.
const PAIRS: usize = 20;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c1f24;--soft:#5b6370;--line:#d9dde3;--back:#fff;--bar:#2f6db5;--less:#b5542f;--note:#fff4d6}\
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#9aa3b0;--line:#343a43;--back:#15181c;--bar:#6ea8ec;--less:#e58c67;--note:#3a3218}}\
*{box-sizing:border-box}body{margin:0;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back)}\
main,header,nav{max-width:66rem;margin:0 auto;padding:0 1rem}h1{margin:1.5rem 0 .25rem}h2{margin:2rem 0 .5rem}h3{margin:0}\
p.soft,td.soft,caption{color:var(--soft)}a{color:var(--bar)}.note{background:var(--note);padding:.5rem .75rem;border-radius:.4rem}\
table{border-collapse:collapse;margin:.5rem 0}caption{text-align:left;padding:.2rem 0}th,td{padding:.15rem .8rem .15rem 0;text-align:left;border-bottom:1px solid var(--line)}\
td.n{text-align:right;font-variant-numeric:tabular-nums}section.column{border-top:1px solid var(--line);padding:1rem 0;display:flex;flex-wrap:wrap;gap:1.5rem}\
section.column>div{flex:1 1 20rem;min-width:0}.wide{overflow-x:auto}svg text{fill:var(--ink);font-size:11px}.bar{fill:var(--bar)}.less{fill:var(--less)}";

/// A text as HTML has it.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// The page.
#[must_use]
pub fn html(report: &TableReport) -> String {
    let mut page = String::new();
    // Writing into a text does not fail.
    let _ = write!(
        page,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Profile of {0}</title><style>{STYLE}</style></head><body><header><h1>Profile of {0}</h1>\
         <p class=\"soft\">SHA-256 {1}</p></header>\
         <nav aria-label=\"Parts\"><a href=\"#columns\">Columns</a> · <a href=\"#missing\">Missing values</a> · \
         <a href=\"#associations\">Associations</a></nav><main>",
        escaped(&report.uri),
        escaped(&report.sha256)
    );
    overview(&mut page, report);
    page.push_str("<h2 id=\"columns\">Columns</h2>");
    for (place, column) in report.columns.iter().enumerate() {
        of_column(&mut page, place, column, report.rows);
    }
    missing(&mut page, report);
    associations(&mut page, report);
    page.push_str("</main></body></html>\n");
    page
}

fn overview(page: &mut String, report: &TableReport) {
    let cells = report.rows.saturating_mul(report.columns.len() as u64);
    let rows = [
        ("Rows", report.rows.to_string()),
        ("Columns", report.columns.len().to_string()),
        ("Repeated rows", counted(report.repeated_rows, report.rows)),
        ("Missing cells", counted(report.missing_cells, cells)),
    ];
    figures(page, "The table", &rows);
    for note in &report.notes {
        let _ = write!(page, "<p class=\"note\">{}</p>", escaped(note));
    }
    page.push_str("<table><caption>All columns</caption><thead><tr><th scope=\"col\">Column</th><th scope=\"col\">Type</th><th scope=\"col\">Missing</th><th scope=\"col\">Distinct</th></tr></thead><tbody>");
    for (place, column) in report.columns.iter().enumerate() {
        let _ = write!(
            page,
            "<tr><th scope=\"row\"><a href=\"#c{place}\">{}</a></th><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escaped(&column.name),
            column.column_type,
            counted(column.missing, report.rows),
            column.distinct
        );
    }
    page.push_str("</tbody></table>");
}

fn of_column(page: &mut String, place: usize, column: &ColumnReport, rows: u64) {
    let _ = write!(
        page,
        "<section class=\"column\" id=\"c{place}\" aria-labelledby=\"h{place}\"><div><h3 id=\"h{place}\">{}</h3><p class=\"soft\">{}</p>",
        escaped(&column.name),
        column.column_type
    );
    if let Some(why) = &column.personal {
        let _ = write!(
            page,
            "<p class=\"note\">Personal data ({}): no value is shown.</p>",
            escaped(why)
        );
    }
    let mut told = vec![
        ("Values", column.count.to_string()),
        ("Missing", counted(column.missing, rows)),
        ("Distinct", counted(column.distinct, column.count)),
    ];
    if let Some((first, last)) = &column.range {
        told.push(("Earliest", first.clone()));
        told.push(("Latest", last.clone()));
    } else if let Some(of) = &column.numbers {
        told.extend([
            ("Mean", number(of.mean)),
            ("Standard deviation", number(of.std)),
            ("Skewness", number(of.skewness)),
            ("Excess kurtosis", number(of.kurtosis)),
            ("Least", number(of.min)),
        ]);
        let quantile = |share: f64| of.quantiles.iter().find(|(of, _)| *of == share);
        for (name, share) in [("5 %", 0.05), ("Median", 0.5), ("95 %", 0.95)] {
            told.extend(quantile(share).map(|(_, value)| (name, number(*value))));
        }
        told.extend([
            ("Greatest", number(of.max)),
            ("Zeros", counted(of.zeros, column.count)),
            ("Negative", counted(of.negative, column.count)),
        ]);
    }
    if let Some(of) = &column.lengths {
        told.push((
            "Characters",
            format!("{} to {}, {} on average", of.min, of.max, number(of.mean)),
        ));
    }
    figures(page, "Figures", &told);
    page.push_str("</div><div>");
    if let Some(histogram) = column.histogram.as_ref().filter(|of| of.bins.len() > 1) {
        let label = format!("Histogram of {}", column.name);
        page.push_str(&svg::histogram(histogram, &label));
    }
    if !column.top_values.is_empty() {
        let shown: Vec<(String, u64)> = column.top_values.iter().take(10).cloned().collect();
        page.push_str("<p class=\"soft\">Most frequent values</p>");
        page.push_str(&svg::bars(&shown, &format!("Most frequent values of {}", column.name)));
    }
    page.push_str("</div></section>");
}

fn missing(page: &mut String, report: &TableReport) {
    page.push_str("<h2 id=\"missing\">Missing values</h2><table><caption>Columns that are missing in the same rows</caption><thead><tr><th scope=\"col\">Columns</th><th scope=\"col\">Rows</th></tr></thead><tbody>");
    for pattern in &report.missing_patterns {
        let names = match pattern.missing.as_slice() {
            [] => "none".to_owned(),
            names if names.len() > 12 => {
                let first = names.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
                format!("{first} and {} more", names.len() - 12)
            }
            names => names.join(", "),
        };
        let _ = write!(
            page,
            "<tr><td>{}</td><td class=\"n\">{}</td></tr>",
            escaped(&names),
            counted(pattern.rows, report.rows)
        );
    }
    page.push_str("</tbody></table>");
}

fn associations(page: &mut String, report: &TableReport) {
    let of = &report.associations;
    let _ = write!(
        page,
        "<h2 id=\"associations\">Associations</h2><p class=\"soft\">Measured on {} rows, over those in which both columns are there.</p>",
        of.rows
    );
    let kinds = [
        (Measure::Pearson, "Pearson's correlation", &of.numbers),
        (Measure::Spearman, "Spearman's rank correlation", &of.numbers),
        (Measure::CramersV, "Cramér's V, corrected for bias", &of.categories),
    ];
    for (measure, name, columns) in kinds {
        if columns.len() < 2 {
            continue;
        }
        let value = |first: &str, second: &str| {
            of.pairs
                .iter()
                .find(|pair| {
                    pair.measure == measure
                        && ((pair.first == first && pair.second == second)
                            || (pair.first == second && pair.second == first))
                })
                .map(|pair| pair.value)
        };
        let _ = write!(page, "<h3>{name}</h3><div class=\"wide\">");
        page.push_str(&svg::matrix(columns, value, name));
        page.push_str("</div>");
        let mut pairs: Vec<_> = of.pairs.iter().filter(|pair| pair.measure == measure).collect();
        pairs.sort_by(|one, other| other.value.abs().total_cmp(&one.value.abs()));
        let _ = write!(
            page,
            "<table><caption>{name}: the strongest</caption><thead><tr><th scope=\"col\">Columns</th><th scope=\"col\">Value</th></tr></thead><tbody>"
        );
        for pair in pairs.into_iter().take(PAIRS) {
            let _ = write!(
                page,
                "<tr><td>{} and {}</td><td class=\"n\">{:.3}</td></tr>",
                escaped(&pair.first),
                escaped(&pair.second),
                pair.value
            );
        }
        page.push_str("</tbody></table>");
    }
}

fn figures(page: &mut String, caption: &str, rows: &[(&str, String)]) {
    let _ = write!(page, "<table><caption>{caption}</caption><tbody>");
    for (name, value) in rows {
        let _ = write!(
            page,
            "<tr><th scope=\"row\">{name}</th><td class=\"n\">{}</td></tr>",
            escaped(value)
        );
    }
    page.push_str("</tbody></table>");
}

/// A number with its share.
fn counted(part: u64, of: u64) -> String {
    if of == 0 {
        part.to_string()
    } else {
        format!("{part} ({:.1} %)", part as f64 / of as f64 * 100.0)
    }
}

/// A number in about six digits.
fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e15).contains(&size) {
        let digits = if size >= 1e5 {
            0
        } else if size >= 100.0 {
            2
        } else {
            4
        };
        let text = format!("{value:.digits$}");
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    } else {
        format!("{value:.4e}")
    }
}
