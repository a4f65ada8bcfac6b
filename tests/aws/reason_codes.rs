//! Every refusal that AWS's service model has for an operation in use, provoked through the simulator: what the
//! provider says names the remedy, and nothing falls through to general words.
//!
//! The tables were written from the service model and AWS's API reference, not from the provider's advice: a code
//! that is in them and has no advice fails here.

use aws_simulator::world::{FeatureSet, Invitation as Invite, Recipient, TransferInvitation};
use aws_simulator::{Account, Effect, Fault, OrganizationSpec};
use awsbilling::aws::Aws;
use awsbilling::aws::organizations::{NewAccount, NewTransfer, Organizations, PolicyType, Target};
use awsbilling::aws::types::{
    AccountId, AccountName, Email, FeatureSet as Features, OneTimePassword, ParentId, Tags,
    TransferId, TransferName,
};
use awsbilling::framework::{Diagnostic, DomainText};
use time::macros::datetime;

use crate::harness::{World, configure, cx, id};

/// What every operation can answer.
const ALWAYS: &[&str] = &[
    "AccessDeniedException",
    "ServiceException",
    "TooManyRequestsException",
];

/// What is done, by which operation, and its errors beside [`ALWAYS`] as the service model lists them. Those with
/// reasons are in [`REASONS`].
const DEEDS: &[(&str, &str, &[&str])] = &[
    (
        "found",
        "CreateOrganization",
        &[
            "AlreadyInOrganizationException",
            "ConcurrentModificationException",
            "AccessDeniedForDependencyException",
        ],
    ),
    (
        "look up the organization",
        "DescribeOrganization",
        &[
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
        ],
    ),
    (
        "delete the organization",
        "DeleteOrganization",
        &[
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
            "OrganizationNotEmptyException",
        ],
    ),
    (
        "invite",
        "InviteAccountToOrganization",
        &[
            "AWSOrganizationsNotInUseException",
            "AccountOwnerNotVerifiedException",
            "ConcurrentModificationException",
            "DuplicateHandshakeException",
            "FinalizingOrganizationException",
        ],
    ),
    (
        "invite to transfer",
        "InviteOrganizationToTransferResponsibility",
        &[
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
            "DuplicateHandshakeException",
            "UnsupportedAPIEndpointException",
        ],
    ),
    (
        "list received",
        "ListHandshakesForAccount",
        &["ConcurrentModificationException"],
    ),
    (
        "list sent",
        "ListHandshakesForOrganization",
        &[
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
        ],
    ),
    (
        "look up a handshake",
        "DescribeHandshake",
        &[
            "ConcurrentModificationException",
            "HandshakeNotFoundException",
        ],
    ),
    (
        "accept",
        "AcceptHandshake",
        &[
            "AWSOrganizationsNotInUseException",
            "HandshakeNotFoundException",
            "InvalidHandshakeTransitionException",
            "HandshakeAlreadyInStateException",
            "ConcurrentModificationException",
            "AccessDeniedForDependencyException",
            "MasterCannotLeaveOrganizationException",
        ],
    ),
    (
        "accept a transfer",
        "AcceptHandshake",
        &[
            "AWSOrganizationsNotInUseException",
            "HandshakeNotFoundException",
            "InvalidHandshakeTransitionException",
            "HandshakeAlreadyInStateException",
            "ConcurrentModificationException",
        ],
    ),
    (
        "decline",
        "DeclineHandshake",
        &[
            "ConcurrentModificationException",
            "HandshakeNotFoundException",
            "InvalidHandshakeTransitionException",
            "HandshakeAlreadyInStateException",
        ],
    ),
    (
        "cancel",
        "CancelHandshake",
        &[
            "ConcurrentModificationException",
            "HandshakeNotFoundException",
            "InvalidHandshakeTransitionException",
            "HandshakeAlreadyInStateException",
        ],
    ),
    (
        "remove",
        "RemoveAccountFromOrganization",
        &[
            "AccountNotFoundException",
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
            "MasterCannotLeaveOrganizationException",
        ],
    ),
    (
        "leave",
        "LeaveOrganization",
        &[
            "AccountNotFoundException",
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
            "MasterCannotLeaveOrganizationException",
        ],
    ),
    (
        "create an account",
        "CreateAccount",
        &[
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
            "FinalizingOrganizationException",
            "UnsupportedAPIEndpointException",
        ],
    ),
    (
        "see what became of it",
        "DescribeCreateAccountStatus",
        &[
            "AWSOrganizationsNotInUseException",
            "CreateAccountStatusNotFoundException",
            "UnsupportedAPIEndpointException",
        ],
    ),
    (
        "close",
        "CloseAccount",
        &[
            "AccountAlreadyClosedException",
            "AccountNotFoundException",
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
            "ConflictException",
            "UnsupportedAPIEndpointException",
        ],
    ),
    (
        "move",
        "MoveAccount",
        &[
            "AccountNotFoundException",
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
            "DestinationParentNotFoundException",
            "DuplicateAccountException",
            "SourceParentNotFoundException",
        ],
    ),
    (
        "find out where",
        "ListParents",
        &[
            "AWSOrganizationsNotInUseException",
            "ChildNotFoundException",
        ],
    ),
    (
        "enable all features",
        "EnableAllFeatures",
        &[
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
        ],
    ),
    (
        "list accounts",
        "ListAccounts",
        &["AWSOrganizationsNotInUseException"],
    ),
    (
        "list administrators",
        "ListDelegatedAdministrators",
        &[
            "AWSOrganizationsNotInUseException",
            "UnsupportedAPIEndpointException",
        ],
    ),
    (
        "list administered services",
        "ListDelegatedServicesForAccount",
        &[
            "AccountNotFoundException",
            "AccountNotRegisteredException",
            "AWSOrganizationsNotInUseException",
            "UnsupportedAPIEndpointException",
        ],
    ),
    (
        "list policies",
        "ListPolicies",
        &[
            "AWSOrganizationsNotInUseException",
            "UnsupportedAPIEndpointException",
        ],
    ),
    (
        "list policies of a target",
        "ListPoliciesForTarget",
        &[
            "AWSOrganizationsNotInUseException",
            "TargetNotFoundException",
            "UnsupportedAPIEndpointException",
        ],
    ),
    (
        "find out what is above",
        "DescribeAccount",
        &[
            "AccountNotFoundException",
            "AWSOrganizationsNotInUseException",
        ],
    ),
    (
        "list trusted services",
        "ListAWSServiceAccessForOrganization",
        &[
            "AWSOrganizationsNotInUseException",
            "UnsupportedAPIEndpointException",
        ],
    ),
    (
        "list inbound",
        "ListInboundResponsibilityTransfers",
        &[
            "AWSOrganizationsNotInUseException",
            "ResponsibilityTransferNotFoundException",
            "UnsupportedAPIEndpointException",
        ],
    ),
    (
        "list outbound",
        "ListOutboundResponsibilityTransfers",
        &[
            "AWSOrganizationsNotInUseException",
            "UnsupportedAPIEndpointException",
        ],
    ),
    (
        "rename a transfer",
        "UpdateResponsibilityTransfer",
        &[
            "AWSOrganizationsNotInUseException",
            "ResponsibilityTransferNotFoundException",
            "UnsupportedAPIEndpointException",
        ],
    ),
    (
        "terminate a transfer",
        "TerminateResponsibilityTransfer",
        &[
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
            "ResponsibilityTransferNotFoundException",
            "UnsupportedAPIEndpointException",
            "ResponsibilityTransferAlreadyInStatusException",
            "InvalidResponsibilityTransferTransitionException",
        ],
    ),
    (
        "tag",
        "TagResource",
        &[
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
            "TargetNotFoundException",
        ],
    ),
    (
        "untag",
        "UntagResource",
        &[
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
            "TargetNotFoundException",
        ],
    ),
    (
        "list tags",
        "ListTagsForResource",
        &[
            "AWSOrganizationsNotInUseException",
            "TargetNotFoundException",
        ],
    ),
];

