//! Whether a report is no longer delivered because another organization has taken the bill over.
//!
//! A billing transfer ends the reports that were defined before it began. AWS says so in its console alone:
//! the status of the report in the API keeps saying what it said last. The transfer itself tells, but only to
//! the management account, so what cannot be found out is left unsaid.

use std::time::Duration;

use time::OffsetDateTime;

use super::config::AssumeRole;
use super::organizations::Transfer;
use super::session::Aws;
use super::types::{AccountId, ReportName, TransferStatus};
use crate::framework::Cx;

/// How long after a transfer began files of the time before may still come.
const AFTERMATH: time::Duration = time::Duration::DAY;

/// Another organization pays, or has paid, the bill that a report was about.
///
/// Source: AWS Billing user guide, "Transfer billing management to external accounts", the part "CUR
/// reconfiguration requirement" of the impacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// Management account that pays, where AWS tells.
    pub by: Option<AccountId>,
    /// First moment that it pays for.
    pub since: OffsetDateTime,
    /// Last second that it pays for, once it is settled.
    pub until: Option<OffsetDateTime>,
}

impl Aws {
    /// The takeover that ended a report of the session's organization, which was delivered or defined for
    /// the last time then.
    ///
    /// Never fails and never waits long: an account that may not look, or manages no organization, finds
    /// nothing. Many reports share one list.
    pub async fn takeover(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
        last_seen: OffsetDateTime,
    ) -> Option<Takeover> {
        let organizations = self.organizations(cx, role).await.ok()?;
        let outbound = organizations.outbound_transfers_within(cx, Duration::MAX);
        let outbound = cx.if_quick(outbound).await?.ok()?;
        let now = self.now(cx);
        let ended = outbound
            .iter()
            .filter_map(Takeover::of)
            .filter(|takeover| takeover.since <= now && last_seen < takeover.since + AFTERMATH);
        ended.min_by_key(|takeover| takeover.since)
    }
}

impl Takeover {
    fn of(transfer: &Transfer) -> Option<Self> {
        let agreed = matches!(
            transfer.status,
            TransferStatus::Accepted | TransferStatus::Withdrawn
        );
        let since = transfer.starts_at.filter(|_| agreed)?;
        let until = transfer.ends_at;
        // One that was withdrawn before it began never took the bill over.
        until.is_none_or(|until| since <= until).then(|| Self {
            by: transfer.target.account_id.clone(),
            since,
            until,
        })
    }

    /// Says of a report of the name what has ended it, and how to have one again.
    pub fn explanation(&self, name: &ReportName) -> String {
        let payer = self.by.as_ref().map_or_else(
            || "another organization".to_owned(),
            |by| format!("management account {by}"),
        );
        let pays = match self.until {
            None => format!("{payer} has paid since {}", self.since.date()),
            Some(until) => format!(
                "{payer} paid from {} to {}",
                self.since.date(),
                until.date()
            ),
        };
        format!(
            "AWS no longer delivers report {name}: by a billing transfer, {pays} for this organization, and \
             AWS ends the reports that were defined before. What was delivered stays in the bucket. What AWS \
             charges is in the reports that the payer makes; define another report here to see this \
             organization's costs as the payer prices them."
        )
    }
}
