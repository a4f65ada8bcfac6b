//! Values on the wire: `MessagePack`, read and written by their [`Type`].
//!
//! The bytes alone say too little (an object and a map look alike, and so do a number and the text of
//! a number), so every step goes by the type, and an error says at which attribute the two disagree.
//! Nothing that a message claims is believed before it is seen: lengths reserve no memory, and depth
//! and number of values are bounded.

use std::collections::BTreeMap;
use std::convert::Infallible;

use rmp::Marker;
use rmp::encode::{ByteBuf, ValueWriteError};

use super::wire::tfplugin6 as wire;
use crate::framework::path::Step;
use crate::framework::value::{Refinement, normalized};
use crate::framework::{Diagnostic, Name, Number, Path, Result, Type, Value, json};

/// Levels of nesting; schemas have a dozen at most.
const MAX_DEPTH: usize = 128;

/// Values in one message, so that a message of its greatest size cannot fill the memory with values
/// that are forty times larger than their bytes.
const MAX_VALUES: usize = 4 << 20;

/// Terraform reads no longer description of an unknown value.
const MAX_REFINEMENT_BYTES: usize = 1024;

/// Part of [`MAX_REFINEMENT_BYTES`] for one text or number of a refinement.
const MAX_REFINEMENT_TEXT: usize = 255;

/// Extension type of an unknown value with refinements.
const REFINED: i8 = 12;

/// Keys of a refinement's map.
mod refinement {
    pub(super) const NULLNESS: i64 = 1;
    pub(super) const PREFIX: i64 = 2;
    pub(super) const LOWER: i64 = 3;
    pub(super) const UPPER: i64 = 4;
    pub(super) const MIN_LENGTH: i64 = 5;
    pub(super) const MAX_LENGTH: i64 = 6;
}

/// Reads a value of the type.
pub(super) fn from_wire(value: Option<&wire::DynamicValue>, type_: &Type) -> Result<Value> {
    let (msgpack, json) = value.map_or((&[][..], &[][..]), |value| (&value.msgpack, &value.json));
    if !msgpack.is_empty() {
        return decode(msgpack, type_);
    }
    if json.is_empty() {
        return Err(malformed("The value is missing."));
    }
    let parsed = serde_json::from_slice(json)
        .map_err(|error| malformed(format!("The value is not JSON: {error}.")))?;
    json::decode(&parsed, type_)
}

/// Writes a value of the type.
pub(super) fn to_wire(value: &Value, type_: &Type) -> Result<wire::DynamicValue> {
    Ok(wire::DynamicValue {
        msgpack: encode(value, type_)?.into(),
        json: prost::bytes::Bytes::new(),
    })
}

/// Reads a value of the type from `MessagePack`, to the last byte.
pub fn decode(bytes: &[u8], type_: &Type) -> Result<Value> {
    let mut decoder = Decoder {
        rest: bytes,
        values: 0,
        depth: 0,
    };
    let value = decoder.value(type_)?;
    if decoder.rest.is_empty() {
        Ok(value)
    } else {
        Err(malformed("Bytes follow the end of the value."))
    }
}

/// Writes a value of the type as `MessagePack`. A value of another type is the provider's fault.
pub fn encode(value: &Value, type_: &Type) -> Result<Vec<u8>> {
    let mut encoder = Encoder(ByteBuf::new());
    encoder.value(value, type_)?;
    Ok(encoder.0.into_vec())
}

fn malformed(reason: impl Into<String>) -> Diagnostic {
    Diagnostic::error("Malformed value").detail(reason)
}

struct Decoder<'a> {
    rest: &'a [u8],
    values: usize,
    depth: usize,
}

