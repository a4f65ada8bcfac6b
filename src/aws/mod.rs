//! How AWS is reached. Knows of the framework only what it says to the user and what a call carries.
//!
//! Resources speak domain words ("invite", "members") with [`Organizations`]; the SDK's builders and error
//! types stay inside. Nothing but [`session`] makes a client, so that every call keeps to one way:
//!
//! ```text
//! Organizations ── read ──→ snapshot ──→ pace ──→ SDK (transport retries) ──→ AWS
//!              └── write ─→ queue of the organization ──→ pace ──→ SDK ──────→ AWS
//!                                     ↑ conflict: again soon            │
//!                                     └─────────────────────────────────┘
//! ```
//!
//! The invariant: **a read that begins after a write has returned sees that write**, whichever session
//! made it; and a write on the wire is never dropped half-way.
//!
//! | Module | What it is |
//! |---|---|
//! | [`types`] | account IDs, ARNs, states: parsed once, the error text with the type |
//! | [`config`] | the provider block and the environment, as values; from there the SDK's configuration |
//! | [`session`] | credentials and roles, checked once and shared; user agent, log, AWS's clock |
//! | [`organizations`] | AWS Organizations in domain words |
//! | [`account_management`] | names and e-mail addresses of member accounts |
//! | [`cost_and_usage`], [`s3`], [`iam`] | reports, their buckets, and roles in domain words |
//! | [`cost_explorer`], [`billing`] | bills, and their views, in domain words |
//! | [`takeover`] | whether a billing transfer has ended a report |
//! | [`manifest`] | what AWS writes beside the files of a report |
//! | [`policy`] | policy documents, and what is written into them |
//! | `call` | one call of these services: never dropped half-way, again after a conflict |
//! | `sts` | who calls, and credentials of roles |
//! | `snapshot` | one list for many readers |
//! | `pace` | AWS's documented rates |
//! | [`retry`] | transport, conflict, propagation: three kinds of trying again |
//! | [`error`] | what went wrong, and what to do about it, for each code and reason |

pub mod account_management;
pub mod billing;
mod call;
pub mod config;
pub mod cost_and_usage;
pub mod cost_explorer;
pub mod error;
pub mod iam;
pub mod manifest;
pub mod organizations;
mod pace;
pub mod policy;
pub mod retry;
pub mod s3;
pub mod session;
mod snapshot;
mod sts;
pub mod takeover;
pub mod types;

pub use account_management::AccountManagement;
pub use billing::Billing;
pub use config::{AssumeRole, Settings};
pub use cost_and_usage::CostAndUsage;
pub use cost_explorer::CostExplorer;
pub use error::Failure;
pub use iam::Iam;
pub use organizations::Organizations;
pub use s3::S3;
pub use session::{Aws, CallerIdentity};
