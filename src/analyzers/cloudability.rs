//! IBM Cloudability generates the external ID, and can rotate it.

use super::{Analyzer, ExternalIdUse, Profile};

/// IBM Cloudability.
pub(super) const PROFILE: Profile = Profile {
    source: "IBM documentation, \"Vendor Credentials End Point (AWS)\", and public Terraform modules",
    principals: &["arn:aws:iam::165736516723:user/cloudability"],
    external_id: ExternalIdUse::Required,
    where_to_find: "Cloudability generates the external ID under Settings, Vendor Credentials, and in its API.",
    role_name: "CloudabilityRole",
    remarks: "What Cloudability demands of a report is not published in what was read.",
    ..Profile::of(
        Analyzer::Cloudability,
        "IBM Cloudability",
        "awsbilling-cloudability",
    )
};
