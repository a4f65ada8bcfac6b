//! What a Rust type means as an attribute: its shape, who gives it, and how it is read and written.
//!
//! Reading never stops at the first fault. It returns `None` where a value is unknown or wrong, and the
//! difference is whether it left a problem behind, so one walk serves a configuration that is half
//! unknown, a plan, and a stored state.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::path::Place;
use super::schema::{Kind, Mode, Nesting};
use super::type_::Type;
use super::value::{Number, Value};

/// A Rust type that can stand in a model.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an attribute",
    label = "not a type of a field",
    note = "a field is `bool`, `i64`, `Number`, a `DomainText`, a model, `Option`, `Vec`, `BTreeSet` \
            or `BTreeMap` of such, or `Computed`, `Secret` or `WriteOnly` of it"
)]
pub trait Field: Sized + Send + Sync + 'static {
    /// Who gives the value where the model's policy says nothing else.
    const MODE: Mode = Mode::Required;
    /// Whether Terraform masks it.
    const SENSITIVE: bool = false;
    /// Whether it is never stored.
    const WRITE_ONLY: bool = false;
    /// The only words allowed, where they can be listed.
    const VALUES: &'static [&'static str] = &[];
    /// Whether the configuration alone says all of it, and all of it is stored.
    const PLAIN: bool = true;
    /// Why the type makes no sense as an attribute, where it does not: a compile error of the derive.
    const MISUSE: Option<&'static str> = None;

    /// Shape of the attribute.
    fn kind() -> Kind;

    /// Reads a value; `None` if it is unknown, or wrong, which leaves a problem.
    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self>;

    /// The value that Terraform keeps.
    fn write(&self) -> Value;

    /// Finds everything wrong with what the user wrote, as far as it is known.
    fn check(config: &Value, at: &Place<'_>, problems: &mut Diagnostics) {
        Self::read(config, at, problems);
    }
}

/// Text with a rule of its own, parsed once: an account ID, a handshake ID, one of a few words.
///
/// The message of a failed parse is a sentence for the user that says what is expected and what was
/// given; it lives with the type and is shown at plan time with the attribute's path.
pub trait DomainText:
    Clone + PartialEq + fmt::Debug + fmt::Display + Send + Sync + Sized + 'static
{
    /// The only words allowed, where they can be listed; the page shows them.
    const VALUES: &'static [&'static str] = &[];

    /// Reads the text, or says what is wrong with it.
    fn parse(text: &str) -> Result<Self, String>;
}

impl<T: DomainText> Field for T {
    const VALUES: &'static [&'static str] = T::VALUES;

    fn kind() -> Kind {
        Kind::Value(Type::String)
    }

    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let Value::String(text) = value else {
            return refuse(value, "a string", at, problems);
        };
        T::parse(text)
            .map_err(|expected| problems.push(invalid(expected, at)))
            .ok()
    }

    fn write(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// Text without a rule.
impl DomainText for String {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

impl Field for bool {
    fn kind() -> Kind {
        Kind::Value(Type::Bool)
    }

    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(*value),
            other => refuse(other, "true or false", at, problems),
        }
    }

    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Field for i64 {
    fn kind() -> Kind {
        Kind::Value(Type::Number)
    }

    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let number = Number::read(value, at, problems)?;
        if number.as_i64().is_none() {
            problems.push(invalid(
                format!("Expected a whole number, got {number}."),
                at,
            ));
        }
        number.as_i64()
    }

    fn write(&self) -> Value {
        Value::from(*self)
    }
}

impl Field for Number {
    fn kind() -> Kind {
        Kind::Value(Type::Number)
    }

    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        match value {
            Value::Number(number) => Some(number.clone()),
            other => refuse(other, "a number", at, problems),
        }
    }

    fn write(&self) -> Value {
        Value::Number(self.clone())
    }
}

/// A value that may be left out.
impl<T: Field> Field for Option<T> {
    const MODE: Mode = Mode::Optional;
    const SENSITIVE: bool = T::SENSITIVE;
    const WRITE_ONLY: bool = T::WRITE_ONLY;
    const VALUES: &'static [&'static str] = T::VALUES;
    const PLAIN: bool = T::PLAIN;
    const MISUSE: Option<&'static str> = match T::MODE {
        Mode::Required => T::MISUSE,
        _ => Some("what stands in `Option` may already be left out"),
    };

    fn kind() -> Kind {
        T::kind()
    }

    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::read(value, at, problems).map(Some),
        }
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }

    fn check(config: &Value, at: &Place<'_>, problems: &mut Diagnostics) {
        if !config.is_null() {
            T::check(config, at, problems);
        }
    }
}

