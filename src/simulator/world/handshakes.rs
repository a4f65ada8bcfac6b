//! Handshakes: sent, seen by both sides, answered, expired, forgotten. Most are invitations; what else an answer brings
//! about is in the files of billing transfers and of all features.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use time::{Duration, OffsetDateTime};

use super::{
    Account, AccountId, AccountState, Departure, FeatureSet, HandshakeId, JoinedMethod,
    Organization, OrganizationId, PaymentMethod, Refusal, Tags, TransferId, World,
};

/// Whom a handshake is sent to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recipient {
    /// Invited by account ID.
    Account(AccountId),
    /// Invited by the root user's address.
    Email(String),
}

/// The handshakes of each recipient; addresses are in lower case here.
pub(super) type Inboxes = BTreeMap<Recipient, BTreeSet<HandshakeId>>;

/// Where a handshake is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeState {
    /// Sent and not answered: `OPEN` or `REQUESTED`, see [`super::Switches::requested_state`].
    Pending,
    /// The sender withdrew it.
    Canceled,
    /// The recipient accepted.
    Accepted,
    /// The recipient declined.
    Declined,
    /// Its time went by.
    Expired,
}

/// What a handshake asks for (API reference, `Handshake`, `Action`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandshakeAction {
    /// To join the organization.
    Invite,
    /// To let the sender pay the recipient's bill.
    TransferResponsibility(TransferId),
    /// To agree to all features. The one without a parent stands for the whole process.
    EnableAllFeatures,
    /// To finish the process, once every member has agreed.
    ApproveAllFeatures,
}

impl HandshakeAction {
    /// The value of `Action`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Invite => "INVITE",
            Self::TransferResponsibility(_) => "TRANSFER_RESPONSIBILITY",
            Self::EnableAllFeatures => "ENABLE_ALL_FEATURES",
            Self::ApproveAllFeatures => "APPROVE_ALL_FEATURES",
        }
    }
}

/// An invitation to an organization, or another question from one account to another.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// `h-` and ten characters.
    pub id: HandshakeId,
    /// The ARN; its account and organization are the sender's.
    pub arn: String,
    /// What it asks for.
    pub action: HandshakeAction,
    /// The handshake that this one is a part of.
    pub parent: Option<HandshakeId>,
    /// The organization that invites.
    pub organization: OrganizationId,
    /// Its management account.
    pub sender: AccountId,
    /// That account's name, when it invited.
    pub sender_name: String,
    /// That account's address, when it invited.
    pub sender_email: String,
    /// The organization's features, when it invited.
    pub feature_set: FeatureSet,
    /// Who is invited, as the sender put it.
    pub recipient: Recipient,
    /// Where it is in its life.
    pub state: HandshakeState,
    /// When it was sent.
    pub requested_at: OffsetDateTime,
    /// Until when it can be answered.
    pub expires_at: OffsetDateTime,
    /// When it was answered, withdrawn or expired.
    pub closed_at: Option<OffsetDateTime>,
    /// What the sender wrote.
    pub notes: Option<String>,
    /// Tags for the account once it has joined, or for the transfer.
    pub tags: Tags,
}

/// A handshake to send.
pub(super) struct Draft {
    pub(super) action: HandshakeAction,
    pub(super) parent: Option<HandshakeId>,
    pub(super) recipient: Recipient,
    pub(super) expires_at: OffsetDateTime,
    pub(super) notes: Option<String>,
    pub(super) tags: Tags,
}

impl Handshake {
    /// Whether it counts for the invitations of a day.
    fn is_invitation(&self) -> bool {
        matches!(
            self.action,
            HandshakeAction::Invite | HandshakeAction::TransferResponsibility(_)
        )
    }
}

/// What to invite with.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Who is invited.
    pub recipient: Recipient,
    /// At most 1,024 characters.
    pub notes: Option<String>,
    /// Tags for the account once it has joined.
    pub tags: Tags,
}

impl Invitation {
    /// An invitation without notes or tags.
    pub fn to(recipient: Recipient) -> Self {
        Self {
            recipient,
            notes: None,
            tags: Tags::new(),
        }
    }
}

