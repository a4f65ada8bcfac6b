//! The log of calls: what was asked, by whom, and what became of it. No secrets.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::world::AccountId;

/// One call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The simulated time, such as `2026-11-20T09:00:00Z`.
    pub time: String,
    /// `account`, `organizations`, `sts`, `iam`, `s3`, `cur` or `ce`; empty if that could not be told.
    pub service: String,
    /// For example `ListAccounts`.
    pub operation: String,
    /// The account that called, if it could be told.
    pub account: Option<AccountId>,
    /// The ARN of the user or session that called.
    pub caller: Option<String>,
    /// The IAM actions that the caller needed for it.
    pub actions: Vec<String>,
    /// What was asked.
    pub parameters: Value,
    /// The error code, or `None` if the call succeeded; `ConnectionCut` if a fault cut the connection before.
    pub error: Option<String>,
    /// The error's reason code.
    pub reason: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// Whether the answer was sent; if not, the connection was cut.
    pub answered: bool,
    /// Whether the call reached the service; if not, a fault or a missing permission ended it before.
    pub reached: bool,
    /// The request ID.
    pub request_id: String,
}

impl Call {
    /// Whether the call had its effect and said so.
    pub fn succeeded(&self) -> bool {
        self.error.is_none() && self.answered
    }
}
