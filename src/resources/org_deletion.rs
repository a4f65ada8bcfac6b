//! `awsbilling_org_deletion`: an organization that shall not be one any more.
//!
//! The object is an absence, and a lasting one: AWS never gives an organization's ID a second time. So the
//! ID is written out, an organization with another ID is never touched, and destroying only forgets.

use std::time::Duration;

use crate::attributes::{AssumeRole, Timestamp};
use crate::aws::organizations::{Account, Members, Organization, Removal};
use crate::aws::types::{AccountId, OrganizationId};
use crate::aws::{Aws, Organizations};
use crate::framework::{
    Change, Computed, Cx, Diagnostic, ImportId, Model, Page, Permission, Resource, Result, Timeouts,
};
use crate::resources::imported;
use crate::resources::moves::ENDS;

/// Deletes the organization of the calling management account, which then stands alone and can join a
/// partner.
///
/// The organization must be empty: its members have joined another organization or were removed. The
/// resource names those that are still there, and deletes nothing before they have gone.
///
/// !> Deleting an organization cannot be undone. Its organizational units, policies and open invitations are
/// deleted with it. Destroying this resource does **not** bring the organization back.
#[derive(Clone, Debug, Model)]
pub struct Deletion {
    /// ID of the organization to delete, and of no other. Write it out instead of reading it from a data
    /// source: it says which organization you mean.
    #[attr(replace, identity)]
    pub organization_id: OrganizationId,

    /// Role to assume in the management account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "10m"))]
    pub timeouts: Timeouts,

    /// ID of the account that managed the organization.
    #[attr(stable)]
    pub management_account_id: Computed<AccountId>,

    /// Time at which Terraform deleted the organization, in RFC 3339; null if it was gone already.
    #[attr(stable)]
    pub deleted_at: Computed<Timestamp>,
}

/// How often to look whether the last members have gone.
const MEMBERS_POLL: Duration = Duration::from_secs(3);

/// How long an account that has gone may still show in the list of members.
const MEMBERS_LAG: Duration = Duration::from_secs(12);

/// So many accounts are named one by one; of more, the first ones and their number.
const NAMED: usize = 10;

/// The resource.
#[derive(Debug)]
pub struct OrgDeletion {
    aws: Aws,
}

impl Resource for OrgDeletion {
    const NAME: &'static str = "org_deletion";
    const PAGE: Page = Page {
        subcategory: "Leaving an organization",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new(
                "organizations:ListAccounts",
                "to see whether the organization is empty",
            ),
            Permission::new("organizations:DeleteOrganization", "to delete"),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Deletion;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<Deletion>) -> Result<()> {
        if !change.is_creation() {
            return Ok(());
        }
        let planned = &change.planned;
        let (Some(id), Some(role)) = (planned.organization_id.known(), planned.assume_role.known())
        else {
            return Ok(());
        };
        let role = role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        let Some(organization) = meant(cx, &organizations, id, &caller).await? else {
            return Ok(());
        };
        let members = organizations.members_within(cx, Duration::ZERO).await?;
        cx.warn(what_ends(&organization, &members));
        change.planned.management_account_id = caller.into();
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: Deletion) -> Result<Deletion> {
        let role = plan.assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        let id = plan.organization_id.clone();
        let mut deletion = Deletion {
            management_account_id: caller.clone().into(),
            deleted_at: Computed::Null,
            ..plan
        };
        let Some(organization) = meant(cx, &organizations, &id, &caller).await? else {
            return Ok(deletion);
        };
        wait_until_empty(cx, &organizations, &organization).await?;
        if organizations.delete_organization(cx).await? == Removal::Removed {
            deletion.deleted_at = Timestamp::from(self.aws.now(cx)).into();
        }
        Ok(deletion)
    }

    async fn read(&self, cx: &Cx, state: Deletion) -> Result<Option<Deletion>> {
        let role = state.assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let current = organizations.organization(cx).await?;
        // No other organization ever has this ID, so whatever the account belongs to now, it is gone.
        if current.is_none_or(|current| current.id != state.organization_id) {
            return Ok(Some(state));
        }
        cx.warn(Diagnostic::warning("Organization still exists").detail(format!(
            "The state says that organization {} was deleted, and it exists. Applying deletes it. To keep \
             it, take this resource out of the configuration.",
            state.organization_id
        )));
        Ok(None)
    }

    async fn update(&self, _: &Cx, _prior: Deletion, plan: Deletion) -> Result<Deletion> {
        Ok(plan)
    }

