//! The definition of `tier0 models`, and of the histories.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use contracts::v1::ModelStage;
use registry::search::{Order, ParseOrderError};

use super::file::FileArgs;

/// Arguments of `models`.
#[derive(Debug, Args)]
pub struct Models {
    /// Subcommand to run.
    #[command(subcommand)]
    pub command: ModelsCommand,
}

/// Subcommands of `tier0 models`.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// The models by name
    #[command(
        after_help = "Examples:\n  tier0 models list\n  tier0 models list --prefix churn --json"
    )]
    List(ModelsList),
    /// A model with its latest versions, or one version with the endpoints that it serves
    #[command(
        after_help = "Examples:\n  tier0 models show churn\n  tier0 models show churn 3 --json\n  \
                      tier0 models show churn champion --trials\n\nA version is its number, an alias, or `latest`. \
                      The leaderboard without a version is that of the one in production, else of the latest."
    )]
    Show(ModelsShow),
    /// Versions that meet conditions
    #[command(
        after_help = "Examples:\n  tier0 models search \"model = churn and metrics.roc_auc > 0.8\" --order -metrics.roc_auc\n  \
                      tier0 models search \"stage = staging and tags.team = risk\" --json\n  \
                      tier0 models search \"run = churn-1\"\n\n\
                      Conditions are joined by `and`: FIELD OPERATOR VALUE. Fields: model, version, stage, alias, run,\n\
                      data (SHA-256), digest, algorithm, tags.KEY, metrics.NAME (of the test split).\n\
                      Operators: =, !=, ~ (begins with), and >, >=, <, <= of numbers. A value with spaces is quoted."
    )]
    Search(ModelsSearch),
    /// Two versions side by side; with --data, both on the same rows with a paired test
    #[command(after_help = "Examples:\n  tier0 models compare churn 3 champion\n  \
                      tier0 models compare churn 2 3 --data holdout.csv --target Churn --json\n\n\
                      With --data both bundles are read from the artifact store and scored here. The difference of two\n\
                      ROC AUCs is tested as DeLong does, that of every other metric by a paired bootstrap.")]
    Compare(ModelsCompare),
    /// Move a version to another stage of the registry
    #[command(
        after_help = "Examples:\n  tier0 models promote churn 3 --to staging --reason \"ready for a look\"\n  \
                      tier0 models promote churn best --reason \"better on the hold-out\"\n\n\
                      Stages go none, staging, shadow, production; from staging to production too. A stage moves no\n\
                      traffic: where another version answers, `tier0 endpoints promote` does, and this is refused unless\n\
                      --registry-only is given.\n\n\
                      Exit codes: 0 done, or it was there already; 2 no such version, or the step is not legal."
    )]
    Promote(ModelsPromote),
    /// Put a version away for good
    #[command(
        after_help = "Example:\n  tier0 models archive churn 2 --reason \"trained on the wrong month\"\n\n\
                      A version that answers at an endpoint is refused. Nothing comes back from the archive; its bundle\n\
                      is kept."
    )]
    Archive(ModelsArchive),
    /// Write a version to a file, its digest checked
    #[command(
        after_help = "Examples:\n  tier0 models export churn champion --out churn.bundle\n  \
                            tier0 models export churn 3 --json"
    )]
    Export(ModelsExport),
    /// Let an alias name a version, move it, or remove it
    #[command(
        after_help = "Examples:\n  tier0 models alias churn best 3\n  tier0 models alias churn best 4 --expect 3 --reason \"A/B test\"\n  \
                      tier0 models alias churn best --remove\n\n\
                      With --expect the alias is moved only from that version (0: only where it is new), so that of two\n\
                      who move it one is told. `champion` is kept at the version in production by the registry itself."
    )]
    Alias(ModelsAlias),
    /// Set and remove tags of a model or of one version
    #[command(
        after_help = "Examples:\n  tier0 models tag churn team=risk\n  tier0 models tag churn --version 3 reviewed=yes --remove draft"
    )]
    Tag(ModelsTag),
    /// Add a note to a version
    #[command(
        after_help = "Example:\n  tier0 models note churn 3 \"calibration looks right after the fix\""
    )]
    Note(ModelsNote),
    /// Say what a model or a version is
    #[command(
        after_help = "Examples:\n  tier0 models describe churn \"HCPs that stop prescribing\"\n  \
                            tier0 models describe churn --version 3 \"with the new columns\""
    )]
    Describe(ModelsDescribe),
    /// What was done to a model, by whom and why; or how it stood at a time
    #[command(
        after_help = "Examples:\n  tier0 models history churn\n  tier0 models history churn --version 3 --json\n  \
                      tier0 models history churn --at 2026-11-25T12:00:00Z"
    )]
    History(ModelsHistory),
}

