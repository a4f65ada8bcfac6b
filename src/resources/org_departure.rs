//! `awsbilling_org_departure`: an account that shall not be a member of an organization any more, seen from
//! the account itself.
//!
//! Leaving is the old way between two organizations: accepting an invitation moves the account in one step.
//! So the plan says when there is an invitation to accept, and the account leaves only the organization
//! that the configuration names.

use std::time::Duration;

use crate::attributes::{AssumeRole, Timestamp};
use crate::aws::organizations::{Handshake, Organization, Removal};
use crate::aws::types::{AccountId, OrganizationId};
use crate::aws::{Aws, Organizations};
use crate::framework::{
    Change, Computed, Cx, Diagnostic, ImportId, Model, Page, Permission, Resource, Result, Timeouts,
};
use crate::resources::imported;
use crate::resources::moves::{LOSES, need_not_leave};

/// Makes the calling account, or the account of `assume_role`, leave its organization.
///
/// The account stands alone afterwards and pays for itself, so AWS asks that it has a payment method, a
/// verified phone number and a support plan. An account that is to join a partner need not leave: with
/// `awsbilling_org_handshake_accept` it moves in one step.
///
/// ~> Destroying this resource does **not** bring the account back: only a new invitation does.
#[derive(Clone, Debug, Model)]
pub struct Departure {
    /// ID of the organization to leave, and no other is left. If the account becomes its member again, the
    /// next apply leaves it again, with a warning.
    #[attr(replace, identity)]
    pub organization_id: OrganizationId,

    /// ID of the organization that the account is to join next. The account then leaves only after the
    /// invitation of that organization was seen open.
    pub next_organization_id: Option<OrganizationId>,

    /// Role to assume in the account that leaves, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "20m"))]
    pub timeouts: Timeouts,

    /// ID of the account that leaves.
    #[attr(stable, identity = "optional")]
    pub account_id: Computed<AccountId>,

    /// Time at which Terraform made the account leave, in RFC 3339; null if it was no member.
    #[attr(stable)]
    pub left_at: Computed<Timestamp>,
}

/// How often to look for the invitation: AWS allows five such calls a second for an account.
const INVITATION_POLL: Duration = Duration::from_secs(5);

/// The resource.
#[derive(Debug)]
pub struct OrgDeparture {
    aws: Aws,
}

impl Resource for OrgDeparture {
    const NAME: &'static str = "org_departure";
    const PAGE: Page = Page {
        subcategory: "Leaving an organization",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new(
                "organizations:ListHandshakesForAccount",
                "to say when the account could move in one step, and with `next_organization_id`",
            ),
            Permission::new("organizations:LeaveOrganization", "to leave"),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Departure;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<Departure>) -> Result<()> {
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
        match organizations.organization(cx).await? {
            Some(current) if current.id == *id => {
                refuse_manager(&current, &caller)?;
                let received = organizations.received_invitations(cx).await?;
                let open = received.iter().find(|found| found.is_pending());
                cx.warn(what_ends(&current, &caller));
                let next = change.planned.next_organization_id.known().cloned();
                if let Some(next) = next
                    .flatten()
                    .or(open.map(|open| open.organization_id.clone()))
                {
                    cx.warn(need_not_leave(&caller, &format!("organization {next}")));
                }
            }
            current => cx.warn(no_member(id, current.as_ref(), &caller)),
        }
        change.planned.account_id = caller.into();
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: Departure) -> Result<Departure> {
        let role = plan.assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        let mut departure = Departure {
            account_id: caller.clone().into(),
            left_at: Computed::Null,
            ..plan
        };
        let current = organizations.organization(cx).await?;
        let Some(current) = current.filter(|current| current.id == departure.organization_id)
        else {
            return Ok(departure);
        };
        refuse_manager(&current, &caller)?;
        if let Some(next) = &departure.next_organization_id {
            wait_for_invitation(cx, &organizations, &caller, next).await?;
        }
        if organizations.leave(cx).await? == Removal::Removed {
            departure.left_at = Timestamp::from(self.aws.now(cx)).into();
        }
        Ok(departure)
    }

