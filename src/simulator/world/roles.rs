//! Roles and their policies. What they allow is evaluated where `access` says so; [`Role::denied_actions`] holds
//! everywhere. Roles that a test or a seed arranges are administrators.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{AccountId, Refusal, Tags, World, evaluation, ids, managed, trust};

/// How many managed policies a role may have (IAM user guide, "IAM and AWS STS quotas").
const ATTACHED_POLICIES: usize = 10;

/// A role.
#[derive(Clone, Debug)]
pub struct Role {
    /// The account it is in.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// `/` or a path that begins and ends with it.
    pub path: String,
    /// The ARN.
    pub arn: String,
    /// `AROA…`.
    pub unique_id: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Who may assume it.
    pub trust_policy: Value,
    /// How long a session may be.
    pub max_session: Duration,
    /// Its tags.
    pub tags: Tags,
    /// Inline policies by name, as they were written.
    pub policies: BTreeMap<String, String>,
    /// The ARNs of the managed policies attached to it.
    pub attached_policies: BTreeSet<String>,
    /// The ARN of the managed policy beyond which it may do nothing.
    pub permissions_boundary: Option<String>,
    /// Actions that holders of the role are denied; `*` at the end stands for any rest.
    pub denied_actions: BTreeSet<String>,
}

/// A role to arrange: who may assume it, and with which external ID.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleSpec {
    /// The account it is in.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// Accounts that may assume it.
    pub trusts: BTreeSet<AccountId>,
    /// What they must say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// See [`Role::denied_actions`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub denied_actions: BTreeSet<String>,
}

/// A role to create.
#[derive(Clone, Debug)]
pub(crate) struct NewRole {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) trust_policy: String,
    pub(crate) description: Option<String>,
    pub(crate) max_session: Duration,
    pub(crate) tags: Tags,
    pub(crate) permissions_boundary: Option<String>,
    pub(crate) attached_policies: BTreeSet<String>,
}

impl NewRole {
    /// An administrators' role that an account, or whoever else the ARN names, may assume.
    pub(crate) fn trusting(name: &str, principal: &str) -> Self {
        Self::with_policy(
            name,
            &json!({
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}],
            }),
        )
    }

    fn with_policy(name: &str, policy: &Value) -> Self {
        Self {
            name: name.to_owned(),
            path: "/".to_owned(),
            trust_policy: policy.to_string(),
            description: None,
            max_session: Duration::hours(1),
            tags: Tags::new(),
            permissions_boundary: None,
            attached_policies: BTreeSet::from([managed::ADMINISTRATOR.to_owned()]),
        }
    }
}

impl World {
    /// Arranges a role; an existing one is replaced.
    pub fn arrange_role(&mut self, spec: &RoleSpec) -> Result<String, Refusal> {
        let mut statement = json!({
            "Effect": "Allow",
            "Principal": {"AWS": spec.trusts.iter().map(AccountId::as_str).collect::<Vec<_>>()},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        });
        if let Some(external_id) = &spec.external_id {
            statement["Condition"] = json!({"StringEquals": {"sts:ExternalId": external_id}});
        }
        self.roles
            .remove(&(spec.account.clone(), spec.name.clone()));
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        self.create_role(&spec.account, NewRole::with_policy(&spec.name, &policy))?;
        let role = self.role_mut(&spec.account, &spec.name)?;
        role.denied_actions.clone_from(&spec.denied_actions);
        Ok(role.arn.clone())
    }

    /// A role by account and name.
    pub fn role(&self, account: &AccountId, name: &str) -> Option<&Role> {
        self.roles.get(&(account.clone(), name.to_owned()))
    }

    pub(super) fn role_by_arn(&self, arn: &str) -> Option<&Role> {
        let mut parts = arn.splitn(6, ':').skip(4);
        let (account, resource) = (parts.next()?, parts.next()?);
        let name = resource.rsplit('/').next()?;
        self.role(&AccountId::from(account), name)
            .filter(|role| role.arn == arn)
    }

