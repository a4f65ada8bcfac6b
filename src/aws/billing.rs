//! AWS Billing in domain words: in which view a bill is.

use aws_sdk_billing::Client;
use aws_sdk_billing::types::{ActiveTimeRange, BillingViewType};
use time::OffsetDateTime;

use super::error::{Call, Failure};
use super::types::AccountId;
use crate::framework::Cx;

/// AWS Billing, as one session sees it; cheap to clone.
#[derive(Clone, Debug)]
pub struct Billing(Client);

impl Billing {
    /// AWS Billing with the credentials of the client.
    pub(super) fn new(client: Client) -> Self {
        Self(client)
    }

    /// ARNs of the billing views of the organization that the source manages, whose bill the account pays
    /// between the two moments, which are of one month.
    ///
    /// Source: AWS Billing user guide, "Viewing Billing and Cost Management data as a Bill Transfer account":
    /// what the account pays for another organization is in a view of its own, "My view".
    pub async fn transferred_views(
        &self,
        cx: &Cx,
        source: &AccountId,
        (from, until): (OffsetDateTime, OffsetDateTime),
    ) -> Result<Vec<String>, Failure> {
        let call = Call::new(
            "ListBillingViews",
            format!("find the bill that account {source} has transferred"),
        )
        .allowed_by("billing:ListBillingViews");
        let at = |time: OffsetDateTime| {
            aws_sdk_billing::primitives::DateTime::from_secs(time.unix_timestamp())
        };
        let range = ActiveTimeRange::builder()
            .active_after_inclusive(at(from))
            .active_before_inclusive(at(until))
            .build()
            .map_err(Failure::bug)?;
        let list = self
            .0
            .list_billing_views()
            .active_time_range(range)
            .billing_view_types(BillingViewType::BillingTransfer)
            .source_account_id(source.as_str());
        let read = async {
            let mut pages = list.into_paginator().send();
            let mut arns = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| Failure::of_service(&call, error))?;
                arns.extend(page.billing_views.into_iter().filter_map(|view| view.arn));
            }
            Ok(arns)
        };
        cx.unless_interrupted(Box::pin(read)).await?
    }
}
