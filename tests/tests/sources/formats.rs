//! The same rows as CSV, JSON Lines, Parquet and Arrow IPC are the same table: types, values, splits and predictions, to the bit.

use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::Int32Type;
use contracts::stages::Scope;
use data_preparer::{Cleaning, Input, Settings, SplitContent, TableChecks, Unprepared};
use dataset::{FileTable, Source, TableSource};
use jiff::civil::date;
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use tables::LoadOptions;
use tabular::{Column, ProblemType, Table};
use tier0_tests::{Fleet, FleetOptions};

/// The names of the files.
const NAMES: [&str; 5] = ["t.csv", "t.jsonl", "t.parquet", "t.arrow", "t.csv.gz"];

/// A kind of column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Small,
    Whole,
    Long,
    Float,
    Extreme,
    Boolean,
    Date,
    Timestamp,
    Text,
    Category,
    Code,
    NumberText,
    Amount,
    DayFirst,
    TimeOfDay,
    Mixed,
}

const KINDS: [Kind; 16] = [
    Kind::Small,
    Kind::Whole,
    Kind::Long,
    Kind::Float,
    Kind::Extreme,
    Kind::Boolean,
    Kind::Date,
    Kind::Timestamp,
    Kind::Text,
    Kind::Category,
    Kind::Code,
    Kind::NumberText,
    Kind::Amount,
    Kind::DayFirst,
    Kind::TimeOfDay,
    Kind::Mixed,
];

const TEXTS: [&str; 10] = [
    "plain",
    "with, comma",
    "with \"quotes\"",
    "über",
    "two\nlines",
    "tab\there",
    "back\\slash",
    "semi;colon",
    "日本",
    "'single'",
];

/// Values of a column, none where one is missing.
#[derive(Debug, Clone)]
enum Values {
    Int32(Vec<Option<i32>>),
    Int64(Vec<Option<i64>>),
    Float(Vec<Option<f64>>),
    Boolean(Vec<Option<bool>>),
    /// Days since 1970.
    Date(Vec<Option<i32>>),
    /// Microseconds since 1970.
    Timestamp(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
    Category(Vec<Option<String>>),
}

#[derive(Debug, Clone)]
struct Rows {
    names: Vec<String>,
    columns: Vec<Values>,
    rows: usize,
}

impl Rows {
    /// Rows of these kinds, and a target that follows the first floats in part.
    fn random(kinds: &[Kind], rows: usize, seed: u64) -> Self {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let signal: Vec<f64> = (0..rows).map(|_| random.random_range(-1.0..1.0)).collect();
        let mut names = vec!["signal".to_owned()];
        let mut columns = vec![Values::Float(signal.iter().copied().map(Some).collect())];
        for (place, kind) in kinds.iter().enumerate() {
            names.push(format!("c{place} {kind:?}"));
            let missing = [0.0, 0.0, 0.1, 0.4][random.random_range(0..4)];
            columns.push(values(*kind, rows, missing, &mut random));
        }
        names.push("target".to_owned());
        let target = signal.iter().map(|signal| {
            let yes = signal + random.random_range(-1.0..1.0) > 0.0;
            Some(if yes { "yes" } else { "no" }.to_owned())
        });
        columns.push(Values::Category(target.collect()));
        Self { names, columns, rows }
    }

    fn write(&self, directory: &Path) -> [PathBuf; NAMES.len()] {
        let paths = NAMES.map(|name| directory.join(name));
        let csv = self.csv();
        std::fs::write(&paths[0], &csv).unwrap();
        std::fs::write(&paths[1], self.json()).unwrap();
        let batch = self.batch();
        let mut writer =
            ArrowWriter::try_new(File::create(&paths[2]).unwrap(), batch.schema(), None).unwrap();
        let mut arrow = arrow_ipc::writer::FileWriter::try_new(
            File::create(&paths[3]).unwrap(),
            &batch.schema(),
        )
        .unwrap();
        for start in (0..self.rows).step_by(97) {
            let part = batch.slice(start, 97.min(self.rows - start));
            writer.write(&part).unwrap();
            writer.flush().unwrap();
            arrow.write(&part).unwrap();
        }
        writer.close().unwrap();
        arrow.finish().unwrap();
        let packed = flate2::write::GzEncoder::new(
            File::create(&paths[4]).unwrap(),
            flate2::Compression::fast(),
        );
        let mut packed = std::io::BufWriter::new(packed);
        std::io::Write::write_all(&mut packed, csv.as_bytes()).unwrap();
        packed.into_inner().unwrap().finish().unwrap();
        paths
    }

