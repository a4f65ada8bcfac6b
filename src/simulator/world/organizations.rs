//! Organizations and their members: founding, leaving, removal, the end.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{
    Account, AccountId, AccountState, Creation, HandshakeId, JoinedMethod, Membership,
    PaymentMethod, Policy, Recipient, Refusal, Tags, Unit, World, ids,
};
use super::{HandshakeState, OrganizationId};

/// What an organization shares among its accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FeatureSet {
    /// Billing, policies and service access.
    #[default]
    All,
    /// The bill alone.
    ConsolidatedBilling,
}

impl FeatureSet {
    /// The value of `FeatureSet`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::ConsolidatedBilling => "CONSOLIDATED_BILLING",
        }
    }
}

/// An organization.
#[derive(Clone, Debug)]
pub struct Organization {
    /// `o-` and ten or more characters.
    pub id: OrganizationId,
    /// The account that pays and rules.
    pub management: AccountId,
    /// What is shared.
    pub feature_set: FeatureSet,
    /// When it was founded.
    pub created_at: OffsetDateTime,
    /// Every account in it, the management account included.
    pub members: BTreeSet<AccountId>,
    /// How many accounts and pending invitations it may have (user guide, "Quotas for AWS Organizations": ten unless
    /// raised).
    pub account_limit: usize,
    /// Tag keys that a tag policy asks for; invitations and tagging without them are refused.
    pub required_tag_keys: BTreeSet<String>,
    /// Service principals with trusted access, and since when.
    pub service_access: BTreeMap<String, OffsetDateTime>,
    /// Delegated administrators, their services, and since when.
    pub delegated_administrators: BTreeMap<AccountId, BTreeMap<String, OffsetDateTime>>,
    /// How many billing transfers it may take on, pending ones included (billing user guide, "Quotas" of billing
    /// transfer: none unless raised).
    pub inbound_transfer_quota: usize,
    /// How many billing transfers there may be in the whole chain below it. AWS publishes no figure; the highest inbound
    /// quota stands for it.
    pub chain_transfer_quota: usize,
    /// How many days before its end a customer has to withdraw a billing transfer, if the partner's agreement says so
    /// (API reference, `InvalidInputException`, `INVALID_END_DATE`).
    pub withdrawal_notice_days: u32,
    /// Its units, by ID.
    pub units: BTreeMap<String, Unit>,
    /// Its own policies, by ID.
    pub policies: BTreeMap<String, Policy>,
    /// Requests to create accounts.
    pub creations: BTreeMap<String, Creation>,
    /// Why AWS creates no accounts for it, which facts decide that are not simulated (API reference,
    /// `CreateAccountStatus`, `FailureReason`).
    pub creation_failure: Option<String>,
    /// The tags of its root.
    pub(super) root_tags: Tags,
    /// The handshakes it sent that are not forgotten yet.
    pub(super) handshakes: BTreeSet<HandshakeId>,
    /// Whom it has invited and waits for.
    pub(super) pending: BTreeMap<Recipient, HandshakeId>,
    /// Invitations that count against the daily limit, by the time they were sent.
    pub(super) counted_invitations: BTreeSet<(OffsetDateTime, HandshakeId)>,
    /// When members were closed, for the limit over thirty days.
    pub(super) closures: Vec<(OffsetDateTime, AccountId)>,
}

impl Organization {
    /// The ID of its only root.
    pub fn root(&self) -> String {
        ids::root(&self.id)
    }

    /// How many accounts and pending invitations it has.
    pub fn occupied(&self) -> usize {
        self.members.len() + self.pending.len()
    }
}

/// An organization to arrange, founded long ago.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationSpec {
    /// The world chooses if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<OrganizationId>,
    /// See [`Organization::feature_set`].
    #[serde(default)]
    pub feature_set: FeatureSet,
    /// See [`Organization::account_limit`]; enough for the members and ten more if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_limit: Option<usize>,
    /// See [`Organization::required_tag_keys`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub required_tag_keys: BTreeSet<String>,
}

/// How an account went (user guide, "Logging AWS Organizations API calls": the event `AccountDepartedOrganization`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Departure {
    /// By its own will, a direct transfer included.
    Left,
    /// By the management account's.
    Removed,
    /// Ninety days after it was closed.
    Cleaned,
}

/// What the trail of a management account records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An account joined.
    Joined {
        /// When.
        time: OffsetDateTime,
        /// Where.
        organization: OrganizationId,
        /// Who.
        account: AccountId,
        /// How.
        method: JoinedMethod,
    },
    /// An account went.
    Departed {
        /// When.
        time: OffsetDateTime,
        /// Where from.
        organization: OrganizationId,
        /// Who.
        account: AccountId,
        /// How.
        departure: Departure,
    },
}

