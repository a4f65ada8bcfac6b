//! Managed policies: AWS's own, as far as somebody here needs them, and customers'.
//!
//! AWS's documents are long and change; these say what they mean for the services that are simulated (IAM, "AWS managed
//! policies for job functions", and the AWS Managed Policy Reference).

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{AccountId, Refusal, Tags, World, ids, trust};

/// What gives an administrator's permissions.
pub(super) const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// AWS's policies: the path and name after `:policy`, and what they allow.
const BY_AWS: [(&str, &[&str]); 8] = [
    ("/AdministratorAccess", &["*"]),
    (
        "/ReadOnlyAccess",
        &[
            "s3:Get*",
            "s3:List*",
            "cur:Describe*",
            "cur:Get*",
            "ce:Describe*",
            "ce:Get*",
            "ce:List*",
            "iam:Get*",
            "iam:List*",
            "organizations:Describe*",
            "organizations:List*",
        ],
    ),
    (
        "/job-function/ViewOnlyAccess",
        &[
            "s3:ListAllMyBuckets",
            "s3:ListBucket",
            "iam:List*",
            "organizations:List*",
        ],
    ),
    (
        "/job-function/Billing",
        &[
            "aws-portal:*",
            "billing:*",
            "budgets:*",
            "ce:*",
            "cur:*",
            "bcm-data-exports:*",
        ],
    ),
    (
        "/AWSBillingReadOnlyAccess",
        &[
            "billing:Get*",
            "billing:List*",
            "budgets:View*",
            "ce:Describe*",
            "ce:Get*",
            "ce:List*",
            "cur:Describe*",
            "cur:Get*",
        ],
    ),
    (
        "/SecurityAudit",
        &[
            "s3:GetBucket*",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:ListAllMyBuckets",
            "iam:Get*",
            "iam:List*",
            "organizations:Describe*",
            "organizations:List*",
        ],
    ),
    (
        "/AWSSavingsPlansReadOnlyAccess",
        &[
            "savingsplans:Describe*",
            "savingsplans:List*",
            "ce:GetSavingsPlans*",
        ],
    ),
    (
        "/AmazonS3ReadOnlyAccess",
        &["s3:Get*", "s3:List*", "s3:Describe*"],
    ),
];

/// A customer's managed policy.
#[derive(Clone, Debug)]
pub struct ManagedPolicy {
    /// The ARN.
    pub arn: String,
    /// `ANPA…`.
    pub unique_id: String,
    /// The account it is in.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// `/` or a path that begins and ends with it.
    pub path: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its text.
    pub document: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Its tags.
    pub tags: Tags,
}

/// The document of a policy of AWS, in any partition.
pub(super) fn by_aws(arn: &str) -> Option<Value> {
    let name = arn
        .strip_prefix("arn:aws")?
        .split_once(":iam::aws:policy")?
        .1;
    let (_, actions) = BY_AWS.iter().find(|(known, _)| *known == name)?;
    Some(json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}],
    }))
}

impl World {
    /// Creates a managed policy (IAM API reference, `CreatePolicy`).
    pub(crate) fn create_policy(
        &mut self,
        account: &AccountId,
        name: &str,
        path: &str,
        description: Option<&str>,
        document: &str,
        tags: Tags,
    ) -> Result<&ManagedPolicy, Refusal> {
        trust::parse(document)?;
        let partition = self.known_account(account)?.partition.clone();
        let arn = format!("arn:{partition}:iam::{account}:policy{path}{name}");
        if self.managed_policies.contains_key(&arn) {
            return Err(Refusal::new(
                "EntityAlreadyExists",
                format!("A policy called {name} already exists. Duplicate names are not allowed."),
            ));
        }
        let policy = ManagedPolicy {
            unique_id: ids::principal("ANPA", &arn),
            arn: arn.clone(),
            account: account.clone(),
            name: name.to_owned(),
            path: path.to_owned(),
            description: description.map(str::to_owned),
            document: document.to_owned(),
            created_at: self.now,
            tags,
        };
        Ok(self.managed_policies.entry(arn).or_insert(policy))
    }

    /// A customer's managed policy, or IAM's answer that there is none.
    pub(crate) fn managed_policy(
        &self,
        account: &AccountId,
        arn: &str,
    ) -> Result<&ManagedPolicy, Refusal> {
        self.managed_policies
            .get(arn)
            .filter(|policy| policy.account == *account)
            .ok_or_else(|| no_policy(arn))
    }

    /// Deletes a managed policy that is attached to nothing (IAM API reference, `DeletePolicy`).
    pub(crate) fn delete_policy(&mut self, account: &AccountId, arn: &str) -> Result<(), Refusal> {
        self.managed_policy(account, arn)?;
        if self.attachments(arn) > 0 {
            return Err(Refusal::new(
                "DeleteConflict",
                "Cannot delete a policy attached to entities.",
            ));
        }
        self.managed_policies.remove(arn);
        Ok(())
    }

    /// How many roles a managed policy is attached to.
    pub(crate) fn attachments(&self, arn: &str) -> usize {
        self.roles
            .values()
            .filter(|role| role.attached_policies.contains(arn))
            .count()
    }

    /// Refused if there is no such policy that the account could use.
    pub(super) fn check_attachable(&self, account: &AccountId, arn: &str) -> Result<(), Refusal> {
        match by_aws(arn) {
            Some(_) => Ok(()),
            None => self.managed_policy(account, arn).map(|_| ()),
        }
    }
}

fn no_policy(arn: &str) -> Refusal {
    Refusal::new(
        "NoSuchEntity",
        format!("Policy {arn} does not exist or is not attachable."),
    )
}
