//! A page of HTML with figures and plots: no script, nothing that is loaded, light or dark as the reader's system is.
//! Flame graphs are files of their own ([`flames`]), of the same kind.
//!
//! ```
//! let mut page = page::Page::new("Profile", "of a table", &[("rows", "Rows")]);
//! page.heading("rows", "Rows");
//! page.figures("The table", &[("Rows", "3".to_owned())]);
//! assert!(page.finished().ends_with("</main></body></html>\n"));
//! ```
//!
//! Invariants:
//! - Every text that comes from elsewhere goes through [`escaped`].
//! - A plot has a text for those who do not see it.

mod flames;
mod plots;

use std::fmt::Write as _;

pub use flames::flames;
pub use plots::{Axis, Bar, Line, bars, begin, lines};

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c1f24;--soft:#5b6370;--line:#d9dde3;--back:#fff;--bar:#2f6db5;--less:#b5542f;--note:#fff4d6;--good:#2c7a4b}\
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#9aa3b0;--line:#343a43;--back:#15181c;--bar:#6ea8ec;--less:#e58c67;--note:#3a3218;--good:#6cc48f}}\
*{box-sizing:border-box}body{margin:0;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);overflow-wrap:break-word}\
main,header,nav{max-width:66rem;margin:0 auto;padding:0 1rem}h1{margin:1.5rem 0 .25rem}h2{margin:2rem 0 .5rem}h3{margin:0}\
p.soft,td.soft,caption{color:var(--soft)}a{color:var(--bar)}.note{background:var(--note);padding:.5rem .75rem;border-radius:.4rem}\
table{border-collapse:collapse;margin:.5rem 0}caption{text-align:left;padding:.2rem 0}th,td{padding:.15rem .8rem .15rem 0;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}\
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}thead th{white-space:nowrap}section.column{border-top:1px solid var(--line);padding:1rem 0;display:flex;flex-wrap:wrap;gap:1.5rem}\
section.column>div{flex:1 1 20rem;min-width:0}.row{display:flex;flex-wrap:wrap;gap:1.5rem}.wide{overflow-x:auto}pre{white-space:pre-wrap}\
svg{max-width:100%;height:auto}svg text{fill:var(--ink);font-size:11px}.bar{fill:var(--bar)}.less{fill:var(--less)}\
.axis{stroke:var(--line);fill:none}.path{stroke:var(--bar);fill:none;stroke-width:1.5}.other{stroke:var(--less);fill:none;stroke-width:1.5}.guide{stroke:var(--soft);fill:none;stroke-dasharray:4 3}";

/// A page that is being written.
#[derive(Debug)]
pub struct Page {
    html: String,
}

impl Page {
    /// A page with a title, a line below it, and links to its parts: the identity and the name of each.
    #[must_use]
    pub fn new(title: &str, below: &str, parts: &[(&str, &str)]) -> Self {
        let mut html = String::new();
        // Writing into a text does not fail.
        let _ = write!(
            html,
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>{0}</title><style>{STYLE}</style></head><body><header><h1>{0}</h1><p class=\"soft\">{1}</p></header>\
             <nav aria-label=\"Parts\">",
            escaped(title),
            escaped(below)
        );
        let links: Vec<String> = parts
            .iter()
            .map(|(id, name)| format!("<a href=\"#{id}\">{}</a>", escaped(name)))
            .collect();
        let _ = write!(html, "{}</nav><main>", links.join(" · "));
        Self { html }
    }

    /// HTML as it is.
    pub fn raw(&mut self, html: &str) {
        self.html.push_str(html);
    }

    /// The heading of a part, to which the links at the top lead.
    pub fn heading(&mut self, id: &str, text: &str) {
        let _ = write!(self.html, "<h2 id=\"{id}\">{}</h2>", escaped(text));
    }

    /// The heading of a plot or a table within a part.
    pub fn subheading(&mut self, text: &str) {
        let _ = write!(self.html, "<h3>{}</h3>", escaped(text));
    }

    /// A paragraph.
    pub fn text(&mut self, text: &str) {
        let _ = write!(self.html, "<p>{}</p>", escaped(text));
    }

    /// A paragraph that stands back.
    pub fn soft(&mut self, text: &str) {
        let _ = write!(self.html, "<p class=\"soft\">{}</p>", escaped(text));
    }

