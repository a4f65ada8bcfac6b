//! `awsbilling_cur_backfill_access`: an analyzer may read one report's history where it lies.
//!
//! Access is two or three statements of the bucket's policy, found again by their `Sid`s. Everything else
//! in the policy stays as it is.

use std::collections::BTreeSet;

use super::planned;
use crate::attributes::AssumeRole;
use crate::aws::cost_and_usage::Report;
use crate::aws::policy::{PolicyDocument, Statement, backfill_sids, backfill_statements};
use crate::aws::types::{AccountId, BucketName, Principal, Region, ReportName};
use crate::aws::{Aws, CallerIdentity};
use crate::framework::{
    Change, Computed, Cx, Diagnostic, Diagnostics, DomainText, ImportId, Model, Page, Permission,
    Resource, Result, Timeouts,
};
use crate::resources::{check_owner, imported};

/// Lets an analyzer's own account read the objects and manifests of one cost and usage report, so that it
/// can take over the months that are in the bucket already.
///
/// The access stands in the bucket's policy and covers this report alone: no other object of the bucket can
/// be read, and nothing can be written. A bucket that a KMS key encrypts also needs a statement in the
/// policy of that key.
#[derive(Clone, Debug, Model)]
pub struct BackfillAccess {
    /// Name of the report. Another report means another access.
    #[attr(replace, identity)]
    pub report_name: ReportName,

    /// Accounts, users or roles of the analyzer that may read, as account IDs or ARNs.
    pub principals: BTreeSet<Principal>,

    /// Role to assume in the account of the report, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "5m", update = "5m", delete = "5m"))]
    pub timeouts: Timeouts,

    /// ID of the account that owns report and bucket.
    #[attr(stable, identity = "optional")]
    pub account_id: Computed<AccountId>,

    /// Name of the bucket that holds the report.
    pub s3_bucket: Computed<BucketName>,

    /// Region of the bucket.
    pub s3_region: Computed<Region>,

    /// What the keys of all objects that may be read begin with, without a slash at the end.
    pub key_prefix: Computed<String>,

    /// Statements of the bucket's policy that give access, in JSON.
    pub policy: Computed<String>,
}

/// The resource.
#[derive(Debug)]
pub struct CurBackfillAccess {
    aws: Aws,
}

