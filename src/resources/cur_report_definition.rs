//! `awsbilling_cur_report_definition`: a cost and usage report, delivered into a bucket.
//!
//! AWS often answers a definition that breaks a rule without any text, so every rule is checked at plan
//! time, on what is known by then. All reports of an account are read with one list.

use std::collections::BTreeSet;

use super::planned;
use crate::attributes::{AssumeRole, Tags, Timestamp, changed_tags};
use crate::aws::cost_and_usage::{Put, Report};
use crate::aws::types::{
    AccountId, Artifact, BucketName, Compression, DeliveryStatus, REPORT_REGIONS, Region,
    ReportFormat, ReportName, ReportVersioning, S3Prefix, SchemaElement, Tags as AwsTags, TimeUnit,
};
use crate::aws::{Aws, CallerIdentity, CostAndUsage};
use crate::framework::{
    Change, Computed, Cx, Diagnostic, Diagnostics, DomainText, ImportId, Model, Page, Permission,
    Resource, Result, Timeouts,
};
use crate::resources::{check_owner, imported, wanted_tags};

/// Defines a cost and usage report that AWS delivers into an S3 bucket, up to three times a day.
///
/// AWS serves report definitions from one Region, and the provider calls it there whatever its own Region
/// is; only `s3_region` says where the files go. The first files come within 24 hours. The bucket must let
/// AWS write: create it with `awsbilling_cur_bucket`, or give it the policy of the data source
/// `awsbilling_cur_bucket_policy`. A policy that was written a moment ago and that AWS does not see yet
/// is waited for.
///
/// When a billing transfer begins, AWS ends the reports that the organization had until then, and their
/// `last_status` keeps saying what it said last. A plan with the management account's credentials says so,
/// once nothing has come for two days.
///
/// ~> Destroying this resource ends the deliveries. Files that were delivered stay in the bucket.
#[derive(Clone, Debug, Model)]
pub struct ReportDefinition {
    /// Name of the report, up to 256 letters, digits or characters of `!-_.*'()`. Another name means
    /// another report.
    #[attr(replace, identity)]
    pub report_name: ReportName,

    /// How much time a line of the report stands for. Another unit means another report.
    #[attr(replace)]
    pub time_unit: TimeUnit,

    /// Format of the files. `Parquet` needs the compression `Parquet`.
    pub format: ReportFormat,

    /// Compression of the files: `GZIP` or `ZIP` with the format `textORcsv`, `Parquet` with `Parquet`.
    pub compression: Compression,

    /// What the report has besides its standard columns, such as IDs of resources. Another set means
    /// another report. Empty by default.
    #[attr(replace, default = BTreeSet::new())]
    pub additional_schema_elements: BTreeSet<SchemaElement>,

    /// Name of the bucket that takes the files.
    pub s3_bucket: BucketName,

    /// Prefix of the files' keys: no slash at its ends and no two in a row. `""` for none, which Athena
    /// does not accept.
    pub s3_prefix: S3Prefix,

    /// Region of the bucket.
    pub s3_region: Region,

    /// Services that the report is prepared for. `ATHENA` stands alone, and needs Parquet, a prefix and
    /// `report_versioning = "OVERWRITE_REPORT"`; `REDSHIFT` and `QUICKSIGHT` need the format `textORcsv`.
    /// Empty by default.
    #[attr(default = BTreeSet::new())]
    pub additional_artifacts: BTreeSet<Artifact>,

    /// Whether to deliver a closed month again when refunds, credits or support fees change its costs.
    #[attr(default = true)]
    pub refresh_closed_reports: bool,

    /// What a delivery does to those before it. Another way means another report.
    #[attr(replace, default = ReportVersioning::CreateNewReport)]
    pub report_versioning: ReportVersioning,

    /// ARN of a billing view of AWS Billing Conductor, for a report of one billing group. Another view
    /// means another report.
    #[attr(replace)]
    pub billing_view_arn: Option<String>,