    /// A paragraph that stands out.
    pub fn note(&mut self, text: &str) {
        let _ = write!(self.html, "<p class=\"note\">{}</p>", escaped(text));
    }

    /// A text with its own lines.
    pub fn lines(&mut self, text: &str) {
        let _ = write!(self.html, "<pre>{}</pre>", escaped(text));
    }

    /// A table of names with a value each.
    pub fn figures(&mut self, caption: &str, rows: &[(&str, String)]) {
        let _ = write!(self.html, "<table><caption>{}</caption><tbody>", escaped(caption));
        for (name, value) in rows {
            let _ = write!(
                self.html,
                "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td></tr>",
                escaped(name),
                escaped(value)
            );
        }
        self.html.push_str("</tbody></table>");
    }

    /// A table with a heading for each column. The first column names the row; cells that begin with a digit, a sign or a bracket
    /// stand on the right.
    pub fn table(&mut self, caption: &str, head: &[&str], rows: &[Vec<String>]) {
        let _ = write!(
            self.html,
            "<div class=\"wide\"><table><caption>{}</caption><thead><tr>",
            escaped(caption)
        );
        for name in head {
            let _ = write!(self.html, "<th scope=\"col\">{}</th>", escaped(name));
        }
        self.html.push_str("</tr></thead><tbody>");
        for row in rows {
            self.html.push_str("<tr>");
            for (place, cell) in row.iter().enumerate() {
                let text = escaped(cell);
                let _ = match (place, is_number(cell)) {
                    (0, _) => write!(self.html, "<th scope=\"row\">{text}</th>"),
                    (_, true) => write!(self.html, "<td class=\"n\">{text}</td>"),
                    (_, false) => write!(self.html, "<td>{text}</td>"),
                };
            }
            self.html.push_str("</tr>");
        }
        self.html.push_str("</tbody></table></div>");
    }

    /// The whole page.
    #[must_use]
    pub fn finished(mut self) -> String {
        self.html.push_str("</main></body></html>\n");
        self.html
    }
}

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

/// A number in about six digits.
#[must_use]
pub fn number(value: f64) -> String {
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

/// A number with its share.
#[must_use]
pub fn counted(part: u64, of: u64) -> String {
    if of == 0 {
        part.to_string()
    } else {
        format!("{part} ({:.1} %)", part as f64 / of as f64 * 100.0)
    }
}

fn is_number(cell: &str) -> bool {
    let rest = cell.trim_start_matches(['-', '+', '±', '[', '(']);
    rest.starts_with(|character: char| character.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_elsewhere_is_text() {
        let hostile = "<script>alert('x')</script>\"&";
        let mut page = Page::new(hostile, hostile, &[("a", hostile)]);
        page.heading("a", hostile);
        page.subheading(hostile);
        page.text(hostile);
        page.soft(hostile);
        page.note(hostile);
        page.lines(hostile);
        page.figures(hostile, &[(hostile, hostile.to_owned())]);
        page.table(hostile, &[hostile], &[vec![hostile.to_owned(), hostile.to_owned()]]);
        let bar = Bar { name: hostile.to_owned(), size: 1.0, text: hostile.to_owned() };
        page.raw(&bars(&[bar], hostile));
        let line = Line { name: hostile.to_owned(), points: vec![(0.0, 0.0), (1.0, 1.0)] };
        let axis = || Axis { name: hostile.to_owned(), range: Some((0.0, 1.0)) };
        page.raw(&lines(&[line], &axis(), &axis(), hostile, false));
        let html = page.finished();
        assert!(!html.contains("<script") && !html.contains("'x'") && !html.contains("\"&\""));
        assert!(html.matches("&lt;script&gt;").count() > 20);
    }

    #[test]
    fn numbers_have_six_digits_or_so() {
        for (value, text) in [
            (0.0, "0"),
            (0.123_456, "0.1235"),
            (12_345.678, "12345.68"),
            (1e6, "1000000"),
            (-2.5, "-2.5"),
            (1e-9, "1.0000e-9"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!(counted(1, 4), "1 (25.0 %)");
        assert_eq!(counted(0, 0), "0");
        assert!(is_number("[0.1, 0.2]") && is_number("±0.1") && !is_number("none"));
    }
}
