//! `awsbilling_billing_transfer_invitation`: the payer's side of a billing transfer.
//!
//! The lasting fact is the transfer, which AWS lists for the one that pays; the handshake by which it is
//! agreed is only the way there. A transfer begins and ends with a month, so months are what one writes.

use time::OffsetDateTime;

use crate::attributes::{AssumeRole, Month, Tags, Timestamp};
use crate::aws::organizations::{NewTransfer, Organization, Target, Transfer};
use crate::aws::types::{
    AccountId, Email, HandshakeId, Notes, OrganizationId, Tags as AwsTags, TransferId,
    TransferName, TransferStatus,
};
use crate::aws::{Aws, Organizations};
use crate::framework::{
    Change, Choice, Computed, Cx, Diagnostic, DomainText, ImportId, Model, Page, Permission,
    Resource, Result, Timeouts,
};
use crate::resources::{invalid_import_id, set_tags, split_import_id, wanted_tags};

/// Invites another organization to transfer its bill to the calling management account, which then pays
/// for it. The other organization stays as it is, with its members and its policies.
///
/// The management account of the other organization accepts until two days before the transfer begins, with
/// `awsbilling_billing_transfer_accept` or in the console. AWS allows no inbound transfer unless the payer's
/// quota was raised.
///
/// ~> Destroying this resource cancels an invitation that is still open. It does **not** end a transfer that
/// stands, unless `on_destroy = "terminate"` is written out.
#[derive(Clone, Debug, Model)]
#[model(exactly_one_of(account_id, email))]
pub struct TransferInvitation {
    /// ID of the management account whose bill is to be transferred. Either this or `email` is required.
    #[attr(optional, stable, replace, identity = "optional")]
    pub account_id: Computed<AccountId>,

    /// E-mail address of the management account's owner, where the ID is not known. Either this or
    /// `account_id` is required.
    #[attr(replace, identity = "optional")]
    pub email: Option<Email>,

    /// Name of the transfer, 1 to 128 characters.
    pub name: TransferName,

    /// Month with which the transfer begins, such as `2027-01`: the next one or the one after. While the
    /// invitation is open, a change cancels it and sends a new one; after that it cannot be changed.
    pub start_month: Month,

    /// Month with which the transfer ends, such as `2027-06`: the current one or the next. Writing it ends
    /// a transfer that stands, and cannot be undone.
    pub end_month: Option<Month>,

    /// Text that AWS adds to the e-mail, up to 1,024 characters. While the invitation is open, a change
    /// cancels it and sends a new one; after that it has no effect.
    pub notes: Option<Notes>,

    /// Tags of the transfer.
    #[attr(tags)]
    pub tags: Tags,

    /// What destroying the resource does: `cancel` an open invitation, also `terminate` a transfer that
    /// stands with the end of the current month (one that has not begun by then never does), or `keep`
    /// everything as it is.
    #[attr(default = OnDestroy::Cancel)]
    pub on_destroy: OnDestroy,

    /// Role to assume in the payer's account, where the provider's own credentials are others.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "10m", update = "10m", delete = "10m"))]
    pub timeouts: Timeouts,

    /// ID of the transfer. A new invitation has a new one.
    pub transfer_id: Computed<TransferId>,

    /// ARN of the transfer, as the payer's side of it.
    pub arn: Computed<String>,

    /// Status of the transfer: it waits for an answer while it is `REQUESTED`, stands while it is
    /// `ACCEPTED`, and has an end once it is `WITHDRAWN`.
    pub status: Computed<TransferStatus>,

    /// ID of the handshake that waits for an answer; null once it is answered.
    pub handshake_id: Computed<HandshakeId>,

    /// First moment that this organization pays for, in RFC 3339.
    pub starts_at: Computed<Timestamp>,

    /// Last second that this organization pays for, in RFC 3339; null while no end is settled.
    pub ends_at: Computed<Timestamp>,

