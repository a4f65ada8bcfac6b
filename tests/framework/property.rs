//! Whatever the schema, the configuration and the fate of each call: no answer breaks a rule of
//! Terraform Core.
//!
//! A case is a row of bytes, and each decision takes the next one; zero is the simplest decision. So a
//! failing case shrinks to a short row, and a short row is a small case.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use awsbilling::framework::erased::{self, ErasedChange, MoveRequest, Planned, Provider as _};
use awsbilling::framework::model::Model;
use awsbilling::framework::schema::{
    Attribute, Block, Identity, Kind, Mode, NestedBlock, Nesting, Role, Schema,
};
use awsbilling::framework::value::Refinement;
use awsbilling::framework::{
    Catalog, Client, Cx, Diagnostic, Diagnostics, ImportId, Page, Provider, Result, Server, Type,
    Value, consistency,
};
use futures_util::future::{BoxFuture, FutureExt};
use proptest::prelude::*;

use crate::core::{Core, Object};

const TYPE_NAME: &str = "any_thing";

/// Decisions, one byte each.
#[derive(Clone)]
struct Choices(Arc<Mutex<std::vec::IntoIter<u8>>>);

impl Choices {
    fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(bytes.into_iter())))
    }

    /// A number below the bound.
    fn below(&self, bound: u8) -> u8 {
        self.0.lock().unwrap().next().unwrap_or(0) % bound
    }

    /// Yes in one of so many cases, and no when there is nothing left to decide.
    fn one_in(&self, bound: u8) -> bool {
        self.below(bound) == bound - 1
    }

    fn pick<T: Clone>(&self, from: &[T]) -> T {
        from[usize::from(self.below(u8::try_from(from.len()).unwrap()))].clone()
    }
}

/// Random schemas.
impl Choices {
    fn schema(&self) -> Schema {
        let mut attributes = self.attributes(5, Place::Top);
        if let Some(first) = attributes.first_mut()
            && matches!(first.kind, Kind::Value(Type::String))
            && !first.write_only
        {
            first.identity = Some(Identity::Required);
            first.replace = first.mode != Mode::Computed;
        }
        if self.one_in(3) {
            let map = || Kind::Value(Type::map(Type::String));
            attributes.push(Attribute {
                name: "tags".into(),
                role: Some(Role::Tags),
                ..Attribute::new(map(), Mode::Optional)
            });
            attributes.push(Attribute {
                name: "tags_all".into(),
                role: Some(Role::TagsAll),
                ..Attribute::new(map(), Mode::Computed)
            });
        }
        let block = Block {
            attributes,
            blocks: self.blocks(2, Place::Top),
            ..Block::default()
        };
        Schema::new(0, block)
    }

    fn attributes(&self, most: u8, place: Place) -> Vec<Attribute> {
        let count = 1 + self.below(most);
        let names = (0..count).map(|i| format!("a{i}"));
        names.map(|name| self.attribute(name, place)).collect()
    }

    fn attribute(&self, name: String, place: Place) -> Attribute {
        let modes: &[Mode] = match place {
            Place::Computed => &[Mode::Computed],
            Place::Set => &[Mode::Optional, Mode::Required],
            Place::Top | Place::Nested => &[
                Mode::Optional,
                Mode::Required,
                Mode::Computed,
                Mode::OptionalComputed,
            ],
        };
        let mode = self.pick(modes);
        let mut attribute = Attribute {
            name: name.into(),
            ..Attribute::new(self.kind(mode, place), mode)
        };
        attribute.stable = mode.is_computed() && self.one_in(3);
        attribute.replace = mode.is_configurable() && self.one_in(3);
        attribute.write_only = place != Place::Set && !mode.is_computed() && self.one_in(5);
        if let (Mode::OptionalComputed, Kind::Value(type_)) = (mode, &attribute.kind)
            && self.one_in(2)
        {
            attribute.default = Some(self.value(type_)).filter(|default| !default.is_null());
        }
        attribute
    }