/// Arguments of `models list`.
#[derive(Debug, Clone, Args)]
pub struct ModelsList {
    /// Models only whose names begin so
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub prefix: String,
    /// Most models, up to 1000
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Models behind this one: the next page
    #[arg(long, value_name = "NAME")]
    pub after: Option<String>,
}

/// Arguments of `models show`.
#[derive(Debug, Clone, Args)]
pub struct ModelsShow {
    /// Name of the model
    pub name: String,
    /// One version: a number, an alias, or `latest`
    pub version: Option<String>,
    /// Most versions, up to 1000
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Versions before this one: the next page
    #[arg(long, value_name = "VERSION")]
    pub before: Option<u32>,
    /// With every trial of the search and its hyperparameters
    #[arg(long)]
    pub trials: bool,
}

/// Arguments of `models search`.
#[derive(Debug, Clone, Args)]
pub struct ModelsSearch {
    /// The conditions; none finds everything
    #[arg(default_value = "")]
    pub query: String,
    /// model, created or metrics.NAME; a `-` before it: the greatest first
    #[arg(long, default_value = "model", allow_hyphen_values = true, value_parser = order)]
    pub order: String,
    /// Most versions, up to 1000
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Versions behind this one: the next page
    #[arg(long, value_name = "MODEL:VERSION", value_parser = place)]
    pub after: Option<String>,
}

/// Arguments of `models compare`.
#[derive(Debug, Clone, Args)]
pub struct ModelsCompare {
    /// Name of the model
    pub name: String,
    /// A version: a number, an alias, or `latest`
    pub first: String,
    /// The version to compare with it: a number, an alias, or `latest`
    pub second: String,
    /// Rows on which both are scored: CSV, Parquet, JSON Lines or Arrow; a directory or a pattern (part-*.csv) is one table in parts
    #[arg(long, value_name = "F", requires = "target")]
    pub data: Option<PathBuf>,
    /// The column with the outcomes
    #[arg(long, value_name = "COLUMN", requires = "data")]
    pub target: Option<String>,
    /// Resamples of the paired bootstrap
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    pub resamples: u32,
    /// Seed of the resamples
    #[arg(long, value_name = "S", default_value_t = 42)]
    pub seed: u64,
    /// What is stated of the file.
    #[command(flatten)]
    pub file: FileArgs,
}

/// Arguments of `models promote`.
#[derive(Debug, Clone, Args)]
pub struct ModelsPromote {
    /// Name of the model
    pub name: String,
    /// The version: a number, an alias, or `latest`
    pub version: String,
    /// Where to: staging, shadow or production
    #[arg(long, value_name = "STAGE", default_value = "production", value_parser = target_stage)]
    pub to: ModelStage,
    /// Why, for the ledger
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
    /// Change the registry even where another version answers
    #[arg(long)]
    pub registry_only: bool,
}

/// Arguments of `models archive`.
#[derive(Debug, Clone, Args)]
pub struct ModelsArchive {
    /// Name of the model
    pub name: String,
    /// The version: a number, an alias, or `latest`
    pub version: String,
    /// Why, for the ledger
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
}

/// Arguments of `models export`.
#[derive(Debug, Clone, Args)]
pub struct ModelsExport {
    /// Name of the model
    pub name: String,
    /// The version: a number, an alias, or `latest`
    pub version: String,
    /// Format of the exported file
    #[arg(long, value_enum, default_value_t = ExportFormat::Bundle)]
    pub format: ExportFormat,
    /// Where it goes [default: NAME-VERSION.bundle]
    #[arg(long, value_name = "F")]
    pub out: Option<PathBuf>,
}

