//! Data sources as their authors write them: a model, and what reading it means. No side effects.

use std::future::Future;
use std::marker::PhantomData;

use futures_util::future::{BoxFuture, FutureExt};

use super::attribute::Field;
use super::context::Cx;
use super::diagnostic::{Diagnostic, Diagnostics, Result};
use super::erased::{self, ReadDataRequest, ReadDataResponse};
use super::model::{self, Model};
use super::page::Page;
use super::provider::Client;
use super::schema::Schema;
use super::value::Value;

/// A data source.
pub trait DataSource: Sized + Send + Sync + 'static {
    /// Name without the provider's: `org_members`.
    const NAME: &'static str;
    /// What the page says beyond the schema.
    const PAGE: Page;
    /// What the user writes and reads.
    type Model: Model;
    /// What configuring the provider made.
    type Client: Client;

    /// The data source with its client.
    fn new(client: Self::Client) -> Self;

    /// Relations that the model cannot state, judged on what is known; offline.
    fn validate(_config: &<Self::Model as Model>::Partial, _problems: &mut Diagnostics) {}

    /// Fills what the configuration asks for.
    fn read(
        &self,
        cx: &Cx,
        config: Self::Model,
    ) -> impl Future<Output = Result<Self::Model>> + Send;
}

/// A data source whose types are forgotten.
pub(super) struct Erased<D>(PhantomData<fn() -> D>);

impl<D> Erased<D> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<D: DataSource> erased::DataSource<D::Client> for Erased<D> {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn page(&self) -> &'static Page {
        &D::PAGE
    }

    fn schema(&self) -> Schema {
        D::Model::schema()
    }

    fn check(&self, config: &Value) -> Diagnostics {
        super::validate::check::<D::Model>(config, D::validate)
    }

    fn read<'a>(
        &'a self,
        client: D::Client,
        cx: &'a Cx,
        config: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>> {
        async move {
            let config = model::decode(config)?;
            Ok(D::new(client).read(cx, config).await?.write())
        }
        .boxed()
    }
}

pub(super) async fn read<C: Client>(
    data_source: &dyn erased::DataSource<C>,
    schema: &Schema,
    client: C,
    cx: &Cx,
    request: ReadDataRequest,
) -> ReadDataResponse {
    let mut diagnostics = Diagnostics::new();
    cx.set_timeout(schema.timeout("read", &request.config));
    let state = match data_source.read(client, cx, &request.config).await {
        Ok(state) if state.is_wholly_known() => state,
        Ok(_) => {
            diagnostics.push(Diagnostic::bug(
                "The data source's answer is not wholly known.",
            ));
            Value::Null
        }
        Err(problems) => {
            diagnostics.extend(problems);
            Value::Null
        }
    };
    ReadDataResponse {
        state,
        deferred: None,
        diagnostics,
    }
}
