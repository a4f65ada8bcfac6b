//! `## Schema`: the attributes and blocks of a page, level by level.

use crate::framework::Type;
use crate::framework::schema::{Attribute, Block, Kind, Mode, NestedBlock, Nesting};

const WRITE_ONLY: &str = "[Write-only](https://developer.hashicorp.com/terraform/language/resources/ephemeral#write-only-arguments)";

/// The section of a provider block, a resource or a data source.
pub(super) fn section(block: &Block) -> String {
    let mut parts = vec!["## Schema".to_owned()];
    Level {
        path: String::new(),
        attributes: &block.attributes,
        blocks: &block.blocks,
        computed: false,
    }
    .render(&mut parts);
    parts.join("\n\n")
}

/// A type as pages name it: `String`, `Set of String`.
pub(super) fn type_name(type_: &Type) -> String {
    match type_ {
        Type::Bool => "Boolean".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::String => "String".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", type_name(element)),
        Type::Set(element) => format!("Set of {}", type_name(element)),
        Type::Map(element) => format!("Map of {}", type_name(element)),
        Type::Object(_) => "Object".to_owned(),
        Type::Tuple(_) => "Tuple".to_owned(),
    }
}

/// Attributes and blocks of one object.
struct Level<'a> {
    /// Names on the way to it, joined by dots; empty at the top.
    path: String,
    attributes: &'a [Attribute],
    blocks: &'a [NestedBlock],
    /// Whether the provider gives the whole object, and so all that is in it.
    computed: bool,
}

/// Who gives a value, as pages group it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Required,
    Optional,
    ReadOnly,
}

impl Group {
    const ALL: [Self; 3] = [Self::Required, Self::Optional, Self::ReadOnly];

    fn title(self) -> &'static str {
        match self {
            Self::Required => "Required",
            Self::Optional => "Optional",
            Self::ReadOnly => "Read-Only",
        }
    }
}

impl<'a> Level<'a> {
    /// Its groups, and then whatever is nested in it.
    fn render(&self, parts: &mut Vec<String>) {
        for group in Group::ALL {
            let lines = self.lines(group);
            if !lines.is_empty() {
                let title = group.title();
                parts.push(if self.path.is_empty() {
                    format!("### {title}")
                } else {
                    format!("{title}:")
                });
                parts.push(lines.join("\n"));
            }
        }
        for (anchor, level) in self.nested() {
            let path = &level.path;
            parts.push(format!(
                "<a id=\"{anchor}\"></a>\n### Nested Schema for `{path}`"
            ));
            level.render(parts);
        }
    }

    fn lines(&self, group: Group) -> Vec<String> {
        let attributes = self.attributes.iter().filter(|a| self.group(a) == group);
        let mut lines: Vec<_> = attributes.map(|a| self.attribute(a)).collect();
        // A block can always be left out: AWS's own rules are checked, not written as minimum counts.
        if group == Group::Optional {
            lines.extend(self.blocks.iter().map(|block| self.block(block)));
        }
        lines
    }

    fn group(&self, attribute: &Attribute) -> Group {
        match attribute.mode {
            _ if self.computed => Group::ReadOnly,
            Mode::Required => Group::Required,
            Mode::Optional | Mode::OptionalComputed => Group::Optional,
            Mode::Computed => Group::ReadOnly,
        }
    }

    fn attribute(&self, attribute: &Attribute) -> String {
        let (kind, link) = match &attribute.kind {
            Kind::Value(type_) => (type_name(type_), String::new()),
            Kind::Nested { nesting, .. } => {
                let link = see_below(&self.anchor("nestedatt", &attribute.name));
                (format!("Attributes{}", suffix(*nesting)), link)
            }
        };
        let marks = [
            (attribute.sensitive, "Sensitive"),
            (attribute.deprecation.is_some(), "Deprecated"),
            (attribute.write_only, WRITE_ONLY),
        ];
        let marks = marks.iter().filter(|(holds, _)| *holds);
        let words: Vec<_> = std::iter::once(kind.as_str())
            .chain(marks.map(|(_, mark)| *mark))
            .collect();
        let (name, description) = (&attribute.name, one_line(&attribute.description));
        let replaces = if attribute.replace {
            " A change replaces the resource."
        } else {
            ""
        };
        format!(
            "- `{name}` ({}) {description}{replaces}{link}",
            words.join(", ")
        )
    }

    fn block(&self, block: &NestedBlock) -> String {
        let kind = match block.nesting {
            Nesting::Single => "Block, Optional".to_owned(),
            other => format!("Block{}", suffix(other)),
        };
        let deprecated = match block.block.deprecation {
            Some(_) => ", Deprecated",
            None => "",
        };
        let (name, description) = (&block.name, one_line(&block.block.description));
        let link = see_below(&self.anchor("nestedblock", name));
        format!("- `{name}` ({kind}{deprecated}) {description}{link}")
    }

    /// The levels below, with their anchors.
    fn nested(&self) -> impl Iterator<Item = (String, Level<'a>)> {
        let attributes = self.attributes.iter().filter_map(|attribute| {
            let Kind::Nested { attributes, .. } = &attribute.kind else {
                return None;
            };
            let level = Level {
                path: self.path_of(&attribute.name),
                attributes,
                blocks: &[],
                computed: self.group(attribute) == Group::ReadOnly,
            };
            Some((self.anchor("nestedatt", &attribute.name), level))
        });
        let blocks = self.blocks.iter().map(|block| {
            let level = Level {
                path: self.path_of(&block.name),
                attributes: &block.block.attributes,
                blocks: &block.block.blocks,
                computed: false,
            };
            (self.anchor("nestedblock", &block.name), level)
        });
        attributes.chain(blocks)
    }

    fn path_of(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    fn anchor(&self, kind: &str, name: &str) -> String {
        format!("{kind}--{}", self.path_of(name).replace('.', "--"))
    }
}

fn see_below(anchor: &str) -> String {
    format!(" (see [below for nested schema](#{anchor}))")
}

fn suffix(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "",
        Nesting::List => " List",
        Nesting::Set => " Set",
        Nesting::Map => " Map",
    }
}

/// A list item holds one paragraph.
fn one_line(description: &str) -> String {
    description.split_whitespace().collect::<Vec<_>>().join(" ")
}
