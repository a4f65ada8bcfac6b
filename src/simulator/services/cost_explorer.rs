//! AWS Cost Explorer (API version 2017-10-25), JSON 1.1: `GetCostAndUsage`.
//!
//! The rule a reader would not guess: a page is cut by groups, not by periods, so a period can go on on the next page.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};
use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::Operation::{self, Read};
use super::{Answer, Context, input};
use crate::world::{BillingView, Cost, Refusal, World, number};

/// The prefix of `X-Amz-Target`.
pub(super) const TARGET: &str = "AWSInsightsIndexService";

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
/// AWS publishes no figure; this one is low, so that pages are met with.
const GROUPS_PER_PAGE: usize = 100;
/// How far back data goes, unless more is asked for (Cost Management user guide, "Setting up multi-year data").
const MONTHS_BACK: i32 = 13;

/// Metrics, their share of the unblended cost in thousandths, and their unit (API reference, `GetCostAndUsage`,
/// `Metrics`). The shares are made up, such that no two metrics are mistaken for each other.
const METRICS: [(&str, u64, &str); 7] = [
    ("AmortizedCost", 1_010, "USD"),
    ("BlendedCost", 990, "USD"),
    ("NetAmortizedCost", 980, "USD"),
    ("NetUnblendedCost", 970, "USD"),
    ("NormalizedUsageAmount", 4_000, "N/A"),
    ("UnblendedCost", 1_000, "USD"),
    ("UsageQuantity", 2_000, "N/A"),
];

pub(super) fn operation(name: &str) -> Option<Operation> {
    match name {
        "GetCostAndUsage" => Some(Read(get_cost_and_usage)),
        _ => None,
    }
}

