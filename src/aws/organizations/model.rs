//! What Organizations speaks of, in AWS's words: organization, account, handshake.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::super::types::{
    AccessRoleName, AccountId, AccountName, AccountState, Email, FeatureSet, HandshakeArn,
    HandshakeId, HandshakeState, JoinedMethod, OrganizationId, ParentId, Tags, TransferId,
    TransferStatus,
};

/// The organization that an account belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// ID of the organization.
    pub id: OrganizationId,
    /// ARN of the organization.
    pub arn: String,
    /// Account that manages the organization and pays for it.
    pub management_account_id: AccountId,
    /// E-mail address of the management account.
    pub management_account_email: Option<String>,
    /// What the organization is used for.
    pub feature_set: FeatureSet,
}

/// Account that belongs to an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// ID of the account.
    pub id: AccountId,
    /// ARN of the account, within its organization.
    pub arn: String,
    /// Name of the account.
    pub name: String,
    /// E-mail address of the account's owner.
    pub email: String,
    /// Where the account is in its life.
    pub state: AccountState,
    /// How the account came into the organization.
    pub joined_method: JoinedMethod,
    /// When the account came into the organization; for a created account, when it was created.
    pub joined_at: Option<OffsetDateTime>,
    /// ID of the root or organizational unit that the account is in, where AWS tells.
    pub parent_id: Option<ParentId>,
}

/// Account to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Name of the account.
    pub name: AccountName,
    /// E-mail address of its owner, which no other AWS account may have.
    pub email: Email,
    /// Name of the role by which the management account reaches it; AWS has a default.
    pub role_name: Option<AccessRoleName>,
    /// Whether users of the account may see its bills; AWS allows it by default.
    pub iam_user_access_to_billing: Option<bool>,
    /// Tags that the account gets.
    pub tags: Tags,
}

/// How far enabling all features has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migration {
    /// Handshakes with the accounts that were asked, the management account's own among them.
    pub asked: Vec<Handshake>,
    /// Handshake by which the management account finishes, once all have agreed.
    pub approval: Option<Handshake>,
}

impl Migration {
    /// Whether it was begun and is not over.
    pub fn is_under_way(&self) -> bool {
        self.approval.is_some() || self.asked.iter().any(Handshake::is_pending)
    }
}

/// All accounts of an organization, by ID and by e-mail address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    by_id: BTreeMap<AccountId, Account>,
    by_email: BTreeMap<String, AccountId>,
}

impl Members {
    /// The account with the ID, if it belongs to the organization.
    pub fn get(&self, id: &AccountId) -> Option<&Account> {
        self.by_id.get(id)
    }

    /// The account with the e-mail address, compared without regard to case.
    pub fn by_email(&self, email: &Email) -> Option<&Account> {
        self.get(self.by_email.get(&email.as_str().to_lowercase())?)
    }

    /// Enters an account.
    pub(super) fn enter(&mut self, account: Account) {
        self.by_email
            .insert(account.email.to_lowercase(), account.id.clone());
        self.by_id.insert(account.id.clone(), account);
    }

    /// Forgets an account that has gone.
    pub(super) fn forget(&mut self, id: &AccountId) {
        if let Some(gone) = self.by_id.remove(id) {
            self.by_email.remove(&gone.email.to_lowercase());
        }
    }

    /// Enters that an account has been moved.
    pub(super) fn place(&mut self, id: &AccountId, parent: &ParentId) {
        if let Some(moved) = self.by_id.get_mut(id) {
            moved.parent_id = Some(parent.clone());
        }
    }

    /// The accounts in the order of their IDs.
    pub fn iter(&self) -> impl Iterator<Item = &Account> {
        self.by_id.values()
    }

    /// Number of accounts, the management account included.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

impl FromIterator<Account> for Members {
    fn from_iter<I: IntoIterator<Item = Account>>(iter: I) -> Self {
        let mut members = Self::default();
        iter.into_iter().for_each(|account| members.enter(account));
        members
    }
}

/// Whom an invitation is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// An account by its ID.
    Account(AccountId),
    /// An account by its owner's e-mail address.
    Email(Email),
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account {id}"),
            Self::Email(email) => write!(f, "the account of {email}"),
        }
    }
}

