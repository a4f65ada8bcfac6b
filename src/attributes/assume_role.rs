//! `assume_role`: the role whose credentials are used.
//!
//! The provider block takes a chain of them; every resource and data source takes one of its own, so that
//! one provider block serves hundreds of accounts.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws;
use crate::aws::types::{ExternalId, RoleArn, SessionName};
use crate::framework::Model;
use crate::framework::timeouts::Limit;

/// Role to assume before AWS is called.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct AssumeRole {
    /// ARN of the role to assume.
    pub role_arn: RoleArn,

    /// Length of the role session, such as `15m` or `1h`. AWS's own default is one hour.
    pub duration: Option<Limit>,

    /// External ID that the role's trust policy asks for.
    pub external_id: Option<ExternalId>,

    /// Policy in JSON that narrows what the session may do.
    pub policy: Option<String>,

    /// ARNs of managed policies that narrow what the session may do.
    pub policy_arns: Option<BTreeSet<String>>,

    /// Name of the role session, as CloudTrail in the role's account shows it.
    pub session_name: Option<SessionName>,

    /// Name of the person or program behind the session, kept through role chains.
    pub source_identity: Option<String>,

    /// Tags of the role session.
    pub tags: Option<BTreeMap<String, String>>,

    /// Keys of session tags that pass on to sessions made from this one.
    pub transitive_tag_keys: Option<BTreeSet<String>>,
}

impl From<&AssumeRole> for aws::AssumeRole {
    fn from(written: &AssumeRole) -> Self {
        let list = |set: &Option<BTreeSet<String>>| set.iter().flatten().cloned().collect();
        Self {
            role_arn: written.role_arn.clone(),
            duration: written.duration.as_ref().map(Limit::duration),
            external_id: written.external_id.clone(),
            policy: written.policy.clone(),
            policy_arns: list(&written.policy_arns),
            session_name: written.session_name.clone(),
            source_identity: written.source_identity.clone(),
            tags: written.tags.clone().unwrap_or_default(),
            transitive_tag_keys: list(&written.transitive_tag_keys),
        }
    }
}

impl AssumeRole {
    /// The role with nothing more said, as an import ID names it.
    pub fn of(role_arn: RoleArn) -> Self {
        Self {
            role_arn,
            duration: None,
            external_id: None,
            policy: None,
            policy_arns: None,
            session_name: None,
            source_identity: None,
            tags: None,
            transitive_tag_keys: None,
        }
    }
}
