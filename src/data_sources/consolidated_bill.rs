//! `awsbilling_consolidated_bill`: what each account cost in each month, as the payer sees it.
//!
//! The rule a reader would not guess: money is text here. Terraform's numbers are floats in many hands, and
//! a sum of a bill must be the sum to the last digit.

use std::collections::{BTreeMap, BTreeSet};

use bigdecimal::{BigDecimal, Zero};
use time::OffsetDateTime;

use crate::attributes::{AssumeRole, Month};
use crate::aws::Aws;
use crate::aws::cost_explorer::{Amount, Bill, MonthlyBill, Query};
use crate::aws::types::{AccountId, BillingViewArn};
use crate::framework::{
    Choice, Computed, Cx, DataSource, Diagnostic, Diagnostics, Model, Page, Partial, Permission,
    Result,
};

/// Reads the bill of an organization from Cost Explorer: what each of its accounts cost in each month, with
/// exact sums.
///
/// With credentials of a management account this is the consolidated bill. A standalone account sees its own
/// costs, and a member those since it joined, if the management account lets it. An account that joins
/// another organization takes no history along: the costs before stay with whoever paid them.
///
/// ~> AWS charges USD 0.01 for each request. Every plan and apply asks once for each bill, and once more for
/// each further page of many accounts.
#[derive(Clone, Debug, Model)]
#[model(conflicts(billing_view_arn, source_account_id))]
pub struct ReadBill {
    /// First month, such as `2027-01`; `end_month` if nothing is said. AWS shows 13 months before the
    /// current one, and 38 in all where the management account has enabled multi-year data.
    pub start_month: Option<Month>,

    /// Last month; the current one, whose costs are still estimated, if nothing is said.
    pub end_month: Option<Month>,

    /// Way in which costs are counted.
    #[attr(default = Metric::Unblended)]
    pub metric: Metric,

    /// ID of the management account of an organization that has transferred its bill to this account, to read
    /// that bill: AWS shows it in a billing view of its own, which is looked for. Conflicts with
    /// `billing_view_arn`.
    pub source_account_id: Option<AccountId>,

    /// ARN of the billing view to read; the account's own view, of its organization, if nothing is said.
    /// Conflicts with `source_account_id`.
    pub billing_view_arn: Option<BillingViewArn>,

    /// Whether to answer without a bill, and to warn, where there is none yet, as on the first day of an
    /// organization, or before a transfer begins. Otherwise that is an error.
    #[attr(default = false)]
    pub allow_unavailable: bool,

    /// Role to assume in the account that reads the bill, where the provider's own credentials are of
    /// another.
    pub assume_role: Option<AssumeRole>,

    /// ID of the account that reads the bill.
    pub account_id: Computed<AccountId>,

    /// Whether there is a bill. Always true without `allow_unavailable`.
    pub available: Computed<bool>,

    /// Whether a month of the bill may still change.
    pub estimated: Computed<bool>,

    /// Currency of the bill, such as `USD`; null if it is empty or has several.
    pub currency: Computed<String>,

    /// Sum of all months and accounts, as decimal text; null without a bill, and if it has several
    /// currencies.
    pub total: Computed<String>,

    /// Months in their order.
    pub months: Computed<Vec<BilledMonth>>,

    /// Accounts over all months, in the order of their IDs.
    pub accounts: Computed<Vec<BilledAccount>>,
}

/// Way in which costs are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Metric {
    /// As each account used it, on the day of use.
    Unblended,
    /// At the average rate of the organization.
    Blended,
    /// Unblended, less the discounts that were agreed.
    NetUnblended,
    /// With what was paid upfront, spread over the time that it is for.
    Amortized,
    /// Amortized, less the discounts that were agreed.
    NetAmortized,
}

