//! Words for the codes of Account Management.
//!
//! Meanings follow the AWS Account Management API reference, and its reference guide, "Enabling trusted access
//! for AWS Account Management".

use super::{Advice, advice};

/// Words for a code of this service, by the IAM action of the operation.
pub(super) fn of(code: &str, action: &str) -> Option<Advice> {
    Some(match (code, action) {
        ("ConflictException", _) => advice(
            "E-mail address in use",
            "Another AWS account has this e-mail address, or another change of the account is on its way.",
            "Choose another address in email. If the address is free, apply again in a few minutes.",
        ),
        ("ResourceNotFoundException", "account:AcceptPrimaryEmailUpdate") => advice(
            "No change of the e-mail address begun",
            "AWS has no request to change the account's e-mail address that a one-time password could \
             complete.",
            "Take email_confirmation_code out of the configuration and apply: AWS sends a one-time password \
             to the new address. Then write that password into email_confirmation_code, and apply again.",
        ),
        ("ValidationException", "account:AcceptPrimaryEmailUpdate") => advice(
            "One-time password not accepted",
            "The one-time password is wrong or too old, or was sent to another address than the \
             configuration names.",
            "Write the password of the newest e-mail into email_confirmation_code. To have a new one sent, \
             take email_confirmation_code out of the configuration and apply.",
        ),
        ("ResourceNotFoundException", _) => advice(
            "Account not found",
            "AWS does not know the account, or it is not a member of the organization.",
            "Check the account ID, and that the credentials belong to the organization's management \
             account.",
        ),
        ("ValidationException", "account:PutAccountName") => advice(
            "Name not accepted",
            "AWS takes names of 1 to 50 printable ASCII characters, without angle brackets.",
            "Correct name in the configuration.",
        ),
        ("ValidationException", "account:GetAccountInformation" | "account:GetPrimaryEmail") => {
            advice(
                "Account ID not accepted",
                "AWS does not accept the ID of the account.",
                "Check the account ID in the state. If it is in order, report this to the provider's \
                 developers.",
            )
        }
        ("ValidationException", _) => advice(
            "E-mail address not valid",
            "AWS does not accept the e-mail address.",
            "Correct email in the configuration.",
        ),
        ("InternalServerException", _) => advice(
            "AWS has a fault",
            "AWS could not complete the request for an internal reason, however often it was repeated.",
            "Apply again later. If it lasts, look at health.aws.amazon.com or ask AWS Support.",
        ),
        _ => return None,
    })
}

/// Words for a refused action.
pub(super) fn denied(action: &'static str) -> Advice {
    Advice {
        summary: "Access denied",
        fact: format!(
            "The credentials may not use the action {action} for this account, or the organization does not \
             let its management account manage members this way."
        )
        .into(),
        remedy: format!(
            "Check three things. Whose credentials are used (profile, assume_role): those of the \
             organization's management account, or of its delegated administrator for Account Management. \
             Their policies: they must allow {action}. And the organization: it must have all features, and \
             trusted access for Account Management, which the management account enables once with `aws \
             organizations enable-aws-service-access --service-principal account.amazonaws.com`."
        )
        .into(),
    }
}
