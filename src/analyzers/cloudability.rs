//! IBM Cloudability generates the external ID, and can rotate it.

use super::{Analyzer, ExternalIdUse, Profile};

/// IBM Cloudability.
pub(super) const PROFILE: Profile = Profile {
    source: "IBM documentation, \"Vendor Credentials End Point (AWS)\", and public Terraform modules",
    principals: &["arn:aws:iam::165736516723:user/cloudability"],
    external_id: ExternalIdUse::Required,
    where_to_find: "Cloudability generates the external ID when an AWS account is added; its API shows it under /vendors/AWS/accounts.",
    role_name: "CloudabilityRole",
    remarks: "What Cloudability demands of a report is not published in what was read.",
    ..Profile::of(
        Analyzer::Cloudability,
        "IBM Cloudability",
        "awsbilling-cloudability",
    )
};
