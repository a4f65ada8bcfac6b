//! Accounts, in an organization or on their own, and what keeps one from leaving.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{
    AccountId, BillingObstacle, EmailUpdate, OrganizationId, PasswordPolicy, Refusal, World,
};

/// Keys and values that a user gave to a resource.
pub type Tags = BTreeMap<String, String>;

/// How an account can pay for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// A card or another means that AWS accepts.
    #[default]
    Valid,
    /// None was given.
    Missing,
    /// One that AWS does not support.
    Unsupported,
}

/// Where an account is in its life (user guide, "Monitor the state of your AWS accounts").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountState {
    /// In use.
    Active,
    /// Suspended by AWS.
    Suspended,
    /// Closing was asked for.
    PendingClosure,
    /// Closed; AWS keeps it for ninety days.
    Closed,
}

impl AccountState {
    /// The value of `State`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
        }
    }

    /// The value of the retired `Status`, which knows no closed accounts (API reference, `Account`).
    pub fn retired_status(self) -> &'static str {
        match self {
            Self::Closed => "SUSPENDED",
            other => other.as_str(),
        }
    }
}

/// How an account came into its organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JoinedMethod {
    /// It accepted an invitation, or founded the organization.
    Invited,
    /// The organization created it.
    Created,
}

impl JoinedMethod {
    /// The value of `JoinedMethod`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "INVITED",
            Self::Created => "CREATED",
        }
    }
}

/// An account's place in an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The organization.
    pub organization: OrganizationId,
    /// Since when.
    pub joined_at: OffsetDateTime,
    /// How.
    pub method: JoinedMethod,
    /// The unit that it is in; in the root if there is none.
    pub unit: Option<String>,
    /// The tags that the organization keeps for the account; they go when it leaves.
    pub tags: Tags,
}

/// An AWS account.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Account {
    /// Twelve digits.
    pub id: AccountId,
    /// The account's name.
    pub name: String,
    /// The address of its root user, unique among accounts.
    pub email: String,
    /// The address that is to replace it, once it is confirmed.
    pub email_update: Option<EmailUpdate>,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// Where it is in its life.
    pub state: AccountState,
    /// When it was opened.
    pub created_at: OffsetDateTime,
    /// When its closing was asked for.
    pub closed_at: Option<OffsetDateTime>,
    /// How it could pay for itself.
    pub payment_method: PaymentMethod,
    /// Whether its phone number was verified.
    pub phone_verified: bool,
    /// Whether the customer agreement was accepted for the account itself.
    pub agreement_accepted: bool,
    /// Whether its owner has verified the address.
    pub email_verified: bool,
    /// Whether users and roles may see its bill at all (billing user guide, "Overview of managing access permissions":
    /// activating access).
    pub iam_billing_access: bool,
    /// Whether its root user has a second factor.
    pub root_mfa: bool,
    /// Whether its root user has access keys.
    pub root_access_keys: bool,
    /// Whether its root user has X.509 signing certificates.
    pub root_signing_certificates: bool,
    /// What its users' passwords must be like, if that was ever said.
    pub password_policy: Option<PasswordPolicy>,
    /// What keeps it from giving its bill away, or from taking another's on.
    pub billing_obstacles: BTreeSet<BillingObstacle>,
    /// Its organization, if it is in one.
    pub membership: Option<Membership>,
    /// When it last joined or left an organization while the world ran.
    pub membership_changed_at: Option<OffsetDateTime>,
    /// Actions that a service control policy denies while the account is a member, such as
    /// `organizations:LeaveOrganization`; `*` at the end stands for any rest.
    pub denied_actions: BTreeSet<String>,
    /// Under which profile name command-line tools find its keys.
    pub profile: Option<String>,
    /// Whether its keys are those of the environment.
    pub is_default: bool,
}

impl Account {
    /// The ARN of the root user, by which policies name the account as a whole.
    pub fn root_arn(&self) -> String {
        format!("arn:{}:iam::{}:root", self.partition, self.id)
    }

    /// The organization that the account is in.
    pub fn organization(&self) -> Option<&OrganizationId> {
        self.membership
            .as_ref()
            .map(|membership| &membership.organization)
    }
}

