//! The server that answers Terraform's questions for a provider.
//!
//! Each method finds the entry of the catalog, gives it a context, and keeps what Terraform already knows
//! of an object whatever happens in between, a panic included.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use futures_util::future::{BoxFuture, FutureExt};
use tokio_util::sync::CancellationToken;

use super::context::{Clock, Cx};
use super::detached::Unfinished;
use super::diagnostic::{Diagnostic, Diagnostics, Result};
use super::erased::{
    self, ApplyRequest, ApplyResponse, ConfigureRequest, Deferred, EphemeralRequest,
    EphemeralResponse, ImportRequest, ImportResponse, MoveRequest, MoveResponse, PlanRequest,
    PlanResponse, Provider as _, ReadDataRequest, ReadDataResponse, ReadRequest, ReadResponse,
    ResourceSchema, Schemas, UpgradeRequest, UpgradeResponse,
};
use super::function::FunctionError;
use super::model::{self, Model};
use super::provider::{Catalog, Provider};
use super::schema::Schema;
use super::value::Value;
use super::{apply, data_source, ephemeral, import, plan, read, upgrade};

/// Answers Terraform's questions for a provider.
pub struct Server<P: Provider> {
    clock: Clock,
    catalog: OnceLock<Catalog<P::Client>>,
    schemas: OnceLock<Schemas>,
    client: Mutex<Configured<P::Client>>,
    stop: Mutex<CancellationToken>,
}

/// How far the provider is configured.
#[derive(Clone)]
enum Configured<C> {
    /// Not asked yet: Terraform validates without configuring.
    No,
    /// The provider block holds values that are known only after apply.
    NotYet,
    /// Ready.
    Yes(C),
}

impl<P: Provider> Default for Server<P> {
    fn default() -> Self {
        Self::with_clock(Clock::System)
    }
}

impl<P: Provider> Server<P> {
    /// Server with the machine's clock.
    pub fn new() -> Self {
        Self::default()
    }

    /// Server with the clock of a test.
    pub fn with_clock(clock: Clock) -> Self {
        Self {
            clock,
            catalog: OnceLock::new(),
            schemas: OnceLock::new(),
            client: Mutex::new(Configured::No),
            stop: Mutex::default(),
        }
    }

    /// Offers this catalog instead of the provider's own, as tests of single entries do.
    #[must_use]
    pub fn with_catalog(mut self, catalog: Catalog<P::Client>) -> Self {
        self.catalog = OnceLock::from(catalog);
        self.schemas = OnceLock::new();
        self
    }

    fn catalog(&self) -> &Catalog<P::Client> {
        self.catalog.get_or_init(P::catalog)
    }

    fn resource(&self, type_name: &str) -> Result<&dyn erased::Resource<P::Client>> {
        let mut resources = self.catalog().resources.iter().map(AsRef::as_ref);
        resources
            .find(|resource| is::<P>(type_name, resource.name()))
            .ok_or_else(|| unknown(type_name))
    }

    fn data_source(&self, type_name: &str) -> Result<&dyn erased::DataSource<P::Client>> {
        let mut data_sources = self.catalog().data_sources.iter().map(AsRef::as_ref);
        data_sources
            .find(|data_source| is::<P>(type_name, data_source.name()))
            .ok_or_else(|| unknown(type_name))
    }

    fn ephemeral(&self, type_name: &str) -> Result<&dyn erased::Ephemeral<P::Client>> {
        let mut ephemerals = self.catalog().ephemerals.iter().map(AsRef::as_ref);
        ephemerals
            .find(|ephemeral| is::<P>(type_name, ephemeral.name()))
            .ok_or_else(|| unknown(type_name))
    }

    fn schema(&self, type_name: &str) -> Result<Arc<Schema>> {
        let resource = self.schemas().resources.get(type_name);
        resource
            .map(|resource| Arc::clone(&resource.schema))
            .ok_or_else(|| unknown(type_name))
    }