impl<'a> Decoder<'a> {
    fn value(&mut self, type_: &Type) -> Result<Value> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(malformed(format!(
                "More than {MAX_VALUES} values in one message."
            )));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(malformed(format!(
                "More than {MAX_DEPTH} levels of nesting."
            )));
        }
        let value = match self.peek()? {
            Marker::Null => {
                self.take(1)?;
                Ok(Value::Null)
            }
            marker if is_extension(marker) => self.unknown(type_),
            _ => self.known(type_),
        };
        self.depth -= 1;
        value
    }

    fn known(&mut self, type_: &Type) -> Result<Value> {
        match type_ {
            Type::Bool => self.bool().map(Value::Bool),
            Type::Number => self
                .number()?
                .map(Value::Number)
                .ok_or_else(|| malformed("An infinite number has no meaning here.")),
            Type::String => Ok(Value::normalized(self.text()?)),
            Type::Dynamic => self.dynamic(),
            Type::List(of) => self.elements(of).map(Value::List),
            Type::Set(of) => self
                .elements(of)
                .map(Value::set)
                .map_err(|diagnostic| diagnostic.at(Path::root())),
            Type::Map(of) => self.map(of),
            Type::Object(parts) => self.object(parts),
            Type::Tuple(parts) => self.tuple(parts),
        }
    }

    fn bool(&mut self) -> Result<bool> {
        match self.marker()? {
            Marker::True => Ok(true),
            Marker::False => Ok(false),
            other => Err(mismatch("bool", other)),
        }
    }

    /// A number, or nothing where it is infinite.
    fn number(&mut self) -> Result<Option<Number>> {
        let marker = self.peek()?;
        if is_text(marker) {
            return match self.text()? {
                "+Inf" | "Inf" | "-Inf" => Ok(None),
                text => text
                    .parse()
                    .map(Some)
                    .map_err(|reason| malformed(format!("The number is {reason}."))),
            };
        }
        self.take(1)?;
        let number = match marker {
            Marker::FixPos(n) => i64::from(n).into(),
            Marker::FixNeg(n) => i64::from(n).into(),
            Marker::U8 => u64::from(u8::from_be_bytes(self.array()?)).into(),
            Marker::U16 => u64::from(u16::from_be_bytes(self.array()?)).into(),
            Marker::U32 => u64::from(u32::from_be_bytes(self.array()?)).into(),
            Marker::U64 => u64::from_be_bytes(self.array()?).into(),
            Marker::I8 => i64::from(i8::from_be_bytes(self.array()?)).into(),
            Marker::I16 => i64::from(i16::from_be_bytes(self.array()?)).into(),
            Marker::I32 => i64::from(i32::from_be_bytes(self.array()?)).into(),
            Marker::I64 => i64::from_be_bytes(self.array()?).into(),
            Marker::F32 => return finite(f64::from(f32::from_be_bytes(self.array()?))),
            Marker::F64 => return finite(f64::from_be_bytes(self.array()?)),
            other => return Err(mismatch("number", other)),
        };
        Ok(Some(number))
    }

    fn text(&mut self) -> Result<&'a str> {
        let length = match self.marker()? {
            Marker::FixStr(length) => usize::from(length),
            Marker::Str8 => self.length(1)?,
            Marker::Str16 => self.length(2)?,
            Marker::Str32 => self.length(4)?,
            other => return Err(mismatch("string", other)),
        };
        std::str::from_utf8(self.take(length)?).map_err(|_| malformed("The text is not UTF-8."))
    }

    fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = match self.peek()? {
            Marker::Bin8 => 1,
            Marker::Bin16 => 2,
            Marker::Bin32 => 4,
            _ => return self.text().map(str::as_bytes),
        };
        self.take(1)?;
        let length = self.length(length)?;
        self.take(length)
    }

    fn dynamic(&mut self) -> Result<Value> {
        if self.array_length("value with its type")? != 2 {
            return Err(malformed(
                "A value of any type needs both its type and its value.",
            ));
        }
        let type_ = serde_json::from_slice(self.bytes()?)
            .ok()
            .and_then(|json| Type::from_json(&json))
            .ok_or_else(|| malformed("The type is not one."))?;
        let value = self.value(&type_)?;
        Ok(match type_ {
            // "Any type" within "any type" says nothing more.
            Type::Dynamic => value,
            type_ => Value::Dynamic(Box::new((type_, value))),
        })
    }

    fn elements(&mut self, of: &Type) -> Result<Vec<Value>> {
        let length = self.array_length("list or set")?;
        let mut elements = Vec::new();
        for index in 0..length {
            let element = self.value(of);
            elements.push(element.map_err(|diagnostic| within_element(diagnostic, index))?);
        }
        Ok(elements)
    }

    fn tuple(&mut self, parts: &[Type]) -> Result<Value> {
        let length = self.array_length("tuple")?;
        if length != parts.len() {
            return Err(malformed(format!(
                "A tuple of {} elements is expected, not one of {length}.",
                parts.len()
            )));
        }
        let mut elements = Vec::new();
        for (index, type_) in parts.iter().enumerate() {
            let element = self.value(type_);
            elements.push(element.map_err(|diagnostic| within_element(diagnostic, index))?);
        }
        Ok(Value::List(elements))
    }

    fn map(&mut self, of: &Type) -> Result<Value> {
        let length = self.map_length("map")?;
        let mut entries = BTreeMap::new();
        for _ in 0..length {
            let key = normalized(self.text()?);
            if entries.contains_key(key.as_str()) {
                return Err(malformed("The key occurs twice.").at(Path::root().key(key)));
            }
            let value = self
                .value(of)
                .map_err(|diagnostic| diagnostic.within(Step::Key(key.clone())))?;
            entries.insert(Name::from(key), value);
        }
        Ok(Value::Map(entries))
    }

    fn object(&mut self, parts: &BTreeMap<Name, Type>) -> Result<Value> {
        let length = self.map_length("object")?;
        if length != parts.len() {
            return Err(malformed(format!(
                "An object of {} attributes is expected, not one of {length}.",
                parts.len()
            )));
        }
        let mut attributes: Vec<(Name, Value)> = Vec::new();
        // Terraform sends them in the type's order, and a client that does not is understood, too.
        let mut in_order = Some(parts.iter());
        for _ in 0..length {
            let name = self.text()?;
            let next = in_order.as_mut().and_then(Iterator::next);
            let next = next.filter(|(next, _)| next.as_str() == name);
            if next.is_none() {
                in_order = None;
                if attributes.iter().any(|(known, _)| known.as_str() == name) {
                    return Err(malformed("The attribute occurs twice.").at(name));
                }
            }
            let (name, type_) = next
                .or_else(|| parts.get_key_value(name))
                .ok_or_else(|| malformed("The schema has no such attribute.").at(name))?;
            let value = self
                .value(type_)
                .map_err(|diagnostic| diagnostic.within(Step::Attribute(name.clone())))?;
            attributes.push((name.clone(), value));
        }
        Ok(Value::Map(attributes.into_iter().collect()))
    }

    fn unknown(&mut self, type_: &Type) -> Result<Value> {
        let length = match self.marker()? {
            Marker::FixExt1 => 1,
            Marker::FixExt2 => 2,
            Marker::FixExt4 => 4,
            Marker::FixExt8 => 8,
            Marker::FixExt16 => 16,
            Marker::Ext8 => self.length(1)?,
            Marker::Ext16 => self.length(2)?,
            Marker::Ext32 => self.length(4)?,
            other => return Err(mismatch("unknown value", other)),
        };
        let extension = i8::from_be_bytes(self.array()?);
        let payload = self.take(length)?;
        if length <= 1 || extension != REFINED {
            return Ok(Value::UNKNOWN);
        }
        if length > MAX_REFINEMENT_BYTES {
            return Err(malformed(
                "The description of an unknown value is too long.",
            ));
        }
        let mut payload = Decoder {
            rest: payload,
            values: self.values,
            depth: self.depth,
        };
        payload.refined(type_)
    }

    /// An unknown value together with what is promised of it. A promise may be forgotten, not
    /// misread: a key that we do not know ends the reading, because its value's form is not known
    /// either.
    fn refined(&mut self, type_: &Type) -> Result<Value> {
        let mut promised = Refinement::default();
        for _ in 0..self.map_length("refinement")? {
            match (self.integer()?, type_) {
                (refinement::NULLNESS, _) => {
                    if self.bool()? {
                        return Ok(Value::Null);
                    }
                    promised.not_null = true;
                }
                (refinement::PREFIX, Type::String) => {
                    promised.prefix = Some(normalized(self.text()?));
                }
                (refinement::LOWER, Type::Number) => promised.lower = self.bound()?,
                (refinement::UPPER, Type::Number) => promised.upper = self.bound()?,
                (refinement::MIN_LENGTH, Type::List(_) | Type::Set(_) | Type::Map(_)) => {
                    promised.min_length = Some(self.integer()?);
                }
                (refinement::MAX_LENGTH, Type::List(_) | Type::Set(_) | Type::Map(_)) => {
                    promised.max_length = Some(self.integer()?);
                }
                _ => break,
            }
        }
        let nothing = *type_ == Type::Dynamic || promised == Refinement::default();
        Ok(Value::Unknown((!nothing).then(|| Box::new(promised))))
    }

    /// A number and whether it is itself possible; nothing where there is no bound.
    fn bound(&mut self) -> Result<Option<(Number, bool)>> {
        if self.array_length("bound")? != 2 {
            return Err(malformed("A bound needs a number and a truth value."));
        }
        let number = self.number()?;
        let inclusive = self.bool()?;
        Ok(number.map(|number| (number, inclusive)))
    }

    fn integer(&mut self) -> Result<i64> {
        self.number()?
            .and_then(|number| number.as_i64())
            .ok_or_else(|| malformed("A whole number is expected."))
    }

    fn array_length(&mut self, expected: &str) -> Result<usize> {
        match self.marker()? {
            Marker::FixArray(length) => Ok(usize::from(length)),
            Marker::Array16 => self.length(2),
            Marker::Array32 => self.length(4),
            other => Err(mismatch(expected, other)),
        }
    }

    fn map_length(&mut self, expected: &str) -> Result<usize> {
        match self.marker()? {
            Marker::FixMap(length) => Ok(usize::from(length)),
            Marker::Map16 => self.length(2),
            Marker::Map32 => self.length(4),
            other => Err(mismatch(expected, other)),
        }
    }

    /// A length of one, two or four bytes.
    fn length(&mut self, width: usize) -> Result<usize> {
        let bytes = self.take(width)?;
        Ok(bytes
            .iter()
            .fold(0, |length, byte| (length << 8) | usize::from(*byte)))
    }

    fn marker(&mut self) -> Result<Marker> {
        let marker = self.peek()?;
        self.take(1)?;
        Ok(marker)
    }

    fn peek(&self) -> Result<Marker> {
        self.rest
            .first()
            .copied()
            .map(Marker::from_u8)
            .ok_or_else(truncated)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (array, rest) = self.rest.split_first_chunk().ok_or_else(truncated)?;
        self.rest = rest;
        Ok(*array)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(truncated)?;
        self.rest = rest;
        Ok(taken)
    }
}