/// What to open an account with. Everything but the name has a sensible default: an account that has been there for a
/// long time, pays for itself and was verified.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct AccountSpec {
    /// The account's name.
    pub name: String,
    /// Twelve digits; the world chooses if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<AccountId>,
    /// The root user's address; made from name and ID if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `aws` if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
    /// See [`Account::payment_method`].
    #[serde(default)]
    pub payment_method: PaymentMethod,
    /// See [`Account::phone_verified`].
    #[serde(default = "yes")]
    pub phone_verified: bool,
    /// See [`Account::agreement_accepted`].
    #[serde(default = "yes")]
    pub agreement_accepted: bool,
    /// See [`Account::email_verified`].
    #[serde(default = "yes")]
    pub email_verified: bool,
    /// See [`Account::iam_billing_access`].
    #[serde(default = "yes")]
    pub iam_billing_access: bool,
    /// See [`Account::root_mfa`].
    #[serde(default = "yes")]
    pub root_mfa: bool,
    /// See [`Account::root_access_keys`].
    #[serde(default)]
    pub root_access_keys: bool,
    /// See [`Account::root_signing_certificates`].
    #[serde(default)]
    pub root_signing_certificates: bool,
    /// See [`Account::billing_obstacles`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub billing_obstacles: BTreeSet<BillingObstacle>,
    /// See [`Account::denied_actions`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub denied_actions: BTreeSet<String>,
    /// See [`Account::profile`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// See [`Account::is_default`].
    #[serde(default, rename = "default")]
    pub is_default: bool,
}

fn yes() -> bool {
    true
}

impl AccountSpec {
    /// An account with this name and defaults for the rest.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: None,
            email: None,
            partition: None,
            payment_method: PaymentMethod::Valid,
            phone_verified: true,
            agreement_accepted: true,
            email_verified: true,
            iam_billing_access: true,
            root_mfa: true,
            root_access_keys: false,
            root_signing_certificates: false,
            billing_obstacles: BTreeSet::new(),
            denied_actions: BTreeSet::new(),
            profile: None,
            is_default: false,
        }
    }
}

impl From<&str> for AccountSpec {
    fn from(name: &str) -> Self {
        Self::named(name)
    }
}

/// How long AWS keeps a closed account before it is gone (user guide, "Close an account").
const CLOSED_ACCOUNT_KEPT: Duration = Duration::days(90);

/// How long an account stays in the organization that created it (API reference, `ConstraintViolationException`,
/// `WAIT_PERIOD_ACTIVE`).
const CREATED_ACCOUNT_STAYS: Duration = Duration::days(4);

impl World {
    /// Opens an account long ago, on its own.
    pub fn open_account(&mut self, spec: impl Into<AccountSpec>) -> Result<AccountId, Refusal> {
        let spec = spec.into();
        let id = match spec.id {
            Some(id) => id,
            None => self.free_account_id(),
        };
        if !AccountId::is_valid(id.as_str()) {
            return Err(Refusal::new(
                "ValidationError",
                format!("\"{id}\" is not an account ID: it must have 12 digits."),
            ));
        }
        if self.accounts.contains_key(&id) {
            return Err(Refusal::new(
                "AlreadyExists",
                format!("There is an account {id} already."),
            ));
        }
        let email = spec.email.unwrap_or_else(|| address_for(&spec.name, &id));
        if let Some(holder) = self.account_by_email(&email) {
            return Err(Refusal::new(
                "AlreadyExists",
                format!("{email} belongs to account {holder} already."),
            ));
        }
        self.emails.insert(email.to_lowercase(), id.clone());
        self.claim_invitations(&id, &email);
        let account = Account {
            id: id.clone(),
            name: spec.name,
            email,
            email_update: None,
            partition: spec.partition.unwrap_or_else(|| "aws".to_owned()),
            state: AccountState::Active,
            created_at: self.now - Duration::days(1_000),
            closed_at: None,
            payment_method: spec.payment_method,
            phone_verified: spec.phone_verified,
            agreement_accepted: spec.agreement_accepted,
            email_verified: spec.email_verified,
            iam_billing_access: spec.iam_billing_access,
            root_mfa: spec.root_mfa,
            root_access_keys: spec.root_access_keys,
            root_signing_certificates: spec.root_signing_certificates,
            password_policy: None,
            billing_obstacles: spec.billing_obstacles,
            membership: None,
            membership_changed_at: None,
            denied_actions: spec.denied_actions,
            profile: spec.profile,
            is_default: spec.is_default,
        };
        self.accounts.insert(id.clone(), account);
        Ok(id)
    }

