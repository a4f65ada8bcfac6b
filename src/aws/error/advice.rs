//! What each code and reason of AWS means, and what to do about it.
//!
//! Meanings follow the AWS Organizations API reference (the exceptions' pages) and the AWS Organizations
//! user guide, "Removing a member account" and "Quotas and service limits".

use std::borrow::Cow;

use aws_sdk_organizations::types::ConstraintViolationExceptionReason as Constraint;
use aws_sdk_organizations::types::HandshakeConstraintViolationExceptionReason as Handshake;
use aws_sdk_organizations::types::InvalidInputExceptionReason as Input;

use super::{Call, Reason};

mod account;
mod bills;
mod reports;

/// Words for one kind of refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Advice {
    /// General and short.
    pub(super) summary: &'static str,
    /// What is the case.
    pub(super) fact: Cow<'static, str>,
    /// What to do next.
    pub(super) remedy: Cow<'static, str>,
}

const fn advice(summary: &'static str, fact: &'static str, remedy: &'static str) -> Advice {
    Advice {
        summary,
        fact: Cow::Borrowed(fact),
        remedy: Cow::Borrowed(remedy),
    }
}

/// Words for a refusal: by its reason if that is known, otherwise by its code, otherwise general ones.
pub(super) fn of(code: &str, reason: Option<&Reason>, call: &Call) -> Advice {
    let by_reason = match reason {
        Some(Reason::Constraint(reason)) => constraint(reason)
            .or_else(|| founding_constraint(reason))
            .or_else(|| transfer_constraint(reason)),
        Some(Reason::Handshake(reason)) => handshake(reason),
        Some(Reason::Input(reason)) => input(reason).or_else(|| transfer_input(reason)),
        Some(Reason::Dependency(_)) | None => None,
    };
    by_reason
        .or_else(|| by_code(code, call))
        .unwrap_or_else(general)
}

/// Words for a code or reason that this version does not know.
pub(super) fn general() -> Advice {
    advice(
        "AWS refused the request",
        "AWS gave a reason that this version of the provider does not know.",
        "Follow AWS's own words below. If they do not help, give the request ID to AWS Support.",
    )
}

fn by_code(code: &str, call: &Call) -> Option<Advice> {
    match code {
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "Forbidden" => {
            Some(access_denied(call))
        }
        _ => match call.action {
            Some(action) if action.starts_with("account:") => {
                account::of(code, action).or_else(|| of_any_service(code))
            }
            Some(_) if bills::concern(call) => bills::of(code).or_else(|| of_any_service(code)),
            Some(_) => reports::of(code).or_else(|| of_any_service(code)),
            None => of_organizations(code)
                .or_else(|| of_founding(code))
                .or_else(|| of_any_service(code)),
        },
    }
}

