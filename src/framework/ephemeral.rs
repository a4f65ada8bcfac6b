//! Ephemeral resources as their authors write them: opened, perhaps renewed, always closed, stored
//! nowhere.

use std::future::Future;
use std::marker::PhantomData;

use futures_util::future::{BoxFuture, FutureExt};
use time::OffsetDateTime;

use super::attribute::Field;
use super::context::Cx;
use super::diagnostic::{Diagnostic, Diagnostics, Result};
use super::erased::{self, EphemeralRequest, EphemeralResponse, ErasedOpen};
use super::model::{self, Model};
use super::page::Page;
use super::provider::Client;
use super::schema::Schema;
use super::value::Value;

/// An ephemeral resource. What it must remember until it is closed goes into the context's private
/// notes.
pub trait EphemeralResource: Sized + Send + Sync + 'static {
    /// Name without the provider's.
    const NAME: &'static str;
    /// What the page says beyond the schema.
    const PAGE: Page;
    /// What the user writes and reads.
    type Model: Model;
    /// What configuring the provider made.
    type Client: Client;

    /// The ephemeral resource with its client.
    fn new(client: Self::Client) -> Self;

    /// Opens; the time is when it must be renewed.
    fn open(
        &self,
        cx: &Cx,
        config: Self::Model,
    ) -> impl Future<Output = Result<(Self::Model, Option<OffsetDateTime>)>> + Send;

    /// Renews; the time is when it must be renewed again.
    fn renew(&self, _cx: &Cx) -> impl Future<Output = Result<Option<OffsetDateTime>>> + Send {
        std::future::ready(Ok(None))
    }

    /// Closes.
    fn close(&self, _cx: &Cx) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Ok(()))
    }
}

/// An ephemeral resource whose types are forgotten.
pub(super) struct Erased<E>(PhantomData<fn() -> E>);

impl<E> Erased<E> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: EphemeralResource> erased::Ephemeral<E::Client> for Erased<E> {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn page(&self) -> &'static Page {
        &E::PAGE
    }

    fn schema(&self) -> Schema {
        E::Model::schema()
    }

    fn check(&self, config: &Value) -> Diagnostics {
        super::validate::check::<E::Model>(config, |_, _| {})
    }

    fn open<'a>(
        &'a self,
        client: E::Client,
        cx: &'a Cx,
        config: &'a Value,
    ) -> BoxFuture<'a, Result<ErasedOpen, Diagnostics>> {
        async move {
            let config = model::decode(config)?;
            let (result, renew_at) = E::new(client).open(cx, config).await?;
            let result = result.write();
            Ok(ErasedOpen { result, renew_at })
        }
        .boxed()
    }

    fn renew<'a>(
        &'a self,
        client: E::Client,
        cx: &'a Cx,
    ) -> BoxFuture<'a, Result<ErasedOpen, Diagnostics>> {
        async move {
            let renew_at = E::new(client).renew(cx).await?;
            let result = Value::Null;
            Ok(ErasedOpen { result, renew_at })
        }
        .boxed()
    }

    fn close<'a>(
        &'a self,
        client: E::Client,
        cx: &'a Cx,
    ) -> BoxFuture<'a, Result<(), Diagnostics>> {
        async move { Ok(E::new(client).close(cx).await?) }.boxed()
    }
}

pub(super) async fn open<C: Client>(
    ephemeral: &dyn erased::Ephemeral<C>,
    client: C,
    cx: &Cx,
    request: EphemeralRequest,
) -> EphemeralResponse {
    let mut opened = ephemeral.open(client, cx, &request.config).await;
    if opened
        .as_ref()
        .is_ok_and(|opened| !opened.result.is_wholly_known())
    {
        let bug = Diagnostic::bug("The ephemeral resource's answer is not wholly known.");
        opened = Err(bug.into());
    }
    respond(cx, opened)
}

pub(super) async fn renew<C: Client>(
    ephemeral: &dyn erased::Ephemeral<C>,
    client: C,
    cx: &Cx,
    request: EphemeralRequest,
) -> EphemeralResponse {
    cx.restore_private(&request.private);
    let renewed = ephemeral.renew(client, cx).await;
    respond(cx, renewed)
}

pub(super) async fn close<C: Client>(
    ephemeral: &dyn erased::Ephemeral<C>,
    client: C,
    cx: &Cx,
    request: EphemeralRequest,
) -> Diagnostics {
    cx.restore_private(&request.private);
    ephemeral.close(client, cx).await.err().unwrap_or_default()
}

fn respond(cx: &Cx, outcome: Result<ErasedOpen, Diagnostics>) -> EphemeralResponse {
    let (opened, diagnostics) = match outcome {
        Ok(opened) => (Some(opened), Diagnostics::new()),
        Err(problems) => (None, problems),
    };
    let (result, renew_at) = match opened {
        Some(opened) => (opened.result, opened.renew_at),
        None => (Value::Null, None),
    };
    EphemeralResponse {
        result,
        private: cx.private_bytes(),
        renew_at,
        deferred: None,
        diagnostics,
    }
}
