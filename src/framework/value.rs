//! Terraform's values, without their type: what a schema or a [`Type`] gives a meaning to.
//!
//! Numbers are decimal text, never floating point: an amount of money or an identifier keeps every
//! digit that the user wrote.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::type_::Type;

/// A value as Terraform knows it: possibly null, possibly not known before apply.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Not written, or without value.
    Null,
    /// Known only after apply; a refinement narrows what it may become.
    Unknown(Option<Box<Refinement>>),
    /// `true` or `false`.
    Bool(bool),
    /// Decimal number.
    Number(Number),
    /// Text in Unicode's canonical composition.
    String(String),
    /// Elements in order: a list or a tuple.
    List(Vec<Value>),
    /// Elements without order, kept sorted and without known duplicates; made by [`Value::set`].
    Set(Vec<Value>),
    /// Named elements: a map or an object.
    Map(BTreeMap<Name, Value>),
    /// A value that carries its own type, where the schema says "any".
    Dynamic(Box<(Type, Value)>),
}

/// Name of an attribute, or key of a map. What a schema names costs nothing to repeat.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Cow<'static, str>);

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl From<&'static str> for Name {
    fn from(name: &'static str) -> Self {
        Self(name.into())
    }
}

impl From<Cow<'static, str>> for Name {
    fn from(name: Cow<'static, str>) -> Self {
        Self(name)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.into_owned()
    }
}

/// What is promised of a value that is not known yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refinement {
    /// It will not be null.
    pub not_null: bool,
    /// A string that will start so.
    pub prefix: Option<String>,
    /// Least number, and whether that number itself is possible.
    pub lower: Option<(Number, bool)>,
    /// Greatest number, and whether that number itself is possible.
    pub upper: Option<(Number, bool)>,
    /// Least length of a collection.
    pub min_length: Option<i64>,
    /// Greatest length of a collection.
    pub max_length: Option<i64>,
}

/// Decimal number of any size and precision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(BigDecimal);

/// Digits and magnitude beyond which a number is refused: Terraform's own precision is 512 bits, and
/// a short text such as `1e999999999` must not fill the memory.
const MAX_DIGITS: usize = 4096;

impl Value {
    /// Not known yet, and nothing promised.
    pub const UNKNOWN: Self = Self::Unknown(None);

    /// Text value.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// Text from outside, brought into canonical composition as Terraform compares it.
    pub fn normalized(text: &str) -> Self {
        Self::String(normalized(text))
    }

    /// Set of the elements: sorted, known duplicates merged. Two unknown elements stay two.
    pub fn set(elements: impl IntoIterator<Item = Self>) -> Self {
        let mut elements: Vec<Self> = elements.into_iter().collect();
        elements.sort();
        elements.dedup_by(|a, b| a == b && a.is_wholly_known());
        Self::Set(elements)
    }

    /// Map or object of the named values.
    pub fn map<K: Into<Name>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        // Collecting would compile a sort of its own for every kind of iterator.
        let mut map = BTreeMap::new();
        for (name, value) in entries {
            map.insert(name.into(), value);
        }
        Self::Map(map)
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Dynamic(typed) => typed.1.is_null(),
            _ => false,
        }
    }

    /// Whether the value itself is unknown; a known collection may still hold unknown elements.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Dynamic(typed) => typed.1.is_unknown(),
            _ => false,
        }
    }

    /// Whether nothing in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::List(elements) | Self::Set(elements) => {
                elements.iter().all(Self::is_wholly_known)
            }
            Self::Map(entries) => entries.values().all(Self::is_wholly_known),
            Self::Dynamic(typed) => typed.1.is_wholly_known(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
        }
    }

    /// The attribute of an object, null where the object is null or has none.
    pub fn get(&self, name: &str) -> &Self {
        match self {
            Self::Map(entries) => entries.get(name).unwrap_or(&Self::Null),
            _ => &Self::Null,
        }
    }

    /// The element of a list, null where the list is null or has none.
    pub fn element(&self, index: usize) -> &Self {
        match self {
            Self::List(elements) => elements.get(index).unwrap_or(&Self::Null),
            _ => &Self::Null,
        }
    }

    /// The text, where it is known text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

/// Text in Unicode's canonical composition.
pub fn normalized(text: &str) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text.to_owned()
    } else {
        text.nfc().collect()
    }
}

/// Prints the shape and never the content: any part of a value may be a secret.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Unknown(_) => f.write_str("unknown"),
            Self::Bool(_) => f.write_str("bool"),
            Self::Number(_) => f.write_str("number"),
            Self::String(_) => f.write_str("string"),
            Self::List(elements) | Self::Set(elements) => f.debug_list().entries(elements).finish(),
            Self::Map(entries) => f.debug_map().entries(entries).finish(),
            Self::Dynamic(typed) => typed.1.fmt(f),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl Number {
    /// The whole number, where it is one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        use bigdecimal::ToPrimitive;
        self.0.is_integer().then(|| self.0.to_i64()).flatten()
    }

    /// The nearest floating-point number, and whether it is exactly this number.
    pub fn to_f64(&self) -> Option<(f64, bool)> {
        // By way of text, because the standard library rounds correctly and the conversion of
        // `BigDecimal` is off by a unit in the last place for large numbers.
        let float: f64 = self.0.to_string().parse().ok()?;
        let exact = Self::from_f64(float)? == *self;
        Some((float, exact))
    }

    /// The number that the floating-point number stands for exactly; `None` for infinities and NaN.
    pub fn from_f64(float: f64) -> Option<Self> {
        BigDecimal::try_from(float)
            .ok()
            .map(|decimal| Self(decimal.normalized()))
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(BigDecimal::from(value).normalized())
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(BigDecimal::from(value).normalized())
    }
}

