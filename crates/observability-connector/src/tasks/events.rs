//! Prediction events by their sequence, and the events of labelled rows.

use std::collections::BTreeMap;

use bus::Bus;
use contracts::messages::PredictionEvent;
use contracts::{names, subjects};
use monitoring::feedback::LabelledRow;
use monitoring::retraining::table::RowWithEvent;
use prost::Message as _;

/// The event of a sequence, where it is still kept.
pub(super) async fn event(bus: &Bus, sequence: u64) -> Result<Option<PredictionEvent>, bus::Error> {
    let stream = names::PREDICTIONS_STREAM;
    let found = bus.next_from(stream, subjects::ALL_PREDICTIONS, sequence).await?;
    let found = found.filter(|(at, _)| *at == sequence);
    Ok(found.and_then(|(_, payload)| PredictionEvent::decode(payload).ok()))
}

/// The events of rows, by sequence, as far as they are still kept.
pub(super) async fn events_of(
    bus: &Bus,
    rows: &[LabelledRow],
) -> Result<BTreeMap<u64, PredictionEvent>, bus::Error> {
    let mut events = BTreeMap::new();
    for row in rows {
        if !events.contains_key(&row.sequence)
            && let Some(event) = event(bus, row.sequence).await?
        {
            events.insert(row.sequence, event);
        }
    }
    Ok(events)
}

/// The rows whose event is there, each with it.
pub(super) fn with_events<'a>(
    rows: &'a [LabelledRow],
    events: &'a BTreeMap<u64, PredictionEvent>,
) -> Vec<RowWithEvent<'a>> {
    rows.iter().filter_map(|row| Some((row, events.get(&row.sequence)?))).collect()
}
