//! Every call that Terraform makes, to a provider within this process.

use std::time::Duration;

use awsbilling::framework::{Type, Value};
use awsbilling::protocol::dynamic_value::{decode, encode};
use awsbilling::protocol::wire::plugin::Empty;
use awsbilling::protocol::wire::plugin::grpc_controller_client::GrpcControllerClient;
use awsbilling::protocol::wire::tfplugin6 as wire;
use awsbilling::protocol::wire::tfplugin6::attribute_path::step::Selector;
use awsbilling::protocol::wire::tfplugin6::provider_client::ProviderClient;
use awsbilling::protocol::{Address, InProcess, Transport};
use prost::bytes::Bytes;
use tokio::net::TcpStream;
use tonic::Code;
use tonic::transport::Channel;

use crate::client::{self, Io, msgpack};
use crate::test_provider::{TestProvider, identity, thing, value};

struct Served {
    server: InProcess,
    channel: Channel,
}

impl Served {
    async fn start() -> Self {
        let server = InProcess::serve(TestProvider::new(), Transport::Unix).unwrap();
        let Address::Unix(socket) = &server.reattach().address else {
            panic!("no unix socket");
        };
        let channel = client::connect(socket, None).await.unwrap();
        Self { server, channel }
    }

    fn client(&self) -> ProviderClient<Channel> {
        ProviderClient::new(self.channel.clone())
    }
}

fn message(value: &Value) -> Option<wire::DynamicValue> {
    msgpack(encode(value, thing().value_type()).unwrap())
}

fn read(message: Option<wire::DynamicValue>) -> Value {
    decode(&message.unwrap().msgpack, thing().value_type()).unwrap()
}

#[allow(clippy::unnecessary_wraps)] // As the fields that take it want it.
fn identity_message(name: &str) -> Option<wire::ResourceIdentityData> {
    let value = Value::map([("name", Value::from(name))]);
    let identity_data = msgpack(encode(&value, &identity().value_type).unwrap());
    Some(wire::ResourceIdentityData { identity_data })
}

fn thing_named(name: &str) -> Value {
    value(&[("name", name.into())])
}

fn kind() -> String {
    "test_thing".to_owned()
}

fn apply_of(mode: &str) -> wire::apply_resource_change::Request {
    let planned = value(&[
        ("name", "a".into()),
        ("mode", mode.into()),
        ("id", Value::UNKNOWN),
    ]);
    let config = value(&[("name", "a".into()), ("mode", mode.into())]);
    wire::apply_resource_change::Request {
        type_name: kind(),
        prior_state: message(&Value::Null),
        planned_state: message(&planned),
        config: message(&config),
        planned_private: Bytes::from_static(b"planned"),
        ..Default::default()
    }
}

