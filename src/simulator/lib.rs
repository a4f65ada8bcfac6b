//! A second, independent reading of AWS's documentation: Organizations, STS, roles in IAM, S3, and Cost and Usage Reports
//! that arrive as a clock moves, on a loopback port, for real AWS SDKs. It shares no type and no reading with the provider that is tested against it.
//!
//! # Bird's eye
//!
//! [`Simulator::start`] gives a running server. A call's signature is verified, faults and permissions have their say,
//! the service checks the request against AWS's service model, and [`world::World`] carries it out.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use aws_simulator::{Effect, Fault, Simulator};
//!
//! let simulator = Simulator::start().await?;
//! let partner = simulator.create_account("Partner");
//! let organization = simulator.create_organization(&partner);
//! let customer = simulator.create_account("Customer");
//!
//! simulator.fault(Fault::new(Effect::LoseResponse).on("InviteAccountToOrganization").times(1));
//! // … call AWS at `simulator.endpoint()` with `partner.key` …
//! let invitation = simulator.world(|world| world.handshakes().next().map(|handshake| handshake.id.clone()));
//! simulator.accept(&customer, invitation.ok_or("no invitation")?.as_str())?;
//! simulator.pass_days(31);
//! assert_eq!(simulator.organization_of(&customer), Some(organization.id));
//! # Ok(())
//! # }
//! ```
//!
//! # Code map
//!
//! | Module | What it is |
//! |---|---|
//! | [`world`] | what AWS knows and its rules: a pure state machine; each rule names the AWS page that states it |
//! | `services` | what each operation asks for and answers, checked against the service model |
//! | `wire` | AWS JSON, AWS Query, REST JSON, REST XML, Signature Version 4 |
//! | `server`, `exchange` | the listener; one call, from its signature to its answer |
//! | `state` | what lies between callers and the world |
//! | `calls` | the log of calls |
//! | `checksum` | the checksums that S3 keeps for objects |
//! | `admin` | JSON under `/_admin/` for what tests and users arrange and look at |
//! | `fault`, `pace` | what goes wrong on the way; AWS's documented rates |
//! | `seed`, `summary` | a world from a document; what it looks like now |
//! | `simulator` | the handle that tests hold |
//!
//! A further service is a variant of `services::Service` with a module that maps operation names to functions which
//! read or write the world, and, if it talks differently, a module in `wire`.
//!
//! # What is simulated
//!
//! * **Organizations**: founding, deleting, members, creating and closing accounts, invitations from both sides, direct
//!   transfers between organizations, leaving and removing with every documented obstacle, tags, trusted access,
//!   delegated administrators, units, the lists of policies, enabling all features later, billing
//!   transfers, quotas, expiry.
//! * **Account Management**: names of accounts, and addresses of their root users with the confirmation by a one-time
//!   password.
//! * **STS**: `GetCallerIdentity`, `AssumeRole` with trust policies, `AssumeRoleWithWebIdentity`.
//! * **IAM**: roles with inline and managed policies, permissions boundaries and tags; `SimulatePrincipalPolicy`; the
//!   account summary, the password policy.
//! * **S3**: buckets in regions, their settings and policies, objects with ranges, checksums and versions.
//! * **Cost and Usage Reports**: definitions, and their delivery into buckets in AWS's layout.
//! * **Cost Explorer**: `GetCostAndUsage`, with costs that move with memberships and billing transfers.
//! * **Billing**: `ListBillingViews`: the primary view, and that of each transferred bill.
//! * Access keys and sessions, explicit denials, service control policies that deny actions to an account.
//!
//! # What is not
//!
//! Making and attaching organization policies; what a billing transfer changes in prices, and the views for showback of
//! Billing Conductor; multipart uploads, copies, presigned URLs and grants of access control lists one by one; KMS; the
//! meaning of identity policies other than roles' towards S3, reports and Cost Explorer (elsewhere principals may do
//! everything in their account unless they are denied it explicitly); signatures of web identity tokens; the dates of
//! request signatures; AWS's propagation delays, other than as a fault.

mod admin;
mod calls;
mod checksum;
mod clock;
mod exchange;
mod fault;
mod pace;
mod seed;
mod server;
mod services;
mod simulator;
mod state;
mod summary;
mod wire;
pub mod world;

pub use calls::Call;
pub use fault::{Effect, Fault};
pub use seed::{Seed, SeedError, SeedMember, SeedOrganization, SeedPolicy, SeedTransfer, SeedUnit};
pub use simulator::{Account, Organization, Simulator};
pub use world::{
    AccountSpec, BucketSpec, OrganizationSpec, PaymentMethod, Refusal, ReportDefinition,
    ReportSpec, RoleSpec, Switches,
};
