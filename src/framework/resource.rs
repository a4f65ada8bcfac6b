//! Resources as their authors write them: a model, and what create, read, update and delete mean.
//!
//! Hooks that run before anything is known see a [`Model::Partial`]; the rest sees plain Rust values.

use std::collections::BTreeSet;
use std::future::Future;
use std::marker::PhantomData;

use futures_util::future::{BoxFuture, FutureExt};

use super::attribute::Field;
use super::context::Cx;
use super::diagnostic::{Diagnostic, Diagnostics, Result};
use super::erased::{self, ErasedChange, MoveRequest, Planned};
use super::import::ImportId;
use super::model::{self, Model};
use super::page::Page;
use super::path::{Path, Place};
use super::provider::Client;
use super::schema::Schema;
use super::value::Value;

/// A resource.
pub trait Resource: Sized + Send + Sync + 'static {
    /// Name without the provider's: `partner_account_invitation`.
    const NAME: &'static str;
    /// What the page says beyond the schema.
    const PAGE: Page;
    /// What the user writes and reads.
    type Model: Model;
    /// What configuring the provider made.
    type Client: Client;

    /// The resource with its client.
    fn new(client: Self::Client) -> Self;

    /// Relations that the model cannot state, judged on what is known; offline.
    fn validate(_config: &<Self::Model as Model>::Partial, _problems: &mut Diagnostics) {}

    /// Adjusts the plan of a creation or an update, warns, or refuses.
    fn plan(
        &self,
        _cx: &Cx,
        _change: &mut Change<Self::Model>,
    ) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Ok(()))
    }

    /// Warns of what a deletion does, or refuses it.
    fn plan_destroy(
        &self,
        _cx: &Cx,
        _state: Self::Model,
    ) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Ok(()))
    }

    /// Creates the object, or adopts it.
    fn create(
        &self,
        cx: &Cx,
        plan: Self::Model,
    ) -> impl Future<Output = Result<Self::Model>> + Send;

    /// Looks at the object; `None` when it is gone. Never waits.
    fn read(
        &self,
        cx: &Cx,
        state: Self::Model,
    ) -> impl Future<Output = Result<Option<Self::Model>>> + Send;

    /// Changes the object in place.
    fn update(
        &self,
        cx: &Cx,
        prior: Self::Model,
        plan: Self::Model,
    ) -> impl Future<Output = Result<Self::Model>> + Send;

    /// Deletes the object; one that is gone already is a success.
    fn delete(&self, cx: &Cx, state: Self::Model) -> impl Future<Output = Result<()>> + Send;

    /// Finds the object that the user names. What it leaves unknown, the refresh that follows fills in.
    fn import(&self, cx: &Cx, id: ImportId) -> impl Future<Output = Result<Self::Model>> + Send;

    /// Brings the state of an older version into the current shape. What it leaves unknown, the refresh
    /// that follows fills in.
    fn upgrade(version: i64, _state: serde_json::Value) -> Result<Self::Model> {
        Err(unsupported_version(Self::NAME, version))
    }

    /// Takes over the state of another resource type; `None` for a type that it does not know.
    fn move_from(_source: &MoveRequest) -> Result<Option<Self::Model>> {
        Ok(None)
    }
}

/// A creation or an update about to be planned.
#[derive(Debug)]
pub struct Change<M: Model> {
    /// State now; `None` to create.
    pub prior: Option<M>,
    /// What the user wrote.
    pub config: M::Partial,
    /// State after the apply. A hook may set its computed fields.
    pub planned: M::Partial,
    requires_replace: BTreeSet<Path>,
}

impl<M: Model> Change<M> {
    /// Says that the change of an attribute needs a new object.
    pub fn require_replace(&mut self, attribute: &str) {
        self.requires_replace.insert(attribute.into());
    }

    /// Whether the change of an attribute needs a new object.
    pub fn requires_replace(&self, attribute: &str) -> bool {
        self.requires_replace.contains(&attribute.into())
    }

    /// Whether the object does not exist yet.
    pub fn is_creation(&self) -> bool {
        self.prior.is_none()
    }
}

impl Cx {
    /// Remembers the object as it is now, so that a failure of the next step loses nothing.
    pub fn save(&self, state: &impl Model) {
        self.save_value(state.write());
    }
}

