//! A small model of what Terraform Core does with a provider, written from its rules.
//!
//! The rule a reader would not guess: before anything is planned, Core merges the configuration with the
//! state, so that computed values which the user did not write start from what they were.

use awsbilling::framework::consistency::{self, Breach, Checked};
use awsbilling::framework::erased::{
    ApplyRequest, ApplyResponse, ConfigureRequest, PlanRequest, PlanResponse, Provider,
    ReadRequest, ReadResponse,
};
use awsbilling::framework::schema::{Attribute, Block, Kind, NestedBlock, Nesting, Schema};
use awsbilling::framework::{Diagnostics, Value};

/// Terraform with one provider.
pub struct Core<P> {
    pub provider: Checked<P>,
}

/// What Core stores of an object.
#[derive(Clone, Debug)]
pub struct Object {
    pub state: Value,
    pub private: Vec<u8>,
    pub identity: Option<Value>,
}

impl Object {
    /// No object.
    pub fn none() -> Self {
        Self {
            state: Value::Null,
            private: Vec::new(),
            identity: None,
        }
    }
}

/// What an apply came to.
#[derive(Debug)]
pub struct Applied {
    pub object: Object,
    pub replaced: bool,
    pub diagnostics: Diagnostics,
}

impl<P: Provider> Core<P> {
    pub fn new(provider: P) -> Self {
        Self {
            provider: Checked::new(provider),
        }
    }

    pub async fn configure(&self, config: Value) -> Diagnostics {
        let mut diagnostics = self.provider.validate_provider(config.clone());
        if !diagnostics.has_errors() {
            let request = ConfigureRequest {
                terraform_version: "1.11.4".to_owned(),
                config,
            };
            diagnostics.extend(self.provider.configure(request).await);
        }
        diagnostics
    }

    pub fn schema(&self, type_name: &str) -> &Schema {
        &self.provider.schemas().resources[type_name].schema
    }

    pub async fn plan(&self, type_name: &str, object: &Object, config: &Value) -> PlanResponse {
        let proposed = proposed_new_state(self.schema(type_name), &object.state, config);
        let request = PlanRequest {
            type_name: type_name.to_owned(),
            prior_state: object.state.clone(),
            proposed_new_state: proposed,
            config: config.clone(),
            private: object.private.clone(),
            identity: object.identity.clone(),
            deferral_allowed: false,
        };
        self.provider.plan(request).await
    }

    pub async fn carry_out(
        &self,
        type_name: &str,
        object: &Object,
        config: &Value,
        plan: PlanResponse,
    ) -> ApplyResponse {
        let request = ApplyRequest {
            type_name: type_name.to_owned(),
            prior_state: object.state.clone(),
            planned_state: plan.planned_state,
            config: config.clone(),
            private: plan.private,
            identity: plan.identity,
        };
        self.provider.apply(request).await
    }

    pub async fn read(&self, type_name: &str, object: &Object) -> ReadResponse {
        let request = ReadRequest {
            type_name: type_name.to_owned(),
            state: object.state.clone(),
            private: object.private.clone(),
            identity: object.identity.clone(),
            deferral_allowed: false,
        };
        self.provider.read(request).await
    }

    /// Plans with what is known early, plans again with all of it, and carries it out; in two steps
    /// where a new object is asked for. A null configuration destroys.
    pub async fn apply(
        &self,
        type_name: &str,
        object: &Object,
        early: &Value,
        config: &Value,
    ) -> Applied {
        let mut object = object.clone();
        let mut diagnostics = Diagnostics::new();
        let mut plan = self.plan(type_name, &object, early).await;
        let replaced = !plan.requires_replace.is_empty();
        if replaced && !plan.diagnostics.has_errors() {
            let nothing = Value::Null;
            let destroy = self.plan(type_name, &object, &nothing).await;
            diagnostics.extend(destroy.diagnostics.clone());
            let done = self.carry_out(type_name, &object, &nothing, destroy).await;
            object = after(&done);
            diagnostics.extend(done.diagnostics);
            if diagnostics.has_errors() {
                return Applied {
                    object,
                    replaced,
                    diagnostics,
                };
            }
            plan = self.plan(type_name, &object, early).await;
        }
        if early != config && !plan.diagnostics.has_errors() {
            plan = self.plan(type_name, &object, config).await;
        }
        diagnostics.extend(plan.diagnostics.clone());
        let unchanged = plan.planned_state == object.state;
        if !diagnostics.has_errors() && !unchanged {
            let done = self.carry_out(type_name, &object, config, plan).await;
            object = after(&done);
            diagnostics.extend(done.diagnostics);
        }
        Applied {
            object,
            replaced,
            diagnostics,
        }
    }

