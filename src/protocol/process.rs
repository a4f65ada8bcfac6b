//! The process among others: its parent, the signals that reach it, and its last words.

use std::io::{self, Write};
use std::time::Duration;

/// How often to look whether the parent still lives.
const PARENT_CHECK: Duration = Duration::from_secs(1);

/// The process that started this one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parent {
    #[cfg(unix)]
    id: u32,
}

impl Parent {
    /// Whether its end can be seen. Elsewhere the end of its connection has to do.
    pub(super) const IS_SEEN: bool = cfg!(unix);

    pub(super) fn of_this_process() -> Self {
        Self {
            #[cfg(unix)]
            id: std::os::unix::process::parent_id(),
        }
    }

    /// The system gives an orphan another parent.
    #[cfg(unix)]
    fn is_gone(self) -> bool {
        std::os::unix::process::parent_id() != self.id
    }

    #[cfg(not(unix))]
    fn is_gone(self) -> bool {
        false
    }

    /// Ends when the parent has.
    pub(super) async fn gone(self) {
        let mut checks = tokio::time::interval(PARENT_CHECK);
        while !self.is_gone() {
            checks.tick().await;
        }
        tracing::warn!("Terraform is gone");
    }
}

/// A signal from the terminal reaches Terraform and every provider at once. Terraform then asks each
/// call to end and stores what was done; a provider that died instead would lose it.
pub(super) fn ignore_signals() -> io::Result<()> {
    let mut signals = Signals::listen()?;
    tokio::spawn(async move {
        loop {
            signals.next().await;
            tracing::debug!("Signal ignored: Terraform decides when to end");
        }
    });
    Ok(())
}

/// Ends when a person wants the process to end.
pub(super) fn interrupted() -> io::Result<impl Future<Output = ()>> {
    let mut signals = Signals::listen()?;
    Ok(async move { signals.next().await })
}

#[cfg(unix)]
struct Signals([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[allow(clippy::unnecessary_wraps)] // Listening can fail elsewhere.
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Terraform shows the lines of standard error from one that begins like this.
pub(super) fn print_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("no message");
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    let _ = writeln!(io::stderr(), "panic: {message}\n\nat {place}");
}
