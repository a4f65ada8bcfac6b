//! `awsbilling_partner_account_invitation`: the payer's side of joining.
//!
//! AWS models an invitation as a handshake, and forgets a handshake 30 days after it was answered. What
//! lasts is the membership. Where a read finds no open invitation, it asks whether the account is a member
//! before it judges, so that an accepted invitation is never taken for a lost one.

use std::time::Duration;

use crate::attributes::{AssumeRole, Tags, Timestamp};
use crate::aws::organizations::{
    Account, Cancellation, Handshake, Invitation as Invited, Invitee, Members, Organization,
    Standing, Target,
};
use crate::aws::types::{
    AccountId, Email, HandshakeId, HandshakeState, Notes, OrganizationId, Tags as AwsTags,
};
use crate::aws::{Aws, Organizations};
use crate::framework::{
    Change, Choice, Computed, Cx, Diagnostic, DomainText, ImportId, Interrupted, Model, Page,
    Permission, Resource, Result, Timeouts,
};
use crate::resources::moves::LOSES;
use crate::resources::{
    invalid_import_id, note_scale, recall_scale, set_tags, split_import_id, wanted_tags,
    while_checking,
};

/// Invites an AWS account to join the organization of the calling management account, which then pays
/// for it.
///
/// AWS e-mails the owner of the account, and the invitation stays open for 15 days. An invitation that is
/// pending already is adopted; one that expired, was declined or was cancelled is sent again by the next
/// apply, with a warning that says why. Once the account has joined, the resource follows its membership.
///
/// ~> Destroying this resource cancels an invitation that is still open. It does **not** remove an
/// account that has joined, unless `on_destroy = "remove_account"` is written out.
#[derive(Clone, Debug, Model)]
#[model(exactly_one_of(account_id, email))]
pub struct Invitation {
    /// ID of the AWS account to invite. Either this or `email` is required. Where the account is invited
    /// by `email`, AWS tells the ID once the account has joined.
    #[attr(optional, stable, replace, identity = "optional")]
    pub account_id: Computed<AccountId>,

    /// E-mail address of the account's owner, to invite an account whose ID is not known. Either this or
    /// `account_id` is required.
    #[attr(replace, identity = "optional")]
    pub email: Option<Email>,

    /// Text that AWS adds to the e-mail, up to 1,024 characters. AWS cannot change it in an open
    /// invitation, so a change cancels that and sends a new one; after the account has joined, a change
    /// has no effect.
    pub notes: Option<Notes>,

    /// Tags that the account gets when it joins, and while it is a member.
    #[attr(tags)]
    pub tags: Tags,

    /// What destroying the resource does: `cancel` an open invitation, also `remove_account` from the
    /// organization if it has joined, or `keep` everything as it is.
    #[attr(default = OnDestroy::Cancel)]
    pub on_destroy: OnDestroy,

    /// Whether to wait until the account has joined. If it has not in time, the invitation stands, and
    /// the next apply waits again.
    #[attr(default = false)]
    pub wait_for_acceptance: bool,

    /// Role to assume in the payer's account, where the provider's own credentials are others.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "30m", update = "30m", delete = "10m"))]
    pub timeouts: Timeouts,

    /// ID of the handshake that AWS makes of the invitation. A new invitation has a new one.
    pub handshake_id: Computed<HandshakeId>,

    /// ARN of the handshake.
    pub arn: Computed<String>,

    /// State of the invitation: it waits for the owner while it is `OPEN` or `REQUESTED`, and is
    /// `ACCEPTED` once the account has joined.
    pub state: Computed<HandshakeState>,

    /// Time at which the invitation was sent, in RFC 3339.
    pub requested_at: Computed<Timestamp>,

    /// Time at which the open invitation expires, in RFC 3339.
    pub expires_at: Computed<Timestamp>,

    /// ID of the organization that invites. Give it to `awsbilling_org_handshake_accept`.
    #[attr(stable, identity = "optional")]
    pub organization_id: Computed<OrganizationId>,

    /// ID of the management account that invites, which pays once the account has joined.
    #[attr(stable)]
    pub management_account_id: Computed<AccountId>,

    /// Tags together with the provider's `default_tags`.
    #[attr(tags_all)]
    pub tags_all: Computed<AwsTags>,
}