    fn kind(&self, mode: Mode, place: Place) -> Kind {
        if place == Place::Top && self.one_in(2) {
            let nesting = self.pick(&[Nesting::Single, Nesting::List, Nesting::Map, Nesting::Set]);
            let within = match (mode, nesting) {
                (Mode::Computed, _) => Place::Computed,
                (_, Nesting::Set) => Place::Set,
                _ => Place::Nested,
            };
            return Kind::Nested {
                nesting,
                attributes: self.attributes(3, within),
            };
        }
        let element = self.pick(&[Type::String, Type::Number, Type::Bool]);
        Kind::Value(match self.below(5) {
            0 | 1 => element,
            2 => Type::list(element),
            3 => Type::set(element),
            _ => Type::map(element),
        })
    }

    fn blocks(&self, most: u8, place: Place) -> Vec<NestedBlock> {
        let names = (0..self.below(most + 1)).map(|i| format!("b{i}"));
        let block = |name: String| {
            let nesting = match place {
                Place::Set => Nesting::Set,
                _ => self.pick(&[Nesting::Single, Nesting::List, Nesting::Map, Nesting::Set]),
            };
            let within = match nesting {
                Nesting::Set => Place::Set,
                _ => Place::Nested,
            };
            let blocks = match place {
                Place::Top => self.blocks(1, within),
                _ => Vec::new(),
            };
            NestedBlock {
                name: name.into(),
                nesting,
                block: Block {
                    attributes: self.attributes(2, within),
                    blocks,
                    ..Block::default()
                },
            }
        };
        names.map(block).collect()
    }
}

/// Where an attribute stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Nested,
    Set,
    Computed,
}

/// Random values.
impl Choices {
    fn value(&self, type_: &Type) -> Value {
        match type_ {
            Type::Bool => Value::Bool(self.one_in(2)),
            Type::Number => i64::from(self.below(4)).into(),
            Type::String | Type::Dynamic => self.pick(&["", "a", "b", "c"]).into(),
            Type::List(of) => Value::List(self.values(of)),
            Type::Set(of) => Value::set(self.values(of)),
            Type::Map(of) => Value::map(self.keys().into_iter().map(|k| (k, self.value(of)))),
            Type::Object(types) => {
                let values = types.iter().map(|(name, type_)| {
                    let null = self.one_in(3);
                    let value = if null { Value::Null } else { self.value(type_) };
                    (name.clone(), value)
                });
                Value::map(values)
            }
            Type::Tuple(types) => Value::List(types.iter().map(|t| self.value(t)).collect()),
        }
    }

    fn values(&self, of: &Type) -> Vec<Value> {
        (0..self.below(3)).map(|_| self.value(of)).collect()
    }

