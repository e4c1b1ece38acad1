//! The buckets in which latencies and predictions are counted: by the servers that count and by the readers of the counts.

use std::time::Duration;

/// Buckets of the latency: up to 0.05 ms × 2^(79/4), 44 s.
pub const LATENCY_BUCKETS: usize = 80;
/// Buckets of the predictions.
pub const PREDICTION_BUCKETS: usize = 1024;

/// Upper end of the first latency bucket, in milliseconds; there are four to a doubling.
const FIRST_LATENCY_MS: f64 = 0.05;
/// Buckets of a probability.
const PROBABILITY_BUCKETS: f64 = 20.0;

/// The bucket of a latency, from 0 to 79.
#[must_use]
pub fn latency_bucket(latency: Duration) -> usize {
    let bucket = (latency.as_secs_f64() * 1000.0 / FIRST_LATENCY_MS).max(1.0).log2() * 4.0;
    (bucket.ceil() as usize).min(LATENCY_BUCKETS - 1)
}

/// The upper end of a latency bucket, in milliseconds.
#[must_use]
pub(crate) fn latency_ms(bucket: usize) -> f64 {
    FIRST_LATENCY_MS * (bucket as f64 / 4.0).exp2()
}

/// The bucket of a row's outputs, from 0 to 1023: of two classes the twentieth of the second one's probability, of more the class, of numbers a logarithmic scale with 512 for zero and four buckets per doubling.
#[must_use]
pub fn prediction_bucket(outputs: &[f64], classes: usize) -> usize {
    match (classes, outputs) {
        (0, [number]) => {
            let magnitude =
                if number.abs() < 1e-9 { 0.0 } else { (number.abs().log2() + 30.0) * 4.0 };
            let steps = magnitude.clamp(0.0, 511.0) as usize;
            if *number < 0.0 { 512 - steps } else { 512 + steps }
        }
        (2, [_, second]) => {
            (second * PROBABILITY_BUCKETS).clamp(0.0, PROBABILITY_BUCKETS - 1.0) as usize
        }
        _ => {
            let mut best = (0, f64::NEG_INFINITY);
            for (class, probability) in outputs.iter().enumerate() {
                if *probability > best.1 {
                    best = (class, *probability);
                }
            }
            best.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_logarithmic_scale() {
        let bucket = |number: f64| prediction_bucket(&[number], 0);
        assert_eq!(bucket(0.0), 512);
        assert_eq!(bucket(2.0) - bucket(1.0), 4);
        assert_eq!(512 - bucket(-1.0), bucket(1.0) - 512);
        assert_eq!(bucket(f64::MAX), 1023);
    }

    #[test]
    fn a_latency_is_at_most_the_end_of_its_bucket() {
        for micros in [0, 50, 51, 100, 1_234, 40_000_000] {
            let latency = Duration::from_micros(micros);
            let end = latency_ms(latency_bucket(latency));
            let ms = latency.as_secs_f64() * 1000.0;
            assert!(
                ms <= end * (1.0 + 1e-12) && (end <= 0.05 || ms > end / 1.2),
                "{micros}: {end}"
            );
        }
    }
}
