//! The simulator, asked by the AWS SDK for Rust.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod clients;
mod invitations;
mod signatures;
