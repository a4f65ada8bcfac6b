//! The simulator, asked by the AWS SDK for Rust.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod admin;
mod buckets;
mod clients;
mod command;
mod connections;
mod delegation;
mod deliveries;
mod faults;
mod invariants;
mod invitations;
mod lists;
mod membership;
mod objects;
mod raw;
mod reports;
mod roles;
mod signatures;
mod stage;
mod tags;
mod validation;
