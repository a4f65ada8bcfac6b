//! Calls at the rates that AWS documents, so that a plan over thousands of objects is never throttled.
//!
//! Those who wait are served in the order they came. A bucket that AWS throttles all the same, because
//! others call too, becomes slower and recovers with each success.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::types::{AccountId, OrganizationId};

/// Sustained calls per second, and how many may come at once.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rate {
    per_second: f64,
    burst: f64,
}

const fn rate(per_second: f64, burst: f64) -> Rate {
    Rate { per_second, burst }
}

impl Rate {
    /// Calls that are let go at once. Calls sent evenly do not arrive evenly, so a little of the burst is
    /// kept back: what the network delays by up to [`JITTER`] still finds its token at AWS.
    fn at_once(self) -> f64 {
        (self.burst - self.per_second * JITTER.as_secs_f64()).max(1.0)
    }
}

/// How much later than another a call may arrive that was sent in step with it.
const JITTER: Duration = Duration::from_millis(100);

/// Rates of an operation: for each account, and where there is one, for its whole organization.
///
/// Source: AWS Organizations user guide, "Quotas and service limits" (`orgs_reference_limits`).
const RATES: &[(&str, Rate, Option<Rate>)] = &[
    ("AcceptHandshake", rate(1.0, 2.0), Some(rate(5.0, 5.0))),
    ("CancelHandshake", rate(2.0, 3.0), None),
    ("CreateOrganization", rate(1.0, 1.0), None),
    ("DeclineHandshake", rate(1.0, 1.0), Some(rate(5.0, 5.0))),
    ("DeleteOrganization", rate(1.0, 1.0), None),
    ("DescribeAccount", rate(20.0, 30.0), Some(rate(24.0, 36.0))),
    ("DescribeHandshake", rate(1.0, 2.0), Some(rate(6.0, 10.0))),
    ("DescribeOrganization", rate(1.0, 2.0), None),
    ("InviteAccountToOrganization", rate(3.0, 5.0), None),
    ("LeaveOrganization", rate(1.0, 1.0), None),
    (
        "ListAWSServiceAccessForOrganization",
        rate(1.0, 3.0),
        Some(rate(1.0, 4.0)),
    ),
    ("ListAccounts", rate(8.0, 12.0), Some(rate(9.0, 15.0))),
    (
        "ListDelegatedAdministrators",
        rate(5.0, 8.0),
        Some(rate(6.0, 10.0)),
    ),
    (
        "ListDelegatedServicesForAccount",
        rate(1.0, 3.0),
        Some(rate(1.0, 4.0)),
    ),
    (
        "ListHandshakesForAccount",
        rate(5.0, 8.0),
        Some(rate(6.0, 10.0)),
    ),
    (
        "ListHandshakesForOrganization",
        rate(5.0, 8.0),
        Some(rate(6.0, 10.0)),
    ),
    ("ListParents", rate(5.0, 8.0), Some(rate(6.0, 10.0))),
    ("ListRoots", rate(1.0, 2.0), Some(rate(1.0, 3.0))),
    ("MoveAccount", rate(2.0, 3.0), None),
    ("RemoveAccountFromOrganization", rate(2.0, 2.0), None),
    ("TagResource", rate(4.0, 6.0), None),
    ("UntagResource", rate(4.0, 6.0), None),
];

/// Waiting longer than this is worth a line in the log.
const NOTEWORTHY: Duration = Duration::from_secs(1);

/// A throttled bucket is not slowed below this part of its documented rate.
const SLOWEST: f64 = 1.0 / 8.0;

/// Whose rate a call counts against.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Payer {
    /// An account; `None` where the provider was told not to ask which.
    Account(Option<AccountId>),
    /// An organization; `None` stands for all that are not known.
    Organization(Option<OrganizationId>),
}

/// The organization whose rate a call uses besides that of its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Membership {
    /// None: the account stands alone, or its own rate is the narrower anyway.
    None,
    /// This one.
    Of(OrganizationId),
    /// One that is not known without asking. All such calls share one bucket, as if it were the same.
    Unknown,
}