/// The account limit of a new organization (user guide, "Quotas for AWS Organizations").
const DEFAULT_ACCOUNT_LIMIT: usize = 10;
/// As far as the inbound quota can be raised (billing user guide, "Quotas" of billing transfer).
const HIGHEST_TRANSFER_QUOTA: usize = 1_000;
/// How long an organization may still be finalizing (API reference, `FinalizingOrganizationException`).
const FINALIZING: Duration = Duration::hours(1);
/// Closing accounts (user guide, "Quotas for AWS Organizations").
const CLOSURE_WINDOW: Duration = Duration::days(30);
const CLOSURES_AT_ONCE: usize = 3;

impl World {
    /// Every organization, by ID.
    pub fn organizations(&self) -> impl Iterator<Item = &Organization> {
        self.organizations.values()
    }

    /// The organization with this ID.
    pub fn organization(&self, id: &str) -> Option<&Organization> {
        self.organizations.get(id)
    }

    /// The organization with this ID, to arrange it.
    pub fn organization_mut(&mut self, id: &str) -> Option<&mut Organization> {
        self.organizations.get_mut(id)
    }

    /// The organization that an account is in, and its place there.
    pub fn membership(&self, account: &AccountId) -> Result<(&Organization, &Membership), Refusal> {
        let membership = self
            .known_account(account)?
            .membership
            .as_ref()
            .ok_or_else(Refusal::not_in_use)?;
        Ok((&self.organizations[&membership.organization], membership))
    }

    /// The organization that the account manages; members are refused (API reference: "can be called only from the
    /// organization's management account").
    pub fn managed_by(&self, account: &AccountId) -> Result<&Organization, Refusal> {
        let (organization, _) = self.membership(account)?;
        if organization.management == *account {
            return Ok(organization);
        }
        Err(Refusal::access_denied(
            "Only the organization's management account may do that.",
        ))
    }

    /// As [`World::managed_by`], for what a delegated administrator may do as well.
    pub fn administered_by(&self, account: &AccountId) -> Result<&Organization, Refusal> {
        let (organization, _) = self.membership(account)?;
        if organization.management == *account
            || organization.delegated_administrators.contains_key(account)
        {
            return Ok(organization);
        }
        Err(Refusal::access_denied(
            "Only the organization's management account or a delegated administrator may do that.",
        ))
    }

    pub(super) fn managed_by_mut(
        &mut self,
        account: &AccountId,
    ) -> Result<&mut Organization, Refusal> {
        let id = self.managed_by(account)?.id.clone();
        self.organizations
            .get_mut(&id)
            .ok_or_else(Refusal::not_in_use)
    }

    /// A member of the organization, or the error that AWS gives for strangers.
    pub fn member(&self, organization: &Organization, account: &str) -> Result<&Account, Refusal> {
        let id = organization
            .members
            .get(account)
            .ok_or_else(Refusal::account_not_found)?;
        self.known_account(id)
    }

    /// Founds an organization (API reference, `CreateOrganization`).
    pub fn create_organization(
        &mut self,
        founder: &AccountId,
        feature_set: FeatureSet,
    ) -> Result<&Organization, Refusal> {
        let account = self.known_account(founder)?;
        if account.membership.is_some() {
            return Err(Refusal::new(
                "AlreadyInOrganizationException",
                "The account is in an organization already.",
            ));
        }
        if account.payment_method != PaymentMethod::Valid {
            return Err(Refusal::constraint(
                "MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
                "The account needs a valid payment method to found an organization.",
            ));
        }
        let id = self.ids.organization();
        let now = self.now;
        self.found(&id, founder, feature_set, now);
        self.membership_changed(founder);
        Ok(&self.organizations[&id])
    }

    fn found(
        &mut self,
        id: &OrganizationId,
        founder: &AccountId,
        feature_set: FeatureSet,
        created_at: OffsetDateTime,
    ) {
        let organization = Organization {
            id: id.clone(),
            management: founder.clone(),
            feature_set,
            created_at,
            members: BTreeSet::new(),
            account_limit: DEFAULT_ACCOUNT_LIMIT,
            required_tag_keys: BTreeSet::new(),
            service_access: BTreeMap::new(),
            delegated_administrators: BTreeMap::new(),
            inbound_transfer_quota: 0,
            chain_transfer_quota: HIGHEST_TRANSFER_QUOTA,
            withdrawal_notice_days: 0,
            units: BTreeMap::new(),
            policies: BTreeMap::new(),
            creations: BTreeMap::new(),
            creation_failure: None,
            root_tags: Tags::new(),
            handshakes: BTreeSet::new(),
            pending: BTreeMap::new(),
            counted_invitations: BTreeSet::new(),
            closures: Vec::new(),
        };
        self.organizations.insert(id.clone(), organization);
        self.enrol(founder, id, JoinedMethod::Invited, created_at, Tags::new());
    }

