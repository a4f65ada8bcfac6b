//! The wire, RPC by RPC: no Terraform needed.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod values;
