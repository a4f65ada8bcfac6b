//! Terraform Core's rules, asserted on ourselves.
//!
//! Core refuses an answer that breaks one of these rules with a message that blames the provider, and
//! for some it keeps a wrong state first. Here each rule is a pure check that yields [`Breach`]es, and
//! [`Checked`] runs them around every call of a provider, whether a unit test, the protocol harness or
//! the real `terraform` makes it. A breach becomes an error of the answer, so that no caller misses it.
//!
//! Nothing of this runs in the shipped provider.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use futures_util::future::{BoxFuture, FutureExt};

use super::diagnostic::{Diagnostic, Diagnostics, Result};
use super::erased::{
    ApplyRequest, ApplyResponse, ConfigureRequest, EphemeralRequest, EphemeralResponse,
    IdentitySchema, ImportRequest, ImportResponse, MoveRequest, MoveResponse, PlanRequest,
    PlanResponse, Provider, ReadDataRequest, ReadDataResponse, ReadRequest, ReadResponse,
    ResourceSchema, Schemas, UpgradeRequest, UpgradeResponse,
};
use super::function::FunctionError;
use super::path::{Path, Step};
use super::schema::{Attribute, Level, Nesting, Schema};
use super::type_::Type;
use super::value::Value;

/// A rule that an answer broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The rule.
    pub rule: Rule,
    /// Where in the object; the root where the object as a whole is at fault.
    pub path: Path,
    /// What the rule demands there.
    pub sentence: String,
}

/// Which part of the contract with Terraform Core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// What a schema may say.
    Schema,
    /// What may be planned for a configuration and a state.
    Plan,
    /// A plan made again at apply time only turns unknown into known.
    Replan,
    /// What an apply may leave behind.
    Apply,
    /// What a refresh may find.
    Read,
    /// What an import may find.
    Import,
    /// What stored state may become.
    Upgrade,
    /// What a data source may answer.
    DataSource,
    /// What an ephemeral resource may answer.
    Ephemeral,
    /// What a function may answer.
    Function,
    /// What names an object for its whole life.
    Identity,
    /// After an apply, the next plan is empty, and a refresh finds what was left.
    Settled,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} rule", self.rule)?;
        if !self.path.is_root() {
            write!(f, " at {}", self.path)?;
        }
        write!(f, ": {}", self.sentence)
    }
}

impl From<Breach> for Diagnostic {
    fn from(breach: Breach) -> Self {
        Self::error("Breach of Terraform's rules")
            .detail(breach.to_string())
            .at(breach.path)
    }
}

/// Breaches of one rule.
struct Findings {
    rule: Rule,
    breaches: Vec<Breach>,
}

impl Findings {
    fn of(rule: Rule, find: impl FnOnce(&mut Self)) -> Vec<Breach> {
        let mut findings = Self {
            rule,
            breaches: Vec::new(),
        };
        find(&mut findings);
        findings.breaches
    }

    fn push(&mut self, at: &Path, sentence: impl Into<String>) {
        self.breaches.push(Breach {
            rule: self.rule,
            path: at.clone(),
            sentence: sentence.into(),
        });
    }

    fn demand(&mut self, kept: bool, at: &Path, sentence: &str) {
        if !kept {
            self.push(at, sentence);
        }
    }
}

/// Checks a schema.
pub fn schema(schema: &Schema) -> Vec<Breach> {
    Findings::of(Rule::Schema, |findings| {
        schema_level(Level::of(&schema.block), false, &Path::root(), findings);
    })
}

/// Checks a resource's identity schema.
pub fn identity_schema(identity: &IdentitySchema) -> Vec<Breach> {
    Findings::of(Rule::Schema, |findings| {
        for attribute in &identity.attributes {
            let primitive = |t: &Type| matches!(t, Type::Bool | Type::Number | Type::String);
            let fits = match &attribute.type_ {
                Type::List(element) => primitive(element),
                type_ => primitive(type_),
            };
            findings.demand(
                fits,
                &Path::from(attribute.name.as_ref()),
                "an identity holds texts, numbers, truth values and lists of them only",
            );
        }
    })
}

