//! Data sources, ephemeral resources and functions.

use std::sync::{Arc, Mutex};

use awsbilling::framework::erased::{EphemeralRequest, Provider as _, ReadDataRequest};
use awsbilling::framework::{Clock, Server, Value};
use time::macros::datetime;

use crate::core::{Core, config};
use crate::planning::{made, provider_block, terraform, thing};
use crate::sample::{Sample, World};

#[tokio::test]
async fn a_data_source_reads_what_its_configuration_asks_for() {
    let core = terraform("search").await;
    made(&core, &thing(&core, [])).await;
    let schema = &core.provider.schemas().data_sources["sample_things"];
    for (prefix, found) in [("A", vec!["ABC".into()]), ("B", vec![])] {
        let config = config(schema, [("prefix", prefix.into())]);
        assert!(
            core.provider
                .validate_data_source("sample_things", config.clone())
                .is_empty()
        );
        let request = ReadDataRequest {
            type_name: "sample_things".to_owned(),
            config,
            deferral_allowed: false,
        };
        let read = core.provider.read_data(request).await;
        assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
        assert_eq!(read.state.get("codes"), &Value::List(found));
        assert_eq!(read.state.get("prefix"), &Value::from(prefix));
    }
}

#[tokio::test]
async fn an_ephemeral_resource_is_opened_renewed_and_closed_by_its_notes() {
    let now = datetime!(2026-01-01 12:00 UTC);
    let clock = Clock::Fixed(Arc::new(Mutex::new(now)));
    let core = Core::new(Server::<Sample>::with_clock(clock));
    core.configure(provider_block(&core, "keys", [])).await;
    let schema = &core.provider.schemas().ephemerals["sample_key"];
    let request = |config: Value, private: Vec<u8>| EphemeralRequest {
        type_name: "sample_key".to_owned(),
        config,
        private,
        deferral_allowed: false,
    };
    let config = config(schema, [("code", "ABC".into())]);
    assert!(
        core.provider
            .validate_ephemeral("sample_key", config.clone())
            .is_empty()
    );

    let opened = core
        .provider
        .open_ephemeral(request(config, Vec::new()))
        .await;
    assert!(opened.diagnostics.is_empty(), "{:?}", opened.diagnostics);
    assert_eq!(opened.result.get("key"), &Value::from("key to ABC"));
    assert_eq!(opened.renew_at, Some(datetime!(2026-01-01 12:05 UTC)));

    let renewed = core
        .provider
        .renew_ephemeral(request(Value::Null, opened.private.clone()))
        .await;
    assert!(renewed.diagnostics.is_empty(), "{:?}", renewed.diagnostics);
    assert_eq!(renewed.private, opened.private);

    let closed = core
        .provider
        .close_ephemeral(request(Value::Null, renewed.private))
        .await;
    assert!(closed.is_empty());
    assert_eq!(
        World::named("keys").with(|world| world.closed.clone()),
        ["ABC"]
    );
}

#[tokio::test]
async fn a_renewal_that_panics_keeps_the_notes_to_close_by() {
    let core = terraform("renewal").await;
    let notes = br#"{"other":"note"}"#.to_vec();
    let request = EphemeralRequest {
        type_name: "sample_key".to_owned(),
        config: Value::Null,
        private: notes.clone(),
        deferral_allowed: false,
    };
    let renewed = core.provider.renew_ephemeral(request).await;
    assert!(renewed.diagnostics.has_errors());
    assert_eq!(renewed.private, notes);
}

#[test]
fn a_function_computes_and_blames_the_argument_at_fault() {
    let core = Core::new(Server::<Sample>::new());
    let call = |second: Value| core.provider.call_function("sum", vec![1.into(), second]);
    assert_eq!(call(2.into()), Ok(3.into()));

    let refused = call(13.into()).unwrap_err();
    assert_eq!(
        (refused.text.as_str(), refused.argument),
        ("Too large.", Some(1))
    );

    let half = call(Value::Number("0.5".parse().unwrap())).unwrap_err();
    assert_eq!(half.argument, Some(1));
    assert_eq!(half.text, "Expected a whole number, got 0.5.");

    assert!(core.provider.call_function("product", vec![]).is_err());
}

#[tokio::test]
async fn the_terraform_version_reaches_the_provider() {
    terraform("version").await;
    let version = World::named("version").with(|world| world.terraform_version.clone());
    assert_eq!(version, "1.11.4");
}