impl<T: Field> Field for Vec<T> {
    const SENSITIVE: bool = T::SENSITIVE;
    const VALUES: &'static [&'static str] = T::VALUES;
    const PLAIN: bool = T::PLAIN;
    const MISUSE: Option<&'static str> = misuse_as_element::<T>();

    fn kind() -> Kind {
        collection(T::kind(), Nesting::List)
    }

    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let Value::List(elements) = value else {
            return refuse(value, "a list", at, problems);
        };
        let elements: Vec<_> = elements
            .iter()
            .enumerate()
            .map(|(index, element)| T::read(element, &at.index(index), problems))
            .collect();
        elements.into_iter().collect()
    }

    fn write(&self) -> Value {
        Value::List(self.iter().map(T::write).collect())
    }

    fn check(config: &Value, at: &Place<'_>, problems: &mut Diagnostics) {
        if let Value::List(elements) = config {
            for (index, element) in elements.iter().enumerate() {
                T::check(element, &at.index(index), problems);
            }
        }
    }
}

impl<T: Field + Ord> Field for BTreeSet<T> {
    const SENSITIVE: bool = T::SENSITIVE;
    const VALUES: &'static [&'static str] = T::VALUES;
    const PLAIN: bool = T::PLAIN;
    const MISUSE: Option<&'static str> = if T::PLAIN {
        misuse_as_element::<T>()
    } else {
        Some(UNNAMED_ELEMENT)
    };

    fn kind() -> Kind {
        collection(T::kind(), Nesting::Set)
    }

    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let Value::Set(elements) = value else {
            return refuse(value, "a set", at, problems);
        };
        // Entered one by one: to collect them would compile a sort for every type of element.
        let mut set = Some(Self::new());
        for element in elements {
            match (&mut set, T::read(element, at, problems)) {
                (Some(set), Some(element)) => drop(set.insert(element)),
                _ => set = None,
            }
        }
        set
    }

    fn write(&self) -> Value {
        Value::set(self.iter().map(T::write))
    }

    fn check(config: &Value, at: &Place<'_>, problems: &mut Diagnostics) {
        if let Value::Set(elements) = config {
            for element in elements {
                T::check(element, at, problems);
            }
        }
    }
}

impl<K: DomainText + Ord, T: Field> Field for BTreeMap<K, T> {
    const SENSITIVE: bool = T::SENSITIVE;
    const VALUES: &'static [&'static str] = T::VALUES;
    const PLAIN: bool = T::PLAIN;
    const MISUSE: Option<&'static str> = misuse_as_element::<T>();

    fn kind() -> Kind {
        collection(T::kind(), Nesting::Map)
    }

    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let Value::Map(entries) = value else {
            return refuse(value, "a map", at, problems);
        };
        let mut map = Some(Self::new());
        for (key, value) in entries {
            let at = at.key(key);
            let key = parse_key(key, &at, problems);
            let value = T::read(value, &at, problems);
            match (&mut map, key.zip(value)) {
                (Some(map), Some((key, value))) => drop(map.insert(key, value)),
                _ => map = None,
            }
        }
        map
    }

    fn write(&self) -> Value {
        Value::map(
            self.iter()
                .map(|(key, value)| (key.to_string(), value.write())),
        )
    }

    fn check(config: &Value, at: &Place<'_>, problems: &mut Diagnostics) {
        if let Value::Map(entries) = config {
            for (key, value) in entries {
                let at = at.key(key);
                parse_key::<K>(key, &at, problems);
                T::check(value, &at, problems);
            }
        }
    }
}

/// Why a set cannot hold what is not [`Field::PLAIN`].
pub(super) const UNNAMED_ELEMENT: &str = "an element of a set has no name by which Terraform could \
    keep a value for it, so nothing in it can be computed, write-only or have a default; use a list \
    or a map";

/// Why a collection cannot hold the type.
const fn misuse_as_element<T: Field>() -> Option<&'static str> {
    match T::MODE {
        _ if T::WRITE_ONLY => Some("an element of a collection cannot be write-only"),
        Mode::Computed | Mode::OptionalComputed => {
            Some("`Computed` goes around the collection, not around its elements")
        }
        Mode::Required | Mode::Optional => T::MISUSE,
    }
}

