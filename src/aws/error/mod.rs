//! What went wrong at AWS, as a type, and as the message for the person who must act.
//!
//! Everything is matched on AWS's codes and reasons, never on the text of a message, which AWS may change
//! at any time.

mod advice;

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_organizations::Error as OrganizationsError;
use aws_sdk_organizations::types::{
    AccessDeniedForDependencyExceptionReason, ConstraintViolationExceptionReason,
    HandshakeConstraintViolationExceptionReason, InvalidInputExceptionReason,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::framework::{Diagnostic, Interrupted};

/// A call that AWS refused, or that never reached it; turns into the user's message with `?`.
#[derive(Clone, Debug)]
pub struct Failure(Box<Inner>);

#[derive(Clone, Debug)]
enum Inner {
    /// AWS answered, and the answer is no.
    Refused(Refusal),
    /// No answer that says anything: the call may have taken effect.
    Unanswered {
        call: Call,
        how: Unanswered,
        cause: String,
    },
    /// The call was never sent, for lack of valid credentials.
    NoCredentials { cause: String },
    /// The user or the deadline ended it.
    Interrupted(Interrupted),
    /// Explained where it arose.
    Explained(Diagnostic),
}

/// One call, in the words of the user and of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// Operation as AWS names it, such as `AcceptHandshake`.
    pub(super) operation: &'static str,
    /// What it was to do, after "Could not": "invite account 111122223333".
    pub(super) intent: String,
    /// IAM action that allows it, where it is not that of Organizations or STS of the same name.
    pub(super) action: Option<&'static str>,
}

impl Call {
    pub(super) fn new(operation: &'static str, intent: impl Into<String>) -> Self {
        Self {
            operation,
            intent: intent.into(),
            action: None,
        }
    }

    /// Names the IAM action that allows the call, such as `cur:PutReportDefinition`.
    #[must_use]
    pub(super) fn allowed_by(mut self, action: &'static str) -> Self {
        self.action = Some(action);
        self
    }

    /// Whether an action of the service allows the call, such as `cur`.
    fn is_of(&self, service: &str) -> bool {
        let action = self.action.and_then(|action| action.split_once(':'));
        action.is_some_and(|(prefix, _)| prefix == service)
    }
}

/// AWS's answer to a call that it refused.
#[derive(Clone, Debug)]
struct Refusal {
    call: Call,
    code: String,
    reason: Option<Reason>,
    message: Option<String>,
    request_id: Option<String>,
    status: u16,
}

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unanswered {
    /// The connection could not be made or broke.
    Connection,
    /// The SDK's time for the call ran out.
    Timeout,
    /// What came back is not what AWS answers.
    Garbled,
}

/// Reason that AWS gives with some codes.
#[derive(Clone, Debug, PartialEq)]
enum Reason {
    Constraint(ConstraintViolationExceptionReason),
    Handshake(HandshakeConstraintViolationExceptionReason),
    Input(InvalidInputExceptionReason),
    Dependency(AccessDeniedForDependencyExceptionReason),
}

impl Reason {
    fn as_str(&self) -> &str {
        match self {
            Self::Constraint(reason) => reason.as_str(),
            Self::Handshake(reason) => reason.as_str(),
            Self::Input(reason) => reason.as_str(),
            Self::Dependency(reason) => reason.as_str(),
        }
    }

    fn of(error: &OrganizationsError) -> Option<Self> {
        match error {
            OrganizationsError::ConstraintViolationException(e) => {
                e.reason.clone().map(Self::Constraint)
            }
            OrganizationsError::HandshakeConstraintViolationException(e) => {
                e.reason.clone().map(Self::Handshake)
            }
            OrganizationsError::InvalidInputException(e) => e.reason.clone().map(Self::Input),
            OrganizationsError::AccessDeniedForDependencyException(e) => {
                e.reason.clone().map(Self::Dependency)
            }
            _ => None,
        }
    }
}

impl Failure {
    /// A failure that only the provider's authors can fix.
    pub fn bug(detail: impl fmt::Display) -> Self {
        Self::explained(Diagnostic::bug(detail))
    }

