//! Vantage takes its principal and external ID from its own API.

use super::{Analyzer, Demands, ExternalIdUse, Profile};

/// Vantage.
pub(super) const PROFILE: Profile = Profile {
    source: "Module terraform-aws-vantage-integration (github.com/vantage-sh)",
    external_id: ExternalIdUse::Required,
    where_to_find: "Vantage gives the ARN of its role and the external ID by its API; its Terraform module for AWS (terraform-aws-vantage-integration) reads them there.",
    managed_policies: &["job-function/ViewOnlyAccess"],
    demands: Demands {
        time_units: &["DAILY", "HOURLY"],
        formats: &["textORcsv"],
        compressions: &["GZIP"],
        report_versionings: &["OVERWRITE_REPORT"],
        additional_schema_elements: &["RESOURCES"],
        s3_regions: &[
            "ap-southeast-1",
            "eu-west-1",
            "eu-west-2",
            "us-east-1",
            "us-west-2",
        ],
        refresh_closed_reports: true,
        ..Demands::NONE
    },
    remarks: "Vantage also has the bucket notify it of new files; its own module sets that up.",
    ..Profile::of(Analyzer::Vantage, "Vantage", "awsbilling-vantage")
};
