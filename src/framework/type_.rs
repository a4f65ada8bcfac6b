//! Types of values, and their text on the wire: `"string"`, `["list","string"]`,
//! `["object",{"name":"string"}]`.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::value::{Name, Value};

/// Type of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// Decimal number.
    Number,
    /// Text.
    String,
    /// Any type, which then travels with the value.
    Dynamic,
    /// Elements in order.
    List(Box<Type>),
    /// Elements without order and without duplicates.
    Set(Box<Type>),
    /// Named elements of one type.
    Map(Box<Type>),
    /// Attributes, each of its own type.
    Object(BTreeMap<Name, Type>),
    /// Elements in order, each of its own type.
    Tuple(Vec<Type>),
}

impl Type {
    /// List of elements of this type.
    pub fn list(element: Self) -> Self {
        Self::List(Box::new(element))
    }

    /// Set of elements of this type.
    pub fn set(element: Self) -> Self {
        Self::Set(Box::new(element))
    }

    /// Map of elements of this type.
    pub fn map(element: Self) -> Self {
        Self::Map(Box::new(element))
    }

    /// The type as JSON, as schemas and dynamic values carry it.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Bool => json!("bool"),
            Self::Number => json!("number"),
            Self::String => json!("string"),
            Self::Dynamic => json!("dynamic"),
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Set(element) => json!(["set", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Object(attributes) => {
                let attributes: serde_json::Map<_, _> = attributes
                    .iter()
                    .map(|(name, type_)| (name.to_string(), type_.to_json()))
                    .collect();
                json!(["object", attributes])
            }
            Self::Tuple(elements) => {
                json!([
                    "tuple",
                    elements.iter().map(Self::to_json).collect::<Vec<_>>()
                ])
            }
        }
    }

    /// Reads a type from JSON; `None` where it is none. An object's optional attributes count as
    /// attributes.
    pub fn from_json(json: &Json) -> Option<Self> {
        match json {
            Json::String(name) => match name.as_str() {
                "bool" => Some(Self::Bool),
                "number" => Some(Self::Number),
                "string" => Some(Self::String),
                "dynamic" => Some(Self::Dynamic),
                _ => None,
            },
            Json::Array(parts) => {
                let (name, of) = (parts.first()?.as_str()?, parts.get(1)?);
                match name {
                    "list" => Some(Self::list(Self::from_json(of)?)),
                    "set" => Some(Self::set(Self::from_json(of)?)),
                    "map" => Some(Self::map(Self::from_json(of)?)),
                    "object" => of
                        .as_object()?
                        .iter()
                        .map(|(name, type_)| Some((name.clone().into(), Self::from_json(type_)?)))
                        .collect::<Option<_>>()
                        .map(Self::Object),
                    "tuple" => of
                        .as_array()?
                        .iter()
                        .map(Self::from_json)
                        .collect::<Option<_>>()
                        .map(Self::Tuple),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether the value is one of this type. Null and unknown are of every type.
    pub fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null | Value::Unknown(_))
            | (Self::Bool, Value::Bool(_))
            | (Self::Number, Value::Number(_))
            | (Self::String, Value::String(_)) => true,
            (Self::Dynamic, Value::Dynamic(typed)) => typed.0.admits(&typed.1),
            (Self::List(element), Value::List(elements))
            | (Self::Set(element), Value::Set(elements)) => {
                elements.iter().all(|value| element.admits(value))
            }
            (Self::Map(element), Value::Map(entries)) => {
                entries.values().all(|value| element.admits(value))
            }
            (Self::Object(attributes), Value::Map(entries)) => {
                attributes.len() == entries.len()
                    && attributes.iter().all(|(name, type_)| {
                        entries.get(name).is_some_and(|value| type_.admits(value))
                    })
            }
            (Self::Tuple(types), Value::List(elements)) => {
                types.len() == elements.len()
                    && types.iter().zip(elements).all(|(t, value)| t.admits(value))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parsed(text: &str) -> Option<Type> {
        Type::from_json(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn a_type_is_its_json_and_back() {
        for text in [
            r#""bool""#,
            r#""number""#,
            r#""string""#,
            r#""dynamic""#,
            r#"["list","string"]"#,
            r#"["set",["map","number"]]"#,
            r#"["tuple",["string",["list","bool"]]]"#,
            r#"["object",{"a":"string","b":["object",{}]}]"#,
        ] {
            assert_eq!(parsed(text).unwrap().to_json().to_string(), text);
        }
    }

    #[test]
    fn optional_attributes_count_as_attributes() {
        let with = parsed(r#"["object",{"a":"string"},["a"]]"#);
        assert_eq!(with, parsed(r#"["object",{"a":"string"}]"#));
    }

    #[test]
    fn what_is_no_type_is_none() {
        for text in [
            "null",
            "1",
            "[]",
            r#""text""#,
            r#"["list"]"#,
            r#"["list","text"]"#,
            r#"["object",["a"]]"#,
            r#"["tuple","string"]"#,
            r#"["bag","string"]"#,
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn null_and_unknown_are_of_every_type() {
        for type_ in [
            Type::Bool,
            Type::list(Type::Number),
            Type::Object([].into()),
        ] {
            assert!(type_.admits(&Value::Null) && type_.admits(&Value::UNKNOWN));
        }
    }

    #[test]
    fn an_object_has_exactly_its_attributes() {
        let type_ = parsed(r#"["object",{"a":"string","b":"number"}]"#).unwrap();
        let text = || Value::from("x");
        assert!(type_.admits(&Value::map([("a", text()), ("b", 1.into())])));
        assert!(!type_.admits(&Value::map([("a", text())])));
        assert!(!type_.admits(&Value::map([("a", text()), ("b", text())])));
        assert!(!type_.admits(&Value::map([
            ("a", text()),
            ("b", 1.into()),
            ("c", 1.into())
        ])));
        assert!(!type_.admits(&text()));
    }

    #[test]
    fn lists_sets_and_tuples_are_not_each_other() {
        let elements = || vec![Value::from("x")];
        let (list, set) = (Value::List(elements()), Value::Set(elements()));
        assert!(Type::list(Type::String).admits(&list) && !Type::list(Type::String).admits(&set));
        assert!(Type::set(Type::String).admits(&set) && !Type::set(Type::String).admits(&list));
        assert!(Type::Tuple(vec![Type::String]).admits(&list));
        assert!(!Type::Tuple(vec![Type::String, Type::String]).admits(&list));
        assert!(!Type::list(Type::Number).admits(&list));
    }

    #[test]
    fn a_dynamic_value_is_of_the_type_that_it_carries() {
        let carried = |value| Value::Dynamic(Box::new((Type::Number, value)));
        assert!(Type::Dynamic.admits(&carried(1.into())));
        assert!(!Type::Dynamic.admits(&carried("x".into())));
        assert!(!Type::Dynamic.admits(&1.into()), "it must carry its type");
    }
}
