//! Service control policies, as far as somebody wants to know what an account loses by a move. They are arranged, not
//! made by calls, and what they deny to an account is arranged at the account.

use std::collections::BTreeSet;

use super::{AccountId, FeatureSet, Organization, Refusal, World, ids};

/// The policy that AWS attaches to everything (user guide, "Service control policies").
const FULL_ACCESS: &str = "p-FullAWSAccess";

/// A service control policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `p-` and eight or more characters.
    pub id: String,
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
    /// The service control policies, or those of one target; none without all features.
    pub fn service_control_policies(&self, target: Option<&str>) -> Vec<Policy> {
        if self.feature_set != FeatureSet::All {
            return Vec::new();
        }
        let full_access = Policy {
            id: FULL_ACCESS.to_owned(),
            name: "FullAWSAccess".to_owned(),
            description: "Allows access to every operation".to_owned(),
            aws_managed: true,
            targets: BTreeSet::new(),
        };
        let own = self.policies.values().cloned();
        let mut policies: Vec<Policy> = own
            .filter(|policy| target.is_none_or(|target| policy.targets.contains(target)))
            .chain([full_access])
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
        name: &str,
        targets: BTreeSet<String>,
    ) -> Result<String, Refusal> {
        let organization = self.managed_by_mut(management)?;
        let id = ids::policy(&organization.id, name);
        let policy = Policy {
            id: id.clone(),
            name: name.to_owned(),
            description: String::new(),
            aws_managed: false,
            targets,
        };
        organization.policies.insert(id.clone(), policy);
        Ok(id)
    }
}