/// Words for the codes of Organizations.
fn of_organizations(code: &str) -> Option<Advice> {
    Some(match code {
        "AccessDeniedForDependencyException" => advice(
            "Permission to create a service-linked role missing",
            "Joining makes AWS create the role AWSServiceRoleForOrganizations in the account, with the \
             permissions of the caller.",
            "Allow the action iam:CreateServiceLinkedRole for organizations.amazonaws.com in a policy of \
             the caller, then apply again.",
        ),
        "AWSOrganizationsNotInUseException" => advice(
            "Account without an organization",
            "The account of these credentials does not belong to an organization.",
            "Use credentials of the organization's management account: check profile, assume_role and \
             allowed_account_ids.",
        ),
        "AccountNotFoundException" => advice(
            "Account not found",
            "The account does not belong to the organization of these credentials, or does not exist.",
            "Check the account ID, and that the credentials belong to the organization's management \
             account.",
        ),
        "AccountOwnerNotVerifiedException" => advice(
            "E-mail address not verified",
            "AWS lets an organization invite accounts only after the owner of its management account has \
             confirmed the account's e-mail address.",
            "Sign in to the AWS Organizations console with the management account, choose Settings, send \
             the verification request, and follow the link in the e-mail. Then apply again.",
        ),
        "ConcurrentModificationException" | "ConflictException" => advice(
            "Organization busy",
            "Other changes of the organization kept this one waiting until patience was at its end.",
            "Apply again when the other changes have ended.",
        ),
        "FinalizingOrganizationException" => advice(
            "Organization not ready yet",
            "AWS is still preparing the organization, which takes up to an hour after it was created.",
            "Wait, then apply again.",
        ),
        "ConstraintViolationException" | "HandshakeConstraintViolationException" => advice(
            "Constraint of AWS Organizations violated",
            "The request would break a rule of AWS Organizations.",
            "Follow AWS's own words below, then apply again.",
        ),
        "InvalidInputException" | "ValidationException" | "ValidationError" => advice(
            "Invalid request",
            "AWS does not accept a value in the request.",
            "Check the values in the configuration against AWS's own words below.",
        ),
        "DuplicateHandshakeException" => advice(
            "Invitation pending already",
            "The account has a pending invitation of this organization, which could not be found among \
             those sent.",
            "If the account was invited by ID and now by e-mail address, or the reverse, name it as the \
             pending invitation does. Otherwise cancel the pending invitation, then apply again.",
        ),
        "HandshakeNotFoundException" => advice(
            "Invitation not found",
            "AWS does not know the invitation (any more): it forgets one 30 days after it was closed, and \
             shows it to its sender and its recipient only.",
            "Check the handshake ID and whose credentials are used, or have a new invitation sent.",
        ),
        "HandshakeAlreadyInStateException" | "InvalidHandshakeTransitionException" => advice(
            "Invitation answered already",
            "The invitation was accepted, declined or cancelled before, or has expired.",
            "Have a new invitation sent, then apply again.",
        ),
        "MasterCannotLeaveOrganizationException" => advice(
            "Account manages an organization",
            "The management account cannot leave its organization.",
            "Remove or move the organization's members, delete the organization, then apply again.",
        ),
        "TargetNotFoundException" => advice(
            "Object not found",
            "The object of the tags or policies does not exist, or belongs to another organization.",
            "Check its ID and whose credentials are used.",
        ),
        "UnsupportedAPIEndpointException" => advice(
            "Operation not offered here",
            "AWS does not offer this operation in the Region or partition of these credentials.",
            "Check region and endpoints.",
        ),
        _ => return None,
    })
}

/// Words for the codes of Organizations about founding and ending it, and about creating, moving and
/// closing accounts.
fn of_founding(code: &str) -> Option<Advice> {
    Some(match code {
        "OrganizationNotEmptyException" => advice(
            "Organization not empty",
            "An organization can be deleted only when no account but the management account is in it; \
             closed accounts count for as long as they are listed.",
            "Let the members join another organization or remove them, then apply again.",
        ),
        "AlreadyInOrganizationException" => advice(
            "Account belongs to an organization already",
            "An account belongs to one organization at a time.",
            "Import the organization if this account manages it. Otherwise leave it first.",
        ),
        "AccountAlreadyClosedException" => advice(
            "Account closed already",
            "The account is closed, or its closing has begun.",
            "Nothing is left to do; apply again.",
        ),
        "CreateAccountStatusNotFoundException" => advice(
            "Creation of the account not found",
            "AWS does not know the request to create the account (any more).",
            "Look for the account in the AWS Organizations console. If it is there, import it; otherwise \
             apply again.",
        ),
        "ResponsibilityTransferNotFoundException" => advice(
            "Billing transfer not found",
            "AWS does not know the transfer, or this account takes no part in it.",
            "Check the transfer ID and whose credentials are used.",
        ),
        "ResponsibilityTransferAlreadyInStatusException"
        | "InvalidResponsibilityTransferTransitionException" => advice(
            "Billing transfer not in the right state",
            "The transfer has not been accepted yet, or its end is settled.",
            "Look at its status, for example with the data source awsbilling_billing_transfers.",
        ),
        "SourceParentNotFoundException" => advice(
            "Account is somewhere else",
            "Somebody else moved the account at the same time, or the organizational unit that it was in \
             is gone.",
            "Apply again: the account is looked up anew.",
        ),
        "ParentNotFoundException" | "DestinationParentNotFoundException" => advice(
            "Organizational unit not found",
            "The organization has no root or organizational unit with this ID.",
            "Correct parent_id in the configuration.",
        ),
        "ChildNotFoundException" => advice(
            "Account not found",
            "The organization has no account with this ID.",
            "Check the account ID, and whose credentials are used.",
        ),
        "DuplicateAccountException" => advice(
            "Account is there already",
            "The account is in the organizational unit already.",
            "Apply again.",
        ),
        _ => return None,
    })
}

