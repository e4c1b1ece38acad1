//! Exact statistics of two tables, several columns at a time; and from how many rows on sketches take their place.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use tabular::Table;

use super::exact::Values;
use super::{ColumnDrift, Report, Settings, compare_column, conclude};

/// Rows of a table up to which statistics are exact.
pub const EXACT_ROWS: u64 = 200_000;
/// Rows of a part that is read at a time into a sketch.
pub const PART_ROWS: usize = 16_384;

/// Compares tables of the same columns by `threads` threads, each a column at a time; every definition's values by column.
#[must_use]
pub fn compare_exactly(
    reference: &Table,
    current: &Table,
    settings: &Settings,
    threads: usize,
) -> (Report, BTreeMap<String, Values>) {
    let columns: Vec<_> = reference.iter().zip(current.iter()).collect();
    let threads = threads.min(columns.len());
    let next = AtomicUsize::new(0);
    let work = || -> Vec<(usize, ColumnDrift, Values)> {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some((reference, current)) = columns.get(place) else { return done };
            if let Some((column, values)) = compare_column(*reference, *current, settings) {
                done.push((place, column, values));
            }
        }
    };
    let mut done: Vec<_> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for thread in others {
            match thread.join() {
                Ok(more) => done.extend(more),
                Err(panicked) => std::panic::resume_unwind(panicked),
            }
        }
        done
    });
    done.sort_by_key(|(place, ..)| *place);
    let mut values = BTreeMap::new();
    let columns = done.into_iter().map(|(_, column, of_column)| {
        values.insert(column.name.clone(), of_column);
        column
    });
    let rest = Report {
        rows_reference: reference.rows() as u64,
        rows_current: current.rows() as u64,
        ..Report::default()
    };
    let report = conclude(columns.collect(), rest, settings);
    (report, values)
}
