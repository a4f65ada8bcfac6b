//! The AWS layer against the simulator: what a resource can rely on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

mod harness;
mod logs;
mod network;
mod organizations;
mod reason_codes;
mod sessions;
