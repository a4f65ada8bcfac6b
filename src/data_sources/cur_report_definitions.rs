//! `awsbilling_cur_report_definitions`: all reports of an account, from one paged list.

use std::collections::BTreeSet;

use crate::attributes::{AssumeRole, Timestamp};
use crate::aws::Aws;
use crate::aws::cost_and_usage::Report;
use crate::aws::types::{
    AccountId, Artifact, BucketName, Compression, DeliveryStatus, Region, ReportFormat, ReportName,
    ReportVersioning, S3Prefix, SchemaElement, TimeUnit,
};
use crate::framework::{Computed, Cx, DataSource, Model, Page, Permission, Result};

/// Lists the cost and usage reports that the calling account has defined.
#[derive(Clone, Debug, Model)]
pub struct Definitions {
    /// Role to assume in the account of the reports, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// ID of the account that owns the reports.
    pub account_id: Computed<AccountId>,

    /// Reports in the order of their names.
    pub reports: Computed<Vec<Definition>>,
}

/// Report of an account.
#[derive(Clone, Debug, Model)]
pub struct Definition {
    /// Name of the report.
    pub report_name: ReportName,

    /// How much time a line of the report stands for.
    pub time_unit: TimeUnit,

    /// Format of the files.
    pub format: ReportFormat,

    /// Compression of the files.
    pub compression: Compression,

    /// What the report has besides its standard columns.
    pub additional_schema_elements: BTreeSet<SchemaElement>,

    /// Name of the bucket that takes the files.
    pub s3_bucket: BucketName,

    /// Prefix of the files' keys.
    pub s3_prefix: S3Prefix,

    /// Region of the bucket.
    pub s3_region: Region,

    /// Services that the report is prepared for.
    pub additional_artifacts: BTreeSet<Artifact>,

    /// Whether a closed month is delivered again when its costs change.
    pub refresh_closed_reports: bool,

    /// What a delivery does to those before it.
    pub report_versioning: ReportVersioning,

    /// ARN of the billing view, if the report has one.
    pub billing_view_arn: Option<String>,

    /// Time of the last delivery, in RFC 3339; null before the first.
    pub last_delivery_at: Option<Timestamp>,

    /// Outcome of the last delivery; null before the first.
    pub last_status: Option<DeliveryStatus>,
}

/// The data source.
#[derive(Debug)]
pub struct CurReportDefinitions {
    aws: Aws,
}

impl DataSource for CurReportDefinitions {
    const NAME: &'static str = "cur_report_definitions";
    const PAGE: Page = Page {
        subcategory: "Cost and usage reports",
        permissions: &[
            Permission::new("cur:DescribeReportDefinitions", "always"),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Definitions;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn read(&self, cx: &Cx, config: Definitions) -> Result<Definitions> {
        let role = config.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let reports = self.aws.cost_and_usage(cx, role.as_ref()).await?;
        let found = reports.reports(cx).await?;
        let mut definitions: Vec<_> = found.iter().map(Definition::from).collect();
        definitions.sort_by(|a, b| a.report_name.cmp(&b.report_name));
        Ok(Definitions {
            account_id: caller.account_id.into(),
            reports: definitions.into(),
            ..config
        })
    }
}

impl From<&Report> for Definition {
    fn from(report: &Report) -> Self {
        Self {
            report_name: report.name.clone(),
            time_unit: report.time_unit.clone(),
            format: report.format.clone(),
            compression: report.compression.clone(),
            additional_schema_elements: report.schema_elements.clone(),
            s3_bucket: report.bucket.clone(),
            s3_prefix: report.prefix.clone(),
            s3_region: report.region.clone(),
            additional_artifacts: report.artifacts.clone(),
            refresh_closed_reports: report.refresh_closed_reports,
            report_versioning: report.versioning.clone(),
            billing_view_arn: report.billing_view_arn.clone(),
            last_delivery_at: report.last_delivery_at.map(Timestamp::from),
            last_status: report.last_status.clone(),
        }
    }
}