    fn keys(&self) -> BTreeSet<&'static str> {
        (0..self.below(3))
            .map(|_| self.pick(&["x", "y", "z"]))
            .collect()
    }

    /// A configuration of which everything is known.
    fn config(&self, attributes: &[Attribute], blocks: &[NestedBlock]) -> Value {
        let attributes = attributes.iter().map(|attribute| {
            let written = match attribute.mode {
                Mode::Computed => false,
                Mode::Required => true,
                Mode::Optional | Mode::OptionalComputed => self.one_in(2),
            };
            let value = match &attribute.kind {
                _ if !written => Value::Null,
                Kind::Value(type_) => self.value(type_),
                Kind::Nested {
                    nesting,
                    attributes,
                } => self.objects(*nesting, attributes, &[]),
            };
            (attribute.name.clone(), value)
        });
        let blocks = blocks.iter().map(|block| {
            let (nesting, within) = (block.nesting, &block.block);
            let absent = nesting == Nesting::Single && !self.one_in(2);
            let value = if absent {
                Value::Null
            } else {
                self.objects(nesting, &within.attributes, &within.blocks)
            };
            (block.name.clone(), value)
        });
        Value::map(attributes.chain(blocks))
    }

    fn objects(&self, nesting: Nesting, attributes: &[Attribute], blocks: &[NestedBlock]) -> Value {
        let object = || self.config(attributes, blocks);
        match nesting {
            Nesting::Single => object(),
            Nesting::List => Value::List((0..self.below(3)).map(|_| object()).collect()),
            Nesting::Set => Value::set((0..self.below(3)).map(|_| object())),
            Nesting::Map => Value::map(self.keys().into_iter().map(|key| (key, object()))),
        }
    }

    /// The same configuration before all of it is known.
    fn early(&self, attributes: &[Attribute], blocks: &[NestedBlock], late: &Value) -> Value {
        let attributes = attributes.iter().map(|attribute| {
            let late = late.get(&attribute.name);
            let early = match &attribute.kind {
                _ if !attribute.mode.is_configurable() => Value::Null,
                _ if self.one_in(4) => self.unknown(late),
                _ if late.is_null() => Value::Null,
                Kind::Value(_) => self.blurred(late),
                Kind::Nested {
                    nesting,
                    attributes,
                } => self.early_objects(*nesting, attributes, &[], late),
            };
            (attribute.name.clone(), early)
        });
        let blocks = blocks.iter().map(|block| {
            let late = late.get(&block.name);
            let (nesting, within) = (block.nesting, &block.block);
            // A block that is written stands there; how many a dynamic block makes may be unknown.
            let early = if nesting != Nesting::Single && self.one_in(4) {
                Value::UNKNOWN
            } else {
                self.early_objects(nesting, &within.attributes, &within.blocks, late)
            };
            (block.name.clone(), early)
        });
        Value::map(attributes.chain(blocks))
    }

    fn early_objects(
        &self,
        nesting: Nesting,
        attributes: &[Attribute],
        blocks: &[NestedBlock],
        late: &Value,
    ) -> Value {
        let early = |late: &Value| self.early(attributes, blocks, late);
        match (nesting, late) {
            (_, Value::Null) => Value::Null,
            (Nesting::List, Value::List(late)) => Value::List(late.iter().map(early).collect()),
            (Nesting::Set, Value::Set(late)) => Value::set(late.iter().map(early)),
            (Nesting::Map, Value::Map(late)) => {
                Value::map(late.iter().map(|(key, late)| (key.clone(), early(late))))
            }
            (_, late) => early(late),
        }
    }

    fn blurred(&self, value: &Value) -> Value {
        let blurred = |value: &Value| {
            if self.one_in(5) {
                self.unknown(value)
            } else {
                value.clone()
            }
        };
        match value {
            Value::List(elements) => Value::List(elements.iter().map(blurred).collect()),
            Value::Set(elements) => Value::set(elements.iter().map(blurred)),
            Value::Map(entries) => Value::map(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), blurred(value))),
            ),
            plain => plain.clone(),
        }
    }

    /// What may yet become the value.
    fn unknown(&self, late: &Value) -> Value {
        let promise = (!late.is_null() && self.one_in(2)).then(|| {
            Box::new(Refinement {
                not_null: true,
                ..Refinement::default()
            })
        });
        Value::Unknown(promise)
    }

    /// A value of the type that keeps what is known of another.
    fn completed(&self, value: &Value, type_: &Type) -> Value {
        match (value, type_) {
            (Value::Unknown(promise), type_) => {
                let null = promise.is_none() && self.one_in(4);
                if null { Value::Null } else { self.value(type_) }
            }
            (Value::List(elements), Type::List(of)) => {
                Value::List(elements.iter().map(|e| self.completed(e, of)).collect())
            }
            (Value::Set(elements), Type::Set(of)) => {
                Value::set(elements.iter().map(|e| self.completed(e, of)))
            }
            (Value::Map(entries), Type::Map(of)) => Value::map(
                entries
                    .iter()
                    .map(|(key, e)| (key.clone(), self.completed(e, of))),
            ),
            (Value::Map(entries), Type::Object(types)) => Value::map(
                entries
                    .iter()
                    .map(|(name, e)| (name.clone(), self.completed(e, &types[name]))),
            ),
            (known, _) => known.clone(),
        }
    }
}

/// A resource of any schema, to which anything may happen.
struct AnyThing {
    schema: Schema,
    choices: Choices,
    /// While quiet, nothing fails and nothing drifts.
    quiet: Arc<Mutex<bool>>,
    /// Computed values that the plan hook knows beforehand.
    foretold: BTreeMap<String, Value>,
    /// Attribute whose change the plan hook answers with a new object.
    replacing: Option<String>,
}

impl AnyThing {
    fn new(schema: Schema, choices: Choices, quiet: Arc<Mutex<bool>>) -> Self {
        let attributes = &schema.block.attributes;
        let computed = attributes
            .iter()
            .filter(|a| a.mode.is_computed() && a.role.is_none())
            .filter(|a| matches!(a.kind, Kind::Value(_)));
        let foretold = computed
            .filter(|_| choices.one_in(4))
            .map(|a| (a.name.to_string(), choices.value(&a.value_type())))
            .collect();
        let replacing = attributes
            .iter()
            .find(|_| choices.one_in(8))
            .map(|a| a.name.to_string());
        Self {
            schema,
            choices,
            quiet,
            foretold,
            replacing,
        }
    }

