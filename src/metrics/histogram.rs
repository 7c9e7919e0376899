//! How long something took, as a histogram of Prometheus.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Upper bounds of the buckets, in microseconds, and as they are written, in seconds. From a document out of memory to a
/// password on a small machine under load.
const BOUNDS: [(u64, &str); 12] = [
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (5_000_000, "5"),
];

/// Durations, counted by bucket.
#[derive(Default)]
pub struct Histogram {
    /// The last one is for what is beyond every bound.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

/// What a histogram held at one moment.
pub struct Reading {
    /// How many took up to each bound. The last bound is `+Inf`, and its count is that of all.
    pub up_to: Vec<(&'static str, u64)>,
    /// All durations together, in seconds.
    pub sum: f64,
}

impl Histogram {
    pub fn observe(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|(bound, _)| micros <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.micros.fetch_add(micros, Relaxed);
    }

    pub fn read(&self) -> Reading {
        let bounds = BOUNDS.iter().map(|(_, written)| *written).chain(["+Inf"]);
        let mut sum = 0;
        let up_to = bounds.zip(&self.buckets).map(|(bound, count)| {
            sum += count.load(Relaxed);
            (bound, sum)
        });
        Reading { up_to: up_to.collect(), sum: self.micros.load(Relaxed) as f64 / 1e6 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bucket_holds_what_took_up_to_its_bound_and_those_below() {
        let histogram = Histogram::default();
        for micros in [0, 500, 501, 1_000, 100_001, 5_000_000, 5_000_001, 60_000_000] {
            histogram.observe(Duration::from_micros(micros));
        }
        let reading = histogram.read();
        let count = |bound| reading.up_to.iter().find(|(b, _)| *b == bound).expect("a bound").1;
        for (bound, expected) in [("0.0005", 2), ("0.001", 4), ("0.1", 4), ("0.25", 5), ("5", 6), ("+Inf", 8)] {
            assert_eq!(count(bound), expected, "{bound}");
        }
        assert!((reading.sum - 70.102_003).abs() < 1e-9, "{}", reading.sum);
        assert!(reading.up_to.is_sorted_by_key(|(_, count)| *count));
    }

    #[test]
    fn bounds_are_written_as_they_are() {
        for (micros, written) in BOUNDS {
            assert_eq!(written.parse::<f64>().expect("a number"), micros as f64 / 1e6);
        }
        assert!(BOUNDS.is_sorted());
    }
}
