//! What the rows of a batch say by themselves, without those before or after: the part of a validation that any thread does.
//!
//! ```text
//! batches ─▶ Look::at (several threads) ─▶ Seen ─ in the order of the rows ─▶ Validation::take
//! ```

use std::sync::Arc;

use crate::check::{Judgement, Rule};
use crate::condition::Condition;
use crate::figures::{Gathered, Wanted};
use crate::frame::{Batch, Dtype};
use crate::value::Cell;

/// Looks at batches for a validation.
#[derive(Clone, Debug)]
pub struct Look {
    pub(crate) filters: Vec<Arc<Filter>>,
    pub(crate) rules: Vec<Arc<Rule>>,
    pub(crate) figures: Vec<Wanted>,
}

/// What a batch says.
#[derive(Debug)]
pub struct Seen {
    pub(crate) masks: Vec<Mask>,
    pub(crate) judgements: Vec<Judgement>,
    pub(crate) figures: Vec<Gathered>,
}

/// Which rows of a batch meet a condition.
#[derive(Debug)]
pub(crate) struct Mask {
    pub(crate) met: Vec<bool>,
    /// The first exception of a row.
    pub(crate) failed: Option<String>,
}

/// A condition, with the columns that it is about.
#[derive(Debug)]
pub(crate) struct Filter {
    condition: Condition,
    slots: Vec<(String, usize)>,
}

impl Look {
    /// Looks at the rows of a batch.
    #[must_use]
    pub fn at(&self, batch: &Batch) -> Seen {
        let masks: Vec<Mask> = self.filters.iter().map(|filter| filter.mask(batch)).collect();
        let judge = |rule: &Arc<Rule>| rule.judge(batch, met(&masks, rule.condition));
        let judgements = self.rules.iter().map(judge).collect();
        let gather = |wanted: &Wanted| wanted.gather(batch, met(&masks, wanted.condition));
        let figures = self.figures.iter().map(gather).collect();
        Seen { masks, judgements, figures }
    }
}

/// The rows that meet the condition at a place; none where there is no condition.
pub(crate) fn met(masks: &[Mask], condition: Option<usize>) -> Option<&[bool]> {
    condition.and_then(|place| masks.get(place)).map(|mask| mask.met.as_slice())
}

impl Filter {
    /// `columns` are those of batches, in order.
    pub(crate) fn new(condition: &Condition, columns: &[(String, Dtype)]) -> Self {
        let slots = columns.iter().enumerate().map(|(slot, (name, _))| (name.clone(), slot));
        Self { condition: condition.clone(), slots: slots.collect() }
    }

    fn mask(&self, batch: &Batch) -> Mask {
        let mut failed = None;
        let met = (0..batch.rows).map(|row| {
            let cell = |name: &str| {
                let slot = self.slots.iter().find(|(column, _)| column == name);
                let values = slot.and_then(|(_, slot)| batch.columns.get(*slot));
                values.map_or(Cell::Missing, |values| values.cell(row))
            };
            self.condition.holds(&cell).unwrap_or_else(|message| {
                failed.get_or_insert(message);
                false
            })
        });
        Mask { met: met.collect(), failed }
    }
}