    /// The account with this ID.
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// The account with this ID, to arrange it.
    pub fn account_mut(&mut self, id: &str) -> Option<&mut Account> {
        self.accounts.get_mut(id)
    }

    /// Every account, by ID.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// The account whose root user has this address; case does not matter.
    pub fn account_by_email(&self, email: &str) -> Option<&AccountId> {
        self.emails.get(&email.to_lowercase())
    }

    pub(super) fn free_account_id(&mut self) -> AccountId {
        loop {
            let id = self.ids.account();
            if !self.accounts.contains_key(&id) {
                return id;
            }
        }
    }

    pub(super) fn known_account(&self, id: &AccountId) -> Result<&Account, Refusal> {
        self.accounts.get(id).ok_or_else(Refusal::account_not_found)
    }

    /// Whether the account may go from its organization, to another one or to stand alone (API reference,
    /// `ConstraintViolationException`: `CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG`, `WAIT_PERIOD_ACTIVE`).
    pub(super) fn check_departure(&self, account: &Account) -> Result<(), Refusal> {
        let Some(membership) = &account.membership else {
            return Ok(());
        };
        let organization = &self.organizations[&membership.organization];
        if organization
            .delegated_administrators
            .contains_key(&account.id)
        {
            return Err(Refusal::constraint(
                "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
                "The account is a delegated administrator for a service. Deregister it first.",
            ));
        }
        if membership.method == JoinedMethod::Created
            && self.now < account.created_at + CREATED_ACCOUNT_STAYS
        {
            return Err(Refusal::constraint(
                "WAIT_PERIOD_ACTIVE",
                "An account that was created in an organization can leave it four days after its creation.",
            ));
        }
        Ok(())
    }

    /// Whether the account could live on its own (user guide, "Considerations before removing an account from an
    /// organization"; API reference, `ConstraintViolationException`).
    pub(super) fn check_independence(account: &Account) -> Result<(), Refusal> {
        match account.payment_method {
            PaymentMethod::Valid => {}
            PaymentMethod::Missing => {
                return Err(Refusal::constraint(
                    "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
                    "The account has no payment method of its own.",
                ));
            }
            PaymentMethod::Unsupported => {
                return Err(Refusal::constraint(
                    "INVALID_PAYMENT_INSTRUMENT",
                    "The account's payment method is not supported.",
                ));
            }
        }
        if !account.phone_verified {
            return Err(Refusal::constraint(
                "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION",
                "The account's phone number is not verified.",
            ));
        }
        if !account.agreement_accepted {
            return Err(Refusal::constraint(
                "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA",
                "The customer agreement has not been accepted for the account.",
            ));
        }
        Ok(())
    }

    /// Closing ends some time after it was asked for, here as soon as the clock moves; ninety days later the account is
    /// gone from its organization (user guide, "Close an account"; the event's departure method is `CLEANED`).
    pub(super) fn age_closed_accounts(&mut self) {
        let mut gone = Vec::new();
        for (id, closed_at) in &self.closing {
            let Some(account) = self.accounts.get_mut(id) else {
                continue;
            };
            if self.now > *closed_at {
                account.state = AccountState::Closed;
            }
            if self.now >= *closed_at + CLOSED_ACCOUNT_KEPT {
                gone.push(id.clone());
            }
        }
        for id in gone {
            self.closing.remove(&id);
            self.part(&id, super::Departure::Cleaned);
        }
    }
}

fn address_for(name: &str, id: &AccountId) -> String {
    let local: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase();
    format!("{local}+{id}@example.com")
}
