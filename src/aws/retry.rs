//! Three kinds of trying again, never mixed.
//!
//! *Transport*: a connection broke, AWS throttled or failed. The SDK repeats the call by itself.
//! *Conflict*: another change of the organization is on its way. `Patience` repeats the call soon.
//! *Propagation*: a change is made and not yet visible. [`until`] looks again until the deadline.
//!
//! All end when the user cancels or the time is up; but a write on the wire is never dropped half-way,
//! see `deliver`.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use tokio::sync::watch;

use super::error::Failure;
use crate::framework::{Cx, Interrupted, detached};

/// How often a call is sent at most, unless the provider block, the environment or the profile says.
pub(super) const DEFAULT_MAX_ATTEMPTS: u32 = 25;

/// Partition without the SDK's quota of retries.
///
/// The quota of 500 tokens protects a service from fleets of busy clients; for one long plan it would
/// only turn throttling into failure. What protects AWS here is [`pace`](super::pace).
pub(super) fn unmetered(name: &'static str) -> RetryPartition {
    RetryPartition::custom(name)
        .token_bucket(TokenBucket::unlimited())
        .build()
}

/// Looks every so often until there is something, or the time is up.
///
/// The first look comes at once. Waits end with [`Interrupted`], which turns into the caller's error.
pub async fn until<T, E: From<Interrupted>>(
    cx: &Cx,
    every: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>, E>,
) -> Result<T, E> {
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        cx.sleep(every).await?;
    }
}

/// How long a conflict is waited out, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    next: Duration,
    longest: Duration,
    left: Duration,
}

impl Patience {
    /// For `ConcurrentModificationException`: another change ends within seconds.
    pub(super) const CONCURRENT_MODIFICATION: Self = Self {
        next: Duration::from_millis(250),
        longest: Duration::from_secs(4),
        left: Duration::from_mins(1),
    };

    /// For `FinalizingOrganizationException`: AWS prepares a new organization, for up to an hour.
    pub(super) const FINALIZING_ORGANIZATION: Self = Self {
        next: Duration::from_secs(2),
        longest: Duration::from_secs(30),
        left: Duration::from_mins(10),
    };

    /// For a bucket policy that AWS does not see yet when a report is put into the bucket.
    pub(super) const BUCKET_PERMISSION: Self = Self {
        next: Duration::from_millis(500),
        longest: Duration::from_secs(10),
        left: Duration::from_mins(2),
    };

    /// How long to wait before the next attempt; `None` when patience is at its end.
    ///
    /// The wait doubles, and a random half of it keeps those who met from meeting again.
    pub(super) fn wait(&mut self) -> Option<Duration> {
        let wait = self.next.mul_f64(0.5 + fastrand::f64() / 2.0);
        self.left = self.left.checked_sub(wait)?;
        self.next = self.longest.min(self.next * 2);
        Some(wait)
    }
}

/// Conflicts met by one call, each kind with its own patience.
#[derive(Debug)]
pub(super) struct Conflicts {
    concurrent_modification: Patience,
    finalizing_organization: Patience,
}

impl Conflicts {
    /// None met yet.
    pub(super) fn new() -> Self {
        Self {
            concurrent_modification: Patience::CONCURRENT_MODIFICATION,
            finalizing_organization: Patience::FINALIZING_ORGANIZATION,
        }
    }

    /// How long to wait before the call is repeated; `None` if the failure is to be reported.
    pub(super) fn wait(&mut self, failure: &Failure) -> Option<Duration> {
        if failure.is_concurrent_modification() {
            self.concurrent_modification.wait()
        } else if failure.is_finalizing_organization() {
            self.finalizing_organization.wait()
        } else {
            None
        }
    }
}

/// Where an attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Not sent, or answered: it may be given up.
    AtRest,
    /// On its way to AWS: its answer must be awaited.
    OnTheWire,
    /// Given up: nothing may be sent any more.
    GivenUp,
}

/// Tells [`deliver`] when a request is on its way; goes into the call as an interceptor.
#[derive(Clone, Debug)]
pub(super) struct Wire(Arc<watch::Sender<Stage>>);

impl Wire {
    /// Nothing sent yet.
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Stage::AtRest)))
    }

    /// Ends when nothing is on its way, and keeps it so.
    async fn give_up(&self) {
        let mut stage = self.0.subscribe();
        loop {
            // The sender is alive while `self` is, so this only waits.
            let _ = stage.wait_for(|stage| *stage != Stage::OnTheWire).await;
            let given_up = self.0.send_if_modified(|stage| {
                let at_rest = *stage == Stage::AtRest;
                if at_rest {
                    *stage = Stage::GivenUp;
                }
                at_rest
            });
            if given_up {
                return;
            }
        }
    }
}