/// What destroying an invitation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum OnDestroy {
    /// Cancels an open invitation, and leaves a member alone.
    Cancel,
    /// Cancels an open invitation, and removes a member from the organization.
    RemoveAccount,
    /// Leaves everything as it is.
    Keep,
}

/// How often to look whether the account has joined: one list serves all waiting invitations, and AWS
/// allows eight of them at once and five a second.
const ACCEPTANCE_POLL: Duration = Duration::from_secs(5);

/// How long before its expiry an open invitation is worth a warning.
const EXPIRES_SOON: time::Duration = time::Duration::days(2);

/// Note beside an imported open invitation: AWS does not show its tags before the account has joined, so
/// the configuration's are taken for the ones that it was sent with.
const UNSEEN_TAGS: &str = "unseen_tags";

/// The resource.
#[derive(Debug)]
pub struct PartnerAccountInvitation {
    aws: Aws,
}

impl Resource for PartnerAccountInvitation {
    const NAME: &'static str = "partner_account_invitation";
    const PAGE: Page = Page {
        subcategory: "Joining a partner",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new("organizations:ListAccounts", "always"),
            Permission::new("organizations:ListHandshakesForOrganization", "always"),
            Permission::new("organizations:InviteAccountToOrganization", "to invite"),
            Permission::new(
                "organizations:CancelHandshake",
                "to cancel an open invitation",
            ),
            Permission::new(
                "organizations:DescribeAccount",
                "to look up few accounts of a large organization",
            ),
            Permission::new(
                "organizations:DescribeHandshake",
                "to import by handshake ID, and to look up few of many invitations",
            ),
            Permission::new(
                "organizations:ListTagsForResource",
                "with tags, and to import an account that has joined",
            ),
            Permission::new("organizations:TagResource", "with tags"),
            Permission::new("organizations:UntagResource", "with tags"),
            Permission::new(
                "organizations:RemoveAccountFromOrganization",
                "to destroy with `on_destroy = \"remove_account\"`",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Invitation;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<Invitation>) -> Result<()> {
        warn_of_removal(cx, change);
        match change.prior.clone() {
            None => self.look_ahead(cx, change).await,
            Some(prior) => {
                refuse_replacement_by_removal(&prior, change)?;
                keep_handshake(cx, &prior, change);
                Ok(())
            }
        }
    }

    async fn plan_destroy(&self, cx: &Cx, state: Invitation) -> Result<()> {
        if state.on_destroy == OnDestroy::RemoveAccount && state.has_joined() {
            cx.warn(
                Diagnostic::warning("Account will be removed from the organization").detail(
                    format!(
                        "Destroying removes {} from the organization, because on_destroy is \
                         \"remove_account\". The account then pays for itself.\n\n{LOSES}",
                        state.target()?
                    ),
                ),
            );
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: Invitation) -> Result<Invitation> {
        let organizations = self.organizations(cx, &plan).await?;
        let organization = self.payer(cx, &organizations).await?;
        let invitation = plan.sent_by(&organization);
        let member = find_member(cx, &organizations, &invitation).await?;
        note_scale(cx, &organizations, invitation.account_id.known());
        if let Some(account) = member {
            let wanted = invitation.wanted_tags();
            set_tags(
                cx,
                &organizations,
                account.id.as_str(),
                &AwsTags::new(),
                wanted,
            )
            .await?;
            return Ok(invitation.joined(&account));
        }
        let invitation = invite(cx, &organizations, invitation).await?;
        cx.save(&invitation);
        match wait_if_asked(cx, &organizations, invitation.clone()).await {
            // An error would taint the resource, and the next apply would cancel this invitation to send
            // another. The invitation stands; that nobody accepted it yet is for the user to know.
            Err(not_yet) => {
                cx.warn(not_yet.into_warning());
                Ok(invitation)
            }
            joined => joined,
        }
    }

    async fn read(&self, cx: &Cx, state: Invitation) -> Result<Option<Invitation>> {
        let organizations = self.organizations(cx, &state).await?;
        match self.standing(cx, &organizations, &state).await? {
            Standing::Member(account) => {
                // One call per account, so asked only where there are tags to compare.
                if state.wanted_tags().is_empty() && cx.private(UNSEEN_TAGS).is_none() {
                    return Ok(Some(state.joined(&account)));
                }
                let tags = organizations.tags_of(cx, account.id.as_str()).await?;
                cx.clear_private(UNSEEN_TAGS);
                Ok(Some(state.joined(&account).tagged(tags, &self.aws)))
            }
            Standing::Invited(handshake) => {
                self.warn_of_expiry(cx, &state, &handshake)?;
                Ok(Some(state.pending(&handshake)))
            }
            Standing::Neither(closed) => {
                cx.warn(no_longer_open(&state, closed.as_ref())?);
                Ok(None)
            }
        }
    }

    async fn update(&self, cx: &Cx, prior: Invitation, plan: Invitation) -> Result<Invitation> {
        let organizations = self.organizations(cx, &plan).await?;
        let mut invitation = plan.with_handshake_of(&prior);
        if let Some(account_id) = prior.account_id.known().filter(|_| prior.has_joined()) {
            let (before, wanted) = (prior.wanted_tags(), invitation.wanted_tags());
            set_tags(cx, &organizations, account_id.as_str(), before, wanted).await?;
            return Ok(invitation);
        }
        let resends = invitation.says_other_than(&prior, cx);
        cx.clear_private(UNSEEN_TAGS);
        if !resends && !invitation.wait_for_acceptance {
            return Ok(invitation);
        }
        if let Some(account) = find_member(cx, &organizations, &invitation).await? {
            let wanted = invitation.wanted_tags();
            set_tags(
                cx,
                &organizations,
                account.id.as_str(),
                prior.wanted_tags(),
                wanted,
            )
            .await?;
            return Ok(invitation.joined(&account));
        }
        if resends {
            if let Some(open) = open_invitation(cx, &organizations, &invitation).await? {
                organizations.cancel(cx, &open.id).await?;
                invitation.state = HandshakeState::Canceled.into();
                cx.save(&invitation);
            }
            invitation = invite(cx, &organizations, invitation).await?;
            cx.save(&invitation);
        }
        wait_if_asked(cx, &organizations, invitation).await
    }

    async fn delete(&self, cx: &Cx, state: Invitation) -> Result<()> {
        if state.on_destroy == OnDestroy::Keep {
            return Ok(());
        }
        let organizations = self.organizations(cx, &state).await?;
        if organizations.organization(cx).await?.is_none() {
            return Ok(());
        }
        check_sender(cx, &organizations, &state).await?;
        let mut member = find_member(cx, &organizations, &state).await?;
        if member.is_none()
            && let Some(open) = open_invitation(cx, &organizations, &state).await?
            && organizations.cancel(cx, &open.id).await? == Cancellation::Closed
        {
            // Answered since the lists were made, and perhaps accepted.
            let members = organizations.members_within(cx, Duration::ZERO).await?;
            member = state.among(&members).cloned();
        }
        if let Some(account) = member
            && state.on_destroy == OnDestroy::RemoveAccount
        {
            organizations.remove_account(cx, &account.id).await?;
        }
        Ok(())
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<Invitation> {
        let (by, role) = Named::parse(id)?;
        let aws_role = role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, aws_role.as_ref()).await?;
        let organization = self.payer(cx, &organizations).await?;
        let target = match by {
            Named::Target(target) => target,
            Named::Handshake(id) => invited_by(cx, &organizations, &id).await?,
        };
        let mut invitation = Invitation::of(&target, role).sent_by(&organization);
        let handshake = organizations.invitation_to(cx, &target).await?;
        if let Some(handshake) = &handshake {
            let notes = handshake.notes.as_deref();
            invitation = invitation.pending(handshake);
            invitation.notes = notes.and_then(|notes| Notes::parse(notes).ok());
        }
        if let Some(account) = find_member(cx, &organizations, &invitation).await? {
            let tags = organizations.tags_of(cx, account.id.as_str()).await?;
            return Ok(invitation.joined(&account).tagged(tags, &self.aws));
        }
        if handshake.is_some_and(|handshake| handshake.is_pending()) {
            cx.set_private(UNSEEN_TAGS, "true");
            return Ok(invitation);
        }
        Err(Diagnostic::error("Cannot import non-existent invitation").detail(format!(
            "Organization {} has no open invitation to {target}, and the account is not its member. \
             Create the resource instead of importing it.",
            organization.id
        )))
    }
}

impl PartnerAccountInvitation {
    async fn organizations(&self, cx: &Cx, invitation: &Invitation) -> Result<Organizations> {
        let role = invitation.assume_role.as_ref().map(Into::into);
        Ok(self.aws.organizations(cx, role.as_ref()).await?)
    }

    /// Where the account stands; it is looked for while the sender is checked.
    async fn standing(
        &self,
        cx: &Cx,
        organizations: &Organizations,
        state: &Invitation,
    ) -> Result<Standing> {
        recall_scale(cx, organizations);
        let target = state.target()?;
        let invitee = Invitee {
            target: &target,
            account_id: state.account_id.known(),
            open: state.handshake_id.known().filter(|_| !state.has_joined()),
        };
        let check = check_sender(cx, organizations, state);
        let look = async { Ok(organizations.standing(cx, invitee).await?) };
        let ((), standing) = while_checking(check, look).await?;
        if !matches!(standing, Standing::Invited(_)) {
            note_scale(cx, organizations, None);
        }
        Ok(standing)
    }

    /// Says in time that an open invitation is about to expire.
    fn warn_of_expiry(&self, cx: &Cx, state: &Invitation, open: &Handshake) -> Result<()> {
        let now = self.aws.now(cx);
        if let Some(expiry) = open
            .expires_at
            .filter(|expiry| *expiry - now < EXPIRES_SOON)
        {
            cx.warn(Diagnostic::warning("Invitation expires soon").detail(format!(
                "The invitation of {} expires at {}, and nobody has accepted it yet. Remind the owner; an \
                 apply after that sends a new one.",
                state.target()?,
                Timestamp::from(expiry)
            )));
        }
        Ok(())
    }

    /// The organization that invites.
    async fn payer(&self, cx: &Cx, organizations: &Organizations) -> Result<Organization> {
        organizations.organization(cx).await?.ok_or_else(|| {
            Diagnostic::error("Account has no organization").detail(
                "Only the management account of an organization can invite accounts, and the \
                 account of these credentials belongs to none. Use the partner's payer account (the \
                 provider's profile, or assume_role), or create an organization in this account.",
            )
        })
    }

    /// Makes known in the plan which organization invites, so that the customer's side can be planned.
    async fn look_ahead(&self, cx: &Cx, change: &mut Change<Invitation>) -> Result<()> {
        let Some(role) = change.planned.assume_role.known() else {
            return Ok(());
        };
        let role = role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let Some(organization) = organizations.organization(cx).await? else {
            return Ok(());
        };
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        if caller.account_id == organization.management_account_id {
            change.planned.organization_id = organization.id.into();
            change.planned.management_account_id = organization.management_account_id.into();
        } else {
            cx.warn(Diagnostic::warning("Account cannot invite").detail(format!(
                "Only the management account of an organization can invite accounts. These \
                 credentials belong to account {}, a member of organization {} that account {} \
                 manages. Use credentials of that account, or set assume_role.",
                caller.account_id, organization.id, organization.management_account_id
            )));
        }
        Ok(())
    }
}

/// Sends the invitation, or adopts the one that is open.
async fn invite(
    cx: &Cx,
    organizations: &Organizations,
    invitation: Invitation,
) -> Result<Invitation> {
    let target = invitation.target()?;
    let notes = invitation.notes.as_ref();
    let tags = invitation.wanted_tags();
    let invited = match organizations.invite(cx, &target, notes, tags).await {
        // The account joined since the members were listed: accepting happens in other processes.
        Err(failure) if failure.reason() == Some("ALREADY_IN_AN_ORGANIZATION") => {
            let members = organizations.members_within(cx, Duration::ZERO).await?;
            let account = invitation.among(&members).ok_or(failure)?;
            set_tags(
                cx,
                organizations,
                account.id.as_str(),
                &AwsTags::new(),
                tags,
            )
            .await?;
            return Ok(invitation.joined(account));
        }
        outcome => outcome?,
    };
    if let Invited::Adopted(handshake) = &invited {
        let wanted = notes.map(Notes::as_str).unwrap_or_default();
        if handshake.notes.as_deref().unwrap_or_default() != wanted {
            cx.warn(Diagnostic::warning("Open invitation adopted").detail(format!(
                "An invitation of {target} was open already ({}) and has been adopted. Its notes are \
                 not those of the configuration, and AWS cannot change them. To send the new ones, \
                 cancel the invitation in the Organizations console and apply again.",
                handshake.id
            )));
        }
    }
    Ok(invitation.pending(&invited.into_handshake()))
}

/// Waits until the account has joined, where the configuration asks for it.
async fn wait_if_asked(
    cx: &Cx,
    organizations: &Organizations,
    invitation: Invitation,
) -> Result<Invitation> {
    if !invitation.wait_for_acceptance || invitation.has_joined() {
        return Ok(invitation);
    }
    let target = invitation.target()?;
    loop {
        let sent = organizations
            .sent_invitations_within(cx, ACCEPTANCE_POLL)
            .await?;
        match sent.newest_for(&target) {
            Some(open) if open.is_pending() => {}
            None
            | Some(Handshake {
                state: HandshakeState::Accepted,
                ..
            }) => {
                let members = organizations.members_within(cx, ACCEPTANCE_POLL).await?;
                if let Some(account) = invitation.among(&members) {
                    return Ok(invitation.joined(account));
                }
            }
            closed => return Err(no_longer_open(&invitation, closed)?.into_error()),
        }
        if let Err(why) = cx.sleep(ACCEPTANCE_POLL).await {
            return Err(not_accepted_yet(&invitation, why));
        }
    }
}

/// The member that the invitation is for, if it has joined.
async fn find_member(
    cx: &Cx,
    organizations: &Organizations,
    invitation: &Invitation,
) -> Result<Option<Account>> {
    let members = organizations.members(cx).await?;
    Ok(invitation.among(&members).cloned())
}

/// The invitation at AWS, if it can still be answered.
async fn open_invitation(
    cx: &Cx,
    organizations: &Organizations,
    invitation: &Invitation,
) -> Result<Option<Handshake>> {
    let found = organizations
        .invitation_to(cx, &invitation.target()?)
        .await?;
    Ok(found.filter(Handshake::is_pending))
}

/// Whom the handshake invites.
async fn invited_by(cx: &Cx, organizations: &Organizations, id: &HandshakeId) -> Result<Target> {
    let handshake = organizations.handshake(cx, id).await?;
    handshake
        .as_ref()
        .and_then(Handshake::target)
        .ok_or_else(|| {
            Diagnostic::error("Cannot import non-existent invitation").detail(format!(
            "AWS knows no invitation {id} sent by this account. AWS forgets a handshake 30 days \
             after it was answered: import the resource by the ID or the e-mail address of the \
             account instead."
        ))
        })
}

/// Refuses to judge an invitation with the credentials of another organization: everything would look
/// lost, and the next apply would invite again, from the wrong payer.
async fn check_sender(cx: &Cx, organizations: &Organizations, state: &Invitation) -> Result<()> {
    let Some(sender) = state.organization_id.known() else {
        return Ok(());
    };
    let belongs = match organizations.organization(cx).await? {
        Some(organization) if organization.id == *sender => return Ok(()),
        Some(organization) => format!("to organization {}", organization.id),
        None => "to no organization".to_owned(),
    };
    Err(Diagnostic::error("Credentials of another organization").detail(format!(
        "Organization {sender} sent the invitation of {}, and the account of these credentials \
         belongs {belongs}. Use the payer's credentials (the provider's profile, or assume_role). If \
         the organization was deleted, take the resource out of the state with terraform state rm.",
        state.target()?
    )))
}

impl Invitation {
    fn target(&self) -> Result<Target> {
        match (&self.email, self.account_id.known()) {
            (Some(email), _) => Ok(Target::Email(email.clone())),
            (None, Some(account_id)) => Ok(Target::Account(account_id.clone())),
            (None, None) => Err(Diagnostic::bug(
                "An invitation names neither account nor e-mail.",
            )),
        }
    }

    /// The member that the invitation is for. Once known, the ID counts: an owner may change the e-mail
    /// address.
    fn among<'a>(&self, members: &'a Members) -> Option<&'a Account> {
        match (self.account_id.known(), &self.email) {
            (Some(id), _) => members.get(id),
            (None, Some(email)) => members.by_email(email),
            (None, None) => None,
        }
    }