/// Words for what stands before every operation: AWS's health, its limits, and credentials.
fn of_any_service(code: &str) -> Option<Advice> {
    Some(match code {
        "ServiceException"
        | "InternalFailure"
        | "InternalServerError"
        | "InternalServerException"
        | "ServiceUnavailable" => advice(
            "AWS has a fault",
            "AWS could not complete the request for an internal reason, however often it was repeated.",
            "Apply again later. If it lasts, look at health.aws.amazon.com or ask AWS Support.",
        ),
        "TooManyRequestsException"
        | "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "SlowDown" => advice(
            "Throttled by AWS",
            "AWS was asked too often, by this run or by others that use the same account, and kept \
             refusing.",
            "Apply again when less is going on in the account, or raise max_retries.",
        ),
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => advice(
            "AWS credentials expired",
            "The session token of the credentials is past its time.",
            "Renew the credentials, for example with `aws sso login`, then apply again.",
        ),
        "InvalidClientTokenId" | "UnrecognizedClientException" | "AuthFailure" => advice(
            "AWS credentials not recognized",
            "AWS does not know the access key, or it was deactivated, or it belongs to another partition.",
            "Check the access key and its session token, and that region names a Region of the right \
             partition.",
        ),
        "SignatureDoesNotMatch" | "IncompleteSignature" | "InvalidSignatureException" => advice(
            "AWS credentials refused",
            "The signature does not fit the access key: the secret access key is wrong, or a proxy changed \
             the request, or this machine's clock is far off.",
            "Check the secret access key, the proxy and the clock.",
        ),
        "OptInRequired" | "SubscriptionRequiredException" => advice(
            "Account not ready",
            "The account has not completed its registration with AWS.",
            "Complete the registration in the AWS console, then apply again.",
        ),
        "InvalidIdentityToken" | "IDPRejectedClaim" | "IDPCommunicationError" => advice(
            "Web identity refused",
            "The token is malformed or expired, or its issuer is not registered as an identity provider in \
             the account of the role.",
            "Have a new token issued, and check the identity provider and its audience in IAM.",
        ),
        "RegionDisabledException" => advice(
            "Region disabled",
            "STS is not active for the account in the Region.",
            "Activate STS for the Region in the account settings of the IAM console, or set sts_region.",
        ),
        "MalformedPolicyDocumentException" | "MalformedPolicyDocument" => advice(
            "Session policy malformed",
            "The session policy of the role is not a valid IAM policy.",
            "Correct policy in assume_role.",
        ),
        "PackedPolicyTooLargeException" | "PackedPolicyTooLarge" => advice(
            "Session policy too large",
            "The session policies and tags of the role together exceed what STS accepts.",
            "Shorten policy, policy_arns or tags in assume_role.",
        ),
        _ => return None,
    })
}