/// Invitation of an account to an organization, as AWS records it.
///
/// AWS forgets a handshake 30 days after it was answered, cancelled or expired (AWS Organizations user
/// guide, quotas): its absence says nothing about membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// ID of the handshake.
    pub id: HandshakeId,
    /// ARN of the handshake; its account and organization are the sender's.
    pub arn: HandshakeArn,
    /// State of the handshake.
    pub state: HandshakeState,
    /// When it was sent.
    pub requested_at: Option<OffsetDateTime>,
    /// When it expires, or did.
    pub expires_at: Option<OffsetDateTime>,
    /// Organization that invites.
    pub organization_id: OrganizationId,
    /// Management account of the organization that invites.
    pub management_account_id: AccountId,
    /// E-mail address of that management account, where AWS tells.
    pub management_account_email: Option<String>,
    /// Name of that management account, where AWS tells.
    pub management_account_name: Option<String>,
    /// Invited account, where the invitation names it by ID.
    pub account_id: Option<AccountId>,
    /// E-mail address of the invited account, where the invitation names it so.
    pub email: Option<String>,
    /// Text that came with the invitation.
    pub notes: Option<String>,
}

impl Handshake {
    /// Whom it invites.
    pub fn target(&self) -> Option<Target> {
        use crate::framework::DomainText;
        let email = || Email::parse(self.email.as_deref()?).ok().map(Target::Email);
        self.account_id.clone().map(Target::Account).or_else(email)
    }

    /// Whether it can still be answered.
    pub fn is_pending(&self) -> bool {
        self.state.is_pending()
    }

    /// Whether it invites the target, in the way the target is named.
    pub fn is_for(&self, target: &Target) -> bool {
        match target {
            Target::Account(id) => self.account_id.as_ref() == Some(id),
            Target::Email(email) => self
                .email
                .as_ref()
                .is_some_and(|invited| invited.eq_ignore_ascii_case(email.as_str())),
        }
    }
}

/// Outcome of an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invitation {
    /// AWS has sent a new invitation.
    New(Handshake),
    /// An invitation was pending already, and stands.
    Adopted(Handshake),
}

impl Invitation {
    /// The handshake, new or adopted.
    pub fn into_handshake(self) -> Handshake {
        match self {
            Self::New(handshake) | Self::Adopted(handshake) => handshake,
        }
    }
}

/// Outcome of a cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancellation {
    /// The invitation was open and is cancelled.
    Cancelled,
    /// The invitation was closed already: cancelled, answered, expired or forgotten.
    Closed,
}

/// Outcome of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The account was a member and is no more.
    Removed,
    /// The account was not a member.
    AlreadyGone,
}

/// Member account that administers a service for the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegatedAdministrator {
    /// ID of the account.
    pub account_id: AccountId,
    /// Name of the account.
    pub name: String,
}

/// What a policy of an organization governs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyType {
    /// The most that identities of an account may do.
    ServiceControl,
    /// The most that may be done to the resources of an account.
    ResourceControl,
    /// How tags are written.
    Tag,
    /// Backup plans.
    Backup,
    /// What AWS's AI services may keep and learn from.
    AiServicesOptOut,
}

impl PolicyType {
    /// Those that mean something to a member that goes.
    pub const ALL: [Self; 5] = [
        Self::ServiceControl,
        Self::ResourceControl,
        Self::Tag,
        Self::Backup,
        Self::AiServicesOptOut,
    ];

    /// AWS's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
            Self::Tag => "TAG_POLICY",
            Self::Backup => "BACKUP_POLICY",
            Self::AiServicesOptOut => "AISERVICES_OPT_OUT_POLICY",
        }
    }

    /// The word for people, in the plural.
    pub fn plural(self) -> &'static str {
        match self {
            Self::ServiceControl => "Service control policies",
            Self::ResourceControl => "Resource control policies",
            Self::Tag => "Tag policies",
            Self::Backup => "Backup policies",
            Self::AiServicesOptOut => "AI services opt-out policies",
        }
    }
}