    /// Arranges an organization that was founded long ago.
    pub fn arrange_organization(
        &mut self,
        founder: &AccountId,
        spec: OrganizationSpec,
    ) -> Result<OrganizationId, Refusal> {
        let account = self.known_account(founder)?;
        if account.membership.is_some() {
            return Err(Refusal::new(
                "AlreadyInOrganizationException",
                format!("{founder} is in an organization already."),
            ));
        }
        let created_at = account.created_at;
        let id = match spec.id {
            Some(id) => id,
            None => self.ids.organization(),
        };
        if self.organizations.contains_key(&id) {
            return Err(Refusal::new(
                "AlreadyExists",
                format!("There is an organization {id} already."),
            ));
        }
        self.found(&id, founder, spec.feature_set, created_at);
        if let Some(organization) = self.organizations.get_mut(&id) {
            organization.account_limit = spec.account_limit.unwrap_or(DEFAULT_ACCOUNT_LIMIT);
            organization.required_tag_keys = spec.required_tag_keys;
        }
        Ok(id)
    }

    /// Arranges that an account has been a member since some time. The account limit grows along, as it must have been
    /// raised for an organization of that size.
    pub fn arrange_membership(
        &mut self,
        account: &AccountId,
        organization: &OrganizationId,
        method: JoinedMethod,
        joined_at: OffsetDateTime,
    ) -> Result<(), Refusal> {
        if self.known_account(account)?.membership.is_some() {
            return Err(Refusal::new(
                "AlreadyInOrganizationException",
                format!("{account} is in an organization already."),
            ));
        }
        let Some(target) = self.organizations.get_mut(organization) else {
            return Err(Refusal::new(
                "NotFound",
                format!("There is no organization {organization}."),
            ));
        };
        target.account_limit = target
            .account_limit
            .max(target.members.len() + 1 + DEFAULT_ACCOUNT_LIMIT);
        if method == JoinedMethod::Created
            && let Some(account) = self.accounts.get_mut(account)
        {
            account.created_at = joined_at;
        }
        self.enrol(account, organization, method, joined_at, Tags::new());
        Ok(())
    }

    pub(super) fn enrol(
        &mut self,
        account: &AccountId,
        organization: &OrganizationId,
        method: JoinedMethod,
        joined_at: OffsetDateTime,
        tags: Tags,
    ) {
        if let Some(account) = self.accounts.get_mut(account) {
            account.membership = Some(Membership {
                organization: organization.clone(),
                joined_at,
                method,
                unit: None,
                tags,
            });
        }
        if let Some(organization) = self.organizations.get_mut(organization) {
            organization.members.insert(account.clone());
        }
        self.events.push(Event::Joined {
            time: joined_at,
            organization: organization.clone(),
            account: account.clone(),
            method,
        });
    }

    /// Takes an account out of its organization, with all that the organization kept for it.
    pub(super) fn part(&mut self, id: &AccountId, departure: Departure) {
        let Some(membership) = self
            .accounts
            .get_mut(id)
            .and_then(|account| account.membership.take())
        else {
            return;
        };
        if let Some(organization) = self.organizations.get_mut(&membership.organization) {
            organization.members.remove(id);
            organization.delegated_administrators.remove(id);
            for policy in organization.policies.values_mut() {
                policy.targets.remove(id.as_str());
            }
        }
        self.drop_from_migration(&membership.organization, id);
        self.events.push(Event::Departed {
            time: self.now,
            organization: membership.organization,
            account: id.clone(),
            departure,
        });
    }

    pub(super) fn membership_changed(&mut self, id: &AccountId) {
        let now = self.now;
        if let Some(account) = self.accounts.get_mut(id) {
            account.membership_changed_at = Some(now);
        }
    }

