//! AWS JSON 1.1.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::world::Refusal;

pub(crate) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// Splits `AWSOrganizationsV20161128.ListAccounts`.
pub(crate) fn target(header: &str) -> Option<(&str, &str)> {
    header.rsplit_once('.')
}

/// A request's body; an empty one is an empty object.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    match serde_json::from_slice(body) {
        Ok(input @ Value::Object(_)) => Ok(input),
        _ => Err(Refusal::new(
            "SerializationException",
            "The request's body is not a JSON object.",
        )),
    }
}

pub(crate) fn answer(output: &Value) -> Bytes {
    Bytes::from(output.to_string())
}

/// The body of a refusal. Every error of these services has the status 400 (Organizations API reference, the
/// "HTTP Status Code" of each error), failures of the service itself apart.
pub(crate) fn refusal(refusal: &Refusal) -> (u16, Bytes) {
    let mut body = json!({"__type": refusal.code, "Message": refusal.message});
    if let Some(reason) = &refusal.reason {
        body["Reason"] = json!(reason);
    }
    if refusal.code == "TooManyRequestsException" {
        body["Type"] = json!("RATE_EXCEEDED");
    }
    let status = match refusal.code.as_ref() {
        "ServiceException" | "InternalFailure" | "InternalErrorException" => 500,
        "ServiceUnavailable" => 503,
        _ => 400,
    };
    (
        refusal.status.unwrap_or(status),
        Bytes::from(body.to_string()),
    )
}