    /// Context of a call that begins now.
    fn context(&self) -> Cx {
        let stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner);
        Cx::new(self.clock.clone(), stop.child_token())
    }

    fn configured(&self) -> Configured<P::Client> {
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        client.clone()
    }

    fn set_configured(&self, configured: Configured<P::Client>) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = configured;
    }

    /// The client, or why a call that needs it cannot go on.
    fn client(&self) -> Result<P::Client> {
        match self.configured() {
            Configured::Yes(client) => Ok(client),
            Configured::NotYet => Err(Diagnostic::error("Provider configuration not known yet")
                .detail(format!(
                    "The provider \"{}\" block depends on values that are known only after apply, \
                     such as another resource's attributes. Apply those resources first (with \
                     -target), or give the provider values that are known.",
                    P::NAME
                ))),
            Configured::No => Err(Diagnostic::bug(
                "A call that needs the provider's configuration came before it.",
            )),
        }
    }

    /// Whether an answer is put off because the provider's configuration is not known yet.
    fn deferral(&self, allowed: bool) -> Option<Deferred> {
        let waiting = matches!(self.configured(), Configured::NotYet);
        (allowed && waiting).then_some(Deferred::ProviderConfigUnknown)
    }
}

/// Whether a type name is the provider's name and this one.
fn is<P: Provider>(type_name: &str, name: &str) -> bool {
    type_name
        .strip_prefix(P::NAME)
        .and_then(|rest| rest.strip_prefix('_'))
        == Some(name)
}

fn unknown(type_name: &str) -> Diagnostic {
    Diagnostic::error("Unknown type").detail(format!(
        "This version of the provider does not know {type_name}."
    ))
}

/// Runs a call so that a panic in it ends the call and not the process: what the call saved, and the
/// calls beside it, would be lost with it.
pub(super) async fn guarded<T>(work: impl Future<Output = T>) -> Result<T> {
    let outcome = AssertUnwindSafe(work).catch_unwind().await;
    outcome.map_err(stopped)
}

/// The same for a call that does not wait.
fn guarded_now<T>(work: impl FnOnce() -> T) -> Result<T> {
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(work));
    outcome.map_err(stopped)
}

fn stopped(panic: Box<dyn Any + Send>) -> Diagnostic {
    let panicked = Unfinished::Panicked(panic);
    Diagnostic::bug(format!("The provider stopped unexpectedly: {panicked}."))
}

/// The call's messages: its warnings first, in the order they were given.
fn messages(cx: &Cx, diagnostics: Diagnostics) -> Diagnostics {
    cx.take_warnings().into_iter().chain(diagnostics).collect()
}

impl<P: Provider> erased::Provider for Server<P> {
    fn schemas(&self) -> &Schemas {
        self.schemas.get_or_init(|| {
            let catalog = self.catalog();
            let full = |name: &str| format!("{}_{name}", P::NAME).into();
            Schemas {
                provider: P::Config::schema(),
                resources: catalog
                    .resources
                    .iter()
                    .map(|resource| {
                        let schema = resource.schema();
                        let identity = Arc::new(super::identity::schema(&schema));
                        let schema = Arc::new(schema);
                        (full(resource.name()), ResourceSchema { schema, identity })
                    })
                    .collect(),
                data_sources: catalog
                    .data_sources
                    .iter()
                    .map(|data| (full(data.name()), Arc::new(data.schema())))
                    .collect(),
                functions: catalog
                    .functions
                    .iter()
                    .map(|function| (function.name().into(), function.signature()))
                    .collect(),
                ephemerals: catalog
                    .ephemerals
                    .iter()
                    .map(|ephemeral| (full(ephemeral.name()), Arc::new(ephemeral.schema())))
                    .collect(),
            }
        })
    }

    fn validate_provider(&self, config: Value) -> Diagnostics {
        guarded_now(|| super::validate::check::<P::Config>(&config, P::validate))
            .unwrap_or_else(Diagnostics::from)
    }

