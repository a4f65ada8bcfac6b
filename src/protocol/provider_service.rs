//! Terraform's questions, one method each: find the schema, read the values, ask the provider, write
//! the answer.
//!
//! Every call runs in a task of its own. A panic in it is caught there and answered as a diagnostic,
//! and a connection that breaks does not drop a call half-way through a change of something real.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tonic::{Request, Response, Status};
use tracing::Span;
use tracing::field::Empty;

use super::REGISTRY_ADDRESS;
use super::dynamic_value::{from_wire, to_wire};
use super::messages;
use super::wire::tfplugin6 as wire;
use super::wire::tfplugin6::provider_server as server;
use crate::framework::detached::Unfinished;
use crate::framework::erased::{
    ApplyRequest, ConfigureRequest, EphemeralRequest, IdentitySchema, ImportRequest, MoveRequest,
    PlanRequest, Provider, ReadDataRequest, ReadRequest, ResourceSchema, Schemas, UpgradeRequest,
};
use crate::framework::function::{FunctionError, Signature};
use crate::framework::schema::Schema;
use crate::framework::{Diagnostic, Path, Result, Value, detached, json};

/// The provider behind the wire.
#[derive(Clone)]
pub(super) struct ProviderService {
    provider: Arc<dyn Provider>,
    calls: Arc<AtomicU64>,
}

type Answer<T> = std::result::Result<Response<T>, Status>;

impl ProviderService {
    pub(super) fn new(provider: Arc<dyn Provider>) -> Self {
        Self {
            provider,
            calls: Arc::default(),
        }
    }

    /// Begins one call.
    fn call(&self, rpc: &'static str, subject: Subject<'_>) -> Call {
        Call {
            rpc,
            provider: Arc::clone(&self.provider),
            span: self.span(rpc, subject),
            began: Instant::now(),
        }
    }

    /// What every log line of the call carries, under the names that tools know.
    fn span(&self, rpc: &'static str, subject: Subject<'_>) -> Span {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let span = tracing::error_span!(
            "call",
            tf_rpc = rpc,
            tf_req_id = format!("{:x}-{call:x}", std::process::id()),
            tf_provider_addr = REGISTRY_ADDRESS,
            tf_resource_type = Empty,
            tf_data_source_type = Empty,
            tf_ephemeral_resource_type = Empty,
            tf_function_name = Empty,
        );
        match subject {
            Subject::Provider => &span,
            Subject::Resource(name) => span.record("tf_resource_type", name),
            Subject::DataSource(name) => span.record("tf_data_source_type", name),
            Subject::Ephemeral(name) => span.record("tf_ephemeral_resource_type", name),
            Subject::Function(name) => span.record("tf_function_name", name),
        };
        span
    }
}

/// One call on its way.
struct Call {
    rpc: &'static str,
    provider: Arc<dyn Provider>,
    span: Span,
    began: Instant,
}

impl Call {
    /// Runs the work to its end and answers, whatever happens in it.
    async fn answer<T, F>(self, work: impl FnOnce(Arc<dyn Provider>) -> F) -> Answer<T>
    where
        T: Refusable + Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let work = self.span.in_scope(|| detached(work(self.provider)));
        let answer = match work.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(refusal)) => T::refused(refusal),
            Err(Unfinished::Aborted) => {
                return Err(Status::cancelled("the provider is ending"));
            }
            Err(panicked) => T::refused(Diagnostic::bug(format!(
                "The provider panicked while it answered {}: {panicked}",
                self.rpc
            ))),
        };
        self.span.in_scope(|| {
            answer.log();
            let elapsed = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(tf_req_duration_ms = elapsed, "Request served");
        });
        Ok(Response::new(answer))
    }
}

