//! The public interface: record a call, or wrap what is called. It never changes what the wrapped
//! code returns, and passes its panics on.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::call::{Call, Running};
use crate::event::event;
use crate::options::Options;
use crate::sender::Sender;

/// Counts calls of tools. Clones count into the same place; when the last of them is dropped, what
/// waits is sent within [`Options::exit_wait`], and the rest spooled. `std::process::exit` drops
/// nothing: call [`Telemetry::close`] before it.
#[derive(Debug, Clone)]
pub struct Telemetry {
    open: Option<Arc<Open>>,
}

/// Closes when the last clone is gone; the background thread holds only the sender.
#[derive(Debug)]
struct Open {
    sender: Arc<Sender>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.sender.close(self.sender.options().exit_wait);
    }
}

impl Telemetry {
    /// Starts counting. With `DO_NOT_TRACK` set, or `enabled` false, nothing is recorded or sent.
    pub fn start(options: Options) -> Self {
        let open = (!options.is_off()).then(|| {
            Arc::new(Open {
                sender: Sender::open(options),
            })
        });
        Self { open }
    }

    /// Counts one call, and returns at once.
    pub fn record(&self, call: Call) {
        if let Some(open) = &self.open {
            open.sender.add(event(open.sender.options(), &call));
        }
    }

    /// Begins a call that ends when [`Running::finish`] says so.
    pub fn call(&self, tool: &str) -> Running<'_> {
        Running::start(self, tool)
    }

    /// Runs a tool and counts the call by its result, which comes back as it is. Of an error only
    /// the name of its type is told.
    ///
    /// # Errors
    /// Those of the tool.
    pub fn wrap<T, E: 'static>(
        &self,
        tool: &str,
        run: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let running = self.call(tool);
        running.judge(run())
    }

    /// The same for a future; one that is dropped before its end counts as cancelled.
    ///
    /// # Errors
    /// Those of the tool.
    pub async fn wrap_async<T, E: 'static>(
        &self,
        tool: &str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let running = self.call(tool);
        running.judge(work.await)
    }

    /// Tries at once to send what waits, and waits for it; true when nothing is left.
    pub fn flush(&self, limit: Duration) -> bool {
        let open = self.open.as_ref();
        open.is_none_or(|open| open.sender.flush(limit))
    }

    /// Sends what waits within [`Options::exit_wait`], and spools the rest. Later calls are not
    /// counted.
    pub fn close(&self) {
        if let Some(open) = &self.open {
            open.sender.close(open.sender.options().exit_wait);
        }
    }
}
