//! A table in bounded memory, and its bytes.
//!
//! The bytes hold, after a mark and a version: rows; each column with its name, kind and counts; groups of numbers as their
//! means (8 bytes) and rows, levels as their text and rows. Counts are of variable length (LEB128). What is read back is
//! checked for everything that merging and comparing rely on, and takes no more memory than a few times the bytes.

use std::collections::{BTreeMap, HashMap};

use tabular::Table;

use super::digest::{Digest, Group, KEPT};
use super::error::Error;
use super::sketch::{
    CategoricalSketch, ColumnSketch, MAX_LEVEL_BYTES, MAX_ROWS, MAX_SKETCH_LEVELS, NumericSketch,
    together,
};

const MARK: &[u8; 4] = b"T0DS";
const VERSION: u8 = 1;
/// Groups of a digest that are read; [`KEPT`] and some that the scale may leave beside them.
const MAX_GROUPS: u64 = 2 * KEPT as u64;
/// Columns of a table that are read.
const MAX_COLUMNS: u64 = 10_000;
/// Bytes of a column's name that are read.
const MAX_NAME_BYTES: u64 = 4096;
const NUMERIC: u8 = 0;
const CATEGORICAL: u8 = 1;
/// Flag of a group whose rows have the same value.
const EQUAL: u64 = 1;

/// What is kept of a table's columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableSketch {
    /// Number of rows that were added.
    pub rows: u64,
    /// Its columns by their names.
    pub columns: BTreeMap<String, ColumnSketch>,
}

impl TableSketch {
    /// Takes all rows of a table. Columns that are not there yet are added, of the kind that their type has.
    pub fn add_table(&mut self, table: &Table) {
        for (field, column) in table.iter() {
            let sketch = match self.columns.get_mut(&field.name) {
                Some(sketch) => sketch,
                None => self
                    .columns
                    .entry(field.name.clone())
                    .or_insert_with(|| ColumnSketch::of_type(field.column_type)),
            };
            sketch.add_column(field, column);
        }
        self.rows = self.rows.saturating_add(table.rows() as u64);
    }

    /// Takes the rows of another sketch. A column that only one has keeps its own rows.
    ///
    /// # Errors
    /// [`Error::ColumnKinds`] where a column is numeric on one side and categorical on the other, and [`Error::TooManyRows`];
    /// nothing is taken then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let rows = together(self.rows, other.rows)?;
        for (name, added) in &other.columns {
            let Some(kept) = self.columns.get(name) else { continue };
            if kept.kind() != added.kind() {
                let (kept, added) = (kept.kind(), added.kind());
                return Err(Error::ColumnKinds { column: name.clone(), kept, added });
            }
            together(kept.rows(), added.rows())?;
        }
        for (name, added) in &other.columns {
            match self.columns.get_mut(name) {
                Some(kept) => kept.merge(added)?,
                None => {
                    self.columns.insert(name.clone(), added.clone());
                }
            }
        }
        self.rows = rows;
        Ok(())
    }

    /// The one byte form of the sketch.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::from(MARK);
        bytes.push(VERSION);
        write(&mut bytes, self.rows);
        write(&mut bytes, self.columns.len() as u64);
        for (name, column) in &self.columns {
            write_text(&mut bytes, name);
            match column {
                ColumnSketch::Numeric(of) => write_numeric(&mut bytes, of),
                ColumnSketch::Categorical(of) => write_categorical(&mut bytes, &of.pruned()),
            }
        }
        bytes
    }

    /// Reads bytes back.
    ///
    /// # Errors
    /// [`Error::Version`] and [`Error::Malformed`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.take(MARK.len())? != MARK {
            return Err(Error::Malformed { reason: "the mark is missing", at: 0 });
        }
        let version = reader.byte()?;
        if version != VERSION {
            return Err(Error::Version { found: version, read: VERSION });
        }
        let rows = reader.number()?;
        reader.bounded(Some(rows))?;
        let mut columns = BTreeMap::new();
        let mut last: Option<String> = None;
        for _ in 0..reader.count(MAX_COLUMNS, "too many columns")? {
            let name = reader.text(MAX_NAME_BYTES)?;
            if last.as_ref().is_some_and(|last| *last >= name) {
                return Err(reader.malformed("the columns are not in order"));
            }
            last = Some(name.clone());
            let column = match reader.byte()? {
                NUMERIC => ColumnSketch::Numeric(reader.numeric()?),
                CATEGORICAL => ColumnSketch::Categorical(reader.categorical()?),
                _ => return Err(reader.malformed("the kind of a column is unknown")),
            };
            columns.insert(name, column);
        }
        if reader.at != bytes.len() {
            return Err(reader.malformed("there is more behind the last column"));
        }
        Ok(Self { rows, columns })
    }
}

fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn write_text(bytes: &mut Vec<u8>, text: &str) {
    write(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

fn write_numeric(bytes: &mut Vec<u8>, of: &NumericSketch) {
    bytes.push(NUMERIC);
    write(bytes, of.missing);
    write(bytes, of.not_finite);
    let digest = of.digest.gathered();
    write(bytes, digest.groups().len() as u64);
    let Some((least, greatest)) = digest.range() else { return };
    for number in [of.mean, of.squares, least, greatest] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    for group in digest.groups() {
        bytes.extend_from_slice(&group.mean.to_le_bytes());
        // The rows of a group are far from the half of what can be counted.
        write(bytes, (group.rows << 1) | u64::from(group.equal));
    }
}

fn write_categorical(bytes: &mut Vec<u8>, of: &CategoricalSketch) {
    bytes.push(CATEGORICAL);
    for number in [of.missing, of.other, of.short_by, of.counts.len() as u64] {
        write(bytes, number);
    }
    let mut levels: Vec<(&String, &u64)> = of.counts.iter().collect();
    levels.sort_unstable();
    for (level, rows) in levels {
        write_text(bytes, level);
        write(bytes, *rows);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn malformed(&self, reason: &'static str) -> Error {
        Error::Malformed { reason, at: self.at }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let end = self.at.checked_add(count);
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or_else(|| self.malformed("it ends too early"))?;
        self.at += count;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        self.take(1)?.first().copied().ok_or_else(|| self.malformed("it ends too early"))
    }

    fn number(&mut self) -> Result<u64, Error> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = u64::from(self.byte()?);
            let part = byte & 0x7f;
            if shift == 63 && byte > 1 {
                break;
            }
            number |= part << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(self.malformed("a count is too great"))
    }

    fn count(&mut self, most: u64, reason: &'static str) -> Result<u64, Error> {
        let count = self.number()?;
        if count > most { Err(self.malformed(reason)) } else { Ok(count) }
    }

    fn text(&mut self, most: u64) -> Result<String, Error> {
        let length = self.count(most, "a text is too long")?;
        let bytes = self.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        let text = std::str::from_utf8(bytes).map_err(|_| self.malformed("a text is no UTF-8"))?;
        Ok(text.to_owned())
    }

    fn float(&mut self) -> Result<f64, Error> {
        let bytes = <[u8; 8]>::try_from(self.take(8)?);
        bytes.map(f64::from_le_bytes).map_err(|_| self.malformed("it ends too early"))
    }

    fn finite(&mut self) -> Result<f64, Error> {
        let number = self.float()?;
        if number.is_finite() { Ok(number) } else { Err(self.malformed("a value is not finite")) }
    }

    /// A sum of rows that is not too great.
    fn bounded(&self, rows: Option<u64>) -> Result<(), Error> {
        match rows.filter(|rows| *rows <= MAX_ROWS) {
            Some(_) => Ok(()),
            None => Err(self.malformed("the rows are too many")),
        }
    }

    fn numeric(&mut self) -> Result<NumericSketch, Error> {
        let (missing, not_finite) = (self.number()?, self.number()?);
        let count = self.count(MAX_GROUPS, "there are too many groups")?;
        let mut rows = missing.checked_add(not_finite);
        if count == 0 {
            self.bounded(rows)?;
            return Ok(NumericSketch { missing, not_finite, ..NumericSketch::default() });
        }
        // Sums of great numbers may have left the bounds of a double; they are told as unknown then.
        let (mean, squares) = (self.float()?, self.float()?);
        let (least, greatest) = (self.finite()?, self.finite()?);
        let mut groups: Vec<Group> = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
        for _ in 0..count {
            let mean = self.finite()?;
            let number = self.number()?;
            let group = Group { mean, rows: number >> 1, equal: number & EQUAL == EQUAL };
            let ascends = groups.last().is_none_or(|last| {
                last.mean < mean || (last.mean == mean && !(last.equal && group.equal))
            });
            if group.rows == 0 || !ascends || mean < least || mean > greatest {
                return Err(self.malformed("the groups of numbers do not hold together"));
            }
            rows = rows.and_then(|rows| rows.checked_add(group.rows));
            groups.push(group);
        }
        self.bounded(rows)?;
        let digest = Digest::of_groups(groups, Some((least, greatest)));
        Ok(NumericSketch { digest, missing, not_finite, mean, squares })
    }

    fn categorical(&mut self) -> Result<CategoricalSketch, Error> {
        let (missing, other, short_by) = (self.number()?, self.number()?, self.number()?);
        let count = self.count(MAX_SKETCH_LEVELS as u64, "there are too many levels")?;
        let mut rows = missing.checked_add(other);
        let mut counts = HashMap::new();
        for _ in 0..count {
            let level = self.text(MAX_LEVEL_BYTES as u64)?;
            let of_level = self.number()?;
            rows = rows.and_then(|rows| rows.checked_add(of_level));
            if of_level == 0 || counts.insert(level, of_level).is_some() {
                return Err(self.malformed("the levels do not hold together"));
            }
        }
        self.bounded(rows)?;
        Ok(CategoricalSketch { counts, other, short_by, missing })
    }
}

#[cfg(test)]
mod tests;
