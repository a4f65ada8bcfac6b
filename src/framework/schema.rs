//! What a user may write, and what the provider answers with: the description of one object.
//!
//! Terraform asks for it over the wire, the pages are rendered from it, and every value is decoded by
//! it. It is made by `#[derive(Model)]`, never by hand outside tests.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use super::path::{Path, Step};
use super::timeouts::{self, Operation};
use super::type_::Type;
use super::value::{Name, Value};

/// Text that is a literal in the provider and a made-up one in property tests.
pub type Text = Cow<'static, str>;

/// Description of a resource, a data source, an ephemeral resource or the provider block.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Version of the stored state; a change of shape that old states do not fit raises it.
    pub version: i64,
    /// Attributes and blocks at the top.
    pub block: Block,
    value_type: Type,
}

/// Attributes and nested blocks of one level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Markdown for the page.
    pub description: Text,
    /// What to use instead, where it is deprecated.
    pub deprecation: Option<Text>,
    /// Attributes in the order of the page.
    pub attributes: Vec<Attribute>,
    /// Nested blocks in the order of the page.
    pub blocks: Vec<NestedBlock>,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::struct_excessive_bools)] // Each is one independent promise of the schema.
pub struct Attribute {
    /// Name in the configuration.
    pub name: Text,
    /// Sentence for the user, in Markdown.
    pub description: Text,
    /// Plain type or nested attributes.
    pub kind: Kind,
    /// Who gives the value.
    pub mode: Mode,
    /// Masked in Terraform's output.
    pub sensitive: bool,
    /// Given by the configuration alone, and stored nowhere.
    pub write_only: bool,
    /// What to use instead, where it is deprecated.
    pub deprecation: Option<Text>,
    /// Value where the user writes none.
    pub default: Option<Value>,
    /// A computed value that an update does not change.
    pub stable: bool,
    /// A change means a new object.
    pub replace: bool,
    /// Part of what tells this object from every other.
    pub identity: Option<Identity>,
    /// Meaning that the framework itself gives to the attribute.
    pub role: Option<Role>,
}

/// Part that an attribute has in the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// An import by identity must give it.
    Required,
    /// An import by identity may give it.
    Optional,
}

/// Attribute that the framework fills by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The configured tags.
    Tags,
    /// The configured tags together with the provider's default tags.
    TagsAll,
    /// Longest times to wait, for these operations.
    Timeouts(&'static [Operation]),
}

/// Plain type or nested attributes.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Value of a type.
    Value(Type),
    /// Objects with attributes of their own.
    Nested {
        /// One object, or a collection of them.
        nesting: Nesting,
        /// Attributes of each object.
        attributes: Vec<Attribute>,
    },
}

/// How nested objects are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object or null.
    Single,
    /// Objects in order.
    List,
    /// Objects without order.
    Set,
    /// Named objects.
    Map,
}

/// Who gives an attribute its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The user must.
    Required,
    /// The user may.
    Optional,
    /// The user may, and the provider does otherwise.
    OptionalComputed,
    /// The provider.
    Computed,
}

/// Block within a block, as in `default_tags { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedBlock {
    /// Name in the configuration.
    pub name: Text,
    /// Single or list or set.
    pub nesting: Nesting,
    /// Attributes and blocks within.
    pub block: Block,
}

impl Schema {
    /// Schema of the version.
    pub fn new(version: i64, block: Block) -> Self {
        let value_type = block.value_type();
        Self {
            version,
            block,
            value_type,
        }
    }

    /// Type of a configuration, state or plan of this schema: an object.
    pub fn value_type(&self) -> &Type {
        &self.value_type
    }

    /// The part of a path that Terraform can show in the configuration: through blocks as far as they
    /// go, then one attribute, and at most one element of it.
    pub(super) fn shown(&self, path: &Path) -> Path {
        let mut block = Some(&self.block);
        let mut shown = Vec::new();
        let mut steps = path.steps().iter().peekable();
        while let Some(step) = steps.next() {
            shown.push(step.clone());
            let Step::Attribute(name) = step else {
                continue;
            };
            let nested =
                block.and_then(|block| block.blocks.iter().find(|b| b.name == name.as_str()));
            block = nested.map(|nested| &nested.block);
            if block.is_none() {
                let element = steps.next_if(|step| !matches!(step, Step::Attribute(_)));
                shown.extend(element.cloned());
                break;
            }
        }
        shown.into()
    }