    /// ID of the organization that pays. Give it to `awsbilling_billing_transfer_accept`.
    #[attr(stable, identity = "optional")]
    pub organization_id: Computed<OrganizationId>,

    /// ID of the management account that pays.
    #[attr(stable)]
    pub management_account_id: Computed<AccountId>,

    /// Tags together with the provider's `default_tags`.
    #[attr(tags_all)]
    pub tags_all: Computed<AwsTags>,
}

/// What destroying the resource does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum OnDestroy {
    /// Cancels an open invitation, and leaves a transfer that stands alone.
    Cancel,
    /// Cancels an open invitation, and ends a transfer that stands.
    Terminate,
    /// Leaves everything as it is.
    Keep,
}

/// How long before its beginning a transfer can no longer be accepted.
///
/// Source: AWS Billing user guide, "Responding to billing transfer invitations".
const LAST_CALL: time::Duration = time::Duration::days(1);

/// How long before it can no longer be accepted an open invitation is worth a warning.
const EXPIRES_SOON: time::Duration = time::Duration::days(2);

/// The resource.
#[derive(Debug)]
pub struct BillingTransferInvitation {
    aws: Aws,
}

impl Resource for BillingTransferInvitation {
    const NAME: &'static str = "billing_transfer_invitation";
    const PAGE: Page = Page {
        subcategory: "Billing transfer",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new("organizations:ListInboundResponsibilityTransfers", "always"),
            Permission::new(
                "organizations:InviteOrganizationToTransferResponsibility",
                "to invite",
            ),
            Permission::new(
                "organizations:CancelHandshake",
                "to cancel an open invitation",
            ),
            Permission::new(
                "organizations:UpdateResponsibilityTransfer",
                "to change `name`",
            ),
            Permission::new(
                "organizations:TerminateResponsibilityTransfer",
                "with `end_month`, or to destroy with `on_destroy = \"terminate\"`",
            ),
            Permission::new("organizations:ListTagsForResource", "with tags"),
            Permission::new("organizations:TagResource", "with tags"),
            Permission::new("organizations:UntagResource", "with tags"),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = TransferInvitation;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<TransferInvitation>) -> Result<()> {
        warn_of_on_destroy(cx, change);
        let now = self.aws.now(cx);
        if let Some(prior) = change.prior.clone() {
            return look_at_change(cx, now, &prior, change);
        }
        if let Some(start) = change.planned.start_month.known() {
            check_start(*start, now)?;
        }
        if let Some(Some(_)) = change.planned.end_month.known() {
            return Err(nothing_to_end());
        }
        self.look_ahead(cx, change).await
    }