fn schema_level(level: Level<'_>, in_set: bool, at: &Path, findings: &mut Findings) {
    let mut names = BTreeSet::new();
    let attributes = level.attributes.iter().map(|a| &a.name);
    for name in attributes.chain(level.blocks.iter().map(|b| &b.name)) {
        let at = at.attribute(name.clone());
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        findings.demand(
            !name.is_empty() && name.chars().all(allowed),
            &at,
            "a name has small letters, digits and underscores only",
        );
        findings.demand(names.insert(name), &at, "a name stands only once");
    }
    for attribute in level.attributes {
        let at = at.attribute(attribute.name.clone());
        let type_ = attribute.value_type();
        findings.demand(
            !(in_set && attribute.write_only),
            &at,
            "nothing in a set is write-only",
        );
        findings.demand(
            !(attribute.write_only && attribute.mode.is_computed()),
            &at,
            "a write-only value comes from the configuration and is not computed",
        );
        findings.demand(
            !dynamic_in_set(&type_, in_set),
            &at,
            "nothing in a set is of any type",
        );
        if let Some(default) = &attribute.default {
            findings.demand(
                attribute.mode.is_computed() && attribute.mode.is_configurable(),
                &at,
                "a value with a default is optional and computed",
            );
            findings.demand(
                type_.admits(default) && default.is_wholly_known() && !default.is_null(),
                &at,
                "a default is a known value of the attribute's type",
            );
        }
    }
    for (name, nesting, level) in level.nested() {
        let in_set = in_set || nesting == Nesting::Set;
        schema_level(level, in_set, &at.attribute(name.to_owned()), findings);
    }
}

fn dynamic_in_set(type_: &Type, in_set: bool) -> bool {
    match type_ {
        Type::Dynamic => in_set,
        Type::Set(element) => dynamic_in_set(element, true),
        Type::List(element) | Type::Map(element) => dynamic_in_set(element, in_set),
        Type::Object(attributes) => attributes.values().any(|t| dynamic_in_set(t, in_set)),
        Type::Tuple(elements) => elements.iter().any(|t| dynamic_in_set(t, in_set)),
        Type::Bool | Type::Number | Type::String => false,
    }
}

/// Checks a plan that came without errors.
pub fn plan(schema: &Schema, request: &PlanRequest, response: &PlanResponse) -> Vec<Breach> {
    let planned = &response.planned_state;
    Findings::of(Rule::Plan, |findings| {
        let root = Path::root();
        if request.proposed_new_state.is_null() {
            findings.demand(planned.is_null(), &root, "the plan of a deletion is null");
            return;
        }
        if !stored(schema, planned, findings) {
            return;
        }
        let level = Level::of(&schema.block);
        let sides = [&request.prior_state, &request.config, planned];
        planned_object(level, sides, &root, findings);
        let paths = &response.requires_replace;
        findings.demand(
            paths.is_sorted_by(|a, b| a < b),
            &root,
            "the paths that ask for a new object are sorted and without duplicates",
        );
        for path in paths {
            findings.demand(
                exists(&request.prior_state, path) || exists(planned, path),
                path,
                "a path that asks for a new object exists in the state or in the plan",
            );
        }
    })
}

/// Checks a plan made again, with a configuration that says at least as much.
pub fn replan(first: &Value, again: &Value) -> Vec<Breach> {
    Findings::of(Rule::Replan, |findings| {
        refines(first, again, &Path::root(), findings);
    })
}