    /// Time limit of an operation on the object.
    pub(super) fn timeout(&self, operation: &str, object: &Value) -> Duration {
        let limits = self.block.attributes.iter().find_map(|a| match a.role {
            Some(Role::Timeouts(operations)) => Some((operations, object.get(&a.name))),
            _ => None,
        });
        limits.map_or(timeouts::DEFAULT, |(operations, written)| {
            timeouts::limit(operations, written, operation)
        })
    }
}

impl Block {
    /// Attribute of the name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }

    /// Object type that this level describes.
    pub fn value_type(&self) -> Type {
        let blocks = self.blocks.iter().map(|block| {
            let type_ = block.nesting.of(block.block.value_type());
            (block.name.clone().into(), type_)
        });
        let mut types: BTreeMap<_, _> = attribute_types(&self.attributes).collect();
        types.extend(blocks);
        Type::Object(types)
    }
}

/// Attributes and blocks of an object, wherever it stands: at the top, in an attribute or in a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level<'a> {
    pub(super) attributes: &'a [Attribute],
    pub(super) blocks: &'a [NestedBlock],
}

impl<'a> Level<'a> {
    /// The top of a schema, or the inside of a block.
    pub(super) fn of(block: &'a Block) -> Self {
        Self {
            attributes: &block.attributes,
            blocks: &block.blocks,
        }
    }

    /// How an attribute holds objects, and what they are made of; `None` for a plain attribute.
    pub(super) fn within(attribute: &'a Attribute) -> Option<(Nesting, Self)> {
        match &attribute.kind {
            Kind::Value(_) => None,
            Kind::Nested {
                nesting,
                attributes,
            } => Some((
                *nesting,
                Self {
                    attributes,
                    blocks: &[],
                },
            )),
        }
    }

    /// Everything in it that holds objects: nested attributes, then blocks.
    pub(super) fn nested(self) -> impl Iterator<Item = (&'a str, Nesting, Self)> {
        let attributes = self.attributes.iter().filter_map(|attribute| {
            let (nesting, level) = Self::within(attribute)?;
            Some((attribute.name.as_ref(), nesting, level))
        });
        let blocks = self
            .blocks
            .iter()
            .map(|block| (block.name.as_ref(), block.nesting, Self::of(&block.block)));
        attributes.chain(blocks)
    }
}

impl Attribute {
    /// Nameless attribute with no policy, to be completed.
    pub fn new(kind: Kind, mode: Mode) -> Self {
        Self {
            name: Text::default(),
            description: Text::default(),
            kind,
            mode,
            sensitive: false,
            write_only: false,
            deprecation: None,
            default: None,
            stable: false,
            replace: false,
            identity: None,
            role: None,
        }
    }

    /// Type of the attribute's value.
    pub fn value_type(&self) -> Type {
        match &self.kind {
            Kind::Value(type_) => type_.clone(),
            Kind::Nested {
                nesting,
                attributes,
            } => nesting.of(object_type(attributes)),
        }
    }
}

impl Nesting {
    /// Type of objects held in this way.
    pub fn of(self, object: Type) -> Type {
        match self {
            Self::Single => object,
            Self::List => Type::list(object),
            Self::Set => Type::set(object),
            Self::Map => Type::map(object),
        }
    }
}

impl Mode {
    /// Whether the user may write it.
    pub fn is_configurable(self) -> bool {
        self != Self::Computed
    }

    /// Whether the provider may give it.
    pub fn is_computed(self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed)
    }
}

/// Name of the attribute that has the role.
pub(super) fn named_by_role(attributes: &[Attribute], role: Role) -> Option<&str> {
    let found = attributes.iter().find(|a| a.role == Some(role));
    found.map(|attribute| attribute.name.as_ref())
}

/// Object type of the attributes.
pub fn object_type(attributes: &[Attribute]) -> Type {
    Type::Object(attribute_types(attributes).collect::<BTreeMap<_, _>>())
}

fn attribute_types(attributes: &[Attribute]) -> impl Iterator<Item = (Name, Type)> {
    attributes
        .iter()
        .map(|attribute| (attribute.name.clone().into(), attribute.value_type()))
}