    fn has_joined(&self) -> bool {
        self.state.known() == Some(&HandshakeState::Accepted)
    }

    fn wanted_tags(&self) -> &AwsTags {
        wanted_tags(&self.tags_all)
    }

    /// Whether an open invitation must be sent anew to say what this one says.
    fn says_other_than(&self, prior: &Self, cx: &Cx) -> bool {
        let tags_differ = self.tags_all != prior.tags_all && cx.private(UNSEEN_TAGS).is_none();
        self.notes != prior.notes || tags_differ
    }

    fn of(target: &Target, assume_role: Option<AssumeRole>) -> Self {
        let (account_id, email) = match target {
            Target::Account(id) => (id.clone().into(), None),
            Target::Email(email) => (Computed::Null, Some(email.clone())),
        };
        Self {
            account_id,
            email,
            notes: None,
            tags: Tags::default(),
            on_destroy: OnDestroy::Cancel,
            wait_for_acceptance: false,
            assume_role,
            timeouts: Timeouts::none(),
            handshake_id: Computed::Null,
            arn: Computed::Null,
            state: Computed::Null,
            requested_at: Computed::Null,
            expires_at: Computed::Null,
            organization_id: Computed::Null,
            management_account_id: Computed::Null,
            tags_all: AwsTags::new().into(),
        }
    }

