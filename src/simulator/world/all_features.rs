//! From consolidated billing to all features: every invited member agrees, then the management account finishes.
//!
//! AWS's pages name the handshakes differently: `AcceptHandshake` says that members get `ENABLE_ALL_FEATURES` and that the
//! management account finishes by `APPROVE_ALL_FEATURES`, while `EnableAllFeatures` says that it finishes by the
//! `ENABLE_ALL_FEATURES` handshake that the call answered. Here either finishes.

use time::Duration;

use super::handshakes::Draft;
use super::{
    Account, AccountId, FeatureSet, Handshake, HandshakeAction, HandshakeId, HandshakeState,
    JoinedMethod, Organization, OrganizationId, Recipient, Refusal, Tags, World,
};

/// User guide, "Quotas for AWS Organizations": expiration of handshakes.
const MIGRATION_LIFE: Duration = Duration::days(90);
/// API reference, `ConstraintViolationException`, `ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED`.
const MOST_ACCOUNTS: usize = 5_000;

impl World {
    /// Begins the process: asks every member that joined by invitation; consent of created ones is taken for granted (API
    /// reference, `EnableAllFeatures` and `Handshake`, `Action`). Answers the handshake that stands for the process.
    pub fn enable_all_features(&mut self, caller: &AccountId) -> Result<&Handshake, Refusal> {
        let organization = self.managed_by(caller)?;
        if organization.feature_set == FeatureSet::All {
            return Err(Refusal::handshake_constraint(
                "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
                "The organization has all features already.",
            ));
        }
        if self.migration(organization).is_some() {
            return Err(Refusal::handshake_constraint(
                "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
                "The organization has begun to enable all features already.",
            ));
        }
        if organization.members.len() > MOST_ACCOUNTS {
            return Err(Refusal::constraint(
                "ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED",
                "The organization has more than 5,000 accounts.",
            ));
        }
        let invited: Vec<AccountId> = organization
            .members
            .iter()
            .filter(|id| **id != organization.management)
            .filter(|id| {
                self.accounts
                    .get(*id)
                    .and_then(|account| account.membership.as_ref())
                    .is_some_and(|membership| membership.method == JoinedMethod::Invited)
            })
            .cloned()
            .collect();
        let process = self.ask(caller, HandshakeAction::EnableAllFeatures, caller, None)?;
        for member in &invited {
            self.ask(
                caller,
                HandshakeAction::EnableAllFeatures,
                member,
                Some(&process),
            )?;
        }
        self.ask_for_approval(&process);
        Ok(&self.handshakes[&process])
    }

    fn ask(
        &mut self,
        sender: &AccountId,
        action: HandshakeAction,
        recipient: &AccountId,
        parent: Option<&HandshakeId>,
    ) -> Result<HandshakeId, Refusal> {
        let expires_at = match parent.and_then(|parent| self.handshakes.get(parent)) {
            Some(parent) => parent.expires_at,
            None => self.now + MIGRATION_LIFE,
        };
        let draft = Draft {
            action,
            parent: parent.cloned(),
            recipient: Recipient::Account(recipient.clone()),
            expires_at,
            notes: None,
            tags: Tags::new(),
        };
        self.send(sender, draft)
    }

    /// The handshake that stands for a process that is not over.
    pub fn migration<'a>(&'a self, organization: &'a Organization) -> Option<&'a Handshake> {
        self.sent(organization, None).find(|handshake| {
            handshake.action == HandshakeAction::EnableAllFeatures
                && handshake.parent.is_none()
                && handshake.state == HandshakeState::Pending
        })
    }

    /// The handshakes that belong to another one.
    pub fn parts_of<'a>(&'a self, process: &'a Handshake) -> impl Iterator<Item = &'a Handshake> {
        self.organizations
            .get(&process.organization)
            .into_iter()
            .flat_map(|organization| self.sent(organization, None))
            .filter(|handshake| handshake.parent.as_ref() == Some(&process.id))
    }

