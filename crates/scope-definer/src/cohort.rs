//! The cohort's definition and its digest.

use contracts::stages::{Operator, Predicate, operator_name};
use sha2::{Digest, Sha256};

/// SHA-256 of the definition: the same criteria in another order, or with operands of a list in another order, are the
/// same cohort.
pub(crate) fn sha256(inclusion: &[Predicate], exclusion: &[Predicate]) -> String {
    let mut hash = Sha256::new();
    for (kind, predicates) in [("inclusion", inclusion), ("exclusion", exclusion)] {
        let mut lines: Vec<String> = predicates.iter().map(line).collect();
        lines.sort();
        lines.dedup();
        for line in lines {
            for part in [kind, &line] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part.as_bytes());
            }
        }
    }
    hex::encode(hash.finalize())
}

fn line(predicate: &Predicate) -> String {
    let mut values = predicate.values.clone();
    if matches!(predicate.operator, Operator::In | Operator::NotIn) {
        values.sort();
        values.dedup();
    }
    serde_json::json!([predicate.column, operator_name(predicate.operator), values]).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predicate(column: &str, operator: Operator, values: &[&str]) -> Predicate {
        Predicate {
            column: column.to_owned(),
            operator,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }
    }

    #[test]
    fn the_digest_is_of_the_meaning() {
        let brand = predicate("brand", Operator::In, &["A", "B"]);
        let age = predicate("age", Operator::Greater, &["30"]);
        let digest = sha256(&[brand.clone(), age.clone()], &[]);
        assert_eq!(digest.len(), 64);
        let swapped = predicate("brand", Operator::In, &["B", "A"]);
        assert_eq!(digest, sha256(&[age.clone(), swapped], &[]));
        assert_ne!(digest, sha256(std::slice::from_ref(&brand), &[age]));
        assert_ne!(digest, sha256(&[brand], &[]));
        assert_ne!(
            sha256(&[predicate("a", Operator::Between, &["1", "2"])], &[]),
            sha256(&[predicate("a", Operator::Between, &["2", "1"])], &[])
        );
    }
}
