//! IAM in domain words: a role, who may assume it, and what it may do; and how well an account is guarded.

mod security;

use aws_sdk_iam::Client;
use aws_sdk_iam::types as sdk;

use super::call;
use super::error::{Call, Failure};
use super::policy::PolicyDocument;
use super::types::{RoleArn, Tags, tags};
use crate::framework::{Cx, DomainText};

pub use security::{PasswordPolicy, RootUser, SHORTEST_STRONG};

/// IAM, as one session sees it; cheap to clone.
#[derive(Clone, Debug)]
pub struct Iam(Client);

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// ARN of the role.
    pub arn: RoleArn,
    /// Path within the account.
    pub path: String,
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// Policy that bounds its permissions.
    pub permissions_boundary: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A role that is to be created.
#[derive(Clone, Debug)]
pub struct NewRole<'a> {
    /// Name of the role.
    pub name: &'a str,
    /// Path within the account.
    pub path: &'a str,
    /// Text that says what it is for.
    pub description: &'a str,
    /// Who may assume it.
    pub trust: &'a PolicyDocument,
    /// Policy that bounds its permissions.
    pub permissions_boundary: Option<&'a str>,
    /// Its tags.
    pub tags: &'a Tags,
}

impl Iam {
    /// IAM with the credentials of the client.
    pub(super) fn new(client: Client) -> Self {
        Self(client)
    }

    /// The role with the name.
    pub async fn role(&self, cx: &Cx, name: &str) -> Result<Option<Role>, Failure> {
        let call = Call::new("GetRole", format!("look at role {name}")).allowed_by("iam:GetRole");
        let get = self.0.get_role().role_name(name).send();
        let Some(answer) = found(call::read(cx, &call, get).await)? else {
            return Ok(None);
        };
        let missing = || Failure::bug("GetRole showed no role.");
        answer.role().ok_or_else(missing).and_then(role).map(Some)
    }

    /// Creates a role.
    pub async fn create_role(&self, cx: &Cx, new: NewRole<'_>) -> Result<Role, Failure> {
        let call = Call::new("CreateRole", format!("create role {}", new.name))
            .allowed_by("iam:CreateRole");
        let create = self
            .0
            .create_role()
            .role_name(new.name)
            .path(new.path)
            .description(new.description)
            .assume_role_policy_document(new.trust.to_string())
            .set_permissions_boundary(new.permissions_boundary.map(str::to_owned))
            .set_tags(sdk_tags(new.tags)?);
        let created = call::write(cx, &call, (), |wire| {
            create.clone().customize().interceptor(wire).send()
        });
        let answer = created.await?;
        let missing = || Failure::bug("CreateRole showed no role.");
        answer.role().ok_or_else(missing).and_then(role)
    }

    /// Says anew who may assume the role.
    pub async fn set_trust(
        &self,
        cx: &Cx,
        name: &str,
        trust: &PolicyDocument,
    ) -> Result<(), Failure> {
        let call = Call::new(
            "UpdateAssumeRolePolicy",
            format!("change who may assume role {name}"),
        )
        .allowed_by("iam:UpdateAssumeRolePolicy");
        let update = self
            .0
            .update_assume_role_policy()
            .role_name(name)
            .policy_document(trust.to_string());
        let updated = call::write(cx, &call, (), |wire| {
            update.clone().customize().interceptor(wire).send()
        });
        updated.await.map(drop)
    }

    /// Bounds the role's permissions, or frees them.
    pub async fn set_boundary(
        &self,
        cx: &Cx,
        name: &str,
        boundary: Option<&str>,
    ) -> Result<(), Failure> {
        let intent = format!("change the permissions boundary of role {name}");
        if let Some(boundary) = boundary {
            let call = Call::new("PutRolePermissionsBoundary", intent)
                .allowed_by("iam:PutRolePermissionsBoundary");
            let put = self
                .0
                .put_role_permissions_boundary()
                .role_name(name)
                .permissions_boundary(boundary);
            let put = call::write(cx, &call, (), |wire| {
                put.clone().customize().interceptor(wire).send()
            });
            return put.await.map(drop);
        }
        let call = Call::new("DeleteRolePermissionsBoundary", intent)
            .allowed_by("iam:DeleteRolePermissionsBoundary");
        let delete = self.0.delete_role_permissions_boundary().role_name(name);
        let deleted = call::write(cx, &call, (), |wire| {
            delete.clone().customize().interceptor(wire).send()
        });
        found(deleted.await).map(drop)
    }

