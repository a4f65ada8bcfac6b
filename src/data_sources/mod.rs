//! Data sources, one file each.

mod account_standing;
mod billing_transfers;
mod org_members;
mod pending_invitations;
mod removal_readiness;
mod sent_invitations;

pub use account_standing::AccountStanding;
pub use billing_transfers::BillingTransfers;
pub use org_members::OrgMembers;
pub use pending_invitations::PendingInvitations;
pub use removal_readiness::RemovalReadiness;
pub use sent_invitations::SentInvitations;