    /// What is wrong after an apply: a refresh that finds something else, or a plan that is not empty.
    pub async fn unsettled(&self, type_name: &str, object: &Object, config: &Value) -> Vec<Breach> {
        let read = self.read(type_name, object).await;
        assert!(!read.diagnostics.has_errors(), "{:?}", read.diagnostics);
        let mut breaches = consistency::undrifted(&object.state, &read.state);
        let plan = self.plan(type_name, object, config).await;
        assert!(!plan.diagnostics.has_errors(), "{:?}", plan.diagnostics);
        breaches.extend(consistency::settled(&object.state, &plan));
        breaches
    }
}

fn after(done: &ApplyResponse) -> Object {
    Object {
        state: done.state.clone(),
        private: done.private.clone(),
        identity: done.identity.clone(),
    }
}

/// Core's merge of configuration and state.
pub fn proposed_new_state(schema: &Schema, prior: &Value, config: &Value) -> Value {
    if config.is_null() {
        return Value::Null;
    }
    level(
        &schema.block.attributes,
        &schema.block.blocks,
        prior,
        config,
    )
}

/// A configuration that says only these attributes; the rest is null, or without blocks.
pub fn config<const N: usize>(schema: &Schema, written: [(&str, Value); N]) -> Value {
    let mut config = empty(&schema.block);
    if let Value::Map(attributes) = &mut config {
        for (name, value) in written {
            assert!(attributes.contains_key(name), "no attribute {name}");
            attributes.insert(name.to_owned().into(), value);
        }
    }
    assert!(schema.value_type().admits(&config), "{config:?}");
    config
}

fn empty(block: &Block) -> Value {
    let attributes = block
        .attributes
        .iter()
        .map(|a| (a.name.clone(), Value::Null));
    let blocks = block.blocks.iter().map(|block| {
        let none = match block.nesting {
            Nesting::Single => Value::Null,
            Nesting::List => Value::List(Vec::new()),
            Nesting::Set => Value::set([]),
            Nesting::Map => Value::Map([].into()),
        };
        (block.name.clone(), none)
    });
    Value::map(attributes.chain(blocks))
}

fn level(attributes: &[Attribute], blocks: &[NestedBlock], prior: &Value, config: &Value) -> Value {
    let Value::Map(_) = config else {
        return config.clone();
    };
    let attributes = attributes.iter().map(|attribute| {
        let (before, written) = (prior.get(&attribute.name), config.get(&attribute.name));
        let value = match &attribute.kind {
            _ if written.is_null() && attribute.mode.is_computed() => before.clone(),
            Kind::Value(_) => written.clone(),
            Kind::Nested {
                nesting,
                attributes,
            } => nested(*nesting, attributes, &[], before, written),
        };
        (attribute.name.clone(), value)
    });
    let blocks = blocks.iter().map(|block| {
        let (before, written) = (prior.get(&block.name), config.get(&block.name));
        let (attributes, blocks) = (&block.block.attributes, &block.block.blocks);
        let value = nested(block.nesting, attributes, blocks, before, written);
        (block.name.clone(), value)
    });
    Value::map(attributes.chain(blocks))
}

fn nested(
    nesting: Nesting,
    attributes: &[Attribute],
    blocks: &[NestedBlock],
    prior: &Value,
    config: &Value,
) -> Value {
    match (nesting, config) {
        (Nesting::Single, config) => level(attributes, blocks, prior, config),
        (Nesting::List, Value::List(written)) => {
            let elements = written.iter().enumerate();
            Value::List(
                elements
                    .map(|(i, written)| level(attributes, blocks, prior.element(i), written))
                    .collect(),
            )
        }
        (Nesting::Map, Value::Map(written)) => {
            let entries = written.iter();
            Value::map(entries.map(|(key, written)| {
                (
                    key.clone(),
                    level(attributes, blocks, prior.get(key), written),
                )
            }))
        }
        // Nothing in our sets is computed, so nothing is taken over from before.
        (_, config) => config.clone(),
    }
}
