//! `awsbilling_billing_transfers`: whose bill the organization pays, and who pays its own.

use std::time::Duration;

use crate::attributes::{AssumeRole, Timestamp};
use crate::aws::Aws;
use crate::aws::organizations::Transfer;
use crate::aws::types::{AccountId, HandshakeId, OrganizationId, TransferId, TransferStatus};
use crate::framework::{Computed, Cx, DataSource, Diagnostic, Model, Page, Permission, Result};

/// Lists the billing transfers of the calling management account's organization: *inbound* ones, by which it
/// pays for other organizations, and *outbound* ones, by which another one pays for it.
#[derive(Clone, Debug, Model)]
pub struct Transfers {
    /// Role to assume in the management account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// ID of the organization.
    pub organization_id: Computed<OrganizationId>,

    /// Transfers by which the organization pays for others, in the order of their beginning.
    pub inbound: Computed<Vec<Listed>>,

    /// Transfers by which another organization pays for this one, in the order of their beginning.
    pub outbound: Computed<Vec<Listed>>,
}

/// Billing transfer.
#[derive(Clone, Debug, Model)]
pub struct Listed {
    /// ID of the transfer.
    pub id: TransferId,

    /// ARN of the transfer, as this side of it.
    pub arn: String,

    /// Name that the payer gave the transfer.
    pub name: String,

    /// Status of the transfer: it waits for an answer while it is `REQUESTED`, stands while it is
    /// `ACCEPTED`, and has an end once it is `WITHDRAWN`.
    pub status: TransferStatus,

    /// Whether the payer pays now.
    pub is_active: bool,

    /// ID of the management account whose bill it is, where AWS tells.
    pub source_account_id: Option<AccountId>,

    /// E-mail address of the management account whose bill it is, where AWS tells.
    pub source_email: Option<String>,

    /// ID of the management account that pays, where AWS tells.
    pub target_account_id: Option<AccountId>,

    /// E-mail address of the management account that pays, where AWS tells.
    pub target_email: Option<String>,

    /// First moment that the payer pays for, in RFC 3339.
    pub starts_at: Option<Timestamp>,

    /// Last second that the payer pays for, in RFC 3339; null while no end is settled.
    pub ends_at: Option<Timestamp>,

    /// ID of the handshake that waits for an answer.
    pub handshake_id: Option<HandshakeId>,
}

/// The data source.
#[derive(Debug)]
pub struct BillingTransfers {
    aws: Aws,
}

impl DataSource for BillingTransfers {
    const NAME: &'static str = "billing_transfers";
    const PAGE: Page = Page {
        subcategory: "Billing transfer",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new("organizations:ListInboundResponsibilityTransfers", "always"),
            Permission::new(
                "organizations:ListOutboundResponsibilityTransfers",
                "always",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Transfers;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn read(&self, cx: &Cx, config: Transfers) -> Result<Transfers> {
        let role = config.assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let Some(organization) = organizations.organization(cx).await? else {
            return Err(Diagnostic::error("Account has no organization").detail(
                "Bills are transferred between organizations, and the account of these credentials belongs \
                 to none. Use a management account (the provider's profile, or assume_role).",
            ));
        };
        // Others answer at any time, which a list shared in this process misses.
        let inbound = organizations.inbound_transfers_within(cx, Duration::ZERO);
        let inbound = inbound.await?;
        let outbound = organizations.outbound_transfers(cx).await?;
        let now = self.aws.now(cx);
        let listed = |transfers: &[Transfer]| -> Vec<Listed> {
            let mut sorted: Vec<_> = transfers.iter().collect();
            sorted.sort_by_key(|transfer| (transfer.starts_at, &transfer.id));
            let list = sorted.into_iter();
            list.map(|transfer| Listed::at(transfer, now)).collect()
        };
        Ok(Transfers {
            organization_id: organization.id.into(),
            inbound: listed(&inbound).into(),
            outbound: listed(&outbound).into(),
            ..config
        })
    }
}

impl Listed {
    fn at(transfer: &Transfer, now: time::OffsetDateTime) -> Self {
        Self {
            id: transfer.id.clone(),
            arn: transfer.arn.clone(),
            name: transfer.name.clone(),
            status: transfer.status.clone(),
            is_active: transfer.covers(now),
            source_account_id: transfer.source.account_id.clone(),
            source_email: transfer.source.email.clone(),
            target_account_id: transfer.target.account_id.clone(),
            target_email: transfer.target.email.clone(),
            starts_at: transfer.starts_at.map(Timestamp::from),
            ends_at: transfer.ends_at.map(Timestamp::from),
            handshake_id: transfer.handshake_id.clone(),
        }
    }
}