/// Checks what an apply left behind.
pub fn apply(schema: &Schema, request: &ApplyRequest, response: &ApplyResponse) -> Vec<Breach> {
    let (planned, state) = (&request.planned_state, &response.state);
    Findings::of(Rule::Apply, |findings| {
        let root = Path::root();
        let sound = state.is_null() || stored(schema, state, findings);
        let known = "what is stored is wholly known";
        findings.demand(state.is_wholly_known(), &root, known);
        if response.diagnostics.has_errors() || !sound {
            return;
        }
        findings.demand(
            state.is_null() == planned.is_null(),
            &root,
            "an object exists afterwards unless its deletion was planned",
        );
        if !state.is_null() {
            refines(planned, state, &root, findings);
        }
    })
}

/// Checks what a refresh found, when it came without errors. Null means gone.
pub fn read(schema: &Schema, state: &Value) -> Vec<Breach> {
    found(Rule::Read, schema, state)
}

/// Checks what an import found, when it came without errors.
pub fn import(schema: &Schema, state: &Value) -> Vec<Breach> {
    existing(Rule::Import, schema, state)
}

/// Checks what stored state became, when it came without errors.
pub fn upgrade(schema: &Schema, state: &Value) -> Vec<Breach> {
    existing(Rule::Upgrade, schema, state)
}

/// Checks a data source's answer that came without errors.
pub fn data_source(schema: &Schema, config: &Value, state: &Value) -> Vec<Breach> {
    let mut breaches = existing(Rule::DataSource, schema, state);
    if breaches.is_empty() {
        breaches = Findings::of(Rule::DataSource, |findings| {
            let level = Level::of(&schema.block);
            let sides = [&Value::Null, config, state];
            planned_object(level, sides, &Path::root(), findings);
        });
    }
    breaches
}

/// Checks the answer of an ephemeral resource that opened without errors.
pub fn ephemeral(schema: &Schema, result: &Value) -> Vec<Breach> {
    existing(Rule::Ephemeral, schema, result)
}

/// Checks an identity: `before` is the one that the object had, and `open` says whether a creation is
/// only planned, so that parts of it may be unknown.
pub fn identity(
    schema: &IdentitySchema,
    before: Option<&Value>,
    now: Option<&Value>,
    open: bool,
) -> Vec<Breach> {
    Findings::of(Rule::Identity, |findings| {
        let root = Path::root();
        let Some(now) = now.filter(|now| !now.is_null()) else {
            return;
        };
        conforms(&schema.value_type, now, &root, findings);
        findings.demand(
            open || now.is_wholly_known(),
            &root,
            "the identity of an object that exists is wholly known",
        );
        if let Some(before) = before.filter(|before| !before.is_null()) {
            refines(before, now, &root, findings);
        }
    })
}

/// Checks that a plan, made right after an apply with the same configuration, changes nothing.
pub fn settled(state: &Value, next: &PlanResponse) -> Vec<Breach> {
    Findings::of(Rule::Settled, |findings| {
        differences(state, &next.planned_state, &Path::root(), &mut |at| {
            findings.push(at, "the plan after an apply changes nothing");
        });
        for path in &next.requires_replace {
            findings.push(path, "the plan after an apply asks for no new object");
        }
    })
}

/// Checks that a refresh, made while nothing changed, found what was stored.
pub fn undrifted(before: &Value, after: &Value) -> Vec<Breach> {
    Findings::of(Rule::Settled, |findings| {
        differences(before, after, &Path::root(), &mut |at| {
            findings.push(at, "a refresh without drift changes nothing");
        });
    })
}

fn found(rule: Rule, schema: &Schema, state: &Value) -> Vec<Breach> {
    if state.is_null() {
        return Vec::new();
    }
    existing(rule, schema, state)
}

fn existing(rule: Rule, schema: &Schema, state: &Value) -> Vec<Breach> {
    Findings::of(rule, |findings| {
        if stored(schema, state, findings) {
            let known = "what is stored is wholly known";
            findings.demand(state.is_wholly_known(), &Path::root(), known);
        }
    })
}

