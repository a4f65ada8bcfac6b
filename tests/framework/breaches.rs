//! The rules themselves: each one finds the answer that breaks it, and names rule, path and reason.

use awsbilling::framework::consistency::{self, Breach, Rule};
use awsbilling::framework::erased::{
    ApplyRequest, ApplyResponse, IdentityAttribute, IdentitySchema, PlanRequest, PlanResponse,
    Provider as _,
};
use awsbilling::framework::schema::{
    Attribute, Block, Kind, Mode, NestedBlock, Nesting, Schema, Text,
};
use awsbilling::framework::value::Refinement;
use awsbilling::framework::{Diagnostic, Diagnostics, Path, Server, Type, Value};

use crate::core::{Object, proposed_new_state};
use crate::planning::{THING, terraform, thing};
use crate::sample::{Fault, Sample, World};

fn attribute(name: &'static str, kind: Kind, mode: Mode) -> Attribute {
    Attribute {
        name: name.into(),
        ..Attribute::new(kind, mode)
    }
}

fn text(name: &'static str, mode: Mode) -> Attribute {
    attribute(name, Kind::Value(Type::String), mode)
}

fn nested(name: &'static str, nesting: Nesting) -> Attribute {
    let attributes = vec![text("n", Mode::Required), text("c", Mode::Computed)];
    let attributes = if nesting == Nesting::Set {
        vec![text("n", Mode::Required)]
    } else {
        attributes
    };
    attribute(
        name,
        Kind::Nested {
            nesting,
            attributes,
        },
        Mode::Optional,
    )
}

fn schema(attributes: Vec<Attribute>, blocks: Vec<NestedBlock>) -> Schema {
    let block = Block {
        attributes,
        blocks,
        ..Block::default()
    };
    Schema::new(0, block)
}

/// One attribute of every sort that the rules tell apart, and a block.
fn sample() -> Schema {
    let mut secret = text("secret", Mode::Optional);
    secret.write_only = true;
    let block = NestedBlock {
        name: "block".into(),
        nesting: Nesting::List,
        block: Block {
            attributes: vec![text("n", Mode::Required)],
            ..Block::default()
        },
    };
    schema(
        vec![
            text("required", Mode::Required),
            text("optional", Mode::Optional),
            text("computed", Mode::Computed),
            secret,
            nested("one", Nesting::Single),
            nested("list", Nesting::List),
            nested("map", Nesting::Map),
            nested("set", Nesting::Set),
        ],
        vec![block],
    )
}

fn object(n: &str, c: Value) -> Value {
    Value::map([("n", n.into()), ("c", c)])
}

fn config() -> Value {
    let element = |n: &str| object(n, Value::Null);
    Value::map([
        ("required", "r".into()),
        ("optional", Value::Null),
        ("computed", Value::Null),
        ("secret", "s".into()),
        ("one", element("1")),
        ("list", Value::List(vec![element("1"), element("2")])),
        ("map", Value::map([("k", element("1"))])),
        ("set", Value::set([Value::map([("n", Value::from("1"))])])),
        (
            "block",
            Value::List(vec![Value::map([("n", Value::from("1"))])]),
        ),
    ])
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Value::Map(attributes) = &mut object {
        attributes.insert(name.to_owned().into(), value);
    }
    object
}

fn planned() -> Value {
    let planned = with(config(), "secret", Value::Null);
    with(planned, "computed", Value::UNKNOWN)
}

fn plan_of(prior: Value, config: Value, planned: Value, replace: Vec<Path>) -> Vec<Breach> {
    let schema = sample();
    let request = PlanRequest {
        type_name: String::new(),
        proposed_new_state: proposed_new_state(&schema, &prior, &config),
        prior_state: prior,
        config,
        private: Vec::new(),
        identity: None,
        deferral_allowed: false,
    };
    let response = PlanResponse {
        planned_state: planned,
        requires_replace: replace,
        private: Vec::new(),
        identity: None,
        deferred: None,
        diagnostics: Diagnostics::new(),
    };
    consistency::plan(&schema, &request, &response)
}

