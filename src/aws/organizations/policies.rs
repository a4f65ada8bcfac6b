//! Policies of the organization, as far as somebody wants to know what ends with a membership.

use aws_sdk_organizations::types as sdk;

use super::super::error::{Call, Failure};
use super::caller::{Organizational, Page};
use super::model::{Policy, PolicyType};
use super::{Organizations, PAGE};
use crate::framework::Cx;

impl Organizations {
    /// Policies of the type in the organization, AWS's own left out.
    pub async fn policies(&self, cx: &Cx, kind: PolicyType) -> Result<Vec<Policy>, Failure> {
        let client = &self.0.client;
        let call = Call::new("ListPolicies", "list the organization's policies");
        let pages = self.0.caller.pages(&call, Organizational::Own, |token| {
            let list = client.list_policies().filter(kind.into());
            let send = list.max_results(PAGE).set_next_token(token).send();
            async {
                send.await
                    .map(|page| Page(page.policies.unwrap_or_default(), page.next_token))
            }
        });
        let found = cx.unless_interrupted(Box::pin(pages)).await??;
        Ok(policies(kind, None, &found))
    }

    /// Policies of the type that are attached to a root, an organizational unit or an account, AWS's own left
    /// out.
    pub async fn policies_on(
        &self,
        cx: &Cx,
        kind: PolicyType,
        target_id: &str,
    ) -> Result<Vec<Policy>, Failure> {
        let client = &self.0.client;
        let call = Call::new(
            "ListPoliciesForTarget",
            format!("list the policies on {target_id}"),
        );
        let pages = self.0.caller.pages(&call, Organizational::Own, |token| {
            let list = client.list_policies_for_target().filter(kind.into());
            let list = list.target_id(target_id);
            let send = list.max_results(PAGE).set_next_token(token).send();
            async {
                send.await
                    .map(|page| Page(page.policies.unwrap_or_default(), page.next_token))
            }
        });
        let found = cx.unless_interrupted(Box::pin(pages)).await??;
        Ok(policies(kind, Some(target_id), &found))
    }
}

fn policies(kind: PolicyType, target: Option<&str>, found: &[sdk::PolicySummary]) -> Vec<Policy> {
    let own = found.iter().filter(|policy| !policy.aws_managed());
    own.map(|policy| Policy {
        id: policy.id().unwrap_or_default().to_owned(),
        name: policy.name().unwrap_or_default().to_owned(),
        kind,
        target_id: target.map(str::to_owned),
    })
    .collect()
}

impl From<PolicyType> for sdk::PolicyType {
    fn from(kind: PolicyType) -> Self {
        match kind {
            PolicyType::ServiceControl => Self::ServiceControlPolicy,
            PolicyType::ResourceControl => Self::ResourceControlPolicy,
            PolicyType::Tag => Self::TagPolicy,
            PolicyType::Backup => Self::BackupPolicy,
            PolicyType::AiServicesOptOut => Self::AiservicesOptOutPolicy,
        }
    }
}