impl Metric {
    /// Source: `Metrics` of `GetCostAndUsage` in the AWS Cost Explorer API reference.
    fn at_aws(self) -> &'static str {
        match self {
            Self::Unblended => "UnblendedCost",
            Self::Blended => "BlendedCost",
            Self::NetUnblended => "NetUnblendedCost",
            Self::Amortized => "AmortizedCost",
            Self::NetAmortized => "NetAmortizedCost",
        }
    }
}

/// Month of a bill.
#[derive(Clone, Debug, Model)]
pub struct BilledMonth {
    /// Month, such as `2027-01`.
    pub month: Month,

    /// Whether the costs are an estimate, which AWS may still change.
    pub estimated: bool,

    /// Sum of all accounts, as decimal text; null if they have several currencies.
    pub total: Option<String>,

    /// What each account cost in the month, in the order of the IDs.
    pub accounts: Vec<BilledAccount>,
}

/// Account of a bill.
#[derive(Clone, Debug, Model)]
pub struct BilledAccount {
    /// ID of the account, or a word of AWS's for costs that belong to none.
    pub account_id: String,

    /// Name of the account, where AWS tells.
    pub name: Option<String>,

    /// What the account cost, as decimal text; null if it has several currencies.
    pub amount: Option<String>,

    /// Currency of the amount; null if there are several.
    pub currency: Option<String>,
}

/// Furthest that AWS looks back, the current month among it, where multi-year data is enabled.
///
/// Source: AWS Cost Management user guide, "Configuring multi-year and granular data".
const MOST_MONTHS: usize = 38;

/// The data source.
#[derive(Debug)]
pub struct ConsolidatedBill {
    aws: Aws,
}

