//! DoiT Cloud Intelligence reads reports of either format.

use super::{Analyzer, ExternalIdUse, Profile};

/// DoiT.
pub(super) const PROFILE: Profile = Profile {
    source: "DoiT help, \"Enable CUR\" (help.doit.com), and the module terraform-aws-doit-cloudconnect",
    principals: &["arn:aws:iam::068664126052:root"],
    external_id: ExternalIdUse::Required,
    where_to_find: "The DoiT console shows the external ID when an AWS account is connected.",
    actions: &["iam:Get*", "iam:List*"],
    managed_policies: &["AWSSavingsPlansReadOnlyAccess", "SecurityAudit"],
    remarks: "The published role also attaches the AWS managed policy job-function/Billing, which may write; it is not in this profile.",
    ..Profile::of(Analyzer::Doit, "DoiT", "awsbilling-doit")
};
