//! The mathematics that the rest of the crate stands on: order statistics, distributions, small
//! linear systems and a minimiser. Nothing here knows what a series is.

pub mod distribution;
pub mod linear;
pub mod order;
pub mod simplex;
