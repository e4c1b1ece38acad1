//! Columns that are not used, by their names.

use contracts::stages::ExcludedColumn;
use tabular::personal;

use crate::learning::SAMPLE_WEIGHT;

/// Reason of a column that is about a person's identity.
pub(crate) const PERSONAL: &str = "personal data";
/// Reason of a column that is known too late.
pub(crate) const AFTER_EVENT: &str = "known after the event";
/// Reason of a column that the caller or the catalogue leaves out.
pub(crate) const REQUESTED: &str = "requested";

/// Columns with personal data that are told one by one.
const MAX_TOLD: usize = 20;

/// What decides about columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct ColumnRules<'a> {
    pub(crate) requested: &'a [String],
    pub(crate) after_event: &'a [String],
    pub(crate) required: &'a [String],
    pub(crate) target: &'a str,
    /// The column of the rows' weights; may be empty.
    pub(crate) weight: &'a str,
}

/// The columns left out with their reasons, in the order of the table, and warnings for personal data that was left out or required.
pub(crate) fn excluded(
    columns: &[String],
    wishes: &ColumnRules<'_>,
) -> (Vec<ExcludedColumn>, Vec<(&'static str, String)>) {
    let mut excluded: Vec<ExcludedColumn> = Vec::new();
    let mut warnings = Vec::new();
    let mut personal = 0;
    for column in columns {
        if column == wishes.target
            || column.is_empty()
            || excluded.iter().any(|known| known.column == *column)
        {
            continue;
        }
        let reason = if column == wishes.weight {
            SAMPLE_WEIGHT
        } else if wishes.requested.contains(column) {
            REQUESTED
        } else if wishes.after_event.contains(column) {
            AFTER_EVENT
        } else if personal::in_name(column) {
            if wishes.required.contains(column) {
                warnings.push(("personal_data_used", format!("the column `{column}` looks like personal data and is kept, as it is required")));
                continue;
            }
            personal += 1;
            if personal <= MAX_TOLD {
                warnings.push(("personal_data_left_out", format!("the column `{column}` looks like personal data by its name and is left out; `--keep-column` (requireColumns in the request) keeps it")));
            }
            PERSONAL
        } else {
            continue;
        };
        excluded.push(ExcludedColumn { column: column.clone(), reason: reason.to_owned() });
    }
    if personal > MAX_TOLD {
        warnings.push(("personal_data_left_out", format!("{} more columns look like personal data by their names and are left out: excluded_columns of the scope has them", personal - MAX_TOLD)));
    }
    (excluded, warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_is_told_by_the_end_of_the_name() {
        for name in [
            "email",
            "E-Mail",
            "contact_email",
            "EmailAddress",
            "Phone",
            "homePhone",
            "ssn",
            "First Name",
            "last_name",
            "name",
            "DOB",
            "customerName",
        ] {
            assert!(personal::in_name(name), "{name}");
        }
        for name in [
            "PhoneService",
            "email_opens",
            "brand_name",
            "product name",
            "gender",
            "age",
            "native_country",
            "ip_count",
            "username_length",
            "MonthlyCharges",
        ] {
            assert!(!personal::in_name(name), "{name}");
        }
    }

    #[test]
    fn many_columns_are_told_together() {
        let columns: Vec<String> = (0..1500).map(|person| format!("p{person}_phone")).collect();
        let wishes = ColumnRules { target: "y", ..ColumnRules::default() };
        let (excluded, warnings) = excluded(&columns, &wishes);
        assert_eq!((excluded.len(), warnings.len()), (1500, 21));
        assert!(warnings.last().is_some_and(|(_, message)| message.starts_with("1480 more")));
    }

    #[test]
    fn reasons_are_told_and_the_required_stays() {
        let texts =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let columns = texts(&["id", "email", "phone", "closed_on", "x", "w", "y"]);
        let (requested, after, required) =
            (texts(&["id"]), texts(&["closed_on"]), texts(&["phone"]));
        let wishes = ColumnRules {
            requested: &requested,
            after_event: &after,
            required: &required,
            target: "y",
            weight: "w",
        };
        let (excluded, warnings) = excluded(&columns, &wishes);
        let found: Vec<_> = excluded
            .iter()
            .map(|column| (column.column.as_str(), column.reason.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("id", REQUESTED),
                ("email", PERSONAL),
                ("closed_on", AFTER_EVENT),
                ("w", SAMPLE_WEIGHT)
            ]
        );
        let codes: Vec<_> = warnings.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, ["personal_data_left_out", "personal_data_used"]);
    }
}
