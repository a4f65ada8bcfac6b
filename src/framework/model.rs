//! A Rust struct as the description of what a user writes and reads.
//!
//! `#[derive(Model)]` implements [`Model`] and [`Field`] for a plain struct: the type of each field is
//! its schema, its doc comment is its sentence on the page, and `#[attr(…)]` adds policy only.
//!
//! | Field | Schema |
//! |---|---|
//! | `T` | required |
//! | `Option<T>` | optional |
//! | `T` with `#[attr(default = …)]` | optional, and the page shows the default |
//! | [`Computed<T>`](super::Computed) | computed; `#[attr(stable)]`: an update does not change it |
//! | `Computed<T>` with `#[attr(optional)]` | the user may write it, AWS decides otherwise |
//! | [`Secret<T>`](super::Secret), [`WriteOnly<T>`](super::WriteOnly) | sensitive; never stored |
//! | `#[attr(replace)]` | a change means a new object |
//! | `#[attr(identity)]`, `#[attr(identity = "optional")]` | part of the identity |
//! | `#[attr(block)]` | a nested block instead of an attribute |
//! | `#[attr(timeouts(create = "20m"))]` | the operations with a limit, and their defaults |
//! | `#[attr(tags)]`, `#[attr(tags_all)]` | tags, and tags with the provider's defaults |
//! | `#[attr(name = "type")]`, `#[attr(deprecated = "…")]` | another name; a deprecation |
//!
//! What makes no sense does not compile, such as a value within a collection that nobody could name:
//!
//! ```compile_fail,E0080
//! use awsbilling::framework::model::Model;
//! use awsbilling::framework::Computed;
//!
//! /// Shelf with things.
//! #[derive(Model)]
//! struct Shelf {
//!     /// Names of the things.
//!     names: Vec<Computed<String>>,
//! }
//! ```
//!
//! or a block that is no model:
//!
//! ```compile_fail,E0277
//! use awsbilling::framework::model::Model;
//!
//! /// Shelf with things.
//! #[derive(Model)]
//! struct Shelf {
//!     /// Thing on the shelf.
//!     #[attr(block)]
//!     thing: Option<String>,
//! }
//! ```
//!
//! `#[model(exactly_one_of(a, b))]`, `at_least_one_of`, `conflicts` and `requires(a, b)` relate fields
//! of one struct.

pub use awsbilling_derive::{Choice, Model};

use std::collections::BTreeSet;

use super::attribute::{Field, UNNAMED_ELEMENT, invalid};
use super::diagnostic::{Diagnostic, Diagnostics};
use super::path::Place;
use super::schema::{Attribute, Block, Mode, NestedBlock, Nesting, Schema};
use super::value::Value;

/// A struct that describes an object of the configuration; derived, never written by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "no struct with `#[derive(Model)]`"
)]
pub trait Model: Field {
    /// Version of the stored shape.
    const VERSION: i64 = 0;

    /// The same fields where each may be unknown: what plan hooks and validation see.
    type Partial: Send + Sync;

    /// Attributes and blocks.
    fn block() -> Block;

    /// Relations between the fields.
    fn constraints() -> &'static [Constraint];

    /// Reads what is known.
    fn partial(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Self::Partial;

    /// The computed attributes of a plan.
    fn computed(partial: &Self::Partial) -> Vec<(&'static str, Value)>;

    /// Schema of an object of this model.
    fn schema() -> Schema {
        Schema::new(Self::VERSION, Self::block())
    }
}

/// Relation between attributes of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// One of them must be written, and only one.
    ExactlyOneOf(&'static [&'static str]),
    /// One of them must be written.
    AtLeastOneOf(&'static [&'static str]),
    /// At most one of them may be written.
    Conflicts(&'static [&'static str]),
    /// Who writes the first must write the second.
    Requires(&'static str, &'static str),
}

impl Constraint {
    /// Judges what is known of an object.
    fn check(self, object: &Value, at: &Place<'_>, problems: &mut Diagnostics) {
        let given = |names: &[&'static str]| -> Vec<&'static str> {
            let written = |name: &&str| {
                let value = object.get(name);
                !value.is_null() && !value.is_unknown()
            };
            names.iter().copied().filter(|name| written(name)).collect()
        };
        let open = |names: &[&str]| names.iter().any(|name| object.get(name).is_unknown());
        let mut report = |summary: &str, detail: String, at: &Place<'_>| {
            problems.push(Diagnostic::error(summary).detail(detail).at(at));
        };
        match self {
            Self::ExactlyOneOf(names) | Self::Conflicts(names) if given(names).len() > 1 => {
                let (all, given) = (list(names, "or"), given(names));
                for name in &given {
                    report(
                        "Conflicting attributes",
                        format!(
                            "Only one of {all} can be set, and {} are.",
                            list(&given, "and")
                        ),
                        &at.attribute(name),
                    );
                }
            }
            Self::ExactlyOneOf(names) | Self::AtLeastOneOf(names)
                if given(names).is_empty() && !open(names) =>
            {
                report(
                    "Missing attribute",
                    format!("One of {} must be set.", list(names, "or")),
                    at,
                );
            }
            Self::Requires(name, needed)
                if !given(&[name]).is_empty() && object.get(needed).is_null() =>
            {
                report(
                    "Missing attribute",
                    format!("`{name}` needs `{needed}` to be set, too."),
                    &at.attribute(name),
                );
            }
            _ => {}
        }
    }
}

