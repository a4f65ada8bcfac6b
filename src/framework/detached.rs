//! Work that goes on to its end, whether or not somebody still waits for it.

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tracing::Instrument;

/// Work under way; what it came to, when awaited.
#[derive(Debug)]
pub struct Detached<T> {
    outcome: oneshot::Receiver<Result<T, Unfinished>>,
    task: AbortHandle,
}

/// Why work came to nothing.
pub enum Unfinished {
    /// It was aborted, or the runtime ended.
    Aborted,
    /// It panicked.
    Panicked(Box<dyn Any + Send>),
}

/// Begins the work, whose log lines carry what the caller's carry.
///
/// All kinds of work are one kind of task: the runtime's own code for a task is compiled anew for each.
pub fn detached<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Detached<T> {
    let (sender, outcome) = oneshot::channel();
    let work = AssertUnwindSafe(work.in_current_span()).catch_unwind();
    let work: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async move {
        // Nobody may wait any more.
        let _ = sender.send(work.await.map_err(Unfinished::Panicked));
    });
    Detached {
        outcome,
        task: tokio::spawn(work).abort_handle(),
    }
}

impl<T> Detached<T> {
    /// Drops the work where it next waits.
    pub fn abort(&self) {
        self.task.abort();
    }
}

impl<T> Future for Detached<T> {
    type Output = Result<T, Unfinished>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = self.outcome.poll_unpin(context);
        outcome.map(|outcome| outcome.unwrap_or(Err(Unfinished::Aborted)))
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Panicked(panic) = self else {
            return f.write_str("it was aborted");
        };
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        f.write_str(text.unwrap_or("the cause is unknown"))
    }
}

impl fmt::Debug for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
