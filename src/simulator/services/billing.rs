//! AWS Billing (API version 2023-09-07), JSON 1.0: `ListBillingViews`.
//!
//! The rule a reader would not guess: the bill of an organization that was transferred is in a view of its own, and not
//! in the primary view of who pays (billing user guide, "Viewing Billing and Cost Management data as a Bill Transfer
//! account"). The second view of each transfer, for showback, needs Billing Conductor, which is not simulated.

use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Operation::{self, Read};
use super::{Answer, Context, input};
use crate::world::{BillingView, Refusal, World};

/// The prefix of `X-Amz-Target`.
pub(super) const TARGET: &str = "AWSBilling";

/// The largest and the usual page (API reference, `ListBillingViews`, `maxResults`).
const PAGE: usize = 100;

pub(super) fn operation(name: &str) -> Option<Operation> {
    match name {
        "ListBillingViews" => Some(Read(list_billing_views)),
        _ => None,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListBillingViews {
    active_time_range: Option<ActiveTimeRange>,
    arns: Option<Vec<String>>,
    billing_view_types: Option<Vec<String>>,
    owner_account_id: Option<String>,
    source_account_id: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActiveTimeRange {
    active_after_inclusive: f64,
    active_before_inclusive: f64,
}

fn list_billing_views(world: &World, context: &Context<'_>) -> Answer {
    let request: ListBillingViews = input::parse(context.input)?;
    let size = request.max_results.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&size) {
        return Err(invalid("maxResults must be between 1 and 100."));
    }
    let skipped = match request.next_token.as_deref().map(str::parse) {
        None => 0,
        Some(Ok(skipped)) => skipped,
        Some(Err(_)) => return Err(invalid("The token is invalid.")),
    };
    let (from, until) = range(world, request.active_time_range.as_ref())?;
    let caller = &context.caller()?.account;
    let has = |wanted: &Option<Vec<String>>, value: &str| {
        let mut wanted = wanted.iter().flatten().peekable();
        wanted.peek().is_none() || wanted.any(|one| one == value)
    };
    let is = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|one| one == value);
    let views = world.billing_views(caller, from, until)?;
    let mut views = views
        .into_iter()
        .map(|(arn, view)| {
            let (kind, name, source) = match &view {
                BillingView::Primary => ("PRIMARY", "Primary View", caller.clone()),
                BillingView::Transferred { source, .. } => {
                    ("BILLING_TRANSFER", "My view", source.clone())
                }
            };
            (arn, kind, name, source)
        })
        .filter(|(arn, kind, _, source)| {
            has(&request.arns, arn)
                && has(&request.billing_view_types, kind)
                && is(&request.owner_account_id, caller.as_str())
                && is(&request.source_account_id, source.as_str())
        })
        .skip(skipped);
    let page: Vec<Value> = views
        .by_ref()
        .take(size)
        .map(|(arn, kind, name, source)| {
            json!({
                "arn": arn,
                "billingViewType": kind,
                "name": name,
                "ownerAccountId": caller,
                "sourceAccountId": source,
                "healthStatus": {"statusCode": "HEALTHY"},
            })
        })
        .collect();
    let more = views.next().is_some();
    let mut answer = json!({"billingViews": page});
    if more {
        answer["nextToken"] = json!((skipped + size).to_string());
    }
    Ok(answer)
}

/// The time is within one month (API reference, `ListBillingViews`, `activeTimeRange`); the present if nothing is said.
fn range(
    world: &World,
    range: Option<&ActiveTimeRange>,
) -> Result<(OffsetDateTime, OffsetDateTime), Refusal> {
    let Some(range) = range else {
        return Ok((world.now(), world.now()));
    };
    #[allow(
        clippy::cast_possible_truncation,
        reason = "seconds, which are written with a point"
    )]
    let time = |seconds: f64| {
        OffsetDateTime::from_unix_timestamp(seconds as i64).map_err(|_| invalid("No such time."))
    };
    let from = time(range.active_after_inclusive)?;
    let until = time(range.active_before_inclusive)?;
    if from > until || (from.year(), from.month()) != (until.year(), until.month()) {
        return Err(invalid("The time range must be within one calendar month."));
    }
    Ok((from, until))
}

fn invalid(message: &str) -> Refusal {
    Refusal::new("ValidationException", message)
}