#[tokio::test]
async fn schemas_say_what_the_provider_offers() {
    let served = Served::start().await;
    let mut client = served.client();
    let schema = client::schema(&served.channel).await.unwrap();
    let thing = &schema.resource_schemas["test_thing"];
    assert_eq!(thing.version, 3);
    let attributes = &thing.block.as_ref().unwrap().attributes;
    let named = |name: &str| attributes.iter().find(|a| a.name == name).unwrap();
    assert!(named("name").required && !named("name").optional && !named("name").computed);
    assert!(named("secret").optional && named("secret").computed && named("secret").sensitive);
    assert_eq!(named("name").r#type, "\"string\"");
    assert!(named("old").deprecated && !named("old").deprecation_message.is_empty());
    let rules = named("rules");
    assert!(rules.r#type.is_empty());
    assert_eq!(
        rules.nested_type.as_ref().unwrap().attributes[0].name,
        "port"
    );
    assert!(schema.data_source_schemas.contains_key("test_thing"));
    assert!(schema.ephemeral_resource_schemas.contains_key("test_thing"));

    let functions = client
        .get_functions(wire::get_functions::Request {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(functions.functions, schema.functions);
    assert_eq!(functions.functions["join"].parameters[0].name, "separator");
    assert!(functions.functions["join"].variadic_parameter.is_some());

    let metadata = client
        .get_metadata(wire::get_metadata::Request {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(metadata.resources[0].type_name, "test_thing");
    assert_eq!(metadata.functions[0].name, "join");
    assert_eq!(metadata.server_capabilities, schema.server_capabilities);

    let identities = client
        .get_resource_identity_schemas(wire::get_resource_identity_schemas::Request {})
        .await
        .unwrap()
        .into_inner();
    let attribute = &identities.identity_schemas["test_thing"].identity_attributes[0];
    assert!(attribute.required_for_import && !attribute.optional_for_import);
}

#[tokio::test]
async fn what_is_not_served_is_unimplemented() {
    let served = Served::start().await;
    let mut client = served.client();
    let plan = client
        .plan_action(wire::plan_action::Request::default())
        .await;
    assert_eq!(plan.unwrap_err().code(), Code::Unimplemented);
    let list = client
        .list_resource(wire::list_resource::Request::default())
        .await;
    assert_eq!(list.unwrap_err().code(), Code::Unimplemented);
    let lock = client
        .lock_state(wire::lock_state::Request::default())
        .await;
    assert_eq!(lock.unwrap_err().code(), Code::Unimplemented);
}

#[tokio::test]
async fn diagnostics_arrive_with_severity_and_path() {
    let served = Served::start().await;
    let validate = async |name: &str| {
        let config = message(&thing_named(name));
        let request = wire::validate_resource_config::Request {
            type_name: kind(),
            config,
            ..Default::default()
        };
        let answer = served
            .client()
            .validate_resource_config(request)
            .await
            .unwrap();
        answer.into_inner().diagnostics
    };
    assert!(validate("fine").await.is_empty());
    let warning = validate("warn").await.remove(0);
    assert_eq!(warning.severity(), wire::diagnostic::Severity::Warning);
    let error = validate("fail").await.remove(0);
    assert_eq!(error.severity(), wire::diagnostic::Severity::Error);
    let steps = error
        .attribute
        .unwrap()
        .steps
        .into_iter()
        .map(|step| step.selector.unwrap());
    assert_eq!(
        steps.collect::<Vec<_>>(),
        [
            Selector::AttributeName("rules".to_owned()),
            Selector::ElementKeyInt(0),
            Selector::AttributeName("port".to_owned()),
        ]
    );
}

#[tokio::test]
async fn a_malformed_value_names_its_attribute() {
    let served = Served::start().await;
    let wrong = Type::Object(
        [
            ("id", Type::String),
            ("mode", Type::String),
            ("name", Type::Number),
        ]
        .into_iter()
        .chain([
            ("old", Type::String),
            ("rules", Type::String),
            ("secret", Type::String),
        ])
        .map(|(name, type_)| (name.into(), type_))
        .collect(),
    );
    let config = msgpack(encode(&value(&[("name", 5.into())]), &wrong).unwrap());
    let request = wire::validate_resource_config::Request {
        type_name: kind(),
        config,
        ..Default::default()
    };
    let answer = served
        .client()
        .validate_resource_config(request)
        .await
        .unwrap();
    let diagnostic = answer.into_inner().diagnostics.remove(0);
    let step = diagnostic
        .attribute
        .unwrap()
        .steps
        .remove(0)
        .selector
        .unwrap();
    assert_eq!(step, Selector::AttributeName("name".to_owned()));
}

#[tokio::test]
async fn values_as_json_are_read_where_there_is_no_msgpack() {
    let served = Served::start().await;
    let text = r#"{"id":null,"mode":null,"name":"warn","old":null,"rules":null,"secret":null}"#;
    let config = Some(wire::DynamicValue {
        json: text.into(),
        ..Default::default()
    });
    let request = wire::validate_resource_config::Request {
        type_name: kind(),
        config,
        ..Default::default()
    };
    let answer = served
        .client()
        .validate_resource_config(request)
        .await
        .unwrap();
    assert_eq!(answer.into_inner().diagnostics[0].summary, "Odd name");
}

#[tokio::test]
async fn a_resource_goes_through_its_life() {
    let served = Served::start().await;
    let mut client = served.client();

    let planned = client
        .plan_resource_change(wire::plan_resource_change::Request {
            type_name: kind(),
            prior_state: message(&Value::Null),
            proposed_new_state: message(&thing_named("a")),
            config: message(&thing_named("a")),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert!(planned.diagnostics.is_empty() && !planned.legacy_type_system);
    assert_eq!(planned.requires_replace[0].steps.len(), 3);
    assert_eq!(planned.planned_private, "planned");
    assert_eq!(planned.planned_identity, identity_message("a"));
    let expected = value(&[("name", "a".into()), ("id", Value::UNKNOWN)]);
    assert_eq!(read(planned.planned_state), expected);

    let applied = client
        .apply_resource_change(apply_of("echo"))
        .await
        .unwrap()
        .into_inner();
    assert!(applied.diagnostics.is_empty());
    assert_eq!(applied.private, "planned");
    assert_eq!(applied.new_identity, identity_message("a"));
    let state = applied.new_state.clone();
    assert_eq!(read(applied.new_state).get("id"), &"i-1".into());

    let refreshed = client
        .read_resource(wire::read_resource::Request {
            type_name: kind(),
            current_state: state.clone(),
            private: Bytes::from_static(b"note"),
            current_identity: identity_message("b"),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(refreshed.new_state, state);
    assert_eq!(refreshed.private, "note");
    assert_eq!(refreshed.new_identity, identity_message("b"));
    assert!(refreshed.deferred.is_none());
}

#[tokio::test]
async fn an_answer_may_wait_where_the_client_allows_it() {
    let served = Served::start().await;
    let mut client = served.client();
    let read = client.read_resource(wire::read_resource::Request {
        type_name: kind(),
        current_state: message(&thing_named("a")),
        client_capabilities: Some(wire::ClientCapabilities {
            deferral_allowed: true,
            ..Default::default()
        }),
        ..Default::default()
    });
    let deferred = read.await.unwrap().into_inner().deferred.unwrap();
    assert_eq!(deferred.reason(), wire::deferred::Reason::AbsentPrereq);
}

#[tokio::test]
async fn state_is_upgraded_imported_and_moved() {
    let served = Served::start().await;
    let mut client = served.client();
    let stored = |text: &str| {
        Some(wire::RawState {
            json: text.to_owned().into(),
            ..Default::default()
        })
    };

    let upgraded = client
        .upgrade_resource_state(wire::upgrade_resource_state::Request {
            type_name: kind(),
            version: 1,
            raw_state: stored(r#"{"name": "a", "long_gone": 5}"#),
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(read(upgraded.upgraded_state), thing_named("a"));

    let ancient = client
        .upgrade_resource_state(wire::upgrade_resource_state::Request {
            type_name: kind(),
            version: 0,
            raw_state: Some(wire::RawState {
                flatmap: [("name".to_owned(), "a".to_owned())].into(),
                ..Default::default()
            }),
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(ancient.diagnostics[0].summary, "Stored state not readable");

    for (id, identity) in [("a", None), ("", identity_message("a"))] {
        let imported = client
            .import_resource_state(wire::import_resource_state::Request {
                type_name: kind(),
                id: id.to_owned(),
                identity,
                ..Default::default()
            })
            .await
            .unwrap()
            .into_inner();
        let resource = imported.imported_resources.into_iter().next().unwrap();
        assert_eq!(resource.type_name, "test_thing");
        assert_eq!(resource.identity, identity_message("a"));
        assert_eq!(read(resource.state), thing_named("a"));
    }

    let moved = client
        .move_resource_state(wire::move_resource_state::Request {
            source_type_name: "aws_thing".to_owned(),
            source_state: stored(r#"{"name": "a"}"#),
            target_type_name: kind(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(read(moved.target_state).get("old"), &"aws_thing".into());

    let identity = client
        .upgrade_resource_identity(wire::upgrade_resource_identity::Request {
            type_name: kind(),
            version: 0,
            raw_identity: stored(r#"{"name": "a", "gone": true}"#),
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(identity.upgraded_identity, identity_message("a"));
}

#[tokio::test]
async fn data_sources_and_ephemeral_resources_are_read() {
    let served = Served::start().await;
    let mut client = served.client();
    let request = wire::read_data_source::Request {
        type_name: kind(),
        config: message(&thing_named("a")),
        ..Default::default()
    };
    let data = client.read_data_source(request).await.unwrap().into_inner();
    assert_eq!(read(data.state).get("id"), &"d-1".into());

    let request = wire::open_ephemeral_resource::Request {
        type_name: kind(),
        config: message(&thing_named("a")),
        ..Default::default()
    };
    let opened = client
        .open_ephemeral_resource(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(read(opened.result).get("id"), &"e-1".into());
    assert_eq!(opened.renew_at.unwrap().seconds, 0);

    let request = wire::renew_ephemeral_resource::Request {
        type_name: kind(),
        private: opened.private,
    };
    let renewed = client
        .renew_ephemeral_resource(request)
        .await
        .unwrap()
        .into_inner();
    let request = wire::close_ephemeral_resource::Request {
        type_name: kind(),
        private: renewed.private,
    };
    let closed = client
        .close_ephemeral_resource(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(closed.diagnostics[0].summary, "open+");
}

#[tokio::test]
async fn functions_answer_or_say_which_argument_is_wrong() {
    let served = Served::start().await;
    let call = async |arguments: &[Value]| {
        let encoded = arguments.iter().map(|argument| {
            let type_ = if matches!(argument, Value::Bool(_)) {
                Type::Bool
            } else {
                Type::String
            };
            msgpack(encode(argument, &type_).unwrap()).unwrap()
        });
        let request = wire::call_function::Request {
            name: "join".to_owned(),
            arguments: encoded.collect(),
        };
        served
            .client()
            .call_function(request)
            .await
            .unwrap()
            .into_inner()
    };
    let joined = call(&["-".into(), "a".into(), "b".into()]).await;
    let result = decode(&joined.result.unwrap().msgpack, &Type::String).unwrap();
    assert_eq!((result, joined.error), ("a-b".into(), None));

    let bad = call(&["-".into(), "bad".into()]).await.error.unwrap();
    assert_eq!(
        (bad.text.as_str(), bad.function_argument),
        ("Bad part.", Some(1))
    );
    let wrong = call(&["-".into(), "a".into(), true.into()])
        .await
        .error
        .unwrap();
    assert_eq!(wrong.function_argument, Some(2));
    assert!(wrong.text.starts_with("part: "), "{}", wrong.text);
    assert!(call(&[]).await.error.is_some());
    let panicked = call(&["-".into(), "panic".into()]).await.error.unwrap();
    assert!(panicked.text.contains("panicked"), "{}", panicked.text);
}

#[tokio::test]
async fn a_panic_is_a_diagnostic_and_the_next_call_is_answered() {
    let served = Served::start().await;
    let mut client = served.client();
    let validate = client.validate_resource_config(wire::validate_resource_config::Request {
        type_name: kind(),
        config: message(&thing_named("panic")),
        ..Default::default()
    });
    let refused = validate.await.unwrap().into_inner().diagnostics.remove(0);
    assert!(
        refused
            .detail
            .contains("ValidateResourceConfig: the test wants it"),
        "{}",
        refused.detail
    );
    assert!(refused.detail.contains("reported to its developers"));

    let applied = client
        .apply_resource_change(apply_of("panic"))
        .await
        .unwrap()
        .into_inner();
    assert!(applied.diagnostics[0].detail.contains("panicked"));
    assert!(client::schema(&served.channel).await.is_ok());
}

/// Terraform would forget the object if the answer had no state.
#[tokio::test]
async fn a_panic_while_updating_leaves_the_state_as_it_was() {
    let served = Served::start().await;
    let prior = value(&[("name", "a".into()), ("id", "i-0".into())]);
    let request = wire::apply_resource_change::Request {
        prior_state: message(&prior),
        ..apply_of("panic")
    };
    let applied = served
        .client()
        .apply_resource_change(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(applied.diagnostics.len(), 1);
    assert_eq!(read(applied.new_state), prior);
    assert_eq!(applied.private, "planned");
}

#[tokio::test]
async fn a_value_that_breaks_the_schema_is_the_providers_fault() {
    let served = Served::start().await;
    let applied = served
        .client()
        .apply_resource_change(apply_of("wrong"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(read(applied.new_state), Value::Null);
    let step = applied.diagnostics[0].attribute.as_ref().unwrap().steps[0]
        .selector
        .clone();
    assert_eq!(step, Some(Selector::AttributeName("id".to_owned())));
}

#[tokio::test]
async fn an_unknown_name_is_a_diagnostic() {
    let served = Served::start().await;
    let request = wire::read_data_source::Request {
        type_name: "test_nothing".to_owned(),
        ..Default::default()
    };
    let answer = served
        .client()
        .read_data_source(request)
        .await
        .unwrap()
        .into_inner();
    assert!(answer.diagnostics[0].detail.contains("test_nothing"));
}

#[tokio::test]
async fn stopping_ends_a_call_with_what_was_done() {
    let served = Served::start().await;
    let mut client = served.client();
    let applying =
        tokio::spawn(async move { client.apply_resource_change(apply_of("wait")).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!applying.is_finished());

    let stopped = served
        .client()
        .stop_provider(wire::stop_provider::Request {})
        .await
        .unwrap();
    assert_eq!(stopped.into_inner().error, "");
    let applied = applying.await.unwrap().unwrap().into_inner();
    assert_eq!(applied.diagnostics[0].summary, "Operation cancelled");
    assert_eq!(read(applied.new_state).get("id"), &"i-1".into());

    let again = served
        .client()
        .apply_resource_change(apply_of("echo"))
        .await
        .unwrap();
    assert!(
        again.into_inner().diagnostics.is_empty(),
        "a later call is not cancelled"
    );
}

#[tokio::test]
async fn shutdown_lets_calls_answer_but_waits_for_none_that_hangs() {
    let mut served = Served::start().await;
    let (mut waits, mut hangs) = (served.client(), served.client());
    let waiting = tokio::spawn(async move { waits.apply_resource_change(apply_of("wait")).await });
    let hanging = tokio::spawn(async move { hangs.apply_resource_change(apply_of("hang")).await });
    tokio::time::sleep(Duration::from_millis(100)).await;

    GrpcControllerClient::new(served.channel.clone())
        .shutdown(Empty {})
        .await
        .unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(2), served.server.ended()).await;
    ended.expect("still there").unwrap();
    let answered = waiting.await.unwrap().unwrap().into_inner();
    assert_eq!(answered.diagnostics[0].summary, "Operation cancelled");
    hanging.abort();
    let Address::Unix(socket) = &served.server.reattach().address else {
        panic!("no unix socket");
    };
    assert!(!socket.parent().unwrap().exists());
}

/// Terraform may run any number of calls at once, and must still be able to stop them.
#[tokio::test]
async fn many_calls_at_once_can_still_be_stopped() {
    let served = Served::start().await;
    let calls: Vec<_> = (0..500)
        .map(|_| {
            let mut client = served.client();
            tokio::spawn(async move { client.apply_resource_change(apply_of("wait")).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut client = served.client();
    let stop = client.stop_provider(wire::stop_provider::Request {});
    tokio::time::timeout(Duration::from_secs(5), stop)
        .await
        .expect("stuck")
        .unwrap();
    for call in calls {
        let call = tokio::time::timeout(Duration::from_secs(5), call).await;
        call.expect("stuck").unwrap().unwrap();
    }
}

/// What stands in for unix sockets where there are none.
#[tokio::test]
async fn loopback_serves_as_well() {
    let server = InProcess::serve(TestProvider::new(), Transport::Loopback).unwrap();
    let Address::Tcp(address) = server.reattach().address else {
        panic!("no port");
    };
    assert!(address.ip().is_loopback());
    let channel = client::over(move || async move {
        let stream: Box<dyn Io> = Box::new(TcpStream::connect(address).await?);
        Ok(stream)
    });
    let channel = channel.await.unwrap();
    assert!(client::schema(&channel).await.is_ok());
    let json: serde_json::Value = serde_json::from_str(&server.reattach().json()).unwrap();
    let reattach = &json["registry.terraform.io/awsbilling/awsbilling"]["Addr"];
    assert_eq!(reattach["Network"], "tcp");
    drop(channel);
    server.shut_down().await.unwrap();
}
