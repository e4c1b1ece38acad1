//! The data that a run has learned from, column by column.

use std::collections::BTreeMap;

use contracts::failures;
use contracts::v1::{self, stage_output::Output};
use reqwest::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use statistics::{ColumnProfile, NumericProfile, Profile};
use tabular::{ColumnType, parse};

use crate::query::fetch;
use crate::{Broker, Error, Query, runs, verdicts};

/// Most columns that are told.
const MAX_COLUMNS: usize = 1000;
/// Most values of a column that are told.
const MAX_VALUES: usize = 12;
/// Greatest size of a profile that is read.
const MAX_PROFILE_BYTES: u64 = 64 << 20;

/// What the rows of the training split look like, which the quality gate has let through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunData {
    /// Identity of the run.
    #[schemars(extend("examples" = ["run-0123456789abcdef0123"]))]
    pub run: String,
}

/// The columns of the training split, as they were profiled after cleaning.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataDocument {
    /// Identifier of the run.
    pub run_id: String,
    /// Rows of the training split; 0 before the data are prepared.
    pub rows: u64,
    /// The columns in the order of the table, at most 1000; empty before the data are prepared.
    pub columns: Vec<DataColumn>,
    /// Columns that are left out here because there are too many.
    pub omitted: u64,
    /// Columns of the source that are not used, with the reason of each.
    pub excluded_columns: BTreeMap<String, String>,
}

/// What a column looks like. Of personal data only counts are told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataColumn {
    /// Name of the column.
    pub name: String,
    /// Its type, such as `integer`, `number`, `text` or `date`.
    #[serde(rename = "type")]
    pub column_type: String,
    /// Rows that have a value.
    pub count: u64,
    /// Rows that have none.
    pub missing: u64,
    /// Number of different values.
    pub distinct: u64,
    /// Whether `distinct` is an estimate, because there are too many to count.
    pub distinct_estimated: bool,
    /// How numbers and times are spread; none for texts, for personal data, and where no value is there.
    pub spread: Option<DataSpread>,
    /// The most frequent values, at most 12: of texts, booleans and whole numbers that have few.
    pub values: Vec<DataValue>,
}

/// How numbers are spread. Of dates and times, what is a value is a text as the table has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataSpread {
    /// Least value.
    pub min: Value,
    /// The value that half of the rows do not exceed; none where the profile does not have it.
    pub median: Value,
    /// Greatest value.
    pub max: Value,
    /// Arithmetic mean; of dates and times none.
    pub mean: Option<f64>,
    /// Standard deviation of the sample; of dates and times none.
    pub std: Option<f64>,
    /// Bins from the least value to the greatest, of about as many rows each; numbers and times alike as numbers.
    pub histogram: Vec<DataBin>,
}

/// A part of the values of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataBin {
    /// Its lower end; of dates and times in microseconds since 1970.
    pub from: f64,
    /// Its upper end, included.
    pub to: f64,
    /// Rows in it.
    pub rows: u64,
}

/// A value with its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DataValue {
    /// The value as a text.
    pub value: String,
    /// Rows that have it.
    pub rows: u64,
}

impl Query for RunData {
    const ROUTE: &'static str = "/api/v1/runs/{run}/data";
    const OUTLIVES_THE_API: bool = true;
    type Answer = DataDocument;

    async fn read(&self, broker: &Broker) -> Result<DataDocument, Error> {
        let run = runs::id(&self.run)?;
        let last = verdicts::last_handoff(broker, &run).await?;
        let mut document = DataDocument { run_id: self.run.clone(), ..DataDocument::default() };
        for output in last.outputs.into_iter().filter_map(|output| output.output) {
            match output {
                Output::Scope(scope) => {
                    let out = scope.excluded_columns.into_iter();
                    document.excluded_columns.extend(out.map(|of| (of.column, of.reason)));
                }
                Output::PreparedData(data) => {
                    let out = data.excluded_columns.into_iter();
                    document.excluded_columns.extend(out.map(|of| (of.column, of.reason)));
                    document.tell(&read_profile(broker, data.profile.unwrap_or_default()).await?);
                }
                _ => {}
            }
        }
        Ok(document)
    }
}

/// The profile of the training split.
async fn read_profile(broker: &Broker, artifact: v1::ArtifactRef) -> Result<Profile, Error> {
    let gone = |why: String| Error::new(StatusCode::NOT_FOUND, "profile_unreadable", why);
    if artifact.bytes > MAX_PROFILE_BYTES {
        return Err(gone(format!("the profile has more than {MAX_PROFILE_BYTES} bytes")));
    }
    let bytes = fetch(&broker.bus, broker.artifacts.as_ref(), &artifact).await;
    let bytes = bytes.map_err(|error| {
        let why = format!("the profile cannot be read: {}", failures::with_causes(&error));
        if error.is_transient() { Error::silent(why) } else { gone(why) }
    })?;
    serde_json::from_slice(&bytes).map_err(|_| gone("the profile is not one of tier0".to_owned()))
}

