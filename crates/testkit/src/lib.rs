//! What tests of several crates share: the naive evaluator that every engine must agree with, the
//! reference cases, random events and plans to compare engines on, and a running server with the
//! faults to put it through. No part of the product.
#![warn(missing_docs)]

pub mod agree;
pub mod figures;
pub mod http;
#[expect(
    clippy::expect_used,
    reason = "a helper that fails has failed its test"
)]
pub mod ledger;
#[cfg(target_os = "linux")]
pub mod lossy;
pub mod mutate;
pub mod oracle;
#[expect(
    clippy::expect_used,
    reason = "a helper that fails has failed its test"
)]
pub mod proxy;
pub mod random;
pub mod reference;
#[expect(
    clippy::expect_used,
    reason = "a helper that fails has failed its test"
)]
pub mod server;
pub mod wait;

pub use agree::agree;
pub use oracle::Oracle;
pub use random::Random;
pub use server::{Setup, TestServer};
