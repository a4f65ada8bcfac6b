//! Data sources, one file each.

mod org_members;
mod pending_invitations;

pub use org_members::OrgMembers;
pub use pending_invitations::PendingInvitations;