fn parse_key<K: DomainText>(key: &str, at: &Place<'_>, problems: &mut Diagnostics) -> Option<K> {
    K::parse(key)
        .map_err(|expected| problems.push(invalid(expected, at)))
        .ok()
}

/// A value that AWS decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Computed<T> {
    /// Known after apply.
    #[default]
    Unknown,
    /// AWS has none.
    Null,
    /// What AWS answered.
    Known(T),
}

impl<T> Computed<T> {
    /// The value, where there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown | Self::Null => None,
        }
    }
}

impl<T> From<T> for Computed<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Option<T>> for Computed<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl<T: Field> Field for Computed<T> {
    const MODE: Mode = Mode::Computed;
    const SENSITIVE: bool = T::SENSITIVE;
    const VALUES: &'static [&'static str] = T::VALUES;
    const PLAIN: bool = false;
    const MISUSE: Option<&'static str> = match T::MODE {
        Mode::Required => T::MISUSE,
        _ => Some("what stands in `Computed` may already be null"),
    };

    /// The provider gives everything within, too.
    fn kind() -> Kind {
        match T::kind() {
            Kind::Nested {
                nesting,
                mut attributes,
            } => {
                attributes.iter_mut().for_each(make_computed);
                Kind::Nested {
                    nesting,
                    attributes,
                }
            }
            plain @ Kind::Value(_) => plain,
        }
    }

    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        match value {
            Value::Unknown(_) => Some(Self::Unknown),
            Value::Null => Some(Self::Null),
            value => T::read(value, at, problems).map(Self::Known),
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Unknown => Value::UNKNOWN,
            Self::Null => Value::Null,
            Self::Known(value) => value.write(),
        }
    }

    fn check(config: &Value, at: &Place<'_>, problems: &mut Diagnostics) {
        if !config.is_null() {
            T::check(config, at, problems);
        }
    }
}

fn make_computed(attribute: &mut super::schema::Attribute) {
    attribute.mode = Mode::Computed;
    attribute.default = None;
    if let Kind::Nested { attributes, .. } = &mut attribute.kind {
        attributes.iter_mut().for_each(make_computed);
    }
}

/// A value that Terraform masks, and that no log or message shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Takes the value itself, to be used and not shown.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(sensitive)")
    }
}

impl<T: Field> Field for Secret<T> {
    const SENSITIVE: bool = true;
    const PLAIN: bool = T::PLAIN;
    const MISUSE: Option<&'static str> = match T::MODE {
        Mode::Required => T::MISUSE,
        _ => Some("`Secret` goes inside of `Option` and `Computed`"),
    };

    fn kind() -> Kind {
        T::kind()
    }

    /// The rule of the type within may quote what was given, so its message is replaced.
    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let mut hidden = Diagnostics::new();
        let read = T::read(value, at, &mut hidden);
        if hidden.has_errors() {
            problems.push(invalid(
                "The value does not have the form that is needed. It is sensitive and not shown.",
                at,
            ));
        }
        read.map(Self)
    }

    fn write(&self) -> Value {
        self.0.write()
    }
}

/// A secret that the configuration gives and that is stored nowhere: not in the plan, not in the state.
#[derive(Clone, PartialEq, Eq)]
pub struct WriteOnly<T>(Option<T>);

impl<T> WriteOnly<T> {
    /// Takes the value itself, to be used and not shown; `None` where the configuration has none.
    pub fn expose(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T> Default for WriteOnly<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> fmt::Debug for WriteOnly<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(write-only)")
    }
}

impl<T: Field> Field for WriteOnly<T> {
    const MODE: Mode = Mode::Optional;
    const SENSITIVE: bool = true;
    const WRITE_ONLY: bool = true;
    const PLAIN: bool = false;
    const MISUSE: Option<&'static str> = match T::MODE {
        Mode::Required => T::MISUSE,
        _ => Some("what stands in `WriteOnly` may already be left out"),
    };

    fn kind() -> Kind {
        T::kind()
    }

    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let secret = Option::<Secret<T>>::read(value, at, problems)?;
        Some(Self(secret.map(|secret| secret.0)))
    }

    fn write(&self) -> Value {
        Value::Null
    }
}

/// A value of a configuration or a plan that may not be known before apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Partial<T> {
    /// Known now.
    Known(T),
    /// Known only after apply, or wrong in a way already reported.
    Unknown,
}

impl<T> Partial<T> {
    /// The value, where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown => None,
        }
    }
}

