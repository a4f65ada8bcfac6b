//! The provider as the wire sees it: names and values instead of types.
//!
//! This is the only place with `dyn` and boxed futures. Two layers are erased: [`Provider`] is what the
//! wire asks, and [`Resource`] and its kin are what one entry of the catalog answers; the planning and
//! applying between them works on values and schemas alone. A request holds values already decoded by
//! the schema, an answer holds values to be encoded by it; unknown type names never reach this trait's
//! methods, because without a schema there is no value.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::context::Cx;
use super::diagnostic::{Diagnostics, Result};
use super::function::{FunctionError, Signature};
use super::import::ImportId;
use super::page::Page;
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

impl IdentitySchema {
    /// Whether nothing names an object of the resource.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }
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
#[derive(Clone, Debug)]
pub struct ConfigureRequest {
    /// Version of the calling Terraform.
    pub terraform_version: String,
    /// The provider block.
    pub config: Value,
}

/// State as Terraform stored it, possibly by an older version of the provider.
#[derive(Clone, Debug)]
pub struct UpgradeRequest {
    /// Resource type.
    pub type_name: String,
    /// Version of the stored shape.
    pub version: i64,
    /// The stored object.
    pub state: serde_json::Value,
}

/// State in the current shape.
#[derive(Clone, Debug)]
pub struct UpgradeResponse {
    /// The object, null on error.
    pub state: Value,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// Refresh of a resource.
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
pub struct ReadDataRequest {
    /// Data source type.
    pub type_name: String,
    /// What the user wrote.
    pub config: Value,
    /// Whether the client takes a [`Deferred`] answer.
    pub deferral_allowed: bool,
}

/// Answer of a data source.
#[derive(Clone, Debug)]
pub struct ReadDataResponse {
    /// Configuration together with what was read.
    pub state: Value,
    /// Why there is no answer yet.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// Opening, renewal or closing of an ephemeral resource.
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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

/// A change about to be planned.
#[derive(Debug)]
pub struct ErasedChange<'a> {
    /// State now; `None` to create.
    pub prior: Option<&'a Value>,
    /// What the user wrote.
    pub config: &'a Value,
    /// The plan as the schema's rules make it.
    pub planned: Value,
    /// Attributes whose change means a new object by the schema's rules.
    pub requires_replace: BTreeSet<Path>,
}

/// A plan after the resource has had its say.
#[derive(Debug)]
pub struct Planned {
    /// State after the apply as far as it is known.
    pub state: Value,
    /// Attributes whose change means a new object.
    pub requires_replace: BTreeSet<Path>,
}

/// A resource without its types. `C` is what configuring the provider made.
pub trait Resource<C>: Send + Sync + 'static {
    /// Name without the provider's.
    fn name(&self) -> &'static str;

    /// What the page says beyond the schema.
    fn page(&self) -> &'static Page;

    /// What the user writes and reads.
    fn schema(&self) -> Schema;

    /// Finds everything wrong with a configuration, as far as it is known.
    fn check(&self, config: &Value) -> Diagnostics;

    /// Adjusts the plan of a creation or an update.
    fn plan<'a>(
        &'a self,
        client: C,
        cx: &'a Cx,
        change: ErasedChange<'a>,
    ) -> BoxFuture<'a, Result<Planned, Diagnostics>>;

    /// Warns of, or refuses, a deletion.
    fn plan_destroy<'a>(
        &'a self,
        client: C,
        cx: &'a Cx,
        state: &'a Value,
    ) -> BoxFuture<'a, Result<(), Diagnostics>>;

    /// Creates the object.
    fn create<'a>(
        &'a self,
        client: C,
        cx: &'a Cx,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>>;

    /// Looks at the object; `None` when it is gone.
    fn read<'a>(
        &'a self,
        client: C,
        cx: &'a Cx,
        state: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Value>, Diagnostics>>;

    /// Changes the object.
    fn update<'a>(
        &'a self,
        client: C,
        cx: &'a Cx,
        prior: &'a Value,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>>;

    /// Deletes the object.
    fn delete<'a>(
        &'a self,
        client: C,
        cx: &'a Cx,
        state: &'a Value,
    ) -> BoxFuture<'a, Result<(), Diagnostics>>;

    /// Finds an object that exists.
    fn import<'a>(
        &'a self,
        client: C,
        cx: &'a Cx,
        id: ImportId,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>>;

    /// Brings an older shape of the state into the current one.
    fn upgrade(&self, version: i64, state: serde_json::Value) -> Result<Value, Diagnostics>;

    /// Takes over the state of another resource type; `None` when it does not know that type.
    fn move_state(&self, source: &MoveRequest) -> Result<Option<Value>, Diagnostics>;
}

/// A data source without its types.
pub trait DataSource<C>: Send + Sync + 'static {
    /// Name without the provider's.
    fn name(&self) -> &'static str;

    /// What the page says beyond the schema.
    fn page(&self) -> &'static Page;

    /// What the user writes and reads.
    fn schema(&self) -> Schema;

    /// Finds everything wrong with a configuration, as far as it is known.
    fn check(&self, config: &Value) -> Diagnostics;

    /// Reads.
    fn read<'a>(
        &'a self,
        client: C,
        cx: &'a Cx,
        config: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>>;
}

/// What opening or renewing an ephemeral resource gives.
#[derive(Debug)]
pub struct ErasedOpen {
    /// What the configuration may use; null after a renewal.
    pub result: Value,
    /// When it must be renewed.
    pub renew_at: Option<time::OffsetDateTime>,
}

/// An ephemeral resource without its types. What it must remember between its calls is in the
/// context's private notes.
pub trait Ephemeral<C>: Send + Sync + 'static {
    /// Name without the provider's.
    fn name(&self) -> &'static str;

    /// What the page says beyond the schema.
    fn page(&self) -> &'static Page;

    /// What the user writes and reads.
    fn schema(&self) -> Schema;

    /// Finds everything wrong with a configuration, as far as it is known.
    fn check(&self, config: &Value) -> Diagnostics;

    /// Opens.
    fn open<'a>(
        &'a self,
        client: C,
        cx: &'a Cx,
        config: &'a Value,
    ) -> BoxFuture<'a, Result<ErasedOpen, Diagnostics>>;

    /// Renews.
    fn renew<'a>(&'a self, client: C, cx: &'a Cx)
    -> BoxFuture<'a, Result<ErasedOpen, Diagnostics>>;

    /// Closes.
    fn close<'a>(&'a self, client: C, cx: &'a Cx) -> BoxFuture<'a, Result<(), Diagnostics>>;
}

/// A function without its types.
pub trait Function: Send + Sync + 'static {
    /// Name without the provider's.
    fn name(&self) -> &'static str;

    /// Parameters, result and page.
    fn signature(&self) -> Signature;

    /// Computes the result; no I/O, the same for the same arguments.
    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}