    async fn plan_destroy(&self, cx: &Cx, state: TransferInvitation) -> Result<()> {
        if state.on_destroy == OnDestroy::Terminate && state.stands() {
            cx.warn(
                Diagnostic::warning("Billing transfer will be ended").detail(format!(
                    "Destroying ends the billing transfer of {} with the end of this month, because \
                     on_destroy is \"terminate\". It cannot be undone.",
                    state.target()?
                )),
            );
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: TransferInvitation) -> Result<TransferInvitation> {
        let organizations = self.organizations(cx, &plan).await?;
        let organization = payer(cx, &organizations).await?;
        let invitation = plan.sent_by(&organization);
        invite(cx, &organizations, invitation, self.aws.now(cx)).await
    }

    async fn read(&self, cx: &Cx, state: TransferInvitation) -> Result<Option<TransferInvitation>> {
        let organizations = self.organizations(cx, &state).await?;
        check_payer(cx, &organizations, &state).await?;
        let known = organizations.inbound_transfers(cx).await?;
        let transfer = known
            .iter()
            .find(|found| state.transfer_id.known() == Some(&found.id));
        let now = self.aws.now(cx);
        // An end that the configuration asked for is no reason to begin again.
        let ended_as_asked = |found: &Transfer| {
            state.end_month.is_some() && found.status == TransferStatus::Withdrawn
        };
        match transfer {
            Some(found)
                if found.status.is_pending() || found.stands(now) || ended_as_asked(found) =>
            {
                let name = TransferName::parse(&found.name).unwrap_or(state.name.clone());
                let mut seen = TransferInvitation {
                    name,
                    start_month: found.starts_at.map_or(state.start_month, Month::of),
                    ..state.seen_as(found)
                };
                // One call per transfer, so asked only where there are tags to compare.
                if !seen.wanted_tags().is_empty() {
                    let tags = organizations.tags_of(cx, found.id.as_str()).await?;
                    seen = seen.tagged(tags, &self.aws);
                }
                warn_of_expiry(cx, &seen, found, now)?;
                Ok(Some(seen))
            }
            other => {
                cx.warn(no_longer_there(&state, other)?);
                Ok(None)
            }
        }
    }

    async fn update(
        &self,
        cx: &Cx,
        prior: TransferInvitation,
        plan: TransferInvitation,
    ) -> Result<TransferInvitation> {
        let organizations = self.organizations(cx, &plan).await?;
        let known = organizations.inbound_transfers(cx).await?;
        let found = known
            .iter()
            .find(|found| prior.transfer_id.known() == Some(&found.id));
        let found = found.ok_or_else(|| {
            Diagnostic::error("Billing transfer not found")
                .detail("The transfer vanished since the plan was made. Plan and apply again.")
        })?;
        let mut invitation = plan.with_transfer_of(&prior);
        if invitation.must_be_sent_again(&prior) {
            if !found.status.is_pending() {
                return Err(settled(&prior));
            }
            organizations.cancel_transfer(cx, found).await?;
            invitation.status = TransferStatus::Canceled.into();
            cx.save(&invitation);
            return invite(cx, &organizations, invitation, self.aws.now(cx)).await;
        }
        if invitation.name != prior.name {
            organizations
                .rename_transfer(cx, &found.id, &invitation.name)
                .await?;
        }
        let wanted = invitation.wanted_tags().clone();
        set_tags(
            cx,
            &organizations,
            found.id.as_str(),
            prior.wanted_tags(),
            &wanted,
        )
        .await?;
        if let Some(end) = invitation
            .end_month
            .filter(|_| prior.end_month != invitation.end_month)
        {
            organizations
                .terminate_transfer(cx, &found.id, end.end())
                .await?;
            invitation.status = TransferStatus::Withdrawn.into();
            invitation.ends_at = Timestamp::from(end.end()).into();
        }
        Ok(invitation)
    }

    async fn delete(&self, cx: &Cx, state: TransferInvitation) -> Result<()> {
        if state.on_destroy == OnDestroy::Keep {
            return Ok(());
        }
        let organizations = self.organizations(cx, &state).await?;
        check_payer(cx, &organizations, &state).await?;
        let known = organizations.inbound_transfers(cx).await?;
        let found = known
            .iter()
            .find(|found| state.transfer_id.known() == Some(&found.id));
        let Some(found) = found else {
            return Ok(());
        };
        let now = self.aws.now(cx);
        if found.status.is_pending() {
            organizations.cancel_transfer(cx, found).await?;
        } else if state.on_destroy == OnDestroy::Terminate
            && found.stands(now)
            && found.ends_at.is_none()
        {
            let end = Month::of(now).end();
            organizations.terminate_transfer(cx, &found.id, end).await?;
        }
        Ok(())
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<TransferInvitation> {
        let (named, role) = Named::parse(id)?;
        let aws_role = role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, aws_role.as_ref()).await?;
        let organization = payer(cx, &organizations).await?;
        let known = organizations.inbound_transfers(cx).await?;
        let now = self.aws.now(cx);
        let open = |found: &&Transfer| found.status.is_pending() || found.stands(now);
        let found = known.iter().filter(open).find(|found| named.is(found));
        let Some(found) = found else {
            return Err(
                Diagnostic::error("Cannot import non-existent billing transfer").detail(format!(
                    "Organization {} has no inbound transfer of this ID or account that is open or \
                     stands. Create the resource instead of importing it.",
                    organization.id
                )),
            );
        };
        let tags = organizations.tags_of(cx, found.id.as_str()).await?;
        let invitation = TransferInvitation::of(found, named, role)?;
        Ok(invitation.sent_by(&organization).tagged(tags, &self.aws))
    }
}

impl BillingTransferInvitation {
    async fn organizations(&self, cx: &Cx, model: &TransferInvitation) -> Result<Organizations> {
        let role = model.assume_role.as_ref().map(Into::into);
        Ok(self.aws.organizations(cx, role.as_ref()).await?)
    }

