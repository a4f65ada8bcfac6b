//! Identity: the small object that names one remote object for its whole life.
//!
//! It is made of the attributes marked so, at the first moment all of them are decided, and never
//! changes afterwards, whatever the state says later.

use super::erased::{IdentityAttribute, IdentitySchema};
use super::schema::{Identity, Schema};
use super::type_::Type;
use super::value::Value;

/// Identity schema of a resource.
pub(super) fn schema(schema: &Schema) -> IdentitySchema {
    let attributes: Vec<_> = schema
        .block
        .attributes
        .iter()
        .filter_map(|attribute| {
            attribute.identity.map(|part| IdentityAttribute {
                name: attribute.name.clone(),
                type_: attribute.value_type(),
                required_for_import: part == Identity::Required,
                description: attribute.description.clone(),
            })
        })
        .collect();
    let types = attributes
        .iter()
        .map(|a| (a.name.clone().into(), a.type_.clone()));
    IdentitySchema {
        version: 0,
        value_type: Type::Object(types.collect()),
        attributes,
    }
}

/// Identity of a planned object: the one it has, or what the plan knows of the one it will get.
pub(super) fn planned(schema: &Schema, prior: Option<Value>, planned: &Value) -> Option<Value> {
    match prior {
        Some(prior) if !prior.is_null() => Some(prior),
        _ if planned.is_null() => None,
        _ => of(schema, planned),
    }
}

/// Identity of an object as it is: the one it has, or the one that its state gives. What does not exist
/// has none.
pub(super) fn lasting(schema: &Schema, prior: Option<Value>, state: &Value) -> Option<Value> {
    match prior {
        _ if state.is_null() => None,
        Some(prior) if !prior.is_null() && prior.is_wholly_known() => Some(prior),
        _ => of(schema, state).filter(Value::is_wholly_known),
    }
}

fn of(schema: &Schema, object: &Value) -> Option<Value> {
    let marked = schema
        .block
        .attributes
        .iter()
        .filter(|a| a.identity.is_some());
    let values: Vec<_> = marked
        .map(|a| (a.name.to_string(), object.get(&a.name).clone()))
        .collect();
    (!values.is_empty()).then(|| Value::map(values))
}
