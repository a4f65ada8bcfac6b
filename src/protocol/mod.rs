//! Terraform's wire.
pub mod wire;
