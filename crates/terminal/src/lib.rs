//! The one place that writes on standard output and standard error.
//!
//! With `--json`, standard output holds exactly one JSON document. Progress is a bar on a terminal and plain lines elsewhere,
//! on standard error in both cases.

pub mod logs;

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use pbjson_types::Timestamp;
use serde::Serialize;

/// Where a command's answer and progress go.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    json: bool,
    interactive: bool,
}

impl Console {
    /// For this process; `json` as asked for.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { json, interactive: io::stderr().is_terminal() }
    }

    /// Whether one JSON document is wanted.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Writes the answer: `document` as JSON, or the text for people. A reader that has read enough, as `head`, is no error.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub fn answer<T: Serialize>(
        &self,
        document: &T,
        text: impl FnOnce() -> String,
    ) -> io::Result<()> {
        match self.write_answer(&mut io::stdout().lock(), document, text) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    fn write_answer<T: Serialize>(
        &self,
        mut out: impl Write,
        document: &T,
        text: impl FnOnce() -> String,
    ) -> io::Result<()> {
        if self.json {
            serde_json::to_writer_pretty(&mut out, document)?;
            out.write_all(b"\n")?;
        } else {
            let text = text();
            out.write_all(text.as_bytes())?;
            if !text.ends_with('\n') {
                out.write_all(b"\n")?;
            }
        }
        out.flush()
    }

    /// Writes bytes on standard output as they are.
    ///
    /// # Errors
    /// Where standard output cannot be written; a broken pipe where its reader has read enough.
    pub fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }

    /// Writes a line for people on standard error. A closed standard error is no reason to stop.
    pub fn note(&self, line: &str) {
        let _closed = writeln!(io::stderr().lock(), "{line}");
    }

    /// Shows that something goes on.
    #[must_use]
    pub fn progress(&self, what: &str) -> Progress {
        if !self.interactive {
            self.note(what);
            return Progress { bar: None, console: *self };
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        bar.set_message(what.to_owned());
        Progress { bar: Some(bar), console: *self }
    }
}

/// Progress that is shown until it is dropped.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    console: Console,
}

impl Progress {
    /// Says what is being done now; on a terminal only, where it replaces what was said before.
    pub fn now(&self, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(what.to_owned());
        }
    }

    /// Writes a line that stays.
    pub fn line(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => self.console.note(line),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Lines of a table with aligned columns.
#[must_use]
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(head.get(column).map(|cell| cell.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(head.to_vec())];
    lines.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    lines.join("\n")
}

/// A number of things with their name, such as `1 version` and `2 versions`; for names whose plural ends with `s`.
#[must_use]
pub fn counted(count: u64, name: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {name}{plural}")
}

/// Seconds with two decimals, such as `1.50 s`; `-` for none.
#[must_use]
pub fn seconds(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2} s"))
}

/// A time for people: to the second, in UTC.
#[must_use]
pub fn time(at: Option<&Timestamp>) -> String {
    let text = at.and_then(|at| serde_json::to_value(at).ok());
    let text = text.as_ref().and_then(|text| text.as_str()).unwrap_or("-").to_owned();
    match text.get(..19) {
        Some(seconds) => format!("{seconds}Z"),
        None => text,
    }
}

/// A table, or a line that says that there is nothing.
#[must_use]
pub fn or_none(none: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() { none.to_owned() } else { table(head, rows) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_not_several() {
        assert_eq!(counted(1, "version"), "1 version");
        assert_eq!(counted(0, "version"), "0 versions");
    }

    #[test]
    fn columns_are_aligned() {
        let text = table(
            &["a", "name"],
            &[vec!["10".into(), "x".into()], vec!["2".into(), "long".into()]],
        );
        assert_eq!(text, "a   name\n10  x\n2   long");
    }
}
