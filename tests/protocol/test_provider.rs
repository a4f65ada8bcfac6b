//! A provider whose one resource does what its configuration says: echo, panic, wait, or hang.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use awsbilling::framework::erased::{
    ApplyRequest, ApplyResponse, ConfigureRequest, Deferred, EphemeralRequest, EphemeralResponse,
    IdentityAttribute, IdentitySchema, ImportRequest, ImportResponse, MoveRequest, MoveResponse,
    PlanRequest, PlanResponse, Provider, ReadDataRequest, ReadDataResponse, ReadRequest,
    ReadResponse, ResourceSchema, Schemas, UpgradeRequest, UpgradeResponse,
};
use awsbilling::framework::function::{FunctionError, Parameter, Signature};
use awsbilling::framework::schema::{Attribute, Block, Kind, Mode, Nesting, Schema};
use awsbilling::framework::{Diagnostic, Diagnostics, Interrupted, Name, Path, Type, Value, json};
use futures_util::future::BoxFuture;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

pub(crate) struct TestProvider {
    schemas: Schemas,
    calls: Mutex<CancellationToken>,
}

pub(crate) fn attribute(name: &'static str, kind: Kind, mode: Mode) -> Attribute {
    Attribute {
        name: name.into(),
        description: "Attribute of a test.".into(),
        kind,
        mode,
        sensitive: name == "secret",
        write_only: false,
        deprecation: (name == "old").then(|| "Use name instead.".into()),
        default: None,
        stable: false,
        replace: false,
        identity: None,
        role: None,
    }
}

pub(crate) fn thing() -> Schema {
    let text = |name, mode| attribute(name, Kind::Value(Type::String), mode);
    let rules = Kind::Nested {
        nesting: Nesting::List,
        attributes: vec![attribute("port", Kind::Value(Type::Number), Mode::Required)],
    };
    Schema::new(
        3,
        Block {
            description: "Thing of a test.".into(),
            attributes: vec![
                text("name", Mode::Required),
                text("mode", Mode::Optional),
                text("id", Mode::Computed),
                text("old", Mode::Optional),
                text("secret", Mode::OptionalComputed),
                attribute("rules", rules, Mode::Optional),
            ],
            ..Block::default()
        },
    )
}

pub(crate) fn identity() -> IdentitySchema {
    IdentitySchema {
        version: 1,
        attributes: vec![IdentityAttribute {
            name: "name".into(),
            type_: Type::String,
            required_for_import: true,
            description: "Name of the thing.".into(),
        }],
        value_type: Type::Object([("name".into(), Type::String)].into()),
    }
}

/// A thing with the given attributes and no others.
pub(crate) fn value(attributes: &[(&str, Value)]) -> Value {
    let mut all: BTreeMap<Name, Value> = ["name", "mode", "id", "old", "secret", "rules"]
        .map(|name| (name.into(), Value::Null))
        .into();
    for (name, value) in attributes {
        all.insert((*name).to_owned().into(), value.clone());
    }
    Value::Map(all)
}

impl TestProvider {
    pub(crate) fn new() -> Arc<Self> {
        let schema = Arc::new(thing());
        let resource = ResourceSchema {
            schema: Arc::clone(&schema),
            identity: Arc::new(identity()),
        };
        let text = |name: &'static str| Parameter {
            name: name.into(),
            type_: Type::String,
            description: "Text.".into(),
        };
        let join = Signature {
            parameters: vec![text("separator")],
            variadic: Some(text("part")),
            returns: Type::String,
            summary: "Joins texts.".into(),
            description: "Joins texts.".into(),
        };
        let schemas = Schemas {
            provider: Schema::new(0, Block::default()),
            resources: [("test_thing".into(), resource)].into(),
            data_sources: [("test_thing".into(), Arc::clone(&schema))].into(),
            functions: [("join".into(), join)].into(),
            ephemerals: [("test_thing".into(), schema)].into(),
        };
        Arc::new(Self {
            schemas,
            calls: Mutex::default(),
        })
    }

    #[allow(clippy::unnecessary_wraps)] // As the fields that take it want it.
    fn identity_of(state: &Value) -> Option<Value> {
        Some(Value::map([("name", state.get("name").clone())]))
    }
}

fn complaint(value: &Value) -> Diagnostics {
    match value.get("name").as_str() {
        Some("warn") => Diagnostic::warning("Odd name").at("name").into(),
        Some("fail") => Diagnostic::error("Bad port")
            .at(Path::from("rules").index(0).attribute("port"))
            .into(),
        Some("panic") => panic!("the test wants it"),
        _ => Diagnostics::new(),
    }
}

fn with_id(state: &Value, id: Value) -> Value {
    let Value::Map(mut attributes) = state.clone() else {
        return state.clone();
    };
    attributes.insert("id".into(), id);
    Value::Map(attributes)
}

impl Provider for TestProvider {
    fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    fn validate_provider(&self, _: Value) -> Diagnostics {
        Diagnostics::new()
    }

