//! `cur_bucket_policy`: the delivery policy for a bucket whose account is known.

use crate::aws::policy::{PolicyDocument, delivery_statements};
use crate::aws::types::{AccountId, BucketArn};
use crate::framework::{Function, Model, Result};

/// Makes the bucket policy that lets AWS deliver cost and usage reports and data exports of an account,
/// without asking AWS. The partition is that of the bucket's ARN; the data source
/// `awsbilling_cur_bucket_policy` takes account and partition from the credentials.
#[derive(Clone, Debug, Model)]
pub struct Parameters {
    /// ARN of the bucket, such as `arn:aws:s3:::example-billing-reports`.
    pub bucket_arn: BucketArn,

    /// ID of the account whose reports may be delivered.
    pub account_id: AccountId,
}

/// The function.
#[derive(Debug)]
pub struct CurBucketPolicy;

impl Function for CurBucketPolicy {
    const NAME: &'static str = "cur_bucket_policy";
    const SUMMARY: &'static str = "Make the bucket policy that lets AWS deliver reports";
    type Parameters = Parameters;
    type Output = String;

    fn call(parameters: Parameters) -> Result<String> {
        let BucketArn {
            partition, bucket, ..
        } = &parameters.bucket_arn;
        let statements = delivery_statements(bucket, &parameters.account_id, partition, true);
        Ok(PolicyDocument::of(statements).to_string())
    }
}