/// Answers that say that what was to be done is done: by an earlier attempt, or by somebody else.
const DONE: &[(&str, &str)] = &[
    (
        "look up the organization",
        "AWSOrganizationsNotInUseException",
    ),
    ("look up a handshake", "HandshakeNotFoundException"),
    (
        "delete the organization",
        "AWSOrganizationsNotInUseException",
    ),
    ("accept", "HandshakeAlreadyInStateException"),
    ("accept a transfer", "HandshakeAlreadyInStateException"),
    ("decline", "HandshakeAlreadyInStateException"),
    ("cancel", "HandshakeNotFoundException"),
    ("cancel", "InvalidHandshakeTransitionException"),
    ("cancel", "HandshakeAlreadyInStateException"),
    ("remove", "AccountNotFoundException"),
    ("leave", "AWSOrganizationsNotInUseException"),
    ("close", "AccountAlreadyClosedException"),
    ("close", "AccountNotFoundException"),
    ("move", "DuplicateAccountException"),
    (
        "list administered services",
        "AccountNotRegisteredException",
    ),
    (
        "terminate a transfer",
        "ResponsibilityTransferAlreadyInStatusException",
    ),
    (
        "enable all features",
        "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
    ),
    (
        "enable all features",
        "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
    ),
];

/// Answers after which the call is repeated for a while. Words for them are a matter of the advice's own tests.
const REPEATED: &[&str] = &[
    "ConcurrentModificationException",
    "FinalizingOrganizationException",
];

/// Codes without reasons: summary, and what the remedy has to name.
const CODES: &[(&str, &str, &str)] = &[
    (
        "AccessDeniedException",
        "Access denied",
        "in a policy of the caller",
    ),
    ("ServiceException", "AWS has a fault", "ask AWS Support"),
    (
        "TooManyRequestsException",
        "Throttled by AWS",
        "raise max_retries",
    ),
    (
        "AccessDeniedForDependencyException",
        "Permission to create a service-linked role missing",
        "iam:CreateServiceLinkedRole",
    ),
    (
        "AWSOrganizationsNotInUseException",
        "Account without an organization",
        "management account: check profile, assume_role",
    ),
    (
        "AlreadyInOrganizationException",
        "Account belongs to an organization already",
        "Import the organization",
    ),
    (
        "OrganizationNotEmptyException",
        "Organization not empty",
        "join another organization or remove them",
    ),
    (
        "AccountOwnerNotVerifiedException",
        "E-mail address not verified",
        "send the verification request",
    ),
    (
        "DuplicateHandshakeException",
        "Invitation pending already",
        "cancel the pending invitation",
    ),
    (
        "UnsupportedAPIEndpointException",
        "Operation not offered here",
        "Check region and endpoints",
    ),
    (
        "HandshakeNotFoundException",
        "Invitation not found",
        "have a new invitation sent",
    ),
    (
        "InvalidHandshakeTransitionException",
        "Invitation answered already",
        "Have a new invitation sent",
    ),
    (
        "HandshakeAlreadyInStateException",
        "Invitation answered already",
        "Have a new invitation sent",
    ),
    (
        "MasterCannotLeaveOrganizationException",
        "Account manages an organization",
        "delete the organization",
    ),
    (
        "AccountNotFoundException",
        "Account not found",
        "Check the account ID",
    ),
    (
        "CreateAccountStatusNotFoundException",
        "Creation of the account not found",
        "If it is there, import it",
    ),
    (
        "ConflictException",
        "Organization busy",
        "Apply again when the other changes have ended",
    ),
    (
        "DestinationParentNotFoundException",
        "Organizational unit not found",
        "Correct parent_id",
    ),
    (
        "SourceParentNotFoundException",
        "Account is somewhere else",
        "looked up anew",
    ),
    (
        "ChildNotFoundException",
        "Account not found",
        "Check the account ID",
    ),
    (
        "ResponsibilityTransferNotFoundException",
        "Billing transfer not found",
        "Check the transfer ID",
    ),
    (
        "InvalidResponsibilityTransferTransitionException",
        "Billing transfer not in the right state",
        "awsbilling_billing_transfers",
    ),
    (
        "TargetNotFoundException",
        "Object not found",
        "Check its ID",
    ),
];

