//! The simulator, asked by the AWS SDK for Rust.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod admin;
mod all_features;
mod clients;
mod command;
mod costs;
mod delegation;
mod faults;
mod invariants;
mod invitations;
mod lists;
mod membership;
mod raw;
mod roles;
mod security;
mod signatures;
mod stage;
mod tags;
mod transfers;
mod units;
mod validation;