/// How long an invitation can be answered (user guide, "Quotas for AWS Organizations": expiration of handshakes).
const INVITATION_LIFE: Duration = Duration::days(15);
/// How long a closed handshake can still be seen (API reference, `Handshake`).
const CLOSED_HANDSHAKE_KEPT: Duration = Duration::days(30);
/// The least number of invitations in twenty-four hours; the account limit if that is higher (user guide, "Quotas for
/// AWS Organizations").
const DAILY_INVITATIONS: usize = 20;

impl World {
    /// Every handshake that is not forgotten, by ID.
    pub fn handshakes(&self) -> impl Iterator<Item = &Handshake> {
        self.handshakes.values()
    }

    /// The handshake with this ID.
    pub fn handshake(&self, id: &str) -> Option<&Handshake> {
        self.handshakes.get(id)
    }

    /// Invites an account (API reference, `InviteAccountToOrganization`).
    pub fn invite(
        &mut self,
        sender: &AccountId,
        invitation: Invitation,
    ) -> Result<&Handshake, Refusal> {
        let organization = self.managed_by(sender)?;
        let management = self.known_account(sender)?;
        self.check_finalized(organization)?;
        self.check_no_migration(organization)?;
        if !management.email_verified {
            return Err(Refusal::new(
                "AccountOwnerNotVerifiedException",
                "The management account's address must be verified before it can invite.",
            ));
        }
        self.check_invitee(organization, management, &invitation.recipient)?;
        self.check_invitation_quotas(organization)?;
        Self::check_tag_policy(organization, &invitation.tags)?;

        let draft = Draft {
            action: HandshakeAction::Invite,
            parent: None,
            recipient: invitation.recipient,
            expires_at: self.now + INVITATION_LIFE,
            notes: invitation.notes,
            tags: invitation.tags,
        };
        let id = self.send(sender, draft)?;
        Ok(&self.handshakes[&id])
    }

    /// Sends a handshake that nothing stands against.
    pub(super) fn send(
        &mut self,
        sender: &AccountId,
        draft: Draft,
    ) -> Result<HandshakeId, Refusal> {
        let requested_at = self.now;
        let key = self.resolved(&draft.recipient);
        let id = self.ids.handshake();
        let organization = self.managed_by(sender)?;
        let management = self.known_account(sender)?;
        let handshake = Handshake {
            arn: format!(
                "arn:{}:organizations::{sender}:handshake/{}/{}/{id}",
                management.partition,
                organization.id,
                draft.action.as_str().to_lowercase()
            ),
            id: id.clone(),
            action: draft.action,
            parent: draft.parent,
            organization: organization.id.clone(),
            sender: sender.clone(),
            sender_name: management.name.clone(),
            sender_email: management.email.clone(),
            feature_set: organization.feature_set,
            recipient: draft.recipient,
            state: HandshakeState::Pending,
            requested_at,
            expires_at: draft.expires_at,
            closed_at: None,
            notes: draft.notes,
            tags: draft.tags,
        };
        self.inboxes
            .entry(inbox(&handshake.recipient))
            .or_default()
            .insert(id.clone());
        if let Some(organization) = self.organizations.get_mut(&handshake.organization) {
            organization.handshakes.insert(id.clone());
            if handshake.action == HandshakeAction::Invite {
                organization.pending.insert(key, id.clone());
            }
            if handshake.is_invitation() {
                organization
                    .counted_invitations
                    .insert((requested_at, id.clone()));
            }
        }
        self.handshakes.insert(id.clone(), handshake);
        Ok(id)
    }

    /// One account is invited once, by ID or by address.
    pub(super) fn resolved(&self, recipient: &Recipient) -> Recipient {
        match recipient {
            Recipient::Email(email) => match self.account_by_email(email) {
                Some(id) => Recipient::Account(id.clone()),
                None => inbox(recipient),
            },
            Recipient::Account(_) => recipient.clone(),
        }
    }

    /// Invitations that were sent to an address before an account had it are the account's from now on.
    pub(super) fn claim_invitations(&mut self, account: &AccountId, email: &str) {
        let address = Recipient::Email(email.to_lowercase());
        for id in self.inboxes.get(&address).into_iter().flatten() {
            let sender = self
                .handshakes
                .get(id)
                .map(|handshake| &handshake.organization);
            if let Some(organization) = sender.and_then(|id| self.organizations.get_mut(id))
                && let Some(pending) = organization.pending.remove(&address)
            {
                organization
                    .pending
                    .insert(Recipient::Account(account.clone()), pending);
            }
        }
    }

