//! A provider that offers nothing, until the real one stands here.

use std::collections::BTreeMap;

use awsbilling::framework::Diagnostics;
use awsbilling::framework::Value;
#[allow(clippy::wildcard_imports)] // Goes with the file.
use awsbilling::framework::erased::*;
use awsbilling::framework::function::FunctionError;
use awsbilling::framework::schema::{Block, Schema};
use futures_util::future::BoxFuture;

pub(crate) struct Empty(Schemas);

impl Default for Empty {
    fn default() -> Self {
        Self(Schemas {
            provider: Schema::new(0, Block::default()),
            resources: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            functions: BTreeMap::new(),
            ephemerals: BTreeMap::new(),
        })
    }
}

#[allow(clippy::unreachable)] // Nothing is offered, so nothing is asked for.
impl Provider for Empty {
    fn schemas(&self) -> &Schemas {
        &self.0
    }
    fn validate_provider(&self, _: Value) -> Diagnostics {
        Diagnostics::new()
    }
    fn configure(&self, _: ConfigureRequest) -> BoxFuture<'_, Diagnostics> {
        Box::pin(async { Diagnostics::new() })
    }
    fn validate_resource(&self, _: &str, _: Value) -> Diagnostics {
        unreachable!()
    }
    fn validate_data_source(&self, _: &str, _: Value) -> Diagnostics {
        unreachable!()
    }
    fn validate_ephemeral(&self, _: &str, _: Value) -> Diagnostics {
        unreachable!()
    }
    fn upgrade(&self, _: UpgradeRequest) -> BoxFuture<'_, UpgradeResponse> {
        unreachable!()
    }
    fn read(&self, _: ReadRequest) -> BoxFuture<'_, ReadResponse> {
        unreachable!()
    }
    fn plan(&self, _: PlanRequest) -> BoxFuture<'_, PlanResponse> {
        unreachable!()
    }
    fn apply(&self, _: ApplyRequest) -> BoxFuture<'_, ApplyResponse> {
        unreachable!()
    }
    fn import(&self, _: ImportRequest) -> BoxFuture<'_, ImportResponse> {
        unreachable!()
    }
    fn move_state(&self, _: MoveRequest) -> BoxFuture<'_, MoveResponse> {
        unreachable!()
    }
    fn read_data(&self, _: ReadDataRequest) -> BoxFuture<'_, ReadDataResponse> {
        unreachable!()
    }
    fn open_ephemeral(&self, _: EphemeralRequest) -> BoxFuture<'_, EphemeralResponse> {
        unreachable!()
    }
    fn renew_ephemeral(&self, _: EphemeralRequest) -> BoxFuture<'_, EphemeralResponse> {
        unreachable!()
    }
    fn close_ephemeral(&self, _: EphemeralRequest) -> BoxFuture<'_, Diagnostics> {
        unreachable!()
    }
    fn call_function(&self, _: &str, _: Vec<Value>) -> Result<Value, FunctionError> {
        unreachable!()
    }
    fn stop(&self) {}
}
