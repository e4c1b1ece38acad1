//! Names that a caller may have meant.

/// The nearest of the candidates, at most three, nearest first; none when nothing is close.
///
/// Case, blanks, `-` and `_` do not count; a name that is part of another counts as near.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted = plain(name);
    let limit = (wanted.chars().count() / 3).max(1);
    let mut near: Vec<(usize, &str)> = candidates
        .filter_map(|candidate| {
            let plain = plain(candidate);
            let distance = edit_distance(&wanted, &plain);
            let contained = wanted.len() >= 3
                && plain.len() >= 3
                && (plain.contains(&wanted) || wanted.contains(&plain));
            (distance <= limit || contained).then_some((distance, candidate))
        })
        .collect();
    near.sort();
    near.dedup();
    near.into_iter().take(3).map(|(_, candidate)| candidate.to_owned()).collect()
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, ' ' | '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Fewest insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
#[must_use]
pub fn edit_distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let width = b.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(width);
        row.push(i + 1);
        for (j, to) in b.iter().enumerate() {
            let at =
                |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX - 1);
            let mut best = at(&last, j) + usize::from(from != to);
            best = best.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(to) && b.get(j - 1) == Some(from);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_damerau() {
        for (a, b, distance) in [
            ("", "", 0),
            ("abc", "", 3),
            ("churn", "chrun", 1),
            ("kitten", "sitting", 3),
            ("ä", "a", 1),
        ] {
            assert_eq!(edit_distance(a, b), distance, "{a} {b}");
            assert_eq!(edit_distance(b, a), distance, "{b} {a}");
        }
    }

    #[test]
    fn near_names_are_found() {
        let names = ["churn", "Customer_ID", "tenure", "monthly_charges"];
        assert_eq!(nearest("chrun", names.into_iter()), ["churn"]);
        assert_eq!(nearest("customerid", names.into_iter()), ["Customer_ID"]);
        assert_eq!(nearest("charges", names.into_iter()), ["monthly_charges"]);
        assert!(nearest("zebra", names.into_iter()).is_empty());
    }
}
