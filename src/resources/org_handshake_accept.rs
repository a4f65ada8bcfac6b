//! `awsbilling_org_handshake_accept`: the customer's side of joining.
//!
//! Joining an organization gives its management account the bill and, in most organizations, power over
//! the account. So an invitation is accepted only from the sender that the configuration names, never
//! because it is the only one there. Whether the account belongs to the sender's organization is the
//! lasting fact; the handshake is only the way there.

use std::time::Duration;

use crate::attributes::AssumeRole;
use crate::aws::organizations::{Handshake, Organization};
use crate::aws::types::{AccountId, FeatureSet, HandshakeId, OrganizationId};
use crate::aws::{Aws, Organizations};
use crate::framework::{
    Change, Choice, Computed, Cx, Diagnostic, ImportId, Interrupted, Model, Page, Permission,
    Resource, Result, Timeouts,
};
use crate::resources::imported;

/// Accepts the invitation of a partner's organization for the calling account, or for the account of
/// `assume_role`. From then on the organization's management account pays for it.
///
/// A standalone account joins. A member of another organization moves in one step, without leaving first,
/// unless `leave_current_organization` asks for the old way. An account that manages an organization of
/// its own must first delete that organization.
///
/// ~> Destroying this resource only forgets it: the account stays a member, unless
/// `on_destroy = "leave"` is written out.
#[derive(Clone, Debug, Model)]
#[model(at_least_one_of(organization_id, management_account_id, handshake_id))]
pub struct Acceptance {
    /// ID of the organization whose invitation is accepted, and of no other. At least one of this,
    /// `management_account_id` and `handshake_id` is required.
    #[attr(optional, stable, replace, identity = "optional")]
    pub organization_id: Computed<OrganizationId>,

    /// ID of the management account whose invitation is accepted, and of no other.
    #[attr(optional, stable, replace)]
    pub management_account_id: Computed<AccountId>,

    /// ID of the handshake to accept. A sender who invites again has a new one, so the organization's ID
    /// is the better choice; after the account has joined, a change has no effect.
    #[attr(optional)]
    pub handshake_id: Computed<HandshakeId>,

    /// Whether to leave the current organization before accepting, instead of moving in one step. The
    /// account leaves only after the invitation was seen, and needs a payment method, a verified phone
    /// number and a support plan of its own.
    #[attr(default = false)]
    pub leave_current_organization: bool,

    /// What destroying the resource does: `keep` the membership, or `leave` the organization.
    #[attr(default = OnDestroy::Keep)]
    pub on_destroy: OnDestroy,

    /// Role to assume in the account that accepts, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "20m", delete = "10m"))]
    pub timeouts: Timeouts,

    /// ID of the account that accepts.
    #[attr(stable, identity)]
    pub account_id: Computed<AccountId>,

    /// ARN of the organization that the account belongs to.
    #[attr(stable)]
    pub organization_arn: Computed<String>,

    /// E-mail address of the organization's management account, as far as AWS tells a member.
    #[attr(stable)]
    pub management_account_email: Computed<String>,

    /// Feature set of the organization: with `CONSOLIDATED_BILLING` it shares the bill and nothing else.
    #[attr(stable)]
    pub feature_set: Computed<FeatureSet>,

    /// ID of the organization that the account belonged to before; null if it belonged to none.
    #[attr(stable)]
    pub previous_organization_id: Computed<OrganizationId>,
}

/// What destroying an acceptance does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum OnDestroy {
    /// Leaves the membership as it is.
    Keep,
    /// Makes the account leave the organization.
    Leave,
}

/// How often to look for the invitation: AWS allows five such calls a second for an account.
const INVITATION_POLL: Duration = Duration::from_secs(5);

/// How often to look whether the membership shows; AWS allows one such call a second for an account.
const MEMBERSHIP_POLL: Duration = Duration::from_secs(2);

/// The resource.
#[derive(Debug)]
pub struct OrgHandshakeAccept {
    aws: Aws,
}