/// What a call is about.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Provider,
    Resource(&'a str),
    DataSource(&'a str),
    Ephemeral(&'a str),
    Function(&'a str),
}

/// An answer that can say no.
trait Refusable {
    fn refused(why: Diagnostic) -> Self;
    fn log(&self);
}

macro_rules! refusable {
    ($($message:ident),+ $(,)?) => {$(
        impl Refusable for wire::$message::Response {
            fn refused(why: Diagnostic) -> Self {
                let mut answer = Self::default();
                answer.diagnostics.push(messages::diagnostic(why));
                answer
            }

            fn log(&self) {
                self.diagnostics.iter().for_each(log_diagnostic);
            }
        }
    )+};
}

refusable!(
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    get_functions,
    validate_provider_config,
    configure_provider,
    validate_resource_config,
    upgrade_resource_state,
    upgrade_resource_identity,
    read_resource,
    plan_resource_change,
    apply_resource_change,
    import_resource_state,
    move_resource_state,
    validate_data_resource_config,
    read_data_source,
    validate_ephemeral_resource_config,
    open_ephemeral_resource,
    renew_ephemeral_resource,
    close_ephemeral_resource,
);

impl Refusable for wire::call_function::Response {
    fn refused(why: Diagnostic) -> Self {
        let text = format!("{}: {}", why.summary, why.detail);
        Self {
            result: None,
            error: Some(messages::function_error(FunctionError {
                text,
                argument: None,
            })),
        }
    }

    fn log(&self) {
        if let Some(error) = &self.error {
            tracing::debug!(error = error.text, "Function failed");
        }
    }
}

fn log_diagnostic(diagnostic: &wire::Diagnostic) {
    if diagnostic.severity() == wire::diagnostic::Severity::Error {
        tracing::error!(
            diagnostic_severity = "ERROR",
            diagnostic_summary = diagnostic.summary,
            diagnostic_detail = diagnostic.detail,
            "Response contains error diagnostic"
        );
    } else {
        tracing::warn!(
            diagnostic_severity = "WARNING",
            diagnostic_summary = diagnostic.summary,
            diagnostic_detail = diagnostic.detail,
            "Response contains warning diagnostic"
        );
    }
}

fn resource<'a>(schemas: &'a Schemas, name: &str) -> Result<&'a ResourceSchema> {
    let found = schemas.resources.get(name);
    found.ok_or_else(|| not_offered("resource type", name))
}

fn data_source<'a>(schemas: &'a Schemas, name: &str) -> Result<&'a Schema> {
    let found = schemas.data_sources.get(name).map(Arc::as_ref);
    found.ok_or_else(|| not_offered("data source", name))
}

fn ephemeral<'a>(schemas: &'a Schemas, name: &str) -> Result<&'a Schema> {
    let found = schemas.ephemerals.get(name).map(Arc::as_ref);
    found.ok_or_else(|| not_offered("ephemeral resource type", name))
}

fn not_offered(kind: &str, name: &str) -> Diagnostic {
    Diagnostic::error(format!("No such {kind}")).detail(format!(
        "This version of the provider has no {kind} named {name}. Use a version that has it, or \
         correct the name."
    ))
}

fn read_identity(
    data: Option<&wire::ResourceIdentityData>,
    identity: &IdentitySchema,
) -> Result<Option<Value>> {
    let Some(data) = data.and_then(|data| data.identity_data.as_ref()) else {
        return Ok(None);
    };
    let value = from_wire(Some(data), &identity.value_type)?;
    Ok((!value.is_null()).then_some(value))
}

fn write_identity(
    value: Option<&Value>,
    identity: &IdentitySchema,
) -> Result<Option<wire::ResourceIdentityData>> {
    let data = value
        .map(|value| to_wire(value, &identity.value_type))
        .transpose()?;
    Ok(data.map(|data| wire::ResourceIdentityData {
        identity_data: Some(data),
    }))
}

