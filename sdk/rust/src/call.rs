//! A call as the host tells it, and one that is still running.

use std::any::{Any, type_name};
use std::io;
use std::time::{Duration, Instant};

use crate::limits::ERROR_TYPE_BYTES_MAX;
use crate::telemetry::Telemetry;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// It did what it should.
    #[default]
    Success,
    /// It failed.
    Error,
    /// It took too long.
    Timeout,
    /// Nobody wanted its result any more.
    Cancelled,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A parameter as it may be told: never a text that holds personal data.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Up to 200 characters.
    Text(String),
    /// A number; one that is not finite is left out.
    Number(f64),
    /// True or false.
    Truth(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

/// One call. Fields above the level of the options are left out before it is sent.
#[derive(Debug, Clone, Default)]
pub struct Call {
    pub(crate) tool: String,
    pub(crate) status: Status,
    pub(crate) duration: Option<Duration>,
    pub(crate) error_type: Option<String>,
    pub(crate) cache_hit: Option<bool>,
    pub(crate) parameters: Vec<(String, Value)>,
    pub(crate) session_id: Option<String>,
}

impl Call {
    /// A successful call of that tool.
    pub fn new(tool: impl Into<String>) -> Self {
        Self {
            tool: tool.into(),
            ..Self::default()
        }
    }

    /// The same with another end.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// The same with how long it took.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The same with the name of the error's class; never its message.
    #[must_use]
    pub fn error_type(mut self, name: impl Into<String>) -> Self {
        self.error_type = Some(name.into());
        self
    }

    /// The same with whether a cache answered.
    #[must_use]
    pub fn cache_hit(mut self, is_hit: bool) -> Self {
        self.cache_hit = Some(is_hit);
        self
    }

    /// The same with a parameter more.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// The same within a session of the host.
    #[must_use]
    pub fn session(mut self, id: impl Into<String>) -> Self {
        self.session_id = Some(id.into());
        self
    }
}

/// A call under way. It is counted once: by [`Running::finish`], or when it is dropped, as an error
/// if its thread is panicking and as cancelled otherwise.
#[derive(Debug)]
pub struct Running<'a> {
    telemetry: &'a Telemetry,
    call: Option<Call>,
    started: Instant,
}

impl<'a> Running<'a> {
    pub(crate) fn start(telemetry: &'a Telemetry, tool: &str) -> Self {
        Self {
            telemetry,
            call: Some(Call::new(tool)),
            started: Instant::now(),
        }
    }

    /// Counts the call with that end.
    pub fn finish(mut self, status: Status) {
        self.count(status, None);
    }

    /// Counts the call by its result, and gives the result back.
    pub(crate) fn judge<T, E: 'static>(mut self, result: Result<T, E>) -> Result<T, E> {
        match &result {
            Ok(_) => self.count(Status::Success, None),
            Err(error) => self.count(verdict(error), Some(class_name::<E>())),
        }
        result
    }

    fn count(&mut self, status: Status, error_type: Option<String>) {
        if let Some(mut call) = self.call.take() {
            call.error_type = error_type;
            let elapsed = self.started.elapsed();
            self.telemetry.record(call.status(status).duration(elapsed));
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.count(Status::Error, Some("panic".to_owned()));
        } else {
            self.count(Status::Cancelled, None);
        }
    }
}

/// Errors of input and output say what they are; of others only the class is known.
fn verdict(error: &dyn Any) -> Status {
    match error.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::TimedOut) => Status::Timeout,
        Some(io::ErrorKind::Interrupted) => Status::Cancelled,
        _ => Status::Error,
    }
}

/// The path of a type without its parameters, or nothing where it has no name.
fn class_name<E>() -> String {
    let name = type_name::<E>().split('<').next().unwrap_or_default();
    let is_path = |c: char| c.is_ascii_alphanumeric() || "_:".contains(c);
    let path: String = name.chars().take_while(|c| is_path(*c)).collect();
    // The end of a long path says more than its beginning.
    let start = path.len().saturating_sub(ERROR_TYPE_BYTES_MAX);
    path.get(start..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_classes() {
        assert_eq!(class_name::<io::Error>(), "std::io::error::Error");
        assert_eq!(
            class_name::<Box<dyn std::error::Error>>(),
            "alloc::boxed::Box"
        );
        assert_eq!(class_name::<&str>(), "");
        assert_eq!(class_name::<()>(), "");
    }

    #[test]
    fn verdicts() {
        let cases = [
            (io::ErrorKind::TimedOut, Status::Timeout),
            (io::ErrorKind::Interrupted, Status::Cancelled),
            (io::ErrorKind::NotFound, Status::Error),
        ];
        for (kind, expected) in cases {
            assert_eq!(verdict(&io::Error::from(kind)), expected);
        }
        assert_eq!(verdict(&"text"), Status::Error);
    }
}
