//! Datadog reads with the role of its AWS integration.

use super::{Analyzer, ExternalIdUse, Profile};

/// Datadog Cloud Cost Management.
pub(super) const PROFILE: Profile = Profile {
    source: "Datadog documentation, \"Cloud Cost Management: AWS\" (github.com/DataDog/documentation, commit 0ffc18f)",
    external_id: ExternalIdUse::Required,
    where_to_find: "The AWS integration of Datadog shows the account to trust and the external ID of the role.",
    actions: &[
        "ce:Get*",
        "cur:DescribeReportDefinitions",
        "organizations:Describe*",
        "organizations:List*",
    ],
    remarks: "Data shows after 48 to 72 hours. A report of a member account needs the linked account access preference of Cost Management.",
    ..Profile::of(
        Analyzer::Datadog,
        "Datadog Cloud Cost Management",
        "awsbilling-datadog",
    )
};
