//! `awsbilling_org_member_removal`: a member that shall not be one.
//!
//! The object is an absence: it exists as long as the account is not a member. Destroying the resource
//! cannot bring the account back, so it only forgets.

use std::sync::Arc;

use futures_util::future::join;
use time::Duration;

use crate::attributes::{AssumeRole, Timestamp};
use crate::aws::organizations::{Account, DelegatedAdministrator, Organization, Removal};
use crate::aws::types::{AccountId, JoinedMethod, OrganizationId};
use crate::aws::{Aws, Failure, Organizations};
use crate::framework::{
    Change, Computed, Cx, Diagnostic, ImportId, Model, Page, Permission, Resource, Result, Timeouts,
};
use crate::resources::moves::LOSES;
use crate::resources::{imported, note_scale, recall_scale, while_checking};

/// Removes a member account from the organization of the calling management account.
///
/// The account stands alone afterwards and pays for itself, so AWS asks that it has a payment method, a
/// verified phone number and a support plan. An account that is to join a partner need not be removed: it
/// can accept the partner's invitation while it is still a member.
///
/// ~> Destroying this resource does **not** bring the account back. Invite it again with
/// `awsbilling_partner_account_invitation`.
#[derive(Clone, Debug, Model)]
pub struct MemberRemoval {
    /// ID of the account to remove. If it becomes a member again, the next apply removes it again, with
    /// a warning.
    #[attr(replace, identity)]
    pub account_id: AccountId,

    /// Role to assume in the management account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "10m"))]
    pub timeouts: Timeouts,

    /// ID of the organization that the account is removed from.
    #[attr(stable, identity = "optional")]
    pub organization_id: Computed<OrganizationId>,

    /// ID of the management account that removed it.
    #[attr(stable)]
    pub management_account_id: Computed<AccountId>,

    /// Name of the account when it was removed; null if it was no member.
    #[attr(stable)]
    pub account_name: Computed<String>,

    /// E-mail address of the account's owner when it was removed; null if it was no member.
    #[attr(stable)]
    pub account_email: Computed<String>,

    /// Time at which Terraform removed the account, in RFC 3339; null if it was no member.
    #[attr(stable)]
    pub removed_at: Computed<Timestamp>,
}

/// How long AWS keeps an account that an organization created in it.
///
/// Source: AWS Organizations API reference, `ConstraintViolationException`, reason `WAIT_PERIOD_ACTIVE`.
const WAIT_AFTER_CREATION: Duration = Duration::days(4);

/// The resource.
#[derive(Debug)]
pub struct OrgMemberRemoval {
    aws: Aws,
}

impl Resource for OrgMemberRemoval {
    const NAME: &'static str = "org_member_removal";
    const PAGE: Page = Page {
        subcategory: "Leaving an organization",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new("organizations:ListAccounts", "always"),
            Permission::new(
                "organizations:DescribeAccount",
                "to look up few accounts of a large organization",
            ),
            Permission::new(
                "organizations:ListDelegatedAdministrators",
                "to warn before an account that administers a service is removed",
            ),
            Permission::new("organizations:RemoveAccountFromOrganization", "to remove"),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = MemberRemoval;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<MemberRemoval>) -> Result<()> {
        if !change.is_creation() {
            return Ok(());
        }
        let planned = &change.planned;
        let (Some(account_id), Some(role)) =
            (planned.account_id.known(), planned.assume_role.known())
        else {
            return Ok(());
        };
        let role = role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let check = self.organization(cx, &organizations);
        let member = organizations.member(cx, account_id);
        // Not needed where the account is no member, which is rare enough to ask at the same time.
        let administrators = organizations.delegated_administrators(cx);
        let look = async { Ok(join(member, administrators).await) };
        let (organization, (member, administrators)) = while_checking(check, look).await?;
        if let Some(member) = member? {
            self.explain_blockers(cx, &organization, &member, administrators)?;
        }
        change.planned.organization_id = organization.id.into();
        change.planned.management_account_id = organization.management_account_id.into();
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: MemberRemoval) -> Result<MemberRemoval> {
        let organizations = self.organizations(cx, &plan).await?;
        let check = self.organization(cx, &organizations);
        let look = async { Ok(organizations.member(cx, &plan.account_id).await?) };
        let (organization, member) = while_checking(check, look).await?;
        let mut removal = MemberRemoval {
            organization_id: organization.id.into(),
            management_account_id: organization.management_account_id.into(),
            account_name: member.as_ref().map(|member| member.name.clone()).into(),
            account_email: member.as_ref().map(|member| member.email.clone()).into(),
            removed_at: Computed::Null,
            ..plan
        };
        if member.is_some()
            && organizations
                .remove_account(cx, &removal.account_id)
                .await?
                == Removal::Removed
        {
            removal.removed_at = Timestamp::from(self.aws.now(cx)).into();
        }
        Ok(removal)
    }

    async fn read(&self, cx: &Cx, state: MemberRemoval) -> Result<Option<MemberRemoval>> {
        let organizations = self.organizations(cx, &state).await?;
        if !self.organization_lasts(cx, &organizations, &state).await? {
            return Ok(Some(state));
        }
        recall_scale(cx, &organizations);
        let member = organizations.member_at_once(cx, &state.account_id).await?;
        note_scale(cx, &organizations, None);
        let Some(member) = member else {
            return Ok(Some(state));
        };
        let since = member.joined_at.map_or(String::new(), |joined| {
            format!(" since {}", Timestamp::from(joined).date())
        });
        cx.warn(Diagnostic::warning("Account is a member again").detail(format!(
            "Account {} ({}) was removed from the organization and is its member again{since}. Applying \
             removes it again. To keep it, take this resource out of the configuration.",
            member.id, member.name
        )));
        Ok(None)
    }