fn access_denied(call: &Call) -> Advice {
    let operation = call.operation;
    match call.action {
        Some(action) if action.starts_with("account:") => return account::denied(action),
        Some(action) if bills::concern(call) => return bills::denied(action),
        Some(action) => return reports::denied(action),
        None => {}
    }
    if operation.starts_with("AssumeRole") {
        return role_denied(operation);
    }
    let service = match operation {
        "GetCallerIdentity" => "sts",
        _ => "organizations",
    };
    let who = match operation {
        "InviteAccountToOrganization"
        | "RemoveAccountFromOrganization"
        | "CreateAccount"
        | "CloseAccount"
        | "DeleteOrganization"
        | "EnableAllFeatures"
        | "InviteOrganizationToTransferResponsibility"
        | "MoveAccount" => " Only the organization's management account may do this.",
        "ListAccounts"
        | "ListHandshakesForOrganization"
        | "ListDelegatedAdministrators"
        | "ListDelegatedServicesForAccount"
        | "ListAWSServiceAccessForOrganization"
        | "ListParents"
        | "ListPolicies"
        | "ListPoliciesForTarget"
        | "ListRoots" => {
            " Only the organization's management account and its delegated administrators may do this."
        }
        _ => "",
    };
    let guard = match operation {
        "AcceptHandshake" | "LeaveOrganization" => {
            " If the account belongs to an organization, a service control policy of that organization may \
             deny organizations:LeaveOrganization or organizations:AcceptHandshake; its administrators can \
             lift it for this account."
        }
        _ => "",
    };
    Advice {
        summary: "Access denied",
        fact: format!("The credentials may not use the action {service}:{operation}.{who}").into(),
        remedy: format!(
            "Check whose credentials are used (profile, assume_role), and allow {service}:{operation} in a \
             policy of the caller.{guard}"
        )
        .into(),
    }
}

/// STS does not tell which of these it is, so that nobody can probe the roles of others.
fn role_denied(operation: &str) -> Advice {
    Advice {
        summary: "Role cannot be assumed",
        fact: "The role does not exist, or does not let these credentials in, or they may not assume it."
            .into(),
        remedy: format!(
            "Check three things. The role's ARN, and its trust policy: it must allow sts:{operation} to the \
             caller. The external ID: external_id in assume_role must be exactly what the trust policy asks \
             for in its condition on sts:ExternalId. And the policies of the caller: they must allow \
             sts:{operation} on the role's ARN."
        )
        .into(),
    }
}

fn handshake(reason: &Handshake) -> Option<Advice> {
    Some(match reason {
        Handshake::AccountNumberLimitExceeded => AT_ACCOUNT_LIMIT,
        Handshake::HandshakeRateLimitExceeded => TOO_MANY_INVITATIONS,
        Handshake::AlreadyInAnOrganization => advice(
            "Account belongs to an organization already",
            "AWS takes the account as a member of an organization, this one or another.",
            "If it is a member of this organization, import it or drop the invitation. Otherwise have it \
             leave the other organization, then apply again.",
        ),
        Handshake::InviteDisabledDuringEnableAllFeatures => advice(
            "Invitations suspended",
            "The organization is enabling all features, and sends no invitations until every member has \
             agreed.",
            "Wait until the members have agreed, or cancel enabling all features, then apply again.",
        ),
        Handshake::OrganizationAlreadyHasAllFeatures => advice(
            "All features enabled already",
            "The organization has all features enabled.",
            "Nothing is left to do; remove the request from the configuration.",
        ),
        Handshake::OrganizationIsAlreadyPendingAllFeaturesMigration => advice(
            "All features being enabled already",
            "The organization has begun to enable all features.",
            "Have the members accept, or wait until the request ends after 90 days.",
        ),
        Handshake::PaymentInstrumentRequired => advice(
            "Payment method missing",
            "The account has no valid payment method.",
            "Add a payment method in the account's Billing and Cost Management console, then apply again.",
        ),
        Handshake::OrganizationFromDifferentSellerOfRecord => advice(
            "Organization of another seller",
            "The account and the organization are not in the same AWS partition, or buy from different \
             AWS sellers.",
            "An account can only join an organization of its own partition and seller: ask AWS Support, or \
             join an organization of the partner that matches.",
        ),
        Handshake::OrganizationMembershipChangeRateLimitExceeded => advice(
            "Membership changed too recently",
            "The account joined or left an organization a short time ago.",
            "Wait, then apply again. AWS does not publish how long; start with a day.",
        ),
        Handshake::ManagementAccountEmailNotVerified => advice(
            "E-mail address not verified",
            "The owner of the organization's management account has not confirmed its e-mail address.",
            "Sign in to the AWS Organizations console with the management account, choose Settings, send \
             the verification request, and follow the link in the e-mail. Then apply again.",
        ),
        Handshake::ResponsibilityTransferAlreadyExists => advice(
            "Billing transfer exists already",
            "A billing transfer stands in the way of this one.",
            "End or cancel the other transfer, then apply again.",
        ),
        Handshake::SourceAndTargetCannotMatch => advice(
            "Billing transfer to oneself",
            "The sender and the recipient of the billing transfer are the same account.",
            "Accept with the management account of the other organization.",
        ),
        Handshake::UnusedPrepaymentBalance => advice(
            "Prepaid balance left",
            "The organization has a prepaid balance that is not used up.",
            "Use up the balance or have AWS Support refund it, then apply again.",
        ),
        Handshake::LegacyPermissionsStillInUse => advice(
            "Old billing permissions in use",
            "The organization still uses IAM actions for billing that AWS has replaced, such as \
             aws-portal:*.",
            "Move the policies to the fine-grained billing actions with AWS's policy migrator, then apply \
             again.",
        ),
        Handshake::PastDueInvoice => advice(
            "Invoice past due",
            "The organization has an invoice that is past due.",
            "Pay the invoice, then apply again.",
        ),
        Handshake::TargetAccountValidationFailure => advice(
            "Account not eligible for billing transfer",
            "AWS does not offer billing transfer to this account.",
            "Ask the account's billing administrator or AWS Support.",
        ),
        _ => return None,
    })
}

