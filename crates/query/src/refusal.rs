//! A question that cannot be asked: where in the request the mistake is, what it is, and what would
//! be right. The sentence is written here once for every stage; nothing is logged here.

use std::fmt;

use crate::limits;

/// Why a question was refused. Its text starts with a JSON pointer to the offending element.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {reason}")]
pub struct Refusal {
    /// Where the mistake is.
    pub at: Pointer,
    /// What is wrong and what to do.
    pub reason: String,
}

impl Refusal {
    pub(crate) fn new(at: &Pointer, reason: impl Into<String>) -> Self {
        Self {
            at: at.clone(),
            reason: reason.into(),
        }
    }
}

/// A JSON pointer in fragment form (RFC 6901): `#`, then `/` and a key or a position for each
/// level.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pointer(String);

impl Pointer {
    /// The whole request.
    pub(crate) fn root() -> Self {
        Self::default()
    }

    /// The element under a key of this one. Long keys are cut, because they are the caller's.
    pub(crate) fn key(&self, key: &str) -> Self {
        let escaped = shortened(key).replace('~', "~0").replace('/', "~1");
        Self(format!("{}/{escaped}", self.0))
    }

    /// The element at a position of this one.
    pub(crate) fn at(&self, position: usize) -> Self {
        Self(format!("{}/{position}", self.0))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}", self.0)
    }
}

/// The caller's text, short enough to be repeated in a message.
pub(crate) fn shortened(text: &str) -> String {
    if text.chars().count() <= limits::ECHO_CHARS_MAX {
        return text.to_owned();
    }
    let start: String = text.chars().take(limits::ECHO_CHARS_MAX).collect();
    format!("{start}…")
}

/// The caller's text in quotes, escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}
