//! What is done to missing values and outliers: what is asked for, held against the table, and what of it is about whole rows.

use contracts::stages::{
    CleaningRules, ColumnRules, MissingRule, OutlierRule, OutlierTreatment, Scope, ValueRules,
};
use statistics::Finding;
use tables::StoredTable;
use tabular::cleaning::{Options, outlier_range};
use tabular::{ColumnType, Field, parse};

use crate::config::{CapOutliers, FillMissing};
use crate::issues::{blocking, columns, noted};
use crate::prepare::{Cleaning, Unprepared};

/// What is asked for, and where nothing is, what is configured. A column's own rules leave open what those of all columns say.
pub(crate) fn rules(configured: Cleaning, asked: &CleaningRules) -> CleaningRules {
    let missing = match configured.missing {
        FillMissing::Keep => MissingRule::Keep,
        FillMissing::Typical => MissingRule::Median,
    };
    let outliers = match configured.outliers {
        CapOutliers::Keep => OutlierRule::Keep,
        CapOutliers::InterquartileRange => OutlierRule::Iqr,
    };
    let all = ValueRules {
        missing: asked.all.missing.or(Some(missing)),
        outliers: asked.all.outliers.or(Some(outliers)),
        ..asked.all.clone()
    };
    let of = |column: &ColumnRules| {
        let own = &column.rules;
        let (outliers, treatment, limit) = match own.outliers {
            Some(rule) => (Some(rule), own.treatment, own.limit),
            None => (all.outliers, all.treatment, all.limit),
        };
        let constant = if own.missing.is_some() { &own.constant } else { &all.constant };
        ColumnRules {
            column: column.column.clone(),
            rules: ValueRules {
                missing: own.missing.or(all.missing),
                constant: constant.clone(),
                missing_indicator: own.missing_indicator || all.missing_indicator,
                outliers,
                treatment,
                limit,
            },
        }
    };
    let columns = asked.columns.iter().map(of).collect();
    CleaningRules { all, columns }
}

/// What of the rules cannot be done to this table.
pub(crate) fn problems(rules: &CleaningRules, table: &StoredTable, scope: &Scope) -> Vec<Finding> {
    let mut found = Vec::new();
    for of in &rules.columns {
        let name = &of.column;
        let Some(field) = table.fields().iter().find(|field| field.name == *name) else {
            let message = format!("the table has no column `{name}`, whose cleaning is asked for");
            found.push(blocking("column_missing", name, 0, message));
            continue;
        };
        if *name == scope.target {
            let message = format!("`{name}` is the target, to which no cleaning is done");
            found.push(blocking("cleaning_impossible", name, 0, message));
        }
        if of.rules.missing == Some(MissingRule::Constant) && !is_value(field, &of.rules.constant) {
            let message = format!(
                "the constant for missing values of `{name}` is no value of its type, {}",
                field.column_type
            );
            found.push(blocking("cleaning_impossible", name, 0, message));
        }
    }
    if rules.all.missing == Some(MissingRule::Constant) {
        let others: Vec<&str> = table
            .fields()
            .iter()
            .filter(|field| field.name != scope.target && field.nullable)
            .filter(|field| rules.columns.iter().all(|of| of.column != field.name))
            .filter(|field| !is_value(field, &rules.all.constant))
            .map(|field| field.name.as_str())
            .collect();
        if !others.is_empty() {
            let message = format!(
                "missing values of {} stay missing, because the constant is no value of their type",
                columns(&others)
            );
            found.push(noted("cleaning_not_done", "", 0, message));
        }
    }
    let ordered =
        |of: &ValueRules| matches!(of.missing, Some(MissingRule::Forward | MissingRule::Backward));
    let any_ordered = ordered(&rules.all) || rules.columns.iter().any(|of| ordered(&of.rules));
    let time = table.position(&scope.time_column);
    let is_moment = time
        .and_then(|place| table.fields().get(place))
        .is_some_and(|field| field.column_type != ColumnType::Text);
    if any_ordered && !is_moment {
        let message = "missing values are to be filled from the row before or behind, and rows have no order; name the column of their time (timeColumn in the request, or time_column in the catalogue)".to_owned();
        found.push(blocking("cleaning_impossible", &scope.time_column, 0, message));
    }
    found
}

/// Whether a text is a value of a column.
fn is_value(field: &Field, text: &str) -> bool {
    field.column_type == ColumnType::Text
        || parse::value(text.trim(), field.column_type, &field.form).is_some()
}

/// The training rows, by their places in the table, that rules of this column leave out: because it is missing, or an outlier.
#[derive(Debug, Default)]
pub(crate) struct DroppedRows {
    pub(crate) missing: Vec<usize>,
    pub(crate) outliers: Vec<usize>,
}

/// The rows that the rules of a column leave out of the training rows.
pub(crate) fn dropped(
    table: &StoredTable,
    place: usize,
    train: &[usize],
    options: &Options,
) -> Result<DroppedRows, Unprepared> {
    let mut dropped = DroppedRows::default();
    let Some(field) = table.fields().get(place) else { return Ok(dropped) };
    let rules = options.rules.of(&field.name);
    let of_missing = rules.missing == Some(MissingRule::Drop);
    let of_outliers = rules.treatment == Some(OutlierTreatment::Drop)
        && !matches!(rules.outliers, None | Some(OutlierRule::Keep | OutlierRule::IsolationForest));
    if !of_missing && !of_outliers {
        return Ok(dropped);
    }
    let column = table.column(place)?.take(train);
    if of_missing {
        let missing = train.iter().enumerate().filter(|(place, _)| column.is_missing(*place));
        dropped.missing = missing.map(|(_, row)| *row).collect();
    }
    if let Some(values) = column.numbers().filter(|_| of_outliers)
        && let Some(range) = outlier_range(field, values, options)
    {
        let outside = |value: &f64| *value < range.low || *value > range.high;
        let rows = train.iter().zip(values).filter(|(_, value)| outside(value));
        dropped.outliers = rows.map(|(row, _)| *row).collect();
    }
    Ok(dropped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_columns_own_rules_leave_open_what_those_of_all_say() {
        let configured =
            Cleaning { outliers: CapOutliers::InterquartileRange, missing: FillMissing::Typical };
        let nothing = rules(configured, &CleaningRules::default());
        assert_eq!(nothing.all.missing, Some(MissingRule::Median));
        assert_eq!(nothing.all.outliers, Some(OutlierRule::Iqr));
        let asked = CleaningRules {
            all: ValueRules {
                outliers: Some(OutlierRule::ZScore),
                treatment: Some(OutlierTreatment::Null),
                limit: 4.0,
                ..ValueRules::default()
            },
            columns: vec![ColumnRules {
                column: "x".to_owned(),
                rules: ValueRules { missing: Some(MissingRule::Mode), ..ValueRules::default() },
            }],
        };
        let both = rules(configured, &asked);
        assert_eq!(both.of("y").missing, Some(MissingRule::Median));
        let x = both.of("x");
        assert_eq!((x.missing, x.outliers), (Some(MissingRule::Mode), Some(OutlierRule::ZScore)));
        assert_eq!((x.treatment, x.limit), (Some(OutlierTreatment::Null), 4.0));
    }
}
