//! What becomes of stored state: refresh, import, upgrade, move.

use awsbilling::framework::Value;
use awsbilling::framework::erased::{
    ImportRequest, ImportResponse, MoveRequest, Provider as _, UpgradeRequest,
};
use serde_json::json;

use crate::core::Object;
use crate::planning::{THING, Terraform, made, terraform, thing};
use crate::sample::World;

async fn import(core: &Terraform, id: &str, identity: Option<Value>) -> ImportResponse {
    let request = ImportRequest {
        type_name: THING.to_owned(),
        id: id.to_owned(),
        identity,
        deferral_allowed: false,
    };
    core.provider.import(request).await
}

#[tokio::test]
async fn a_refresh_takes_drift_over() {
    let core = terraform("drift").await;
    let config = thing(&core, []);
    let object = made(&core, &config).await;
    World::named("drift").with(|world| {
        world.things.get_mut("ABC").unwrap().title = Some("changed".to_owned());
    });
    let read = core.read(THING, &object).await;
    assert!(!read.diagnostics.has_errors());
    assert_eq!(read.state.get("title"), &Value::from("changed"));
    let drifted = Object {
        state: read.state,
        ..object
    };
    let applied = core.apply(THING, &drifted, &config, &config).await;
    assert_eq!(applied.object.state.get("title"), &Value::Null);
}

#[tokio::test]
async fn what_disappeared_is_null_and_made_again() {
    let core = terraform("disappeared").await;
    let config = thing(&core, []);
    let object = made(&core, &config).await;
    World::named("disappeared").with(|world| world.things.clear());
    let read = core.read(THING, &object).await;
    assert!(read.state.is_null());
    assert_eq!(read.identity, None);
    let again = made(&core, &config).await;
    assert_ne!(again.state.get("id"), object.state.get("id"));
}

#[tokio::test]
async fn notes_travel_with_the_state() {
    let core = terraform("notes").await;
    let object = made(&core, &thing(&core, [])).await;
    assert!(core.read(THING, &object).await.diagnostics.is_empty());
    let without = Object {
        private: Vec::new(),
        ..object
    };
    let warned = core.read(THING, &without).await.diagnostics;
    assert_eq!(warned.iter().next().unwrap().summary, "Found, not made");
}

#[tokio::test]
async fn an_import_by_text_or_identity_finds_the_same_thing() {
    let core = terraform("import").await;
    let object = made(&core, &thing(&core, [])).await;
    let identity = Value::map([("code", "ABC".into()), ("shelf", Value::Null)]);
    for imported in [
        import(&core, "ABC", None).await,
        import(&core, "", Some(identity)).await,
    ] {
        assert!(
            imported.diagnostics.is_empty(),
            "{:?}",
            imported.diagnostics
        );
        let found = Object {
            state: imported.state.unwrap(),
            private: imported.private,
            identity: imported.identity,
        };
        let read = core.read(THING, &found).await;
        assert_eq!(read.state, object.state);
        assert_eq!(read.identity, object.identity);
    }
}

#[tokio::test]
async fn an_import_does_not_fix_an_identity_that_it_does_not_know() {
    let core = terraform("import identity").await;
    let imported = import(&core, "ABC", None).await;
    assert_eq!(imported.identity, None);
}

#[tokio::test]
async fn an_import_of_a_wrong_id_says_what_is_expected() {
    let core = terraform("wrong import").await;
    let imported = import(&core, "abcd", None).await;
    assert!(imported.state.is_none());
    let problem = imported.diagnostics.iter().next().unwrap();
    assert_eq!(
        problem.detail,
        "Expected three capital letters, got \"abcd\"."
    );
}

#[tokio::test]
async fn state_of_an_older_version_is_upgraded() {
    let core = terraform("upgrade").await;
    let upgrade = async |version, state| {
        let request = UpgradeRequest {
            type_name: THING.to_owned(),
            version,
            state,
        };
        core.provider.upgrade(request).await
    };
    let old = upgrade(0, json!({"label": "OLD"})).await;
    assert!(old.diagnostics.is_empty(), "{:?}", old.diagnostics);
    assert_eq!(old.state.get("code"), &Value::from("OLD"));
    assert_eq!(old.state.get("handling"), &Value::from("gentle"));

    let current = upgrade(1, json!({"code": "NEW", "of_a_later_version": true})).await;
    assert_eq!(current.state.get("code"), &Value::from("NEW"));

    // The sample's upgrade panics for a version that it does not expect.
    let unknown = upgrade(7, json!({})).await;
    assert!(unknown.diagnostics.has_errors());
    assert!(unknown.state.is_null());
}

#[tokio::test]
async fn state_of_another_type_moves_where_the_resource_knows_it() {
    let core = terraform("move").await;
    let moved = async |type_name: &str| {
        let request = MoveRequest {
            source_provider_address: "registry.terraform.io/other/other".to_owned(),
            source_type_name: type_name.to_owned(),
            source_schema_version: 0,
            source_state: json!({"serial": "MOV"}),
            target_type_name: THING.to_owned(),
        };
        core.provider.move_state(request).await
    };
    let known = moved("other_item").await;
    assert!(known.diagnostics.is_empty(), "{:?}", known.diagnostics);
    assert_eq!(known.state.get("code"), &Value::from("MOV"));

    let unknown = moved("other_thing").await;
    let problem = unknown.diagnostics.iter().next().unwrap();
    assert_eq!(problem.summary, "Unsupported move");
    assert!(problem.detail.contains("other_thing") && problem.detail.contains(THING));
}
