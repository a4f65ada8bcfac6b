//! Stored state in the current shape: of an older version, or of another resource type.
//!
//! Terraform asks for this at every read of a state, also when the version is the current one.

use super::apply::settle;
use super::diagnostic::{Diagnostic, Diagnostics, Result};
use super::erased::{MoveRequest, MoveResponse, Resource, UpgradeRequest, UpgradeResponse};
use super::json;
use super::provider::Client;
use super::schema::Schema;
use super::value::Value;

pub(super) fn upgrade<C: Client>(
    resource: &dyn Resource<C>,
    schema: &Schema,
    request: UpgradeRequest,
) -> UpgradeResponse {
    let upgraded = if request.version == schema.version {
        json::decode_stored(&request.state, schema.value_type()).map_err(Diagnostics::from)
    } else {
        resource.upgrade(request.version, request.state)
    };
    let (state, diagnostics) = split(upgraded);
    UpgradeResponse { state, diagnostics }
}

pub(super) fn move_state<C: Client>(
    resource: &dyn Resource<C>,
    schema: &Schema,
    request: &MoveRequest,
) -> MoveResponse {
    let moved = resource.move_state(request).and_then(|moved| {
        moved.ok_or_else(|| {
            let from = &request.source_type_name;
            let to = &request.target_type_name;
            Diagnostics::from(Diagnostic::error("Unsupported move").detail(format!(
                "The state of {from} cannot become the state of {to}. Remove the moved block, and \
                 import the object instead."
            )))
        })
    });
    let identity = moved
        .as_ref()
        .ok()
        .and_then(|state| super::identity::lasting(schema, None, state));
    let (state, diagnostics) = split(moved);
    MoveResponse {
        identity,
        private: Vec::new(),
        state,
        diagnostics,
    }
}

fn split(outcome: Result<Value, Diagnostics>) -> (Value, Diagnostics) {
    match outcome {
        // What the older shape did not have is null until the refresh that follows.
        Ok(mut state) => {
            settle(&mut state);
            (state, Diagnostics::new())
        }
        Err(problems) => (Value::Null, problems),
    }
}