    /// Makes known in the plan which organization pays, so that the other side can be planned.
    async fn look_ahead(&self, cx: &Cx, change: &mut Change<TransferInvitation>) -> Result<()> {
        let Some(role) = change.planned.assume_role.known() else {
            return Ok(());
        };
        let role = role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let organization = payer(cx, &organizations).await?;
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        if caller != organization.management_account_id {
            return Err(not_the_manager(&caller, &organization));
        }
        change.planned.organization_id = organization.id.into();
        change.planned.management_account_id = organization.management_account_id.into();
        Ok(())
    }
}

/// The organization that pays.
async fn payer(cx: &Cx, organizations: &Organizations) -> Result<Organization> {
    organizations.organization(cx).await?.ok_or_else(|| {
        Diagnostic::error("Account has no organization").detail(
            "Bills are transferred between organizations, and the account of these credentials belongs to \
             none. Use the payer's management account (the provider's profile, or assume_role).",
        )
    })
}

/// Refuses to judge a transfer with the credentials of another organization: it would look lost.
async fn check_payer(
    cx: &Cx,
    organizations: &Organizations,
    state: &TransferInvitation,
) -> Result<()> {
    let current = payer(cx, organizations).await?;
    match state.organization_id.known() {
        Some(known) if *known != current.id => {
            Err(Diagnostic::error("Credentials of another organization").detail(format!(
                "Organization {known} is the one that pays, and the account of these credentials belongs \
                 to organization {}. Use the payer's credentials (the provider's profile, or assume_role).",
                current.id
            )))
        }
        _ => Ok(()),
    }
}

/// Sends the invitation, or adopts the one that is open or the transfer that stands.
async fn invite(
    cx: &Cx,
    organizations: &Organizations,
    invitation: TransferInvitation,
    now: OffsetDateTime,
) -> Result<TransferInvitation> {
    let target = invitation.target()?;
    let known = organizations.inbound_transfers(cx).await?;
    let standing = known
        .iter()
        .find(|found| found.is_of(&target) && (found.status.is_pending() || found.stands(now)))
        .cloned();
    let transfer = if let Some(found) = &standing {
        found.clone()
    } else {
        let new = NewTransfer {
            source: &target,
            name: &invitation.name,
            starts_at: invitation.start_month.start(),
            notes: invitation.notes.as_ref(),
            tags: invitation.wanted_tags(),
        };
        organizations.invite_to_transfer(cx, new).await?
    };
    if transfer.starts_at.map(Month::of) != Some(invitation.start_month) {
        return Err(begins_otherwise(&target, &transfer));
    }
    let sent = invitation.seen_as(&transfer);
    cx.save(&sent);
    if transfer.name != sent.name.as_str() {
        organizations
            .rename_transfer(cx, &transfer.id, &sent.name)
            .await?;
    }
    if standing.is_some() {
        let none = AwsTags::new();
        let id = transfer.id.as_str();
        set_tags(cx, organizations, id, &none, sent.wanted_tags()).await?;
    }
    Ok(sent)
}

impl TransferInvitation {
    fn target(&self) -> Result<Target> {
        match (&self.email, self.account_id.known()) {
            (Some(email), _) => Ok(Target::Email(email.clone())),
            (None, Some(account_id)) => Ok(Target::Account(account_id.clone())),
            (None, None) => Err(Diagnostic::bug(
                "A transfer invitation names neither account nor e-mail.",
            )),
        }
    }

