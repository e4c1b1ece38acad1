//! Cleaning, fitted on the training split and applied alike to every split and to every request.

use std::collections::{BTreeMap, BTreeSet};

use schema::{CleaningRules, MissingRule, OutlierRule, OutlierTreatment};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::parse::MissingMarkers;
use crate::{Column, ColumnType, Field, Table, TextForm};

/// What is done to each column before features are made of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CleaningPlan {
    /// The columns, in order. Columns that are not named are left alone.
    pub columns: Vec<ColumnCleaning>,
}

/// What is done to one column: markers become missing values, then numbers are capped, then missing values filled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnCleaning {
    /// Name of the column.
    pub name: String,
    /// Type of the column.
    pub column_type: ColumnType,
    /// Texts that mean a missing value; the empty text always does.
    pub missing_markers: Vec<String>,
    /// How texts spell the values of a column that is no text.
    #[serde(default, skip_serializing_if = "TextForm::is_plain")]
    pub form: TextForm,
    /// Range that numbers are brought into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Cap>,
    /// What numbers beyond the range become.
    #[serde(default, skip_serializing_if = "Outside::is_cap")]
    pub outside: Outside,
    /// Value put where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impute: Option<Impute>,
    /// Whether a feature says which values were missing. Tables keep them missing then, and they are filled when features are made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub indicator: bool,
}

/// What numbers beyond a range become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outside {
    /// The nearer end of the range.
    #[default]
    Cap,
    /// Missing.
    Null,
}

impl Outside {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_cap(&self) -> bool {
        *self == Self::Cap
    }
}

/// Range that numbers are brought into.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// Lower end: smaller values become this one.
    pub low: f64,
    /// Upper end: greater values become this one.
    pub high: f64,
}

/// Value put where none is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Impute {
    /// Number that is put into a numeric column.
    Number(f64),
    /// Text that is put into a text column.
    Text(String),
}

/// What a plan is fitted with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Markers of missing values.
    pub markers: MissingMarkers,
    /// What happens to missing values and outliers; what is not said is kept.
    pub rules: CleaningRules,
    /// By column, the range of the rows that an isolation forest does not isolate.
    pub inliers: BTreeMap<String, Cap>,
}

/// What a plan changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleaningReport {
    /// Each column of the plan that is in the table.
    pub columns: Vec<ColumnReport>,
}

/// What a plan changed in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnReport {
    /// Name of the column.
    pub name: String,
    /// Texts that were markers of missing values.
    pub marked_missing: u64,
    /// Numbers that were capped.
    pub capped: u64,
    /// Numbers that became missing, because they were outliers.
    #[serde(default)]
    pub nulled: u64,
    /// Missing values that were filled with one value.
    pub imputed: u64,
    /// Missing values that were filled from the row before or behind.
    #[serde(default)]
    pub carried: u64,
}

/// A plan that cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CleaningError {
    /// A column stands twice.
    #[error("the cleaning plan names column {column:?} twice")]
    DuplicateColumn {
        /// Name of the column.
        column: String,
    },
    /// A range or a value that does not fit the column's type.
    #[error("the cleaning plan's {what} does not fit column {column:?} of type {column_type}")]
    Misfit {
        /// Name of the column.
        column: String,
        /// Type that the column has.
        column_type: ColumnType,
        /// What does not fit.
        what: &'static str,
    },
    /// The table holds the column in another way than the plan says.
    #[error("column {column:?} is not held as the cleaning plan's type {column_type} needs")]
    Kind {
        /// Name of the column.
        column: String,
        /// Type that the cleaning plan gives the column.
        column_type: ColumnType,
    },
}

impl ColumnCleaning {
    /// A column that is only freed of markers.
    #[must_use]
    pub fn new(name: impl Into<String>, column_type: ColumnType, markers: &MissingMarkers) -> Self {
        Self {
            name: name.into(),
            column_type,
            missing_markers: markers.as_slice().to_vec(),
            form: TextForm::Plain,
            cap: None,
            outside: Outside::Cap,
            impute: None,
            indicator: false,
        }
    }

