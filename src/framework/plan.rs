//! Planning: what an apply would do.
//!
//! The order matters. Defaults come first, since a value that only the schema knows must count as
//! written. Write-only values go next, for they are no difference. Only then can be said whether
//! anything changes, and only if so do computed values become unknown. After that an attribute may keep
//! its value from the state or ask for a new object, and at last the resource has its say.

use std::collections::BTreeSet;

use super::context::Cx;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::erased::{ErasedChange, PlanRequest, PlanResponse, Resource};
use super::path::Path;
use super::provider::Client;
use super::schema::{Attribute, Kind, Nesting, Role, Schema};
use super::value::Value;

/// Plans a change. Without a client the provider's configuration is not known yet, and what depends on
/// it stays unknown.
pub(super) async fn plan<C: Client>(
    resource: &dyn Resource<C>,
    schema: &Schema,
    client: Option<C>,
    cx: &Cx,
    request: PlanRequest,
) -> PlanResponse {
    cx.restore_private(&request.private);
    let mut diagnostics = Diagnostics::new();
    let mut requires_replace = BTreeSet::new();

    let planned_state = if request.proposed_new_state.is_null() {
        if let Some(client) = client {
            let refusal = resource
                .plan_destroy(client, cx, &request.prior_state)
                .await;
            diagnostics.extend(refusal.err().unwrap_or_default());
        }
        Value::Null
    } else {
        let mut planned = by_schema(schema, client.as_ref(), &request, &mut requires_replace);
        if let Some(client) = client {
            let change = ErasedChange {
                prior: Some(&request.prior_state).filter(|prior| !prior.is_null()),
                config: &request.config,
                planned: planned.clone(),
                requires_replace: requires_replace.clone(),
            };
            match resource.plan(client, cx, change).await {
                Ok(adjusted) => {
                    planned = adjusted.state;
                    requires_replace = adjusted.requires_replace;
                }
                Err(problems) => diagnostics.extend(problems),
            }
        }
        planned
    };
    let identity = super::identity::planned(schema, request.identity, &planned_state);
    PlanResponse {
        planned_state,
        requires_replace: requires_replace.into_iter().collect(),
        private: cx.private_bytes(),
        identity,
        deferred: None,
        diagnostics,
    }
}

/// The plan as the schema alone makes it.
fn by_schema<C: Client>(
    schema: &Schema,
    client: Option<&C>,
    request: &PlanRequest,
    requires_replace: &mut BTreeSet<Path>,
) -> Value {
    let attributes = &schema.block.attributes;
    let (config, prior) = (&request.config, &request.prior_state);
    let mut planned = request.proposed_new_state.clone();
    set_defaults(attributes, config, &mut planned);
    clear_write_only(attributes, &mut planned);
    merge_tags(attributes, client, &mut planned);
    if planned != *prior {
        mark_unknown(attributes, config, prior, &mut planned);
        if !prior.is_null() {
            // A value that the provider decides is no reason of the user's for a new object.
            let written = |a: &&Attribute| !a.mode.is_computed() || !config.get(&a.name).is_null();
            let changed = |a: &&Attribute| prior.get(&a.name) != planned.get(&a.name);
            let replacing = attributes.iter().filter(|a| a.replace);
            let replacing = replacing.filter(written).filter(changed);
            requires_replace.extend(replacing.map(|a| Path::root().attribute(a.name.as_ref())));
        }
    }
    planned
}

/// Gives what the user left out the value that the schema names.
fn set_defaults(attributes: &[Attribute], config: &Value, planned: &mut Value) {
    let Value::Map(values) = planned else { return };
    for attribute in attributes {
        let written = config.get(&attribute.name);
        let Some(value) = values.get_mut(attribute.name.as_ref()) else {
            continue;
        };
        if written.is_null() {
            if let Some(default) = &attribute.default {
                *value = default.clone();
            }
        } else {
            each_object(
                attribute,
                written,
                value,
                &mut |attributes, written, value| {
                    set_defaults(attributes, written, value);
                },
            );
        }
    }
}

/// Forgets what must not be stored.
pub(super) fn clear_write_only(attributes: &[Attribute], planned: &mut Value) {
    let Value::Map(values) = planned else { return };
    for attribute in attributes {
        let Some(value) = values.get_mut(attribute.name.as_ref()) else {
            continue;
        };
        if attribute.write_only {
            *value = Value::Null;
        } else {
            each_object(
                attribute,
                &Value::Null,
                value,
                &mut |attributes, _, value| {
                    clear_write_only(attributes, value);
                },
            );
        }
    }
}

