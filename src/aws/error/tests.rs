#![allow(clippy::unwrap_used, clippy::expect_used)]

use aws_sdk_organizations::operation::accept_handshake::AcceptHandshakeError;
use aws_sdk_organizations::types::error::HandshakeConstraintViolationException;
use aws_smithy_runtime_api::http::{Response, StatusCode};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;

use super::*;

fn refused(code: &str, reason: Option<Reason>, operation: &'static str) -> Diagnostic {
    Diagnostic::from(Failure(Box::new(Inner::Refused(Refusal {
        call: Call::new(operation, "do it"),
        code: code.to_owned(),
        reason,
        message: None,
        request_id: Some("1a2b".to_owned()),
        status: 400,
    }))))
}

fn assert_specific(code: &str, reason: Option<&Reason>, name: &str) {
    let call = Call::new("AcceptHandshake", "do it");
    let words = advice::of(code, reason, &call);
    assert_ne!(words, advice::general(), "{code} {name}");
    if reason.is_some() {
        assert_ne!(words, advice::of(code, None, &call), "{code} {name}");
    }
    assert!(
        words.fact.ends_with('.') && words.remedy.ends_with('.'),
        "{name}: sentences"
    );
    assert!(
        !words.summary.ends_with('.') && words.summary.len() < 60,
        "{name}: summary"
    );
}

#[test]
fn every_reason_of_a_handshake_has_its_own_words() {
    for name in HandshakeConstraintViolationExceptionReason::values() {
        let reason = Reason::Handshake((*name).into());
        assert_specific("HandshakeConstraintViolationException", Some(&reason), name);
    }
}

/// Reasons of operations that no resource uses: of policies and organizational units, and of registering
/// delegated administrators.
const OTHER_CONSTRAINTS: &[&str] = &[
    "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
    "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
    "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
    "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED",
    "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
    "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
    "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
    "OU_DEPTH_LIMIT_EXCEEDED",
    "OU_NUMBER_LIMIT_EXCEEDED",
    "POLICY_CONTENT_LIMIT_EXCEEDED",
    "POLICY_NUMBER_LIMIT_EXCEEDED",
    "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE",
    "SERVICE_ACCESS_NOT_ENABLED",
];

#[test]
fn every_constraint_that_a_resource_can_meet_has_its_own_words() {
    for name in ConstraintViolationExceptionReason::values() {
        if !OTHER_CONSTRAINTS.contains(name) {
            let reason = Reason::Constraint((*name).into());
            assert_specific("ConstraintViolationException", Some(&reason), name);
        }
    }
}

/// Reasons about policies and organizational units.
const OTHER_INPUTS: &[&str] = &[
    "IMMUTABLE_POLICY",
    "INVALID_ENUM_POLICY_TYPE",
    "INVALID_PRINCIPAL",
    "INVALID_RESOURCE_POLICY_JSON",
    "INVALID_SYNTAX_ORGANIZATION_ARN",
    "INVALID_SYNTAX_POLICY_ID",
    "NON_DETACHABLE_POLICY",
    "UNRECOGNIZED_SERVICE_PRINCIPAL",
    "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
    "UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY",
    "UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY",
];

#[test]
fn every_fault_of_a_request_has_its_own_words() {
    for name in InvalidInputExceptionReason::values() {
        if !OTHER_INPUTS.contains(name) {
            assert_specific(
                "InvalidInputException",
                Some(&Reason::Input((*name).into())),
                name,
            );
        }
    }
}