    fn check_invitee(
        &self,
        organization: &Organization,
        management: &Account,
        recipient: &Recipient,
    ) -> Result<(), Refusal> {
        let resolved = self.resolved(recipient);
        if let Recipient::Account(id) = &resolved {
            // AWS does not document its answer for an account that is not there or closed.
            let invitee = self
                .accounts
                .get(id)
                .filter(|account| account.state == AccountState::Active)
                .ok_or_else(|| {
                    Refusal::invalid_input(
                        "TARGET_NOT_SUPPORTED",
                        "There is no active account with that ID.",
                    )
                })?;
            if organization.members.contains(id) {
                return Err(Refusal::handshake_constraint(
                    "ALREADY_IN_AN_ORGANIZATION",
                    "The account is a member of this organization already.",
                ));
            }
            check_partition(management, invitee)?;
        }
        if organization.pending.contains_key(&resolved) {
            return Err(Refusal::new(
                "DuplicateHandshakeException",
                "The account has a pending invitation from this organization already.",
            ));
        }
        Ok(())
    }

    /// Pending invitations count for the account limit (user guide, "Quotas for AWS Organizations").
    fn check_invitation_quotas(&self, organization: &Organization) -> Result<(), Refusal> {
        self.check_daily_invitations(organization)?;
        if organization.occupied() >= organization.account_limit {
            return Err(Refusal::handshake_constraint(
                "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
                "The organization has as many accounts and pending invitations as it may have.",
            ));
        }
        Ok(())
    }

    /// Accepted invitations do not count for the day (user guide, "Quotas for AWS Organizations").
    pub(super) fn check_daily_invitations(
        &self,
        organization: &Organization,
    ) -> Result<(), Refusal> {
        let counted = &organization.counted_invitations;
        let most = DAILY_INVITATIONS.max(organization.account_limit);
        let day_ago = self.now - Duration::days(1);
        if counted.len() >= most
            && counted
                .iter()
                .rev()
                .take_while(|(sent, _)| *sent > day_ago)
                .count()
                >= most
        {
            return Err(Refusal::handshake_constraint(
                "HANDSHAKE_RATE_LIMIT_EXCEEDED",
                "The organization has sent as many invitations as it may in one day.",
            ));
        }
        Ok(())
    }

    /// Whether the account is the one invited.
    pub fn is_recipient(&self, handshake: &Handshake, account: &AccountId) -> bool {
        match &handshake.recipient {
            Recipient::Account(id) => id == account,
            Recipient::Email(email) => self.account_by_email(email) == Some(account),
        }
    }

    /// A handshake that the account has a part in. To others it is not there.
    pub fn visible_handshake(&self, account: &AccountId, id: &str) -> Result<&Handshake, Refusal> {
        let handshake = self
            .handshakes
            .get(id)
            .ok_or_else(Refusal::handshake_not_found)?;
        let sent =
            handshake.sender == *account || self.administers(account, &handshake.organization);
        if sent || self.is_recipient(handshake, account) {
            return Ok(handshake);
        }
        Err(Refusal::handshake_not_found())
    }

    fn administers(&self, account: &AccountId, organization: &OrganizationId) -> bool {
        self.administered_by(account)
            .is_ok_and(|administered| administered.id == *organization)
    }

    /// The handshakes sent to an account, after the given one, by ID (API reference, `ListHandshakesForAccount`).
    pub fn received(
        &self,
        account: &AccountId,
        after: Option<&str>,
    ) -> impl Iterator<Item = &Handshake> {
        let by_id = self.inboxes.get(&Recipient::Account(account.clone()));
        let by_email = self.accounts.get(account).and_then(|account| {
            self.inboxes
                .get(&Recipient::Email(account.email.to_lowercase()))
        });
        let ids: BTreeSet<&HandshakeId> = by_id
            .into_iter()
            .chain(by_email)
            .flat_map(|inbox| after_id(inbox, after))
            .collect();
        ids.into_iter().filter_map(|id| self.handshakes.get(id))
    }