    /// The role's inline policy with the name.
    pub async fn policy(
        &self,
        cx: &Cx,
        role: &str,
        name: &str,
    ) -> Result<Option<PolicyDocument>, Failure> {
        let call = Call::new(
            "GetRolePolicy",
            format!("look at policy {name} of role {role}"),
        )
        .allowed_by("iam:GetRolePolicy");
        let get = self.0.get_role_policy().role_name(role).policy_name(name);
        let answer = found(call::read(cx, &call, get.send()).await)?;
        Ok(answer.and_then(|answer| document(answer.policy_document())))
    }

    /// Names of the role's inline policies.
    pub async fn policies(&self, cx: &Cx, role: &str) -> Result<Vec<String>, Failure> {
        let call = Call::new(
            "ListRolePolicies",
            format!("list the policies of role {role}"),
        )
        .allowed_by("iam:ListRolePolicies");
        let list = async {
            let mut pages = self
                .0
                .list_role_policies()
                .role_name(role)
                .into_paginator()
                .send();
            let mut names = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| Failure::of_service(&call, error))?;
                names.extend(page.policy_names);
            }
            Ok(names)
        };
        cx.unless_interrupted(Box::pin(list)).await?
    }

    /// Says what the role may do.
    pub async fn put_policy(
        &self,
        cx: &Cx,
        role: &str,
        name: &str,
        policy: &PolicyDocument,
    ) -> Result<(), Failure> {
        let call = Call::new("PutRolePolicy", format!("give role {role} its permissions"))
            .allowed_by("iam:PutRolePolicy");
        let put = self
            .0
            .put_role_policy()
            .role_name(role)
            .policy_name(name)
            .policy_document(policy.to_string());
        let put = call::write(cx, &call, (), |wire| {
            put.clone().customize().interceptor(wire).send()
        });
        put.await.map(drop)
    }

    /// ARNs of the managed policies attached to the role.
    pub async fn attached(&self, cx: &Cx, role: &str) -> Result<Vec<String>, Failure> {
        let call = Call::new(
            "ListAttachedRolePolicies",
            format!("list the policies of role {role}"),
        )
        .allowed_by("iam:ListAttachedRolePolicies");
        let list = async {
            let mut pages = self
                .0
                .list_attached_role_policies()
                .role_name(role)
                .into_paginator()
                .send();
            let mut attached = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| Failure::of_service(&call, error))?;
                let arns = page.attached_policies().iter();
                attached.extend(arns.filter_map(|policy| policy.policy_arn.clone()));
            }
            Ok(attached)
        };
        cx.unless_interrupted(Box::pin(list)).await?
    }

    /// Attaches a managed policy.
    pub async fn attach(&self, cx: &Cx, role: &str, policy_arn: &str) -> Result<(), Failure> {
        let call = Call::new("AttachRolePolicy", format!("attach {policy_arn} to {role}"))
            .allowed_by("iam:AttachRolePolicy");
        let attach = self
            .0
            .attach_role_policy()
            .role_name(role)
            .policy_arn(policy_arn);
        let attached = call::write(cx, &call, (), |wire| {
            attach.clone().customize().interceptor(wire).send()
        });
        attached.await.map(drop)
    }

    /// Detaches a managed policy.
    pub async fn detach(&self, cx: &Cx, role: &str, policy_arn: &str) -> Result<(), Failure> {
        let call = Call::new(
            "DetachRolePolicy",
            format!("detach {policy_arn} from {role}"),
        )
        .allowed_by("iam:DetachRolePolicy");
        let detach = self
            .0
            .detach_role_policy()
            .role_name(role)
            .policy_arn(policy_arn);
        let detached = call::write(cx, &call, (), |wire| {
            detach.clone().customize().interceptor(wire).send()
        });
        found(detached.await).map(drop)
    }

    /// Deletes an inline policy of the role. One that is gone already is a success.
    pub async fn delete_policy(&self, cx: &Cx, role: &str, name: &str) -> Result<(), Failure> {
        let call = Call::new(
            "DeleteRolePolicy",
            format!("delete policy {name} of role {role}"),
        )
        .allowed_by("iam:DeleteRolePolicy");
        let delete = self
            .0
            .delete_role_policy()
            .role_name(role)
            .policy_name(name);
        let deleted = call::write(cx, &call, (), |wire| {
            delete.clone().customize().interceptor(wire).send()
        });
        found(deleted.await).map(drop)
    }

    /// Deletes the role. One that is gone already is a success.
    pub async fn delete_role(&self, cx: &Cx, name: &str) -> Result<(), Failure> {
        let call =
            Call::new("DeleteRole", format!("delete role {name}")).allowed_by("iam:DeleteRole");
        let delete = self.0.delete_role().role_name(name);
        let deleted = call::write(cx, &call, (), |wire| {
            delete.clone().customize().interceptor(wire).send()
        });
        found(deleted.await).map(drop)
    }

    /// Adds tags to the role, or gives existing ones a new value.
    pub async fn tag(&self, cx: &Cx, role: &str, tags: &Tags) -> Result<(), Failure> {
        let call = Call::new("TagRole", format!("tag role {role}")).allowed_by("iam:TagRole");
        let tag = self.0.tag_role().role_name(role).set_tags(sdk_tags(tags)?);
        let tagged = call::write(cx, &call, (), |wire| {
            tag.clone().customize().interceptor(wire).send()
        });
        tagged.await.map(drop)
    }

    /// Takes tags away from the role.
    pub async fn untag(&self, cx: &Cx, role: &str, keys: &[String]) -> Result<(), Failure> {
        let call = Call::new("UntagRole", format!("take tags away from role {role}"))
            .allowed_by("iam:UntagRole");
        let untag = self
            .0
            .untag_role()
            .role_name(role)
            .set_tag_keys(Some(keys.to_vec()));
        let untagged = call::write(cx, &call, (), |wire| {
            untag.clone().customize().interceptor(wire).send()
        });
        untagged.await.map(drop)
    }

    /// Whether the role's own policies allow the action on the resource, as IAM judges it now.
    pub async fn allows(
        &self,
        cx: &Cx,
        role: &RoleArn,
        action: &str,
        resource: &str,
    ) -> Result<bool, Failure> {
        let call = Call::new(
            "SimulatePrincipalPolicy",
            format!("find out what role {role} may do"),
        )
        .allowed_by("iam:SimulatePrincipalPolicy");
        let simulate = self
            .0
            .simulate_principal_policy()
            .policy_source_arn(role.as_str())
            .action_names(action)
            .resource_arns(resource);
        let answer = call::read(cx, &call, simulate.send()).await?;
        let allowed = sdk::PolicyEvaluationDecisionType::Allowed;
        let results = answer.evaluation_results();
        Ok(!results.is_empty() && results.iter().all(|one| one.eval_decision == allowed))
    }
}

