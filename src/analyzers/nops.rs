//! nOps wants costs of shared clusters split.

use super::{Analyzer, Demands, ExternalIdUse, Profile};

/// nOps.
pub(super) const PROFILE: Profile = Profile {
    source: "nOps help, \"IAM role\" (help.nops.io), and the module terraform-aws-nops-integration",
    principals: &["arn:aws:iam::202279780353:root"],
    external_id: ExternalIdUse::Required,
    where_to_find: "nOps shows the external ID when an AWS account is added, and in its API.",
    actions: &[
        "ce:Describe*",
        "ce:Get*",
        "ce:List*",
        "cur:DescribeReportDefinitions",
    ],
    demands: Demands {
        time_units: &["HOURLY"],
        formats: &["Parquet"],
        compressions: &["Parquet"],
        report_versionings: &["OVERWRITE_REPORT"],
        additional_schema_elements: &["RESOURCES", "SPLIT_COST_ALLOCATION_DATA"],
        ..Demands::NONE
    },
    remarks: "The published role also creates and deletes reports, which is not needed to read one.",
    ..Profile::of(Analyzer::Nops, "nOps", "awsbilling-nops")
};