/// All buckets of the process.
#[derive(Debug, Default)]
pub(super) struct Pace {
    buckets: Mutex<HashMap<(Payer, &'static str), Arc<Bucket>>>,
}

impl Pace {
    /// Waits for the call's turn. Dropping the future gives the turn to the next.
    pub(super) async fn turn(
        &self,
        operation: &'static str,
        account: Option<&AccountId>,
        membership: Membership,
    ) {
        let Some((_, for_account, for_organization)) =
            RATES.iter().find(|(name, ..)| *name == operation)
        else {
            return;
        };
        let start = Instant::now();
        self.bucket(Payer::Account(account.cloned()), operation, *for_account)
            .take()
            .await;
        let organization = match membership {
            Membership::None => None,
            Membership::Of(organization) => Some(Payer::Organization(Some(organization))),
            Membership::Unknown => Some(Payer::Organization(None)),
        };
        if let (Some(rate), Some(organization)) = (for_organization, organization) {
            self.bucket(organization, operation, *rate).take().await;
        }
        let waited = start.elapsed();
        if waited > NOTEWORTHY {
            tracing::info!(
                rpc.method = operation,
                waited_ms = waited.as_millis(),
                "Kept to AWS's rate"
            );
        }
    }

    /// Counts an attempt that the SDK makes by itself.
    pub(super) fn count(&self, operation: &str, account: Option<&AccountId>) {
        self.with_account_bucket(operation, account, Level::count);
    }

    /// Slows down after AWS has throttled a call.
    pub(super) fn throttled(&self, operation: &str, account: Option<&AccountId>) {
        self.with_account_bucket(operation, account, Level::slow_down);
    }

    /// Speeds up again after a success.
    pub(super) fn succeeded(&self, operation: &str, account: Option<&AccountId>) {
        self.with_account_bucket(operation, account, Level::recover);
    }

    fn with_account_bucket(
        &self,
        operation: &str,
        account: Option<&AccountId>,
        change: fn(&mut Level),
    ) {
        if let Some((name, rate, _)) = RATES.iter().find(|(name, ..)| *name == operation) {
            let bucket = self.bucket(Payer::Account(account.cloned()), name, *rate);
            change(&mut lock(&bucket.level));
        }
    }

    fn bucket(&self, payer: Payer, operation: &'static str, rate: Rate) -> Arc<Bucket> {
        let mut buckets = lock(&self.buckets);
        Arc::clone(
            buckets
                .entry((payer, operation))
                .or_insert_with(|| Arc::new(Bucket::new(rate))),
        )
    }
}

/// Tokens of one payer for one operation.
#[derive(Debug)]
struct Bucket {
    /// Held by the first in the queue; tokio's mutex serves in order.
    queue: tokio::sync::Mutex<()>,
    level: Mutex<Level>,
}

impl Bucket {
    fn new(documented: Rate) -> Self {
        let level = Level {
            documented,
            per_second: documented.per_second,
            tokens: documented.at_once(),
            at: Instant::now(),
        };
        Self {
            queue: tokio::sync::Mutex::new(()),
            level: Mutex::new(level),
        }
    }

    async fn take(&self) {
        let _first = self.queue.lock().await;
        loop {
            let missing = lock(&self.level).take();
            match missing {
                None => return,
                Some(wait) => tokio::time::sleep(wait).await,
            }
        }
    }
}

#[derive(Debug)]
struct Level {
    documented: Rate,
    per_second: f64,
    tokens: f64,
    at: Instant,
}

impl Level {
    /// Takes a token, or says how long to wait for one.
    fn take(&mut self) -> Option<Duration> {
        self.refill();
        // Rounding in the refill must not make the last waiter wait once more for nothing.
        if self.tokens >= 1.0 - 1e-6 {
            self.tokens -= 1.0;
            return None;
        }
        let wait = Duration::from_secs_f64((1.0 - self.tokens) / self.per_second);
        Some(wait.max(Duration::from_millis(1)))
    }

    fn count(&mut self) {
        self.refill();
        self.tokens = (self.tokens - 1.0).max(-self.documented.burst);
    }

    fn slow_down(&mut self) {
        self.refill();
        self.tokens = self.tokens.min(0.0);
        self.per_second = (self.per_second / 2.0).max(self.documented.per_second * SLOWEST);
    }

