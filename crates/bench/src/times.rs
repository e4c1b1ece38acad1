//! Arithmetic on times, as the broker noted them.

use std::time::Duration;

use async_nats::jetstream::stream::Stream;

use crate::Error;

/// When a stream stored a message, in nanoseconds since 1970.
pub(super) async fn stored_at<I>(stream: &Stream<I>, sequence: u64) -> Result<i128, Error> {
    let message = stream
        .get_raw_message(sequence)
        .await
        .map_err(|error| Error::nats("give a message back", error))?;
    Ok(message.time.unix_timestamp_nanos())
}

/// Milliseconds between one time and the next.
pub(super) fn hops(times: &[i128]) -> Vec<f64> {
    times.iter().zip(times.iter().skip(1)).map(|(from, to)| (to - from) as f64 / 1e6).collect()
}

/// A quantile by the nearest rank; 0 of nothing.
pub(super) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let rank = (share * values.len() as f64).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// How many came in what time, between the first and the last of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct EventRate {
    pub(super) messages: u32,
    pub(super) time: Duration,
}

/// Messages per second: the intervals between the messages, divided by the time.
pub(super) fn per_second(counted: &EventRate) -> f64 {
    f64::from(counted.messages.saturating_sub(1)) / counted.time.as_secs_f64().max(1e-9)
}

/// The rate of the last `messages` messages of a stream, of which nothing else was stored meanwhile.
pub(super) async fn of_the_last(stream: &mut Stream, messages: u32) -> Result<EventRate, Error> {
    let state =
        &stream.info().await.map_err(|error| Error::nats("describe a stream", error))?.state;
    let last = state.last_sequence;
    let from =
        stored_at(stream, last.saturating_sub(u64::from(messages.saturating_sub(1)))).await?;
    let to = stored_at(stream, last).await?;
    let nanoseconds = u64::try_from(to - from).unwrap_or_default();
    Ok(EventRate { messages, time: Duration::from_nanos(nanoseconds) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_nearest_rank() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!((quantile(&mut values, 0.5), quantile(&mut values, 0.99)), (50.0, 99.0));
        assert_eq!(quantile(&mut [], 0.5), 0.0);
        assert_eq!(quantile(&mut [3.0], 0.99), 3.0);
    }

    #[test]
    fn hops_are_between_neighbours() {
        assert_eq!(hops(&[0, 2_000_000, 2_500_000]), [2.0, 0.5]);
        assert!(hops(&[1]).is_empty());
    }

    #[test]
    fn a_rate_counts_the_gaps() {
        let counted = EventRate { messages: 11, time: Duration::from_secs(2) };
        assert_eq!(per_second(&counted), 5.0);
    }
}
