//! Latencies in buckets that grow by two per cent, so that a percentile is known within one per
//! cent and a million samples take a few kilobytes.

use std::time::Duration;

const GROWTH: f64 = 1.02;
/// Bounds from 1 µs to about 3 minutes.
const BUCKETS: usize = 960;

/// Counts of latencies.
#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    pub(crate) max: Duration,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; BUCKETS],
            max: Duration::ZERO,
        }
    }
}

impl Histogram {
    pub(crate) fn record(&mut self, latency: Duration) {
        let micros = latency.as_secs_f64() * 1e6;
        let bucket = micros.max(1.0).log(GROWTH).floor() as usize;
        self.counts[bucket.min(BUCKETS - 1)] += 1;
        self.max = self.max.max(latency);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, count) in self.counts.iter_mut().zip(&other.counts) {
            *sum += count;
        }
        self.max = self.max.max(other.max);
    }

    /// The latency that this share (0 to 1) of the samples does not exceed, milliseconds.
    pub(crate) fn percentile_ms(&self, share: f64) -> f64 {
        let total: u64 = self.counts.iter().sum();
        let wanted = (total as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                // The middle of the bucket, on the logarithmic scale.
                return GROWTH.powf(bucket as f64 + 0.5) / 1e3;
            }
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_known_within_one_per_cent() {
        let mut histogram = Histogram::default();
        for micros in 1..=10_000 {
            histogram.record(Duration::from_micros(micros));
        }
        for (share, expected) in [(0.5, 5.0), (0.99, 9.9), (1.0, 10.0)] {
            let found = histogram.percentile_ms(share);
            assert!(
                (found / expected - 1.0).abs() < 0.011,
                "{share}: {found} is not {expected}"
            );
        }
        assert_eq!(Histogram::default().percentile_ms(0.5), 0.0);
    }
}