fn stored(raw: Option<&wire::RawState>) -> Result<serde_json::Value> {
    let refused = |detail: &str| Diagnostic::error("Stored state not readable").detail(detail);
    let raw = raw.ok_or_else(|| refused("Terraform sent none."))?;
    if raw.json.is_empty() && !raw.flatmap.is_empty() {
        return Err(refused(
            "It was written by Terraform 0.11 or older. Run terraform refresh with a version of \
             Terraform between 0.12 and 1.0 first.",
        ));
    }
    serde_json::from_slice(&raw.json).map_err(|error| refused(&format!("It is not JSON: {error}.")))
}

fn may_defer(capabilities: Option<&wire::ClientCapabilities>) -> bool {
    capabilities.is_some_and(|capabilities| capabilities.deferral_allowed)
}

#[tonic::async_trait]
impl server::Provider for ProviderService {
    async fn get_metadata(
        &self,
        _: Request<wire::get_metadata::Request>,
    ) -> Answer<wire::get_metadata::Response> {
        self.call("GetMetadata", Subject::Provider)
            .answer(|provider| async move { Ok(messages::metadata(provider.schemas())) })
            .await
    }

    async fn get_provider_schema(
        &self,
        _: Request<wire::get_provider_schema::Request>,
    ) -> Answer<wire::get_provider_schema::Response> {
        self.call("GetProviderSchema", Subject::Provider)
            .answer(|provider| async move { Ok(messages::provider_schema(provider.schemas())) })
            .await
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<wire::get_resource_identity_schemas::Request>,
    ) -> Answer<wire::get_resource_identity_schemas::Response> {
        self.call("GetResourceIdentitySchemas", Subject::Provider)
            .answer(|provider| async move {
                // A resource that keeps many objects names none of them, and has no identity.
                let resources = provider.schemas().resources.iter();
                let named = resources.filter(|(_, resource)| !resource.identity.is_empty());
                Ok(wire::get_resource_identity_schemas::Response {
                    identity_schemas: named
                        .map(|(name, resource)| {
                            (
                                name.to_string(),
                                messages::identity_schema(&resource.identity),
                            )
                        })
                        .collect(),
                    diagnostics: Vec::new(),
                })
            })
            .await
    }

    async fn get_functions(
        &self,
        _: Request<wire::get_functions::Request>,
    ) -> Answer<wire::get_functions::Response> {
        self.call("GetFunctions", Subject::Provider)
            .answer(|provider| async move {
                Ok(wire::get_functions::Response {
                    functions: messages::functions(provider.schemas()),
                    diagnostics: Vec::new(),
                })
            })
            .await
    }

    async fn validate_provider_config(
        &self,
        request: Request<wire::validate_provider_config::Request>,
    ) -> Answer<wire::validate_provider_config::Response> {
        let request = request.into_inner();
        self.call("ValidateProviderConfig", Subject::Provider)
            .answer(|provider| async move {
                let type_ = provider.schemas().provider.value_type();
                let config = from_wire(request.config.as_ref(), type_)?;
                Ok(wire::validate_provider_config::Response {
                    diagnostics: messages::diagnostics(provider.validate_provider(config)),
                })
            })
            .await
    }

    async fn configure_provider(
        &self,
        request: Request<wire::configure_provider::Request>,
    ) -> Answer<wire::configure_provider::Response> {
        let request = request.into_inner();
        self.call("ConfigureProvider", Subject::Provider)
            .answer(|provider| async move {
                let type_ = provider.schemas().provider.value_type();
                let configured = provider
                    .configure(ConfigureRequest {
                        terraform_version: request.terraform_version,
                        config: from_wire(request.config.as_ref(), type_)?,
                    })
                    .await;
                Ok(wire::configure_provider::Response {
                    diagnostics: messages::diagnostics(configured),
                })
            })
            .await
    }

    async fn stop_provider(
        &self,
        _: Request<wire::stop_provider::Request>,
    ) -> Answer<wire::stop_provider::Response> {
        tracing::info!("Terraform asks for all calls to end");
        self.provider.stop();
        Ok(Response::new(wire::stop_provider::Response::default()))
    }

