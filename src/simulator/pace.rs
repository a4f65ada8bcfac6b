//! AWS's documented rates for Organizations, as token buckets that fill in real time (user guide, "Quotas for AWS
//! Organizations", throttling limits: rate per second and burst, per account and per organization).

use std::collections::BTreeMap;
use std::time::Instant;

use crate::world::{AccountId, OrganizationId};

/// Requests per second, and how many at once.
#[derive(Clone, Copy)]
struct Rate(f64, f64);

/// The rates of an operation: for each account, and for all accounts of an organization together.
type Row = (&'static str, Rate, Option<Rate>);

#[rustfmt::skip]
const RATES: &[Row] = &[
    ("AcceptHandshake",                      Rate(1.0, 2.0),   Some(Rate(5.0, 5.0))),
    ("CancelHandshake",                      Rate(2.0, 3.0),   None),
    ("CreateOrganization",                   Rate(1.0, 1.0),   None),
    ("DeclineHandshake",                     Rate(1.0, 1.0),   Some(Rate(5.0, 5.0))),
    ("DeleteOrganization",                   Rate(1.0, 1.0),   None),
    ("DescribeAccount",                      Rate(20.0, 30.0), Some(Rate(24.0, 36.0))),
    ("DescribeHandshake",                    Rate(1.0, 2.0),   Some(Rate(6.0, 10.0))),
    ("DescribeOrganization",                 Rate(1.0, 2.0),   None),
    ("InviteAccountToOrganization",          Rate(3.0, 5.0),   None),
    ("LeaveOrganization",                    Rate(1.0, 1.0),   None),
    ("ListAWSServiceAccessForOrganization",  Rate(1.0, 3.0),   Some(Rate(1.0, 4.0))),
    ("ListAccounts",                         Rate(8.0, 12.0),  Some(Rate(9.0, 15.0))),
    ("ListAccountsForParent",                Rate(5.0, 8.0),   Some(Rate(6.0, 10.0))),
    ("ListDelegatedAdministrators",          Rate(5.0, 8.0),   Some(Rate(6.0, 10.0))),
    ("ListDelegatedServicesForAccount",      Rate(1.0, 3.0),   Some(Rate(1.0, 4.0))),
    ("ListHandshakesForAccount",             Rate(5.0, 8.0),   Some(Rate(6.0, 10.0))),
    ("ListHandshakesForOrganization",        Rate(5.0, 8.0),   Some(Rate(6.0, 10.0))),
    ("ListParents",                          Rate(5.0, 8.0),   Some(Rate(6.0, 10.0))),
    ("ListRoots",                            Rate(1.0, 2.0),   Some(Rate(1.0, 3.0))),
    ("MoveAccount",                          Rate(2.0, 3.0),   None),
    ("RemoveAccountFromOrganization",        Rate(2.0, 2.0),   None),
    ("TagResource",                          Rate(4.0, 6.0),   None),
    ("UntagResource",                        Rate(4.0, 6.0),   None),
];

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
        let Some((_, by_account, by_organization)) =
            RATES.iter().find(|(name, ..)| *name == operation)
        else {
            return false;
        };
        let mut drawn: Vec<(String, String)> = Vec::new();
        let holders = [
            (Some(*by_account), Some(account.as_str())),
            (*by_organization, organization.map(OrganizationId::as_str)),
        ];
        for (rate, holder) in holders {
            let (Some(Rate(per_second, burst)), Some(holder)) = (rate, holder) else {
                continue;
            };
            let key = (operation.to_owned(), holder.to_owned());
            let bucket = self.buckets.entry(key.clone()).or_insert(Bucket {
                tokens: burst,
                filled_at: now,
            });
            let elapsed = now
                .saturating_duration_since(bucket.filled_at)
                .as_secs_f64();
            bucket.tokens = (bucket.tokens + elapsed * per_second).min(burst);
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
