//! Which type of problem the target's real values make.

use contracts::stages::ProblemType;
use dataset::ColumnExamination;
use tabular::target::MAX_CLASSES;
use tabular::{ColumnType, parse, target};

use crate::error::RequestError;
use crate::text::Hint;

/// Negative and positive names of two classes, lower-case.
const CONVENTIONS: [(&str, &str); 8] = [
    ("no", "yes"),
    ("false", "true"),
    ("0", "1"),
    ("n", "y"),
    ("f", "t"),
    ("negative", "positive"),
    ("-1", "1"),
    ("good", "bad"),
];

/// The problem, and why it is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) problem_type: ProblemType,
    pub(crate) classes: Vec<String>,
    pub(crate) positive_class: String,
    pub(crate) evidence: String,
    /// Choices that a person should know: code and message.
    pub(crate) warnings: Vec<(&'static str, String)>,
}

/// What the caller says about the problem.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProblemHints<'a> {
    pub(crate) problem_type: Option<ProblemType>,
    pub(crate) hint: Option<Hint>,
    pub(crate) positive_class: &'a str,
}

/// Concludes the problem from what was found of the target.
pub(crate) fn conclude(
    found: &ColumnExamination,
    rows: u64,
    said: &ProblemHints<'_>,
) -> Result<Problem, RequestError> {
    let column = &found.name;
    let refuse = |code, message: String| RequestError::new(code, column.clone(), message);
    let present = rows.saturating_sub(found.missing);
    if present == 0 {
        return Err(refuse(
            "target_all_missing",
            format!(
                "the target `{column}` is missing in all {rows} rows; give a column with values"
            ),
        ));
    }
    if found.levels.len() == 1 && !found.more_levels {
        let missing = if found.missing > 0 {
            format!(
                "; {} rows have none: a blank cell and texts such as None, NA and null count as missing, so write another word where one of them is a class",
                found.missing
            )
        } else {
            String::new()
        };
        let message = format!(
            "the target `{column}` has the same value in all {present} rows that have one; there is nothing to learn{missing}"
        );
        return Err(refuse("target_constant", message));
    }
    let values = if found.more_levels {
        format!("more than {}", found.levels.len())
    } else {
        found.levels.len().to_string()
    };
    let mut evidence = format!(
        "target `{column}`: {} values, {values} different, in {present} of {rows} rows",
        found.column_type
    );
    let mut warnings = Vec::new();
    let inferred = infer(found, present);
    let problem_type = match (said.problem_type, inferred) {
        (Some(wanted), _) => {
            if !possible(found, wanted) {
                let message = format!(
                    "the target `{column}` does not make a {wanted} problem: {}",
                    needs(wanted, &values, found.column_type)
                );
                return Err(refuse("problem_type_mismatch", message));
            }
            evidence.push_str("; the request says so");
            wanted
        }
        (None, Ok(inferred)) => inferred,
        (None, Err((code, message))) => return Err(refuse(code, message)),
    };
    match said.hint {
        Some(Hint::Classes) if problem_type != ProblemType::Regression => evidence.push_str("; the words of the request speak of classes"),
        Some(Hint::Number) if problem_type == ProblemType::Regression => evidence.push_str("; the words of the request speak of a number"),
        Some(_) => warnings.push((
            "problem_type_words",
            format!("the words of the request suggest another type of problem than the values of `{column}`, which make it {problem_type}"),
        )),
        None => {}
    }
    if said.problem_type.is_none()
        && problem_type == ProblemType::Multiclass
        && matches!(found.column_type, ColumnType::Integer | ColumnType::Number)
    {
        warnings.push((
            "integer_classes",
            format!("the {values} whole numbers of `{column}` are taken for classes; say problem_type PROBLEM_TYPE_REGRESSION if they are amounts"),
        ));
    }
    if problem_type == ProblemType::Regression {
        if !said.positive_class.is_empty() {
            return Err(refuse(
                "positive_class_unknown",
                format!(
                    "a positive class was given, but the target `{column}` makes a regression, which has no classes"
                ),
            ));
        }
        return Ok(Problem {
            problem_type,
            classes: Vec::new(),
            positive_class: String::new(),
            evidence,
            warnings,
        });
    }
    let levels: Vec<String> = found.levels.iter().map(|(level, _)| level.clone()).collect();
    if problem_type == ProblemType::Multiclass {
        if !said.positive_class.is_empty() {
            let message = format!(
                "a positive class was given, but the target `{column}` has {values} classes; it applies to two"
            );
            return Err(refuse("positive_class_unknown", message));
        }
        let classes = target::order_classes(levels, found.column_type, None);
        return Ok(Problem {
            problem_type,
            classes,
            positive_class: String::new(),
            evidence,
            warnings,
        });
    }
    let positive = positive(found, &levels, said.positive_class, &mut warnings)?;
    let classes = target::order_classes(levels, found.column_type, Some(&positive));
    Ok(Problem { problem_type, classes, positive_class: positive, evidence, warnings })
}

