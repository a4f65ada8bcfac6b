//! Data sources, one file each.

mod account_standing;
mod billing_transfers;
mod consolidated_bill;
mod cost_analyzer_profile;
mod cur_bucket_policy;
mod cur_delivery;
mod cur_report_definitions;
mod management_account_security;
mod org_members;
mod pending_invitations;
mod removal_readiness;
mod sent_invitations;
mod unseen;

pub use account_standing::AccountStanding;
pub use billing_transfers::BillingTransfers;
pub use consolidated_bill::ConsolidatedBill;
pub use cost_analyzer_profile::CostAnalyzerProfile;
pub use cur_bucket_policy::CurBucketPolicy;
pub use cur_delivery::CurDelivery;
pub use cur_report_definitions::CurReportDefinitions;
pub use management_account_security::ManagementAccountSecurity;
pub use org_members::OrgMembers;
pub use pending_invitations::PendingInvitations;
pub use removal_readiness::RemovalReadiness;
pub use sent_invitations::SentInvitations;