    fn sent_by(self, organization: &Organization) -> Self {
        Self {
            organization_id: organization.id.clone().into(),
            management_account_id: organization.management_account_id.clone().into(),
            ..self
        }
    }

    /// Takes what AWS says of the open invitation.
    fn pending(self, handshake: &Handshake) -> Self {
        let account_id = handshake
            .account_id
            .clone()
            .or(self.account_id.known().cloned());
        Self {
            account_id: account_id.into(),
            handshake_id: handshake.id.clone().into(),
            arn: handshake.arn.to_string().into(),
            state: handshake.state.clone().into(),
            requested_at: handshake.requested_at.map(Timestamp::from).into(),
            expires_at: handshake.expires_at.map(Timestamp::from).into(),
            ..self
        }
    }

    /// Takes what AWS says of the member, and keeps what is known of the handshake.
    fn joined(self, account: &Account) -> Self {
        Self {
            account_id: account.id.clone().into(),
            state: HandshakeState::Accepted.into(),
            handshake_id: self.handshake_id.known().cloned().into(),
            arn: self.arn.known().cloned().into(),
            requested_at: self.requested_at.known().copied().into(),
            expires_at: self.expires_at.known().copied().into(),
            ..self
        }
    }

    fn tagged(self, at_aws: AwsTags, aws: &Aws) -> Self {
        let at_aws = aws.without_ignored(at_aws);
        Self {
            tags: self.tags.observed(&at_aws, aws.default_tags()),
            tags_all: at_aws.into(),
            ..self
        }
    }

