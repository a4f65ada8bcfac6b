//! The pages under `docs/`, made of the live schema and the files under `examples/`.
//!
//! They are written in the dialect of `tfplugindocs`, which registries and editors expect, with three
//! differences: attributes keep the order of the model, and not that of the alphabet; a page lists the
//! permissions that AWS asks for; and the import block is made of `import.sh`, so that the two agree.

mod schema;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::framework::erased::{IdentityAttribute, IdentitySchema, Provider as _, Schemas};
use crate::framework::function::Signature;
use crate::framework::schema::{Role, Schema};
use crate::framework::timeouts::Operation;
use crate::framework::{Page, Permission, Provider, Server, Type};

/// Text of each page, by its path from the root of the repository.
pub type Pages = BTreeMap<PathBuf, String>;

/// Example files that are missing, by their paths from the root of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingExamples(Vec<PathBuf>);

impl fmt::Display for MissingExamples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the pages cannot be written without these examples:")?;
        self.0
            .iter()
            .try_for_each(|path| write!(f, "\n  {}", path.display()))
    }
}

impl std::error::Error for MissingExamples {}

/// A kind of page: its folder, its words, and the file that holds the example.
struct Genre {
    folder: &'static str,
    title: &'static str,
    example: &'static str,
}

const RESOURCE: Genre = Genre {
    folder: "resources",
    title: "Resource",
    example: "resource.tf",
};

const DATA_SOURCE: Genre = Genre {
    folder: "data-sources",
    title: "Data Source",
    example: "data-source.tf",
};

const EPHEMERAL: Genre = Genre {
    folder: "ephemeral-resources",
    title: "Ephemeral Resource",
    example: "ephemeral-resource.tf",
};

const FUNCTION: Genre = Genre {
    folder: "functions",
    title: "function",
    example: "function.tf",
};

/// Writes every page of a provider. The examples are read from the repository at `root`.
///
/// An error names every example that is missing, not only the first.
pub fn render<P: Provider>(root: &Path) -> Result<Pages, MissingExamples> {
    let (server, catalog) = (Server::<P>::new(), P::catalog());
    let mut renderer = Renderer {
        provider: P::NAME,
        schemas: server.schemas(),
        examples: Examples {
            root,
            missing: Vec::new(),
        },
        pages: Pages::new(),
    };
    renderer.index();
    for resource in &catalog.resources {
        renderer.resource(resource.name(), resource.page());
    }
    for data_source in &catalog.data_sources {
        let schema = data_source.schema();
        renderer.reading(
            &DATA_SOURCE,
            data_source.name(),
            data_source.page(),
            &schema,
        );
    }
    for ephemeral in &catalog.ephemerals {
        let schema = ephemeral.schema();
        renderer.reading(&EPHEMERAL, ephemeral.name(), ephemeral.page(), &schema);
    }
    for function in &catalog.functions {
        renderer.function(function.name(), &function.signature());
    }
    renderer.finish()
}

struct Renderer<'a> {
    provider: &'static str,
    schemas: &'a Schemas,
    examples: Examples<'a>,
    pages: Pages,
}

