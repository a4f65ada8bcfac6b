//! What every call carries: the clock, cancellation, the operation's deadline, and a place for
//! warnings, progress and private state.
//!
//! Nothing else in the provider looks at a clock, so that a test decides what time it is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::value::Value;

/// How long to wait for what is good to know and not needed.
const QUICK: Duration = Duration::from_secs(10);

/// Context of one call, the first parameter of everything that may wait or warn.
#[derive(Debug)]
pub struct Cx {
    clock: Clock,
    cancelled: CancellationToken,
    deadline: Mutex<Option<Instant>>,
    warnings: Mutex<Diagnostics>,
    progress: Mutex<Option<Value>>,
    private: Mutex<BTreeMap<String, String>>,
}

/// Source of the time of day.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that a test moves.
    Fixed(Arc<Mutex<OffsetDateTime>>),
}

/// Why waiting ended before what was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupted {
    /// The user pressed Ctrl-C, or Terraform stopped the provider.
    Cancelled,
    /// The operation's `timeouts` ran out.
    TimedOut,
}

impl Cx {
    /// Context of a call that the token cancels.
    pub fn new(clock: Clock, cancelled: CancellationToken) -> Self {
        Self {
            clock,
            cancelled,
            deadline: Mutex::default(),
            warnings: Mutex::default(),
            progress: Mutex::default(),
            private: Mutex::default(),
        }
    }

    /// Context that nothing cancels, with the machine's clock: for tests and tools.
    pub fn detached() -> Self {
        Self::new(Clock::System, CancellationToken::new())
    }

    /// Time of day.
    pub fn now(&self) -> OffsetDateTime {
        match &self.clock {
            Clock::System => OffsetDateTime::now_utc(),
            Clock::Fixed(now) => *lock(now),
        }
    }

    /// Adds a warning to the call's answer. Saying the same twice says it once.
    pub fn warn(&self, warning: Diagnostic) {
        let mut warnings = lock(&self.warnings);
        if !warnings.iter().any(|known| *known == warning) {
            warnings.push(warning);
        }
    }

    /// Takes the warnings given so far.
    pub fn take_warnings(&self) -> Diagnostics {
        std::mem::take(&mut *lock(&self.warnings))
    }

    /// Sets the time after which waiting ends, from now.
    pub fn set_timeout(&self, timeout: Duration) {
        *lock(&self.deadline) = Instant::now().checked_add(timeout);
    }

    /// When waiting ends, where the operation has a limit.
    pub fn deadline(&self) -> Option<Instant> {
        *lock(&self.deadline)
    }

    /// Whether waiting is over, and why.
    pub fn interrupted(&self) -> Option<Interrupted> {
        if self.cancelled.is_cancelled() {
            return Some(Interrupted::Cancelled);
        }
        self.deadline()
            .filter(|deadline| *deadline <= Instant::now())
            .map(|_| Interrupted::TimedOut)
    }

    /// Ends when waiting is over: cancelled, or past the deadline.
    pub async fn interruption(&self) -> Interrupted {
        let past_deadline = async {
            match self.deadline() {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => Interrupted::Cancelled,
            () = past_deadline => Interrupted::TimedOut,
        }
    }

    /// Waits for the duration, unless waiting is over before.
    pub async fn sleep(&self, duration: Duration) -> Result<(), Interrupted> {
        self.unless_interrupted(tokio::time::sleep(duration)).await
    }

    /// Waits for the future, which must lose nothing when it is dropped half-way.
    pub async fn unless_interrupted<T>(
        &self,
        future: impl Future<Output = T>,
    ) -> Result<T, Interrupted> {
        tokio::select! {
            biased;
            why = self.interruption() => Err(why),
            output = future => Ok(output),
        }
    }

    /// Waits a few seconds at most for what is good to know and not needed, so that a service that cannot be
    /// reached holds nothing up.
    pub async fn if_quick<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let answer = tokio::time::timeout(QUICK, self.unless_interrupted(future));
        answer.await.ok()?.ok()
    }

