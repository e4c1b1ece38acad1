//! Answers to rows, and columns to texts.

use std::collections::BTreeSet;
use std::path::Path;

use client::v2::InferResponse;
use serde_json::Value;
use tabular::{Column, Table, parse};

use super::Error;
use super::explain::Explanation;
use super::written::{Cell, Written};

/// Whom rows are about, by a column of texts: one per row, empty where it is not said. The text of a row does not depend on others.
pub(crate) fn identities(texts: &Table, name: &str) -> Option<Vec<String>> {
    let column = texts.column(name)?.text()?;
    let levels: Vec<String> = column.levels().iter().map(|text| parse::identity(text)).collect();
    let of = |code: &u32| usize::try_from(*code).ok().and_then(|code| levels.get(code)).cloned();
    Some(column.codes().iter().map(|code| of(code).unwrap_or_default()).collect())
}

/// The values of a column as texts, one per row; empty where one is missing.
pub(crate) fn texts(table: &Table, name: &str) -> Option<Vec<String>> {
    let (field, column) = (table.field(name)?, table.column(name)?);
    let text = |row| match column {
        Column::Text(texts) => texts.get(row).map(str::to_owned),
        Column::Number(numbers) => numbers
            .get(row)
            .filter(|number| !number.is_nan())
            .map(|number| parse::format(*number, field.column_type)),
    };
    Some((0..table.rows()).map(|row| text(row).unwrap_or_default()).collect())
}

/// Predictions, as they are written.
pub(crate) struct Answers {
    written: Written,
    /// Whether each row tells its request and its place there.
    with_ids: bool,
    rows: usize,
    versions: BTreeSet<String>,
}

impl Answers {
    /// Before the first row, for a file of this name.
    ///
    /// # Errors
    /// A format that predictions are not written in.
    pub(crate) fn new(out: Option<&Path>, with_ids: bool) -> Result<Self, Error> {
        let written = Written::to(out)?;
        Ok(Self { written, with_ids, rows: 0, versions: BTreeSet::new() })
    }

    /// Adds the answer to a request of `rows` rows.
    pub(crate) fn take(
        &mut self,
        rows: usize,
        answer: InferResponse,
        explanation: Option<&Explanation>,
    ) -> Result<(), Error> {
        for output in &answer.outputs {
            if output.data.len() != rows {
                return Err(Error::Answer {
                    output: output.name.clone(),
                    found: output.data.len(),
                    expected: rows,
                });
            }
        }
        if self.rows == 0 {
            let names: Vec<&str> =
                answer.outputs.iter().map(|output| output.name.as_str()).collect();
            let classes: Vec<&str> =
                names.iter().filter_map(|name| name.strip_prefix("probability_")).collect();
            let why = explanation.map(|why| why.header(&classes)).unwrap_or_default();
            let ids = if self.with_ids { ["request_id", "row"].as_slice() } else { &[] };
            let header = names.into_iter().chain(["model_version"]).chain(ids.iter().copied());
            self.written.header(header.map(str::to_owned).chain(why).collect())?;
        }
        for row in 0..rows {
            let values = answer.outputs.iter().map(|output| output.data.get(row));
            let values = values.map(|value| Cell::Answered(value.unwrap_or(&Value::Null)));
            let version = [Cell::Text(&answer.model_version)];
            let ids = [Cell::Text(&answer.id), Cell::Whole(row)];
            let ids = ids.into_iter().filter(|_| self.with_ids);
            let why = explanation.map(|why| why.row(row)).unwrap_or_default();
            let why = why.into_iter().map(Cell::Number);
            self.written.row(values.chain(version).chain(ids).chain(why))?;
        }
        self.rows += rows;
        self.versions.insert(answer.model_version);
        Ok(())
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The versions that answered: one, but during a switch.
    pub(crate) fn versions(&self) -> Vec<String> {
        self.versions.iter().cloned().collect()
    }

    pub(crate) fn finish(self) -> Result<Vec<u8>, Error> {
        self.written.finish()
    }
}