#[track_caller]
fn assert_breach(breaches: &[Breach], rule: Rule, path: &str, sentence: &str) {
    let found = breaches
        .iter()
        .any(|b| b.rule == rule && b.path.to_string() == path && b.sentence.contains(sentence));
    assert!(found, "{path}: {sentence} is not among {breaches:#?}");
}

#[test]
fn a_proper_schema_and_plan_break_nothing() {
    assert_eq!(consistency::schema(&sample()), []);
    assert_eq!(plan_of(Value::Null, config(), planned(), vec![]), []);
}

#[test]
fn schemas_are_held_to_their_rules() {
    let cases = [
        (
            vec![text("theName", Mode::Optional)],
            "theName",
            "small letters",
        ),
        (
            vec![text("a", Mode::Optional), text("a", Mode::Required)],
            "a",
            "only once",
        ),
        (
            vec![attribute(
                "a",
                Kind::Value(Type::set(Type::Dynamic)),
                Mode::Optional,
            )],
            "a",
            "of any type",
        ),
        (
            vec![Attribute {
                write_only: true,
                ..text("a", Mode::Computed)
            }],
            "a",
            "not computed",
        ),
        (
            vec![attribute(
                "s",
                Kind::Nested {
                    nesting: Nesting::Set,
                    attributes: vec![Attribute {
                        write_only: true,
                        ..text("a", Mode::Optional)
                    }],
                },
                Mode::Optional,
            )],
            "s.a",
            "in a set is write-only",
        ),
        (
            vec![Attribute {
                default: Some("x".into()),
                ..text("a", Mode::Optional)
            }],
            "a",
            "optional and computed",
        ),
        (
            vec![Attribute {
                default: Some(1.into()),
                ..text("a", Mode::OptionalComputed)
            }],
            "a",
            "of the attribute's type",
        ),
    ];
    for (attributes, path, sentence) in cases {
        let breaches = consistency::schema(&schema(attributes, vec![]));
        assert_breach(&breaches, Rule::Schema, path, sentence);
    }
}

#[test]
fn identities_hold_simple_values_only() {
    let identity = IdentitySchema {
        version: 0,
        attributes: vec![IdentityAttribute {
            name: Text::from("id"),
            type_: Type::map(Type::String),
            required_for_import: true,
            description: Text::default(),
        }],
        value_type: Type::Object([].into()),
    };
    let breaches = consistency::identity_schema(&identity);
    assert_breach(&breaches, Rule::Schema, "id", "texts, numbers");
}

#[test]
fn plans_are_held_to_their_rules() {
    let cases = [
        ("required", "other".into(), "required", "as it was written"),
        ("required", Value::UNKNOWN, "required", "as it was written"),
        ("optional", "x".into(), "optional", "planned to be null"),
        ("secret", "s".into(), "secret", "write-only"),
        ("computed", 1.into(), "computed", "attribute's type"),
        ("one", Value::Null, "one", "exactly where they are written"),
        (
            "one",
            Value::UNKNOWN,
            "one",
            "exactly where they are written",
        ),
        (
            "one",
            object("2", Value::Null),
            "one.n",
            "as it was written",
        ),
        ("list", Value::List(vec![]), "list", "keeps its length"),
        (
            "list",
            Value::List(vec![object("1", Value::Null), object("3", Value::Null)]),
            "list[1].n",
            "as it was written",
        ),
        (
            "map",
            Value::map([("z", object("1", Value::Null))]),
            "map",
            "keeps its keys",
        ),
        ("set", Value::set([]), "set", "keeps its elements"),
        (
            "set",
            Value::set([Value::map([("n", Value::from("2"))])]),
            "set",
            "keeps its elements",
        ),
        ("block", Value::Null, "block", "empty rather than null"),
        ("block", Value::List(vec![]), "block", "keeps its length"),
        ("other", Value::Null, "other", "no such attribute"),
    ];
    for (name, value, path, sentence) in cases {
        let breaches = plan_of(Value::Null, config(), with(planned(), name, value), vec![]);
        assert_breach(&breaches, Rule::Plan, path, sentence);
    }
    let breaches = plan_of(Value::Null, config(), Value::Null, vec![]);
    assert_breach(&breaches, Rule::Plan, "", "an object is expected");
    let breaches = plan_of(planned(), Value::Null, planned(), vec![]);
    assert_breach(&breaches, Rule::Plan, "", "a deletion is null");
}

