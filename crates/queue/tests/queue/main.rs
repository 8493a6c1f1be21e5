//! The queue against a naive model, on a disk that fails in every way it can, and at its limits.
//! Nothing here looks inside: acknowledged records are found again, whole, in order, once.

mod corruption;
mod faults;
mod limits;
mod model;
mod support;