fn infer(found: &ColumnExamination, present: u64) -> Result<ProblemType, (&'static str, String)> {
    let column = &found.name;
    let values = if found.more_levels { u64::MAX } else { found.levels.len() as u64 };
    let inferred = target::problem_type(found.column_type, values, present, all_whole(found));
    inferred.ok_or_else(|| match found.column_type {
        ColumnType::Date | ColumnType::Timestamp => (
            "target_type",
            format!(
                "the target `{column}` is a {}; classes or numbers can be predicted, so give for example the days until it",
                found.column_type
            ),
        ),
        _ => (
            "target_too_many_classes",
            format!(
                "the target `{column}` is text with more than {MAX_CLASSES} different values; at most {MAX_CLASSES} classes are learned, and numbers must be numbers in every row"
            ),
        ),
    })
}

/// Whether all values of a column of numbers are whole.
fn all_whole(found: &ColumnExamination) -> bool {
    let whole = |level: &str| parse::number(level).is_some_and(|value| value.fract() == 0.0);
    !found.more_levels && found.levels.iter().all(|(level, _)| whole(level))
}

fn possible(found: &ColumnExamination, wanted: ProblemType) -> bool {
    let count = found.levels.len();
    match wanted {
        ProblemType::Binary => count == 2 && !found.more_levels,
        ProblemType::Multiclass => {
            (3..=MAX_CLASSES).contains(&(count as u64)) && !found.more_levels
        }
        ProblemType::Regression => {
            matches!(found.column_type, ColumnType::Integer | ColumnType::Number)
        }
    }
}

fn needs(wanted: ProblemType, values: &str, column_type: ColumnType) -> String {
    match wanted {
        ProblemType::Binary => {
            format!("it has {values} different values, and exactly two are needed")
        }
        ProblemType::Multiclass => {
            format!("it has {values} different values, and three to {MAX_CLASSES} are needed")
        }
        ProblemType::Regression => {
            format!("it is {column_type}, and every value has to be a number")
        }
    }
}

