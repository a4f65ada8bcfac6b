//! AWS Identity and Access Management (API version 2010-05-08), Query: the slice that roles need, and how well an
//! account is guarded.

mod policies;
mod security;

use std::collections::BTreeSet;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};
use time::Duration;

use super::Operation::{self, Read, Write};
use super::input::{self, Complaint, Misfit, Shape, TagInput, any, pattern};
use super::{Answer, Context};
use crate::clock::iso;
use crate::world::{NewRole, Refusal, Role, Tags, World};

/// The version that forms name.
pub(super) const VERSION: &str = "2010-05-08";

const ROLE_NAME: Shape = Shape {
    name: "RoleName",
    min: 1,
    max: 64,
    form: pattern!(r"^[\w+=,.@-]+$"),
};
const POLICY_NAME: Shape = Shape {
    name: "PolicyName",
    min: 1,
    max: 128,
    form: pattern!(r"^[\w+=,.@-]+$"),
};
const PATH: Shape = Shape {
    name: "Path",
    min: 1,
    max: 512,
    form: pattern!(r"^/$|^/[!-~]+/$"),
};
const PATH_PREFIX: Shape = Shape {
    name: "PathPrefix",
    min: 1,
    max: 512,
    form: pattern!(r"^/[!-~]*$"),
};
const DESCRIPTION: Shape = Shape {
    name: "Description",
    min: 0,
    max: 1_000,
    form: any,
};
const DOCUMENT: Shape = Shape {
    name: "PolicyDocument",
    min: 1,
    max: 131_072,
    form: any,
};
const SESSION_SECONDS: std::ops::RangeInclusive<i64> = 3_600..=43_200;
const LARGEST_PAGE: usize = 1_000;
const PAGE: usize = 100;

pub(super) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AttachRolePolicy" => Write(policies::attach),
        "CreatePolicy" => Write(policies::create),
        "CreateRole" => Write(create_role),
        "DeletePolicy" => Write(policies::delete),
        "DeleteAccountPasswordPolicy" => Write(security::delete_password_policy),
        "DeleteRole" => Write(delete_role),
        "DeleteRolePermissionsBoundary" => Write(policies::delete_boundary),
        "DetachRolePolicy" => Write(policies::detach),
        "GetPolicy" => Read(policies::get),
        "GetPolicyVersion" => Read(policies::get_version),
        "ListAttachedRolePolicies" => Read(policies::list_attached),
        "ListRoleTags" => Read(list_role_tags),
        "PutRolePermissionsBoundary" => Write(policies::put_boundary),
        "SimulatePrincipalPolicy" => Read(policies::simulate),
        "TagRole" => Write(tag_role),
        "UntagRole" => Write(untag_role),
        "UpdateAssumeRolePolicy" => Write(update_trust),
        "UpdateRole" | "UpdateRoleDescription" => Write(update_role),
        "DeleteRolePolicy" => Write(delete_role_policy),
        "GetAccountPasswordPolicy" => Read(security::get_password_policy),
        "GetAccountSummary" => Read(security::summary),
        "GetRole" => Read(get_role),
        "GetRolePolicy" => Read(get_role_policy),
        "ListRolePolicies" => Read(list_role_policies),
        "ListRoles" => Read(list_roles),
        "PutRolePolicy" => Write(put_role_policy),
        "UpdateAccountPasswordPolicy" => Write(security::update_password_policy),
        _ => return None,
    })
}

