//! The policies of an organization, as far as somebody wants to know what an account loses by a move. They are arranged, not
//! made by calls, and what they deny to an account is arranged at the account.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{AccountId, FeatureSet, Organization, Refusal, World, ids};

/// The policy that AWS attaches to everything (user guide, "Service control policies").
const FULL_ACCESS: &str = "p-FullAWSAccess";

/// What a policy governs (API reference, `PolicySummary`, `Type`; those that this simulator knows).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PolicyType {
    /// The most that identities of an account may do.
    #[default]
    ServiceControlPolicy,
    /// The most that others may do to the resources of an account.
    ResourceControlPolicy,
    /// How tags are written.
    TagPolicy,
    /// Backup plans.
    BackupPolicy,
    /// What AWS's artificial intelligence may learn from.
    #[serde(rename = "AISERVICES_OPT_OUT_POLICY")]
    AiServicesOptOutPolicy,
}

impl PolicyType {
    /// The value of `Type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceControlPolicy => "SERVICE_CONTROL_POLICY",
            Self::ResourceControlPolicy => "RESOURCE_CONTROL_POLICY",
            Self::TagPolicy => "TAG_POLICY",
            Self::BackupPolicy => "BACKUP_POLICY",
            Self::AiServicesOptOutPolicy => "AISERVICES_OPT_OUT_POLICY",
        }
    }
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `p-` and eight or more characters.
    pub id: String,
    /// What it governs.
    pub kind: PolicyType,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it is AWS's own.
    pub aws_managed: bool,
    /// The root, the units and the accounts that it is attached to.
    pub targets: BTreeSet<String>,
}

impl Organization {
    /// The policies of a type by its name, or those of them that one target has; none without all features.
    pub fn policies_of(&self, kind: &str, target: Option<&str>) -> Vec<Policy> {
        if self.feature_set != FeatureSet::All {
            return Vec::new();
        }
        let full_access = Policy {
            id: FULL_ACCESS.to_owned(),
            kind: PolicyType::ServiceControlPolicy,
            name: "FullAWSAccess".to_owned(),
            description: "Allows access to every operation".to_owned(),
            aws_managed: true,
            targets: BTreeSet::new(),
        };
        let own = self.policies.values().cloned();
        let mut policies: Vec<Policy> = own
            .filter(|policy| target.is_none_or(|target| policy.targets.contains(target)))
            .chain([full_access])
            .filter(|policy| policy.kind.as_str() == kind)
            .collect();
        policies.sort_by(|one, other| one.id.cmp(&other.id));
        policies
    }
}

impl World {
    /// Arranges a policy, attached to the root, to units or to accounts.
    pub fn arrange_policy(
        &mut self,
        management: &AccountId,
        kind: PolicyType,
        name: &str,
        targets: BTreeSet<String>,
    ) -> Result<String, Refusal> {
        let organization = self.managed_by_mut(management)?;
        let id = ids::policy(&organization.id, name);
        let policy = Policy {
            id: id.clone(),
            kind,
            name: name.to_owned(),
            description: String::new(),
            aws_managed: false,
            targets,
        };
        organization.policies.insert(id.clone(), policy);
        Ok(id)
    }
}
