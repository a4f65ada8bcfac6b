//! `organization_arn_parse`: an organization's ARN names its management account.

use crate::aws::types::{AccountId, OrganizationArn, OrganizationId};
use crate::framework::{Function, Model, Result};

/// Takes the ARN of an organization apart. Its account is the management account.
#[derive(Clone, Debug, Model)]
pub struct Parameters {
    /// ARN of an organization, as AWS shows it.
    pub arn: OrganizationArn,
}

/// Parts of an organization's ARN.
#[derive(Clone, Debug, Model)]
pub struct Parts {
    /// AWS partition, such as `aws` or `aws-cn`.
    pub partition: String,

    /// ID of the account that manages the organization.
    pub management_account_id: AccountId,

    /// ID of the organization.
    pub organization_id: OrganizationId,
}

/// The function.
#[derive(Debug)]
pub struct OrganizationArnParse;

impl Function for OrganizationArnParse {
    const NAME: &'static str = "organization_arn_parse";
    const SUMMARY: &'static str = "Take the ARN of an organization apart";
    type Parameters = Parameters;
    type Output = Parts;

    fn call(Parameters { arn }: Parameters) -> Result<Parts> {
        Ok(Parts {
            partition: arn.partition,
            management_account_id: arn.management_account_id,
            organization_id: arn.organization_id,
        })
    }
}
