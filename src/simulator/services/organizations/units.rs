//! Organizational units, the root's and their children, and the policies on them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::input::{self, Misfit, TagInput};
use super::super::{Answer, Context};
use super::organization::arn;
use super::paging::{Page, PageRequest};
use super::{invalid, invalid_tags, nothing, shapes};
use crate::world::{Organization, Policy, Refusal, Unit, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneUnit {
    parent_id: Option<String>,
    organizational_unit_id: Option<String>,
    name: Option<String>,
    tags: Option<Vec<TagInput>>,
}

impl OneUnit {
    fn id(&self) -> Result<&str, Refusal> {
        shapes::UNIT_ID
            .required(self.organizational_unit_id.as_ref())
            .map_err(invalid)
    }
}

pub(super) fn create(world: &mut World, context: &Context<'_>) -> Answer {
    let request: OneUnit = input::parse(context.input)?;
    let parent = shapes::PARENT_ID
        .required(request.parent_id.as_ref())
        .map_err(invalid)?;
    let name = shapes::ACCOUNT_NAME
        .required(request.name.as_ref())
        .map_err(invalid)?;
    let tags = input::tags(request.tags.as_ref()).map_err(invalid_tags)?;
    let caller = &context.caller()?.account;
    let unit = world.create_unit(caller, parent, name, tags)?;
    answer(world, context, &unit)
}

pub(super) fn update(world: &mut World, context: &Context<'_>) -> Answer {
    let request: OneUnit = input::parse(context.input)?;
    let name = shapes::ACCOUNT_NAME
        .optional(request.name.as_ref())
        .map_err(invalid)?;
    let unit = world.rename_unit(&context.caller()?.account, request.id()?, name)?;
    answer(world, context, &unit)
}

pub(super) fn delete(world: &mut World, context: &Context<'_>) -> Answer {
    let request: OneUnit = input::parse(context.input)?;
    world.delete_unit(&context.caller()?.account, request.id()?)?;
    Ok(nothing())
}

pub(super) fn describe(world: &World, context: &Context<'_>) -> Answer {
    let request: OneUnit = input::parse(context.input)?;
    let id = request.id()?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let unit = organization.units.get(id).ok_or_else(|| {
        Refusal::new(
            "OrganizationalUnitNotFoundException",
            "The organization has no unit with that ID.",
        )
    })?;
    answer(world, context, unit)
}

fn answer(world: &World, context: &Context<'_>, unit: &Unit) -> Answer {
    let organization = world.administered_by(&context.caller()?.account)?;
    Ok(json!({"OrganizationalUnit": show(world, organization, unit)}))
}

fn show(world: &World, organization: &Organization, unit: &Unit) -> Value {
    json!({
        "Id": unit.id,
        "Arn": arn(world, organization, &format!("ou/{}/{}", organization.id, unit.id)),
        "Name": unit.name,
        "Path": organization.path(Some(&unit.id)),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListChildren {
    parent_id: Option<String>,
    child_type: Option<String>,
    #[serde(flatten)]
    page: PageRequest,
}

pub(super) fn list_for_parent(world: &World, context: &Context<'_>) -> Answer {
    let request: ListChildren = input::parse(context.input)?;
    let parent = shapes::PARENT_ID
        .required(request.parent_id.as_ref())
        .map_err(invalid)?;
    let page = Page::new(world, context, &request.page)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let parent = known_parent(organization, parent)?;
    let after = page.after().map(str::to_owned);
    let units = organization
        .units_in(parent)
        .filter(|unit| is_after(&unit.id, after.as_deref()));
    Ok(page.cut(
        "OrganizationalUnits",
        units,
        |unit| unit.id.as_str(),
        |unit| show(world, organization, unit),
    ))
}

pub(super) fn list_children(world: &World, context: &Context<'_>) -> Answer {
    let request: ListChildren = input::parse(context.input)?;
    let parent = shapes::PARENT_ID
        .required(request.parent_id.as_ref())
        .map_err(invalid)?;
    let kind = request
        .child_type
        .as_deref()
        .ok_or_else(|| invalid((Misfit::Missing, "ChildType")))?;
    let page = Page::new(world, context, &request.page)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let parent = known_parent(organization, parent)?;
    let children: Vec<&str> = match kind {
        "ACCOUNT" => world
            .members_in(organization, parent)
            .map(crate::world::AccountId::as_str)
            .collect(),
        "ORGANIZATIONAL_UNIT" => organization
            .units_in(parent)
            .map(|unit| unit.id.as_str())
            .collect(),
        _ => return Err(invalid((Misfit::NotInEnum, "ChildType"))),
    };
    let after = page.after().map(str::to_owned);
    let children = children
        .into_iter()
        .filter(|id| is_after(id, after.as_deref()));
    Ok(page.cut(
        "Children",
        children,
        |id| id,
        |id| json!({"Id": id, "Type": kind}),
    ))
}

/// The unit that is the parent; `None` is the root.
pub(super) fn known_parent<'a>(
    organization: &'a Organization,
    id: &str,
) -> Result<Option<&'a str>, Refusal> {
    let parent = organization
        .parent(id)
        .ok_or_else(Refusal::parent_not_found)?;
    Ok(parent.map(|unit| unit.id.as_str()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(
    clippy::struct_field_names,
    reason = "the names are those of the service model"
)]
struct MoveAccount {
    account_id: Option<String>,
    source_parent_id: Option<String>,
    destination_parent_id: Option<String>,
}

pub(super) fn move_account(world: &mut World, context: &Context<'_>) -> Answer {
    let request: MoveAccount = input::parse(context.input)?;
    let account = shapes::ACCOUNT_ID
        .required(request.account_id.as_ref())
        .map_err(invalid)?;
    let parent = |id: &Option<String>| {
        shapes::PARENT_ID
            .required(id.as_ref())
            .map(str::to_owned)
            .map_err(invalid)
    };
    let (source, destination) = (
        parent(&request.source_parent_id)?,
        parent(&request.destination_parent_id)?,
    );
    world.move_account(&context.caller()?.account, account, &source, &destination)?;
    Ok(nothing())
}

const POLICY_TYPES: [&str; 14] = [
    "AISERVICES_OPT_OUT_POLICY",
    "BACKUP_POLICY",
    "BEDROCK_POLICY",
    "CHATBOT_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "GUARDDUTY_POLICY",
    "INSPECTOR_POLICY",
    "NETWORK_SECURITY_DIRECTOR_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "S3_POLICY",
    "SECURITYHUB_POLICY",
    "SERVICE_CONTROL_POLICY",
    "TAG_POLICY",
    "UPGRADE_ROLLOUT_POLICY",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListPolicies {
    filter: Option<String>,
    target_id: Option<String>,
    #[serde(flatten)]
    page: PageRequest,
}

pub(super) fn list_policies(world: &World, context: &Context<'_>) -> Answer {
    let request: ListPolicies = input::parse(context.input)?;
    policies(world, context, &request, None)
}

pub(super) fn list_policies_for_target(world: &World, context: &Context<'_>) -> Answer {
    let request: ListPolicies = input::parse(context.input)?;
    let target = shapes::TAGGABLE_ID
        .required(request.target_id.as_ref())
        .map_err(invalid)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    if !organization.members.contains(target) && organization.parent(target).is_none() {
        return Err(Refusal::new(
            "TargetNotFoundException",
            "The organization has no root, unit or account with that ID.",
        ));
    }
    policies(world, context, &request, Some(target))
}

/// Of the types that the world does not know there are none.
fn policies(
    world: &World,
    context: &Context<'_>,
    request: &ListPolicies,
    target: Option<&str>,
) -> Answer {
    let kind = request
        .filter
        .as_deref()
        .ok_or_else(|| invalid((Misfit::Missing, "Filter")))?;
    if !POLICY_TYPES.contains(&kind) {
        return Err(Refusal::invalid_input(
            "INVALID_ENUM_POLICY_TYPE",
            "Filter is no type of policies.",
        ));
    }
    let page = Page::new(world, context, &request.page)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let after = page.after().map(str::to_owned);
    let policies = organization
        .policies_of(kind, target)
        .into_iter()
        .filter(|policy| is_after(&policy.id, after.as_deref()));
    Ok(page.cut(
        "Policies",
        policies,
        |policy| policy.id.as_str(),
        |policy| show_policy(world, organization, policy),
    ))
}

fn show_policy(world: &World, organization: &Organization, policy: &Policy) -> Value {
    let kind = policy.kind.as_str().to_lowercase();
    let arn = if policy.aws_managed {
        format!("arn:aws:organizations::aws:policy/{kind}/{}", policy.id)
    } else {
        let resource = format!("policy/{}/{kind}/{}", organization.id, policy.id);
        arn(world, organization, &resource)
    };
    json!({
        "Id": policy.id,
        "Arn": arn,
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.kind.as_str(),
        "AwsManaged": policy.aws_managed,
    })
}

fn is_after(id: &str, after: Option<&str>) -> bool {
    after.is_none_or(|after| id > after)
}