impl Resource for OrgHandshakeAccept {
    const NAME: &'static str = "org_handshake_accept";
    const PAGE: Page = Page {
        subcategory: "Joining a partner",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new(
                "organizations:ListHandshakesForAccount",
                "to find the invitation",
            ),
            Permission::new(
                "organizations:DescribeHandshake",
                "where `handshake_id` alone names the sender",
            ),
            Permission::new("organizations:AcceptHandshake", "to accept"),
            Permission::new(
                "iam:CreateServiceLinkedRole",
                "to accept: AWS makes the role AWSServiceRoleForOrganizations in the account",
            ),
            Permission::new(
                "organizations:LeaveOrganization",
                "with `leave_current_organization`, or to destroy with `on_destroy = \"leave\"`",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Acceptance;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<Acceptance>) -> Result<()> {
        warn_of_on_destroy(cx, change);
        let Some(prior) = change.prior.clone() else {
            return self.look_ahead(cx, change).await;
        };
        let moves = change.requires_replace("organization_id")
            || change.requires_replace("management_account_id");
        if moves && prior.on_destroy == OnDestroy::Leave {
            return Err(would_leave_first(&prior));
        }
        if change.planned.handshake_id == Computed::Unknown {
            change.planned.handshake_id = prior.handshake_id;
        }
        Ok(())
    }

    async fn plan_destroy(&self, cx: &Cx, state: Acceptance) -> Result<()> {
        if state.on_destroy == OnDestroy::Leave {
            cx.warn(Diagnostic::warning("Account will leave its organization").detail(format!(
                "Destroying makes {} leave, because on_destroy is \"leave\". The account then pays \
                 for itself.",
                state.membership()
            )));
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: Acceptance) -> Result<Acceptance> {
        let role = plan.assume_role.as_ref().map(Into::into);
        let organizations = self.same_account(cx, &plan).await?;
        let account_id = self.aws.caller(cx, role.as_ref()).await?.account_id;
        let sender = plan.sender(cx, &organizations).await?;

        let current = organizations.organization(cx).await?;
        match &current {
            Some(current) if sender.is(current) => return Ok(plan.joined(&account_id, current)),
            Some(current) if current.management_account_id == account_id => {
                return Err(manages_organization(&account_id, current, &sender));
            }
            _ => {}
        }
        let invitation = wait_for_invitation(cx, &organizations, &account_id, &sender).await?;

        let leaves = current.as_ref().filter(|_| plan.leave_current_organization);
        if leaves.is_some() {
            organizations.leave(cx).await?;
        }
        let accepted = organizations.accept(cx, &invitation).await;
        accepted.map_err(|failure| match leaves {
            Some(left) => stranded(&account_id, left, failure.into()),
            None => failure.into(),
        })?;

        let joined = Acceptance {
            handshake_id: invitation.id.clone().into(),
            organization_id: invitation.organization_id.clone().into(),
            management_account_id: invitation.management_account_id.clone().into(),
            account_id: account_id.clone().into(),
            previous_organization_id: current.map(|current| current.id).into(),
            ..plan
        };
        cx.save(&joined);
        let organization = wait_for_membership(cx, &organizations, &invitation).await?;
        Ok(joined.joined(&account_id, &organization))
    }

    async fn read(&self, cx: &Cx, state: Acceptance) -> Result<Option<Acceptance>> {
        let organizations = self.same_account(cx, &state).await?;
        let current = organizations.organization(cx).await?;
        if let Some(current) = &current
            && state.organization_id.known() == Some(&current.id)
        {
            return Ok(Some(state.refreshed(current)));
        }
        let now = match current {
            Some(current) => format!("belongs to organization {}", current.id),
            None => "belongs to no organization".to_owned(),
        };
        cx.warn(Diagnostic::warning("Account left the organization").detail(format!(
            "The membership of {} has ended: the account now {now}. Applying accepts an invitation \
             again.",
            state.membership()
        )));
        Ok(None)
    }

    async fn update(&self, _: &Cx, prior: Acceptance, plan: Acceptance) -> Result<Acceptance> {
        // What AWS knows does not change in place, so only settings of the resource are new.
        let handshake_id = plan
            .handshake_id
            .known()
            .or(prior.handshake_id.known())
            .cloned();
        Ok(Acceptance {
            handshake_id: handshake_id.into(),
            ..plan
        })
    }

    async fn delete(&self, cx: &Cx, state: Acceptance) -> Result<()> {
        if state.on_destroy == OnDestroy::Keep {
            return Ok(());
        }
        let organizations = self.same_account(cx, &state).await?;
        let current = organizations.organization(cx).await?;
        if current.is_some_and(|current| state.organization_id.known() == Some(&current.id)) {
            organizations.leave(cx).await?;
        }
        Ok(())
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<Acceptance> {
        let (account_id, role) = imported(&id, "account_id")?;
        let state = Acceptance::of(&account_id, role);
        let organizations = self.same_account(cx, &state).await?;
        match organizations.organization(cx).await? {
            Some(organization) => Ok(state.joined(&account_id, &organization)),
            None => Err(Diagnostic::error("Cannot import non-existent membership").detail(format!(
                "Account {account_id} belongs to no organization. Create the resource instead of \
                 importing it."
            ))),
        }
    }
}

impl OrgHandshakeAccept {
    /// Organizations as the account of the state sees it; other credentials would tell of another account.
    async fn same_account(&self, cx: &Cx, state: &Acceptance) -> Result<Organizations> {
        let role = state.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        if let Some(account_id) = state.account_id.known()
            && *account_id != caller
        {
            return Err(is_another_account(account_id, &caller));
        }
        Ok(self.aws.organizations(cx, role.as_ref()).await?)
    }

    /// Shows in the plan which account will join, and warns of what that ends.
    async fn look_ahead(&self, cx: &Cx, change: &mut Change<Acceptance>) -> Result<()> {
        let Some(written) = change.planned.assume_role.known() else {
            return Ok(());
        };
        let role = written.as_ref().map(Into::into);
        let look = async {
            let caller = self.aws.caller(cx, role.as_ref()).await?;
            let organizations = self.aws.organizations(cx, role.as_ref()).await?;
            let current = organizations.organization(cx).await?;
            Ok((caller.account_id, current))
        };
        let (account_id, current) = match look.await {
            Ok(seen) => seen,
            Err(problem) => return not_reachable_yet(cx, role.is_some(), problem),
        };
        if let Some(expected) = change.planned.account_id.known()
            && *expected != account_id
        {
            return Err(is_another_account(expected, &account_id));
        }
        change.planned.account_id = account_id.clone().into();
        let sender = Sender {
            organization_id: change.planned.organization_id.known().cloned(),
            management_account_id: change.planned.management_account_id.known().cloned(),
            handshake_id: None,
        };
        let leaves = change.planned.leave_current_organization.known() == Some(&true);
        match current {
            Some(current) if sender.is_known() && !sender.is(&current) => {
                cx.warn(what_ends(&account_id, &current, &sender, leaves));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whose invitation is accepted: everything that is known here must fit.
#[derive(Clone, Debug)]
#[allow(clippy::struct_field_names)] // They are the names of the attributes.
struct Sender {
    organization_id: Option<OrganizationId>,
    management_account_id: Option<AccountId>,
    handshake_id: Option<HandshakeId>,
}

impl Sender {
    fn is_known(&self) -> bool {
        self.organization_id.is_some() || self.management_account_id.is_some()
    }

    fn is(&self, organization: &Organization) -> bool {
        self.is_known()
            && fits(self.organization_id.as_ref(), &organization.id)
            && fits(
                self.management_account_id.as_ref(),
                &organization.management_account_id,
            )
    }

    fn sent(&self, handshake: &Handshake) -> bool {
        fits(self.organization_id.as_ref(), &handshake.organization_id)
            && fits(
                self.management_account_id.as_ref(),
                &handshake.management_account_id,
            )
            && fits(self.handshake_id.as_ref(), &handshake.id)
    }
}

fn fits<T: PartialEq>(expected: Option<&T>, found: &T) -> bool {
    expected.is_none_or(|expected| expected == found)
}

impl std::fmt::Display for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (
            &self.organization_id,
            &self.management_account_id,
            &self.handshake_id,
        ) {
            (Some(id), _, _) => write!(f, "organization {id}"),
            (None, Some(id), _) => write!(f, "management account {id}"),
            (None, None, Some(id)) => write!(f, "the sender of handshake {id}"),
            (None, None, None) => f.write_str("the expected sender"),
        }
    }
}

/// Waits until the expected sender's invitation is there.
async fn wait_for_invitation(
    cx: &Cx,
    organizations: &Organizations,
    account_id: &AccountId,
    sender: &Sender,
) -> Result<Handshake> {
    loop {
        let received = organizations.received_invitations(cx).await?;
        let open = received.iter().filter(|handshake| handshake.is_pending());
        if let Some(invitation) = open.clone().find(|handshake| sender.sent(handshake)) {
            return Ok(invitation.clone());
        }
        if let Err(why) = cx.sleep(INVITATION_POLL).await {
            let others: Vec<_> = open.collect();
            return Err(no_invitation(account_id, sender, &others, why));
        }
    }
}

/// Waits until the account sees itself in the organization that it has joined.
async fn wait_for_membership(
    cx: &Cx,
    organizations: &Organizations,
    invitation: &Handshake,
) -> Result<Organization> {
    loop {
        let current = organizations
            .organization_within(cx, MEMBERSHIP_POLL)
            .await?;
        match current {
            Some(current) if current.id == invitation.organization_id => return Ok(current),
            _ => cx.sleep(MEMBERSHIP_POLL).await?,
        }
    }
}

impl Acceptance {
    /// Whose invitation the plan accepts. A handshake that is named alone is looked up, so that an
    /// acceptance that was answered but not recorded is recognized.
    async fn sender(&self, cx: &Cx, organizations: &Organizations) -> Result<Sender> {
        let mut sender = Sender {
            organization_id: self.organization_id.known().cloned(),
            management_account_id: self.management_account_id.known().cloned(),
            handshake_id: self.handshake_id.known().cloned(),
        };
        if let Some(id) = sender.handshake_id.as_ref().filter(|_| !sender.is_known())
            && let Some(handshake) = organizations.handshake(cx, id).await?
        {
            sender.organization_id = Some(handshake.organization_id);
        }
        Ok(sender)
    }

    fn joined(self, account_id: &AccountId, organization: &Organization) -> Self {
        Self {
            account_id: account_id.clone().into(),
            handshake_id: self.handshake_id.known().cloned().into(),
            previous_organization_id: self.previous_organization_id.known().cloned().into(),
            ..self.refreshed(organization)
        }
    }

    fn refreshed(self, organization: &Organization) -> Self {
        Self {
            organization_id: organization.id.clone().into(),
            management_account_id: organization.management_account_id.clone().into(),
            organization_arn: organization.arn.clone().into(),
            management_account_email: organization.management_account_email.clone().into(),
            feature_set: organization.feature_set.clone().into(),
            ..self
        }
    }

    fn of(account_id: &AccountId, assume_role: Option<AssumeRole>) -> Self {
        Self {
            organization_id: Computed::Null,
            management_account_id: Computed::Null,
            handshake_id: Computed::Null,
            leave_current_organization: false,
            on_destroy: OnDestroy::Keep,
            assume_role,
            timeouts: Timeouts::none(),
            account_id: account_id.clone().into(),
            organization_arn: Computed::Null,
            management_account_email: Computed::Null,
            feature_set: Computed::Null,
            previous_organization_id: Computed::Null,
        }
    }

    /// "account 111122223333 of organization o-exampleorgid".
    fn membership(&self) -> String {
        let account = self.account_id.known().map_or("?", AccountId::as_str);
        let organization = self
            .organization_id
            .known()
            .map_or("?", OrganizationId::as_str);
        format!("account {account} of organization {organization}")
    }
}

/// Says, when it is written, that a destroy will change the membership.
fn warn_of_on_destroy(cx: &Cx, change: &Change<Acceptance>) {
    let wanted = change.planned.on_destroy.known() == Some(&OnDestroy::Leave);
    let before = change.prior.as_ref().map(|prior| prior.on_destroy);
    if wanted && before != Some(OnDestroy::Leave) {
        cx.warn(
            Diagnostic::warning("Destroy will leave the organization")
                .detail(
                    "With on_destroy = \"leave\", destroying this resource makes the account leave \
                     the organization. The account then pays for itself.",
                )
                .at("on_destroy"),
        );
    }
}

/// A role that this very apply creates cannot be assumed while planning; other credentials must work.
fn not_reachable_yet(cx: &Cx, by_role: bool, problem: Diagnostic) -> Result<()> {
    if !by_role {
        return Err(problem);
    }
    let detail = format!(
        "The plan could not look at the account. If this apply creates the account or the role, that is \
         to be expected.\n\n{}",
        problem.detail
    );
    cx.warn(
        Diagnostic::warning("Account not reachable yet")
            .detail(detail)
            .at("assume_role"),
    );
    Ok(())
}

fn is_another_account(account_id: &AccountId, caller: &AccountId) -> Diagnostic {
    Diagnostic::error("Credentials of another account").detail(format!(
        "The resource is about account {account_id}, and the credentials belong to account {caller}. Use \
         credentials of that account: the provider's profile or assume_role, or the resource's \
         assume_role (for an import, append \",role_arn\" to the ID)."
    ))
}

fn what_ends(
    account_id: &AccountId,
    current: &Organization,
    sender: &Sender,
    leaves: bool,
) -> Diagnostic {
    if current.management_account_id == *account_id {
        return manages_organization(account_id, current, sender).into_warning();
    }
    let way = if leaves {
        "leaves that first, because leave_current_organization is set; without it the account would \
         move in one step, and needs no payment method of its own"
    } else {
        "moves in one step"
    };
    Diagnostic::warning("Account changes its organization").detail(format!(
        "Account {account_id} is a member of organization {} and joins {sender}: it {way}.\n\nWith the \
         old organization end its service control policies, resource shares, StackSets, IAM Identity \
         Center access and shared reserved instances and savings plans; the old payer keeps the billing \
         history. An account that is a delegated administrator must be deregistered before.",
        current.id
    ))
}

fn manages_organization(
    account_id: &AccountId,
    current: &Organization,
    sender: &Sender,
) -> Diagnostic {
    Diagnostic::error("Account manages an organization").detail(format!(
        "Account {account_id} manages organization {}, and a management account can join {sender} only \
         after its own organization is gone. Let the members join {sender} themselves \
         (awsbilling_org_handshake_accept for each) or remove them (awsbilling_org_member_removal), \
         delete organization {}, and then accept.",
        current.id, current.id
    ))
}

fn would_leave_first(prior: &Acceptance) -> Diagnostic {
    Diagnostic::error("Change would leave the organization").detail(format!(
        "The configuration names another sender, and with on_destroy = \"leave\" that would make {} \
         leave before the new invitation is accepted. Set on_destroy = \"keep\" and apply, then name \
         the other sender: the account then moves in one step.",
        prior.membership()
    ))
}

/// The account has left its organization, and the new one has not taken it.
fn stranded(account_id: &AccountId, left: &Organization, problem: Diagnostic) -> Diagnostic {
    let detail = format!(
        "Account {account_id} has left organization {} and now stands alone: accepting the invitation \
         failed. Once the cause is removed, apply again to accept.\n\n{}",
        left.id, problem.detail
    );
    problem.detail(detail)
}

fn no_invitation(
    account_id: &AccountId,
    sender: &Sender,
    others: &[&Handshake],
    why: Interrupted,
) -> Diagnostic {
    let cause = match why {
        Interrupted::Cancelled => "Terraform was stopped while it waited",
        Interrupted::TimedOut => "The time in timeouts ran out",
    };
    let others = if others.is_empty() {
        "The account has no open invitation.".to_owned()
    } else {
        let listed: Vec<_> = others
            .iter()
            .map(|other| {
                format!(
                    "{} from organization {} (management account {})",
                    other.id, other.organization_id, other.management_account_id
                )
            })
            .collect();
        format!("Open invitations of others: {}.", listed.join(", "))
    };
    Diagnostic::error("No invitation from the expected sender").detail(format!(
        "{cause} for an invitation of account {account_id} by {sender}. {others}\n\nAsk the partner \
         whether the invitation was sent, to this account ID or to the e-mail address of this account's \
         owner, and whether it is still open: an invitation expires after 15 days."
    ))
}