    /// Tags of the report definition.
    #[attr(tags)]
    pub tags: Tags,

    /// Role to assume in the account of the report, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "5m", update = "5m", delete = "5m"))]
    pub timeouts: Timeouts,

    /// ARN of the report definition.
    #[attr(stable)]
    pub arn: Computed<String>,

    /// ID of the account that owns the report.
    #[attr(stable, identity = "optional")]
    pub account_id: Computed<AccountId>,

    /// Time of the last delivery, in RFC 3339; null before the first.
    #[attr(stable)]
    pub last_delivery_at: Computed<Timestamp>,

    /// Outcome of the last delivery: `ERROR_PERMISSIONS` if the bucket policy does not let AWS write,
    /// `ERROR_NO_BUCKET` if the bucket is gone; null before the first.
    #[attr(stable)]
    pub last_status: Computed<DeliveryStatus>,

    /// ID of the management account that has taken the bill over, if that has ended the deliveries of this
    /// report; null otherwise, and where these credentials may not see it.
    #[attr(stable)]
    pub bill_paid_by: Computed<AccountId>,

    /// Tags together with the provider's `default_tags`.
    #[attr(tags_all)]
    pub tags_all: Computed<AwsTags>,
}

/// Attributes whose change means another report.
///
/// Source: AWS Data Exports user guide, "Editing your Cost and Usage Reports configuration".
const REPLACING: [&str; 5] = [
    "report_name",
    "time_unit",
    "additional_schema_elements",
    "report_versioning",
    "billing_view_arn",
];

/// The resource.
#[derive(Debug)]
pub struct CurReportDefinition {
    aws: Aws,
}

