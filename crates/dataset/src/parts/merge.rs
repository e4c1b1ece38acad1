//! One structure from those of all parts.

use tabular::parse::TypeInference;
use tabular::{ColumnType, Field, TextForm};

use crate::shape::inferred_field;
use crate::{Error, Format, ScanOptions, Shape};

/// Notes of parts that are passed on; the others are counted.
const MAX_NOTES: usize = 20;

/// What the parts so far have.
#[derive(Default)]
pub(super) struct Merged {
    columns: Vec<MergedColumn>,
    /// Keys of the directories, with the values of each part and its rows.
    keys: Vec<(String, KeyValues)>,
    first: Option<First>,
    rows: u64,
    notes: Vec<String>,
    more_notes: usize,
}

/// Values of a key, each with the rows of a part.
type KeyValues = Vec<(Option<String>, u64)>;

struct First {
    part: String,
    format: Option<Format>,
    keys: Vec<String>,
}

struct MergedColumn {
    field: Field,
    missing: u64,
    /// Rows of the parts that have the column.
    rows: u64,
    /// Whether it is known that no part has a value: its type says nothing then.
    is_empty: bool,
}

impl Merged {
    pub(super) fn add(
        &mut self,
        part: &str,
        shape: &Shape,
        keys: &[(String, Option<String>)],
    ) -> Result<(), Error> {
        let differs = |reason: String| Error::PartMismatch { part: part.to_owned(), reason };
        let names: Vec<String> = keys.iter().map(|(key, _)| key.clone()).collect();
        match &self.first {
            None => {
                self.first =
                    Some(First { part: part.to_owned(), format: shape.format, keys: names });
                self.keys = keys.iter().map(|(key, _)| (key.clone(), Vec::new())).collect();
            }
            Some(first) if first.format != shape.format => {
                let title = |format: Option<Format>| format.map_or("no file", Format::title);
                return Err(differs(format!(
                    "is {}, and `{}` is {}",
                    title(shape.format),
                    first.part,
                    title(first.format)
                )));
            }
            Some(first) if first.keys != names => {
                return Err(differs(format!(
                    "is in directories of the keys [{}], and `{}` of [{}]",
                    names.join(", "),
                    first.part,
                    first.keys.join(", ")
                )));
            }
            Some(_) => {}
        }
        for ((_, values), (_, value)) in self.keys.iter_mut().zip(keys) {
            values.push((value.clone(), shape.rows));
        }
        self.add_columns(part, shape)?;
        self.rows += shape.rows;
        for note in &shape.notes {
            let note = format!("part `{part}`: {note}");
            if self.notes.len() < MAX_NOTES { self.notes.push(note) } else { self.more_notes += 1 }
        }
        Ok(())
    }

    fn add_columns(&mut self, part: &str, shape: &Shape) -> Result<(), Error> {
        let differs = |reason: String| Error::PartMismatch { part: part.to_owned(), reason };
        let is_first = self.columns.is_empty();
        // Objects say their keys themselves, and may lack some.
        let is_open = shape.format == Some(Format::JsonLines);
        if !is_open
            && let Some(lacking) = self
                .columns
                .iter()
                .find(|known| !shape.fields.iter().any(|field| field.name == known.field.name))
        {
            return Err(differs(format!("lacks the column `{}`", lacking.field.name)));
        }
        for (index, field) in shape.fields.iter().enumerate() {
            let missing = shape.missing.get(index).copied();
            let column = MergedColumn {
                field: field.clone(),
                missing: missing.unwrap_or(0),
                rows: shape.rows,
                is_empty: missing == Some(shape.rows),
            };
            match self.columns.iter_mut().find(|known| known.field.name == field.name) {
                Some(known) => known.merge(column, shape.format).map_err(differs)?,
                None if is_first || is_open => self.columns.push(column),
                None => {
                    let name = &field.name;
                    return Err(differs(format!("has the column `{name}`, which others lack")));
                }
            }
        }
        Ok(())
    }

    pub(super) fn finish(self, options: &ScanOptions) -> Result<Shape, Error> {
        let Self { columns, keys, first, rows, mut notes, more_notes } = self;
        let Some(_) = first else { return Err(Error::HeaderOnly { columns: columns.len() }) };
        if more_notes > 0 {
            notes.push(format!("{more_notes} more notes about other parts"));
        }
        let (mut fields, mut missing): (Vec<Field>, Vec<u64>) = columns
            .into_iter()
            .map(|column| {
                let lacking = rows - column.rows;
                let nullable = column.field.nullable || lacking > 0;
                (Field { nullable, ..column.field }, column.missing + lacking)
            })
            .unzip();
        for (key, values) in keys {
            if fields.iter().any(|field| field.name == key) {
                notes.push(format!(
                    "column `{key}` is read from the files, not from the names of their directories"
                ));
                continue;
            }
            let mut inference = TypeInference::new(options.markers.clone());
            let mut absent = 0;
            for (value, rows) in values {
                match value {
                    Some(value) if !options.markers.is_missing(&value) => {
                        inference.observe(&value);
                    }
                    _ => absent += rows,
                }
            }
            let (field, _) = inferred_field(key, &inference, &mut notes);
            fields.push(Field { nullable: absent > 0, ..field });
            missing.push(absent);
        }
        if fields.len() > options.max_columns {
            return Err(Error::TooManyColumns { found: fields.len(), limit: options.max_columns });
        }
        Ok(Shape {
            format: None,
            fields,
            rows,
            missing,
            sha256: String::new(),
            notes,
            ..Shape::default()
        })
    }
}

impl MergedColumn {
    fn merge(&mut self, other: Self, format: Option<Format>) -> Result<(), String> {
        let name = self.field.name.clone();
        if self.is_empty {
            self.field.column_type = other.field.column_type;
            self.field.form = other.field.form;
        } else if !other.is_empty {
            let (ours, theirs) = (self.field.column_type, other.field.column_type);
            let keeps_types = format.is_some_and(Format::knows_text);
            self.field.column_type = joined(ours, theirs, keeps_types).ok_or_else(|| {
                format!("has the column `{name}` as {theirs}, and others as {ours}")
            })?;
            match (self.field.form.is_plain(), other.field.form.is_plain()) {
                // A form reads plain values as well.
                (true, false) => self.field.form = other.field.form,
                (false, false) if self.field.form != other.field.form => {
                    return Err(format!(
                        "has the column `{name}` in another form of dates or numbers than others"
                    ));
                }
                _ => {}
            }
            if self.field.column_type == ColumnType::Text {
                self.field.form = TextForm::Plain;
            }
        }
        self.is_empty &= other.is_empty;
        self.field.nullable |= other.field.nullable;
        self.missing += other.missing;
        self.rows += other.rows;
        Ok(())
    }
}

/// The type that values of both types have: that of one file with all of them.
fn joined(a: ColumnType, b: ColumnType, keeps_types: bool) -> Option<ColumnType> {
    use ColumnType::{Date, Integer, Number, Text, Timestamp};
    match (a, b) {
        _ if a == b => Some(a),
        (Integer, Number) | (Number, Integer) => Some(Number),
        (Date, Timestamp) | (Timestamp, Date) => Some(Timestamp),
        // A format that keeps types apart has two kinds of values there.
        _ if keeps_types => None,
        _ => Some(Text),
    }
}
