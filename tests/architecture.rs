//! The invariants of the house, read off its source.
//!
//! A rule that the compiler or clippy can hold is left to them. Text is enough for the rest: tests and
//! comments are blanked, so that what is left is what runs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A source file without its comments and tests; lines keep their numbers.
struct Source {
    /// From the root, with forward slashes.
    path: String,
    text: String,
}

impl Source {
    fn is_in(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }

    fn breach(&self, line: usize, rule: &str) -> String {
        format!("{}:{}: {rule}", self.path, line + 1)
    }

    /// Lines that hold one of the words, as breaches of the rule.
    fn lines_with(&self, words: &[&str], rule: &str) -> Vec<String> {
        let holds = |line: &str| words.iter().any(|word| has_word(line, word));
        let lines = self.text.lines().enumerate();
        lines
            .filter(|(_, line)| holds(line))
            .map(|(at, _)| self.breach(at, rule))
            .collect()
    }
}

/// Whether the text stands in the line and is not the end of a longer name. A word that ends in a letter
/// stands for itself alone; one that ends in `_` begins a name.
fn has_word(line: &str, word: &str) -> bool {
    let of_a_name = |c: char| c.is_alphanumeric() || c == '_';
    let open_end = !word.ends_with(char::is_alphanumeric);
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let starts_inside = word.starts_with(of_a_name) && before.is_some_and(of_a_name);
        !starts_inside && (open_end || !after.is_some_and(of_a_name))
    })
}

/// Files below a folder, by their paths from the root.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name == "target" || name == ".git" || name == ".terraform" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// What runs: the sources of all crates but tests and the fuzz target.
fn sources() -> Vec<Source> {
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let is_test = |path: &str| {
        path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/fuzz/")
    };
    files("src")
        .into_iter()
        .chain(files("proto"))
        .filter(is_rust)
        .map(|path| Source {
            text: blanked(&fs::read_to_string(root().join(&path)).unwrap()),
            path: path.to_string_lossy().replace('\\', "/"),
        })
        .filter(|source| !is_test(&source.path))
        .collect()
}

/// Everything that runs in the provider.
fn of_the_provider() -> Vec<Source> {
    let mut sources = sources();
    sources.retain(|source| {
        source.is_in(&["src/"]) && !source.is_in(&["src/simulator/", "src/framework/derive/"])
    });
    assert!(sources.len() > 30, "the sources were not found");
    sources
}

/// The text with empty lines in place of comments and of what is compiled for tests alone.
fn blanked(text: &str) -> String {
    let mut kept = Vec::new();
    let mut in_test = false;
    for line in text.lines() {
        in_test |= line == "#[cfg(test)]";
        let drop = in_test || line.trim_start().starts_with("//");
        kept.push(if drop { "" } else { line });
        // Items end at a brace or a semicolon in the first column, as rustfmt has it.
        if in_test && (line == "}" || (line.ends_with(';') && !line.starts_with(' '))) {
            in_test = false;
        }
    }
    kept.join("\n")
}