#[test]
fn a_written_value_may_keep_the_form_that_it_had() {
    let prior = with(planned(), "required", "R".into());
    assert_eq!(plan_of(prior.clone(), config(), prior, vec![]), []);
}

#[test]
fn paths_that_ask_for_a_new_object_exist_once_and_in_order() {
    let breaches = |paths: Vec<Path>| plan_of(planned(), config(), planned(), paths);
    let inner = Path::from("list").index(1).attribute("n");
    assert_eq!(breaches(vec!["computed".into(), inner]), []);
    for path in [Path::from("nothing"), Path::from("list").index(2)] {
        let expected = path.to_string();
        assert_breach(
            &breaches(vec![path]),
            Rule::Plan,
            &expected,
            "exists in the state",
        );
    }
    let twice = breaches(vec!["computed".into(), "computed".into()]);
    assert_breach(&twice, Rule::Plan, "", "sorted");
}

#[test]
fn a_plan_made_again_only_turns_unknown_into_known() {
    let first = planned();
    let known = with(first.clone(), "computed", "c".into());
    assert_eq!(consistency::replan(&first, &known), []);
    assert_breach(
        &consistency::replan(&known, &first),
        Rule::Replan,
        "computed",
        "stays the same",
    );
    let other = with(known.clone(), "computed", "d".into());
    assert_breach(
        &consistency::replan(&known, &other),
        Rule::Replan,
        "computed",
        "stays the same",
    );

    let promise = Refinement {
        not_null: true,
        ..Refinement::default()
    };
    let promised = with(first, "computed", Value::Unknown(Some(Box::new(promise))));
    let broken = with(known, "computed", Value::Null);
    assert_breach(
        &consistency::replan(&promised, &broken),
        Rule::Replan,
        "computed",
        "promised",
    );

    let set = |elements: Vec<Value>| Value::set(elements);
    let open = set(vec!["a".into(), Value::UNKNOWN]);
    assert_eq!(
        consistency::replan(&open, &set(vec!["a".into(), "b".into()])),
        []
    );
    assert_eq!(
        consistency::replan(&open, &set(vec!["a".into()])),
        [],
        "it may coalesce"
    );
    let gained = set(vec!["a".into(), "b".into(), "c".into()]);
    assert_breach(
        &consistency::replan(&open, &gained),
        Rule::Replan,
        "",
        "gains none",
    );
    let lost = set(vec!["b".into(), "c".into()]);
    assert_breach(
        &consistency::replan(&open, &lost),
        Rule::Replan,
        "",
        "known elements",
    );
}

fn applied(planned: Value, state: Value, failed: bool) -> Vec<Breach> {
    let request = ApplyRequest {
        type_name: String::new(),
        prior_state: Value::Null,
        planned_state: planned,
        config: config(),
        private: Vec::new(),
        identity: None,
    };
    let mut diagnostics = Diagnostics::new();
    if failed {
        diagnostics.push(Diagnostic::error("Failed"));
    }
    let response = ApplyResponse {
        state,
        private: Vec::new(),
        identity: None,
        diagnostics,
    };
    consistency::apply(&sample(), &request, &response)
}

#[test]
fn applies_are_held_to_their_rules() {
    let state = with(planned(), "computed", "c".into());
    assert_eq!(applied(planned(), state.clone(), false), []);
    for (name, value, path, sentence) in [
        ("computed", Value::UNKNOWN, "", "wholly known"),
        ("computed", 1.into(), "computed", "attribute's type"),
        ("secret", "s".into(), "secret", "write-only"),
        ("required", "other".into(), "required", "stays the same"),
        ("optional", "x".into(), "optional", "stays the same"),
    ] {
        let breaches = applied(planned(), with(state.clone(), name, value), false);
        assert_breach(&breaches, Rule::Apply, path, sentence);
    }
    assert_breach(
        &applied(planned(), Value::Null, false),
        Rule::Apply,
        "",
        "exists afterwards",
    );
    assert_breach(
        &applied(Value::Null, state, false),
        Rule::Apply,
        "",
        "exists afterwards",
    );
}

