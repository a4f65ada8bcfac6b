//! Every example does what it shows: it is applied with the real `terraform` in the world of
//! `examples/world.json`, or of its story, then planned empty, then destroyed.
//!
//! The commands of `import.sh` are run, too; an import by identity needs Terraform 1.12 and is not.
//!
//! What only reads shares one configuration, each example a module of it. What changes the world has a
//! world of its own, because examples speak of the same few accounts.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use aws_simulator::Simulator;
use awsbilling::framework::Provider;
use awsbilling::provider::AwsBilling;
use serde_json::{Value, json};

use crate::harness::{REQUIRED, Terraform, at_once, sown};

#[allow(
    dead_code,
    reason = "the acceptance tests use parts that no example needs"
)]
mod harness;

fn examples() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"))
}

fn read(path: &str) -> String {
    fs::read_to_string(examples().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Names of the folders in a folder of examples.
fn folders(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(examples().join(folder)).unwrap();
    let entries = entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir());
    entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

/// Puts the files into Terraform's folder.
fn with_files(terraform: Terraform, files: &[(&str, &str)]) -> Terraform {
    for (path, text) in files {
        terraform.put(path, text);
    }
    terraform
}

/// Applies the files in the world, looks at what is in the state then, plans nothing more to do, and
/// destroys.
fn exercise(world: &str, files: &[(&str, &str)], look: impl FnOnce(&Simulator, &Value)) {
    let simulator = sown(world);
    let terraform = with_files(Terraform::in_world(&simulator), files);
    if files.iter().any(|(path, _)| path.contains('/')) {
        terraform.run(&["get"]).succeeded();
    }
    terraform.try_apply().succeeded();
    look(&simulator, &terraform.shown());
    terraform.expect_empty_plan();
    if files.iter().any(|(_, text)| is_protected(text)) {
        terraform
            .destroy()
            .failed()
            .says("set deletion_protection = false and apply");
        return;
    }
    terraform.destroy().succeeded();
    assert_eq!(
        terraform.shown()["values"],
        Value::Null,
        "something is left"
    );
}

/// Whether a configuration shows what is not to be destroyed.
fn is_protected(text: &str) -> bool {
    let words: Vec<_> = text.split_whitespace().collect();
    words
        .windows(3)
        .any(|three| three == ["deletion_protection", "=", "true"])
}

/// Types of the resources (`managed`) or data sources (`data`) that a state holds.
fn types(state: &Value, mode: &str) -> BTreeSet<String> {
    fn walk(module: &Value, mode: &str, found: &mut BTreeSet<String>) {
        let list = |name: &str| module[name].as_array().cloned().unwrap_or_default();
        let of_the_mode = list("resources").into_iter().filter(|r| r["mode"] == mode);
        found.extend(of_the_mode.map(|r| r["type"].as_str().unwrap().to_owned()));
        for child in list("child_modules") {
            walk(&child, mode, found);
        }
    }
    let mut found = BTreeSet::new();
    walk(&state["values"]["root_module"], mode, &mut found);
    found
}

fn type_names<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    names
        .map(|name| format!("{}_{name}", AwsBilling::NAME))
        .collect()
}

#[test]
fn the_provider_reaches_aws_by_each_of_its_blocks() {
    let blocks = read("provider/provider.tf");
    let aliases = blocks.lines().filter_map(|line| {
        let alias = line.trim().strip_prefix("alias ")?;
        Some(alias.split('"').nth(1).unwrap())
    });
    let mut reads = String::new();
    for alias in aliases {
        // Terraform configures no block that nothing uses.
        writeln!(
            reads,
            "data \"awsbilling_pending_invitations\" \"{alias}\" {{ provider = awsbilling.{alias} }}"
        )
        .unwrap();
    }
    let files = [("provider.tf", blocks.as_str()), ("reads.tf", &reads)];
    exercise(&read("world.json"), &files, |_, state| {
        let read = state["values"]["root_module"]["resources"].as_array();
        assert_eq!(read.unwrap().len(), blocks.matches("provider \"").count());
    });
}

#[test]
fn data_sources_and_functions() {
    let catalog = AwsBilling::catalog();
    let data_sources = type_names(catalog.data_sources.iter().map(|d| d.name()));
    let functions: BTreeSet<_> = catalog.functions.iter().map(|f| f.name()).collect();

    let mut files = vec![];
    let mut calls = String::new();
    let reading = data_sources
        .iter()
        .map(|name| (name.as_str(), format!("data-sources/{name}/data-source.tf")));
    let pure = functions
        .iter()
        .map(|name| (*name, format!("functions/{name}/function.tf")));
    for (name, example) in reading.chain(pure) {
        let module = format!("module \"{name}\" {{ source = \"./{name}\" }}");
        let output = format!("output \"{name}\" {{ value = module.{name} }}");
        writeln!(calls, "{module}\n{output}").unwrap();
        files.push((format!("{name}/example.tf"), read(&example)));
        files.push((format!("{name}/versions.tf"), REQUIRED.to_owned()));
    }
    files.push(("main.tf".to_owned(), calls));
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    exercise(&read("world.json"), &files, |_, state| {
        assert_eq!(types(state, "data"), data_sources);
        for name in functions {
            let text = read(&format!("functions/{name}/function.tf"));
            assert!(
                text.contains(&format!("provider::{}::{name}(", AwsBilling::NAME)),
                "the example of {name} calls something else"
            );
            let outputs = &state["values"]["outputs"];
            assert_eq!(outputs[name]["value"], promised(&text), "{name}");
        }
    });
}

/// The outputs that an example announces: above each stands its value, as a comment.
fn promised(example: &str) -> Value {
    let lines: Vec<_> = example.lines().collect();
    let outputs = lines.windows(2).filter_map(|pair| {
        let name = pair[1].strip_prefix("output \"")?.split('"').next()?;
        let comment = pair[0].strip_prefix("# ");
        let comment = comment.unwrap_or_else(|| panic!("no comment says what {name} is"));
        Some((name.to_owned(), serde_json::from_str(comment).unwrap()))
    });
    Value::Object(outputs.collect())
}

#[test]
fn resources() {
    let catalog = AwsBilling::catalog();
    let names = type_names(catalog.resources.iter().map(|r| r.name()));
    at_once(names.into_iter().collect(), |name| {
        let example = read(&format!("resources/{name}/resource.tf"));
        let files = [("versions.tf", REQUIRED), ("resource.tf", example.as_str())];
        exercise(&read("world.json"), &files, |simulator, state| {
            assert!(
                types(state, "managed").contains(&name),
                "{name} was not applied"
            );
            let script = read(&format!("resources/{name}/import.sh"));
            // The example invites by account ID; one that invites by e-mail address is an acceptance test.
            let commands = script
                .lines()
                .filter(|line| line.starts_with("terraform ") && !line.contains('@'));
            for command in commands {
                imports(simulator, &files, &with_real_ids(command, state));
            }
        });
    });
}

/// Runs an import into an empty state. It must succeed for one of the accounts that have a profile: the
/// page says whose credentials it takes.
fn imports(simulator: &Simulator, files: &[(&str, &str)], command: &str) {
    let arguments: Vec<_> = command.split_whitespace().skip(1).collect();
    let accounts: Vec<_> = simulator.world(|world| {
        let accounts = world.accounts().filter(|account| account.profile.is_some());
        accounts.map(|account| account.id.clone()).collect()
    });
    let mut said = String::new();
    let imported = accounts.iter().any(|id| {
        let terraform = with_files(Terraform::of(simulator, id.as_str()), files);
        let tried = terraform.run(&arguments);
        said += &tried.text;
        tried.code == Some(0)
    });
    assert!(imported, "{command}: {said}");
}

/// The command with the IDs that AWS made in place of the example's.
fn with_real_ids(command: &str, state: &Value) -> String {
    let resources = state["values"]["root_module"]["resources"]
        .as_array()
        .unwrap();
    let real = |name: &str| resources.iter().find_map(|r| r["values"][name].as_str());
    let (handshake, transfer) = (real("handshake_id"), real("transfer_id"));
    let words = command.split(' ').map(|word| {
        // A role may follow the ID.
        let (id, role) = word.split_at(word.find(',').unwrap_or(word.len()));
        let real = match id {
            id if id.starts_with("h-") => handshake,
            id if id.starts_with("rt-") => transfer,
            _ => None,
        };
        format!("{}{role}", real.unwrap_or(id))
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn scenarios() {
    at_once(folders("scenarios"), |name| {
        let folder = format!("scenarios/{name}");
        let main = read(&format!("{folder}/main.tf"));
        let world = read(&format!("{folder}/world.json"));
        exercise(&world, &[("main.tf", &main)], |_, state| {
            assert!(!types(state, "managed").is_empty(), "{name} does nothing");
        });
    });
}

#[test]
fn a_promise_is_read_from_the_comment_above() {
    let example = "# [1]\noutput \"a\" {\n  value = f(1)\n}\n\n# \"x\"\noutput \"b\" {\n}";
    assert_eq!(promised(example), json!({"a": [1], "b": "x"}));
}
