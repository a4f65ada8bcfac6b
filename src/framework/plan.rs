//! Planning: what an apply would do.
//!
//! The order matters. Defaults come first, since a value that only the schema knows must count as
//! written. Write-only values go next, for they are no difference. Only then can be said whether
//! anything changes, and only if so do computed values become unknown. After that an attribute may keep
//! its value from the state or ask for a new object, and at last the resource has its say.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Cx;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::erased::{ErasedChange, PlanRequest, PlanResponse, Resource};
use super::path::{Path, Place};
use super::provider::Client;
use super::schema::{Attribute, Level, Nesting, Role, Schema, named_by_role};
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
    if request.prior_state.is_null() {
        requires_replace.clear();
    }
    let identity = Some(request.identity).filter(|_| !request.prior_state.is_null());
    PlanResponse {
        identity: super::identity::planned(schema, identity.flatten(), &planned_state),
        planned_state,
        requires_replace: requires_replace.into_iter().collect(),
        private: cx.private_bytes(),
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
    let level = Level::of(&schema.block);
    let (config, prior) = (&request.config, &request.prior_state);
    let mut planned = request.proposed_new_state.clone();
    set_defaults(level, config, &mut planned);
    clear_write_only(level, &mut planned);
    merge_tags(level, client, &mut planned);
    if planned != *prior {
        mark_unknown(level, config, prior, &mut planned);
        replacing(
            level,
            config,
            prior,
            &planned,
            &Place::ROOT,
            requires_replace,
        );
    }
    planned
}

/// Gives what the user left out the value that the schema names.
fn set_defaults(level: Level<'_>, config: &Value, planned: &mut Value) {
    let Value::Map(values) = planned else { return };
    for attribute in level.attributes {
        if let Some(default) = &attribute.default
            && config.get(&attribute.name).is_null()
            && let Some(value) = values.get_mut(attribute.name.as_ref())
        {
            *value = default.clone();
        }
    }
    for (name, nesting, level) in level.nested() {
        let written = config.get(name);
        if !written.is_null()
            && let Some(value) = values.get_mut(name)
        {
            each_object(
                nesting,
                [written, &Value::Null],
                value,
                &mut |[written, _], value| {
                    set_defaults(level, written, value);
                },
            );
        }
    }
}

/// Forgets what must not be stored.
pub(super) fn clear_write_only(level: Level<'_>, planned: &mut Value) {
    let config = Value::Null;
    add_write_only(level, &config, planned);
}

/// Puts the write-only values of the configuration where a resource expects them.
pub(super) fn add_write_only(level: Level<'_>, config: &Value, planned: &mut Value) {
    let Value::Map(values) = planned else { return };
    for attribute in level.attributes.iter().filter(|a| a.write_only) {
        values.insert(
            attribute.name.clone().into(),
            config.get(&attribute.name).clone(),
        );
    }
    for (name, nesting, level) in level.nested() {
        if let Some(value) = values.get_mut(name) {
            each_object(
                nesting,
                [config.get(name), &Value::Null],
                value,
                &mut |[written, _], value| add_write_only(level, written, value),
            );
        }
    }
}

/// Adds the provider's default tags to those of the resource.
fn merge_tags<C: Client>(level: Level<'_>, client: Option<&C>, planned: &mut Value) {
    let Value::Map(values) = planned else { return };
    let named = |role| named_by_role(level.attributes, role);
    let (Some(tags), Some(tags_all)) = (named(Role::Tags), named(Role::TagsAll)) else {
        return;
    };
    let written = values.get(tags).unwrap_or(&Value::Null);
    let merged = merged_tags(written, client);
    values.insert(tags_all.to_owned().into(), merged);
}

