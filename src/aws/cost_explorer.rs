//! Cost Explorer in domain words: what each account cost in each month.
//!
//! Every page that AWS gives is a request that it charges for, so there is one query for a bill, and one
//! answer for all that ask the same in a run.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_costexplorer::Client;
use aws_sdk_costexplorer::operation::get_cost_and_usage::GetCostAndUsageOutput;
use aws_sdk_costexplorer::types::{
    DateInterval, Granularity, GroupDefinition, GroupDefinitionType,
};
use bigdecimal::BigDecimal;
use time::Date;

use super::error::{Call, Failure};
use super::snapshot::{Epoch, Snapshot};
use crate::framework::Cx;

/// What is asked of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    /// First day of the first month.
    pub start: Date,
    /// First day of the month after the last.
    pub end: Date,
    /// Metric as Cost Explorer names it, such as `UnblendedCost`.
    pub metric: &'static str,
    /// Billing view whose costs are asked for; the account's own if nothing is said.
    pub billing_view_arn: Option<String>,
}

/// Bill of some months.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Months in their order.
    pub months: Vec<MonthlyBill>,
    /// Names of the accounts, where AWS tells.
    pub names: BTreeMap<String, String>,
}

/// Bill of one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthlyBill {
    /// First day of the month.
    pub start: Date,
    /// Whether the costs may still change.
    pub estimated: bool,
    /// What each account cost, by its ID. Costs that belong to no account have a word of AWS's instead.
    pub accounts: BTreeMap<String, Amount>,
}

/// Exact sum of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// How much, as exact as AWS tells.
    pub number: BigDecimal,
    /// Currency.
    pub unit: String,
}

/// Cost Explorer, as one session sees it; cheap to clone.
#[derive(Clone, Debug)]
pub struct CostExplorer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    bills: Mutex<HashMap<Query, Arc<Snapshot<Bill>>>>,
}

/// Region that serves Cost Explorer in a partition.
///
/// Source: AWS General Reference, "AWS Billing and Cost Management endpoints and quotas".
pub(super) fn home(region: &str) -> &'static str {
    super::cost_and_usage::home(region)
}

impl CostExplorer {
    /// Cost Explorer with the credentials of the client.
    pub(super) fn new(client: Client) -> Self {
        Self(Arc::new(Inner {
            client,
            bills: Mutex::default(),
        }))
    }

    /// What each account cost in each month. The same question is put once.
    pub async fn bill(&self, cx: &Cx, query: &Query) -> Result<Arc<Bill>, Failure> {
        let shared = {
            let mut bills = self.0.bills.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = bills.entry(query.clone());
            // Nothing that Terraform writes changes what was spent.
            Arc::clone(entry.or_insert_with(|| Arc::new(Snapshot::new(Epoch::default()))))
        };
        let ask = || {
            let (client, query) = (self.0.client.clone(), query.clone());
            async move { ask(&client, &query).await }
        };
        cx.unless_interrupted(shared.read(ask)).await?
    }
}

/// Reads all pages. Cost Explorer's model names no paginator.
async fn ask(client: &Client, query: &Query) -> Result<Bill, Failure> {
    let call = Call::new("GetCostAndUsage", "read the bill").allowed_by("ce:GetCostAndUsage");
    let interval = DateInterval::builder()
        .start(query.start.to_string())
        .end(query.end.to_string())
        .build()
        .map_err(Failure::bug)?;
    let by_account = GroupDefinition::builder()
        .r#type(GroupDefinitionType::Dimension)
        .key("LINKED_ACCOUNT")
        .build();
    let request = client
        .get_cost_and_usage()
        .time_period(interval)
        .granularity(Granularity::Monthly)
        .metrics(query.metric)
        .group_by(by_account)
        .set_billing_view_arn(query.billing_view_arn.clone());
    let mut bill = Bill::default();
    let mut token = None;
    loop {
        let page = request.clone().set_next_page_token(token).send().await;
        let page = page.map_err(|error| Failure::of_service(&call, error))?;
        bill.add(&page, query.metric)?;
        token = page.next_page_token;
        if token.is_none() {
            return Ok(bill);
        }
    }
}

impl Bill {
    /// Adds a page. A month may go on on the next one.
    fn add(&mut self, page: &GetCostAndUsageOutput, metric: &str) -> Result<(), Failure> {
        for result in page.results_by_time() {
            let period = result.time_period();
            let start = period.and_then(|period| date(period.start()));
            let start = start.ok_or_else(|| unexpected("a period without its first day"))?;
            let month = self.month(start);
            month.estimated |= result.estimated();
            for group in result.groups() {
                let [account] = group.keys() else {
                    return Err(unexpected("a group without its account"));
                };
                let cost = group.metrics().and_then(|metrics| metrics.get(metric));
                let cost = cost.ok_or_else(|| unexpected("a group without its costs"))?;
                let number = BigDecimal::from_str(cost.amount().unwrap_or_default())
                    .map_err(|_| unexpected("an amount that is no number"))?;
                let unit = cost.unit().unwrap_or_default().to_owned();
                month
                    .accounts
                    .insert(account.clone(), Amount { number, unit });
            }
        }
        for named in page.dimension_value_attributes() {
            let name = named.attributes().and_then(|all| all.get("description"));
            if let (Some(account), Some(name)) = (named.value(), name) {
                self.names.insert(account.to_owned(), name.clone());
            }
        }
        Ok(())
    }

    fn month(&mut self, start: Date) -> &mut MonthlyBill {
        let at = self.months.partition_point(|month| month.start < start);
        if self.months.get(at).is_none_or(|month| month.start != start) {
            let month = MonthlyBill {
                start,
                estimated: false,
                accounts: BTreeMap::new(),
            };
            self.months.insert(at, month);
        }
        &mut self.months[at]
    }
}

fn date(text: &str) -> Option<Date> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(text, format).ok()
}

fn unexpected(what: &str) -> Failure {
    Failure::bug(format!("Cost Explorer answered with {what}."))
}
