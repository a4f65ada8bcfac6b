//! CloudHealth generates an external ID for each customer.

use super::{Analyzer, ExternalIdUse, Profile};

/// CloudHealth.
pub(super) const PROFILE: Profile = Profile {
    source: "CloudHealth help, \"Configure a standalone AWS account\" (help.cloudhealthtech.com), and public Terraform modules",
    principals: &["arn:aws:iam::454464851268:root"],
    external_id: ExternalIdUse::Required,
    where_to_find: "CloudHealth gives each customer an external ID, which it shows when an AWS account is added.",
    remarks: "Cost allocation tags must be activated in AWS Billing for CloudHealth to show them. What CloudHealth demands of compression and versioning is not published in what was read.",
    ..Profile::of(
        Analyzer::Cloudhealth,
        "CloudHealth",
        "awsbilling-cloudhealth",
    )
};