#[test]
fn a_failed_apply_may_leave_part_of_the_object_but_nothing_unknown() {
    assert_eq!(applied(planned(), Value::Null, true), []);
    let partial = with(
        with(planned(), "required", Value::Null),
        "computed",
        Value::Null,
    );
    assert_eq!(applied(planned(), partial, true), []);
    assert_breach(
        &applied(planned(), planned(), true),
        Rule::Apply,
        "",
        "wholly known",
    );
}

#[test]
fn refreshes_and_imports_are_held_to_their_rules() {
    assert_eq!(consistency::read(&sample(), &Value::Null), []);
    let unknown = consistency::read(&sample(), &planned());
    assert_breach(&unknown, Rule::Read, "", "wholly known");
    let nothing = consistency::import(&sample(), &Value::Null);
    assert_breach(&nothing, Rule::Import, "", "an object is expected");
}

#[test]
fn a_data_source_answers_with_what_was_asked() {
    let answer = with(planned(), "computed", "c".into());
    assert_eq!(consistency::data_source(&sample(), &config(), &answer), []);
    let other = with(answer, "required", "other".into());
    let breaches = consistency::data_source(&sample(), &config(), &other);
    assert_breach(&breaches, Rule::DataSource, "required", "as it was written");
}

#[test]
fn an_identity_stays_what_it_was() {
    let server = Server::<Sample>::new();
    let schema = &server.schemas().resources["sample_thing"].identity;
    let of = |code: Value| Value::map([("code", code), ("shelf", "s".into())]);
    let (abc, xyz, open) = (of("ABC".into()), of("XYZ".into()), of(Value::UNKNOWN));
    let check = |before, now, creating| consistency::identity(schema, before, Some(now), creating);
    assert_eq!(check(None, &abc, false), []);
    assert_eq!(check(Some(&abc), &abc, false), []);
    assert_eq!(check(None, &open, true), []);
    assert_breach(
        &check(None, &open, false),
        Rule::Identity,
        "",
        "wholly known",
    );
    assert_breach(
        &check(Some(&abc), &xyz, false),
        Rule::Identity,
        "code",
        "stays the same",
    );
    assert_breach(
        &check(None, &"text".into(), false),
        Rule::Identity,
        "",
        "attribute's type",
    );
}

#[test]
fn what_was_just_applied_is_at_rest() {
    let state = with(planned(), "computed", "c".into());
    let other = with(state.clone(), "computed", "d".into());
    let drift = consistency::undrifted(&state, &other);
    assert_breach(&drift, Rule::Settled, "computed", "without drift");
    let next = PlanResponse {
        planned_state: other,
        requires_replace: vec!["required".into()],
        private: Vec::new(),
        identity: None,
        deferred: None,
        diagnostics: Diagnostics::new(),
    };
    let breaches = consistency::settled(&state, &next);
    assert_breach(&breaches, Rule::Settled, "computed", "changes nothing");
    assert_breach(&breaches, Rule::Settled, "required", "no new object");
}

#[tokio::test]
async fn a_breach_becomes_an_error_of_the_answer() {
    let core = terraform("liar").await;
    World::named("liar").with(|world| world.fault = Some(Fault::Lying));
    let config = thing(&core, [("title", "promised".into())]);
    let applied = core.apply(THING, &Object::none(), &config, &config).await;
    let message = applied.diagnostics.iter().next().unwrap();
    assert!(message.is_error());
    assert_eq!(message.summary, "Breach of Terraform's rules");
    assert_eq!(
        message.detail,
        "Apply rule at title: what was known stays the same"
    );
    assert_eq!(message.path, "title".into());
}