    /// Ends an organization that has no members left (API reference, `DeleteOrganization`). Its pending invitations
    /// cannot be accepted any more; here they are cancelled.
    pub fn delete_organization(&mut self, caller: &AccountId) -> Result<(), Refusal> {
        let organization = self.managed_by(caller)?;
        if organization.members.len() > 1 {
            return Err(Refusal::new(
                "OrganizationNotEmptyException",
                "The organization has members still. Remove them before deleting it.",
            ));
        }
        self.check_no_open_transfer(organization)?;
        let id = organization.id.clone();
        let pending: Vec<_> = organization
            .handshakes
            .iter()
            .filter(|id| {
                self.handshake(id.as_str())
                    .is_some_and(|handshake| handshake.state == HandshakeState::Pending)
            })
            .cloned()
            .collect();
        for handshake in pending {
            self.close_handshake(&handshake, HandshakeState::Canceled);
        }
        self.part(caller, Departure::Left);
        self.membership_changed(caller);
        self.organizations.remove(&id);
        Ok(())
    }

    /// Removes a member (API reference, `RemoveAccountFromOrganization`).
    pub fn remove_account(&mut self, caller: &AccountId, id: &str) -> Result<(), Refusal> {
        let organization = self.managed_by(caller)?;
        let account = self.member(organization, id)?;
        if account.id == organization.management {
            return Err(Refusal::management_account_stays());
        }
        self.check_departure(account)?;
        Self::check_independence(account)?;
        let id = account.id.clone();
        self.part(&id, Departure::Removed);
        self.membership_changed(&id);
        Ok(())
    }

    /// Leaves the organization (API reference, `LeaveOrganization`: only a member account may).
    pub fn leave_organization(&mut self, caller: &AccountId) -> Result<(), Refusal> {
        let (organization, _) = self.membership(caller)?;
        if organization.management == *caller {
            return Err(Refusal::management_account_stays());
        }
        let account = self.known_account(caller)?;
        self.check_departure(account)?;
        Self::check_independence(account)?;
        self.part(caller, Departure::Left);
        self.membership_changed(caller);
        Ok(())
    }

    /// Asks for the closing of a member (API reference, `CloseAccount`; user guide, "Quotas for AWS Organizations").
    pub fn close_account(&mut self, caller: &AccountId, id: &str) -> Result<(), Refusal> {
        let organization = self.managed_by(caller)?;
        let account = self.member(organization, id)?;
        if account.id == organization.management {
            return Err(Refusal::constraint(
                "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
                "The management account cannot be closed.",
            ));
        }
        if organization.feature_set != FeatureSet::All {
            return Err(Refusal::constraint(
                "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
                "Closing accounts needs an organization with all features.",
            ));
        }
        if account.state != AccountState::Active {
            return Err(Refusal::new(
                "AccountAlreadyClosedException",
                "The account is closed, or its closing has begun.",
            ));
        }
        if organization
            .delegated_administrators
            .contains_key(&account.id)
        {
            return Err(Refusal::constraint(
                "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
                "The account is a delegated administrator for a service. Deregister it first.",
            ));
        }
        self.check_closure_quota(organization)?;
        let (id, organization, now) = (account.id.clone(), organization.id.clone(), self.now);
        if let Some(account) = self.accounts.get_mut(&id) {
            account.state = AccountState::PendingClosure;
            account.closed_at = Some(now);
        }
        if let Some(organization) = self.organizations.get_mut(&organization) {
            organization
                .closures
                .retain(|(time, _)| *time > now - CLOSURE_WINDOW);
            organization.closures.push((now, id.clone()));
        }
        self.closing.insert(id, now);
        Ok(())
    }

    fn check_closure_quota(&self, organization: &Organization) -> Result<(), Refusal> {
        let recent = organization
            .closures
            .iter()
            .filter(|(time, _)| *time > self.now - CLOSURE_WINDOW);
        if recent.clone().count() >= (organization.members.len() / 5).clamp(250, 1_000) {
            return Err(Refusal::constraint(
                "CLOSE_ACCOUNT_QUOTA_EXCEEDED",
                "Too many accounts were closed in the past thirty days.",
            ));
        }
        let pending = recent.filter(|(_, id)| {
            self.accounts
                .get(id)
                .is_some_and(|a| a.state == AccountState::PendingClosure)
        });
        if pending.count() >= CLOSURES_AT_ONCE {
            return Err(Refusal::constraint(
                "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
                "Too many accounts are being closed at this time.",
            ));
        }
        Ok(())
    }

    /// Whether the organization has been there long enough to take accounts in.
    pub(super) fn check_finalized(&self, organization: &Organization) -> Result<(), Refusal> {
        if self.switches.finalizing && self.now < organization.created_at + FINALIZING {
            return Err(Refusal::new(
                "FinalizingOrganizationException",
                "The organization is still being set up. Try again within the hour.",
            ));
        }
        Ok(())
    }
}
