//! What a plan shows before anything is done.

use awsbilling::framework::erased::{Deferred, PlanRequest, Provider as _};
use awsbilling::framework::{Server, Value};

use crate::core::{Core, Object, config};
use crate::sample::Sample;

pub type Terraform = Core<Server<Sample>>;

pub const THING: &str = "sample_thing";

/// Terraform with the sample provider, configured for a world of its own.
pub async fn terraform(world: &str) -> Terraform {
    let core = Core::new(Server::<Sample>::new());
    let diagnostics = core.configure(provider_block(&core, world, [])).await;
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    core
}

pub fn provider_block<const N: usize>(
    core: &Terraform,
    world: &str,
    default_tags: [(&'static str, Value); N],
) -> Value {
    let block = &core.provider.schemas().provider;
    config(
        block,
        [
            ("world", world.into()),
            ("default_tags", Value::map(default_tags)),
        ],
    )
}

/// Configuration of a thing: a code, a weight, and what the test is about.
pub fn thing<const N: usize>(core: &Terraform, written: [(&str, Value); N]) -> Value {
    let mut all = config(core.schema(THING), written);
    if let Value::Map(attributes) = &mut all {
        for (name, value) in [("code", Value::from("ABC")), ("weight", Value::from(5))] {
            let attribute = attributes.get_mut(name).unwrap();
            if attribute.is_null() {
                *attribute = value;
            }
        }
    }
    all
}

/// The thing made, without errors.
pub async fn made(core: &Terraform, config: &Value) -> Object {
    let applied = core.apply(THING, &Object::none(), config, config).await;
    assert!(
        !applied.diagnostics.has_errors(),
        "{:?}",
        applied.diagnostics
    );
    applied.object
}

fn object<const N: usize>(attributes: [(&'static str, Value); N]) -> Value {
    Value::map(attributes)
}

fn part(kind: &str, count: Value, serial: Value) -> Value {
    object([("kind", kind.into()), ("count", count), ("serial", serial)])
}

fn rule(days: Value, exceptions: Vec<Value>) -> Value {
    object([
        ("type", "rest".into()),
        ("days", days),
        ("exception", Value::List(exceptions)),
    ])
}

#[tokio::test]
async fn a_creation_shows_defaults_and_leaves_the_rest_to_the_world() {
    let core = terraform("creation").await;
    let plan = core.plan(THING, &Object::none(), &thing(&core, [])).await;
    assert!(plan.diagnostics.is_empty(), "{:?}", plan.diagnostics);
    let planned = &plan.planned_state;
    assert_eq!(planned.get("handling"), &Value::from("gentle"));
    assert_eq!(planned.get("notes"), &Value::Null);
    for computed in ["id", "revision", "colour", "address"] {
        assert_eq!(planned.get(computed), &Value::UNKNOWN, "{computed}");
    }
    assert!(plan.requires_replace.is_empty());
}

#[tokio::test]
async fn a_plan_hook_knows_a_computed_value_beforehand() {
    let core = terraform("hook").await;
    let plan = core.plan(THING, &Object::none(), &thing(&core, [])).await;
    assert_eq!(
        plan.planned_state.get("shelf"),
        &Value::from("shelf of ABC")
    );
    let open = thing(&core, [("code", Value::UNKNOWN)]);
    let plan = core.plan(THING, &Object::none(), &open).await;
    assert_eq!(plan.planned_state.get("shelf"), &Value::UNKNOWN);
}

#[tokio::test]
async fn a_plan_hook_refuses_with_the_path() {
    let core = terraform("refusal").await;
    let refused = thing(&core, [("title", "refused".into())]);
    let plan = core.plan(THING, &Object::none(), &refused).await;
    let problem = plan.diagnostics.iter().next().unwrap();
    assert_eq!(
        (problem.summary.as_str(), problem.path.to_string().as_str()),
        ("Refused title", "title")
    );
}

#[tokio::test]
async fn an_identity_is_known_as_far_as_the_plan_knows_it() {
    let core = terraform("identity plan").await;
    let plan = core.plan(THING, &Object::none(), &thing(&core, [])).await;
    let expected = object([("code", "ABC".into()), ("shelf", "shelf of ABC".into())]);
    assert_eq!(plan.identity, Some(expected));
}

#[tokio::test]
async fn the_plan_of_a_new_object_forgets_the_identity_of_the_old_one() {
    let core = terraform("identity of the old").await;
    let before = made(&core, &thing(&core, [])).await;
    let replaced = Object {
        state: Value::Null,
        ..before
    };
    let config = thing(&core, [("code", "NEW".into())]);
    let identity = core.plan(THING, &replaced, &config).await.identity.unwrap();
    assert_eq!(identity.get("code"), &Value::from("NEW"));
}

#[tokio::test]
async fn an_update_keeps_the_stable_and_opens_the_rest() {
    let core = terraform("update").await;
    let before = made(&core, &thing(&core, [])).await;
    let plan = core
        .plan(THING, &before, &thing(&core, [("title", "new".into())]))
        .await;
    assert!(
        plan.requires_replace.is_empty(),
        "{:?}",
        plan.requires_replace
    );
    assert_eq!(plan.planned_state.get("id"), before.state.get("id"));
    assert_eq!(plan.planned_state.get("revision"), &Value::UNKNOWN);
    assert_eq!(plan.identity, before.identity);
}

#[tokio::test]
async fn without_a_difference_nothing_is_planned() {
    let core = terraform("nothing").await;
    let config = thing(&core, [("token", "t".into())]);
    let before = made(&core, &config).await;
    let plan = core.plan(THING, &before, &config).await;
    assert_eq!(plan.planned_state, before.state);
}

#[tokio::test]
async fn removing_what_was_written_falls_back_to_the_default() {
    let core = terraform("fall back").await;
    let before = made(&core, &thing(&core, [("handling", "ROUGH".into())])).await;
    let plan = core.plan(THING, &before, &thing(&core, [])).await;
    assert_eq!(plan.planned_state.get("handling"), &Value::from("gentle"));
}

#[tokio::test]
async fn a_changed_attribute_that_replaces_asks_for_a_new_object() {
    let core = terraform("replace").await;
    let before = made(&core, &thing(&core, [])).await;
    let plan = core
        .plan(THING, &before, &thing(&core, [("code", "XYZ".into())]))
        .await;
    assert_eq!(plan.requires_replace, ["code".into()]);
}

#[tokio::test]
async fn a_replacing_value_that_the_user_leaves_to_the_world_replaces_nothing() {
    let core = terraform("replace computed").await;
    let before = made(&core, &thing(&core, [("colour", "red".into())])).await;
    let left = thing(&core, [("title", "new".into())]);
    let plan = core.plan(THING, &before, &left).await;
    assert!(
        plan.requires_replace.is_empty(),
        "{:?}",
        plan.requires_replace
    );
    let wished = thing(&core, [("colour", "blue".into())]);
    let plan = core.plan(THING, &before, &wished).await;
    assert_eq!(plan.requires_replace, ["colour".into()]);
}

#[tokio::test]
async fn a_plan_hook_asks_for_a_new_object() {
    let core = terraform("replace by hook").await;
    let of = |volume: i64| {
        let mut config = thing(&core, [("volume", volume.into())]);
        if let Value::Map(attributes) = &mut config {
            attributes.insert("weight".to_owned().into(), Value::Null);
        }
        config
    };
    let before = made(&core, &of(9)).await;
    let plan = core.plan(THING, &before, &of(5)).await;
    assert_eq!(plan.requires_replace, ["volume".into()]);
    let plan = core.plan(THING, &before, &of(10)).await;
    assert!(plan.requires_replace.is_empty());
}

#[tokio::test]
async fn a_nested_attribute_that_replaces_is_named_by_its_path() {
    let core = terraform("replace nested").await;
    let rooms = |floor: i64| {
        let room = object([("floor", floor.into()), ("tower", Value::Null)]);
        thing(&core, [("rooms", object([("EAS", room)]))])
    };
    let before = made(&core, &rooms(1)).await;
    let plan = core.plan(THING, &before, &rooms(2)).await;
    let paths: Vec<_> = plan
        .requires_replace
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(paths, [r#"rooms["EAS"].floor"#]);
}

#[tokio::test]
async fn elements_of_a_list_have_defaults_and_keep_their_stable_values() {
    let core = terraform("list").await;
    let parts = |kinds: &[&str]| {
        let parts = kinds
            .iter()
            .map(|kind| part(kind, Value::Null, Value::Null));
        thing(&core, [("parts", Value::List(parts.collect()))])
    };
    let before = made(&core, &parts(&["AAA"])).await;
    let serial = before.state.get("parts").element(0).get("serial").clone();
    assert!(serial.as_str().is_some());
    let plan = core.plan(THING, &before, &parts(&["AAA", "BBB"])).await;
    let one = Value::from(1);
    let expected = Value::List(vec![
        part("AAA", one.clone(), serial),
        part("BBB", one, Value::UNKNOWN),
    ]);
    assert_eq!(plan.planned_state.get("parts"), &expected);
}

#[tokio::test]
async fn blocks_within_blocks_have_defaults() {
    let core = terraform("blocks").await;
    let exception = object([("reason", Value::Null)]);
    let config = thing(
        &core,
        [
            (
                "rule",
                Value::List(vec![rule(Value::Null, vec![exception.clone()])]),
            ),
            ("insurance", exception),
        ],
    );
    let plan = core.plan(THING, &Object::none(), &config).await;
    let filled = object([("reason", "none given".into())]);
    let expected = Value::List(vec![rule(7.into(), vec![filled.clone()])]);
    assert_eq!(plan.planned_state.get("rule"), &expected);
    assert_eq!(plan.planned_state.get("insurance"), &filled);
    assert!(plan.diagnostics.is_empty(), "{:?}", plan.diagnostics);
}

#[tokio::test]
async fn an_optional_computed_object_is_planned_as_far_as_it_is_written() {
    let core = terraform("optional computed").await;
    let address = |number: Value| {
        object([
            ("full_name", "Ada".into()),
            ("initials", Value::Null),
            ("nickname", Value::Null),
            ("word", Value::Null),
            ("register_number", number),
        ])
    };
    let config = thing(&core, [("address", address(Value::Null))]);
    let plan = core.plan(THING, &Object::none(), &config).await;
    assert!(plan.diagnostics.is_empty(), "{:?}", plan.diagnostics);
    assert_eq!(plan.planned_state.get("address"), &address(Value::UNKNOWN));
}

#[tokio::test]
async fn write_only_values_are_null_in_plans_at_every_depth() {
    let core = terraform("write-only").await;
    let owner = object([
        ("full_name", "Ada".into()),
        ("initials", Value::Null),
        ("nickname", Value::Null),
        ("word", "open".into()),
        ("register_number", Value::Null),
    ]);
    let config = thing(&core, [("token", "t".into()), ("owner", owner)]);
    let plan = core.plan(THING, &Object::none(), &config).await;
    assert!(plan.planned_state.get("token").is_null());
    assert!(plan.planned_state.get("owner").get("word").is_null());
}

#[tokio::test]
async fn default_tags_join_the_tags_of_the_thing_which_win() {
    let core = terraform("tags").await;
    let block = provider_block(&core, "tags", [("team", "a".into()), ("cost", "b".into())]);
    core.configure(block).await;
    let config = thing(&core, [("tags", object([("team", "mine".into())]))]);
    let plan = core.plan(THING, &Object::none(), &config).await;
    let expected = object([("cost", "b".into()), ("team", "mine".into())]);
    assert_eq!(plan.planned_state.get("tags_all"), &expected);
}

#[tokio::test]
async fn changed_default_tags_are_a_change() {
    let core = terraform("new default tags").await;
    let config = thing(&core, []);
    let before = made(&core, &config).await;
    let block = provider_block(&core, "new default tags", [("team", "a".into())]);
    core.configure(block).await;
    let plan = core.plan(THING, &before, &config).await;
    assert_ne!(plan.planned_state, before.state);
    assert_eq!(
        plan.planned_state.get("tags_all"),
        &object([("team", "a".into())])
    );
}

#[tokio::test]
async fn one_unknown_tag_leaves_the_others_known() {
    let core = terraform("unknown tag").await;
    let tags = object([("a", "1".into()), ("b", Value::UNKNOWN)]);
    let config = thing(&core, [("tags", tags.clone())]);
    let plan = core.plan(THING, &Object::none(), &config).await;
    assert_eq!(plan.planned_state.get("tags_all"), &tags);
}

#[tokio::test]
async fn a_deletion_warns_and_stays_a_deletion() {
    let core = terraform("deletion").await;
    let before = made(&core, &thing(&core, [])).await;
    let plan = core.plan(THING, &before, &Value::Null).await;
    assert!(plan.planned_state.is_null());
    let warnings: Vec<_> = plan.diagnostics.iter().map(|d| d.detail.as_str()).collect();
    assert_eq!(warnings, ["ABC"]);
}

#[tokio::test]
async fn an_unknown_provider_block_defers_where_allowed_and_plans_openly_elsewhere() {
    let core = terraform("deferred").await;
    let mut block = provider_block(&core, "deferred", []);
    if let Value::Map(attributes) = &mut block {
        attributes.insert("world".to_owned().into(), Value::UNKNOWN);
    }
    assert!(core.configure(block).await.is_empty());

    let config = thing(&core, []);
    let plan = core.plan(THING, &Object::none(), &config).await;
    assert!(!plan.diagnostics.has_errors());
    assert_eq!(plan.planned_state.get("tags_all"), &Value::UNKNOWN);
    assert_eq!(
        plan.planned_state.get("shelf"),
        &Value::UNKNOWN,
        "no hook without a client"
    );

    let deferred = core
        .provider
        .plan(PlanRequest {
            type_name: THING.to_owned(),
            prior_state: Value::Null,
            proposed_new_state: config.clone(),
            config: config.clone(),
            private: Vec::new(),
            identity: None,
            deferral_allowed: true,
        })
        .await;
    assert_eq!(deferred.deferred, Some(Deferred::ProviderConfigUnknown));

    // Once the rest of the world is made, the block is known, and the plan only becomes more definite.
    let refused = core.carry_out(THING, &Object::none(), &config, plan).await;
    let problem = refused.diagnostics.iter().next().unwrap();
    assert_eq!(problem.summary, "Provider configuration not known yet");
    assert!(problem.detail.contains("-target"));
}
