//! The shapes of answers and of questions that are read as free JSON, for the OpenAPI document
//! only. Tests hold real answers against them; no answer is made from them.
#![expect(dead_code, reason = "the fields are described, not read")]

mod collection;
mod keeping;
mod management;
mod prediction;
mod question;

pub(crate) use collection::*;
pub(crate) use keeping::*;
pub(crate) use management::*;
pub(crate) use prediction::*;
pub(crate) use question::*;