    async fn update(
        &self,
        _: &Cx,
        _prior: MemberRemoval,
        plan: MemberRemoval,
    ) -> Result<MemberRemoval> {
        Ok(plan)
    }

    async fn delete(&self, _: &Cx, _state: MemberRemoval) -> Result<()> {
        Ok(())
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<MemberRemoval> {
        let (account_id, assume_role) = imported(&id, "account_id")?;
        let mut removal = MemberRemoval {
            account_id,
            assume_role,
            timeouts: Timeouts::none(),
            organization_id: Computed::Null,
            management_account_id: Computed::Null,
            account_name: Computed::Null,
            account_email: Computed::Null,
            removed_at: Computed::Null,
        };
        let organizations = self.organizations(cx, &removal).await?;
        let organization = self.organization(cx, &organizations).await?;
        if organizations
            .member(cx, &removal.account_id)
            .await?
            .is_some()
        {
            return Err(
                Diagnostic::error("Cannot import non-existent removal").detail(format!(
                    "Account {} is a member of organization {}. Create the resource to remove it.",
                    removal.account_id, organization.id
                )),
            );
        }
        removal.organization_id = organization.id.into();
        removal.management_account_id = organization.management_account_id.into();
        Ok(removal)
    }
}

impl OrgMemberRemoval {
    async fn organizations(&self, cx: &Cx, removal: &MemberRemoval) -> Result<Organizations> {
        let role = removal.assume_role.as_ref().map(Into::into);
        Ok(self.aws.organizations(cx, role.as_ref()).await?)
    }

    async fn organization(&self, cx: &Cx, organizations: &Organizations) -> Result<Organization> {
        organizations.organization(cx).await?.ok_or_else(|| {
            Diagnostic::error("Account has no organization").detail(
                "Only the management account of an organization can remove its members, and the \
                 account of these credentials belongs to none. Use the management account (the \
                 provider's profile, or assume_role).",
            )
        })
    }

    /// Whether the organization is still there for the account to be a member of; refuses credentials of
    /// another one, where the account would always be missing and the removal always be true.
    async fn organization_lasts(
        &self,
        cx: &Cx,
        organizations: &Organizations,
        state: &MemberRemoval,
    ) -> Result<bool> {
        let Some(current) = organizations.organization(cx).await? else {
            // Without an organization nobody is its member: it was deleted, as in the end of a move.
            return Ok(false);
        };
        if Some(&current.id) == state.organization_id.known() {
            return Ok(true);
        }
        let role = state.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        if state.management_account_id.known() == Some(&caller) {
            // A management account joins another organization only after its own was deleted.
            return Ok(false);
        }
        Err(Diagnostic::error("Credentials of another organization").detail(format!(
            "Account {} was removed from organization {}, and the account of these credentials belongs \
             to another. Use the management account of that organization (the provider's profile, or \
             assume_role).",
            state.account_id,
            state.organization_id.known().map_or("?", OrganizationId::as_str)
        )))
    }

    /// Refuses what AWS is sure to refuse, and warns of what it may refuse and of what the account loses.
    fn explain_blockers(
        &self,
        cx: &Cx,
        organization: &Organization,
        member: &Account,
        administrators: Result<Arc<Vec<DelegatedAdministrator>>, Failure>,
    ) -> Result<()> {
        if member.id == organization.management_account_id {
            return Err(is_management_account(member, organization));
        }
        if let Some(until) = waits_until(member)
            && self.aws.now(cx) < until
        {
            return Err(is_too_young(member, until.into()));
        }
        if administrators?
            .iter()
            .any(|administrator| administrator.account_id == member.id)
        {
            cx.warn(
                Diagnostic::warning("Account is a delegated administrator")
                    .detail(format!(
                        "Account {} ({}) administers a service for organization {}, and AWS removes it \
                         only after it was deregistered. See which services with aws organizations \
                         list-delegated-services-for-account --account-id {}; deregistering makes some \
                         of them delete their data.",
                        member.id, member.name, organization.id, member.id
                    ))
                    .at("account_id"),
            );
        }
        cx.warn(Diagnostic::warning("Account will stand alone").detail(format!(
            "Applying removes account {} ({}) from organization {}. The account then pays for itself. If it \
             is to join a partner, it can accept the invitation without being removed.\n\n{LOSES}",
            member.id, member.name, organization.id
        )));
        Ok(())
    }
}

/// When AWS lets the account go; an invited one may go at once.
fn waits_until(member: &Account) -> Option<time::OffsetDateTime> {
    let created = member.joined_method == JoinedMethod::Created;
    member
        .joined_at
        .filter(|_| created)
        .map(|joined| joined + WAIT_AFTER_CREATION)
}

fn is_management_account(member: &Account, organization: &Organization) -> Diagnostic {
    Diagnostic::error("Management account cannot be removed")
        .detail(format!(
            "Account {} manages organization {}. It leaves only with the organization: remove or move \
             all members, and delete the organization.",
            member.id, organization.id
        ))
        .at("account_id")
}

fn is_too_young(member: &Account, until: Timestamp) -> Diagnostic {
    Diagnostic::error("Account was created less than four days ago")
        .detail(format!(
            "AWS lets account {} ({}) go from {until} on: an account that an organization created stays \
             in it for four days. Apply again then.",
            member.id, member.name
        ))
        .at("account_id")
}