/// "`a`, `b` or `c`".
fn list(names: &[&str], conjunction: &str) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {conjunction} {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Attribute of the field's type: the derive names it and adds its policy.
#[doc(hidden)]
pub fn attribute<T: Field>(name: &'static str, doc: &'static str) -> Attribute {
    let mut description = doc.to_owned();
    if !T::VALUES.is_empty() {
        let values: Vec<_> = T::VALUES.iter().map(|value| format!("`{value}`")).collect();
        description = format!("{description} Valid values: {}.", values.join(", "));
    }
    Attribute {
        name: name.into(),
        description: description.into(),
        sensitive: T::SENSITIVE,
        write_only: T::WRITE_ONLY,
        ..Attribute::new(T::kind(), T::MODE)
    }
}

/// Adds a default value to an attribute and to its sentence.
#[doc(hidden)]
pub fn with_default(mut attribute: Attribute, default: &impl Field) -> Attribute {
    let default = default.write();
    let shown = match &default {
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => String::new(),
    };
    if !shown.is_empty() {
        let text = format!("{} Default value: `{shown}`.", attribute.description);
        attribute.description = text.into();
    }
    attribute.mode = Mode::OptionalComputed;
    attribute.default = Some(default);
    attribute
}

/// Attribute that the user may write and the provider decides otherwise: the shape is that of the type
/// within [`Computed`](super::Computed).
#[doc(hidden)]
pub fn optional_computed<T: Field>(name: &'static str, doc: &'static str) -> Attribute {
    Attribute {
        mode: Mode::OptionalComputed,
        ..attribute::<T>(name, doc)
    }
}

/// A type that can stand as nested blocks.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a block",
    label = "a block is `Option<M>`, `Vec<M>` or `BTreeSet<M>` of a model `M`"
)]
pub trait BlockField: Field {
    /// None or one, several in order, or several without order.
    const NESTING: Nesting;
    /// Why the type makes no sense as a block, where it does not: a compile error of the derive.
    const MISUSE: Option<&'static str> = None;

    /// Attributes and blocks within.
    fn block() -> Block;
}

impl<M: Model> BlockField for Option<M> {
    const NESTING: Nesting = Nesting::Single;

    fn block() -> Block {
        M::block()
    }
}

impl<M: Model> BlockField for Vec<M> {
    const NESTING: Nesting = Nesting::List;

    fn block() -> Block {
        M::block()
    }
}

impl<M: Model + Ord> BlockField for BTreeSet<M> {
    const NESTING: Nesting = Nesting::Set;
    const MISUSE: Option<&'static str> = if M::PLAIN {
        None
    } else {
        Some(UNNAMED_ELEMENT)
    };

    fn block() -> Block {
        M::block()
    }
}

/// Nested block of the field's type.
#[doc(hidden)]
pub fn nested_block<T: BlockField>(name: &'static str, doc: &'static str) -> NestedBlock {
    NestedBlock {
        name: name.into(),
        nesting: T::NESTING,
        block: Block {
            description: doc.into(),
            ..T::block()
        },
    }
}

/// Ends compilation where a type stands at a place that makes no sense.
#[doc(hidden)]
pub const fn accept(misuse: Option<&'static str>) {
    if let Some(why) = misuse {
        panic!("{}", why);
    }
}

/// Reads one field of an object; a null takes the default, where there is one.
#[doc(hidden)]
pub fn read<T: Field>(
    object: &Value,
    name: &str,
    default: Option<fn() -> T>,
    at: &Place<'_>,
    problems: &mut Diagnostics,
) -> Option<T> {
    match (object.get(name), default) {
        (Value::Null, Some(default)) => Some(default()),
        (value, _) => T::read(value, &at.attribute(name), problems),
    }
}

/// Checks one field of a configuration. Terraform itself demands what is required.
#[doc(hidden)]
pub fn check<T: Field>(config: &Value, name: &str, at: &Place<'_>, problems: &mut Diagnostics) {
    let value = config.get(name);
    if !value.is_null() {
        T::check(value, &at.attribute(name), problems);
    }
}

/// Checks the relations of an object's fields.
#[doc(hidden)]
pub fn check_constraints<M: Model>(config: &Value, at: &Place<'_>, problems: &mut Diagnostics) {
    for constraint in M::constraints() {
        constraint.check(config, at, problems);
    }
}

/// Whether the value is an object; a value of another kind leaves a problem.
#[doc(hidden)]
pub fn is_object(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> bool {
    match value {
        Value::Map(_) => true,
        Value::Unknown(_) => false,
        _ => {
            problems.push(invalid("The attribute must be an object.", at));
            false
        }
    }
}

/// Decodes an object that Terraform keeps. A fault here is the provider's: everything the user wrote
/// was checked before.
pub fn decode<M: Model>(value: &Value) -> Result<M, Diagnostics> {
    let mut problems = Diagnostics::new();
    match M::read(value, &Place::ROOT, &mut problems) {
        Some(model) if !problems.has_errors() => Ok(model),
        _ if problems.has_errors() => Err(problems),
        _ => Err(Diagnostic::bug("An object was used before all of it was known.").into()),
    }
}
