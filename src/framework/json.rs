//! Values as JSON, which Terraform uses for stored state.
//!
//! JSON says less than a [`Type`]: a list, a set and a tuple look alike, and so do a map and an object.
//! Every step therefore goes by the type, and an error says at which attribute the two disagree.

use std::collections::BTreeMap;

use serde_json::{Map as JsonMap, Value as Json, json};

use super::diagnostic::{Diagnostic, Result};
use super::path::{Path, Step};
use super::type_::Type;
use super::value::{Name, Number, Value, normalized};

/// Reads a value that must have exactly the type's shape.
pub fn decode(json: &Json, type_: &Type) -> Result<Value> {
    Decoder { stored: false }.value(json, type_)
}

/// Reads stored state, which an older or newer version of the provider may have written: attributes
/// that the type does not have are ignored, missing ones are null, and a text such as `"5"` or
/// `"true"` stands for the number or the truth value that the type now asks for, or the reverse.
pub fn decode_stored(json: &Json, type_: &Type) -> Result<Value> {
    Decoder { stored: true }.value(json, type_)
}

/// Writes a value of the type. JSON has no word for an unknown value: it becomes null.
pub fn encode(value: &Value, type_: &Type) -> Json {
    match (value, type_) {
        (Value::Bool(truth), _) => Json::Bool(*truth),
        (Value::Number(number), _) => number.to_string().parse().map_or(Json::Null, Json::Number),
        (Value::String(text), _) => Json::String(text.clone()),
        (Value::Dynamic(carried), _) => {
            let (type_, value) = &**carried;
            json!({"type": type_.to_json(), "value": encode(value, type_)})
        }
        (Value::List(elements), Type::Tuple(parts)) => {
            let pairs = elements.iter().zip(parts);
            Json::Array(pairs.map(|(value, type_)| encode(value, type_)).collect())
        }
        (Value::List(elements) | Value::Set(elements), Type::List(of) | Type::Set(of)) => {
            Json::Array(elements.iter().map(|value| encode(value, of)).collect())
        }
        (Value::Map(entries), Type::Map(of)) => entries
            .iter()
            .map(|(k, v)| (k.to_string(), encode(v, of)))
            .collect(),
        (Value::Map(entries), Type::Object(parts)) => parts
            .iter()
            .map(|(name, type_)| {
                let value = entries.get(name).unwrap_or(&Value::Null);
                (name.to_string(), encode(value, type_))
            })
            .collect(),
        // Null, unknown, or a collection where the type has none.
        _ => Json::Null,
    }
}

struct Decoder {
    stored: bool,
}

impl Decoder {
    // The recursion is bounded: it goes no deeper than the JSON, and the parser of that refuses what
    // is nested more than 128 levels deep.
    fn value(&self, json: &Json, type_: &Type) -> Result<Value> {
        if json.is_null() {
            return Ok(Value::Null);
        }
        match type_ {
            Type::Bool => self.bool(json),
            Type::Number => self.number(json),
            Type::String => self.string(json),
            Type::Dynamic => self.dynamic(json),
            Type::List(of) => self.elements(json, of, "list").map(Value::List),
            Type::Set(of) => self
                .elements(json, of, "set")
                .map(Value::set)
                .map_err(|diagnostic| diagnostic.at(Path::root())),
            Type::Map(of) => self.map(json, of),
            Type::Object(parts) => self.object(json, parts),
            Type::Tuple(parts) => self.tuple(json, parts),
        }
    }

    fn bool(&self, json: &Json) -> Result<Value> {
        match json {
            Json::Bool(truth) => Ok(Value::Bool(*truth)),
            Json::String(text) if self.stored && text == "true" => Ok(Value::Bool(true)),
            Json::String(text) if self.stored && text == "false" => Ok(Value::Bool(false)),
            other => Err(mismatch("bool", other)),
        }
    }

    fn number(&self, json: &Json) -> Result<Value> {
        let text = match json {
            Json::Number(number) => number.as_str(),
            Json::String(text) if self.stored => text,
            other => return Err(mismatch("number", other)),
        };
        text.parse::<Number>()
            .map(Value::Number)
            .map_err(|reason| malformed(format!("The number is {reason}.")))
    }

    fn string(&self, json: &Json) -> Result<Value> {
        match json {
            Json::String(text) => Ok(Value::normalized(text)),
            Json::Number(number) if self.stored => Ok(Value::string(number.as_str())),
            Json::Bool(truth) if self.stored => Ok(Value::string(truth.to_string())),
            other => Err(mismatch("string", other)),
        }
    }

    fn dynamic(&self, json: &Json) -> Result<Value> {
        let (Some(type_), Some(value)) = (json.get("type"), json.get("value")) else {
            return Err(malformed(
                "A value of any type needs both its type and its value.",
            ));
        };
        let type_ = Type::from_json(type_).ok_or_else(|| malformed("The type is not one."))?;
        let value = self.value(value, &type_)?;
        Ok(Value::Dynamic(Box::new((type_, value))))
    }

    fn elements(&self, json: &Json, of: &Type, name: &str) -> Result<Vec<Value>> {
        let elements = json.as_array().ok_or_else(|| mismatch(name, json))?;
        elements
            .iter()
            .zip(0..)
            .map(|(element, index)| {
                self.value(element, of)
                    .map_err(|diagnostic| diagnostic.within(Step::Index(index)))
            })
            .collect()
    }

