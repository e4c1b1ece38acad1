//! Files that were looked at, and the columns that both have.
//!
//! A column that cannot be compared keeps none of the others from it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dataset::{Format, ScanOptions, Shape, Source, Stated};
use tabular::{Column, ColumnType, Field, Table, TextForm};

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
    pub(super) fn open(path: &Path, stated: &Stated) -> Result<Self, Error> {
        let options = ScanOptions::default();
        let scan = || {
            let source = Source::open_local(path)?.stating(Arc::new(stated.clone()));
            let format = dataset::format_of(&source, stated.format)?;
            let shape = dataset::scan(&source, format, &options)?;
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

/// A column that both files have: as what each is read, and as what it is compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SharedColumn {
    pub(super) name: String,
    /// As what the reference and the current file hold it.
    pub(super) held: [ColumnType; 2],
    /// As what each is read.
    read: [ColumnType; 2],
    /// In which form each has its texts.
    forms: [TextForm; 2],
    /// As what it is compared; none where no reading of the one is comparable with the other.
    pub(super) compared: Option<ColumnType>,
    /// Whether one of the files has no value in it, so that its type is unknown there.
    pub(super) is_blank: bool,
}

/// The columns that were asked for, or all that both files have.
pub(super) fn shared(
    reference: &ScannedFile,
    current: &ScannedFile,
    asked: &[String],
) -> Result<Vec<SharedColumn>, Error> {
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
    Ok(names.into_iter().map(|name| column(reference, current, name)).collect())
}

fn column(reference: &ScannedFile, current: &ScannedFile, name: &str) -> SharedColumn {
    let type_of = |file: &ScannedFile| file.field(name).map(|field| field.column_type);
    let unknown = ColumnType::Text;
    let (one, other) = (type_of(reference).unwrap_or(unknown), type_of(current).unwrap_or(unknown));
    let (read, compared) = match (one, other) {
        (one, _) if current.is_blank(name) => alike(one),
        (_, other) if reference.is_blank(name) => alike(other),
        // What CSV shows as numbers may be meant as text, such as codes; the other file knows.
        (ColumnType::Text, _) if reference.knows_text() && !current.knows_text() => {
            alike(ColumnType::Text)
        }
        (_, ColumnType::Text) if current.knows_text() && !reference.knows_text() => {
            alike(ColumnType::Text)
        }
        (one, other) => together(one, other),
    };
    let form = |column_type| {
        let forms = [reference, current].into_iter().filter_map(|file| file.field(name));
        let typed = forms.filter(|field| field.column_type == column_type);
        typed.map(|field| field.form.clone()).find(|form| !form.is_plain()).unwrap_or_default()
    };
    SharedColumn {
        name: name.to_owned(),
        held: [one, other],
        forms: read.map(form),
        read,
        compared,
        is_blank: reference.is_blank(name) || current.is_blank(name),
    }
}

fn alike(column_type: ColumnType) -> ([ColumnType; 2], Option<ColumnType>) {
    ([column_type; 2], Some(column_type))
}

/// How columns of two types are read and compared: as a type that both have, else as that of the reference, of which a value
/// that does not read so has none.
fn together(one: ColumnType, other: ColumnType) -> ([ColumnType; 2], Option<ColumnType>) {
    use ColumnType::{Boolean, Date, Integer, Number, Text, Timestamp};
    match (one, other) {
        (one, other) if one == other => alike(one),
        (Integer, Number) | (Number, Integer) => alike(Number),
        (Date, Timestamp) | (Timestamp, Date) => alike(Timestamp),
        (Boolean, Text) | (Text, Boolean) => alike(Text),
        // 0 and 1 are truth values.
        (Boolean, Integer | Number) | (Integer | Number, Boolean) => ([one, other], Some(Boolean)),
        // What the reference has as text is compared as text, such as codes that lost their zeros.
        (Text, _) => alike(Text),
        (one, Text) => alike(one),
        _ => ([one, other], None),
    }
}

/// The fields of one side as they are read, in the order of the columns that can be compared.
pub(super) fn fields(columns: &[SharedColumn], side: usize) -> Vec<Field> {
    let comparable = columns.iter().filter(|column| column.compared.is_some());
    comparable
        .filter_map(|column| {
            let form = column.forms.get(side)?.clone();
            Some(Field::new(&column.name, *column.read.get(side)?).with_form(form))
        })
        .collect()
}

/// A table that was read by [`fields`], as it is compared: a number that is no truth value where truth values are compared
/// is no value.
pub(super) fn as_compared(
    table: Table,
    columns: &[SharedColumn],
) -> Result<Table, tabular::TableError> {
    let types: Vec<ColumnType> = columns.iter().filter_map(|column| column.compared).collect();
    if table.fields().iter().map(|field| &field.column_type).eq(&types) {
        return Ok(table);
    }
    let fields = table.fields().iter().zip(&types);
    let fields = fields.map(|(field, to)| Field::new(&field.name, *to)).collect();
    let columns = table.columns().iter().zip(&types).map(|(column, to)| match column {
        Column::Number(values) if *to == ColumnType::Boolean => {
            let truth = |value: &f64| if matches!(*value, 0.0 | 1.0) { *value } else { f64::NAN };
            Column::Number(values.iter().map(truth).collect())
        }
        column => column.clone(),
    });
    Table::new(fields, columns.collect())
}