#[dyn_dispatch_hint]
impl Intercept for Wire {
    fn name(&self) -> &'static str {
        "Wire"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let sent = self.0.send_if_modified(|stage| {
            let go = *stage != Stage::GivenUp;
            if go {
                *stage = Stage::OnTheWire;
            }
            go
        });
        if sent {
            Ok(())
        } else {
            Err("the operation was given up before it was sent".into())
        }
    }

    fn read_after_attempt(
        &self,
        _: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.send_if_modified(|stage| {
            let answered = *stage == Stage::OnTheWire;
            if answered {
                *stage = Stage::AtRest;
            }
            answered
        });
        Ok(())
    }
}

/// Sends a write whose answer is never dropped half-way.
///
/// The write runs on its own, so that it ends even if nobody waits any more. Cancellation and deadline
/// end it between attempts only. The guard lives as long as the write, and comes back with its answer.
pub(super) async fn deliver<T, G>(
    cx: &Cx,
    guard: G,
    wire: Wire,
    send: impl Future<Output = T> + Send + 'static,
) -> Result<(T, G), Failure>
where
    T: Send + 'static,
    G: Send + 'static,
{
    if let Some(why) = cx.interrupted() {
        return Err(why.into());
    }
    let mut write = detached(async move { (send.await, guard) });
    let given_up = async {
        let why = cx.interruption().await;
        wire.give_up().await;
        why
    };
    tokio::select! {
        biased;
        answer = &mut write => answer.map_err(|fault| Failure::bug(format!("A call of AWS failed: {fault}"))),
        why = given_up => {
            write.abort();
            Err(why.into())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::time::Instant;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::framework::Clock;

    fn cancellable() -> (Cx, CancellationToken) {
        let token = CancellationToken::new();
        (Cx::new(Clock::System, token.clone()), token)
    }

    impl Wire {
        fn set(&self, stage: Stage) {
            self.0.send_replace(stage);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_on_the_wire_is_awaited_after_cancellation() {
        let (cx, cancel) = cancellable();
        let wire = Wire::new();
        let on_wire = wire.clone();
        let send = async move {
            on_wire.set(Stage::OnTheWire);
            tokio::time::sleep(Duration::from_secs(3)).await;
            42
        };
        let cancels = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            cancel.cancel();
        };
        let (answer, ()) = tokio::join!(deliver(&cx, (), wire, send), cancels);
        assert_eq!(answer.unwrap(), (42, ()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_between_attempts_ends_with_cancellation() {
        let (cx, cancel) = cancellable();
        let wire = Wire::new();
        let on_wire = wire.clone();
        let start = Instant::now();
        let send = async move {
            on_wire.set(Stage::OnTheWire);
            tokio::time::sleep(Duration::from_secs(2)).await;
            on_wire.set(Stage::AtRest);
            tokio::time::sleep(Duration::from_hours(1)).await;
        };
        let cancels = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            cancel.cancel();
        };
        let (answer, ()) = tokio::join!(deliver(&cx, (), wire.clone(), send), cancels);
        assert_eq!(
            answer.unwrap_err().interrupted(),
            Some(Interrupted::Cancelled)
        );
        assert_eq!(start.elapsed().as_secs(), 2);
        assert_eq!(
            *wire.0.borrow(),
            Stage::GivenUp,
            "no further attempt can be sent"
        );
    }

    #[tokio::test]
    async fn nothing_is_sent_after_cancellation() {
        let (cx, cancel) = cancellable();
        cancel.cancel();
        let attempts = Arc::new(AtomicU32::new(0));
        let counts = Arc::clone(&attempts);
        let send = async move { counts.fetch_add(1, Ordering::SeqCst) };
        assert!(deliver(&cx, (), Wire::new(), send).await.is_err());
        assert_eq!(attempts.load(Ordering::SeqCst), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_ends_even_if_nobody_waits() {
        let cx = Cx::detached();
        let (done, ended) = tokio::sync::oneshot::channel();
        let send = async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            done.send(()).unwrap();
        };
        let waiting = deliver(&cx, (), Wire::new(), send);
        assert!(
            tokio::time::timeout(Duration::from_millis(1), waiting)
                .await
                .is_err()
        );
        ended.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn looking_ends_at_the_deadline() {
        let cx = Cx::detached();
        cx.set_timeout(Duration::from_secs(10));
        let mut looks = 0;
        let never = until(&cx, Duration::from_secs(3), async || {
            looks += 1;
            Ok::<Option<()>, Interrupted>(None)
        });
        assert_eq!(never.await, Err(Interrupted::TimedOut));
        assert_eq!(looks, 4);
    }

    #[test]
    fn patience_grows_and_ends() {
        let mut patience = Patience::CONCURRENT_MODIFICATION;
        let waits: Vec<_> = std::iter::from_fn(|| patience.wait()).collect();
        let total: Duration = waits.iter().sum();
        assert!(waits[0] < waits[4], "{waits:?}");
        assert!((50..=60).contains(&total.as_secs()), "{total:?}");
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(4)));
    }
}