    /// The handshakes that an organization sent, after the given one, by ID (API reference,
    /// `ListHandshakesForOrganization`).
    pub fn sent<'a>(
        &'a self,
        organization: &'a Organization,
        after: Option<&str>,
    ) -> impl Iterator<Item = &'a Handshake> {
        after_id(&organization.handshakes, after).filter_map(|id| self.handshakes.get(id))
    }

    /// Does what the handshake asks for (API reference, `AcceptHandshake`).
    pub fn accept(&mut self, caller: &AccountId, id: &str) -> Result<&Handshake, Refusal> {
        let handshake = self.visible_handshake(caller, id)?;
        if !self.is_recipient(handshake, caller) {
            return Err(Refusal::access_denied(
                "Only the invited account may accept an invitation.",
            ));
        }
        check_transition(handshake, HandshakeState::Accepted)?;
        let handshake = handshake.clone();
        match &handshake.action {
            HandshakeAction::Invite => self.join(caller, &handshake)?,
            HandshakeAction::TransferResponsibility(transfer) => {
                self.hand_over(caller, transfer)?;
            }
            HandshakeAction::EnableAllFeatures | HandshakeAction::ApproveAllFeatures => {
                self.agree_to_all_features(&handshake)?;
            }
        }
        self.close_handshake(&handshake.id, HandshakeState::Accepted);
        Ok(&self.handshakes[&handshake.id])
    }

    /// Joins the organization that invited, and leaves the present one in the same step ("What's New", December 2025:
    /// direct account transfers between organizations).
    fn join(&mut self, caller: &AccountId, handshake: &Handshake) -> Result<(), Refusal> {
        let account = self.known_account(caller)?;
        let organization = self
            .organizations
            .get(&handshake.organization)
            .ok_or_else(Refusal::handshake_not_found)?;
        self.check_joining(account, organization)?;
        let (organization, now) = (organization.id.clone(), self.now);
        self.part(caller, Departure::Left);
        let tags = handshake.tags.clone();
        self.enrol(caller, &organization, JoinedMethod::Invited, now, tags);
        self.membership_changed(caller);
        Ok(())
    }

    fn check_joining(&self, account: &Account, organization: &Organization) -> Result<(), Refusal> {
        let management = self.known_account(&organization.management)?;
        match account.organization() {
            Some(present) if *present == organization.id => {
                return Err(Refusal::handshake_constraint(
                    "ALREADY_IN_AN_ORGANIZATION",
                    "The account is a member of this organization already.",
                ));
            }
            Some(present) if self.organizations[present].management == account.id => {
                return Err(Refusal::management_account_stays());
            }
            Some(_) => self.check_departure(account)?,
            None if account.payment_method != PaymentMethod::Valid => {
                return Err(Refusal::handshake_constraint(
                    "PAYMENT_INSTRUMENT_REQUIRED",
                    "The account has no valid payment method.",
                ));
            }
            None => {}
        }
        check_partition(management, account)?;
        if !management.email_verified {
            return Err(Refusal::handshake_constraint(
                "MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED",
                "The address of the organization's management account is not verified.",
            ));
        }
        if organization.members.len() >= organization.account_limit {
            return Err(Refusal::handshake_constraint(
                "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
                "The organization has as many accounts as it may have.",
            ));
        }
        if let Some(interval) = self.switches.membership_change_interval_s
            && let Some(changed_at) = account.membership_changed_at
            && self.now < changed_at + Duration::seconds(i64::from(interval))
        {
            return Err(Refusal::handshake_constraint(
                "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED",
                "The account's membership changed a short while ago.",
            ));
        }
        Ok(())
    }

    /// Declines an invitation (API reference, `DeclineHandshake`: only the recipient may).
    pub fn decline(&mut self, caller: &AccountId, id: &str) -> Result<&Handshake, Refusal> {
        let handshake = self.visible_handshake(caller, id)?;
        if !self.is_recipient(handshake, caller) {
            return Err(Refusal::access_denied(
                "Only the invited account may decline an invitation.",
            ));
        }
        self.finish(id, HandshakeState::Declined)
    }

    /// Withdraws an invitation (API reference, `CancelHandshake`: only the account that sent it may).
    pub fn cancel(&mut self, caller: &AccountId, id: &str) -> Result<&Handshake, Refusal> {
        let handshake = self.visible_handshake(caller, id)?;
        if handshake.sender != *caller {
            return Err(Refusal::access_denied(
                "Only the account that sent an invitation may cancel it.",
            ));
        }
        self.finish(id, HandshakeState::Canceled)
    }

    fn finish(&mut self, id: &str, state: HandshakeState) -> Result<&Handshake, Refusal> {
        let handshake = self
            .handshakes
            .get(id)
            .ok_or_else(Refusal::handshake_not_found)?;
        check_transition(handshake, state)?;
        let id = handshake.id.clone();
        self.close_handshake(&id, state);
        Ok(&self.handshakes[&id])
    }

    pub(super) fn close_handshake(&mut self, id: &HandshakeId, state: HandshakeState) {
        let now = self.now;
        let Some(handshake) = self.handshakes.get_mut(id) else {
            return;
        };
        handshake.state = state;
        handshake.closed_at = Some(if state == HandshakeState::Expired {
            handshake.expires_at
        } else {
            now
        });
        let handshake = handshake.clone();
        let recipient = self.resolved(&handshake.recipient);
        if let Some(organization) = self.organizations.get_mut(&handshake.organization) {
            if handshake.action == HandshakeAction::Invite {
                organization.pending.remove(&recipient);
                organization.pending.remove(&inbox(&handshake.recipient));
            }
            if state == HandshakeState::Accepted {
                organization
                    .counted_invitations
                    .remove(&(handshake.requested_at, id.clone()));
            }
        }
        match &handshake.action {
            HandshakeAction::Invite => {}
            HandshakeAction::TransferResponsibility(transfer) => {
                self.transfer_answered(transfer, state);
            }
            HandshakeAction::EnableAllFeatures | HandshakeAction::ApproveAllFeatures => {
                self.all_features_answered(&handshake);
            }
        }
    }

    pub(super) fn age_handshakes(&mut self) {
        let overdue: Vec<HandshakeId> = self
            .handshakes
            .values()
            .filter(|handshake| {
                handshake.state == HandshakeState::Pending && handshake.expires_at <= self.now
            })
            .map(|handshake| handshake.id.clone())
            .collect();
        for id in overdue {
            self.close_handshake(&id, HandshakeState::Expired);
        }
        let old = self.now - CLOSED_HANDSHAKE_KEPT;
        let forgotten: Vec<Handshake> = self
            .handshakes
            .extract_if(.., |_, handshake| {
                handshake
                    .closed_at
                    .is_some_and(|closed_at| closed_at <= old)
            })
            .map(|(_, handshake)| handshake)
            .collect();
        for handshake in forgotten {
            if let Some(organization) = self.organizations.get_mut(&handshake.organization) {
                organization.handshakes.remove(&handshake.id);
                organization
                    .counted_invitations
                    .remove(&(handshake.requested_at, handshake.id.clone()));
            }
            if let Some(ids) = self.inboxes.get_mut(&inbox(&handshake.recipient)) {
                ids.remove(&handshake.id);
            }
        }
    }
}

