//! What an apply leaves behind, when it succeeds and when it does not.

use std::time::Duration;

use awsbilling::framework::erased::Provider as _;
use awsbilling::framework::{Diagnostics, Value};

use crate::core::Object;
use crate::planning::{THING, made, terraform, thing};
use crate::sample::{Fault, World};

fn summaries(diagnostics: &Diagnostics) -> Vec<&str> {
    diagnostics.iter().map(|d| d.summary.as_str()).collect()
}

fn full(core: &crate::planning::Terraform) -> Value {
    let object = |attributes: Vec<(&'static str, Value)>| Value::map(attributes);
    let owner = |word: &str| {
        object(vec![
            ("full_name", "Ada".into()),
            ("initials", Value::Null),
            ("nickname", Value::Null),
            ("word", word.into()),
            ("register_number", Value::Null),
        ])
    };
    let label = |text: &str| object(vec![("text", text.into()), ("language", Value::Null)]);
    let rooms = vec![
        (
            "EAS",
            object(vec![("floor", 1.into()), ("tower", Value::Null)]),
        ),
        (
            "WES",
            object(vec![("floor", Value::Null), ("tower", "TOP".into())]),
        ),
    ];
    let part = object(vec![
        ("kind", "LEG".into()),
        ("count", Value::Null),
        ("serial", Value::Null),
    ]);
    let exception = object(vec![("reason", Value::Null)]);
    let rule = object(vec![
        ("type", "rest".into()),
        ("days", Value::Null),
        ("exception", Value::List(vec![exception.clone()])),
    ]);
    thing(
        core,
        [
            ("title", "title".into()),
            ("notes", "notes".into()),
            ("inscription", "XXX".into()),
            ("token", "t1".into()),
            ("caption", "caption".into()),
            ("address", owner("word")),
            ("owner", owner("word")),
            ("parts", Value::List(vec![part])),
            ("labels", Value::set([label("b"), label("a")])),
            ("mark", Value::set([label("m")])),
            ("rooms", object(rooms)),
            ("rule", Value::List(vec![rule])),
            ("insurance", exception),
            (
                "timeouts",
                object(vec![("create", "5m".into()), ("delete", Value::Null)]),
            ),
            ("tags", object(vec![("k", "v".into())])),
        ],
    )
}

#[tokio::test]
async fn a_thing_with_everything_is_made_and_then_at_rest() {
    let core = terraform("everything").await;
    let config = full(&core);
    let object = made(&core, &config).await;
    assert!(object.state.is_wholly_known());
    assert_eq!(core.unsettled(THING, &object, &config).await, []);
}

#[tokio::test]
async fn what_was_unknown_in_the_plan_is_filled_at_apply() {
    let core = terraform("late").await;
    let late = full(&core);
    let mut early = late.clone();
    if let Value::Map(attributes) = &mut early {
        for name in ["title", "parts", "owner", "rooms", "rule", "labels", "tags"] {
            attributes.insert(name.to_owned().into(), Value::UNKNOWN);
        }
    }
    let applied = core.apply(THING, &Object::none(), &early, &late).await;
    assert!(
        !applied.diagnostics.has_errors(),
        "{:?}",
        applied.diagnostics
    );
    assert_eq!(core.unsettled(THING, &applied.object, &late).await, []);
}

#[tokio::test]
async fn write_only_values_reach_the_resource_and_not_the_state() {
    let core = terraform("token").await;
    let object = made(&core, &full(&core)).await;
    assert!(object.state.get("token").is_null());
    assert!(object.state.get("owner").get("word").is_null());
    let token = World::named("token").with(|world| world.token.clone());
    assert_eq!(token.as_deref(), Some("t1"));
}

#[tokio::test]
async fn an_update_changes_in_place() {
    let core = terraform("in place").await;
    let before = made(&core, &thing(&core, [])).await;
    let config = thing(&core, [("title", "new".into())]);
    let applied = core.apply(THING, &before, &config, &config).await;
    assert!(
        !applied.diagnostics.has_errors(),
        "{:?}",
        applied.diagnostics
    );
    assert!(!applied.replaced);
    assert_eq!(applied.object.state.get("title"), &Value::from("new"));
    assert_eq!(applied.object.state.get("id"), before.state.get("id"));
    assert_eq!(applied.object.identity, before.identity);
    assert_eq!(core.unsettled(THING, &applied.object, &config).await, []);
}

#[tokio::test]
async fn a_replacement_deletes_and_makes_anew_with_another_identity() {
    let core = terraform("replacement").await;
    let before = made(&core, &thing(&core, [])).await;
    let config = thing(&core, [("code", "XYZ".into())]);
    let applied = core.apply(THING, &before, &config, &config).await;
    assert!(
        !applied.diagnostics.has_errors(),
        "{:?}",
        applied.diagnostics
    );
    assert!(applied.replaced);
    assert_ne!(applied.object.identity, before.identity);
    let codes = World::named("replacement").with(|w| w.things.keys().cloned().collect::<Vec<_>>());
    assert_eq!(codes, ["XYZ"]);
    assert_eq!(core.unsettled(THING, &applied.object, &config).await, []);
}

#[tokio::test]
async fn a_deletion_leaves_nothing() {
    let core = terraform("gone").await;
    let before = made(&core, &thing(&core, [])).await;
    let applied = core.apply(THING, &before, &Value::Null, &Value::Null).await;
    assert!(!applied.diagnostics.has_errors());
    assert!(applied.object.state.is_null());
    assert_eq!(applied.object.identity, None);
}

#[tokio::test]
async fn a_creation_that_fails_at_once_leaves_nothing() {
    let core = terraform("fail at once").await;
    World::named("fail at once").with(|world| world.fault = Some(Fault::Before));
    let config = thing(&core, []);
    let applied = core.apply(THING, &Object::none(), &config, &config).await;
    assert_eq!(summaries(&applied.diagnostics), ["World out of order"]);
    assert!(applied.object.state.is_null());
    assert_eq!(applied.object.identity, None);
}

#[tokio::test]
async fn a_creation_that_fails_half_way_leaves_what_was_saved() {
    let core = terraform("half way").await;
    World::named("half way").with(|world| world.fault = Some(Fault::AfterSaving));
    let config = full(&core);
    let applied = core.apply(THING, &Object::none(), &config, &config).await;
    assert_eq!(summaries(&applied.diagnostics), ["World out of order"]);
    let state = &applied.object.state;
    assert_eq!(state.get("code"), &Value::from("ABC"));
    assert_eq!(
        state.get("id"),
        &Value::Null,
        "what never became known is null"
    );
    assert!(applied.object.identity.is_some());
    assert_eq!(applied.object.private, br#"{"step":"saved"}"#);
}

#[tokio::test]
async fn a_panic_is_a_failure_that_keeps_what_was_saved_and_the_notes() {
    let core = terraform("panic").await;
    World::named("panic").with(|world| world.fault = Some(Fault::PanicAfterSaving));
    let config = full(&core);
    let applied = core.apply(THING, &Object::none(), &config, &config).await;
    let problem = applied.diagnostics.iter().next().unwrap();
    assert_eq!(problem.summary, "Provider error");
    assert!(
        problem.detail.contains("the world ended"),
        "{}",
        problem.detail
    );
    assert_eq!(applied.object.state.get("code"), &Value::from("ABC"));
    assert!(applied.object.identity.is_some());
    assert_eq!(applied.object.private, br#"{"step":"saved"}"#);
}

#[tokio::test]
async fn an_update_or_deletion_that_fails_leaves_the_object_as_it_was() {
    let core = terraform("as it was").await;
    let before = made(&core, &thing(&core, [])).await;
    let changed = thing(&core, [("title", "new".into())]);
    for config in [changed, Value::Null] {
        World::named("as it was").with(|world| world.fault = Some(Fault::Before));
        let applied = core.apply(THING, &before, &config, &config).await;
        assert!(applied.diagnostics.has_errors());
        assert_eq!(applied.object.state, before.state);
        assert_eq!(applied.object.identity, before.identity);
    }
}

#[tokio::test]
async fn a_stop_cancels_what_is_under_way_and_nothing_that_begins_later() {
    let core = terraform("stop").await;
    World::named("stop").with(|world| world.fault = Some(Fault::Waiting));
    let config = thing(&core, [("timeouts", limits("9000h"))]);
    let stop = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        core.provider.stop();
    };
    let object = Object::none();
    let (applied, ()) = tokio::join!(core.apply(THING, &object, &config, &config), stop);
    assert_eq!(summaries(&applied.diagnostics), ["Operation cancelled"]);
    assert!(!applied.object.state.is_null(), "what was saved is kept");

    let again = core.apply(THING, &object, &config, &config).await;
    assert!(!again.diagnostics.has_errors(), "{:?}", again.diagnostics);
}

#[tokio::test]
async fn an_operation_ends_when_its_time_is_over() {
    let core = terraform("time is over").await;
    World::named("time is over").with(|world| world.fault = Some(Fault::Waiting));
    let config = thing(&core, [("timeouts", limits("20ms"))]);
    let applied = core.apply(THING, &Object::none(), &config, &config).await;
    assert_eq!(summaries(&applied.diagnostics), ["Operation timed out"]);
    assert!(!applied.object.state.is_null(), "what was saved is kept");
}

#[tokio::test]
async fn an_operation_has_the_time_that_the_user_or_else_the_schema_gives() {
    let core = terraform("time").await;
    let limit = || {
        let limit = World::named("time").with(|world| world.limit).unwrap();
        limit.as_secs().next_multiple_of(10)
    };
    let written = thing(&core, [("timeouts", limits("90s"))]);
    made(&core, &written).await;
    assert_eq!(limit(), 90);

    let object = made(&core, &thing(&core, [])).await;
    assert_eq!(limit(), 20 * 60);

    core.apply(THING, &object, &Value::Null, &Value::Null).await;
    assert_eq!(limit(), 90 * 60);
}

fn limits(create: &str) -> Value {
    Value::map([("create", Value::from(create)), ("delete", Value::Null)])
}
