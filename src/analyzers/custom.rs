//! Any other analyzer: everything is given by the user.

use super::{Analyzer, ExternalIdUse, Profile};

/// An analyzer of which nothing is known.
pub(super) const PROFILE: Profile = Profile {
    source: "None",
    external_id: ExternalIdUse::Required,
    where_to_find: "The documentation of the analyzer names the AWS account or role to trust and the external ID.",
    remarks: "Nothing is known of this analyzer: principals, external_id and, if it needs more than the report, actions are yours to give.",
    ..Profile::of(Analyzer::Custom, "The analyzer", "awsbilling-custom")
};
