//! `awsbilling_cur_bucket`: a bucket that AWS may deliver cost and usage reports into.
//!
//! Of the bucket's policy and lifecycle only what bears our own names is ours: other statements and rules
//! stay as they are, and drift of ours is repaired by the next apply.

use crate::attributes::{AssumeRole, Tags, changed_tags};
use crate::aws::policy::{DELIVERY_SIDS, PolicyDocument, delivery_statements, key_statement};
use crate::aws::s3::Encryption;
use crate::aws::types::{
    AccountId, BucketName, KmsKeyArn, Region, Tags as AwsTags, is_on_by_default,
};
use crate::aws::{Aws, CallerIdentity, S3};
use crate::framework::{
    Change, Computed, Cx, Diagnostic, Diagnostics, DomainText, ImportId, Model, Page, Permission,
    Resource, Result, Timeouts,
};
use crate::resources::{check_owner, imported, wanted_tags};

/// Creates an S3 bucket that takes cost and usage reports and data exports.
///
/// Nothing in the bucket can be made public, its owner owns all objects in it, and its policy lets AWS
/// deliver reports of this account and of no other. Statements that others add to the policy are left
/// alone.
///
/// ~> Destroying this resource deletes the bucket only if it is empty, unless `force_destroy` is true.
#[derive(Clone, Debug, Model)]
pub struct ReportBucket {
    /// Name of the bucket: 3 to 63 lower-case letters, digits, dots and hyphens, unique across all of AWS.
    #[attr(replace, identity)]
    pub bucket: BucketName,

    /// Region of the bucket. It need not be the one that serves report definitions.
    #[attr(replace)]
    pub region: Region,

    /// Whether data exports, such as CUR 2.0 and FOCUS, may be delivered, too.
    #[attr(default = true)]
    pub data_exports: bool,

    /// ARN of the KMS key that encrypts new objects; without it S3 encrypts them with keys of its own. The
    /// key's policy must have the statement of `kms_key_policy_statement`.
    pub kms_key_arn: Option<KmsKeyArn>,

    /// Number of days after which objects are deleted. By default they stay.
    pub expire_after_days: Option<i64>,

    /// Whether destroying the resource deletes the reports in the bucket, too.
    #[attr(default = false)]
    pub force_destroy: bool,

    /// Tags of the bucket.
    #[attr(tags)]
    pub tags: Tags,

    /// Role to assume in the account of the reports, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "5m", update = "5m", delete = "30m"))]
    pub timeouts: Timeouts,

    /// ARN of the bucket.
    #[attr(stable)]
    pub arn: Computed<String>,

    /// ID of the account that owns the bucket.
    #[attr(stable, identity = "optional")]
    pub account_id: Computed<AccountId>,

    /// Statements of the bucket's policy that let AWS deliver, in JSON.
    #[attr(stable)]
    pub delivery_policy: Computed<String>,

    /// Whether nothing in the bucket can be made public. If someone has changed that, the next apply
    /// changes it back.
    #[attr(stable)]
    pub public_access_blocked: Computed<bool>,

    /// Whether the account owns all objects in the bucket. If someone has changed that, the next apply
    /// changes it back.
    #[attr(stable)]
    pub owner_enforced: Computed<bool>,

    /// Statement for the policy of the KMS key, in JSON; null without `kms_key_arn`.
    #[attr(stable)]
    pub kms_key_policy_statement: Computed<String>,

    /// Tags together with the provider's `default_tags`.
    #[attr(tags_all)]
    pub tags_all: Computed<AwsTags>,
}

/// The resource.
#[derive(Debug)]
pub struct CurBucket {
    aws: Aws,
}

