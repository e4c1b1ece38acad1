//! What the types of PostgreSQL become.

use std::borrow::Cow;

use tabular::parse::{MissingMarkers, TypeInference, is_not_finite};
use tabular::{ColumnType, Field};
use tokio_postgres::types::{Kind, Type};

use super::address::quoted;
use crate::Error;
use crate::shape::{inferred_field, not_finite_note};

/// A column that is read.
#[derive(Debug, Clone)]
pub(super) struct SourceColumn {
    name: String,
    /// Its name in SQL.
    quoted: String,
    /// Its type in the database, for the digest.
    type_name: String,
    reads: Reads,
}

/// How the texts of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// As this type.
    As(ColumnType),
    /// As all its values say, which a column of texts in a file is as well.
    Open,
}

impl SourceColumn {
    /// A column of the table.
    ///
    /// # Errors
    /// [`Error::NestedColumn`] and [`Error::UnsupportedColumn`] for types that are not read.
    pub(super) fn new(column: &tokio_postgres::Column) -> Result<Self, Error> {
        let name = column.name();
        let mut base = column.type_();
        while let Kind::Domain(inner) = base.kind() {
            base = inner;
        }
        let modifier = column.type_modifier();
        let type_name = base.name().to_owned();
        let reads = reads(name, base, modifier)?;
        Ok(Self { name: name.trim().to_owned(), quoted: quoted(name), type_name, reads })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn type_name(&self) -> &str {
        &self.type_name
    }

    /// The column in a list of SELECT: floats as the doubles that they are, instants in UTC.
    pub(super) fn expression(&self) -> String {
        let name = &self.quoted;
        match self.type_name.as_str() {
            "float4" => format!("{name}::float8"),
            "timestamptz" => format!("({name} AT TIME ZONE 'UTC')"),
            _ => name.clone(),
        }
    }

    /// A cell as the texts of files have it; none for dates that the calendar does not have here: infinity, before the year 1 and
    /// after 9999.
    pub(super) fn text<'a>(&self, cell: &'a str) -> Option<Cow<'a, str>> {
        match self.reads {
            Reads::As(ColumnType::Boolean) => {
                Some(Cow::Borrowed(if cell == "t" { "true" } else { "false" }))
            }
            Reads::As(ColumnType::Date | ColumnType::Timestamp) => {
                let is_known = cell.as_bytes().get(4) == Some(&b'-') && !cell.ends_with("BC");
                is_known.then_some(Cow::Borrowed(cell))
            }
            _ => Some(Cow::Borrowed(cell)),
        }
    }
}

fn reads(name: &str, base: &Type, modifier: i32) -> Result<Reads, Error> {
    let kind = || base.name().to_owned();
    let nested = |kind: String| Err(Error::NestedColumn { column: name.to_owned(), kind });
    match base.kind() {
        Kind::Array(of) => return nested(format!("an array of {}", of.name())),
        Kind::Composite(_) => return nested("a composite".to_owned()),
        Kind::Range(_) | Kind::Multirange(_) => return nested("a range".to_owned()),
        Kind::Enum(_) => return Ok(Reads::Open),
        _ => {}
    }
    Ok(match base.name() {
        "bool" => Reads::As(ColumnType::Boolean),
        "int2" | "int4" | "oid" => Reads::As(ColumnType::Integer),
        "float4" | "float8" => Reads::As(ColumnType::Number),
        "numeric" if scale(modifier) > 0 => Reads::As(ColumnType::Number),
        "date" => Reads::As(ColumnType::Date),
        "timestamp" | "timestamptz" => Reads::As(ColumnType::Timestamp),
        // 64 bits may be beyond what a double holds; texts are what they say, as times, durations and amounts are.
        "int8" | "numeric" | "money" | "time" | "interval" | "text" | "varchar" | "bpchar"
        | "name" | "char" | "citext" | "uuid" | "inet" | "cidr" | "macaddr" | "macaddr8" => {
            Reads::Open
        }
        "json" | "jsonb" | "hstore" => return nested(kind()),
        _ => return Err(Error::UnsupportedColumn { column: name.to_owned(), kind: kind() }),
    })
}

/// Digits behind the point of `numeric(precision, scale)`; 0 where they are not said.
const fn scale(modifier: i32) -> i32 {
    if modifier < 4 { 0 } else { (modifier - 4) & 0x7ff }
}

