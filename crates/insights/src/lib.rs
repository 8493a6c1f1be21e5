//! Pure functions over series of numbers: what comes next, what is strange, where a series is
//! going, how it repeats, when it changed, and what it moves with.
//!
//! Nothing here does I/O, reads a clock or draws a random number: the same series gives the same
//! answer. Where a series comes from and who is told is the business of others.
#![warn(missing_docs)]

pub mod anomaly;
pub mod changepoint;
pub mod correlation;
pub mod day;
pub mod forecast;
pub mod holiday;
pub mod numeric;
pub mod seasonality;
pub mod trend;