/// Tags of a resource together with the provider's default tags.
pub(super) fn merged_tags<C: Client>(written: &Value, client: Option<&C>) -> Value {
    let (false, Some(client)) = (written.is_unknown(), client) else {
        return Value::UNKNOWN;
    };
    let defaults = client.default_tags().iter();
    let mut all = BTreeMap::new();
    all.extend(defaults.map(|(key, value)| (key.clone().into(), Value::string(value))));
    if let Value::Map(tags) = written {
        all.extend(tags.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    Value::Map(all)
}

/// Makes unknown what the provider will decide: the computed values that the user did not write,
/// except those that an update does not change. An object of a map has a name, so one that stays as it
/// is keeps its values while its neighbours change.
fn mark_unknown(level: Level<'_>, config: &Value, prior: &Value, planned: &mut Value) {
    let Value::Map(values) = planned else { return };
    for attribute in level.attributes.iter().filter(|a| decided_by_provider(a)) {
        let before = prior.get(&attribute.name);
        if config.get(&attribute.name).is_null()
            && let Some(value) = values.get_mut(attribute.name.as_ref())
        {
            // What AWS had none of stays so: a stable null is a known value, too.
            let keeps = attribute.stable && !prior.is_null();
            *value = if keeps {
                before.clone()
            } else {
                Value::UNKNOWN
            };
        }
    }
    for (name, nesting, level) in level.nested() {
        let written = config.get(name);
        if !written.is_null()
            && let Some(value) = values.get_mut(name)
        {
            each_object(
                nesting,
                [written, prior.get(name)],
                value,
                &mut |[written, before], value| {
                    if nesting != Nesting::Map || value != before {
                        mark_unknown(level, written, before, value);
                    }
                },
            );
        }
    }
}

/// Whether the provider finds a value where the user wrote none, other than one that the schema or the
/// provider's configuration says beforehand.
fn decided_by_provider(attribute: &Attribute) -> bool {
    attribute.mode.is_computed()
        && attribute.default.is_none()
        && attribute.role != Some(Role::TagsAll)
}

/// Finds the changes that need a new object.
fn replacing(
    level: Level<'_>,
    config: &Value,
    prior: &Value,
    planned: &Value,
    at: &Place<'_>,
    paths: &mut BTreeSet<Path>,
) {
    if prior.is_null() && at.is_root() {
        return;
    }
    for attribute in level.attributes.iter().filter(|a| a.replace) {
        let name = attribute.name.as_ref();
        // What the user leaves to the provider is no wish for another object.
        let wished = !decided_by_provider(attribute) || !config.get(name).is_null();
        if wished && prior.get(name) != planned.get(name) {
            paths.insert(at.attribute(name).path());
        }
    }
    for (name, nesting, level) in level.nested() {
        let at = at.attribute(name);
        let sides = [config.get(name), prior.get(name), planned.get(name)];
        let [config, prior, planned] = sides;
        match nesting {
            _ if prior == planned => {}
            Nesting::Single => replacing(level, config, prior, planned, &at, paths),
            Nesting::List => {
                for index in 0..length(prior).max(length(planned)) {
                    let [config, prior, planned] = sides.map(|side| side.element(index));
                    replacing(level, config, prior, planned, &at.index(index), paths);
                }
            }
            Nesting::Map => {
                let keys: BTreeSet<_> = keys(prior).chain(keys(planned)).collect();
                for key in keys {
                    let [config, prior, planned] = sides.map(|side| side.get(key));
                    replacing(level, config, prior, planned, &at.key(key), paths);
                }
            }
            // No path leads into a set, so the set stands for its elements.
            Nesting::Set => {
                if level.attributes.iter().any(|a| a.replace) {
                    paths.insert(at.path());
                }
            }
        }
    }
}

fn length(list: &Value) -> usize {
    match list {
        Value::List(elements) => elements.len(),
        _ => 0,
    }
}

fn keys(map: &Value) -> impl Iterator<Item = &str> {
    let entries = match map {
        Value::Map(entries) => Some(entries),
        _ => None,
    };
    entries.into_iter().flatten().map(|(key, _)| key.as_ref())
}

/// Walks planned objects, each together with its other sides: what the user wrote, what was before.
///
/// Elements of a set have no name to be matched by. They are left as they are, which is right because
/// nothing in them is computed, has a default or is write-only.
fn each_object(
    nesting: Nesting,
    sides: [&Value; 2],
    planned: &mut Value,
    visit: &mut dyn FnMut([&Value; 2], &mut Value),
) {
    match (nesting, planned) {
        (Nesting::Single, object) => visit(sides, object),
        (Nesting::Map, Value::Map(objects)) => {
            for (key, object) in objects {
                visit(sides.map(|side| side.get(key)), object);
            }
        }
        (Nesting::List, Value::List(objects)) => {
            for (index, object) in objects.iter_mut().enumerate() {
                visit(sides.map(|side| side.element(index)), object);
            }
        }
        _ => {}
    }
}

/// A bug of the provider that Terraform would report less clearly.
pub(super) fn not_wholly_known(what: &str) -> Diagnostic {
    Diagnostic::bug(format!("The state after {what} is not wholly known."))
}