    fn csv(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let names: Vec<String> = self.names.iter().map(|name| quoted(name)).collect();
        let mut csv = names.join(",") + "\n";
        for row in 0..self.rows {
            for (place, column) in self.columns.iter().enumerate() {
                if place > 0 {
                    csv.push(',');
                }
                if let Some((text, is_text)) = column.text(row) {
                    csv.push_str(&if is_text { quoted(&text) } else { text });
                }
            }
            csv.push('\n');
        }
        csv
    }

    fn json(&self) -> String {
        let mut json = String::new();
        for row in 0..self.rows {
            json.push('{');
            let mut first = true;
            for (name, column) in self.names.iter().zip(&self.columns) {
                // An object lacks what is missing, or says null.
                let text = match column.text(row) {
                    None if row % 2 == 0 && row > 1 => continue,
                    None => "null".to_owned(),
                    Some((text, true)) => serde_json::to_string(&text).unwrap(),
                    Some((text, false)) => match column {
                        Values::Date(_) | Values::Timestamp(_) => format!("\"{text}\""),
                        _ => text,
                    },
                };
                let comma = if first { "" } else { "," };
                write!(json, "{comma}{}:{text}", serde_json::to_string(name).unwrap()).unwrap();
                first = false;
            }
            json.push_str("}\n");
        }
        json
    }

    fn batch(&self) -> RecordBatch {
        let columns = self.names.iter().zip(&self.columns);
        let arrays = columns.map(|(name, column)| (name.as_str(), column.array(), true));
        RecordBatch::try_from_iter_with_nullable(arrays).unwrap()
    }
}

impl Values {
    /// A cell as text, and whether it is a text in itself.
    fn text(&self, row: usize) -> Option<(String, bool)> {
        Some(match self {
            Self::Int32(values) => (values[row]?.to_string(), false),
            Self::Int64(values) => (values[row]?.to_string(), false),
            Self::Float(values) => (format!("{:?}", values[row]?), false),
            Self::Boolean(values) => (values[row]?.to_string(), false),
            Self::Date(values) => (day(values[row]?).to_string(), false),
            Self::Timestamp(values) => {
                (jiff::Timestamp::from_microsecond(values[row]?).unwrap().to_string(), false)
            }
            Self::Text(values) | Self::Category(values) => (values[row].clone()?, true),
        })
    }

