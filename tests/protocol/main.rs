//! The wire, RPC by RPC: no Terraform needed.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod calls;
mod client;
mod lifetime;
mod logs;
mod plugin;
mod refusals;
mod test_provider;
mod values;