impl Renderer<'_> {
    fn index(&mut self) {
        let block = &self.schemas.provider.block;
        let title = format!("{} Provider", self.provider);
        let sections = [
            front_matter(&title, "", &block.description),
            format!("# {title}"),
            block.description.to_string(),
            self.example("provider/provider.tf"),
            schema::section(block),
        ];
        self.add("index.md", &sections);
    }

    fn resource(&mut self, name: &str, page: &Page) {
        let type_name = format!("{}_{name}", self.provider);
        // The schemas are made of the same catalog, so it is there.
        let Some(resource) = self.schemas.resources.get(type_name.as_str()) else {
            return;
        };
        let mut sections = self.opening(&RESOURCE, &type_name, page, &resource.schema);
        sections.extend(timeouts(&resource.schema));
        sections.extend(permissions(page.permissions));
        sections.push(self.import(&type_name, &resource.identity));
        self.add(&format!("{}/{name}.md", RESOURCE.folder), &sections);
    }

    /// A data source or an ephemeral resource.
    fn reading(&mut self, genre: &Genre, name: &str, page: &Page, schema: &Schema) {
        let type_name = format!("{}_{name}", self.provider);
        let mut sections = self.opening(genre, &type_name, page, schema);
        sections.extend(timeouts(schema));
        sections.extend(permissions(page.permissions));
        self.add(&format!("{}/{name}.md", genre.folder), &sections);
    }

    /// What every page with a schema begins with.
    fn opening(
        &mut self,
        genre: &Genre,
        type_name: &str,
        page: &Page,
        schema: &Schema,
    ) -> Vec<String> {
        let description = &schema.block.description;
        let title = format!("{type_name} {} - {}", genre.title, self.package());
        vec![
            front_matter(&title, page.subcategory, description),
            format!("# {type_name} ({})", genre.title),
            description.to_string(),
            self.example(&format!("{}/{type_name}/{}", genre.folder, genre.example)),
            schema::section(&schema.block),
        ]
    }

    fn function(&mut self, name: &str, signature: &Signature) {
        let title = format!("{name} {} - {}", FUNCTION.title, self.package());
        let mut sections = vec![
            front_matter(&title, "", &format!("{}.", signature.summary)),
            format!("# {}: {name}", FUNCTION.title),
            signature.description.to_string(),
            "-> Provider functions are supported in Terraform 1.8 and later.".to_owned(),
            self.example(&format!("{}/{name}/{}", FUNCTION.folder, FUNCTION.example)),
        ];
        sections.push(format!(
            "## Signature\n\n{}",
            fenced("text", &call(name, signature))
        ));
        sections.push(arguments(signature));
        sections.push(returns(&signature.returns));
        self.add(&format!("{}/{name}.md", FUNCTION.folder), &sections);
    }

    /// The ways to import, the newest first.
    fn import(&mut self, type_name: &str, identity: &IdentitySchema) -> String {
        let folder = format!("{}/{type_name}", RESOURCE.folder);
        let script = self.examples.read(&format!("{folder}/import.sh"));
        let block = import_block(&script);
        let import_block =
            "[`import` block](https://developer.hashicorp.com/terraform/language/import)";
        let mut sections = vec!["## Import".to_owned()];
        if !identity.is_empty() {
            let by_identity = format!("{folder}/import-by-identity.tf");
            sections.extend([
                format!(
                    "In Terraform v1.12.0 and later, an {import_block} can give the `identity`:"
                ),
                fenced("terraform", &self.examples.read(&by_identity)),
                identity_schema(identity),
            ]);
        }
        sections.extend([
            format!("In Terraform v1.5.0 and later, an {import_block} can give the `id`:"),
            fenced("terraform", &block),
            "The [`terraform import` command](https://developer.hashicorp.com/terraform/cli/commands/import) \
             takes the same ID:"
                .to_owned(),
            fenced("shell", &script),
        ]);
        sections.join("\n\n")
    }

    fn example(&mut self, path: &str) -> String {
        let text = self.examples.read(path);
        format!("## Example Usage\n\n{}", fenced("terraform", &text))
    }

    fn package(&self) -> String {
        format!("terraform-provider-{}", self.provider)
    }

    fn add(&mut self, path: &str, sections: &[String]) {
        let text = sections.join("\n\n") + "\n";
        self.pages.insert(Path::new("docs").join(path), text);
    }

    fn finish(self) -> Result<Pages, MissingExamples> {
        if self.examples.missing.is_empty() {
            Ok(self.pages)
        } else {
            Err(MissingExamples(self.examples.missing))
        }
    }
}

/// The files under `examples/`, and which of them were looked for in vain.
struct Examples<'a> {
    root: &'a Path,
    missing: Vec<PathBuf>,
}

impl Examples<'_> {
    fn read(&mut self, path: &str) -> String {
        let path = Path::new("examples").join(path);
        std::fs::read_to_string(self.root.join(&path)).unwrap_or_else(|_| {
            self.missing.push(path);
            String::new()
        })
    }
}

fn front_matter(title: &str, subcategory: &str, description: &str) -> String {
    let summary = description.split("\n\n").next().unwrap_or_default();
    let summary = summary.replace('`', "").replace('\n', " ");
    format!(
        "---\n\
         # Generated from the provider's schema and examples by src/docs.rs.\n\
         page_title: \"{title}\"\n\
         subcategory: \"{subcategory}\"\n\
         description: |-\n  {summary}\n\
         ---"
    )
}