    /// The column as a caller gives it; it may be missing.
    #[must_use]
    pub fn field(&self) -> Field {
        Field::new(&self.name, self.column_type).with_form(self.form.clone())
    }

    /// The texts that mean a missing value.
    #[must_use]
    pub fn markers(&self) -> MissingMarkers {
        MissingMarkers::only(&self.missing_markers)
    }

    /// A number after cleaning; NaN is missing.
    #[must_use]
    pub fn number(&self, value: f64) -> f64 {
        let bounded = self.bounded(value);
        match &self.impute {
            Some(Impute::Number(fill)) if bounded.is_nan() => *fill,
            _ => bounded,
        }
    }

    /// A number brought into the range, before anything is put in the place of a missing one.
    #[must_use]
    pub fn bounded(&self, value: f64) -> f64 {
        let outside = |end| if self.outside == Outside::Cap { end } else { f64::NAN };
        match self.cap {
            Some(Cap { low, .. }) if value < low => outside(low),
            Some(Cap { high, .. }) if value > high => outside(high),
            _ => value,
        }
    }

    /// The cleaning of tables that are kept: values stay missing where a feature is to say which were.
    #[must_use]
    pub fn of_tables(&self) -> Self {
        let impute = if self.indicator { None } else { self.impute.clone() };
        Self { impute, ..self.clone() }
    }

    /// A text after cleaning: without blanks around it, as tables are read.
    #[must_use]
    pub fn text<'a>(&'a self, value: Option<&'a str>) -> Option<&'a str> {
        let present = value.and_then(|text| self.present(text));
        match &self.impute {
            Some(Impute::Text(fill)) => present.or(Some(fill.as_str())),
            _ => present,
        }
    }

    /// A text as it counts before anything is put in its place: none where it means a missing value.
    #[must_use]
    pub fn present<'a>(&self, text: &'a str) -> Option<&'a str> {
        Some(text.trim()).filter(|text| !self.is_marker(text))
    }

    /// Whether a text without blanks around it means a missing value.
    fn is_marker(&self, text: &str) -> bool {
        text.is_empty() || self.missing_markers.iter().any(|marker| marker == text)
    }

    fn check(&self) -> Result<(), CleaningError> {
        let misfit = |what| CleaningError::Misfit {
            column: self.name.clone(),
            column_type: self.column_type,
            what,
        };
        let numeric = self.column_type.is_numeric();
        if let Some(Cap { low, high }) = self.cap
            && !(numeric && low.is_finite() && high.is_finite() && low <= high)
        {
            return Err(misfit("range"));
        }
        match &self.impute {
            Some(Impute::Number(value)) if !(numeric && value.is_finite()) => {
                Err(misfit("fill value"))
            }
            Some(Impute::Text(value)) if numeric || self.is_marker(value.trim()) => {
                Err(misfit("fill value"))
            }
            _ => Ok(()),
        }
    }
}

impl CleaningPlan {
    /// Fits a plan on the training split. Leave the target out of the table.
    #[must_use]
    pub fn fit(train: &Table, options: &Options) -> Self {
        let columns = train.iter().map(|(field, column)| {
            let mut cleaning =
                ColumnCleaning::new(&field.name, field.column_type, &options.markers);
            cleaning.form = field.form.clone();
            cleaning.indicator = options.rules.of(&field.name).missing_indicator;
            match column {
                Column::Number(values) => fit_numbers(&mut cleaning, values, options),
                Column::Text(text) => fit_texts(&mut cleaning, text, options),
            }
            cleaning
        });
        Self { columns: columns.collect() }
    }

    /// The cleaning of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnCleaning> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Checks that names are unique and that ranges and values fit the types.
    ///
    /// # Errors
    /// When they do not.
    pub fn check(&self) -> Result<(), CleaningError> {
        let mut names = BTreeSet::new();
        for column in &self.columns {
            column.check()?;
            if !names.insert(column.name.as_str()) {
                return Err(CleaningError::DuplicateColumn { column: column.name.clone() });
            }
        }
        Ok(())
    }