/// Whether the value is an object of the schema without its write-only values, as plans and states are.
fn stored(schema: &Schema, value: &Value, findings: &mut Findings) -> bool {
    let before = findings.breaches.len();
    let (root, level) = (Path::root(), Level::of(&schema.block));
    if matches!(value, Value::Map(_)) {
        conforms(schema.value_type(), value, &root, findings);
        without_write_only(level, value, &root, findings);
        whole_blocks(level, value, &root, findings);
    } else {
        findings.push(&root, "an object is expected");
    }
    findings.breaches.len() == before
}

fn conforms(type_: &Type, value: &Value, at: &Path, findings: &mut Findings) {
    match (type_, value) {
        (Type::Object(types), Value::Map(entries)) => {
            for extra in entries.keys().filter(|name| !types.contains_key(*name)) {
                findings.push(
                    &at.attribute(extra.clone()),
                    "the schema has no such attribute",
                );
            }
            for (name, type_) in types {
                match entries.get(name) {
                    Some(value) => conforms(type_, value, &at.attribute(name.clone()), findings),
                    None => findings.push(
                        &at.attribute(name.clone()),
                        "an object has all its attributes",
                    ),
                }
            }
        }
        (Type::Map(type_), Value::Map(entries)) => {
            for (key, value) in entries {
                conforms(type_, value, &at.key(key.as_str()), findings);
            }
        }
        (Type::List(type_), Value::List(elements)) => {
            for (index, value) in elements.iter().enumerate() {
                conforms(type_, value, &at.index(index), findings);
            }
        }
        (Type::Set(type_), Value::Set(elements)) => {
            for value in elements {
                conforms(type_, value, at, findings);
            }
            let set = Value::set(elements.iter().cloned());
            let proper = "a set is sorted and holds no known value twice";
            findings.demand(set == *value, at, proper);
        }
        _ => findings.demand(
            type_.admits(value),
            at,
            "a value is of its attribute's type",
        ),
    }
}

fn without_write_only(level: Level<'_>, object: &Value, at: &Path, findings: &mut Findings) {
    for attribute in level.attributes.iter().filter(|a| a.write_only) {
        let name = attribute.name.as_ref();
        findings.demand(
            object.get(name).is_null(),
            &at.attribute(name.to_owned()),
            "a write-only value is null in plans and states",
        );
    }
    for (name, nesting, level) in level.nested() {
        each_object(
            nesting,
            object.get(name),
            &at.attribute(name.to_owned()),
            &mut |object, at| without_write_only(level, object, at, findings),
        );
    }
}

fn whole_blocks(level: Level<'_>, object: &Value, at: &Path, findings: &mut Findings) {
    for block in level.blocks {
        let at = at.attribute(block.name.clone());
        let value = object.get(&block.name);
        findings.demand(
            block.nesting == Nesting::Single || object.is_null() || !value.is_null(),
            &at,
            "a collection of blocks is empty rather than null",
        );
        each_object(block.nesting, value, &at, &mut |object, at| {
            whole_blocks(Level::of(&block.block), object, at, findings);
        });
    }
}

/// Visits the objects that a value holds.
fn each_object(nesting: Nesting, value: &Value, at: &Path, visit: &mut dyn FnMut(&Value, &Path)) {
    match (nesting, value) {
        (Nesting::Single, object) => visit(object, at),
        (Nesting::List, Value::List(elements)) => {
            for (index, object) in elements.iter().enumerate() {
                visit(object, &at.index(index));
            }
        }
        (Nesting::Set, Value::Set(elements)) => {
            for object in elements {
                visit(object, at);
            }
        }
        (Nesting::Map, Value::Map(entries)) => {
            for (key, object) in entries {
                visit(object, &at.key(key.as_str()));
            }
        }
        _ => {}
    }
}