fn no_breach(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

/// Fails for every line of the files that holds one of the words.
fn never(rule: &str, words: &[&str], within: impl Fn(&Source) -> bool) {
    let sources = of_the_provider();
    let concerned: Vec<_> = sources.iter().filter(|source| within(source)).collect();
    assert!(!concerned.is_empty(), "the rule concerns no file: {rule}");
    let breaches: Vec<_> = concerned
        .iter()
        .flat_map(|source| source.lines_with(words, rule))
        .collect();
    no_breach(&breaches);
}

#[test]
fn tests_and_comments_are_blanked_and_lines_keep_their_numbers() {
    let text = "a\n// b\n#[cfg(test)]\nuse c;\nd\n#[cfg(test)]\nmod tests {\n    e\n}\nf";
    assert_eq!(blanked(text), "a\n\n\n\nd\n\n\n\n\nf");
    assert!(
        has_word("use tonic::x", "tonic")
            && !has_word("catatonic", "tonic")
            && !has_word("tonics", "tonic")
    );
    assert!(has_word("aws_sdk_sts::Client", "aws_") && has_word("x.unwrap()", ".unwrap()"));
}

#[test]
fn only_protocol_speaks_grpc() {
    let rule = "only src/protocol names tonic, prost or msgpack";
    never(
        rule,
        &[
            "tonic",
            "tonic_prost",
            "prost",
            "prost_types",
            "rmp",
            "rmpv",
        ],
        |source| !source.is_in(&["src/protocol/"]),
    );
}

#[test]
fn the_framework_knows_no_aws() {
    let rule = "src/framework names nothing of AWS and no layer above it";
    never(
        rule,
        &[
            "aws_",
            "crate::aws",
            "crate::protocol",
            "crate::resources",
            "crate::attributes",
        ],
        |source| source.is_in(&["src/framework/"]),
    );
}

#[test]
fn the_protocol_knows_no_aws() {
    let rule = "src/protocol names nothing of AWS and no resource";
    never(
        rule,
        &["aws_sdk_", "aws_config", "crate::aws", "crate::resources"],
        |source| source.is_in(&["src/protocol/"]),
    );
}

#[test]
fn the_aws_layer_knows_nothing_above_it() {
    let rule = "src/aws names no layer above it but what the next test allows of the framework";
    never(
        rule,
        &[
            "crate::protocol",
            "crate::attributes",
            "crate::provider",
            "crate::resources",
            "crate::data_sources",
            "crate::functions",
        ],
        |source| source.is_in(&["src/aws/"]),
    );
}

#[test]
fn the_aws_layer_knows_little_of_terraform() {
    const KNOWN: [&str; 9] = [
        "Diagnostic",
        "Diagnostics",
        "Result",
        "Severity",
        "Cx",
        "Clock",
        "Interrupted",
        "DomainText",
        "detached",
    ];
    let rule = format!("src/aws names of the framework only {}", KNOWN.join(", "));
    let mut breaches = Vec::new();
    for source in of_the_provider()
        .iter()
        .filter(|source| source.is_in(&["src/aws/"]))
    {
        for (at, _) in source.text.match_indices("framework::") {
            let line = source.text[..at].matches('\n').count();
            let names = names_of(&source.text[at + "framework::".len()..]);
            if names.iter().any(|name| !KNOWN.contains(&name.as_str())) {
                breaches.push(source.breach(line, &rule));
            }
        }
    }
    no_breach(&breaches);
}

/// The last names of a path: `a::B` has one, `{B, c::D}` two.
fn names_of(path: &str) -> Vec<String> {
    let list = match path.strip_prefix('{') {
        Some(list) => list.split('}').next().unwrap(),
        None => path
            .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
            .next()
            .unwrap(),
    };
    let names = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names
        .map(|name| name.rsplit("::").next().unwrap().to_owned())
        .collect()
}

#[test]
fn resources_hold_no_raw_values_and_no_clients() {
    let rule = "resources, data sources and functions name neither a raw value nor an SDK";
    never(
        rule,
        &["Value", "aws_sdk_", "aws_smithy_", "aws_config"],
        |source| source.is_in(&["src/resources/", "src/data_sources/", "src/functions/"]),
    );
}

#[test]
fn functions_do_no_io() {
    let rule = "a function is pure and offline";
    never(
        rule,
        &[
            "std::fs",
            "std::env",
            "std::net",
            "std::process",
            "tokio",
            "async",
        ],
        |source| source.is_in(&["src/functions/"]),
    );
}

#[test]
fn only_the_handshake_writes_to_standard_output() {
    let rule = "only src/protocol/handshake.rs writes to standard output: Terraform reads it";
    never(
        rule,
        &["println!", "print!", "stdout()", "Stdout"],
        |source| !source.is_in(&["src/protocol/handshake.rs"]),
    );
}

#[test]
fn only_sessions_make_clients() {
    let rule = "only src/aws/session makes a client";
    never(rule, &["Client::new(", "Client::from_conf("], |source| {
        !source.is_in(&["src/aws/session"])
    });
}

/// How a request asks for the page after another: of most services, and of S3's two lists.
const CONTINUATIONS: [&str; 3] = [
    ".set_next_token(token)",
    ".set_continuation_token(token)",
    ".set_key_marker(",
];

#[test]
fn every_list_is_read_to_its_end() {
    let mut lists = 0;
    let mut breaches = Vec::new();
    for source in of_the_provider() {
        for (at, _) in source.text.match_indices(".list_") {
            let (before, request) = source.text.split_at(at);
            if !before.trim_end().ends_with("client") {
                continue; // A list of ours, made of such requests.
            }
            lists += 1;
            let request = request.split(".send()").next().unwrap();
            let continues = CONTINUATIONS.iter().any(|word| request.contains(word));
            // The tags of a report come all at once: the answer has no token.
            let has_pages = !request.contains(".report_name(");
            if has_pages && !continues {
                let line = before.matches('\n').count();
                breaches.push(source.breach(line, "AWS is asked for the first page only"));
            }
        }
    }
    assert!(lists > 0, "no list was found");
    no_breach(&breaches);
}

#[test]
fn only_the_context_looks_at_a_clock() {
    // Log lines carry the machine's time and how long a call took, and nothing is decided by either.
    let exempt = [
        "src/framework/context.rs",
        "src/protocol/logging.rs",
        "src/protocol/provider_service.rs",
    ];
    let rule = "ask the context for the time, so that a test decides what time it is";
    let clocks = ["SystemTime", "now_utc", "now_local"];
    never(rule, &clocks, |source| !source.is_in(&exempt));

    // Tokio's instant stands still when a test pauses it; the standard library's does not.
    let mut breaches = Vec::new();
    for source in of_the_provider() {
        for (at, line) in source.text.lines().enumerate() {
            if line.contains("std::time") && has_word(line, "Instant") && !source.is_in(&exempt) {
                breaches.push(source.breach(at, "wait by tokio's Instant, which a test can pause"));
            }
        }
    }
    no_breach(&breaches);
}

#[test]
fn nothing_unwraps() {
    let rule = "no unwrap outside tests: an error is a diagnostic";
    let sources = sources();
    let breaches: Vec<_> = sources
        .iter()
        .flat_map(|source| source.lines_with(&[".unwrap()", ".expect("], rule))
        .collect();
    no_breach(&breaches);
}

#[test]
fn every_crate_forbids_unsafe_code() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let lints = manifest.split("[workspace.lints.rust]").nth(1).unwrap();
    assert!(
        lints
            .split("\n[")
            .next()
            .unwrap()
            .contains("unsafe_code = \"forbid\""),
        "Cargo.toml: the workspace forbids unsafe code"
    );
    for package in packages() {
        let path = package["manifest_path"].as_str().unwrap();
        let manifest = fs::read_to_string(path).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{}: takes the lints of the workspace",
            package["name"]
        );
    }
}