/// What the values of a column say.
#[derive(Debug)]
pub(super) struct Reading {
    column: SourceColumn,
    markers: MissingMarkers,
    inference: Option<TypeInference>,
    missing: u64,
    not_finite: u64,
    beyond_calendar: u64,
}

impl Reading {
    pub(super) fn new(column: &SourceColumn, markers: &MissingMarkers) -> Self {
        let is_open = column.reads == Reads::Open;
        Self {
            column: column.clone(),
            markers: markers.clone(),
            inference: is_open.then(|| TypeInference::new(markers.clone())),
            missing: 0,
            not_finite: 0,
            beyond_calendar: 0,
        }
    }

    pub(super) fn observe(&mut self, cell: Option<&str>) {
        let Some(cell) = cell else {
            self.missing += 1;
            if let Some(inference) = &mut self.inference {
                inference.observe_missing();
            }
            return;
        };
        if let Some(inference) = &mut self.inference {
            return inference.observe(cell);
        }
        match self.column.reads {
            Reads::As(ColumnType::Number) if is_not_finite(cell) => {
                self.missing += 1;
                self.not_finite += u64::from(!self.markers.is_missing(cell));
            }
            _ if self.column.text(cell).is_none() => {
                self.missing += 1;
                self.beyond_calendar += 1;
            }
            _ => self.missing += u64::from(self.markers.is_missing(cell)),
        }
    }

    /// The field, with its missing values.
    pub(super) fn finish(&mut self, notes: &mut Vec<String>) -> (Field, u64) {
        let name = self.column.name();
        if let Some(inference) = &self.inference {
            return inferred_field(name.to_owned(), inference, notes);
        }
        if self.not_finite > 0 {
            notes.push(not_finite_note(name, self.not_finite));
        }
        if self.beyond_calendar > 0 {
            notes.push(format!(
                "column `{name}`: {} values are infinite, or before the year 1 or after 9999, and are taken as missing",
                self.beyond_calendar
            ));
        }
        let column_type = match self.column.reads {
            Reads::As(column_type) => column_type,
            Reads::Open => ColumnType::Text,
        };
        (Field { nullable: self.missing > 0, ..Field::new(name, column_type) }, self.missing)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn types_are_those_of_the_database() {
        let of = |base: &Type, modifier| reads("x", base, modifier).ok();
        assert_eq!(of(&Type::INT4, -1), Some(Reads::As(ColumnType::Integer)));
        assert_eq!(of(&Type::INT8, -1), Some(Reads::Open));
        assert_eq!(of(&Type::NUMERIC, -1), Some(Reads::Open));
        // numeric(12, 2) and numeric(12, 0)
        let modifier = |scale| (12 << 16 | scale) + 4;
        assert_eq!(of(&Type::NUMERIC, modifier(2)), Some(Reads::As(ColumnType::Number)));
        assert_eq!(of(&Type::NUMERIC, modifier(0)), Some(Reads::Open));
        assert_eq!(of(&Type::UUID, -1), Some(Reads::Open));
        assert!(matches!(reads("x", &Type::JSONB, -1), Err(Error::NestedColumn { .. })));
        assert!(matches!(reads("x", &Type::INT4_ARRAY, -1), Err(Error::NestedColumn { .. })));
        assert!(matches!(reads("x", &Type::BYTEA, -1), Err(Error::UnsupportedColumn { .. })));
    }

    #[test]
    fn what_the_calendar_does_not_have_is_missing() {
        let column = SourceColumn {
            name: "d".to_owned(),
            quoted: quoted("d"),
            type_name: "date".to_owned(),
            reads: Reads::As(ColumnType::Date),
        };
        let mut reading = Reading::new(&column, &MissingMarkers::default());
        for cell in ["2024-05-31", "infinity", "-infinity", "0044-03-15 BC", "10000-01-01"] {
            reading.observe(Some(cell));
        }
        reading.observe(None);
        let mut notes = Vec::new();
        let (field, missing) = reading.finish(&mut notes);
        assert_eq!((field.column_type, field.nullable, missing), (ColumnType::Date, true, 5));
        assert!(notes.first().unwrap().contains("4 values"), "{notes:?}");
    }
}
