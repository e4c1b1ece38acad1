//! The report as one page of HTML: no script, nothing that is loaded, light or dark as the reader's system is.

use page::{Bar, Page, counted, escaped, number};

use crate::associations::Measure;
use crate::column::ColumnReport;
use crate::{TableReport, svg};

/// Pairs that are listed.
const PAIRS: usize = 20;

/// The page.
#[must_use]
pub fn page(report: &TableReport) -> String {
    let parts =
        [("columns", "Columns"), ("missing", "Missing values"), ("associations", "Associations")];
    let title = format!("Profile of {}", report.uri);
    let mut page = Page::new(&title, &format!("SHA-256 {}", report.sha256), &parts);
    overview(&mut page, report);
    page.heading("columns", "Columns");
    for (place, column) in report.columns.iter().enumerate() {
        of_column(&mut page, place, column, report.rows);
    }
    missing(&mut page, report);
    associations(&mut page, report);
    page.finished()
}

fn overview(page: &mut Page, report: &TableReport) {
    let cells = report.rows.saturating_mul(report.columns.len() as u64);
    let rows = [
        ("Rows", report.rows.to_string()),
        ("Columns", report.columns.len().to_string()),
        ("Repeated rows", counted(report.repeated_rows, report.rows)),
        ("Missing cells", counted(report.missing_cells, cells)),
    ];
    page.figures("The table", &rows);
    for note in &report.notes {
        page.note(note);
    }
    page.raw("<table><caption>All columns</caption><thead><tr><th scope=\"col\">Column</th><th scope=\"col\">Type</th><th scope=\"col\">Missing</th><th scope=\"col\">Distinct</th></tr></thead><tbody>");
    for (place, column) in report.columns.iter().enumerate() {
        page.raw(&format!(
            "<tr><th scope=\"row\"><a href=\"#c{place}\">{}</a></th><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escaped(&column.name),
            column.column_type,
            counted(column.missing, report.rows),
            column.distinct
        ));
    }
    page.raw("</tbody></table>");
}

fn of_column(page: &mut Page, place: usize, column: &ColumnReport, rows: u64) {
    page.raw(&format!(
        "<section class=\"column\" id=\"c{place}\" aria-labelledby=\"h{place}\"><div><h3 id=\"h{place}\">{}</h3><p class=\"soft\">{}</p>",
        escaped(&column.name),
        column.column_type
    ));
    if let Some(why) = &column.personal {
        page.note(&format!("Personal data ({why}): no value is shown."));
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
    page.figures("Figures", &told);
    page.raw("</div><div>");
    if let Some(histogram) = column.histogram.as_ref().filter(|of| of.bins.len() > 1) {
        page.raw(&svg::histogram(histogram, &format!("Histogram of {}", column.name)));
    }
    if !column.top_values.is_empty() {
        let bar = |(name, count): &(String, u64)| Bar {
            name: name.clone(),
            size: *count as f64,
            text: count.to_string(),
        };
        let shown: Vec<Bar> = column.top_values.iter().take(10).map(bar).collect();
        page.soft("Most frequent values");
        page.raw(&page::bars(&shown, &format!("Most frequent values of {}", column.name)));
    }
    page.raw("</div></section>");
}

fn missing(page: &mut Page, report: &TableReport) {
    page.heading("missing", "Missing values");
    let rows: Vec<Vec<String>> = report
        .missing_patterns
        .iter()
        .map(|pattern| {
            let names = match pattern.missing.as_slice() {
                [] => "none".to_owned(),
                names if names.len() > 12 => {
                    let first = names.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
                    format!("{first} and {} more", names.len() - 12)
                }
                names => names.join(", "),
            };
            vec![names, counted(pattern.rows, report.rows)]
        })
        .collect();
    page.table("Columns that are missing in the same rows", &["Columns", "Rows"], &rows);
}

fn associations(page: &mut Page, report: &TableReport) {
    let of = &report.associations;
    page.heading("associations", "Associations");
    page.soft(&format!(
        "Measured on {} rows, over those in which both columns are there.",
        of.rows
    ));
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
        page.subheading(name);
        page.raw(&format!("<div class=\"wide\">{}</div>", svg::matrix(columns, value, name)));
        let mut pairs: Vec<_> = of.pairs.iter().filter(|pair| pair.measure == measure).collect();
        pairs.sort_by(|one, other| other.value.abs().total_cmp(&one.value.abs()));
        let rows: Vec<Vec<String>> = pairs
            .into_iter()
            .take(PAIRS)
            .map(|pair| {
                vec![format!("{} and {}", pair.first, pair.second), format!("{:.3}", pair.value)]
            })
            .collect();
        page.table(&format!("{name}: the strongest"), &["Columns", "Value"], &rows);
    }
}