    /// A failure explained where it arose.
    pub(super) fn explained(diagnostic: Diagnostic) -> Self {
        Self(Box::new(Inner::Explained(diagnostic)))
    }

    /// A failed call of Organizations.
    pub(super) fn of_organizations<E>(call: &Call, error: SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
        OrganizationsError: From<E>,
    {
        Self::of(call, error, |error| {
            Reason::of(&OrganizationsError::from(error))
        })
    }

    /// A failed call of a service whose codes come without reasons.
    pub(super) fn of_service<E>(call: &Call, error: SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        Self::of(call, error, |_| None)
    }

    /// Credentials that could not be had.
    pub(super) fn of_credentials(error: &CredentialsError) -> Self {
        let cause = DisplayErrorContext(error).to_string();
        Self::within(error).unwrap_or_else(|| Self(Box::new(Inner::NoCredentials { cause })))
    }

    fn of<E>(
        call: &Call,
        error: SdkError<E, HttpResponse>,
        reason: impl FnOnce(E) -> Option<Reason>,
    ) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let call = call.clone();
        let how = match error {
            SdkError::ServiceError(refusal) => {
                let response = refusal.raw();
                let status = response.status().as_u16();
                let request_id = request_id(response).map(str::to_owned);
                let error = refusal.into_err();
                return Self(Box::new(Inner::Refused(Refusal {
                    call,
                    code: error.code().unwrap_or(code_of(status)).to_owned(),
                    message: error
                        .message()
                        .filter(|text| !text.trim().is_empty())
                        .map(str::to_owned),
                    reason: reason(error),
                    request_id,
                    status,
                })));
            }
            SdkError::TimeoutError(_) => Unanswered::Timeout,
            SdkError::DispatchFailure(ref failure) if failure.is_timeout() => Unanswered::Timeout,
            SdkError::ResponseError(_) => Unanswered::Garbled,
            _ => Unanswered::Connection,
        };
        if let Some(known) = Self::within(&error) {
            return known;
        }
        let cause = DisplayErrorContext(&error).to_string();
        Self(Box::new(Inner::Unanswered { call, how, cause }))
    }

    /// The failure that the SDK carries in the sources of its own: of a role, or of credentials.
    fn within(error: &(dyn Error + 'static)) -> Option<Self> {
        if let Some(ours) = sources(error).find_map(|source| source.downcast_ref::<Self>()) {
            return Some(ours.clone());
        }
        let credentials = sources(error).find(|source| source.is::<CredentialsError>())?;
        let cause = DisplayErrorContext(credentials).to_string();
        Some(Self(Box::new(Inner::NoCredentials { cause })))
    }

    /// AWS's code, such as `AccessDeniedException`; `None` where AWS did not refuse.
    pub fn code(&self) -> Option<&str> {
        self.refusal().map(|refusal| refusal.code.as_str())
    }

    /// AWS's reason within the code, such as `WAIT_PERIOD_ACTIVE`.
    pub fn reason(&self) -> Option<&str> {
        self.refusal()?.reason.as_ref().map(Reason::as_str)
    }

    /// Whether the user or the deadline ended the work.
    pub fn interrupted(&self) -> Option<Interrupted> {
        match &*self.0 {
            Inner::Interrupted(why) => Some(*why),
            _ => None,
        }
    }

    /// Whether the call may have taken effect although it failed.
    pub fn may_have_taken_effect(&self) -> bool {
        match &*self.0 {
            Inner::Unanswered { .. } => true,
            Inner::Refused(refusal) => refusal.status >= 500,
            _ => false,
        }
    }

    /// AWS's own words, which may change: nothing but a message to the user should depend on them.
    pub(super) fn message(&self) -> Option<&str> {
        self.refusal()?.message.as_deref()
    }

    pub(super) fn is(&self, code: &str) -> bool {
        self.code() == Some(code)
    }

    pub(super) fn is_concurrent_modification(&self) -> bool {
        self.is("ConcurrentModificationException")
    }

    pub(super) fn is_finalizing_organization(&self) -> bool {
        self.is("FinalizingOrganizationException")
    }

    fn refusal(&self) -> Option<&Refusal> {
        match &*self.0 {
            Inner::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// S3's code for an answer without a body, as those to `HEAD` are.
fn code_of(status: u16) -> &'static str {
    match status {
        301 => "PermanentRedirect",
        403 => "Forbidden",
        404 => "NotFound",
        _ => "Unknown",
    }
}

/// The error and what caused it, outermost first.
fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        (*error).source()
    })
}