fn finite(float: f64) -> Result<Option<Number>> {
    if float.is_nan() {
        return Err(malformed("The number is none."));
    }
    Ok(Number::from_f64(float))
}

fn within_element(diagnostic: Diagnostic, index: usize) -> Diagnostic {
    diagnostic.within(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)))
}

fn is_extension(marker: Marker) -> bool {
    matches!(
        marker,
        Marker::FixExt1
            | Marker::FixExt2
            | Marker::FixExt4
            | Marker::FixExt8
            | Marker::FixExt16
            | Marker::Ext8
            | Marker::Ext16
            | Marker::Ext32
    )
}

fn is_text(marker: Marker) -> bool {
    matches!(
        marker,
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32
    )
}

/// Names the kind that was found and nothing of its content.
fn mismatch(expected: &str, found: Marker) -> Diagnostic {
    let found = match found {
        Marker::Null => "null",
        Marker::True | Marker::False => "a truth value",
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => "a map",
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => "an array",
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => "bytes",
        Marker::Reserved => "nothing that is defined",
        marker if is_text(marker) => "a text",
        marker if is_extension(marker) => "an unknown value",
        _ => "a number",
    };
    malformed(format!(
        "A {expected} is expected; the message has {found}."
    ))
}

fn truncated() -> Diagnostic {
    malformed("The message ends within the value.")
}

