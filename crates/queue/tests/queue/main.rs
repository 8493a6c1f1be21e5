//! The queue against a naive model, on a disk that fails in every way it can, and at its limits.
//! Nothing here looks inside: acknowledged records are found again, whole, in order, once.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test, as the tests do"
)]

mod corruption;
mod faults;
mod limits;
mod model;
mod support;