/// A reason: the deeds that can meet it, the summary, and what the remedy has to name.
type Reasoned = (
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static str,
);

const TRANSFER: &[&str] = &["invite to transfer", "accept a transfer"];
const GOING: &[&str] = &["remove", "leave"];
const TAGGING: &[&str] = &["invite", "invite to transfer", "create an account", "tag"];

const HANDSHAKE: &[Reasoned] = &[
    (
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        &["invite", "accept"],
        "Organization at its account limit",
        "have AWS Support raise the quota",
    ),
    (
        "HANDSHAKE_RATE_LIMIT_EXCEEDED",
        &["invite", "invite to transfer"],
        "Daily number of invitations reached",
        "Apply again tomorrow",
    ),
    (
        "ALREADY_IN_AN_ORGANIZATION",
        &["invite", "accept"],
        "Account belongs to an organization already",
        "have it leave the other organization",
    ),
    (
        "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
        &["enable all features"],
        "All features enabled already",
        "",
    ),
    (
        "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
        &["enable all features"],
        "All features being enabled already",
        "",
    ),
    (
        "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
        &["invite"],
        "Invitations suspended",
        "Wait until the members have agreed",
    ),
    (
        "PAYMENT_INSTRUMENT_REQUIRED",
        &["invite", "accept"],
        "Payment method missing",
        "Add a payment method",
    ),
    (
        "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD",
        &[
            "invite",
            "accept",
            "invite to transfer",
            "accept a transfer",
        ],
        "Organization of another seller",
        "ask AWS Support",
    ),
    (
        "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED",
        &["accept"],
        "Membership changed too recently",
        "start with a day",
    ),
    (
        "MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED",
        &["invite", "accept"],
        "E-mail address not verified",
        "send the verification request",
    ),
    (
        "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS",
        TRANSFER,
        "Billing transfer exists already",
        "End or cancel the other transfer",
    ),
    (
        "SOURCE_AND_TARGET_CANNOT_MATCH",
        TRANSFER,
        "Billing transfer to oneself",
        "of the other organization",
    ),
    (
        "UNUSED_PREPAYMENT_BALANCE",
        TRANSFER,
        "Prepaid balance left",
        "Use up the balance",
    ),
    (
        "LEGACY_PERMISSIONS_STILL_IN_USE",
        TRANSFER,
        "Old billing permissions in use",
        "policy migrator",
    ),
    (
        "PAST_DUE_INVOICE",
        TRANSFER,
        "Invoice past due",
        "Pay the invoice",
    ),
    (
        "TARGET_ACCOUNT_VALIDATION_FAILURE",
        TRANSFER,
        "Account not eligible for billing transfer",
        "billing administrator or AWS Support",
    ),
];

const CONSTRAINT: &[Reasoned] = &[
    (
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        &["invite", "accept", "create an account"],
        "Organization at its account limit",
        "have AWS Support raise the quota",
    ),
    (
        "HANDSHAKE_RATE_LIMIT_EXCEEDED",
        &["invite", "invite to transfer"],
        "Daily number of invitations reached",
        "Apply again tomorrow",
    ),
    (
        "ACCOUNT_CANNOT_LEAVE_ORGANIZATION",
        GOING,
        "Account manages an organization",
        "delete the organization",
    ),
    (
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA",
        GOING,
        "Customer agreement missing",
        "accept the agreement",
    ),
    (
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION",
        GOING,
        "Phone number not verified",
        "verify the phone number",
    ),
    (
        "MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
        &["found"],
        "Payment method missing",
        "Billing and Cost Management",
    ),
    (
        "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
        GOING,
        "Payment method missing",
        "add a payment method",
    ),
    (
        "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
        &["create an account"],
        "Too many accounts being created",
        "when the others are ready",
    ),
    (
        "MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE",
        &["create an account"],
        "Address of another AWS seller",
        "Have AWS Support move the management account",
    ),
    (
        "MASTER_ACCOUNT_MISSING_CONTACT_INFO",
        &["found", "create an account"],
        "Contact information missing",
        "Complete the contact information",
    ),
    (
        "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
        &["close", "create an account", "tag", "invite to transfer"],
        "All features needed",
        "Enable all features",
    ),
    (
        "CREATE_ORGANIZATION_IN_BILLING_MODE_UNSUPPORTED_REGION",
        &["found"],
        "All features needed",
        "Set feature_set to \"ALL\"",
    ),
    (
        "EMAIL_VERIFICATION_CODE_EXPIRED",
        &["invite"],
        "Verification of the e-mail address expired",
        "Send the verification request again",
    ),
    (
        "WAIT_PERIOD_ACTIVE",
        &["remove", "leave", "accept"],
        "Account too young",
        "Wait until four days have passed",
    ),
    (
        "MAX_TAG_LIMIT_EXCEEDED",
        TAGGING,
        "Too many tags",
        "Remove tags",
    ),
    (
        "TAG_POLICY_VIOLATION",
        TAGGING,
        "Tags against the tag policy",
        "what the policy allows",
    ),
    (
        "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
        &["remove", "leave", "close", "accept"],
        "Account is a delegated administrator",
        "deregister-delegated-administrator",
    ),
    (
        "MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE",
        &["found"],
        "Business license missing",
        "Provide the license",
    ),
    (
        "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
        &["close"],
        "Management account cannot be closed",
        "close the account in its own console",
    ),
    (
        "CLOSE_ACCOUNT_QUOTA_EXCEEDED",
        &["close"],
        "Monthly number of closings reached",
        "30 days old",
    ),
    (
        "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
        &["close"],
        "Too many accounts being closed",
        "which takes minutes",
    ),
    (
        "INVALID_PAYMENT_INSTRUMENT",
        GOING,
        "Payment method not accepted",
        "Add another payment method",
    ),
    (
        "ACCOUNT_CREATION_NOT_COMPLETE",
        &["found"],
        "Account not ready",
        "Complete the registration",
    ),
    (
        "ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED",
        &["enable all features"],
        "Organization too large to enable all features",
        "assisted migration",
    ),
    (
        "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION",
        TRANSFER,
        "Chain of billing transfers too long",
        "to the last payer of the chain directly",
    ),
    (
        "RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION",
        TRANSFER,
        "Quota of inbound billing transfers reached",
        "Service Quotas console",
    ),
    (
        "RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION",
        TRANSFER,
        "Bill transferred already",
        "End the other transfer first",
    ),
    (
        "RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION",
        TRANSFER,
        "Too many billing transfers in the chain",
        "Have the last payer's quota raised",
    ),
    (
        "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS",
        &["delete the organization"],
        "Billing transfer under way",
        "Cancel the pending invitation or end the transfer",
    ),
    (
        "TRANSFER_RESPONSIBILITY_TARGET_DELETION_IN_PROGRESS",
        &["accept a transfer"],
        "Paying organization being deleted",
        "invitation of another organization",
    ),
    (
        "TRANSFER_RESPONSIBILITY_SOURCE_DELETION_IN_PROGRESS",
        &["accept a transfer"],
        "Organization being deleted",
        "Keep the organization",
    ),
    (
        "UNSUPPORTED_PRICING",
        TRANSFER,
        "Pricing agreement in the way",
        "Ask the AWS account team",
    ),
    (
        "UNMET_BILLING_PREREQUISITE",
        TRANSFER,
        "Billing configuration in the way",
        "Ask AWS Support",
    ),
    (
        "ACCOUNT_NOT_ACTIVE_FOR_TRANSFER_RESPONSIBILITY",
        TRANSFER,
        "Account not ready",
        "Complete the registration",
    ),
    (
        "TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED",
        &["rename a transfer", "terminate a transfer"],
        "Billing transfer closed",
        "Have a new invitation sent",
    ),
];