/// Compares a planned object with the state before and the configuration, in this order of sides.
fn planned_object(level: Level<'_>, sides: [&Value; 3], at: &Path, findings: &mut Findings) {
    for attribute in level.attributes.iter().filter(|a| !a.write_only) {
        let sides = sides.map(|side| side.get(&attribute.name));
        planned_attribute(
            attribute,
            sides,
            &at.attribute(attribute.name.clone()),
            findings,
        );
    }
    for block in level.blocks {
        let sides = sides.map(|side| side.get(&block.name));
        let at = at.attribute(block.name.clone());
        planned_objects(block.nesting, Level::of(&block.block), sides, &at, findings);
    }
}

fn planned_attribute(
    attribute: &Attribute,
    sides: [&Value; 3],
    at: &Path,
    findings: &mut Findings,
) {
    let [prior, config, planned] = sides;
    let kept = planned == prior && !prior.is_null() && !config.is_null();
    let left_to_provider = attribute.mode.is_computed() && config.is_null();
    if planned == config || kept || left_to_provider {
        return;
    }
    match Level::within(attribute) {
        _ if config.is_null() => findings.push(
            at,
            "an attribute that is not computed and not written is planned to be null",
        ),
        Some((nesting, level)) if !config.is_unknown() => {
            planned_objects(nesting, level, sides, at, findings);
        }
        _ => findings.push(
            at,
            "a written attribute is planned as it was written, or as it was before",
        ),
    }
}

fn planned_objects(
    nesting: Nesting,
    level: Level<'_>,
    sides: [&Value; 3],
    at: &Path,
    findings: &mut Findings,
) {
    let [prior, config, planned] = sides;
    if config.is_unknown() {
        let sentence = "objects that are not known yet are planned as unknown";
        return findings.demand(planned.is_unknown(), at, sentence);
    }
    if planned.is_unknown() || planned.is_null() != config.is_null() {
        return findings.push(at, "objects are planned exactly where they are written");
    }
    match (nesting, config, planned) {
        _ if config.is_null() => {}
        (Nesting::Single, ..) => planned_object(level, sides, at, findings),
        (Nesting::List, Value::List(written), Value::List(elements)) => {
            if written.len() != elements.len() {
                return findings.push(at, "a list of objects keeps its length");
            }
            for index in 0..elements.len() {
                let sides = sides.map(|side| side.element(index));
                planned_element(level, sides, &at.index(index), findings);
            }
        }
        (Nesting::Map, Value::Map(written), Value::Map(elements)) => {
            if !written.keys().eq(elements.keys()) {
                return findings.push(at, "a map of objects keeps its keys");
            }
            for key in elements.keys() {
                let sides = sides.map(|side| side.get(key));
                planned_element(level, sides, &at.key(key.as_str()), findings);
            }
        }
        (Nesting::Set, Value::Set(written), Value::Set(elements)) => {
            let fits = |written: &Value, planned: &Value| {
                let breaches = Findings::of(findings.rule, |findings| {
                    planned_element(level, [prior, written, planned], at, findings);
                });
                breaches.is_empty()
            };
            let complete = written.len() == elements.len()
                && written.iter().all(|w| elements.iter().any(|e| fits(w, e)))
                && elements.iter().all(|e| written.iter().any(|w| fits(w, e)));
            findings.demand(complete, at, "a set of objects keeps its elements");
        }
        _ => findings.push(at, "objects are held as the schema says"),
    }
}

/// An element is an object like any other, but can be unknown or null as a whole where it was written so.
fn planned_element(level: Level<'_>, sides: [&Value; 3], at: &Path, findings: &mut Findings) {
    let [_, config, planned] = sides;
    match config {
        Value::Map(_) if matches!(planned, Value::Map(_)) => {
            planned_object(level, sides, at, findings);
        }
        _ => findings.demand(
            planned == config,
            at,
            "an element is planned as it was written",
        ),
    }
}