/// The crates of the workspace, as cargo describes them.
fn packages() -> Vec<Json> {
    let json = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Json = serde_json::from_str(&json).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--locked")
        .current_dir(root())
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "cargo {}: {messages}",
        arguments.join(" ")
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn provider_and_simulator_share_nothing() {
    let (provider, simulator) = ("terraform-provider-awsbilling", "aws-simulator");
    let of_the_house = [provider, simulator, "awsbilling-derive"];
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let linked: BTreeSet<_> = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
            .map(|dependency| dependency["name"].as_str().unwrap())
            .filter(|dependency| of_the_house.contains(dependency))
            .collect();
        let allowed = if name == provider {
            BTreeSet::from(["awsbilling-derive"])
        } else {
            BTreeSet::new()
        };
        assert_eq!(
            linked, allowed,
            "crates of the house that {name} is built with"
        );
    }
}

#[test]
fn there_is_one_cryptography_library_and_one_http_library() {
    // Cargo.lock lists what a crate could use; what counts is whether anything does.
    let users = cargo(&[
        "tree",
        "--workspace",
        "--edges",
        "all",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    let banned = ["ring ", "openssl ", "native-tls ", "hyper v0.", "h2 v0.3."];
    let breaches: BTreeSet<_> = users
        .lines()
        .filter(|line| banned.iter().any(|banned| line.starts_with(banned)))
        .collect();
    assert!(
        breaches.is_empty(),
        "built in beside aws-lc and hyper 1 ({breaches:?}): cargo tree --workspace --invert tells why"
    );
}

#[test]
fn the_top_level_stays_small() {
    const KNOWN: [&str; 11] = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "benches",
        "docs",
        "examples",
        "proto",
        "src",
        "tests",
    ];
    let strangers: Vec<_> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| {
            !name.starts_with('.') && name != "target" && !KNOWN.contains(&name.as_str())
        })
        .collect();
    assert!(
        strangers.is_empty(),
        "nothing else stands at the top level without a reason: {strangers:?}"
    );
}

#[test]
fn no_file_names_a_machine() {
    let roots = ["root", "work", "tmp", "home", "Users"].map(|folder| format!("/{folder}/"));
    let mut breaches = Vec::new();
    for path in files(".") {
        let Ok(text) = fs::read_to_string(root().join(&path)) else {
            continue;
        };
        for (at, line) in text.lines().enumerate() {
            // A path begins a word; within a longer one it is a part of a URL or of a relative path.
            let begins = |found: usize| {
                !line[..found].ends_with(|c: char| c.is_alphanumeric() || "._~-}".contains(c))
            };
            let named = roots.iter().any(|root| {
                line.match_indices(root.as_str())
                    .any(|(found, _)| begins(found))
            });
            if named {
                breaches.push(format!(
                    "{}:{}: names a path of one machine",
                    path.display(),
                    at + 1
                ));
            }
        }
    }
    no_breach(&breaches);
}
