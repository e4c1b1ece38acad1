//! Rows of `COPY … TO STDOUT`: text, a line a row, a tab between cells.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringBuilder};
use arrow::datatypes::SchemaRef;

use super::columns::SourceColumn;
use crate::Error;

/// Bytes of rows after which they are handed over.
const FULL: usize = 1 << 20;

/// Some rows, taken apart.
#[derive(Debug)]
pub(super) struct RowBuffer {
    columns: usize,
    text: String,
    /// End of each cell in the text; the length of the text before it where it is null, which `nulls` says.
    cells: Vec<(usize, bool)>,
    longest: usize,
}

/// A line that is no row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MalformedRow;

impl RowBuffer {
    pub(super) const fn new(columns: usize) -> Self {
        Self { columns, text: String::new(), cells: Vec::new(), longest: 0 }
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
        self.longest = 0;
    }

    pub(super) fn rows(&self) -> usize {
        self.cells.len() / self.columns.max(1)
    }

    pub(super) fn is_full(&self) -> bool {
        self.text.len() >= FULL
    }

    /// Bytes of the longest row.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }

    /// The cells of a column, from the first row on.
    pub(super) fn column(&self, place: usize) -> impl Iterator<Item = Option<&str>> {
        let places = (place..self.cells.len()).step_by(self.columns.max(1));
        places.map(|cell| self.cell(cell))
    }

    fn cell(&self, cell: usize) -> Option<&str> {
        let (end, is_null) = *self.cells.get(cell)?;
        let start = cell.checked_sub(1).and_then(|before| self.cells.get(before));
        let start = start.map_or(0, |(end, _)| *end);
        if is_null { None } else { self.text.get(start..end) }
    }

    /// Takes a row, without the line's end.
    pub(super) fn push(&mut self, line: &[u8]) -> Result<(), MalformedRow> {
        let before = self.cells.len();
        self.longest = self.longest.max(line.len());
        let line = std::str::from_utf8(line).map_err(|_| MalformedRow)?;
        for cell in line.split('\t') {
            let is_null = cell == "\\N";
            if !is_null {
                self.unescape(cell)?;
            }
            self.cells.push((self.text.len(), is_null));
        }
        if self.cells.len() - before == self.columns { Ok(()) } else { Err(MalformedRow) }
    }

    fn unescape(&mut self, cell: &str) -> Result<(), MalformedRow> {
        let mut rest = cell;
        while let Some((plain, escaped)) = rest.split_once('\\') {
            self.text.push_str(plain);
            let mut characters = escaped.chars();
            self.text.push(match characters.next().ok_or(MalformedRow)? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\u{b}',
                other => other,
            });
            rest = characters.as_str();
        }
        self.text.push_str(rest);
        Ok(())
    }
}

/// Rows that become Arrow batches of texts.
pub(super) struct Batches<'a> {
    schema: SchemaRef,
    columns: &'a [SourceColumn],
    builders: Vec<StringBuilder>,
    gathered: usize,
    rows: usize,
}

/// Takes a batch.
type Take<'t> = dyn FnMut(RecordBatch) -> Result<(), Error> + 't;

impl<'a> Batches<'a> {
    pub(super) fn new(schema: SchemaRef, columns: &'a [SourceColumn], rows: usize) -> Self {
        let builders = columns.iter().map(|_| StringBuilder::default()).collect();
        Self { schema, columns, builders, gathered: 0, rows }
    }

    pub(super) fn push(&mut self, buffer: &RowBuffer, take: &mut Take<'_>) -> Result<(), Error> {
        for ((place, column), builder) in self.columns.iter().enumerate().zip(&mut self.builders) {
            for cell in buffer.column(place) {
                builder.append_option(cell.and_then(|cell| column.text(cell)));
            }
        }
        self.gathered += buffer.rows();
        if self.gathered < self.rows { Ok(()) } else { self.finish(take) }
    }

    pub(super) fn finish(&mut self, take: &mut Take<'_>) -> Result<(), Error> {
        if self.gathered == 0 {
            return Ok(());
        }
        let rows = RecordBatchOptions::new().with_row_count(Some(self.gathered));
        self.gathered = 0;
        let arrays = self.builders.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let arrays = arrays.collect();
        take(RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &rows)?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn rows_are_taken_apart_as_they_were_written() {
        let mut rows = RowBuffer::new(3);
        rows.push(b"1\t\\N\ta\\tb\\\\N\\n").unwrap();
        rows.push("\t\u{e9}\\r\t\\N".as_bytes()).unwrap();
        let column = |place| rows.column(place).collect::<Vec<_>>();
        assert_eq!(rows.rows(), 2);
        assert_eq!(column(0), [Some("1"), Some("")]);
        assert_eq!(column(1), [None, Some("\u{e9}\r")]);
        assert_eq!(column(2), [Some("a\tb\\N\n"), None]);
        assert_eq!(rows.longest(), 14);
    }

    #[test]
    fn what_is_no_row_is_refused() {
        for line in [&b"1\t2"[..], b"1\t2\t3\t4", b"1\t2\t\xff", b"1\t2\t\\"] {
            assert_eq!(RowBuffer::new(3).push(line), Err(MalformedRow));
        }
    }
}
