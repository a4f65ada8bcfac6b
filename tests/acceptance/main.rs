//! The provider as users meet it: the real `terraform` runs the built program against the simulator.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod account_standing;
mod billing_transfer;
mod harness;
mod org_deletion;
mod org_departure;
mod org_handshake_accept;
mod org_member_account;
mod org_member_removal;
mod org_members;
mod organization;
mod partner_account_invitation;
mod pending_invitations;
mod provider_block;
mod refused_input;
mod removal_readiness;
mod scenarios;
mod sent_invitations;
mod survival;
