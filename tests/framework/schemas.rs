//! What the derive makes of a struct.

use awsbilling::framework::erased::Provider as _;
use awsbilling::framework::model::Model as _;
use awsbilling::framework::schema::{Attribute, Kind, Mode, Nesting};
use awsbilling::framework::{Server, Type, Value, consistency};
use awsbilling::provider::AwsBilling;

use crate::planning::THING;
use crate::sample::{Sample, Thing};

fn attribute(name: &str) -> Attribute {
    Thing::block().attribute(name).unwrap().clone()
}

#[test]
fn no_schema_of_the_sample_or_of_the_provider_breaks_a_rule() {
    for schemas in [
        Server::<Sample>::new().schemas(),
        Server::<AwsBilling>::new().schemas(),
    ] {
        assert_eq!(consistency::schema(&schemas.provider), []);
        assert!(!schemas.resources.is_empty());
        for resource in schemas.resources.values() {
            assert_eq!(consistency::schema(&resource.schema), []);
            assert_eq!(consistency::identity_schema(&resource.identity), []);
        }
        for schema in schemas
            .data_sources
            .values()
            .chain(schemas.ephemerals.values())
        {
            assert_eq!(consistency::schema(schema), []);
        }
    }
}

#[test]
fn the_type_of_a_field_decides_who_gives_its_value() {
    for (name, mode) in [
        ("code", Mode::Required),
        ("title", Mode::Optional),
        ("handling", Mode::OptionalComputed),
        ("id", Mode::Computed),
        ("colour", Mode::OptionalComputed),
        ("token", Mode::Optional),
        ("timeouts", Mode::Optional),
        ("tags_all", Mode::Computed),
    ] {
        assert_eq!(attribute(name).mode, mode, "{name}");
    }
}

#[test]
fn secrets_are_sensitive_and_only_write_only_ones_are_never_stored() {
    let flags = |name| (attribute(name).sensitive, attribute(name).write_only);
    assert_eq!(flags("title"), (false, false));
    assert_eq!(flags("inscription"), (true, false));
    assert_eq!(flags("token"), (true, true));
}

#[test]
fn a_description_shows_default_and_valid_values() {
    assert_eq!(
        attribute("handling").description,
        "How it is handled. Valid values: `gentle`, `ROUGH`. Default value: `gentle`."
    );
    assert_eq!(
        attribute("caption").deprecation.as_deref(),
        Some("Use title instead.")
    );
}

#[test]
fn collections_of_models_are_nested_attributes() {
    let nesting = |name| match attribute(name).kind {
        Kind::Nested { nesting, .. } => Some(nesting),
        Kind::Value(_) => None,
    };
    assert_eq!(nesting("owner"), Some(Nesting::Single));
    assert_eq!(nesting("parts"), Some(Nesting::List));
    assert_eq!(nesting("labels"), Some(Nesting::Set));
    assert_eq!(nesting("rooms"), Some(Nesting::Map));
    assert_eq!(attribute("tags").kind, Kind::Value(Type::map(Type::String)));
}

#[test]
fn the_user_may_write_within_an_optional_computed_object() {
    let Kind::Nested { attributes, .. } = attribute("address").kind else {
        panic!("the address is an object");
    };
    let modes: Vec<_> = attributes.iter().map(|a| a.mode).collect();
    let (optional, computed) = (Mode::Optional, Mode::Computed);
    assert_eq!(
        modes,
        [Mode::Required, optional, optional, optional, computed]
    );
}

#[test]
fn blocks_keep_the_blocks_within() {
    let block = Thing::block();
    let nestings: Vec<_> = block
        .blocks
        .iter()
        .map(|b| (b.name.as_ref(), b.nesting))
        .collect();
    assert_eq!(
        nestings,
        [
            ("rule", Nesting::List),
            ("insurance", Nesting::Single),
            ("mark", Nesting::Set)
        ]
    );
    let rule = &block.blocks[0].block;
    assert_eq!(rule.attributes[0].name, "type");
    assert_eq!(rule.blocks[0].name, "exception");
}

#[test]
fn the_identity_is_made_of_the_marked_attributes() {
    let server = Server::<Sample>::new();
    let identity = &server.schemas().resources[THING].identity;
    let parts: Vec<_> = identity
        .attributes
        .iter()
        .map(|a| (a.name.as_ref(), a.required_for_import))
        .collect();
    assert_eq!(parts, [("code", true), ("shelf", false)]);
    let value = Value::map([("code", "ABC".into()), ("shelf", Value::Null)]);
    assert!(identity.value_type.admits(&value));
}

#[test]
fn only_operations_with_a_limit_stand_in_timeouts() {
    let Kind::Nested { attributes, .. } = attribute("timeouts").kind else {
        panic!("timeouts are an object");
    };
    let names: Vec<_> = attributes.iter().map(|a| a.name.as_ref()).collect();
    assert_eq!(names, ["create", "delete"]);
    assert!(attributes[1].description.contains("`1h30m`"));
}