impl Resource for CurReportDefinition {
    const NAME: &'static str = "cur_report_definition";
    const PAGE: Page = Page {
        subcategory: "Cost and usage reports",
        permissions: &[
            Permission::new("cur:DescribeReportDefinitions", "always"),
            Permission::new("cur:PutReportDefinition", "to create"),
            Permission::new("cur:ModifyReportDefinition", "to update"),
            Permission::new("cur:DeleteReportDefinition", "to destroy"),
            Permission::new("cur:ListTagsForResource", "with tags, and to import"),
            Permission::new("cur:TagResource", "with tags"),
            Permission::new("cur:UntagResource", "with tags"),
            Permission::new(
                "organizations:ListOutboundResponsibilityTransfers",
                "to say whether a billing transfer has ended the report (optional)",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = ReportDefinition;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    fn validate(config: &PartialReportDefinition, problems: &mut Diagnostics) {
        check_words(config, problems);
        check_location(config, problems);
        check_formats(config, problems);
        check_artifacts(config, problems);
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<ReportDefinition>) -> Result<()> {
        if let Some(prior) = change.prior.clone() {
            warn_of_replacement(cx, &prior, change);
            warn_of_move(cx, &prior, change);
        }
        self.look_ahead(cx, change).await
    }

    async fn plan_destroy(&self, _: &Cx, state: ReportDefinition) -> Result<()> {
        if let Some(account) = state.account_id.known() {
            planned::forget(account, &state.report_name);
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: ReportDefinition) -> Result<ReportDefinition> {
        let (caller, reports) = self.account(cx, &plan).await?;
        let put = reports.put(cx, &plan.report(), plan.wanted_tags()).await?;
        let definition = plan.owned_by(&caller);
        cx.save(&definition);
        // What was adopted may lack the tags.
        if put == Put::Adopted && !definition.wanted_tags().is_empty() {
            let name = &definition.report_name;
            reports.tag(cx, name, definition.wanted_tags()).await?;
        }
        Ok(definition)
    }

    async fn read(&self, cx: &Cx, state: ReportDefinition) -> Result<Option<ReportDefinition>> {
        let (caller, reports) = self.account(cx, &state).await?;
        state.check_account(&caller)?;
        let Some(found) = reports.report(cx, &state.report_name).await? else {
            return Ok(None);
        };
        let seen = self.explained(cx, state.showing(&found), &found).await;
        // One call per report, so asked only where there are tags to compare.
        if seen.wanted_tags().is_empty() {
            return Ok(Some(seen));
        }
        let tags = reports.tags_of(cx, &seen.report_name).await?;
        Ok(Some(seen.tagged(tags, &self.aws)))
    }

    async fn update(
        &self,
        cx: &Cx,
        prior: ReportDefinition,
        plan: ReportDefinition,
    ) -> Result<ReportDefinition> {
        let (caller, reports) = self.account(cx, &plan).await?;
        prior.check_account(&caller)?;
        if !plan.report().is_defined_like(&prior.report()) {
            reports.modify(cx, &plan.report()).await?;
            cx.save(&ReportDefinition {
                tags: prior.tags.clone(),
                tags_all: prior.tags_all.clone(),
                ..plan.clone()
            });
        }
        let (gone, new) = changed_tags(prior.wanted_tags(), plan.wanted_tags());
        if !gone.is_empty() {
            reports.untag(cx, &plan.report_name, &gone).await?;
        }
        if !new.is_empty() {
            reports.tag(cx, &plan.report_name, &new).await?;
        }
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx, state: ReportDefinition) -> Result<()> {
        let (caller, reports) = self.account(cx, &state).await?;
        state.check_account(&caller)?;
        Ok(reports.delete(cx, &state.report_name).await?)
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<ReportDefinition> {
        let (name, assume_role) = imported(&id, "report_name")?;
        let role = assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let reports = self.aws.cost_and_usage(cx, role.as_ref()).await?;
        let Some(found) = reports.report(cx, &name).await? else {
            return Err(
                Diagnostic::error("Cannot import non-existent report").detail(format!(
                    "Account {} has no report {name}. Create the resource instead of importing it.",
                    caller.account_id
                )),
            );
        };
        let tags = reports.tags_of(cx, &name).await?;
        let definition = ReportDefinition::of(&found, assume_role).owned_by(&caller);
        Ok(definition.showing(&found).tagged(tags, &self.aws))
    }
}

impl CurReportDefinition {
    async fn account(
        &self,
        cx: &Cx,
        definition: &ReportDefinition,
    ) -> Result<(CallerIdentity, CostAndUsage)> {
        let role = definition.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let reports = self.aws.cost_and_usage(cx, role.as_ref()).await?;
        Ok((caller, reports))
    }

    /// Says of a report that is no longer delivered whether a billing transfer has ended it.
    async fn explained(
        &self,
        cx: &Cx,
        definition: ReportDefinition,
        found: &Report,
    ) -> ReportDefinition {
        let Some(last_seen) = found.overdue_since(self.aws.now(cx)) else {
            return definition;
        };
        let role = definition.assume_role.as_ref().map(Into::into);
        let Some(takeover) = self.aws.takeover(cx, role.as_ref(), last_seen).await else {
            return definition;
        };
        cx.warn(
            Diagnostic::warning("Report ended by a billing transfer")
                .detail(takeover.explanation(&found.name))
                .at("report_name"),
        );
        ReportDefinition {
            bill_paid_by: takeover.by.into(),
            ..definition
        }
    }

    /// Makes known in the plan whose the report will be, and how.
    async fn look_ahead(&self, cx: &Cx, change: &mut Change<ReportDefinition>) -> Result<()> {
        let planned = &change.planned;
        let (Some(name), Some(role)) = (planned.report_name.known(), planned.assume_role.known())
        else {
            return Ok(());
        };
        let role = role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        if let Some(report) = planned_report(planned) {
            planned::remember(&caller.account_id, report);
        }
        if change.is_creation() {
            change.planned.arn = arn(&caller, name).into();
            change.planned.account_id = caller.account_id.into();
        }
        Ok(())
    }
}

/// The report as it will be, if all of it is known.
fn planned_report(planned: &PartialReportDefinition) -> Option<Report> {
    Some(Report {
        name: planned.report_name.known()?.clone(),
        time_unit: planned.time_unit.known()?.clone(),
        format: planned.format.known()?.clone(),
        compression: planned.compression.known()?.clone(),
        schema_elements: planned.additional_schema_elements.known()?.clone(),
        bucket: planned.s3_bucket.known()?.clone(),
        prefix: planned.s3_prefix.known()?.clone(),
        region: planned.s3_region.known()?.clone(),
        artifacts: planned.additional_artifacts.known()?.clone(),
        refresh_closed_reports: *planned.refresh_closed_reports.known()?,
        versioning: planned.report_versioning.known()?.clone(),
        billing_view_arn: planned.billing_view_arn.known()?.clone(),
        last_delivery_at: None,
        last_status: None,
    })
}

/// ARN of a report. Its Region is the one that serves reports.
fn arn(caller: &CallerIdentity, name: &ReportName) -> String {
    let (partition, home) = (&caller.partition, caller.home_of_reports());
    format!(
        "arn:{partition}:cur:{home}:{}:definition/{name}",
        caller.account_id
    )
}

impl ReportDefinition {
    fn of(found: &Report, assume_role: Option<AssumeRole>) -> Self {
        Self {
            report_name: found.name.clone(),
            time_unit: found.time_unit.clone(),
            format: found.format.clone(),
            compression: found.compression.clone(),
            additional_schema_elements: found.schema_elements.clone(),
            s3_bucket: found.bucket.clone(),
            s3_prefix: found.prefix.clone(),
            s3_region: found.region.clone(),
            additional_artifacts: found.artifacts.clone(),
            refresh_closed_reports: found.refresh_closed_reports,
            report_versioning: found.versioning.clone(),
            billing_view_arn: found.billing_view_arn.clone(),
            tags: Tags::default(),
            assume_role,
            timeouts: Timeouts::none(),
            arn: Computed::Null,
            account_id: Computed::Null,
            last_delivery_at: Computed::Null,
            last_status: Computed::Null,
            bill_paid_by: Computed::Null,
            tags_all: AwsTags::new().into(),
        }
    }

    fn report(&self) -> Report {
        Report {
            name: self.report_name.clone(),
            time_unit: self.time_unit.clone(),
            format: self.format.clone(),
            compression: self.compression.clone(),
            schema_elements: self.additional_schema_elements.clone(),
            bucket: self.s3_bucket.clone(),
            prefix: self.s3_prefix.clone(),
            region: self.s3_region.clone(),
            artifacts: self.additional_artifacts.clone(),
            refresh_closed_reports: self.refresh_closed_reports,
            versioning: self.report_versioning.clone(),
            billing_view_arn: self.billing_view_arn.clone(),
            last_delivery_at: None,
            last_status: None,
        }
    }

    fn owned_by(self, caller: &CallerIdentity) -> Self {
        Self {
            arn: arn(caller, &self.report_name).into(),
            account_id: caller.account_id.clone().into(),
            last_delivery_at: Computed::Null,
            last_status: Computed::Null,
            bill_paid_by: Computed::Null,
            ..self
        }
    }

    /// Takes what AWS says of the report.
    fn showing(self, found: &Report) -> Self {
        // AWS shows the account's own billing view for a report that was defined without one.
        let billing_view_arn = self
            .billing_view_arn
            .as_ref()
            .and(found.billing_view_arn.clone());
        Self {
            billing_view_arn,
            tags: self.tags,
            timeouts: self.timeouts,
            arn: self.arn,
            account_id: self.account_id,
            tags_all: self.tags_all,
            last_delivery_at: found.last_delivery_at.map(Timestamp::from).into(),
            last_status: found.last_status.clone().into(),
            ..Self::of(found, self.assume_role)
        }
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

    /// In another account the report would always be missing.
    fn check_account(&self, caller: &CallerIdentity) -> Result<()> {
        check_owner(
            &format!("Report {}", self.report_name),
            &self.account_id,
            &caller.account_id,
        )
    }
}

/// Words that AWS does not know (yet).
fn check_words(config: &PartialReportDefinition, problems: &mut Diagnostics) {
    let mut check = |at: &str, word: Option<&str>, known: &[&str]| {
        if let Some(word) = word
            && !known.contains(&word)
        {
            let expected = known.join("\", \"");
            problems.push(
                Diagnostic::error("Invalid attribute value")
                    .detail(format!("Expected one of \"{expected}\", got \"{word}\"."))
                    .at(at),
            );
        }
    };
    check(
        "time_unit",
        config.time_unit.known().map(TimeUnit::as_str),
        TimeUnit::VALUES,
    );
    check(
        "format",
        config.format.known().map(ReportFormat::as_str),
        ReportFormat::VALUES,
    );
    check(
        "compression",
        config.compression.known().map(Compression::as_str),
        Compression::VALUES,
    );
    check(
        "report_versioning",
        config
            .report_versioning
            .known()
            .map(ReportVersioning::as_str),
        ReportVersioning::VALUES,
    );
    for element in config
        .additional_schema_elements
        .known()
        .into_iter()
        .flatten()
    {
        check(
            "additional_schema_elements",
            Some(element.as_str()),
            SchemaElement::VALUES,
        );
    }
    for artifact in config.additional_artifacts.known().into_iter().flatten() {
        check(
            "additional_artifacts",
            Some(artifact.as_str()),
            Artifact::VALUES,
        );
    }
}

fn check_location(config: &PartialReportDefinition, problems: &mut Diagnostics) {
    if let Some(prefix) = config.s3_prefix.known()
        && let Some(fault) = prefix.fault()
    {
        problems.push(invalid("s3_prefix", format!("{fault}, got \"{prefix}\".")));
    }
    if let Some(region) = config.s3_region.known()
        && !REPORT_REGIONS.contains(&region.as_str())
    {
        problems.push(
            Diagnostic::warning("Region not known to take reports")
                .detail(format!(
                    "When this version of the provider was made, AWS did not deliver reports into buckets \
                     in {region}. If AWS refuses the report, use a bucket in another Region."
                ))
                .at("s3_region"),
        );
    }
}

fn check_formats(config: &PartialReportDefinition, problems: &mut Diagnostics) {
    let (Some(format), Some(compression)) = (config.format.known(), config.compression.known())
    else {
        return;
    };
    let is_parquet = *format == ReportFormat::Parquet;
    if is_parquet != (*compression == Compression::Parquet) {
        problems.push(invalid(
            "compression",
            format!(
                "The format \"Parquet\" has the compression \"Parquet\", and \"textORcsv\" has \"GZIP\" or \
                 \"ZIP\"; got \"{compression}\" with \"{format}\"."
            ),
        ));
    }
}

fn check_artifacts(config: &PartialReportDefinition, problems: &mut Diagnostics) {
    let Some(artifacts) = config.additional_artifacts.known() else {
        return;
    };
    let format = config.format.known();
    let mut report = |at: &str, detail: &str| problems.push(invalid(at, detail));
    if artifacts.contains(&Artifact::Athena) {
        if artifacts.len() > 1 {
            report(
                "additional_artifacts",
                "\"ATHENA\" stands alone: a report for Athena cannot be one for Redshift or QuickSight, \
                 too. Define a second report for those.",
            );
        }
        if format.is_some_and(|format| *format != ReportFormat::Parquet) {
            report("format", "A report for Athena has the format \"Parquet\".");
        }
        // A versioning that is not written is the default, which makes new reports.
        let versioning = config.report_versioning.known();
        if versioning.is_some_and(|versioning| *versioning != ReportVersioning::OverwriteReport) {
            report(
                "report_versioning",
                "A report for Athena has report_versioning = \"OVERWRITE_REPORT\".",
            );
        }
        if config
            .s3_prefix
            .known()
            .is_some_and(|prefix| prefix.as_str().is_empty())
        {
            report(
                "s3_prefix",
                "A report for Athena needs a prefix, such as \"cur\".",
            );
        }
    }
    let for_csv = [Artifact::Redshift, Artifact::Quicksight];
    if for_csv.iter().any(|artifact| artifacts.contains(artifact))
        && format.is_some_and(|format| *format == ReportFormat::Parquet)
    {
        report(
            "format",
            "A report for Redshift or QuickSight has the format \"textORcsv\", and the compression \
             \"GZIP\" or \"ZIP\".",
        );
    }
}

fn invalid(at: &str, detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error("Invalid attribute value")
        .detail(detail)
        .at(at)
}

/// Says what is lost when a report is replaced.
fn warn_of_replacement(cx: &Cx, prior: &ReportDefinition, change: &Change<ReportDefinition>) {
    let because: Vec<_> = REPLACING
        .into_iter()
        .filter(|attribute| change.requires_replace(attribute))
        .collect();
    let Some(first) = because.first() else { return };
    cx.warn(
        Diagnostic::warning("Report will be replaced")
            .detail(format!(
                "AWS cannot change {} of report {}. Applying deletes the definition and creates another, \
                 which begins with the current month: earlier months are not delivered again, except by a \
                 case at AWS Support. Files in s3://{}/{} stay, and analyzers that read them see no new \
                 ones until they are pointed at the new report. To lose nothing, define a second report \
                 beside this one.",
                because.join(", "),
                prior.report_name,
                prior.s3_bucket,
                prior.report().key_prefix()
            ))
            .at(*first),
    );
}

/// Says what does not move along with a report.
fn warn_of_move(cx: &Cx, prior: &ReportDefinition, change: &Change<ReportDefinition>) {
    let planned = &change.planned;
    let moves = planned
        .s3_bucket
        .known()
        .is_some_and(|to| *to != prior.s3_bucket)
        || planned
            .s3_prefix
            .known()
            .is_some_and(|to| *to != prior.s3_prefix);
    let replaced = REPLACING
        .iter()
        .any(|attribute| change.requires_replace(attribute));
    if moves && !replaced {
        cx.warn(Diagnostic::warning("Report will be delivered elsewhere").detail(format!(
            "Files that were delivered to s3://{}/{} stay there: AWS moves nothing. Analyzers that read \
             report {} must be pointed at the new place.",
            prior.s3_bucket,
            prior.report().key_prefix(),
            prior.report_name
        )));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::framework::{Partial, Place, Value};

    /// A configuration of which nothing is known.
    fn unknown() -> PartialReportDefinition {
        let mut problems = Diagnostics::new();
        PartialReportDefinition {
            report_versioning: Partial::Unknown,
            ..ReportDefinition::partial(&Value::UNKNOWN, &Place::ROOT, &mut problems)
        }
    }

    fn faults(config: &PartialReportDefinition) -> Vec<String> {
        let mut problems = Diagnostics::new();
        CurReportDefinition::validate(config, &mut problems);
        problems
            .iter()
            .map(|problem| problem.path.to_string())
            .collect()
    }

    #[test]
    fn what_is_unknown_breaks_no_rule() {
        assert_eq!(faults(&unknown()), [""; 0]);
        let athena = PartialReportDefinition {
            additional_artifacts: Partial::Known([Artifact::Athena].into()),
            ..unknown()
        };
        assert_eq!(faults(&athena), [""; 0]);
    }

    #[test]
    fn every_broken_rule_of_athena_is_said_at_once() {
        let athena = PartialReportDefinition {
            format: Partial::Known(ReportFormat::Csv),
            compression: Partial::Known(Compression::Gzip),
            additional_artifacts: Partial::Known([Artifact::Athena, Artifact::Redshift].into()),
            report_versioning: Partial::Known(ReportVersioning::CreateNewReport),
            s3_prefix: Partial::Known(S3Prefix::parse("").unwrap()),
            ..unknown()
        };
        let expected = [
            "additional_artifacts",
            "format",
            "report_versioning",
            "s3_prefix",
        ];
        assert_eq!(faults(&athena), expected);
    }
}