/// Codes of all operations that resources use, and of what stands before every operation.
#[test]
fn every_code_has_its_own_words() {
    for code in [
        "AWSOrganizationsNotInUseException",
        "AccountAlreadyClosedException",
        "AlreadyInOrganizationException",
        "ChildNotFoundException",
        "CreateAccountStatusNotFoundException",
        "InvalidResponsibilityTransferTransitionException",
        "ResponsibilityTransferAlreadyInStatusException",
        "ResponsibilityTransferNotFoundException",
        "DestinationParentNotFoundException",
        "DuplicateAccountException",
        "OrganizationNotEmptyException",
        "ParentNotFoundException",
        "SourceParentNotFoundException",
        "AccessDenied",
        "AccessDeniedException",
        "AccessDeniedForDependencyException",
        "AccountNotFoundException",
        "AccountOwnerNotVerifiedException",
        "ConcurrentModificationException",
        "ConstraintViolationException",
        "DuplicateHandshakeException",
        "ExpiredToken",
        "ExpiredTokenException",
        "FinalizingOrganizationException",
        "HandshakeAlreadyInStateException",
        "HandshakeConstraintViolationException",
        "HandshakeNotFoundException",
        "InvalidClientTokenId",
        "InvalidHandshakeTransitionException",
        "InvalidIdentityToken",
        "InvalidInputException",
        "MasterCannotLeaveOrganizationException",
        "ServiceException",
        "SignatureDoesNotMatch",
        "TargetNotFoundException",
        "Throttling",
        "TooManyRequestsException",
        "UnrecognizedClientException",
        "UnsupportedAPIEndpointException",
    ] {
        assert_specific(code, None, code);
    }
}

#[test]
fn an_unknown_code_falls_to_the_general_words() {
    assert_eq!(
        advice::of("NewException", None, &Call::new("AcceptHandshake", "do it")),
        advice::general()
    );
    let reason = Reason::Constraint("NEW_REASON".into());
    let words = advice::of(
        "ConstraintViolationException",
        Some(&reason),
        &Call::new("AcceptHandshake", "do it"),
    );
    assert_eq!(words.summary, "Constraint of AWS Organizations violated");
}

#[test]
fn access_denied_names_the_action_and_who_may() {
    let leave = refused("AccessDeniedException", None, "LeaveOrganization").detail;
    assert!(leave.contains("organizations:LeaveOrganization"), "{leave}");
    assert!(leave.contains("service control policy"), "{leave}");
    let invite = refused("AccessDeniedException", None, "InviteAccountToOrganization").detail;
    assert!(invite.contains("management account"), "{invite}");
    assert!(!invite.contains("service control policy"), "{invite}");
    let role = refused("AccessDenied", None, "AssumeRole").detail;
    for cause in ["trust policy", "external_id", "sts:AssumeRole on the role"] {
        assert!(role.contains(cause), "{role}");
    }
}

#[test]
fn a_refusal_reads_as_the_house_form_asks() {
    let reason = HandshakeConstraintViolationExceptionReason::PaymentInstrumentRequired;
    let meta = ErrorMetadata::builder()
        .code("HandshakeConstraintViolationException")
        .message("You must provide a payment instrument.")
        .build();
    let error = HandshakeConstraintViolationException::builder()
        .reason(reason)
        .meta(meta)
        .build();
    let mut response = Response::new(StatusCode::try_from(400).unwrap(), SdkBody::empty());
    response.headers_mut().insert("x-amzn-requestid", "1a2b3c");
    let error = SdkError::service_error(
        AcceptHandshakeError::HandshakeConstraintViolationException(error),
        response,
    );

    let call = Call::new("AcceptHandshake", "accept invitation h-examplehandshake");
    let failure = Failure::of_organizations(&call, error);
    assert_eq!(
        failure.code(),
        Some("HandshakeConstraintViolationException")
    );
    assert_eq!(failure.reason(), Some("PAYMENT_INSTRUMENT_REQUIRED"));
    assert!(!failure.may_have_taken_effect());

    let diagnostic = Diagnostic::from(failure);
    assert_eq!(diagnostic.summary, "Payment method missing");
    let paragraphs: Vec<&str> = diagnostic.detail.split("\n\n").collect();
    assert_eq!(
        paragraphs,
        [
            "Could not accept invitation h-examplehandshake. The account has no valid payment method.",
            "Add a payment method in the account's Billing and Cost Management console, then apply again.",
            "AWS's own words: You must provide a payment instrument.",
            "AWS: AcceptHandshake, HandshakeConstraintViolationException PAYMENT_INSTRUMENT_REQUIRED \
             (request 1a2b3c)",
        ]
    );
}

