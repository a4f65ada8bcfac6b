//! AWS Organizations in domain words: organization, members, invitations.

mod model;

use std::sync::Arc;

pub use model::{
    Account, DelegatedAdministrator, Handshake, Invitation, Members, Organization, Removal,
    SentInvitations, Target,
};

use super::error::Failure;
use super::types::{AccountId, HandshakeId, Notes, Tags};
use crate::framework::Cx;

/// Organizations, as one session sees it; cheap to clone.
#[derive(Clone, Debug)]
pub struct Organizations;

#[expect(
    clippy::unused_async,
    clippy::todo,
    clippy::missing_panics_doc,
    reason = "interface first"
)]
#[expect(unused_variables, reason = "interface first")]
impl Organizations {
    /// The organization that the session's account belongs to; `None` for a standalone account.
    pub async fn organization(&self, cx: &Cx) -> Result<Option<Organization>, Failure> {
        todo!()
    }
    /// Invites the target to the session's organization, or adopts the pending invitation it has.
    pub async fn invite(
        &self,
        cx: &Cx,
        target: &Target,
        notes: Option<&Notes>,
        tags: &Tags,
    ) -> Result<Invitation, Failure> {
        todo!()
    }
    /// The organization, from no longer ago than the age.
    pub async fn organization_within(
        &self,
        cx: &Cx,
        max_age: std::time::Duration,
    ) -> Result<Option<Organization>, Failure> {
        todo!()
    }
    /// The members, from no longer ago than the age.
    pub async fn members_within(
        &self,
        cx: &Cx,
        max_age: std::time::Duration,
    ) -> Result<Arc<Members>, Failure> {
        todo!()
    }
    /// The sent invitations, from no longer ago than the age.
    pub async fn sent_invitations_within(
        &self,
        cx: &Cx,
        max_age: std::time::Duration,
    ) -> Result<Arc<SentInvitations>, Failure> {
        todo!()
    }
    /// All invitations that the organization has sent and AWS remembers.
    pub async fn sent_invitations(&self, cx: &Cx) -> Result<Arc<Vec<Handshake>>, Failure> {
        todo!()
    }
    /// The invitation sent to the target: the newest pending one, otherwise the newest.
    pub async fn invitation_to(
        &self,
        cx: &Cx,
        target: &Target,
    ) -> Result<Option<Handshake>, Failure> {
        todo!()
    }
    /// The handshake with the ID; `None` where AWS does not know it (any more).
    pub async fn handshake(&self, cx: &Cx, id: &HandshakeId) -> Result<Option<Handshake>, Failure> {
        todo!()
    }
    /// Invitations that the session's account has received, asked anew with every call.
    pub async fn received_invitations(&self, cx: &Cx) -> Result<Arc<Vec<Handshake>>, Failure> {
        todo!()
    }
    /// Accepts an invitation. One accepted already is a success.
    pub async fn accept(&self, cx: &Cx, handshake: &Handshake) -> Result<Handshake, Failure> {
        todo!()
    }
    /// Declines an invitation. One declined already is a success.
    pub async fn decline(&self, cx: &Cx, handshake: &Handshake) -> Result<(), Failure> {
        todo!()
    }
    /// Cancels an invitation that the organization has sent. One cancelled already is a success.
    pub async fn cancel(&self, cx: &Cx, id: &HandshakeId) -> Result<(), Failure> {
        todo!()
    }
    /// All accounts of the organization.
    pub async fn members(&self, cx: &Cx) -> Result<Arc<Members>, Failure> {
        todo!()
    }
    /// The account with the ID, if it belongs to the organization.
    pub async fn member(&self, cx: &Cx, id: &AccountId) -> Result<Option<Account>, Failure> {
        todo!()
    }
    /// Removes a member from the organization.
    pub async fn remove_account(&self, cx: &Cx, id: &AccountId) -> Result<Removal, Failure> {
        todo!()
    }
    /// Makes the session's account leave its organization.
    pub async fn leave(&self, cx: &Cx) -> Result<Removal, Failure> {
        todo!()
    }
    /// Member accounts that administer a service for the organization.
    pub async fn delegated_administrators(
        &self,
        cx: &Cx,
    ) -> Result<Arc<Vec<DelegatedAdministrator>>, Failure> {
        todo!()
    }
    /// Service principals that the account administers for the organization.
    pub async fn delegated_services(
        &self,
        cx: &Cx,
        account: &AccountId,
    ) -> Result<Vec<String>, Failure> {
        todo!()
    }
    /// Tags of an account, organizational unit, root, policy or transfer.
    pub async fn tags_of(&self, cx: &Cx, resource_id: &str) -> Result<Tags, Failure> {
        todo!()
    }
    /// Adds tags, or gives existing ones a new value.
    pub async fn tag(&self, cx: &Cx, resource_id: &str, tags: &Tags) -> Result<(), Failure> {
        todo!()
    }
    /// Takes tags away.
    pub async fn untag(&self, cx: &Cx, resource_id: &str, keys: &[String]) -> Result<(), Failure> {
        todo!()
    }
}
