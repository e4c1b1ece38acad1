//! From a task and what was found in its table to the scope.

use contracts::messages::Warning;
use contracts::stages::{
    Criterion, DataSource, Operator, Predicate, ProblemType, Scope, SplitMethod,
};
use dataset::{ColumnExamination, Examination, Format};

use crate::config::Defaults;
use crate::error::RequestError;
use crate::problem::Problem;
use crate::task::Task;
use crate::text::{self, Population};
use crate::{cohort, columns, criteria, learning, problem, rules};

/// The baseline that every model has to beat.
const BASELINE: &str = "prior";
/// File names that say nothing about what is in them; the directory's name is taken then.
const GENERIC: [&str; 10] =
    ["train", "training", "data", "dataset", "table", "test", "all", "full", "input", "rows"];
/// Longest name of a model.
const MAX_NAME: usize = 64;

/// What was found in the table.
#[derive(Debug)]
pub(crate) struct TableFindings {
    pub(crate) format: Option<Format>,
    /// The target first, then the population columns and those that options name.
    pub(crate) examination: Examination,
}

/// Decides everything that the stages after this need to know.
pub(crate) fn define(
    task: &Task<'_>,
    found: &TableFindings,
    run_id: &str,
    defaults: &Defaults,
) -> Result<(Scope, Vec<Warning>), RequestError> {
    let Examination { rows, columns: header, examined } = &found.examination;
    let request = task.request;
    let Some((target, others)) = examined.split_first() else {
        return Err(RequestError::new(
            "target_missing",
            task.target(),
            "the target was not examined",
        ));
    };
    let mut warnings: Vec<(&'static str, String)> = Vec::new();
    let population = population(task, others)?;
    let mut inclusion = request.inclusion.clone();
    inclusion.extend(population.iter().map(predicate));
    check_columns(task, header, &inclusion)?;

    let checks = task.checks();
    if let Some(checks) = &checks {
        rules::check_against(checks, header)?;
    }

    let said = problem::ProblemHints {
        problem_type: task.problem_type(),
        hint: task.hint(),
        positive_class: task.positive_class(),
    };
    let concluded = problem::conclude(target, *rows, &said)?;
    if let Some((labelled, warning)) = labelled_rows(target, *rows, &concluded, &inclusion) {
        inclusion.push(labelled);
        warnings.push(warning);
    }
    warnings.extend(concluded.warnings.iter().cloned());
    learning::check_problem(request, concluded.problem_type, Some(target))?;
    let metric = criteria::metric(task.metric(), concluded.problem_type)?;
    let strict = request.strict_criteria || defaults.strict;
    let criteria =
        criteria::criteria(task.criteria(), &metric, concluded.problem_type, strict, defaults)?;
    let gate_on_baseline =
        defaults.gate_on_baseline && !criteria.iter().any(|criterion| criterion.gate);
    if !criteria.iter().any(|criterion| criterion.gate || criterion.metric == metric) {
        let message = format!(
            "no threshold is held against this {} model, which only has to be better than the baseline; give criteria (`--gate METRIC=VALUE`) to make one binding",
            concluded.problem_type
        );
        warnings.push(("no_gate", message));
    }
    let (requested, after_event) = (task.excluded(), task.after_event());
    let wishes = columns::ColumnRules {
        requested: &requested,
        after_event: &after_event,
        required: &request.require_columns,
        target: task.target(),
        weight: &request.weight_column,
    };
    let (excluded_columns, personal) = columns::excluded(header, &wishes);
    warnings.extend(personal);
    learning::check_columns(task, examined, &excluded_columns)?;
    let usual = usual_min_rows(concluded.problem_type, defaults);
    if request.min_rows > 0 && *rows < usual {
        warnings.push(("few_rows", few_rows(*rows, usual, concluded.problem_type)));
    }

    let name = if request.name.is_empty() {
        derived_name(task, &population)
    } else {
        request.name.clone()
    };
    let scope = Scope {
        experiment_id: format!("{name}.{run_id}"),
        problem_type: concluded.problem_type,
        problem_type_evidence: concluded.evidence,
        data: DataSource {
            uri: task.uri().to_owned(),
            format: found.format,
            missing_markers: task.missing_markers(),
            csv: task.csv(),
            query: task.query().to_owned(),
        },
        target: task.target().to_owned(),
        classes: concluded.classes,
        positive_class: concluded.positive_class,
        entity_column: task.entity_column().to_owned(),
        time_column: task.time_column().to_owned(),
        required_columns: task.required(&inclusion),
        excluded_columns,
        cohort_sha256: cohort::sha256(&inclusion, &request.exclusion),
        inclusion,
        exclusion: request.exclusion.clone(),
        min_rows: if request.min_rows > 0 { request.min_rows } else { usual },
        metric,
        criteria: finite(criteria),
        baseline: BASELINE.to_owned(),
        min_lift: defaults.min_lift,
        split_method: split_method(
            request.split_method,
            concluded.problem_type,
            task,
            &mut warnings,
        )?,
        time_budget_seconds: if request.time_budget_seconds > 0.0 {
            request.time_budget_seconds
        } else {
            defaults.time_budget_seconds
        },
        seed: request.seed,
        constraints: request.constraints,
        strategy: request.strategy,
        rollout: request.rollout.clone(),
        cause: request.cause.clone(),
        catalogue_entry: task.entry_name().to_owned(),
        prediction_horizon: task.horizon().to_owned(),
        rows_examined: *rows,
        max_trials: request.max_trials,
        keep_judged_model: request.keep_judged_model,
        weight_column: request.weight_column.clone(),
        monotone_constraints: request.monotone_constraints.clone(),
        loss: request.loss.clone(),
        quantile: request.quantile,
        threshold: request.threshold.clone(),
        group_columns: request.group_columns.clone(),
        balance_classes: request.balance_classes,
        drop_duplicates: request.drop_duplicates,
        allow_leakage: request.allow_leakage.clone(),
        min_quality_score: request.min_quality_score,
        gate_on_baseline,
        checks,
        cleaning: task.cleaning(),
        windows: task.windows(),
        name,
    };
    let warnings = warnings.into_iter().map(|(code, message)| Warning {
        code: code.to_owned(),
        message,
        agent: String::new(),
    });
    Ok((scope, warnings.collect()))
}

/// The criterion that leaves out rows whose target is missing, and what is said of it; none where all have one, or where a criterion
/// chooses rows by the target already.
fn labelled_rows(
    target: &ColumnExamination,
    rows: u64,
    concluded: &Problem,
    inclusion: &[Predicate],
) -> Option<(Predicate, (&'static str, String))> {
    let column = &target.name;
    if target.missing == 0 || inclusion.iter().any(|criterion| criterion.column == *column) {
        return None;
    }
    let (operator, values) = if concluded.problem_type.is_classification() {
        (Operator::In, concluded.classes.clone())
    } else {
        (Operator::GreaterOrEqual, vec![format!("{:e}", f64::MIN)])
    };
    let message = format!(
        "the target `{column}` is missing in {} of {rows} rows, which are left out; a blank cell and texts such as NA, None and null count as missing",
        target.missing
    );
    let labelled = Predicate { column: column.clone(), operator, values };
    Some((labelled, ("target_missing_rows", message)))
}

/// Explains the words of a text by the values of the population columns.
fn population(
    task: &Task<'_>,
    examined: &[dataset::ColumnExamination],
) -> Result<Vec<Population>, RequestError> {
    let Some(understood) = &task.understood else { return Ok(Vec::new()) };
    let examined =
        examined.iter().filter(|column| task.population_columns().contains(&column.name));
    if let Some(column) = examined.clone().find(|column| column.more_levels) {
        let message = format!(
            "the population column `{}` has more than {} different values; words of a text are not looked up in it",
            column.name,
            dataset::MAX_LEVELS
        );
        return Err(RequestError::new("ambiguous_request", column.name.clone(), message));
    }
    let levels: Vec<(String, Vec<String>)> = examined
        .map(|column| {
            (column.name.clone(), column.levels.iter().map(|(level, _)| level.clone()).collect())
        })
        .collect();
    text::population(understood, &levels)
}

fn predicate(population: &Population) -> Predicate {
    let operator = if population.values.len() == 1 { Operator::Equal } else { Operator::In };
    Predicate { column: population.column.clone(), operator, values: population.values.clone() }
}

/// Columns that the caller names have to be there, so that a slip of the pen does not let a column in.
fn check_columns(
    task: &Task<'_>,
    header: &[String],
    inclusion: &[Predicate],
) -> Result<(), RequestError> {
    let request = task.request;
    let cohort = inclusion
        .iter()
        .chain(&request.exclusion)
        .map(|predicate| ("inclusion", predicate.column.as_str()));
    let excluded =
        request.exclude_columns.iter().map(|column| ("exclude_columns", column.as_str()));
    let groups = request.group_columns.iter().map(|column| ("group_columns", column.as_str()));
    let leaking = request.allow_leakage.iter().map(|column| ("allow_leakage", column.as_str()));
    let (cleaning, windows) = (task.cleaning(), task.windows());
    let cleaned = cleaning.columns.iter().map(|of| ("cleaning", of.column.as_str()));
    let windows = windows.iter().flat_map(|of| {
        [&of.index_column, &of.start_column, &of.end_column].map(|of| ("windows", of.as_str()))
    });
    let roles = [("entity_column", task.entity_column()), ("time_column", task.time_column())];
    let all = cohort.chain(excluded).chain(groups).chain(leaking).chain(roles);
    for (role, column) in all.chain(cleaned).chain(windows) {
        if column.is_empty() || header.iter().any(|known| known == column) {
            continue;
        }
        let nearest = dataset::nearest(column, header.iter().map(String::as_str));
        return Err(learning::missing(role, column, nearest));
    }
    if task.entity_column() == task.target() || task.time_column() == task.target() {
        let message =
            format!("the target `{}` can't be the entity or the time as well", task.target());
        return Err(RequestError::new("column_role", task.target(), message));
    }
    Ok(())
}

/// The fewest rows where the request does not say it.
fn usual_min_rows(problem_type: ProblemType, defaults: &Defaults) -> u64 {
    match problem_type {
        ProblemType::Multiclass => defaults.min_rows_multiclass,
        ProblemType::Regression => defaults.min_rows_regression,
        ProblemType::Binary => defaults.min_rows_binary,
    }
}

/// That a request allowed fewer rows than usual.
fn few_rows(rows: u64, usual: u64, problem_type: ProblemType) -> String {
    format!(
        "the table has {rows} rows, and min_rows allows fewer than the {usual} that a {} problem usually needs; the metrics will be uncertain",
        problem_type
    )
}

/// As asked; else stratified for classes and random for numbers. Where rows have a time and nothing was asked, the data-preparer
/// looks whether it divides them.
fn split_method(
    asked: Option<SplitMethod>,
    problem_type: ProblemType,
    task: &Task<'_>,
    warnings: &mut Vec<(&'static str, String)>,
) -> Result<Option<SplitMethod>, RequestError> {
    let needs = |column: &str, role: &'static str| {
        let message = format!(
            "a split by {role} was asked for, and neither the request nor the catalogue names the {role}_column"
        );
        if column.is_empty() {
            Err(RequestError::new("column_missing", format!("{role}_column"), message))
        } else {
            Ok(())
        }
    };
    let is_regression = problem_type == ProblemType::Regression;
    let usual = if is_regression { SplitMethod::Random } else { SplitMethod::Stratified };
    let Some(asked) = asked else {
        return Ok(task.time_column().is_empty().then_some(usual));
    };
    match asked {
        SplitMethod::Stratified if is_regression => {
            warnings.push((
                "split_method",
                "a regression has no classes to stratify by; rows are split at random".to_owned(),
            ));
            return Ok(Some(SplitMethod::Random));
        }
        SplitMethod::Entity => needs(task.entity_column(), "entity")?,
        SplitMethod::Time => needs(task.time_column(), "time")?,
        SplitMethod::Random | SplitMethod::Stratified => {}
    }
    Ok(Some(asked))
}

/// A name of the data set, its population and the target: letters, digits and `-`.
fn derived_name(task: &Task<'_>, population: &[Population]) -> String {
    let subject = match task.entry_name() {
        "" => file_subject(task.uri()),
        entry => entry.to_owned(),
    };
    let mut text = subject.clone();
    for value in population.iter().flat_map(|population| &population.values) {
        text.push('-');
        text.push_str(value);
    }
    let (target, subject) = (slug(task.target()), slug(&subject));
    let said = |word: &str| subject.split('-').any(|part| same_word(part, word));
    if !target.split('-').any(said) {
        text.push('-');
        text.push_str(&target);
    }
    let name = slug(&text);
    if name.is_empty() { "model".to_owned() } else { name }
}

/// Whether two words are one, but for an ending: `churn` and `churned`.
fn same_word(a: &str, b: &str) -> bool {
    a == b || (a.len().min(b.len()) >= 4 && (a.starts_with(b) || b.starts_with(a)))
}

/// The file's name without its ending, or the directory's where that says nothing.
fn file_subject(uri: &str) -> String {
    let path = uri.split_once("://").map_or(uri, |(_, path)| path);
    let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
    let file = parts.next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    match parts.next() {
        Some(directory) if GENERIC.contains(&stem.to_lowercase().as_str()) => directory.to_owned(),
        _ => stem.to_owned(),
    }
}

fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.truncate(MAX_NAME);
    slug.trim_end_matches('-').to_owned()
}

/// Thresholds of a catalogue may be written as `nan` or `inf`; those say nothing.
fn finite(criteria: Vec<Criterion>) -> Vec<Criterion> {
    criteria.into_iter().filter(|criterion| criterion.threshold.is_finite()).collect()
}

#[cfg(test)]
mod tests;