/// A view has a permission of its own (Service Authorization Reference, permission-only actions of AWS Billing).
pub(super) fn further_actions(input: &Value) -> Vec<String> {
    let action = "billing:GetBillingViewData".to_owned();
    input
        .get("BillingViewArn")
        .map(|_| action)
        .into_iter()
        .collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetCostAndUsage {
    time_period: Option<TimePeriod>,
    granularity: Option<String>,
    filter: Option<Filter>,
    metrics: Option<Vec<String>>,
    #[serde(default)]
    group_by: Vec<GroupDefinition>,
    billing_view_arn: Option<String>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TimePeriod {
    start: Option<String>,
    end: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupDefinition {
    r#type: Option<String>,
    key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    and: Option<Vec<Filter>>,
    or: Option<Vec<Filter>>,
    not: Option<Box<Filter>>,
    dimensions: Option<DimensionValues>,
    tags: Option<Value>,
    cost_categories: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DimensionValues {
    key: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

/// What costs are told apart by.
#[derive(Clone, Copy)]
enum Dimension {
    LinkedAccount,
    Service,
}

impl Dimension {
    fn parse(key: Option<&str>) -> Result<Self, Refusal> {
        match key {
            Some("LINKED_ACCOUNT") => Ok(Self::LinkedAccount),
            Some("SERVICE") => Ok(Self::Service),
            Some(other) => Err(invalid(format!("Dimension {other} is not supported."))),
            None => Err(invalid("A dimension needs a key.")),
        }
    }

    fn of(self, cost: &Cost) -> &str {
        match self {
            Self::LinkedAccount => cost.account.as_str(),
            Self::Service => cost.service,
        }
    }
}

impl Filter {
    fn admits(&self, cost: &Cost) -> Result<bool, Refusal> {
        if self.tags.is_some() || self.cost_categories.is_some() {
            return Err(invalid("Only dimensions can be filtered by here."));
        }
        let mut parts = Vec::new();
        if let Some(dimensions) = &self.dimensions {
            let value = Dimension::parse(dimensions.key.as_deref())?.of(cost);
            parts.push(dimensions.values.iter().any(|wanted| wanted == value));
        }
        if let Some(all) = &self.and {
            parts.push(admitted(all, cost)?.into_iter().all(|admitted| admitted));
        }
        if let Some(any) = &self.or {
            parts.push(admitted(any, cost)?.into_iter().any(|admitted| admitted));
        }
        if let Some(not) = &self.not {
            parts.push(!not.admits(cost)?);
        }
        match parts[..] {
            [admitted] => Ok(admitted),
            _ => Err(invalid("An expression has exactly one root.")),
        }
    }
}

fn admitted(filters: &[Filter], cost: &Cost) -> Result<Vec<bool>, Refusal> {
    filters.iter().map(|filter| filter.admits(cost)).collect()
}

fn get_cost_and_usage(world: &World, context: &Context<'_>) -> Answer {
    let request: GetCostAndUsage = input::parse(context.input)?;
    let periods = periods(world, &request)?;
    let metrics = metrics(&request)?;
    let dimensions = dimensions(&request)?;
    let skipped = skipped(&request, context.input)?;
    let caller = &context.caller()?.account;
    let view = match &request.billing_view_arn {
        Some(arn) => world.billing_view(caller, arn)?,
        None => BillingView::Primary,
    };
    let costs = world.costs(caller, &view, &periods)?;

    let mut page = Page {
        skipped,
        room: GROUPS_PER_PAGE,
        more: false,
    };
    let (mut results, mut accounts) = (Vec::new(), BTreeSet::new());
    for (period, costs) in periods.iter().zip(costs) {
        let costs = match &request.filter {
            Some(filter) => filtered(filter, costs)?,
            None => costs,
        };
        let mut result = json!({
            "TimePeriod": {"Start": date(period.0), "End": date(period.1)},
            "Total": {},
            "Groups": [],
            "Estimated": world.is_estimated(period.0),
        });
        if dimensions.is_empty() {
            let micros = costs.iter().map(|cost| cost.micros).sum();
            result["Total"] = amounts(&metrics, micros);
        } else {
            let groups = grouped(&dimensions, &costs);
            let is_empty = groups.is_empty();
            let shown = page.cut(groups);
            if shown.is_empty() && !is_empty {
                continue;
            }
            result["Groups"] = shown
                .iter()
                .map(|(keys, micros)| json!({"Keys": keys, "Metrics": amounts(&metrics, *micros)}))
                .collect();
            accounts.extend(costs.into_iter().map(|cost| cost.account));
        }
        results.push(result);
    }
    let mut answer = json!({"ResultsByTime": results});
    if !dimensions.is_empty() {
        answer["GroupDefinitions"] = context.input["GroupBy"].clone();
    }
    if dimensions
        .iter()
        .any(|dimension| matches!(dimension, Dimension::LinkedAccount))
    {
        answer["DimensionValueAttributes"] = accounts
            .iter()
            .filter_map(|id| world.account(id.as_str()))
            .map(
                |account| json!({"Value": account.id, "Attributes": {"description": account.name}}),
            )
            .collect();
    }
    if page.more {
        answer["NextPageToken"] = json!(format!(
            "{}-{}",
            skipped + GROUPS_PER_PAGE,
            fingerprint(context.input)
        ));
    }
    Ok(answer)
}

/// What is left of a page.
struct Page {
    skipped: usize,
    room: usize,
    more: bool,
}

impl Page {
    fn cut<T>(&mut self, mut groups: Vec<T>) -> Vec<T> {
        let skipped = self.skipped.min(groups.len());
        self.skipped -= skipped;
        groups.drain(..skipped);
        self.more |= groups.len() > self.room;
        groups.truncate(self.room);
        self.room -= groups.len();
        groups
    }
}

fn filtered(filter: &Filter, costs: Vec<Cost>) -> Result<Vec<Cost>, Refusal> {
    let mut admitted = Vec::new();
    for cost in costs {
        if filter.admits(&cost)? {
            admitted.push(cost);
        }
    }
    Ok(admitted)
}

fn grouped(dimensions: &[Dimension], costs: &[Cost]) -> Vec<(Vec<String>, u64)> {
    let mut groups: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    for cost in costs {
        let keys = dimensions
            .iter()
            .map(|dimension| dimension.of(cost).to_owned())
            .collect();
        *groups.entry(keys).or_default() += cost.micros;
    }
    groups.into_iter().collect()
}

fn periods(world: &World, request: &GetCostAndUsage) -> Result<Vec<(Date, Date)>, Refusal> {
    let period = request
        .time_period
        .as_ref()
        .ok_or_else(|| invalid("TimePeriod is required."))?;
    let read = |text: Option<&String>, name: &str| {
        let text = text.ok_or_else(|| invalid(format!("{name} is required.")))?;
        Date::parse(text, DATE).map_err(|_| invalid(format!("{name} must be like 2026-11-01.")))
    };
    let start = read(period.start.as_ref(), "Start")?;
    let end = read(period.end.as_ref(), "End")?;
    let now = world.now().date();
    if start >= end {
        return Err(invalid("Start date must be before end date."));
    }
    if start > now {
        return Err(invalid("Start date cannot be after now."));
    }
    if months(now) - months(start) > MONTHS_BACK {
        return Err(invalid(
            "Start date is too far in the past: historical data beyond 14 months is not enabled.",
        ));
    }
    let next: fn(Date) -> Option<Date> = match request.granularity.as_deref() {
        Some("MONTHLY") => first_of_next_month,
        Some("DAILY") => Date::next_day,
        Some("HOURLY") => return Err(invalid("Hourly data is not enabled.")),
        Some(_) => return Err(invalid("Granularity is none of the possible values.")),
        None => return Err(invalid("Granularity is required.")),
    };
    let mut periods = Vec::new();
    let mut at = start;
    while at < end {
        let until = next(at).unwrap_or(end).min(end);
        periods.push((at, until));
        at = until;
    }
    Ok(periods)
}

fn months(date: Date) -> i32 {
    date.year() * 12 + i32::from(u8::from(date.month()))
}

fn first_of_next_month(date: Date) -> Option<Date> {
    let last = date.month().length(date.year());
    date.replace_day(last).ok()?.next_day()
}

type Metric = (&'static str, u64, &'static str);

fn metrics(request: &GetCostAndUsage) -> Result<Vec<Metric>, Refusal> {
    let names = request.metrics.as_deref().unwrap_or_default();
    if names.is_empty() {
        return Err(invalid("Metrics is required."));
    }
    let find = |name: &String| {
        METRICS
            .into_iter()
            .find(|(metric, ..)| metric == name)
            .ok_or_else(|| invalid(format!("{name} is no metric.")))
    };
    names.iter().map(find).collect()
}

fn dimensions(request: &GetCostAndUsage) -> Result<Vec<Dimension>, Refusal> {
    if request.group_by.len() > 2 {
        return Err(invalid("Costs are grouped by at most two keys."));
    }
    request
        .group_by
        .iter()
        .map(|group| match group.r#type.as_deref() {
            Some("DIMENSION") => Dimension::parse(group.key.as_deref()),
            _ => Err(invalid("Costs are grouped by dimensions only here.")),
        })
        .collect()
}

/// A token goes with the request that it was given for (API reference, `RequestChangedException`).
fn skipped(request: &GetCostAndUsage, input: &Value) -> Result<usize, Refusal> {
    let Some(token) = &request.next_page_token else {
        return Ok(0);
    };
    let (skipped, of) = token
        .split_once('-')
        .and_then(|(skipped, of)| Some((skipped.parse().ok()?, of)))
        .ok_or_else(|| Refusal::new("InvalidNextTokenException", "The token is invalid."))?;
    if of != fingerprint(input) {
        return Err(Refusal::new(
            "RequestChangedException",
            "The request has changed since the token was given.",
        ));
    }
    Ok(skipped)
}

fn fingerprint(input: &Value) -> String {
    let mut request = input.clone();
    if let Some(request) = request.as_object_mut() {
        request.remove("NextPageToken");
    }
    format!("{:016x}", number(&request.to_string()))
}

fn amounts(metrics: &[Metric], micros: u64) -> Value {
    let amount = |share: u64| {
        let billionths = u128::from(micros) * u128::from(share);
        format!(
            "{}.{:09}0",
            billionths / 1_000_000_000,
            billionths % 1_000_000_000
        )
    };
    metrics
        .iter()
        .map(|(name, share, unit)| {
            let value = json!({"Amount": amount(*share), "Unit": unit});
            ((*name).to_owned(), value)
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn date(date: Date) -> String {
    // A well-formed description of a date cannot fail for a date.
    date.format(DATE).unwrap_or_default()
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationException", message)
}