/// Adds the provider's default tags to those of the resource.
fn merge_tags<C: Client>(attributes: &[Attribute], client: Option<&C>, planned: &mut Value) {
    let named = |role| {
        attributes
            .iter()
            .find(|a| a.role == Some(role))
            .map(|a| &a.name)
    };
    let (Some(tags), Some(tags_all)) = (named(Role::Tags), named(Role::TagsAll)) else {
        return;
    };
    let merged = match (planned.get(tags), client) {
        (Value::Unknown(_), _) | (_, None) => Value::UNKNOWN,
        (tags, Some(client)) => {
            let defaults = client.default_tags().iter();
            let mut all: std::collections::BTreeMap<_, _> = defaults
                .map(|(key, value)| (key.clone(), Value::string(value)))
                .collect();
            if let Value::Map(tags) = tags {
                all.extend(tags.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            Value::Map(all)
        }
    };
    if let Value::Map(values) = planned {
        values.insert(tags_all.to_string(), merged);
    }
}

/// Makes unknown what the provider will decide: the computed values that the user did not write,
/// except those that an update does not change.
fn mark_unknown(attributes: &[Attribute], config: &Value, prior: &Value, planned: &mut Value) {
    let Value::Map(values) = planned else { return };
    for attribute in attributes {
        let (written, before) = (config.get(&attribute.name), prior.get(&attribute.name));
        let Some(value) = values.get_mut(attribute.name.as_ref()) else {
            continue;
        };
        let decided_by_schema =
            attribute.default.is_some() || attribute.role == Some(Role::TagsAll);
        if !written.is_null() {
            each_object(
                attribute,
                written,
                value,
                &mut |attributes, written, value| {
                    mark_unknown(attributes, written, &Value::Null, value);
                },
            );
        } else if attribute.mode.is_computed() && !decided_by_schema {
            let keeps = attribute.stable && !prior.is_null() && !before.is_null();
            *value = if keeps {
                before.clone()
            } else {
                Value::UNKNOWN
            };
        }
    }
}

/// Walks the nested objects of an attribute together with what the user wrote for each.
fn each_object(
    attribute: &Attribute,
    written: &Value,
    value: &mut Value,
    visit: &mut dyn FnMut(&[Attribute], &Value, &mut Value),
) {
    let Kind::Nested {
        nesting,
        attributes,
    } = &attribute.kind
    else {
        return;
    };
    match (nesting, value) {
        (Nesting::Single, value) => visit(attributes, written, value),
        (Nesting::Map, Value::Map(objects)) => {
            for (key, object) in objects {
                visit(attributes, written.get(key), object);
            }
        }
        (Nesting::List, Value::List(objects)) => {
            for (index, object) in objects.iter_mut().enumerate() {
                let written = match written {
                    Value::List(written) => written.get(index).unwrap_or(&Value::Null),
                    _ => &Value::Null,
                };
                visit(attributes, written, object);
            }
        }
        // Elements of a set have no name to be matched by, but a set holds nothing computed, so each
        // planned element is what the user wrote.
        (Nesting::Set, set @ Value::Set(_)) => {
            let Value::Set(objects) = std::mem::replace(set, Value::Null) else {
                return;
            };
            *set = Value::set(objects.into_iter().map(|mut object| {
                let written = object.clone();
                visit(attributes, &written, &mut object);
                object
            }));
        }
        _ => {}
    }
}

/// Puts the write-only values of the configuration where a resource expects them.
pub(super) fn add_write_only(attributes: &[Attribute], config: &Value, planned: &mut Value) {
    let Value::Map(values) = planned else { return };
    for attribute in attributes {
        let written = config.get(&attribute.name);
        let Some(value) = values.get_mut(attribute.name.as_ref()) else {
            continue;
        };
        if attribute.write_only {
            *value = written.clone();
        } else {
            each_object(
                attribute,
                written,
                value,
                &mut |attributes, written, value| {
                    add_write_only(attributes, written, value);
                },
            );
        }
    }
}

/// A bug of the provider that Terraform would report less clearly.
pub(super) fn not_wholly_known(what: &str) -> Diagnostic {
    Diagnostic::bug(format!("The state after {what} is not wholly known."))
}
