//! The provider as the wire sees it: names and values instead of types.
//!
//! This is the only place with `dyn` and boxed futures. A request holds values already decoded by the
//! schema, an answer holds values to be encoded by it; unknown type names never reach this trait's
//! methods, because without a schema there is no value.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::diagnostic::Diagnostics;
use super::function::{FunctionError, Signature};
use super::path::Path;
use super::schema::{Schema, Text};
use super::type_::Type;
use super::value::Value;

/// Everything the provider offers, by name. Maps are ordered, so that every start answers alike.
#[derive(Clone, Debug)]
pub struct Schemas {
    /// The provider block.
    pub provider: Schema,
    /// Resources.
    pub resources: BTreeMap<Text, ResourceSchema>,
    /// Data sources.
    pub data_sources: BTreeMap<Text, Arc<Schema>>,
    /// Functions.
    pub functions: BTreeMap<Text, Signature>,
    /// Ephemeral resources.
    pub ephemerals: BTreeMap<Text, Arc<Schema>>,
}

/// Schema of a resource and of its identity.
#[derive(Clone, Debug)]
pub struct ResourceSchema {
    /// What the user writes and reads.
    pub schema: Arc<Schema>,
    /// What tells one object from every other.
    pub identity: Arc<IdentitySchema>,
}

/// Small object that names one remote object for its whole life.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentitySchema {
    /// Version of the identity's shape.
    pub version: i64,
    /// Attributes in order.
    pub attributes: Vec<IdentityAttribute>,
    /// Object type of the attributes.
    pub value_type: Type,
}

/// Attribute of an identity.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentityAttribute {
    /// Name.
    pub name: Text,
    /// Primitive type, or a list of one.
    pub type_: Type,
    /// Whether an import must give it; otherwise it may.
    pub required_for_import: bool,
    /// Sentence for the user.
    pub description: Text,
}

/// Why a decision is put off until more is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deferred {
    /// The resource's configuration is not known.
    ResourceConfigUnknown,
    /// The provider's configuration is not known.
    ProviderConfigUnknown,
    /// Something that it needs does not exist yet.
    AbsentPrerequisite,
}

/// Configuration of the provider.
#[derive(Debug)]
pub struct ConfigureRequest {
    /// Version of the calling Terraform.
    pub terraform_version: String,
    /// The provider block.
    pub config: Value,
}

/// State as Terraform stored it, possibly by an older version of the provider.
#[derive(Debug)]
pub struct UpgradeRequest {
    /// Resource type.
    pub type_name: String,
    /// Version of the stored shape.
    pub version: i64,
    /// The stored object.
    pub state: serde_json::Value,
}