fn constraint(reason: &Constraint) -> Option<Advice> {
    Some(match reason {
        Constraint::AccountNumberLimitExceeded => AT_ACCOUNT_LIMIT,
        Constraint::HandshakeRateLimitExceeded => TOO_MANY_INVITATIONS,
        Constraint::AccountCannotLeaveOrganization => advice(
            "Account manages an organization",
            "The management account cannot leave or be removed from its organization.",
            "Remove or move the organization's members, delete the organization, then apply again.",
        ),
        Constraint::AccountCannotLeaveWithoutEula => advice(
            "Customer agreement missing",
            "The account was created by its organization and has not accepted the AWS Customer Agreement, \
             which it needs to stand alone.",
            "Sign in to the account, choose Leave organization in the AWS Organizations console, and follow \
             its steps to accept the agreement. An account that goes directly to another organization by \
             accepting its invitation does not need this.",
        ),
        Constraint::AccountCannotLeaveWithoutPhoneVerification => advice(
            "Phone number not verified",
            "The account has not verified a phone number, which it needs to stand alone.",
            "Sign in to the account, complete its contact information and verify the phone number. An \
             account that goes directly to another organization by accepting its invitation does not need \
             this.",
        ),
        Constraint::MemberAccountPaymentInstrumentRequired => advice(
            "Payment method missing",
            "The account has no payment method of its own, which it needs to stand alone.",
            "Sign in to the account and add a payment method in the Billing and Cost Management console. An \
             account that goes directly to another organization by accepting its invitation does not need \
             this.",
        ),
        Constraint::InvalidPaymentInstrument => advice(
            "Payment method not accepted",
            "AWS does not accept the account's payment method, for example because of where the card was \
             issued.",
            "Add another payment method in the account's Billing and Cost Management console, then apply \
             again.",
        ),
        Constraint::WaitPeriodActive => advice(
            "Account too young",
            "An account created by its organization can leave it only four days after it was created.",
            "Wait until four days have passed, then apply again.",
        ),
        Constraint::CannotRemoveDelegatedAdministratorFromOrg => advice(
            "Account is a delegated administrator",
            "The account administers at least one AWS service for its organization.",
            "Deregister it with the management account, for example with `aws organizations \
             deregister-delegated-administrator`, then apply again. Some services delete their data when \
             that happens.",
        ),
        Constraint::OrganizationNotInAllFeaturesMode => advice(
            "All features needed",
            "The organization supports consolidated billing alone, and this operation needs all features.",
            "Enable all features in the AWS Organizations console, or leave out what needs them, such as \
             tags.",
        ),
        Constraint::MaxTagLimitExceeded => advice(
            "Too many tags",
            "A resource has at most 50 tags, those of default_tags included.",
            "Remove tags from tags or default_tags.",
        ),
        Constraint::TagPolicyViolation => advice(
            "Tags against the tag policy",
            "The tags do not comply with a tag policy of the organization.",
            "Change tags or default_tags to what the policy allows.",
        ),
        Constraint::EmailVerificationCodeExpired => advice(
            "Verification of the e-mail address expired",
            "The owner of the management account did not confirm its e-mail address in time.",
            "Send the verification request again in the AWS Organizations console under Settings, follow \
             the link in the e-mail, then apply again.",
        ),
        Constraint::AccountCreationNotComplete => advice(
            "Account not ready",
            "The account's registration with AWS is not complete, or the account is not fully active.",
            "Complete the registration in the AWS console, then apply again.",
        ),
        Constraint::MasterAccountPaymentInstrumentRequired => advice(
            "Payment method missing",
            "The management account has no valid payment method.",
            "Add a payment method in its Billing and Cost Management console, then apply again.",
        ),
        Constraint::MasterAccountMissingContactInfo => advice(
            "Contact information missing",
            "The management account has no valid contact address and phone number.",
            "Complete the contact information in the account settings of the management account, then apply \
             again.",
        ),
        _ => return None,
    })
}