/// Takes IAM's word that something does not exist for an answer.
fn found<T>(outcome: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match outcome {
        Ok(answer) => Ok(Some(answer)),
        Err(failure) if failure.is("NoSuchEntity") || failure.is("NoSuchEntityException") => {
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

fn role(found: &sdk::Role) -> Result<Role, Failure> {
    let trust = found.assume_role_policy_document().and_then(document);
    let boundary = found.permissions_boundary();
    let found_tags = found.tags().iter();
    let found_tags = found_tags.map(|tag| (tag.key.clone(), tag.value.clone()));
    Ok(Role {
        arn: RoleArn::parse(found.arn()).map_err(Failure::bug)?,
        path: found.path().to_owned(),
        trust: trust.unwrap_or_else(|| PolicyDocument::of([])),
        permissions_boundary: boundary
            .and_then(|boundary| boundary.permissions_boundary_arn.clone()),
        tags: tags(found_tags),
    })
}

/// IAM answers with documents in the encoding of URLs.
fn document(encoded: &str) -> Option<PolicyDocument> {
    PolicyDocument::parse(encoded).or_else(|| PolicyDocument::parse(&percent_decoded(encoded)?))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).ok()
}

fn sdk_tags(tags: &Tags) -> Result<Option<Vec<sdk::Tag>>, Failure> {
    let tags = tags
        .iter()
        .map(|(key, value)| sdk::Tag::builder().key(key).value(value).build());
    let tags: Vec<sdk::Tag> = tags.collect::<Result<_, _>>().map_err(Failure::bug)?;
    Ok(Some(tags).filter(|tags| !tags.is_empty()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn documents_come_in_the_encoding_of_urls() {
        let encoded = "%7B%22Statement%22%3A%5B%7B%22Sid%22%3A%22a+b%22%7D%5D%7D";
        assert!(document(encoded).unwrap().to_string().contains("a+b"));
        assert!(document("%7").is_none() && document("%zz").is_none());
    }
}