impl Resource for CurBucket {
    const NAME: &'static str = "cur_bucket";
    const PAGE: Page = Page {
        subcategory: "Cost and usage reports",
        permissions: &[
            Permission::new("s3:ListBucket", "always"),
            Permission::new("s3:GetBucketPolicy", "always"),
            Permission::new("s3:GetBucketPublicAccessBlock", "always"),
            Permission::new("s3:GetBucketOwnershipControls", "always"),
            Permission::new("s3:GetEncryptionConfiguration", "always"),
            Permission::new("s3:GetLifecycleConfiguration", "always"),
            Permission::new("s3:GetBucketLocation", "to import"),
            Permission::new("s3:CreateBucket", "to create"),
            Permission::new("s3:PutBucketPolicy", "to create and update"),
            Permission::new("s3:PutBucketPublicAccessBlock", "to create and repair"),
            Permission::new("s3:PutBucketOwnershipControls", "to create and repair"),
            Permission::new("s3:PutEncryptionConfiguration", "to create and update"),
            Permission::new("s3:PutLifecycleConfiguration", "with `expire_after_days`"),
            Permission::new("s3:GetBucketTagging", "with tags, and to import"),
            Permission::new("s3:PutBucketTagging", "with tags"),
            Permission::new("s3:DeleteBucket", "to destroy"),
            Permission::new("s3:ListBucketVersions", "to destroy with `force_destroy`"),
            Permission::new("s3:DeleteObject", "to destroy with `force_destroy`"),
            Permission::new("s3:DeleteObjectVersion", "to destroy with `force_destroy`"),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = ReportBucket;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    fn validate(config: &PartialReportBucket, problems: &mut Diagnostics) {
        if let Some(bucket) = config.bucket.known()
            && let Some(fault) = bucket.fault()
        {
            let detail = format!("{fault}, got \"{bucket}\".");
            problems.push(
                Diagnostic::error("Invalid attribute value")
                    .detail(detail)
                    .at("bucket"),
            );
        }
        if let Some(days) = config.expire_after_days.given()
            && *days < 1
        {
            let detail = format!("Objects expire after at least one day, got {days}.");
            let error = Diagnostic::error("Invalid attribute value").detail(detail);
            problems.push(error.at("expire_after_days"));
        }
        if let Some(region) = config.region.known()
            && !is_on_by_default(region)
        {
            problems.push(
                Diagnostic::warning("Region needs opting in")
                    .detail(format!(
                        "{region} must be enabled for the account before it can be used, and some analyzers \
                         read no buckets in such Regions. Any Region will do for reports, for example \
                         us-east-1."
                    ))
                    .at("region"),
            );
        }
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<ReportBucket>) -> Result<()> {
        let planned = &change.planned;
        let (Some(bucket), Some(exports), Some(role)) = (
            planned.bucket.known(),
            planned.data_exports.known(),
            planned.assume_role.known(),
        ) else {
            return Ok(());
        };
        let role = role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let policy = wanted_policy(bucket, &caller, *exports);
        let before = change
            .prior
            .as_ref()
            .and_then(|prior| prior.delivery_policy.known());
        // Other words for the same are no change.
        let same = before.filter(|text| {
            PolicyDocument::parse(text).is_some_and(|found| found.says_the_same_as(&policy))
        });
        let text = same.cloned().unwrap_or_else(|| policy.to_string());
        let key = planned.kms_key_arn.known().map(Option::is_some);
        let arn = arn(&caller, bucket);
        if let Some(has_key) = key {
            change.planned.kms_key_policy_statement = key_policy(has_key, &caller.account_id);
        }
        change.planned.arn = arn.into();
        change.planned.delivery_policy = text.into();
        change.planned.public_access_blocked = true.into();
        change.planned.owner_enforced = true.into();
        change.planned.account_id = caller.account_id.into();
        Ok(())
    }

    async fn plan_destroy(&self, cx: &Cx, state: ReportBucket) -> Result<()> {
        if state.force_destroy {
            cx.warn(Diagnostic::warning("Reports will be deleted").detail(format!(
                "Destroying deletes bucket {} with all reports in it, because force_destroy is true. AWS \
                 delivers past months again only by a case at AWS Support.",
                state.bucket
            )));
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: ReportBucket) -> Result<ReportBucket> {
        let (caller, s3) = self.account(cx, &plan).await?;
        refuse_existing(cx, &s3, &plan.bucket).await?;
        s3.create(cx, &plan.bucket).await?;
        let bucket = plan.owned_by(&caller);
        cx.save(&bucket);
        s3.block_public_access(cx, &bucket.bucket).await?;
        s3.enforce_owner(cx, &bucket.bucket).await?;
        s3.set_encryption(cx, &bucket.bucket, &bucket.encryption())
            .await?;
        bucket.allow_delivery(cx, &s3, &caller).await?;
        if bucket.expire_after_days.is_some() {
            s3.set_expiry(cx, &bucket.bucket, bucket.expire_after_days)
                .await?;
        }
        if !bucket.wanted_tags().is_empty() {
            s3.change_tags(cx, &bucket.bucket, &[], bucket.wanted_tags())
                .await?;
        }
        Ok(bucket)
    }

    async fn read(&self, cx: &Cx, state: ReportBucket) -> Result<Option<ReportBucket>> {
        let (caller, s3) = self.account(cx, &state).await?;
        state.check_account(&caller)?;
        if s3.region_of(cx, &state.bucket).await?.is_none() {
            return Ok(None);
        }
        let bucket = &state.bucket;
        let (policy, blocked, enforced, encryption, expiry) = tokio::try_join!(
            s3.policy(cx, bucket),
            s3.blocks_public_access(cx, bucket),
            s3.enforces_owner(cx, bucket),
            s3.encryption(cx, bucket),
            s3.expiry(cx, bucket),
        )?;
        let kms_key_arn = match encryption {
            Encryption::Managed => None,
            Encryption::Kms(key) => Some(key_arn(&key, &state)),
        };
        let ours = policy.map(|policy| policy.only(&DELIVERY_SIDS).to_string());
        let found = ReportBucket {
            delivery_policy: ours.into(),
            public_access_blocked: blocked.into(),
            owner_enforced: enforced.into(),
            kms_key_policy_statement: key_policy(kms_key_arn.is_some(), &caller.account_id),
            kms_key_arn,
            expire_after_days: expiry,
            ..state
        };
        // One more call, so asked only where there are tags to compare.
        if found.wanted_tags().is_empty() {
            return Ok(Some(found));
        }
        let tags = s3.tags_of(cx, &found.bucket).await?;
        Ok(Some(found.tagged(tags, &self.aws)))
    }

    async fn update(
        &self,
        cx: &Cx,
        prior: ReportBucket,
        plan: ReportBucket,
    ) -> Result<ReportBucket> {
        let (caller, s3) = self.account(cx, &plan).await?;
        prior.check_account(&caller)?;
        let name = &plan.bucket;
        if prior.public_access_blocked != Computed::Known(true) {
            s3.block_public_access(cx, name).await?;
        }
        if prior.owner_enforced != Computed::Known(true) {
            s3.enforce_owner(cx, name).await?;
        }
        if prior.kms_key_arn != plan.kms_key_arn {
            s3.set_encryption(cx, name, &plan.encryption()).await?;
        }
        if prior.delivery_policy != plan.delivery_policy {
            plan.allow_delivery(cx, &s3, &caller).await?;
        }
        if prior.expire_after_days != plan.expire_after_days {
            s3.set_expiry(cx, name, plan.expire_after_days).await?;
        }
        let (gone, new) = changed_tags(prior.wanted_tags(), plan.wanted_tags());
        if !gone.is_empty() || !new.is_empty() {
            s3.change_tags(cx, name, &gone, &new).await?;
        }
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx, state: ReportBucket) -> Result<()> {
        let (caller, s3) = self.account(cx, &state).await?;
        state.check_account(&caller)?;
        if s3.region_of(cx, &state.bucket).await?.is_none() {
            return Ok(());
        }
        if state.force_destroy {
            s3.empty(cx, &state.bucket).await?;
        }
        Ok(s3.delete(cx, &state.bucket).await?)
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<ReportBucket> {
        let (bucket, assume_role) = imported(&id, "bucket")?;
        let role = assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let home = Region::parse(caller.home_of_reports()).map_err(Diagnostic::bug)?;
        let s3 = self.aws.s3(cx, role.as_ref(), &home).await?;
        let Some(region) = s3.location_of(cx, &bucket).await? else {
            return Err(
                Diagnostic::error("Cannot import non-existent bucket").detail(format!(
                    "Account {} has no bucket {bucket}. Create the resource instead of importing it.",
                    caller.account_id
                )),
            );
        };
        let s3 = self.aws.s3(cx, role.as_ref(), &region).await?;
        let tags = s3.tags_of(cx, &bucket).await?;
        let policy = s3.policy(cx, &bucket).await?;
        let exports = policy.is_none_or(|policy| !policy.only(&DELIVERY_SIDS[2..]).is_empty());
        let imported = ReportBucket {
            bucket,
            region,
            data_exports: exports,
            kms_key_arn: None,
            expire_after_days: None,
            force_destroy: false,
            tags: Tags::default(),
            assume_role,
            timeouts: Timeouts::none(),
            arn: Computed::Null,
            account_id: Computed::Null,
            delivery_policy: Computed::Null,
            public_access_blocked: Computed::Null,
            owner_enforced: Computed::Null,
            kms_key_policy_statement: Computed::Null,
            tags_all: AwsTags::new().into(),
        };
        Ok(imported.owned_by(&caller).tagged(tags, &self.aws))
    }
}

impl CurBucket {
    async fn account(&self, cx: &Cx, bucket: &ReportBucket) -> Result<(CallerIdentity, S3)> {
        let role = bucket.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let s3 = self.aws.s3(cx, role.as_ref(), &bucket.region).await?;
        Ok((caller, s3))
    }
}

/// A bucket that is there already may hold what its settings must not be changed for.
async fn refuse_existing(cx: &Cx, s3: &S3, bucket: &BucketName) -> Result<()> {
    match s3.region_of(cx, bucket).await {
        Ok(None) => Ok(()),
        Ok(Some(region)) => Err(Diagnostic::error("Bucket exists already")
            .detail(format!(
                "The account has a bucket {bucket} in {region}. Import it with terraform import, and see in \
                 the plan what would change; or leave it as it is and give it the policy of the data source \
                 awsbilling_cur_bucket_policy."
            ))
            .at("bucket")),
        Err(failure) if matches!(failure.code(), Some("Forbidden" | "AccessDenied")) => {
            Err(Diagnostic::error("Bucket name taken")
                .detail(format!(
                    "S3 does not let these credentials look at bucket {bucket}: another account owns a \
                     bucket with this name, which is unique across all of AWS, or the credentials may not \
                     use s3:ListBucket. Choose another name, or allow the action."
                ))
                .at("bucket"))
        }
        Err(failure) => Err(failure.into()),
    }
}

fn wanted_policy(bucket: &BucketName, caller: &CallerIdentity, exports: bool) -> PolicyDocument {
    let statements = delivery_statements(bucket, &caller.account_id, &caller.partition, exports);
    PolicyDocument::of(statements)
}

fn arn(caller: &CallerIdentity, bucket: &BucketName) -> String {
    format!("arn:{}:s3:::{bucket}", caller.partition)
}

fn key_policy(has_key: bool, account_id: &AccountId) -> Computed<String> {
    has_key
        .then(|| key_statement(account_id).to_string())
        .into()
}

/// The ARN as S3 shows it; if someone wrote a key's ID or alias, drift from what the configuration has.
fn key_arn(found: &str, state: &ReportBucket) -> KmsKeyArn {
    KmsKeyArn::parse(found).unwrap_or_else(|_| {
        let account = state.account_id.known().map_or("", AccountId::as_str);
        KmsKeyArn::of_key(&state.region, account, found)
    })
}

impl ReportBucket {
    fn encryption(&self) -> Encryption {
        match &self.kms_key_arn {
            None => Encryption::Managed,
            Some(key) => Encryption::Kms(key.to_string()),
        }
    }

    fn owned_by(self, caller: &CallerIdentity) -> Self {
        let policy = wanted_policy(&self.bucket, caller, self.data_exports);
        let planned = self.delivery_policy.known().cloned();
        Self {
            arn: arn(caller, &self.bucket).into(),
            account_id: caller.account_id.clone().into(),
            delivery_policy: planned.unwrap_or_else(|| policy.to_string()).into(),
            public_access_blocked: true.into(),
            owner_enforced: true.into(),
            kms_key_policy_statement: key_policy(self.kms_key_arn.is_some(), &caller.account_id),
            ..self
        }
    }

    /// Writes our statements into the bucket's policy, and takes out those no longer wanted.
    async fn allow_delivery(&self, cx: &Cx, s3: &S3, caller: &CallerIdentity) -> Result<()> {
        let (account, partition) = (&caller.account_id, &caller.partition);
        let wanted = delivery_statements(&self.bucket, account, partition, self.data_exports);
        s3.change_policy(cx, &self.bucket, |policy| {
            if !self.data_exports {
                policy.take_out(&DELIVERY_SIDS[2..]);
            }
            policy.put(&wanted);
        })
        .await?;
        Ok(())
    }

    fn tagged(self, at_aws: AwsTags, aws: &Aws) -> Self {
        let at_aws = aws.without_ignored(at_aws);
        Self {
            tags: self.tags.observed(&at_aws, aws.default_tags()),
            tags_all: at_aws.into(),
            ..self
        }
    }

    fn wanted_tags(&self) -> &AwsTags {
        wanted_tags(&self.tags_all)
    }

    /// In another account the bucket is out of reach.
    fn check_account(&self, caller: &CallerIdentity) -> Result<()> {
        check_owner(
            &format!("Bucket {}", self.bucket),
            &self.account_id,
            &caller.account_id,
        )
    }
}
