//! Rows that repeat an earlier one.
//!
//! In a table without a key, equal rows are equal rows of different people: they are frequencies, and stay. Where a column says
//! whom a row is about, a row that equals an earlier one in every column is the same record once more, and goes.

use contracts::stages::Scope;
use statistics::Finding;
use tables::StoredTable;
use tabular::split;

use crate::issues::noted;
use crate::prepare::Unprepared;

/// Whether rows that equal an earlier one in every column are left out.
pub(crate) fn are_dropped(scope: &Scope) -> bool {
    scope.drop_duplicates || !scope.entity_column.is_empty()
}

/// What tells which rows are equal.
pub(crate) struct RowKeys {
    /// Rows that equal an earlier one in every column.
    pub(crate) repeated: u64,
    /// A key for each row over its inputs: all columns but the target and those that the scope leaves out.
    pub(crate) inputs: Vec<u64>,
}

/// The keys of all rows, a block at a time.
pub(crate) fn keys(
    table: &StoredTable,
    scope: &Scope,
    threads: usize,
) -> Result<RowKeys, Unprepared> {
    let is_input = |name: &str| {
        name != scope.target
            && scope.excluded_columns.iter().all(|excluded| excluded.column != name)
    };
    let fields = table.fields().iter().enumerate();
    let columns: Vec<(usize, Option<Vec<u64>>, bool)> = fields
        .map(|(place, field)| {
            let texts =
                table.levels(place).map(|levels| levels.iter().map(split::text_key).collect());
            (place, texts, is_input(&field.name))
        })
        .collect();
    let (mut all, mut inputs) =
        (Vec::with_capacity(table.rows()), Vec::with_capacity(table.rows()));
    dataset::each_in_order(
        threads,
        table.blocks().iter().copied().enumerate(),
        |(block, rows)| -> Result<(Vec<u64>, Vec<u64>), Unprepared> {
            let (mut all, mut inputs) = (vec![0; rows], vec![0; rows]);
            let (mut numbers, mut codes) = (Vec::new(), Vec::new());
            for (place, texts, is_input) in &columns {
                match texts {
                    None => {
                        numbers.clear();
                        table.read_numbers(*place, block, &mut numbers)?;
                        split::add_numbers(&mut all, &numbers);
                        if *is_input {
                            split::add_numbers(&mut inputs, &numbers);
                        }
                    }
                    Some(texts) => {
                        codes.clear();
                        table.read_codes(*place, block, &mut codes)?;
                        split::add_texts(&mut all, &codes, texts);
                        if *is_input {
                            split::add_texts(&mut inputs, &codes, texts);
                        }
                    }
                }
            }
            Ok((all, inputs))
        },
        |(of_all, of_inputs)| {
            all.extend(of_all);
            inputs.extend(of_inputs);
            Ok(())
        },
    )?;
    Ok(RowKeys { repeated: split::repeats(&all) as u64, inputs })
}

/// What a person should know of `repeated` rows of `rows` that were kept; nothing where there are none.
pub(crate) fn kept(repeated: u64, rows: u64) -> Option<Finding> {
    (repeated > 0).then(|| {
        let message = format!(
            "{repeated} of {rows} rows equal an earlier one in every column; they are kept as frequencies, and rows of equal inputs are on one side of the split; `--drop-duplicates` (dropDuplicates in the request) leaves them out, and an entity column does where it says that they are one record"
        );
        noted("repeated_rows", "", repeated, message)
    })
}

/// Code of [`divided`].
pub(crate) const DIVIDED: &str = "equal_rows_divided";

/// That rows of equal inputs had to be divided.
pub(crate) fn divided(why: &str) -> Finding {
    let message = format!(
        "rows of equal inputs are in more than one split, because they could not be kept together ({why}); the metrics are those of rows whose like was learned from"
    );
    noted(DIVIDED, "", 0, message)
}