    fn recover(&mut self) {
        self.refill();
        let faster = self.per_second + self.documented.per_second / 10.0;
        self.per_second = faster.min(self.documented.per_second);
    }

    fn refill(&mut self) {
        let now = Instant::now();
        let earned = (now - self.at).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + earned).min(self.documented.at_once());
        self.at = now;
    }
}

/// A panic elsewhere leaves a level whole: each change is a few assignments.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::framework::DomainText;

    fn account(digit: u8) -> AccountId {
        AccountId::parse(&digit.to_string().repeat(12)).unwrap()
    }

    async fn calls(pace: &Pace, operation: &'static str, account: &AccountId, count: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..count {
            pace.turn(operation, Some(account), Membership::None).await;
        }
        start.elapsed().as_secs_f64()
    }

    #[track_caller]
    fn assert_about(seconds: f64, expected: f64) {
        assert!(
            (seconds - expected).abs() < 0.05,
            "{seconds} s instead of {expected} s"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_free_and_the_rest_keeps_to_the_rate() {
        let pace = Pace::default();
        assert_about(
            calls(&pace, "InviteAccountToOrganization", &account(1), 4).await,
            0.0,
        );
        // 0.7 of a call is left of the burst of 5, less 0.3 for calls that arrive late.
        assert_about(
            calls(&pace, "InviteAccountToOrganization", &account(1), 31).await,
            30.3 / 3.0,
        );
    }

    #[tokio::test(start_paused = true)]
    async fn accounts_and_operations_do_not_wait_for_each_other() {
        let pace = Pace::default();
        calls(&pace, "DescribeOrganization", &account(1), 2).await;
        assert_about(
            calls(&pace, "DescribeOrganization", &account(2), 1).await,
            0.0,
        );
        assert_about(calls(&pace, "CancelHandshake", &account(1), 2).await, 0.0);
        assert_about(
            calls(&pace, "GetCallerIdentity", &account(1), 1000).await,
            0.0,
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_organization_limits_all_its_accounts_together() {
        let pace = Pace::default();
        let start = Instant::now();
        for digit in 0..10 {
            pace.turn(
                "AcceptHandshake",
                Some(&account(digit)),
                Membership::Unknown,
            )
            .await;
        }
        // Ten calls, of which the burst of 5 lets 4 go at once.
        assert_about(start.elapsed().as_secs_f64(), 1.1);
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_are_served_in_order() {
        let pace = Arc::new(Pace::default());
        let served = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..20 {
            let (pace, served) = (Arc::clone(&pace), Arc::clone(&served));
            tasks.spawn(async move {
                pace.turn("AcceptHandshake", Some(&account(1)), Membership::None)
                    .await;
                lock(&served).push(number);
            });
            tokio::task::yield_now().await;
        }
        tasks.join_all().await;
        assert_eq!(*lock(&served), (0..20).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_gives_up_takes_no_turn() {
        let (pace, payer) = (Pace::default(), account(1));
        calls(&pace, "LeaveOrganization", &payer, 1).await;
        let waiting = calls(&pace, "LeaveOrganization", &payer, 1);
        assert!(
            tokio::time::timeout(Duration::from_millis(500), waiting)
                .await
                .is_err()
        );
        assert_about(calls(&pace, "LeaveOrganization", &payer, 1).await, 0.5);
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_slows_down_and_success_recovers() {
        let pace = Pace::default();
        pace.throttled("CancelHandshake", Some(&account(1)));
        assert_about(calls(&pace, "CancelHandshake", &account(1), 2).await, 2.0);
        for _ in 0..10 {
            pace.throttled("CancelHandshake", Some(&account(1)));
        }
        assert_about(calls(&pace, "CancelHandshake", &account(1), 1).await, 4.0);
        for _ in 0..10 {
            pace.succeeded("CancelHandshake", Some(&account(1)));
        }
        assert_about(calls(&pace, "CancelHandshake", &account(1), 4).await, 2.0);
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_of_the_sdk_counts() {
        let pace = Pace::default();
        pace.count("CancelHandshake", Some(&account(1)));
        assert_about(calls(&pace, "CancelHandshake", &account(1), 3).await, 0.6);
    }
}
