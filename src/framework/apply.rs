//! Applying: doing what was planned, and keeping what was done when it fails half-way.

use super::context::Cx;
use super::diagnostic::{Diagnostics, Result};
use super::erased::{ApplyRequest, ApplyResponse, Resource};
use super::plan::{add_write_only, clear_write_only, not_wholly_known};
use super::provider::Client;
use super::schema::{Level, Schema};
use super::server::guarded;
use super::value::Value;

pub(super) async fn apply<C: Client>(
    resource: &dyn Resource<C>,
    schema: &Schema,
    client: C,
    cx: &Cx,
    request: ApplyRequest,
) -> ApplyResponse {
    cx.restore_private(&request.private);
    let level = Level::of(&schema.block);
    let prior = request.prior_state;
    let mut planned = request.planned_state;
    add_write_only(level, &request.config, &mut planned);

    // A panic counts as a failure like any other, so that what was saved before it is not lost.
    let outcome = guarded(change(resource, schema, client, cx, &prior, &planned))
        .await
        .unwrap_or_else(|panic| Err(panic.into()));

    let mut diagnostics = Diagnostics::new();
    let mut state = match outcome {
        Ok(state) => {
            if !state.is_wholly_known() {
                diagnostics.push(not_wholly_known("apply"));
            }
            state
        }
        // What was saved on the way counts; else nothing was done, and the object is as it was.
        Err(problems) => {
            diagnostics.extend(problems);
            cx.take_progress().unwrap_or(prior)
        }
    };
    clear_write_only(level, &mut state);
    settle(&mut state);
    ApplyResponse {
        identity: super::identity::lasting(schema, request.identity, &state),
        private: cx.private_bytes(),
        state,
        diagnostics,
    }
}

/// Creates, updates or deletes within the operation's time.
async fn change<C: Client>(
    resource: &dyn Resource<C>,
    schema: &Schema,
    client: C,
    cx: &Cx,
    prior: &Value,
    planned: &Value,
) -> Result<Value, Diagnostics> {
    if planned.is_null() {
        cx.set_timeout(schema.timeout("delete", prior));
        let deleted = resource.delete(client, cx, prior).await;
        deleted.map(|()| Value::Null)
    } else if prior.is_null() {
        cx.set_timeout(schema.timeout("create", planned));
        resource.create(client, cx, planned).await
    } else {
        cx.set_timeout(schema.timeout("update", planned));
        resource.update(client, cx, prior, planned).await
    }
}

/// Makes null what never became known: Terraform stores only what is known.
pub(super) fn settle(value: &mut Value) {
    match value {
        Value::Unknown(_) => *value = Value::Null,
        Value::List(elements) => elements.iter_mut().for_each(settle),
        Value::Set(elements) => {
            elements.iter_mut().for_each(settle);
            *value = Value::set(std::mem::take(elements));
        }
        Value::Map(entries) => entries.values_mut().for_each(settle),
        Value::Dynamic(typed) => settle(&mut typed.1),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_a_set_that_never_became_known_are_one_null() {
        let mut set = Value::set(["a".into(), Value::UNKNOWN, Value::UNKNOWN]);
        settle(&mut set);
        assert_eq!(set, Value::set(["a".into(), Value::Null]));
    }
}
