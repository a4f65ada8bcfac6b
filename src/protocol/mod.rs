//! Terraform's wire.
pub mod dynamic_value;
pub mod wire;