/// The positive class: given, else by convention, else the rarer one with a warning.
fn positive(
    found: &ColumnExamination,
    levels: &[String],
    given: &str,
    warnings: &mut Vec<(&'static str, String)>,
) -> Result<String, RequestError> {
    let column = &found.name;
    if !given.is_empty() {
        return match target::class_index(levels, found.column_type, given.trim()).and_then(|index| levels.get(index)) {
            Some(class) => Ok(class.clone()),
            None => Err(RequestError::new(
                "positive_class_unknown",
                "positive_class",
                format!("the positive class that was given is not one of the two classes of the target `{column}`; classes are compared letter by letter"),
            )
            .suggesting(dataset::nearest(given, levels.iter().map(String::as_str)))),
        };
    }
    let lower: Vec<String> = levels.iter().map(|level| level.to_lowercase()).collect();
    for (negative, positive) in CONVENTIONS {
        let at = lower.iter().position(|level| level == positive);
        if lower.iter().any(|level| level == negative)
            && let Some(class) = at.and_then(|index| levels.get(index))
        {
            return Ok(class.clone());
        }
    }
    // Levels come most frequent first, so the last is the rarer one.
    let rarer = levels.last().cloned().unwrap_or_default();
    let message = format!(
        "no positive class was given for `{column}`, and its classes follow no convention; the rarer one is taken as positive"
    );
    warnings.push(("positive_class_assumed", message));
    Ok(rarer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn column(column_type: ColumnType, levels: &[(&str, u64)]) -> ColumnExamination {
        ColumnExamination {
            name: "y".to_owned(),
            column_type,
            missing: 0,
            levels: levels.iter().map(|(level, rows)| ((*level).to_owned(), *rows)).collect(),
            more_levels: false,
        }
    }

    fn numbers(column_type: ColumnType, count: usize, rows: u64) -> ColumnExamination {
        let levels: Vec<String> = (0..count).map(|level| level.to_string()).collect();
        column(column_type, &levels.iter().map(|level| (level.as_str(), rows)).collect::<Vec<_>>())
    }

    fn concluded(
        found: &ColumnExamination,
        said: &ProblemHints<'_>,
    ) -> Result<Problem, RequestError> {
        let rows = found.missing + found.levels.iter().map(|(_, rows)| rows).sum::<u64>();
        conclude(found, rows, said)
    }

    #[test]
    fn types_follow_the_values() {
        use ColumnType::{Boolean, Integer, Number, Text};
        for (found, expected) in [
            (column(Text, &[("No", 70), ("Yes", 30)]), ProblemType::Binary),
            (column(Boolean, &[("false", 70), ("true", 30)]), ProblemType::Binary),
            (column(Number, &[("0.5", 70), ("1.5", 30)]), ProblemType::Binary),
            (column(Text, &[("a", 9), ("b", 9), ("c", 9)]), ProblemType::Multiclass),
            (numbers(Integer, 6, 100), ProblemType::Multiclass),
            (numbers(Integer, 6, 3), ProblemType::Regression),
            (numbers(Integer, 300, 100), ProblemType::Regression),
            (numbers(Number, 5, 100), ProblemType::Multiclass),
            (numbers(Number, 5, 3), ProblemType::Regression),
            (column(Number, &[("0.5", 70), ("1", 70), ("2", 70)]), ProblemType::Regression),
        ] {
            assert_eq!(
                concluded(&found, &ProblemHints::default()).unwrap().problem_type,
                expected,
                "{found:?}"
            );
        }
    }

    #[test]
    fn targets_without_use_are_refused() {
        let code = |found: &ColumnExamination| {
            concluded(found, &ProblemHints::default()).unwrap_err().code
        };
        assert_eq!(code(&column(ColumnType::Text, &[("a", 10)])), "target_constant");
        let missing = ColumnExamination { missing: 5, ..column(ColumnType::Text, &[]) };
        assert_eq!(code(&missing), "target_all_missing");
        assert_eq!(code(&numbers(ColumnType::Text, 101, 1)), "target_too_many_classes");
        assert_eq!(code(&numbers(ColumnType::Date, 3, 1)), "target_type");
    }

    #[test]
    fn a_hint_wins_where_the_values_allow() {
        let said = |problem_type| ProblemHints {
            problem_type: Some(problem_type),
            ..ProblemHints::default()
        };
        let whole = numbers(ColumnType::Integer, 6, 100);
        assert_eq!(
            concluded(&whole, &said(ProblemType::Regression)).unwrap().problem_type,
            ProblemType::Regression
        );
        assert_eq!(
            concluded(&whole, &said(ProblemType::Binary)).unwrap_err().code,
            "problem_type_mismatch"
        );
        let text = column(ColumnType::Text, &[("a", 9), ("b", 9), ("c", 9)]);
        assert_eq!(
            concluded(&text, &said(ProblemType::Regression)).unwrap_err().code,
            "problem_type_mismatch"
        );
        let words = ProblemHints { hint: Some(Hint::Number), ..ProblemHints::default() };
        assert!(
            concluded(&text, &words)
                .unwrap()
                .warnings
                .iter()
                .any(|(code, _)| *code == "problem_type_words")
        );
    }

    #[test]
    fn the_positive_class_comes_last() {
        let churn = column(ColumnType::Text, &[("Yes", 70), ("No", 30)]);
        let problem = concluded(&churn, &ProblemHints::default()).unwrap();
        assert_eq!(
            (problem.positive_class.as_str(), problem.classes),
            ("Yes", vec!["No".to_owned(), "Yes".to_owned()])
        );
        let given =
            concluded(&churn, &ProblemHints { positive_class: "No", ..ProblemHints::default() })
                .unwrap();
        assert_eq!(
            (given.positive_class.as_str(), given.classes),
            ("No", vec!["Yes".to_owned(), "No".to_owned()])
        );
        let income = column(ColumnType::Text, &[("<=50K", 76), (">50K", 24)]);
        let assumed = concluded(&income, &ProblemHints::default()).unwrap();
        assert_eq!((assumed.positive_class.as_str(), assumed.warnings.len()), (">50K", 1));
        let wrong =
            concluded(&churn, &ProblemHints { positive_class: "yes", ..ProblemHints::default() })
                .unwrap_err();
        assert_eq!(
            (wrong.code, wrong.suggestions),
            ("positive_class_unknown", vec!["Yes".to_owned()])
        );
        let flag = column(ColumnType::Integer, &[("0", 70), ("1", 30)]);
        assert_eq!(
            concluded(&flag, &ProblemHints { positive_class: "1.0", ..ProblemHints::default() })
                .unwrap()
                .positive_class,
            "1"
        );
    }
}