/// Words for the constraints of founding and ending an organization, and of creating and closing accounts.
fn founding_constraint(reason: &Constraint) -> Option<Advice> {
    Some(match reason {
        Constraint::ActiveResponsibilityTransferProcess => advice(
            "Billing transfer under way",
            "The organization takes part in a billing transfer that is pending or has not ended.",
            "Cancel the pending invitation or end the transfer, and apply again when it has ended.",
        ),
        Constraint::AllFeaturesMigrationOrganizationSizeLimitExceeded => advice(
            "Organization too large to enable all features",
            "AWS enables all features on request in organizations of up to 5,000 accounts.",
            "Use AWS's assisted migration in the AWS Organizations console, or ask AWS Support; then apply \
             again.",
        ),
        Constraint::AccountCreationRateLimitExceeded => advice(
            "Too many accounts being created",
            "The organization is creating as many accounts as it may at a time.",
            "Apply again when the others are ready.",
        ),
        Constraint::CannotCloseManagementAccount => advice(
            "Management account cannot be closed",
            "The management account is closed only by its owner, after all members have gone.",
            "Remove or close all members, then close the account in its own console.",
        ),
        Constraint::CloseAccountQuotaExceeded => advice(
            "Monthly number of closings reached",
            "An organization may close 250 accounts within 30 days, or a fifth of its accounts if that is \
             more, and never more than 1,000.",
            "Apply again when the first of those closings is 30 days old, or set on_destroy to \"keep\" or \
             \"remove\".",
        ),
        Constraint::CloseAccountRequestsLimitExceeded => advice(
            "Too many accounts being closed",
            "AWS closes three accounts of an organization at a time.",
            "Apply again when the others are closed, which takes minutes.",
        ),
        Constraint::CreateOrganizationInBillingModeUnsupportedRegion => advice(
            "All features needed",
            "AWS does not offer organizations with consolidated billing alone in this partition.",
            "Set feature_set to \"ALL\".",
        ),
        Constraint::MasterAccountAddressDoesNotMatchMarketplace => advice(
            "Address of another AWS seller",
            "The management account's address belongs to another AWS marketplace than the account.",
            "Have AWS Support move the management account to the marketplace of its address, then apply \
             again.",
        ),
        Constraint::MasterAccountMissingBusinessLicense => advice(
            "Business license missing",
            "In the Regions in China, the management account needs a valid business license.",
            "Provide the license to the operator of the Region, then apply again.",
        ),
        _ => return None,
    })
}

