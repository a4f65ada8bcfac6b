//! Words for the codes of Cost Explorer and of AWS Billing.
//!
//! Meanings follow the AWS Cost Explorer API reference (`GetCostAndUsage`), the AWS Billing API reference
//! (`ListBillingViews`) and the AWS Cost Management user guide, "Controlling access to Cost Explorer" and
//! "Configuring multi-year and granular data".

use super::{Advice, Call, advice};

/// Whether the call is of one of these services.
pub(super) fn concern(call: &Call) -> bool {
    call.is_of("ce") || call.is_of("billing")
}

/// Words for a code of one of these services.
pub(super) fn of(code: &str) -> Option<Advice> {
    Some(match code {
        "DataUnavailableException" => advice(
            "Bill not available yet",
            "AWS has no costs to show yet: it prepares those of a new account or organization for about a \
             day, and those of an account whose Cost Explorer was never opened.",
            "Apply again a day later. If it lasts, open Cost Explorer once in the console of the account. To \
             go on without a bill meanwhile, set allow_unavailable = true.",
        ),
        "BillExpirationException" => advice(
            "Bill too old",
            "AWS keeps no costs of these months for Cost Explorer (any more).",
            "Choose a later start_month. AWS shows 13 months and the current one, and 38 months where the \
             management account has enabled multi-year data (Cost Management preferences, Cost Explorer).",
        ),
        "ValidationException" => advice(
            "Bill refused",
            "Cost Explorer does not accept a value in the request.",
            "Check start_month, end_month, source_account_id and billing_view_arn against AWS's own words below. AWS shows 13 \
             months and the current one, and 38 months where the management account has enabled multi-year \
             data (Cost Management preferences, Cost Explorer).",
        ),
        "LimitExceededException" => advice(
            "Cost Explorer asked too often",
            "This run, or others that use the same account, asked Cost Explorer more often than AWS allows, \
             however patiently it was repeated.",
            "Apply again when less is going on in the account, or raise max_retries. Data sources that ask \
             for the same months of the same account share one question.",
        ),
        "RequestChangedException" | "InvalidNextTokenException" => advice(
            "Bill changed while it was read",
            "The bill comes in several pages, and AWS does not continue the one that was begun.",
            "Apply again, which reads it from the beginning.",
        ),
        "BillingViewHealthStatusException" => advice(
            "Billing view not ready",
            "AWS is still preparing the billing view, or what it draws from has changed.",
            "Look at the view's status in the console (Cost Management preferences, Billing View), and apply \
             again when it is healthy.",
        ),
        "ResourceNotFoundException" => advice(
            "Billing view not found",
            "There is no such billing view, or it was not shared with this account.",
            "Correct billing_view_arn: aws billing list-billing-views shows the views of the account.",
        ),
        _ => return None,
    })
}

/// Words for a refusal for lack of permission.
pub(super) fn denied(action: &str) -> Advice {
    Advice {
        summary: "Access denied",
        fact: format!("The credentials may not use the action {action}.").into(),
        remedy: format!(
            "Check whose credentials are used (profile, assume_role), and allow {action} in a policy of the \
             caller; a billing view other than the account's own needs billing:GetBillingViewData, too. The \
             account's root user must once have activated IAM access to billing (Account, IAM user and role \
             access to Billing information). A member sees its costs only if the management account lets it \
             (Cost Management preferences, Cost Explorer, Linked account access), and a service control \
             policy that denies it refuses it, too."
        )
        .into(),
    }
}