    /// Cleans the columns that are there. Applying it twice changes nothing more.
    ///
    /// # Errors
    /// When the plan is not sound or a column is held in another way than its type needs; the table is unchanged then.
    pub fn apply(&self, table: &mut Table) -> Result<CleaningReport, CleaningError> {
        self.check()?;
        for cleaning in &self.columns {
            let numeric = cleaning.column_type.is_numeric();
            if let Some(column) = table.column(&cleaning.name)
                && numeric != matches!(column, Column::Number(_))
            {
                return Err(CleaningError::Kind {
                    column: cleaning.name.clone(),
                    column_type: cleaning.column_type,
                });
            }
        }
        let mut report = CleaningReport::default();
        for cleaning in &self.columns {
            if let Some(column) = table.column_mut(&cleaning.name) {
                report.columns.push(clean_column(cleaning, column));
            }
        }
        Ok(report)
    }
}

fn clean_column(cleaning: &ColumnCleaning, column: &mut Column) -> ColumnReport {
    let mut report = ColumnReport { name: cleaning.name.clone(), ..ColumnReport::default() };
    match column {
        Column::Number(values) => {
            for value in values {
                *value = report.number(cleaning, *value);
            }
        }
        Column::Text(text) => {
            let (counts, missing) = text.counts();
            let marked = text
                .levels()
                .iter()
                .zip(counts)
                .filter(|(level, _)| cleaning.is_marker(level.trim()));
            report.marked_missing = marked.map(|(_, count)| count).sum();
            let freed = text
                .map_levels(|level| Some(level.trim()).filter(|level| !cleaning.is_marker(level)));
            *text = match &cleaning.impute {
                Some(Impute::Text(fill)) => {
                    report.imputed = missing + report.marked_missing;
                    freed.iter().map(|value| Some(value.unwrap_or(fill))).collect()
                }
                _ => freed,
            };
        }
    }
    report
}

impl ColumnReport {
    /// A number after cleaning, counted by what became of it.
    pub fn number(&mut self, cleaning: &ColumnCleaning, value: f64) -> f64 {
        let (bounded, cleaned) = (cleaning.bounded(value), cleaning.number(value));
        // A value out of range that is what missing ones become stays what it is.
        if cleaned == value {
            return cleaned;
        }
        let was_nulled = !value.is_nan() && bounded.is_nan();
        self.nulled += u64::from(was_nulled);
        self.capped += u64::from(!bounded.is_nan() && bounded != value);
        self.imputed += u64::from(bounded.is_nan() && !cleaned.is_nan());
        cleaned
    }

    /// Adds what was counted of other rows of the column.
    pub fn add(&mut self, other: &Self) {
        self.marked_missing += other.marked_missing;
        self.capped += other.capped;
        self.nulled += other.nulled;
        self.imputed += other.imputed;
        self.carried += other.carried;
    }

    /// Whether nothing was changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marked_missing + self.capped + self.nulled + self.imputed + self.carried == 0
    }
}

/// The range beyond which a column's numbers are outliers by its rule; none where they have none.
#[must_use]
pub fn outlier_range(field: &Field, values: &[f64], options: &Options) -> Option<Cap> {
    if !matches!(field.column_type, ColumnType::Integer | ColumnType::Number) {
        return None;
    }
    let rules = options.rules.of(&field.name);
    let rule = rules.outliers?;
    let reach = rules.limit_of(rule);
    let cap = match rule {
        OutlierRule::Keep => None,
        OutlierRule::Iqr => {
            let sorted = sorted(values);
            let (lower, upper) = (sorted_quantile(&sorted, 0.25)?, sorted_quantile(&sorted, 0.75)?);
            let reach = reach * (upper - lower);
            (upper > lower).then_some(Cap { low: lower - reach, high: upper + reach })
        }
        OutlierRule::ZScore => {
            let present = || values.iter().filter(|value| value.is_finite());
            let count = present().count() as f64;
            let mean = present().sum::<f64>() / count;
            let squares: f64 = present().map(|value| (value - mean) * (value - mean)).sum();
            let deviation = (squares / (count - 1.0)).sqrt();
            (deviation > 0.0)
                .then_some(Cap { low: mean - reach * deviation, high: mean + reach * deviation })
        }
        OutlierRule::IsolationForest => options.inliers.get(&field.name).copied(),
    };
    cap.filter(|cap| cap.low.is_finite() && cap.high.is_finite())
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut present: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    present.sort_unstable_by(f64::total_cmp);
    present
}

