//! `awsbilling_pending_invitations`: who wants to pay for this account.

use crate::attributes::{AssumeRole, Timestamp};
use crate::aws::Aws;
use crate::aws::organizations::Handshake;
use crate::aws::types::{AccountId, HandshakeId, HandshakeState, OrganizationId};
use crate::framework::{Computed, Cx, DataSource, Model, Page, Permission, Result};

/// Lists the invitations to join an organization that the calling account has received and not yet
/// answered.
#[derive(Clone, Debug, Model)]
pub struct Pending {
    /// ID of an organization, to list only its invitations.
    pub organization_id: Option<OrganizationId>,

    /// ID of a management account, to list only its invitations.
    pub management_account_id: Option<AccountId>,

    /// Role to assume in the invited account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// ID of the account that has received the invitations.
    pub account_id: Computed<AccountId>,

    /// Open invitations, the oldest first.
    pub invitations: Computed<Vec<Received>>,
}

/// Invitation that waits for an answer.
#[derive(Clone, Debug, Model)]
pub struct Received {
    /// ID of the handshake.
    pub handshake_id: HandshakeId,

    /// ARN of the handshake.
    pub arn: String,

    /// State of the handshake.
    pub state: HandshakeState,

    /// ID of the organization that invites.
    pub organization_id: OrganizationId,

    /// ID of the management account that invites.
    pub management_account_id: AccountId,

    /// E-mail address of the management account that invites.
    pub management_account_email: Option<String>,

    /// Name of the management account that invites.
    pub management_account_name: Option<String>,

    /// Text that came with the invitation.
    pub notes: Option<String>,

    /// Time at which the invitation was sent, in RFC 3339.
    pub requested_at: Option<Timestamp>,

    /// Time at which the invitation expires, in RFC 3339.
    pub expires_at: Option<Timestamp>,
}

/// The data source.
#[derive(Debug)]
pub struct PendingInvitations {
    aws: Aws,
}

impl DataSource for PendingInvitations {
    const NAME: &'static str = "pending_invitations";
    const PAGE: Page = Page {
        subcategory: "Joining a partner",
        permissions: &[
            Permission::new("organizations:ListHandshakesForAccount", "always"),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Pending;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn read(&self, cx: &Cx, config: Pending) -> Result<Pending> {
        let role = config.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let received = organizations.received_invitations(cx).await?;
        let mut open: Vec<_> = received
            .iter()
            .filter(|found| config.asks_for(found))
            .collect();
        open.sort_by_key(|found| (found.requested_at, &found.id));
        let invitations: Vec<_> = open.into_iter().map(Received::from).collect();
        Ok(Pending {
            account_id: caller.account_id.into(),
            invitations: invitations.into(),
            ..config
        })
    }
}

impl Pending {
    fn asks_for(&self, found: &Handshake) -> bool {
        let from = |organization: &OrganizationId| *organization == found.organization_id;
        let by = |account: &AccountId| *account == found.management_account_id;
        found.is_pending()
            && self.organization_id.as_ref().is_none_or(from)
            && self.management_account_id.as_ref().is_none_or(by)
    }
}

impl From<&Handshake> for Received {
    fn from(found: &Handshake) -> Self {
        Self {
            handshake_id: found.id.clone(),
            arn: found.arn.to_string(),
            state: found.state.clone(),
            organization_id: found.organization_id.clone(),
            management_account_id: found.management_account_id.clone(),
            management_account_email: found.management_account_email.clone(),
            management_account_name: found.management_account_name.clone(),
            notes: found.notes.clone(),
            requested_at: found.requested_at.map(Timestamp::from),
            expires_at: found.expires_at.map(Timestamp::from),
        }
    }
}
