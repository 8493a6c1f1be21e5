//! What tests of several crates share: the naive evaluator that every engine must agree with, the
//! reference cases, and random events and plans to compare engines on. No part of the product.
#![warn(missing_docs)]

pub mod agree;
pub mod oracle;
pub mod random;
pub mod reference;

pub use agree::agree;
pub use oracle::Oracle;
pub use random::Random;