fn fenced(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```", text.trim_end())
}

fn timeouts(schema: &Schema) -> Option<String> {
    let operations = schema.block.attributes.iter().find_map(|a| match a.role {
        Some(Role::Timeouts(operations)) => Some(operations),
        _ => None,
    })?;
    let default = |(name, default): &Operation| format!("- `{name}` - (Default `{default}`)");
    let defaults: Vec<_> = operations.iter().map(default).collect();
    let of_deletion = if operations.iter().any(|(name, _)| *name == "delete") {
        "\n\nA destroy reads `delete` from the state, so a new limit counts only after it was applied."
    } else {
        ""
    };
    Some(format!(
        "## Timeouts\n\n\
         `timeouts` limits how long each operation may take:\n\n{}{of_deletion}",
        defaults.join("\n")
    ))
}

/// The action that reaches the role; all others are needed by whoever holds it.
const ASSUME_ROLE: &str = "sts:AssumeRole";

fn permissions(permissions: &[Permission]) -> Option<String> {
    if permissions.is_empty() {
        return None;
    }
    let row = |p: &Permission| format!("| `{}` | {} |", p.action, p.needed);
    let rows: Vec<_> = permissions.iter().map(row).collect();
    let by_caller = if permissions.iter().any(|p| p.action == ASSUME_ROLE) {
        " `sts:AssumeRole` is needed by the provider's own credentials, for that role; everything else \
         is needed by the role."
    } else {
        ""
    };
    Some(format!(
        "## Permissions\n\n\
         AWS is called with the provider's credentials, or with those of the role in `assume_role`.\
         {by_caller}\n\n\
         | Action | Needed |\n| --- | --- |\n{}\n\n\
         As a policy; leave out the actions whose case you do not use:\n\n{}",
        rows.join("\n"),
        fenced("json", &policy(permissions))
    ))
}

/// The condition under which alone an action is safe to allow.
fn condition(action: &str) -> Option<&'static str> {
    match action {
        "iam:CreateServiceLinkedRole" => {
            Some(r#"{ "StringEquals": { "iam:AWSServiceName": "organizations.amazonaws.com" } }"#)
        }
        _ => None,
    }
}

fn policy(permissions: &[Permission]) -> String {
    let actions = permissions.iter().map(|p| p.action);
    let (bound, free): (Vec<_>, Vec<_>) = actions
        .filter(|action| *action != ASSUME_ROLE)
        .partition(|action| condition(action).is_some());
    let bound = bound
        .iter()
        .map(|action| statement(&[*action], condition(action)));
    let statements: Vec<_> = std::iter::once(statement(&free, None))
        .chain(bound)
        .collect();
    format!(
        "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n{}\n  ]\n}}",
        statements.join(",\n")
    )
}

fn statement(actions: &[&str], condition: Option<&str>) -> String {
    let quoted: Vec<_> = actions.iter().map(|a| format!("        \"{a}\"")).collect();
    let condition = condition.map_or(String::new(), |c| format!(",\n      \"Condition\": {c}"));
    format!(
        "    {{\n      \"Effect\": \"Allow\",\n      \"Action\": [\n{}\n      ],\n      \
         \"Resource\": \"*\"{condition}\n    }}",
        quoted.join(",\n")
    )
}

fn identity_schema(identity: &IdentitySchema) -> String {
    let group = |title: &str, required: bool| {
        let line = |a: &IdentityAttribute| {
            let type_ = schema::type_name(&a.type_);
            // The rest of a description is about arguments and does not hold for an import.
            let what = first_sentence(&a.description);
            format!("- `{}` ({type_}) {what}", a.name)
        };
        let fitting = identity.attributes.iter();
        let lines: Vec<_> = fitting
            .filter(|a| a.required_for_import == required)
            .map(line)
            .collect();
        (!lines.is_empty()).then(|| format!("#### {title}\n\n{}", lines.join("\n")))
    };
    let groups = [group("Required", true), group("Optional", false)];
    let groups: Vec<_> = groups.into_iter().flatten().collect();
    format!("### Identity Schema\n\n{}", groups.join("\n\n"))
}

fn first_sentence(text: &str) -> String {
    match text.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => text.to_owned(),
    }
}

/// The first command of the script, as an import block.
fn import_block(script: &str) -> String {
    let command = script
        .lines()
        .find_map(|line| line.strip_prefix("terraform import "));
    let (address, id) = command
        .and_then(|arguments| arguments.split_once(' '))
        .unwrap_or_default();
    let id = id.trim_matches(['\'', '"']);
    format!("import {{\n  to = {address}\n  id = \"{id}\"\n}}")
}

/// A call with the types of its arguments, as in `echo(text string) string`.
fn call(name: &str, signature: &Signature) -> String {
    let of = |p: &crate::framework::function::Parameter| {
        format!("{} {}", p.name, schema::type_name(&p.type_).to_lowercase())
    };
    let mut parameters: Vec<_> = signature.parameters.iter().map(of).collect();
    parameters.extend(signature.variadic.iter().map(|p| of(p) + "..."));
    let returns = schema::type_name(&signature.returns).to_lowercase();
    format!("{name}({}) {returns}", parameters.join(", "))
}

fn arguments(signature: &Signature) -> String {
    let lines = signature
        .parameters
        .iter()
        .chain(&signature.variadic)
        .enumerate()
        .map(|(at, parameter)| {
            let type_ = schema::type_name(&parameter.type_);
            let (name, description) = (&parameter.name, &parameter.description);
            format!("{}. `{name}` ({type_}) {description}", at + 1)
        });
    format!("## Arguments\n\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn returns(type_: &Type) -> String {
    let Type::Object(attributes) = type_ else {
        return format!("## Return Type\n\n{}.", schema::type_name(type_));
    };
    let line = |(name, type_)| format!("- `{name}` ({})", schema::type_name(type_));
    let lines: Vec<_> = attributes.iter().map(line).collect();
    format!("## Return Type\n\nObject:\n\n{}", lines.join("\n"))
}
