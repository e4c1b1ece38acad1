//! Columns that are not used, by their names.

use contracts::stages::ExcludedColumn;

use crate::learning::SAMPLE_WEIGHT;

/// Reason of a column that is about a person's identity.
pub(crate) const PERSONAL: &str = "personal data";
/// Reason of a column that is known too late.
pub(crate) const AFTER_EVENT: &str = "known after the event";
/// Reason of a column that the caller or the catalogue leaves out.
pub(crate) const REQUESTED: &str = "requested";

/// Names that mean personal data when a column's name ends with them.
///
/// Only the end counts: `home_phone` is a number of a person, `PhoneService` and `email_opens` are not.
const PERSONAL_ENDINGS: &[&[&str]] = &[
    &["email"],
    &["e", "mail"],
    &["email", "address"],
    &["mail", "address"],
    &["phone"],
    &["phone", "number"],
    &["phone", "no"],
    &["telephone"],
    &["telephone", "number"],
    &["mobile", "number"],
    &["mobile", "phone"],
    &["fax"],
    &["fax", "number"],
    &["ssn"],
    &["social", "security", "number"],
    &["passport"],
    &["passport", "number"],
    &["iban"],
    &["credit", "card"],
    &["credit", "card", "number"],
    &["card", "number"],
    &["account", "number"],
    &["license", "number"],
    &["licence", "number"],
    &["driver", "license"],
    &["tax", "id"],
    &["national", "id"],
    &["first", "name"],
    &["firstname"],
    &["last", "name"],
    &["lastname"],
    &["surname"],
    &["full", "name"],
    &["fullname"],
    &["middle", "name"],
    &["maiden", "name"],
    &["given", "name"],
    &["family", "name"],
    &["customer", "name"],
    &["patient", "name"],
    &["person", "name"],
    &["hcp", "name"],
    &["doctor", "name"],
    &["physician", "name"],
    &["contact", "name"],
    &["user", "name"],
    &["username"],
    &["street"],
    &["street", "address"],
    &["home", "address"],
    &["postal", "address"],
    &["ip", "address"],
    &["date", "of", "birth"],
    &["birth", "date"],
    &["birthdate"],
    &["dob"],
    &["birthday"],
];

/// Names that mean personal data only when they are the whole name.
const PERSONAL_NAMES: &[&[&str]] = &[&["name"], &["address"], &["ip"], &["mobile"]];

/// Words of a column's name: split at anything but letters and digits, and where a capital follows a small letter.
fn parts(name: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut small = false;
    for c in name.chars() {
        let boundary = !c.is_alphanumeric() || (c.is_uppercase() && small);
        if boundary && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
        }
        if c.is_alphanumeric() {
            part.extend(c.to_lowercase());
        }
        small = c.is_lowercase();
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

/// Whether a column's name says that it holds personal data.
pub(crate) fn is_personal(name: &str) -> bool {
    let parts = parts(name);
    let is = |pattern: &&[&str], tail: &[String]| {
        tail.len() == pattern.len() && tail.iter().zip(*pattern).all(|(a, b)| a == b)
    };
    let ends = |pattern: &&[&str]| {
        parts
            .len()
            .checked_sub(pattern.len())
            .and_then(|at| parts.get(at..))
            .is_some_and(|tail| is(pattern, tail))
    };
    PERSONAL_ENDINGS.iter().any(ends) || PERSONAL_NAMES.iter().any(|pattern| is(pattern, &parts))
}

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
        } else if is_personal(column) {
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
            assert!(is_personal(name), "{name}");
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
            assert!(!is_personal(name), "{name}");
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