    fn configure(&self, request: ConfigureRequest) -> BoxFuture<'_, Diagnostics> {
        Box::pin(async move { Diagnostic::warning(request.terraform_version).into() })
    }

    fn validate_resource(&self, _: &str, config: Value) -> Diagnostics {
        complaint(&config)
    }

    fn validate_data_source(&self, _: &str, config: Value) -> Diagnostics {
        complaint(&config)
    }

    fn validate_ephemeral(&self, _: &str, config: Value) -> Diagnostics {
        complaint(&config)
    }

    fn upgrade(&self, request: UpgradeRequest) -> BoxFuture<'_, UpgradeResponse> {
        Box::pin(async move {
            let mut diagnostics = Diagnostics::new();
            let state = json::decode_stored(&request.state, thing().value_type());
            let state = diagnostics.collect(state).unwrap_or(Value::Null);
            UpgradeResponse { state, diagnostics }
        })
    }

    fn read(&self, request: ReadRequest) -> BoxFuture<'_, ReadResponse> {
        Box::pin(async move {
            assert_ne!(
                request.state.get("mode").as_str(),
                Some("panic"),
                "the test wants it"
            );
            ReadResponse {
                identity: request
                    .identity
                    .or_else(|| Self::identity_of(&request.state)),
                state: request.state,
                private: request.private,
                deferred: request
                    .deferral_allowed
                    .then_some(Deferred::AbsentPrerequisite),
                diagnostics: Diagnostics::new(),
            }
        })
    }

    fn plan(&self, request: PlanRequest) -> BoxFuture<'_, PlanResponse> {
        Box::pin(async move {
            PlanResponse {
                identity: Self::identity_of(&request.proposed_new_state),
                planned_state: with_id(&request.proposed_new_state, Value::UNKNOWN),
                requires_replace: vec![Path::from("rules").index(1).attribute("port")],
                private: b"planned".to_vec(),
                deferred: None,
                diagnostics: complaint(&request.config),
            }
        })
    }

    fn apply(&self, request: ApplyRequest) -> BoxFuture<'_, ApplyResponse> {
        let cancelled = self.calls.lock().unwrap().clone();
        Box::pin(async move {
            let mut diagnostics = Diagnostics::new();
            match request.config.get("mode").as_str() {
                Some("panic") => panic!("the test wants it"),
                Some("hang") => std::future::pending().await,
                Some("wait") => {
                    cancelled.cancelled().await;
                    diagnostics.push(Interrupted::Cancelled.into());
                }
                Some("wrong") => {
                    return ApplyResponse {
                        state: with_id(&request.planned_state, Value::Bool(true)),
                        private: Vec::new(),
                        identity: None,
                        diagnostics,
                    };
                }
                _ => {}
            }
            let state = with_id(&request.planned_state, "i-1".into());
            let identity = Self::identity_of(&state);
            ApplyResponse {
                state,
                private: request.private,
                identity,
                diagnostics,
            }
        })
    }

    fn import(&self, request: ImportRequest) -> BoxFuture<'_, ImportResponse> {
        Box::pin(async move {
            let name = match &request.identity {
                Some(identity) => identity.get("name").clone(),
                None => request.id.into(),
            };
            let state = value(&[("name", name)]);
            ImportResponse {
                identity: Self::identity_of(&state),
                state: Some(state),
                private: Vec::new(),
                deferred: None,
                diagnostics: Diagnostics::new(),
            }
        })
    }

    fn move_state(&self, request: MoveRequest) -> BoxFuture<'_, MoveResponse> {
        Box::pin(async move {
            let name = request.source_state["name"].as_str().unwrap_or_default();
            let state = value(&[
                ("name", name.into()),
                ("old", request.source_type_name.into()),
            ]);
            MoveResponse {
                identity: Self::identity_of(&state),
                state,
                private: Vec::new(),
                diagnostics: Diagnostics::new(),
            }
        })
    }

    fn read_data(&self, request: ReadDataRequest) -> BoxFuture<'_, ReadDataResponse> {
        Box::pin(async move {
            ReadDataResponse {
                state: with_id(&request.config, "d-1".into()),
                deferred: None,
                diagnostics: Diagnostics::new(),
            }
        })
    }

    fn open_ephemeral(&self, request: EphemeralRequest) -> BoxFuture<'_, EphemeralResponse> {
        Box::pin(async move {
            EphemeralResponse {
                result: with_id(&request.config, "e-1".into()),
                private: b"open".to_vec(),
                renew_at: Some(OffsetDateTime::UNIX_EPOCH),
                deferred: None,
                diagnostics: Diagnostics::new(),
            }
        })
    }

    fn renew_ephemeral(&self, request: EphemeralRequest) -> BoxFuture<'_, EphemeralResponse> {
        Box::pin(async move {
            EphemeralResponse {
                result: Value::Null,
                private: [request.private, b"+".to_vec()].concat(),
                renew_at: None,
                deferred: None,
                diagnostics: Diagnostics::new(),
            }
        })
    }

    fn close_ephemeral(&self, request: EphemeralRequest) -> BoxFuture<'_, Diagnostics> {
        Box::pin(
            async move { Diagnostic::warning(String::from_utf8(request.private).unwrap()).into() },
        )
    }

    fn call_function(&self, _: &str, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let texts: Vec<&str> = arguments.iter().filter_map(Value::as_str).collect();
        match texts[..] {
            [_, "panic", ..] => panic!("the test wants it"),
            [_, "bad", ..] => Err(FunctionError {
                text: "Bad part.".to_owned(),
                argument: Some(1),
            }),
            [separator, ref parts @ ..] => Ok(parts.join(separator).into()),
            [] => Ok(Value::Null),
        }
    }

    fn stop(&self) {
        let mut calls = self.calls.lock().unwrap();
        std::mem::take(&mut *calls).cancel();
    }
}
