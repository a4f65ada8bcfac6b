//! AWS's documented rates for Organizations, as token buckets that fill in real time (user guide, "Quotas for AWS
//! Organizations", throttling limits: rate per second and burst, per account and per organization).

use std::collections::BTreeMap;
use std::time::Instant;

use crate::world::{AccountId, OrganizationId};

/// Requests per second, and how many at once.
#[derive(Clone, Copy)]
struct Rate {
    per_second: f64,
    burst: f64,
}

const fn rate(per_second: f64, burst: f64) -> Option<Rate> {
    Some(Rate { per_second, burst })
}

/// The rates of an operation: for each account, and for all accounts of an organization together.
fn rates(operation: &str) -> (Option<Rate>, Option<Rate>) {
    match operation {
        "InviteAccountToOrganization" => (rate(3.0, 5.0), None),
        "AcceptHandshake" => (rate(1.0, 2.0), rate(5.0, 5.0)),
        "DeclineHandshake" => (rate(1.0, 1.0), rate(5.0, 5.0)),
        "CancelHandshake" => (rate(2.0, 3.0), None),
        "DescribeHandshake" => (rate(1.0, 2.0), rate(6.0, 10.0)),
        "ListHandshakesForAccount"
        | "ListHandshakesForOrganization"
        | "ListParents"
        | "ListAccountsForParent"
        | "ListDelegatedAdministrators" => (rate(5.0, 8.0), rate(6.0, 10.0)),
        "DescribeAccount" => (rate(20.0, 30.0), rate(24.0, 36.0)),
        "ListAccounts" => (rate(8.0, 12.0), rate(9.0, 15.0)),
        "DescribeOrganization" => (rate(1.0, 2.0), None),
        "ListRoots" => (rate(1.0, 2.0), rate(1.0, 3.0)),
        "ListDelegatedServicesForAccount" | "ListAWSServiceAccessForOrganization" => {
            (rate(1.0, 3.0), rate(1.0, 4.0))
        }
        "LeaveOrganization" | "CreateOrganization" | "DeleteOrganization" => (rate(1.0, 1.0), None),
        "RemoveAccountFromOrganization" => (rate(2.0, 2.0), None),
        "TagResource" | "UntagResource" => (rate(4.0, 6.0), None),
        _ => (None, None),
    }
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

/// The buckets, by operation and by account or organization.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    buckets: BTreeMap<(String, String), Bucket>,
}

impl Pace {
    /// Whether the call comes too soon. One that does costs nothing.
    pub(crate) fn exceeded(
        &mut self,
        now: Instant,
        operation: &str,
        account: &AccountId,
        organization: Option<&OrganizationId>,
    ) -> bool {
        let (by_account, by_organization) = rates(operation);
        let mut drawn: Vec<(String, String)> = Vec::new();
        let holders = [
            (by_account, Some(account.as_str())),
            (by_organization, organization.map(OrganizationId::as_str)),
        ];
        for (rate, holder) in holders {
            let (Some(rate), Some(holder)) = (rate, holder) else {
                continue;
            };
            let key = (operation.to_owned(), holder.to_owned());
            let bucket = self.buckets.entry(key.clone()).or_insert(Bucket {
                tokens: rate.burst,
                filled_at: now,
            });
            let elapsed = now
                .saturating_duration_since(bucket.filled_at)
                .as_secs_f64();
            bucket.tokens = (bucket.tokens + elapsed * rate.per_second).min(rate.burst);
            bucket.filled_at = now;
            if bucket.tokens < 1.0 {
                return true;
            }
            drawn.push(key);
        }
        for key in drawn {
            if let Some(bucket) = self.buckets.get_mut(&key) {
                bucket.tokens -= 1.0;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_then_the_rate() {
        let (mut pace, start, account) = (
            Pace::default(),
            Instant::now(),
            AccountId::from("111122223333"),
        );
        let mut ask = |seconds: f64| {
            pace.exceeded(
                start + Duration::from_secs_f64(seconds),
                "DescribeHandshake",
                &account,
                None,
            )
        };
        assert!(!ask(0.0));
        assert!(!ask(0.0));
        assert!(ask(0.5));
        assert!(!ask(1.1));
        assert!(ask(1.2));
    }

    #[test]
    fn the_organization_has_a_rate_of_its_own() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        let organization = OrganizationId::from("o-exampleorgid");
        let exceeded = (0..12)
            .filter(|n| {
                pace.exceeded(
                    now,
                    "DescribeHandshake",
                    &AccountId::from(format!("{n:012}")),
                    Some(&organization),
                )
            })
            .count();
        assert_eq!(exceeded, 2);
    }
}