    fn with_handshake_of(self, prior: &Self) -> Self {
        Self {
            account_id: prior.account_id.clone(),
            handshake_id: prior.handshake_id.clone(),
            arn: prior.arn.clone(),
            state: prior.state.clone(),
            requested_at: prior.requested_at,
            expires_at: prior.expires_at,
            organization_id: prior.organization_id.clone(),
            management_account_id: prior.management_account_id.clone(),
            ..self
        }
    }
}

/// What an import ID or identity names.
enum Named {
    Target(Target),
    Handshake(HandshakeId),
}

impl Named {
    const FORMAT: &'static str = "account_id, email or handshake_id";

    fn parse(id: ImportId) -> Result<(Self, Option<AssumeRole>)> {
        match id {
            ImportId::Text(text) => {
                let invalid = |_| invalid_import_id(Self::FORMAT, &text);
                let (name, role) = split_import_id(&text).map_err(invalid)?;
                Ok((Self::parse_text(name)?, role))
            }
            ImportId::Identity(identity) => {
                let name = identity.get("account_id").or(identity.get("email"));
                let name = name.map(String::as_str).unwrap_or_default();
                Ok((Self::parse_text(name)?, None))
            }
        }
    }

    fn parse_text(text: &str) -> Result<Self> {
        let account = || AccountId::parse(text).map(|id| Self::Target(Target::Account(id)));
        let handshake = || HandshakeId::parse(text).map(Self::Handshake);
        let email = || Email::parse(text).map(|email| Self::Target(Target::Email(email)));
        account()
            .or_else(|_| handshake())
            .or_else(|_| email())
            .map_err(|_| invalid_import_id(Self::FORMAT, text))
    }
}

