//! A comparison as text for people.

use statistics::drift::{Statistic, Verdict};
use terminal::table;

use super::{Column, ComparisonDocument};

/// A table of the columns, the drifted ones first, and why.
pub(super) fn document(of: &ComparisonDocument) -> String {
    let mut columns: Vec<(&String, &Column)> = of.columns.iter().collect();
    columns.sort_by_key(|(_, column)| std::cmp::Reverse(column.verdict));
    let rows: Vec<Vec<String>> = columns.iter().map(|(name, column)| row(name, column)).collect();
    let mut head = vec!["column", "kind", "verdict"];
    head.extend(Statistic::OF_DISTRIBUTIONS.iter().filter_map(|of| of.heading()));
    head.extend(["missing", "effect", "p"]);
    let mut lines = vec![table(&head, &rows), String::new()];
    for (name, column) in columns {
        lines.extend(column.reasons.iter().map(|reason| format!("{name}: {reason}")));
    }
    for (name, types) in &of.changed {
        lines.push(format!(
            "{name}: has changed: {} in the reference, {} in the current file, of which nothing reads so",
            types.reference, types.current
        ));
    }
    for (name, types) in &of.read_as {
        lines.push(format!(
            "{name}: is {} in the reference and {} in the current file; compared as {}, where what does not read so has no value",
            types.reference,
            types.current,
            types.compared.as_deref().unwrap_or_default()
        ));
    }
    let only = [("reference", &of.only_reference), ("current file", &of.only_current)];
    for (side, names) in only.into_iter().filter(|(_, names)| !names.is_empty()) {
        lines.push(format!("only in the {side}: {}", names.join(", ")));
    }
    let drifted = match of.drifted.len() {
        0 => "no drift".to_owned(),
        some => format!("drift in {some} of {} columns", of.columns.len() + of.changed.len()),
    };
    lines.push(format!(
        "{drifted}; {} rows against {}, {}, {:.2} s",
        of.rows.current,
        of.rows.reference,
        if of.method == "exact" { "exactly" } else { "by sketches" },
        of.seconds
    ));
    lines.join("\n")
}

fn row(name: &str, column: &Column) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.4}"));
    let of = &column.statistics;
    let missing = of.missing_reference.zip(of.missing_current);
    let missing = missing
        .filter(|(before, now)| before + now > 0.0)
        .map(|(before, now)| format!("{:.1} → {:.1} %", 100.0 * before, 100.0 * now));
    let effect = column.statistic.map(|statistic| {
        let mark = if column.verdict == Verdict::None { "" } else { " !" };
        format!("{} {:.4}{mark}", statistic.as_str(), column.effect)
    });
    let mut cells =
        vec![name.to_owned(), column.values.kind.to_string(), column.verdict.as_str().to_owned()];
    let shown =
        Statistic::OF_DISTRIBUTIONS.iter().filter(|statistic| statistic.heading().is_some());
    cells.extend(shown.map(|statistic| number(of.value(*statistic))));
    cells.extend([
        missing.unwrap_or_else(|| "-".to_owned()),
        effect.unwrap_or_else(|| "-".to_owned()),
        format!("{:.1e}", column.adjusted_p_value),
    ]);
    cells
}