/// Constraints of operations that are not in use: of organizational units, policies, registering delegated
/// administrators, and of accounts for governments. They are named so that none is forgotten.
const CONSTRAINTS_OF_OTHERS: &[&str] = &[
    "OU_NUMBER_LIMIT_EXCEEDED",
    "OU_DEPTH_LIMIT_EXCEEDED",
    "POLICY_NUMBER_LIMIT_EXCEEDED",
    "POLICY_CONTENT_LIMIT_EXCEEDED",
    "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
    "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
    "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED",
    "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
    "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
    "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
    "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE",
    "SERVICE_ACCESS_NOT_ENABLED",
    "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
];

const STARTING: &[&str] = &["invite to transfer"];
const ENDING: &[&str] = &["terminate a transfer"];
const NAMING: &[&str] = &["invite", "create an account", "tag", "move", "accept"];
const LISTING: &[&str] = &[
    "list accounts",
    "list sent",
    "list received",
    "list inbound",
];

const INPUT: &[Reasoned] = &[
    (
        "INVALID_PARTY_TYPE_TARGET",
        &["invite", "invite to transfer"],
        "Recipient not valid",
        "by account_id or by email",
    ),
    (
        "INVALID_EMAIL_ADDRESS_TARGET",
        &["invite", "invite to transfer"],
        "E-mail address not valid",
        "Correct email",
    ),
    (
        "INVALID_FULL_NAME_TARGET",
        &["create an account"],
        "Name not accepted",
        "Correct the name",
    ),
    (
        "INVALID_ROLE_NAME",
        &["create an account"],
        "Name of the role not accepted",
        "Correct role_name",
    ),
    (
        "MOVING_ACCOUNT_BETWEEN_DIFFERENT_ROOTS",
        &["move"],
        "Organizational unit of another organization",
        "Correct parent_id",
    ),
    (
        "INVALID_SYSTEM_TAGS_PARAMETER",
        TAGGING,
        "Tag reserved for AWS",
        "Rename the tag",
    ),
    (
        "DUPLICATE_TAG_KEY",
        TAGGING,
        "Tag key given twice",
        "Remove one of them",
    ),
    (
        "TARGET_NOT_SUPPORTED",
        &["tag", "untag", "list tags"],
        "Operation not possible on this object",
        "Check the ID",
    ),
    (
        "INVALID_PATTERN",
        NAMING,
        "Text not accepted",
        "leave out markup",
    ),
    (
        "INVALID_PATTERN_TARGET_ID",
        NAMING,
        "ID not valid",
        "Correct the ID",
    ),
    (
        "INVALID_ENUM",
        NAMING,
        "Value not accepted",
        "Check the configuration",
    ),
    (
        "INVALID_LIST_MEMBER",
        NAMING,
        "Value not accepted",
        "Check the configuration",
    ),
    (
        "MAX_VALUE_EXCEEDED",
        LISTING,
        "Value not accepted",
        "Check the configuration",
    ),
    (
        "MIN_VALUE_EXCEEDED",
        LISTING,
        "Value not accepted",
        "Check the configuration",
    ),
    (
        "MAX_LENGTH_EXCEEDED",
        NAMING,
        "Text too long",
        "1,024 characters",
    ),
    (
        "MIN_LENGTH_EXCEEDED",
        NAMING,
        "Text too short",
        "Complete the value",
    ),
    (
        "INPUT_REQUIRED",
        NAMING,
        "Value missing",
        "Complete the configuration",
    ),
    (
        "INVALID_NEXT_TOKEN",
        LISTING,
        "List broken off",
        "Apply again",
    ),
    (
        "MAX_LIMIT_EXCEEDED_FILTER",
        LISTING,
        "List broken off",
        "Apply again",
    ),
    (
        "CALLER_REQUIRED_FIELD_MISSING",
        &["invite to transfer", "list inbound", "list outbound"],
        "Caller not complete",
        "member of an organization",
    ),
    (
        "UNSUPPORTED_ACTION_IN_RESPONSIBILITY_TRANSFER",
        &[
            "invite to transfer",
            "rename a transfer",
            "terminate a transfer",
        ],
        "Billing transfer not possible this way",
        "Check the account and the months",
    ),
    (
        "START_DATE_NOT_BEGINNING_OF_MONTH",
        STARTING,
        "Beginning is no beginning of a month",
        "such as 2027-01",
    ),
    (
        "START_DATE_NOT_BEGINNING_OF_DAY",
        STARTING,
        "Beginning is no beginning of a month",
        "such as 2027-01",
    ),
    (
        "START_DATE_TOO_EARLY",
        STARTING,
        "Month not possible",
        "another start_month",
    ),
    (
        "START_DATE_TOO_LATE",
        STARTING,
        "Month not possible",
        "another start_month",
    ),
    (
        "INVALID_START_DATE",
        STARTING,
        "Month not possible",
        "another start_month",
    ),
    (
        "END_DATE_NOT_END_OF_MONTH",
        ENDING,
        "End is no end of a month",
        "such as 2027-06",
    ),
    (
        "END_DATE_TOO_EARLY",
        ENDING,
        "Month not possible",
        "another end_month",
    ),
    (
        "END_DATE_TOO_LATE",
        ENDING,
        "Month not possible",
        "another end_month",
    ),
    (
        "INVALID_END_DATE",
        ENDING,
        "Notice too short",
        "ask the partner to end the transfer",
    ),
];