/// Refuses a new object where the old one's destroy would remove an account: a change of a name is no
/// order to remove.
fn refuse_replacement_by_removal(prior: &Invitation, change: &Change<Invitation>) -> Result<()> {
    let replaced = change.requires_replace("account_id") || change.requires_replace("email");
    if !(replaced && prior.on_destroy == OnDestroy::RemoveAccount && prior.has_joined()) {
        return Ok(());
    }
    let target = prior.target()?;
    Err(Diagnostic::error("Change would remove an account").detail(format!(
        "The configuration names another account, and with on_destroy = \"remove_account\" that would \
         remove {target} from the organization. To invite another account, add a resource for it. To \
         remove {target}, destroy this resource. To forget it, set on_destroy = \"cancel\" and apply \
         before changing the account."
    )))
}

/// Says, when it is written, that a destroy will change a membership.
fn warn_of_removal(cx: &Cx, change: &Change<Invitation>) {
    let wanted = change.planned.on_destroy.known() == Some(&OnDestroy::RemoveAccount);
    let before = change.prior.as_ref().map(|prior| prior.on_destroy);
    if wanted && before != Some(OnDestroy::RemoveAccount) {
        cx.warn(
            Diagnostic::warning("Destroy will remove the account")
                .detail(
                    "With on_destroy = \"remove_account\", destroying this resource removes the \
                     account from the organization once it has joined. The account then pays for \
                     itself.",
                )
                .at("on_destroy"),
        );
    }
}