/// Words for the constraints of billing transfers.
fn transfer_constraint(reason: &Constraint) -> Option<Advice> {
    Some(match reason {
        Constraint::ResponsibilityTransferMaxInboundQuotaViolation => advice(
            "Quota of inbound billing transfers reached",
            "The paying organization may have no further inbound transfer; open invitations count. The \
             quota is zero until it is raised.",
            "Raise the quota of inbound billing transfers in the Service Quotas console of the paying \
             management account, then apply again.",
        ),
        Constraint::ResponsibilityTransferMaxOutboundQuotaViolation => advice(
            "Bill transferred already",
            "An organization transfers its bill to one other at a time, and this one has done so.",
            "End the other transfer first; a new one can begin when it has ended.",
        ),
        Constraint::ResponsibilityTransferMaxLevelViolation => advice(
            "Chain of billing transfers too long",
            "A bill passes through two transfers at most.",
            "Have the bill transferred to the last payer of the chain directly.",
        ),
        Constraint::ResponsibilityTransferMaxTransfersQuotaViolation => advice(
            "Too many billing transfers in the chain",
            "The last payer of the chain would pay for more organizations than its quota allows.",
            "Have the last payer's quota raised in its Service Quotas console, then apply again.",
        ),
        Constraint::TransferResponsibilitySourceDeletionInProgress => advice(
            "Organization being deleted",
            "The organization whose bill it is is marked for deletion.",
            "Keep the organization, or let its accounts join the payer's organization instead.",
        ),
        Constraint::TransferResponsibilityTargetDeletionInProgress => advice(
            "Paying organization being deleted",
            "The organization that is to pay is marked for deletion.",
            "Ask the payer for an invitation of another organization.",
        ),
        Constraint::TransferResponsibilityUpdateNotAllowed => advice(
            "Billing transfer closed",
            "A transfer that was declined, cancelled, expired or ended cannot be changed.",
            "Have a new invitation sent.",
        ),
        Constraint::UnsupportedPricing => advice(
            "Pricing agreement in the way",
            "The organization has a pricing agreement with AWS that billing transfer does not support.",
            "Ask the AWS account team, or let the accounts join the payer's organization instead.",
        ),
        Constraint::UnmetBillingPrerequisite => advice(
            "Billing configuration in the way",
            "The billing configuration of one side is not supported by billing transfer.",
            "Ask AWS Support which prerequisite is not met.",
        ),
        Constraint::AccountNotActiveForTransferResponsibility => advice(
            "Account not ready",
            "The registration of one of the management accounts is not complete, or the account is not \
             fully active.",
            "Complete the registration in the AWS console of that account, then apply again.",
        ),
        _ => return None,
    })
}

/// Words for the dates of billing transfers.
fn transfer_input(reason: &Input) -> Option<Advice> {
    Some(match reason {
        Input::StartDateTooEarly | Input::StartDateTooLate | Input::InvalidStartDate => advice(
            "Month not possible",
            "A billing transfer begins with the next month or the one after, and is accepted at least 24 \
             hours before.",
            "Choose another start_month.",
        ),
        Input::StartDateNotBeginningOfDay | Input::StartDateNotBeginningOfMonth => advice(
            "Beginning is no beginning of a month",
            "A billing transfer begins with the first moment of a month, in UTC.",
            "Give start_month as a month, such as 2027-01.",
        ),
        Input::EndDateTooEarly | Input::EndDateTooLate => advice(
            "Month not possible",
            "A billing transfer ends with the current month or the next.",
            "Choose another end_month.",
        ),
        Input::EndDateNotEndOfMonth => advice(
            "End is no end of a month",
            "A billing transfer ends with the last second of a month, in UTC.",
            "Give end_month as a month, such as 2027-06.",
        ),
        Input::InvalidEndDate => advice(
            "Notice too short",
            "The agreement with the partner asks for more notice.",
            "Choose the next month as end_month, or ask the partner to end the transfer.",
        ),
        Input::UnsupportedActionInResponsibilityTransfer => advice(
            "Billing transfer not possible this way",
            "AWS does not support a value in the request for billing transfers.",
            "Check the account and the months in the configuration.",
        ),
        _ => return None,
    })
}

