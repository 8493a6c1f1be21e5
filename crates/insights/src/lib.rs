//! Pure functions over series.
#![warn(missing_docs)]

pub mod anomaly;
pub mod forecast;
pub mod numeric;