/// Whether a path leads to a value, perhaps a null or unknown one.
fn exists(value: &Value, path: &Path) -> bool {
    let mut value = value;
    for step in path.steps() {
        let next = match (step, value) {
            (Step::Attribute(name), Value::Map(entries)) => entries.get(name),
            (Step::Key(key), Value::Map(entries)) => entries.get(key.as_str()),
            (Step::Index(index), Value::List(elements)) => usize::try_from(*index)
                .ok()
                .and_then(|index| elements.get(index)),
            (_, Value::Unknown(_)) => return true,
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return false,
        }
    }
    true
}

/// Demands that every known part of the first value is the same in the second.
fn refines(first: &Value, second: &Value, at: &Path, findings: &mut Findings) {
    match (first, second) {
        (Value::Unknown(promise), _) => {
            let not_null = promise.as_ref().is_some_and(|promise| promise.not_null);
            findings.demand(
                !(not_null && second.is_null()),
                at,
                "a value that was promised not to be null is not null",
            );
        }
        (Value::Map(first), Value::Map(second)) if first.keys().eq(second.keys()) => {
            for ((key, first), second) in first.iter().zip(second.values()) {
                // Whether it is a key or an attribute, only the type knows; the name is what helps.
                refines(first, second, &at.attribute(key.clone()), findings);
            }
        }
        (Value::List(first), Value::List(second)) if first.len() == second.len() => {
            for (index, (first, second)) in first.iter().zip(second).enumerate() {
                refines(first, second, &at.index(index), findings);
            }
        }
        (Value::Set(elements), Value::Set(found)) if !first.is_wholly_known() => {
            let fits = |first: &Value| {
                found.iter().any(|second| {
                    Findings::of(findings.rule, |f| refines(first, second, at, f)).is_empty()
                })
            };
            findings.demand(
                found.len() <= elements.len() && elements.iter().all(fits),
                at,
                "a set keeps its known elements and gains none",
            );
        }
        (Value::Dynamic(first), Value::Dynamic(second)) if first.0 == second.0 => {
            refines(&first.1, &second.1, at, findings);
        }
        _ => findings.demand(first == second, at, "what was known stays the same"),
    }
}

/// Visits the places where two values differ, as deep as both go.
fn differences(first: &Value, second: &Value, at: &Path, visit: &mut dyn FnMut(&Path)) {
    match (first, second) {
        (Value::Map(first), Value::Map(second)) if first.keys().eq(second.keys()) => {
            for ((key, first), second) in first.iter().zip(second.values()) {
                differences(first, second, &at.attribute(key.clone()), visit);
            }
        }
        (Value::List(first), Value::List(second)) if first.len() == second.len() => {
            for (index, (first, second)) in first.iter().zip(second).enumerate() {
                differences(first, second, &at.index(index), visit);
            }
        }
        _ if first == second => {}
        _ => visit(at),
    }
}

/// A provider under Terraform's rules: every breach becomes an error of the answer that broke it.
pub struct Checked<P> {
    provider: P,
    /// Plans since the provider was configured, to be compared with those made again at apply time.
    plans: Mutex<Vec<(PlanRequest, Value)>>,
}

impl<P: Provider> Checked<P> {
    /// Watches the provider.
    pub fn new(provider: P) -> Self {
        Self {
            provider,
            plans: Mutex::default(),
        }
    }

    fn resource(&self, type_name: &str) -> Option<&ResourceSchema> {
        self.provider.schemas().resources.get(type_name)
    }

    fn identity(
        &self,
        type_name: &str,
        before: Option<&Value>,
        now: Option<&Value>,
        open: bool,
    ) -> Vec<Breach> {
        self.resource(type_name).map_or_else(Vec::new, |resource| {
            identity(&resource.identity, before, now, open)
        })
    }

    fn planned_before(&self, request: &PlanRequest, planned: &Value) -> Vec<Breach> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let again = |first: &PlanRequest| {
            first.type_name == request.type_name
                && first.prior_state == request.prior_state
                && first.private == request.private
                && first.identity == request.identity
                && replan(&first.config, &request.config).is_empty()
                && replan(&first.proposed_new_state, &request.proposed_new_state).is_empty()
        };
        let breaches = plans
            .iter()
            .filter(|(first, _)| again(first))
            .flat_map(|(_, first)| replan(first, planned))
            .collect();
        plans.push((request.clone(), planned.clone()));
        breaches
    }
}

