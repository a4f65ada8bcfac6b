//! AWS Organizations (API version 2016-11-28), JSON 1.1.
//!
//! Every check of a request's form is the service model's; `InvalidInputException` carries the modelled reason.

mod accounts;
mod delegation;
mod handshakes;
mod organization;
mod paging;
mod shapes;
mod tags;
mod transfers;
mod units;

use serde_json::{Value, json};

use super::Operation::{self, Read, Write};
use super::input::{Complaint, Misfit, TagFault};
use crate::world::{
    Caller, FeatureSet, HandshakeAction, OrganizationId, Recipient, Refusal, World,
};

/// The prefix of `X-Amz-Target`.
pub(crate) const TARGET: &str = "AWSOrganizationsV20161128";

pub(super) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AcceptHandshake" => Write(handshakes::accept),
        "CancelHandshake" => Write(handshakes::cancel),
        "CloseAccount" => Write(accounts::close),
        "CreateAccount" => Write(accounts::create),
        "CreateOrganization" => Write(organization::create),
        "CreateOrganizationalUnit" => Write(units::create),
        "DeclineHandshake" => Write(handshakes::decline),
        "DeleteOrganization" => Write(organization::delete),
        "DeleteOrganizationalUnit" => Write(units::delete),
        "DeregisterDelegatedAdministrator" => Write(delegation::deregister),
        "DescribeAccount" => Read(accounts::describe),
        "DescribeCreateAccountStatus" => Read(accounts::describe_creation),
        "DescribeHandshake" => Read(handshakes::describe),
        "DescribeOrganization" => Read(organization::describe),
        "DescribeOrganizationalUnit" => Read(units::describe),
        "DescribeResponsibilityTransfer" => Read(transfers::describe),
        "DisableAWSServiceAccess" => Write(delegation::disable_service_access),
        "EnableAllFeatures" => Write(handshakes::enable_all_features),
        "EnableAWSServiceAccess" => Write(delegation::enable_service_access),
        "InviteAccountToOrganization" => Write(handshakes::invite),
        "InviteOrganizationToTransferResponsibility" => Write(transfers::invite),
        "LeaveOrganization" => Write(organization::leave),
        "ListAWSServiceAccessForOrganization" => Read(delegation::list_service_access),
        "ListAccounts" => Read(accounts::list),
        "ListAccountsForParent" => Read(accounts::list_for_parent),
        "ListChildren" => Read(units::list_children),
        "ListDelegatedAdministrators" => Read(delegation::list_administrators),
        "ListDelegatedServicesForAccount" => Read(delegation::list_services),
        "ListHandshakesForAccount" => Read(handshakes::list_for_account),
        "ListHandshakesForOrganization" => Read(handshakes::list_for_organization),
        "ListInboundResponsibilityTransfers" => Read(transfers::list_inbound),
        "ListOrganizationalUnitsForParent" => Read(units::list_for_parent),
        "ListOutboundResponsibilityTransfers" => Read(transfers::list_outbound),
        "ListParents" => Read(organization::list_parents),
        "ListPolicies" => Read(units::list_policies),
        "ListPoliciesForTarget" => Read(units::list_policies_for_target),
        "ListRoots" => Read(organization::list_roots),
        "ListTagsForResource" => Read(tags::list),
        "MoveAccount" => Write(units::move_account),
        "RegisterDelegatedAdministrator" => Write(delegation::register),
        "RemoveAccountFromOrganization" => Write(accounts::remove),
        "TagResource" => Write(tags::tag),
        "TerminateResponsibilityTransfer" => Write(transfers::terminate),
        "UntagResource" => Write(tags::untag),
        "UpdateOrganizationalUnit" => Write(units::update),
        "UpdateResponsibilityTransfer" => Write(transfers::update),
        _ => return None,
    })
}

/// What a caller needs besides the operation's own action (API reference, `InviteAccountToOrganization` and
/// `CreateAccount`: `Tags`; `AcceptHandshake` and `CreateOrganization`: the service-linked role of organizations with
/// all features).
pub(super) fn further_actions(world: &World, operation: &str, input: &Value) -> Vec<String> {
    let tagged = input
        .get("Tags")
        .and_then(Value::as_array)
        .is_some_and(|tags| !tags.is_empty());
    let all_features = match operation {
        "AcceptHandshake" => {
            handshake(world, input).is_some_and(|handshake| match handshake.action {
                HandshakeAction::Invite => handshake.feature_set == FeatureSet::All,
                HandshakeAction::TransferResponsibility(_) => false,
                HandshakeAction::EnableAllFeatures | HandshakeAction::ApproveAllFeatures => {
                    handshake.recipient == Recipient::Account(handshake.sender.clone())
                }
            })
        }
        "CreateOrganization" => input.get("FeatureSet").is_none_or(|set| set == "ALL"),
        _ => false,
    };
    let mut actions = Vec::new();
    if tagged
        && matches!(
            operation,
            "InviteAccountToOrganization"
                | "InviteOrganizationToTransferResponsibility"
                | "CreateAccount"
                | "CreateOrganizationalUnit"
        )
    {
        actions.push("organizations:TagResource".to_owned());
    }
    if all_features {
        actions.push("iam:CreateServiceLinkedRole".to_owned());
    }
    actions
}

/// The organization that a write changes: for a handshake the one that sent it.
pub(super) fn changed_organization(
    world: &World,
    caller: &Caller,
    operation: &str,
    input: &Value,
) -> Option<OrganizationId> {
    match operation {
        "AcceptHandshake" | "DeclineHandshake" | "CancelHandshake" => {
            handshake(world, input).map(|handshake| handshake.organization.clone())
        }
        _ => world
            .account(caller.account.as_str())?
            .organization()
            .cloned(),
    }
}

fn handshake<'a>(world: &'a World, input: &Value) -> Option<&'a crate::world::Handshake> {
    world.handshake(input.get("HandshakeId")?.as_str()?)
}

/// The modelled reason for a value that does not fit (API reference, `InvalidInputException`).
fn invalid((misfit, name): Complaint) -> Refusal {
    let (reason, complaint) = match misfit {
        Misfit::Missing => ("INPUT_REQUIRED", "is required"),
        Misfit::TooShort => ("MIN_LENGTH_EXCEEDED", "is too short"),
        Misfit::TooLong => ("MAX_LENGTH_EXCEEDED", "is too long"),
        Misfit::Pattern => ("INVALID_PATTERN", "does not have the required form"),
        Misfit::NotInEnum => ("INVALID_ENUM", "is none of the possible values"),
    };
    Refusal::invalid_input(reason, format!("{name} {complaint}."))
}

fn invalid_tags(fault: TagFault) -> Refusal {
    match fault {
        TagFault::Misfit(complaint) => invalid(complaint),
        TagFault::Duplicate => {
            Refusal::invalid_input("DUPLICATE_TAG_KEY", "Tag keys must be unique.")
        }
        TagFault::System => Refusal::invalid_input(
            "INVALID_SYSTEM_TAGS_PARAMETER",
            "Tag keys that begin with aws: are reserved.",
        ),
    }
}

/// The answer of operations that have none.
fn nothing() -> Value {
    json!({})
}