    fn is_quiet(&self) -> bool {
        *self.quiet.lock().unwrap()
    }

    /// Success with a complete object, or one of many failures.
    fn change(&self, cx: &Cx, planned: &Value) -> Result<Value, Diagnostics> {
        let type_ = self.schema.value_type();
        let failed = || Diagnostic::error("Out of order").into();
        if self.is_quiet() {
            return Ok(self.choices.completed(planned, type_));
        }
        match self.choices.below(8) {
            5 => Err(failed()),
            6 => {
                let partly = if self.choices.one_in(2) {
                    planned.clone()
                } else {
                    self.choices.completed(planned, type_)
                };
                cx.save_value(partly);
                Err(failed())
            }
            7 => {
                cx.set_private("note", "kept");
                cx.save_value(planned.clone());
                panic!("out of order");
            }
            _ => Ok(self.choices.completed(planned, type_)),
        }
    }

    /// The object after somebody else changed it.
    fn drifted(&self, state: &Value) -> Value {
        let mut state = state.clone();
        let attributes = self.schema.block.attributes.iter();
        let open = attributes.filter(|a| a.identity.is_none() && !a.write_only);
        for attribute in open.filter(|_| self.choices.one_in(3)) {
            // Nothing is stored of a write-only value, so drift within objects leaves them alone.
            if let (Value::Map(values), Kind::Value(type_)) = (&mut state, &attribute.kind) {
                values.insert(attribute.name.clone().into(), self.choices.value(type_));
            }
        }
        state
    }
}

impl erased::Resource<NoClient> for AnyThing {
    fn name(&self) -> &'static str {
        "thing"
    }

    fn page(&self) -> &'static Page {
        &Page {
            subcategory: "",
            permissions: &[],
        }
    }

    fn schema(&self) -> Schema {
        self.schema.clone()
    }

    fn check(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    fn plan<'a>(
        &'a self,
        _client: NoClient,
        _cx: &'a Cx,
        change: ErasedChange<'a>,
    ) -> BoxFuture<'a, Result<Planned, Diagnostics>> {
        let mut state = change.planned;
        if let Value::Map(planned) = &mut state {
            for (name, value) in &self.foretold {
                if planned[name.as_str()].is_unknown() && change.config.get(name).is_null() {
                    planned.insert(name.clone().into(), value.clone());
                }
            }
        }
        let prior = change.prior.unwrap_or(&Value::Null);
        let replacing = self.replacing.iter();
        let changed = replacing.filter(|name| prior.get(name) != state.get(name));
        let mut requires_replace = change.requires_replace;
        requires_replace.extend(changed.map(|name| name.as_str().into()));
        let planned = Planned {
            state,
            requires_replace,
        };
        std::future::ready(Ok(planned)).boxed()
    }

    fn plan_destroy<'a>(
        &'a self,
        _client: NoClient,
        _cx: &'a Cx,
        _state: &'a Value,
    ) -> BoxFuture<'a, Result<(), Diagnostics>> {
        std::future::ready(Ok(())).boxed()
    }

    fn create<'a>(
        &'a self,
        _client: NoClient,
        cx: &'a Cx,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>> {
        async move { self.change(cx, planned) }.boxed()
    }

    fn read<'a>(
        &'a self,
        _client: NoClient,
        _cx: &'a Cx,
        state: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Value>, Diagnostics>> {
        let found = match self.choices.below(6) {
            _ if self.is_quiet() => Ok(Some(state.clone())),
            3 => Ok(None),
            4 => Err(Diagnostic::error("Out of order").into()),
            5 => Ok(Some(self.drifted(state))),
            _ => Ok(Some(state.clone())),
        };
        std::future::ready(found).boxed()
    }

    fn update<'a>(
        &'a self,
        client: NoClient,
        cx: &'a Cx,
        _prior: &'a Value,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>> {
        self.create(client, cx, planned)
    }

    fn delete<'a>(
        &'a self,
        _client: NoClient,
        cx: &'a Cx,
        state: &'a Value,
    ) -> BoxFuture<'a, Result<(), Diagnostics>> {
        async move { self.change(cx, state).map(|_| ()) }.boxed()
    }

    fn import<'a>(
        &'a self,
        _client: NoClient,
        _cx: &'a Cx,
        _id: ImportId,
    ) -> BoxFuture<'a, Result<Value, Diagnostics>> {
        std::future::ready(Err(Diagnostic::error("No import").into())).boxed()
    }

    fn upgrade(&self, _version: i64, _state: serde_json::Value) -> Result<Value, Diagnostics> {
        Err(Diagnostic::error("No upgrade").into())
    }

    fn move_state(&self, _source: &MoveRequest) -> Result<Option<Value>, Diagnostics> {
        Ok(None)
    }
}

