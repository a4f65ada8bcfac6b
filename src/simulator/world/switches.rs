//! What AWS may do either way, so that a client has to bear both.

use serde::{Deserialize, Serialize};

/// Switches of the whole world; all off by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Switches {
    /// List operations answer an empty page with a token before each page with content. AWS may do so at any time
    /// (API reference, `ListAccounts`: a list operation can return an empty set even when there are more results).
    pub empty_pages: bool,
    /// Accounts are listed without their `Paths`, a member of `Account` that has not always been there.
    pub omit_paths: bool,
    /// A pending invitation is `REQUESTED`, as the prose of `HandshakeState` says, and not `OPEN`, as AWS's example
    /// responses show.
    pub requested_state: bool,
    /// For an hour after its creation an organization invites and creates no accounts (API reference,
    /// `FinalizingOrganizationException`).
    pub finalizing: bool,
    /// Requests are held to AWS's documented rates, in real time (user guide, "Quotas for AWS Organizations").
    pub pace: bool,
    /// A write takes this many real milliseconds, and another write to the same organization meanwhile is refused with
    /// `ConcurrentModificationException`.
    pub write_latency_ms: Option<u64>,
    /// An account that joined or left an organization accepts no invitation for this many simulated seconds
    /// (`ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED`). AWS publishes no figure, so there is none by default.
    pub membership_change_interval_s: Option<u32>,
    /// How many cost and usage reports an account may have; five if there is none (API reference,
    /// `ReportLimitReachedException`).
    pub report_limit: Option<usize>,
}
