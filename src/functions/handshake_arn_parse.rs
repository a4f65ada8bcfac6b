//! `handshake_arn_parse`: a handshake's ARN names its sender, which is what an acceptance must check.

use crate::aws::types::{AccountId, HandshakeArn, HandshakeId, OrganizationId};
use crate::framework::{Function, Model, Result};

/// Takes the ARN of a handshake apart. Its account and its organization are those of the sender.
#[derive(Clone, Debug, Model)]
pub struct Parameters {
    /// ARN of a handshake, as AWS shows it.
    pub arn: HandshakeArn,
}

/// Parts of a handshake's ARN.
#[derive(Clone, Debug, Model)]
pub struct Parts {
    /// AWS partition, such as `aws` or `aws-cn`.
    pub partition: String,

    /// ID of the management account that sent the handshake.
    pub management_account_id: AccountId,

    /// ID of the organization that sent the handshake.
    pub organization_id: OrganizationId,

    /// Kind of the handshake, such as `invite`.
    pub handshake_type: String,

    /// ID of the handshake.
    pub handshake_id: HandshakeId,
}

/// The function.
#[derive(Debug)]
pub struct HandshakeArnParse;

impl Function for HandshakeArnParse {
    const NAME: &'static str = "handshake_arn_parse";
    const SUMMARY: &'static str = "Take the ARN of a handshake apart";
    type Parameters = Parameters;
    type Output = Parts;

    fn call(Parameters { arn }: Parameters) -> Result<Parts> {
        Ok(Parts {
            partition: arn.partition,
            management_account_id: arn.sender_account_id,
            organization_id: arn.organization_id,
            handshake_type: arn.handshake_type,
            handshake_id: arn.handshake_id,
        })
    }
}