fn fit_numbers(cleaning: &mut ColumnCleaning, values: &[f64], options: &Options) {
    let rules = options.rules.of(&cleaning.name);
    cleaning.cap = outlier_range(&cleaning.field(), values, options)
        .filter(|_| rules.treatment != Some(OutlierTreatment::Drop));
    if cleaning.cap.is_some() && rules.treatment == Some(OutlierTreatment::Null) {
        cleaning.outside = Outside::Null;
    }
    let present = || {
        let bounded: Vec<f64> = values.iter().map(|value| cleaning.bounded(*value)).collect();
        sorted(&bounded)
    };
    let is_truth = cleaning.column_type == ColumnType::Boolean;
    let fill = match rules.missing {
        None | Some(MissingRule::Keep | MissingRule::Drop) => None,
        Some(MissingRule::Constant) => {
            crate::parse::value(&rules.constant, cleaning.column_type, &cleaning.form)
        }
        Some(MissingRule::Mode) => mode(&present()),
        Some(_) if is_truth => mode(&present()),
        Some(MissingRule::Mean) => {
            let present = present();
            let mean = present.iter().sum::<f64>() / present.len() as f64;
            (!present.is_empty()).then_some(mean)
        }
        Some(MissingRule::Median | MissingRule::Forward | MissingRule::Backward) => {
            sorted_quantile(&present(), 0.5)
        }
    };
    // A moment is a whole number of microseconds.
    let is_moment = cleaning.column_type.is_temporal();
    let fill = fill.map(|fill| if is_moment { fill.round() } else { fill });
    // What is put in is within the range, so that cleaning twice is cleaning once.
    let fill = fill.map(|fill| match (cleaning.cap, cleaning.outside) {
        (Some(Cap { low, high }), Outside::Cap) => fill.clamp(low, high),
        _ => fill,
    });
    cleaning.impute = fill.filter(|fill| fill.is_finite()).map(Impute::Number);
}

fn fit_texts(cleaning: &mut ColumnCleaning, text: &crate::TextColumn, options: &Options) {
    let rules = options.rules.of(&cleaning.name);
    cleaning.impute = match rules.missing {
        None | Some(MissingRule::Keep | MissingRule::Drop) => None,
        Some(MissingRule::Constant) => Some(Impute::Text(rules.constant.trim().to_owned())),
        Some(_) => most_frequent(text, &options.markers).map(Impute::Text),
    };
}

/// The most frequent of sorted numbers; of equally frequent ones the least.
fn mode(sorted: &[f64]) -> Option<f64> {
    let mut best: Option<(usize, f64)> = None;
    for run in sorted.chunk_by(|one, next| one == next) {
        if best.is_none_or(|(most, _)| run.len() > most) {
            best = run.first().map(|value| (run.len(), *value));
        }
    }
    best.map(|(_, value)| value)
}

/// A quantile of sorted values, interpolated between neighbours.
pub(crate) fn sorted_quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    let (share, reach) = (place.fract(), above - below);
    // Neighbours of opposite signs near the greatest doubles differ by more than there is.
    Some(if reach.is_finite() {
        below + reach * share
    } else {
        below * (1.0 - share) + above * share
    })
}

fn most_frequent(text: &crate::TextColumn, markers: &MissingMarkers) -> Option<String> {
    let (counts, _) = text.counts();
    let levels = text.levels().iter().zip(counts).filter(|(level, _)| !markers.is_missing(level));
    // Of equally frequent texts the alphabetically first, so that the order of rows does not matter.
    levels.max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0))).map(|(level, _)| level.clone())
}

#[cfg(test)]
mod tests;
