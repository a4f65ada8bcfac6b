//! The provider as users meet it: the real `terraform` runs the built program against the simulator.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod account_standing;
mod billing_transfer;
mod cost_analyzer_connection;
mod cost_analyzer_profile;
mod cur_backfill_access;
mod cur_bucket;
mod cur_bucket_policy;
mod cur_delivery;
mod cur_report_definition;
#[allow(dead_code, reason = "the examples use parts that no test here needs")]
#[path = "../harness/mod.rs"]
mod harness;
mod org_deletion;
mod org_departure;
mod org_handshake_accept;
mod org_handshake_accepts;
mod org_member_account;
mod org_member_removal;
mod org_member_removals;
mod org_members;
mod organization;
mod partner_account_invitation;
mod partner_account_invitations;
mod pending_invitations;
mod permissions;
mod provider_block;
mod reader;
mod refused_input;
mod removal_readiness;
mod report_matrix;
mod scenarios;
mod sent_invitations;
mod survival;