/// Refuses a state that a newer version of the provider wrote.
pub(super) fn unsupported_version(name: &str, version: i64) -> Diagnostic {
    Diagnostic::error("Unsupported state version").detail(format!(
        "The state of {name} has version {version}, which this version of the provider does not know. \
         Use the version of the provider that wrote it, or a newer one."
    ))
}

/// A resource whose types are forgotten.
pub(super) struct Erased<R>(PhantomData<fn() -> R>);

impl<R> Erased<R> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R: Resource> erased::Resource<R::Client> for Erased<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn page(&self) -> &'static Page {
        &R::PAGE
    }

    fn schema(&self) -> Schema {
        R::Model::schema()
    }

    fn check(&self, config: &Value) -> Diagnostics {
        super::validate::check::<R::Model>(config, R::validate)
    }

    fn plan<'a>(
        &'a self,
        client: R::Client,
        cx: &'a Cx,
        change: ErasedChange<'a>,
    ) -> BoxFuture<'a, Result<Planned, Diagnostics>> {
        async move {
            let mut seen = Diagnostics::new();
            let mut typed = Change {
                prior: change.prior.map(model::decode::<R::Model>).transpose()?,
                config: R::Model::partial(change.config, &Place::ROOT, &mut seen),
                planned: R::Model::partial(&change.planned, &Place::ROOT, &mut seen),
                requires_replace: change.requires_replace,
            };
            let before = R::Model::computed(&typed.planned);
            R::new(client).plan(cx, &mut typed).await?;
            let after = R::Model::computed(&typed.planned);
            let mut state = change.planned;
            if let Value::Map(attributes) = &mut state {
                // What the hook left alone stays exactly as it was, whatever its type makes of it.
                let touched = before.iter().zip(after).filter(|(old, new)| *old != new);
                for (_, (name, value)) in touched {
                    if change.config.get(name).is_null() {
                        attributes.insert(name.into(), value);
                    }
                }
            }
            Ok(Planned {
                state,
                requires_replace: typed.requires_replace,
            })
        }
        .boxed()
    }

    fn plan_destroy<'a>(
        &'a self,
        client: R::Client,
        cx: &'a Cx,
        state: &'a Value,
    ) -> BoxFuture<'a, Result<(), Diagnostics>> {
        async move {
            let state = model::decode(state)?;
            Ok(R::new(client).plan_destroy(cx, state).await?)
        }
        .boxed()
    }

    fn create<'a>(
        &'a self,
        client: R::Client,
        cx: &'a Cx,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>> {
        async move {
            let plan = model::decode(planned)?;
            Ok(R::new(client).create(cx, plan).await?.write())
        }
        .boxed()
    }

    fn read<'a>(
        &'a self,
        client: R::Client,
        cx: &'a Cx,
        state: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Value>, Diagnostics>> {
        async move {
            let state = model::decode::<R::Model>(state)?;
            let found = R::new(client).read(cx, state).await?;
            Ok(found.map(|found| found.write()))
        }
        .boxed()
    }

    fn update<'a>(
        &'a self,
        client: R::Client,
        cx: &'a Cx,
        prior: &'a Value,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>> {
        async move {
            let (prior, plan) = (model::decode(prior)?, model::decode(planned)?);
            Ok(R::new(client).update(cx, prior, plan).await?.write())
        }
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        client: R::Client,
        cx: &'a Cx,
        state: &'a Value,
    ) -> BoxFuture<'a, Result<(), Diagnostics>> {
        async move {
            let state = model::decode(state)?;
            Ok(R::new(client).delete(cx, state).await?)
        }
        .boxed()
    }

    fn import<'a>(
        &'a self,
        client: R::Client,
        cx: &'a Cx,
        id: ImportId,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>> {
        async move { Ok(R::new(client).import(cx, id).await?.write()) }.boxed()
    }

    fn upgrade(&self, version: i64, state: serde_json::Value) -> Result<Value, Diagnostics> {
        Ok(R::upgrade(version, state)?.write())
    }

    fn move_state(&self, source: &MoveRequest) -> Result<Option<Value>, Diagnostics> {
        Ok(R::move_from(source)?.map(|moved| moved.write()))
    }
}