/// Policy of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// ID of the policy.
    pub id: String,
    /// Name of the policy.
    pub name: String,
    /// What it governs.
    pub kind: PolicyType,
    /// Root, organizational unit or account that it was found on, if it was looked for there.
    pub target_id: Option<String>,
}

/// Billing transfer: the target pays the bill of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// ID of the transfer.
    pub id: TransferId,
    /// ARN of the transfer, as the side of it that asked.
    pub arn: String,
    /// Name that the target gave it.
    pub name: String,
    /// Where the transfer is in its life.
    pub status: TransferStatus,
    /// Whose bill it is.
    pub source: Participant,
    /// Who pays it.
    pub target: Participant,
    /// First moment that the target pays for.
    pub starts_at: Option<OffsetDateTime>,
    /// Last second that the target pays for, once it is settled.
    pub ends_at: Option<OffsetDateTime>,
    /// Handshake that waits for an answer.
    pub handshake_id: Option<HandshakeId>,
}

impl Transfer {
    /// Whether it is the bill of this organization, named by its management account.
    pub fn is_of(&self, source: &Target) -> bool {
        match source {
            Target::Account(id) => self.source.account_id.as_ref() == Some(id),
            Target::Email(email) => self
                .source
                .email
                .as_ref()
                .is_some_and(|known| known.eq_ignore_ascii_case(email.as_str())),
        }
    }

    /// Whether it was agreed and has not ended.
    pub fn stands(&self, now: OffsetDateTime) -> bool {
        let agreed = matches!(
            self.status,
            TransferStatus::Accepted | TransferStatus::Withdrawn
        );
        agreed && self.ends_at.is_none_or(|end| now <= end)
    }

    /// Whether it may still come, or has not ended.
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.status.is_pending() || self.stands(now)
    }

    /// Whether the target pays for this moment.
    pub fn covers(&self, now: OffsetDateTime) -> bool {
        self.stands(now) && self.starts_at.is_some_and(|start| start <= now)
    }
}

/// One side of a billing transfer, by its management account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Participant {
    /// ID of the account.
    pub account_id: Option<AccountId>,
    /// E-mail address of the account.
    pub email: Option<String>,
}

/// Invitations that an organization has sent, by their recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentInvitations(BTreeMap<Recipient, Vec<Handshake>>);

impl SentInvitations {
    /// The newest open one for the target, otherwise the newest.
    pub fn newest_for(&self, target: &Target) -> Option<&Handshake> {
        let sent = self.0.get(&Recipient::from(target))?;
        sent.iter()
            .max_by_key(|sent| (sent.is_pending(), sent.requested_at))
    }

    /// All of them, recipient by recipient.
    pub fn iter(&self) -> impl Iterator<Item = &Handshake> {
        self.0.values().flatten()
    }

    /// Number of recipients.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Enters an invitation, in place of what was known of it.
    pub(super) fn enter(&mut self, handshake: Handshake) {
        let Some(target) = handshake.target() else {
            return;
        };
        let sent = self.0.entry(Recipient::from(&target)).or_default();
        sent.retain(|known| known.id != handshake.id);
        sent.push(handshake);
    }

    /// Forgets an invitation.
    pub(super) fn forget(&mut self, id: &HandshakeId) {
        for sent in self.0.values_mut() {
            sent.retain(|known| known.id != *id);
        }
    }
}

impl FromIterator<Handshake> for SentInvitations {
    fn from_iter<I: IntoIterator<Item = Handshake>>(iter: I) -> Self {
        let mut all = Self::default();
        iter.into_iter().for_each(|handshake| all.enter(handshake));
        all
    }
}

/// Account ID, or e-mail address in lower case: addresses differ in case and mean the same owner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Recipient(String);

impl From<&Target> for Recipient {
    fn from(target: &Target) -> Self {
        match target {
            Target::Account(id) => Self(id.to_string()),
            Target::Email(email) => Self(email.as_str().to_lowercase()),
        }
    }
}
