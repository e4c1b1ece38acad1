//! A value of a request as JSON gives it, and reading many of them without a tree in between.

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

/// Most values that one request may hold; keeps a small body from becoming a large heap.
pub(crate) const MAX_CELLS: usize = 4 << 20;

/// Deepest nesting of a tensor's data.
const MAX_DEPTH: usize = 8;

/// One value of a request, before it has a type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// `null`: a missing value.
    Missing,
    /// A JSON boolean.
    Boolean(bool),
    /// A number without fraction or exponent.
    Integer(i64),
    /// A number without fraction or exponent that is greater than those.
    Unsigned(u64),
    /// Any other number; always finite.
    Number(f64),
    /// A JSON string.
    Text(Box<str>),
}

/// Values of nested arrays, flattened in row-major order.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct FlatCells(pub(crate) Vec<Cell>);

impl<'de> serde::Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

impl<'de> serde::Deserialize<'de> for FlatCells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Most requests have one row.
        let mut cells = Vec::with_capacity(1);
        Flatten { cells: &mut cells, depth: 0 }.deserialize(deserializer)?;
        Ok(Self(cells))
    }
}

/// Values of a column: an array as [`FlatCells`], or one value alone for a single row.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ColumnCells(pub(crate) Vec<Cell>);

impl<'de> serde::Deserialize<'de> for ColumnCells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Most requests have one row.
        let mut cells = Vec::with_capacity(1);
        Flatten { cells: &mut cells, depth: 1 }.deserialize(deserializer)?;
        Ok(Self(cells))
    }
}

struct CellVisitor;

impl Visitor<'_> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a number, a text, true, false or null")
    }

    fn visit_unit<E: Error>(self) -> Result<Cell, E> {
        Ok(Cell::Missing)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Cell, E> {
        Ok(i64::try_from(value).map_or(Cell::Unsigned(value), Cell::Integer))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Cell, E> {
        Ok(Cell::Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Cell, E> {
        Ok(Cell::Text(value.into()))
    }
}

struct Flatten<'a> {
    cells: &'a mut Vec<Cell>,
    depth: usize,
}

impl Flatten<'_> {
    fn push<E: Error>(self, cell: Cell) -> Result<(), E> {
        if self.depth == 0 {
            return Err(E::custom("data is not an array"));
        }
        if self.cells.len() >= MAX_CELLS {
            return Err(E::custom("too many values in one request"));
        }
        self.cells.push(cell);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Flatten<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Flatten<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an array of values")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.push(Cell::Missing)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.push(Cell::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.push(Cell::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        let cell = CellVisitor.visit_u64(value)?;
        self.push(cell)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.push(Cell::Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.push(Cell::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        if self.depth == MAX_DEPTH {
            return Err(A::Error::custom("data is nested too deeply"));
        }
        let Self { cells, depth } = self;
        while items.next_element_seed(Flatten { cells, depth: depth + 1 })?.is_some() {}
        Ok(())
    }
}

/// What is wrong with a body that is not the JSON its form asks for, without its values.
///
/// The reader's own message may quote a value; only those that name our fields are kept.
pub(crate) fn describe(error: &serde_json::Error, expected: &str) -> String {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let kept = ["missing field", "duplicate field", "data is", "too many values", "a row "]
        .iter()
        .any(|start| text.starts_with(start));
    if kept {
        return format!("{text}: expected {expected}");
    }
    match error.classify() {
        serde_json::error::Category::Data => {
            format!("the body has another form at line {line} column {column}: expected {expected}")
        }
        serde_json::error::Category::Eof => {
            format!("the body is not JSON: it ends early, at line {line} column {column}")
        }
        _ => format!(
            "the body is not JSON at line {line} column {column} (NaN and Infinity are not JSON; write null for a missing value)"
        ),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn nested_arrays_are_flattened() {
        let cells: FlatCells =
            serde_json::from_str(r#"[[1, 2.5], [null, "a"], [true, 18446744073709551615]]"#)
                .unwrap();
        assert_eq!(
            cells.0,
            [
                Cell::Integer(1),
                Cell::Number(2.5),
                Cell::Missing,
                Cell::Text("a".into()),
                Cell::Boolean(true),
                Cell::Unsigned(u64::MAX),
            ]
        );
    }

    #[test]
    fn what_is_no_array_of_values_is_refused_without_its_value() {
        for body in
            [r#""secret""#, "7", r#"[{"secret": 1}]"#, "[[[[[[[[[1]]]]]]]]]", "[1e999]", "[NaN]"]
        {
            let error = serde_json::from_str::<FlatCells>(body).unwrap_err();
            let text = describe(&error, "an array");
            assert!(!text.contains("secret"), "{text}");
        }
    }
}
