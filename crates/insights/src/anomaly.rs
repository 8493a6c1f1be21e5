//! Anomalies in a stream of measurements. A score uses the present and the past only; the same
//! constants serve every series.
//!
//! The leading idea is novelty: a value is strange when it is far from every value seen before, not
//! when it is far from the mean, so that what recurs stops being strange by itself. Three streams
//! are watched in this way — the value, its distance from the usual day or week, and its unrest —
//! and each novelty is judged by the tail of the novelties before it. What the sum of them tells is
//! then damped by habit: a score as high as earlier ones of the same series tells less each time.

pub mod contribution;
pub mod describe;
pub mod detector;
mod habit;
mod novelty;
mod seasonal;
pub mod silence;
mod tail;

pub use contribution::{Contribution, contributions};
pub use describe::{Anomaly, Kind, Severity, describe, describe_counts};
pub use detector::{Detector, Verdict};

/// Scores from here on are anomalies.
pub const THRESHOLD: f64 = 0.5;