    /// An account's roles after the given name.
    pub fn roles<'a>(
        &'a self,
        account: &AccountId,
        after: Option<&str>,
    ) -> impl Iterator<Item = &'a Role> + use<'a> {
        let start = (account.clone(), after.unwrap_or_default().to_owned());
        let account = account.clone();
        self.roles
            .range((Bound::Excluded(start), Bound::Unbounded))
            .take_while(move |((holder, _), _)| *holder == account)
            .map(|(_, role)| role)
    }

    /// A role by account and name, or IAM's answer that there is none.
    pub(crate) fn known_role(&self, account: &AccountId, name: &str) -> Result<&Role, Refusal> {
        self.role(account, name).ok_or_else(|| no_role(name))
    }

    /// A role, to arrange it.
    pub fn role_mut(&mut self, account: &AccountId, name: &str) -> Result<&mut Role, Refusal> {
        self.roles
            .get_mut(&(account.clone(), name.to_owned()))
            .ok_or_else(|| no_role(name))
    }

    /// Creates a role (IAM API reference, `CreateRole`).
    pub(crate) fn create_role(
        &mut self,
        account: &AccountId,
        new: NewRole,
    ) -> Result<&Role, Refusal> {
        let partition = self.known_account(account)?.partition.clone();
        let key = (account.clone(), new.name.clone());
        if self.roles.contains_key(&key) {
            return Err(Refusal::new(
                "EntityAlreadyExists",
                format!("Role with name {} already exists.", new.name),
            ));
        }
        if let Some(boundary) = &new.permissions_boundary {
            self.check_attachable(account, boundary)?;
        }
        let arn = format!(
            "arn:{partition}:iam::{account}:role{}{}",
            new.path, new.name
        );
        let role = Role {
            account: account.clone(),
            unique_id: ids::principal("AROA", &arn),
            arn,
            trust_policy: self.check_trust(&new.trust_policy)?,
            name: new.name,
            path: new.path,
            description: new.description,
            created_at: self.now,
            max_session: new.max_session,
            tags: new.tags,
            policies: BTreeMap::new(),
            attached_policies: new.attached_policies,
            permissions_boundary: new.permissions_boundary,
            denied_actions: BTreeSet::new(),
        };
        Ok(self.roles.entry(key).or_insert(role))
    }

    /// A trust policy that IAM takes: principals that do not exist are refused (IAM user guide, "IAM JSON policy
    /// elements: Principal").
    fn check_trust(&self, document: &str) -> Result<Value, Refusal> {
        let policy = trust::parse(document)?;
        for statement in trust::items(policy.get("Statement")) {
            let principal = statement.get("Principal").ok_or_else(|| {
                Refusal::new(
                    "MalformedPolicyDocument",
                    "AssumeRolePolicy must contain a principal.",
                )
            })?;
            let names = principal
                .get("AWS")
                .into_iter()
                .flat_map(evaluation::strings);
            if let Some(unknown) = names
                .into_iter()
                .find(|name| !self.principal_may_exist(name))
            {
                return Err(Refusal::new(
                    "MalformedPolicyDocument",
                    format!("Invalid principal in policy: \"AWS\":\"{unknown}\""),
                ));
            }
        }
        Ok(policy)
    }

    /// Rewrites a role's trust policy (IAM API reference, `UpdateAssumeRolePolicy`).
    pub(crate) fn update_trust(
        &mut self,
        account: &AccountId,
        name: &str,
        document: &str,
    ) -> Result<(), Refusal> {
        self.known_role(account, name)?;
        let policy = self.check_trust(document)?;
        self.role_mut(account, name)?.trust_policy = policy;
        Ok(())
    }

    /// Attaches a managed policy (IAM API reference, `AttachRolePolicy`; at most ten unless raised to twenty-five).
    pub(crate) fn attach_role_policy(
        &mut self,
        account: &AccountId,
        name: &str,
        policy: &str,
    ) -> Result<(), Refusal> {
        self.known_role(account, name)?;
        self.check_attachable(account, policy)?;
        let attached = &mut self.role_mut(account, name)?.attached_policies;
        if attached.len() >= ATTACHED_POLICIES && !attached.contains(policy) {
            return Err(Refusal::new(
                "LimitExceeded",
                format!("Cannot exceed quota for PoliciesPerRole: {ATTACHED_POLICIES}"),
            ));
        }
        attached.insert(policy.to_owned());
        Ok(())
    }

    /// Detaches a managed policy (IAM API reference, `DetachRolePolicy`).
    pub(crate) fn detach_role_policy(
        &mut self,
        account: &AccountId,
        name: &str,
        policy: &str,
    ) -> Result<(), Refusal> {
        if self
            .role_mut(account, name)?
            .attached_policies
            .remove(policy)
        {
            return Ok(());
        }
        Err(Refusal::new(
            "NoSuchEntity",
            format!("Policy {policy} was not found."),
        ))
    }

    /// Sets or takes away what a role may never exceed (IAM API reference, `PutRolePermissionsBoundary`,
    /// `DeleteRolePermissionsBoundary`).
    pub(crate) fn set_permissions_boundary(
        &mut self,
        account: &AccountId,
        name: &str,
        boundary: Option<&str>,
    ) -> Result<(), Refusal> {
        self.known_role(account, name)?;
        if let Some(boundary) = boundary {
            self.check_attachable(account, boundary)?;
        }
        self.role_mut(account, name)?.permissions_boundary = boundary.map(str::to_owned);
        Ok(())
    }

    /// Deletes a role that has no policies (IAM API reference, `DeleteRole`).
    pub(crate) fn delete_role(&mut self, account: &AccountId, name: &str) -> Result<(), Refusal> {
        let role = self.known_role(account, name)?;
        let conflict = |what| {
            Refusal::new(
                "DeleteConflict",
                format!("Cannot delete entity, must {what} first."),
            )
        };
        if !role.policies.is_empty() {
            return Err(conflict("delete policies"));
        }
        if !role.attached_policies.is_empty() {
            return Err(conflict("detach all policies"));
        }
        self.roles.remove(&(account.clone(), name.to_owned()));
        Ok(())
    }

    /// Writes an inline policy (IAM API reference, `PutRolePolicy`).
    pub(crate) fn put_role_policy(
        &mut self,
        account: &AccountId,
        role: &str,
        name: &str,
        document: &str,
    ) -> Result<(), Refusal> {
        trust::parse(document)?;
        self.role_mut(account, role)?
            .policies
            .insert(name.to_owned(), document.to_owned());
        Ok(())
    }

    /// Deletes an inline policy (IAM API reference, `DeleteRolePolicy`).
    pub(crate) fn delete_role_policy(
        &mut self,
        account: &AccountId,
        role: &str,
        name: &str,
    ) -> Result<(), Refusal> {
        match self.role_mut(account, role)?.policies.remove(name) {
            Some(_) => Ok(()),
            None => Err(no_policy(name)),
        }
    }

    /// The text of an inline policy (IAM API reference, `GetRolePolicy`).
    pub(crate) fn role_policy(
        &self,
        account: &AccountId,
        role: &str,
        name: &str,
    ) -> Result<&str, Refusal> {
        self.known_role(account, role)?
            .policies
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| no_policy(name))
    }
}

fn no_role(name: &str) -> Refusal {
    Refusal::new(
        "NoSuchEntity",
        format!("The role with name {name} cannot be found."),
    )
}

fn no_policy(name: &str) -> Refusal {
    Refusal::new(
        "NoSuchEntity",
        format!("The role policy with name {name} cannot be found."),
    )
}
