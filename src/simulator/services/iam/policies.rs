//! What roles may do: managed policies, permissions boundaries, and the question whether a principal may do something.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::input::{self, Misfit, Shape, TagInput, any, pattern};
use super::super::{Answer, Context};
use super::{
    DESCRIPTION, DOCUMENT, ListRequest, PATH, POLICY_NAME, ROLE_NAME, encoded, invalid, page,
};
use crate::clock::iso;
use crate::world::{Caller, ManagedPolicy, Principal, Refusal, Role, Tags, Verdict, World};

const POLICY_ARN: Shape = Shape {
    name: "PolicyArn",
    min: 20,
    max: 2_048,
    form: any,
};
const ACTION: Shape = Shape {
    name: "ActionNames",
    min: 3,
    max: 128,
    form: pattern!(r"^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$"),
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyRequest {
    role_name: Option<String>,
    policy_arn: Option<String>,
    policy_name: Option<String>,
    policy_document: Option<String>,
    path: Option<String>,
    description: Option<String>,
    permissions_boundary: Option<String>,
    version_id: Option<String>,
    tags: Option<Vec<TagInput>>,
}

impl PolicyRequest {
    fn of(context: &Context<'_>) -> Result<Self, Refusal> {
        input::parse(context.input)
    }

    fn role(&self) -> Result<&str, Refusal> {
        ROLE_NAME.required(self.role_name.as_ref()).map_err(invalid)
    }

    fn arn(&self) -> Result<&str, Refusal> {
        POLICY_ARN
            .required(self.policy_arn.as_ref())
            .map_err(invalid)
    }
}

/// Tags as IAM takes them: at most fifty (user guide, "Tagging IAM resources").
pub(super) fn tags(input: Option<&Vec<TagInput>>) -> Result<Tags, Refusal> {
    let tags =
        input::tags(input).map_err(|_| Refusal::new("InvalidInput", "Tags are not valid."))?;
    if tags.len() > 50 {
        return Err(Refusal::new(
            "LimitExceeded",
            "Cannot exceed quota for TagsPerEntity: 50",
        ));
    }
    Ok(tags)
}

pub(super) fn create(world: &mut World, context: &Context<'_>) -> Answer {
    let request = PolicyRequest::of(context)?;
    let name = POLICY_NAME
        .required(request.policy_name.as_ref())
        .map_err(invalid)?;
    let path = PATH
        .optional(request.path.as_ref())
        .map_err(invalid)?
        .unwrap_or("/");
    let description = DESCRIPTION
        .optional(request.description.as_ref())
        .map_err(invalid)?;
    let document = DOCUMENT
        .required(request.policy_document.as_ref())
        .map_err(invalid)?;
    let tags = tags(request.tags.as_ref())?;
    let account = &context.caller()?.account;
    let policy = world.create_policy(account, name, path, description, document, tags)?;
    Ok(json!({"Policy": show(policy, 0)}))
}

pub(super) fn get(world: &World, context: &Context<'_>) -> Answer {
    let request = PolicyRequest::of(context)?;
    let policy = world.managed_policy(&context.caller()?.account, request.arn()?)?;
    Ok(json!({"Policy": show(policy, world.attachments(&policy.arn))}))
}

/// There is one version only, the first.
pub(super) fn get_version(world: &World, context: &Context<'_>) -> Answer {
    let request = PolicyRequest::of(context)?;
    let policy = world.managed_policy(&context.caller()?.account, request.arn()?)?;
    if request.version_id.as_deref() != Some("v1") {
        return Err(Refusal::new(
            "NoSuchEntity",
            format!("Policy {} has no such version.", policy.arn),
        ));
    }
    Ok(json!({"PolicyVersion": {
        "VersionId": "v1",
        "IsDefaultVersion": true,
        "CreateDate": iso(policy.created_at),
        "Document": encoded(&policy.document),
    }}))
}

pub(super) fn delete(world: &mut World, context: &Context<'_>) -> Answer {
    let request = PolicyRequest::of(context)?;
    world.delete_policy(&context.caller()?.account, request.arn()?)?;
    Ok(json!({}))
}

fn show(policy: &ManagedPolicy, attachments: usize) -> Value {
    json!({
        "PolicyName": policy.name,
        "PolicyId": policy.unique_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": "v1",
        "AttachmentCount": attachments,
        "IsAttachable": true,
        "Description": policy.description,
        "CreateDate": iso(policy.created_at),
        "UpdateDate": iso(policy.created_at),
        "Tags": super::show_tags(&policy.tags),
    })
}

pub(super) fn attach(world: &mut World, context: &Context<'_>) -> Answer {
    let request = PolicyRequest::of(context)?;
    world.attach_role_policy(&context.caller()?.account, request.role()?, request.arn()?)?;
    Ok(json!({}))
}

pub(super) fn detach(world: &mut World, context: &Context<'_>) -> Answer {
    let request = PolicyRequest::of(context)?;
    world.detach_role_policy(&context.caller()?.account, request.role()?, request.arn()?)?;
    Ok(json!({}))
}

pub(super) fn list_attached(world: &World, context: &Context<'_>) -> Answer {
    let request: ListRequest = input::parse(context.input)?;
    let name = ROLE_NAME
        .required(request.role_name.as_ref())
        .map_err(invalid)?;
    let role = world.known_role(&context.caller()?.account, name)?;
    let after = request.marker.as_deref();
    let attached = role.attached_policies.iter();
    let attached = attached.filter(|arn| after.is_none_or(|after| arn.as_str() > after));
    Ok(page(
        "AttachedPolicies",
        attached,
        request.page()?,
        |arn| arn,
        |arn| {
            let name = arn.rsplit('/').next();
            json!({"PolicyName": name, "PolicyArn": arn})
        },
    ))
}

pub(super) fn put_boundary(world: &mut World, context: &Context<'_>) -> Answer {
    let request = PolicyRequest::of(context)?;
    let boundary = request
        .permissions_boundary
        .as_deref()
        .ok_or_else(|| invalid((Misfit::Missing, "PermissionsBoundary")))?;
    world.set_permissions_boundary(&context.caller()?.account, request.role()?, Some(boundary))?;
    Ok(json!({}))
}

pub(super) fn delete_boundary(world: &mut World, context: &Context<'_>) -> Answer {
    let request = PolicyRequest::of(context)?;
    let (account, role) = (&context.caller()?.account, request.role()?);
    if world
        .known_role(account, role)?
        .permissions_boundary
        .is_none()
    {
        return Err(Refusal::new(
            "NoSuchEntity",
            format!("The role with name {role} has no permissions boundary."),
        ));
    }
    world.set_permissions_boundary(account, role, None)?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simulation {
    policy_source_arn: Option<String>,
    action_names: Option<Vec<String>>,
    resource_arns: Option<Vec<String>>,
    context_entries: Option<Vec<ContextEntry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextEntry {
    context_key_name: Option<String>,
    context_key_values: Option<Vec<String>>,
}

/// `SimulatePrincipalPolicy`: what the identity's policies say about each action and resource. Resource policies,
/// organizations' policies and context with several values are left out.
pub(super) fn simulate(world: &World, context: &Context<'_>) -> Answer {
    let request: Simulation = input::parse(context.input)?;
    let source = request
        .policy_source_arn
        .as_deref()
        .ok_or_else(|| invalid((Misfit::Missing, "PolicySourceArn")))?;
    let actions = request.action_names.unwrap_or_default();
    if actions.is_empty() {
        return Err(invalid((Misfit::Missing, "ActionNames")));
    }
    let principal = principal(world, &context.caller()?.account, source)?;
    let resources = request
        .resource_arns
        .unwrap_or_else(|| vec!["*".to_owned()]);
    let entries = request.context_entries.unwrap_or_default();
    let facts: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let value = entry.context_key_values.as_ref()?.first()?;
            Some((entry.context_key_name.as_deref()?, value.clone()))
        })
        .collect();
    let mut results = Vec::new();
    for action in &actions {
        ACTION.required(Some(action)).map_err(invalid)?;
        for resource in &resources {
            let decision = match world.simulate(&principal, action, resource, &facts) {
                Verdict::Allowed => "allowed",
                Verdict::Denied => "explicitDeny",
                Verdict::Silent | Verdict::Delegated => "implicitDeny",
            };
            results.push(json!({
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": decision,
                "MatchedStatements": [],
                "MissingContextValues": [],
            }));
        }
    }
    Ok(json!({"EvaluationResults": results, "IsTruncated": false}))
}

/// The user or role that an ARN names, as it would call.
fn principal(
    world: &World,
    account: &crate::world::AccountId,
    arn: &str,
) -> Result<Caller, Refusal> {
    let missing = || {
        Refusal::new(
            "NoSuchEntity",
            format!("The principal {arn} cannot be found."),
        )
    };
    let resource = arn
        .strip_prefix("arn:aws")
        .and_then(|rest| rest.splitn(5, ':').nth(4))
        .filter(|_| arn.contains(&format!(":{account}:")))
        .ok_or_else(missing)?;
    let name = resource.rsplit('/').next().unwrap_or_default();
    if resource.starts_with("role/") {
        let role = world.known_role(account, name)?;
        return Ok(session_of(role));
    }
    world
        .user(account, name)
        .filter(|_| resource.starts_with("user/"))
        .ok_or_else(missing)
}

fn session_of(role: &Role) -> Caller {
    Caller {
        account: role.account.clone(),
        arn: role.arn.clone(),
        user_id: role.unique_id.clone(),
        access_key: String::new(),
        principal: Principal::Session {
            role: role.name.clone(),
            session: "simulation".to_owned(),
        },
        role_arn: Some(role.arn.clone()),
    }
}
