//! What accounts cost and who pays. Costs follow from account, service and month alone, so that a bill can be told in
//! advance; who pays follows from memberships and billing transfers of each day.
//!
//! The rule a reader would not guess: a day counts for who had the account at its end, and the present day is not on any
//! bill yet, as Cost Explorer lags (Cost Management user guide, "Analyzing your costs with AWS Cost Explorer": data is
//! refreshed at least once every 24 hours).

use std::collections::BTreeMap;

use time::{Date, Duration, OffsetDateTime};

use super::months::CalendarMonth;
use super::{Account, AccountId, Event, OrganizationId, Refusal, TransferId, World, ids};

/// Services, and what they cost at most in a day, in millionths of a dollar.
const SERVICES: [(&str, u64); 5] = [
    ("Amazon Elastic Compute Cloud - Compute", 40_000_000),
    ("Amazon Relational Database Service", 25_000_000),
    ("Amazon Simple Storage Service", 8_000_000),
    ("AWS Lambda", 3_000_000),
    ("AmazonCloudWatch", 1_000_000),
];
/// After its month, a bill is estimated for so long (billing user guide, "Understanding your bill": the month's bill is
/// finalized early in the next month).
const ESTIMATED: Duration = Duration::days(5);
/// How long there is no data for a new organization or account (Cost Management user guide, "Enabling Cost Explorer": the
/// present month's data takes about a day).
const PREPARED: Duration = Duration::days(1);

/// What costs are looked at through (Cost Management user guide, "Controlling cost management data access with Billing
/// View").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BillingView {
    /// An account's own: its costs, and those of its organization's accounts if it manages one.
    Primary,
    /// The bill of another organization that the account pays (billing user guide, "Viewing Billing and Cost Management
    /// data as a Bill Transfer account", "My view").
    Transferred {
        /// The transfer.
        transfer: TransferId,
        /// The management account whose bill it was.
        source: AccountId,
    },
}

/// Who pays, and by the last of which transfers if by any.
struct Payment<'a> {
    payer: &'a AccountId,
    transfer: Option<&'a TransferId>,
}

/// What one account cost for one service, in some period.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// The account.
    pub account: AccountId,
    /// The service, as bills name it.
    pub service: &'static str,
    /// Millionths of a dollar.
    pub micros: u64,
}

/// A time in an organization.
struct Stay<'a> {
    organization: &'a OrganizationId,
    from: OffsetDateTime,
    until: Option<OffsetDateTime>,
}

/// Who was where, and who paid for which organization.
struct History<'a> {
    world: &'a World,
    stays: BTreeMap<&'a AccountId, Vec<Stay<'a>>>,
    founders: BTreeMap<&'a OrganizationId, &'a AccountId>,
}

impl<'a> History<'a> {
    fn of(world: &'a World) -> Self {
        let mut stays: BTreeMap<&AccountId, Vec<Stay<'_>>> = BTreeMap::new();
        let mut founders = BTreeMap::new();
        for event in world.events() {
            match event {
                Event::Joined {
                    time,
                    organization,
                    account,
                    ..
                } => {
                    founders.entry(organization).or_insert(account);
                    stays.entry(account).or_default().push(Stay {
                        organization,
                        from: *time,
                        until: None,
                    });
                }
                Event::Departed { time, account, .. } => {
                    if let Some(stay) = stays.get_mut(account).and_then(|stays| stays.last_mut()) {
                        stay.until = Some(*time);
                    }
                }
            }
        }
        Self {
            world,
            stays,
            founders,
        }
    }

    fn organization(
        &self,
        account: &AccountId,
        time: OffsetDateTime,
    ) -> Option<&'a OrganizationId> {
        self.stays
            .get(account)?
            .iter()
            .find(|stay| stay.from <= time && stay.until.is_none_or(|until| time < until))
            .map(|stay| stay.organization)
    }

    /// Who pays for the account: itself, or its management account, or whoever that one's bill is transferred to.
    fn payment(&self, account: &'a AccountId, time: OffsetDateTime) -> Payment<'a> {
        let mut payment = Payment {
            payer: account,
            transfer: None,
        };
        let Some(mut organization) = self.organization(account, time) else {
            return payment;
        };
        if let Some(founder) = self.founders.get(organization) {
            payment.payer = founder;
        }
        // No chain is longer than the number of transfers.
        for _ in 0..self.world.transfers.len() {
            let transfer = self.world.transfers().find(|transfer| {
                transfer.source_organization.as_ref() == Some(organization) && transfer.covers(time)
            });
            let Some(transfer) = transfer else { break };
            organization = &transfer.target_organization;
            payment = Payment {
                payer: &transfer.target,
                transfer: Some(&transfer.id),
            };
        }
        payment
    }

    /// Whether the caller sees through the view what the account cost then: who pays sees all of its bill, a member what
    /// it cost itself since it joined its present organization. A management account whose bill is transferred sees none
    /// of it: what it would see is up to Billing Conductor of who pays, which is not simulated.
    fn is_visible(
        &self,
        caller: &Account,
        view: &BillingView,
        account: &'a AccountId,
        time: OffsetDateTime,
    ) -> bool {
        let payment = self.payment(account, time);
        let pays = payment.payer == &caller.id;
        match view {
            BillingView::Transferred { transfer, .. } => {
                return pays && payment.transfer == Some(transfer);
            }
            BillingView::Primary if pays => return payment.transfer.is_none(),
            BillingView::Primary => {}
        }
        let Some(present) = caller.organization() else {
            return false;
        };
        let is_member = self.founders.get(present) != Some(&&caller.id);
        *account == caller.id && is_member && self.organization(account, time) == Some(present)
    }
}