    async fn validate_resource_config(
        &self,
        request: Request<wire::validate_resource_config::Request>,
    ) -> Answer<wire::validate_resource_config::Response> {
        let request = request.into_inner();
        self.call(
            "ValidateResourceConfig",
            Subject::Resource(&request.type_name),
        )
        .answer(|provider| async move {
            let name = request.type_name;
            let type_ = resource(provider.schemas(), &name)?.schema.value_type();
            let config = from_wire(request.config.as_ref(), type_)?;
            Ok(wire::validate_resource_config::Response {
                diagnostics: messages::diagnostics(provider.validate_resource(&name, config)),
            })
        })
        .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::upgrade_resource_state::Request>,
    ) -> Answer<wire::upgrade_resource_state::Response> {
        let request = request.into_inner();
        self.call(
            "UpgradeResourceState",
            Subject::Resource(&request.type_name),
        )
        .answer(|provider| async move {
            let name = request.type_name;
            let type_ = resource(provider.schemas(), &name)?.schema.value_type();
            let upgraded = provider
                .upgrade(UpgradeRequest {
                    type_name: name,
                    version: request.version,
                    state: stored(request.raw_state.as_ref())?,
                })
                .await;
            Ok(wire::upgrade_resource_state::Response {
                upgraded_state: Some(to_wire(&upgraded.state, type_)?),
                diagnostics: messages::diagnostics(upgraded.diagnostics),
            })
        })
        .await
    }

    /// An identity never changes its meaning, so an older one is read as far as it fits.
    async fn upgrade_resource_identity(
        &self,
        request: Request<wire::upgrade_resource_identity::Request>,
    ) -> Answer<wire::upgrade_resource_identity::Response> {
        let request = request.into_inner();
        self.call(
            "UpgradeResourceIdentity",
            Subject::Resource(&request.type_name),
        )
        .answer(|provider| async move {
            let name = request.type_name;
            let identity = &resource(provider.schemas(), &name)?.identity;
            let raw = stored(request.raw_identity.as_ref())?;
            let value = json::decode_stored(&raw, &identity.value_type)?;
            Ok(wire::upgrade_resource_identity::Response {
                upgraded_identity: write_identity(Some(&value), identity)?,
                diagnostics: Vec::new(),
            })
        })
        .await
    }

    async fn read_resource(
        &self,
        request: Request<wire::read_resource::Request>,
    ) -> Answer<wire::read_resource::Response> {
        let request = request.into_inner();
        self.call("ReadResource", Subject::Resource(&request.type_name))
            .answer(|provider| async move {
                let name = request.type_name;
                let ResourceSchema { schema, identity } = resource(provider.schemas(), &name)?;
                let read = provider
                    .read(ReadRequest {
                        state: from_wire(request.current_state.as_ref(), schema.value_type())?,
                        private: request.private.into(),
                        identity: read_identity(request.current_identity.as_ref(), identity)?,
                        deferral_allowed: may_defer(request.client_capabilities.as_ref()),
                        type_name: name,
                    })
                    .await;
                Ok(wire::read_resource::Response {
                    new_state: Some(to_wire(&read.state, schema.value_type())?),
                    diagnostics: messages::diagnostics(read.diagnostics),
                    private: read.private.into(),
                    deferred: read.deferred.map(messages::deferred),
                    new_identity: write_identity(read.identity.as_ref(), identity)?,
                })
            })
            .await
    }