impl Resource for CurBackfillAccess {
    const NAME: &'static str = "cur_backfill_access";
    const PAGE: Page = Page {
        subcategory: "Cost analyzers",
        permissions: &[
            Permission::new("cur:DescribeReportDefinitions", "always"),
            Permission::new("s3:GetBucketPolicy", "always"),
            Permission::new("s3:PutBucketPolicy", "to create, update and destroy"),
            Permission::new(
                "s3:DeleteBucketPolicy",
                "to destroy what is all of the policy",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = BackfillAccess;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    fn validate(config: &PartialBackfillAccess, problems: &mut Diagnostics) {
        if config.principals.known().is_some_and(BTreeSet::is_empty) {
            problems.push(
                Diagnostic::error("Invalid attribute value")
                    .detail("Access is given to at least one principal.")
                    .at("principals"),
            );
        }
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<BackfillAccess>) -> Result<()> {
        let planned = &change.planned;
        let (Some(name), Some(principals), Some(role)) = (
            planned.report_name.known(),
            planned.principals.known(),
            planned.assume_role.known(),
        ) else {
            return Ok(());
        };
        let role = role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let mut report = planned::report(&caller.account_id, name);
        if report.is_none() {
            let reports = self.aws.cost_and_usage(cx, role.as_ref()).await?;
            report = reports.report(cx, name).await?;
        }
        if let Some(report) = report {
            let wanted = PolicyDocument::of(statements(&report, principals, &caller));
            let before = change.prior.as_ref().and_then(|prior| prior.policy.known());
            let same = before.filter(|text| {
                PolicyDocument::parse(text).is_some_and(|found| found.says_the_same_as(&wanted))
            });
            let text = same.cloned().unwrap_or_else(|| wanted.to_string());
            change.planned.policy = text.into();
            change.planned.s3_bucket = report.bucket.clone().into();
            change.planned.s3_region = report.region.clone().into();
            change.planned.key_prefix = report.key_prefix().into();
        }
        change.planned.account_id = caller.account_id.into();
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: BackfillAccess) -> Result<BackfillAccess> {
        self.allow(cx, plan).await
    }

    async fn read(&self, cx: &Cx, state: BackfillAccess) -> Result<Option<BackfillAccess>> {
        let role = state.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        state.check_account(&caller)?;
        let (bucket, region) = state.place()?;
        let s3 = self.aws.s3(cx, role.as_ref(), region).await?;
        let policy = s3.policy(cx, bucket).await?;
        let found = policy.map(|policy| policy.only(&backfill_sids(&state.report_name)));
        Ok(found.filter(|found| !found.is_empty()).map(|found| {
            let known = state.policy.known();
            let same = known.filter(|text| {
                PolicyDocument::parse(text).is_some_and(|known| known.says_the_same_as(&found))
            });
            BackfillAccess {
                policy: same.cloned().unwrap_or_else(|| found.to_string()).into(),
                ..state
            }
        }))
    }

    async fn update(
        &self,
        cx: &Cx,
        prior: BackfillAccess,
        plan: BackfillAccess,
    ) -> Result<BackfillAccess> {
        let allowed = self.allow(cx, plan).await?;
        if allowed.s3_bucket != prior.s3_bucket {
            self.revoke(cx, &prior).await?;
        }
        Ok(allowed)
    }

    async fn delete(&self, cx: &Cx, state: BackfillAccess) -> Result<()> {
        self.revoke(cx, &state).await
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<BackfillAccess> {
        let (report_name, assume_role) = imported(&id, "report_name")?;
        let role = assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let reports = self.aws.cost_and_usage(cx, role.as_ref()).await?;
        let missing = || {
            Diagnostic::error("Cannot import non-existent access").detail(format!(
                "The bucket of report {report_name} in account {} has no statements of this resource. \
                 Create the resource instead of importing it.",
                caller.account_id
            ))
        };
        let report = reports
            .report(cx, &report_name)
            .await?
            .ok_or_else(missing)?;
        let s3 = self.aws.s3(cx, role.as_ref(), &report.region).await?;
        let sids = backfill_sids(&report_name);
        let policy = s3
            .policy(cx, &report.bucket)
            .await?
            .ok_or_else(missing)?
            .only(&sids);
        let principals = policy.texts(&sids[0], &["Principal", "AWS"]);
        let principals: BTreeSet<_> = principals
            .iter()
            .filter_map(|arn| Principal::parse(arn).ok())
            .collect();
        if principals.is_empty() {
            return Err(missing());
        }
        Ok(BackfillAccess {
            principals,
            assume_role,
            timeouts: Timeouts::none(),
            account_id: caller.account_id.into(),
            s3_bucket: report.bucket.clone().into(),
            s3_region: report.region.clone().into(),
            key_prefix: report.key_prefix().into(),
            policy: policy.to_string().into(),
            report_name,
        })
    }
}

impl CurBackfillAccess {
    /// Writes the statements into the policy of the bucket that holds the report now.
    async fn allow(&self, cx: &Cx, plan: BackfillAccess) -> Result<BackfillAccess> {
        let role = plan.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        plan.check_account(&caller)?;
        let reports = self.aws.cost_and_usage(cx, role.as_ref()).await?;
        let Some(report) = reports.report(cx, &plan.report_name).await? else {
            return Err(Diagnostic::error("Report not found")
                .detail(format!(
                    "Account {} has no report {}. Define it with awsbilling_cur_report_definition, and refer \
                     to its report_name here.",
                    caller.account_id, plan.report_name
                ))
                .at("report_name"));
        };
        let s3 = self.aws.s3(cx, role.as_ref(), &report.region).await?;
        let wanted = statements(&report, &plan.principals, &caller);
        s3.change_policy(cx, &report.bucket, |policy| policy.put(&wanted))
            .await?;
        let text = plan.policy.known().cloned();
        let text = text.unwrap_or_else(|| PolicyDocument::of(wanted).to_string());
        Ok(BackfillAccess {
            account_id: caller.account_id.into(),
            s3_bucket: report.bucket.clone().into(),
            s3_region: report.region.clone().into(),
            key_prefix: report.key_prefix().into(),
            policy: text.into(),
            ..plan
        })
    }

    async fn revoke(&self, cx: &Cx, state: &BackfillAccess) -> Result<()> {
        let role = state.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        state.check_account(&caller)?;
        let (bucket, region) = state.place()?;
        let s3 = self.aws.s3(cx, role.as_ref(), region).await?;
        let sids = backfill_sids(&state.report_name);
        Ok(s3
            .change_policy(cx, bucket, |policy| policy.take_out(&sids))
            .await?)
    }
}

fn statements(
    report: &Report,
    principals: &BTreeSet<Principal>,
    caller: &CallerIdentity,
) -> Vec<Statement> {
    let partition = &caller.partition;
    let principals: Vec<_> = principals.iter().map(|one| one.arn(partition)).collect();
    let prefix = report.key_prefix();
    backfill_statements(
        &report.bucket,
        &report.name,
        &prefix,
        partition,
        &principals,
    )
}

impl BackfillAccess {
    fn place(&self) -> Result<(&BucketName, &Region)> {
        let place = self.s3_bucket.known().zip(self.s3_region.known());
        place.ok_or_else(|| Diagnostic::bug("An access does not know its bucket."))
    }

    /// In another account the bucket is out of reach.
    fn check_account(&self, caller: &CallerIdentity) -> Result<()> {
        check_owner(
            &format!("Report {}", self.report_name),
            &self.account_id,
            &caller.account_id,
        )
    }
}
