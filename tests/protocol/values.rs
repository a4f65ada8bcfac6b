//! Values survive the wire, and no bytes whatever harm the decoder.

use std::collections::BTreeMap;

use awsbilling::framework::value::Refinement;
use awsbilling::framework::{Number, Type, Value};
use awsbilling::protocol::dynamic_value::{decode, encode};
use proptest::prelude::*;
use proptest::strategy::Union;

fn object<const N: usize>(attributes: [(&'static str, Type); N]) -> Type {
    Type::Object(attributes.map(|(k, v)| (k.into(), v)).into())
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from_digit(u32::from(digit), 16).unwrap())
        .collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// Bytes as Terraform writes them, and the value that they stand for.
#[test]
fn known_bytes_stand_for_known_values() {
    let refined = |refinement| Value::Unknown(Some(Box::new(refinement)));
    let vectors = [
        (Type::String, Value::Null, "c0"),
        (Type::String, Value::UNKNOWN, "d40000"),
        (Type::Bool, Value::Bool(true), "c3"),
        (Type::String, "hello".into(), "a568656c6c6f"),
        (Type::Number, number("5"), "05"),
        (Type::Number, number("-33"), "d0df"),
        (Type::Number, number("300"), "cd012c"),
        (
            Type::Number,
            number("9223372036854775807"),
            "cf7fffffffffffffff",
        ),
        (Type::Number, number("0.5"), "cb3fe0000000000000"),
        (Type::Number, number("0.1"), "a3302e31"),
        (
            Type::Number,
            number("18446744073709551616"),
            "cb43f0000000000000",
        ),
        (
            Type::Number,
            number("18446744073709551617"),
            "b43138343436373434303733373039353531363137",
        ),
        (
            Type::list(Type::String),
            Value::List(vec!["a".into(), Value::UNKNOWN]),
            "92a161d40000",
        ),
        (Type::set(Type::Bool), Value::Set(vec![]), "90"),
        (
            Type::map(Type::Number),
            Value::map([("k", number("1"))]),
            "81a16b01",
        ),
        (
            object([("b", Type::Bool), ("a", Type::String)]),
            Value::map([("a", Value::Null), ("b", false.into())]),
            "82a161c0a162c2",
        ),
        (
            Type::Dynamic,
            Value::Dynamic(Box::new((Type::String, "x".into()))),
            "92c40822737472696e6722a178",
        ),
        (Type::Dynamic, Value::UNKNOWN, "d40000"),
        (
            Type::String,
            refined(Refinement {
                not_null: true,
                ..Refinement::default()
            }),
            "c7030c8101c2",
        ),
        (
            Type::String,
            refined(Refinement {
                not_null: true,
                prefix: Some("arn:".to_owned()),
                ..Refinement::default()
            }),
            "c7090c8201c202a461726e3a",
        ),
        (
            Type::Number,
            refined(Refinement {
                lower: Some((Number::from(1_i64), true)),
                ..Refinement::default()
            }),
            "c7050c81039201c3",
        ),
        (
            Type::list(Type::Bool),
            refined(Refinement {
                min_length: Some(1),
                max_length: Some(3),
                ..Refinement::default()
            }),
            "c7050c8205010603",
        ),
    ];
    for (type_, value, bytes) in vectors {
        assert_eq!(hex(&encode(&value, &type_).unwrap()), bytes, "{type_:?}");
        assert_eq!(decode(&unhex(bytes), &type_).unwrap(), value, "{bytes}");
    }
}

#[test]
fn other_forms_of_the_same_value_are_understood() {
    let vectors = [
        (Type::Number, "ca3f000000", number("0.5")),
        (Type::Number, "d3ffffffffffffffff", number("-1")),
        (Type::Number, "a33165 32", number("100")),
        (Type::String, "d90161", "a".into()),
        (Type::String, "a365cc81", "\u{e9}".into()),
        (Type::String, "c7000c", Value::UNKNOWN),
        (Type::String, "d50701ff", Value::UNKNOWN),
        (
            Type::set(Type::Number),
            "93020102",
            Value::Set(vec![number("1"), number("2")]),
        ),
        // A promise that we do not know is forgotten, and so is one that names no bound.
        (Type::String, "c7040c8120a161", Value::UNKNOWN),
        (
            Type::Number,
            "c70d0c810392cbfff0000000000000c2",
            Value::UNKNOWN,
        ),
        (Type::Dynamic, "c7030c8101c2", Value::UNKNOWN),
        (Type::Dynamic, "92c4092264796e616d696322c0", Value::Null),
    ];
    for (type_, bytes, value) in vectors {
        assert_eq!(decode(&unhex(bytes), &type_).unwrap(), value, "{bytes}");
    }
}

#[test]
fn malformed_values_are_refused_with_their_path() {
    let account = object([("id", Type::String)]);
    let type_ = object([
        ("accounts", Type::list(account.clone())),
        ("any", Type::Dynamic),
        ("by_name", Type::map(Type::Number)),
        ("tags", Type::set(account)),
    ]);
    let fine = "a8616363 6f756e7473 90 a3616e79 c0 a762795f6e616d65 80 a474616773 90";
    assert!(decode(&unhex(&format!("84{fine}")), &type_).is_ok());
    let vectors = [
        ("", "", "ends within"),
        ("c1", "", "object"),
        ("90", "", "object"),
        ("83", "", "4 attributes"),
        (&format!("84{fine}00"), "", "follow"),
        (&format!("85{fine}"), "", "4 attributes"),
        (
            "84a8616363 6f756e7473 9181a2696405",
            "accounts[0].id",
            "string",
        ),
        (
            "84a8616363 6f756e7473 9181a26964a1ff",
            "accounts[0].id",
            "UTF-8",
        ),
        (
            "84a8616363 6f756e7473 ddffffffff",
            "accounts[0]",
            "ends within",
        ),
        ("84a474616773 9181a26964c3", "tags", "string"),
        (
            "84a762795f6e616d65 81a16bcb7ff8000000000000",
            "by_name[\"k\"]",
            "none",
        ),
        (
            "84a762795f6e616d65 81a16bcb7ff0000000000000",
            "by_name[\"k\"]",
            "infinite",
        ),
        (
            "84a762795f6e616d65 81a16ba178",
            "by_name[\"k\"]",
            "not a decimal",
        ),
        (
            "84a762795f6e616d65 82a16b01a16b01",
            "by_name[\"k\"]",
            "twice",
        ),
        ("84a3616e79 92c40578797a", "any", "ends within"),
        ("84a3616e79 92c403787a7a c0", "any", "type"),
        ("84a3616e79c0a3616e79c0", "any", "twice"),
        ("84a16ec0", "n", "no such"),
        ("84a3616e79 c8ffff0c", "any", "ends within"),
    ];
    for (bytes, path, reason) in vectors {
        let error = decode(&unhex(bytes), &type_).unwrap_err();
        assert_eq!(error.path.to_string(), path, "{bytes}: {error}");
        assert!(error.detail.contains(reason), "{bytes}: {error}");
    }
}

#[test]
fn depth_is_bounded() {
    // A list of any type, whose one element is a list of any type, …
    let level = unhex("92c4125b226c697374222c2264796e616d6963225d91");
    let nested = |levels: usize| {
        let mut bytes = level.repeat(levels);
        bytes.push(0xc0);
        bytes
    };
    assert!(decode(&nested(20), &Type::Dynamic).is_ok());
    let error = decode(&nested(1_000_000), &Type::Dynamic).unwrap_err();
    assert!(error.detail.contains("levels"), "{error}");
}

#[test]
fn the_number_of_values_is_bounded() {
    let mut bytes = unhex("dd01000000");
    bytes.resize(bytes.len() + (1 << 24), 0xc0);
    let error = decode(&bytes, &Type::list(Type::Bool)).unwrap_err();
    assert!(error.detail.contains("values"), "{error}");
}

#[test]
fn a_value_of_another_type_is_the_providers_fault() {
    let type_ = object([("a", Type::list(Type::Bool))]);
    let value = Value::map([("a", Value::List(vec!["secret".into()]))]);
    let error = encode(&value, &type_).unwrap_err();
    assert_eq!(error.path.to_string(), "a[0]");
    assert!(!error.to_string().contains("secret"));
    assert!(encode(&Value::map([("b", Value::Null)]), &type_).is_err());
    assert!(encode(&Value::Map(BTreeMap::new()), &type_).is_err());
}

#[test]
fn a_long_prefix_is_cut_so_that_terraform_reads_it() {
    let prefix = "\u{e9}".repeat(1000);
    let value = Value::Unknown(Some(Box::new(Refinement {
        prefix: Some(prefix.clone()),
        ..Refinement::default()
    })));
    let bytes = encode(&value, &Type::String).unwrap();
    assert!(bytes.len() < 300);
    let Value::Unknown(Some(read)) = decode(&bytes, &Type::String).unwrap() else {
        panic!("no refinement");
    };
    assert!(prefix.starts_with(&read.prefix.unwrap()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value_survives_the_wire((type_, value) in typed_value()) {
        let bytes = encode(&value, &type_).unwrap();
        prop_assert!(type_.admits(&value));
        prop_assert_eq!(decode(&bytes, &type_).unwrap(), value.clone());
        prop_assert_eq!(encode(&decode(&bytes, &type_).unwrap(), &type_).unwrap(), bytes);
    }

    #[test]
    fn every_known_value_survives_json((type_, value) in typed_value()) {
        prop_assume!(value.is_wholly_known());
        let json = awsbilling::framework::json::encode(&value, &type_);
        let text = serde_json::to_string(&json).unwrap();
        let json = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(awsbilling::framework::json::decode(&json, &type_).unwrap(), value);
    }

    #[test]
    fn no_bytes_harm_the_decoder(type_ in any_type(), bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = decode(&bytes, &type_);
    }
}

/// The in-tree sister of the fuzz target: valid messages, damaged in tens of thousands of ways, are
/// each read or refused, and what is read can be written again.
#[test]
fn damaged_messages_are_read_or_refused() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = typed_value();
    let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..400 {
        let (type_, value) = strategy.new_tree(&mut runner).unwrap().current();
        let sound = encode(&value, &type_).unwrap();
        for _ in 0..100 {
            let damaged = damage(sound.clone(), &mut random);
            match decode(&damaged, &type_) {
                Ok(value) => {
                    encode(&value, &type_).unwrap();
                    read += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(
        read > 1_000 && refused > 10_000,
        "{read} read, {refused} refused"
    );
}

struct Xorshift(u64);

impl Xorshift {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

fn damage(mut bytes: Vec<u8>, random: &mut Xorshift) -> Vec<u8> {
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        let byte = random.next().to_le_bytes()[0];
        match random.below(5) {
            0 if !bytes.is_empty() => bytes[at] = byte,
            1 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            2 => bytes.insert(at, byte),
            3 => bytes.truncate(at),
            _ => bytes.extend_from_within(at..),
        }
    }
    bytes
}

fn any_type() -> BoxedStrategy<Type> {
    let leaf = prop_oneof![
        Just(Type::Bool),
        Just(Type::Number),
        Just(Type::String),
        Just(Type::Dynamic),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            prop::collection::btree_map("[a-z_]{1,8}", inner.clone(), 0..4).prop_map(|parts| {
                Type::Object(parts.into_iter().map(|(k, v)| (k.into(), v)).collect())
            }),
            prop::collection::vec(inner, 0..4).prop_map(Type::Tuple),
        ]
    })
    .boxed()
}

fn typed_value() -> BoxedStrategy<(Type, Value)> {
    any_type()
        .prop_flat_map(|type_| {
            let value = value_of(&type_, 3);
            (Just(type_), value)
        })
        .boxed()
}

fn value_of(type_: &Type, dynamic_levels: u32) -> BoxedStrategy<Value> {
    let known: BoxedStrategy<Value> = match type_ {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Number => any_number().prop_map(Value::Number).boxed(),
        Type::String => any::<String>()
            .prop_map(|text| Value::normalized(&text))
            .boxed(),
        Type::Dynamic if dynamic_levels == 0 => Just(Value::Null).boxed(),
        Type::Dynamic => any_type()
            .prop_filter("any within any says nothing", |type_| {
                *type_ != Type::Dynamic
            })
            .prop_flat_map(move |type_| {
                value_of(&type_, dynamic_levels - 1)
                    .prop_map(move |value| Value::Dynamic(Box::new((type_.clone(), value))))
            })
            .boxed(),
        Type::List(of) => prop::collection::vec(value_of(of, dynamic_levels), 0..4)
            .prop_map(Value::List)
            .boxed(),
        Type::Set(of) => prop::collection::vec(value_of(of, dynamic_levels), 0..4)
            .prop_map(Value::set)
            .boxed(),
        Type::Map(of) => {
            let key = any::<String>()
                .prop_map(|key| Value::normalized(&key).as_str().unwrap().to_owned());
            prop::collection::btree_map(key, value_of(of, dynamic_levels), 0..4)
                .prop_map(Value::map)
                .boxed()
        }
        Type::Object(parts) => parts
            .iter()
            .map(|(name, type_)| {
                let name = name.clone();
                value_of(type_, dynamic_levels).prop_map(move |value| (name.clone(), value))
            })
            .collect::<Vec<_>>()
            .prop_map(|entries| Value::Map(entries.into_iter().collect()))
            .boxed(),
        Type::Tuple(parts) => parts
            .iter()
            .map(|type_| value_of(type_, dynamic_levels))
            .collect::<Vec<_>>()
            .prop_map(Value::List)
            .boxed(),
    };
    Union::new_weighted(vec![
        (8, known),
        (1, Just(Value::Null).boxed()),
        (1, Just(Value::UNKNOWN).boxed()),
        (1, unknown_of(type_)),
    ])
    .boxed()
}

fn unknown_of(type_: &Type) -> BoxedStrategy<Value> {
    let (is_text, is_number) = (*type_ == Type::String, *type_ == Type::Number);
    let is_collection = matches!(type_, Type::List(_) | Type::Set(_) | Type::Map(_));
    let is_dynamic = *type_ == Type::Dynamic;
    let bound = || prop::option::of((any_number(), any::<bool>()));
    (
        any::<bool>(),
        prop::option::of("[a-z:]{1,40}"),
        bound(),
        bound(),
        prop::option::of(1..1000_i64),
        prop::option::of(0..100_000_i64),
    )
        .prop_map(
            move |(not_null, prefix, lower, upper, min_length, max_length)| {
                let promised = Refinement {
                    not_null: not_null && !is_dynamic,
                    prefix: prefix.filter(|_| is_text),
                    lower: lower.filter(|_| is_number),
                    upper: upper.filter(|_| is_number),
                    min_length: min_length.filter(|_| is_collection),
                    max_length: max_length.filter(|_| is_collection),
                };
                Value::Unknown((promised != Refinement::default()).then(|| Box::new(promised)))
            },
        )
        .boxed()
}

fn any_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        (-40..40_i64).prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("infinite", Number::from_f64),
        "-?[1-9][0-9]{0,60}(\\.[0-9]{1,60})?".prop_map(|text| text.parse().unwrap()),
    ]
}
