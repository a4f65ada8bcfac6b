//! OpsNow (Bespin Global) assumes a role with an external ID.

use super::{Analyzer, ExternalIdUse, Profile};

/// OpsNow.
pub(super) const PROFILE: Profile = Profile {
    source: "OpsNow FAQ, \"AWS CloudFormation permissions\" (opsnow.io)",
    external_id: ExternalIdUse::Required,
    where_to_find: "OpsNow offers a CloudFormation template when an AWS account is registered: take the account and the external ID from its parameters.",
    actions: &[
        "ce:Get*",
        "cur:DescribeReportDefinitions",
        "ec2:Describe*",
        "tag:Get*",
    ],
    remarks: "What OpsNow demands of a report is not published.",
    ..Profile::of(Analyzer::Opsnow, "OpsNow", "awsbilling-opsnow")
};