impl FromStr for Number {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let decimal = Some(text)
            .filter(|text| text.len() <= MAX_DIGITS && !text.contains('_'))
            .and_then(|text| BigDecimal::from_str(text).ok())
            .ok_or_else(|| "not a decimal number".to_owned())?;
        let (_, scale) = decimal.as_bigint_and_exponent();
        if scale.unsigned_abs() > MAX_DIGITS as u64 {
            return Err("number too large or too precise".to_owned());
        }
        Ok(Self(decimal.normalized()))
    }
}

/// Plain decimal text, such as `12345678901234567890.5`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_plain_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_equal_by_value_and_not_by_digits() {
        for (a, b) in [
            ("1", "1.0"),
            ("100", "1e2"),
            ("0.5", "5E-1"),
            ("-0", "0"),
            ("+7", "7"),
        ] {
            assert_eq!(number(a), number(b));
            assert_eq!(number(a).cmp(&number(b)), std::cmp::Ordering::Equal);
            assert_eq!(number(a).to_string(), number(b).to_string());
        }
        assert!(number("9") < number("10"));
        assert!(number("-1.5") < number("-1.25"));
    }

    #[test]
    fn numbers_keep_every_digit() {
        for text in [
            "12345678901234567890123456789.125",
            "0.1",
            "-0.000000000000000000001",
        ] {
            assert_eq!(number(text).to_string(), text);
        }
        assert_eq!(number("1e30").to_string(), format!("1{}", "0".repeat(30)));
    }

    #[test]
    fn what_is_no_number_or_would_fill_the_memory_is_refused() {
        let long = "1".repeat(5000);
        for text in [
            "",
            " 1",
            "1 ",
            "one",
            "0x10",
            "1_000",
            "NaN",
            "inf",
            "1e",
            "--1",
            "1e4097",
            "1e-4097",
            "1e999999999",
            "1e99999999999999999999",
            &long,
        ] {
            assert!(text.parse::<Number>().is_err(), "{text:?} was accepted");
        }
        assert!("1e4096".parse::<Number>().is_ok());
    }

    #[test]
    fn a_whole_number_is_one_that_fits() {
        assert_eq!(number("42.0").as_i64(), Some(42));
        assert_eq!(number("-9223372036854775808").as_i64(), Some(i64::MIN));
        assert_eq!(number("9223372036854775808").as_i64(), None);
        assert_eq!(number("0.5").as_i64(), None);
        assert_eq!(number("1e4000").as_i64(), None);
    }

    #[test]
    fn floating_point_says_whether_it_is_exact() {
        assert_eq!(number("0.5").to_f64(), Some((0.5, true)));
        assert_eq!(number("0.1").to_f64(), Some((0.1, false)));
        assert_eq!(number("1e400").to_f64(), None);
        for float in [0.1, -2.5, f64::MAX, f64::MIN_POSITIVE, 0.0] {
            let exact = Number::from_f64(float).unwrap();
            assert_eq!(exact.to_f64(), Some((float, true)));
            assert_eq!(exact.to_string().parse(), Ok(exact), "{float}");
        }
        assert_eq!(Number::from_f64(f64::NAN), None);
        assert_eq!(Number::from_f64(f64::INFINITY), None);
    }

    #[test]
    fn a_set_is_sorted_and_merges_only_known_duplicates() {
        let set = Value::set([
            "b".into(),
            Value::UNKNOWN,
            "a".into(),
            "b".into(),
            Value::UNKNOWN,
        ]);
        let Value::Set(elements) = &set else {
            panic!("a set");
        };
        assert_eq!(elements.len(), 4);
        assert_eq!(elements.iter().filter(|e| e.is_unknown()).count(), 2);
        assert_eq!(set, Value::set(elements.iter().rev().cloned()));
        assert!(!set.is_unknown() && !set.is_wholly_known());
        let numbers = Value::set([Value::Number(number("1.0")), 1.into()]);
        assert_eq!(numbers, Value::Set(vec![1.into()]));
    }

    #[test]
    fn null_and_unknown_show_through_a_dynamic_value() {
        let dynamic = |value| Value::Dynamic(Box::new((Type::String, value)));
        assert!(dynamic(Value::Null).is_null());
        assert!(dynamic(Value::UNKNOWN).is_unknown());
        assert!(!dynamic(Value::UNKNOWN).is_wholly_known());
    }

    #[test]
    fn debug_output_shows_the_shape_and_no_content() {
        let secret = Value::map([("key", Value::List(vec!["hidden".into(), 31_337.into()]))]);
        assert_eq!(format!("{secret:?}"), r#"{"key": [string, number]}"#);
    }

    #[test]
    fn text_is_composed_canonically() {
        assert_eq!(Value::normalized("e\u{301}"), Value::string("\u{e9}"));
        assert_eq!(normalized("plain"), "plain");
    }
}
