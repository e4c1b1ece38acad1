//! A table: named columns of equal length.

use std::collections::HashMap;
use std::sync::Arc;

use thiserror::Error;

use crate::{Column, ColumnType, Field};

/// Named columns of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    // Tables of the same columns share them.
    fields: Arc<Vec<Field>>,
    columns: Vec<Column>,
    rows: usize,
}

/// Columns that do not make a table, or a column that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TableError {
    /// Fields and columns differ in number.
    #[error("{fields} fields were given for {columns} columns")]
    FieldCount {
        /// Number of fields.
        fields: usize,
        /// Number of columns.
        columns: usize,
    },
    /// Columns differ in length.
    #[error("column {column:?} has {found} rows, the columns before it have {expected}")]
    Length {
        /// Name of the column.
        column: String,
        /// Rows of the first column.
        expected: usize,
        /// Number of rows of the column.
        found: usize,
    },
    /// Two columns have the same name.
    #[error("column {column:?} stands twice")]
    DuplicateColumn {
        /// Name that occurs twice.
        column: String,
    },
    /// A column has no name.
    #[error("column {position} has no name")]
    EmptyName {
        /// Its position, from 1.
        position: usize,
    },
    /// Text where the type says numbers, or the reverse.
    #[error("column {column:?} of type {column_type} is not held as {}", physical(*column_type))]
    Kind {
        /// Name of the column.
        column: String,
        /// Type that the column has.
        column_type: ColumnType,
    },
    /// There is no such column.
    #[error("there is no column {column:?}")]
    NoColumn {
        /// The name asked for.
        column: String,
    },
}

fn physical(column_type: ColumnType) -> &'static str {
    if column_type.is_numeric() { "numbers" } else { "text" }
}

impl Table {
    /// Checks lengths, names and kinds.
    ///
    /// # Errors
    /// When the columns differ in length, a name is empty or repeated, or a column is not of the kind its type needs.
    pub fn new(fields: Vec<Field>, columns: Vec<Column>) -> Result<Self, TableError> {
        if fields.len() != columns.len() {
            return Err(TableError::FieldCount { fields: fields.len(), columns: columns.len() });
        }
        let rows = columns.first().map_or(0, Column::len);
        let mut seen = HashMap::with_capacity(fields.len());
        for (position, (field, column)) in fields.iter().zip(&columns).enumerate() {
            if field.name.is_empty() {
                return Err(TableError::EmptyName { position: position + 1 });
            }
            if seen.insert(field.name.as_str(), ()).is_some() {
                return Err(TableError::DuplicateColumn { column: field.name.clone() });
            }
            check_column(field, column, rows)?;
        }
        Ok(Self { fields: Arc::new(fields), columns, rows })
    }

    /// A table of the same names and types with other values, for which names need not be looked at again.
    ///
    /// # Errors
    /// When the columns differ in length, or a column is not of the kind its type needs.
    pub fn with_columns(&self, columns: Vec<Column>) -> Result<Self, TableError> {
        if self.fields.len() != columns.len() {
            let (fields, columns) = (self.fields.len(), columns.len());
            return Err(TableError::FieldCount { fields, columns });
        }
        let rows = columns.first().map_or(0, Column::len);
        for (field, column) in self.fields.iter().zip(&columns) {
            check_column(field, column, rows)?;
        }
        Ok(Self { fields: Arc::clone(&self.fields), columns, rows })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Names and types, in order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Fields with their columns, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Field, &Column)> {
        self.fields.iter().zip(&self.columns)
    }

    /// Position of a column.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// A column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.position(name).and_then(|position| self.columns.get(position))
    }

    /// A column by name, or an error that names it.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn require(&self, name: &str) -> Result<(&Field, &Column), TableError> {
        self.iter()
            .find(|(field, _)| field.name == name)
            .ok_or_else(|| TableError::NoColumn { column: name.to_owned() })
    }

    /// The field of a column by name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The given columns, in the given order.
    ///
    /// # Errors
    /// When one is not there or is asked for twice.
    pub fn select<S: AsRef<str>>(&self, names: &[S]) -> Result<Self, TableError> {
        let mut fields = Vec::with_capacity(names.len());
        let mut columns = Vec::with_capacity(names.len());
        for name in names {
            let (field, column) = self.require(name.as_ref())?;
            fields.push(field.clone());
            columns.push(column.clone());
        }
        let mut selected = Self::new(fields, columns)?;
        selected.rows = self.rows;
        Ok(selected)
    }

    /// The table without the given columns; names that are not there are ignored.
    #[must_use]
    pub fn without<S: AsRef<str>>(&self, names: &[S]) -> Self {
        let keep = |field: &Field| !names.iter().any(|name| name.as_ref() == field.name);
        let (fields, columns) = self
            .iter()
            .filter(|(field, _)| keep(field))
            .map(|(field, column)| (field.clone(), column.clone()))
            .unzip();
        Self { fields: Arc::new(fields), columns, rows: self.rows }
    }

    /// The given rows, in the given order. Rows that do not exist are missing in every column.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        let columns = self.columns.iter().map(|column| column.take(rows)).collect();
        Self { fields: self.fields.clone(), columns, rows: rows.len() }
    }

    /// The table with a column added at the end, or put in place of the one of the same name.
    ///
    /// # Errors
    /// When its length or kind does not fit, or its name is empty.
    pub fn with_column(mut self, field: Field, column: Column) -> Result<Self, TableError> {
        if field.name.is_empty() {
            return Err(TableError::EmptyName { position: self.columns.len() + 1 });
        }
        check_kind(&field, &column)?;
        if self.columns.is_empty() && self.rows == 0 {
            self.rows = column.len();
        }
        if column.len() != self.rows {
            return Err(TableError::Length {
                column: field.name,
                expected: self.rows,
                found: column.len(),
            });
        }
        match self.position(&field.name) {
            Some(position) => {
                let fields = Arc::make_mut(&mut self.fields);
                for (old, new) in fields.iter_mut().skip(position).zip([field]) {
                    *old = new;
                }
                for (old, new) in self.columns.iter_mut().skip(position).zip([column]) {
                    *old = new;
                }
            }
            None => {
                Arc::make_mut(&mut self.fields).push(field);
                self.columns.push(column);
            }
        }
        Ok(self)
    }

    pub(crate) fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.position(name).and_then(|position| self.columns.get_mut(position))
    }

    /// Fields and columns, taken apart.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Field>, Vec<Column>) {
        (Arc::unwrap_or_clone(self.fields), self.columns)
    }
}

fn check_column(field: &Field, column: &Column, rows: usize) -> Result<(), TableError> {
    check_kind(field, column)?;
    if column.len() == rows {
        return Ok(());
    }
    Err(TableError::Length { column: field.name.clone(), expected: rows, found: column.len() })
}

fn check_kind(field: &Field, column: &Column) -> Result<(), TableError> {
    if field.column_type.is_numeric() == matches!(column, Column::Number(_)) {
        return Ok(());
    }
    Err(TableError::Kind { column: field.name.clone(), column_type: field.column_type })
}

#[cfg(test)]
mod tests;
