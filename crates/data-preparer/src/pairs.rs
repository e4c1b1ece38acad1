//! A pair too good to be true: two columns that together give the target away although neither does alone.
//!
//! ```text
//! columns that are kept ─ the strongest and the most varied ─▶ at most 60, of at most 10,000 training rows, shuffled
//!      └─ each pair ─┬▶ cells of both levels                        (two flags and their exclusive or)
//!                    └▶ difference, sum, product, quotient; equality (`a > b`, the sign of `a - b`, `price * pieces`)
//! ```
//!
//! Every row is judged by the other rows: those of its cell, or its neighbours in the order of what was derived. A row that is alone
//! says nothing, so that many cells tell nothing by chance. The limit is that of a single column, of which only what has hardly a
//! fault reaches it; an interaction that is measured has noise.

mod measure;

use contracts::stages::Scope;
use statistics::Finding;
use tables::StoredTable;
use tabular::sample::{mixed, sample};
use tabular::target::Target;
use tabular::{Column, Field};

use self::measure::{Judge, Sampled};
use crate::assess::KeptColumn;
use crate::issues::{blocking, noted};
use crate::leakage::Rules;
use crate::prepare::Unprepared;

/// Columns of which pairs are looked at, at most: 1,770 pairs. Half are those that tell most by themselves, half those of the
/// greatest numbers of different values among the others.
const MAX_COLUMNS: usize = 60;
/// Rows that pairs are looked at on, at most.
const MAX_ROWS: usize = 10_000;
/// Rows below which a pair may tell each of them by chance.
const MIN_ROWS: usize = 200;
/// Pairs that are told, at most: what gives the target away does so with many others.
const MAX_TOLD: usize = 10;
/// A pair leaves at most this part of what the stronger of the two leaves open alone.
const LEFT_OPEN: f64 = 0.5;
/// Findings of a column that tells the target by itself.
const ALONE: [&str; 3] = ["target_leakage", "missingness_leakage", "time_leakage"];

/// What pairs are looked for in.
pub(crate) struct Search<'a> {
    pub(crate) table: &'a StoredTable,
    pub(crate) scope: &'a Scope,
    /// The columns that are kept, by their places.
    pub(crate) kept: &'a [(usize, Box<KeptColumn>)],
    /// The training rows, and their target.
    pub(crate) rows: &'a [usize],
    pub(crate) target: &'a Target,
    pub(crate) rules: Rules<'a>,
    pub(crate) threads: usize,
}

/// Pairs that reach the limit, the strongest first.
pub(crate) fn find(search: &Search<'_>) -> Result<Vec<Finding>, Unprepared> {
    let Search { table, scope, rules, .. } = *search;
    let mut rows = sample(search.rows, MAX_ROWS, scope.seed);
    let chosen = chosen(search.kept);
    if rows.len() < MIN_ROWS || chosen.len() < 2 {
        return Ok(Vec::new());
    }
    // Rows of equal numbers come in no order, whatever the order of the table is.
    rows.sort_unstable_by_key(|row| mixed(*row as u64 ^ scope.seed));
    let target = Target {
        problem: search.target.problem,
        classes: search.target.classes.clone(),
        values: rows.iter().filter_map(|row| search.target.values.get(*row).copied()).collect(),
    };
    let mut columns: Vec<(&Field, Column)> = Vec::with_capacity(chosen.len());
    for place in chosen {
        let Some(field) = table.fields().get(place) else { continue };
        columns.push((field, table.column(place)?.take(&rows)));
    }
    let judge = Judge::new(&target, rules.limits.blocks);
    let sampled: Vec<Sampled<'_>> =
        columns.iter().map(|(field, column)| judge.sampled(field, column)).collect();
    let mut found = Vec::new();
    dataset::each_in_order(
        search.threads,
        0..sampled.len(),
        |place| {
            let (before, rest) = sampled.split_at(place);
            let Some(one) = rest.first() else { return Ok(Vec::new()) };
            let with = |other: &Sampled<'_>| {
                let together = judge.together(other, one);
                let alone = other.alone.max(one.alone);
                let is_more = judge.open(together) <= LEFT_OPEN * judge.open(alone);
                (is_more && together >= rules.limits.blocks).then(|| {
                    let names = (other.field.name.clone(), one.field.name.clone());
                    (together, alone, names)
                })
            };
            Ok::<_, Unprepared>(before.iter().filter_map(with).collect())
        },
        |of_column| {
            found.extend(of_column);
            Ok(())
        },
    )?;
    found.sort_by(|one, other| other.0.total_cmp(&one.0));
    let told = found.into_iter().take(MAX_TOLD);
    Ok(told.map(|(together, alone, (one, other))| {
        let allowed = [&one, &other].iter().any(|name| rules.allowed.contains(name.as_str()));
        let message = format!(
            "columns `{one}` and `{other}` together give the target `{}` away (association {together:.3} on {} rows, each judged by the others, limit {:.2}; the stronger alone {alone:.3}); {}",
            rules.target,
            rows.len(),
            rules.limits.blocks,
            rules.advice("one of them")
        );
        let make = if allowed { noted } else { blocking };
        make("pair_leakage", &one, rows.len() as u64, message)
    })
    .collect())
}

/// The places of the columns that are looked at, in order. A column that tells the target by itself is told already.
fn chosen(kept: &[(usize, Box<KeptColumn>)]) -> Vec<usize> {
    let is_open = |column: &KeptColumn| {
        column.cleaning.is_some()
            && !column.leakage.iter().any(|of| ALONE.contains(&of.code.as_str()))
    };
    let mut columns: Vec<&(usize, Box<KeptColumn>)> =
        kept.iter().filter(|(_, column)| is_open(column)).collect();
    if columns.len() > MAX_COLUMNS {
        columns.sort_by(|(_, one), (_, other)| other.association.total_cmp(&one.association));
        let mut others = columns.split_off(MAX_COLUMNS / 2);
        others.sort_by_key(|(_, column)| std::cmp::Reverse(column.profile.distinct));
        others.truncate(MAX_COLUMNS - MAX_COLUMNS / 2);
        columns.extend(others);
    }
    let mut places: Vec<usize> = columns.into_iter().map(|(place, _)| *place).collect();
    places.sort_unstable();
    places
}