/// Faults in requests about policies and service principals, which nothing here sends.
const INPUTS_OF_OTHERS: &[&str] = &[
    "INVALID_SYNTAX_ORGANIZATION_ARN",
    "INVALID_SYNTAX_POLICY_ID",
    "INVALID_ENUM_POLICY_TYPE",
    "IMMUTABLE_POLICY",
    "UNRECOGNIZED_SERVICE_PRINCIPAL",
    "INVALID_RESOURCE_POLICY_JSON",
    "INVALID_PRINCIPAL",
    "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
    "UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY",
    "UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY",
    "NON_DETACHABLE_POLICY",
];

/// Errors that have reasons, and how many the service model knows of each.
const REASONS: &[(&str, &[Reasoned], &[&str], usize)] = &[
    ("HandshakeConstraintViolationException", HANDSHAKE, &[], 16),
    (
        "ConstraintViolationException",
        CONSTRAINT,
        CONSTRAINTS_OF_OTHERS,
        48,
    ),
    ("InvalidInputException", INPUT, INPUTS_OF_OTHERS, 41),
];

/// Why AWS creates no account: reason, summary, and what the remedy has to name (API reference,
/// `CreateAccountStatus`, `FailureReason`).
const CREATION: &[(&str, &str, &str)] = &[
    (
        "ACCOUNT_LIMIT_EXCEEDED",
        "Organization at its account limit",
        "Have AWS Support raise the quota",
    ),
    (
        "EMAIL_ALREADY_EXISTS",
        "E-mail address in use",
        "Use another address",
    ),
    (
        "INVALID_ADDRESS",
        "Address not valid",
        "Correct the contact address",
    ),
    ("INVALID_EMAIL", "E-mail address not valid", "Correct email"),
    (
        "CONCURRENT_ACCOUNT_MODIFICATION",
        "Account being changed",
        "in a few minutes",
    ),
    (
        "INTERNAL_FAILURE",
        "AWS could not create the account",
        "ask AWS Support",
    ),
    (
        "GOVCLOUD_ACCOUNT_ALREADY_EXISTS",
        "AWS GovCloud account exists already",
        "Use another e-mail address",
    ),
    (
        "MISSING_BUSINESS_VALIDATION",
        "Business validation not complete",
        "Complete the validation",
    ),
    (
        "FAILED_BUSINESS_VALIDATION",
        "Business validation not complete",
        "Complete the validation",
    ),
    (
        "PENDING_BUSINESS_VALIDATION",
        "Business validation not complete",
        "Complete the validation",
    ),
    (
        "INVALID_IDENTITY_FOR_BUSINESS_VALIDATION",
        "Business validation not complete",
        "Complete the validation",
    ),
    (
        "UNKNOWN_BUSINESS_VALIDATION",
        "Business validation not complete",
        "Complete the validation",
    ),
    (
        "MISSING_PAYMENT_INSTRUMENT",
        "Payment method missing",
        "Add a valid payment method",
    ),
    (
        "INVALID_PAYMENT_INSTRUMENT",
        "Payment method missing",
        "Add a valid payment method",
    ),
    (
        "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED",
        "Tags not possible beside the organization's policy",
        "leave out tags",
    ),
];

/// What Account Management answers: operation, code, summary, and what the remedy has to name (Account Management
/// API reference, the errors of each operation).
const ACCOUNT_MANAGEMENT: &[(&str, &[Told])] = &[
    (
        "PutAccountName",
        &[
            DENIED,
            BROKEN,
            THROTTLED,
            (
                "ValidationException",
                "Name not accepted",
                "Correct name in the configuration",
            ),
        ],
    ),
    (
        "GetAccountInformation",
        &[
            DENIED,
            BROKEN,
            THROTTLED,
            (
                "ValidationException",
                "Account ID not accepted",
                "report this",
            ),
        ],
    ),
    (
        "StartPrimaryEmailUpdate",
        &[
            DENIED,
            BROKEN,
            THROTTLED,
            UNKNOWN,
            TAKEN,
            (
                "ValidationException",
                "E-mail address not valid",
                "Correct email",
            ),
        ],
    ),
    (
        "AcceptPrimaryEmailUpdate",
        &[
            DENIED,
            BROKEN,
            THROTTLED,
            TAKEN,
            (
                "ResourceNotFoundException",
                "No change of the e-mail address begun",
                "Take email_confirmation_code out",
            ),
            (
                "ValidationException",
                "One-time password not accepted",
                "the newest e-mail",
            ),
        ],
    ),
    (
        "GetPrimaryEmail",
        &[
            DENIED,
            BROKEN,
            THROTTLED,
            UNKNOWN,
            (
                "ValidationException",
                "Account ID not accepted",
                "report this",
            ),
        ],
    ),
];

