//! What AWS knows: accounts, organizations, handshakes, roles, keys. A pure state machine: state, caller and request
//! give the next state and the answer. It reads no clock, no randomness and no network, so equal steps give equal
//! worlds.
//!
//! The rule a reader would not guess: time passes only in [`World::pass`], and everything that time does (handshakes
//! that expire and are forgotten, closed accounts that go, sessions that end) is done there, so that reads stay reads.

mod access;
mod account_management;
mod accounts;
mod all_features;
mod buckets;
mod costs;
mod creation;
mod credentials;
mod delegation;
mod delivery;
mod evaluation;
mod handshakes;
mod ids;
mod managed;
mod months;
mod objects;
mod organizations;
mod policies;
mod refusal;
mod reports;
mod roles;
mod security;
mod switches;
mod tags;
mod transfers;
mod trust;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use time::macros::datetime;
use time::{Duration, OffsetDateTime};

pub use account_management::EmailUpdate;
pub use accounts::{
    Account, AccountSpec, AccountState, JoinedMethod, Membership, PaymentMethod, Tags,
};
pub use buckets::{Bucket, BucketSpec, Encryption, LifecycleRule, PublicAccessBlock, Versioning};
pub use costs::{BillingView, Cost};
pub use creation::{Creation, CreationState};
pub use credentials::{AccessKey, Caller, Principal};
pub use handshakes::{Handshake, HandshakeAction, HandshakeState, Invitation, Recipient};
pub use ids::{AccountId, HandshakeId, OrganizationId, TransferId};
pub use managed::ManagedPolicy;
pub use objects::Object;
pub use organizations::{Departure, Event, FeatureSet, Organization, OrganizationSpec};
pub use policies::{Policy, PolicyType};
pub use refusal::Refusal;
pub use reports::{DeliveryStatus, Report, ReportDefinition, ReportSpec};
pub use roles::{Role, RoleSpec};
pub use security::PasswordPolicy;
pub use switches::Switches;
pub use transfers::{BillingObstacle, Transfer, TransferInvitation, TransferStatus};
pub use units::Unit;

pub(crate) use access::Resource;
pub(crate) use credentials::{Assumption, WebAssumption};
pub(crate) use evaluation::Verdict;
pub(crate) use ids::{canonical_user, number, request as request_id};
pub(crate) use reports::{definition_arn, home_region};
pub(crate) use roles::NewRole;

/// When a new world's clock starts, unless its seed says otherwise.
pub const EPOCH: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

/// Everything that AWS knows.
#[derive(Clone, Debug)]
pub struct World {
    now: OffsetDateTime,
    ids: ids::Ids,
    /// What AWS may do either way.
    pub switches: Switches,
    accounts: BTreeMap<AccountId, Account>,
    emails: BTreeMap<String, AccountId>,
    closing: BTreeMap<AccountId, OffsetDateTime>,
    organizations: BTreeMap<OrganizationId, Organization>,
    handshakes: BTreeMap<HandshakeId, Handshake>,
    inboxes: handshakes::Inboxes,
    transfers: BTreeMap<TransferId, Transfer>,
    keys: BTreeMap<String, AccessKey>,
    roles: BTreeMap<(AccountId, String), Role>,
    managed_policies: BTreeMap<String, ManagedPolicy>,
    buckets: BTreeMap<String, Bucket>,
    reports: BTreeMap<(AccountId, String), Report>,
    web_identity_issuers: BTreeSet<String>,
    events: Vec<Event>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            now: EPOCH,
            ids: ids::Ids::default(),
            switches: Switches::default(),
            accounts: BTreeMap::new(),
            emails: BTreeMap::new(),
            closing: BTreeMap::new(),
            organizations: BTreeMap::new(),
            handshakes: BTreeMap::new(),
            inboxes: BTreeMap::new(),
            transfers: BTreeMap::new(),
            keys: BTreeMap::new(),
            roles: BTreeMap::new(),
            managed_policies: BTreeMap::new(),
            buckets: BTreeMap::new(),
            reports: BTreeMap::new(),
            web_identity_issuers: BTreeSet::new(),
            events: Vec::new(),
        }
    }
}

impl World {
    /// The simulated time.
    pub fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// Lets time pass.
    pub fn pass(&mut self, duration: std::time::Duration) {
        let step = Duration::try_from(duration).unwrap_or(Duration::MAX);
        self.now = self.now.saturating_add(step);
        self.age();
    }

    /// Starts a world's clock; refused if that time is over, as nothing is undone.
    pub fn set_time(&mut self, time: OffsetDateTime) -> Result<(), Refusal> {
        if time < self.now && !(self.accounts.is_empty() && self.handshakes.is_empty()) {
            return Err(Refusal::new(
                "ValidationError",
                format!("The clock stands at {} and does not go back.", self.now),
            ));
        }
        self.now = time.to_offset(time::UtcOffset::UTC);
        self.age();
        Ok(())
    }

    fn age(&mut self) {
        self.age_handshakes();
        self.age_closed_accounts();
        self.age_sessions();
        self.age_reports();
        self.age_objects();
    }

    /// Who joined and left which organization, in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }
}