fn input(reason: &Input) -> Option<Advice> {
    Some(match reason {
        Input::InvalidEmailAddressTarget => advice(
            "E-mail address not valid",
            "AWS does not accept the e-mail address of the account's owner.",
            "Correct email, or name the account by account_id.",
        ),
        Input::InvalidPartyTypeTarget => advice(
            "Recipient not valid",
            "AWS cannot send the invitation to this kind of recipient.",
            "Name the account by account_id or by email.",
        ),
        Input::InvalidSystemTagsParameter => advice(
            "Tag reserved for AWS",
            "Tag keys that begin with aws: are AWS's own.",
            "Rename the tag in tags or default_tags.",
        ),
        Input::DuplicateTagKey => advice(
            "Tag key given twice",
            "The tag keys of a resource must differ, regardless of case.",
            "Remove one of them from tags or default_tags.",
        ),
        Input::InvalidPattern => advice(
            "Text not accepted",
            "A text in the request does not have the form that AWS asks for, or looks to AWS like an attack \
             by script.",
            "Correct notes, tags or IDs in the configuration; leave out markup such as angle brackets.",
        ),
        Input::InvalidPatternTargetId => advice(
            "ID not valid",
            "The ID in the request does not have the form that AWS asks for.",
            "Correct the ID in the configuration.",
        ),
        Input::MaxLengthExceeded => advice(
            "Text too long",
            "A text in the request is longer than AWS allows.",
            "Shorten notes or tags: notes have up to 1,024 characters, tag keys 128, tag values 256.",
        ),
        Input::MinLengthExceeded => advice(
            "Text too short",
            "A text in the request is shorter than AWS allows.",
            "Complete the value in the configuration.",
        ),
        Input::InputRequired => advice(
            "Value missing",
            "AWS misses a value in the request.",
            "Complete the configuration.",
        ),
        Input::InvalidEnum
        | Input::InvalidListMember
        | Input::MaxValueExceeded
        | Input::MinValueExceeded => advice(
            "Value not accepted",
            "A value in the request is not one that AWS knows.",
            "Check the configuration. If it is in order, report this to the provider's developers.",
        ),
        Input::InvalidRoleName => advice(
            "Name of the role not accepted",
            "The name of the role has characters that AWS does not accept, or begins with \
             AWSServiceRoleFor, which AWS keeps for itself.",
            "Correct role_name in the configuration.",
        ),
        Input::MovingAccountBetweenDifferentRoots => advice(
            "Organizational unit of another organization",
            "An account moves only between the organizational units of its own organization.",
            "Correct parent_id in the configuration.",
        ),
        Input::InvalidFullNameTarget => advice(
            "Name not accepted",
            "A name in the request has characters that AWS does not accept.",
            "Correct the name in the configuration.",
        ),
        Input::TargetNotSupported => advice(
            "Operation not possible on this object",
            "AWS does not offer the operation for this kind of object.",
            "Check the ID in the configuration.",
        ),
        Input::InvalidPaginationToken | Input::MaxFilterLimitExceeded => advice(
            "List broken off",
            "AWS did not continue a list.",
            "Apply again. If it lasts, report this to the provider's developers.",
        ),
        Input::CallerRequiredFieldMissing => advice(
            "Caller not complete",
            "AWS misses the account or the organization of the caller.",
            "Check that the credentials belong to an account that is a member of an organization.",
        ),
        _ => return None,
    })
}

const AT_ACCOUNT_LIMIT: Advice = advice(
    "Organization at its account limit",
    "The organization would have more accounts than its quota allows; pending invitations, and closed \
     accounts for as long as they are listed, count as well.",
    "Cancel invitations that are no longer needed, or have AWS Support raise the quota (Service Quotas, \
     AWS Organizations). In an organization created within the last hour, wait an hour first.",
);

const TOO_MANY_INVITATIONS: Advice = advice(
    "Daily number of invitations reached",
    "The organization has sent as many invitations as it may within 24 hours: 20, or its account limit if \
     that is more. Accepted ones do not count.",
    "Apply again tomorrow, or have AWS Support raise the account limit.",
);