    async fn delete(&self, _: &Cx, _state: Deletion) -> Result<()> {
        Ok(())
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<Deletion> {
        let (organization_id, assume_role) = imported(&id, "organization_id")?;
        let role = assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        let current = organizations.organization(cx).await?;
        if current.is_some_and(|current| current.id == organization_id) {
            return Err(
                Diagnostic::error("Cannot import non-existent deletion").detail(format!(
                    "Organization {organization_id} exists. Create the resource to delete it."
                )),
            );
        }
        Ok(Deletion {
            organization_id,
            assume_role,
            timeouts: Timeouts::none(),
            management_account_id: caller.into(),
            deleted_at: Computed::Null,
        })
    }
}

/// The organization, if the caller manages it and it is the one that is written out; `None` if the caller
/// has none, as when it was deleted before.
async fn meant(
    cx: &Cx,
    organizations: &Organizations,
    id: &OrganizationId,
    caller: &AccountId,
) -> Result<Option<Organization>> {
    let Some(current) = organizations.organization(cx).await? else {
        return Ok(None);
    };
    if current.id != *id {
        return Err(another_organization(id, &current, caller));
    }
    if current.management_account_id != *caller {
        return Err(not_the_manager(&current, caller));
    }
    Ok(Some(current))
}

/// Waits a moment for members that have gone and still show, and refuses with the list of the others.
pub(super) async fn wait_until_empty(
    cx: &Cx,
    organizations: &Organizations,
    organization: &Organization,
) -> Result<()> {
    let mut waited = Duration::ZERO;
    loop {
        let members = organizations.members_within(cx, Duration::ZERO).await?;
        let left = others(organization, &members);
        if left.is_empty() {
            return Ok(());
        }
        if waited >= MEMBERS_LAG {
            return Err(not_empty(organization, &left));
        }
        cx.sleep(MEMBERS_POLL).await?;
        waited += MEMBERS_POLL;
    }
}

fn others<'a>(organization: &Organization, members: &'a Members) -> Vec<&'a Account> {
    let is_other = |account: &&Account| account.id != organization.management_account_id;
    members.iter().filter(is_other).collect()
}

/// "111122223333 (Sandbox), 444455556666 (Archive, CLOSED)"; closed accounts stay until AWS drops them.
fn named(accounts: &[&Account]) -> String {
    let name = |account: &&Account| match account.state.as_str() {
        "ACTIVE" | "" => format!("{} ({})", account.id, account.name),
        state => format!("{} ({}, {state})", account.id, account.name),
    };
    let first: Vec<_> = accounts.iter().take(NAMED).map(name).collect();
    match accounts.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

fn what_ends(organization: &Organization, members: &Members) -> Diagnostic {
    let left = others(organization, members);
    let still = if left.is_empty() {
        String::new()
    } else {
        format!(
            "\n\nNow {} accounts besides the management account are in it: {}. The apply deletes the \
             organization only if they have gone by then; let depends_on name what takes them out.",
            left.len(),
            named(&left)
        )
    };
    Diagnostic::warning("Organization will be deleted")
        .detail(format!(
            "Applying deletes organization {} of management account {}, with its organizational units, \
             policies and open invitations. It cannot be undone. {ENDS}{still}",
            organization.id, organization.management_account_id
        ))
        .at("organization_id")
}

fn not_empty(organization: &Organization, left: &[&Account]) -> Diagnostic {
    Diagnostic::error("Organization not empty").detail(format!(
        "Organization {} was not deleted, because {} accounts besides the management account are in it: \
         {}.\n\nLet them accept the invitation of another organization (awsbilling_org_handshake_accept) \
         or remove them (awsbilling_org_member_removal), name those resources in depends_on, and apply \
         again. A closed account counts until AWS no longer lists it, 90 days after it was closed, unless \
         it is removed.",
        organization.id,
        left.len(),
        named(left)
    ))
}

fn another_organization(
    id: &OrganizationId,
    current: &Organization,
    caller: &AccountId,
) -> Diagnostic {
    Diagnostic::error("Organization ID does not match")
        .detail(format!(
            "The configuration deletes organization {id}, and account {caller} belongs to organization \
             {}. Nothing is deleted.\n\nCorrect organization_id, or use credentials of the management \
             account of {id} (the provider's profile, or assume_role). If {id} was deleted before and the \
             account has joined another organization since, import this resource by the ID {id}.",
            current.id
        ))
        .at("organization_id")
}

fn not_the_manager(current: &Organization, caller: &AccountId) -> Diagnostic {
    Diagnostic::error("Account does not manage the organization").detail(format!(
        "Account {caller} is a member of organization {}, and only its management account {} can delete \
         it. Use that account's credentials (the provider's profile, or assume_role). To make account \
         {caller} leave, use awsbilling_org_departure.",
        current.id, current.management_account_id
    ))
}
