//! REST JSON: the operation is in the method and the path, the error's name in a header.

use bytes::Bytes;
use serde_json::{Value, json};

use super::json;
use super::rest_xml::Reply;
use crate::world::Refusal;

pub(crate) const CONTENT_TYPE: &str = "application/json";

/// A request's body; an empty one is an empty object.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Refusal> {
    json::parse(body)
}

/// An answer; `null` is one without content.
pub(crate) fn answer(output: &Value) -> Bytes {
    match output {
        Value::Null => Bytes::new(),
        output => Bytes::from(output.to_string()),
    }
}

/// A refusal (Account Management API reference, the "HTTP Status Code" of each error).
pub(crate) fn refusal(refusal: &Refusal) -> Reply {
    let mut body = json!({"message": refusal.message});
    if let Some(reason) = &refusal.reason {
        body["reason"] = json!(reason);
    }
    let status = match refusal.code.as_ref() {
        "AccessDeniedException"
        | "ExpiredTokenException"
        | "IncompleteSignatureException"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "UnrecognizedClientException" => 403,
        "ResourceNotFoundException" | "UnknownOperationException" => 404,
        "ConflictException" => 409,
        "TooManyRequestsException" => 429,
        "InternalServerException" => 500,
        _ => 400,
    };
    Reply {
        body: Bytes::from(body.to_string()),
        ..Reply::status(refusal.status.unwrap_or(status))
            .with("content-type", CONTENT_TYPE)
            .with("x-amzn-errortype", &refusal.code)
    }
}