    fn array(&self) -> ArrayRef {
        match self.clone() {
            Self::Int32(values) => Arc::new(Int32Array::from(values)),
            Self::Int64(values) => Arc::new(Int64Array::from(values)),
            Self::Float(values) => Arc::new(Float64Array::from(values)),
            Self::Boolean(values) => Arc::new(BooleanArray::from(values)),
            Self::Date(values) => Arc::new(Date32Array::from(values)),
            Self::Timestamp(values) => {
                Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC"))
            }
            Self::Text(values) => Arc::new(StringArray::from(values)),
            Self::Category(values) => {
                let values = values.iter().map(Option::as_deref);
                Arc::new(values.collect::<DictionaryArray<Int32Type>>())
            }
        }
    }
}

fn day(since_1970: i32) -> jiff::civil::Date {
    date(1970, 1, 1).checked_add(jiff::Span::new().days(i64::from(since_1970))).unwrap()
}

fn values<R: Rng>(kind: Kind, rows: usize, missing: f64, random: &mut R) -> Values {
    /// A value of each row, but for those that are missing; the first row has one.
    fn each<T, R: Rng>(
        rows: usize,
        missing: f64,
        random: &mut R,
        value: impl Fn(usize, &mut R) -> T,
    ) -> Vec<Option<T>> {
        let cell = |row| (row < 2 || !random.random_bool(missing)).then(|| value(row, random));
        (0..rows).map(cell).collect()
    }
    let texts = |of: fn(usize, u32) -> String, random: &mut R| {
        each(rows, missing, random, |row, random: &mut R| of(row, random.random_range(0..1000)))
    };
    match kind {
        Kind::Small => Values::Int32(each(rows, missing, random, |_, r| r.random_range(-50..50))),
        Kind::Whole => Values::Int64(each(rows, missing, random, |_, r| {
            r.random_range(-(1_i64 << 53)..=1 << 53)
        })),
        // The first is beyond what a double holds.
        Kind::Long => Values::Int64(each(rows, missing, random, |row, r| match row {
            0 => (1 << 53) + 1,
            _ => r.random_range(0..i64::MAX),
        })),
        Kind::Float => Values::Float(each(rows, missing, random, |row, r| match row {
            0 => 0.5,
            _ => (r.random_range(-1e6_f64..1e6) * 100.0).round() / 100.0,
        })),
        Kind::Extreme => Values::Float(each(rows, missing, random, |row, r| match row {
            0 => 1e-320,
            1 => -0.0,
            _ => loop {
                let value = f64::from_bits(r.random());
                if value.is_finite() {
                    break value;
                }
            },
        })),
        Kind::Boolean => Values::Boolean(each(rows, missing, random, |_, r| r.random())),
        Kind::Date => {
            Values::Date(each(rows, missing, random, |_, r| r.random_range(-700_000..60_000)))
        }
        Kind::Timestamp => Values::Timestamp(each(rows, missing, random, |row, r| match row {
            0 => 1,
            _ => r.random_range(-1_000_000_000_000_000..4_000_000_000_000_000),
        })),
        Kind::Text => Values::Text(texts(
            |_, random| format!("{} {random}", TEXTS[random as usize % TEXTS.len()]),
            random,
        )),
        Kind::Category => {
            Values::Category(texts(|_, random| TEXTS[random as usize % 4].to_owned(), random))
        }
        Kind::Code => Values::Text(texts(|_, random| format!("{random:05}"), random)),
        Kind::NumberText => Values::Text(texts(|_, random| format!("{random}.5"), random)),
        Kind::Amount => Values::Text(texts(|_, random| format!("$1,{random:03}.50"), random)),
        Kind::DayFirst => Values::Text(texts(
            |row, random| match row {
                0 => "31/01/2024".to_owned(),
                _ => format!("{:02}/{:02}/2023", random % 28 + 1, random % 12 + 1),
            },
            random,
        )),
        Kind::TimeOfDay => Values::Text(texts(
            |_, random| format!("{:02}:{:02}", random % 24, random % 60),
            random,
        )),
        Kind::Mixed => Values::Text(texts(
            |row, random| if row == 0 { "n/k".to_owned() } else { random.to_string() },
            random,
        )),
    }
}

/// Name, rows and digest of a split.
type FoundSplit = (String, u64, String);

/// What a file is: its table, and its splits or why there are none.
#[derive(Debug, PartialEq)]
struct Found {
    table: Bits,
    splits: Result<Vec<FoundSplit>, Vec<(String, String)>>,
}

/// A table whose numbers are told apart by their bits.
#[derive(Debug, PartialEq)]
struct Bits {
    fields: Vec<tabular::Field>,
    columns: Vec<Vec<Option<String>>>,
}

impl Bits {
    fn of(table: &Table) -> Self {
        let cells = |column: &Column| match column {
            Column::Number(values) => values
                .iter()
                .map(|value| (!value.is_nan()).then(|| format!("{:x} {value}", value.to_bits())))
                .collect(),
            Column::Text(texts) => texts.iter().map(|text| text.map(str::to_owned)).collect(),
        };
        Self {
            fields: table.fields().to_vec(),
            columns: table.columns().iter().map(cells).collect(),
        }
    }
}

fn found(path: &Path, seed: u64) -> Found {
    let source = Source::open_local(path).unwrap();
    let source: Arc<dyn TableSource> = Arc::new(FileTable::new(source, None));
    let options = LoadOptions { drop_duplicates: false, ..LoadOptions::default() };
    let loaded = tables::load(&source, &options).unwrap();
    let table = Bits::of(&loaded.table.whole().unwrap());
    let scope = Scope {
        target: "target".to_owned(),
        problem_type: ProblemType::Binary,
        classes: vec!["no".to_owned(), "yes".to_owned()],
        positive_class: "yes".to_owned(),
        min_rows: 20,
        seed,
        ..Scope::default()
    };
    let input = Input {
        table: &loaded.table,
        row_numbers: &loaded.row_numbers,
        rows_read: loaded.rows_read,
        duplicates: 0,
        removed: &[],
        source_sha256: "",
        as_of: f64::MAX,
        markers: options.markers.clone(),
        checks: &TableChecks::default(),
    };
    let settings = Settings {
        min_score: 0.0,
        max_association: 1.1,
        told_association: 1.1,
        cleaning: Cleaning::default(),
        directory: &options.spill_directory,
        threads: 2,
    };
    let splits = match data_preparer::prepare(&input, &scope, settings) {
        Ok(prepared) => Ok(prepared
            .splits
            .iter()
            .map(|split| {
                let SplitContent::Memory(bytes) = &split.content else { panic!("a small split") };
                (split.split.as_str().to_owned(), split.rows, hex::encode(Sha256::digest(bytes)))
            })
            .collect()),
        Err(Unprepared::Rejected(rejected)) => {
            let issues = rejected.report.issues.into_iter();
            Err(issues.map(|issue| (issue.code, issue.column)).collect())
        }
        Err(Unprepared::Failed(error)) => panic!("{error}"),
    };
    Found { table, splits }
}

/// Every format gives what CSV gives.
fn agree(rows: &Rows, seed: u64) -> Found {
    let directory = tempfile::tempdir().unwrap();
    let paths = rows.write(directory.path());
    let csv = found(&paths[0], seed);
    for path in &paths[1..] {
        let other = found(path, seed);
        let name = path.file_name().unwrap().display();
        assert_eq!(other.table.fields, csv.table.fields, "{name}");
        for (place, name_of) in rows.names.iter().enumerate() {
            let (ours, theirs) = (&other.table.columns[place], &csv.table.columns[place]);
            let differs = ours.iter().zip(theirs).position(|(one, other)| one != other);
            let shown = differs.map(|row| (row, &ours[row], &theirs[row]));
            assert_eq!(shown, None, "{name}: {name_of}");
        }
        assert_eq!(other.splits, csv.splits, "{name}");
    }
    csv
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn formats_of_the_same_rows_are_the_same_table(
        kinds in proptest::collection::vec(proptest::sample::select(&KINDS[..]), 1..7),
        rows in 150_usize..400,
        seed in any::<u64>(),
    ) {
        let found = agree(&Rows::random(&kinds, rows, seed), seed);
        prop_assert!(found.splits.is_ok(), "{:?}", found.splits);
    }
}

#[test]
fn a_table_of_every_kind_is_the_same_in_every_format() {
    let found = agree(&Rows::random(&KINDS, 700, 11), 11);
    assert_eq!(found.splits.unwrap().len(), 4);
}

/// A model of each format is the same model, and it predicts each format's rows alike.
#[tokio::test(flavor = "multi_thread")]
async fn formats_of_the_same_rows_are_learned_and_predicted_alike() {
    let settings = [
        ("TIER0_MODEL_SELECTOR__SELECTION__FOLDS", "2"),
        ("TIER0_MODEL_TRAINER__TRAINING__MAX_TRIALS", "2"),
        ("TIER0_MODEL_TRAINER__TRAINING__RESAMPLES", "50"),
    ];
    let environment = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let fleet = Fleet::up_with(FleetOptions { environment, ..FleetOptions::default() }).await;
    let rows = Rows::random(&KINDS, 900, 5);
    let paths = rows.write(fleet.directory());
    let mut digests = Vec::new();
    for path in &paths {
        let data = path.to_str().unwrap();
        let arguments = ["--data", data, "--target", "target", "--name", "alike", "--seed", "5"];
        let more = ["--time-budget", "60s"];
        let run = fleet.submit(arguments.into_iter().chain(more)).await.succeeded();
        digests.push(run["model"]["digest"].as_str().unwrap().to_owned());
    }
    assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
    let mut predicted: Vec<Vec<f64>> = Vec::new();
    for path in &paths {
        predicted.push(fleet.predict("alike", path).await.probabilities["yes"].clone());
    }
    let bits = |of: &Vec<f64>| of.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(predicted[0].len(), 900);
    assert!(predicted.iter().all(|other| bits(other) == bits(&predicted[0])));
}
