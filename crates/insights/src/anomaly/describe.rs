//! From scored measurements to anomalies that can be told to a person: when, how bad, what was
//! expected; and stretches where measurements are missing.

use super::THRESHOLD;
use super::detector::{Detector, Verdict};
use super::silence::silences;

/// Scores from which an anomaly is severe.
const SEVERE_SCORE: f64 = 0.65;
/// A gap of this many steps is a stretch of missing data.
const MISSING_STEPS: i64 = 3;
/// Steps back inside the expected range that end an anomaly.
const CALM_STEPS: usize = 3;
/// An anomaly that is outside the range for this long has moved the level.
const LEVEL_SHIFT_STEPS: usize = 12;

/// What kind of anomaly it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Values above what was expected.
    Rise,
    /// Values below what was expected.
    Drop,
    /// Values inside the range, but in a manner not seen before.
    Pattern,
    /// No values.
    Missing,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a look.
    Notable,
    /// Unlike anything before.
    Severe,
}

impl Kind {
    /// Its one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Rise => "rise",
            Kind::Drop => "drop",
            Kind::Pattern => "pattern",
            Kind::Missing => "missing",
        }
    }
}

impl Severity {
    /// Its one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Notable => "notable",
            Severity::Severe => "severe",
        }
    }
}

/// One anomaly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anomaly {
    /// When it was noticed, in seconds since 1970-01-01.
    pub start: i64,
    /// The last moment that belongs to it.
    pub end: i64,
    /// What kind it is.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// The highest score in it; 1 for missing data.
    pub score: f64,
    /// The value where it was noticed; `None` for missing data.
    pub value: Option<f64>,
    /// Lower end of what was expected there.
    pub low: f64,
    /// Upper end of what was expected there.
    pub high: f64,
    /// Whether values stayed outside of the expected range long enough to call it a new level.
    pub is_level_shift: bool,
}

/// Runs a detector over measurements, oldest first, and tells the anomalies in order.
pub fn describe(measurements: &[(i64, f64)]) -> Vec<Anomaly> {
    let mut detector = Detector::new();
    let mut found: Vec<Anomaly> = Vec::new();
    let mut open: Option<Open> = None;
    let typical = typical_step(measurements);
    for (at, (seconds, value)) in measurements.iter().copied().enumerate() {
        let previous = at.checked_sub(1).map(|before| measurements[before].0);
        if let Some(last) = previous.filter(|last| seconds - last > MISSING_STEPS * typical) {
            found.extend(open.take().map(|open| open.anomaly));
            found.push(missing(last + typical, seconds - typical));
        }
        let verdict = detector.next(seconds, value);
        if verdict.score >= THRESHOLD {
            match &mut open {
                Some(held) => held.raise(verdict.score, seconds),
                None => open = Some(Open::new(seconds, value, &verdict)),
            }
        } else if let Some(held) = &mut open
            && held.is_over(seconds, value)
        {
            found.extend(open.take().map(|open| open.anomaly));
        }
    }
    found.extend(open.map(|open| open.anomaly));
    found
}

/// The same over counts by even steps, of which `week_steps` are a week: a stretch of zeros that is
/// no rest is missing data, and not a drop as well.
pub fn describe_counts(measurements: &[(i64, f64)], week_steps: usize) -> Vec<Anomaly> {
    let mut all = silences(measurements, week_steps);
    let silent = all.clone();
    let is_silent = |own: &Anomaly| {
        let meets = |other: &Anomaly| own.start <= other.end && other.start <= own.end;
        own.kind == Kind::Drop && silent.iter().any(meets)
    };
    all.extend(
        describe(measurements)
            .into_iter()
            .filter(|own| !is_silent(own)),
    );
    all.sort_by_key(|own| own.start);
    all
}

/// An anomaly that may go on.
struct Open {
    anomaly: Anomaly,
    calm: usize,
    outside: usize,
}

impl Open {
    fn new(seconds: i64, value: f64, verdict: &Verdict) -> Open {
        let kind = if value > verdict.high {
            Kind::Rise
        } else if value < verdict.low {
            Kind::Drop
        } else {
            Kind::Pattern
        };
        Open {
            anomaly: Anomaly {
                start: seconds,
                end: seconds,
                kind,
                severity: severity(verdict.score),
                score: verdict.score,
                value: Some(value),
                low: verdict.low,
                high: verdict.high,
                is_level_shift: false,
            },
            calm: 0,
            outside: 1,
        }
    }

    fn raise(&mut self, score: f64, seconds: i64) {
        self.anomaly.score = self.anomaly.score.max(score);
        self.anomaly.severity = severity(self.anomaly.score);
        self.anomaly.end = seconds;
        self.calm = 0;
    }

    /// Takes a calm measurement in; whether the anomaly ended before it.
    fn is_over(&mut self, seconds: i64, value: f64) -> bool {
        let is_inside = (self.anomaly.low..=self.anomaly.high).contains(&value);
        if is_inside || self.anomaly.kind == Kind::Pattern {
            self.calm += 1;
        } else {
            self.calm = 0;
            self.outside += 1;
            self.anomaly.end = seconds;
            self.anomaly.is_level_shift = self.outside >= LEVEL_SHIFT_STEPS;
        }
        // A level that stays is no longer strange.
        self.calm >= CALM_STEPS || self.anomaly.is_level_shift
    }
}

fn severity(score: f64) -> Severity {
    if score >= SEVERE_SCORE {
        Severity::Severe
    } else {
        Severity::Notable
    }
}

fn missing(start: i64, end: i64) -> Anomaly {
    Anomaly {
        start,
        end,
        kind: Kind::Missing,
        severity: Severity::Notable,
        score: 1.0,
        value: None,
        low: 0.0,
        high: 0.0,
        is_level_shift: false,
    }
}

fn typical_step(measurements: &[(i64, f64)]) -> i64 {
    let mut gaps: Vec<i64> = measurements
        .windows(2)
        .map(|pair| pair[1].0 - pair[0].0)
        .collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied().unwrap_or(1).max(1)
}
