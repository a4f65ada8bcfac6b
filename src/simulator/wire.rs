//! What travels: AWS's protocols and the signature, without any meaning of operations.

pub(crate) mod json;
pub(crate) mod query;
pub(crate) mod signature;

use crate::world::Refusal;

/// How a service talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// JSON 1.1: the operation is in `X-Amz-Target`.
    Json,
    /// Query: a form in, XML out.
    Query,
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
    /// errors" of the Organizations and STS API references).
    pub(crate) fn refusal(self, protocol: Protocol) -> Refusal {
        let json = protocol == Protocol::Json;
        let (code, message) = match self {
            Self::MissingToken => (
                if json {
                    "MissingAuthenticationTokenException"
                } else {
                    "MissingAuthenticationToken"
                },
                "The request carries no signature.",
            ),
            Self::Incomplete => (
                if json {
                    "IncompleteSignatureException"
                } else {
                    "IncompleteSignature"
                },
                "The Authorization header cannot be read.",
            ),
            Self::UnknownKey | Self::WrongSessionToken => (
                if json {
                    "UnrecognizedClientException"
                } else {
                    "InvalidClientTokenId"
                },
                "The security token included in the request is invalid.",
            ),
            Self::WrongSignature => (
                if json {
                    "InvalidSignatureException"
                } else {
                    "SignatureDoesNotMatch"
                },
                "The signature does not match the one calculated for the request. Check the secret access key.",
            ),
            Self::Expired => (
                if json {
                    "ExpiredTokenException"
                } else {
                    "ExpiredToken"
                },
                "The security token included in the request is expired.",
            ),
        };
        Refusal::new(code, message)
    }
}