    fn configure(&self, request: ConfigureRequest) -> BoxFuture<'_, Diagnostics> {
        async move {
            if !request.config.is_wholly_known() {
                self.set_configured(Configured::NotYet);
                return Diagnostics::new();
            }
            let cx = self.context();
            let config = match model::decode::<P::Config>(&request.config) {
                Ok(config) => config,
                Err(problems) => return problems,
            };
            let work = P::configure(&cx, config, &request.terraform_version);
            let diagnostics = match guarded(work).await.flatten() {
                Ok(client) => {
                    self.set_configured(Configured::Yes(client));
                    Diagnostics::new()
                }
                Err(problem) => problem.into(),
            };
            messages(&cx, diagnostics)
        }
        .boxed()
    }

    fn validate_resource(&self, type_name: &str, config: Value) -> Diagnostics {
        let resource = self.resource(type_name);
        resource
            .and_then(|resource| guarded_now(|| resource.check(&config)))
            .unwrap_or_else(Diagnostics::from)
    }

    fn validate_data_source(&self, type_name: &str, config: Value) -> Diagnostics {
        let data_source = self.data_source(type_name);
        data_source
            .and_then(|data_source| guarded_now(|| data_source.check(&config)))
            .unwrap_or_else(Diagnostics::from)
    }

    fn validate_ephemeral(&self, type_name: &str, config: Value) -> Diagnostics {
        let ephemeral = self.ephemeral(type_name);
        ephemeral
            .and_then(|ephemeral| guarded_now(|| ephemeral.check(&config)))
            .unwrap_or_else(Diagnostics::from)
    }

    fn upgrade(&self, request: UpgradeRequest) -> BoxFuture<'_, UpgradeResponse> {
        async move {
            let (resource, schema) = (
                self.resource(&request.type_name),
                self.schema(&request.type_name),
            );
            let work = async { Ok(upgrade::upgrade(resource?, schema?.as_ref(), request)) };
            guarded(work)
                .await
                .flatten()
                .unwrap_or_else(|problem| UpgradeResponse {
                    state: Value::Null,
                    diagnostics: problem.into(),
                })
        }
        .boxed()
    }

    fn read(&self, request: ReadRequest) -> BoxFuture<'_, ReadResponse> {
        async move {
            let cx = self.context();
            // Whatever happens, the object stays as Terraform knows it.
            let mut response = ReadResponse {
                state: request.state.clone(),
                private: request.private.clone(),
                identity: request.identity.clone(),
                deferred: self.deferral(request.deferral_allowed),
                diagnostics: Diagnostics::new(),
            };
            if response.deferred.is_some() {
                return response;
            }
            let work = async {
                let resource = self.resource(&request.type_name)?;
                let schema = self.schema(&request.type_name)?;
                Ok(read::read(resource, &schema, self.client()?, &cx, request).await)
            };
            match guarded(work).await.flatten() {
                Ok(done) => response = done,
                Err(problem) => response.diagnostics = problem.into(),
            }
            response.diagnostics = messages(&cx, response.diagnostics);
            response
        }
        .boxed()
    }

    fn plan(&self, request: PlanRequest) -> BoxFuture<'_, PlanResponse> {
        async move {
            let cx = self.context();
            let deferred = self.deferral(request.deferral_allowed);
            let client = match self.configured() {
                Configured::Yes(client) => Some(client),
                Configured::No | Configured::NotYet => None,
            };
            let mut response = PlanResponse {
                planned_state: request.prior_state.clone(),
                requires_replace: Vec::new(),
                private: request.private.clone(),
                identity: request.identity.clone(),
                deferred: None,
                diagnostics: Diagnostics::new(),
            };
            let work = async {
                let resource = self.resource(&request.type_name)?;
                let schema = self.schema(&request.type_name)?;
                Ok(plan::plan(resource, &schema, client, &cx, request).await)
            };
            match guarded(work).await.flatten() {
                Ok(done) => response = done,
                Err(problem) => response.diagnostics = problem.into(),
            }
            response.deferred = deferred;
            response.diagnostics = messages(&cx, response.diagnostics);
            response
        }
        .boxed()
    }

    fn apply(&self, request: ApplyRequest) -> BoxFuture<'_, ApplyResponse> {
        async move {
            let cx = self.context();
            let mut response = ApplyResponse {
                state: request.prior_state.clone(),
                private: request.private.clone(),
                identity: request.identity.clone(),
                diagnostics: Diagnostics::new(),
            };
            let work = async {
                let resource = self.resource(&request.type_name)?;
                let schema = self.schema(&request.type_name)?;
                Ok(apply::apply(resource, &schema, self.client()?, &cx, request).await)
            };
            match guarded(work).await.flatten() {
                Ok(done) => response = done,
                Err(problem) => response.diagnostics = problem.into(),
            }
            response.diagnostics = messages(&cx, response.diagnostics);
            response
        }
        .boxed()
    }

    fn import(&self, request: ImportRequest) -> BoxFuture<'_, ImportResponse> {
        async move {
            let cx = self.context();
            let mut response = ImportResponse {
                state: None,
                private: Vec::new(),
                identity: request.identity.clone(),
                deferred: self.deferral(request.deferral_allowed),
                diagnostics: Diagnostics::new(),
            };
            if response.deferred.is_some() {
                return response;
            }
            let work = async {
                let resource = self.resource(&request.type_name)?;
                let schema = self.schema(&request.type_name)?;
                Ok(import::import(resource, &schema, self.client()?, &cx, request).await)
            };
            match guarded(work).await.flatten() {
                Ok(done) => response = done,
                Err(problem) => response.diagnostics = problem.into(),
            }
            response.diagnostics = messages(&cx, response.diagnostics);
            response
        }
        .boxed()
    }

    fn move_state(&self, request: MoveRequest) -> BoxFuture<'_, MoveResponse> {
        async move {
            let work = async {
                let resource = self.resource(&request.target_type_name)?;
                let schema = self.schema(&request.target_type_name)?;
                Ok(upgrade::move_state(resource, &schema, &request))
            };
            guarded(work)
                .await
                .flatten()
                .unwrap_or_else(|problem| MoveResponse {
                    state: Value::Null,
                    private: Vec::new(),
                    identity: None,
                    diagnostics: problem.into(),
                })
        }
        .boxed()
    }

    fn read_data(&self, request: ReadDataRequest) -> BoxFuture<'_, ReadDataResponse> {
        async move {
            let cx = self.context();
            let mut response = ReadDataResponse {
                state: Value::Null,
                deferred: self.deferral(request.deferral_allowed),
                diagnostics: Diagnostics::new(),
            };
            if response.deferred.is_some() {
                return response;
            }
            let work = async {
                let data_source = self.data_source(&request.type_name)?;
                let schemas = &self.schemas().data_sources;
                let schema = schemas
                    .get(request.type_name.as_str())
                    .ok_or_else(|| unknown(&request.type_name))?;
                Ok(data_source::read(data_source, schema, self.client()?, &cx, request).await)
            };
            match guarded(work).await.flatten() {
                Ok(done) => response = done,
                Err(problem) => response.diagnostics = problem.into(),
            }
            response.diagnostics = messages(&cx, response.diagnostics);
            response
        }
        .boxed()
    }

    fn open_ephemeral(&self, request: EphemeralRequest) -> BoxFuture<'_, EphemeralResponse> {
        async move {
            let cx = self.context();
            if let Some(deferred) = self.deferral(request.deferral_allowed) {
                return EphemeralResponse {
                    deferred: Some(deferred),
                    ..closed(Diagnostics::new())
                };
            }
            let work = async {
                let ephemeral = self.ephemeral(&request.type_name)?;
                Ok(ephemeral::open(ephemeral, self.client()?, &cx, request).await)
            };
            let done = guarded(work).await.flatten();
            let mut response = done.unwrap_or_else(|problem| closed(problem.into()));
            response.diagnostics = messages(&cx, response.diagnostics);
            response
        }
        .boxed()
    }

    fn renew_ephemeral(&self, request: EphemeralRequest) -> BoxFuture<'_, EphemeralResponse> {
        async move {
            let cx = self.context();
            let private = request.private.clone();
            let work = async {
                let ephemeral = self.ephemeral(&request.type_name)?;
                Ok(ephemeral::renew(ephemeral, self.client()?, &cx, request).await)
            };
            let done = guarded(work).await.flatten();
            // What is open stays open, and can be closed by its notes.
            let mut response = done.unwrap_or_else(|problem| EphemeralResponse {
                private,
                ..closed(problem.into())
            });
            response.diagnostics = messages(&cx, response.diagnostics);
            response
        }
        .boxed()
    }

    fn close_ephemeral(&self, request: EphemeralRequest) -> BoxFuture<'_, Diagnostics> {
        async move {
            let cx = self.context();
            let work = async {
                let ephemeral = self.ephemeral(&request.type_name)?;
                Ok(ephemeral::close(ephemeral, self.client()?, &cx, request).await)
            };
            let done = guarded(work).await.flatten();
            messages(&cx, done.unwrap_or_else(Diagnostics::from))
        }
        .boxed()
    }

    fn call_function(&self, name: &str, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let functions = &self.catalog().functions;
        let failed = |text: String| FunctionError {
            text,
            argument: None,
        };
        let function = functions
            .iter()
            .find(|function| function.name() == name)
            .ok_or_else(|| {
                failed(format!(
                    "This version of the provider has no function {name}."
                ))
            })?;
        guarded_now(|| function.call(arguments)).unwrap_or_else(|panic| Err(failed(panic.detail)))
    }

    fn stop(&self) {
        let mut stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *stop).cancel();
    }
}

/// An ephemeral resource that is not open.
fn closed(diagnostics: Diagnostics) -> EphemeralResponse {
    EphemeralResponse {
        result: Value::Null,
        private: Vec::new(),
        renew_at: None,
        deferred: None,
        diagnostics,
    }
}