    async fn plan_resource_change(
        &self,
        request: Request<wire::plan_resource_change::Request>,
    ) -> Answer<wire::plan_resource_change::Response> {
        let request = request.into_inner();
        self.call("PlanResourceChange", Subject::Resource(&request.type_name))
            .answer(|provider| async move {
                let name = request.type_name;
                let ResourceSchema { schema, identity } = resource(provider.schemas(), &name)?;
                let type_ = schema.value_type();
                let planned = provider
                    .plan(PlanRequest {
                        prior_state: from_wire(request.prior_state.as_ref(), type_)?,
                        proposed_new_state: from_wire(request.proposed_new_state.as_ref(), type_)?,
                        config: from_wire(request.config.as_ref(), type_)?,
                        private: request.prior_private.into(),
                        identity: read_identity(request.prior_identity.as_ref(), identity)?,
                        deferral_allowed: may_defer(request.client_capabilities.as_ref()),
                        type_name: name,
                    })
                    .await;
                let replaced = planned.requires_replace.iter();
                Ok(wire::plan_resource_change::Response {
                    planned_state: Some(to_wire(&planned.planned_state, type_)?),
                    requires_replace: replaced.map(messages::attribute_path).collect(),
                    planned_private: planned.private.into(),
                    diagnostics: messages::diagnostics(planned.diagnostics),
                    legacy_type_system: false,
                    deferred: planned.deferred.map(messages::deferred),
                    planned_identity: write_identity(planned.identity.as_ref(), identity)?,
                })
            })
            .await
    }

    /// Terraform takes an answer without state for "gone" and forgets the object, also beside an error.
    /// A call that could not answer therefore gives the state back as it was.
    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> Answer<wire::apply_resource_change::Response> {
        let request = request.into_inner();
        let before = (request.prior_state.clone(), request.planned_private.clone());
        let mut answer = self
            .call("ApplyResourceChange", Subject::Resource(&request.type_name))
            .answer(|provider| async move {
                let name = request.type_name;
                let ResourceSchema { schema, identity } = resource(provider.schemas(), &name)?;
                let type_ = schema.value_type();
                let applied = provider
                    .apply(ApplyRequest {
                        prior_state: from_wire(request.prior_state.as_ref(), type_)?,
                        planned_state: from_wire(request.planned_state.as_ref(), type_)?,
                        config: from_wire(request.config.as_ref(), type_)?,
                        private: request.planned_private.into(),
                        identity: read_identity(request.planned_identity.as_ref(), identity)?,
                        type_name: name,
                    })
                    .await;
                Ok(wire::apply_resource_change::Response {
                    new_state: Some(to_wire(&applied.state, type_)?),
                    private: applied.private.into(),
                    diagnostics: messages::diagnostics(applied.diagnostics),
                    legacy_type_system: false,
                    new_identity: write_identity(applied.identity.as_ref(), identity)?,
                })
            })
            .await?;
        let applied = answer.get_mut();
        if applied.new_state.is_none() {
            (applied.new_state, applied.private) = before;
        }
        Ok(answer)
    }

    async fn import_resource_state(
        &self,
        request: Request<wire::import_resource_state::Request>,
    ) -> Answer<wire::import_resource_state::Response> {
        let request = request.into_inner();
        self.call("ImportResourceState", Subject::Resource(&request.type_name))
            .answer(|provider| async move {
                let name = request.type_name;
                let ResourceSchema { schema, identity } = resource(provider.schemas(), &name)?;
                let imported = provider
                    .import(ImportRequest {
                        type_name: name.clone(),
                        id: request.id,
                        identity: read_identity(request.identity.as_ref(), identity)?,
                        deferral_allowed: may_defer(request.client_capabilities.as_ref()),
                    })
                    .await;
                let mut resources = Vec::new();
                if let Some(state) = &imported.state {
                    resources.push(wire::import_resource_state::ImportedResource {
                        type_name: name,
                        state: Some(to_wire(state, schema.value_type())?),
                        private: imported.private.into(),
                        identity: write_identity(imported.identity.as_ref(), identity)?,
                    });
                }
                Ok(wire::import_resource_state::Response {
                    imported_resources: resources,
                    diagnostics: messages::diagnostics(imported.diagnostics),
                    deferred: imported.deferred.map(messages::deferred),
                })
            })
            .await
    }

