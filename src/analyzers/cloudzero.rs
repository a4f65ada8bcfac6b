//! CloudZero prefers comma-separated values, and takes Parquet.

use super::{Analyzer, Demands, ExternalIdUse, Profile};

/// CloudZero.
pub(super) const PROFILE: Profile = Profile {
    source: "CloudZero provision-account templates (github.com/Cloudzero/provision-account)",
    principals: &["arn:aws:iam::061190967865:root"],
    external_id: ExternalIdUse::Required,
    where_to_find: "CloudZero shows the external ID when an AWS account is connected.",
    path: "/cloudzero/",
    actions: &[
        "bcm-data-exports:Get*",
        "bcm-data-exports:List*",
        "billing:Get*",
        "billing:List*",
        "ce:Get*",
        "ce:List*",
        "cur:DescribeReportDefinitions",
        "organizations:Describe*",
        "organizations:List*",
    ],
    demands: Demands {
        time_units: &["HOURLY"],
        additional_schema_elements: &["RESOURCES"],
        ..Demands::NONE
    },
    remarks: "CloudZero works best with textORcsv, GZIP, CREATE_NEW_REPORT, refresh_closed_reports and RESOURCES as the only element, and accepts Parquet.",
    ..Profile::of(Analyzer::Cloudzero, "CloudZero", "awsbilling-cloudzero")
};
