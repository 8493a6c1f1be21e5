//! What tests of several crates share: the naive evaluator that every engine must agree with, and
//! random events and plans to compare them on. Nothing here is part of the product.
#![warn(missing_docs)]

pub mod agree;
pub mod oracle;
pub mod random;

pub use agree::agree;
pub use oracle::Oracle;
pub use random::Random;