    /// Whether every member that was asked, and is one still, has agreed. The handshake is `OPEN` from then on (API
    /// reference, `Handshake`, `State`).
    pub fn all_agreed(&self, process: &Handshake) -> bool {
        self.parts_of(process)
            .filter(|part| part.action == HandshakeAction::EnableAllFeatures)
            .all(|part| part.state == HandshakeState::Accepted || !self.is_asked(part))
    }

    /// Whether the one who was asked is a member still.
    fn is_asked(&self, part: &Handshake) -> bool {
        matches!(&part.recipient, Recipient::Account(id)
            if self.accounts.get(id).and_then(Account::organization) == Some(&part.organization))
    }

    /// API reference, `HandshakeConstraintViolationException`, `INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES`.
    pub(super) fn check_no_migration(&self, organization: &Organization) -> Result<(), Refusal> {
        // Only such an organization can be on its way, and the search is long in a large one.
        if organization.feature_set == FeatureSet::ConsolidatedBilling
            && self.migration(organization).is_some()
        {
            return Err(Refusal::handshake_constraint(
                "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
                "The organization is enabling all features and invites nobody meanwhile.",
            ));
        }
        Ok(())
    }

    /// A member agrees, or the management account finishes.
    pub(super) fn agree_to_all_features(&mut self, handshake: &Handshake) -> Result<(), Refusal> {
        if handshake.action == HandshakeAction::EnableAllFeatures && handshake.parent.is_some() {
            return Ok(());
        }
        let process = handshake.parent.as_ref().unwrap_or(&handshake.id);
        let process = self
            .handshakes
            .get(process)
            .ok_or_else(Refusal::handshake_not_found)?;
        if !self.all_agreed(process) {
            return Err(Refusal::new(
                "InvalidHandshakeTransitionException",
                "Not every invited member has agreed yet.",
            ));
        }
        if let Some(organization) = self.organizations.get_mut(&handshake.organization) {
            organization.feature_set = FeatureSet::All;
        }
        Ok(())
    }

    /// What one answer means for the other handshakes of the process.
    pub(super) fn all_features_answered(&mut self, handshake: &Handshake) {
        let finished = |world: &mut Self, id: &HandshakeId, state| {
            let pending = world
                .handshakes
                .get(id)
                .is_some_and(|other| other.state == HandshakeState::Pending);
            if pending {
                world.close_handshake(id, state);
            }
        };
        match &handshake.parent {
            None => {
                let parts: Vec<HandshakeId> = self
                    .parts_of(handshake)
                    .map(|part| part.id.clone())
                    .collect();
                for part in parts {
                    finished(self, &part, handshake.state);
                }
            }
            Some(process) if handshake.action == HandshakeAction::ApproveAllFeatures => {
                finished(self, process, handshake.state);
            }
            Some(process) => self.ask_for_approval(process),
        }
    }

    /// Once all have agreed, the management account is asked to finish (API reference, `Handshake`, `Action`).
    fn ask_for_approval(&mut self, process: &HandshakeId) {
        let Some(process) = self
            .handshakes
            .get(process)
            .filter(|process| process.state == HandshakeState::Pending)
        else {
            return;
        };
        let asked = self
            .parts_of(process)
            .any(|part| part.action == HandshakeAction::ApproveAllFeatures);
        if asked || !self.all_agreed(process) {
            return;
        }
        let (sender, process) = (process.sender.clone(), process.id.clone());
        // The sender manages the organization, which is all that sending asks for.
        let _ = self.ask(
            &sender,
            HandshakeAction::ApproveAllFeatures,
            &sender,
            Some(&process),
        );
    }

    /// A member that goes is not asked any more.
    pub(super) fn drop_from_migration(&mut self, organization: &OrganizationId, id: &AccountId) {
        let asked: Vec<HandshakeId> = self
            .received(id, None)
            .filter(|handshake| {
                handshake.organization == *organization
                    && handshake.action == HandshakeAction::EnableAllFeatures
                    && handshake.parent.is_some()
                    && handshake.state == HandshakeState::Pending
            })
            .map(|handshake| handshake.id.clone())
            .collect();
        for handshake in asked {
            self.close_handshake(&handshake, HandshakeState::Canceled);
        }
    }
}