    async fn move_resource_state(
        &self,
        request: Request<wire::move_resource_state::Request>,
    ) -> Answer<wire::move_resource_state::Response> {
        let request = request.into_inner();
        self.call(
            "MoveResourceState",
            Subject::Resource(&request.target_type_name),
        )
        .answer(|provider| async move {
            let name = request.target_type_name;
            let ResourceSchema { schema, identity } = resource(provider.schemas(), &name)?;
            let moved = provider
                .move_state(MoveRequest {
                    source_provider_address: request.source_provider_address,
                    source_type_name: request.source_type_name,
                    source_schema_version: request.source_schema_version,
                    source_state: stored(request.source_state.as_ref())?,
                    target_type_name: name,
                })
                .await;
            Ok(wire::move_resource_state::Response {
                target_state: Some(to_wire(&moved.state, schema.value_type())?),
                diagnostics: messages::diagnostics(moved.diagnostics),
                target_private: moved.private.into(),
                target_identity: write_identity(moved.identity.as_ref(), identity)?,
            })
        })
        .await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<wire::validate_data_resource_config::Request>,
    ) -> Answer<wire::validate_data_resource_config::Response> {
        let request = request.into_inner();
        self.call(
            "ValidateDataResourceConfig",
            Subject::DataSource(&request.type_name),
        )
        .answer(|provider| async move {
            let name = request.type_name;
            let type_ = data_source(provider.schemas(), &name)?.value_type();
            let config = from_wire(request.config.as_ref(), type_)?;
            Ok(wire::validate_data_resource_config::Response {
                diagnostics: messages::diagnostics(provider.validate_data_source(&name, config)),
            })
        })
        .await
    }

    async fn read_data_source(
        &self,
        request: Request<wire::read_data_source::Request>,
    ) -> Answer<wire::read_data_source::Response> {
        let request = request.into_inner();
        self.call("ReadDataSource", Subject::DataSource(&request.type_name))
            .answer(|provider| async move {
                let name = request.type_name;
                let type_ = data_source(provider.schemas(), &name)?.value_type();
                let read = provider
                    .read_data(ReadDataRequest {
                        type_name: name,
                        config: from_wire(request.config.as_ref(), type_)?,
                        deferral_allowed: may_defer(request.client_capabilities.as_ref()),
                    })
                    .await;
                Ok(wire::read_data_source::Response {
                    state: Some(to_wire(&read.state, type_)?),
                    diagnostics: messages::diagnostics(read.diagnostics),
                    deferred: read.deferred.map(messages::deferred),
                })
            })
            .await
    }

