//! Metrics by segment, computed anew only where there are other rows.

use std::collections::{BTreeMap, BTreeSet};

use bus::Bus;
use contracts::messages::{Monitor, SegmentPerformance};
use contracts::stages::ColumnType;
use monitoring::feedback::LabelledRow;
use monitoring::performance::{self, RowSegments};
use monitoring::retraining::table;
use tabular::personal;

use crate::error::StoreError;
use crate::tasks::events::{events_of, with_events};

/// Segments by endpoint and version, with a mark of the rows that they are of.
#[derive(Default)]
pub(super) struct SegmentCache {
    segments: BTreeMap<(String, u32), (u64, Vec<SegmentPerformance>)>,
}

impl SegmentCache {
    /// The metrics by the values of the first `columns` texts of the signature.
    pub(super) async fn segments(
        &mut self,
        bus: &Bus,
        monitor: &Monitor,
        rows: &[LabelledRow],
        columns: usize,
    ) -> Result<Vec<SegmentPerformance>, StoreError> {
        let key = (monitor.endpoint.clone(), monitor.version);
        let mark = rows.last().map_or(0, |row| row.sequence) ^ (rows.len() as u64) << 40;
        if let Some((known, segments)) = self.segments.get(&key)
            && *known == mark
        {
            return Ok(segments.clone());
        }
        let inputs = monitor.inputs().unwrap_or_default();
        let texts: Vec<&str> = inputs
            .iter()
            .filter(|input| {
                input.column_type == ColumnType::Text && !personal::in_name(&input.name)
            })
            .map(|input| input.name.as_str())
            .take(columns)
            .collect();
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let events = events_of(bus, rows).await?;
        let segmented: Vec<RowSegments<'_>> = with_events(rows, &events)
            .into_iter()
            .map(|(row, event)| {
                let values = event
                    .inputs
                    .iter()
                    .filter(|column| texts.contains(&column.name.as_str()))
                    .filter_map(|column| {
                        Some((column.name.as_str(), table::text(column, row.row)?))
                    })
                    .collect();
                (row, values)
            })
            .collect();
        let mut segments = performance::segments(monitor, &segmented);
        segments.retain(|of| !looks_personal(&of.column, &segmented));
        self.segments.insert(key, (mark, segments.clone()));
        Ok(segments)
    }
}

/// Whether the values of a column are personal data by what they look like; its name is looked at before.
fn looks_personal(column: &str, rows: &[RowSegments<'_>]) -> bool {
    let values = rows.iter().flat_map(|(_, values)| values);
    let of_column = values.filter(|(name, _)| *name == column);
    let different: BTreeSet<&str> = of_column.map(|(_, value)| *value).collect();
    personal::of_levels(different.into_iter()).is_some()
}
