//! Terraform provider for joining a billing partner on AWS and giving a cost analyzer its data.
//!
//! This page is the architecture: what calls what, where to look for a thing, what is deliberately absent,
//! and why the large decisions were taken.
//!
//! # Bird's eye
//!
//! ```text
//! terraform ── gRPC over a socket ──▶ protocol ──▶ framework ──▶ resources ──▶ aws ──▶ AWS
//!                                     the wire     what it       what a user    calls, rates,
//!                                                  means         can name       errors
//! ```
//!
//! Terraform starts the program several times for each plan and apply, and asks one question at a time:
//! is this configuration right, what would an apply do, do it, what became of it. [`protocol`] turns the
//! message into values, [`framework`] gives the question its meaning and finds the entry of the catalog,
//! a resource answers with plain Rust values, and [`aws`] does the calls. An answer goes back the same way.
//!
//! # Code map
//!
//! | Module | What it is | Start reading at |
//! |---|---|---|
//! | [`protocol`] | the plugin handshake, TLS, gRPC services, msgpack, logs | [`protocol::serve`] |
//! | [`framework`] | values, schemas, planning and applying by Terraform's rules | [`framework::Resource`], [`framework::model`] |
//! | [`framework::fleet`] | one resource for thousands of objects, by the code of the resource of one | [`framework::Fleet`] |
//! | [`framework::consistency`] | Terraform Core's rules, asserted on ourselves in tests | [`framework::consistency::Checked`] |
//! | [`aws`] | sessions, rates, shared lists, errors with their remedies, Organizations in domain words | [`aws::Aws`], [`aws::Organizations`] |
//! | [`attributes`] | attributes that many things share: `assume_role`, `tags`, times | [`attributes::AssumeRole`] |
//! | [`resources`], [`data_sources`], [`functions`] | one file for each thing that a user can name | [`resources::PartnerAccountInvitation`] |
//! | [`provider`] | the provider block, and the list of all that is offered | [`provider::AwsBilling`] |
//! | [`docs`] | schema and examples become the pages under `docs/` | [`docs::render`] |
//!
//! Beside this crate stand `awsbilling-derive` (`src/framework/derive`), which makes a struct a schema, and
//! `aws-simulator` (`src/simulator`), a second reading of AWS's documentation that the tests, the examples
//! and curious users talk to. Behaviour is tested in `tests/acceptance` with the real Terraform, one file
//! for each resource, and every example is applied in `tests/examples.rs`; the wire in `tests/protocol`, the framework in `tests/framework`, the AWS layer in
//! `tests/aws`.
//!
//! # Invariants
//!
//! Each is a test in `tests/architecture.rs`. They are mostly about what is absent.
//!
//! * Only [`protocol`] names gRPC or msgpack. [`framework`] knows neither gRPC nor AWS.
//! * [`aws`] knows of Terraform its messages ([`framework::Diagnostic`]), the context of a call
//!   ([`framework::Cx`]: cancellation, deadline, clock), text with a rule ([`framework::DomainText`]) and work
//!   that nobody may wait for ([`framework::detached()`]).
//! * A resource never builds a raw value and never names an SDK client; nothing outside `aws::session` makes
//!   a client.
//! * Nothing but the handshake writes to standard output: Terraform reads it.
//! * Nothing but the context looks at a clock, except to stamp logs.
//! * Every list is read to its end. Functions do no I/O.
//! * The provider does not depend on the simulator, and the two share no type.
//!
//! # Rules for what cannot be undone
//!
//! * Destroy never changes a membership unless `on_destroy` is written out, and then the plan warns.
//! * An invitation is accepted only from the sender that the configuration names.
//! * A resource is keyed to the lasting fact, the membership, and not to the handshake, which AWS forgets
//!   30 days after it closes.
//! * No replacement by removal: where a changed name would make the old object's destroy remove an account,
//!   the plan refuses and says what to write instead. In a neighbouring provider a changed e-mail address
//!   destroyed accounts' memberships in this way (hashicorp/terraform-provider-aws issue 26999).
//!
//! # Decisions
//!
//! **The plugin layer is ours.** The one published crate for it, `tf-provider` 0.2.2, carries protocol 6.5,
//! needs a system `protoc`, rejects nested attributes, cannot decode `0.1`, does not authenticate its
//! client, dies of Ctrl-C in mid-apply with the resource lost from state, and fails above 4 MiB; its
//! generated module is private, so none of it can be added from outside. All of that was found by running
//! it. tonic and prost carry the wire, protox compiles it without `protoc`.
//!
//! **The schema is a derive.** A schema beside a struct drifts from it. Here the type of a field is its
//! schema, its doc comment is its sentence on the page, and a senseless combination does not compile.
//! Typed code runs only when everything is known, so a resource never meets an unknown value by accident.
//!
//! **A simulator, and not mocks.** What makes this domain hard is AWS's own behaviour: expiry, purges, rates,
//! lost answers, two accounts at once. Mocks of our calls would repeat our misunderstandings. The
//! simulator verifies signatures, is spoken to by real SDKs only, cites an AWS page for each rule, and has
//! never seen the provider's code. What it says was checked against documentation, not against AWS.
//!
//! **One list for many reads.** AWS allows one `DescribeHandshake` a second. Measured on 1,000 invitations:
//! one call each takes 16.6 minutes when paced, and fails outright with the SDK's default retries; one paged
//! list shared by all reads takes 51 calls and ten seconds. The law that makes sharing safe is in
//! `aws::snapshot`: a read that begins after a write has returned sees that write.
//!
//! **The context goes down to the AWS layer.** The first design let `aws` know only diagnostics. Waiting in a
//! queue for AWS's rate must end with Ctrl-C, and a deadline must count from the operation's start, so each
//! call carries the context instead of a second type that means the same.

// The derive names this crate by its name, from within as from outside.
extern crate self as awsbilling;

pub mod analyzers;
pub mod attributes;
pub mod aws;
pub mod data_sources;
pub mod docs;
pub mod framework;
pub mod functions;
pub mod protocol;
pub mod provider;
pub mod resources;
