//! Refreshing: what became of an object.

use super::context::Cx;
use super::diagnostic::Diagnostics;
use super::erased::{ReadRequest, ReadResponse, Resource};
use super::plan::not_wholly_known;
use super::provider::Client;
use super::schema::Schema;
use super::value::Value;

pub(super) async fn read<C: Client>(
    resource: &dyn Resource<C>,
    schema: &Schema,
    client: C,
    cx: &Cx,
    request: ReadRequest,
) -> ReadResponse {
    cx.restore_private(&request.private);
    cx.set_timeout(schema.timeout("read", &request.state));
    let mut diagnostics = Diagnostics::new();
    let state = match resource.read(client, cx, &request.state).await {
        Ok(Some(state)) if state.is_wholly_known() => state,
        Ok(Some(_)) => {
            diagnostics.push(not_wholly_known("refresh"));
            request.state
        }
        Ok(None) => Value::Null,
        Err(problems) => {
            diagnostics.extend(problems);
            request.state
        }
    };
    ReadResponse {
        identity: super::identity::lasting(schema, request.identity, &state),
        private: cx.private_bytes(),
        state,
        deferred: None,
        diagnostics,
    }
}
