//! No bytes whatever harm the decoder, and what it reads can be written and read again.
//!
//! The input is the type as JSON, a zero byte, and the value.
#![no_main]

use awsbilling::framework::Type;
use awsbilling::protocol::dynamic_value::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(2, |byte| *byte == 0);
    let (Some(type_), Some(bytes)) = (parts.next(), parts.next()) else {
        return;
    };
    let json = serde_json::from_slice(type_).ok();
    let type_ = json.and_then(|json| Type::from_json(&json)).unwrap_or(Type::Dynamic);
    if let Ok(value) = decode(bytes, &type_) {
        let written = encode(&value, &type_).expect("what was read can be written");
        assert_eq!(decode(&written, &type_).as_ref(), Ok(&value));
    }
});
