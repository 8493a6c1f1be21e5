//! Pure functions over series.
#![warn(missing_docs)]

pub mod forecast;
pub mod numeric;
