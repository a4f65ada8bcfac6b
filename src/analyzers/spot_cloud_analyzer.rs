//! Spot Cloud Analyzer connects a management account. Its published role template has no external ID.

use super::{Analyzer, Demands, ExternalIdUse, Profile};

/// Spot Cloud Analyzer.
pub(super) const PROFILE: Profile = Profile {
    source: "Spot documentation, \"Cloud Analyzer: connect your AWS account\" and its published role policy (github.com/spotinst/help)",
    principals: &[
        "arn:aws:iam::627743545735:root",
        "arn:aws:iam::884866656237:root",
    ],
    external_id: ExternalIdUse::NotUsed,
    where_to_find: "Cloud Analyzer shows its role template when an account is connected.",
    actions: &[
        "ce:Describe*",
        "ce:Get*",
        "ce:List*",
        "cur:DescribeReportDefinitions",
        "organizations:Describe*",
        "organizations:List*",
        "servicequotas:Get*",
        "servicequotas:List*",
        "support:Describe*",
    ],
    demands: Demands {
        time_units: &["HOURLY"],
        formats: &["Parquet"],
        compressions: &["Parquet"],
        report_versionings: &["OVERWRITE_REPORT"],
        additional_schema_elements: &["RESOURCES"],
        additional_artifacts: &["ATHENA"],
        refresh_closed_reports: true,
        ..Demands::NONE
    },
    remarks: "The published role also attaches the AWS managed policy job-function/Billing, and writes to buckets named sc-customer-*. Neither is needed to read the report, so neither is in this profile.",
    ..Profile::of(
        Analyzer::SpotCloudAnalyzer,
        "Spot Cloud Analyzer",
        "awsbilling-spot-cloud-analyzer",
    )
};
