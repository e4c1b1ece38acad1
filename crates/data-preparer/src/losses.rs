//! What each dimension of quality takes from the score, and which columns or rows do.

use statistics::Finding;
use statistics::quality::Dimensions;

use crate::blanks::{self, Blanks};
use crate::issues::noted;

/// Code of the findings.
pub(crate) const CODE: &str = "score_lost";
/// Least loss of score that is told: what three digits show.
const TOLD: f64 = 0.0005;
/// Columns that are named of one dimension, those that take most.
const NAMED: usize = 5;

/// What the dimensions were measured from.
pub(crate) struct Evidence<'a> {
    pub(crate) dimensions: &'a Dimensions,
    pub(crate) blanks: &'a [Blanks<'a>],
    /// Rows that were kept.
    pub(crate) rows: u64,
    /// Rows that were left out as duplicates.
    pub(crate) duplicates: u64,
    /// What was found about single columns.
    pub(crate) findings: &'a [Finding],
}

/// A finding for each dimension that takes something from the score.
pub(crate) fn of(evidence: &Evidence<'_>) -> Vec<Finding> {
    let named = evidence.dimensions.named().into_iter().zip(Dimensions::WEIGHTS);
    let told = named.filter_map(|((name, value), (_, weight))| {
        let loss = (1.0 - value) * weight;
        let (rows, why) = why(name, evidence);
        (loss >= TOLD).then(|| {
            let message =
                format!("{name} of {value:.3} takes {loss:.3} from the quality score: {why}");
            noted(CODE, "", rows, message)
        })
    });
    told.collect()
}

/// Cells or rows that lower a dimension, in number and in words.
fn why(dimension: &str, evidence: &Evidence<'_>) -> (u64, String) {
    let Evidence { blanks, rows, duplicates, findings, .. } = *evidence;
    let by_code = |code: &str| {
        findings
            .iter()
            .filter(|of| of.code == code)
            .map(|of| (of.column.as_str(), of.rows))
            .collect()
    };
    match dimension {
        "completeness" => {
            let gaps = blanks::gaps(blanks, rows).map(|of| (of.column, of.missing)).collect();
            cells("blank cells", gaps)
        }
        "validity" => cells("texts among numbers", by_code("mixed_types")),
        "consistency" => cells("texts in another spelling", by_code("inconsistent_spelling")),
        "uniqueness" => (duplicates, format!("{duplicates} rows were left out as duplicates")),
        _ => cells("times in the future", by_code("future_time")),
    }
}

/// `120 blank cells, in `a` (80) and 3 more columns`, those with most first.
fn cells(what: &str, mut columns: Vec<(&str, u64)>) -> (u64, String) {
    columns.retain(|(_, cells)| *cells > 0);
    columns.sort_by_key(|(_, cells)| std::cmp::Reverse(*cells));
    let all: u64 = columns.iter().map(|(_, cells)| cells).sum();
    let named: Vec<String> =
        columns.iter().take(NAMED).map(|(name, cells)| format!("`{name}` ({cells})")).collect();
    let more = columns.len() - named.len();
    let more = if more > 0 { format!(" and {more} more columns") } else { String::new() };
    (all, format!("{all} {what}, in {}{more}", named.join(", ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test")]

    use super::*;

    const WHOLE: Dimensions = Dimensions {
        completeness: 1.0,
        validity: 1.0,
        consistency: 1.0,
        uniqueness: 1.0,
        timeliness: 1.0,
    };

    fn told(dimensions: &Dimensions, findings: &[Finding]) -> Vec<String> {
        let blanks = [("a", 10), ("b", 0), ("c", 30), ("sparse", 900)]
            .map(|(column, missing)| Blanks { column, missing });
        let evidence =
            Evidence { dimensions, blanks: &blanks, rows: 1000, duplicates: 7, findings };
        let found = of(&evidence);
        assert!(found.iter().all(|of| of.code == CODE && !of.blocking));
        found.into_iter().map(|of| of.message).collect()
    }

    #[test]
    fn each_lost_point_has_its_evidence() {
        assert!(told(&WHOLE, &[]).is_empty());
        let some = Dimensions { completeness: 0.98, uniqueness: 0.9, timeliness: 0.5, ..WHOLE };
        let late = noted("future_time", "at", 500, String::new());
        let found = told(&some, &[late]);
        assert_eq!(found.len(), 3);
        // The sparse column is no loss.
        assert_eq!(
            found[0],
            "completeness of 0.980 takes 0.005 from the quality score: 40 blank cells, in `c` (30), `a` (10)"
        );
        assert!(found[1].contains("takes 0.015") && found[1].contains("7 rows were left out"));
        assert!(found[2].contains("500 times in the future, in `at` (500)"), "{}", found[2]);
    }

    #[test]
    fn many_columns_are_counted() {
        let names: Vec<String> = (0..9).map(|place| format!("c{place}")).collect();
        let (all, told) = cells("texts", names.iter().map(|name| (name.as_str(), 2)).collect());
        assert!(all == 18 && told.ends_with(" and 4 more columns"), "{told}");
    }
}