/// Keeps known in the plan what AWS knows, unless the update sends a new invitation or waits for this one.
fn keep_handshake(cx: &Cx, prior: &Invitation, change: &mut Change<Invitation>) {
    let planned = &mut change.planned;
    let same_notes = planned.notes.known() == Some(&prior.notes);
    let same_tags = planned.tags_all == prior.tags_all || cx.private(UNSEEN_TAGS).is_some();
    let stands = prior.has_joined() || (same_notes && same_tags);
    if stands {
        planned.handshake_id = prior.handshake_id.clone();
        planned.arn = prior.arn.clone();
        planned.requested_at = prior.requested_at;
        planned.expires_at = prior.expires_at;
        planned.state = prior.state.clone();
    }
    let waits = planned.wait_for_acceptance.known() != Some(&false);
    if !prior.has_joined() && (waits || !stands) {
        planned.state = Computed::Unknown;
        if planned.account_id == Computed::Null {
            planned.account_id = Computed::Unknown;
        }
    }
}

/// Why the invitation is no longer open, and what the next apply does about it.
fn no_longer_open(state: &Invitation, closed: Option<&Handshake>) -> Result<Diagnostic> {
    let target = state.target()?;
    let on = |time: Option<Timestamp>| match time {
        Some(time) => format!(" on {}", time.date()),
        None => String::new(),
    };
    let (summary, what) = match closed.map(|handshake| &handshake.state) {
        _ if state.has_joined() => (
            "Account left the organization",
            format!("The account invited as {target} had joined and is no longer a member."),
        ),
        Some(HandshakeState::Expired) => {
            let expiry = closed
                .and_then(|handshake| handshake.expires_at)
                .map(Timestamp::from);
            (
                "Invitation expired",
                format!("The invitation of {target} expired{}.", on(expiry)),
            )
        }
        Some(HandshakeState::Declined) => (
            "Invitation declined",
            format!("The owner declined the invitation of {target}."),
        ),
        Some(HandshakeState::Canceled) => (
            "Invitation cancelled",
            format!("The invitation of {target} was cancelled outside Terraform."),
        ),
        _ => {
            let expiry = state.expires_at.known().copied();
            (
                "Invitation no longer open",
                format!(
                    "AWS no longer knows the invitation of {target}, which was to expire{}, and the account is not a member.",
                    on(expiry)
                ),
            )
        }
    };
    Ok(Diagnostic::warning(summary).detail(format!("{what} Applying sends a new one.")))
}

fn not_accepted_yet(invitation: &Invitation, why: Interrupted) -> Diagnostic {
    let target = invitation
        .target()
        .map_or("the account".to_owned(), |target| target.to_string());
    let until = invitation
        .expires_at
        .known()
        .map_or(String::new(), |time| format!(" until {time}"));
    let cause = match why {
        Interrupted::Cancelled => "Terraform was stopped while it waited",
        Interrupted::TimedOut => "The time in timeouts ran out",
    };
    Diagnostic::error("Invitation not accepted yet").detail(format!(
        "{cause} for the owner of {target} to accept. The invitation stays open{until}; the owner \
         accepts it in the Organizations console, or with awsbilling_org_handshake_accept. The next \
         apply waits again."
    ))
}
