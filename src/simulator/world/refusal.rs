//! How AWS says no: an error code, sometimes a reason, a sentence. How it is written on the wire is the wire's affair.

use std::borrow::Cow;
use std::fmt;

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The modelled error, for example `HandshakeNotFoundException`.
    pub code: Cow<'static, str>,
    /// The reason code of the errors that have one, for example `WAIT_PERIOD_ACTIVE`.
    pub reason: Option<Cow<'static, str>>,
    /// A sentence for people.
    pub message: String,
    /// The HTTP status where it is not the one that the protocol gives to the code.
    pub status: Option<u16>,
}

impl Refusal {
    /// A refusal without a reason code.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            reason: None,
            message: message.into(),
            status: None,
        }
    }

    fn because(code: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            reason: Some(reason.into()),
            ..Self::new(code, message)
        }
    }

    pub(crate) fn constraint(reason: &'static str, message: impl Into<String>) -> Self {
        Self::because("ConstraintViolationException", reason, message)
    }

    pub(crate) fn handshake_constraint(reason: &'static str, message: impl Into<String>) -> Self {
        Self::because("HandshakeConstraintViolationException", reason, message)
    }

    pub(crate) fn invalid_input(reason: &'static str, message: impl Into<String>) -> Self {
        Self::because("InvalidInputException", reason, message)
    }

    pub(crate) fn access_denied(message: impl Into<String>) -> Self {
        Self::new("AccessDeniedException", message)
    }

    /// A value that Account Management does not take.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::because("ValidationException", "fieldValidationFailed", message)
    }

    pub(crate) fn dependency_denied(message: impl Into<String>) -> Self {
        Self::because(
            "AccessDeniedForDependencyException",
            "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE",
            message,
        )
    }

    pub(crate) fn not_in_use() -> Self {
        Self::new(
            "AWSOrganizationsNotInUseException",
            "The account that you use is not a member of an organization.",
        )
    }

    pub(crate) fn account_not_found() -> Self {
        Self::new(
            "AccountNotFoundException",
            "The organization has no account with that ID.",
        )
    }

    pub(crate) fn parent_not_found() -> Self {
        Self::new(
            "ParentNotFoundException",
            "The organization has no root or unit with that ID.",
        )
    }

    pub(crate) fn handshake_not_found() -> Self {
        Self::new(
            "HandshakeNotFoundException",
            "There is no handshake with that ID.",
        )
    }

    pub(crate) fn management_account_stays() -> Self {
        Self::new(
            "MasterCannotLeaveOrganizationException",
            "A management account cannot leave its organization. Remove the members, then delete the organization.",
        )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Some(reason) => write!(f, "{} ({reason}): {}", self.code, self.message),
            None => write!(f, "{}: {}", self.code, self.message),
        }
    }
}

impl std::error::Error for Refusal {}
