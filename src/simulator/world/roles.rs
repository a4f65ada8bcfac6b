//! Roles and their inline policies. Inline policies are kept, not evaluated: whoever holds a role may do everything in
//! the account, unless [`Role::denied_actions`] says otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{AccountId, Refusal, Tags, World, ids, trust};

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
}

impl NewRole {
    /// A role that an account, or whoever else the ARN names, may assume.
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
        let arn = format!(
            "arn:{partition}:iam::{account}:role{}{}",
            new.path, new.name
        );
        let role = Role {
            account: account.clone(),
            unique_id: ids::principal("AROA", &arn),
            arn,
            trust_policy: trust::parse(&new.trust_policy)?,
            name: new.name,
            path: new.path,
            description: new.description,
            created_at: self.now,
            max_session: new.max_session,
            tags: new.tags,
            policies: BTreeMap::new(),
            denied_actions: BTreeSet::new(),
        };
        Ok(self.roles.entry(key).or_insert(role))
    }

    /// Deletes a role that has no inline policies (IAM API reference, `DeleteRole`).
    pub(crate) fn delete_role(&mut self, account: &AccountId, name: &str) -> Result<(), Refusal> {
        if !self.known_role(account, name)?.policies.is_empty() {
            return Err(Refusal::new(
                "DeleteConflict",
                "Cannot delete entity, must delete policies first.",
            ));
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
