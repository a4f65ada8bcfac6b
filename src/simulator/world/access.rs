//! Who may do what to which resource. Users are administrators of their account; a role's session may do what the
//! role's policies allow within its permissions boundary. That is asked for S3, for cost and usage reports, for Cost
//! Explorer and for what is simulated on request; other services hold callers to explicit denials alone.

use serde_json::Value;

use super::evaluation::{self, Request, Verdict};
use super::trust::Who;
use super::{AccountId, Caller, Principal, Refusal, Role, World, managed};

/// A resource that is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Resource<'a> {
    /// The ARN, or `*` for what has none.
    pub(crate) arn: &'a str,
    /// The account it belongs to.
    pub(crate) owner: &'a AccountId,
    /// Its own policy, if it has one.
    pub(crate) policy: Option<&'a Value>,
}

impl World {
    /// Whether a caller may do something to a resource: within an account its policy or the resource's suffices, between
    /// accounts both must agree, and no one may deny it (IAM user guide, "Policy evaluation logic" and "Cross-account
    /// policy evaluation logic").
    pub(crate) fn permit(
        &self,
        caller: Option<&Caller>,
        action: &str,
        resource: &Resource<'_>,
        facts: &[(&str, String)],
    ) -> Result<(), Refusal> {
        let facts = self.facts(caller, resource.owner, facts);
        let request = Request {
            who: caller.map_or(Who::Anonymous, Who::Caller),
            action,
            resource: resource.arn,
            facts: &facts,
        };
        let by_resource = resource.policy.map_or(Verdict::Silent, |policy| {
            evaluation::resource(policy, &request)
        });
        let Some(caller) = caller else {
            return match by_resource {
                Verdict::Allowed => Ok(()),
                _ => Err(Refusal::access_denied("Access Denied")),
            };
        };
        let by_identity = self.identity_verdict(caller, &request);
        let same_account = caller.account == *resource.owner;
        match (by_identity, by_resource) {
            (Verdict::Denied, _) => Err(refused(
                caller,
                &request,
                "with an explicit deny in an identity-based policy",
            )),
            (_, Verdict::Denied) => Err(refused(
                caller,
                &request,
                "with an explicit deny in a resource-based policy",
            )),
            (Verdict::Allowed, Verdict::Allowed | Verdict::Delegated) => Ok(()),
            (Verdict::Allowed, _) | (_, Verdict::Allowed) if same_account => Ok(()),
            (Verdict::Allowed, _) => Err(refused(
                caller,
                &request,
                "because no resource-based policy allows it",
            )),
            _ => Err(refused(
                caller,
                &request,
                "because no identity-based policy allows it",
            )),
        }
    }

    /// Whether a service may do something on its own behalf, for which the resource's policy alone speaks.
    pub(super) fn service_may(
        service: &str,
        action: &str,
        resource: &Resource<'_>,
        facts: &[(&str, String)],
    ) -> bool {
        let mut all = vec![
            ("aws:SecureTransport", "true".to_owned()),
            ("aws:ResourceAccount", resource.owner.to_string()),
        ];
        all.extend(facts.iter().cloned());
        let request = Request {
            who: Who::Service(service),
            action,
            resource: resource.arn,
            facts: &all,
        };
        resource
            .policy
            .is_some_and(|policy| evaluation::resource(policy, &request) == Verdict::Allowed)
    }

    /// What an identity's policies say about an action, as `SimulatePrincipalPolicy` tells it.
    pub(crate) fn simulate(
        &self,
        principal: &Caller,
        action: &str,
        arn: &str,
        facts: &[(&str, String)],
    ) -> Verdict {
        if self.authorize(principal, action).is_err() {
            return Verdict::Denied;
        }
        let facts = self.facts(Some(principal), &principal.account, facts);
        let request = Request {
            who: Who::Caller(principal),
            action,
            resource: arn,
            facts: &facts,
        };
        self.identity_verdict(principal, &request)
    }

    fn identity_verdict(&self, caller: &Caller, request: &Request<'_>) -> Verdict {
        match &caller.principal {
            Principal::User { .. } => Verdict::Allowed,
            Principal::Session { role, .. } => match self.role(&caller.account, role) {
                Some(role) => self.role_verdict(role, request),
                None => Verdict::Silent,
            },
        }
    }

    fn role_verdict(&self, role: &Role, request: &Request<'_>) -> Verdict {
        let inline = role
            .policies
            .values()
            .filter_map(|text| serde_json::from_str(text).ok());
        let attached = role
            .attached_policies
            .iter()
            .filter_map(|arn| self.managed_document(arn));
        let policies: Vec<Value> = inline.chain(attached).collect();
        let verdict = evaluation::identity(&policies, request);
        let Some(boundary) = &role.permissions_boundary else {
            return verdict;
        };
        let boundary = self.managed_document(boundary);
        match evaluation::identity(&boundary, request) {
            Verdict::Allowed => verdict,
            Verdict::Denied => Verdict::Denied,
            _ if verdict == Verdict::Denied => Verdict::Denied,
            Verdict::Silent | Verdict::Delegated => Verdict::Silent,
        }
    }

    /// The document of a managed policy, AWS's own or a customer's.
    pub(super) fn managed_document(&self, arn: &str) -> Option<Value> {
        managed::by_aws(arn).or_else(|| {
            let policy = self.managed_policies.get(arn)?;
            serde_json::from_str(&policy.document).ok()
        })
    }

    /// The condition keys that AWS fills in (IAM user guide, "AWS global condition context keys").
    fn facts<'f>(
        &self,
        caller: Option<&Caller>,
        owner: &AccountId,
        facts: &[(&'f str, String)],
    ) -> Vec<(&'f str, String)> {
        // Loopback stands for AWS's endpoints, which clients reach over TLS.
        let mut all = vec![
            ("aws:SecureTransport", "true".to_owned()),
            ("aws:ResourceAccount", owner.to_string()),
            ("s3:ResourceAccount", owner.to_string()),
        ];
        if let Some(caller) = caller {
            let arn = caller.role_arn.as_ref().unwrap_or(&caller.arn);
            all.push(("aws:PrincipalArn", arn.clone()));
            all.push(("aws:PrincipalAccount", caller.account.to_string()));
            all.push(("aws:userid", caller.user_id.clone()));
            let organization = self.account(caller.account.as_str());
            if let Some(id) = organization.and_then(super::Account::organization) {
                all.push(("aws:PrincipalOrgID", id.to_string()));
            }
        }
        all.extend(facts.iter().cloned());
        all
    }
}

fn refused(caller: &Caller, request: &Request<'_>, why: &str) -> Refusal {
    Refusal::access_denied(format!(
        "User: {} is not authorized to perform: {} on resource: \"{}\" {why}",
        caller.arn, request.action, request.resource
    ))
}