impl DataDocument {
    fn tell(&mut self, profile: &Profile) {
        self.rows = profile.rows;
        self.columns = profile.columns.iter().take(MAX_COLUMNS).map(DataColumn::from).collect();
        self.omitted = profile.columns.len().saturating_sub(MAX_COLUMNS) as u64;
    }
}

impl From<&ColumnProfile> for DataColumn {
    fn from(of: &ColumnProfile) -> Self {
        let value = |(value, rows): &(String, u64)| DataValue { value: value.clone(), rows: *rows };
        Self {
            name: of.name.clone(),
            column_type: of.column_type.as_str().to_owned(),
            count: of.count,
            missing: of.missing,
            distinct: of.distinct,
            distinct_estimated: of.distinct_estimated,
            spread: of.numeric.as_ref().map(|numeric| DataSpread::new(numeric, of.column_type)),
            values: of.top_values.iter().take(MAX_VALUES).map(value).collect(),
        }
    }
}

impl DataSpread {
    fn new(of: &NumericProfile, kind: ColumnType) -> Self {
        let is_time = kind.is_temporal();
        let value = |number: f64| {
            if is_time { Value::from(parse::format(number, kind)) } else { Value::from(number) }
        };
        let median = of.quantiles.iter().find(|(share, _)| *share == 0.5);
        let mut from = of.min;
        let histogram = of.histogram.iter().map(|bin| {
            let to = bin.upper.unwrap_or(of.max).min(of.max);
            let bin = DataBin { from, to, rows: bin.count };
            from = to;
            bin
        });
        Self {
            histogram: histogram.filter(|bin| bin.rows > 0).collect(),
            min: value(of.min),
            median: median.map_or(Value::Null, |(_, number)| value(*number)),
            max: value(of.max),
            mean: (!is_time).then_some(of.mean),
            std: (!is_time).then_some(of.std),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use serde_json::json;
    use tabular::{Column, Field, Table};

    use super::*;

    fn told(table: &Table) -> DataDocument {
        let mut document = DataDocument::default();
        document.tell(&statistics::profile(table));
        document
    }

    #[test]
    fn columns_say_how_they_are_spread() {
        let numbers = (0..200).map(f64::from).chain([f64::NAN]).collect();
        let texts = (0..201).map(|row| Some(if row % 3 == 0 { "gold" } else { "basic" }));
        let days = vec![19_000.0 * 86_400e6; 201];
        let fields =
            [("age", ColumnType::Number), ("plan", ColumnType::Text), ("since", ColumnType::Date)];
        let columns =
            vec![Column::Number(numbers), Column::Text(texts.collect()), Column::Number(days)];
        let fields = fields.map(|(name, kind)| Field::new(name, kind)).to_vec();
        let document = told(&Table::new(fields, columns).unwrap());
        assert_eq!((document.rows, document.omitted), (201, 0));
        let age = &document.columns[0];
        assert_eq!((age.count, age.missing, age.column_type.as_str()), (200, 1, "number"));
        let spread = age.spread.as_ref().unwrap();
        assert_eq!(
            (&spread.min, &spread.max, spread.mean),
            (&json!(0.0), &json!(199.0), Some(99.5))
        );
        let bins = &spread.histogram;
        assert_eq!(bins.iter().map(|bin| bin.rows).sum::<u64>(), 200);
        assert_eq!((bins[0].from, bins.last().unwrap().to), (0.0, 199.0));
        assert!(bins.windows(2).all(|pair| pair[0].to == pair[1].from), "{bins:?}");
        let plan = &document.columns[1];
        assert_eq!((plan.distinct, plan.spread.is_none()), (2, true));
        assert_eq!(plan.values[0], DataValue { value: "basic".to_owned(), rows: 134 });
        let since = document.columns[2].spread.as_ref().unwrap();
        assert_eq!((&since.min, since.mean), (&json!("2022-01-08"), None));
    }

    #[test]
    fn of_personal_data_only_counts_are_told() {
        let texts = ["anna@example.org", "ben@example.org"].map(Some);
        let field = Field::new("mail", ColumnType::Text);
        let column = Column::Text(texts.into_iter().collect());
        let table = Table::new(vec![field], vec![column]).unwrap();
        let mut profile = statistics::profile(&table);
        profile.columns[0].withhold_values();
        let mut document = DataDocument::default();
        document.tell(&profile);
        assert_eq!((document.columns[0].count, document.columns[0].distinct), (2, 2));
        assert!(!serde_json::to_string(&document).unwrap().contains('@'));
    }
}