/// State in the current shape.
#[derive(Debug)]
pub struct UpgradeResponse {
    /// The object, null on error.
    pub state: Value,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// Refresh of a resource.
#[derive(Debug)]
pub struct ReadRequest {
    /// Resource type.
    pub type_name: String,
    /// State as last known.
    pub state: Value,
    /// The provider's own notes.
    pub private: Vec<u8>,
    /// Identity, where the client keeps one.
    pub identity: Option<Value>,
    /// Whether the client takes a [`Deferred`] answer.
    pub deferral_allowed: bool,
}

/// Refreshed resource.
#[derive(Debug)]
pub struct ReadResponse {
    /// State as it is now; null when the object is gone.
    pub state: Value,
    /// The provider's own notes.
    pub private: Vec<u8>,
    /// Identity.
    pub identity: Option<Value>,
    /// Why there is no answer yet.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// Question of what an apply would do.
#[derive(Debug)]
pub struct PlanRequest {
    /// Resource type.
    pub type_name: String,
    /// State now; null to create.
    pub prior_state: Value,
    /// Core's merge of configuration and state; null to destroy.
    pub proposed_new_state: Value,
    /// What the user wrote.
    pub config: Value,
    /// The provider's own notes.
    pub private: Vec<u8>,
    /// Identity, where the client keeps one.
    pub identity: Option<Value>,
    /// Whether the client takes a [`Deferred`] answer.
    pub deferral_allowed: bool,
}

/// What an apply would do.
#[derive(Debug)]
pub struct PlanResponse {
    /// State after the apply as far as it is known.
    pub planned_state: Value,
    /// Attributes whose change means a new object, sorted and without duplicates.
    pub requires_replace: Vec<Path>,
    /// The provider's own notes.
    pub private: Vec<u8>,
    /// Identity.
    pub identity: Option<Value>,
    /// Why there is no answer yet.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// Order to do what was planned.
#[derive(Debug)]
pub struct ApplyRequest {
    /// Resource type.
    pub type_name: String,
    /// State now; null to create.
    pub prior_state: Value,
    /// State after; null to destroy.
    pub planned_state: Value,
    /// What the user wrote, write-only values included.
    pub config: Value,
    /// The provider's own notes.
    pub private: Vec<u8>,
    /// Identity, where the client keeps one.
    pub identity: Option<Value>,
}

/// What was done; on error as far as it went.
#[derive(Debug)]
pub struct ApplyResponse {
    /// State now.
    pub state: Value,
    /// The provider's own notes.
    pub private: Vec<u8>,
    /// Identity.
    pub identity: Option<Value>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// Import of an object that exists.
#[derive(Debug)]
pub struct ImportRequest {
    /// Resource type.
    pub type_name: String,
    /// What the user named it by; empty when the identity is given.
    pub id: String,
    /// Identity given instead of the ID.
    pub identity: Option<Value>,
    /// Whether the client takes a [`Deferred`] answer.
    pub deferral_allowed: bool,
}

/// Imported object.
#[derive(Debug)]
pub struct ImportResponse {
    /// State, or none on error.
    pub state: Option<Value>,
    /// The provider's own notes.
    pub private: Vec<u8>,
    /// Identity.
    pub identity: Option<Value>,
    /// Why there is no answer yet.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// State of another resource type, to be taken over by one of ours.
#[derive(Debug)]
pub struct MoveRequest {
    /// Provider that wrote the state.
    pub source_provider_address: String,
    /// Its resource type.
    pub source_type_name: String,
    /// Version of its shape.
    pub source_schema_version: i64,
    /// The stored object.
    pub source_state: serde_json::Value,
    /// Our resource type.
    pub target_type_name: String,
}

/// Moved state.
#[derive(Debug)]
pub struct MoveResponse {
    /// State in our shape, null on error.
    pub state: Value,
    /// The provider's own notes.
    pub private: Vec<u8>,
    /// Identity.
    pub identity: Option<Value>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// Read of a data source.
#[derive(Debug)]
pub struct ReadDataRequest {
    /// Data source type.
    pub type_name: String,
    /// What the user wrote.
    pub config: Value,
    /// Whether the client takes a [`Deferred`] answer.
    pub deferral_allowed: bool,
}

/// Answer of a data source.
#[derive(Debug)]
pub struct ReadDataResponse {
    /// Configuration together with what was read.
    pub state: Value,
    /// Why there is no answer yet.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// Opening, renewal or closing of an ephemeral resource.
#[derive(Debug)]
pub struct EphemeralRequest {
    /// Ephemeral resource type.
    pub type_name: String,
    /// What the user wrote; null except when opening.
    pub config: Value,
    /// The provider's own notes; empty when opening.
    pub private: Vec<u8>,
    /// Whether the client takes a [`Deferred`] answer.
    pub deferral_allowed: bool,
}

/// An open ephemeral resource.
#[derive(Debug)]
pub struct EphemeralResponse {
    /// What the configuration may use, null except when opening.
    pub result: Value,
    /// The provider's own notes.
    pub private: Vec<u8>,
    /// When it must be renewed.
    pub renew_at: Option<time::OffsetDateTime>,
    /// Why there is no answer yet.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// A provider without its types. One method per question that Terraform asks.
pub trait Provider: Send + Sync + 'static {
    /// Everything on offer; made at the first call.
    fn schemas(&self) -> &Schemas;

    /// Checks a provider block, which may hold unknown values.
    fn validate_provider(&self, config: Value) -> Diagnostics;

    /// Takes the provider block.
    fn configure(&self, request: ConfigureRequest) -> BoxFuture<'_, Diagnostics>;

    /// Checks a resource's configuration, which may hold unknown values.
    fn validate_resource(&self, type_name: &str, config: Value) -> Diagnostics;

    /// Checks a data source's configuration, which may hold unknown values.
    fn validate_data_source(&self, type_name: &str, config: Value) -> Diagnostics;

    /// Checks an ephemeral resource's configuration, which may hold unknown values.
    fn validate_ephemeral(&self, type_name: &str, config: Value) -> Diagnostics;

    /// Brings stored state into the current shape.
    fn upgrade(&self, request: UpgradeRequest) -> BoxFuture<'_, UpgradeResponse>;

    /// Refreshes a resource.
    fn read(&self, request: ReadRequest) -> BoxFuture<'_, ReadResponse>;

    /// Plans a change of a resource.
    fn plan(&self, request: PlanRequest) -> BoxFuture<'_, PlanResponse>;

    /// Creates, updates or deletes a resource.
    fn apply(&self, request: ApplyRequest) -> BoxFuture<'_, ApplyResponse>;

    /// Imports an object.
    fn import(&self, request: ImportRequest) -> BoxFuture<'_, ImportResponse>;

    /// Takes over the state of another resource type.
    fn move_state(&self, request: MoveRequest) -> BoxFuture<'_, MoveResponse>;

    /// Reads a data source.
    fn read_data(&self, request: ReadDataRequest) -> BoxFuture<'_, ReadDataResponse>;

    /// Opens an ephemeral resource.
    fn open_ephemeral(&self, request: EphemeralRequest) -> BoxFuture<'_, EphemeralResponse>;

    /// Renews an ephemeral resource.
    fn renew_ephemeral(&self, request: EphemeralRequest) -> BoxFuture<'_, EphemeralResponse>;

    /// Closes an ephemeral resource.
    fn close_ephemeral(&self, request: EphemeralRequest) -> BoxFuture<'_, Diagnostics>;

    /// Calls a function; arguments are in the order of its parameters, variadic ones last.
    fn call_function(&self, name: &str, arguments: Vec<Value>) -> Result<Value, FunctionError>;

    /// Cancels every call under way; calls that begin later are not cancelled.
    fn stop(&self);
}
