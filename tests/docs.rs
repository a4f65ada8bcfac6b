//! The pages under `docs/` say what the provider does, and the examples they show are complete.
//!
//! After a change of a schema or of an example, write the pages anew with
//! `UPDATE_DOCS=1 cargo test --test docs`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use awsbilling::docs;
use awsbilling::framework::erased::{Provider as _, Schemas};
use awsbilling::framework::schema::{Attribute, Block, Kind};
use awsbilling::framework::{Provider, Server};
use awsbilling::provider::AwsBilling;

/// Folders of pages that are rendered; everything else under `docs/` is written by hand.
const RENDERED: [&str; 4] = [
    "data-sources",
    "ephemeral-resources",
    "functions",
    "resources",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Files below a folder, by their paths from the root, in order.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
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

fn markdown(folder: &str) -> impl Iterator<Item = PathBuf> {
    let is_markdown = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    files(folder).into_iter().filter(is_markdown)
}

fn all_of_them_hold(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn pages_are_what_schema_and_examples_say() {
    let pages = docs::render::<AwsBilling>(root()).unwrap_or_else(|missing| panic!("{missing}"));
    let rendered_at = |path: &PathBuf| {
        let folder = path.components().nth(1).unwrap().as_os_str();
        RENDERED.iter().any(|name| folder == *name)
    };
    let orphans: Vec<_> = markdown("docs")
        .filter(|path| rendered_at(path) && !pages.contains_key(path))
        .collect();
    if env::var_os("UPDATE_DOCS").is_some() {
        for (path, text) in &pages {
            fs::create_dir_all(root().join(path).parent().unwrap()).unwrap();
            fs::write(root().join(path), text).unwrap();
        }
        for path in &orphans {
            fs::remove_file(root().join(path)).unwrap();
        }
        return;
    }
    let stale = pages
        .iter()
        .filter(|(path, text)| fs::read_to_string(root().join(path)).ok().as_ref() != Some(*text))
        .map(|(path, _)| format!("{}: is not what would be rendered", path.display()));
    let orphans = orphans
        .iter()
        .map(|path| format!("{}: nothing on offer has this name", path.display()));
    let faults: Vec<_> = stale.chain(orphans).collect();
    assert!(
        faults.is_empty(),
        "\n{}\nUPDATE_DOCS=1 cargo test --test docs writes the pages anew.",
        faults.join("\n")
    );
}

#[test]
fn every_missing_example_is_named_at_once() {
    let empty = tempfile::tempdir().unwrap();
    let error = docs::render::<AwsBilling>(empty.path())
        .unwrap_err()
        .to_string();
    let catalog = AwsBilling::catalog();
    let mut expected = vec!["examples/provider/provider.tf".to_owned()];
    for resource in &catalog.resources {
        let mut files = vec!["resource.tf", "import.sh"];
        files.extend(has_identity(resource.name()).then_some("import-by-identity.tf"));
        for file in files {
            expected.push(format!(
                "examples/resources/awsbilling_{}/{file}",
                resource.name()
            ));
        }
    }
    for data_source in &catalog.data_sources {
        let name = data_source.name();
        expected.push(format!(
            "examples/data-sources/awsbilling_{name}/data-source.tf"
        ));
    }
    for function in &catalog.functions {
        expected.push(format!(
            "examples/functions/{}/function.tf",
            function.name()
        ));
    }
    let named: BTreeSet<_> = error
        .lines()
        .skip(1)
        .map(|line| line.trim().replace('\\', "/"))
        .collect();
    assert_eq!(named, expected.into_iter().collect());
}

#[test]
fn every_example_is_of_something_on_offer() {
    let catalog = AwsBilling::catalog();
    let type_name = |name: &str| format!("{}_{name}", AwsBilling::NAME);
    let offers = [
        (
            "resources",
            catalog
                .resources
                .iter()
                .map(|r| type_name(r.name()))
                .collect::<BTreeSet<_>>(),
        ),
        (
            "data-sources",
            catalog
                .data_sources
                .iter()
                .map(|d| type_name(d.name()))
                .collect(),
        ),
        (
            "functions",
            catalog
                .functions
                .iter()
                .map(|f| f.name().to_owned())
                .collect(),
        ),
    ];
    for (folder, names) in offers {
        let shown: BTreeSet<_> = files(&format!("examples/{folder}"))
            .iter()
            .map(|path| {
                path.components()
                    .nth(2)
                    .unwrap()
                    .as_os_str()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        assert_eq!(shown, names, "examples/{folder}");
    }
}

#[test]
fn examples_are_named_example_and_leave_the_provider_to_their_reader() {
    let mut faults = Vec::new();
    for folder in ["resources", "data-sources", "functions"] {
        for path in files(&format!("examples/{folder}")) {
            let (text, shown) = (read(&path), path.display());
            let blocks = text
                .lines()
                .filter(|line| !line.starts_with([' ', '}', '#']));
            for block in blocks {
                let mut words = block.split_whitespace();
                let named = match words.next() {
                    Some("resource" | "data") => words.nth(1) == Some("\"example\""),
                    Some("terraform") if path.ends_with("import.sh") => block.contains(".example "),
                    Some("terraform" | "provider") => false,
                    _ => true,
                };
                if !named {
                    faults.push(format!("{shown}: {block}"));
                }
            }
        }
    }
    all_of_them_hold(&faults);
}

/// Whether anything names an object of the resource; a fleet has many objects.
fn has_identity(resource: &str) -> bool {
    let server = Server::<AwsBilling>::new();
    let type_name = format!("{}_{resource}", AwsBilling::NAME);
    !server.schemas().resources[type_name.as_str()]
        .identity
        .is_empty()
}

#[test]
fn imports_are_of_the_example() {
    for resource in &AwsBilling::catalog().resources {
        let type_name = format!("{}_{}", AwsBilling::NAME, resource.name());
        let folder = Path::new("examples/resources").join(&type_name);
        let script = read(&folder.join("import.sh"));
        let commands = script
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let expected = format!("terraform import {type_name}.example ");
        let wrong: Vec<_> = commands
            .clone()
            .filter(|line| !line.starts_with(&expected))
            .collect();
        assert!(
            wrong.is_empty() && commands.count() > 0,
            "{type_name}: {wrong:?}"
        );
        let by_identity = fs::read_to_string(root().join(folder.join("import-by-identity.tf")));
        let of_the_example =
            by_identity.map(|text| text.contains(&format!("to = {type_name}.example\n")));
        let expected = has_identity(resource.name()).then_some(true);
        assert_eq!(of_the_example.ok(), expected, "{type_name}");
    }
}

#[test]
fn every_description_is_a_sentence() {
    let server = Server::<AwsBilling>::new();
    let schemas: &Schemas = server.schemas();
    let mut faults = Vec::new();
    check_block("provider", &schemas.provider.block, &mut faults);
    for (name, resource) in &schemas.resources {
        check_block(name, &resource.schema.block, &mut faults);
    }
    for (name, schema) in schemas.data_sources.iter().chain(&schemas.ephemerals) {
        check_block(name, &schema.block, &mut faults);
    }
    for (name, signature) in &schemas.functions {
        check_sentence(name, &signature.description, &mut faults);
        for parameter in signature.parameters.iter().chain(&signature.variadic) {
            let place = format!("{name}({})", parameter.name);
            check_sentence(&place, &parameter.description, &mut faults);
        }
    }
    all_of_them_hold(&faults);
}

fn check_block(place: &str, block: &Block, faults: &mut Vec<String>) {
    check_sentence(place, &block.description, faults);
    check_attributes(place, &block.attributes, faults);
    for nested in &block.blocks {
        check_block(&format!("{place}.{}", nested.name), &nested.block, faults);
    }
}

fn check_attributes(place: &str, attributes: &[Attribute], faults: &mut Vec<String>) {
    for attribute in attributes {
        let place = format!("{place}.{}", attribute.name);
        check_sentence(&place, &attribute.description, faults);
        let is_switch = attribute.kind == Kind::Value(awsbilling::framework::Type::Bool);
        if is_switch && !attribute.description.starts_with("Whether ") {
            faults.push(format!(
                "{place}: a boolean's description begins with \"Whether\""
            ));
        }
        if let Kind::Nested { attributes, .. } = &attribute.kind {
            check_attributes(&place, attributes, faults);
        }
    }
}

/// The rules that the pages of the AWS provider follow, too.
fn check_sentence(place: &str, text: &str, faults: &mut Vec<String>) {
    let first = text.split_whitespace().next().unwrap_or_default();
    if !first.starts_with(char::is_uppercase) || !text.ends_with('.') {
        faults.push(format!("{place}: not a sentence: {text:?}"));
    }
    if ["A", "An", "The", "Specifies"].contains(&first) {
        faults.push(format!(
            "{place}: begins with {first:?} instead of a verb or a noun"
        ));
    }
}

#[test]
fn guides_have_what_a_registry_lists_them_by() {
    let guides: Vec<_> = markdown("docs/guides").collect();
    assert!(!guides.is_empty(), "there are no guides");
    let mut faults = Vec::new();
    for path in guides {
        let text = read(&path);
        let matter = text
            .strip_prefix("---\n")
            .and_then(|rest| rest.split_once("\n---\n"));
        let Some((matter, _)) = matter else {
            faults.push(format!("{}: no front matter", path.display()));
            continue;
        };
        for key in ["page_title: ", "subcategory: ", "description: "] {
            if !matter.lines().any(|line| line.starts_with(key)) {
                faults.push(format!("{}: the front matter has no {key}", path.display()));
            }
        }
    }
    all_of_them_hold(&faults);
}

#[test]
fn links_lead_somewhere() {
    let readme = ["README.md", "CHANGELOG.md"].map(PathBuf::from);
    let mut faults = Vec::new();
    for path in markdown("docs").chain(markdown("examples")).chain(readme) {
        for target in links(&read(&path)) {
            if !target.contains("://") && !resolves(&path, &target) {
                faults.push(format!("{}: {target} leads nowhere", path.display()));
            }
        }
    }
    all_of_them_hold(&faults);
}

/// Targets of the links in a Markdown text, code left aside.
fn links(text: &str) -> Vec<String> {
    let prose: Vec<_> = text.split("```").step_by(2).collect();
    let prose = prose.concat();
    let targets = prose.split("](").skip(1);
    targets
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}

fn resolves(from: &Path, target: &str) -> bool {
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = match file {
        "" => from.to_owned(),
        file => normalized(&from.parent().unwrap().join(file)),
    };
    let full = root().join(&path);
    full.exists() && (anchor.is_empty() || anchors(&read(&path)).contains(anchor))
}

fn normalized(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts
}

/// What a link may name within a page: anchors, and headings as GitHub and the registry number them.
fn anchors(text: &str) -> BTreeSet<String> {
    let written = text.split("<a id=\"").skip(1);
    let written = written.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
    let headings = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        });
    written.chain(headings).collect()
}

#[test]
fn examples_are_formatted() {
    let terraform = env::var_os("TF_ACC_TERRAFORM_PATH").unwrap_or("terraform".into());
    let checked = Command::new(&terraform)
        .args(["fmt", "-check", "-diff", "-recursive", "examples"])
        .current_dir(root())
        .output()
        .unwrap_or_else(|error| {
            panic!(
                "{} cannot be run ({error}): install Terraform, or name it in TF_ACC_TERRAFORM_PATH",
                terraform.display()
            )
        });
    assert!(
        checked.status.success(),
        "terraform fmt would change:\n{}{}",
        String::from_utf8_lossy(&checked.stdout),
        String::from_utf8_lossy(&checked.stderr)
    );
}