struct Encoder(ByteBuf);

/// Why an object cannot be sent.
fn not_of_the_schema(
    attributes: &BTreeMap<Name, Value>,
    parts: &BTreeMap<Name, Type>,
) -> Diagnostic {
    let extra = attributes.keys().find(|name| !parts.contains_key(*name));
    let missing = parts.keys().find(|name| !attributes.contains_key(*name));
    match (extra, missing) {
        (Some(extra), _) => {
            Diagnostic::bug("The provider made an attribute that the schema has not.")
                .at(extra.as_str())
        }
        (None, missing) => Diagnostic::bug("The provider left an attribute out.")
            .at(missing.map_or("", Name::as_str)),
    }
}

/// Writing to memory does not fail.
fn written<T>(result: Result<T, ValueWriteError<Infallible>>) -> T {
    match result {
        Ok(done) => done,
        Err(
            ValueWriteError::InvalidMarkerWrite(never) | ValueWriteError::InvalidDataWrite(never),
        ) => match never {},
    }
}

impl Encoder {
    fn value(&mut self, value: &Value, type_: &Type) -> Result<()> {
        match (value, type_) {
            (Value::Null, _) => self.byte(Marker::Null.to_u8()),
            (Value::Unknown(promised), _) => self.unknown(promised.as_deref(), type_),
            (Value::Bool(truth), Type::Bool) => self.bool(*truth),
            (Value::Number(number), Type::Number) => self.number(number)?,
            (Value::String(text), Type::String) => self.text(text)?,
            (Value::Dynamic(carried), Type::Dynamic) => self.dynamic(&carried.0, &carried.1)?,
            (Value::List(elements), Type::List(of)) => self.elements(elements, of)?,
            (Value::Set(elements), Type::Set(of)) => self
                .elements(elements, of)
                .map_err(|diagnostic| diagnostic.at(Path::root()))?,
            (Value::List(elements), Type::Tuple(parts)) => self.tuple(elements, parts)?,
            (Value::Map(entries), Type::Map(of)) => self.map(entries, of)?,
            (Value::Map(attributes), Type::Object(parts)) => self.object(attributes, parts)?,
            (value, type_) => {
                return Err(Diagnostic::bug(format!(
                    "The provider made a value that is not of the type {}: {value:?}.",
                    type_.to_json()
                )));
            }
        }
        Ok(())
    }