impl World {
    /// The views that the account has between two moments, and their ARNs.
    pub fn billing_views(
        &self,
        account: &AccountId,
        from: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Vec<(String, BillingView)>, Refusal> {
        let partition = &self.known_account(account)?.partition;
        let arn = |name: &str| format!("arn:{partition}:billing::{account}:billingview/{name}");
        let mut views = vec![(arn("primary"), BillingView::Primary)];
        for transfer in self.transfers().filter(|transfer| {
            transfer.target == *account && (transfer.covers(from) || transfer.covers(until))
        }) {
            let source = transfer.source_organization.as_ref();
            let Some(source) = source.and_then(|id| self.organizations.get(id)) else {
                continue;
            };
            let name = format!(
                "billing-transfer-{}",
                ids::uuid(&format!("view/{}", transfer.id))
            );
            let view = BillingView::Transferred {
                transfer: transfer.id.clone(),
                source: source.management.clone(),
            };
            views.push((arn(&name), view));
        }
        Ok(views)
    }

    /// The account's view with the ARN, whenever it was.
    pub fn billing_view(&self, account: &AccountId, arn: &str) -> Result<BillingView, Refusal> {
        let mut starts = vec![self.now];
        starts.extend(self.transfers().map(|transfer| transfer.start));
        for start in starts {
            let views = self.billing_views(account, start, start)?;
            if let Some((_, view)) = views.into_iter().find(|(known, _)| known == arn) {
                return Ok(view);
            }
        }
        Err(Refusal::new(
            "ResourceNotFoundException",
            "The billing view does not exist, or is not this account's.",
        ))
    }

    /// What the caller sees of the costs of each period, which begins with its first day and ends before its second; only
    /// what is not nothing.
    pub fn costs(
        &self,
        caller: &AccountId,
        view: &BillingView,
        periods: &[(Date, Date)],
    ) -> Result<Vec<Vec<Cost>>, Refusal> {
        let caller = self.known_account(caller)?;
        if !caller.iam_billing_access {
            return Err(Refusal::access_denied(
                "IAM access to billing information is not activated for the account.",
            ));
        }
        self.check_prepared(caller)?;
        let history = History::of(self);
        let costs = periods
            .iter()
            .map(|period| self.costs_of(&history, caller, view, *period))
            .collect();
        Ok(costs)
    }

    fn check_prepared(&self, caller: &Account) -> Result<(), Refusal> {
        let since = match caller
            .organization()
            .and_then(|id| self.organizations.get(id))
        {
            Some(organization) => organization.created_at,
            None => caller.created_at,
        };
        if self.now < since + PREPARED {
            return Err(Refusal::new(
                "DataUnavailableException",
                "The requested data is unavailable: it is still being prepared.",
            ));
        }
        Ok(())
    }

    fn costs_of(
        &self,
        history: &History<'_>,
        caller: &Account,
        view: &BillingView,
        (start, end): (Date, Date),
    ) -> Vec<Cost> {
        let end = end.min(self.now.date());
        let mut costs = Vec::new();
        for account in self.accounts.values() {
            let mut sums = [0_u64; SERVICES.len()];
            let mut day = start;
            while day < end {
                let rate = Rate::of(account, CalendarMonth::of(day.midnight().assume_utc()));
                let next = rate.next.min(end);
                let days = Days(day, next)
                    .filter(|time| account.created_at <= *time)
                    .filter(|time| account.closed_at.is_none_or(|closed_at| *time < closed_at))
                    .filter(|time| history.is_visible(caller, view, &account.id, *time));
                let days = days.count() as u64;
                for (sum, daily) in sums.iter_mut().zip(rate.daily) {
                    *sum += daily * days;
                }
                day = next;
            }
            let billed = SERVICES.iter().zip(sums).filter(|(_, micros)| *micros > 0);
            costs.extend(billed.map(|((service, _), micros)| Cost {
                account: account.id.clone(),
                service,
                micros,
            }));
        }
        costs
    }

    /// Whether what is known of a day may still change.
    pub fn is_estimated(&self, day: Date) -> bool {
        let month = CalendarMonth::of(day.midnight().assume_utc());
        self.now < month.next().start() + ESTIMATED
    }
}

/// What an account costs on each day of a month.
struct Rate {
    daily: [u64; SERVICES.len()],
    /// The first day of the next month.
    next: Date,
}

impl Rate {
    fn of(account: &Account, month: CalendarMonth) -> Self {
        let first = month.start().date();
        let percent = 80 + ids::number(&format!("cost/{}/{first}", account.id)) % 41;
        let daily = SERVICES.map(|(service, most)| {
            let base = ids::number(&format!("cost/{}/{service}", account.id)) % most;
            base * percent / 100
        });
        Self {
            daily,
            next: month.next().start().date(),
        }
    }
}

/// The last seconds of the days from one until before another.
struct Days(Date, Date);

impl Iterator for Days {
    type Item = OffsetDateTime;

    fn next(&mut self) -> Option<OffsetDateTime> {
        if self.0 >= self.1 {
            return None;
        }
        self.0 = self.0.next_day()?;
        Some(self.0.midnight().assume_utc() - Duration::SECOND)
    }
}
