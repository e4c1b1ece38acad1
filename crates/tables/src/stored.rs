//! A table that is held as blocks of columns, in memory while it is small and on disk beyond.

use std::path::Path;
use std::sync::Arc;

use tabular::{Column, ColumnType, Field, Table, TextColumn};

use crate::Error;
use crate::dictionary::{Dictionary, Levels};
use crate::encoding::{self, Width};
use crate::gather::Values;
use crate::spill::{Place, Spill};

/// Rows of a block, at least.
const BLOCK_ROWS: usize = 16 * 1024;

/// A table of any number of rows: fields, and values that are read a column or a block at a time, by any thread.
#[derive(Debug)]
pub struct StoredTable {
    fields: Vec<Field>,
    columns: Vec<StoredColumn>,
    /// Rows of each block.
    blocks: Vec<usize>,
    rows: usize,
    spill: Spill,
}

#[derive(Debug)]
struct StoredColumn {
    blocks: Vec<(Width, Place)>,
    missing: u64,
    /// The distinct texts; none of a numeric column.
    levels: Option<Levels>,
}

impl StoredTable {
    /// Names and types, in order; nullable where values are missing.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Place of a column.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// Missing values of a column.
    #[must_use]
    pub fn missing(&self, column: usize) -> u64 {
        self.columns.get(column).map_or(0, |column| column.missing)
    }

    /// The distinct texts of a column with their rows; none of a numeric one.
    #[must_use]
    pub fn levels(&self, column: usize) -> Option<&Levels> {
        self.columns.get(column)?.levels.as_ref()
    }

    /// A column of all rows: 8 bytes a row, or 4 and the distinct texts.
    ///
    /// # Errors
    /// When it can't be read back.
    pub fn column(&self, column: usize) -> Result<Column, Error> {
        match self.levels(column) {
            None => {
                let mut values = Vec::with_capacity(self.rows);
                for block in 0..self.blocks.len() {
                    self.read_numbers(column, block, &mut values)?;
                }
                Ok(Column::Number(values))
            }
            Some(levels) => {
                let mut codes = Vec::with_capacity(self.rows);
                for block in 0..self.blocks.len() {
                    self.read_codes(column, block, &mut codes)?;
                }
                let levels: Vec<String> = levels.iter().map(str::to_owned).collect();
                Ok(Column::Text(TextColumn::of_distinct(codes, Arc::new(levels))))
            }
        }
    }

    /// Some columns of all rows, by name; those that are not there are left out.
    ///
    /// # Errors
    /// When they can't be read back.
    pub fn select(&self, names: &[&str]) -> Result<Table, Error> {
        let (mut fields, mut columns) = (Vec::new(), Vec::new());
        for (place, field) in self.fields.iter().enumerate() {
            if names.contains(&field.name.as_str()) {
                fields.push(field.clone());
                columns.push(self.column(place)?);
            }
        }
        Ok(Table::new(fields, columns).map_err(dataset::Error::from)?)
    }

    /// All of it in memory: for tables that are known to be small.
    ///
    /// # Errors
    /// When it can't be read back.
    pub fn whole(&self) -> Result<Table, Error> {
        let names: Vec<&str> = self.fields.iter().map(|field| field.name.as_str()).collect();
        self.select(&names)
    }

    /// Rows of each block, in order.
    #[must_use]
    pub fn blocks(&self) -> &[usize] {
        &self.blocks
    }

    /// Adds the numbers of a block, NaN being missing; nothing of a text column.
    ///
    /// # Errors
    /// When they can't be read back.
    pub fn read_numbers(
        &self,
        column: usize,
        block: usize,
        into: &mut Vec<f64>,
    ) -> Result<(), Error> {
        let (Some(field), Some((width, place))) =
            (self.fields.get(column), self.place(column, block))
        else {
            return Ok(());
        };
        let mut buffer = Vec::new();
        let bytes = self.spill.read(place, &mut buffer)?;
        if field.column_type != ColumnType::Text {
            encoding::read_numbers(width, bytes, field.column_type, into);
        }
        Ok(())
    }

    /// Adds the codes of a block of texts, of [`Self::levels`]; nothing of a numeric column.
    ///
    /// # Errors
    /// When they can't be read back.
    pub fn read_codes(
        &self,
        column: usize,
        block: usize,
        into: &mut Vec<u32>,
    ) -> Result<(), Error> {
        let (Some(_), Some((width, place))) = (self.levels(column), self.place(column, block))
        else {
            return Ok(());
        };
        let mut buffer = Vec::new();
        encoding::read_codes(width, self.spill.read(place, &mut buffer)?, into);
        Ok(())
    }

    fn place(&self, column: usize, block: usize) -> Option<(Width, Place)> {
        self.columns.get(column)?.blocks.get(block).copied()
    }

