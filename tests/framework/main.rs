//! The framework as its users see it: a sample provider, driven through the erased door by a small model
//! of Terraform Core, with every answer under Core's rules.

#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(unreachable_pub)] // The items of a test binary are for its own modules.

mod applying;
mod breaches;
mod catalog;
mod core;
mod offered;
mod planning;
mod property;
mod sample;
mod schemas;
mod state;
mod validating;