/// The same answer twice is one error, another answer than the first is another (API reference, `AcceptHandshake`:
/// `HandshakeAlreadyInStateException`, `InvalidHandshakeTransitionException`).
fn check_transition(handshake: &Handshake, to: HandshakeState) -> Result<(), Refusal> {
    if handshake.state == to {
        return Err(Refusal::new(
            "HandshakeAlreadyInStateException",
            "The handshake is in that state already.",
        ));
    }
    if handshake.state != HandshakeState::Pending {
        return Err(Refusal::new(
            "InvalidHandshakeTransitionException",
            "The handshake has ended in another state and cannot be changed.",
        ));
    }
    Ok(())
}

/// API reference, `HandshakeConstraintViolationException`, `ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD`.
pub(super) fn check_partition(management: &Account, account: &Account) -> Result<(), Refusal> {
    if management.partition == account.partition {
        return Ok(());
    }
    Err(Refusal::handshake_constraint(
        "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD",
        "The account and the organization are in different AWS partitions.",
    ))
}

fn inbox(recipient: &Recipient) -> Recipient {
    match recipient {
        Recipient::Account(_) => recipient.clone(),
        Recipient::Email(email) => Recipient::Email(email.to_lowercase()),
    }
}

fn after_id<'a>(
    ids: &'a BTreeSet<HandshakeId>,
    after: Option<&str>,
) -> impl Iterator<Item = &'a HandshakeId> + use<'a> {
    let start = after.map_or(Bound::Unbounded, |after| {
        Bound::Excluded(HandshakeId::from(after))
    });
    ids.range((start, Bound::Unbounded))
}