    fn stands(&self) -> bool {
        self.status.known() == Some(&TransferStatus::Accepted)
    }

    fn is_pending(&self) -> bool {
        self.status.known().is_some_and(TransferStatus::is_pending)
    }

    fn wanted_tags(&self) -> &AwsTags {
        wanted_tags(&self.tags_all)
    }

    /// Whether an open invitation must be sent anew to say what this one says.
    fn must_be_sent_again(&self, prior: &Self) -> bool {
        let says_other = self.notes != prior.notes && prior.is_pending();
        self.start_month != prior.start_month || says_other
    }

    fn sent_by(self, organization: &Organization) -> Self {
        Self {
            organization_id: organization.id.clone().into(),
            management_account_id: organization.management_account_id.clone().into(),
            ..self
        }
    }

    fn seen_as(self, transfer: &Transfer) -> Self {
        let account_id = transfer.source.account_id.clone();
        Self {
            account_id: account_id.or(self.account_id.known().cloned()).into(),
            transfer_id: transfer.id.clone().into(),
            arn: transfer.arn.clone().into(),
            status: transfer.status.clone().into(),
            handshake_id: transfer.handshake_id.clone().into(),
            starts_at: transfer.starts_at.map(Timestamp::from).into(),
            ends_at: transfer.ends_at.map(Timestamp::from).into(),
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

    fn with_transfer_of(self, prior: &Self) -> Self {
        Self {
            account_id: prior.account_id.clone(),
            transfer_id: prior.transfer_id.clone(),
            arn: prior.arn.clone(),
            status: prior.status.clone(),
            handshake_id: prior.handshake_id.clone(),
            starts_at: prior.starts_at,
            ends_at: prior.ends_at,
            ..self
        }
    }

    fn of(found: &Transfer, named: Named, assume_role: Option<AssumeRole>) -> Result<Self> {
        let email = match named {
            Named::Target(Target::Email(email)) => Some(email),
            _ => None,
        };
        let start = found
            .starts_at
            .ok_or_else(|| Diagnostic::bug("AWS shows a transfer without its beginning."))?;
        let name = TransferName::parse(&found.name).map_err(Diagnostic::bug)?;
        let imported = Self {
            account_id: Computed::Null,
            email,
            name,
            start_month: Month::of(start),
            end_month: found.ends_at.map(Month::of),
            notes: None,
            tags: Tags::default(),
            on_destroy: OnDestroy::Cancel,
            assume_role,
            timeouts: Timeouts::none(),
            transfer_id: Computed::Null,
            arn: Computed::Null,
            status: Computed::Null,
            handshake_id: Computed::Null,
            starts_at: Computed::Null,
            ends_at: Computed::Null,
            organization_id: Computed::Null,
            management_account_id: Computed::Null,
            tags_all: AwsTags::new().into(),
        };
        Ok(imported.seen_as(found))
    }
}

/// What an import ID or identity names.
enum Named {
    Target(Target),
    Transfer(TransferId),
}

impl Named {
    const FORMAT: &'static str = "account_id, email or transfer_id";

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
        let transfer = || TransferId::parse(text).map(Self::Transfer);
        let email = || Email::parse(text).map(|email| Self::Target(Target::Email(email)));
        account()
            .or_else(|_| transfer())
            .or_else(|_| email())
            .map_err(|_| invalid_import_id(Self::FORMAT, text))
    }

    fn is(&self, found: &Transfer) -> bool {
        match self {
            Self::Target(target) => found.is_of(target),
            Self::Transfer(id) => found.id == *id,
        }
    }
}

/// Says in time that nobody has accepted an open invitation.
fn warn_of_expiry(
    cx: &Cx,
    state: &TransferInvitation,
    found: &Transfer,
    now: OffsetDateTime,
) -> Result<()> {
    let last = found.starts_at.map(|start| start - LAST_CALL);
    let soon = |last: &OffsetDateTime| found.status.is_pending() && *last - now < EXPIRES_SOON;
    if let Some(last) = last.filter(soon) {
        cx.warn(Diagnostic::warning("Invitation expires soon").detail(format!(
            "The invitation to transfer the bill of {} can be accepted until {}, and nobody has accepted it \
             yet. Remind the owner. After that, choose a later start_month.",
            state.target()?,
            Timestamp::from(last)
        )));
    }
    Ok(())
}

/// Refuses a beginning that AWS does not take, with the months that it does.
fn check_start(start: Month, now: OffsetDateTime) -> Result<()> {
    let next = Month::of(now).next();
    let possible = if now < next.start() - LAST_CALL {
        format!("{next} and {}", next.next())
    } else {
        next.next().to_string()
    };
    let why = if start < next {
        "it has begun already"
    } else if start > next.next() {
        "AWS takes the month after the next at the latest"
    } else if now >= start.start() - LAST_CALL {
        "it begins within 24 hours, and nobody could accept in time"
    } else {
        return Ok(());
    };
    Err(Diagnostic::error("Month not possible")
        .detail(format!(
            "A billing transfer cannot begin with {start}: {why}. Now possible: {possible}."
        ))
        .at("start_month"))
}

/// Refuses an end that AWS does not take.
pub(super) fn check_end(end: Month, now: OffsetDateTime) -> Result<()> {
    let current = Month::of(now);
    if end == current || end == current.next() {
        return Ok(());
    }
    Err(Diagnostic::error("Month not possible")
        .detail(format!(
            "A billing transfer cannot end with {end}: AWS takes the current month, {current}, or the next, \
             {}.",
            current.next()
        ))
        .at("end_month"))
}

/// Refuses to end what does not stand, and to take an end back.
pub(super) fn end_cannot_change(before: Month) -> Diagnostic {
    Diagnostic::error("End of the transfer is settled")
        .detail(format!(
            "The billing transfer ends with {before}, and AWS cannot take that back. Write end_month = \
             \"{before}\"; for another transfer, have a new invitation sent when it has ended."
        ))
        .at("end_month")
}

fn nothing_to_end() -> Diagnostic {
    Diagnostic::error("No transfer to end yet")
        .detail(
            "end_month ends a billing transfer that stands, and this one has not been accepted. Leave \
             end_month out. To take an open invitation back, destroy the resource.",
        )
        .at("end_month")
}

/// Refuses what AWS cannot change, and keeps known in the plan what the update leaves alone.
fn look_at_change(
    cx: &Cx,
    now: OffsetDateTime,
    prior: &TransferInvitation,
    change: &mut Change<TransferInvitation>,
) -> Result<()> {
    if change.requires_replace("account_id") || change.requires_replace("email") {
        return Ok(());
    }
    let planned = &mut change.planned;
    let moved = planned
        .start_month
        .known()
        .filter(|month| **month != prior.start_month);
    let notes_differ = planned.notes.known() != Some(&prior.notes);
    if let Some(month) = moved {
        if !prior.is_pending() {
            return Err(settled(prior));
        }
        check_start(*month, now)?;
    }
    if let Some(end) = planned.end_month.known()
        && *end != prior.end_month
    {
        match (prior.end_month, end) {
            (Some(before), _) => return Err(end_cannot_change(before)),
            (None, Some(_)) if !prior.stands() => return Err(nothing_to_end()),
            (None, Some(end)) => {
                check_end(*end, now)?;
                cx.warn(
                    Diagnostic::warning("Billing transfer will be ended").detail(format!(
                        "Applying ends the billing transfer of {} with {end}. It cannot be undone.",
                        prior.target()?
                    )),
                );
            }
            (None, None) => {}
        }
    }
    let again = prior.is_pending() && (moved.is_some() || notes_differ);
    if again {
        cx.warn(
            Diagnostic::warning("Invitation will be sent again").detail(format!(
                "AWS cannot change an open invitation, so applying cancels that of {} and sends a new one.",
                prior.target()?
            )),
        );
        return Ok(());
    }
    planned.transfer_id = prior.transfer_id.clone();
    planned.arn = prior.arn.clone();
    planned.handshake_id = prior.handshake_id.clone();
    planned.starts_at = prior.starts_at;
    if planned.end_month.known() == Some(&prior.end_month) {
        planned.status = prior.status.clone();
        planned.ends_at = prior.ends_at;
    }
    Ok(())
}

/// Says, when it is written, that a destroy will end the transfer.
fn warn_of_on_destroy(cx: &Cx, change: &Change<TransferInvitation>) {
    let before = change.prior.as_ref().map(|prior| prior.on_destroy);
    let wanted = change.planned.on_destroy.known() == Some(&OnDestroy::Terminate);
    if wanted && before != Some(OnDestroy::Terminate) {
        cx.warn(
            Diagnostic::warning("Destroy will end the transfer")
                .detail(
                    "With on_destroy = \"terminate\", destroying this resource ends a transfer that stands \
                     with the end of the month. It cannot be undone.",
                )
                .at("on_destroy"),
        );
    }
}

fn settled(prior: &TransferInvitation) -> Diagnostic {
    Diagnostic::error("Beginning of the transfer is settled")
        .detail(format!(
            "The billing transfer was accepted to begin with {}, and AWS cannot change that. Write \
             start_month = \"{}\" again; to begin anew, end this transfer first.",
            prior.start_month, prior.start_month
        ))
        .at("start_month")
}

fn begins_otherwise(target: &Target, found: &Transfer) -> Diagnostic {
    let start = found
        .starts_at
        .map_or("?".to_owned(), |start| Month::of(start).to_string());
    Diagnostic::error("Billing transfer exists already")
        .detail(format!(
            "Transfer {} of {target} is {} and begins with {start}. Write start_month = \"{start}\" to adopt \
             it, or cancel or end it first.",
            found.id, found.status
        ))
        .at("start_month")
}

fn not_the_manager(caller: &AccountId, organization: &Organization) -> Diagnostic {
    Diagnostic::error("Account cannot take bills over").detail(format!(
        "Only the management account of an organization can. These credentials belong to account {caller}, a \
         member of organization {} that account {} manages. Use credentials of that account, or set \
         assume_role.",
        organization.id, organization.management_account_id
    ))
}

/// Why the transfer is no longer there, and what the next apply does about it.
fn no_longer_there(state: &TransferInvitation, found: Option<&Transfer>) -> Result<Diagnostic> {
    let target = state.target()?;
    let (summary, what) = match found.map(|found| &found.status) {
        Some(TransferStatus::Declined) => {
            ("Billing transfer declined", "was declined by its recipient")
        }
        Some(TransferStatus::Expired) => (
            "Billing transfer invitation expired",
            "was not accepted in time",
        ),
        Some(TransferStatus::Canceled) => (
            "Billing transfer invitation cancelled",
            "was cancelled outside Terraform",
        ),
        Some(TransferStatus::Withdrawn) => ("Billing transfer ended", "has ended"),
        _ => (
            "Billing transfer no longer there",
            "is not known to AWS any more",
        ),
    };
    Ok(Diagnostic::warning(summary).detail(format!(
        "The billing transfer of {target} that was to begin with {} {what}. Applying sends a new \
         invitation; choose a start_month that is still to come.",
        state.start_month
    )))
}