/// Nothing to configure.
#[derive(Clone, Debug, Model)]
struct NoConfig {}

#[derive(Clone)]
struct NoClient(Arc<BTreeMap<String, String>>);

impl Client for NoClient {
    fn default_tags(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

/// Provider of one random resource.
struct Any;

impl Provider for Any {
    const NAME: &'static str = "any";
    type Config = NoConfig;
    type Client = NoClient;

    async fn configure(_: &Cx, _: NoConfig, _: &str) -> Result<NoClient> {
        let tags = [("by".to_owned(), "default".to_owned())];
        Ok(NoClient(Arc::new(tags.into())))
    }

    fn catalog() -> Catalog<NoClient> {
        Catalog::new()
    }
}

fn assert_no_breach(diagnostics: &Diagnostics) {
    for diagnostic in diagnostics {
        let known = diagnostic.summary == "Out of order"
            || (diagnostic.summary == "Provider error"
                && diagnostic.detail.contains("out of order"));
        assert!(known, "{diagnostic}");
    }
}

/// A life of an object: applies, refreshes and a destruction, each with its fate.
async fn live(bytes: Vec<u8>) {
    let choices = Choices::new(bytes);
    let schema = choices.schema();
    assert_eq!(consistency::schema(&schema), []);
    let quiet = Arc::new(Mutex::new(false));
    let thing = AnyThing::new(schema.clone(), choices.clone(), Arc::clone(&quiet));
    let mut catalog = Catalog::new();
    catalog.resources.push(Box::new(thing));
    let core = Core::new(Server::<Any>::new().with_catalog(catalog));
    if choices.one_in(4) {
        assert_no_breach(&core.provider.validate_provider(Value::map::<&str>([])));
    }
    assert_no_breach(&core.configure(Value::map::<&str>([])).await);

    let Block {
        attributes, blocks, ..
    } = &schema.block;
    let mut object = Object::none();
    for _ in 0..=choices.below(3) {
        if !object.state.is_null() {
            let read = core.read(TYPE_NAME, &object).await;
            assert_no_breach(&read.diagnostics);
            object = Object {
                state: read.state,
                private: read.private,
                identity: read.identity,
            };
        }
        let late = choices.config(attributes, blocks);
        let early = choices.early(attributes, blocks, &late);
        let creation = object.state.is_null();
        let (early, late) = if !creation && choices.one_in(4) {
            (Value::Null, Value::Null)
        } else {
            (early, late)
        };
        let applied = core.apply(TYPE_NAME, &object, &early, &late).await;
        assert_no_breach(&applied.diagnostics);
        object = applied.object;
        if applied.diagnostics.is_empty() && !late.is_null() {
            *quiet.lock().unwrap() = true;
            let breaches = core.unsettled(TYPE_NAME, &object, &late).await;
            assert_eq!(breaches, [], "schema: {schema:#?}");
            *quiet.lock().unwrap() = false;
        }
        if applied.diagnostics.has_errors() && creation && !object.state.is_null() {
            // What failed while it was made is tainted: it is destroyed before the next attempt.
            *quiet.lock().unwrap() = true;
            let destroyed = core
                .apply(TYPE_NAME, &object, &Value::Null, &Value::Null)
                .await;
            assert_no_breach(&destroyed.diagnostics);
            object = destroyed.object;
            assert!(object.state.is_null());
            *quiet.lock().unwrap() = false;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(1_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_life_of_any_object_breaks_a_rule(bytes in prop::collection::vec(any::<u8>(), 0..1_200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(live(bytes));
    }
}
