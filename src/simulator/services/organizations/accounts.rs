//! Member accounts: listing, showing, creating, closing, removing.

use std::ops::Bound;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::input::{self, Misfit, TagInput};
use super::super::{Answer, Context};
use super::organization::arn;
use super::paging::{Page, PageRequest};
use super::units::known_parent;
use super::{invalid, invalid_tags, nothing, shapes};
use crate::clock::epoch;
use crate::world::{Account, AccountId, Creation, CreationState, Organization, Refusal, World};

pub(super) fn list(world: &World, context: &Context<'_>) -> Answer {
    let page = Page::new(world, context, &input::parse(context.input)?)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    Ok(list_members(world, organization, page))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListAccountsForParent {
    parent_id: Option<String>,
    #[serde(flatten)]
    page: PageRequest,
}

pub(super) fn list_for_parent(world: &World, context: &Context<'_>) -> Answer {
    let request: ListAccountsForParent = input::parse(context.input)?;
    let parent = shapes::PARENT_ID
        .required(request.parent_id.as_ref())
        .map_err(invalid)?;
    let page = Page::new(world, context, &request.page)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let unit = known_parent(organization, parent)?;
    let after = page.after().map(str::to_owned);
    let members = world
        .members_in(organization, unit)
        .filter(|id| after.as_deref().is_none_or(|after| id.as_str() > after));
    Ok(cut(world, organization, page, members))
}

fn list_members(world: &World, organization: &Organization, page: Page<'_>) -> Value {
    let start = page.after().map_or(Bound::Unbounded, |after| {
        Bound::Excluded(AccountId::from(after))
    });
    let members = organization.members.range((start, Bound::Unbounded));
    cut(world, organization, page, members)
}

fn cut<'a>(
    world: &World,
    organization: &Organization,
    page: Page<'_>,
    members: impl Iterator<Item = &'a AccountId>,
) -> Value {
    let accounts = members.filter_map(|id| world.account(id.as_str()));
    page.cut(
        "Accounts",
        accounts,
        |account| account.id.as_str(),
        |account| show(world, organization, account),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneAccount {
    account_id: Option<String>,
}

pub(super) fn describe(world: &World, context: &Context<'_>) -> Answer {
    let request: OneAccount = input::parse(context.input)?;
    let id = shapes::ACCOUNT_ID
        .required(request.account_id.as_ref())
        .map_err(invalid)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let account = world.member(organization, id)?;
    Ok(json!({"Account": show(world, organization, account)}))
}

pub(super) fn close(world: &mut World, context: &Context<'_>) -> Answer {
    let request: OneAccount = input::parse(context.input)?;
    let id = shapes::ACCOUNT_ID
        .required(request.account_id.as_ref())
        .map_err(invalid)?;
    world.close_account(&context.caller()?.account, id)?;
    Ok(nothing())
}

pub(super) fn remove(world: &mut World, context: &Context<'_>) -> Answer {
    let request: OneAccount = input::parse(context.input)?;
    let id = shapes::ACCOUNT_ID
        .required(request.account_id.as_ref())
        .map_err(invalid)?;
    world.remove_account(&context.caller()?.account, id)?;
    Ok(nothing())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateAccount {
    email: Option<String>,
    account_name: Option<String>,
    role_name: Option<String>,
    iam_user_access_to_billing: Option<String>,
    tags: Option<Vec<TagInput>>,
}

pub(super) fn create(world: &mut World, context: &Context<'_>) -> Answer {
    let request: CreateAccount = input::parse(context.input)?;
    let email = shapes::EMAIL
        .required(request.email.as_ref())
        .map_err(invalid)?;
    let name = shapes::ACCOUNT_NAME
        .required(request.account_name.as_ref())
        .map_err(invalid)?;
    let role = shapes::ROLE_NAME
        .optional(request.role_name.as_ref())
        .map_err(invalid)?;
    if role.is_some_and(|role| role.starts_with("AWSServiceRoleFor")) {
        return Err(Refusal::invalid_input(
            "INVALID_ROLE_NAME",
            "AWSServiceRoleFor is a reserved prefix.",
        ));
    }
    if !matches!(
        request.iam_user_access_to_billing.as_deref(),
        None | Some("ALLOW" | "DENY")
    ) {
        return Err(invalid((Misfit::NotInEnum, "IamUserAccessToBilling")));
    }
    let tags = input::tags(request.tags.as_ref()).map_err(invalid_tags)?;
    let creation = world
        .create_account(&context.caller()?.account, name, email, role, tags)?
        .clone();
    if let CreationState::Succeeded(account) = &creation.state
        && let Some(account) = world.account_mut(account.as_str())
    {
        account.iam_billing_access = request.iam_user_access_to_billing.as_deref() != Some("DENY");
    }
    Ok(json!({"CreateAccountStatus": {
        "Id": creation.id,
        "AccountName": creation.account_name,
        "State": "IN_PROGRESS",
        "RequestedTimestamp": epoch(creation.requested_at),
    }}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeCreateAccountStatus {
    create_account_request_id: Option<String>,
}

pub(super) fn describe_creation(world: &World, context: &Context<'_>) -> Answer {
    let request: DescribeCreateAccountStatus = input::parse(context.input)?;
    let id = shapes::CREATE_ACCOUNT_REQUEST_ID
        .required(request.create_account_request_id.as_ref())
        .map_err(invalid)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let creation = organization.creations.get(id).ok_or_else(|| {
        Refusal::new(
            "CreateAccountStatusNotFoundException",
            "There is no request to create an account with that ID.",
        )
    })?;
    Ok(json!({"CreateAccountStatus": show_creation(creation)}))
}

fn show_creation(creation: &Creation) -> Value {
    let mut shown = json!({
        "Id": creation.id,
        "AccountName": creation.account_name,
        "RequestedTimestamp": epoch(creation.requested_at),
        "CompletedTimestamp": epoch(creation.requested_at),
    });
    match &creation.state {
        CreationState::Succeeded(account) => {
            shown["State"] = json!("SUCCEEDED");
            shown["AccountId"] = json!(account);
        }
        CreationState::Failed(reason) => {
            shown["State"] = json!("FAILED");
            shown["FailureReason"] = json!(reason);
        }
    }
    shown
}

/// `Status` was to be retired on 9 September 2026 in favour of `State`; both are answered (API reference, `Account`).
pub(super) fn show(world: &World, organization: &Organization, account: &Account) -> Value {
    let mut shown = json!({
        "Id": account.id,
        "Arn": arn(world, organization, &format!("account/{}/{}", organization.id, account.id)),
        "Name": account.name,
        "Email": account.email,
        "State": account.state.as_str(),
        "Status": account.state.retired_status(),
    });
    if let Some(membership) = &account.membership {
        let path = organization.path(membership.unit.as_deref());
        if !world.switches.omit_paths {
            shown["Paths"] = json!([format!("{path}{}/", account.id)]);
        }
        shown["JoinedMethod"] = json!(membership.method.as_str());
        shown["JoinedTimestamp"] = epoch(membership.joined_at);
    }
    shown
}
