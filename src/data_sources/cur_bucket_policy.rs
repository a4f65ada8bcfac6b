//! `awsbilling_cur_bucket_policy`: the bucket policy that lets AWS deliver, right in every partition.

use crate::attributes::AssumeRole;
use crate::aws::Aws;
use crate::aws::policy::{PolicyDocument, delivery_statements};
use crate::aws::types::{AccountId, BucketName};
use crate::framework::{Computed, Cx, DataSource, Model, Page, Permission, Result};

/// Makes the bucket policy that lets AWS deliver cost and usage reports, and data exports, of an account.
///
/// Its conditions name the account and, whatever the bucket's Region is, the Region that serves reports.
/// Use it for a bucket that something else manages; `awsbilling_cur_bucket` brings the policy along.
#[derive(Clone, Debug, Model)]
pub struct BucketPolicy {
    /// Name of the bucket.
    pub bucket: BucketName,

    /// Whether data exports, such as CUR 2.0 and FOCUS, may be delivered, too.
    #[attr(default = true)]
    pub data_exports: bool,

    /// Role to assume in the account of the reports, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// ID of the account whose reports may be delivered.
    pub account_id: Computed<AccountId>,

    /// Policy document in JSON.
    pub json: Computed<String>,
}

/// The data source.
#[derive(Debug)]
pub struct CurBucketPolicy {
    aws: Aws,
}

impl DataSource for CurBucketPolicy {
    const NAME: &'static str = "cur_bucket_policy";
    const PAGE: Page = Page {
        subcategory: "Cost and usage reports",
        permissions: &[Permission::new("sts:AssumeRole", "with `assume_role`")],
    };
    type Model = BucketPolicy;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn read(&self, cx: &Cx, config: BucketPolicy) -> Result<BucketPolicy> {
        let role = config.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let statements = delivery_statements(
            &config.bucket,
            &caller.account_id,
            &caller.partition,
            config.data_exports,
        );
        Ok(BucketPolicy {
            account_id: caller.account_id.into(),
            json: PolicyDocument::of(statements).to_string().into(),
            ..config
        })
    }
}