    /// Remembers the object as it is now, so that a failure of a later step loses nothing.
    pub fn save_value(&self, state: Value) {
        *lock(&self.progress) = Some(state);
    }

    /// Takes what was last saved.
    pub fn take_progress(&self) -> Option<Value> {
        lock(&self.progress).take()
    }

    /// Note that the provider keeps beside the state, invisible to the user.
    pub fn private(&self, key: &str) -> Option<String> {
        lock(&self.private).get(key).cloned()
    }

    /// Keeps a note beside the state.
    pub fn set_private(&self, key: &str, note: impl Into<String>) {
        lock(&self.private).insert(key.to_owned(), note.into());
    }

    /// Throws a note away.
    pub fn clear_private(&self, key: &str) {
        lock(&self.private).remove(key);
    }

    /// Note that holds for all objects of a fleet alike, kept once beside them.
    pub fn common(&self, key: &str) -> Option<String> {
        self.private(&format!("{COMMON}{key}"))
    }

    /// Keeps a note for all objects of a fleet alike.
    pub fn set_common(&self, key: &str, note: impl Into<String>) {
        self.set_private(&format!("{COMMON}{key}"), note);
    }

    /// Context of one object among many: the same clock, cancellation and deadline, but warnings, progress
    /// and notes of its own. The notes start as those that were kept under the name.
    pub(super) fn of_one(&self, name: &str) -> Self {
        let prefix = format!("{name}/");
        let private = lock(&self.private);
        let own = starting_with(&private, &prefix)
            .map(|(key, note)| (key[prefix.len()..].to_owned(), note.clone()));
        let common = starting_with(&private, COMMON).map(|(key, note)| (key.clone(), note.clone()));
        Self {
            deadline: Mutex::new(self.deadline()),
            private: Mutex::new(own.chain(common).collect()),
            ..Self::new(self.clock.clone(), self.cancelled.clone())
        }
    }

    /// Keeps the notes of one object among many under its name, and those that hold for all.
    pub(super) fn keep_notes(&self, name: &str, one: &Self) {
        let prefix = format!("{name}/");
        let mut private = lock(&self.private);
        let earlier: Vec<_> = starting_with(&private, &prefix)
            .map(|(key, _)| key.clone())
            .collect();
        for key in earlier {
            private.remove(&key);
        }
        for (key, note) in std::mem::take(&mut *lock(&one.private)) {
            let key = if key.starts_with(COMMON) {
                key
            } else {
                format!("{prefix}{key}")
            };
            private.insert(key, note);
        }
    }

    /// All notes, as they travel with the state.
    pub(super) fn private_bytes(&self) -> Vec<u8> {
        let private = lock(&self.private);
        if private.is_empty() {
            return Vec::new();
        }
        serde_json::to_vec(&*private).unwrap_or_default()
    }

    /// Restores the notes that travelled with the state.
    pub(super) fn restore_private(&self, bytes: &[u8]) {
        *lock(&self.private) = serde_json::from_slice(bytes).unwrap_or_default();
    }
}

/// Where notes stand that hold for all objects of a fleet; no object has this name.
const COMMON: &str = "*/";

/// Notes whose names begin so.
fn starting_with<'a>(
    notes: &'a BTreeMap<String, String>,
    prefix: &'a str,
) -> impl Iterator<Item = (&'a String, &'a String)> {
    notes
        .range(prefix.to_owned()..)
        .take_while(move |(key, _)| key.starts_with(prefix))
}

impl From<Interrupted> for Diagnostic {
    fn from(why: Interrupted) -> Self {
        match why {
            Interrupted::Cancelled => Self::error("Operation cancelled").detail(
                "Terraform stopped the operation. What was done until then is in the state; apply \
                 again to go on.",
            ),
            Interrupted::TimedOut => Self::error("Operation timed out").detail(
                "The operation did not end within its time. What was done until then is in the \
                 state; apply again to go on, or raise the limit in timeouts.",
            ),
        }
    }
}

/// A panic elsewhere must not hide what this call has to say.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