impl DataSource for ConsolidatedBill {
    const NAME: &'static str = "consolidated_bill";
    const PAGE: Page = Page {
        subcategory: "Running an organization",
        permissions: &[
            Permission::new("ce:GetCostAndUsage", "always"),
            Permission::new("billing:ListBillingViews", "with `source_account_id`"),
            Permission::new(
                "billing:GetBillingViewData",
                "with `source_account_id` or `billing_view_arn`",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = ReadBill;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    fn validate(config: &PartialReadBill, problems: &mut Diagnostics) {
        if let (Partial::Known(Some(start)), Partial::Known(Some(end))) =
            (&config.start_month, &config.end_month)
            && end < start
        {
            problems.push(
                invalid(format!(
                    "end_month is {end}, before start_month, which is {start}."
                ))
                .at("end_month"),
            );
        }
    }

    async fn read(&self, cx: &Cx, config: ReadBill) -> Result<ReadBill> {
        let role = config.assume_role.as_ref().map(Into::into);
        let account = self.aws.caller(cx, role.as_ref()).await?.account_id;
        let span = config.span(self.aws.now(cx))?;
        let config = ReadBill {
            account_id: account.into(),
            ..config
        };
        let view = match &config.source_account_id {
            None => config.billing_view_arn.as_ref().map(ToString::to_string),
            Some(source) => match self.view_of(cx, source, &config, &span).await? {
                Some(arn) => Some(arn),
                None if config.allow_unavailable => {
                    cx.warn(not_transferred(&config, source));
                    return Ok(config.without_bill());
                }
                None => return Err(not_transferred(&config, source)),
            },
        };
        let explorer = self.aws.cost_explorer(cx, role.as_ref()).await?;
        match explorer.bill(cx, &config.query(&span, view)).await {
            Ok(bill) => Ok(config.showing(&bill)),
            Err(failure)
                if config.allow_unavailable
                    && failure.code() == Some("DataUnavailableException") =>
            {
                cx.warn(not_there_yet(&config));
                Ok(config.without_bill())
            }
            Err(failure) => Err(failure.into()),
        }
    }
}

impl ConsolidatedBill {
    /// The view of the bill that the source has transferred, in the last of the months that has one.
    async fn view_of(
        &self,
        cx: &Cx,
        source: &AccountId,
        config: &ReadBill,
        span: &Span,
    ) -> Result<Option<String>> {
        let role = config.assume_role.as_ref().map(Into::into);
        let billing = self.aws.billing(cx, role.as_ref()).await?;
        let months = since(span.first).take_while(|month| *month <= span.last);
        let months: Vec<_> = months.collect();
        for month in months.into_iter().rev() {
            let whole = (month.start(), month.end());
            let views = billing.transferred_views(cx, source, whole).await?;
            match views.as_slice() {
                [] => {}
                [arn] => return Ok(Some(arn.clone())),
                several => return Err(several_views(source, month, several)),
            }
        }
        Ok(None)
    }
}

/// Months to ask for, one of them at least.
struct Span {
    first: Month,
    last: Month,
}

/// The month and those after it.
fn since(month: Month) -> impl Iterator<Item = Month> {
    std::iter::successors(Some(month), |month| Some(month.next()))
}

impl ReadBill {
    /// The months to ask for, if AWS can tell of them.
    fn span(&self, now: OffsetDateTime) -> Result<Span> {
        let current = Month::of(now);
        let end = self.end_month.unwrap_or(current);
        let start = self.start_month.unwrap_or(end);
        for (month, at) in [(end, "end_month"), (start, "start_month")] {
            if month > current {
                return Err(invalid(format!(
                    "{month} is to come: AWS tells costs up to the current month, {current}."
                ))
                .at(at));
            }
        }
        if end < start {
            return Err(invalid(format!(
                "start_month is {start}, after the last month, which is {end}."
            ))
            .at("start_month"));
        }
        let reached = since(start)
            .take(MOST_MONTHS + 1)
            .take_while(|month| *month <= current)
            .count();
        if reached > MOST_MONTHS {
            return Err(invalid(format!(
                "{start} is too long ago: Cost Explorer shows {MOST_MONTHS} months at most, the current one \
                 ({current}) among them. For older months, read a cost and usage report."
            ))
            .at("start_month"));
        }
        Ok(Span {
            first: start,
            last: end,
        })
    }

    /// What to ask.
    fn query(&self, span: &Span, view: Option<String>) -> Query {
        Query {
            start: span.first.start().date(),
            end: span.last.next().start().date(),
            metric: self.metric.at_aws(),
            billing_view_arn: view,
        }
    }

    fn showing(self, bill: &Bill) -> Self {
        let mut by_account: BTreeMap<&String, Vec<&Amount>> = BTreeMap::new();
        for (account, amount) in bill.months.iter().flat_map(|month| &month.accounts) {
            by_account.entry(account).or_default().push(amount);
        }
        let all = Sum::of(by_account.values().flatten().copied());
        let months = bill.months.iter();
        let accounts = by_account.iter();
        Self {
            available: true.into(),
            estimated: bill.months.iter().any(|month| month.estimated).into(),
            total: all.number().into(),
            currency: all.currency.into(),
            months: months
                .map(|month| BilledMonth::of(month, bill))
                .collect::<Vec<_>>()
                .into(),
            accounts: accounts
                .map(|(id, amounts)| BilledAccount::of(id, amounts.iter().copied(), bill))
                .collect::<Vec<_>>()
                .into(),
            ..self
        }
    }

    fn without_bill(self) -> Self {
        Self {
            available: false.into(),
            estimated: true.into(),
            currency: Computed::Null,
            total: Computed::Null,
            months: Vec::new().into(),
            accounts: Vec::new().into(),
            ..self
        }
    }
}

impl BilledMonth {
    fn of(month: &MonthlyBill, bill: &Bill) -> Self {
        let accounts = month.accounts.iter();
        Self {
            month: Month::of(month.start.midnight().assume_utc()),
            estimated: month.estimated,
            total: Sum::of(month.accounts.values()).number(),
            accounts: accounts
                .map(|(id, amount)| BilledAccount::of(id, [amount], bill))
                .collect(),
        }
    }
}

impl BilledAccount {
    fn of<'a>(id: &str, amounts: impl IntoIterator<Item = &'a Amount>, bill: &Bill) -> Self {
        let sum = Sum::of(amounts);
        Self {
            account_id: id.to_owned(),
            name: bill.names.get(id).cloned(),
            amount: sum.number(),
            currency: sum.currency,
        }
    }
}

/// Exact sum. What is in several currencies has none.
struct Sum {
    number: BigDecimal,
    currency: Option<String>,
    is_mixed: bool,
}

impl Sum {
    fn of<'a>(amounts: impl IntoIterator<Item = &'a Amount>) -> Self {
        let (mut number, mut units) = (BigDecimal::zero(), BTreeSet::new());
        for amount in amounts {
            number += &amount.number;
            units.insert(&amount.unit);
        }
        let is_mixed = units.len() > 1;
        Self {
            number,
            currency: units.first().filter(|_| !is_mixed).map(ToString::to_string),
            is_mixed,
        }
    }

    fn number(&self) -> Option<String> {
        let text = || self.number.normalized().to_plain_string();
        (!self.is_mixed).then(text)
    }
}

fn not_there_yet(config: &ReadBill) -> Diagnostic {
    let account = config.account_id.known().map_or("?", AccountId::as_str);
    Diagnostic::warning("Bill not available yet").detail(format!(
        "AWS has prepared no costs for account {account} yet, which takes about a day for a new account or \
         organization. The bill is empty until then: apply again a day later."
    ))
}

fn several_views(source: &AccountId, month: Month, views: &[String]) -> Diagnostic {
    invalid(format!(
        "AWS shows the bill of account {source} in {} views in {month}. Choose one, and write it as \
         billing_view_arn instead: {}.",
        views.len(),
        views.join(", ")
    ))
    .at("source_account_id")
}

/// A warning where a bill may be missing, and an error where it must not.
fn not_transferred(config: &ReadBill, source: &AccountId) -> Diagnostic {
    let account = config.account_id.known().map_or("?", AccountId::as_str);
    let fact = format!(
        "AWS shows account {account} no bill of the organization that account {source} manages: no transfer of \
         it had begun in these months."
    );
    if config.allow_unavailable {
        return Diagnostic::warning("No transferred bill yet").detail(format!(
            "{fact} The bill is empty until then. The data source awsbilling_billing_transfers says when it \
             begins."
        ));
    }
    Diagnostic::error("No transferred bill")
        .detail(format!(
            "{fact}\n\nCheck source_account_id and the months; the data source awsbilling_billing_transfers \
             says when each transfer begins. To go on without a bill until then, set allow_unavailable = true."
        ))
        .at("source_account_id")
}

fn invalid(detail: String) -> Diagnostic {
    Diagnostic::error("Invalid attribute value").detail(detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn amount(number: &str, unit: &str) -> Amount {
        Amount {
            number: number.parse().unwrap(),
            unit: unit.to_owned(),
        }
    }

    #[test]
    fn a_sum_is_exact_and_plain() {
        let number = |amounts: &[Amount]| Sum::of(amounts).number();
        let tenths: Vec<_> = (0..10).map(|_| amount("0.1", "USD")).collect();
        assert_eq!(number(&tenths).unwrap(), "1");
        let far = [amount("123456789012345", "USD"), amount("1E-12", "USD")];
        assert_eq!(number(&far).unwrap(), "123456789012345.000000000001");
        assert_eq!(
            number(&[amount("5.10", "USD"), amount("-5.1", "USD")]).unwrap(),
            "0"
        );
        assert_eq!(number(&[amount("1200.00", "USD")]).unwrap(), "1200");
    }

    #[test]
    fn nothing_is_added_across_currencies() {
        let amounts = [amount("1", "USD"), amount("1", "INR")];
        let mixed = Sum::of(&amounts);
        assert_eq!((mixed.number(), mixed.currency), (None, None));
    }
}