/// The form of an exported version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// The bundle as it was registered, byte for byte.
    Bundle,
}

/// Arguments of `models alias`.
#[derive(Debug, Clone, Args)]
pub struct ModelsAlias {
    /// Name of the model
    pub name: String,
    /// Name of the alias: 1 to 64 letters, digits, `-` and `_`, beginning with a letter
    pub alias: String,
    /// The version that it is to name: a number, another alias, or `latest`
    #[arg(required_unless_present = "remove")]
    pub version: Option<String>,
    /// Remove the alias
    #[arg(long, conflicts_with = "version")]
    pub remove: bool,
    /// Only where it names this version now; 0: only where it is new
    #[arg(long, value_name = "VERSION")]
    pub expect: Option<u32>,
    /// Why, for the ledger
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
}

/// Arguments of `models tag`.
#[derive(Debug, Clone, Args)]
pub struct ModelsTag {
    /// Name of the model
    pub name: String,
    /// Tags to be set
    #[arg(value_name = "KEY=VALUE", value_parser = tag, required_unless_present = "remove")]
    pub set: Vec<(String, String)>,
    /// Of this version, not of the model
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// A tag to be removed; may be given more than once
    #[arg(long, value_name = "KEY")]
    pub remove: Vec<String>,
    /// Why, for the ledger
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
}

/// Arguments of `models note`.
#[derive(Debug, Clone, Args)]
pub struct ModelsNote {
    /// Name of the model
    pub name: String,
    /// The version: a number, an alias, or `latest`
    pub version: String,
    /// Text of the note
    pub text: String,
}

/// Arguments of `models describe`.
#[derive(Debug, Clone, Args)]
pub struct ModelsDescribe {
    /// Name of the model
    pub name: String,
    /// Text of the description; it replaces the one before
    pub text: String,
    /// Of this version, not of the model
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
}

/// Arguments of `models history`.
#[derive(Debug, Clone, Args)]
pub struct ModelsHistory {
    /// Name of the model
    pub name: String,
    /// Of this version alone
    #[arg(long, value_name = "VERSION", conflicts_with = "at")]
    pub version: Option<String>,
    /// Which part, or when.
    #[command(flatten)]
    pub part: HistoryPart,
}

/// Arguments of `endpoints history`.
#[derive(Debug, Clone, Args)]
pub struct EndpointsHistory {
    /// Name of the endpoint
    pub name: String,
    /// Which part, or when.
    #[command(flatten)]
    pub part: HistoryPart,
}

/// A part of a history, or a time in it.
#[derive(Debug, Clone, Args)]
pub struct HistoryPart {
    /// How it stood at this time, such as 2026-11-25T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with_all = ["before", "limit"])]
    pub at: Option<String>,
    /// Most changes, up to 1000
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Changes before this revision: the next page
    #[arg(long, value_name = "REVISION")]
    pub before: Option<u64>,
}

/// A text that is not of the form that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct ParseFormError(&'static str);

fn order(text: &str) -> Result<String, ParseOrderError> {
    text.parse::<Order>().map(|_| text.to_owned())
}

fn place(text: &str) -> Result<String, ParseFormError> {
    let place = api::models::place(text).map(|_| text.to_owned());
    place.ok_or(ParseFormError("MODEL:VERSION, such as churn:3"))
}

fn target_stage(text: &str) -> Result<ModelStage, ParseFormError> {
    let stage = registry::stage_of(text);
    let stage = stage.filter(|stage| !matches!(stage, ModelStage::None | ModelStage::Archived));
    stage.ok_or(ParseFormError(
        "staging, shadow or production; `tier0 models archive` puts a version away",
    ))
}

fn tag(text: &str) -> Result<(String, String), ParseFormError> {
    let (key, value) =
        text.split_once('=').ok_or(ParseFormError("KEY=VALUE, such as team=risk"))?;
    Ok((key.to_owned(), value.to_owned()))
}

fn time(text: &str) -> Result<String, ParseFormError> {
    let time = api::history::time("--at", text).map(|_| text.to_owned());
    time.map_err(|_| ParseFormError("a time as in RFC 3339, such as 2026-11-25T12:00:00Z"))
}