    async fn call_function(
        &self,
        request: Request<wire::call_function::Request>,
    ) -> Answer<wire::call_function::Response> {
        let request = request.into_inner();
        self.call("CallFunction", Subject::Function(&request.name))
            .answer(|provider| async move {
                let name = request.name;
                let signature = provider.schemas().functions.get(name.as_str());
                let signature = signature.ok_or_else(|| not_offered("function", &name))?;
                let called = read_arguments(&request.arguments, signature)
                    .and_then(|arguments| provider.call_function(&name, arguments));
                Ok(match called {
                    Ok(result) => wire::call_function::Response {
                        result: Some(to_wire(&result, &signature.returns)?),
                        error: None,
                    },
                    Err(error) => wire::call_function::Response {
                        result: None,
                        error: Some(messages::function_error(error)),
                    },
                })
            })
            .await
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<wire::validate_ephemeral_resource_config::Request>,
    ) -> Answer<wire::validate_ephemeral_resource_config::Response> {
        let request = request.into_inner();
        self.call(
            "ValidateEphemeralResourceConfig",
            Subject::Ephemeral(&request.type_name),
        )
        .answer(|provider| async move {
            let name = request.type_name;
            let type_ = ephemeral(provider.schemas(), &name)?.value_type();
            let config = from_wire(request.config.as_ref(), type_)?;
            Ok(wire::validate_ephemeral_resource_config::Response {
                diagnostics: messages::diagnostics(provider.validate_ephemeral(&name, config)),
            })
        })
        .await
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<wire::open_ephemeral_resource::Request>,
    ) -> Answer<wire::open_ephemeral_resource::Response> {
        let request = request.into_inner();
        self.call(
            "OpenEphemeralResource",
            Subject::Ephemeral(&request.type_name),
        )
        .answer(|provider| async move {
            let name = request.type_name;
            let type_ = ephemeral(provider.schemas(), &name)?.value_type();
            let opened = provider
                .open_ephemeral(EphemeralRequest {
                    type_name: name,
                    config: from_wire(request.config.as_ref(), type_)?,
                    private: Vec::new(),
                    deferral_allowed: may_defer(request.client_capabilities.as_ref()),
                })
                .await;
            Ok(wire::open_ephemeral_resource::Response {
                result: Some(to_wire(&opened.result, type_)?),
                diagnostics: messages::diagnostics(opened.diagnostics),
                renew_at: opened.renew_at.map(messages::timestamp),
                private: Some(opened.private.into()),
                deferred: opened.deferred.map(messages::deferred),
            })
        })
        .await
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<wire::renew_ephemeral_resource::Request>,
    ) -> Answer<wire::renew_ephemeral_resource::Response> {
        let request = request.into_inner();
        self.call(
            "RenewEphemeralResource",
            Subject::Ephemeral(&request.type_name),
        )
        .answer(|provider| async move {
            let name = request.type_name;
            ephemeral(provider.schemas(), &name)?;
            let renewed = provider
                .renew_ephemeral(opened(name, request.private))
                .await;
            Ok(wire::renew_ephemeral_resource::Response {
                diagnostics: messages::diagnostics(renewed.diagnostics),
                renew_at: renewed.renew_at.map(messages::timestamp),
                private: Some(renewed.private.into()),
            })
        })
        .await
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<wire::close_ephemeral_resource::Request>,
    ) -> Answer<wire::close_ephemeral_resource::Response> {
        let request = request.into_inner();
        self.call(
            "CloseEphemeralResource",
            Subject::Ephemeral(&request.type_name),
        )
        .answer(|provider| async move {
            let name = request.type_name;
            ephemeral(provider.schemas(), &name)?;
            let closed = provider
                .close_ephemeral(opened(name, request.private))
                .await;
            Ok(wire::close_ephemeral_resource::Response {
                diagnostics: messages::diagnostics(closed),
            })
        })
        .await
    }
}

/// Renewal and closing know an open resource by its notes alone.
fn opened(type_name: String, private: Option<prost::bytes::Bytes>) -> EphemeralRequest {
    EphemeralRequest {
        type_name,
        config: Value::Null,
        private: private.unwrap_or_default().into(),
        deferral_allowed: false,
    }
}

/// Each argument by the type of its parameter; what is beyond the last belongs to the variadic one.
fn read_arguments(
    arguments: &[wire::DynamicValue],
    signature: &Signature,
) -> std::result::Result<Vec<Value>, FunctionError> {
    let expected = signature.parameters.len();
    let superfluous = arguments.len() > expected && signature.variadic.is_none();
    if arguments.len() < expected || superfluous {
        let text = format!(
            "{expected} arguments are expected, not {}.",
            arguments.len()
        );
        return Err(FunctionError {
            text,
            argument: None,
        });
    }
    let parameters = signature.parameters.iter();
    let parameters = parameters.chain(signature.variadic.iter().cycle());
    arguments
        .iter()
        .zip(parameters)
        .enumerate()
        .map(|(position, (argument, parameter))| {
            from_wire(Some(argument), &parameter.type_).map_err(|why| FunctionError {
                text: format!("{}: {}", located(&why.path, &parameter.name), why.detail),
                argument: Some(position),
            })
        })
        .collect()
}

fn located(path: &Path, parameter: &str) -> String {
    if path.is_root() {
        parameter.to_owned()
    } else {
        format!("{parameter}, at {path}")
    }
}