    async fn read(&self, cx: &Cx, state: Departure) -> Result<Option<Departure>> {
        let role = state.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        check_account(&state, &caller)?;
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let current = organizations.organization(cx).await?;
        if current.is_none_or(|current| current.id != state.organization_id) {
            return Ok(Some(state));
        }
        cx.warn(Diagnostic::warning("Account is a member again").detail(format!(
            "Account {caller} had left organization {} and is its member again. Applying leaves it again. \
             To stay, take this resource out of the configuration.",
            state.organization_id
        )));
        Ok(None)
    }

    async fn update(&self, _: &Cx, _prior: Departure, plan: Departure) -> Result<Departure> {
        Ok(plan)
    }

    async fn delete(&self, _: &Cx, _state: Departure) -> Result<()> {
        Ok(())
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<Departure> {
        let (organization_id, assume_role) = imported(&id, "organization_id")?;
        let role = assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        let current = organizations.organization(cx).await?;
        if current.is_some_and(|current| current.id == organization_id) {
            return Err(
                Diagnostic::error("Cannot import non-existent departure").detail(format!(
                    "Account {caller} is a member of organization {organization_id}. Create the resource \
                     to make it leave."
                )),
            );
        }
        Ok(Departure {
            organization_id,
            next_organization_id: None,
            assume_role,
            timeouts: Timeouts::none(),
            account_id: caller.into(),
            left_at: Computed::Null,
        })
    }
}

/// With other credentials the absence would be that of another account, and always true.
fn check_account(state: &Departure, caller: &AccountId) -> Result<()> {
    match state.account_id.known() {
        Some(account_id) if account_id != caller => {
            Err(Diagnostic::error("Credentials of another account").detail(format!(
                "Account {account_id} left organization {}, and the credentials belong to account \
                 {caller}. Use credentials of that account: the provider's profile or assume_role, or the \
                 resource's assume_role.",
                state.organization_id
            )))
        }
        _ => Ok(()),
    }
}

fn refuse_manager(current: &Organization, caller: &AccountId) -> Result<()> {
    if current.management_account_id != *caller {
        return Ok(());
    }
    Err(Diagnostic::error("Management account cannot leave").detail(format!(
        "Account {caller} manages organization {}. It leaves only with the organization: let the members \
         join another organization or remove them, and delete the organization with \
         awsbilling_org_deletion.",
        current.id
    )))
}

/// Waits until the next organization's invitation can be accepted, so that nobody is left alone.
async fn wait_for_invitation(
    cx: &Cx,
    organizations: &Organizations,
    account_id: &AccountId,
    next: &OrganizationId,
) -> Result<()> {
    let fits = |found: &Handshake| found.is_pending() && found.organization_id == *next;
    loop {
        let received = organizations.received_invitations(cx).await?;
        if received.iter().any(fits) {
            return Ok(());
        }
        if cx.sleep(INVITATION_POLL).await.is_err() {
            return Err(Diagnostic::error("No invitation from the next organization").detail(format!(
                "Account {account_id} has not left its organization, because it has no open invitation \
                 of organization {next}. Have it sent (awsbilling_partner_account_invitation), then apply \
                 again."
            )));
        }
    }
}

fn what_ends(current: &Organization, caller: &AccountId) -> Diagnostic {
    Diagnostic::warning("Account will stand alone").detail(format!(
        "Applying makes account {caller} leave organization {}. The account then pays for \
         itself.\n\n{LOSES}",
        current.id
    ))
}

fn no_member(
    id: &OrganizationId,
    current: Option<&Organization>,
    caller: &AccountId,
) -> Diagnostic {
    let belongs = match current {
        Some(current) => format!("belongs to organization {}", current.id),
        None => "belongs to no organization".to_owned(),
    };
    Diagnostic::warning("Account is not a member")
        .detail(format!(
            "Account {caller} {belongs}, so there is no organization {id} to leave. Applying records that \
             and changes nothing."
        ))
        .at("organization_id")
}
