//! `awsbilling_partner_account_invitations`: the payer's side of joining, for thousands of accounts.
//!
//! Each account is treated as by `awsbilling_partner_account_invitation`, whose code does the work.

use std::collections::BTreeMap;
use std::fmt;

use super::partner_account_invitation::{OnDestroy, PartnerAccountInvitation};
use super::{imported, with_role};
use crate::attributes::{AssumeRole, Tags, Timestamp};
use crate::aws::Aws;
use crate::aws::organizations::{Handshake, Target};
use crate::aws::types::{
    AccountId, Email, HandshakeId, HandshakeState, JoinedMethod, Notes, OrganizationId,
    Tags as AwsTags,
};
use crate::framework::{
    Computed, Cx, Diagnostic, DomainText, Fleet, ImportId, Model, Page, Permission, Result,
    Timeouts,
};

/// Invites many AWS accounts to join the organization of the calling management account, in one resource.
///
/// Each account is treated as by `awsbilling_partner_account_invitation`: a pending invitation is adopted,
/// one that expired, was declined or was cancelled is sent again by the next apply, and after an account
/// has joined, its entry follows the membership. Terraform plans a fleet of ten thousand accounts in
/// seconds, where as many resources take minutes; the
/// [guide](../guides/one-account-or-thousands.md) says which to choose.
///
/// Accounts fail one by one: an apply that could not invite some of them keeps all others. If the fleet is
/// new, such an apply ends with warnings, because an error would make Terraform cancel and send everything
/// again; later ones end with an error. Either way `results` says why an account is missing, and the next
/// apply tries again. Let a `postcondition` judge each `problem` where a pipeline has to stop.
///
/// ~> Taking an account out of `accounts`, or destroying the fleet, cancels an invitation that is still
/// open. It does **not** remove an account that has joined, unless `on_destroy = "remove_account"` is
/// written out.
#[derive(Clone, Debug, Model)]
pub struct Invitations {
    /// Accounts to invite, each under its 12-digit ID or under the e-mail address of its owner.
    pub accounts: BTreeMap<Invitee, Invited>,

    /// What happens to an account that is taken out of `accounts`, or when the fleet is destroyed:
    /// `cancel` an open invitation, also `remove_account` from the organization if it has joined, or
    /// `keep` everything as it is.
    #[attr(default = OnDestroy::Cancel)]
    pub on_destroy: OnDestroy,

    /// Whether to wait until all accounts have joined, after all invitations were sent. If some have not in
    /// time, their invitations stand, and the next apply waits again.
    #[attr(default = false)]
    pub wait_for_acceptance: bool,

    /// Role to assume in the payer's account, where the provider's own credentials are others.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait. AWS takes three invitations a second, and two cancellations.
    #[attr(timeouts(create = "2h", update = "2h", delete = "2h"))]
    pub timeouts: Timeouts,

    /// ID of the organization that invites.
    #[attr(stable)]
    pub organization_id: Computed<OrganizationId>,

    /// ID of the management account that invites, which pays for the accounts that have joined.
    #[attr(stable)]
    pub management_account_id: Computed<AccountId>,

    /// What became of each invitation, under the same key as in `accounts`.
    pub results: Computed<BTreeMap<Invitee, InvitationResult>>,
}

/// Invitation of one account.
#[derive(Clone, Debug, Model)]
pub struct Invited {
    /// Text that AWS adds to the e-mail, up to 1,024 characters. A change cancels an open invitation and
    /// sends a new one.
    pub notes: Option<Notes>,

    /// Tags that the account gets when it joins, and while it is a member.
    #[attr(tags)]
    pub tags: Tags,

    /// What happens when this account is taken out, in place of the fleet's `on_destroy`.
    pub on_destroy: Option<OnDestroy>,
}

/// What became of one invitation.
#[derive(Clone, Debug, Model)]
pub struct InvitationResult {
    /// ID of the account; null for one that was invited by e-mail and has not joined yet.
    pub account_id: Computed<AccountId>,

    /// ID of the handshake that AWS makes of the invitation.
    pub handshake_id: Computed<HandshakeId>,