    fn tuple(&self, json: &Json, parts: &[Type]) -> Result<Value> {
        let elements = json.as_array().ok_or_else(|| mismatch("tuple", json))?;
        if elements.len() != parts.len() {
            return Err(malformed(format!(
                "A tuple of {} elements is expected, not one of {}.",
                parts.len(),
                elements.len()
            )));
        }
        elements
            .iter()
            .zip(parts)
            .zip(0..)
            .map(|((element, type_), index)| {
                self.value(element, type_)
                    .map_err(|diagnostic| diagnostic.within(Step::Index(index)))
            })
            .collect::<Result<_>>()
            .map(Value::List)
    }

    fn map(&self, json: &Json, of: &Type) -> Result<Value> {
        let entries = json.as_object().ok_or_else(|| mismatch("map", json))?;
        let mut map = BTreeMap::new();
        for (key, value) in entries {
            let value = self
                .value(value, of)
                .map_err(|diagnostic| diagnostic.within(Step::Key(key.clone())))?;
            map.insert(normalized(key).into(), value);
        }
        Ok(Value::Map(map))
    }

    fn object(&self, json: &Json, parts: &BTreeMap<Name, Type>) -> Result<Value> {
        let entries = json.as_object().ok_or_else(|| mismatch("object", json))?;
        if !self.stored {
            refuse_unknown_attributes(entries, parts)?;
        }
        let mut object = BTreeMap::new();
        for (name, type_) in parts {
            let value = match entries.get(name.as_str()) {
                Some(value) => self.value(value, type_),
                None if self.stored => Ok(Value::Null),
                None => Err(malformed("The attribute is missing.")),
            };
            let value =
                value.map_err(|diagnostic| diagnostic.within(Step::Attribute(name.clone())))?;
            object.insert(name.clone(), value);
        }
        Ok(Value::Map(object))
    }
}

fn refuse_unknown_attributes(
    entries: &JsonMap<String, Json>,
    parts: &BTreeMap<Name, Type>,
) -> Result<()> {
    match entries
        .keys()
        .find(|name| !parts.contains_key(name.as_str()))
    {
        None => Ok(()),
        Some(name) => Err(malformed("The schema has no such attribute.").at(name.as_str())),
    }
}

fn mismatch(expected: &str, json: &Json) -> Diagnostic {
    let found = match json {
        Json::Null => "null",
        Json::Bool(_) => "a truth value",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    };
    malformed(format!(
        "A value of type {expected} is expected, not {found}."
    ))
}

fn malformed(reason: impl Into<String>) -> Diagnostic {
    Diagnostic::error("Malformed value").detail(reason)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn object<const N: usize>(attributes: [(&'static str, Type); N]) -> Type {
        Type::Object(attributes.map(|(k, v)| (k.into(), v)).into())
    }

    #[test]
    fn every_kind_of_value_survives_the_round_trip() {
        let type_ = object([
            ("flag", Type::Bool),
            ("digits", Type::Number),
            ("name", Type::String),
            ("any", Type::Dynamic),
            ("list", Type::list(Type::String)),
            ("set", Type::set(Type::Number)),
            ("map", Type::map(Type::Bool)),
            ("pair", Type::Tuple(vec![Type::String, Type::Number])),
            ("nothing", Type::String),
        ]);
        let json: Json = serde_json::from_str(
            r#"{"any":{"type":["list","string"],"value":["a"]},"digits":123456789012345678901234567890.125,
                "flag":true,"list":["b","a"],"map":{"k":false},"name":"n","nothing":null,
                "pair":["p",0.1],"set":[1,2]}"#,
        )
        .unwrap();
        let value = decode(&json, &type_).unwrap();
        assert!(type_.admits(&value));
        assert_eq!(encode(&value, &type_), json);
    }

    #[test]
    fn a_set_is_sorted_and_holds_no_value_twice() {
        let value = decode(&json!(["b", "a", "b"]), &Type::set(Type::String)).unwrap();
        assert_eq!(value, Value::Set(vec!["a".into(), "b".into()]));
    }

    #[test]
    fn text_is_brought_into_canonical_composition() {
        let value = decode(&json!("e\u{301}"), &Type::String).unwrap();
        assert_eq!(value.as_str(), Some("\u{e9}"));
    }

    #[test]
    fn errors_name_the_attribute_and_never_its_value() {
        let inner = object([("id", Type::String)]);
        let type_ = object([
            ("accounts", Type::map(Type::list(inner.clone()))),
            ("s", Type::set(inner)),
        ]);

        let error = decode(&json!({"accounts": {"x": [{"id": 5}]}, "s": []}), &type_).unwrap_err();
        assert_eq!(error.path.to_string(), r#"accounts["x"][0].id"#);

        let error = decode(&json!({"accounts": {}, "s": [{"id": 31337}]}), &type_).unwrap_err();
        assert_eq!(
            error.path.to_string(),
            "s",
            "an element of a set has no path of its own"
        );
        assert!(!error.to_string().contains("31337"));
    }

    #[test]
    fn strict_and_stored_differ_in_what_they_forgive() {
        let type_ = object([("age", Type::Number), ("name", Type::String)]);
        let old = json!({"age": "5", "gone": 1});
        assert_eq!(decode(&old, &type_).unwrap_err().path.to_string(), "gone");
        let missing = decode(&json!({"age": 5}), &type_).unwrap_err();
        assert_eq!(missing.path.to_string(), "name");
        assert_eq!(
            decode_stored(&old, &type_).unwrap(),
            Value::map([("age", Value::from(5)), ("name", Value::Null)])
        );
        assert!(decode_stored(&json!({"age": "five"}), &type_).is_err());
    }

    #[test]
    fn a_number_that_would_fill_the_memory_is_refused() {
        let huge: Json = serde_json::from_str("1e999999999").unwrap();
        assert!(decode(&huge, &Type::Number).is_err());
    }
}
