//! `awsbilling_sent_invitations`: whom the organization has invited, and what became of it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::attributes::{AssumeRole, Timestamp};
use crate::aws::Aws;
use crate::aws::organizations::Handshake;
use crate::aws::types::{AccountId, HandshakeId, HandshakeState, OrganizationId};
use crate::framework::{Computed, Cx, DataSource, Diagnostic, Model, Page, Permission, Result};

/// Lists the invitations that the calling account's organization has sent. AWS answers the management
/// account and delegated administrators only, and forgets an invitation 30 days after it was answered.
#[derive(Clone, Debug, Model)]
pub struct Outgoing {
    /// States of the invitations to list; all are listed if nothing is said. An open invitation is
    /// `OPEN` or `REQUESTED`.
    pub states: Option<BTreeSet<HandshakeState>>,

    /// Role to assume in the management account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// ID of the organization that has sent the invitations.
    pub organization_id: Computed<OrganizationId>,

    /// Invitations, the oldest first.
    pub invitations: Computed<Vec<Sent>>,
}

/// Invitation that the organization has sent.
#[derive(Clone, Debug, Model)]
pub struct Sent {
    /// ID of the handshake.
    pub handshake_id: HandshakeId,

    /// ARN of the handshake.
    pub arn: String,

    /// State of the handshake.
    pub state: HandshakeState,

    /// Whether the invitation can still be answered.
    pub is_pending: bool,

    /// ID of the invited account, where the invitation names it.
    pub account_id: Option<AccountId>,

    /// E-mail address of the invited account's owner, where the invitation names it.
    pub email: Option<String>,

    /// Text that went with the invitation.
    pub notes: Option<String>,

    /// Time at which the invitation was sent, in RFC 3339.
    pub requested_at: Option<Timestamp>,

    /// Time at which the invitation expires or did, in RFC 3339.
    pub expires_at: Option<Timestamp>,
}

/// The data source.
#[derive(Debug)]
pub struct SentInvitations {
    aws: Aws,
}

impl DataSource for SentInvitations {
    const NAME: &'static str = "sent_invitations";
    const PAGE: Page = Page {
        subcategory: "Joining a partner",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new("organizations:ListHandshakesForOrganization", "always"),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Outgoing;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn read(&self, cx: &Cx, config: Outgoing) -> Result<Outgoing> {
        let role = config.assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let Some(organization) = organizations.organization(cx).await? else {
            return Err(Diagnostic::error("Account has no organization").detail(
                "The account of these credentials belongs to no organization, so it has invited nobody. \
                 Use the management account (the provider's profile, or assume_role).",
            ));
        };
        // Others answer at any time, which a list shared in this process misses.
        let sent = organizations.sent_invitations_within(cx, Duration::ZERO);
        let sent = sent.await?;
        let wanted = |found: &&Handshake| {
            let states = config.states.as_ref();
            states.is_none_or(|states| states.contains(&found.state))
        };
        let mut found: Vec<_> = sent.iter().filter(wanted).collect();
        found.sort_by_key(|found| (found.requested_at, &found.id));
        let invitations: Vec<_> = found.into_iter().map(Sent::from).collect();
        Ok(Outgoing {
            organization_id: organization.id.into(),
            invitations: invitations.into(),
            ..config
        })
    }
}

impl From<&Handshake> for Sent {
    fn from(found: &Handshake) -> Self {
        Self {
            handshake_id: found.id.clone(),
            arn: found.arn.to_string(),
            state: found.state.clone(),
            is_pending: found.is_pending(),
            account_id: found.account_id.clone(),
            email: found.email.clone(),
            notes: found.notes.clone(),
            requested_at: found.requested_at.map(Timestamp::from),
            expires_at: found.expires_at.map(Timestamp::from),
        }
    }
}