#[test]
fn a_call_without_an_answer_may_have_taken_effect() {
    let call = Call::new("AcceptHandshake", "accept invitation h-examplehandshake");
    let error: SdkError<AcceptHandshakeError, Response> = SdkError::timeout_error("5 s are over");
    let failure = Failure::of_organizations(&call, error);
    assert!(failure.may_have_taken_effect());
    let diagnostic = Diagnostic::from(failure);
    assert_eq!(diagnostic.summary, "AWS did not answer in time");
    assert!(
        diagnostic
            .detail
            .contains("Could not accept invitation h-examplehandshake")
    );
}

#[test]
fn a_failure_inside_the_credentials_is_the_failure_of_the_call() {
    let of_role = Failure::explained(Diagnostic::error("Role not assumed"));
    let credentials = CredentialsError::provider_error(of_role);
    let call = Call::new("AcceptHandshake", "accept");
    let error: SdkError<AcceptHandshakeError, Response> =
        SdkError::construction_failure(credentials);
    let diagnostic = Diagnostic::from(Failure::of_organizations(&call, error));
    assert_eq!(diagnostic.summary, "Role not assumed");

    let missing = CredentialsError::not_loaded_no_source();
    let error: SdkError<AcceptHandshakeError, Response> = SdkError::construction_failure(missing);
    let diagnostic = Diagnostic::from(Failure::of_organizations(&call, error));
    assert_eq!(diagnostic.summary, "No valid AWS credentials");
    assert!(diagnostic.detail.contains("AWS_PROFILE"));
}

#[test]
fn a_service_beside_organizations_names_its_own_action() {
    let call = Call::new("HeadBucket", "look at it").allowed_by("s3:ListBucket");
    let denied = advice::of("Forbidden", None, &call);
    assert!(denied.fact.contains("s3:ListBucket"), "{}", denied.fact);
    assert!(denied.remedy.contains("bucket policy"), "{}", denied.remedy);
}

#[test]
fn codes_of_reports_and_their_buckets_have_their_own_words() {
    let call = Call::new("PutReportDefinition", "do it").allowed_by("cur:PutReportDefinition");
    for code in [
        "BucketAlreadyExists",
        "BucketNotEmpty",
        "DuplicateReportNameException",
        "EntityAlreadyExists",
        "IllegalLocationConstraintException",
        "LimitExceeded",
        "MalformedPolicy",
        "NoSuchBucket",
        "NoSuchEntity",
        "OperationAborted",
        "PermanentRedirect",
        "ReportLimitReachedException",
        "ResourceNotFoundException",
        "TooManyBuckets",
        "ValidationError",
        "ValidationException",
    ] {
        assert_ne!(advice::of(code, None, &call), advice::general(), "{code}");
    }
}

#[test]
fn codes_of_bills_have_their_own_words() {
    for (operation, action) in [
        ("GetCostAndUsage", "ce:GetCostAndUsage"),
        ("ListBillingViews", "billing:ListBillingViews"),
    ] {
        let call = Call::new(operation, "read the bill").allowed_by(action);
        for code in [
            "BillExpirationException",
            "BillingViewHealthStatusException",
            "DataUnavailableException",
            "InternalServerException",
            "InvalidNextTokenException",
            "LimitExceededException",
            "RequestChangedException",
            "ResourceNotFoundException",
            "ThrottlingException",
            "ValidationException",
        ] {
            let words = advice::of(code, None, &call);
            assert_ne!(words, advice::general(), "{code}");
            assert!(!words.fact.contains("report"), "{code}: {}", words.fact);
        }
        let denied = advice::of("AccessDeniedException", None, &call);
        assert!(denied.fact.contains(action), "{}", denied.fact);
        assert!(denied.remedy.contains("Linked account access"));
    }
}