type Told = (&'static str, &'static str, &'static str);

const DENIED: Told = (
    "AccessDeniedException",
    "Access denied",
    "--service-principal account.amazonaws.com",
);
const BROKEN: Told = (
    "InternalServerException",
    "AWS has a fault",
    "ask AWS Support",
);
const THROTTLED: Told = (
    "TooManyRequestsException",
    "Throttled by AWS",
    "raise max_retries",
);
const UNKNOWN: Told = (
    "ResourceNotFoundException",
    "Account not found",
    "Check the account ID",
);
const TAKEN: Told = (
    "ConflictException",
    "E-mail address in use",
    "Choose another address",
);

/// General words, which none of the above may end with.
const GENERAL: &[&str] = &[
    "AWS refused the request",
    "Constraint of AWS Organizations violated",
    "Invalid request",
    "Account could not be created",
];

/// A world in which each deed could be done, were it not refused.
struct Stage {
    world: World,
    /// Has a pending invitation of the partner.
    invited: Account,
    /// Is in the partner's organization.
    member: Account,
    /// Manages an organization, and is invited to transfer its bill to the partner.
    payer: Account,
    /// Manages an organization with consolidated billing.
    plain: Account,
    /// Pays for nobody and is in no organization.
    alone: Account,
    transfer: TransferId,
    unit: ParentId,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new().await;
        let simulator = &world.simulator;
        let invited = simulator.create_account("Invited");
        simulator.invite(&world.organization, &invited).unwrap();
        let member = simulator.create_member(&world.organization, "Member");
        let [payer, source, plain] =
            ["Payer", "Source", "Plain"].map(|n| simulator.create_account(n));
        simulator.create_organization(&payer);
        simulator.create_organization(&source);
        let billing = OrganizationSpec {
            feature_set: FeatureSet::ConsolidatedBilling,
            ..OrganizationSpec::default()
        };
        simulator.create_organization_with(&plain, billing);
        let (transfer, unit) = simulator.world(|state| {
            let partner = &world.partner.id;
            let start = datetime!(2026-10-01 00:00 UTC);
            let transfer = state.arrange_transfer(&source.id, partner, "agreed", start);
            let own = state.organization_mut(world.organization.id.as_str());
            let own = own.unwrap();
            own.inbound_transfer_quota = 9;
            let root = own.root();
            let invitation = TransferInvitation {
                source: Recipient::Account(payer.id.clone()),
                name: "invited".to_owned(),
                start: datetime!(2027-01-01 00:00 UTC),
                notes: None,
                tags: [].into(),
            };
            state.invite_to_transfer(partner, invitation).unwrap();
            let unit = state.create_unit(partner, &root, "Unit", [].into());
            (transfer.unwrap(), unit.unwrap().id)
        });
        Self {
            alone: simulator.create_account("Alone"),
            transfer: TransferId::parse(transfer.as_str()).unwrap(),
            unit: ParentId::parse(&unit).unwrap(),
            invited,
            member,
            payer,
            plain,
            world,
        }
    }

    /// A session of its own for each deed, so that none waits for the rates of those before. Repetitions of the
    /// SDK would hide what AWS says.
    async fn as_(&self, account: &Account) -> Organizations {
        let mut settings = self.world.settings(&account.key);
        settings.max_retries = Some(1);
        let aws: Aws = configure(settings).await.unwrap();
        aws.organizations(&cx(), None).await.unwrap()
    }

    async fn as_partner(&self) -> Organizations {
        self.as_(&self.world.partner).await
    }

    /// A fresh invitation, as whoever has received it sees it.
    async fn received(&self, by: &Organizations) -> awsbilling::aws::organizations::Handshake {
        by.received_invitations(&cx()).await.unwrap()[0].clone()
    }

    /// What a deed is answered with a fault on its operation.
    async fn refused(&self, deed: &str, operation: &str, code: &str, reason: &str) -> Outcome {
        let effect = Effect::Error {
            code: code.to_owned(),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
            message: "AWS says so.".to_owned(),
            status: None,
        };
        let fault = Fault::new(effect).on(operation);
        let fault = if REPEATED.contains(&code) {
            fault.times(1)
        } else {
            fault
        };
        self.act(deed, fault).await
    }

    #[allow(clippy::too_many_lines, reason = "one line or two for each deed")]
    async fn act(&self, deed: &str, fault: Fault) -> Outcome {
        let cx = &cx();
        let break_it = || {
            self.world.simulator.fault(fault.clone());
        };
        let (member, none) = (id(&self.member), Tags::new());
        let tags = Tags::from([("team".to_owned(), "billing".to_owned())]);
        let to = |account: &Account| Target::Account(id(account));
        match deed {
            "found" => {
                let alone = self.as_(&self.alone).await;
                break_it();
                alone
                    .create_organization(cx, &Features::All)
                    .await
                    .map(drop)
            }
            "delete the organization" => {
                let payer = self.as_(&self.plain).await;
                break_it();
                payer.delete_organization(cx).await.map(drop)
            }
            "enable all features" => {
                let payer = self.as_(&self.plain).await;
                break_it();
                payer.enable_all_features(cx).await
            }
            "accept" | "decline" => {
                let invited = self.as_(&self.invited).await;
                let handshake = self.received(&invited).await;
                break_it();
                match deed {
                    "accept" => invited.accept(cx, &handshake).await.map(drop),
                    _ => invited.decline(cx, &handshake).await,
                }
            }
            "list received" => {
                let invited = self.as_(&self.invited).await;
                break_it();
                invited.received_invitations(cx).await.map(drop)
            }
            "accept a transfer" => {
                let payer = self.as_(&self.payer).await;
                let received = payer.received_transfer_invitations(cx).await.unwrap();
                break_it();
                payer.accept_transfer(cx, &received[0]).await
            }
            "leave" => {
                let member = self.as_(&self.member).await;
                break_it();
                member.leave(cx).await.map(drop)
            }
            _ => {
                let partner = self.as_partner().await;
                let sent = partner.invitation_to(cx, &to(&self.invited)).await.unwrap();
                let account = partner.member(cx, &member).await.unwrap();
                let account = account.expect("the member is there");
                break_it();
                match deed {
                    "look up the organization" => {
                        let now = std::time::Duration::ZERO;
                        partner.organization_within(cx, now).await.map(drop)
                    }
                    "invite" => partner
                        .invite(cx, &to(&self.alone), None, &tags)
                        .await
                        .map(drop),
                    "invite to transfer" => {
                        let new = NewTransfer {
                            source: &to(&self.plain),
                            name: &TransferName::parse("new").unwrap(),
                            starts_at: datetime!(2027-01-01 00:00 UTC),
                            notes: None,
                            tags: &none,
                        };
                        partner.invite_to_transfer(cx, new).await.map(drop)
                    }
                    "list sent" => {
                        let now = std::time::Duration::ZERO;
                        partner.sent_invitations_within(cx, now).await.map(drop)
                    }
                    "look up a handshake" => {
                        let id = &sent.unwrap().id;
                        partner.handshake(cx, id).await.map(drop)
                    }
                    "cancel" => partner.cancel(cx, &sent.unwrap().id).await.map(drop),
                    "remove" => partner.remove_account(cx, &member).await.map(drop),
                    "create an account" | "see what became of it" => {
                        let new = NewAccount {
                            name: AccountName::parse("New").unwrap(),
                            email: Email::parse("new@example.com").unwrap(),
                            role_name: None,
                            iam_user_access_to_billing: None,
                            tags: none,
                        };
                        partner.create_account(cx, &new).await.map(drop)
                    }
                    "close" => partner.close_account(cx, &member).await.map(drop),
                    "move" => partner.move_account(cx, &account, &self.unit).await,
                    "find out where" => {
                        let unplaced = awsbilling::aws::organizations::Account {
                            parent_id: None,
                            ..account
                        };
                        partner.parent_of(cx, &unplaced).await.map(drop)
                    }
                    "list accounts" => {
                        let now = std::time::Duration::ZERO;
                        partner.members_within(cx, now).await.map(drop)
                    }
                    "list administrators" => partner.delegated_administrators(cx).await.map(drop),
                    "list trusted services" => partner.service_access(cx).await.map(drop),
                    "list administered services" => {
                        partner.delegated_services(cx, &member).await.map(drop)
                    }
                    "list policies" => partner.policies(cx, PolicyType::Tag).await.map(drop),
                    "list policies of a target" => {
                        let kind = PolicyType::ServiceControl;
                        let on = partner.policies_on(cx, kind, member.as_str());
                        on.await.map(drop)
                    }
                    "find out what is above" => partner.lineage_of(cx, &member).await.map(drop),
                    "list inbound" => partner.inbound_transfers(cx).await.map(drop),
                    "list outbound" => partner.outbound_transfers(cx).await.map(drop),
                    "rename a transfer" => {
                        let name = TransferName::parse("other").unwrap();
                        partner.rename_transfer(cx, &self.transfer, &name).await
                    }
                    "terminate a transfer" => {
                        let end = datetime!(2026-11-30 23:59:59 UTC);
                        partner.terminate_transfer(cx, &self.transfer, end).await
                    }
                    "tag" => partner.tag(cx, member.as_str(), &tags).await,
                    "untag" => {
                        let keys = ["team".to_owned()];
                        partner.untag(cx, member.as_str(), &keys).await
                    }
                    "list tags" => partner.tags_of(cx, member.as_str()).await.map(drop),
                    _ => panic!("nobody knows how to {deed}"),
                }
            }
        }
        .map_err(Diagnostic::from)
    }
}