fn report(diagnostics: &mut Diagnostics, breaches: Vec<Breach>) {
    diagnostics.extend(breaches.into_iter().map(Diagnostic::from));
}

impl<P: Provider> Provider for Checked<P> {
    fn schemas(&self) -> &Schemas {
        self.provider.schemas()
    }

    /// Terraform always asks this first, so this answer carries the breaches of all schemas.
    fn validate_provider(&self, config: Value) -> Diagnostics {
        let schemas = self.provider.schemas();
        let resources = schemas.resources.values();
        let all = std::iter::once(&schemas.provider)
            .chain(resources.clone().map(|resource| &*resource.schema))
            .chain(schemas.data_sources.values().map(|schema| &**schema))
            .chain(schemas.ephemerals.values().map(|schema| &**schema));
        let mut breaches: Vec<_> = all.flat_map(schema).collect();
        breaches.extend(resources.flat_map(|resource| identity_schema(&resource.identity)));
        let mut diagnostics = self.provider.validate_provider(config);
        report(&mut diagnostics, breaches);
        diagnostics
    }

    fn configure(&self, request: ConfigureRequest) -> BoxFuture<'_, Diagnostics> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        plans.clear();
        drop(plans);
        self.provider.configure(request)
    }

    fn validate_resource(&self, type_name: &str, config: Value) -> Diagnostics {
        self.provider.validate_resource(type_name, config)
    }

    fn validate_data_source(&self, type_name: &str, config: Value) -> Diagnostics {
        self.provider.validate_data_source(type_name, config)
    }

    fn validate_ephemeral(&self, type_name: &str, config: Value) -> Diagnostics {
        self.provider.validate_ephemeral(type_name, config)
    }

    fn upgrade(&self, request: UpgradeRequest) -> BoxFuture<'_, UpgradeResponse> {
        async move {
            let resource = self.resource(&request.type_name);
            let mut response = self.provider.upgrade(request).await;
            if let Some(resource) = resource
                && !response.diagnostics.has_errors()
            {
                let breaches = upgrade(&resource.schema, &response.state);
                report(&mut response.diagnostics, breaches);
            }
            response
        }
        .boxed()
    }

    fn read(&self, request: ReadRequest) -> BoxFuture<'_, ReadResponse> {
        async move {
            let (type_name, before) = (request.type_name.clone(), request.identity.clone());
            let mut response = self.provider.read(request).await;
            if let Some(resource) = self.resource(&type_name)
                && !response.diagnostics.has_errors()
                && response.deferred.is_none()
            {
                let now = response.identity.as_ref();
                let mut breaches = read(&resource.schema, &response.state);
                breaches.extend(self.identity(&type_name, before.as_ref(), now, false));
                report(&mut response.diagnostics, breaches);
            }
            response
        }
        .boxed()
    }

    fn plan(&self, request: PlanRequest) -> BoxFuture<'_, PlanResponse> {
        async move {
            let mut response = self.provider.plan(request.clone()).await;
            if let Some(resource) = self.resource(&request.type_name)
                && !response.diagnostics.has_errors()
            {
                let creation = request.prior_state.is_null();
                let before = request.identity.as_ref().filter(|_| !creation);
                let now = response.identity.as_ref();
                let mut breaches = plan(&resource.schema, &request, &response);
                breaches.extend(self.identity(&request.type_name, before, now, creation));
                if response.deferred.is_none() {
                    breaches.extend(self.planned_before(&request, &response.planned_state));
                }
                report(&mut response.diagnostics, breaches);
            }
            response
        }
        .boxed()
    }

    fn apply(&self, request: ApplyRequest) -> BoxFuture<'_, ApplyResponse> {
        async move {
            let mut response = self.provider.apply(request.clone()).await;
            if let Some(resource) = self.resource(&request.type_name) {
                let (before, now) = (request.identity.as_ref(), response.identity.as_ref());
                let mut breaches = apply(&resource.schema, &request, &response);
                breaches.extend(self.identity(&request.type_name, before, now, false));
                report(&mut response.diagnostics, breaches);
            }
            response
        }
        .boxed()
    }

    fn import(&self, request: ImportRequest) -> BoxFuture<'_, ImportResponse> {
        async move {
            let type_name = request.type_name.clone();
            let mut response = self.provider.import(request).await;
            if let Some(resource) = self.resource(&type_name)
                && !response.diagnostics.has_errors()
                && response.deferred.is_none()
            {
                let state = response.state.as_ref().unwrap_or(&Value::Null);
                let now = response.identity.as_ref();
                let mut breaches = import(&resource.schema, state);
                breaches.extend(self.identity(&type_name, None, now, false));
                report(&mut response.diagnostics, breaches);
            }
            response
        }
        .boxed()
    }

    fn move_state(&self, request: MoveRequest) -> BoxFuture<'_, MoveResponse> {
        async move {
            let type_name = request.target_type_name.clone();
            let mut response = self.provider.move_state(request).await;
            if let Some(resource) = self.resource(&type_name)
                && !response.diagnostics.has_errors()
            {
                let now = response.identity.as_ref();
                let mut breaches = upgrade(&resource.schema, &response.state);
                breaches.extend(self.identity(&type_name, None, now, false));
                report(&mut response.diagnostics, breaches);
            }
            response
        }
        .boxed()
    }

    fn read_data(&self, request: ReadDataRequest) -> BoxFuture<'_, ReadDataResponse> {
        async move {
            let (type_name, config) = (request.type_name.clone(), request.config.clone());
            let mut response = self.provider.read_data(request).await;
            if let Some(schema) = self.schemas().data_sources.get(type_name.as_str())
                && !response.diagnostics.has_errors()
                && response.deferred.is_none()
            {
                let breaches = data_source(schema, &config, &response.state);
                report(&mut response.diagnostics, breaches);
            }
            response
        }
        .boxed()
    }

    fn open_ephemeral(&self, request: EphemeralRequest) -> BoxFuture<'_, EphemeralResponse> {
        async move {
            let type_name = request.type_name.clone();
            let mut response = self.provider.open_ephemeral(request).await;
            if let Some(schema) = self.schemas().ephemerals.get(type_name.as_str())
                && !response.diagnostics.has_errors()
                && response.deferred.is_none()
            {
                let breaches = ephemeral(schema, &response.result);
                report(&mut response.diagnostics, breaches);
            }
            response
        }
        .boxed()
    }

    fn renew_ephemeral(&self, request: EphemeralRequest) -> BoxFuture<'_, EphemeralResponse> {
        self.provider.renew_ephemeral(request)
    }

    fn close_ephemeral(&self, request: EphemeralRequest) -> BoxFuture<'_, Diagnostics> {
        self.provider.close_ephemeral(request)
    }

    /// A function is called twice: it owes the same result to the same arguments.
    fn call_function(&self, name: &str, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let again = self.provider.call_function(name, arguments.clone());
        let result = self.provider.call_function(name, arguments);
        let breaches = Findings::of(Rule::Function, |findings| {
            let root = Path::root();
            let same = "the same arguments give the same result";
            findings.demand(again == result, &root, same);
            if let (Ok(result), Some(signature)) = (&result, self.schemas().functions.get(name)) {
                conforms(&signature.returns, result, &root, findings);
                let known = "the result is wholly known";
                findings.demand(result.is_wholly_known(), &root, known);
            }
        });
        match breaches.first() {
            Some(breach) => Err(FunctionError {
                text: breach.to_string(),
                argument: None,
            }),
            None => result,
        }
    }

    fn stop(&self) {
        self.provider.stop();
    }
}