    fn bool(&mut self, truth: bool) {
        self.byte(if truth { Marker::True } else { Marker::False }.to_u8());
    }

    /// The shortest form that loses nothing.
    fn number(&mut self, number: &Number) -> Result<()> {
        if let Some(whole) = number.as_i64() {
            written(rmp::encode::write_sint(&mut self.0, whole));
        } else if let Some((float, true)) = number.to_f64() {
            written(rmp::encode::write_f64(&mut self.0, float));
        } else {
            self.text(&number.to_string())?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<()> {
        length(text.len())?;
        written(rmp::encode::write_str(&mut self.0, text));
        Ok(())
    }

    fn dynamic(&mut self, type_: &Type, value: &Value) -> Result<()> {
        if *type_ == Type::Dynamic {
            return self.value(value, type_);
        }
        let type_json = type_.to_json().to_string();
        length(type_json.len())?;
        self.array_length(2)?;
        written(rmp::encode::write_bin(&mut self.0, type_json.as_bytes()));
        self.value(value, type_)
    }

    fn elements(&mut self, elements: &[Value], of: &Type) -> Result<()> {
        self.array_length(elements.len())?;
        for (index, element) in elements.iter().enumerate() {
            self.value(element, of)
                .map_err(|diagnostic| within_element(diagnostic, index))?;
        }
        Ok(())
    }

    fn tuple(&mut self, elements: &[Value], parts: &[Type]) -> Result<()> {
        if elements.len() != parts.len() {
            return Err(Diagnostic::bug(
                "The provider made a tuple of the wrong length.",
            ));
        }
        self.array_length(elements.len())?;
        for (index, (element, type_)) in elements.iter().zip(parts).enumerate() {
            self.value(element, type_)
                .map_err(|diagnostic| within_element(diagnostic, index))?;
        }
        Ok(())
    }

    fn map(&mut self, entries: &BTreeMap<Name, Value>, of: &Type) -> Result<()> {
        self.map_length(entries.len())?;
        for (key, value) in entries {
            self.text(key)?;
            self.value(value, of)
                .map_err(|diagnostic| diagnostic.within(Step::Key(key.to_string())))?;
        }
        Ok(())
    }

    fn object(
        &mut self,
        attributes: &BTreeMap<Name, Value>,
        parts: &BTreeMap<Name, Type>,
    ) -> Result<()> {
        if !attributes.keys().eq(parts.keys()) {
            return Err(not_of_the_schema(attributes, parts));
        }
        self.map_length(parts.len())?;
        for ((name, value), type_) in attributes.iter().zip(parts.values()) {
            self.text(name)?;
            self.value(value, type_)
                .map_err(|diagnostic| diagnostic.within(Step::Attribute(name.clone())))?;
        }
        Ok(())
    }

    fn unknown(&mut self, promised: Option<&Refinement>, type_: &Type) {
        let (count, entries) =
            promised.map_or((0, ByteBuf::new()), |promised| refined(promised, type_));
        if count == 0 {
            for byte in [Marker::FixExt1.to_u8(), 0, 0] {
                self.byte(byte);
            }
            return;
        }
        // The count is at most six: the map's header is one byte.
        let payload = u32::try_from(entries.as_slice().len() + 1).unwrap_or(u32::MAX);
        written(rmp::encode::write_ext_meta(&mut self.0, payload, REFINED));
        written(rmp::encode::write_map_len(&mut self.0, count));
        self.0.as_mut_vec().extend_from_slice(entries.as_slice());
    }

    fn array_length(&mut self, count: usize) -> Result<()> {
        written(rmp::encode::write_array_len(&mut self.0, length(count)?));
        Ok(())
    }

    fn map_length(&mut self, count: usize) -> Result<()> {
        written(rmp::encode::write_map_len(&mut self.0, length(count)?));
        Ok(())
    }

    fn byte(&mut self, byte: u8) {
        self.0.as_mut_vec().push(byte);
    }
}

/// Number of promises that have a meaning for the type, and the promises.
fn refined(promised: &Refinement, type_: &Type) -> (u32, ByteBuf) {
    let mut count = 0;
    let mut entries = Encoder(ByteBuf::new());
    let mut begin = |entries: &mut Encoder, key: i64| {
        count += 1;
        written(rmp::encode::write_sint(&mut entries.0, key));
    };
    if promised.not_null && *type_ != Type::Dynamic {
        begin(&mut entries, refinement::NULLNESS);
        entries.bool(false);
    }
    match type_ {
        Type::String => {
            if let Some(prefix) = promised.prefix.as_deref().map(safe_prefix)
                && !prefix.is_empty()
            {
                begin(&mut entries, refinement::PREFIX);
                written(rmp::encode::write_str(&mut entries.0, prefix));
            }
        }
        Type::Number => {
            let bounds = [
                (refinement::LOWER, &promised.lower),
                (refinement::UPPER, &promised.upper),
            ];
            for (key, bound) in bounds {
                if let Some((number, inclusive)) = bound
                    && let Some(number) = short(number)
                {
                    begin(&mut entries, key);
                    written(rmp::encode::write_array_len(&mut entries.0, 2));
                    entries.0.as_mut_vec().extend(number);
                    entries.bool(*inclusive);
                }
            }
        }
        Type::List(_) | Type::Set(_) | Type::Map(_) => {
            let bounds = [
                (
                    refinement::MIN_LENGTH,
                    promised.min_length.filter(|least| *least > 0),
                ),
                (refinement::MAX_LENGTH, promised.max_length),
            ];
            for (key, bound) in bounds {
                if let Some(bound) = bound {
                    begin(&mut entries, key);
                    written(rmp::encode::write_sint(&mut entries.0, bound));
                }
            }
        }
        Type::Bool | Type::Dynamic | Type::Object(_) | Type::Tuple(_) => {}
    }
    (count, entries.0)
}

/// The written number, where that is short enough.
fn short(number: &Number) -> Option<Vec<u8>> {
    let mut encoder = Encoder(ByteBuf::new());
    encoder.number(number).ok()?;
    let bytes = encoder.0.into_vec();
    (bytes.len() <= MAX_REFINEMENT_TEXT).then_some(bytes)
}

/// A prefix that is short enough. Where it was cut, its last character goes too, because one that
/// follows might have combined with it.
fn safe_prefix(prefix: &str) -> &str {
    if prefix.len() <= MAX_REFINEMENT_TEXT {
        return prefix;
    }
    let cut = &prefix[..prefix.floor_char_boundary(MAX_REFINEMENT_TEXT)];
    cut.char_indices()
        .next_back()
        .map_or("", |(last, _)| &cut[..last])
}

fn length(length: usize) -> Result<u32> {
    u32::try_from(length).map_err(|_| Diagnostic::bug("The provider made a value of over 4 GiB."))
}