impl<T> Partial<Option<T>> {
    /// The value, where it is known and written.
    pub fn given(&self) -> Option<&T> {
        self.known().and_then(Option::as_ref)
    }
}

impl<T> From<Option<T>> for Partial<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Self::Known)
    }
}

/// Collection of elements of the kind.
fn collection(element: Kind, nesting: Nesting) -> Kind {
    match element {
        Kind::Value(type_) => Kind::Value(nesting.of(type_)),
        Kind::Nested {
            nesting: Nesting::Single,
            attributes,
        } => Kind::Nested {
            nesting,
            attributes,
        },
        // A collection of collections of objects cannot have nested attributes, only a type.
        nested @ Kind::Nested { .. } => Kind::Value(nesting.of(kind_type(&nested))),
    }
}

pub(super) fn kind_type(kind: &Kind) -> Type {
    match kind {
        Kind::Value(type_) => type_.clone(),
        Kind::Nested {
            nesting,
            attributes,
        } => nesting.of(super::schema::object_type(attributes)),
    }
}

/// The message for a value that breaks its type's rule.
pub fn invalid(expected: impl Into<String>, at: &Place<'_>) -> Diagnostic {
    Diagnostic::error("Invalid attribute value")
        .detail(expected)
        .at(at)
}

/// What reading does with a value of another kind: unknown is no problem, null and the rest are.
pub(super) fn refuse<T>(
    value: &Value,
    expected: &str,
    at: &Place<'_>,
    problems: &mut Diagnostics,
) -> Option<T> {
    match value {
        Value::Unknown(_) => {}
        Value::Null => problems.push(
            Diagnostic::error("Missing attribute value")
                .detail(format!("The attribute must be {expected}, and is null."))
                .at(at),
        ),
        _ => problems.push(invalid(format!("The attribute must be {expected}."), at)),
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn misuse<T: Field>() -> &'static str {
        T::MISUSE.unwrap_or_default()
    }

    #[test]
    fn sensible_types_are_accepted() {
        assert_eq!(misuse::<Option<Secret<String>>>(), "");
        assert_eq!(misuse::<Computed<Secret<String>>>(), "");
        assert_eq!(misuse::<Computed<BTreeMap<String, Vec<i64>>>>(), "");
        assert_eq!(misuse::<WriteOnly<BTreeSet<String>>>(), "");
        assert_eq!(misuse::<Vec<Option<String>>>(), "");
    }

    #[test]
    fn senseless_types_say_why() {
        let cases = [
            (misuse::<Option<Computed<i64>>>(), "already be left out"),
            (misuse::<Option<WriteOnly<i64>>>(), "already be left out"),
            (misuse::<Computed<Option<i64>>>(), "already be null"),
            (misuse::<Secret<Option<i64>>>(), "inside of `Option`"),
            (misuse::<WriteOnly<Option<i64>>>(), "already be left out"),
            (misuse::<Vec<Computed<i64>>>(), "around the collection"),
            (
                misuse::<Option<Vec<Computed<i64>>>>(),
                "around the collection",
            ),
            (
                misuse::<BTreeMap<String, WriteOnly<i64>>>(),
                "cannot be write-only",
            ),
            (misuse::<BTreeSet<Computed<i64>>>(), "no name"),
        ];
        for (why, expected) in cases {
            assert!(why.contains(expected), "{expected:?} is not in {why:?}");
        }
    }

    #[test]
    fn a_secret_that_is_wrong_is_not_quoted() {
        let mut problems = Diagnostics::new();
        Secret::<i64>::read(&"31337".into(), &Place::ROOT, &mut problems);
        let number = Value::Number("0.31337".parse().unwrap());
        Secret::<i64>::read(&number, &Place::ROOT, &mut problems);
        assert_eq!(problems.iter().count(), 2);
        assert!(
            problems
                .iter()
                .all(|problem| !problem.detail.contains("31337"))
        );
        assert_eq!(format!("{:?}", Secret::from("hidden")), "(sensitive)");
    }

    #[test]
    fn every_fault_of_a_collection_is_found_with_its_path() {
        let mut problems = Diagnostics::new();
        let list = Value::List(vec!["a".into(), 1.into(), Value::UNKNOWN, Value::Null]);
        assert!(
            Vec::<String>::read(&list, &Place::ROOT.attribute("list"), &mut problems).is_none()
        );
        let paths: Vec<_> = problems.iter().map(|p| p.path.to_string()).collect();
        assert_eq!(paths, ["list[1]", "list[3]"]);
    }
}
