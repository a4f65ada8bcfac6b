//! The organization itself: founding, showing, leaving, deleting, its root.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::input::{self, Misfit};
use super::super::{Answer, Context};
use super::paging::{Page, PageRequest};
use super::{invalid, nothing, shapes};
use crate::world::{FeatureSet, Organization, Refusal, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateOrganization {
    feature_set: Option<String>,
}

pub(super) fn create(world: &mut World, context: &Context<'_>) -> Answer {
    let request: CreateOrganization = input::parse(context.input)?;
    let feature_set = match request.feature_set.as_deref() {
        None | Some("ALL") => FeatureSet::All,
        Some("CONSOLIDATED_BILLING") => FeatureSet::ConsolidatedBilling,
        Some(_) => return Err(invalid((Misfit::NotInEnum, "FeatureSet"))),
    };
    let id = world
        .create_organization(&context.caller()?.account, feature_set)?
        .id
        .clone();
    let organization = world
        .organization(id.as_str())
        .ok_or_else(Refusal::not_in_use)?;
    Ok(json!({"Organization": show(world, organization)}))
}

pub(super) fn describe(world: &World, context: &Context<'_>) -> Answer {
    let (organization, _) = world.membership(&context.caller()?.account)?;
    Ok(json!({"Organization": show(world, organization)}))
}

pub(super) fn delete(world: &mut World, context: &Context<'_>) -> Answer {
    world.delete_organization(&context.caller()?.account)?;
    Ok(nothing())
}

pub(super) fn leave(world: &mut World, context: &Context<'_>) -> Answer {
    world.leave_organization(&context.caller()?.account)?;
    Ok(nothing())
}

pub(super) fn list_roots(world: &World, context: &Context<'_>) -> Answer {
    let page = Page::new(world, context, &input::parse(context.input)?)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let root = organization.root();
    let arn = arn(
        world,
        organization,
        &format!("root/{}/{root}", organization.id),
    );
    Ok(page.cut("Roots", std::iter::once(root), |root| root, |root| {
        json!({"Id": root, "Arn": arn, "Name": "Root", "PolicyTypes": policy_types(organization)})
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListParents {
    child_id: Option<String>,
    #[serde(flatten)]
    page: PageRequest,
}

pub(super) fn list_parents(world: &World, context: &Context<'_>) -> Answer {
    let request: ListParents = input::parse(context.input)?;
    let child = shapes::CHILD_ID
        .required(request.child_id.as_ref())
        .map_err(invalid)?;
    let page = Page::new(world, context, &request.page)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let unit = if organization.members.contains(child) {
        let membership = world.member(organization, child)?.membership.as_ref();
        membership.and_then(|membership| membership.unit.as_deref())
    } else {
        let unit = organization.units.get(child).ok_or_else(|| {
            Refusal::new(
                "ChildNotFoundException",
                "The organization has no account or unit with that ID.",
            )
        })?;
        unit.parent.as_deref()
    };
    let kind = if unit.is_some() {
        "ORGANIZATIONAL_UNIT"
    } else {
        "ROOT"
    };
    Ok(page.cut(
        "Parents",
        std::iter::once(organization.parent_id(unit)),
        |id| id,
        |id| json!({"Id": id, "Type": kind}),
    ))
}

fn show(world: &World, organization: &Organization) -> Value {
    let management = &organization.management;
    json!({
        "Id": organization.id,
        "Arn": arn(world, organization, &format!("organization/{}", organization.id)),
        "FeatureSet": organization.feature_set.as_str(),
        "MasterAccountId": management,
        "MasterAccountArn": arn(world, organization, &format!("account/{}/{management}", organization.id)),
        "MasterAccountEmail": world.account(management.as_str()).map(|account| &account.email),
        "AvailablePolicyTypes": policy_types(organization),
    })
}

/// Service control policies come with all features.
fn policy_types(organization: &Organization) -> Value {
    match organization.feature_set {
        FeatureSet::All => json!([{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]),
        FeatureSet::ConsolidatedBilling => json!([]),
    }
}

/// ARNs of an organization's resources name its management account (API reference, the patterns of the ARN types).
pub(super) fn arn(world: &World, organization: &Organization, resource: &str) -> String {
    let management = &organization.management;
    let partition = world
        .account(management.as_str())
        .map_or("aws", |account| account.partition.as_str());
    format!("arn:{partition}:organizations::{management}:{resource}")
}