    /// State of the invitation: it waits for the owner while it is `OPEN` or `REQUESTED`, and is
    /// `ACCEPTED` once the account has joined.
    pub state: Computed<HandshakeState>,

    /// Time at which the open invitation expires, in RFC 3339.
    pub expires_at: Computed<Timestamp>,

    /// Why there is no invitation; null where it is open, or the account has joined. The next apply
    /// tries again.
    pub problem: Computed<String>,

    /// Tags together with the provider's `default_tags`.
    #[attr(tags_all)]
    pub tags_all: Computed<AwsTags>,
}

/// Who is invited: an account by its ID, or by the e-mail address of its owner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Invitee(String);

impl DomainText for Invitee {
    fn parse(text: &str) -> Result<Self, String> {
        let known = AccountId::parse(text).is_ok() || Email::parse(text).is_ok();
        known.then(|| Self(text.to_owned())).ok_or_else(|| {
            format!(
                "Expected the 12-digit ID of an account or the e-mail address of its owner, got \
                 {text:?}."
            )
        })
    }
}

impl fmt::Display for Invitee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The resource.
#[derive(Debug)]
pub struct PartnerAccountInvitations;

impl Fleet for PartnerAccountInvitations {
    const NAME: &'static str = "partner_account_invitations";
    const PAGE: Page = Page {
        subcategory: "Joining a partner",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new("organizations:ListAccounts", "always"),
            Permission::new(
                "organizations:DescribeAccount",
                "to look up few accounts of a large organization",
            ),
            Permission::new("organizations:ListHandshakesForOrganization", "always"),
            Permission::new("organizations:InviteAccountToOrganization", "to invite"),
            Permission::new(
                "organizations:CancelHandshake",
                "to cancel an open invitation",
            ),
            Permission::new(
                "organizations:ListTagsForResource",
                "with tags, and to import an account that has joined",
            ),
            Permission::new("organizations:TagResource", "with tags"),
            Permission::new("organizations:UntagResource", "with tags"),
            Permission::new(
                "organizations:RemoveAccountFromOrganization",
                "to give up an account with `on_destroy = \"remove_account\"`",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    const OBJECTS: &'static str = "accounts";
    const WAITS: Option<&'static str> = Some("wait_for_acceptance");
    type Model = Invitations;
    type One = PartnerAccountInvitation;

    fn named_by(key: &str) -> &'static str {
        if AccountId::parse(key).is_ok() {
            "account_id"
        } else {
            "email"
        }
    }

    /// Everything that the organization has: its open invitations, and the members that joined by one.
    async fn import(aws: Aws, cx: &Cx, id: ImportId) -> Result<Vec<(String, ImportId)>> {
        let (organization_id, role) = imported::<OrganizationId>(&id, "organization_id")?;
        let assumed = role.as_ref().map(Into::into);
        let organizations = aws.organizations(cx, assumed.as_ref()).await?;
        let own = organizations.organization(cx).await?;
        let own = own.filter(|own| own.id == organization_id);
        let payer = own
            .ok_or_else(|| not_of(&organization_id))?
            .management_account_id;
        let sent = organizations.sent_invitations(cx).await?;
        let open = sent.iter().filter(|sent| sent.is_pending());
        let open = open
            .filter_map(Handshake::target)
            .map(|target| match target {
                Target::Account(id) => id.to_string(),
                Target::Email(email) => email.to_string(),
            });
        let members = organizations.members(cx).await?;
        // AWS counts the management account as one that was invited.
        let joined = members
            .iter()
            .filter(|member| member.joined_method == JoinedMethod::Invited && member.id != payer);
        let keys = open.chain(joined.map(|member| member.id.to_string()));
        Ok(keys
            .map(|key| (key.clone(), with_role(&key, role.as_ref())))
            .collect())
    }
}

fn not_of(organization_id: &OrganizationId) -> Diagnostic {
    Diagnostic::error("Credentials of another organization").detail(format!(
        "The invitations of organization {organization_id} can be imported only with the credentials of \
         its management account (the provider's profile, or a role appended to the import ID)."
    ))
}