    /// A table in memory, stored.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn of_table(table: &Table, directory: &Path) -> Result<Self, Error> {
        let mut builder = StoredTableBuilder::new(table.fields(), directory);
        for (pending, column) in builder.columns.iter_mut().zip(table.columns()) {
            match (&mut pending.values, column) {
                (Pending::Numbers(values), Column::Number(column)) => values.extend(column),
                (Pending::Texts { codes, dictionary }, Column::Text(text)) => {
                    for text in text.iter() {
                        let code = text.map_or(TextColumn::MISSING, |text| dictionary.code(text));
                        dictionary.levels.count(code);
                        codes.push(code);
                    }
                }
                // The same fields have the same physical forms.
                _ => {}
            }
        }
        builder.pending = table.rows();
        builder.finish()
    }
}

/// Gathers a table row by row.
pub(crate) struct StoredTableBuilder {
    fields: Vec<Field>,
    columns: Vec<PendingColumn>,
    /// Rows that are in no block yet.
    pending: usize,
    blocks: Vec<usize>,
    rows: usize,
    spill: Spill,
}

struct PendingColumn {
    values: Pending,
    blocks: Vec<(Width, Place)>,
    missing: u64,
}

enum Pending {
    Numbers(Vec<f64>),
    Texts { codes: Vec<u32>, dictionary: Dictionary },
}

impl StoredTableBuilder {
    pub(crate) fn new(fields: &[Field], directory: &Path) -> Self {
        let column = |field: &Field| PendingColumn {
            values: match field.column_type {
                ColumnType::Text => {
                    Pending::Texts { codes: Vec::new(), dictionary: Dictionary::default() }
                }
                _ => Pending::Numbers(Vec::new()),
            },
            blocks: Vec::new(),
            missing: 0,
        };
        Self {
            fields: fields.to_vec(),
            columns: fields.iter().map(column).collect(),
            pending: 0,
            blocks: Vec::new(),
            rows: 0,
            spill: Spill::in_directory(directory),
        }
    }

    /// Adds the next rows, or those of them whose places are given.
    pub(crate) fn push(
        &mut self,
        values: Vec<Values>,
        rows: usize,
        chosen: Option<&[usize]>,
    ) -> Result<(), Error> {
        for (column, values) in self.columns.iter_mut().zip(values) {
            match (&mut column.values, values) {
                (Pending::Numbers(pending), Values::Numbers(values)) => match chosen {
                    None => pending.extend(values),
                    Some(chosen) => {
                        pending.extend(chosen.iter().filter_map(|row| values.get(*row).copied()));
                    }
                },
                (Pending::Texts { codes, dictionary }, Values::Texts(texts)) => {
                    // A text that is in no chosen row gets a code as well; its rows are none then.
                    let of: Vec<u32> = texts.distinct().map(|text| dictionary.code(text)).collect();
                    let code = |local: &u32| {
                        let place = usize::try_from(*local).unwrap_or(usize::MAX);
                        of.get(place).copied().unwrap_or(TextColumn::MISSING)
                    };
                    let mut add = |local: &u32| {
                        let code = code(local);
                        dictionary.levels.count(code);
                        codes.push(code);
                    };
                    match chosen {
                        None => texts.codes.iter().for_each(&mut add),
                        Some(chosen) => {
                            chosen.iter().filter_map(|row| texts.codes.get(*row)).for_each(add);
                        }
                    }
                }
                // The same fields have the same physical forms.
                _ => {}
            }
        }
        self.pending += chosen.map_or(rows, <[usize]>::len);
        if self.pending >= BLOCK_ROWS { self.write_block() } else { Ok(()) }
    }

    fn write_block(&mut self) -> Result<(), Error> {
        for (column, field) in self.columns.iter_mut().zip(&self.fields) {
            let (block, missing) = match &mut column.values {
                Pending::Numbers(values) => {
                    let missing = values.iter().filter(|value| value.is_nan()).count();
                    let block = encoding::numbers(values, field.column_type);
                    values.clear();
                    (block, missing)
                }
                Pending::Texts { codes, .. } => {
                    let missing = codes.iter().filter(|code| **code == TextColumn::MISSING).count();
                    let block = encoding::codes(codes);
                    codes.clear();
                    (block, missing)
                }
            };
            column.missing += missing as u64;
            column.blocks.push((block.width, self.spill.write(&block.bytes)?));
        }
        self.blocks.push(self.pending);
        self.rows += self.pending;
        self.pending = 0;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<StoredTable, Error> {
        if self.pending > 0 {
            self.write_block()?;
        }
        let fields = self.fields.into_iter().zip(&self.columns);
        let fields =
            fields.map(|(field, column)| Field { nullable: column.missing > 0, ..field }).collect();
        let columns = self.columns.into_iter().map(|column| StoredColumn {
            blocks: column.blocks,
            missing: column.missing,
            levels: match column.values {
                Pending::Numbers(_) => None,
                Pending::Texts { dictionary, .. } => Some(dictionary.levels),
            },
        });
        Ok(StoredTable {
            fields,
            columns: columns.collect(),
            blocks: self.blocks,
            rows: self.rows,
            spill: self.spill,
        })
    }
}