type Outcome = Result<(), Diagnostic>;

/// Says what is wrong with the words, if anything is.
fn complaint(said: &Diagnostic, summary: &str, remedy: &str, code: &str) -> Option<String> {
    let advice = said.detail.split("AWS's own words").next();
    let advice = advice.unwrap_or_default();
    let fits = said.summary == summary
        && !GENERAL.contains(&summary)
        && advice.contains(remedy)
        && said.detail.contains(code);
    (!fits).then(|| format!("expected {summary:?} with {remedy:?}, got {said}"))
}

/// Judges every answer of one deed.
async fn complaints_about(deed: &str, operation: &str, codes: &[&str]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut cases: Vec<(&str, &str, &str, &str)> = Vec::new();
    for code in ALWAYS.iter().chain(codes) {
        let words = CODES.iter().find(|(known, ..)| known == code);
        match words {
            Some((_, summary, remedy)) => cases.push((code, "", summary, remedy)),
            None if REPEATED.contains(code) || DONE.contains(&(deed, code)) => {
                cases.push((code, "", "", ""));
            }
            None => complaints.push(format!("{code} is in no table")),
        }
    }
    for (code, reasons, ..) in REASONS {
        let met = reasons
            .iter()
            .filter(|(_, deeds, ..)| deeds.contains(&deed));
        cases.extend(met.map(|(reason, _, summary, remedy)| (*code, *reason, *summary, *remedy)));
    }
    // A refusal changes nothing, so the next one meets the same world.
    let mut stage = Stage::new().await;
    for (code, reason, summary, remedy) in cases {
        stage.world.simulator.clear_faults();
        let outcome = stage.refused(deed, operation, code, reason).await;
        let done = DONE.contains(&(deed, code)) || DONE.contains(&(deed, reason));
        let complaint = match outcome {
            Ok(()) if done => None,
            Ok(()) if REPEATED.contains(&code) => {
                let met = stage.world.outcomes(operation);
                let repeated = met.ends_with(&[Some(code.to_owned()), None]);
                (!repeated).then(|| "the call was not repeated".to_owned())
            }
            Ok(()) => Some("it succeeded".to_owned()),
            Err(said) if done || REPEATED.contains(&code) => Some(said.to_string()),
            Err(said) => complaint(&said, summary, remedy, code),
        };
        complaints.extend(complaint.map(|what| format!("{deed}: {code} {reason}: {what}")));
        if REPEATED.contains(&code) {
            stage = Stage::new().await;
        }
    }
    complaints
}