/// Request ID that AWS gave the answer, for its support to find the call.
pub(super) fn request_id(response: &HttpResponse) -> Option<&str> {
    let headers = response.headers();
    headers
        .get("x-amzn-requestid")
        .or_else(|| headers.get("x-amz-request-id"))
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Diagnostic::from(self.clone()).fmt(f)
    }
}

impl Error for Failure {}

impl From<Interrupted> for Failure {
    fn from(why: Interrupted) -> Self {
        Self(Box::new(Inner::Interrupted(why)))
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        match *failure.0 {
            Inner::Refused(refusal) => refusal.into_diagnostic(),
            Inner::Unanswered { call, how, cause } => unanswered(&call, how, &cause),
            Inner::NoCredentials { cause } => no_credentials(&cause),
            Inner::Interrupted(why) => why.into(),
            Inner::Explained(diagnostic) => diagnostic,
        }
    }
}

impl Refusal {
    fn into_diagnostic(self) -> Diagnostic {
        let advice = advice::of(&self.code, self.reason.as_ref(), &self.call);
        let mut detail = format!("Could not {}. {}", self.call.intent, advice.fact);
        detail.push_str("\n\n");
        detail.push_str(&advice.remedy);
        if let Some(message) = &self.message {
            detail.push_str("\n\nAWS's own words: ");
            detail.push_str(message);
        }
        detail.push_str("\n\n");
        detail.push_str(&self.signature());
        Diagnostic::error(advice.summary).detail(detail)
    }

    /// Last line of the message: operation, code, reason and request ID.
    fn signature(&self) -> String {
        let reason = self
            .reason
            .as_ref()
            .map(|reason| format!(" {}", reason.as_str()))
            .unwrap_or_default();
        let request = self
            .request_id
            .as_ref()
            .map(|id| format!(" (request {id})"))
            .unwrap_or_default();
        format!(
            "AWS: {}, {}{reason}{request}",
            self.call.operation, self.code
        )
    }
}

fn unanswered(call: &Call, how: Unanswered, cause: &str) -> Diagnostic {
    let (summary, remedy) = match how {
        Unanswered::Connection => (
            "AWS not reached",
            "Check the network, the proxy (http_proxy, https_proxy, no_proxy), custom_ca_bundle and \
             endpoints, then apply again.",
        ),
        Unanswered::Timeout => (
            "AWS did not answer in time",
            "Check the network and the proxy, then apply again. What AWS did all the same will be found \
             and adopted.",
        ),
        Unanswered::Garbled => (
            "Unreadable answer",
            "Something between here and AWS may have changed the answer, such as a proxy or an endpoint \
             that is not AWS's. Check https_proxy and endpoints, then apply again.",
        ),
    };
    Diagnostic::error(summary).detail(format!(
        "Could not {}: {cause}.\n\n{remedy}\n\nAWS: {}",
        call.intent, call.operation
    ))
}

fn no_credentials(cause: &str) -> Diagnostic {
    Diagnostic::error("No valid AWS credentials").detail(format!(
        "No credentials were found, or those found could not be used: {cause}.\n\nGive them in one of \
         these ways: profile in the provider block or AWS_PROFILE, after `aws configure` or `aws sso \
         login`; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, with AWS_SESSION_TOKEN \
         if they are temporary; assume_role_with_web_identity, or AWS_WEB_IDENTITY_TOKEN_FILE with \
         AWS_ROLE_ARN; or the role of the container or instance that Terraform runs on."
    ))
}

#[cfg(test)]
mod tests;
