//! What validation says about a configuration: everything at once, each with its path.

use awsbilling::framework::erased::Provider as _;
use awsbilling::framework::{Server, Value};

use crate::core::{Core, config};
use crate::planning::{THING, Terraform, thing};
use crate::sample::Sample;

/// Validation needs no configured provider.
fn validation() -> Terraform {
    Core::new(Server::<Sample>::new())
}

fn problems(core: &Terraform, config: Value) -> Vec<(String, String)> {
    let diagnostics = core.provider.validate_resource(THING, config);
    diagnostics
        .into_iter()
        .map(|problem| (problem.path.to_string(), problem.detail))
        .collect()
}

#[test]
fn a_sound_configuration_and_an_unknown_one_pass() {
    let core = validation();
    assert_eq!(problems(&core, thing(&core, [])), []);
    let open = core
        .schema(THING)
        .block
        .attributes
        .iter()
        .filter(|a| a.mode.is_configurable());
    let names: Vec<_> = open.map(|a| a.name.to_string()).collect();
    let mut unknown = thing(&core, []);
    if let Value::Map(attributes) = &mut unknown {
        for name in names {
            attributes.insert(name.into(), Value::UNKNOWN);
        }
    }
    assert_eq!(problems(&core, unknown), []);
}

#[test]
fn all_faults_are_found_at_once_with_their_paths() {
    let core = validation();
    let part = Value::map([
        ("kind", Value::from("leg")),
        ("count", Value::Null),
        ("serial", Value::Null),
    ]);
    let room = Value::map([("floor", Value::from(1)), ("tower", Value::from("TOP"))]);
    let faulty = thing(
        &core,
        [
            ("code", "abcd".into()),
            ("handling", "careless".into()),
            ("notes", "without a title".into()),
            ("volume", 3.into()),
            ("weight", (-1).into()),
            ("parts", Value::List(vec![part])),
            ("rooms", Value::map([("west", room)])),
            (
                "timeouts",
                Value::map([("create", Value::from("soon")), ("delete", Value::Null)]),
            ),
        ],
    );
    let found = problems(&core, faulty);
    let mut paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
    paths.sort_unstable();
    let expected = [
        "code",
        "handling",
        "notes",
        "parts[0]",
        r#"rooms["west"]"#,
        r#"rooms["west"]"#,
        r#"rooms["west"]"#,
        "timeouts",
        "volume",
        "weight",
        "weight",
    ];
    assert_eq!(paths, expected);
    let of = |path: &str| {
        let mut details = found.iter().filter(|(at, _)| at == path);
        details.next().unwrap().1.as_str()
    };
    assert_eq!(of("code"), "Expected three capital letters, got \"abcd\".");
    assert_eq!(
        of("handling"),
        "Expected \"gentle\" or \"ROUGH\", got \"careless\"."
    );
    assert_eq!(of("notes"), "`notes` needs `title` to be set, too.");
    assert_eq!(
        of("volume"),
        "Only one of `weight` or `volume` can be set, and `weight` and `volume` are."
    );
    // Terraform shows no attribute within an attribute, so the message names it.
    assert_eq!(
        of("parts[0]"),
        "parts[0].kind: Expected three capital letters, got \"leg\"."
    );
    assert!(of("timeouts").starts_with("timeouts.create: "));
}

#[test]
fn one_of_two_must_be_written_unless_one_may_yet_become_known() {
    let core = validation();
    let neither = |weight: Value| {
        let mut config = thing(&core, []);
        if let Value::Map(attributes) = &mut config {
            attributes.insert("weight".to_owned().into(), weight);
        }
        problems(&core, config)
    };
    let root = String::new();
    assert_eq!(
        neither(Value::Null),
        [(root, "One of `weight` or `volume` must be set.".to_owned())]
    );
    assert_eq!(neither(Value::UNKNOWN), []);
}

#[test]
fn objects_that_the_user_may_leave_to_the_provider_are_checked_within() {
    let core = validation();
    let address = Value::map([
        ("full_name", "Ada".into()),
        ("initials", "AKL".into()),
        ("nickname", "Countess".into()),
        ("word", Value::Null),
        ("register_number", Value::Null),
    ]);
    let found = problems(&core, thing(&core, [("address", address)]));
    let details: Vec<_> = found.iter().map(|(_, detail)| detail.as_str()).collect();
    let conflict =
        "Only one of `initials` or `nickname` can be set, and `initials` and `nickname` are.";
    let expected = ["initials", "nickname"].map(|name| format!("address.{name}: {conflict}"));
    assert_eq!(details, expected);
}

#[test]
fn a_secret_is_refused_without_being_shown() {
    let core = validation();
    let found = problems(&core, thing(&core, [("inscription", "hidden text".into())]));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "inscription");
    assert!(!found[0].1.contains("hidden"), "{}", found[0].1);
}

#[test]
fn a_panic_in_a_check_is_a_message() {
    let core = validation();
    let found = problems(&core, thing(&core, [("title", "panic".into())]));
    assert!(found[0].1.contains("stopped unexpectedly"), "{found:?}");
}

#[tokio::test]
async fn a_provider_that_cannot_be_configured_says_why() {
    let core = validation();
    let schema = &core.provider.schemas().provider;
    let locked = config(schema, [("world", "locked".into())]);
    let problem = core.configure(locked).await.into_iter().next().unwrap();
    assert_eq!(
        (problem.summary.as_str(), problem.path.to_string().as_str()),
        ("World is locked", "world")
    );
}

#[test]
fn an_unknown_type_is_a_message() {
    let core = validation();
    let problem = core
        .provider
        .validate_resource("sample_nothing", Value::Null)
        .into_iter()
        .next()
        .unwrap();
    assert_eq!(
        problem.detail,
        "This version of the provider does not know sample_nothing."
    );
}
