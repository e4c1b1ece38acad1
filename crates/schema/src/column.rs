//! Columns: the type of their values, and their names.

use serde::{Deserialize, Serialize};

use crate::TextForm;

/// What the values of a column mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Whole numbers, as `f64`.
    Integer,
    /// Numbers with fractions, as `f64`.
    Number,
    /// True (1) and false (0).
    Boolean,
    /// Texts, as codes of levels.
    Text,
    /// Calendar dates, as microseconds from 1970-01-01 to their midnight.
    Date,
    /// Instants, as microseconds since 1970-01-01T00:00:00Z.
    Timestamp,
}

impl ColumnType {
    /// Its name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Text => "text",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
        }
    }

    /// Whether its values are held as numbers: all but text.
    #[must_use]
    pub fn is_numeric(self) -> bool {
        self != Self::Text
    }

    /// Whether its values are moments.
    #[must_use]
    pub fn is_temporal(self) -> bool {
        matches!(self, Self::Date | Self::Timestamp)
    }
}

impl std::fmt::Display for ColumnType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Name and type of a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Name of the column, unique within its table.
    pub name: String,
    /// Type of the column's values.
    pub column_type: ColumnType,
    /// Whether values may be missing.
    pub nullable: bool,
    /// How texts spell its values.
    #[serde(default, skip_serializing_if = "TextForm::is_plain")]
    pub form: TextForm,
}

impl Field {
    /// A field that may have missing values.
    #[must_use]
    pub fn new(name: impl Into<String>, column_type: ColumnType) -> Self {
        Self { name: name.into(), column_type, nullable: true, form: TextForm::Plain }
    }

    /// The field with another form of its texts.
    #[must_use]
    pub fn with_form(self, form: TextForm) -> Self {
        Self { form, ..self }
    }
}
