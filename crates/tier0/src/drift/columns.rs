//! Files that were looked at, and the columns that both have.

use std::path::{Path, PathBuf};

use dataset::{Format, ScanOptions, Shape, Source};
use tabular::{ColumnType, Field, Table};

use super::Error;

/// A file of which every row was looked at.
pub(super) struct ScannedFile {
    pub(super) path: PathBuf,
    pub(super) shape: Shape,
    source: Source,
    options: ScanOptions,
}

impl ScannedFile {
    /// Looks at every row of a file. Blocking.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let options = ScanOptions::default();
        let scan = || {
            let source = Source::open_local(path)?;
            let shape = dataset::scan(&source, dataset::format_of(&source, None)?, &options)?;
            Ok((source, shape))
        };
        let (source, shape) =
            scan().map_err(|source| Error::Read { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), shape, source, options })
    }

    /// The names of its columns, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.shape.fields.iter().map(|field| field.name.as_str())
    }

    /// A column by name.
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.shape.fields.iter().find(|field| field.name == name)
    }

    /// Reads columns part by part. Blocking.
    pub(super) fn parts(
        &self,
        fields: &[Field],
        rows: usize,
        mut part: impl FnMut(Table),
    ) -> Result<(), Error> {
        let read = dataset::read_batches(
            &self.source,
            &self.shape,
            fields,
            &self.options,
            rows,
            |table| {
                part(table);
                Ok(())
            },
        );
        read.map_err(|source| self.unreadable(source))
    }

    /// That the file could not be read.
    pub(super) fn unreadable(&self, source: dataset::Error) -> Error {
        Error::Read { path: self.path.clone(), source }
    }

    /// Whether the file itself says that a column is text.
    fn knows_text(&self) -> bool {
        self.shape.format.is_none_or(Format::knows_text)
    }

    /// Whether a column has no value at all, so that its type is unknown.
    fn is_blank(&self, name: &str) -> bool {
        let place = self.names().position(|column| column == name);
        place.and_then(|place| self.shape.missing.get(place)) == Some(&self.shape.rows)
    }
}

/// The columns to be compared, as the types that they have on both sides: those that were asked for, or all that both have.
pub(super) fn agreed(
    reference: &ScannedFile,
    current: &ScannedFile,
    asked: &[String],
) -> Result<Vec<Field>, Error> {
    let no_such = |file: &ScannedFile, column: &str| Error::NoSuchColumn {
        path: file.path.clone(),
        column: column.to_owned(),
        nearest: dataset::nearest(column, file.names()),
    };
    let mut names: Vec<&str> = Vec::new();
    if asked.is_empty() {
        names.extend(reference.names().filter(|name| current.field(name).is_some()));
    }
    for name in asked.iter().map(|name| name.trim()) {
        for file in [reference, current] {
            file.field(name).ok_or_else(|| no_such(file, name))?;
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        let of = |file: &ScannedFile| file.names().map(str::to_owned).collect();
        return Err(Error::NoCommonColumns { reference: of(reference), current: of(current) });
    }
    names.into_iter().map(|name| field(reference, current, name)).collect()
}

fn field(reference: &ScannedFile, current: &ScannedFile, name: &str) -> Result<Field, Error> {
    let type_of = |file: &ScannedFile| file.field(name).map(|field| field.column_type);
    let unknown = ColumnType::Text;
    let (one, other) = (type_of(reference).unwrap_or(unknown), type_of(current).unwrap_or(unknown));
    let together = match (one, other) {
        (one, _) if current.is_blank(name) => Some(one),
        (_, other) if reference.is_blank(name) => Some(other),
        // What CSV shows as numbers may be meant as text, such as codes; the other file knows.
        (ColumnType::Text, _) if reference.knows_text() && !current.knows_text() => {
            Some(ColumnType::Text)
        }
        (_, ColumnType::Text) if current.knows_text() && !reference.knows_text() => {
            Some(ColumnType::Text)
        }
        (one, other) => common(one, other),
    };
    let form = |column_type| {
        let forms = [reference, current].into_iter().filter_map(|file| file.field(name));
        let typed = forms.filter(|field| field.column_type == column_type);
        typed.map(|field| field.form.clone()).find(|form| !form.is_plain()).unwrap_or_default()
    };
    let together =
        together.map(|column_type| Field::new(name, column_type).with_form(form(column_type)));
    together.ok_or_else(|| Error::OtherTypes {
        column: name.to_owned(),
        reference: one,
        current: other,
    })
}

/// The type that values of both types have.
fn common(one: ColumnType, other: ColumnType) -> Option<ColumnType> {
    use ColumnType::{Boolean, Date, Integer, Number, Text, Timestamp};
    match (one, other) {
        (one, other) if one == other => Some(one),
        (Integer, Number) | (Number, Integer) => Some(Number),
        (Date, Timestamp) | (Timestamp, Date) => Some(Timestamp),
        (Boolean, Text) | (Text, Boolean) => Some(Text),
        _ => None,
    }
}