#[tokio::test]
async fn every_answer_to_every_deed_is_explained() {
    let judged = DEEDS
        .iter()
        .map(|(deed, operation, codes)| complaints_about(deed, operation, codes));
    let complaints = futures_util::future::join_all(judged).await.concat();
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}

#[tokio::test]
async fn every_reason_for_which_no_account_is_created_is_explained() {
    // Side by side, because each asks again after a while.
    let judged = CREATION.iter().map(async |(reason, summary, remedy)| {
        let stage = Stage::new().await;
        stage.world.simulator.world(|world| {
            let own = world.organization_mut(stage.world.organization.id.as_str());
            own.unwrap().creation_failure = Some((*reason).to_owned());
        });
        let nothing = Fault::new(Effect::Throttle).times(0);
        let said = stage.act("create an account", nothing).await.unwrap_err();
        complaint(&said, summary, remedy, reason)
    });
    let judged = futures_util::future::join_all(judged).await;
    let complaints: Vec<_> = judged.into_iter().flatten().collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}

#[tokio::test]
async fn every_answer_of_account_management_is_explained() {
    let stage = Stage::new().await;
    let mut settings = stage.world.settings(&stage.world.partner.key);
    settings.max_retries = Some(1);
    let aws = configure(settings).await.unwrap();
    let accounts = aws.account_management(&cx(), None).await.unwrap();
    let (cx, member) = (&cx(), id(&stage.member));
    let email = Email::parse("new@example.com").unwrap();
    let password = OneTimePassword::parse("abc123").unwrap();
    let mut complaints = Vec::new();
    for (operation, answers) in ACCOUNT_MANAGEMENT {
        for (code, summary, remedy) in *answers {
            stage.world.simulator.clear_faults();
            let effect = Effect::Error {
                code: (*code).to_owned(),
                reason: None,
                message: "AWS says so.".to_owned(),
                status: None,
            };
            stage
                .world
                .simulator
                .fault(Fault::new(effect).on(operation));
            let outcome = match *operation {
                "PutAccountName" => accounts.rename(cx, &member, "Name").await,
                "GetAccountInformation" => accounts.name_of(cx, &member).await.map(drop),
                "StartPrimaryEmailUpdate" => accounts.request_email(cx, &member, &email).await,
                "AcceptPrimaryEmailUpdate" => {
                    accounts.confirm_email(cx, &member, &email, &password).await
                }
                _ => accounts.email_of(cx, &member).await.map(drop),
            };
            let said = Diagnostic::from(outcome.unwrap_err());
            let complaint = complaint(&said, summary, remedy, code);
            complaints.extend(complaint.map(|what| format!("{operation}: {code}: {what}")));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}

#[test]
fn no_reason_of_the_service_model_is_left_out() {
    for (code, reasons, of_others, known) in REASONS {
        let named = reasons.iter().map(|(reason, ..)| reason).chain(*of_others);
        let named: std::collections::BTreeSet<_> = named.collect();
        assert_eq!(named.len(), *known, "{code}");
        for (reason, deeds, ..) in *reasons {
            assert!(!deeds.is_empty(), "{code} {reason} is never met");
            let unknown = deeds
                .iter()
                .find(|deed| !DEEDS.iter().any(|(known, ..)| known == *deed));
            assert_eq!(unknown, None, "{code} {reason}");
        }
    }
}

/// Where the world has a rule of its own for a reason, it is met without any fault.
#[tokio::test]
async fn the_rules_of_the_world_are_explained_alike() {
    let stage = Stage::new().await;
    let cx = &cx();
    let partner = stage.as_partner().await;
    let young = stage
        .world
        .simulator
        .create_created_member(&stage.world.organization, "Young", 1);
    let said = partner.remove_account(cx, &id(&young)).await.unwrap_err();
    assert_eq!(Diagnostic::from(said).summary, "Account too young");

    let itself: AccountId = id(&stage.world.partner);
    let said = partner.close_account(cx, &itself).await.unwrap_err();
    assert_eq!(
        Diagnostic::from(said).summary,
        "Management account cannot be closed"
    );
    let said = partner.delete_organization(cx).await.unwrap_err();
    let said = Diagnostic::from(said).summary;
    assert!(
        ["Organization not empty", "Billing transfer under way"].contains(&said.as_str()),
        "{said}"
    );
    let unknown = format!("{}0", stage.unit);
    let account = partner
        .member(cx, &id(&stage.member))
        .await
        .unwrap()
        .unwrap();
    let unknown = ParentId::parse(&unknown).unwrap();
    let said = partner
        .move_account(cx, &account, &unknown)
        .await
        .unwrap_err();
    assert_eq!(
        Diagnostic::from(said).summary,
        "Organizational unit not found"
    );
    stage.world.simulator.world(|world| {
        let invitation = Invite::to(Recipient::Account(stage.alone.id.clone()));
        world.invite(&stage.payer.id, invitation).unwrap();
        world
            .account_mut(stage.alone.id.as_str())
            .unwrap()
            .payment_method = aws_simulator::PaymentMethod::Missing;
    });
    let alone = stage.as_(&stage.alone).await;
    let handshake = stage.received(&alone).await;
    let said = alone.accept(cx, &handshake).await.unwrap_err();
    assert_eq!(Diagnostic::from(said).summary, "Payment method missing");
}