pub(super) fn further_actions(operation: &str, input: &Value) -> Vec<String> {
    if operation == "CreateRole" && input.get("Tags").is_some() {
        return vec!["iam:TagRole".to_owned()];
    }
    Vec::new()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoleRequest {
    role_name: Option<String>,
    path: Option<String>,
    assume_role_policy_document: Option<String>,
    description: Option<String>,
    max_session_duration: Option<String>,
    tags: Option<Vec<TagInput>>,
    policy_name: Option<String>,
    policy_document: Option<String>,
    permissions_boundary: Option<String>,
    tag_keys: Option<Vec<String>>,
}

impl RoleRequest {
    fn role(&self) -> Result<&str, Refusal> {
        ROLE_NAME.required(self.role_name.as_ref()).map_err(invalid)
    }

    fn policy(&self) -> Result<&str, Refusal> {
        POLICY_NAME
            .required(self.policy_name.as_ref())
            .map_err(invalid)
    }

    fn max_session(&self) -> Result<Duration, Refusal> {
        let Some(text) = &self.max_session_duration else {
            return Ok(Duration::hours(1));
        };
        match text.parse() {
            Ok(seconds) if SESSION_SECONDS.contains(&seconds) => Ok(Duration::seconds(seconds)),
            _ => Err(Refusal::new(
                "ValidationError",
                "MaxSessionDuration must be between 3600 and 43200.",
            )),
        }
    }
}

fn create_role(world: &mut World, context: &Context<'_>) -> Answer {
    let request: RoleRequest = input::parse(context.input)?;
    let trust_policy = DOCUMENT
        .required(request.assume_role_policy_document.as_ref())
        .map_err(invalid)?;
    let new = NewRole {
        name: request.role()?.to_owned(),
        path: PATH
            .optional(request.path.as_ref())
            .map_err(invalid)?
            .unwrap_or("/")
            .to_owned(),
        trust_policy: trust_policy.to_owned(),
        description: DESCRIPTION
            .optional(request.description.as_ref())
            .map_err(invalid)?
            .map(str::to_owned),
        max_session: request.max_session()?,
        tags: policies::tags(request.tags.as_ref())?,
        permissions_boundary: request.permissions_boundary,
        attached_policies: BTreeSet::new(),
    };
    let role = world.create_role(&context.caller()?.account, new)?;
    Ok(json!({"Role": show(role)}))
}

fn get_role(world: &World, context: &Context<'_>) -> Answer {
    let request: RoleRequest = input::parse(context.input)?;
    let role = world.known_role(&context.caller()?.account, request.role()?)?;
    Ok(json!({"Role": show(role)}))
}

fn delete_role(world: &mut World, context: &Context<'_>) -> Answer {
    let request: RoleRequest = input::parse(context.input)?;
    world.delete_role(&context.caller()?.account, request.role()?)?;
    Ok(json!({}))
}

fn update_trust(world: &mut World, context: &Context<'_>) -> Answer {
    let request: RoleRequest = input::parse(context.input)?;
    let document = DOCUMENT
        .required(request.policy_document.as_ref())
        .map_err(invalid)?;
    world.update_trust(&context.caller()?.account, request.role()?, document)?;
    Ok(json!({}))
}

/// `UpdateRole` changes what it is given; `UpdateRoleDescription` is the older way to change the description, and
/// answers with the role.
fn update_role(world: &mut World, context: &Context<'_>) -> Answer {
    let request: RoleRequest = input::parse(context.input)?;
    let description = DESCRIPTION
        .optional(request.description.as_ref())
        .map_err(invalid)?;
    let max_session = match request.max_session_duration {
        Some(_) => Some(request.max_session()?),
        None => None,
    };
    let role = world.role_mut(&context.caller()?.account, request.role()?)?;
    if let Some(description) = description {
        role.description = Some(description.to_owned());
    }
    if let Some(max_session) = max_session {
        role.max_session = max_session;
    }
    Ok(match context.operation {
        "UpdateRoleDescription" => json!({"Role": show(role)}),
        _ => json!({}),
    })
}

fn tag_role(world: &mut World, context: &Context<'_>) -> Answer {
    let request: RoleRequest = input::parse(context.input)?;
    let tags = policies::tags(request.tags.as_ref())?;
    let role = world.role_mut(&context.caller()?.account, request.role()?)?;
    role.tags.extend(tags);
    Ok(json!({}))
}

fn untag_role(world: &mut World, context: &Context<'_>) -> Answer {
    let request: RoleRequest = input::parse(context.input)?;
    let keys = request.tag_keys.clone().unwrap_or_default();
    let role = world.role_mut(&context.caller()?.account, request.role()?)?;
    role.tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}

fn list_role_tags(world: &World, context: &Context<'_>) -> Answer {
    let request: ListRequest = input::parse(context.input)?;
    let name = ROLE_NAME
        .required(request.role_name.as_ref())
        .map_err(invalid)?;
    let role = world.known_role(&context.caller()?.account, name)?;
    let after = request.marker.as_deref();
    let tags = role.tags.iter();
    let tags = tags.filter(|(key, _)| after.is_none_or(|after| key.as_str() > after));
    Ok(page(
        "Tags",
        tags,
        request.page()?,
        |(key, _)| key,
        |(key, value)| json!({"Key": key, "Value": value}),
    ))
}

fn put_role_policy(world: &mut World, context: &Context<'_>) -> Answer {
    let request: RoleRequest = input::parse(context.input)?;
    let document = DOCUMENT
        .required(request.policy_document.as_ref())
        .map_err(invalid)?;
    world.put_role_policy(
        &context.caller()?.account,
        request.role()?,
        request.policy()?,
        document,
    )?;
    Ok(json!({}))
}

fn get_role_policy(world: &World, context: &Context<'_>) -> Answer {
    let request: RoleRequest = input::parse(context.input)?;
    let (role, policy) = (request.role()?, request.policy()?);
    let document = world.role_policy(&context.caller()?.account, role, policy)?;
    Ok(json!({"RoleName": role, "PolicyName": policy, "PolicyDocument": encoded(document)}))
}

fn delete_role_policy(world: &mut World, context: &Context<'_>) -> Answer {
    let request: RoleRequest = input::parse(context.input)?;
    world.delete_role_policy(
        &context.caller()?.account,
        request.role()?,
        request.policy()?,
    )?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListRequest {
    role_name: Option<String>,
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<String>,
}

impl ListRequest {
    fn page(&self) -> Result<usize, Refusal> {
        let Some(text) = &self.max_items else {
            return Ok(PAGE);
        };
        match text.parse() {
            Ok(size) if (1..=LARGEST_PAGE).contains(&size) => Ok(size),
            _ => Err(Refusal::new(
                "ValidationError",
                "MaxItems must be between 1 and 1000.",
            )),
        }
    }
}

/// The marker is the name of the last item of the page before.
fn list_roles(world: &World, context: &Context<'_>) -> Answer {
    let request: ListRequest = input::parse(context.input)?;
    let prefix = PATH_PREFIX
        .optional(request.path_prefix.as_ref())
        .map_err(invalid)?
        .unwrap_or("/");
    let roles = world.roles(&context.caller()?.account, request.marker.as_deref());
    let roles = roles.filter(|role| role.path.starts_with(prefix));
    Ok(page(
        "Roles",
        roles,
        request.page()?,
        |role| &role.name,
        |role| show(role),
    ))
}

fn list_role_policies(world: &World, context: &Context<'_>) -> Answer {
    let request: ListRequest = input::parse(context.input)?;
    let name = ROLE_NAME
        .required(request.role_name.as_ref())
        .map_err(invalid)?;
    let role = world.known_role(&context.caller()?.account, name)?;
    let after = request.marker.as_deref();
    let policies = role
        .policies
        .keys()
        .filter(|name| after.is_none_or(|after| name.as_str() > after));
    Ok(page(
        "PolicyNames",
        policies,
        request.page()?,
        |name| name,
        |name| json!(name),
    ))
}

fn page<T>(
    member: &str,
    items: impl Iterator<Item = T>,
    size: usize,
    key: impl Fn(&T) -> &str,
    show: impl Fn(&T) -> Value,
) -> Value {
    let mut items: Vec<T> = items.take(size + 1).collect();
    let more = items.len() > size;
    items.truncate(size);
    let mut answer =
        json!({member: items.iter().map(show).collect::<Vec<_>>(), "IsTruncated": more});
    if let Some(last) = items.last().filter(|_| more) {
        answer["Marker"] = json!(key(last));
    }
    answer
}

fn show_tags(tags: &Tags) -> Value {
    tags.iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect()
}

fn show(role: &Role) -> Value {
    let boundary = role
        .permissions_boundary
        .as_ref()
        .map(|arn| json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}));
    json!({
        "PermissionsBoundary": boundary,
        "RoleName": role.name,
        "RoleId": role.unique_id,
        "Arn": role.arn,
        "Path": role.path,
        "CreateDate": iso(role.created_at),
        "AssumeRolePolicyDocument": encoded(&role.trust_policy.to_string()),
        "Description": role.description,
        "MaxSessionDuration": role.max_session.whole_seconds(),
        "Tags": show_tags(&role.tags),
    })
}

/// IAM answers policies percent-encoded (API reference, `GetRole`).
fn encoded(document: &str) -> String {
    utf8_percent_encode(document, NON_ALPHANUMERIC).to_string()
}

fn invalid((misfit, name): Complaint) -> Refusal {
    let complaint = match misfit {
        Misfit::Missing => "is required",
        Misfit::TooShort => "is too short",
        Misfit::TooLong => "is too long",
        Misfit::Pattern | Misfit::NotInEnum => "does not have the required form",
    };
    Refusal::new("ValidationError", format!("{name} {complaint}."))
}
