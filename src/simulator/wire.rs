//! What travels: AWS's protocols and the signature, without any meaning of operations.

pub(crate) mod chunked;
pub(crate) mod json;
pub(crate) mod query;
pub(crate) mod rest_json;
pub(crate) mod rest_xml;
pub(crate) mod signature;

use crate::world::Refusal;

/// How a service talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// JSON 1.1: the operation is in `X-Amz-Target`.
    Json,
    /// Query: a form in, XML out.
    Query,
    /// REST JSON: the operation is in the method and the path.
    RestJson,
    /// REST XML: the operation is in the method, the path and the query.
    RestXml,
}

impl Protocol {
    /// The answer for what is not there, or not here.
    pub(crate) fn unknown_operation(self) -> Refusal {
        let code = match self {
            Self::Json | Self::RestJson => "UnknownOperationException",
            Self::Query => "InvalidAction",
            Self::RestXml => "NotImplemented",
        };
        Refusal::new(code, "This operation is not simulated.")
    }
}

/// What is wrong with a request before any service sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unauthenticated {
    MissingToken,
    Incomplete,
    UnknownKey,
    WrongSignature,
    WrongSessionToken,
    Expired,
}

impl Unauthenticated {
    /// The protocols name the same fault differently (IAM user guide, "Troubleshoot Signature Version 4"; "Common
    /// errors" of the Organizations and STS API references; S3 API reference, "Error responses").
    pub(crate) fn refusal(self, protocol: Protocol) -> Refusal {
        let ([json, query, rest_xml], message) = match self {
            Self::MissingToken => (
                [
                    "MissingAuthenticationTokenException",
                    "MissingAuthenticationToken",
                    "AccessDenied",
                ],
                "The request carries no signature.",
            ),
            Self::Incomplete => (
                [
                    "IncompleteSignatureException",
                    "IncompleteSignature",
                    "AuthorizationHeaderMalformed",
                ],
                "The Authorization header cannot be read.",
            ),
            Self::UnknownKey => (
                [
                    "UnrecognizedClientException",
                    "InvalidClientTokenId",
                    "InvalidAccessKeyId",
                ],
                "The security token included in the request is invalid.",
            ),
            Self::WrongSessionToken => (
                [
                    "UnrecognizedClientException",
                    "InvalidClientTokenId",
                    "InvalidToken",
                ],
                "The security token included in the request is invalid.",
            ),
            Self::WrongSignature => (
                [
                    "InvalidSignatureException",
                    "SignatureDoesNotMatch",
                    "SignatureDoesNotMatch",
                ],
                "The signature does not match the one calculated for the request. Check the secret access key.",
            ),
            Self::Expired => (
                ["ExpiredTokenException", "ExpiredToken", "ExpiredToken"],
                "The security token included in the request is expired.",
            ),
        };
        let code = match protocol {
            Protocol::Json | Protocol::RestJson => json,
            Protocol::Query => query,
            Protocol::RestXml => rest_xml,
        };
        Refusal::new(code, message)
    }
}
