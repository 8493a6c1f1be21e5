//! How much happens on a day: growth, week, year, campaigns and chance. All of it invented, and all
//! of it a function of the day alone.

use jiff::civil::{Date, Weekday};

use super::rng::Rng;

/// The rhythm of one project.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rhythm {
    /// Visits on an ordinary day at the end of the year.
    pub(super) visits: f64,
    /// Share of that at its beginning.
    pub(super) began_at: f64,
    /// Factor on Saturdays and Sundays.
    pub(super) weekend: f64,
    /// Factor at the height of December, falling off around it.
    pub(super) december: f64,
    /// Tells the projects' chances apart.
    pub(super) seed: u64,
}

impl Rhythm {
    /// The same rhythm with more or fewer visits.
    pub(super) fn by_scale(mut self, scale: f64) -> Self {
        self.visits *= scale;
        self
    }
}

/// Visits on that day, `progress` of the way (0 to 1) through the demo's year.
pub(super) fn visits_on(day: Date, progress: f64, rhythm: &Rhythm) -> u64 {
    let growth = rhythm.began_at + (1.0 - rhythm.began_at) * progress;
    let week = match day.weekday() {
        Weekday::Saturday | Weekday::Sunday => rhythm.weekend,
        Weekday::Friday => f64::midpoint(1.0, rhythm.weekend),
        _ => 1.0,
    };
    let day_of_year = f64::from(day.day_of_year());
    let from_peak = (day_of_year - 345.0).abs().min(day_of_year + 20.0);
    let year = 1.0 + (rhythm.december - 1.0) * (-(from_peak / 18.0).powi(2)).exp();
    let mut rng = Rng::of(&[
        rhythm.seed,
        u64::from(day.day_of_year().unsigned_abs()),
        0x5ea,
    ]);
    let chance = rng.lognormal(1.0, 0.07);
    // Now and then somebody well known links to the site.
    let mention = if rng.chance(0.018) {
        1.5 + rng.unit() * 1.4
    } else {
        1.0
    };
    (rhythm.visits * growth * week * year * chance * mention).round() as u64
}
